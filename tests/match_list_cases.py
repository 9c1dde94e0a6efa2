"""Random match lists, and evaluators to compare with: BIND's data structures word by word, and wrong ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from named_audit.model.matchlist import MatchElement, MatchList, Prefix, parse_match_list
from named_audit.model.names import canonical
from named_audit.syntax.words import Group, split

WRONG = ("first match", "longest prefix", "no sign flip", "nested denial final", "negation inverts")
"""Evaluators that look right; each is wrong in few cases.

The first goes through the text and the third through BIND's table; what they get wrong is the same.
"""

Lookup = Callable[[str], MatchList | None]


class Universe(NamedTuple):
    """What random lists are made of.

    `acls` plain ones are called acl0, acl1 and so on; `odd` gives for each further one its spellings in a list,
    for names that look like something else.
    """

    prefixes: tuple[str, ...]
    keys: tuple[str, ...]
    acls: int
    odd: tuple[tuple[str, ...], ...] = ()

    @property
    def numbers(self) -> range:
        """The numbers of all acls."""
        return range(self.acls + len(self.odd))

    def spellings(self, number: int) -> tuple[str, ...]:
        """How an acl can be written in a list."""
        if number < self.acls:
            return f"acl{number}", f"ACL{number}", f'"acl{number}"'
        return self.odd[number - self.acls]


def parse(text: str) -> MatchList:
    """The match list of a block in braces."""
    (group,) = split(text)
    assert isinstance(group, Group)
    return parse_match_list(group)


def random_acls(rng: random.Random, universe: Universe) -> dict[str, str]:
    """Named lists, each of which may name those before it: name in lower case -> text in braces."""
    return {
        universe.spellings(number)[0].strip('"').lower(): random_list(rng, universe, range(number))
        for number in universe.numbers
    }


def random_list(rng: random.Random, universe: Universe, acls: Sequence[int], depth: int = 0) -> str:
    """The text of a list, in braces; `acls` are the numbers of those it may name."""
    if rng.random() < 0.05:
        return _client_and_key(rng, universe)
    elements: list[str] = []
    for _ in range(rng.randint(0 if depth else 1, 4 if depth else 5)):
        kind = rng.random()
        if kind < 0.45:
            text = rng.choice(universe.prefixes)
        elif kind < 0.51:
            text = rng.choice(("any", "ANY", '"any"'))
        elif kind < 0.55:
            text = rng.choice(("none", "None"))
        elif kind < 0.62:
            text = rng.choice(("localhost", "localnets", "LocalHost", '"localnets"'))
        elif kind < 0.75:
            text = "key " + rng.choice(universe.keys)
        elif kind < 0.87 and acls:
            text = rng.choice(universe.spellings(rng.choice(acls)))
        elif depth < 3:
            text = random_list(rng, universe, acls, depth + 1)
        else:
            text = rng.choice(universe.prefixes)
        elements.append(rng.choice(("!", "! ")) + text if rng.random() < 0.3 else text)
    if elements and rng.random() < 0.15:
        # The case that sets merging apart: something that is there already, denied once more in a list.
        again = rng.choice(elements)
        elements.append(f"!{{ {again}; }}" if not again.startswith("!") else again)
    return _block(elements)


def _client_and_key(rng: random.Random, universe: Universe) -> str:
    """The idiom for an address AND a key, sometimes with a second pair behind it."""
    pairs = [
        f"!{{ !{rng.choice(universe.prefixes)}; any; }}; key {rng.choice(universe.keys)}"
        for _ in range(rng.randint(1, 2))
    ]
    return _block(pairs)


def _block(elements: Sequence[str]) -> str:
    return "{ " + "".join(f"{element}; " for element in elements) + "}"


class _Row(NamedTuple):
    number: int
    sign: int
    what: MatchElement | _Sub


class _Sub(NamedTuple):
    """A list as BIND holds it: `table` is (family, network, length) -> [number, sign]."""

    table: dict[Prefix, list[int]]
    rows: list[_Row]
    negatives: bool


Judge = Callable[[int, int, str | None, bool, bool], bool]
"""Decides one request: address, family, signer, whether it is from localhost, whether from localnets."""


def judge(match_list: MatchList, lookup: Lookup, wrong: str = "") -> Judge:
    """What BIND decides, from its numbers, its table and its array; or what a wrong evaluator does."""
    if wrong == "first match":
        return lambda *asked: _first_match(match_list, lookup, asked) > 0
    built = _build(match_list, lookup, wrong)
    return lambda *asked: _match(built, asked, wrong) > 0


_Asked = tuple[int, int, str | None, bool, bool]


def _build(match_list: MatchList, lookup: Lookup, wrong: str) -> _Sub:
    table: dict[Prefix, list[int]] = {}
    rows: list[_Row] = []
    negatives = False
    count = 0
    for element in match_list.elements:
        sign = -1 if element.negated else 1
        negatives = negatives or element.negated
        if isinstance(element.value, Prefix):
            if element.value not in table:
                count += 1
                table[element.value] = [count, sign]
        elif element.kind in ("any", "none"):
            if element.kind == "none":
                negatives = negatives or not element.negated
                sign = -sign
            unset = [prefix for prefix in (Prefix(4, 0, 0), Prefix(6, 0, 0)) if prefix not in table]
            count += bool(unset)
            table.update({prefix: [count, sign] for prefix in unset})
        elif element.kind in ("acl", "list"):
            inner = (
                element.value if isinstance(element.value, MatchList) else lookup(str(element.value).lower())
            )
            assert inner is not None
            sub = _build(inner, lookup, wrong)
            if sub.negatives:
                count += 1
                rows.append(_Row(count, sign, sub))
                continue
            for row in sub.rows:
                rows.append(_Row(count + row.number, -1 if sign < 0 or row.sign < 0 else 1, row.what))
            for prefix, (number, inner_sign) in sub.table.items():
                if prefix not in table:
                    table[prefix] = [count + number, -1 if sign < 0 else inner_sign]
                elif sign < 0 and inner_sign > 0 and wrong != "no sign flip":
                    table[prefix][1] = -1
            numbers = [number for number, _ in sub.table.values()] + [row.number for row in sub.rows]
            count += max([0, *numbers])
        else:
            count += 1
            rows.append(_Row(count, sign, element))
    return _Sub(table, rows, negatives)


def _match(sub: _Sub, asked: _Asked, wrong: str) -> int:
    address, family = asked[:2]
    bits = 32 if family == 4 else 128
    covering = [
        (-prefix.length if wrong == "longest prefix" else 0, number, sign)
        for prefix, (number, sign) in sub.table.items()
        if prefix.family == family and (address ^ prefix.network) >> (bits - prefix.length) == 0
    ]
    _, best, best_sign = min(covering, default=(0, 0, 0))
    for row in sub.rows:
        if best and best < row.number:
            break
        if isinstance(row.what, _Sub):
            inner = _match(row.what, asked, wrong)
            if inner > 0:
                return row.sign * row.number
            if inner < 0 and wrong == "nested denial final":
                return -row.number
            if inner < 0 and wrong == "negation inverts" and row.sign < 0:
                return row.number
        elif _hits(row.what, asked):
            return row.sign * row.number
    return best * best_sign


def _hits(element: MatchElement, asked: _Asked) -> bool:
    _, _, signer, localhost, localnets = asked
    if element.kind == "key":
        return signer is not None and canonical(signer) == canonical(str(element.value))
    return localhost if element.kind == "localhost" else localnets


def _first_match(match_list: MatchList, lookup: Lookup, asked: _Asked) -> int:
    """The text from left to right; of an inner list only what it allows counts."""
    address, family = asked[:2]
    for element in match_list.elements:
        if isinstance(element.value, Prefix):
            prefix = element.value
            shift = (32 if family == 4 else 128) - prefix.length
            hit = prefix.family == family and (address ^ prefix.network) >> shift == 0
        elif element.kind == "none":
            return 1 if element.negated else -1
        elif element.kind == "any":
            hit = True
        elif element.kind in ("acl", "list"):
            inner = (
                element.value if isinstance(element.value, MatchList) else lookup(str(element.value).lower())
            )
            assert inner is not None
            hit = _first_match(inner, lookup, asked) > 0
        else:
            hit = _hits(element, asked)
        if hit:
            return -1 if element.negated else 1
    return 0
