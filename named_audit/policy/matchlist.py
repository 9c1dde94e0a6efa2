"""BIND's evaluation of address match lists, exactly: its acl.c, iptable.c and radix.c as one ordered table.

BIND numbers the elements of a list in text order, keeps prefixes in a radix tree and the rest in an array.
The lowest number that applies decides. A list in a list is merged into the outer one if it has no `!` and no
`none` of its own. Merging is where BIND leaves the text order: see `_Builder._merge`.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.matchlist import MatchElement, MatchList, Prefix
from named_audit.model.names import canonical
from named_audit.policy.addresses import BITS, AddressSet, deciding_ranges, first_match
from named_audit.syntax.words import fold

Locality: TypeAlias = Literal["localhost", "localnets", "elsewhere"]
"""The server's own addresses; on-link but not its own; neither."""

_MOST_LEVELS = 300
_MOST_ENTRIES = 3_000_000
"""Bounds on what a hostile file can make of few bytes: levels of lists in lists, and entries that are copied
from inner lists to outer ones. Far beyond what servers have."""

_ANY = (Prefix(4, 0, 0), Prefix(6, 0, 0))
_NO_CONDITIONS: frozenset[str] = frozenset()

_Case: TypeAlias = tuple[str | None, Locality, frozenset[str]]
"""Signer, locality and the geoip conditions that hold."""


class _Test(NamedTuple):
    """What an entry that is no prefix asks. `value` is a key name, a geoip condition or a table's number."""

    kind: Literal["key", "localhost", "localnets", "geoip", "nested"]
    value: str | int = ""


_Table: TypeAlias = dict[Prefix | _Test, bool]
"""What a list came to: prefix or test -> allow or deny, in the order in which they decide.

A test that is in the table already is not repeated: where the later one would hit, the earlier one decides.
"""


class Decision(NamedTuple):
    """What a list says of one request and which of its own elements says so.

    `element` is None where nothing matched, which denies. `flipped_by` is the later, negated element whose
    merging turned what `element` allows into a denial.
    """

    allowed: bool
    element: MatchElement | None
    flipped_by: MatchElement | None = None


