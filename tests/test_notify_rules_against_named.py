"""What the rules about NOTIFY say that named does, and what it does once they have corrected it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.audit_cli import run as audit
from tests.bind_server import ZONE_FILE, Received, options_block, running_named
from tests.test_notify_against_named import KEYS, OPTIONS, OWN, Case, run, zone_statement, zone_text

PORTS = {"PORT": 61001, "TLS": 61002, "ONE": 61003, "TWO": 61004, "CONTROL": 61005}
"""What stands for the ports while named-audit reads the file; the real ones are found when named starts."""

HEAD = (
    "".join(key.statement for key in KEYS)
    + "tls t { };\n"
    + "server 127.0.0.15 { keys entry; notify-source 127.0.0.41; };\n"
    + OPTIONS.replace("@MORE@", "also-notify { 127.0.0.13 key other; };\n\tallow-transfer { none; };")
)


class Fault(NamedTuple):
    """A zone with a fault: the rule that finds it, and the (address, port, key) told before and after the correction."""

    rule: str
    case: Case
    before: set[tuple[str, str, str | None]]
    after: set[tuple[str, str, str | None]]


FAULTS = {
    "off.example": Fault(
        "notify-nobody",
        Case("", "allow-transfer { key entry; }; also-notify { 127.0.0.11 key entry; }; notify no;"),
        set(),
        {("127.0.0.11", "PORT", "entry")},
    ),
    "chain.example": Fault(
        "notify-nobody",
        Case(
            "",
            "allow-transfer { key entry; }; masterfile-format text; also-notify { 127.0.0.11 key entry; }; "
            "notify primary-only;",
            "secondary",
        ),
        set(),
        {("127.0.0.11", "PORT", "entry")},
    ),
    "tls.example": Fault(
        "notify-tls-ignored",
        Case(
            "", "allow-transfer { key entry; }; notify explicit; also-notify { 127.0.0.12 key entry tls t; };"
        ),
        {("127.0.0.12", "TLS", "entry")},
        {("127.0.0.12", "PORT", "entry")},
    ),
    "replaced.example": Fault(
        "notify-incomplete",
        Case(
            "",
            "allow-transfer { key entry; key other; }; notify explicit; also-notify { 127.0.0.14 key entry; };",
        ),
        {("127.0.0.14", "PORT", "entry")},
        {("127.0.0.14", "PORT", "entry"), ("127.0.0.13", "PORT", "other")},
    ),
    "block.example": Fault(
        "notify-server-block-ignored",
        Case("", "allow-transfer { key entry; }; notify explicit; also-notify { 127.0.0.15 key entry; };"),
        {("127.0.0.15", "PORT", "entry")},
        {("127.0.0.15", "PORT", "entry")},
    ),
    "unsigned.example": Fault(
        "notify-unsigned",
        Case("", "allow-transfer { key entry; }; notify explicit; also-notify { 127.0.0.18; };"),
        {("127.0.0.18", "PORT", None)},
        {("127.0.0.18", "PORT", "entry")},
    ),
    "mname.example": Fault(
        "notify-skips-primary",
        Case(
            "",
            "allow-transfer { 127.0.0.22; 127.0.0.17; }; also-notify { 127.0.0.17; };",
            servers={"ns2": "127.0.0.17"},
        ),
        {("127.0.0.17", "PORT", None)},
        {("127.0.0.17", "PORT", None), ("127.0.0.22", "PORT", None)},
    ),
    "twice.example": Fault(
        "notify-ns-unsigned",
        Case(
            "",
            "allow-transfer { key entry; }; also-notify { 127.0.0.16 key entry; }; notify yes;",
            servers={"ns2": "127.0.0.16"},
        ),
        {("127.0.0.16", "PORT", "entry"), ("127.0.0.16", "PORT", None)},
        {("127.0.0.16", "PORT", "entry")},
    ),
    "16.172.in-addr.arpa": Fault(
        "notify-global-list",
        Case("", "allow-transfer { key other; };"),
        {("127.0.0.13", "PORT", "other")},
        set(),
    ),
}
"""Some are secondaries whose primary does not answer: they have a file, and notify when they have loaded it."""


class Served(NamedTuple):
    """What came from a server that runs with the faults, and from one that runs without."""

    before: list[Received]
    after: list[Received]
    found: set[tuple[str, str]]
    """(rule, zone) of each finding in the file with the faults."""


def public(text: str) -> str:
    """The stand-ins' addresses as ones that are no loopback addresses, which say nothing to the rules."""
    return re.sub(r"127\.0\.0\.(?=[1-4]\d\b)", "192.0.2.", text)


def local(text: str) -> str:
    """Back again."""
    return text.replace("192.0.2.", "127.0.0.")


