"""The second pair of address and key in one list never works.

`{ !{ !h1; any; }; key k1; !{ !h2; any; }; key k2; }` reads like two pairs. The first block already stops everyone but
h1, so that h2 never gets to the second. In `{ !{ !h1; any; }; !{ !h2; any; }; key k; }` each block stops the host that
the other spares, so that nobody gets to the key at all.

## Why it matters

The second secondary is refused whatever key it has. In the log it looks like a wrong key, and the usual answer is to
add its address, which then needs no key.

## How to fix it

Give each pair a list of its own. What an inner list denies is no denial outside:

    allow-transfer { { !{ !h1; any; }; key "k1"; }; { !{ !h2; any; }; key "k2"; }; };

For several hosts with one key, spare all of them in one block:

    allow-transfer { !{ !h1; !h2; any; }; key "k"; };

On h2, `dig -k k2.conf @server a.example AXFR` fails now (`zone transfer 'a.example/AXFR/IN' denied` here). Afterwards,
`rndc retransfer a.example` there fetches the zone at once.

## Not reported

Blocks that spare the same hosts, and blocks in a row that leave some of them. Keys that no statement defines.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import either_key, names, zone_names
from named_audit.lint.elements import Lists, correction, faults_of, in_lists
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
    """Report blocks that stop all but some, behind one that has stopped these too."""
    ring = audit.key_ring(policy.view)
    lists = Lists(policy, audit)
    for fault in faults_of(policy, audit, "unreachable pair"):
        keys = tuple(key for key in fault.signers if key in ring or audit.config.unseen)
        if keys:
            first = fault.others[0]
            message = f"{lists.shown(first)} comes first and denies {fault.who.words()}"
            yield _finding(lists, fault, keys, message, _apart(lists, fault))
    for fault in faults_of(policy, audit, "stacked demands"):
        keys = tuple(key for key in fault.signers if key in ring or audit.config.unseen)
        if keys:
            message = f"{names(map(lists.shown, fault.others))} together deny everyone"
            yield _finding(lists, fault, keys, message, _merged(lists, fault))


def _finding(lists: Lists, fault: Fault, keys: Sequence[str], message: str, fix: Fix) -> Finding:
    zones = lists.policy.zones
    return Finding(
        at=lists.span(fault.at),
        message=f"{message}: no transfer of {zone_names(zones)} with {either_key(keys)}",
        related=(Related(lists.span(fault.others[0]), "denied here"),),
        scopes=lists.audit.scopes(zones),
        fixes=(fix,),
    )


def _apart(lists: Lists, fault: Fault) -> Fix:
    outer = fault.at.path[:-1]
    pairs = [[Place(fault.at.acl, (*outer, at)) for at in pair] for pair in fault.pairs]
    texts = [[lists.text(place) for place in pair] for pair in pairs]
    change = in_lists(lists, pairs[0][0], pairs[-1][-1], texts)
    return correction(lists, "give each pair a list of its own", (change,), (fault.at,), "unsafe")


def _merged(lists: Lists, fault: Fault) -> Fix:
    spared: list[str] = []
    for block in fault.others:
        *hosts, _ = lists.beside(block._replace(path=(*block.path, 0)))
        spared += map(lists.text, hosts)
    span = lists.span(fault.others[0])
    whole = span._replace(end=lists.span(fault.others[-1]).end)
    change = Change("replace", whole, "merged", {"spared": list(dict.fromkeys(spared))})
    return correction(lists, "spare all of them in one block", (change,), (fault.at,), "unsafe")
