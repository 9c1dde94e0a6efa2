"""The list names an address that no secondary can have.

It was copied from an example, or belongs to no machine. 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32 and 3fff::/20 are kept for documentation. 0.0.0.0,
multicast and class E addresses are never those of a client.

## Why it matters

The place for the real secondary was never filled in, so that the secondary is refused (`zone transfer
'a.example/AXFR/IN' denied`), or an old sample stands beside what is meant. Networks for documentation are not routed, but
anybody in a local network may use one, and is then let in by address alone.

## How to fix it

Name the secondary's key, or its real address:

    allow-transfer { key "transfer-key"; };

Who asks, and is refused, stands in the log: `client @0x... 203.0.113.5#53123 (a.example): zone transfer ... denied`.

`dig @server a.example AXFR -k transfer-key.conf` on the secondary shows whether it is served now.

## Not reported

Denials, but for those in a demand for address and key. Files in which real addresses were replaced before they were
published look just like this; therefore it is for the pedantic audience. Lists that no zone's transfers depend on.

## References

RFC 5737, RFC 3849, RFC 9637, RFC 1112 section 4.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from named_audit.lint.audit import Audit
from named_audit.lint.breadth import with_elements
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import PLACEHOLDER, list_head, zone_names
from named_audit.lint.elements import Lists
from named_audit.model.config import Config
from named_audit.model.matchlist import MatchElement, Prefix
from named_audit.policy.addresses import AddressSet
from named_audit.policy.faults import Place
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 5737", "RFC 3849", "RFC 9637", "STIG V-272398"),
    fix="display",
    covers=("A24",),
)

_DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")
_NO_CLIENT = ("0.0.0.0", "::", "224.0.0.0/4", "240.0.0.0/4", "ff00::/8")


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the first such element of a list, and of each acl that it uses, with the others."""
    for policy, places in with_elements(audit, lambda element: _why(element) is not None):
        lists = Lists(policy, audit)
        found: dict[str | None, list[Place]] = {}
        for place in places:
            if not _denies(lists, place):
                found.setdefault(place.acl, []).append(place)
        for first, *others in found.values():
            yield _finding(policy, audit, first, others, _why(lists.element(first)) or "")


def _finding(
    policy: TransferPolicy, audit: Audit, first: Place, others: Sequence[Place], why: str
) -> Finding:
    assert policy.statement is not None
    lists = Lists(policy, audit)
    more = f" (and {len(others)} more here)" if others else ""
    values = {"head": list_head(policy.statement), "key": PLACEHOLDER}
    change = Change("replace", policy.statement.span, "list", values)
    return Finding(
        at=lists.span(first),
        message=f"{lists.shown(first).lstrip('! ')} in {_list_words(policy)} {why}{more}: "
        "a sample was copied, and the real address is missing",
        related=tuple(Related(lists.span(place), "another one") for place in others[:3]),
        scopes=audit.scopes(policy.zones),
        fixes=(Fix("let the real secondary in, by its key", (change,), "display"),),
    )


def _list_words(policy: TransferPolicy) -> str:
    return f"the list for {zone_names(policy.zones)}" if policy.zones else "this list"


def _denies(lists: Lists, place: Place) -> bool:
    """Whether an element keeps out, and does not let in: `!` once, as in a denial, or not at all in a negated list."""
    signs = [
        lists.element(Place(place.acl, place.path[: depth + 1])).negated for depth in range(len(place.path))
    ]
    return sum(signs) % 2 == 1


def _why(element: MatchElement) -> str | None:
    """What is wrong with an element, in a sentence about it."""
    if not isinstance(element.value, Prefix):
        return None
    meant = AddressSet.from_prefix(*element.value)
    if meant <= _set(_DOCUMENTATION):
        return "is kept for documentation, and no secondary has it"
    return "is no client's address" if meant <= _set(_NO_CLIENT) else None


@cache
def _set(texts: tuple[str, ...]) -> AddressSet:
    return AddressSet.from_text(*texts)
