"""What a real named logs when peers are refused is fed to `explain`, which must name the statement that refused them."""

from __future__ import annotations

import base64
import functools
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.update
import pytest

from tests.audit_cli import CLEAN, run
from tests.bind_server import ZONE_FILE, Key, Server, free_port, options_block, running_named

pytestmark = pytest.mark.bind

OWN = "127.0.0.1"
_SECRETS = [base64.b64encode(os.urandom(32)).decode() for _ in range(2)]
GOOD = Key("good.key", _SECRETS[0])
OTHER = Key("other.key", _SECRETS[1])
WRONG = Key("good.key", _SECRETS[1])
STRANGE = Key("strange.key", _SECRETS[0])
RENAMED = Key("good.key", _SECRETS[0], "hmac-sha512")

PRIMARY = """\
@OPTIONS@key "good.key" { algorithm hmac-sha256; secret "@GOOD@"; };    // mark: good
key "other.key" { algorithm hmac-sha256; secret "@OTHER@"; };           // mark: other
acl near { !127.0.0.1; 127.0.0.0/8; };
controls { inet 127.0.0.1 port @CONTROL@ allow { 127.0.0.1; } keys { good.key; }; };    // mark: controls
zone "keyed.example" {
	type primary; file "z";
	allow-query { 127.0.0.2; };                                     // mark: query
	also-notify { 127.0.0.1 port @CLOSED@ key other.key; };         // mark: also-notify
	notify explicit;
	allow-transfer { near; key good.key; };                         // mark: keyed
};
zone "none.example" { type primary; file "z"; allow-transfer { none; }; };    // mark: none
zone "open.example" { type primary; file "z"; };
zone "update.example" {
	type primary; file "u";
	allow-update { 192.0.2.1; key good.key; };                      // mark: update
};
zone "granted.example" {
	type primary; file "g";
	update-policy { grant good.key name a.granted.example A; };     // mark: grant
};
zone "pulled.example" {
	type secondary; file "p";
	primaries { 127.0.0.9 port @CLOSED@; };                         // mark: primaries
};
zone "silent.example" { type primary; file "z"; };                      // mark: silent
"""

SECONDARY = """\
@OPTIONS@key "good.key" { algorithm hmac-sha256; secret "@GOOD@"; };
key "other.key" { algorithm hmac-sha256; secret "@GOOD@"; };            // another secret than the primary's
key "strange.key" { algorithm hmac-sha256; secret "@GOOD@"; };
zone "keyed.example" { type secondary; file "a";
	primaries { 127.0.0.1 port @PORT@; };                           // mark: unsigned
};
zone "none.example" { type secondary; file "b";
	primaries { 127.0.0.1 port @PORT@ key good.key; };              // mark: signed
};
zone "open.example" { type secondary; file "c";
	primaries { 127.0.0.1 port @PORT@ key other.key; };             // mark: other secret
};
zone "update.example" { type secondary; file "d";
	primaries { 127.0.0.1 port @PORT@ key missing.key; };           // mark: missing
};
zone "nowhere.example" { type secondary; file "e";
	primaries { 127.0.0.1 port @PORT@; };                           // mark: nowhere
};
"""


def _line(conf: str, mark: str) -> int:
    (number,) = [
        number for number, line in enumerate(conf.split("\n"), 1) if line.endswith(f"// mark: {mark}")
    ]
    return number


def _conf(text: str, **values: str) -> str:
    for name, value in {"GOOD": GOOD.secret, "OTHER": OTHER.secret, "OPTIONS": OPTIONS, **values}.items():
        text = text.replace(f"@{name}@", value)
    return text


OPTIONS = options_block()
FILES = {"z": ZONE_FILE, "u": ZONE_FILE, "g": ZONE_FILE}


