"""What rules say of views and transports shows on a real named: with the fault, and not with the correction."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

import dns.rcode
import pytest

from tests.audit_cli import check, run
from tests.bind_server import ZONE_FILE, Key, Request, Server, free_port, options_block, running_named

BOTH = Key("both", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
INT = Key("int", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
EXT = Key("ext", "q1w5E9Xn8oC3vYkZb7mLr2TtHsUdPfGaJ0iNeKxVy4Q=")
OWN = Key("own", "Z9w5E9Xn8oC3vYkZb7mLr2TtHsUdPfGaJ0iNeKxVy4Q=")
INSIDE, PARTNER, OUTSIDE = "127.0.0.2", "127.0.0.200", "127.0.1.1"
LISTEN = "127.0.0.1; 192.0.2.1;"
"""What listens on loopback alone is for the auditor audience; an address that is not there named passes over."""

BADKEY = 17
INTERNAL, EXTERNAL, PARTNERS = 1, 2, 3
"""The serials of the versions of a zone."""

FILES = {
    f"{serial}.db": ZONE_FILE.replace(" 1 3600", f" {serial} 3600")
    for serial in (INTERNAL, EXTERNAL, PARTNERS)
}


def zone(serial: int, rest: str, name: str = "a.example") -> str:
    return f'zone "{name}" {{ type primary; file "{serial}.db"; {rest} }};\n'


class Case(NamedTuple):
    """A configuration with a fault that a rule finds, one without, and what each request gets from both.

    A request is (client, key); what it gets is the serial of the version, or None where it is refused, or a TSIG error.
    """

    rule: str
    bad: str
    good: str
    gets: dict[tuple[str, Key | None], tuple[int | str | None, int | str | None]]


KEYS = INT.statement + EXT.statement
CASES = (
    Case(
        "view-unreachable-with-key",
        BOTH.statement
        + f"view internal {{ match-clients {{ 127.0.0.0/24; key both; }}; {zone(1, 'allow-transfer { key both; };')} }};\n"
        + f"view external {{ {zone(2, 'allow-transfer { key both; };')} }};\n",
        KEYS
        + "view internal { match-clients { !key ext; key int; 127.0.0.0/24; }; "
        + f"{zone(1, 'allow-transfer { key int; };')} }};\n"
        + f"view external {{ {zone(2, 'allow-transfer { key ext; };')} }};\n",
        {
            # The public secondary got the internal version, from anywhere.
            (OUTSIDE, BOTH): (INTERNAL, "BADKEY"),
            (OUTSIDE, EXT): ("BADKEY", EXTERNAL),
            (INSIDE, EXT): ("BADKEY", EXTERNAL),
            (OUTSIDE, INT): ("BADKEY", INTERNAL),
            (OUTSIDE, None): (None, None),
        },
    ),
    Case(
        "view-unreachable-with-key",
        f"view internal {{ match-clients {{ 127.0.0.0/24; }}; {zone(1, 'allow-transfer { none; };')} }};\n"
        f"view partner {{ match-clients {{ 127.0.0.128/25; }}; {OWN.statement} "
        f"{zone(3, 'allow-transfer { key own; };')} }};\n",
        OWN.statement
        + "view internal { match-clients { !key own; 127.0.0.0/24; }; "
        + f"{zone(1, 'allow-transfer { none; };')} }};\n"
        + f"view partner {{ match-clients {{ key own; }}; {zone(3, 'allow-transfer { key own; };')} }};\n",
        {(PARTNER, OWN): ("BADKEY", PARTNERS), (PARTNER, None): (None, None), (INSIDE, None): (None, None)},
    ),
    Case(
        "view-opened-by-key",
        KEYS
        + f"view internal {{ match-clients {{ 127.0.0.0/24; key ext; }}; {zone(1, 'allow-transfer { any; };')} }};\n"
        + f"view external {{ {zone(2, 'allow-transfer { key ext; };')} }};\n",
        KEYS
        + "view internal { match-clients { !key ext; key int; 127.0.0.0/24; }; "
        + f"{zone(1, 'allow-transfer { key int; };')} }};\n"
        + f"view external {{ {zone(2, 'allow-transfer { key ext; };')} }};\n",
        {
            (OUTSIDE, EXT): (INTERNAL, EXTERNAL),
            (OUTSIDE, INT): (None, INTERNAL),
            (INSIDE, None): (INTERNAL, None),
            (OUTSIDE, None): (None, None),
        },
    ),
    Case(
        "view-in-view-list-ignored",
        f"view internal {{ match-clients {{ 127.0.0.0/24; }}; allow-transfer {{ any; }}; {zone(1, '')} }};\n"
        'view external { allow-transfer { none; }; zone "a.example" { in-view internal; }; };\n',
        f"view internal {{ match-clients {{ 127.0.0.0/24; }}; {zone(1, 'allow-transfer { none; };')} }};\n"
        'view external { allow-transfer { none; }; zone "a.example" { in-view internal; }; };\n',
        {(OUTSIDE, None): (INTERNAL, None), (INSIDE, None): (INTERNAL, None)},
    ),
)


def got(server: Server, requests: list[tuple[str, Key | None]]) -> list[int | str | None]:
    replies = server.replies([Request("a.example", source, key) for source, key in requests])
    found: list[int | str | None] = []
    for reply in replies:
        assert reply is not None
        if reply.rcode == dns.rcode.NOTAUTH and reply.tsig_error == BADKEY:
            found.append("BADKEY")
        else:
            assert reply.rcode in (dns.rcode.NOERROR, dns.rcode.REFUSED)
            found.append(reply.serial)
    return found


@pytest.mark.proves(*(case.rule for case in CASES))
@pytest.mark.bind
@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{number}" for number, case in enumerate(CASES)])
def test_what_views_give_away(case: Case, tmp_path: Path) -> None:
    observed: list[list[int | str | None]] = []
    for number, text in enumerate((case.bad, case.good)):
        text = options_block(listen=LISTEN) + text
        found = check(text, tmp_path, "--bind-version", "9.18", "--select", case.rule).found
        assert {name for name, _, _ in found} == ({case.rule} if number == 0 else set())
        with running_named(tmp_path / str(number), text, files=FILES) as server:
            observed.append(got(server, list(case.gets)))
    assert list(zip(*observed, strict=True)) == list(case.gets.values())


def over_tls(port: int, name: str, key: Key) -> bool:
    """Whether dig gets a zone over TLS."""
    dig = shutil.which("dig")
    assert dig is not None
    ran = subprocess.run(
        [
            dig,
            "+tls",
            "+time=5",
            "+tries=1",
            "-p",
            str(port),
            "-y",
            f"{key.algorithm}:{key.name}:{key.secret}",
            "@127.0.0.1",
            name,
            "AXFR",
        ],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert "SOA" in ran.stdout or "Transfer failed" in ran.stdout, ran.stdout + ran.stderr
    return "SOA" in ran.stdout


@pytest.mark.proves("transfer-without-listener")
@pytest.mark.bind
def test_nobody_listens_where_the_list_lets_in(tmp_path: Path) -> None:
    """transfer-without-listener: refused with the right key; with the listener that it proposes, served there only."""
    port = free_port("127.0.0.1")
    zones = zone(1, "allow-transfer transport tls { key int; };", "tls.example") + zone(
        2, f"allow-transfer port {port} {{ key int; }};", "port.example"
    )
    bad = options_block() + INT.statement + zones
    good = options_block(f"\tlisten-on port {port} tls ephemeral {{ 127.0.0.1; }};\n") + INT.statement + zones
    found = check(bad, tmp_path, "--select", "transfer-without-listener")
    assert [each["scopes"][0]["zone"] for each in found.json["findings"]] == ["tls.example", "port.example"]
    assert check(good, tmp_path, "--select", "transfer-without-listener").found == []
    requests = [Request(name, INSIDE, INT) for name in ("tls.example", "port.example")]
    with running_named(tmp_path / "bad", bad, files=FILES) as server:
        assert server.axfr_many(requests) == [dns.rcode.REFUSED] * 2
        for name in ("tls.example", "port.example"):
            assert f"zone transfer '{name}/AXFR/IN' denied" in server.log
    with running_named(tmp_path / "good", good, files=FILES) as server:
        assert server.axfr_many(requests) == [dns.rcode.REFUSED] * 2
        assert over_tls(port, "tls.example", INT)
        assert over_tls(port, "port.example", INT)


@pytest.mark.proves("transfer-plain-beside-tls")
@pytest.mark.bind
def test_in_the_clear_beside_tls(tmp_path: Path) -> None:
    """transfer-plain-beside-tls: served over TCP too; with its correction over TLS only."""
    port = free_port("127.0.0.1")
    plain = options_block(
        f"\tlisten-on port {port} tls ephemeral {{ {LISTEN} }};\n"
        f"\tlisten-on-v6 port {port} tls ephemeral {{ 2001:db8::1; }};\n",
        listen=LISTEN,
    )
    text = plain + INT.statement + zone(1, "allow-transfer { key int; };")
    rule = ("--select", "transfer-plain-beside-tls", "--audience", "pedantic")
    assert [name for name, _, _ in check(text, tmp_path, *rule).found] == ["transfer-plain-beside-tls"]
    run("check", "--fix", "--unsafe-fixes", *rule, tmp_path / "named.conf")
    fixed = (tmp_path / "named.conf").read_text()
    assert "allow-transfer transport tls { key int; };" in fixed
    with running_named(tmp_path / "bad", text, files=FILES) as server:
        assert server.axfr("a.example", INSIDE, INT) and over_tls(port, "a.example", INT)
    with running_named(tmp_path / "good", fixed, files=FILES) as server:
        assert not server.axfr("a.example", INSIDE, INT) and over_tls(port, "a.example", INT)
        assert not over_tls(port, "a.example", EXT)
    # Over IPv6 nobody listens for TLS.
    (tmp_path / "named.conf").write_text(text.replace("2001:db8::1", "none"))
    ran = run("check", "--format", "json", *rule, tmp_path / "named.conf")
    assert [fix["grade"] for each in ran.json["findings"] for fix in each["fixes"]] == ["display"]


@pytest.mark.bind
def test_allow_query_guards_no_transfer(tmp_path: Path) -> None:
    """The notes of transfer-open: a response policy zone that answers nobody's queries is transferred all the same."""
    text = options_block('\tresponse-policy { zone "rpz.example"; };\n', listen=LISTEN)
    for list_, served in (("any", True), ("none", False)):
        conf = text + zone(1, f"allow-query {{ none; }}; allow-transfer {{ {list_}; }};", "rpz.example")
        found = check(conf, tmp_path, "--select", "transfer-open").found
        assert [name for name, _, _ in found] == (["transfer-open"] if served else [])
        with running_named(tmp_path / list_, conf, files=FILES) as server:
            assert server.axfr("rpz.example", INSIDE) is served


