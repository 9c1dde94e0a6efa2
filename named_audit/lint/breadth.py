"""Elements of a list that let in more machines than a few servers: wide networks, and whoever is on-link."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Related
from named_audit.lint.elements import Lists
from named_audit.model.matchlist import MatchElement, MatchList, Prefix
from named_audit.policy.addresses import BITS, AddressSet
from named_audit.policy.faults import Place
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.words import fold

NARROWEST = {4: 28, 6: 64}
"""The shortest prefix lengths of what may be the addresses of one site's servers: 16 addresses, one IPv6 network."""

_MOST = 3


def elements(policy: TransferPolicy, audit: Audit) -> Iterator[tuple[Place, MatchElement]]:
    """Every element of a policy's list and of the acls that it uses, each acl once, with negated ones, in text order."""
    if policy.acl is None:
        return
    seen: set[str] = set()
    waiting: list[tuple[Place, MatchList]] = [(Place(None, ()), policy.acl.match_list)]
    while waiting:
        at, match_list = waiting.pop(0)
        inner: list[tuple[Place, MatchList]] = []
        for number, element in enumerate(match_list.elements):
            place = Place(at.acl, (*at.path, number))
            yield place, element
            if isinstance(element.value, MatchList):
                inner.append((place, element.value))
            elif element.kind == "acl" and (name := fold(str(element.value))) not in seen:
                seen.add(name)
                definition = audit.lists.lookup(name)
                if definition is not None:
                    inner.append((Place(name, ()), definition))
        waiting[:0] = inner


def with_elements(
    audit: Audit, wanted: Callable[[MatchElement], bool]
) -> Iterator[tuple[TransferPolicy, tuple[Place, ...]]]:
    """Every policy whose list, or an acl that it uses, has such elements, with these; most lists are equal and have none."""
    without: set[int] = set()
    for policy in audit.policies:
        if policy.acl is None or id(policy.acl) in without:
            continue
        found = tuple(place for place, element in elements(policy, audit) if wanted(element))
        if found:
            yield policy, found
        else:
            without.add(id(policy.acl))


def wide(policy: TransferPolicy, audit: Audit) -> tuple[Related, ...]:
    """The first few elements that let in wide networks without a key, with how many addresses these are."""
    lists = Lists(policy, audit)
    found: list[Related] = []
    for place, element in elements(policy, audit):
        words: str | None = None
        if element.negated:
            continue
        if element.kind == "localnets" and policy.on_link_unsigned:
            words = "every machine on the server's networks, whatever they are"
        elif isinstance(element.value, Prefix) and 0 < element.value.length < NARROWEST[element.value.family]:
            family, _, length = element.value
            if AddressSet.from_prefix(*element.value) & policy.unsigned_off_host:
                count = 1 << (BITS[family] - length)
                words = (
                    f"{count:,} addresses"
                    if family == 4
                    else f"{1 << (64 - length):,} networks of a /64 each"
                )
        if words is not None:
            found.append(Related(lists.span(place), words))
            if len(found) == _MOST:
                break
    return tuple(found)
