"""No allow-transfer applies to the zone, and BIND up to 9.18 then serves it to anyone.

The built-in default is `any` in every release up to 9.18 (and 9.19), and `none` from 9.20.0 on. It holds for
primary and for secondary zones alike: a secondary that pulls its zone with a key still hands it to strangers.

## Why it matters

This is the usual leak: the primary is strict, a secondary or a new zone has no list of its own, and nothing in the
configuration or the log shows it; `allow-query` does not guard transfers. Members of a catalog zone get the default too,
whatever list the catalog zone has. After an upgrade to 9.20 the same text means the opposite, and secondaries that
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

Anybody's machine shows it, for secondary zones too: `dig @server a.example AXFR`. Served transfers leave no more than
`transfer of 'a.example/IN': AXFR started` in the log.

## Not reported

Releases from 9.20.0 on. Zones for which the statement may stand in a file that was not read, and fragments. Mirror
zones, which BIND closes by itself. The root and its sisters, which are public. The stock zones for localhost, and
servers that listen on loopback addresses only, are for the auditor audience.

Zones that come at run time are reported too: members of catalog zones, `allow-new-zones`, `dlz`.

## References

RFC 5936 section 5; BIND 9.20.0 release notes (the default of allow-transfer).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity, Span
from named_audit.lint.disclosed import disclosed
from named_audit.lint.exposure import Exposed, exposed
from named_audit.policy.transfer import TransferPolicy, open_by_default
from named_audit.policy.wording import unsigned_clients

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-200", "CWE-276"),
    references=("RFC 5936 section 5", "STIG V-207591", "STIG V-272434", "CIS BIND 9.11 5.1"),
    needs_whole=True,
    by_release=True,
    fix="unsafe",
    covers=("A01", "A02", "A06", "A34", "A35", "A37", "A38"),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report zones for which the default decides, where that default is or may be `any`."""
    opened = open_by_default(audit.release)
    if not policy.decided_by_default or opened is False:
        return
    if not policy.unsigned_off_host and not policy.on_link_unsigned:
        return
    whom = unsigned_clients(policy.access)
    if audit.release is not None:
        who = f"BIND {audit.release.line} serves {{}} to {whom}"
    else:
        who = f"BIND up to 9.18 serves {{}} to {whom} (from 9.20 on, to no one)"
    widely_open = bool(policy.open_families())
    severity = Severity.HIGH if opened else Severity.MEDIUM
    if not widely_open:
        severity = Severity.MEDIUM if opened else Severity.LOW
    for part in exposed(policy):
        instance = tuple(Related(z.statement.name_span, "for instance this zone") for z in part.zones[:1])
        yield Finding(
            at=_place(part, audit),
            message="no allow-transfer applies: " + who.format(part.words),
            audience=part.audience,
            severity=part.severity(severity),
            related=(*instance, *part.related, *disclosed(part.zones, audit)),
            scopes=part.scopes(audit),
            fixes=(part.fix(_fix(audit)),),
        )


def _place(part: Exposed, audit: Audit) -> Span:
    if part.zones or audit.config.options_statement is not None:
        return audit.head(part.zones[0] if part.zones else None)
    return part.runtime[0].span


def _fix(audit: Audit) -> Fix:
    title = "close transfers for every zone that does not open them itself"
    options = audit.config.options_statement
    if options is None:
        return Fix(title, (), "display", {"whole": True})
    change = Change("inside", options.span, "allow-transfer", {})
    return Fix(title, (change,), "unsafe")