class Acl:
    """A match list with all that it names, ready to be asked. Not changed by asking."""

    __slots__ = (
        "_ends",
        "_flips",
        "_lookups",
        "_sets",
        "_tables",
        "geoip",
        "invalid",
        "loops",
        "match_list",
        "signers",
        "undefined",
        "uses_localhost",
        "uses_localnets",
    )

    match_list: MatchList
    undefined: tuple[str, ...]
    """Names, as written, of which there is no acl: named refuses to start; here they match nothing."""
    loops: tuple[str, ...]
    """Names, as written, that lead back into their own definition: named refuses; here they match nothing."""
    invalid: tuple[str, ...]
    """What is wrong with the elements that BIND refuses, in inner lists too; here they match nothing."""
    signers: tuple[str, ...]
    """The names of all keys in the list, canonical, sorted."""
    geoip: tuple[str, ...]
    """The geoip conditions in the list, sorted, for instance "country NL"."""

    def __init__(
        self,
        match_list: MatchList,
        tables: tuple[_Table, ...],
        ends: tuple[int, ...],
        flips: Mapping[Prefix | _Test, int],
        refused: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    ) -> None:
        self.match_list = match_list
        # Nested tables stand before those that use them; the list itself is the last.
        self._tables = tables
        # For each element the size of the last table behind it, so that a place leads back to its element.
        self._ends = ends
        self._flips = flips
        self.undefined, self.loops, self.invalid = refused
        tests = {entry for table in tables for entry in table if isinstance(entry, _Test)}
        self.signers = tuple(sorted(str(test.value) for test in tests if test.kind == "key"))
        self.geoip = tuple(sorted(str(test.value) for test in tests if test.kind == "geoip"))
        self.uses_localhost = _Test("localhost") in tests
        self.uses_localnets = _Test("localnets") in tests
        self._lookups: tuple[_Lookup, ...] | None = None
        self._sets: dict[tuple[str | None, str, frozenset[str]], AddressSet] = {}

    @property
    def flipping(self) -> tuple[int, ...]:
        """The places in `match_list` of the negated lists whose merging turned earlier prefixes into denials."""
        return tuple(sorted(set(self._flips.values())))

    @property
    def repeated(self) -> tuple[int, ...]:
        """The places in `match_list` of elements that add nothing to what stands before them, and turn nothing.

        Known without trying: each is there already. Elements that merely never decide are not among them.
        """
        turning = set(self._flips.values())
        return tuple(
            place
            for place, (before, after) in enumerate(pairwise((0, *self._ends)))
            if before == after and place not in turning
        )

    @property
    def uses_geoip(self) -> bool:
        """Whether the answer also depends on a geoip database."""
        return bool(self.geoip)

    def allows(
        self,
        address: int,
        family: int,
        signer: str | None,
        *,
        localhost: bool,
        localnets: bool,
        conditions: frozenset[str] = frozenset(),
    ) -> bool:
        """Whether the list allows one request.

        Args:
            address: the client's, as a number; a mapped one (`match-mapped-addresses`) as IPv4.
            family: 4 or 6.
            signer: the name of the key that the request is signed with, verified; None if unsigned.
            localhost: whether the address is one of the server's own, on whatever interface.
            localnets: whether the address is on one of the server's networks; its own addresses are, too.
            conditions: the geoip conditions that hold for the client.
        """
        place = self._place(address, family, signer, localhost, localnets, conditions)
        return place is not None and self._looked_up()[-1].signs[place]

    def deciding(
        self,
        address: int,
        family: int,
        signer: str | None,
        *,
        localhost: bool,
        localnets: bool,
        conditions: frozenset[str] = frozenset(),
    ) -> Decision:
        """What the list says of one request, and which of its elements says so. Arguments as for `allows`."""
        place = self._place(address, family, signer, localhost, localnets, conditions)
        if place is None:
            return Decision(False, None)
        lookup = self._looked_up()[-1]
        elements = self.match_list.elements
        flip = self._flips.get(lookup.entries[place])
        return Decision(
            lookup.signs[place],
            elements[bisect_right(self._ends, place)],
            None if flip is None else elements[flip],
        )

    def addresses(
        self, signer: str | None, locality: Locality, conditions: frozenset[str] = frozenset()
    ) -> AddressSet:
        """The exact set of addresses that the list allows.

        Args:
            signer: the name of the key; None for unsigned requests. A key that the list does not name counts
                as None.
            locality: what the addresses are to the server. The set for "localhost", for instance, says of
                each address whether it would be allowed if it were one of the server's own. Loopback
                addresses are its own (127.0.0.1 and ::1) or on-link (other 127.0.0.0/8), never elsewhere.
            conditions: the geoip conditions (see `geoip`) that hold for the client; the others do not.
        """
        case = self._case(signer, locality, conditions)
        known = self._sets.get(case)
        if known is None:
            known = self._sets[case] = self._find(_case_tests(*case))[-1]
        return known

    def addresses_where(
        self, signer: str | None, *, localhost: bool, localnets: bool, geoip: Collection[str] = ()
    ) -> AddressSet:
        """The exact set of addresses that the list allows where exactly these conditions hold. Not remembered.

        Args:
            signer: the canonical name of the key; None for unsigned requests.
            localhost: as for `allows`.
            localnets: as for `allows`; an own address need not be on a network that BIND knows.
            geoip: the conditions that hold, as in `geoip` of this list.
        """
        return self._find(_tests(signer, localhost, localnets, geoip))[-1]

    def shares(
        self, signer: str | None, locality: Locality, conditions: frozenset[str] = frozenset()
    ) -> tuple[tuple[MatchElement, AddressSet], ...]:
        """What each of the list's own elements allows, in text order; together it is `addresses`."""
        true = _case_tests(*self._case(signer, locality, conditions))
        intervals = self._intervals(self._find(true), true, -1)
        signs = tuple(self._tables[-1].values())
        ranges: dict[int, dict[int, list[tuple[int, int]]]] = {}
        for family in (4, 6):
            for start, end, place in deciding_ranges(intervals[family]):
                if signs[place]:
                    index = bisect_right(self._ends, place)
                    ranges.setdefault(index, {4: [], 6: []})[family].append((start, end))
        elements = self.match_list.elements
        return tuple(
            (elements[index], AddressSet.from_ranges(found[4], found[6]))
            for index, found in sorted(ranges.items())
        )

    def _case(self, signer: str | None, locality: Locality, conditions: frozenset[str]) -> _Case:
        """The same question in the fewest distinct words."""
        key = None if signer is None else canonical(signer)
        if key not in self.signers:
            key = None
        place: Locality = locality
        if place == "localhost" and not self.uses_localhost:
            place = "localnets"
        if place == "localnets" and not self.uses_localnets:
            place = "elsewhere"
        return key, place, conditions.intersection(self.geoip) if self.geoip else _NO_CONDITIONS

    def _find(self, true: frozenset[_Test]) -> list[AddressSet]:
        """What each table allows where these tests hold; the last is the list itself."""
        found: list[AddressSet] = []
        for number, table in enumerate(self._tables):
            intervals = self._intervals(found, true, number)
            signs = tuple(table.values())
            found.append(AddressSet(first_match(intervals[4], signs), first_match(intervals[6], signs)))
        return found

    def _intervals(
        self, inner: Sequence[AddressSet], true: frozenset[_Test], number: int
    ) -> dict[int, list[tuple[int, int, int]]]:
        """By family (start, end, place) for every entry of a table that applies; `inner`: what earlier tables allow."""
        intervals: dict[int, list[tuple[int, int, int]]] = {4: [], 6: []}
        for place, entry in enumerate(self._tables[number]):
            if isinstance(entry, Prefix):
                family, network, length = entry
                intervals[family].append((network, network + (1 << (BITS[family] - length)), place))
            elif entry.kind == "nested":
                allowed = inner[int(entry.value)]
                for family in (4, 6):
                    bounds = allowed.family(family)
                    pairs = zip(bounds[::2], bounds[1::2], strict=True)
                    intervals[family] += [(start, end, place) for start, end in pairs]
            elif entry in true:
                intervals[4].append((0, 1 << 32, place))
                intervals[6].append((0, 1 << 128, place))
                break  # nothing behind it can decide
        return intervals

    def _place(
        self,
        address: int,
        family: int,
        signer: str | None,
        localhost: bool,
        localnets: bool,
        conditions: frozenset[str],
    ) -> int | None:
        """The place in the last table of the entry that decides."""
        key = None if signer is None else canonical(signer)
        facts = {"localhost": localhost, "localnets": localnets}
        positive: list[bool] = []
        place: int | None = None
        for lookup in self._looked_up():
            place = lookup.covering(address, family)
            for at, test in lookup.tests:
                if place is not None and place < at:
                    break
                if test.kind == "key":
                    hit = test.value == key
                elif test.kind == "nested":
                    # An inner denial is no match: only what the inner list allows counts.
                    hit = positive[int(test.value)]
                elif test.kind == "geoip":
                    hit = test.value in conditions
                else:
                    hit = facts[test.kind]
                if hit:
                    place = at
                    break
            positive.append(place is not None and lookup.signs[place])
        return place

    def _looked_up(self) -> "tuple[_Lookup, ...]":
        if self._lookups is None:
            self._lookups = tuple([_Lookup(table) for table in self._tables])
        return self._lookups


