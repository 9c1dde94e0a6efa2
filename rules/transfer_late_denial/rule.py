"""A denial comes too late: an earlier element has admitted the client already.

BIND takes the first element that matches. In `{ 10.0.0.0/8; !10.0.0.66; }` the network matches 10.0.0.66 first, so that
the exception is never reached.

## Why it matters

The exception reads like protection: a host that was shut out on purpose, a demand for an address. It protects nothing,
and nothing says so; the client is served as before.

## How to fix it

Put the denial in front of what it is an exception to:

    allow-transfer { !10.0.0.66; 10.0.0.0/8; };

From that address, `dig @server a.example AXFR` prints the zone now; afterwards the log says `zone transfer
'a.example/AXFR/IN' denied`.

## Not reported

Denials that would leave an earlier element without any effect, as in `{ 10.0.0.5; !10.0.0.0/8; }`: there the first is the
exception. `none`, and denials of all addresses, at the end. Denials that would matter for the server's own addresses
only. Where all that passes are holders of a key, the denial may be for the others: that is for the pedantic audience.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import either_key, zone_names
from named_audit.lint.elements import Lists, correction, faults_of, in_front, served, taken_out
from named_audit.policy.faults import Fault
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-284",),
    fix="unsafe",
    covers=("A14",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report each denial that an earlier element makes void."""
    for fault in faults_of(policy, audit, "late denial"):
        who, keys = served(fault, policy)
        if not who:
            continue
        lists = Lists(policy, audit)
        weak = bool(fault.signers) and not fault.pairs
        using = f" with {either_key(keys)}" if keys else ""
        yield Finding(
            at=lists.span(fault.at),
            message=f"{who.words()} can transfer {zone_names(policy.zones)}{using} in spite of {lists.shown(fault.at)}: "
            f"{lists.shown(fault.others[0])} comes first",
            severity=Severity.LOW if weak else None,
            audience="pedantic" if weak else None,
            related=(Related(lists.span(fault.others[0]), "admitted here"),),
            scopes=audit.scopes(policy.zones),
            fixes=(_fix(lists, fault, certain=not weak),),
        )


def _fix(lists: Lists, fault: Fault, *, certain: bool) -> Fix:
    changes = (in_front(lists, fault.others[0], [lists.text(fault.at)]), taken_out(lists, fault.at))
    return correction(lists, "deny first", changes, (fault.at,), "unsafe" if certain else "display")
