"""`named-audit explain` for fragments and log lines: what it says, what it does not guess, and what it never shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from named_audit.host import MemoryHost
from named_audit.lint.book import all_rules
from named_audit.lint.fragment import read_piece
from named_audit.lint.log_lines import LOG_LINES
from named_audit.lint.log_reading import MAX_LINE, read_line
from named_audit.lint.logged.judge import LogJudge
from named_audit.model.build import load_config
from named_audit.policy.survey import Survey
from named_audit.report.fragment_words import MATCH_LISTS, PieceWords
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, INCOMPLETE, USAGE, run

CLIENT = "client @0x7fb1c40a2c98 192.0.2.53#41234 (x.example): "
SIGNED = "client @0x7fb1c40a2c98 2001:db8::53#41234/key k.example (x.example): view internal: "
ZONE = "zone x.example/IN: "
TRANSFER = "transfer of 'x.example/IN' from 192.0.2.1#53: "

SAMPLES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (f"{CLIENT}zone transfer 'x.example/AXFR/IN' denied", "transfer-denied", {"peer": "192.0.2.53", "zone": "x.example", "type": "AXFR"}),
    (f"{SIGNED}zone transfer 'x.example/IXFR/IN' denied", "transfer-denied", {"peer": "2001:db8::53", "key": "k.example", "view": "internal"}),
    ("client 192.0.2.53#41234 (x.example): zone transfer 'x.example/AXFR/IN' denied", "transfer-denied", {"peer": "192.0.2.53"}),  # 9.9
    ("zone transfer 'a\\032b.example/AXFR/IN' denied", "transfer-denied", {"zone": "a\\032b.example"}),
    (f"{CLIENT}transfer of 'x.example/IN': AXFR started: TSIG k (serial 1)", "transfer-started", {"zone": "x.example"}),
    (f"{CLIENT}transfer of 'x.example/IN': IXFR ended: 1 messages, 3 records, 208 bytes, 0.001 secs (208000 bytes/sec) (serial 2)", "transfer-started", {"type": "IXFR"}),
    (f"{CLIENT}bad zone transfer request: 'x.example/IN': non-authoritative zone (NOTAUTH)", "transfer-not-authoritative", {"zone": "x.example"}),
    (f"{CLIENT}AXFR request denied: quota reached", "transfer-quota", {}),
    (f"{CLIENT}attempted AXFR over UDP: (FORMERR)", "transfer-request-bad", {}),
    (f"{CLIENT}query (cache) 'y.example/A/IN' denied", "query-cache-denied", {"zone": "y.example", "type": "A"}),
    (f"{CLIENT}query (cache) 'y.example/A/IN' denied (allow-query-cache did not match)", "query-cache-denied", {"zone": "y.example"}),  # 9.20
    (f"{CLIENT}query 'x.example/SOA/IN' denied", "query-denied", {"zone": "x.example", "type": "SOA"}),
    (f"{CLIENT}query 'x.example/SOA/IN' denied (allow-query did not match)", "query-denied", {"zone": "x.example"}),  # 9.20
    (f"{CLIENT}update 'x.example/IN' denied", "update-denied", {"zone": "x.example"}),
    (f"{CLIENT}update forwarding 'x.example/IN' denied", "update-denied", {"forwarding": "forwarding "}),
    (f"{CLIENT}updating zone 'x.example/IN': update failed: rejected by secure update (REFUSED)", "update-rejected", {"zone": "x.example"}),
    (f"{CLIENT}update failed: x.example: not authoritative for update zone (NOTAUTH)", "update-not-authoritative", {"zone": "x.example"}),
    ("zone 'x.example' allows unsigned updates from remote hosts, which is insecure", "unsigned-updates", {"zone": "x.example"}),
    (f"{CLIENT}request has invalid signature: TSIG k: tsig verify failure (BADKEY)", "tsig-badkey", {"key": "k"}),
    (f"{CLIENT}request has invalid signature: TSIG k (hmac-sha256): tsig verify failure (BADSIG)", "tsig-badsig", {"key": "k"}),
    (f"{CLIENT}request has invalid signature: TSIG k: tsig verify failure (BADTIME)", "tsig-badtime", {"key": "k"}),
    ("request has invalid signature: TSIG k: tsig verify failure (BADTRUNC)", "tsig-badtrunc", {"key": "k"}),
    (f"{CLIENT}request has invalid signature: tsig verify failure (FORMERR)", "signature-invalid", {}),
    ("tsig key 'k': unknown key", "tsig-debug-key", {"key": "k", "why": "unknown key"}),
    ("tsig key 'k' (hmac-md5): key name and algorithm do not match", "tsig-debug-key", {"algorithm": "hmac-md5"}),
    ("tsig key 'k': signature has expired", "tsig-debug-time", {"key": "k"}),
    ("tsig key 'k': signature is in the future", "tsig-debug-time", {"key": "k"}),
    ("tsig key 'k': signature failed to verify(1)", "tsig-debug-signature", {"key": "k"}),
    ("tsig key 'k': signature length below minimum", "tsig-debug", {"why": "signature length below minimum"}),
    ("the key 'k' is too short to be secure", "key-short", {"key": "k"}),
    (f"{ZONE}refused notify from non-primary: 192.0.2.9#34567", "notify-refused", {"peer": "192.0.2.9", "zone": "x.example"}),
    ("zone x.example/IN/internal: refused notify from non-master: 192.0.2.9#34567", "notify-refused", {"view": "internal"}),  # 9.16
    (f"{CLIENT}received notify for zone 'x.example': not authoritative", "notify-not-authoritative", {"zone": "x.example"}),
    (f"{CLIENT}received notify for zone 'x.example': TSIG 'k': not authoritative", "notify-not-authoritative", {"key": "k"}),
    (f"{CLIENT}received notify for zone 'x.example': TSIG 'k'", "notify-received", {"key": "k", "zone": "x.example"}),
    (f"{ZONE}notify from 192.0.2.1#53: zone is up to date", "notify-taken", {"why": "zone is up to date"}),
    (f"{ZONE}notify to 192.0.2.53#53: retries exceeded", "notify-retries", {"peer": "192.0.2.53"}),
    (f"{ZONE}notify(SOA) to 192.0.2.53#53: retries exceeded", "notify-retries", {"peer": "192.0.2.53"}),  # 9.21
    (f"{ZONE}notify to 192.0.2.53#53 failed: connection refused", "notify-failed", {"why": "connection refused"}),
    (f"{ZONE}notify response from 192.0.2.53#53: NOTAUTH", "notify-answered", {"rcode": "NOTAUTH"}),
    (f"{ZONE}NOTIFY to 192.0.2.53#53 not sent. Peer TSIG key lookup failure.", "notify-key-lookup", {"peer": "192.0.2.53"}),
    (f"{ZONE}sending notifies (serial 7)", "notify-sending", {"serial": "7"}),
    (f"{ZONE}sending notify to 192.0.2.53#53 : TSIG (k)", "notify-sending-one", {"key": "k"}),
    (f"{TRANSFER}Transfer status: REFUSED", "transfer-status", {"why": "REFUSED", "peer": "192.0.2.1"}),
    (f"{TRANSFER}Transfer status: expected a TSIG or SIG(0)", "transfer-status", {"why": "expected a TSIG or SIG(0)"}),
    ("expected a TSIG or SIG(0)", "transfer-status", {"why": "expected a TSIG or SIG(0)"}),
    (f"{TRANSFER}failed while receiving responses: REFUSED", "transfer-failed", {"why": "REFUSED"}),
    (f"{TRANSFER}failed to connect: timed out", "transfer-failed", {"why": "timed out"}),
    (f"{TRANSFER}connected using 192.0.2.53#853 TSIG k", "transfer-connected", {"key": "k"}),
    (f"{TRANSFER}Transfer completed: 0 messages, 0 records, 0 bytes, 0.001 secs (0 bytes/sec) (serial 0)", "transfer-completed", {}),
    (f"{TRANSFER}got NOTIMP, retrying with AXFR", "transfer-notes", {"rcode": "NOTIMP"}),
    (f"{TRANSFER}TLS peer certificate verification failed", "tls-verification", {}),
    (f"{ZONE}transferred serial 3: TSIG 'k'", "transfer-of-zone", {"serial": "3", "key": "k"}),
    (f"{ZONE}zone transfer deferred due to quota", "transfer-deferred", {}),
    (f"{ZONE}unable to find key: k", "key-not-found", {"key": "k"}),
    (f"{ZONE}refresh: unexpected rcode (REFUSED) from primary 192.0.2.1#53 (source 0.0.0.0#0)", "refresh-rcode", {"rcode": "REFUSED", "peer": "192.0.2.1"}),
    (f"{ZONE}refresh: unexpected rcode (REFUSED) from master 192.0.2.1#53 (source 0.0.0.0#0)", "refresh-rcode", {"peer": "192.0.2.1"}),  # 9.11
    (f"{ZONE}refresh: failure trying primary 192.0.2.1#53 (source 0.0.0.0#0): timed out", "refresh-failed", {"why": "timed out"}),
    (f"{ZONE}refresh: non-authoritative answer from primary 192.0.2.1#53 (source 0.0.0.0#0)", "refresh-not-authoritative", {"peer": "192.0.2.1"}),
    ("non-authoritative answer from primary", "refresh-not-authoritative", {}),
    (f"{ZONE}refresh: retry limit for primary 192.0.2.1#53 exceeded (source 0.0.0.0#0)", "refresh-retries", {"peer": "192.0.2.1"}),
    (f"{ZONE}refresh: CNAME at top of zone in primary 192.0.2.1#53 (source 0.0.0.0#0)", "refresh-other", {"peer": "192.0.2.1"}),
    (f"{ZONE}cannot refresh: no primaries", "refresh-no-primaries", {}),
    (f"{ZONE}serial number (3) received from primary 192.0.2.1#53 < ours (5)", "serial-backwards", {"serial": "3", "ours": "5"}),
    (f"{ZONE}expired", "zone-expired", {"zone": "x.example"}),
    (f"{ZONE}loading from master file db.x failed: file not found", "zone-not-loaded", {"file": "db.x"}),
    (f"{ZONE}not loaded due to errors.", "zone-not-loaded", {}),
    (f"{ZONE}loaded serial 1 (DNSSEC signed)", "zone-loaded", {"serial": "1"}),
    ("invalid command from 127.0.0.1#4711: bad auth", "control-bad-auth", {"why": "bad auth"}),
    ("rejected command channel message from 192.0.2.7#4711", "control-rejected", {"peer": "192.0.2.7"}),
    ("received control channel command 'reload'", "control-command", {"command": "reload"}),
    ("couldn't find key 'rndc-key' for use with command channel 127.0.0.1#953", "control-key", {"key": "rndc-key"}),
    ("command channel listening on 127.0.0.1#953", "control-listening", {"peer": "127.0.0.1"}),
    ("rndc: connect failed: 127.0.0.1#953: connection refused", "rndc-connect", {"why": "connection refused"}),
    ("rndc: connection to remote host closed.", "rndc-closed", {}),
    ("rndc: 'reload' failed: failure", "rndc-failed", {"command": "reload"}),
    ("loading configuration: permission denied", "configuration-failed", {"why": "permission denied"}),
    ("reloading configuration failed: failure", "configuration-failed", {"why": "failure"}),
    ("loading configuration from '/etc/bind/named.conf'", "configuration-read", {"file": "/etc/bind/named.conf"}),
    ("/etc/bind/named.conf:3: open: /etc/bind/x.key: permission denied", "open-failed", {"file": "/etc/bind/x.key"}),
    ("/etc/bind/named.conf:12: unknown option 'foo'", "configuration-line", {"line": "12", "why": "unknown option 'foo'"}),
)  # fmt: skip

PREFIXES = (
    "",
    "25-Nov-2026 02:53:02.534 ",
    "25-Nov-2026 02:53:02.534 security: error: ",
    "25-Nov-2026 02:53:02.534 xfer-out: info: ",
    "2026-11-25T02:53:02.534Z general: debug 3: ",
    "2026-11-25T02:53:02.534+01:00 error: ",
    "Nov  5 02:53:02 ns1 named[812]: ",
    "Nov 25 02:53:02 ns1.example.net named[812]: 25-Nov-2026 02:53:02.534 notify: notice: ",
    "<28>Nov 25 02:53:02 ns1 named[812]: ",
    "<28>1 2026-11-25T02:53:02.534Z ns1 named 812 - - ",
    "named[812]: ",
    "bind9-1  | 25-Nov-2026 02:53:02.534 ",
    "2026-11-25T02:53:02.534567890Z stderr F 25-Nov-2026 02:53:02.534 ",
)


@pytest.mark.parametrize(("line", "message", "fields"), SAMPLES, ids=[sample[1] for sample in SAMPLES])
def test_a_line_is_known_whatever_stands_before_it(line: str, message: str, fields: dict[str, str]) -> None:
    for prefix in PREFIXES:
        entry = read_line(f"{prefix}{line}\r")
        assert entry is not None, prefix
        assert entry.line.id == message, prefix
        assert fields.items() <= entry.fields.items(), (prefix, entry.fields)


def test_every_message_has_a_sample() -> None:
    assert [line.id for line in LOG_LINES if line.id not in {sample[1] for sample in SAMPLES}] == []


def test_the_texts_name_fields_and_rules_that_are_there() -> None:
    rules = {rule.id for rule in all_rules()}
    for line in LOG_LINES:
        assert set(line.rules) <= rules, line.id
        names = {
            *re.compile(line.pattern).groupindex,
            "peer",
            "port",
            "server",
            "key",
            "zone",
            "class",
            "view",
            "proof",
        }
        for text in (line.means, *line.causes, *line.remedies, *line.commands):
            assert set(re.findall(r"\{([a-z]+)\}", text)) <= names, (line.id, text)
            assert "{{" not in text


@given(st.text(max_size=200) | st.sampled_from([sample[0] for sample in SAMPLES]).flatmap(lambda line: st.builds(lambda a, b: line[:a] + b + line[a:], st.integers(0, len(line)), st.text(max_size=8))))  # fmt: skip
@example("zone x/IN: " * 200)
def test_no_line_is_too_odd(line: str) -> None:
    entry = read_line(line)
    if entry is None:
        return
    for text in (entry.line.means, *entry.line.causes, *entry.line.remedies):
        assert entry.said(text)
    for command in entry.line.commands:
        # A command is pasted into a shell: what a stranger sent must not be one.
        assert not set(entry.command(command)) & set("`$&|\\\n'\"*"), entry.command(command)


def test_a_stranger_writes_no_commands() -> None:
    ran = run("explain", f"{CLIENT}zone transfer '$(reboot).x;id/AXFR/IN' denied")
    assert ran.code == CLEAN
    (shown,) = [line for line in ran.out.split("\n") if "to see it" in line]
    assert "reboot" not in shown
    assert "dig @<server> <zone> AXFR -b 192.0.2.53" in shown


CONF = """\
options { allow-transfer { none; }; allow-notify { 192.0.2.7; }; };
key "k.example" { algorithm hmac-sha256; secret "c2VjcmV0LW9mLXRoaXMtdGVzdC1kb25vdHNob3c="; };
acl ours { !192.0.2.53; 192.0.2.0/24; };
view internal {
	match-clients { key k.example; 10.0.0.0/8; };
	key "inner" { algorithm hmac-sha512; secret "YW5vdGhlci1zZWNyZXQtb2YtdGhpcy10ZXN0LW5vdA=="; };
	zone "x.example" { type primary; file "x"; allow-transfer { ours; }; };
	zone "s.example" { type secondary; file "s"; primaries { 192.0.2.1 key inner; }; };
};
view external {
	zone "x.example" { type primary; file "y"; };
	zone "only.example" { type primary; file "o"; also-notify { 192.0.2.53 key k.example; }; };
	zone "unsigned.example" { type secondary; file "u"; primaries { 192.0.2.1; }; };
};
"""


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conf") / "named.conf"
    path.write_text(CONF)
    return path


def _answer(line: str, conf: Path) -> dict[str, Any]:
    ran = run("explain", line, "--config", conf, "--bind-version", "9.18", "--format", "json")
    assert ran.code == CLEAN, ran.err
    assert "c2VjcmV0" not in ran.out
    (message,) = ran.json["messages"]
    answer: dict[str, Any] = message["answer"]
    return answer


@pytest.mark.parametrize(
    ("line", "at", "verdict", "write"),
    [
        # The view of the log, the list of the zone there.
        ("client @0x1 192.0.2.53#1/key k.example (x.example): view internal: zone transfer 'x.example/AXFR/IN' denied", 7,
         "the allow-transfer of the zone decides: refused",
         ['allow-transfer { key "k.example"; };', 'on the secondaries in ours, which then need a key: primaries { <this server> key "<its key>"; };']),
        ("client @0x1 192.0.2.53#1 (x.example): view external: zone transfer 'x.example/AXFR/IN' denied", 1,
         "the allow-transfer of the options decides: refused", ['allow-transfer { key "k.example"; };']),
        # The configuration is another than that of named.
        ("client @0x1 192.0.2.54#1/key k.example (x.example): view internal: zone transfer 'x.example/AXFR/IN' denied", 7,
         "the allow-transfer of the zone decides, and this configuration would serve this request: named runs another one (rndc reconfig), or it depends on what is below", []),
        ("client @0x1 192.0.2.54#1: view external: zone transfer 'y.example/AXFR/IN' denied", None,
         "there is no zone y.example; there is x.example and s.example", []),
        # The zone is in another view than the one where the request lands.
        ("client @0x1 10.1.2.3#1: view internal: received notify for zone 'only.example': not authoritative", 12,
         "the request lands in view internal; the zone is in view external", []),
        ("zone s.example/IN/internal: refused notify from non-primary: 192.0.2.9#1", 8,
         "192.0.2.9 is no primary of this zone: primaries does not list it, and allow-notify does not admit it",
         ["allow-notify { 192.0.2.9; };", "on the primary: notify-source 192.0.2.1;"]),
        ("zone s.example/IN/internal: refused notify from non-primary: 192.0.2.7#1", 8,
         "192.0.2.7 may send NOTIFY for this zone here: named runs another configuration (rndc reconfig)", []),
        ("client @0x1 192.0.2.9#1: view external: request has invalid signature: TSIG inner: tsig verify failure (BADKEY)", 6,
         "key inner is defined in view internal, not in view external", []),
        ("client @0x1 192.0.2.9#1: request has invalid signature: TSIG k.exampel: tsig verify failure (BADKEY)", None,
         "no key of the name k.exampel is defined; there is k.example", ['key "k.exampel" { algorithm hmac-sha256; secret "..."; };']),
        ("tsig key 'k.exampel': unknown key", None,
         "no key of the name k.exampel is defined; there is k.example", ['key "k.exampel" { algorithm hmac-sha256; secret "..."; };']),
        ("tsig key 'k.example': signature has expired", 2, "key k.example is defined here", []),
        ("transfer of 'unsigned.example/IN/external' from 192.0.2.1#53: Transfer status: expected a TSIG or SIG(0)", 13,
         ("primaries lists it and has it asked unsigned: only a signed question ends so, and the named that logged this runs another "
          "configuration (rndc reconfig)"), []),
        ("transfer of 's.example/IN/internal' from 192.0.2.1#53: Transfer status: expected a TSIG or SIG(0)", 8, "primaries lists it", []),
        ("zone only.example/IN/external: notify to 192.0.2.53#53: retries exceeded", 12, "also-notify names it", []),
        ("transfer of 's.example/IN/internal' from 192.0.2.1#53: Transfer status: REFUSED", 8, "primaries lists it",
         ['on the primary: allow-transfer { key "inner"; };']),
        # Neither a signature nor a question for the SOA is a matter of the primary's allow-transfer.
        ("transfer of 's.example/IN/internal' from 192.0.2.1#53: failed while receiving responses: tsig indicates error", 8, "primaries lists it", []),
        ("transfer of 's.example/IN/internal' from 192.0.2.1#53: failed to connect: timed out", 8, "primaries lists it", []),
        ("zone s.example/IN/internal: refresh: unexpected rcode (REFUSED) from primary 192.0.2.1#53 (source 0.0.0.0#0)", 8, "primaries lists it", []),
        ("transfer of 's.example/IN/internal' from 192.0.2.2#53: Transfer status: REFUSED", 8,
         "primaries does not list this address: named runs another configuration", []),
        ("client @0x1 192.0.2.9#1 (z.example): view external: query (cache) 'z.example/A/IN' denied", None,
         "no allow-query-cache, allow-recursion or allow-query applies: localhost and localnets alone may ask the cache", []),
        ("named.conf:3: undefined ACL 'x'", 3, "this is the line", []),
        ("received control channel command 'stop'", None,
         "there is no controls statement: named listens on 127.0.0.1 and ::1, port 953, with the key of rndc.key", []),
    ],
)  # fmt: skip
def test_the_statement_that_decides_is_named(
    conf: Path, line: str, at: int | None, verdict: str, write: list[str]
) -> None:
    answer = _answer(line, conf)
    assert answer["verdict"] == verdict
    assert answer["decided_by"] == {"path": str(conf) if at is not None else None, "line": at}
    assert answer["write"] == write


@pytest.mark.parametrize(
    ("lists", "client", "write"),
    [
        # The key beside the address would be asked of nobody.
        ("allow-transfer { 10.0.0.5; };", "10.0.0.7#1/key k1",
         ['allow-transfer { key "k1"; };', 'also-notify { 10.0.0.5 key "k1"; };',
          'on 10.0.0.5, which then needs the key: primaries { <this server> key "k1"; };']),
        ("allow-transfer { 10.0.0.5; };", "10.0.0.7#1",
         ['allow-transfer { key "<its key>"; };', 'also-notify { 10.0.0.5 key "<its key>"; };',
          'on 10.0.0.5, which then needs the key: primaries { <this server> key "<its key>"; };']),
        # The key in the list is the address's; one that the file ties to it all the more.
        ("allow-transfer { 10.0.0.5; key k2; };", "10.0.0.7#1/key k1",
         ['allow-transfer { key k2; key "k1"; };', 'also-notify { 10.0.0.5 key "k2"; };',
          'on 10.0.0.5, which then needs the key: primaries { <this server> key "k2"; };']),
        ("allow-transfer { 10.0.0.5; }; also-notify port 5300 { 10.0.0.6; 10.0.0.5 key k2; };", "10.0.0.7#1/key k1",
         ['allow-transfer { key "k1"; key "k2"; };', 'on 10.0.0.5, which then needs the key: primaries { <this server> key "k2"; };']),
        ("allow-transfer { 10.0.0.5; }; also-notify port 5300 { 10.0.0.6; };", "10.0.0.7#1/key k1",
         ['allow-transfer { key "k1"; };', 'also-notify port 5300 { 10.0.0.6; 10.0.0.5 port 53 key "k1"; };',
          'on 10.0.0.5, which then needs the key: primaries { <this server> key "k1"; };']),
        ("allow-transfer { 10.0.0.5; }; notify no;", "10.0.0.7#1/key k1",
         ['allow-transfer { key "k1"; };', 'on 10.0.0.5, which then needs the key: primaries { <this server> key "k1"; };']),
        # A denial goes with what it was an exception of.
        ("allow-transfer { !10.0.0.7; 10.0.0.0/24; };", "10.0.0.7#1/key k1",
         ['allow-transfer { key "k1"; };', 'on the secondaries in 10.0.0.0/24, which then need a key: primaries { <this server> key "<its key>"; };']),
        ("allow-transfer { 10.0.0.5; !10.0.0.0/24; key k2; };", "10.0.0.7#1/key k1",
         ['allow-transfer { key k2; key "k1"; };', 'also-notify { 10.0.0.5 key "k2"; };',
          'on 10.0.0.5, which then needs the key: primaries { <this server> key "k2"; };']),
        # Both are demanded: one more address, or a key of its own.
        ("allow-transfer { !{ !10.0.0.5; any; }; key k1; };", "10.0.0.7#1/key k1",
         ["allow-transfer { !{ !10.0.0.5; !10.0.0.7; any; }; key k1; };"]),
        ("allow-transfer { !{ !10.0.0.5; any; }; key k1; };", "10.0.0.7#1/key k2",
         ['allow-transfer { key "k2"; !{ !10.0.0.5; any; }; key k1; };']),
        # Nobody is let in by an address alone, or only the server itself.
        ("allow-transfer { localhost; key k2; };", "10.0.0.7#1/key k1", ['allow-transfer { localhost; key k2; key "k1"; };']),
    ],
)  # fmt: skip
def test_a_key_is_not_put_beside_an_address(
    tmp_path: Path, lists: str, client: str, write: list[str]
) -> None:
    conf = tmp_path / "named.conf"
    conf.write_text(
        "".join(
            f'key "{name}" {{ algorithm hmac-sha256; secret "c2VjcmV0LW9mLXRoaXMtdGVzdC1kb25vdHNob3c="; }};\n'
            for name in ("k1", "k2")
        )
        + f'zone "x.example" {{ type primary; file "x"; {lists} }};\n'
    )
    line = f"client @0x1 {client} (x.example): zone transfer 'x.example/AXFR/IN' denied"
    assert _answer(line, conf)["write"] == write


def test_a_denied_transfer_in_words(conf: Path) -> None:
    line = "client @0x1 192.0.2.53#1/key k.example (x.example): view internal: zone transfer 'x.example/AXFR/IN' denied"
    ran = run("explain", "--config", conf, "--bind-version", "9.18", "-", stdin=f"{line}\n{line}\n".encode())
    assert ran.code == CLEAN
    assert (
        ran.out
        == f"""\
{line}  (2 lines like it)
  192.0.2.53 asked for zone x.example, signed with key k.example, and allow-transfer does not admit it; it got REFUSED.
  in {conf}:
    {conf}:7: the allow-transfer of the zone decides: refused
      {conf}:4: view internal: its match-clients let the request in
        {conf}:5: key k.example: matches: allows
      {conf}:7: allow-transfer: decides at the level of the zone
        {conf}:7: ours: does not match
          {conf}:3: !192.0.2.53: matches: denies
        {conf}:7: }}: no element matches: denies
    to write:
      allow-transfer {{ key "k.example"; }};
      on the secondaries in ours, which then need a key: primaries {{ <this server> key "<its key>"; }};
  what to do:
    - if it is a secondary: name its key in allow-transfer, and let it sign: primaries {{ <this server> key <name>; }};
    - if it is nobody you know: nothing, named did what it should
  to see it: dig @<server> x.example AXFR -b 192.0.2.53; dig @<server> x.example AXFR -k <key file>
  rules: transfer-secondary-excluded, transfer-lost-denial, transfer-late-denial, transfer-and-without-any
  logged as: security, error