def _case_tests(signer: str | None, locality: Locality, conditions: Collection[str]) -> frozenset[_Test]:
    return _tests(signer, locality == "localhost", locality != "elsewhere", conditions)


def _tests(signer: str | None, localhost: bool, localnets: bool, geoip: Collection[str]) -> frozenset[_Test]:
    """The tests that hold for a request."""
    true = {_Test("geoip", condition) for condition in geoip}
    if signer is not None:
        true.add(_Test("key", signer))
    if localnets:
        true.add(_Test("localnets"))
    if localhost:
        true.add(_Test("localhost"))
    return frozenset(true)


class _Lookup:
    """A table prepared for single addresses."""

    __slots__ = ("entries", "prefixes", "signs", "tests")

    def __init__(self, table: _Table) -> None:
        self.entries = tuple(table)
        self.signs = tuple(table.values())
        self.tests: list[tuple[int, _Test]] = []
        # family -> bits behind the prefix -> the prefix's own bits -> place
        self.prefixes: dict[int, dict[int, dict[int, int]]] = {4: {}, 6: {}}
        for place, entry in enumerate(table):
            if isinstance(entry, Prefix):
                rest = BITS[entry.family] - entry.length
                self.prefixes[entry.family].setdefault(rest, {})[entry.network >> rest] = place
            else:
                self.tests.append((place, entry))

    def covering(self, address: int, family: int) -> int | None:
        """The first place of all prefixes over an address, whatever their lengths."""
        found: int | None = None
        for rest, places in self.prefixes[family].items():
            place = places.get(address >> rest)
            if place is not None and (found is None or place < found):
                found = place
        return found


def build(match_list: MatchList, lookup_acl: Callable[[str], MatchList | None]) -> Acl:
    """Make a match list ready to be asked.

    Args:
        match_list: the list.
        lookup_acl: gives the list of a name in lower case, or None if there is no such acl. It is asked once
            for each name.
    """
    builder = _Builder()
    for name, named_list in _named_lists(match_list, lookup_acl, builder):
        builder.named[name] = builder.fill(named_list)
    last = builder.fill(match_list)
    builder.tables.append(last.table)
    return Acl(
        match_list,
        tuple(builder.tables),
        last.ends,
        last.flips,
        (tuple(builder.undefined), tuple(builder.loops), tuple(builder.invalid)),
    )