CATALOG = """\
$TTL 60
@ SOA . . 1 3600 600 86400 60
@ NS invalid.
version TXT "2"
one.zones PTR one.example.
two.zones PTR two.example.
allow-transfer.ext.one.zones APL 1:127.0.0.2/32
"""


@pytest.mark.proves("catalog-brings-lists")
@pytest.mark.bind
def test_a_catalog_brings_lists(tmp_path: Path) -> None:
    """catalog-brings-lists: an APL record of the catalog opens a member that the options close, and no other."""
    names = ("one.example", "two.example")
    primary = options_block() + "".join(zone(1, "allow-transfer { any; };", name) for name in names)
    with running_named(tmp_path / "primary", primary, files=FILES) as server:
        conf = (
            options_block(
                "\tallow-transfer { none; };\n"
                f'\tcatalog-zones {{ zone "catalog.example" default-primaries {{ 127.0.0.1 port {server.port}; }}; }};\n'
            )
            + 'zone "catalog.example" { type primary; file "catalog.db"; };\n'
        )
        found = check(conf, tmp_path, "--select", "catalog-brings-lists", "--audience", "auditor").found
        assert [name for name, _, _ in found] == ["catalog-brings-lists"]
        requests = [Request(name, source) for name in names for source in (INSIDE, PARTNER)]
        bad = members(tmp_path / "bad", conf, CATALOG, requests)
        # As its correction says: no record in the catalog, and a list here.
        without = "".join(line for line in CATALOG.splitlines(True) if " APL " not in line)
        closed = INT.statement + conf.replace("allow-transfer { none; }", "allow-transfer { key int; }")
        signed = [Request(name, PARTNER, INT) for name in names]
        good = members(tmp_path / "good", closed, without, [*requests, *signed])
    assert bad == [dns.rcode.NOERROR, dns.rcode.REFUSED, dns.rcode.REFUSED, dns.rcode.REFUSED]
    assert good == [dns.rcode.REFUSED] * 4 + [dns.rcode.NOERROR] * 2


def members(directory: Path, conf: str, catalog: str, requests: list[Request]) -> list[dns.rcode.Rcode]:
    """What a secondary of a catalog answers once it has its members."""
    with running_named(directory, conf, files={"catalog.db": catalog}) as secondary:
        until = time.monotonic() + 10
        while True:
            codes = secondary.axfr_many(requests)
            # Until a member has been transferred nobody is served.
            if dns.rcode.SERVFAIL not in codes and dns.rcode.NOTAUTH not in codes:
                return codes
            assert time.monotonic() < until, codes
            time.sleep(0.05)
