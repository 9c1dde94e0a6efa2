"""The second pair of address and key in one list never works.

`{ !{ !h1; any; }; key k1; !{ !h2; any; }; key k2; }` reads like two pairs. The first block already stops everyone but
h1, so that h2 never gets to the second.

## Why it matters

The second secondary is refused whatever key it has. In the log it looks like a wrong key, and the usual answer is to
add its address, which then needs no key.

## How to fix it

Give each pair a list of its own. What an inner list denies is no denial outside:

    allow-transfer { { !{ !h1; any; }; key "k1"; }; { !{ !h2; any; }; key "k2"; }; };

On h2, `dig -k k2.conf @server a.example AXFR` fails now (`zone transfer 'a.example/AXFR/IN' denied` here). Afterwards,
`rndc retransfer a.example` there fetches the zone at once.

## Not reported

Blocks that spare the same hosts. Keys that no statement defines.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import Lists, begins_line, correction, faults_of, keys_in_words
from named_audit.policy.faults import Fault, Place
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-284",),
    fix="unsafe",
    covers=("A11",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a block that stops all but some, behind one that has stopped these too."""
    ring = audit.key_ring(policy.view)
    for fault in faults_of(policy, audit, "unreachable pair"):
        keys = tuple(key for key in fault.signers if key in ring or audit.config.unseen)
        if not keys:
            continue
        lists = Lists(policy, audit)
        yield Finding(
            at=lists.span(fault.at),
            message=f"{lists.shown(fault.others[0])} comes first and denies {fault.who.words()}: "
            f"no transfer of {zone_names(policy.zones)} with {keys_in_words(keys)}",
            related=(Related(lists.span(fault.others[0]), "denied here"),),
            scopes=audit.scopes(policy.zones),
            fixes=(_fix(lists, fault),),
        )


def _fix(lists: Lists, fault: Fault) -> Fix:
    outer = fault.at.path[:-1]
    pairs = [[Place(fault.at.acl, (*outer, at)) for at in pair] for pair in fault.pairs]
    span = lists.span(pairs[0][0])
    values = {
        "pairs": [[lists.text(place) for place in pair] for pair in pairs],
        "lines": begins_line(span),
    }
    change = Change("replace", span._replace(end=lists.span(pairs[-1][-1]).end), "pairs", values)
    return correction(lists, "give each pair a list of its own", (change,), (fault.at,), "unsafe")
