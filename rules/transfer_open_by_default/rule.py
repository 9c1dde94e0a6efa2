"""No allow-transfer applies to the zone, and BIND up to 9.18 then serves it to anyone.

The built-in default is `any` in every release up to 9.18 (and 9.19), and `none` from 9.20.0 on. It holds for
primary and for secondary zones alike: a secondary that pulls its zone with a key still hands it to strangers.

## Why it matters

This is the usual leak: the primary is strict, a secondary or a new zone has no list of its own, and nothing in the
configuration or the log shows it. After an upgrade to 9.20 the same text means the opposite, and secondaries that
relied on the default are refused.

## How to fix it

Close transfers for all zones, then open each zone for its own secondaries:

    options {
        allow-transfer { none; };
    };

    zone "a.example" {
        type primary;
        file "a.example.db";
        allow-transfer { key "transfer-key"; };
    };

## Not reported

Releases from 9.20.0 on. Zones for which the statement may stand in a file that was not read, and fragments. Mirror
zones, which BIND closes by itself. The root and its sisters, which are public. The stock zones for localhost are
for the auditor audience.

## References

RFC 5936 section 5; BIND 9.20.0 release notes (the default of allow-transfer).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.policy.transfer import PUBLIC_ZONES, TransferPolicy, open_by_default

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-200", "CWE-276"),
    references=("RFC 5936 section 5", "STIG V-207591", "STIG V-272434", "CIS BIND 9.11 5.1"),
    needs_whole=True,
    by_release=True,
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report zones for which the default decides, where that default is or may be `any`."""
    opened = open_by_default(audit.release)
    if not policy.decided_by_default or opened is False:
        return
    if not policy.unsigned_off_host and not policy.on_link_unsigned:
        return
    whom = policy.unsigned.words() if policy.unsigned_off_host else "every on-link neighbour (localnets)"
    if audit.release is not None:
        who = f"BIND {audit.release.line} serves {{}} to {whom}"
    else:
        who = f"BIND up to 9.18 serves {{}} to {whom} (from 9.20 on, to no one)"
    widely_open = bool(policy.open_families())
    for stock in (False, True):
        zones = [z for z in policy.zones if z.canonical not in PUBLIC_ZONES and is_stock(z) is stock]
        if not zones:
            continue
        severity = Severity.HIGH if opened else Severity.MEDIUM
        if not widely_open:
            severity = Severity.MEDIUM if opened else Severity.LOW
        yield Finding(
            at=audit.head(zones[0]),
            message="no allow-transfer applies: " + who.format(zone_names(zones)),
            audience="auditor" if stock else None,
            severity=Severity.INFO if stock else severity,
            related=(Related(zones[0].statement.name_span, "for instance this zone"),),
            scopes=audit.scopes(zones),
            fixes=(_fix(audit),),
        )


def _fix(audit: Audit) -> Fix:
    title = "close transfers for every zone that does not open them itself"
    options = audit.config.options_statement
    if options is None:
        return Fix(title, (), "display", {"whole": True})
    change = Change("inside", options.span, "allow-transfer", {})
    return Fix(title, (change,), "unsafe")