class Logged(NamedTuple):
    """A configuration and what named has logged under it."""

    conf: str
    path: Path
    log: str

    def explained(self) -> list[dict[str, Any]]:
        """Every message about a zone, and all behind the start, explained with this configuration: all must be known."""
        return _explained(self)

    def one(self, message: str, **fields: str) -> dict[str, Any]:
        """The one message of a kind with these fields."""
        found = [
            each
            for each in self.explained()
            if each["message"] == message
            and all(each["fields"].get(name) == value for name, value in fields.items())
        ]
        assert len(found) == 1, [(each["message"], each["fields"]) for each in self.explained()]
        return found[0]


@functools.cache
def _explained(logged: Logged) -> list[dict[str, Any]]:
    lines = logged.log.split("\n")
    start = next(number for number, line in enumerate(lines) if line.endswith(" running"))
    wanted = [line for line in lines[:start] if ".example" in line] + lines[start:]
    ran = run(
        "explain", "-", "--config", logged.path, "--bind-version", "9.18", "--format", "json",
        stdin="\n".join(wanted).encode(),
    )  # fmt: skip
    assert ran.code == CLEAN, (
        ran.err,
        [each["line"] for each in ran.json["messages"] if not each["known"]],
    )
    found: list[dict[str, Any]] = ran.json["messages"]
    return found


