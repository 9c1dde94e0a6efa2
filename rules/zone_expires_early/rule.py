"""The zone's SOA record lets secondaries drop the zone after a short outage of the primary.

The file of the zone was read: `expire` is less than a week, or less than `refresh` and `retry` together, so that a
single failed attempt is enough.

## Why it matters

A secondary that has not reached a primary for `expire` seconds stops answering for the zone, everywhere at once:
SERVFAIL. A failed link over a weekend, or a key that was changed on one side only, then takes the zone off the net.
named logs `zone a.example/IN: expired` on the secondary.

## How to fix it

Give the operators time to notice; RFC 1912 suggests two to four weeks:

    @ SOA ns1.example. hostmaster.example. ( 2026010101
        3600        ; refresh
        900         ; retry
        1209600     ; expire
        300 )       ; negative answers

Raise the serial and `rndc reload a.example`. When a copy expires: `rndc zonestatus a.example` on the secondary.

## Not reported

For the regular audience nothing: zone files are read for the others only. Zones whose file is not there, is not in
text format, or has a journal. Zones that nobody may transfer and that tell nobody of changes, unless they are
secondaries. That `refresh` is outside of 20 minutes to 12 hours is for the auditor audience. `min-refresh-time` and
its sisters on the secondaries.

## References

RFC 1912 section 2.2; NIST SP 800-81r3 section 3.2.2.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Audience, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Config, Zone

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 1912 section 2.2", "NIST SP 800-81r3 section 3.2.2"),
    fix="display",
    covers=("C21",),
)

_WEEK = 7 * 86_400
_TWO_WEEKS = 2 * _WEEK
_LEAST_REFRESH, _MOST_REFRESH = 1_200, 43_200


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report the times of a zone's own SOA record that leave secondaries without the zone, or behind."""
    if is_stock(zone) or not _has_secondaries(zone, audit.config, audit):
        return
    times = audit.times(zone)
    statement = audit.config.effective(zone, "file").statement
    if times is None or statement is None:
        return
    refresh, retry, expire = times
    audience: Audience | None = None
    severity: Severity | None = None
    if expire < refresh + retry:
        why = f"expire ({expire} s) is less than refresh and retry ({refresh + retry} s): one failed attempt is enough to drop it"
    elif expire < _WEEK:
        why = f"secondaries drop it {expire} s after they last reached a primary, which is less than a week"
        severity = Severity.LOW
    elif not _LEAST_REFRESH <= refresh <= _MOST_REFRESH:
        why = f"refresh is {refresh} s; checklists want {_LEAST_REFRESH} to {_MOST_REFRESH}"
        audience, severity = "auditor", Severity.INFO
    else:
        return
    fix = {
        "refresh": min(max(refresh, _LEAST_REFRESH), _MOST_REFRESH),
        "retry": retry if retry < refresh else refresh // 4,
        "expire": max(expire, _TWO_WEEKS),
    }
    yield Finding(
        at=statement.span,
        message=f"the SOA record of {zone_name(zone)}: {why}",
        audience=audience,
        severity=severity,
        scopes=(scope(zone),),
        fixes=(Fix("in the zone's file", (), "display", fix),),
    )


def _has_secondaries(zone: Zone, config: Config, audit: Audit) -> bool:
    if config.zone_type(zone) != "primary":
        return config.zone_type(zone) == "secondary"
    policy = audit.policy_of(zone)
    return policy is not None and bool(policy.keys or policy.unsigned_off_host or audit.notify(zone).targets)
