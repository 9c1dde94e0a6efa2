"""A client is denied although the list admits it first, because BIND merges a negated list.

Elements are taken in the order of the text, with one exception. A negated list without denials of its own, named or not,
is merged into the list around it, and a prefix that is there already turns into a denial. In `{ good; !bad; }` an address
that stands in both, spelled as the same prefix, is denied; `{ good; !192.0.2.1; }` would admit it.

## Why it matters

A secondary is refused by a list that admits it in the first line. Whoever replaces the name by what it stands for gets
another policy, and so does whoever writes the prefix in another way.

## How to fix it

Write what BIND does, the denial first:

    allow-transfer { !bad; good; };

Where the client should be admitted, take it out of the negated list.

From the address, `dig @server a.example AXFR` shows what BIND makes of it, and `named-audit who named.conf --zone
a.example --from 192.0.2.1` which element decides.

## Not reported

Other prefixes that merely overlap: for these the order of the text holds.

## References

BIND 9 source: dns_iptable_merge(); BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Grade, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import Lists, correction, faults_of, in_front, taken_out
from named_audit.policy.addresses import AddressSet
from named_audit.policy.faults import Fault, Place
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    fix="safe",
    covers=("A15",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report each negated list that turns an earlier element into a denial."""
    for fault in faults_of(policy, audit, "flipped"):
        lists = Lists(policy, audit)
        first = fault.others[0]
        everybody = fault.who == AddressSet.everything()
        who = "nobody can" if everybody else f"{fault.who.words()} cannot"
        yield Finding(
            at=lists.span(fault.at),
            message=f"{who} transfer {zone_names(policy.zones)} although {lists.shown(first)} "
            f"stands first and admits it: BIND merges {lists.shown(fault.at)} and turns the same prefix into a denial",
            related=(Related(lists.span(first), "admitted here, as it reads"),),
            scopes=audit.scopes(policy.zones),
            fixes=(_fix(lists, fault),),
        )


def _fix(lists: Lists, fault: Fault) -> Fix:
    assert fault.target is not None
    target = Place(fault.at.acl, (*fault.at.path[:-1], fault.target))
    changes = (in_front(lists, target, [lists.text(fault.at)]), taken_out(lists, fault.at))
    # In an acl the list was compared for this statement alone. What admits nobody was meant otherwise.
    grade: Grade = "safe" if fault.equal and fault.at.acl is None else "unsafe"
    if fault.manner == "contradicted":
        grade = "display"
    return correction(lists, "write the denial first, as BIND reads it", changes, (fault.at,), grade)