class _Built:
    """A list as a table. `number` is its place among the tables, once something nests it."""

    __slots__ = ("ends", "flips", "height", "negatives", "number", "table")

    def __init__(
        self,
        table: _Table,
        negatives: bool,
        height: int,
        ends: tuple[int, ...],
        flips: dict[Prefix | _Test, int],
    ) -> None:
        self.table = table
        self.negatives = negatives
        self.height = height
        self.ends = ends
        self.flips = flips
        self.number: int | None = None


_NO_MATCH = _Built({}, False, 0, (), {})


class _Builder:
    """Tables of the lists, inner before outer. Dicts serve as ordered sets."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self.named: dict[str, _Built] = {}
        self.undefined: dict[str, None] = {}
        self.loops: dict[str, None] = {}
        self.invalid: dict[str, None] = {}
        self.merged = 0

    def fill(self, match_list: MatchList) -> _Built:
        """Turn a list into its table; what it names has been built before, or matches nothing."""
        table: _Table = {}
        negatives = False
        ends: list[int] = []
        flips: dict[Prefix | _Test, int] = {}
        height = 0
        for index, element in enumerate(match_list.elements):
            negated, kind, value, _, _ = element
            # Only a list's own elements count here, not those of the lists that it names.
            negatives = negatives or negated or kind == "none"
            if kind == "prefix":
                assert isinstance(value, Prefix)
                table.setdefault(value, not negated)
            elif kind == "any" or kind == "none":
                for prefix in _ANY:
                    table.setdefault(prefix, (kind == "any") != negated)
            elif kind == "localhost" or kind == "localnets":
                table.setdefault(_Test(kind), not negated)
            elif kind == "key":
                table.setdefault(_Test("key", canonical(str(value))), not negated)
            elif kind == "geoip":
                table.setdefault(_Test("geoip", str(value)), not negated)
            elif kind == "invalid":
                self.invalid[str(value)] = None
            else:
                inner = self.fill(value) if isinstance(value, MatchList) else self._named(str(value))
                height = max(height, inner.height)
                if inner.negatives:
                    table.setdefault(_Test("nested", self._number(inner)), not negated)
                else:
                    self._merge(inner.table, table, negated, index, flips)
            ends.append(len(table))
        return _Built(table, negatives, height + 1, tuple(ends), flips)

    def _merge(
        self, inner: _Table, table: _Table, negated: bool, index: int, flips: dict[Prefix | _Test, int]
    ) -> None:
        self.merged += len(inner)
        if self.merged > _MOST_ENTRIES:
            self.invalid["the lists in this list are too large together"] = None
            return
        for entry, sign in inner.items():
            if entry not in table:
                table[entry] = sign and not negated
            elif negated and sign and isinstance(entry, Prefix) and table[entry]:
                # dns_iptable_merge: a prefix that is there already keeps its number, but merging a negated
                # list turns its sign. In text order it would stay allowed.
                table[entry] = False
                flips[entry] = index

    def _named(self, name: str) -> _Built:
        inner = self.named.get(fold(name), _NO_MATCH)
        if inner.height > _MOST_LEVELS:
            self.invalid["acls name each other over too many levels"] = None
            return _NO_MATCH
        return inner

    def _number(self, inner: _Built) -> int:
        if inner.number is None:
            inner.number = len(self.tables)
            self.tables.append(inner.table)
        return inner.number


def _named_lists(
    match_list: MatchList, lookup_acl: Callable[[str], MatchList | None], builder: _Builder
) -> Iterator[tuple[str, MatchList]]:
    """Every named list that a list reaches, each after those that it names itself.

    An explicit stack: how long a chain of acls is, is up to the file.
    """
    state: dict[str, Literal["open", "done", "undefined"]] = {}
    stack: list[tuple[str, MatchList, Iterator[str]]] = [("", match_list, _names(match_list))]
    while stack:
        own, own_list, names = stack[-1]
        for name in names:
            low = fold(name)
            known = state.get(low)
            if known == "open":
                builder.loops[name] = None
            elif known is None:
                found = lookup_acl(low)
                if found is None:
                    state[low] = "undefined"
                    builder.undefined[name] = None
                else:
                    state[low] = "open"
                    stack.append((low, found, _names(found)))
                    break
        else:
            stack.pop()
            if stack:
                state[own] = "done"
                yield own, own_list


def _names(match_list: MatchList) -> Iterator[str]:
    """The names of acls in a list and in the lists inside it, in text order."""
    for element in match_list.elements:
        if element.kind == "acl":
            yield str(element.value)
        elif isinstance(element.value, MatchList):
            yield from _names(element.value)
