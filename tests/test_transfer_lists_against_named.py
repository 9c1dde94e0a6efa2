"""What rules say of lists that replace others, and of elements that are not what they look like, shows on a real named."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import dns.rcode
import pytest

from tests.audit_cli import check
from tests.bind_server import ZONE_FILE, Key, Request, StartError, options_block, running_named

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
K2 = Key("k2", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
OWN, A, B, C = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.1.1"
"""Clients. OWN is the server's own address, A belongs to k1, B to k2; C is anybody."""

YES, NO = (True, True), (False, False)
GAINED, LOST = (False, True), (True, False)


class Case(NamedTuple):
    """A zone's list, the rule that it breaks, and for each client and key whether it is served before and after."""

    rule: str
    text: str
    served: dict[tuple[str, Key | None], tuple[bool, bool]]
    more: str = ""
    """Other statements of the zone."""


TOLD = f"notify explicit; also-notify port 10053 {{ {A} key k1; {B} key k2; }};"

CASES = (
    Case(
        "transfer-redundant-override",
        f"{{ !{{ !{A}; any; }}; key k1; }}",
        {(A, K1): YES, (C, K1): NO, (A, None): NO, (C, None): NO},
    ),
    Case("transfer-empty-list", "{ }", {(A, K1): NO, (A, None): NO, (OWN, None): NO}),
    Case(
        "transfer-override-wider",
        "{ key k1; }",
        {(A, K1): YES, (C, K1): LOST, (B, K1): LOST, (C, None): NO},
    ),
    Case(
        "transfer-override-drops-peer",
        "{ key k2; }",
        {(A, K1): GAINED, (B, K2): YES, (A, None): NO, (C, None): NO},
        TOLD,
    ),
    Case("transfer-mapped-address", f"{{ ::ffff:{A}; }}", {(A, None): GAINED, (B, None): NO}),
    Case("transfer-mapped-address", "{ ::ffff:7f00:0/127; }", {(OWN, None): GAINED, (B, None): NO}),
    Case(
        "transfer-mapped-address",
        f"{{ !::ffff:{A}; 127.0.0.0/24; }}",
        {(A, None): LOST, (B, None): YES, (C, None): NO},
    ),
    Case(
        "transfer-mapped-address",
        f"{{ !{{ !::ffff:{A}; any; }}; key k1; }}",
        {(A, K1): GAINED, (C, K1): NO, (A, None): NO},
    ),
    Case("transfer-localhost", "{ localhost; key k1; }", {(OWN, None): LOST, (OWN, K1): YES, (A, K1): YES}),
    Case("transfer-localhost", "{ 127.0.0.1; ::1; }", {(OWN, None): LOST, (A, None): NO}),
    Case("transfer-placeholder-address", "{ 0.0.0.0; }", {(OWN, None): NO, (A, None): NO}),
    Case("transfer-name-like-address", f'{{ "{A}"; }}', {(A, None): GAINED, (B, None): LOST}),
)

COMMON = (
    K1.statement
    + K2.statement
    + f'acl "{A}" {{ {B}; }};\n'
    + options_block(f"allow-transfer {{ !{{ !{A}; any; }}; key k1; }};\n")
)


def zone(number: int) -> str:
    case = CASES[number]
    head = f'zone "z{number}.example" {{\n\ttype primary; file "zone.db"; {case.more}\n'
    return f"{head}\tallow-transfer {case.text};\n}};\n"


BAD = COMMON + "".join(zone(number) for number in range(len(CASES)))


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
    """The configuration with the first correction of each case's own rule, made as a person would who pastes it."""
    rules = ",".join(dict.fromkeys(case.rule for case in CASES))
    lines = BAD.splitlines()
    done: set[tuple[str, str]] = set()
    for finding in check(BAD, tmp_path, "--select", rules, "--audience", "auditor").json["findings"]:
        (name,) = {scope["zone"] for scope in finding["scopes"]}
        number = int(name.removeprefix("z").removesuffix(".example"))
        if finding["rule"] != CASES[number].rule:
            continue
        done.add((name, finding["rule"]))
        at = finding["start"]["line"] - 1
        edits = finding["fixes"][0]["edits"]
        lines[at] = _edited(lines[at], edits) if edits else f"\t{finding['fixes'][0]['snippet']}"
    # 0.0.0.0 lets nobody in; what to put in its place is not in the file.
    assert done == {(f"z{number}.example", case.rule) for number, case in enumerate(CASES)}
    return "\n".join(lines) + "\n"