def correct(conf: str, folder: Path) -> tuple[str, set[tuple[str, str]]]:
    """The configuration once every rule here has been run, and what they found."""
    for name, number in PORTS.items():
        conf = conf.replace(f"@{name}@", str(number))
    path = folder / "named.conf"
    folder.mkdir()
    path.write_text(public(conf))
    for name, fault in FAULTS.items():
        (folder / f"{name}.db").write_text(public(zone_text(fault.case.servers)))
    rules = ",".join(dict.fromkeys(fault.rule for fault in FAULTS.values()))
    common = ("check", path, "--bind-version", "9.18", "--audience", "pedantic", "--select", rules)
    report = audit(*common, "--format", "json").json
    found = {(each["rule"], scope["zone"]) for each in report["findings"] for scope in each["scopes"]}
    for each in report["findings"]:
        (fix,) = each["fixes"]
        assert (fix["grade"] == "display") == (
            each["rule"] in ("notify-ns-unsigned", "notify-global-list")
        ), fix
    audit(*common, "--fix", "--unsafe-fixes")
    fixed = path.read_text()
    # What is for show is put in by hand, as it is shown.
    shown = {each["rule"]: each["fixes"][0]["snippet"] for each in report["findings"]}
    assert shown["notify-ns-unsigned"].startswith("notify explicit;\n")
    fixed = fixed.replace("notify yes;", "notify explicit;")
    assert "    notify no;" in shown["notify-global-list"]
    fixed = fixed.replace("allow-transfer { key other; };", "allow-transfer { key other; }; notify no;")
    for name, number in PORTS.items():
        fixed = fixed.replace(str(number), f"@{name}@")
    return local(fixed), found


def seen(received: list[Received], zone: str, ports: Mapping[int, str]) -> set[tuple[str, str, str | None]]:
    """What came for a zone."""
    return {(each.address, ports[each.port], each.key) for each in received if each.zone == zone}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two servers, one after the other."""
    folder = tmp_path_factory.mktemp("notify-rules")
    zones = {name: fault.case for name, fault in FAULTS.items()}
    conf = HEAD + "".join(zone_statement(name, case) for name, case in zones.items())
    fixed, found = correct(conf, folder / "audited")
    before = run(folder / "before", conf + "@SENTINEL@", zones)
    after = run(folder / "after", fixed + "@SENTINEL@", zones)
    yield Served(before.received, after.received, found)


def ports_of(received: list[Received]) -> dict[int, str]:
    """The names of the ports, by what is told at a port of which nobody says anything, and by the only other one."""
    (plain,) = {each.port for each in received if each.address == "127.0.0.17"}
    return {each.port: "PORT" if each.port == plain else "TLS" for each in received}


@pytest.mark.proves(*(fault.rule for fault in FAULTS.values()))
@pytest.mark.bind
@pytest.mark.parametrize("zone", FAULTS)
def test_the_fault_shows_and_is_gone(zone: str, served: Served) -> None:
    fault = FAULTS[zone]
    assert (fault.rule, zone) in served.found
    assert seen(served.before, zone, ports_of(served.before)) == fault.before
    assert seen(served.after, zone, ports_of(served.after)) == fault.after


@pytest.mark.bind
def test_each_zone_has_its_own_fault_only(served: Served) -> None:
    assert served.found == {(fault.rule, zone) for zone, fault in FAULTS.items()}


@pytest.mark.bind
def test_the_block_of_the_address_is_not_looked_at(served: Served) -> None:
    """Only the first before: later ones may find the block by chance, in memory that held the address before."""
    before = [each.source for each in served.before if each.zone == "block.example"]
    after = {each.source for each in served.after if each.zone == "block.example"}
    assert before[0] == OWN
    assert after == {"127.0.0.41"}


@pytest.mark.proves("notify-without-transfer")
@pytest.mark.bind
def test_who_is_told_and_refused_is_served_afterwards(tmp_path: Path) -> None:
    """notify-without-transfer, with the key that the NOTIFY is signed with; nobody else is let in."""
    key = KEYS[0]
    text = (
        key.statement
        + options_block()
        + (
            'zone "z.example" { type primary; file "z"; allow-transfer { none; }; notify explicit; '
            "also-notify { 192.0.2.53 key entry; }; };\n"
        )
    )
    fixed = tmp_path / "named.conf"
    fixed.write_text(text)
    audit("check", fixed, "--select", "notify-without-transfer", "--fix", "--unsafe-fixes")
    for number, (conf, served) in enumerate(((text, False), (fixed.read_text(), True))):
        with running_named(tmp_path / str(number), conf, files={"z": ZONE_FILE}) as server:
            assert server.axfr("z.example", "127.0.0.2", key) is served
            assert server.axfr("z.example", "127.0.0.2") is False
            assert ("zone transfer 'z.example/AXFR/IN' denied" in server.log) is True


@pytest.mark.bind
def test_an_unsigned_entry_that_repeats_an_ns_address_is_not_told_twice(tmp_path: Path) -> None:
    """Why no rule reports it: BIND sends one message, at the start and when asked."""
    zones = {"z.example": Case("", "also-notify { 127.0.0.11; };", servers={"ns2": "127.0.0.11"})}
    conf = "".join(key.statement for key in KEYS) + OPTIONS.replace("@MORE@", "")
    conf += "".join(zone_statement(name, case) for name, case in zones.items())
    received = run(tmp_path, conf + "@SENTINEL@", zones).received
    assert {(each.address, each.key) for each in received} == {("127.0.0.11", None)}
    assert len(received) <= 2
