"""The algebra of address sets against brute force on small universes at both ends of each family."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_audit.model.matchlist import Prefix
from named_audit.policy.addresses import AddressSet, deciding_ranges, first_match

NOTHING = AddressSet.nothing()
EVERYTHING = AddressSet.everything()

TOY_BITS = 4
ENDS = {
    4: (0, (1 << 32) - 16),
    6: (0, (1 << 128) - 16),
}
"""Where the toy universes begin: the first and the last 16 addresses of each family."""

POINTS = [(base + offset, family) for family, bases in ENDS.items() for base in bases for offset in range(16)]

Toy = frozenset[tuple[int, int]]


@st.composite
def toy_sets(draw: st.DrawFn) -> tuple[AddressSet, Toy]:
    """A set of toy prefixes, and the same as a plain set of points."""
    prefixes = []
    points: set[tuple[int, int]] = set()
    for _ in range(draw(st.integers(0, 6))):
        family = draw(st.sampled_from((4, 6)))
        base = draw(st.sampled_from(ENDS[family]))
        free = draw(st.integers(0, TOY_BITS))
        start = base + (draw(st.integers(0, 15)) >> free << free)
        prefixes.append(Prefix(family, start, (32 if family == 4 else 128) - free))
        points |= {(address, family) for address in range(start, start + (1 << free))}
    return AddressSet.from_prefixes(prefixes), frozenset(points)


def held(addresses: AddressSet) -> Toy:
    return frozenset((address, family) for address, family in POINTS if addresses.holds(address, family))


@given(toy_sets(), toy_sets())
def test_algebra(first: tuple[AddressSet, Toy], second: tuple[AddressSet, Toy]) -> None:
    a, plain_a = first
    b, plain_b = second
    assert held(a) == plain_a
    assert held(a | b) == plain_a | plain_b
    assert held(a & b) == plain_a & plain_b
    assert held(a - b) == plain_a - plain_b
    assert held(~a) == frozenset(POINTS) - plain_a
    assert (a <= b) == (plain_a <= plain_b)
    assert (a < b) == (plain_a < plain_b)
    assert (a >= b) == (plain_a >= plain_b)
    assert (a > b) == (plain_a > plain_b)
    assert (a == b) == (plain_a == plain_b)
    assert bool(a) == bool(plain_a)
    if a == b:
        assert hash(a) == hash(b)
    assert a.size(4) + a.size(6) == len(plain_a)
    assert ~~a == a
    assert a | ~a == EVERYTHING
    assert a & ~a == NOTHING
    assert (a - b) | (a & b) == a


@given(toy_sets())
def test_cidr_cover(drawn: tuple[AddressSet, Toy]) -> None:
    addresses, points = drawn
    for each in (addresses, ~addresses):
        prefixes = each.prefixes()
        assert list(prefixes) == sorted(prefixes)
        assert AddressSet.from_prefixes(prefixes) == each
        assert AddressSet.from_text(*each.cidrs()) == each
        # Minimal: no two of them make up their parent.
        halves = set(prefixes)
        for family, network, length in prefixes:
            bits = 32 if family == 4 else 128
            if length:
                assert Prefix(family, network ^ (1 << (bits - length)), length) not in halves
    assert sum(1 << ((32 if p.family == 4 else 128) - p.length) for p in addresses.prefixes()) == len(points)


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 16), st.integers(0, 9)), max_size=10), st.data())
def test_first_match(drawn: list[tuple[int, int, int]], data: st.DataObject) -> None:
    signs = data.draw(st.lists(st.booleans(), min_size=10, max_size=10))
    intervals = [(start, start + length, place) for start, length, place in drawn]
    found = AddressSet(first_match(intervals, signs))
    for point in range(32):
        places = [place for start, end, place in intervals if start <= point < end]
        assert found.holds(point, 4) == (bool(places) and signs[min(places)])


def test_from_text() -> None:
    both = AddressSet.from_text(
        "192.0.2.0/25", "192.0.2.128/25", "10/8", "2001:DB8::/32", "::1", "10.1.0.0/16"
    )
    assert both.cidrs() == ("10.0.0.0/8", "192.0.2.0/24", "::1/128", "2001:db8::/32")
    assert "10.255.255.255" in both
    assert "11.0.0.0" not in both
    assert "2001:db8:ffff::1" in both
    assert "::ffff:10.0.0.1" not in both
    for bad in (
        "",
        "x",
        "10",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/+8",
        "/8",
        "010.0.0.1",
        "::/129",
    ):
        with pytest.raises(ValueError):
            AddressSet.from_text(bad)
    for bad in ("", "x", "10", "10.0.0.0/8"):
        with pytest.raises(ValueError):
            _ = bad in both


def test_canonical_text() -> None:
    assert AddressSet.from_text("::ffff:c000:201").cidrs() == ("::ffff:192.0.2.1/128",)
    assert AddressSet.from_text("2001:db8:0:0:1:0:0:1").cidrs() == ("2001:db8::1:0:0:1/128",)
    assert NOTHING.cidrs() == ()
    assert EVERYTHING.cidrs() == ("0.0.0.0/0", "::/0")
    assert (~AddressSet.from_text("0.0.0.0/1", "::/0")).cidrs() == ("128.0.0.0/1",)


def test_size_and_share() -> None:
    assert (EVERYTHING.size(4), EVERYTHING.size(6)) == (1 << 32, 1 << 128)
    assert (NOTHING.size(4), NOTHING.size(6)) == (0, 0)
    assert (EVERYTHING.share(4), EVERYTHING.share(6)) == (1.0, 1.0)
    assert (NOTHING.share(4), NOTHING.share(6)) == (0.0, 0.0)
    assert AddressSet.from_text("0.0.0.0/1", "224.0.0.0/3").share(4) == 128 / 224
    assert AddressSet.from_text("2000::/4", "fc00::/7").share(6) == 0.5


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (NOTHING, "no one"),
        (EVERYTHING, "anyone"),
        (AddressSet.from_text("0.0.0.0/0"), "anyone over IPv4"),
        (AddressSet.from_text("::/0"), "anyone over IPv6"),
        (EVERYTHING - AddressSet.from_text("192.0.2.9"), "anyone except 192.0.2.9"),
        (
            EVERYTHING - AddressSet.from_text("192.0.2.9", "2001:db8::/32"),
            "anyone except 192.0.2.9 and 2001:db8::/32",
        ),
        (
            EVERYTHING - AddressSet.from_text("192.0.2.0/25", "10/8", "::1"),
            "anyone except 10.0.0.0/8 and 2 more",
        ),
        (
            AddressSet.from_text("0.0.0.0/0") - AddressSet.from_text("10/8"),
            "anyone over IPv4 except 10.0.0.0/8",
        ),
        (AddressSet.from_text("192.0.2.1"), "192.0.2.1"),
        (AddressSet.from_text("192.0.2.0/24", "::1"), "192.0.2.0/24 and ::1"),
        (AddressSet.from_text("192.0.2.1", "192.0.2.3", "192.0.2.5"), "192.0.2.1 and 2 more"),
        (
            AddressSet.from_text("192.0.2.0/24") - AddressSet.from_text("192.0.2.9"),
            "192.0.2.0/24 except 192.0.2.9",
        ),
        (
            AddressSet.from_text("192.0.2.0/24", "::1") - AddressSet.from_text("192.0.2.9"),
            "192.0.2.0/24 (except 192.0.2.9) and ::1",
        ),
        (
            AddressSet.from_text("192.0.2.0/24") - AddressSet.from_text("192.0.2.9", "192.0.2.64/28"),
            "192.0.2.0/24 except 192.0.2.9 and 192.0.2.64/28",
        ),
        # An exception is told where it makes fewer words.
        (
            AddressSet.from_text("192.0.2.0/30") - AddressSet.from_text("192.0.2.1"),
            "192.0.2.0 and 192.0.2.2/31",
        ),
        (
            AddressSet.from_text("192.0.2.0/29") - AddressSet.from_text("192.0.2.1"),
            "192.0.2.0/29 except 192.0.2.1",
        ),
        # The widest comes first, lest it hide.
        (AddressSet.from_text("192.0.2.1", "192.0.2.3", "::/0"), "anyone over IPv6 and 2 more"),
        (AddressSet.from_text("192.0.2.1", "::/0"), "192.0.2.1 and anyone over IPv6"),
        (
            AddressSet.from_text("2001:db8::/32") - AddressSet.from_text("2001:db8::1"),
            "2001:db8::/32 except 2001:db8::1",
        ),
        (
            AddressSet.from_prefixes([Prefix(4, number << 8, 32) for number in range(1000)]),
            "0.0.0.0 and 999 more",
        ),
    ],
)
def test_words(addresses: AddressSet, words: str) -> None:
    assert addresses.words() == words


@pytest.mark.parametrize(
    ("left_out", "words"),
    [(255, "anyone over IPv4 except 0.0.1.0 and 254 more"), (256, "128.0.0.0/1 and {} more")],
)
def test_many_ranges_are_described_without_exceptions(left_out: int, words: str) -> None:
    single = AddressSet.from_prefixes([Prefix(4, number << 8, 32) for number in range(1, left_out + 1)])
    held = AddressSet.from_text("0.0.0.0/0") - single
    assert len(held.v4) == 2 * (left_out + 1)
    assert held.words() == words.format(len(held.cidrs()) - 1)


def test_ranges_of_which_one_place_is_the_lowest() -> None:
    found = list(deciding_ranges([(0, 10, 2), (2, 4, 1), (3, 12, 3), (20, 22, 0)]))
    assert found == [(0, 2, 2), (2, 3, 1), (3, 4, 1), (4, 10, 2), (10, 12, 3), (20, 22, 0)]
    assert list(deciding_ranges([])) == []


def test_from_ranges() -> None:
    both = AddressSet.from_ranges([(4, 6), (0, 2), (2, 4), (9, 10)], [(1, 3), (2, 8)])
    assert (both.v4, both.v6) == ((0, 6, 9, 10), (1, 8))
    assert [both.family(4), both.family(6)] == [both.v4, both.v6]


@given(toy_sets())
def test_words_are_short(drawn: tuple[AddressSet, Toy]) -> None:
    for each in (drawn[0], ~drawn[0]):
        assert 0 < len(each.words()) < 400
    assert EVERYTHING.words() == "anyone"


def test_thousands_of_prefixes_are_quick() -> None:
    start = time.perf_counter()
    a = AddressSet.from_prefixes([Prefix(4, number << 12, 24) for number in range(20_000)])
    b = AddressSet.from_prefixes([Prefix(6, number << 100, 64) for number in range(20_000)])
    assert len((a | b).cidrs()) == 40_000
    assert ~(~a & ~b) == a | b
    assert a - b == a
    assert (a | b).words() == "::/64 and 39999 more"
    assert time.perf_counter() - start < 5  # 0.4 s on a slow machine