def _edited(line: str, edits: list[dict[str, Any]]) -> str:
    for edit in sorted(edits, key=lambda edit: edit["start"]["column"], reverse=True):
        line = line[: edit["start"]["column"] - 1] + edit["text"] + line[edit["end"]["column"] - 1 :]
    return line


# What should stand in the place of 0.0.0.0 is not in the file, so that only the fault shows.
@pytest.mark.proves(*({case.rule for case in CASES} - {"transfer-placeholder-address"}))
@pytest.mark.bind
def test_the_fault_shows_and_is_gone(tmp_path: Path) -> None:
    good = corrected(tmp_path)
    # The key of the snippet that has yet to be made.
    good = K2.statement.replace("k2", "transfer-key") + good
    observed = list(zip(answers(BAD, tmp_path / "bad"), answers(good, tmp_path / "good"), strict=True))
    expected = [served for case in CASES for served in case.served.values()]
    shown = [(case.text, source, key and key.name) for case in CASES for source, key in case.served]
    wrong = [
        (*what, f"expected {right}, named gave {was}")
        for what, right, was in zip(shown, expected, observed, strict=True)
        if right != was
    ]
    assert wrong == []


@pytest.mark.bind
def test_the_option_for_mapped_addresses_makes_no_difference(tmp_path: Path) -> None:
    conf = BAD.replace("options {\n", "options {\n\tmatch-mapped-addresses yes;\n")
    assert conf != BAD
    assert answers(conf, tmp_path) == [before for case in CASES for before, _ in case.served.values()]


@pytest.mark.bind
@pytest.mark.parametrize("name", ["192.168.001.1", '"192.0.2.1"', "192.0.2.300", "ns2.example.com"])
def test_a_name_without_an_acl_stops_named_only_where_it_is_used(name: str, tmp_path: Path) -> None:
    unused = f"acl spare {{ {name}; }};\n" + options_block()
    with running_named(tmp_path / "unused", unused):
        pass
    used = unused + f'zone "a.example" {{ type primary; file "zone.db"; allow-transfer {{ {name}; }}; }};\n'
    shown = name.strip('"')
    with pytest.raises(StartError, match=f"undefined ACL '{shown}'"), running_named(tmp_path / "used", used):
        pass
    found = check(unused, tmp_path, "--select", "transfer-name-like-address", "--audience", "pedantic")
    assert found.found == [("transfer-name-like-address", 1, 13)]
    assert check(used, tmp_path).json["complete"] is False


@pytest.mark.proves("transfer-open-to-new-zones")
@pytest.mark.bind
def test_the_next_zone_is_served_to_anyone_and_then_to_nobody(tmp_path: Path) -> None:
    """transfer-open-to-new-zones: what there is stays as it is, and a zone without a list is open or closed."""
    old = 'zone "old.example" { type primary; file "zone.db"; allow-transfer { key k1; }; };\n'
    new = 'zone "new.example" { type primary; file "zone.db"; };\n'
    # It is said of a server that others reach; here it listens on loopback.
    listen = "listen-on { any; };"
    bad = K1.statement + options_block("allow-transfer { any; };\n", listen="any;") + old
    ran = check(bad, tmp_path, "--select", "transfer-open-to-new-zones", "--audience", "pedantic", "--fix")
    good = (tmp_path / "named.conf").read_text()
    assert (ran.json["findings"], good) == (
        [],
        bad.replace("allow-transfer { any; };", "allow-transfer { none; };"),
    )
    observed = []
    for number, text in enumerate((bad, good)):
        conf = text.replace(listen, "listen-on { 127.0.0.1; };")
        with running_named(tmp_path / str(number), conf + new, files={"zone.db": ZONE_FILE}) as server:
            observed.append(
                (
                    server.axfr("new.example", C),
                    server.axfr("old.example", A, K1),
                    server.axfr("old.example", C),
                )
            )
    assert observed == [(True, True, False), (False, True, False)]
