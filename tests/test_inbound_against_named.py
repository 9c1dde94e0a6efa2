"""What rules say of incoming transfers shows on a real named: the fault with the file as it is, not with the corrected one."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.update
import pytest

from tests.audit_cli import run
from tests.bind_server import ZONE_FILE, Key, Server, free_port, options_block, running_named

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
FETCHED = (
    "caonly",
    "nameonly",
    "mutual",
    "impostor",
    "old",
    "hidden",
    "mapped",
    "twice",
    "forwards",
    "tlsforward",
)
"""The zones of the primary. Rules do not speak of loopback peers, so 192.0.2.x stands for 127.0.0.x in what they judge."""

FOUND = {
    "tls-without-hostname": {"caonly"},
    "tls-without-ca": {"nameonly"},
    "tls-certificate-not-presented": {"mutual"},
    "tls-unverified": {"impostor", "mutual"},
    "tls-old-version": {"old"},
    "inbound-key-hidden": {"hidden"},
    "inbound-dead-primary": {"mapped", "twice"},
    "blackholed-peer": {"black"},
    "inbound-alternate-source": {"alternate"},
    "notify-from-strangers": {"twice"},
    "notify-sender-redundant": {"hidden"},
    "notify-key-not-needed": {"mapped"},
    "update-forwarded-unsigned": {"forwards"},
    "update-forwarded-over-tls": {"tlsforward"},
}
"""Each rule, and the zones that it must name, no more and no fewer."""

BY_HAND = (
    ("tls caonly {", 'tls caonly { remote-hostname "ns1.example";'),
    ("tls nameonly {", 'tls nameonly { ca-file "ca.pem";'),
    ("tls mutual {", 'tls mutual { ca-file "ca.pem"; remote-hostname "ns1.example";'),
    ("tls lax {", 'tls lax { ca-file "ca.pem"; remote-hostname "ns1.example";'),
    ("allow-update-forwarding { key k1; };", "allow-update-forwarding { none; };"),
)
"""What corrections for display ask a person to write."""


class Observed(NamedTuple):
    """What happened. `dropped` and `alternate` have the sources of what reached two primaries that only listen.

    `answers` are to a NOTIFY or an UPDATE, unsigned but for "tlsforward": by zone, from a primary's address (True) or
    from another.
    """

    loaded: frozenset[str]
    dropped: frozenset[str]
    alternate: frozenset[str]
    answers: dict[tuple[str, bool], str]
    log: str


def certificates(directory: Path) -> None:
    """A certificate authority, and a certificate of it for ns1.example (server) and ns2.example (client)."""
    if shutil.which("openssl") is None and not os.environ.get("CI"):
        pytest.skip("openssl is not on the PATH")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    steps = [["req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2"]]
    for name in ("ns1", "ns2"):
        (directory / f"{name}.ext").write_text(f"subjectAltName=DNS:{name}.example\n")
        steps.append(
            ["req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}.example"]
        )
        signed = [
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            f"{name}.ext",
        ]
        steps.append(["x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signed])
    for step in steps:
        subprocess.run(["openssl", *step], cwd=directory, check=True, capture_output=True, timeout=30)


@contextlib.contextmanager
def refusing(address: str, port: int) -> Iterator[set[str]]:
    """A primary that answers every query with SERVFAIL, and where queries came from."""
    seen: set[str] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((address, port))
        opened.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    wire, peer = opened.recvfrom(65535)
                    seen.add(peer[0])
                    query = dns.message.from_wire(wire, keyring=K1.ring())
                    answer = dns.message.make_response(query)
                    answer.use_tsig(K1.ring(), next(iter(K1.ring())))
                    answer.request_mac = query.mac or b""
                    answer.set_rcode(dns.rcode.SERVFAIL)
                    opened.sendto(answer.to_wire(), peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            stop.set()
            thread.join(5)


def primary_text(ports: dict[str, int]) -> str:
    """A primary with four TLS listeners: verified, demanding certificates, with any certificate, with TLS 1.2 only."""
    named = 'cert-file "../ns1.pem"; key-file "../ns1.key";'
    blocks = (
        f'tls srv {{ {named} }};\ntls mut {{ {named} ca-file "../ca.pem"; }};\n'
        f"tls old {{ {named} protocols {{ TLSv1.2; }}; }};\n"
    )
    listen = "".join(
        f"\tlisten-on port {ports[tls]} tls {tls} {{ 127.0.0.1; }};\n"
        for tls in ("srv", "mut", "old", "ephemeral")
    )
    zones = "".join(
        f'zone "{zone}" {{ type primary; file "{zone}.db"; allow-transfer {{ {"key k1" if zone == "hidden" else "any"}; }};'
        " allow-update { 127.0.0.0/8; }; };\n"
        for zone in FETCHED
    )
    return K1.statement + blocks + options_block(listen) + zones


def secondary_text(ports: dict[str, int]) -> str:
    """A secondary with one fault for each zone."""
    plain = f"port {ports['plain']}"
    primaries = {
        "caonly": f"192.0.2.1 port {ports['srv']} key k1 tls caonly;",
        "nameonly": f"192.0.2.1 port {ports['srv']} key k1 tls nameonly;",
        "mutual": f"192.0.2.1 port {ports['mut']} key k1 tls mutual;",
        "impostor": f"192.0.2.1 port {ports['ephemeral']} key k1 tls lax;",
        "old": f"192.0.2.1 port {ports['old']} key k1 tls unsaid;",
        "hidden": f"192.0.2.1 {plain};",
        "mapped": f"::ffff:192.0.2.1 {plain} key k1;",
        "twice": f"192.0.2.1 {plain} key k1; 192.0.2.1 {plain} key k1;",
        "forwards": f"192.0.2.1 {plain} key k1;",
        "tlsforward": f"192.0.2.1 port {ports['srv']} key k1 tls strict;",
        "black": f"192.0.2.9 port {ports['black']} key k1;",
        "alternate": f"192.0.2.7 port {ports['alternate']} key k1;",
    }
    more = {
        "hidden": "allow-notify { 192.0.2.1; };",
        "mapped": "allow-notify { key k1; };",
        "twice": "allow-notify { any; };",
        "forwards": "allow-update-forwarding { any; };",
        "tlsforward": "allow-update-forwarding { key k1; };",
        "alternate": "transfer-source 192.0.2.3;",
    }
    new = "protocols { TLSv1.3; };"
    blocks = (
        f'tls caonly {{ ca-file "ca.pem"; {new} }};\n'
        f'tls nameonly {{ remote-hostname "ns1.example"; {new} }};\n'
        f'tls mutual {{ cert-file "ns2.pem"; key-file "ns2.key"; {new} }};\n'
        f"tls lax {{ {new} }};\n"
        'tls unsaid { ca-file "ca.pem"; remote-hostname "ns1.example"; };\n'
        f'tls strict {{ ca-file "ca.pem"; remote-hostname "ns1.example"; {new} }};\n'
        "server 192.0.2.0/24 { keys k1; };\n"
        "server 192.0.2.1 { request-ixfr no; };\n"
    )
    options = options_block(
        "\tallow-transfer { none; };\n\tblackhole { 192.0.2.8/30; };\n\ttransfers-per-ns 20;\n\ttransfers-in 20;\n"
    )
    zones = "".join(
        f'zone "{zone}" {{ type secondary; file "{zone}.db"; masterfile-format text; primaries {{ {listed} }};'
        f" {more.get(zone, '')} }};\n"
        for zone, listed in primaries.items()
    )
    return K1.statement + blocks + options + zones


def corrected(text: str, directory: Path) -> str:
    """The secondary after every rule has been heard: what it found, and the file without it."""
    directory.mkdir()
    path = directory / "named.conf"
    path.write_text(text)
    select = [word for rule in FOUND for word in ("--select", rule)]
    # A release in which use-alt-transfer-source is not deprecated yet.
    asked: tuple[str | Path, ...] = ("--audience", "auditor", "--bind-version", "9.18.9", *select, path)
    ran = run("check", "--format", "json", *asked)
    found: dict[str, set[str]] = {}
    for finding in ran.json["findings"]:
        found.setdefault(finding["rule"], set()).update(scope["zone"] for scope in finding["scopes"])
    assert found == FOUND
    run("check", "--fix", "--unsafe-fixes", *asked)
    fixed = path.read_text()
    for old, new in BY_HAND:
        assert fixed.count(old) == 1, old
        fixed = fixed.replace(old, new)
    path.write_text(fixed)
    after = run("check", "--format", "json", *asked)
    # named cannot be told to want a key of its primaries.
    assert {finding["rule"] for finding in after.json["findings"]} == {"notify-key-not-needed"}
    return fixed


def observe(text: str, directory: Path, ports: dict[str, int], loaded: frozenset[str]) -> Observed:
    """Run the secondary until the zones that should load have, and the others have failed."""
    text = text.replace("192.0.2.", "127.0.0.")
    for name in ("ca.pem", "ns2.pem", "ns2.key"):
        text = text.replace(f'"{name}"', f'"../{name}"')
    with (
        refusing("127.0.0.9", ports["black"]) as dropped,
        refusing("127.0.0.7", ports["alternate"]) as alternate,
        running_named(directory, text) as server,
    ):
        until = time.monotonic() + 20
        while time.monotonic() < until and not _settled(server, loaded, alternate):
            time.sleep(0.05)
        answers = {
            (zone, own): _notify(server, zone, "127.0.0.1" if own else "127.0.0.20")
            for zone in ("twice", "hidden", "mapped")
            for own in (True, False)
        }
        answers["forwards", False] = _update(server, "forwards", "127.0.0.20")
        answers["tlsforward", False] = _update(server, "tlsforward", "127.0.0.20", K1)
        return Observed(
            frozenset(zone for zone in FETCHED if (directory / f"{zone}.db").exists()),
            frozenset(dropped),
            frozenset(alternate),
            answers,
            server.log,
        )


def _settled(server: Server, loaded: frozenset[str], alternate: set[str]) -> bool:
    log = server.log
    failed = ("Transfer status: ", "failure trying primary")
    tried = all(
        (server.directory / f"{zone}.db").exists()
        if zone in loaded
        else any(f"{zone}/IN" in line and any(each in line for each in failed) for line in log.splitlines())
        for zone in FETCHED
    )
    # Both attempts at this one have been answered.
    given_up = log.count("zone alternate/IN: refresh: unexpected rcode (SERVFAIL)")
    sources = 2 if "use-alt-transfer-source" not in (server.directory / "named.conf").read_text() else 1
    return tried and given_up >= sources and bool(alternate)


def _notify(server: Server, zone: str, source: str) -> str:
    message = dns.message.make_query(f"{zone}.", "SOA", flags=dns.flags.AA)
    message.set_opcode(dns.opcode.NOTIFY)
    return _rcode(server, message, source)


def _update(server: Server, zone: str, source: str, key: Key | None = None) -> str:
    message = dns.update.UpdateMessage(f"{zone}.")
    if key is not None:
        message.use_tsig(key.ring())
    message.add("x", 60, "A", "192.0.2.1")
    return _rcode(server, message, source)


def _rcode(server: Server, message: dns.message.Message, source: str) -> str:
    reply = dns.query.udp(message, server.address, port=server.port, source=source, timeout=10)
    return dns.rcode.to_text(reply.rcode())


@pytest.mark.proves(*(FOUND.keys() - {"notify-key-not-needed"}))
@pytest.mark.bind
def test_the_fault_shows_and_is_gone(tmp_path: Path) -> None:
    certificates(tmp_path)
    names = ("plain", "srv", "mut", "old", "ephemeral")
    ports = {name: free_port("127.0.0.1") for name in names}
    ports |= {"black": free_port("127.0.0.9"), "alternate": free_port("127.0.0.7")}
    bad = secondary_text(ports)
    good = corrected(bad, tmp_path / "audited")
    files = {f"{zone}.db": ZONE_FILE for zone in FETCHED}
    before = frozenset({"impostor", "old", "twice", "forwards", "tlsforward"})
    after = frozenset(FETCHED) - {"impostor", "old"}
    with running_named(
        tmp_path / "primary", primary_text(ports), files=files, port=ports["plain"]
    ) as primary:
        was = observe(bad, tmp_path / "bad", ports, before)
        now = observe(good, tmp_path / "good", ports, after)
        assert "updating zone 'forwards/IN'" in primary.log
    assert (was.loaded, now.loaded) == (before, after)
    assert (was.dropped, bool(now.dropped)) == (frozenset(), True)
    assert "black" not in "".join(line for line in was.log.splitlines() if "refresh" in line)
    assert (len(was.alternate), now.alternate) == (2, frozenset({"127.0.0.3"}))
    unchanged = {
        ("hidden", True): "NOERROR",
        ("hidden", False): "REFUSED",
        ("mapped", False): "REFUSED",
        ("twice", True): "NOERROR",
    }
    assert was.answers == {
        **unchanged,
        ("mapped", True): "REFUSED",  # the address as written is not that of the primary
        ("twice", False): "NOERROR",
        ("forwards", False): "NOERROR",
        ("tlsforward", False): "SERVFAIL",
    }
    assert now.answers == {
        **unchanged,
        ("mapped", True): "NOERROR",  # unsigned, although allow-notify asks for a key
        ("twice", False): "REFUSED",
        ("forwards", False): "REFUSED",
        ("tlsforward", False): "REFUSED",
    }
    # Which of several errors it is depends on who is faster.
    mutual = [
        line
        for line in was.log.splitlines()
        if f"mutual/IN' from 127.0.0.1#{ports['mut']}: Transfer status: " in line
    ]
    assert mutual, was.log
    assert not [line for line in mutual if line.endswith("success")]
    for line in (
        "caonly/IN' from 127.0.0.1#{srv}: Transfer status: TLS peer certificate verification failed",
        "nameonly/IN' from 127.0.0.1#{srv}: Transfer status: TLS peer certificate verification failed",
        "mapped/IN: refresh: failure trying primary ::ffff:127.0.0.1#{plain} (source ::#0): operation canceled",
    ):
        assert line.format(**ports) in was.log, line
        assert line.format(**ports) not in now.log, line


@pytest.mark.proves("tls-weak-cipher")
@pytest.mark.bind
def test_weak_ciphers_are_taken_without_a_security_level_only(tmp_path: Path) -> None:
    """The claim behind tls-weak-cipher: what the list asks for counts where OpenSSL's own minimum is dropped."""
    certificates(tmp_path)
    ciphers = {
        "dropped": "ALL:eNULL:@SECLEVEL=0",
        "group": "ECDHE:@SECLEVEL=0",
        "bounded": "ALL:eNULL",
        "good": "HIGH:!aNULL:!MD5:!SHA1",
    }
    ports = {name: free_port("127.0.0.1") for name in ciphers}
    blocks = "".join(
        f'tls {name} {{ cert-file "../ns1.pem"; key-file "../ns1.key"; ciphers "{text}"; }};\n'
        for name, text in ciphers.items()
    )
    listen = "".join(f"\tlisten-on port {ports[name]} tls {name} {{ 127.0.0.1; }};\n" for name in ciphers)
    taken = set()
    with running_named(tmp_path / "named", blocks + options_block(listen)):
        for name, port in ports.items():
            asked = ["-connect", f"127.0.0.1:{port}", "-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"]
            ran = subprocess.run(
                ["openssl", "s_client", *asked], input=b"", capture_output=True, timeout=20, check=False
            )
            if b"Cipher is ECDHE-ECDSA-NULL-SHA" in ran.stdout:
                taken.add(name)
    assert taken == {"dropped", "group"}
    found = run(
        "check",
        "--format",
        "json",
        "--select",
        "tls-weak-cipher",
        "--audience",
        "pedantic",
        tmp_path / "named/named.conf",
    )
    assert [(each["message"].split()[1], each["audience"]) for each in found.json["findings"]] == [
        ("dropped", "regular"),
        ("group", "regular"),
        ("bounded", "pedantic"),
    ]
