"""Which definitions share a name, and which addresses a server block takes, held against named-checkconf."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path

import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.serverlist import expand
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, INCOMPLETE, check

CLOSED = "options { allow-transfer { none; }; };\n"
SECONDARY = 'zone "a" { type secondary; file "f"; primaries { pp; }; };\n'


def checkconf(path: Path) -> bool:
    """Whether named-checkconf takes a file."""
    return subprocess.run(["named-checkconf", path], capture_output=True, timeout=60).returncode == 0


@pytest.mark.bind
@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("primaries pp { 192.0.2.1; }; parental-agents pp { 192.0.2.2; };", None),
        ("primaries pp { 192.0.2.1; }; masters pp { 192.0.2.2; };", "server list 'pp' redefined"),
        ("masters pp { 192.0.2.1; }; masters PP { 192.0.2.2; };", "server list 'PP' redefined"),
        ("parental-agents pp { 192.0.2.1; }; parental-agents pp { ::1; };", "server list 'pp' redefined"),
    ],
)
def test_lists_of_one_name(text: str, refused: str | None, tmp_path: Path) -> None:
    ran = check(CLOSED + text, tmp_path, "--bind-version", "9.18")
    assert checkconf(tmp_path / "named.conf") == (refused is None)
    assert [problem["message"] for problem in ran.json["problems"]] == ([] if refused is None else [refused])
    assert ran.code == (CLEAN if refused is None else INCOMPLETE)


@pytest.mark.parametrize(
    ("release", "shared"),
    [
        (None, False), ("9.18", False), ("9.20.4", False), ("9.20.5", True), ("9.20", True),
        ("9.21.3", False), ("9.21.4", True),
    ],
)  # fmt: skip
def test_releases_in_which_all_lists_share_their_names(
    release: str | None, shared: bool, tmp_path: Path
) -> None:
    text = "primaries pp { 192.0.2.1; }; parental-agents pp { 192.0.2.2; };"
    given = ("--bind-version", release) if release else ()
    ran = check(CLOSED + text, tmp_path, "--ignore", "release-affected", *given)
    assert ran.code == (INCOMPLETE if shared else CLEAN)


@pytest.mark.parametrize(
    ("lists", "release", "expected"),
    [
        ("parental-agents pp { 192.0.2.2; };", "9.18", None),
        ("parental-agents pp { 192.0.2.2; };", "9.20.4", None),
        ("parental-agents pp { 192.0.2.2; };", "9.20.5", "192.0.2.2"),
        ("parental-agents pp { 192.0.2.2; };", None, "192.0.2.2"),
        ("parental-agents pp { 192.0.2.2; }; primaries pp { 192.0.2.1; };", "9.18", "192.0.2.1"),
        ("parental-agents pp { 192.0.2.2; }; primaries pp { 192.0.2.1; };", None, "192.0.2.1"),
    ],
)
def test_which_list_a_name_means(lists: str, release: str | None, expected: str | None) -> None:
    host = MemoryHost({"/named.conf": (lists + SECONDARY).encode()})
    config = load_config("/named.conf", host, ReadOptions(parse_release(release) if release else None))
    (zone,) = config.zones
    found = expand(zone.level.statements["primaries"], config)
    assert [server.address_text for server in found.servers] == ([expected] if expected else [])
    assert [entry.text for entry in found.undefined] == ([] if expected else ["pp"])


@pytest.mark.bind
@pytest.mark.parametrize("refused", [True, False])
def test_bind_keeps_the_lists_apart(refused: bool, tmp_path: Path) -> None:
    kind = "parental-agents" if refused else "primaries"
    (tmp_path / "named.conf").write_text(f"{kind} pp {{ 192.0.2.1; }};\n{SECONDARY}")
    assert checkconf(tmp_path / "named.conf") != refused


def children_seconds() -> float:
    """Processor time of the programs that were run."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def servers_of(lists: str, entry: str) -> tuple[list[tuple[str, int | None, str | None]], list[str]]:
    """Address, port and list of the servers of a zone, and the names that are not defined."""
    zone = f'zone "a" {{ type secondary; file "f"; primaries {{ {entry} }}; }};'
    config = load_config("/named.conf", MemoryHost({"/named.conf": (lists + zone).encode()}), ReadOptions())
    (found,) = config.zones
    expanded = expand(found.level.statements["primaries"], config)
    servers = [(server.address_text, server.port, server.via) for server in expanded.servers]
    return servers, [entry.text for entry in expanded.undefined]


