"""A mirror zone is handed on to other machines.

BIND lets nobody transfer a mirror zone unless the zone's own allow-transfer, or its template's, says so. Here it does.

## Why it matters

A mirror zone is this resolver's private copy, so that it need not ask elsewhere; it is validated here and nowhere on the
way further. Whoever takes it from here gets it without that validation, as old as it may be, and depends on a server that
was never meant to serve it. The load is this server's, and for the root a transfer is a megabyte and more.

## How to fix it

Take the statement out, since the default for mirror zones is `none`, whatever the options say; or write it down:

    zone "." {
        type mirror;
        allow-transfer { none; };
    };

Secondaries of the root take it from the servers that its operators name (RFC 8806). `dig @server . AXFR` from another
machine is refused afterwards.

## Not reported

Lists that let nobody in, or the server itself only. For zones other than the root and its sisters, transfer-open and its
sisters say how open the list is.

## References

RFC 8806; BIND 9 Administrator Reference Manual, type mirror.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.matchlist import Locality
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 8806",),
    releases="from 9.14 on",
    fix="unsafe",
    covers=("A33",),
)

_ELSEWHERE: tuple[Locality, ...] = ("localnets", "elsewhere")


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that lets other machines take a mirror zone."""
    mirrors = tuple(zone for zone in policy.zones if audit.config.zone_type(zone) == "mirror")
    if not mirrors or policy.statement is None or not _lets_in(policy) or policy.access.only_on_loopback():
        return
    title = "let nobody take it, as is the default for mirror zones"
    # A template's list holds for other zones too.
    alone = policy.level == "zone"
    fix = Fix(
        title,
        (Change("replace", policy.statement.span, "none", {}),) if alone else (),
        "unsafe" if alone else "display",
    )
    yield Finding(
        at=policy.statement.span,
        message=f"this list hands {zone_names(mirrors)} on to other machines; without it BIND lets nobody take a mirror zone",
        scopes=audit.scopes(mirrors),
        fixes=(fix,),
    )


def _lets_in(policy: TransferPolicy) -> bool:
    signers = (None, *policy.access.signers)
    return any(policy.addresses(signer, place) - LOOPBACK for signer in signers for place in _ELSEWHERE)
