"""`named-audit who` as a user runs it: JSON, text, CSV, single questions, exit codes, hostile input."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, USAGE, Ran, run

SECRET = "c2VjcmV0LW9mLWEtdGVzdC0xMjM0NTY3ODkwYWJjZGU="
KEY = f'algorithm hmac-sha256; secret "{SECRET}";'

SPLIT = f"""\
acl partners {{ 192.0.2.53; !198.51.100.9; 198.51.100.0/24; }};
key global-k {{ {KEY} }};
options {{
	allow-transfer {{ none; }};
	notify explicit;
	blackhole {{ 203.0.113.66; }};
}};
view "int" {{
	match-clients {{ !key ext-k; key int-k; 10.0.0.0/8; }};
	key int-k {{ {KEY} }};
	zone "a.example" {{
		type primary; file "int/a";
		allow-transfer {{ key int-k; 10.0.0.53; }};
	}};
	zone "in.example" {{ type primary; file "int/in"; allow-transfer {{ 192.0.2.1; 10.9.9.9; }}; }};
}};
view "ext" {{
	match-clients {{ any; }};
	key ext-k {{ {KEY} }};
	allow-transfer {{ partners; key nope; }};
	zone "a.example" {{ type secondary; file "ext/a"; primaries {{ 192.0.2.1 key global-k; }}; }};
	zone "in.example" {{ in-view "int"; }};
}};
"""

SPLIT_TEXT = """\
a.example (primary, view int): decided by the zone, named.conf:13
  10.0.0.53                                 no key     line 13: 10.0.0.53
  anyone except 10.0.0.53 and 203.0.113.66  key int-k  line 13: key int-k
  NOTIFY to no one (notify explicit)

in.example (primary, view int): decided by the zone, named.conf:15
  10.9.9.9   no key     line 15: 10.9.9.9
  192.0.2.1  key int-k  line 15: 192.0.2.1
  NOTIFY to no one (notify explicit)

a.example (secondary, view ext): decided by the view, named.conf:20
  192.0.2.53 and 198.51.100.0/24 (except 198.51.100.9)  no key    line 20: partners (acl at named.conf:1)
  no one                                                key nope  no such key is defined here
  NOTIFY to no one (notify explicit)
  content from 192.0.2.1 with key global-k

in.example (primary, that of view int, view ext): decided by the zone, named.conf:15
  192.0.2.1  no key  line 15: 192.0.2.1