"""
    )


@pytest.mark.parametrize(
    ("peer", "asked"),
    [
        ("192.0.2.1#53", "@192.0.2.1 s.example SOA"),
        ("192.0.2.1#5300", "@192.0.2.1 -p 5300 s.example SOA"),
        ("2001:db8::1#853", "@2001:db8::1 +tls s.example SOA"),
    ],
)
def test_the_primary_is_asked_where_it_listens(peer: str, asked: str) -> None:
    entry = read_line(
        f"{ZONE.replace('x.', 's.')}refresh: retry limit for primary {peer} exceeded (source 0.0.0.0#0)"
    )
    assert entry is not None
    assert [entry.command(each) for each in entry.line.commands] == [f"dig {asked} +norecurse"]


@pytest.mark.parametrize(
    ("line", "category"),
    [
        (f"{ZONE}Transfer started.", "xfer-in"),
        (f"{ZONE}transferred serial 3", "xfer-in"),
        (f"{ZONE}notify from 192.0.2.1#53: no serial", "notify or xfer-in (from 9.20.3), general (before)"),
    ],
)
def test_the_category_is_that_of_9_18(line: str, category: str) -> None:
    entry = read_line(line)
    assert entry is not None
    assert entry.line.category == category


def test_a_transfer_that_is_too_large_names_the_limit() -> None:
    assert "max-records" in run("explain", f"{TRANSFER}Transfer status: too many records").out


def test_a_refused_transfer_is_asked_for_again_at_the_same_port(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'zone "x" { type secondary; file "x"; primaries port 5300 { 192.0.2.1; 192.0.2.2 port 853 tls ephemeral; }; };\n'
    )
    said = 'on the primary: allow-transfer { key "<name>"; };'
    refused = "transfer of 'x/IN' from {}: Transfer status: REFUSED"
    answer = _answer(refused.format("192.0.2.1#5300"), path)
    assert answer["write"] == ["primaries { 192.0.2.1 port 5300 key <name>; };", said]
    answer = _answer(refused.format("192.0.2.2#853"), path)
    assert answer["write"] == ["primaries { 192.0.2.2 port 853 key <name> tls ephemeral; };", said]


def test_who_does_not_sign_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'key k { algorithm hmac-sha256; secret "aGFsZi1hLXNlY3JldC1pcy1ub25l"; };\n'
        'zone "x" { type primary; file "x"; allow-transfer { key k; }; };\n'
    )
    answer = _answer("client @0x1 192.0.2.53#1 (x): zone transfer 'x/AXFR/IN' denied", path)
    assert answer["write"] == ['on the secondary: primaries { <this server> key "k"; };']


def test_the_log_does_not_say_that_it_was_tls(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'tls t { cert-file "c"; key-file "k"; };\noptions { listen-on port 853 tls t { any; }; };\n'
        'zone "x" { type primary; file "x"; allow-transfer port 853 transport tls { any; }; };\n'
    )
    answer = _answer("client @0x1 192.0.2.53#1 (x): transfer of 'x/IN': AXFR started (serial 1)", path)
    assert answer["verdict"] == "the allow-transfer of the zone decides: served"
    assert answer["depends"] == ["taken for one that came as the list asks"]


def test_a_zone_of_another_view_is_found_through_in_view(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'view a { match-clients { 10.0.0.0/8; };\n\tzone "x" { type primary; file "x"; allow-transfer { none; }; }; };\n'
        'view b {\n\tzone "x" { in-view a; }; };\n'
    )
    answer = _answer("client @0x1 192.0.2.53#1 (x): view b: zone transfer 'x/AXFR/IN' denied", path)
    assert (answer["verdict"], answer["decided_by"]["line"]) == (
        "the allow-transfer of the zone decides: refused",
        2,
    )


def test_what_is_written_stands_before_what_denies(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'key k { algorithm hmac-sha256; secret "aGFsZi1hLXNlY3JldC1pcy1ub25l"; };\n'
        'zone "x" { type primary; file "x"; allow-transfer { !192.0.2.53; any; }; };\n'
    )
    answer = _answer("client @0x1 192.0.2.53#1/key k (x): zone transfer 'x/AXFR/IN' denied", path)
    assert answer["write"] == ['allow-transfer { key "k"; !192.0.2.53; any; };']


def test_the_rules_that_report_it_are_named(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text('zone "x" { type primary; file "x"; allow-transfer { any; }; };\n')
    answer = _answer("client @0x1 192.0.2.53#1 (x): transfer of 'x/IN': AXFR started (serial 1)", path)
    assert answer["rules"] == ["transfer-open"]
    path.write_text('zone "x" { type primary; file "x"; allow-transfer { none; }; };\n')
    assert _answer("client @0x1 192.0.2.53#1 (x): zone transfer 'x/AXFR/IN' denied", path)["rules"] == []


def test_an_unknown_line_is_not_guessed() -> None:
    ran = run("explain", "-", stdin=f"{ZONE}expired\n{ZONE}something entirely new\n".encode())
    assert ran.code == INCOMPLETE
    assert "  not known: no message of named's that is known here; nothing is guessed\n" in ran.out
    assert run("explain", "the weather is fine today").code == INCOMPLETE
    assert run("explain", "--as", "log", "-", stdin=b"\n").code == INCOMPLETE


def test_hostile_lines(tmp_path: Path) -> None:
    evil = f"{CLIENT}zone transfer '\x1b]0;x\x07\x1b[2J\u202ex/AXFR/IN' denied"
    ran = run("explain", "-", stdin=evil.encode())
    assert ran.code == CLEAN
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "\x07" not in ran.out
    huge = run("explain", "--as", "log", "-", stdin=b"client @0x1 " + b"9" * 3_000_000, timeout=20)
    assert huge.code == INCOMPLETE
    assert len(huge.out) < 1000
    secret = f'{ZONE}key "k" {{ algorithm hmac-sha256; secret "c2VjcmV0LW9mLXRoaXMtdGVzdC1kb25vdHNob3c="; }};'
    told = run("explain", "--as", "log", secret)
    assert (told.code, "c2VjcmV0" in told.out + told.err) == (INCOMPLETE, False)
    many = b"".join(b"zone z%d.example/IN: expired\n" % number for number in range(5000))
    cut = run("explain", "-", stdin=many, timeout=60)
    assert cut.code == INCOMPLETE
    assert "4800 more lines are not explained" in cut.err
    assert MAX_LINE > 3 * 1023


# Fragments.


def test_a_list_in_words() -> None:
    ran = run("explain", "-", stdin=b"allow-transfer { !{ !192.0.2.53; any; }; key k; };\n")
    assert (ran.code, ran.err) == (CLEAN, "")
    assert (
        ran.out
        == """\
