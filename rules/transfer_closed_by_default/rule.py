"""No allow-transfer applies to the zone, and only the default of BIND 9.20 and newer keeps it closed.

The built-in default is `none` from 9.20.0 on. It was `any` in every release before.

## Why it matters

The text does not say what is meant. Copied to a server with BIND 9.18, or read by one after a downgrade, it serves the zone
to anyone. And where it stems from the time before an upgrade, the zone's secondaries are refused now: `zone transfer
'a.example/AXFR/IN' denied` in this server's log, `Transfer status: REFUSED` in theirs, and an old zone until it
expires.

## How to fix it

Say it once, for every zone that does not open transfers itself:

    options {
        allow-transfer { none; };
    };

and let the zone's secondaries in, if it has any:

    zone "a.example" {
        type primary;
        file "a.example.db";
        allow-transfer { key "transfer-key"; };
    };

Whether a secondary is refused: `dig @server a.example AXFR` from it, or `rndc retransfer a.example` on it.

## Not reported

Releases before 9.20.0, where this is open to anyone, and unknown ones (transfer-open-by-default). Zones whose also-notify
tells servers that are then refused (notify-without-transfer). Configurations in which each zone has its own list. Zones
for which the statement may stand in a file that was not read, and fragments. The stock zones for localhost, and servers
that listen on loopback addresses only.

## References

BIND 9.20.0 release notes (the default of allow-transfer).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.exposure import exposed
from named_audit.policy.transfer import TransferPolicy, open_by_default

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-1188",),
    references=("STIG V-207591", "STIG V-272434", "CIS BIND 9.11 5.1"),
    needs_whole=True,
    by_release=True,
    releases="from 9.20 on",
    fix="safe",
    covers=("A05", "A06"),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report zones for which the default decides, where that default is `none`."""
    if not policy.decided_by_default or open_by_default(audit.release) is not False:
        return
    assert audit.release is not None
    for part in exposed(policy):
        if part.quiet:
            continue
        # Who is told and refused is a fault of its own, with another correction.
        zones = tuple(zone for zone in part.zones if not audit.notify(zone).targets)
        if not zones:
            continue
        part = part._replace(zones=zones, runtime=())
        yield Finding(
            at=audit.head(zones[0]),
            message=f"no allow-transfer applies: BIND {audit.release.line} lets nobody transfer {part.words}, by its default alone "
            "(up to 9.18 anyone)",
            related=(Related(zones[0].statement.name_span, "for instance this zone"),),
            scopes=part.scopes(audit),
            fixes=(_fix(audit),),
        )


def _fix(audit: Audit) -> Fix:
    title = "say that transfers are closed, for every zone that does not open them itself"
    options = audit.config.options_statement
    if options is None:
        return Fix(title, (), "display", {"whole": True})
    return Fix(title, (Change("inside", options.span, "allow-transfer", {}),), "safe")