@pytest.mark.parametrize(
    ("lists", "entry", "servers", "undefined"),
    [
        ("primaries a { b; }; primaries b { ::1; };", "a;", [("::1", None, "b")], []),
        ("primaries a { b; }; primaries b { ::1; };", "a; b; a;", [("::1", None, "b")], []),
        ("primaries a { b; }; primaries b { ::1; };", "b; ::2; a;", [("::1", None, "b"), ("::2", None, None)], []),
        ("primaries a port 5 { b; }; primaries b { ::1; };", "a;", [("::1", 5, "b")], []),
        ("primaries a port 0x35 { ::1; }; primaries b port 065 { ::2; };", "a; b;", [("::1", 53, "a"), ("::2", 53, "b")], []),
        ("primaries a { b; c; }; primaries b { c; }; primaries c { ::1; };", "a;", [("::1", None, "c")], []),
        ("primaries a { b; }; primaries b { a; };", "a; ::1;", [("::1", None, None)], []),
        ("primaries a { a; };", "a; a;", [], []),
        ("primaries a { b; }; primaries b { c; };", "a;", [], ["c"]),
        ("primaries z { a; }; primaries a { b; }; primaries b { c; }; primaries c { b; };", "z;", [], []),
    ],
)  # fmt: skip
def test_lists_of_lists(
    lists: str, entry: str, servers: list[tuple[str, int | None, str | None]], undefined: list[str]
) -> None:
    assert servers_of(lists, entry) == (servers, undefined)


def test_a_long_chain_of_lists_that_every_zone_uses(tmp_path: Path) -> None:
    count = 3000
    lists = [f"primaries p{n} {{ p{n + 1}; }};" for n in range(count)]
    zones = [f'zone "{n}" {{ type secondary; file "{n}"; primaries {{ p{n}; }}; }};' for n in range(count)]
    text = CLOSED + "\n".join([*lists, f"primaries p{count} {{ 192.0.2.1; }};", *zones])
    started = children_seconds()
    ran = check(text, tmp_path)
    assert children_seconds() - started < 15
    assert [finding["scope_count"] for finding in ran.json["findings"]] == [count]


PREFIXES = {
    "192.0.2.1": None,
    "10/8": None,
    "192.0.2.1/032": None,
    "2001:db8::/32": None,
    "192.0.2.1/24": "server: '192.0.2.1/24': address/prefix length mismatch",
    "192.0.2.1 / 33": "server: invalid prefix length '33'",
    "2001:db8::1/129": "server: invalid prefix length '129'",
    "10": "server: incomplete IPv4 address or prefix",
    "10.1": "server: incomplete IPv4 address or prefix",
    "10.1/8": "server: '10.1.0.0/8': address/prefix length mismatch",
    "300.1.1.1": "server: expected an address or prefix; found '300.1.1.1'",
    "192.0.2.1/x": "server: expected a prefix length; found 'x'",
}


@pytest.mark.bind
@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("around", ["{}", 'view "v" {{ {} }};'])
def test_addresses_of_servers(around: str, prefix: str, tmp_path: Path) -> None:
    text = CLOSED + around.format(f"server {prefix} {{ bogus yes; }};")
    ran = check(text, tmp_path, "--bind-version", "9.18")
    message = PREFIXES[prefix]
    assert checkconf(tmp_path / "named.conf") == (message is None)
    assert [problem["message"] for problem in ran.json["problems"]] == ([message] if message else [])
    assert ran.code == (INCOMPLETE if message else CLEAN)
