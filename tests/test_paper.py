"""The white paper that the project began with, literally: its zones, the mix of both, and its slips."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import dns.message
import dns.opcode
import dns.rcode
import dns.tsig
import pytest

from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, check, run
from tests.bind_server import ZONE_FILE, Key, running_named

KEY_512 = Key(
    "example-tsigkey",
    "n0IUhIFgwpqoh2OGAfOxM2Q5Y2D5B0mYkyLxZK4bxQTwHh4mBdWZ0Zrjq4Vvzv3U1fWCO1ryqkq2EJ7WZ5gX1g==",
    "hmac-sha512",
)

CORRECT = """zone "example.com" in {
   type master;
   file "master/example.com";
   allow-transfer { key example-tsigkey; };
   also-notify { 192.0.2.53; 192.0.2.54; }; };
"""
INSECURE = """zone "example.com" in {
   type master;
   file "master/example.com";
   allow-transfer { 192.0.2.53; 192.0.2.54; };
   also-notify { 192.0.2.53; 192.0.2.54; }; };
"""
MIX = """zone "example.com" in {
   type master;
   file "master/example.com";
   allow-transfer { 192.0.2.53; key example-tsigkey; };
   also-notify { 192.0.2.54; }; };
"""


def test_the_correct_zone_is_clean_for_the_regular_audience(tmp_path: Path) -> None:
    ran = check(KEY_512.statement + CORRECT, tmp_path)
    assert (ran.code, ran.found) == (CLEAN, [])


def test_that_its_notify_is_unsigned_is_for_the_pedantic_audience(tmp_path: Path) -> None:
    ran = check(KEY_512.statement + CORRECT, tmp_path, "--audience", "pedantic")
    assert ran.found == [
        ("key-in-main-file", 1, 5),
        ("old-terms", 3, 9),
        ("notify-unsigned", 6, 18),
        ("notify-unsigned", 6, 30),
    ]


def test_the_insecure_zone_is_shown_the_papers_correction(tmp_path: Path) -> None:
    ran = check(INSECURE, tmp_path)
    assert (ran.code, ran.found) == (FINDINGS, [("transfer-address-only", 4, 4)])
    (fix,) = ran.json["findings"][0]["fixes"]
    assert fix["grade"] == "display"
    assert fix["snippet"].splitlines()[-2:] == [
        'allow-transfer { key "transfer-key"; };',
        'also-notify { 192.0.2.53 key "transfer-key"; 192.0.2.54 key "transfer-key"; };',
    ]
    assert "tsig-keygen -a hmac-sha256 transfer-key" in fix["snippet"]


def test_the_insecure_zone_gets_the_key_that_belongs_to_its_peers(tmp_path: Path) -> None:
    servers = "".join(f"server 192.0.2.{n} {{ keys {{ example-tsigkey; }}; }};\n" for n in (53, 54))
    ran = check(KEY_512.statement + servers + INSECURE, tmp_path)
    assert ran.found == [("transfer-address-only", 7, 4)]
    (fix,) = ran.json["findings"][0]["fixes"]
    assert (fix["grade"], fix["snippet"].strip()) == ("unsafe", 'allow-transfer { key "example-tsigkey"; };')


def test_the_mix_is_shown_the_papers_correction(tmp_path: Path) -> None:
    ran = check(KEY_512.statement + MIX, tmp_path)
    assert (ran.code, ran.found) == (FINDINGS, [("transfer-address-or-key", 5, 4)])
    first, second = ran.json["findings"][0]["fixes"]
    assert first["snippet"].splitlines() == [
        "allow-transfer { key example-tsigkey; };",
        'also-notify { 192.0.2.54; 192.0.2.53 key "example-tsigkey"; };',
    ]
    assert second["snippet"].strip() == 'allow-transfer { !{ !192.0.2.53; any; }; key "example-tsigkey"; };'


def test_its_snippet_without_a_semicolon_is_a_problem_at_the_brace(tmp_path: Path) -> None:
    line = "   allow-transfer { key example-tsigkey. };"
    text = f'zone "example.com" in {{\n   type master;\n   file "master/example.com";\n{line}\n   also-notify {{ 192.0.2.53; }}; }};\n'
    ran = check(text, tmp_path)
    assert ran.code == INCOMPLETE
    problem = ran.json["problems"][0]
    assert problem["start"] == {"line": 4, "column": line.index("}") + 1}
    assert problem["message"] == "missing ';' before '}'"


def test_its_key_and_server_blocks_as_printed(tmp_path: Path) -> None:
    printed = (
        "key “random-sig-1” { algorithm hmac-sha256; secret “dsdjflkjfkjk34u4343ofgj3ifmi4o3jf3ijf=”; };\n"
        "server {\n"
        "  keys { random-sig-1; };\n"
        "server {\n"
        "  keys { random-sig-1; };\n"
    )
    ran = check(printed, tmp_path)
    assert ran.code == INCOMPLETE
    assert ("typographic-quotes", 1, 5) in ran.found
    assert any(rule == "typographic-quotes" and column > 40 for rule, _, column in ran.found)
    assert ("invalid-key", 1, 52) in ran.found
    lines = [problem["start"]["line"] for problem in ran.json["problems"]]
    assert 6 in lines, "the end of the file, where '}' is missing"
    assert "dsdjflkj" not in ran.out


def test_its_zone_with_typographic_quotes(tmp_path: Path) -> None:
    text = "zone “example.com” in {\n   type master;\n   file “master/example.com”;\n   allow-transfer { none; };\n};\n"
    ran = check(text, tmp_path)
    assert ("typographic-quotes", 1, 6) in ran.found
    assert ("typographic-quotes", 3, 9) in ran.found


@pytest.mark.proves("transfer-address-only", "transfer-address-or-key")
@pytest.mark.bind
@pytest.mark.parametrize("zone", [INSECURE, MIX], ids=["insecure", "mix"])
def test_before_and_after_on_a_real_named(zone: str, tmp_path: Path) -> None:
    """Before: the stranger at the listed address gets the zone unsigned. After: REFUSED, and the secondary is served."""
    server = "".join(f"server 192.0.2.{n} {{ keys {{ example-tsigkey; }}; }};\n" for n in (53, 54))
    path = tmp_path / "named.conf"
    path.write_text(KEY_512.statement + server + zone)
    before = path.read_text()
    assert run("check", "--fix", "--unsafe-fixes", path).code == CLEAN
    after = path.read_text()
    assert after != before

    with _Secondary() as secondary:
        for text, unsigned in ((before, True), (after, False)):
            with running_named(
                _fresh(tmp_path, unsigned), _on_loopback(text, secondary.port), files=_ZONES
            ) as named:
                assert named.axfr("example.com", "127.0.0.53", None) is unsigned
                if not unsigned:
                    assert named.axfr_rcode("example.com", "127.0.0.53", None) == dns.rcode.REFUSED
                    assert named.axfr("example.com", "127.0.0.53", KEY_512) is True
                    assert secondary.heard_of("example.com."), (
                        "the secondary is told, and the NOTIFY is signed"
                    )


_ZONES = {"master/example.com": ZONE_FILE}


def _fresh(tmp_path: Path, unsigned: bool) -> Path:
    folder = tmp_path / ("before" if unsigned else "after")
    (folder / "master").mkdir(parents=True)
    return folder


def _on_loopback(text: str, port: int) -> str:
    """The configuration with the secondaries' addresses put on loopback, and NOTIFY sent to a port we may open."""
    moved = text.replace("192.0.2.", "127.0.0.").replace("also-notify {", f"also-notify port {port} {{")
    return (
        "controls { };\noptions { pid-file none; session-keyfile none; recursion no; dnssec-validation no; "
        "notify explicit; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; startup-notify-rate 1000; };\n"
        + moved
    )


class _Secondary:
    """A socket that stands in for the secondary at 127.0.0.53."""

    def __enter__(self) -> _Secondary:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.53", 0))
        self._socket.settimeout(0.5)
        self.port = self._socket.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def heard_of(self, zone: str) -> bool:
        """Whether a NOTIFY for the zone comes that is signed with the key."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                wire, _ = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            try:
                message = dns.message.from_wire(wire, keyring=KEY_512.ring())
            except dns.message.UnknownTSIGKey:
                continue
            asked = message.question[0].name.to_text()
            if message.opcode() == dns.opcode.NOTIFY and asked == zone and message.had_tsig:
                return True
        return False
