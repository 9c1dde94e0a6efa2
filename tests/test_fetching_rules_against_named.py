"""What rules say of those who fetch zones shows on a real named: with the file as it is, and not with the corrected one."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rrset
import pytest

from tests.audit_cli import check, run
from tests.bind_server import ZONE_FILE, Key, Server, free_port, options_block, running_named
from tests.test_inbound_against_named import certificates
from tests.test_views_and_transports_against_named import over_tls

pytestmark = pytest.mark.bind

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
K2 = Key("k2", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
RULES = ("inbound-unsigned", "inbound-tls-without-key", "inbound-unlimited")
ZONES = ("forged", "genuine", "overtls", "keyed", "huge")
MOST = 20
"""How many records the limit lets through here."""


def wait_until(done: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not done() and time.monotonic() < until:
        time.sleep(0.05)
    assert done()


def settled(secondary: Server, failing: set[str]) -> bool:
    """Whether these zones have failed and the others have come."""
    failed = r"/IN.*(Transfer status: (?!success)|refresh: )"
    return all(re.search(zone + failed, secondary.log) for zone in failing) and all(
        (secondary.directory / f"{zone}.db").exists() for zone in ZONES if zone not in failing
    )


def corrected(text: str, folder: Path) -> str:
    """The secondary with the corrections of RULES: two that are applied, and a limit that is put in as it is shown."""
    folder.mkdir()
    asked = ("--audience", "auditor", "--bind-version", "9.18", "--select", ",".join(RULES))
    findings = check(text, folder, *asked).json["findings"]
    found = {(each["rule"], scope["zone"]) for each in findings for scope in each["scopes"]}
    assert found == {
        ("inbound-unsigned", "forged"),
        ("inbound-unsigned", "genuine"),
        ("inbound-tls-without-key", "overtls"),
        *(("inbound-unlimited", zone) for zone in ZONES),
    }
    (limit,) = {
        fix["snippet"] for each in findings if each["rule"] == "inbound-unlimited" for fix in each["fixes"]
    }
    run("check", "--fix", "--unsafe-fixes", *asked, folder / "named.conf")
    fixed = (folder / "named.conf").read_text()
    statement = limit.partition("//")[0].strip()
    fixed = fixed.replace("options {\n", f"options {{\n\t{statement}\n")
    assert check(fixed, folder, *asked).found == []
    assert fixed.count("max-records 1000000;") == 1
    return fixed.replace("1000000", str(MOST))


@pytest.mark.proves(*RULES)
def test_what_is_fetched_without_proof_or_measure(tmp_path: Path) -> None:
    """Of a primary that is not the right one, of one that wants a key, and of one that sends too much."""
    certificates(tmp_path)
    ports = {name: free_port("127.0.0.1") for name in ("right", "tls", "false")}
    transfers = {
        "genuine": "{ any; }",
        "overtls": "transport tls { key k1; }",
        "keyed": "{ key k1; }",
        "huge": "{ key k1; }",
    }
    head = 'tls srv { cert-file "../ns1.pem"; key-file "../ns1.key"; };\n'
    primary = (
        K1.statement + head + options_block(f"\tlisten-on port {ports['tls']} tls srv {{ 127.0.0.1; }};\n")
    )
    primary += "".join(
        f'zone "{zone}" {{ type primary; file "{zone}.db"; allow-transfer {list_}; }};\n'
        for zone, list_ in transfers.items()
    )
    files = {f"{zone}.db": ZONE_FILE for zone in ZONES}
    files["huge.db"] += "".join(f"r{number} A 192.0.2.1\n" for number in range(2 * MOST))
    # It has another key, and serves anybody.
    impostor = K2.statement + options_block()
    impostor += 'zone "forged" { type primary; file "forged.db"; allow-transfer { any; }; };\n'
    plain = f"192.0.2.1 port {ports['right']}"
    primaries = {
        "forged": f"192.0.2.1 port {ports['false']};",
        "genuine": f"{plain};",
        "overtls": f"192.0.2.1 port {ports['tls']} tls strict;",
        "keyed": f"{plain} key k1;",
        "huge": f"{plain} key k1;",
    }
    bad = K1.statement + 'tls strict { ca-file "../ca.pem"; remote-hostname "ns1.example"; };\n'
    bad += options_block("\tallow-transfer { none; };\n\ttransfers-per-ns 10;\n")
    bad += "".join(
        f'zone "{zone}" {{ type secondary; file "{zone}.db"; primaries {{ {listed} }}; }};\n'
        for zone, listed in primaries.items()
    )
    good = corrected(bad, tmp_path / "audited")
    loaded, logs = [], []
    with (
        running_named(tmp_path / "primary", primary, files=files, port=ports["right"]) as server,
        running_named(tmp_path / "impostor", impostor, files=files, port=ports["false"]),
    ):
        for step, text, failing in (("bad", bad, {"overtls"}), ("good", good, {"forged", "huge"})):
            folder = tmp_path / step
            with running_named(folder, text.replace("192.0.2.", "127.0.0.")) as secondary:
                wait_until(lambda: settled(secondary, failing))  # noqa: B023
                logs.append(secondary.log)
            loaded.append({zone for zone in ZONES if (folder / f"{zone}.db").exists()})
        assert over_tls(ports["tls"], "overtls", K1)
        assert "transfer of 'overtls/IN': AXFR started: TSIG k1" in server.log
        assert "zone transfer 'overtls/AXFR/IN' denied" in server.log
    assert loaded == [set(ZONES) - {"overtls"}, set(ZONES) - {"forged", "huge"}]
    assert ["Transfer status: too many records" in log for log in logs] == [False, True]


@pytest.mark.proves("zone-expires-early")
def test_a_copy_expires_while_another_is_still_served(tmp_path: Path) -> None:
    """Two secondaries whose primary is away: one with the times as they are, one with those of the correction."""

    def file(times: str) -> str:
        return f"$TTL 60\n@ SOA ns.example. admin.example. 1 {times} 60\n@ NS ns.example.\n"

    def zone(name: str) -> str:
        return f'zone "{name}" {{ type secondary; file "{name}.db"; masterfile-format text; primaries {{ 192.0.2.9; }}; }};\n'

    head = options_block("\tallow-transfer { none; };\n\tmin-refresh-time 1;\n\tmin-retry-time 1;\n")
    (tmp_path / "short.db").write_text(file("1 1 2"))
    asked = ("--audience", "auditor", "--select", "zone-expires-early")
    (found,) = check(head + zone("short"), tmp_path, *asked).json["findings"]
    (times,) = re.findall(r"serial (\d+ \d+ \d+)", found["fixes"][0]["snippet"])
    (tmp_path / "long.db").write_text(file(times))
    assert check(head + zone("long"), tmp_path, *asked).found == []
    conf = (head + zone("short") + zone("long")).replace("192.0.2.9", "127.0.0.9")
    files = {"short.db": file("1 1 2"), "long.db": file(times)}
    with running_named(tmp_path / "named", conf, files=files) as server:

        def answer(name: str) -> dns.rcode.Rcode:
            return dns.query.udp(dns.message.make_query(name, "SOA"), "127.0.0.1", 10, server.port).rcode()

        assert answer("long") == dns.rcode.NOERROR
        wait_until(lambda: answer("short") == dns.rcode.SERVFAIL)
        assert answer("long") == dns.rcode.NOERROR
        assert "zone short/IN: expired" in server.log
        assert "zone long/IN: expired" not in server.log


@contextlib.contextmanager
def slow_primary(address: str, port: int) -> Iterator[tuple[list[socket.socket], set[str]]]:
    """A primary that has every zone and never sends one; the connections that wait for a transfer, and the zones whose
    SOA record was asked for.
    """
    waiting: list[socket.socket] = []
    names: set[str] = set()
    stop = threading.Event()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as opened,
    ):
        for each in (asked, opened):
            each.bind((address, port))
            each.settimeout(0.05)
        opened.listen(64)

        def answer() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    wire, peer = asked.recvfrom(65535)
                    query = dns.message.from_wire(wire)
                    reply = dns.message.make_response(query)
                    soa = "ns.example. admin.example. 1 3600 600 86400 60"
                    reply.answer.append(dns.rrset.from_text(query.question[0].name, 60, "IN", "SOA", soa))
                    reply.flags |= dns.flags.AA
                    asked.sendto(reply.to_wire(), peer)
                    names.add(query.question[0].name.to_text())

        def accept() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    waiting.append(opened.accept()[0])

        threads = [threading.Thread(target=each, daemon=True) for each in (answer, accept)]
        for thread in threads:
            thread.start()
        try:
            yield waiting, names
        finally:
            stop.set()
            for thread in threads:
                thread.join(5)
            for connection in waiting:
                connection.close()


@pytest.mark.proves("transfer-limits-unset")
def test_how_many_transfers_run_at_a_time(tmp_path: Path) -> None:
    """Eight zones of one primary: all at once with the limit as it is, as many as checklists allow once corrected."""
    port, zones = free_port("127.0.0.9"), [f"z{number}.example" for number in range(8)]
    text = options_block("\tallow-transfer { none; };\n\ttransfers-in 10;\n\ttransfers-per-ns 8;\n")
    text += "".join(
        f'zone "{zone}" {{ type secondary; file "{zone}.db"; primaries {{ 192.0.2.9 port {port}; }}; }};\n'
        for zone in zones
    )
    asked = ("--audience", "auditor", "--select", "transfer-limits-unset")
    assert [rule for rule, _, _ in check(text, tmp_path, *asked).found] == ["transfer-limits-unset"]
    run("check", "--fix", "--unsafe-fixes", *asked, tmp_path / "named.conf")
    good = (tmp_path / "named.conf").read_text()
    most = []
    for step, conf, count in (("bad", text, 8), ("good", good, 3)):
        with (
            slow_primary("127.0.0.9", port) as (waiting, names),
            running_named(tmp_path / step, conf.replace("192.0.2.", "127.0.0.")),
        ):
            wait_until(lambda: len(waiting) >= count and len(names) == len(zones))  # noqa: B023
            # A connection follows the answer about the SOA record at once, where there is no limit.
            time.sleep(1)
            most.append(len(waiting))
    assert most == [8, 3]
