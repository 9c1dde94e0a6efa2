"""Exact sets of IPv4 and IPv6 addresses: algebra, minimal CIDR cover, and words for people."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from named_audit.model.matchlist import Prefix, address_text, parse_address, parse_prefix

BITS = {4: 32, 6: 128}

Bounds: TypeAlias = tuple[int, ...]
"""Where membership changes, ascending: the start of a range, the number behind its end, and so on."""

_UNION = (False, True, True, True)
_BOTH = (False, False, False, True)
_DIFFERENCE = (False, False, True, False)
_UNICAST = {4: (0, 224 << 24), 6: (1 << 125, 2 << 125)}  # 0.0.0.0-223.255.255.255, 2000::/3
_MOST_RANGES = 256
"""Sets of more ranges than this are not described with `except`."""


@dataclass(frozen=True, slots=True)
class AddressSet:
    """An immutable exact set of addresses, compared by what it holds; see `Bounds`."""

    v4: Bounds = ()
    v6: Bounds = ()

    @classmethod
    def nothing(cls) -> AddressSet:
        """No address."""
        return _NOTHING

    @classmethod
    def everything(cls) -> AddressSet:
        """All addresses of both families."""
        return _EVERYTHING

    @classmethod
    def from_prefix(cls, family: int, network: int, length: int) -> AddressSet:
        """The addresses of one network."""
        return cls.from_prefixes((Prefix(family, network, length),))

    @classmethod
    def from_prefixes(cls, prefixes: Iterable[Prefix]) -> AddressSet:
        """The union of networks."""
        ranges: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for family, network, length in prefixes:
            ranges[family].append((network, network + (1 << (BITS[family] - length))))
        return cls(_join(ranges[4]), _join(ranges[6]))

    @classmethod
    def from_ranges(cls, v4: list[tuple[int, int]], v6: list[tuple[int, int]]) -> AddressSet:
        """The union of ranges of numbers, the ends not included."""
        return cls(_join(v4), _join(v6))

    @classmethod
    def from_text(cls, *texts: str) -> AddressSet:
        """The union of addresses and networks as text, for instance "192.0.2.1" and "2001:db8::/32".

        Raises:
            ValueError: a text is neither.
        """
        prefixes = []
        for text in texts:
            prefix = parse_prefix(text)
            if prefix is None:
                raise ValueError(f"{text[:60]!r} is neither an address nor a network")
            prefixes.append(prefix)
        return cls.from_prefixes(prefixes)

    def family(self, family: int) -> Bounds:
        """The bounds of one family, 4 or 6."""
        return self.v4 if family == 4 else self.v6

    def holds(self, address: int, family: int) -> bool:
        """Whether an address, given as a number, is in the set."""
        return bool(bisect_right(self.family(family), address) & 1)

    def __contains__(self, address: str) -> bool:
        """Whether an address, given as text, is in the set.

        Raises:
            ValueError: the text is no address.
        """
        parsed = parse_address(address)
        if parsed is None:
            raise ValueError(f"{address[:60]!r} is not an address")
        family, number = parsed
        return self.holds(number, family)

    def __or__(self, other: AddressSet) -> AddressSet:
        return self._with(other, _UNION)

    def __and__(self, other: AddressSet) -> AddressSet:
        return self._with(other, _BOTH)

    def __sub__(self, other: AddressSet) -> AddressSet:
        return self._with(other, _DIFFERENCE)

    def __invert__(self) -> AddressSet:
        return _EVERYTHING - self

    def __le__(self, other: AddressSet) -> bool:
        return not self - other

    def __lt__(self, other: AddressSet) -> bool:
        return self != other and self <= other

    def __ge__(self, other: AddressSet) -> bool:
        return other <= self

    def __gt__(self, other: AddressSet) -> bool:
        return other < self

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def _with(self, other: AddressSet, truth: tuple[bool, ...]) -> AddressSet:
        return AddressSet(_combine(self.v4, other.v4, truth), _combine(self.v6, other.v6, truth))

    def size(self, family: int) -> int:
        """The number of addresses of one family."""
        bounds = self.family(family)
        return sum(bounds[1::2]) - sum(bounds[::2])

    def share(self, family: int) -> float:
        """The fraction of the family's usable unicast space that is in the set, from 0 to 1.

        Usable is 0.0.0.0 to 223.255.255.255 for IPv4, 2000::/3 for IPv6.
        """
        space = _UNICAST[family]
        held = _combine(self.family(family), space, _BOTH)
        return (sum(held[1::2]) - sum(held[::2])) / (space[1] - space[0])

    def prefixes(self) -> tuple[Prefix, ...]:
        """The minimal CIDR cover, IPv4 first, ascending."""
        return (*_cover(self.v4, 4), *_cover(self.v6, 6))

    def cidrs(self) -> tuple[str, ...]:
        """The minimal CIDR cover as text, single addresses with `/32` and `/128`."""
        return tuple(prefix.text for prefix in self.prefixes())

    def words(self) -> str:
        """The set for people: "anyone", "192.0.2.0/24 except 192.0.2.9", "192.0.2.1 and 2 more", "no one"."""
        if not self:
            return "no one"
        terms = [*_terms(self.v4, 4), *_terms(self.v6, 6)]
        if len(terms) == 2 and all(prefix.length == 0 for prefix, _ in terms):
            left_out = terms[0][1] + terms[1][1]
            return f"anyone except {_listed(left_out)}" if left_out else "anyone"
        if len(terms) == 1:
            prefix, left_out = terms[0]
            return _shown(prefix) + (f" except {_listed(left_out)}" if left_out else "")
        if len(terms) > 2:  # the widest must not hide behind "and 2 more"
            terms.sort(key=lambda term: term[0].length * 128 // BITS[term[0].family])
        return _shortened(
            [
                _shown(prefix) + (f" (except {_listed(left_out)})" if left_out else "")
                for prefix, left_out in terms
            ]
        )


def _join(ranges: list[tuple[int, int]]) -> Bounds:
    ranges.sort()
    bounds: list[int] = []
    for start, end in ranges:
        if bounds and start <= bounds[-1]:
            bounds[-1] = max(bounds[-1], end)
        else:
            bounds += (start, end)
    return tuple(bounds)


def _combine(a: Bounds, b: Bounds, truth: tuple[bool, ...]) -> Bounds:
    """Merge two bounds; `truth` says for (neither, only b, only a, both) what the result holds."""
    result: list[int] = []
    i = j = 0
    state = False
    count_a, count_b = len(a), len(b)
    while i < count_a or j < count_b:
        at = a[i] if j == count_b or (i < count_a and a[i] <= b[j]) else b[j]
        if i < count_a and a[i] == at:
            i += 1
        if j < count_b and b[j] == at:
            j += 1
        if truth[(i & 1) * 2 + (j & 1)] != state:
            state = not state
            result.append(at)
    return tuple(result)


def first_match(intervals: list[tuple[int, int, int]], signs: Sequence[bool]) -> Bounds:
    """The bounds of what is held where the interval with the lowest place over an address decides.

    Args:
        intervals: (start, end, place), the end not included.
        signs: by place, whether the interval holds or leaves out.
    """
    return _join([(start, end) for start, end, place in deciding_ranges(intervals) if signs[place]])


def deciding_ranges(intervals: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """(start, end, place) of the ranges over which one place is the lowest, ascending. Arguments as for `first_match`."""
    # Imported here: a short list has no ranges that meet.
    from heapq import heappop, heappush

    starts = sorted(intervals)
    points = sorted({point for start, end, _ in intervals for point in (start, end)})
    over: list[tuple[int, int]] = []  # a heap of (place, end); what has ended is dropped when it comes up
    following = 0
    for point, behind in pairwise(points):
        while following < len(starts) and starts[following][0] == point:
            heappush(over, (starts[following][2], starts[following][1]))
            following += 1
        while over and over[0][1] <= point:
            heappop(over)
        if over:
            yield point, behind, over[0][0]


def _cover(bounds: Bounds, family: int) -> Iterator[Prefix]:
    bits = BITS[family]
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        at = start
        while at < end:
            aligned = at & -at or 1 << bits
            step = min(aligned, 1 << ((end - at).bit_length() - 1))
            yield Prefix(family, at, bits + 1 - step.bit_length())
            at += step


_Term: TypeAlias = tuple[Prefix, list[Prefix]]
"""A network and what is left out of it."""


def _terms(bounds: Bounds, family: int) -> list[_Term]:
    """Networks, some with exceptions, that together are the set, as few as possible."""
    if len(bounds) > 2 * _MOST_RANGES:
        return [(prefix, []) for prefix in _cover(bounds, family)]
    return _terms_within(Prefix(family, 0, 0), bounds)[0]


def _terms_within(node: Prefix, bounds: Bounds) -> tuple[list[_Term], list[Prefix]]:
    """The terms for what `bounds` hold of one network, and the cover of what they do not hold of it."""
    family, start, length = node
    size = 1 << (BITS[family] - length)
    at = bisect_right(bounds, start)
    if at == len(bounds) or bounds[at] >= start + size:
        return ([(node, [])], []) if at & 1 else ([], [node])
    left, left_out = _terms_within(Prefix(family, start, length + 1), bounds)
    right, right_out = _terms_within(Prefix(family, start + size // 2, length + 1), bounds)
    terms, out = left + right, left_out + right_out
    if 1 + len(out) < sum(1 + len(exceptions) for _, exceptions in terms):
        terms = [(node, out)]
    return terms, out


def _shown(prefix: Prefix) -> str:
    if prefix.length == 0:
        return f"anyone over IPv{prefix.family}"
    if prefix.length == BITS[prefix.family]:
        return address_text(prefix.network, prefix.family)
    return prefix.text


def _listed(prefixes: list[Prefix]) -> str:
    return _shortened([_shown(prefix) for prefix in prefixes])


def _shortened(texts: list[str]) -> str:
    if len(texts) > 2:
        return f"{texts[0]} and {len(texts) - 1} more"
    return " and ".join(texts)


_NOTHING = AddressSet()
_EVERYTHING = AddressSet((0, 1 << 32), (0, 1 << 128))

LOOPBACK = AddressSet.from_prefixes((Prefix(4, 127 << 24, 8), Prefix(6, 1, 128)))
"""127.0.0.0/8 and ::1."""

PRIVATE = AddressSet.from_prefixes(
    (
        Prefix(4, 10 << 24, 8),
        Prefix(4, (172 << 24) + (16 << 16), 12),
        Prefix(4, (192 << 24) + (168 << 16), 16),
        Prefix(6, 0xFC << 120, 7),
        Prefix(6, 0xFE80 << 112, 10),
    )
)
"""Addresses that the Internet does not route: RFC 1918, unique local and link-local."""
