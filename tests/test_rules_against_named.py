"""What rules say of a list shows on a real named: the fault with the list as it is, and not with the corrected one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import dns.rcode
import pytest

from tests.audit_cli import check, run
from tests.bind_server import ZONE_FILE, Key, Request, options_block, running_named

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
K2 = Key("k2", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
A, B, C = "127.0.0.2", "127.0.0.3", "127.0.1.1"
"""Clients. B belongs to k2, A to k1; C is anybody."""


class Case(NamedTuple):
    """A list, the rule that it breaks, and for each client and key whether it is served before and after."""

    rule: str
    text: str
    served: dict[tuple[str, Key | None], tuple[bool, bool]]


YES, NO = (True, True), (False, False)
GAINED, LOST = (False, True), (True, False)

CASES = (
    Case(
        "transfer-and-without-any",
        f"{{ !{{ !{A}; }}; key k1; }}",
        {(A, K1): YES, (C, K1): LOST, (A, None): NO, (C, None): NO},
    ),
    Case("transfer-and-without-any", "{ !notsec; key k1; }", {(A, K1): YES, (C, K1): LOST, (A, None): NO}),
    Case(
        "transfer-secondary-excluded",
        f"{{ !{A}; key k1; }}",
        {(A, K1): GAINED, (C, K1): LOST, (A, None): NO, (C, None): NO},
    ),
    Case(
        "transfer-secondary-excluded",
        f"{{ !{A}; !{B}; key k1; key k2; }}",
        {(A, K1): GAINED, (B, K2): GAINED, (C, K1): LOST, (C, K2): LOST},
    ),
    Case(
        "transfer-unreachable-pair",
        f"{{ !{{ !{A}; any; }}; key k1; !{{ !{B}; any; }}; key k2; }}",
        {(A, K1): YES, (B, K2): GAINED, (A, K2): NO, (B, K1): NO, (C, K1): NO, (C, K2): NO, (A, None): NO},
    ),
    Case(
        "transfer-unreachable-pair",
        f"{{ !{{ !{A}; any; }}; !{{ !{B}; any; }}; key k1; }}",
        {(A, K1): GAINED, (B, K1): GAINED, (C, K1): NO, (A, K2): NO, (A, None): NO},
    ),
    Case(
        "transfer-crossed-pairs",
        f"{{ !{{ !{A}; !{B}; any; }}; key k1; key k2; }}",
        {(A, K1): YES, (B, K2): YES, (A, K2): LOST, (B, K1): LOST, (C, K1): NO},
    ),
    Case(
        "transfer-late-denial", f"{{ 127.0.0.0/24; !{A}; }}", {(A, None): LOST, (B, None): YES, (C, None): NO}
    ),
    Case(
        "transfer-late-denial",
        f"{{ key k1; 127.0.0.0/24; !{A}; }}",
        {(A, None): LOST, (A, K1): YES, (B, None): YES, (C, K1): YES},
    ),
    Case("transfer-late-denial", f"{{ key k1; !{{ !{A}; any; }}; }}", {(A, K1): YES, (C, K1): LOST}),
    Case("transfer-late-denial", f"{{ localnets; !{A}; }}", {(A, None): LOST, (B, None): YES}),
    Case(
        "transfer-lost-denial",
        f"{{ {{ !{A}; 127.0.0.0/28; }}; 127.0.0.0/24; }}",
        {(A, None): LOST, (B, None): YES, (C, None): NO},
    ),
    Case("transfer-lost-denial", "{ partners; 127.0.0.0/24; }", {(A, None): LOST, (B, None): YES}),
    Case("transfer-denied-by-merging", "{ good; !bad; }", {(A, None): NO, (B, None): YES, (C, None): NO}),
    Case("transfer-idle-element", "{ none; key k1; }", {(A, K1): NO, (A, None): NO}),
    Case(
        "transfer-idle-element",
        f"{{ 127.0.0.0/24; {A}; key k1; !{C}; key k1; none; }}",
        {(A, None): YES, (B, None): YES, (C, None): NO, (A, K1): YES, (C, K1): YES},
    ),
    Case("transfer-idle-element", f"{{ {A}; !{C}; }}", {(A, None): YES, (B, None): NO, (C, None): NO}),
)

COMMON = (
    K1.statement
    + K2.statement
    + f"acl good {{ {A}; {B}; }};\nacl bad {{ {A}; 10.0.0.1; }};\n"
    + f"acl notsec {{ !{A}; }};\nacl partners {{ !{A}; 127.0.0.0/28; }};\n"
    + f"server {A} {{ keys k1; }};\nserver {B} {{ keys k2; }};\n"
)


def zone(number: int, text: str) -> str:
    return f'zone "z{number}.example" {{ type primary; file "zone.db"; allow-transfer {text}; }};\n'


def answers(conf: str, directory: Path) -> list[bool]:
    """What named does with each request of each case."""
    requests = [
        Request(f"z{number}.example", source, key)
        for number, case in enumerate(CASES)
        for source, key in case.served
    ]
    with running_named(directory, conf, files={"zone.db": ZONE_FILE}) as server:
        codes = server.axfr_many(requests)
    assert set(codes) == {dns.rcode.NOERROR, dns.rcode.REFUSED}
    return [code == dns.rcode.NOERROR for code in codes]


def corrected(tmp_path: Path) -> str:
    """The configuration once each rule has been run for its own cases, and for no others."""
    lists: dict[str, str] = {}
    acls = COMMON
    for rule in dict.fromkeys(case.rule for case in CASES):
        own = [number for number, case in enumerate(CASES) if case.rule == rule]
        text = COMMON + options_block() + "".join(zone(number, CASES[number].text) for number in own)
        found = check(text, tmp_path, "--select", rule, "--audience", "pedantic")
        assert {name for name, _, _ in found.found} == {rule}
        assert {scope["zone"] for each in found.json["findings"] for scope in each["scopes"]} == {
            f"z{number}.example" for number in own
        }
        run(
            "check",
            "--fix",
            "--unsafe-fixes",
            "--select",
            rule,
            "--audience",
            "pedantic",
            tmp_path / "named.conf",
        )
        fixed = (tmp_path / "named.conf").read_text()
        for each in fixed.split("\nzone ")[1:]:
            lists[each.split('"')[1]] = f"zone {each}\n"
        for old in COMMON.splitlines():
            name = old.partition("{")[0]
            (line,) = [line for line in fixed.splitlines() if line.startswith(name)]
            acls = acls.replace(old, line)
    return acls + options_block() + "".join(lists[f"z{number}.example"] for number in range(len(CASES)))


@pytest.mark.proves(*(case.rule for case in CASES))
@pytest.mark.bind
def test_the_fault_shows_and_is_gone(tmp_path: Path) -> None:
    bad = COMMON + options_block() + "".join(zone(number, case.text) for number, case in enumerate(CASES))
    good = corrected(tmp_path)
    observed = list(zip(answers(bad, tmp_path / "bad"), answers(good, tmp_path / "good"), strict=True))
    expected = [served for case in CASES for served in case.served.values()]
    shown = [(case.text, source, key and key.name) for case in CASES for source, key in case.served]
    wrong = [
        (*what, f"expected {right}, named gave {was}")
        for what, right, was in zip(shown, expected, observed, strict=True)
        if right != was
    ]
    assert wrong == []


@pytest.mark.bind
def test_text_order_would_admit_what_merging_denies(tmp_path: Path) -> None:
    """The claim behind transfer-denied-by-merging: only the way the denial is written decides."""
    spelled = (
        "{ good; !bad; }",
        f"{{ good; !{A}; }}",
        "{ good; !{ 127.0.0.2/31; }; }",
        f"{{ good; !{{ {A}; none; }}; }}",
    )
    conf = COMMON + options_block() + "".join(zone(number, text) for number, text in enumerate(spelled))
    with running_named(tmp_path, conf, files={"zone.db": ZONE_FILE}) as server:
        assert [server.axfr(f"z{number}.example", A) for number in range(len(spelled))] == [
            False,
            True,
            True,
            True,
        ]


@pytest.mark.bind
def test_own_addresses_need_not_be_tried_for_loopback(tmp_path: Path) -> None:
    """127.0.0.1 is in localhost and in localnets here, so that either admits it; other servers differ, so no rule says so."""
    lists = ("{ localhost; }", "{ localnets; }", "{ !localhost; localnets; }")
    conf = COMMON + options_block() + "".join(zone(number, text) for number, text in enumerate(lists))
    with running_named(tmp_path, conf, files={"zone.db": ZONE_FILE}) as server:
        assert [server.axfr(f"z{number}.example", "127.0.0.1") for number in range(3)] == [True, True, False]
        assert [server.axfr(f"z{number}.example", A) for number in range(3)] == [False, True, True]
    text = 'zone "a" { type primary; file "a"; allow-transfer { localhost; 127.0.0.1; localnets; }; };\n'
    assert check(text, tmp_path, "--select", "transfer-idle-element", "--audience", "auditor").found == []
