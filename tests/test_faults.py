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
from named_audit.model.matchlist import MatchList
from named_audit.policy.effects import GONE, edited
from named_audit.policy.faults import Fault, Place, explained, find_faults, reached_acls
from named_audit.policy.summary import summarise
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