<stdin>:1: allow-transfer
  may take the zone:
    with key k: 192.0.2.53
    key k is not in what was read: it is taken for one that is defined elsewhere
    element by element:
      !{ !192.0.2.53; any; }: stops anyone except 192.0.2.53: whom its own list lets through goes no further
      key k: admits 192.0.2.53 with key k
      whom no element matches is denied

"""
    )


def _said(fragment: str, *arguments: str | Path) -> list[str]:
    ran = run("explain", "--format", "json", *arguments, "-", stdin=fragment.encode())
    assert ran.code == CLEAN, ran.err
    return [said["text"] for statement in ran.json["statements"] for said in statement["says"]]


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("allow-transfer { 192.0.2.1; key k; };", ["without a key: 192.0.2.1", "with key k: anyone else"]),
        ("allow-transfer { none; };", ["no one"]),
        ("allow-transfer { };", ["no one"]),
        ("allow-transfer port 853 transport tls { any; };", ["only over TLS", "only to port 853 of the server", "without a key: anyone"]),
        ("allow-query { localnets; };", ["without a key: hosts on the server's networks"]),
        ("allow-query { localhost; };", ["without a key: the server itself"]),
        ("allow-transfer { !10.0.0.1; 10.0.0.0/8; key k; };",
         ["without a key: 10.0.0.0/8 except 10.0.0.1", "with key k: also anyone except 10.0.0.0/8"]),
        ("allow-update { !key k; any; };", ["with key k: not anyone, which would be admitted without it"]),
        ("allow-notify { friends; };", ["acl friends is not in what was read: whom it admits is unknown", "so anyone may be admitted without a key or not"]),
        ("allow-notify { !friends; 192.0.2.0/24; };", ["so 192.0.2.0/24 may be admitted without a key or not"]),
        ("allow-transfer { geoip country NL; };", ["without a key: anyone, where geoip country NL holds"]),
        ("acl a { 10/8; !10.1.2.3; };", ["without a key: 10.0.0.0/8"]),
        ("blackhole { 198.51.100.0/24; };", ["is neither answered nor asked:", "without a key: 198.51.100.0/24"]),
        ("match-clients { 10.0.0.0/8; };", ["lands in this view:", "without a key: 10.0.0.0/8"]),
        ("listen-on port 53 { 192.0.2.1; };", ["192.0.2.1"]),
        ("primaries { 192.0.2.1 key k; 2001:db8::1 port 5353; };",
         ["192.0.2.1 port 53, signed with key k (not in what was read)", "2001:db8::1 port 5353, unsigned, unless a server block names a key"]),
        ("primaries { 192.0.2.1 tls t; }; tls t { remote-hostname \"a.example\"; };", ["192.0.2.1 port 853, over TLS, certificate verified, unsigned, unless a server block names a key"]),
        ("masters { lists; };", ["the list lists is not in what was read: whom it names is unknown"]),
        ("also-notify { 192.0.2.1; }; server 192.0.2.1 { keys k; }; key k { algorithm hmac-sha256; secret \"???\"; };",
         ["192.0.2.1 port 53, signed with key k (its server block)", "a key called k for hmac-sha256, with a secret that is hidden here"]),
        ("primaries lst { 192.0.2.1; }; also-notify { lst; };", ["192.0.2.1 port 53, unsigned, unless a server block names a key, through the list lst"]),
        ("update-policy { grant k name a.x A AAAA; deny * zonesub ANY; };",
         ["key k (no such key in what was read) may change the name a.x alone: A AAAA", "any key may not change any name of the zone: ANY"]),
        ("update-policy local;", ["programs on the server itself may change any name of the zone, with the session key that named writes"]),
        ("update-policy { grant \"host/a@B\" krb5-self . A; };", ["whoever host/a@B stands for may change what the rule type krb5-self says: A"]),
        ("controls { inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { k; }; };", ["at inet 127.0.0.1 port 953: 127.0.0.1, with key k"]),
        ("controls { inet * allow { localhost; }; };", ["at inet *: the server itself, with the key of rndc.key"]),
        ("controls { };", ["the control channel is off: rndc cannot reach named"]),
        ("server 192.0.2.0/24 { keys k; };", ["what is sent to 192.0.2.0/24 is signed with key k (not in what was read), unless an entry of primaries or also-notify names another"]),
        ("notify explicit;", ["only those of also-notify are told of a new version"]),
        ('zone "a.example" { type primary; file "a"; allow-transfer { key k; }; notify no; };',
         ["anyone  key k  line 1: key k", "NOTIFY to no one (notify no)", "with key k: anyone"]),
    ],
)  # fmt: skip
def test_statements_in_words(fragment: str, said: list[str]) -> None:
    told = _said(fragment)
    assert [each for each in said if each not in told] == [], told


def test_names_are_looked_up_in_a_configuration(conf: Path) -> None:
    fragment = "allow-transfer { ours; key k.example; key inner; key nobody; };\nprimaries { 192.0.2.1 key nobody; };\n"
    told = _said(fragment, "--config", conf, "--bind-version", "9.18")
    assert "without a key: 192.0.2.0/24 except 192.0.2.53" in told
    assert f"ours: admits 192.0.2.0/24 except 192.0.2.53; the acl at {conf}:3" in told
    assert "with key nobody: no one, no such key is defined (BADKEY)" in told
    assert "with key inner: anyone else" in told


def test_a_request_is_followed_through_a_fragment() -> None:
    ran = run(
        "explain", "allow-transfer { !{ !192.0.2.53; any; }; key k; };", "--from", "192.0.2.53", "--key", "k"
    )
    assert ran.code == CLEAN
    assert "    ADMITTED: 192.0.2.53, signed with key k\n" in ran.out
    denied = run("explain", "allow-transfer { !{ !192.0.2.53; any; }; key k; };", "--from", "192.0.2.54")
    assert "    NOT ADMITTED: 192.0.2.54, unsigned\n" in denied.out
    assert "      !{ !192.0.2.53; any; }: matches: denies\n" in denied.out


def test_the_rules_speak_of_the_fragment_alone(conf: Path) -> None:
    ran = run(
        "explain", "--format", "json", "allow-transfer { any; };", "--config", conf, "--bind-version", "9.18"
    )
    assert ran.code == CLEAN
    assert [(found["rule"], found["path"], found["start"]) for found in ran.json["findings"]] == [
        ("transfer-open", "<argument>", {"line": 1, "column": 1})
    ]


def test_a_fragment_that_is_not_understood() -> None:
    ran = run("explain", "allow-transfer { any; ")
    assert ran.code == INCOMPLETE
    assert ran.out.endswith("INCOMPLETE: not all was read or understood; this is not the whole answer.\n")
    assert run("explain", "allow-transfr { any; };").code == INCOMPLETE
    assert run("explain", "--as", "fragment", "-", stdin=b"// nothing\n").code == USAGE


def test_secrets_stay_where_they_are() -> None:
    text = 'key k { algorithm hmac-sha256; secret "c2VjcmV0LW9mLXRoaXMtdGVzdC1kb25vdHNob3c="; };'
    for form in ("text", "json"):
        ran = run("explain", "--format", form, text)
        assert ran.code == CLEAN
        assert "c2VjcmV0" not in ran.out + ran.err
        assert "a key called k for hmac-sha256, with a secret (not shown)" in ran.out
    broken = run("explain", text.replace("};", ""), "--as", "fragment")
    assert (broken.code, "c2VjcmV0" in broken.out + broken.err) == (INCOMPLETE, False)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_on_a_line_of_its_own_is_not_shown(tmp_path: Path, form: str) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        'key k { algorithm hmac-sha256; secret\n"c2VjcmV0LW9mLXRoaXMtdGVzdC1kb25vdHNob3c=";\n};\n'
    )
    told = run("explain", "--format", form, "named.conf:2: bad secret", "--config", path)
    assert (told.code, "line 2" in told.out, "c2VjcmV0" in told.out) == (CLEAN, True, False)
    for text in (path.read_text(), path.read_text().replace("key k {", ""), "secret;\n" + path.read_text()):
        ran = run("explain", "--format", form, "--as", "fragment", "-", stdin=text.encode())
        assert "c2VjcmV0" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--key", "k", "notify no;"), "--key belongs to a question: give --from ADDR with it"),
        (("--from", "nowhere", "notify no;"), "--from: nowhere is not an address"),
        (("--from", "192.0.2.1", f"{ZONE}expired"), "--from asks the lists of a fragment; a log line says itself who it was"),
    ],
)  # fmt: skip
def test_usage(arguments: tuple[str, ...], said: str) -> None:
    ran = run("explain", *arguments)
    assert (ran.code, ran.out, ran.err) == (USAGE, "", f"named-audit: {said}\n")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    ran = run("explain", "missing.conf", cwd=tmp_path)
    assert (ran.code, ran.err) == (INCOMPLETE, "named-audit: cannot read missing.conf: no such file\n")
    lost = run("explain", "notify no;", "--config", "missing.conf", cwd=tmp_path)
    assert lost.code == INCOMPLETE
    (tmp_path / "named.log").write_text(f"{ZONE}expired\n")
    assert run("explain", "named.log", cwd=tmp_path).code == CLEAN


@given(st.text(max_size=120) | st.lists(st.sampled_from(["allow-transfer", "{", "}", ";", "!", "key", "k", "any", "primaries", "192.0.2.1", "acl", "x", "zone", '"a"', "update-policy", "grant", "server", "view", "options", "also-notify", "port", "type", "secondary", "\n", "//", "match-clients", "blackhole", "tls"]), max_size=40).map(" ".join))  # fmt: skip
@example("primaries;")
@example("allow-transfer;")
@example("zone { };")
@example("update-policy { grant k; };")
def test_no_fragment_is_too_odd(text: str) -> None:
    host = MemoryHost({"/f": text.encode("utf-8", "surrogatepass")})
    piece = read_piece("/f", host, ReadOptions())
    words = PieceWords(piece, Survey(piece.config), None, whole=False)
    for passage in words.passages():
        assert piece.holds(passage.at)


@given(st.sampled_from([sample[0] for sample in SAMPLES]), st.sampled_from([CONF, "", "zone", 'zone "x.example" { type secondary; };', "}{", CONF[:400]]))  # fmt: skip
def test_any_line_can_be_asked_about_any_configuration(line: str, text: str) -> None:
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), ReadOptions())
    entry = read_line(line)
    assert entry is not None
    answer = LogJudge(Survey(config)).answer(entry)
    assert answer is None or answer.verdict


def test_every_match_list_is_one_of_the_catalogue() -> None:
    from named_audit.catalogue.data import places_of

    assert [name for name in MATCH_LISTS if not places_of(name)] == []


@pytest.mark.parametrize(
    ("fragment", "element"),
    [
        ("allow-transfer { 192.0.2.0/24; !192.0.2.9; };", "!192.0.2.9: stops no one whom an element before it has not decided on"),
        ("allow-transfer { !192.0.2.9; 192.0.2.0/24; };", "!192.0.2.9: stops 192.0.2.9"),
        # Who signs with k comes past the first list.
        ("allow-transfer { { !key k; 192.0.2.0/24; }; !192.0.2.9; key k; };", "!192.0.2.9: stops 192.0.2.9"),
    ],
)  # fmt: skip
def test_a_denial_that_comes_too_late_stops_no_one(fragment: str, element: str) -> None:
    ran = run("explain", "-", stdin=fragment.encode())
    assert ran.code == CLEAN, ran.err
    assert element in [line.strip() for line in ran.out.split("\n")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("BADKEY", "tsig-badkey"),
        ("tsig verify failure (BADSIG)", "tsig-badsig"),
        ("(BADTIME)", "tsig-badtime"),
        ("BADTRUNC", "tsig-badtrunc"),
        ("refused notify from non-primary", "notify-refused"),
        ("refused notify from non-master", "notify-refused"),
    ],
)
def test_what_is_quoted_of_a_message_is_explained(text: str, message: str) -> None:
    ran = run("explain", "--format", "json", text)
    assert ran.code == CLEAN, ran.err
    assert [each["message"] for each in json.loads(ran.out)["messages"]] == [message]