"""

LISTENING = """\
key k1 { algorithm hmac-sha256; secret "aaaa"; };
tls mutual { cert-file "c"; key-file "k"; ca-file "ca"; };
tls plain { cert-file "c"; key-file "k"; };
options { notify no; listen-on { any; }; listen-on port 853 tls mutual { any; }; listen-on port 8853 tls plain { any; }; };
zone "open.example" { type primary; file "o"; };
zone "sec.example" { type slave; file "s"; masters { 192.0.2.1; }; };
zone "mir.example" { type mirror; primaries { 192.0.2.1; }; };
zone "loc.example" { type primary; file "l"; allow-transfer { localhost; 192.0.2.9; localnets; key K1.; }; };
zone "tls.example" { type primary; file "t"; allow-transfer port 853 transport tls { any; }; };
zone "tls2.example" { type primary; file "t2"; allow-transfer transport tls { 192.0.2.1; }; };
zone "port.example" { type primary; file "t3"; allow-transfer port 9 { any; }; };
zone "geo.example" { type primary; file "g"; allow-transfer { geoip country NL; 192.0.2.4; }; };
zone "map.example" { type primary; file "m"; allow-transfer { ::ffff:192.0.2.1; }; };
zone "flip.example" { type primary; file "f"; allow-transfer { 192.0.2.1; !{ 192.0.2.1; }; 192.0.2.2; }; };
zone "fwd.example" { type forward; forwarders { 192.0.2.1; }; };
"""

EVERYONE = ["0.0.0.0/0", "::/0"]


def _who(tmp_path: Path, text: str | bytes, *arguments: str) -> Ran:
    (tmp_path / "named.conf").write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("who", "named.conf", *arguments, cwd=tmp_path)


def _zones(tmp_path: Path, text: str, zone: str, *arguments: str) -> list[dict[str, Any]]:
    ran = _who(tmp_path, text, "--format", "json", "--zone", zone, *arguments)
    assert (ran.code, ran.err) == (CLEAN, "")
    zones: list[dict[str, Any]] = ran.json["zones"]
    assert {each["zone"] for each in zones} == {zone}
    return zones


def _zone(tmp_path: Path, text: str, zone: str, *arguments: str) -> dict[str, Any]:
    (found,) = _zones(tmp_path, text, zone, *arguments)
    return found


def _grant(*addresses: str, signer: str | None = None, locality: str = "any") -> dict[str, Any]:
    return {"signer": signer, "locality": locality, "addresses": list(addresses)}


def test_text_of_several_views(tmp_path: Path) -> None:
    ran = _who(tmp_path, SPLIT)
    assert (ran.code, ran.out, ran.err) == (CLEAN, SPLIT_TEXT, "")


def test_json_has_the_fields_of_the_contract(tmp_path: Path) -> None:
    ran = _who(tmp_path, SPLIT, "--format", "json", "--bind-version", "9.18")
    assert list(ran.json) == ["version", "complete", "bind", "problems", "zones", "runtime"]
    assert {**ran.json, "zones": []} == {
        "version": 1,
        "complete": True,
        "bind": "9.18",
        "problems": [],
        "zones": [],
        "runtime": [],
    }
    internal, shared, external, pointing = ran.json["zones"]
    assert internal == {
        "zone": "a.example",
        "view": "int",
        "class": "IN",
        "type": "primary",
        "in_view": None,
        "decided_by": {"level": "zone", "path": "named.conf", "line": 13},
        "port": None,
        "transport": None,
        "signers": ["int-k"],
        "releases": None,
        "conditions": [],
        "grants": [_grant("10.0.0.53/32"), internal["grants"][1]],
        "notify": {"mode": "explicit", "by_ns": False, "targets": [], "unknown": []},
        "primaries": [],
    }
    assert internal["grants"][1]["signer"] == "int-k"
    assert "203.0.113.64/31" in internal["grants"][1]["addresses"]  # the blackhole is next to it
    assert shared["grants"] == [_grant("10.9.9.9/32"), _grant("10.9.9.9/32", "192.0.2.1/32", signer="int-k")]
    assert external["decided_by"] == {"level": "view", "path": "named.conf", "line": 20}
    # An undefined key has no rows, and is listed.
    assert (external["type"], external["signers"]) == ("secondary", ["nope"])
    assert {grant["signer"] for grant in external["grants"]} == {None}
    assert external["primaries"] == [
        {
            "address": "192.0.2.1",
            "port": 53,
            "transport": "plain",
            "tls": None,
            "verified": False,
            "key": "global-k",
            "skipped": False,
        }
    ]
    assert (pointing["view"], pointing["in_view"]) == ("ext", "int")
    assert pointing["decided_by"] == {"level": "zone", "path": "named.conf", "line": 15}
    # The list is that of the defining view, the clients are those of the pointing one.
    assert pointing["grants"] == [_grant("192.0.2.1/32")]


@pytest.mark.parametrize("zone", ["open.example", "sec.example"])
def test_the_default_by_release(tmp_path: Path, zone: str) -> None:
    for release, grants in (("9.18", [_grant(*EVERYONE)]), ("9.20", [])):
        found = _zone(tmp_path, LISTENING, zone, "--bind-version", release)
        assert found["decided_by"] == {"level": "default", "path": None, "line": None}
        assert (found["releases"], found["grants"]) == (None, grants)
    known = [(each["releases"], each["grants"]) for each in _zones(tmp_path, LISTENING, zone)]
    assert known == [(["9.11", "9.16", "9.18"], [_grant(*EVERYONE)]), (["9.20", "9.21"], [])]
    asked = _who(tmp_path, LISTENING, "--zone", zone, "--from", "192.0.2.5")
    assert asked.out.startswith(f"SERVED on BIND 9.11, 9.16, 9.18: {zone} to 192.0.2.5, unsigned\n")


def test_a_mirror_only_by_its_own_list(tmp_path: Path) -> None:
    text = LISTENING.replace("notify no;", "allow-transfer { any; };")
    assert _zone(tmp_path, text, "mir.example")["grants"] == []
    own = text.replace("type mirror;", "type mirror; allow-transfer { 192.0.2.8; };")
    assert _zone(tmp_path, own, "mir.example")["grants"] == [_grant("192.0.2.8/32")]
    asked = _who(tmp_path, text, "--zone", "mir.example", "--from", "192.0.2.5")
    assert (asked.code, asked.out) == (
        FINDINGS,
        (
            "REFUSED: mir.example to 192.0.2.5, unsigned\n"
            "  named.conf:7: zone mir.example: refused: on a mirror zone only its own allow-transfer counts\n"
        ),
    )


def test_a_template_is_a_level(tmp_path: Path) -> None:
    text = (
        "options { allow-transfer { none; }; };\n"
        "template t { type primary; allow-transfer { 192.0.2.1; }; };\n"
        'zone "t.example" { template t; file "t"; };\n'
    )
    found = _zone(tmp_path, text, "t.example", "--bind-version", "9.21")
    assert found["decided_by"] == {"level": "template", "path": "named.conf", "line": 2}
    assert (found["type"], found["grants"]) == ("primary", [_grant("192.0.2.1/32")])


def test_localities_and_interfaces(tmp_path: Path) -> None:
    found = _zone(tmp_path, LISTENING, "loc.example")
    assert found["signers"] == ["k1"]
    assert found["grants"] == [
        _grant(*EVERYONE, locality="localhost"),
        _grant(*EVERYONE, locality="localnets"),
        _grant("192.0.2.9/32", locality="elsewhere"),
        _grant(*EVERYONE, signer="k1"),
    ]
    found = _zone(
        tmp_path, LISTENING, "loc.example", "--interfaces", "198.51.100.77/28,2001:db8::1/64,192.0.2.200"
    )
    assert found["grants"] == [
        _grant(
            "127.0.0.0/8",
            "192.0.2.9/32",
            "192.0.2.200/32",
            "198.51.100.64/28",
            "::1/128",
            "2001:db8::/64",
        ),
        _grant(*EVERYONE, signer="k1"),
    ]


def test_ports_and_transports(tmp_path: Path) -> None:
    found = _zone(tmp_path, LISTENING, "tls.example")
    assert (found["port"], found["transport"], found["conditions"]) == (853, "tls", ["client certificate"])
    # Its listener is one for IPv4.
    assert found["grants"] == [_grant("0.0.0.0/0")]
    # One of the two listeners for TLS takes clients without a certificate.
    found = _zone(tmp_path, LISTENING, "tls2.example")
    assert (found["port"], found["transport"], found["conditions"]) == (None, "tls", [])
    # Nobody listens there.
    found = _zone(tmp_path, LISTENING, "port.example")
    assert (found["port"], found["transport"], found["grants"]) == (9, None, [])


@pytest.mark.parametrize(
    ("arguments", "code", "trace"),
    [
        (
            ["tls.example"],
            FINDINGS,
            (
                "REFUSED: tls.example to 192.0.2.1, unsigned\n"
                "  named.conf:9: transport tls: refused: the request comes over tcp\n"
            ),
        ),
        (
            ["tls.example", "--transport", "tls"],
            CLEAN,
            (
                "SERVED: tls.example to 192.0.2.1, unsigned over TLS\n"
                "  depends: served only to a client with a certificate of the listener's ca-file\n"
                "  named.conf:9: allow-transfer: decides at the level of the zone\n"
                "    named.conf:9: any: matches: allows\n"
            ),
        ),
        (
            ["tls.example", "--transport", "tls", "--port", "8853"],
            FINDINGS,
            (
                "REFUSED: tls.example to 192.0.2.1, unsigned over TLS\n"
                "  named.conf:9: port 853: refused: the request comes to port 8853\n"
            ),
        ),
        (
            ["tls2.example", "--transport", "tls", "--port", "8853"],
            CLEAN,
            (
                "SERVED: tls2.example to 192.0.2.1, unsigned over TLS\n"
                "  named.conf:10: allow-transfer: decides at the level of the zone\n"
                "    named.conf:10: 192.0.2.1: matches: allows\n"
            ),
        ),
        (
            ["port.example", "--port", "9"],
            FINDINGS,
            (
                "REFUSED: port.example to 192.0.2.1, unsigned\n"
                "  listeners: refused: the server does not listen for tcp on port 9 over IPv4\n"
            ),
        ),
        (
            ["flip.example"],
            FINDINGS,
            (
                "REFUSED: flip.example to 192.0.2.1, unsigned\n"
                "  named.conf:14: allow-transfer: decides at the level of the zone\n"
                "    named.conf:14: 192.0.2.1: matches, but `!{ 192.0.2.1; }` behind it is merged into it and turns it "
                "into a denial\n"
            ),
        ),
        (
            ["fwd.example"],
            FINDINGS,
            (
                "REFUSED: fwd.example to 192.0.2.1, unsigned\n"
                "  named.conf:15: zone fwd.example: refused: a forward zone is never handed out (NOTAUTH)\n"
            ),
        ),
        (
            ["geo.example"],
            FINDINGS,
            (
                "REFUSED: geo.example to 192.0.2.1, unsigned\n"
                "  depends: served where geoip country NL holds\n"
                "  named.conf:12: allow-transfer: decides at the level of the zone\n"
                "    named.conf:12: geoip country NL: does not match\n"
                "    named.conf:12: 192.0.2.4: does not match\n"
                "    named.conf:12: }: no element matches: denies\n"
            ),
        ),
        (
            ["loc.example"],
            FINDINGS,
            (
                "REFUSED: loc.example to 192.0.2.1, unsigned\n"
                "  depends: served if the client is on one of the server's networks\n"
                "  depends: served if the client is the server itself\n"
                "  named.conf:8: allow-transfer: decides at the level of the zone\n"
                "    named.conf:8: localhost: does not match\n"
                "    named.conf:8: 192.0.2.9: does not match\n"
                "    named.conf:8: localnets: does not match\n"
                "    named.conf:8: key K1.: does not match\n"
                "    named.conf:8: }: no element matches: denies\n"
            ),
        ),
        (
            ["loc.example", "--key", "K1."],
            CLEAN,
            (
                "SERVED: loc.example to 192.0.2.1, signed with k1\n"
                "  named.conf:8: allow-transfer: decides at the level of the zone\n"
                "    named.conf:8: localhost: does not match\n"
                "    named.conf:8: 192.0.2.9: does not match\n"
                "    named.conf:8: localnets: does not match\n"
                "    named.conf:8: key K1.: matches: allows\n"
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_one_question(tmp_path: Path, arguments: list[str], code: int, trace: str) -> None:
    ran = _who(tmp_path, LISTENING, "--zone", *arguments, "--from", "192.0.2.1")
    assert (ran.code, ran.out, ran.err) == (code, trace, "")


def test_no_client_comes_from_a_mapped_address(tmp_path: Path) -> None:
    assert _zone(tmp_path, LISTENING, "map.example")["grants"] == []
    assert _who(tmp_path, LISTENING, "--zone", "map.example").out == (
        "map.example (primary): decided by the zone, named.conf:13\n  no one\n  NOTIFY to no one (notify no)\n\n"
    )
    # Who asks about one means the IPv4 client that named sees.
    ran = _who(
        tmp_path, LISTENING, "--zone", "tls2.example", "--from", "::ffff:192.0.2.1", "--transport", "tls"
    )
    assert (ran.code, ran.out.splitlines()[0]) == (
        CLEAN,
        "SERVED: tls2.example to ::ffff:192.0.2.1, unsigned over TLS",
    )
    assert _who(tmp_path, LISTENING, "--zone", "map.example", "--from", "::ffff:192.0.2.1").code == FINDINGS


def test_a_key_that_an_earlier_view_does_not_know(tmp_path: Path) -> None:
    question = ["--zone", "a.example", "--from", "10.1.1.1", "--key", "ext-k"]
    ran = _who(tmp_path, SPLIT, *question)
    assert (ran.code, ran.out) == (
        FINDINGS,
        (
            "REFUSED: a.example in view int to 10.1.1.1, signed with ext-k\n"
            "  named.conf:8: view int: its match-clients let the request in\n"
            "    named.conf:9: !key ext-k: does not match\n"
            "    named.conf:9: key int-k: does not match\n"
            "    named.conf:9: 10.0.0.0/8: matches: allows\n"
            '  key "ext-k": refused: the server does not know this key here (BADKEY)\n'
        ),
    )
    assert _who(tmp_path, SPLIT, *question, "--view", "ext").code == FINDINGS
    assert _who(tmp_path, SPLIT, *question[:-1], "int-k").code == CLEAN


def test_a_question_as_json_with_named_lists_in_its_trace(tmp_path: Path) -> None:
    ran = _who(tmp_path, SPLIT, "--zone", "A.Example.", "--from", "198.51.100.9", "--format", "json")
    assert ran.code == FINDINGS
    trace = ran.json["trace"]
    assert {name: value for name, value in ran.json.items() if name != "trace"} == {
        "version": 1,
        "complete": True,
        "bind": None,
        "served": False,
        "zone": "a.example",
        "view": "ext",
        "decided_by": {"level": "view", "path": "named.conf", "line": 20},
        "releases": None,
        "depends": [],
    }
    assert [tuple(step.values()) for step in trace[5:]] == [
        ("named.conf", 17, "view ext", "its match-clients let the request in"),
        ("named.conf", 18, "any", "matches: allows"),
        ("named.conf", 20, "allow-transfer", "decides at the level of the view"),
        ("named.conf", 20, "partners", "does not match"),
        ("named.conf", 1, "192.0.2.53", "does not match"),
        ("named.conf", 1, "!198.51.100.9", "matches: denies"),
        ("named.conf", 20, "key nope", "does not match"),
        ("named.conf", 20, "}", "no element matches: denies"),
    ]


@pytest.mark.parametrize(("written", "port"), [("0x351", 849), ("01521", 849), ("849", 849)])
def test_ports_in_front_of_a_list_are_read_as_c_reads_numbers(
    tmp_path: Path, written: str, port: int
) -> None:
    text = f"""\
