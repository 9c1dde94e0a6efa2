"""What an element is good for: held against BIND's data structures, request by request."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from named_audit.model.matchlist import MatchList, parse_prefix
from named_audit.policy.effects import (
    GONE,
    Idle,
    Path,
    Trial,
    World,
    denies_all,
    edited,
    idle_elements,
    inserted,
    late_target,
    moved,
    reached_size,
    replaced,
    without,
    worlds,
)
from named_audit.policy.matchlist import build
from tests.match_list_cases import Universe, judge, parse, random_acls, random_list

UNIVERSE = Universe(
    prefixes=("192.0.2.1", "192.0.2.0/30", "192.0.2.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32"),
    keys=("k1", "k2"),
    acls=6,
)
POINTS = sorted(
    {
        (point, prefix.family)
        for text in UNIVERSE.prefixes
        if (prefix := parse_prefix(text)) is not None
        for size in [1 << ((32 if prefix.family == 4 else 128) - prefix.length)]
        for point in (prefix.network - 1, prefix.network, prefix.network + size - 1, prefix.network + size)
        if 0 <= point < 1 << (32 if prefix.family == 4 else 128)
    }
)
"""Where answers can change: two lists over this universe that agree here agree everywhere."""

REQUESTS = [
    (number, family, signer, own, near)
    for (number, family), signer, own, near in product(
        POINTS, (None, "k1", "k2"), (False, True), (False, True)
    )
]
Named = Mapping[str, MatchList]


def decisions(match_list: MatchList, named: Named) -> list[bool]:
    """What BIND decides of every request."""
    decide = judge(match_list, named.get)
    return [decide(*request) for request in REQUESTS]


def trial(text: str, acls: Mapping[str, str] | None = None) -> Trial:
    named = {name: parse(body) for name, body in (acls or {}).items()}
    return Trial((parse(text),), named.get)


def taken_out(match_list: MatchList, path: Path) -> MatchList:
    """The list that is really shorter, unlike one with an empty list in the place."""
    at = path[-1]
    return edited(
        match_list,
        path[:-1],
        lambda inner: inner._replace(elements=inner.elements[:at] + inner.elements[at + 1 :]),
    )


def emptied(match_list: MatchList, path: Path) -> MatchList:
    at = path[-1]
    return edited(
        match_list,
        path[:-1],
        lambda inner: inner._replace(elements=(*inner.elements[:at], GONE, *inner.elements[at + 1 :])),
    )


def tried(match_list: MatchList, found: Mapping[Path, Idle], outer: Path = ()) -> Iterator[Path]:
    """The elements that are tried, in order: from the end, an element before those inside it, which idle ones hide."""
    closing = True
    for at in reversed(range(len(match_list.elements))):
        element = match_list.elements[at]
        closing = closing and denies_all(element)
        if closing:
            continue
        here = (*outer, at)
        yield here
        if here not in found and isinstance(element.value, MatchList):
            yield from tried(element.value, found, here)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_idle_elements_never_matter_and_all_others_do(rng: random.Random) -> None:
    named = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    top = parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls)))
    before = decisions(top, named)
    found = {idle.path: idle for idle in idle_elements(Trial((top,), named.get), None)}
    current = least = top
    for path in tried(top, found):
        shorter, shortest = emptied(current, path), emptied(least, path)
        idle = all(decisions(each, named) == before for each in (shorter, shortest, emptied(top, path)))
        assert idle == (path in found), path
        assert decisions(taken_out(current, path), named) == decisions(shorter, named)
        if path in found:
            least = shortest
            current = shorter if found[path].together else current
    # Whichever of them go, nothing changes.
    assert decisions(current, named) == decisions(least, named) == before


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_an_idle_element_of_an_acl_is_idle_in_every_use(rng: random.Random) -> None:
    named = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    uses = [parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls))) for _ in range(3)]
    name = rng.choice(sorted(named))
    current = named[name]
    for path, _, together in idle_elements(Trial(uses, named.get), name):
        shorter = emptied(current, path)
        for use in uses:
            assert decisions(use, named) == decisions(use, {**named, name: shorter})
        if together:
            current = shorter


@settings(max_examples=100)
@given(st.randoms(use_true_random=False))
def test_a_late_denial_denies_once_it_is_moved(rng: random.Random) -> None:
    named = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    top = parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls)))
    judged = Trial((top,), named.get)
    before = decisions(top, named)
    for at, element in enumerate(top.elements):
        target = late_target(judged, None, (at,)) if element.negated else None
        if target is None:
            continue
        assert decisions(taken_out(top, (at,)), named) == before
        after = decisions(moved(top, at, target), named)
        assert after != before
        assert all(was or not now for was, now in zip(before, after, strict=True))


IDLE = [
    ("{ key k; none; }", []),
    ("{ none; }", []),
    ("{ key k; !0.0.0.0/0; !::/0; }", []),
    ("{ none; none; }", []),
    ("{ none; key k; }", [((1,), "contradicted")]),
    ("{ 192.0.2.1; 192.0.2.1; }", [((1,), "repeated")]),
    ("{ 10/8; none; key k; }", [((2,), "contradicted")]),
    ("{ 10/8; none; 10.0.0.0/7; }", [((2,), "repeated")]),
    ("{ key k; none; any; }", [((2,), "repeated")]),
    ("{ 192.0.2.1; !192.0.2.1; 192.0.2.0/24; }", [((1,), "denial")]),
    ("{ 192.0.2.1; 192.0.2.0/24; }", [((0,), "repeated")]),
    ("{ 192.0.2.1; { 192.0.2.1; key k; }; }", [((1, 0), "repeated")]),
    ("{ 192.0.2.1; !198.51.100.1; }", [((1,), "denial")]),
    ("{ !198.51.100.1; any; }", []),
    ("{ localhost; localnets; }", []),
    ("{ localnets; localhost; }", []),
    ("{ localhost; 127.0.0.1; }", []),
    ("{ geoip country NL; geoip country NL; }", [((1,), "repeated")]),
    ("{ geoip country NL; 10/8; !geoip country BE; }", [((2,), "denial")]),
    ("{ !geoip country NL; 10/8; geoip country NL; }", [((2,), "contradicted")]),
    ("{ 10/8; geoip country NL; }", []),
    ("{ !{ !192.0.2.1; any; }; key k; }", []),
    ("{ !{ !192.0.2.1; }; key k; }", [((0,), "denial")]),
    ("{ 192.0.2.1; !{ 192.0.2.1; }; any; }", [((0,), "contradicted")]),
    # `!none` admits everyone.
    ("{ any; !none; }", [((1,), "repeated")]),
    ("{ !none; !{ any; }; }", [((0,), "contradicted")]),
    ("{ !none; !192.0.2.1; }", [((1,), "denial")]),
    ("{ !192.0.2.1; any; key k; }", [((2,), "contradicted")]),
    ("{ !192.0.2.1; 192.0.2.0/24; 192.0.2.1; }", [((2,), "contradicted")]),
    ("{ !192.0.2.1; 192.0.2.0/24; { 192.0.2.1; 192.0.2.2; }; }", [((2,), "repeated")]),
    ("{ !192.0.2.1; !key k; 10/8; key k; }", [((3,), "contradicted"), ((0,), "denial")]),
    ("{ localhost; localnets; localhost; }", [((2,), "repeated")]),
    (
        "{ 10/8; { 10.0.0.5; 192.0.2.2; }; { 10.0.0.6; 192.0.2.1; }; }",
        [((2, 0), "repeated"), ((1, 0), "repeated")],
    ),
    ("{ 10/8; 10.0.0.5; !0.0.0.0/0; none; }", [((1,), "repeated")]),
    # Only what closes a list is left.
    ("{ 10/8; none; !0.0.0.0/0; none; }", []),
]


@pytest.mark.parametrize(("text", "found"), IDLE)
def test_idle(text: str, found: list[tuple[Path, str]]) -> None:
    assert [idle[:2] for idle in idle_elements(trial(text), None)] == found


@pytest.mark.parametrize(
    ("text", "at", "target"),
    [
        ("{ 10/8; !10.0.0.66; }", 1, 0),
        ("{ key k; 10/8; 192.0.2.0/24; !10.0.0.66; }", 3, 1),
        ("{ key k; 10/8; 10.0.0.0/24; !10.0.0.66; }", 3, 1),
        ("{ key k; !10.0.0.66; }", 1, 0),
        ("{ key k; !{ !10.0.0.66; any; }; }", 1, 0),
        ("{ localnets; !10.0.0.66; }", 1, 0),
        ("{ localhost; !10.0.0.66; }", 1, None),
        ("{ localhost; key k; 10/8; !10.0.0.66; }", 3, 2),
        ("{ 10.0.0.5; !10/8; }", 1, None),
        ("{ 10/8; !192.0.2.1; }", 1, None),
        ("{ 10/8; !{ 10/8; }; }", 1, None),
        ("{ !10.0.0.66; 10/8; }", 0, None),
        ("{ !192.0.2.1; 10/8; !10.0.0.66; }", 2, 1),
        ("{ 10.0.0.5; 10/8; !10.0.0.66; }", 2, 1),
        # In front of the first that admits it, and not where an element of use would have none left.
        ("{ 10/8; 10.0.0.66; !10.0.0.66; }", 2, 0),
        ("{ 10.0.0.66; 10/8; !10.0.0.66; }", 2, 0),
        ("{ 10.0.0.66; 10.0.0.67; !10.0.0.64/30; }", 2, None),
        ("{ 10.0.0.1; 10.0.0.66; 10.0.0.2; !10.0.0.66; }", 3, None),
        # With keys only: the nearest place at which it denies anything.
        ("{ key k1; key k2; 203.0.113.1; !10.0.0.66; }", 3, 1),
        ("{ key k1; 203.0.113.1; key k2; !10.0.0.66; }", 3, 2),
        ("{ localhost; key k; !10.0.0.66; }", 2, 1),
        ("{ !none; !10.0.0.66; }", 1, 0),
    ],
)
def test_late_denials(text: str, at: int, target: int | None) -> None:
    assert late_target(trial(text), None, (at,)) == target


def test_late_denials_inside() -> None:
    inner = "{ 203.0.113.1; 10/8; 203.0.113.2; !10.0.0.66; }"
    assert late_target(trial(f"{{ key k; {inner}; }}"), None, (1, 3)) == 1
    assert late_target(trial("{ x; key k; }", {"x": inner}), "x", (3,)) == 1
    assert late_target(trial("{ 10/8; x; }", {"x": inner}), "x", (3,)) is None
    # An exception and its rule, whatever stands outside.
    assert late_target(trial("{ !203.0.113.1; { 10.0.0.5; !10.0.0.4/30; }; }"), None, (1, 1)) is None


@pytest.mark.parametrize(
    ("element", "all_of_them"),
    [
        ("none", True), ("!none", False), ("any", False), ("!any", True), ("!0.0.0.0/0", True), ("0.0.0.0/0", False),
        ("!::/0", True), ("!0.0.0.0/1", False), ("!key k", False), ("!{ any; }", False), ("!x", False),
    ],
)  # fmt: skip
def test_what_denies_all(element: str, all_of_them: bool) -> None:
    assert denies_all(parse(f"{{ {element}; }}").elements[0]) is all_of_them


def test_elements_are_edited_in_their_places() -> None:
    text = "{ 10.0.0.1; { 10.0.0.2; 10.0.0.3; 10.0.0.4; }; 10.0.0.5; }"
    whole = parse(text)

    def words(match_list: MatchList) -> str:
        return " ".join(
            f"({words(each.value)})" if isinstance(each.value, MatchList) else text[each.start : each.end][-1]
            for each in match_list.elements
        )

    assert words(whole) == "1 (2 3 4) 5"
    assert words(without(whole, (1, 1))) == "1 (2 () 4) 5"
    assert words(without(whole, (2,))) == "1 (2 3 4) ()"
    assert words(edited(whole, (1,), lambda inner: moved(inner, 2, 0))) == "1 (4 2 3) 5"
    assert words(moved(whole, 2, 1)) == "1 5 (2 3 4)"
    assert words(inserted(whole, 1, [whole.elements[2], whole.elements[0]])) == "1 5 1 (2 3 4) 5"
    assert words(replaced(whole, 1, whole.elements[0])) == "1 1 5"


def test_sizes_count_each_acl_once() -> None:
    named = {"a": parse("{ 10/8; B; }"), "b": parse("{ 10/8; { 192.0.2.1; any; }; a; }")}
    assert reached_size(parse("{ 10/8; A; { b; a; }; nosuch; }"), named.get) == 13
    assert Trial((parse("{ key k; a; }"), parse("{ localhost; }")), named.get).size() == 9 * 2 + 1 * 2


def test_the_worlds_in_which_lists_differ() -> None:
    judged = trial("{ 10/8; key k; }")
    other = build(parse("{ 10/9; 192.0.2.1; key k; }"), lambda name: None)
    lost = [(world, addresses.words()) for world, addresses in judged.lost(other)]
    assert lost == [(World(), "10.128.0.0/9")]
    gained = [(world, addresses.words()) for world, addresses in judged.gained(other)]
    assert gained == [(World(), "192.0.2.1")]


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("{ key k; key k; }", [True]),
        ("{ any; key k; }", [False]),
        ("{ any; key k; key k; }", [True, False]),
        ("{ 10/8; !any; key k; any; }", [True, False]),
        ("{ 10/8; { 10/8; }; }", [True]),
        ("{ any; { key k; }; }", [False]),
        ("{ any; key k1; { key k1; }; key k2; }", [False, False, False]),
        ("{ any; key k1; !key k1; key k1; }", [True, False, False]),
        ("{ !192.0.2.1; 192.0.2.0/24; 192.0.2.1; }", [False]),
    ],
)
def test_what_can_go_together(text: str, together: list[bool]) -> None:
    assert [idle.together for idle in idle_elements(trial(text), None)] == together


def test_worlds_are_all_that_a_list_can_tell_apart() -> None:
    built = build(parse("{ localhost; key k; geoip country NL; }"), lambda name: None)
    assert set(worlds(built)) == {
        World(signer, own, False, geoip)
        for signer in (None, "k")
        for own in (False, True)
        for geoip in (frozenset[str](), frozenset({"country NL"}))
    }
    assert worlds(built)[0] == World()


@pytest.mark.parametrize(
    "text",
    [
        "{ 10/8; 10.0.0.5; nosuch; }",
        "{ 10/8; 10.0.0.5; !!192.0.2.1; }",
        "{ 10/8; 10.0.0.5; loop; }",
        "{ 10/8; 10.0.0.5; " + "".join(f"geoip country {c}; " for c in ("NL", "BE", "DE", "FR", "LU")) + "}",
    ],
)
def test_what_cannot_be_judged_is_not(text: str) -> None:
    assert idle_elements(trial(text, {"loop": "{ loop; }"}), None) == ()


PREFIXES = [f"192.0.{number}.0/24" for number in range(98)]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        # A hundred are tried; of more only what stands there already is found.
        (["10/8", "10.0.0.5"], [((99,), "repeated")]),
        (["10/8", "10.0.0.5", "key k"], []),
        (["10/8", "10/8", "key k"], [((99,), "repeated")]),
        (["10/8", "{ 10/8; }", "!10/8", "any", "!none", "!192.0.2.0/24", "none"],
         [((100,), "denial"), ((102,), "repeated"), ((103,), "denial")]),
    ],
)  # fmt: skip
def test_a_hundred_elements_are_tried(more: list[str], found: list[tuple[Path, str]]) -> None:
    text = "{ " + "; ".join([*PREFIXES, *more]) + "; }"
    assert [idle[:2] for idle in idle_elements(trial(text), None)] == found


@pytest.mark.parametrize(("keys", "found"), [(29, [(99,)]), (30, [])])
def test_elements_are_tried_in_so_many_worlds(keys: int, found: list[Path]) -> None:
    names = [f"key k{number}" for number in range(keys)]
    text = "{ " + "; ".join([*names, *PREFIXES[keys:], "10/8", "10.0.0.5"]) + "; }"
    assert [idle.path for idle in idle_elements(trial(text), None)] == found


@pytest.mark.parametrize(
    ("text", "spared", "found"),
    [
        ("{ 10/8; 10.0.0.5; 10.0.0.6; key k; }", [(1,)], [(2,)]),
        ("{ 10/8; { 10.0.0.5; 192.0.2.2; }; { 10.0.0.6; 192.0.2.1; }; }", [(1, 0)], [(2, 0)]),
        ("{ 10/8; { 10.0.0.5; 192.0.2.2; }; { 10.0.0.6; 192.0.2.1; }; }", [(1,)], [(2, 0)]),
        ("{ " + "; ".join([*PREFIXES, "10/8", "10/8", "10/8"]) + "; }", [(99,)], [(100,)]),
    ],
)  # fmt: skip
def test_spared_elements_are_not_tried(text: str, spared: list[Path], found: list[Path]) -> None:
    assert [idle.path for idle in idle_elements(trial(text), None, spared)] == found


@pytest.mark.parametrize(
    ("text", "body", "found"),
    [
        ("{ x; 192.0.2.1; }", "{ 192.0.2.1; 192.0.2.0/24; }", [((0,), "repeated")]),
        # What counts is what the acl says, not in which sense it is used.
        ("{ !x; any; }", "{ 192.0.2.1; !192.0.2.1; 192.0.2.0/24; }", [((1,), "denial")]),
        ("{ 192.0.2.0/24; x; }", "{ 192.0.2.1; 198.51.100.1; }", [((0,), "repeated")]),
        ("{ x; }", "{ 192.0.2.1; 198.51.100.1; }", []),
    ],
)
def test_idle_in_an_acl(text: str, body: str, found: list[tuple[Path, str]]) -> None:
    assert [idle[:2] for idle in idle_elements(trial(text, {"x": body}), "x")] == found


@pytest.mark.parametrize(("count", "number"), [(4, 16), (5, 0)])
def test_four_conditions_are_taken_both_ways(count: int, number: int) -> None:
    text = "{ " + "".join(f"geoip country {code}; " for code in ("NL", "BE", "DE", "FR", "LU")[:count]) + "}"
    assert len(worlds(build(parse(text), lambda name: None))) == number


def test_long_lists_are_searched_for_repetitions_only() -> None:
    prefixes = [f"10.{number >> 8}.{number & 255}.0/24" for number in range(20_000)]
    text = "{ " + "; ".join([*prefixes, "10.1.1.0/24", "10.1.1.1", "!10.2.2.0/24", "none"]) + "; }"
    start = time.perf_counter()
    found = idle_elements(trial(text), None)
    assert time.perf_counter() - start < 5  # 0.3 s on a slow machine
    assert [idle[:2] for idle in found] == [((20_000,), "repeated"), ((20_002,), "denial")]


def test_a_long_acl_with_denials_is_left_alone() -> None:
    body = "{ " + "".join(f"10.0.{number}.0/24; " for number in range(200)) + "!192.0.2.1; 10.0.1.0/24; }"
    assert idle_elements(trial("{ x; }", {"x": body}), "x") == ()
    merged = body.replace("!192.0.2.1; ", "")
    assert [idle[:2] for idle in idle_elements(trial("{ x; }", {"x": merged}), "x")] == [((200,), "repeated")]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("{ 127.0.0.1; !localhost; key k1; key k1; }", [(3,)]),
        ("{ !127.0.0.1; { key k1; }; { 192.0.2.53; key k1; }; }", [(2, 1)]),
    ],
)
def test_of_two_that_stand_in_for_each_other_one_stays(text: str, paths: list[Path]) -> None:
    assert [each.path for each in idle_elements(trial(text), None)] == paths
