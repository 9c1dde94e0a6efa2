"""What an inner list denies is admitted by a later element of the outer one.

A list inside a list, named or not, only ever adds clients: where it denies, BIND goes on with the next element of the
outer list. In `{ partners; 192.0.2.0/24; }` a `!192.0.2.9` in partners keeps nobody out whom the network lets in.

## Why it matters

The denial stands in the file, perhaps far from the list that undoes it, and people rely on it.

## How to fix it

Deny in the outer list, before anything admits:

    allow-transfer { !192.0.2.9; partners; 192.0.2.0/24; };

From that address, `dig @server a.example AXFR` prints the zone now; afterwards the log says `zone transfer
'a.example/AXFR/IN' denied`.

## Not reported

Inner lists that demand something, like `{ !{ !192.0.2.53; any; }; key k; }`: what they keep out, another may let in.
Clients that an earlier element admits. Holders of a key that is admitted beside the inner list.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import Lists, correction, faults_of, in_front, served
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-284",),
    fix="unsafe",
    covers=("A16",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report each inner list whose denials a later element undoes."""
    for fault in faults_of(policy, audit, "lost denial"):
        who, _ = served(fault, policy)
        if not who:
            continue
        lists = Lists(policy, audit)
        *denials, admitting = fault.others
        change = in_front(lists, fault.at, [lists.text(place) for place in denials])
        yield Finding(
            at=lists.span(fault.at),
            message=f"{who.words()} can transfer {zone_names(policy.zones)} although {lists.shown(denials[0])} in "
            f"{lists.shown(fault.at)} denies it: outside of that list the denial does not hold, and "
            f"{lists.shown(admitting)} admits it",
            related=(
                Related(lists.span(denials[0]), "denied here, in the inner list"),
                Related(lists.span(admitting), "admitted here"),
            ),
            scopes=audit.scopes(policy.zones),
            fixes=(correction(lists, "deny in the outer list", (change,), (fault.at,), "unsafe"),),
        )