options {{ notify no; port {written}; listen-on port {written} {{ any; }}; }};
zone "a.example" {{ type primary; file "a"; allow-transfer port {written} {{ 192.0.2.1; }}; }};
"""
    zone = _zone(tmp_path, text, "a.example")
    assert (zone["port"], zone["grants"]) == (port, [_grant("192.0.2.1/32")])


def test_blackhole_comes_first(tmp_path: Path) -> None:
    ran = _who(tmp_path, SPLIT, "--zone", "a.example", "--from", "203.0.113.66", "--key", "int-k")
    assert (ran.code, ran.out) == (
        FINDINGS,
        (
            "REFUSED: a.example to 203.0.113.66, signed with int-k\n"
            "  named.conf:6: 203.0.113.66: dropped: named does not answer\n"
        ),
    )


CHOOSING = f"""\
options {{ allow-transfer {{ any; }}; }};
view first {{ match-destinations {{ 192.0.2.1; }}; key k {{ {KEY} }}; }};
view rd {{ match-clients {{ 198.51.100.0/24; }}; match-recursive-only yes; zone "r.example" {{ type primary; file "r"; }}; }};
view last {{
	key k {{ {KEY.replace("c2V", "d2V")} }};
	zone "z.example" {{ type primary; file "z"; }};
}};
"""


def test_a_client_chooses_where_it_goes_and_how(tmp_path: Path) -> None:
    question = ["--zone", "z.example", "--from", "203.0.113.1"]
    open_ = _who(tmp_path, CHOOSING, *question)
    assert (open_.code, open_.out) == (
        CLEAN,
        (
            "SERVED: z.example in view last to 203.0.113.1, unsigned\n"
            "  depends: only for requests to anyone over IPv4 except 192.0.2.1\n"
            "  named.conf:2: match-destinations: not for requests to anyone over IPv4 except 192.0.2.1\n"
            "  named.conf:3: view rd: not for this request: match-recursive-only\n"
            "  named.conf:4: view last: it takes every client\n"
            "  named.conf:1: allow-transfer: decides at the level of the options\n"
            "    named.conf:1: any: matches: allows\n"
        ),
    )
    assert _who(tmp_path, CHOOSING, *question, "--to", "192.0.2.2").code == CLEAN
    refused = _who(tmp_path, CHOOSING, *question, "--to", "192.0.2.1")
    assert (refused.code, refused.out) == (
        FINDINGS,
        (
            "REFUSED: z.example in view first to 203.0.113.1, unsigned\n"
            "  named.conf:2: match-destinations: lets in requests to 192.0.2.1\n"
            "  zone z.example: refused: this view has no such zone (NOTAUTH)\n"
        ),
    )
    # The server has no other address.
    assert _who(tmp_path, CHOOSING, *question, "--interfaces", "192.0.2.1/24").code == CLEAN  # loopback
    ran = _who(tmp_path, CHOOSING, "--zone", "r.example", "--from", "198.51.100.1")
    assert ran.code == CLEAN
    assert "  depends: only to a request that asks for recursion (RD)\n" in ran.out


def test_one_name_for_two_keys(tmp_path: Path) -> None:
    question = ["--zone", "z.example", "--from", "203.0.113.1", "--key", "k"]
    ran = _who(tmp_path, CHOOSING, *question)
    assert ran.code == FINDINGS
    assert "  depends: served with the key of this name of view last\n" in ran.out
    # Who asks about a view means that view's key.
    assert _who(tmp_path, CHOOSING, *question, "--view", "last").code == CLEAN


def test_filters(tmp_path: Path) -> None:
    text = _who(tmp_path, SPLIT, "--zone", "A.EXAMPLE.", "--view", "ext")
    assert text.out == SPLIT_TEXT.split("\n\n")[2] + "\n\n"
    found = _who(tmp_path, SPLIT, "--view", "int", "--format", "json").json["zones"]
    assert [(each["zone"], each["view"]) for each in found] == [("a.example", "int"), ("in.example", "int")]


def test_summary(tmp_path: Path) -> None:
    zones = "".join(f'zone "z{number}.example" {{ type primary; file "z"; }};\n' for number in range(7))
    text = "options { allow-transfer { 192.0.2.1; }; notify no; };\n" + zones
    text += 'zone "one.example" { type primary; file "z"; allow-transfer { none; }; };\n'
    assert _who(tmp_path, text, "--summary").out == (
        "7 zones (primary, decided by the options): z0.example, z1.example, z2.example, z3.example, z4.example "
        "and 2 more\n"
        "  192.0.2.1  no key  192.0.2.1\n"
        "  NOTIFY to no one (notify no)\n\n"
        "1 zone (primary, decided by the zone): one.example\n"
        "  no one\n"
        "  NOTIFY to no one (notify no)\n\n"
    )


def test_csv(tmp_path: Path) -> None:
    text = (
        f'key "+k" {{ {KEY} }};\n'
        "options { notify explicit; notify-source 192.0.2.1; also-notify { 198.51.100.5 key +k; 198.51.100.6; }; };\n"
        'zone "=cmd|x,\\"y.example" { type primary; file "a"; allow-transfer { key "+k"; 198.51.100.6; }; };\n'
        'zone "@b.example" { type primary; file "b"; allow-transfer { none; }; };\n'
    )
    ran = _who(tmp_path, text, "--format", "csv")
    assert (ran.code, ran.err) == (CLEAN, "")
    assert list(csv.reader(io.StringIO(ran.out))) == [
        ["zone", "view", "primary", "notify source", "secondaries", "key name", "algorithm", "releases"],
        ["'=cmd|x,\"y.example", "", "192.0.2.1", "192.0.2.1", "198.51.100.6", "", "", ""],
        ["'=cmd|x,\"y.example", "", "192.0.2.1", "192.0.2.1", "198.51.100.5", "'+k", "hmac-sha256", ""],
        ["'@b.example", "", "192.0.2.1", "192.0.2.1", "", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--zone", "a.exampel"], "there is no zone a.exampel; did you mean a.example or in.example?"),
        (["--view", "exr"], "there is no view exr; did you mean ext?"),
        (["--view", "INT"], "there is no view INT; did you mean int?"),
        (["--zone", "x\x1b[31m\n"], "there is no zone x\\x1b[31m\\x0a (there is a.example, in.example)"),
        (["--zone", "a.example", "--from", "1.2.3"], "--from: 1.2.3 is not an address"),
        (["--zone", "a.example", "--from", "01.2.3.4"], "--from: 01.2.3.4 is not an address"),
        (
            ["--zone", "a.example", "--from", "1.2.3.4", "--to", "x\n"],
            "--to: x\\x0a is not an address",
        ),
        (
            ["--zone", "a.example", "--from", "1.2.3.4", "--to", "::1"],
            "--from and --to are of different address families",
        ),
        (
            ["--zone", "a.example", "--from", "1.2.3.4", "--key", "int-q"],
            "there is no key int-q; did you mean int-k?",
        ),
        (["--from", "1.2.3.4"], "--from asks about one zone: give --zone NAME with it"),
        (["--key", "int-k"], "--key belongs to a question: give --from ADDR and --zone NAME with it"),
        (["--port", "53"], "--port belongs to a question: give --from ADDR and --zone NAME with it"),
        (["--summary", "--format", "json"], "--summary groups zones in the text format"),
        (
            ["--zone", "a.example", "--from", "1.2.3.4", "--format", "csv"],
            "the answer to --from has the formats text and json",
        ),
        (
            ["--interfaces", "1.2.3.4/33"],
            "--interfaces: '1.2.3.4/33' is no interface address; write it like 192.0.2.1/24",
        ),
        (
            ["--interfaces", "1.2.3.4/000099"],
            "--interfaces: '1.2.3.4/000099' is no interface address; write it like 192.0.2.1/24",
        ),
        (["--output", "named.conf"], "--output named.conf: that is one of the read files"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_bad_arguments_are_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    ran = _who(tmp_path, SPLIT, *arguments)
    assert (ran.code, ran.out, ran.err) == (USAGE, "", f"named-audit: {message}\n")
    assert (tmp_path / "named.conf").read_text() == SPLIT


HOSTILE = (
    b'options { notify no; };\nkey "+k;\x1b[31m" { algorithm hmac-md5; secret "'
    + SECRET.encode()
    + b'"; };\n'
    b'zone "\xff\\"\n<b>,.example" { type primary; file "a"; allow-transfer { key "+k;\x1b[31m"; }; };\n'
)


@pytest.mark.parametrize("arguments", [[], ["--summary"], ["--format", "json"], ["--format", "csv"]])
def test_hostile_names_stay_text(tmp_path: Path, arguments: list[str]) -> None:
    ran = _who(tmp_path, HOSTILE, *arguments)
    assert ran.code == CLEAN
    assert "\x1b" not in ran.out
    assert SECRET not in ran.out + ran.err
    if "json" in arguments:
        (zone,) = json.loads(ran.out)["zones"]
        assert (zone["zone"], zone["signers"]) == ('\\xff"\n<b>,.example', ["+k;\x1b[31m"])
    else:
        assert '\\xff"' in ran.out.replace('""', '"')
        assert "+k;\\x1b[31m" in ran.out


def test_secrets_are_not_shown_where_a_trace_quotes(tmp_path: Path) -> None:
    ran = _who(tmp_path, SPLIT, "--zone", "a.example", "--from", "10.0.0.1", "--format", "json")
    assert SECRET not in ran.out
    broken = (
        SPLIT
        + f'zone "b.example" {{ type primary; allow-transfer {{ any; }} key x {{ secret "{SECRET}"; }}; }};\n'
    )
    ran = _who(tmp_path, broken)
    assert ran.code == INCOMPLETE
    assert SECRET not in ran.out + ran.err


INCOMPLETE_CONF = 'include "gone";\nzone "a.example" { type primary; file "a"; };\n'


def test_incomplete_input_says_why(tmp_path: Path) -> None:
    ran = _who(tmp_path, INCOMPLETE_CONF)
    assert ran.code == INCOMPLETE
    assert ran.err.startswith(
        'named.conf:1:1: not read[include] cannot read include "gone": nothing is there.'
    )
    assert "named.conf:2:1: not read[include] what decides for 1 zone was not read\n" in ran.err
    assert ran.out.endswith("INCOMPLETE: 2 problems; this is not the whole answer.\n")
    document = _who(tmp_path, INCOMPLETE_CONF, "--format", "json").json
    assert document["complete"] is False
    assert [problem["start"] for problem in document["problems"]] == [
        {"line": 1, "column": 1},
        {"line": 2, "column": 1},
    ]


def test_served_is_not_enough_where_input_is_incomplete(tmp_path: Path) -> None:
    ran = _who(tmp_path, INCOMPLETE_CONF, "--zone", "a.example", "--from", "192.0.2.1")
    assert ran.code == INCOMPLETE
    assert ran.out.endswith("INCOMPLETE: not all was read or understood; this is not the whole answer.\n")


def test_a_zone_may_be_in_what_was_not_read(tmp_path: Path) -> None:
    ran = _who(tmp_path, INCOMPLETE_CONF, "--zone", "b.example")
    assert ran.code == INCOMPLETE
    assert "named-audit: in what was read, there is no zone b.example; did you mean a.example?\n" in ran.err
    ran = _who(tmp_path, INCOMPLETE_CONF, "--zone", "b.example", "--from", "192.0.2.1")
    assert (ran.code, ran.out) == (INCOMPLETE, "UNDECIDED: b.example: it is not in what was read\n")
    ran = run("who", "gone.conf", "--zone", "b", "--from", "192.0.2.1", "--format", "json", cwd=tmp_path)
    assert ran.code == INCOMPLETE
    assert (ran.json["complete"], ran.json["served"]) == (False, False)


def test_output_file(tmp_path: Path) -> None:
    ran = _who(tmp_path, SPLIT, "--output", "report.txt")
    assert (ran.code, ran.out, ran.err) == (CLEAN, "", "")
    assert (tmp_path / "report.txt").read_text() == SPLIT_TEXT


CATALOG = f"""\
key k1 {{ {KEY} }};
options {{
	notify explicit;
	catalog-zones {{ zone "cat.example" default-masters {{ 192.0.2.1 key k1; }}; }};
}};
zone "cat.example" {{ type secondary; file "c"; primaries {{ 192.0.2.1 key k1; }}; allow-transfer {{ none; }}; }};
"""


def test_members_of_a_catalog_zone_follow_the_options(tmp_path: Path) -> None:
    ran = _who(tmp_path, CATALOG, "--bind-version", "9.18")
    assert ran.code == CLEAN
    # The catalog zone's own `none` does not reach its members.
    assert ran.out == (
        "cat.example (secondary): decided by the zone, named.conf:6\n"
        "  no one\n"
        "  NOTIFY to no one (notify explicit)\n"
        "  content from 192.0.2.1 with key k1\n"
        "\n"
        "the members of catalog zone cat.example: by default\n"
        "  anyone  no key  the default\n"
        "  NOTIFY to no one (notify explicit)\n"
        "  content from 192.0.2.1 with key k1\n"
        "\n"
    )
    open_, closed = _who(tmp_path, CATALOG, "--format", "json").json["runtime"]
    assert (open_["kind"], open_["name"], open_["releases"]) == (
        "catalog",
        "cat.example",
        ["9.11", "9.16", "9.18"],
    )
    assert open_["grants"] == [{"signer": None, "locality": "any", "addresses": ["0.0.0.0/0", "::/0"]}]
    assert (closed["releases"], closed["grants"]) == (["9.20", "9.21"], [])


def test_the_rest_is_anyone_else(tmp_path: Path) -> None:
    zone = 'zone "a" { type primary; file "a"; notify no; allow-transfer { 192.0.2.1; key k1; }; };\n'
    ran = _who(tmp_path, f"key k1 {{ {KEY} }};\n{zone}")
    assert ran.out.splitlines()[1:3] == [
        "  192.0.2.1    no key  line 2: 192.0.2.1",
        "  anyone else  key k1  line 2: key k1",
    ]


def test_a_fragment_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "zones.conf").write_text(
        'zone "a" { type primary; file "a"; allow-transfer { 192.0.2.1; }; };\n'
    )
    ran = run("who", "zones.conf", cwd=tmp_path)
    assert ran.code == CLEAN
    assert ran.err == "note: zones.conf is taken as a fragment: what a root around it decides is not known\n"


def test_the_session_key_needs_no_statement(tmp_path: Path) -> None:
    # named makes local-ddns by itself and serves what is signed with it.
    conf = 'zone "a" { type primary; file "a"; allow-transfer { key local-ddns; }; };\n'
    options = "options { notify no; };\n"
    ran = _who(tmp_path, options + conf, "--zone", "a", "--from", "192.0.2.1", "--key", "local-ddns")
    assert (ran.code, ran.out.splitlines()[0]) == (CLEAN, "SERVED: a to 192.0.2.1, signed with local-ddns")
    (zone,) = _who(tmp_path, options + conf, "--format", "json").json["zones"]
    assert zone["grants"] == [{"signer": "local-ddns", "locality": "any", "addresses": ["0.0.0.0/0", "::/0"]}]


def test_the_sheet_loses_no_address_and_no_release(tmp_path: Path) -> None:
    addresses = [f"192.0.2.{number}" for number in (1, 3, 7, 11, 13, 17)]
    text = (
        f'zone "a" {{ type primary; file "a"; allow-transfer {{ {"; ".join(addresses)}; }}; }};\n'
        f'zone "b" {{ type primary; file "b"; allow-transfer {{ !192.0.2.9; any; }}; }};\nzone "c" {{ type primary; file "c"; }};\n'
        "options { notify no; };\n"
    )
    rows = list(csv.reader(io.StringIO(_who(tmp_path, text, "--format", "csv").out)))[1:]
    assert [(row[0], row[4], row[7]) for row in rows] == [
        ("a", " ".join(addresses), ""),
        ("b", "anyone except 192.0.2.9", ""),
        ("c", "anyone", "9.11 9.16 9.18"),
        ("c", "", "9.20 9.21"),
    ]


def test_a_zone_of_another_view(tmp_path: Path) -> None:
    ran = _who(
        tmp_path,
        SPLIT.replace('zone "in.example" {{ in-view', 'zone "in.example" { in-view'),
        "--zone",
        "in.example",
        "--view",
        "ext",
    )
    assert ran.code == CLEAN
    text = 'view v { zone "one" { type primary; file "a"; }; };\nview w { zone "two" { type primary; file "b"; }; };\n'
    ran = _who(tmp_path, text, "--zone", "one", "--view", "w")
    assert (ran.code, ran.err) == (
        USAGE,
        "named-audit: there is no zone one (there is two) in view w; it is in view v\n",
    )


def test_what_named_refuses_is_said_to_be_refused(tmp_path: Path) -> None:
    zone = 'zone "a" { type primary; file "a"; allow-transfer { none; }; };\n'
    ran = _who(tmp_path, f"options {{ notify no; recursion maybe; }};\n{zone}", "--bind-version", "9.18")
    assert ran.code == CLEAN
    assert ran.err == (
        "note: named refuses named.conf as it stands, `named-audit check` says why: this is what it would serve\n"
    )
