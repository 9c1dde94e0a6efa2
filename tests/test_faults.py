"""What is said of a match list: one thing for one fault, and nothing that another rule explains."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from named_audit.cli.session import Request, Session
from named_audit.fix.apply import fix_to_fixed_point
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice
from named_audit.model.build import load_config
from named_audit.model.matchlist import MatchList
from named_audit.policy.acl_uses import AclUses
from named_audit.policy.addresses import AddressSet
from named_audit.policy.effects import GONE, World, edited
from named_audit.policy.faults import (
    Fault,
    Place,
    block_spares,
    clients,
    explained,
    find_faults,
    prefixes_of,
    reached_acls,
)
from named_audit.policy.reach import Lists
from named_audit.policy.summary import summarise
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import check, run
from tests.match_list_cases import Universe, parse, random_acls, random_list
from tests.test_effects import UNIVERSE, decisions

KEYS = "".join(
    f'key "{name}" {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
    for name, secret in (
        ("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="),
        ("k2", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA="),
    )
)
ACLS = (
    "acl sec { 192.0.2.1; 192.0.2.2; };\nacl notsec { !sec; any; };\nacl incomplete { !sec; };\n"
    "acl partners { !192.0.2.9; 192.0.2.0/28; };\nacl good { 192.0.2.1; 192.0.2.2; };\nacl bad { 192.0.2.1; };\n"
)
OPTIONS = "options { notify explicit; also-notify { 192.0.2.1 key k1; 192.0.2.2 key k2; }; };\n"
EITHER, ADDRESS, OPEN = "transfer-address-or-key", "transfer-address-only", "transfer-open"
ANY, EXCLUDED, PAIR, CROSSED = (
    "transfer-and-without-any",
    "transfer-secondary-excluded",
    "transfer-unreachable-pair",
    "transfer-crossed-pairs",
)
LATE, LOST, MERGED, IDLE = (
    "transfer-late-denial",
    "transfer-lost-denial",
    "transfer-denied-by-merging",
    "transfer-idle-element",
)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("{ !{ !192.0.2.1; any; }; key k1; }", []),
        ("{ { !{ !192.0.2.1; any; }; key k1; }; { !{ !192.0.2.2; any; }; key k2; }; }", []),
        ("{ !notsec; key k1; }", []),
        ("{ key k1; key k2; none; }", []),
        ("{ localhost; localnets; 127.0.0.1; }", [ADDRESS]),
        ("{ !{ !192.0.2.1; }; key k1; }", [ANY]),
        ("{ !incomplete; key k1; }", [ANY]),
        ("{ !{ !192.0.2.1; }; key k1; !{ !192.0.2.2; }; key k2; }", [ANY, ANY]),
        ("{ !192.0.2.1; key k1; }", [EXCLUDED]),
        ("{ !sec; key k1; }", [EXCLUDED]),
        ("{ !198.51.100.7; key k1; }", [EXCLUDED]),
        ("{ !{ !192.0.2.1; any; }; key k1; !{ !192.0.2.2; any; }; key k2; }", [PAIR]),
        ("{ !{ !192.0.2.1; any; }; !{ !192.0.2.2; any; }; key k1; }", [PAIR]),
        ("{ { !{ !192.0.2.1; any; }; !{ !192.0.2.2; any; }; key k1; }; key k2; }", [PAIR]),
        ("{ !{ !192.0.2.0/24; any; }; !{ !192.0.2.2; any; }; key k1; }", [IDLE]),
        ("{ !{ !192.0.2.1; !192.0.2.2; any; }; key k1; key k2; }", [CROSSED]),
        ("{ !notsec; key k1; key k2; }", [CROSSED]),
        ("{ good; !bad; }", [ADDRESS, MERGED]),
        ("{ 192.0.2.1; !{ 192.0.2.1; }; key k1; }", [MERGED]),
        ("{ partners; 192.0.2.0/24; }", [ADDRESS, LOST]),
        ("{ partners; 192.0.2.0/24; key k1; }", [EITHER, LOST]),
        ("{ 10.0.0.0/8; !10.0.0.66; }", [ADDRESS, LATE]),
        ("{ key k1; !{ !192.0.2.1; any; }; }", [LATE]),
        ("{ any; !10.0.0.66; }", [LATE, OPEN]),
        ("{ any; key k1; }", [OPEN]),
        ("{ none; key k1; }", [IDLE]),
        ("{ 192.0.2.1; 192.0.2.1; key k1; }", [EITHER, IDLE]),
    ],
)
def test_findings_of_one_list_make_sense_together(text: str, rules: list[str], tmp_path: Path) -> None:
    conf = KEYS + ACLS + OPTIONS + f'zone "a.example" {{ type primary; file "a"; allow-transfer {text}; }};\n'
    select = ("--select", "transfer-*", "--ignore", "transfer-placeholder-address")
    ran = check(conf, tmp_path, "--audience", "pedantic", *select)
    assert sorted(rule for rule, _, _ in ran.found) == sorted(rules)


def faults(text: str, **acls: str) -> list[tuple[str, Place, str]]:
    named = {name: parse(body) for name, body in acls.items()}
    return [(fault.kind, fault.at, fault.who.words()) for fault in find_faults(parse(text), named.get)]


def test_the_fault_stands_where_its_cause_is() -> None:
    late = "{ 10.0.0.0/8; !10.0.0.66; }"
    assert faults("{ x; key k; }", x=late) == [("late denial", Place("x", (1,)), "10.0.0.66")]
    assert faults("{ { key k; { 10.0.0.0/8; !10.0.0.66; }; }; }") == [
        ("late denial", Place(None, (0, 1, 1)), "10.0.0.66")
    ]
    assert faults("{ !x; key k; }", x="{ !192.0.2.1; }") == [
        ("and without any", Place(None, (0,)), "192.0.2.1")
    ]
    # What denies there admits here: the list is read in the other sense.
    assert faults("{ !x; any; }", x=late) == []
    assert faults("{ !10.0.0.66; x; }", x=late) == []


ACLS_OF_FAULTS = {
    "good": "{ 192.0.2.1; 192.0.2.2; }",
    "bad": "{ 192.0.2.1; }",
    "byk": "{ key k; }",
    "most": "{ !0.0.0.0/2; !64.0.0.0/3; !96.0.0.0/5; any; }",
    "half": "{ !0.0.0.0/2; !64.0.0.0/3; !96.0.0.0/4; any; }",
    "nearly": "{ 0.0.0.0/2; 64.0.0.0/3; 96.0.0.0/5; }",
    "halved": "{ 0.0.0.0/2; 64.0.0.0/3; 96.0.0.0/4; }",
    "late": "{ 10/8; !10.0.0.66; }",
    "merging": "{ 203.0.113.1; good; !bad; }",
    "neither": "{ !192.0.2.1; !192.0.2.2; }",
    "partners": "{ !192.0.2.9; 192.0.2.0/28; !203.0.113.1; none; }",
    "excluding": "{ !192.0.2.1; key k; }",
    "notsec": "{ !good; any; }",
}
"""`most` is just less than half of what IPv4 clients there are, `half` is half of them."""

A, B, C = "!{ !192.0.2.1; any; }", "!{ !192.0.2.2; any; }", "!{ !198.51.100.7; any; }"
AB = "!{ !192.0.2.1; !192.0.2.2; any; }"
ONE, TWO, THREE = ((0, 1), (2, 3)), ((1, 2), (3, 4)), ((0, 1), (2, 3), (4, 5))


def shown(place: Place) -> str:
    """An acl's element with the acl's name."""
    return f"{place.acl or ''}{':' if place.acl else ''}{'.'.join(map(str, place.path))}"


def whole(fault: Fault) -> tuple[object, ...]:
    """All of a fault but for its correction: kind, where, who, with which keys, what else is part of it."""
    others, explains = (" ".join(map(shown, places)) for places in (fault.others, fault.explains))
    return fault.kind, shown(fault.at), fault.who.words(), " ".join(fault.signers), others, explains


def found(text: str) -> tuple[Fault, ...]:
    """What is wrong with a list that may use the acls of this file, without what merely changes nothing."""
    named = {name: parse(body) for name, body in ACLS_OF_FAULTS.items()}
    return tuple(fault for fault in find_faults(parse(text), named.get) if fault.kind != "idle")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("{ !{ !192.0.2.1; !192.0.2.2; }; byk; }",
         [("and without any", "0", "192.0.2.1 and 192.0.2.2", "k", "0.1", "0.0 0.1")]),
        ("{ !Neither; key k; }",
         [("and without any", "0", "192.0.2.1 and 192.0.2.2", "k", "neither:1", "neither:0 neither:1")]),
        ("{ !{ !192.0.2.1; }; key k1; !{ !192.0.2.2; }; key k2; }",
         [("and without any", "0", "192.0.2.1", "k1 k2", "0.0", "0.0"),
          ("and without any", "2", "192.0.2.2", "k2", "2.0", "2.0")]),
        # Only the keys that would be bound.
        ("{ key k; !{ !192.0.2.1; }; key k; key k2; }", [("and without any", "1", "192.0.2.1", "k2", "1.0", "1.0")]),
        ("{ !{ !localhost; }; key k; }", [("and without any", "0", "no one", "k", "0.0", "0.0")]),
        ("{ key k; !{ !192.0.2.1; }; }", []),
        ("{ key k; !{ !192.0.2.1; }; key k; }", []),
        ("{ !{ }; key k; }", []),
        ("{ !{ !192.0.2.1; }; 10/8; }", []),
        # With `any` nobody would be left.
        ("{ !{ !key other; }; key k; }", []),
        ("{ !{ !key other; }; !{ !192.0.2.1; }; key k; }", [("and without any", "1", "192.0.2.1", "k", "1.0", "1.0")]),
        # A list that denies somebody is no block without its end.
        ("{ !{ !192.0.2.1; 198.51.100.1; }; key k; }", [("inverted", "0", "198.51.100.1", "k", "0", "")]),
        # Blocks and keys by turns.
        (f"{{ key k3; {A}; key k1; {B}; key k2; }}", [("unreachable pair", "3", "192.0.2.2", "k2", "1", "3 4")]),
        (f"{{ {A}; key k1; {B}; key k2; {C}; }}", [("unreachable pair", "2", "192.0.2.2", "k2", "0", "2 3 4")]),
        (f"{{ {A}; key k1; {B}; key k2; {C}; key k3; }}",
         [("unreachable pair", "2", "192.0.2.2", "k2", "0", "2 3 4 5")]),
        # The first that is shut.
        (f"{{ {A}; key k1; {A}; key k2; {B}; key k3; }}",
         [("unreachable pair", "4", "192.0.2.2", "k3", "0", "2 3 4 5")]),
        (f"{{ {A}; key k1; {B}; key k1; }}", [("unreachable pair", "2", "192.0.2.2", "k1", "0", "2 3")]),
        (f"{{ {A}; key k1; {A}; key k2; }}", []),
        (f"{{ {A}; key k1; {B}; }}", []),
        (f"{{ {A}; {B}; key k; }}",
         [("stacked demands", "1", "192.0.2.1 and 192.0.2.2", "k", "0 1", " 0 1 2 0.0 0.1 1.0 1.1")]),
        (f"{{ {A}; 192.0.2.1; }}", []),
        (f"{{ {AB}; key k2; key k1; }}", [("crossed pairs", "0", "192.0.2.1 and 192.0.2.2", "k2 k1", "1 2", "")]),
        (f"{{ 10.0.0.1; {AB}; key k1; key k2; }}",
         [("crossed pairs", "1", "192.0.2.1 and 192.0.2.2", "k1 k2", "2 3", "")]),
        ("{ !notsec; key k1; key k2; }", [("crossed pairs", "0", "192.0.2.1 and 192.0.2.2", "k1 k2", "1 2", "")]),
        ("{ !{ !192.0.2.1; !2001:db8::1; any; }; key k1; key k2; }",
         [("crossed pairs", "0", "192.0.2.1 and 2001:db8::1", "k1 k2", "1 2", "")]),
        # One host, one key, more than hosts and keys, a host that no key serves.
        (f"{{ {A}; key k1; key k2; }}", []),
        (f"{{ {AB}; key k1; key K1.; }}", []),
        (f"{{ {AB}; key k1; key k2; 192.0.2.1; }}", []),
        (f"{{ {AB}; !key k3; key k1; key k2; }}", []),
        (f"{{ {AB}; {{ key k1; key k2; }}; }}", []),
        (f"{{ !192.0.2.1; {AB}; key k1; key k2; }}", []),
        # Denials in front of keys, with nobody who is admitted by address.
        ("{ !192.0.2.1; !bad; key k; }", [("inverted", "0", "192.0.2.1", "k", "0 1", "")]),
        ("{ !192.0.2.1; key k1; !192.0.2.2; key k2; }",
         [("inverted", "0", "192.0.2.1 and 192.0.2.2", "k1 k2", "0 2", "")]),
        ("{ !192.0.2.1; key k; !192.0.2.2; }",
         [("inverted", "0", "192.0.2.1", "k", "0", ""), ("late denial", "2", "192.0.2.2", "k", "1", "")]),
        ("{ 10.0.0.1; { !192.0.2.1; key k; }; }", [("inverted", "1.0", "192.0.2.1", "k", "1.0", "")]),
        ("{ 10.0.0.1; excluding; }", [("inverted", "excluding:0", "192.0.2.1", "k", "excluding:0", "")]),
        ("{ !nearly; key k; }", [("inverted", "0", "0.0.0.0/2 and 2 more", "k", "0", "")]),
        ("{ !halved; key k; }", []),
        ("{ !2000::/5; key k; }", [("inverted", "0", "2000::/5", "k", "0", "")]),
        ("{ !2000::/4; key k; }", []),
        ("{ !192.0.2.1; key k; 192.0.2.0/24; }", []),
        ("{ !192.0.2.1; key k; localhost; }", []),
        ("{ !192.0.2.1; key k; !none; }", []),
        ("{ !key k2; key k; }", []),
        ("{ !localhost; key k; }", []),
        ("{ !0.0.0.0/0; key k; }", []),
        ("{ !any; key k; }", []),
        # Merged denials.
        ("{ key k; 192.0.2.1; !{ 192.0.2.1; }; }", [("flipped", "2", "192.0.2.1", "", "1", "1")]),
        ("{ 192.0.2.1; 192.0.2.0/24; !bad; }", [("flipped", "2", "192.0.2.1", "", "0 1", "0 1")]),
        ("{ 192.0.2.1; 192.0.2.2; 192.0.2.3; !bad; !{ 192.0.2.3; }; }",
         [("flipped", "3", "192.0.2.1", "", "0", "0"), ("flipped", "4", "192.0.2.3", "", "2", "2")]),
        ("{ 192.0.2.0/24; good; 203.0.113.1; !bad; !{ 203.0.113.1; }; }",
         [("flipped", "4", "203.0.113.1", "", "2", "2"), ("late denial", "3", "192.0.2.1", "", "0", "")]),
        ("{ merging; }", [("flipped", "merging:2", "192.0.2.1", "", "merging:1", "merging:1")]),
        ("{ !none; !{ any; }; }", [("flipped", "1", "anyone", "", "0", "0")]),
        ("{ !192.0.2.1; 192.0.2.1; !{ 192.0.2.1; }; }", []),
        # A denial in a list that others admit behind it.
        ("{ partners; 10/8; 192.0.2.0/24; }",
         [("lost denial", "0", "192.0.2.9", "", "partners:0 2", "partners:0")]),
        ("{ 10/8; { !192.0.2.9; !192.0.2.10; 192.0.2.0/28; }; 192.0.2.9; 192.0.2.0/24; }",
         [("lost denial", "1", "192.0.2.9 and 192.0.2.10", "", "1.0 1.1 2", "1.0 1.1")]),
        ("{ { !2001:db8::/32; ::/0; }; 10/8; 2001:db8::/48; }",
         [("lost denial", "0", "2001:db8::/48", "", "0.0 2", "0.0")]),
        ("{ most; 10/8; }", [("lost denial", "0", "10.0.0.0/8", "", "most:0 1", "most:0")]),
        ("{ half; 10/8; }", []),
        ("{ partners; { !198.51.100.9; 198.51.100.0/28; }; 198.51.100.0/24; }",
         [("lost denial", "1", "198.51.100.9", "", "1.0 2", "1.0")]),
        # What admits them is what does so without a key.
        ("{ key k; localhost; partners; 10/8; 192.0.2.0/24; }",
         [("lost denial", "2", "192.0.2.9", "", "partners:0 4", "partners:0")]),
        # They are admitted anyway, though others are not.
        ("{ 192.0.2.9; { partners; 192.0.2.0/24; }; }", []),
        ("{ 192.0.2.9; { { 192.0.2.8; !192.0.2.8/31; }; 192.0.2.0/24; }; }", []),
        ("{ 192.0.2.9; partners; 192.0.2.0/28; }", []),
        ("{ 192.0.2.0/24; { !192.0.2.9; 192.0.2.0/28; }; }", []),
        ("{ !{ !192.0.2.9; 192.0.2.0/28; }; 192.0.2.0/24; }", []),
        ("{ { !{ !192.0.2.1; any; }; key k; }; 192.0.2.0/24; }", []),
        ("{ { 192.0.2.0/28; none; }; 192.0.2.0/24; }", []),
        ("{ partners; key k; }", []),
        ("{ { !localhost; 10/8; }; 10/8; }", []),
        # Denials behind what admits.
        ("{ 10/8; !10.0.0.66; none; !10.0.0.67; none; none; }",
         [("late denial", "1", "10.0.0.66", "", "0", ""), ("late denial", "3", "10.0.0.67", "", "0", "")]),
        ("{ key k1; key k2; !192.0.2.1; }", [("late denial", "2", "192.0.2.1", "k2", "1", "")]),
        ("{ key k1; 192.0.2.0/24; !192.0.2.1; }", [("late denial", "2", "192.0.2.1", "", "1", "")]),
        ("{ late; late; { late; }; }", [("late denial", "late:1", "10.0.0.66", "", "late:0", "")]),
        ("{ 10/8; !10.0.0.66; !late; }", [("late denial", "1", "10.0.0.66", "", "0", "")]),
        ("{ 10/8; none; }", []),
        ("{ any; !0.0.0.0/0; }", []),
        ("{ 10.0.0.66; none; late; }", []),
    ],
)  # fmt: skip
def test_what_a_fault_says(text: str, faults: list[tuple[str, ...]]) -> None:
    assert [whole(fault) for fault in found(text)] == faults


@pytest.mark.parametrize(
    ("text", "target", "equal", "manner"),
    [
        ("{ good; !bad; }", 0, True, None),
        # In front of what it turns, not merely nearer.
        ("{ 203.0.113.1; good; 203.0.113.2; !bad; }", 1, True, None),
        ("{ 192.0.2.1; 192.0.2.0/24; !bad; }", 0, True, None),
        ("{ 192.0.2.1; key k; !bad; }", 0, True, None),
        ("{ key k; 192.0.2.1; !bad; }", 1, True, "contradicted"),
        # There it denies more than it did.
        ("{ 10.0.0.1; good; 10.0.0.2; !{ 192.0.2.1; 10/8; }; }", 1, False, None),
    ],
)
def test_a_merged_denial_goes_in_front_of_what_it_turns(
    text: str, target: int, equal: bool, manner: str | None
) -> None:
    (fault,) = found(text)
    assert (fault.kind, fault.target, fault.equal, fault.manner) == ("flipped", target, equal, manner)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (f"{{ {A}; key k1; {B}; key k2; }}", ONE),
        (f"{{ key k3; {A}; key k1; {B}; key k2; }}", TWO),
        (f"{{ {A}; key k1; {B}; key k2; {C}; key k3; }}", THREE),
        (f"{{ {A}; key k1; {B}; key k2; {C}; }}", ((0, 1), (2, 3, 4))),
        (f"{{ {A}; key k1; key k3; {B}; key k2; }}", ((0, 1, 2), (3, 4))),
        (f"{{ 10.0.0.1; {AB}; key k1; key k2; }}", ((1, 2, 3),)),
        # A late denial that was to stop all but one.
        (f"{{ key k1; {A}; }}", ((1,),)),
        ("{ key k1; !192.0.2.1; }", ()),
    ],
)
def test_pairs_are_the_places_that_belong_together(text: str, pairs: tuple[tuple[int, ...], ...]) -> None:
    (fault,) = found(text)
    assert fault.pairs == pairs


def test_a_merging_denial_in_front_of_all_it_turns_is_no_fault(tmp_path: Path) -> None:
    conf = ACLS + 'zone "a" { type primary; file "a"; allow-transfer { good; 198.51.100.7; !bad; }; };\n'
    (finding,) = check(conf, tmp_path, "--select", MERGED).json["findings"]
    (fix,) = finding["fixes"]
    assert (fix["grade"], fix["snippet"]) == ("safe", "allow-transfer { !bad; good; 198.51.100.7; };")


def test_not_none_admits_everyone_until_a_denial_is_merged(tmp_path: Path) -> None:
    conf = 'zone "a" { type primary; file "a"; allow-transfer { !none; !{ any; }; }; };\n'
    ran = check(conf, tmp_path, "--select", MERGED)
    assert (ran.found, ran.json["problems"]) == ([(MERGED, 1, 60)], [])
    assert ran.json["findings"][0]["message"].startswith("nobody can transfer a although !none stands first")


def test_who_a_block_spares_need_not_be_a_set_of_addresses(tmp_path: Path) -> None:
    conf = KEYS + 'zone "a" { type primary; file "a"; allow-transfer { !{ !localhost; }; key k1; }; };\n'
    (finding,) = check(conf, tmp_path, "--select", ANY).json["findings"]
    assert "from any address, not only from those that it spares: " in finding["message"]


def test_more_than_a_hundred_elements_are_not_tried() -> None:
    inner = "{ 10/8; " + "".join(f"!192.0.2.{number}; " for number in range(98))
    assert [place for _, place, _ in faults("{ x; }", x=inner + "!10.0.0.66; }")] == [Place("x", (99,))]
    assert faults("{ x; }", x=inner + "!192.0.2.99; !10.0.0.66; }") == []


def test_keys_multiply_what_is_tried() -> None:
    """A hundred elements in thirty worlds are judged; with one world more they are not."""

    def late(keys: int) -> list[tuple[str, Place, str]]:
        others = "".join(f"192.0.2.{number}; " for number in range(98 - keys))
        text = "{ 10/8; !10.0.0.66; " + others + "".join(f"key k{number}; " for number in range(keys)) + "}"
        return faults(text)

    assert late(29) == [("late denial", Place(None, (1,)), "10.0.0.66")]
    assert late(30) == []


def test_explained_elements_are_those_of_one_list() -> None:
    given = (
        Fault("late denial", Place(None, (3,)), explains=(Place(None, (1, 0)), Place("x", (2,)))),
        Fault("late denial", Place("x", (0,))),
    )
    assert explained(given, None) == {(3,), (1, 0)}
    assert explained(given, "x") == {(2,), (0,)}
    assert explained(given, "y") == frozenset()


def test_reached_acls_are_all_that_are_defined() -> None:
    named = {"a": parse("{ C; A; none; }"), "b": parse("{ 10/8; }"), "c": parse("{ 10/8; }")}
    assert set(reached_acls(parse("{ !A; { 10/8; { b; }; }; nosuch; a; }"), named.get)) == {"a", "b", "c"}
    assert reached_acls(parse("{ 10/8; { any; }; nosuch; }"), named.get) == ()


@pytest.mark.parametrize(
    ("element", "spared"),
    [
        ("!{ !192.0.2.53; any; }", ("192.0.2.53",)),
        ("!notsec", ("192.0.2.1", "192.0.2.2")),
        ("!halved", ("112.0.0.0/4", "128.0.0.0/1")),
        ("!nearly", None),
        ("!{ 2000::/4; }", ("::/3", "3000::/4", "4000::/2", "8000::/1")),
        ("!{ 2000::/5; }", None),
        ("!{ any; }", None),
        ("{ !192.0.2.53; any; }", None),
        ("notsec", None),
        ("!0.0.0.0/1", None),
        ("!key k", None),
    ],
)
def test_whom_a_block_spares(element: str, spared: tuple[str, ...] | None) -> None:
    named = {name: parse(body) for name, body in ACLS_OF_FAULTS.items()}
    (only,) = parse(f"{{ {element}; }}").elements
    assert block_spares(only, named.get) == (None if spared is None else AddressSet.from_text(*spared))


def test_clients_are_whom_an_element_means() -> None:
    named = {name: parse(body) for name, body in ACLS_OF_FAULTS.items()}
    elements = parse("{ !192.0.2.1; !good; key k; localhost; }").elements
    assert [clients(each, named.get).words() for each in elements] == [
        "192.0.2.1",
        "192.0.2.1 and 192.0.2.2",
        "no one",
        "no one",
    ]
    assert clients(elements[2], named.get, World("k")) == AddressSet.everything()
    assert clients(elements[3], named.get, World(localhost=True)) == AddressSet.everything()


def test_prefixes_of_an_element_come_in_text_order() -> None:
    named = {
        "x": parse("{ !192.0.2.2; { !192.0.2.1; y; }; !Y; 10/8; any; key k; nosuch; 192.0.2.4; }"),
        "y": parse("{ 192.0.2.3; 192.0.2.2; X; }"),
    }
    (element,) = parse("{ !X; }").elements
    prefixes = prefixes_of(element, named.get, AddressSet.from_text("192.0.2.0/24"))
    assert [prefix.text for prefix in prefixes] == [f"192.0.2.{last}/32" for last in (2, 1, 3, 4)]


def test_what_undoes_a_denial_may_name_nobody() -> None:
    # `!none` admits everyone.
    assert faults("{ { !2001:db8::/32; }; !none; }") == [("lost denial", Place(None, (0,)), "2001:db8::/32")]


def test_nothing_is_said_of_lists_that_cannot_be_judged() -> None:
    assert faults("{ 10.0.0.0/8; !10.0.0.66; nosuch; }") == []
    assert faults("{ x; 10.0.0.0/8; !10.0.0.66; }", x="{ x; }") == []
    assert faults("{ 10.0.0.0/8; !10.0.0.66; !!192.0.2.1; }") == []


@settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_any_list_is_judged_and_explained_elements_are_of_it(rng: random.Random) -> None:
    acls = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    top = parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls)))
    found = find_faults(top, acls.get)
    for fault in found:
        for place in (fault.at, *fault.others, *fault.explains):
            _element(acls[place.acl] if place.acl is not None else top, place)
    spared = explained([fault for fault in found if fault.kind != "idle"], None)
    idle = [fault for fault in found if fault.kind == "idle"]
    assert not {fault.at.path for fault in idle} & spared
    _all_idle_ones_can_go(top, idle, acls)
    assert set(reached_acls(top, acls.get)) <= set(acls)


def _element(match_list: MatchList, place: Place) -> None:
    for at in place.path[:-1]:
        inner = match_list.elements[at].value
        assert isinstance(inner, MatchList)
        match_list = inner
    assert place.path[-1] < len(match_list.elements)


def _all_idle_ones_can_go(top: MatchList, idle: list[Fault], acls: dict[str, MatchList]) -> None:
    shorter = top
    for fault in idle:
        if fault.equal:
            at = fault.at.path[-1]
            shorter = edited(
                shorter,
                fault.at.path[:-1],
                lambda inner, at=at: inner._replace(  # type: ignore[misc]
                    elements=(*inner.elements[:at], GONE, *inner.elements[at + 1 :])
                ),
            )
    assert decisions(shorter, acls) == decisions(top, acls)


def test_taking_out_what_is_idle_is_safe(tmp_path: Path) -> None:
    conf = tmp_path / "named.conf"
    text = (
        "acl inside {\n    10.0.0.0/8;\n    10.0.0.5;    // the printer\n};\n"
        'zone "a" { type primary; file "a"; allow-transfer { 192.0.2.1; inside; 192.0.2.1; none; }; };\n'
    )
    conf.write_text(text)
    run("check", "--fix", "--select", IDLE, "--audience", "pedantic", conf)
    assert conf.read_text() == text.replace("    10.0.0.5;    // the printer", "    // the printer").replace(
        " 192.0.2.1; none;", " none;"
    )


def test_an_acl_that_others_use_is_not_edited_for_a_transfer(tmp_path: Path) -> None:
    acl = "acl x { 10.0.0.0/8; !10.0.0.66; };\n"
    zone = 'zone "a" { type primary; file "a"; allow-transfer { x; }; };\n'
    grades = []
    for more in ("", "options { allow-query { x; }; };\n", 'include "nosuch.conf";\n'):
        (finding,) = check(more + acl + zone, tmp_path, "--select", LATE).json["findings"]
        (fix,) = finding["fixes"]
        grades.append(fix["grade"])
        assert fix["snippet"] == "acl x { !10.0.0.66; 10.0.0.0/8; };"
    assert grades == ["unsafe", "display", "display"]


def test_who_is_kept_out_elsewhere_is_not_said_to_be_served(tmp_path: Path) -> None:
    zone = 'zone "a" { type primary; file "a"; allow-transfer { 10.0.0.0/8; !10.0.0.66; }; };\n'
    for text in (
        "options { blackhole { 10.0.0.66; }; };\n" + zone,
        f"view v {{ match-clients {{ !10.0.0.66; any; }};\n{zone}}};\n",
    ):
        assert check(text, tmp_path, "--select", LATE, "--audience", "auditor").found == []


def test_a_list_over_two_files_is_not_edited(tmp_path: Path) -> None:
    (tmp_path / "head.conf").write_text('zone "a" { type primary; file "a"; allow-transfer { 10.0.0.0/8;\n')
    text = 'include "head.conf";\n!10.0.0.66; }; };\n'
    ran = check(text, tmp_path, "--select", LATE)
    assert ran.found == [(LATE, 2, 1)]
    (fix,) = ran.json["findings"][0]["fixes"]
    assert (fix["grade"], fix["snippet"]) == ("display", "!10.0.0.66; 10.0.0.0/8")


def test_comments_in_a_list_are_never_dropped(tmp_path: Path) -> None:
    text = (
        KEYS + 'zone "a" { type primary; file "a"; allow-transfer {\n!{ !192.0.2.1; any; }; // one\nkey k1;\n'
        "!{ !192.0.2.2; any; }; // two\nkey k2; }; };\n"
    )
    (finding,) = check(text, tmp_path, "--select", PAIR).json["findings"]
    assert [(fix["grade"], fix["edits"]) for fix in finding["fixes"]] == [("display", [])]


def test_many_lists_cost_little(tmp_path: Path) -> None:
    lists = [
        "{ " + "".join(f"!10.{number}.{at}.1; 10.{number}.{at}.0/24; " for at in range(20)) + "key k1; }"
        for number in range(100)
    ]
    start = time.perf_counter()
    for text in lists:
        assert find_faults(parse(text), lambda name: None) == ()
    assert time.perf_counter() - start < 20  # 2 s on a slow machine


def test_doubling_acls_do_not_explode() -> None:
    doubling = {f"a{number}": f"{{ a{number + 1}; a{number + 1}; }}" for number in range(100)}
    doubling["a100"] = "{ 192.0.2.1; 192.0.2.2; }"
    found = faults("{ !{ !a0; any; }; key k1; key k2; }", **doubling)
    assert found == [("crossed pairs", Place(None, (0,)), "192.0.2.1 and 192.0.2.2")]
    late = faults("{ a0; !192.0.2.1; key k; }", **doubling)
    assert late == [("late denial", Place(None, (1,)), "192.0.2.1")]


def test_the_worst_list_is_judged_in_bounded_time() -> None:
    text = "{ 10/8; " + "".join(f"!10.0.0.{number}; " for number in range(99)) + "}"
    start = time.perf_counter()
    assert len(faults(text)) == 99
    assert time.perf_counter() - start < 20  # 1 s on a slow machine
    many = text.replace("}", "".join(f"key k{number}; " for number in range(500)) + "}")
    start = time.perf_counter()
    assert faults(many) == []
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("seed", (0, 1, 2, 4, 5, 6, 7, 11))
def test_safe_corrections_change_no_policy_together(seed: int) -> None:
    """Each list is proven alone; what becomes of several corrections in one round is another matter."""
    rng = random.Random(seed)
    universe = Universe(
        (
            "192.0.2.1",
            "192.0.2.2",
            "192.0.2.0/30",
            "192.0.2.0/24",
            "10/8",
            "::/0",
            "2001:db8::1",
            "127.0.0.1",
        ),
        ("k1", "k2", "k3"),
        4,
    )
    text = (
        KEYS + "".join(f"acl {name} {body};\n" for name, body in random_acls(rng, universe).items()) + OPTIONS
    )
    for number in range(4):
        body = random_list(rng, universe, range(4))
        text += f'zone z{number} {{ type primary; file "z"; allow-transfer {body}; }};\n'
    host = MemoryHost({"/a/named.conf": text.encode()}, cwd="/a")
    choice = Choice(("transfer-*",), (), "auditor")
    session = Session(host, Request(("/a/named.conf",), ReadOptions(), choice, mode="root"))
    fixed = fix_to_fixed_point({"/a/named.conf": text}, lambda files: session.run(files).outcome)
    before, after = session.run().roots, session.run(fixed.files).roots
    assert [summarise(root.config) for root in before] == [summarise(root.config) for root in after]
    assert fixed.applied


def uses_in(text: str) -> AclUses:
    options = ReadOptions(release=parse_release("9.18"))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    return AclUses(config, Lists(config))


USED = """
acl a { 10/8; B; };
acl b { 192.0.2.1; };
acl c { A; };
acl odd { 192.0.2.2; behind; };
acl behind { 192.0.2.3; };
acl unused { 10/8; b; };
acl allowed { 192.0.2.4; };
acl both { 192.0.2.5; };
controls { inet * allow { allowed; } keys { k; }; };
options { allow-query { C; }; allow-transfer { b; key k; }; sortlist { { odd; { odd; both; }; }; }; };
zone x { type primary; file "x"; allow-transfer { b; key k; }; allow-query { both; }; };
zone y { type primary; file "y"; allow-transfer { !{ b; }; nosuch; }; };
"""


def test_who_uses_an_acl() -> None:
    uses = uses_in(USED)
    found = {
        name: uses.of(name)
        for name in ("a", "b", "c", "unused", "nosuch", "odd", "behind", "allowed", "both")
    }
    said = {
        name: None if statements is None else [each.text for each in statements]
        for name, statements in found.items()
    }
    query, transfer = "allow-query { C; }", "allow-transfer { b; key k; }"
    assert {
        name: None if texts is None else [text.rstrip(";") for text in texts] for name, texts in said.items()
    } == {
        "a": [query],
        "b": [query, transfer, "allow-transfer { !{ b; }; nosuch; }"],
        "c": [query],
        "unused": [],
        "nosuch": None,
        # How deep it stands means something else there.
        "odd": None,
        "behind": None,
        "allowed": ["inet * allow { allowed; } keys { k; }"],
        "both": None,
    }
    assert [uses.only("allow-query", name) for name in ("a", "b", "unused", "odd")] == [
        True,
        False,
        True,
        False,
    ]
    assert uses.beside("b") == {"a", "c"}
    assert uses.beside("a") == {"b", "c"}
    assert uses.beside("unused") == uses.beside("odd") == frozenset()
    assert uses_in(USED + 'include "nosuch";').of("b") is None


IN_USE = 'zone z%s { type primary; file "z"; allow-transfer { x; %s }; };\n'


@pytest.mark.parametrize(
    ("text", "acl", "found"),
    [
        ("acl x { 10/8; 10.0.0.5; };" + IN_USE % (1, "192.0.2.1;"), "x", [(1,)]),
        ("acl x { 10/8; 10.0.0.5; };", "x", [(1,)]),
        ("acl x { 10/8; 192.0.2.1; };" + IN_USE % (1, ""), "x", []),
        # Merged into this list, it is what the denial turns.
        ("acl x { 10.0.0.5; 10/8; };", "x", [(0,)]),
        ("acl x { 10.0.0.5; 10/8; };" + IN_USE % (1, "!{ 10.0.0.5; };"), "x", []),
        ("acl x { 10/8; 10.0.0.5; };" + 'include "nosuch";', "x", []),
        ("acl x { 10/8; 10.0.0.5; }; options { sortlist { { x; }; }; };", "x", []),
        # Names of names: idle where the last of them means nobody.
        ("acl x { y; }; acl y { z; }; acl z { };", "x", [(0,)]),
        ("acl x { y; }; acl y { z; }; acl z { };", "y", [(0,)]),
        ("acl x { y; }; acl y { z; }; acl z { 192.0.2.1; };", "x", []),
        ("acl x { y; }; acl y { z; }; acl z { };" + IN_USE % (1, ""), "x", [(0,)]),
        ("acl x { y; }; acl y { nosuch; };", "x", []),
        ("acl x { y; }; acl y { x; };", "x", []),
        ("acl x { !y; }; acl y { 192.0.2.1; };", "x", [(0,)]),
        ("acl x { y; y; }; acl y { 192.0.2.1; };", "x", [(1,)]),
    ],
)
def test_what_is_idle_wherever_an_acl_is_used(text: str, acl: str, found: list[tuple[int, ...]]) -> None:
    assert [idle.path for idle in uses_in(text).idle(acl, ())] == found


def test_spared_elements_of_an_acl_are_not_tried() -> None:
    uses = uses_in("acl x { 10/8; 10.0.0.5; 10.0.0.6; };")
    assert [idle.path for idle in uses.idle("x", [(1,)])] == [(2,)]


def test_names_of_names_are_followed_in_any_order() -> None:
    text = "acl x { y; }; acl y { z; }; acl z { }; acl p { q; }; acl q { r; }; acl r { 192.0.2.1; };"
    for order in (("x", "y", "p", "q"), ("q", "p", "y", "x")):
        uses = uses_in(text)
        assert [bool(uses.idle(name, ())) for name in order] == [name in "xy" for name in order]


@pytest.mark.parametrize(("number", "found"), [(50, [(1,)]), (51, [])])
def test_fifty_uses_are_looked_at(number: int, found: list[tuple[int, ...]]) -> None:
    text = "acl x { 10/8; 10.0.0.5; };\n" + "".join(IN_USE % (at, f"192.0.2.{at};") for at in range(number))
    assert [idle.path for idle in uses_in(text).idle("x", ())] == found