def _send(server: Server, wire: bytes, source: str = OWN) -> int:
    """Send a message over UDP; the answer's rcode."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        sender.settimeout(10)
        sender.sendto(wire, (OWN, server.port))
        return sender.recv(65535)[3] & 15


def _notify(zone: str, key: Key | None = None) -> bytes:
    message = dns.message.make_query(zone, "SOA")
    message.set_opcode(dns.opcode.NOTIFY)
    message.flags |= dns.flags.AA
    if key is not None:
        message.use_tsig(key.ring())
    return message.to_wire()


def _update(zone: str, key: Key | None = None) -> bytes:
    update = dns.update.UpdateMessage(zone, keyring=key.ring() if key is not None else None)
    update.add("b", 60, "A", "192.0.2.1")
    return update.to_wire()


def _late(key: Key) -> bytes:
    """A query that was signed an hour ago."""
    message = dns.message.make_query("keyed.example", "SOA")
    message.use_tsig(key.ring())
    now = time.time()
    with mock.patch("time.time", lambda: now - 3600):
        return message.to_wire()


def _cut_short(key: Key) -> bytes:
    """A query whose signature has 16 of its 32 octets (RFC 8945 section 5.2.2.1)."""
    message = dns.message.make_query("keyed.example", "SOA")
    message.use_tsig(key.ring())
    wire = message.to_wire()
    # Algorithm (13 octets), time and fudge (8), the MAC with its size, and 6 more.
    head, data = wire[:-61], wire[-61:]
    short = data[:21] + struct.pack("!H", 16) + data[23:39] + data[-6:]
    return head[:-2] + struct.pack("!H", len(short)) + short


def _until(server: Server, *texts: str) -> None:
    until = time.monotonic() + 15
    while not all(text in server.log for text in texts):
        assert time.monotonic() < until, server.log[-3000:]
        time.sleep(0.05)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Logged, Logged]]:
    """A primary that refuses everything that can be refused, and a secondary that is refused."""
    folder = tmp_path_factory.mktemp("explain")
    port, closed, control = free_port(OWN), free_port(OWN, "127.0.0.9"), free_port(OWN)
    conf = _conf(PRIMARY, CLOSED=str(closed), CONTROL=str(control))
    with running_named(folder / "primary", conf, files=FILES, port=port) as primary:
        _provoke(primary)
        (folder / "other.conf").write_text(WRONG.statement)
        rndc = ["rndc", "-s", OWN, "-p", str(control), "-k", str(folder / "other.conf"), "status"]
        refused = subprocess.run(rndc, capture_output=True, text=True, check=False)
        assert refused.returncode != 0
        told = run("explain", "-", stdin=refused.stderr.encode())
        assert (told.code, "the control channel" in told.out) == (CLEAN, True), refused.stderr
        second = _conf(SECONDARY, PORT=str(port))
        with running_named(folder / "secondary", second) as secondary:
            _until(
                secondary,
                f"'keyed.example/IN' from 127.0.0.1#{port}: Transfer status: REFUSED",
                f"'none.example/IN' from 127.0.0.1#{port}: Transfer status: REFUSED",
                "zone open.example/IN: refresh: failure trying",
                "unable to find key: missing.key",
                f"'nowhere.example/IN' from 127.0.0.1#{port}: Transfer status: NOTAUTH",
            )
            logged = Logged(second, folder / "secondary" / "named.conf", secondary.log)
        yield Logged(conf, folder / "primary" / "named.conf", primary.log), logged


def _provoke(primary: Server) -> None:
    assert not primary.axfr("keyed.example", OWN)
    assert not primary.axfr("keyed.example", OWN, OTHER)
    assert primary.axfr("keyed.example", "127.0.0.2")
    assert primary.axfr("keyed.example", "127.0.0.3", GOOD)
    assert not primary.axfr("none.example", OWN, GOOD)
    for key in (WRONG, STRANGE, RENAMED):
        assert primary.axfr_rcode("open.example", "127.0.0.4", key) == dns.rcode.NOTAUTH
    assert primary.axfr_rcode("nowhere.example", "127.0.0.4") == dns.rcode.NOTAUTH
    assert _send(primary, _late(GOOD), "127.0.0.5") == dns.rcode.NOTAUTH
    assert _send(primary, _cut_short(GOOD), "127.0.0.5") == dns.rcode.NOTAUTH
    assert _send(primary, dns.message.make_query("keyed.example", "A").to_wire()) == dns.rcode.REFUSED
    assert _send(primary, _notify("pulled.example"), "127.0.0.6") == dns.rcode.REFUSED
    assert _send(primary, _notify("nowhere.example", GOOD), "127.0.0.6") == dns.rcode.NOTAUTH
    assert _send(primary, _update("update.example"), "127.0.0.7") == dns.rcode.REFUSED
    assert _send(primary, _update("granted.example", GOOD), "127.0.0.7") == dns.rcode.REFUSED
    assert _send(primary, _update("silent.example"), "127.0.0.7") == dns.rcode.REFUSED


def test_every_message_behind_the_start_is_known(both: tuple[Logged, Logged]) -> None:
    primary, secondary = both
    assert len(primary.explained()) >= 20
    assert len(secondary.explained()) >= 10


@pytest.mark.parametrize(
    ("message", "fields", "mark", "trace"),
    [
        (
            "transfer-denied",
            {"zone": "keyed.example", "peer": "127.0.0.1", "key": "other.key"},
            "keyed",
            [("near", "does not match"), ("!127.0.0.1", "matches: denies"), ("}", "no element matches: denies")],
        ),
        ("transfer-denied", {"zone": "none.example", "key": "good.key"}, "none", [("none", "matches: denies")]),
        ("transfer-started", {"zone": "keyed.example", "peer": "127.0.0.2"}, "keyed", [("near", "matches: allows")]),
        (
            "transfer-started",
            {"zone": "keyed.example", "peer": "127.0.0.3", "key": "good.key"},
            "keyed",
            [("near", "matches: allows")],
        ),
        ("tsig-badsig", {"key": "good.key"}, "good", [('key "good.key"', "hmac-sha256")]),
        ("tsig-badtime", {"key": "good.key"}, "good", [('key "good.key"', "hmac-sha256")]),
        ("tsig-badtrunc", {"key": "good.key"}, "good", [('key "good.key"', "hmac-sha256")]),
        ("tsig-badkey", {"key": "good.key"}, "good", [('key "good.key"', "hmac-sha256")]),
        ("tsig-badkey", {"key": "strange.key"}, None, []),
        ("query-denied", {"zone": "keyed.example", "type": "A"}, "query", [("127.0.0.2", "does not match")]),
        ("notify-refused", {"zone": "pulled.example", "peer": "127.0.0.6"}, "primaries", [("127.0.0.9", "a primary: its NOTIFY is taken, whatever signs it")]),
        ("notify-not-authoritative", {"zone": "nowhere.example", "key": "good.key"}, None, []),
        ("update-denied", {"zone": "update.example"}, "update", [("192.0.2.1", "does not match"), ("key good.key", "does not match")]),
        ("update-rejected", {"zone": "granted.example", "key": "good.key"}, "grant", [("grant good.key name a.granted.example A", "for this key")]),
        ("update-denied", {"zone": "silent.example"}, "silent", []),
        ("control-bad-auth", {}, "controls", []),
        ("unsigned-updates", {"zone": "update.example"}, "update", [("192.0.2.1", "admits 192.0.2.1, unsigned")]),
        ("transfer-not-authoritative", {"zone": "nowhere.example", "peer": "127.0.0.4"}, None, []),
    ],
)  # fmt: skip
def test_the_primary_names_what_has_decided(
    both: tuple[Logged, Logged],
    message: str,
    fields: dict[str, str],
    mark: str | None,
    trace: list[tuple[str, str]],
) -> None:
    logged = both[0]
    answer = logged.one(message, **fields)["answer"]
    if mark is None:
        assert answer["decided_by"] == {"path": None, "line": None}
        assert "there is no zone" in answer["verdict"] or "no key of the name" in answer["verdict"]
    else:
        assert answer["decided_by"] == {"path": str(logged.path), "line": _line(logged.conf, mark)}
    said = [(step["element"], step["result"]) for step in answer["trace"]]
    assert [each for each in trace if each not in said] == [], said


@pytest.mark.parametrize(
    ("message", "zone", "mark", "said", "write"),
    [
        ("transfer-status", "keyed.example", "unsigned", "unsigned", ["primaries { 127.0.0.1 port @PORT@ key <name>; };", 'on the primary: allow-transfer { key "<name>"; };']),
        ("transfer-failed", "none.example", "signed", "signed with key good.key", ['on the primary: allow-transfer { key "good.key"; };']),
        ("refresh-failed", "open.example", "other secret", "signed with key other.key", []),
        ("key-not-found", "update.example", "missing", "its key missing.key is not defined", []),
        ("refresh-rcode", "nowhere.example", "nowhere", "unsigned", []),
    ],
)  # fmt: skip
def test_the_secondary_names_how_it_asked(
    both: tuple[Logged, Logged], message: str, zone: str, mark: str, said: str, write: list[str]
) -> None:
    logged = both[1]
    found = logged.one(message, zone=zone)
    answer = found["answer"]
    assert answer["decided_by"] == {"path": str(logged.path), "line": _line(logged.conf, mark)}
    assert any(
        said in step["result"] and step["line"] == _line(logged.conf, mark) for step in answer["trace"]
    )
    asked = next(line for line in logged.conf.split("\n") if line.endswith(f"// mark: {mark}"))
    port = asked.partition(" port ")[2].split(" ")[0].rstrip(";")
    assert answer["write"] == [each.replace("@PORT@", port) for each in write]


def test_what_it_says_to_write_serves_the_peer_and_nobody_else(
    both: tuple[Logged, Logged], tmp_path: Path
) -> None:
    logged = both[0]
    denied = logged.one("transfer-denied", zone="keyed.example", key="other.key")
    (written,) = denied["answer"]["write"]
    assert written == 'allow-transfer { near; key good.key; key "other.key"; };'
    refused = logged.one("notify-refused", zone="pulled.example")["answer"]["write"]
    assert refused[0] == "allow-notify { 127.0.0.6; };"
    old = "allow-transfer { near; key good.key; };"
    primaries = logged.conf.split("\n")[_line(logged.conf, "primaries") - 1].split("//")[0].strip()
    conf = logged.conf.replace(old, written).replace(primaries, f"{primaries} {refused[0]}")
    with running_named(tmp_path, conf, files=FILES) as named:
        assert named.axfr("keyed.example", OWN, OTHER)
        assert not named.axfr("keyed.example", OWN)
        assert named.axfr("keyed.example", "127.0.0.3", GOOD)
        assert _send(named, _notify("pulled.example"), "127.0.0.6") == dns.rcode.NOERROR
        assert _send(named, _notify("pulled.example"), "127.0.0.7") == dns.rcode.REFUSED
