"""Configurations whose every statement is right by itself and which named refuses; and their like that it takes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from named_audit.model.names import canonical, is_dns_name
from tests.audit_cli import FINDINGS, INCOMPLETE, check, run

KEY = 'key "%s" { algorithm hmac-sha256; secret "c2VjcmV0"; };\n'
ZONE = 'zone "%s" { type primary; file "a"; allow-transfer { none; }; };\n'
LONG = "a" * 63

REFUSED = [
    (KEY % "k" + KEY % "K.", (2, 5), "key 'K.': already exists"),
    (KEY % "kk" + KEY % "k\\107", (2, 5), "key 'k\\107': already exists"),
    ("view a { %s};\n" % (KEY % "k") + KEY % "k", (1, 14), "key 'k': already exists"),
    ("view a {{\n{}{}}};\n".format(KEY % "k", KEY % "k"), (3, 5), "key 'k': already exists"),
    (
        "key k { algorithm hmac-sha256; };\n",
        (1, 5),
        "key 'k' must have both 'secret' and 'algorithm' defined",
    ),
    ('key k { secret "c2VjcmV0"; };\n', (1, 5), "key 'k' must have both 'secret' and 'algorithm' defined"),
    ("key k { };\n", (1, 5), "key 'k' must have both 'secret' and 'algorithm' defined"),
    (KEY % "a..b", (1, 5), "key 'a..b': bad key name"),
    (
        'key k { algorithm hmac-sha256; sercet "c2VjcmV0"; };\n',
        (1, 32),
        "unknown option 'sercet'; did you mean 'secret'?",
    ),
    ("server 192.0.2.1 { keyz k; };\n", (1, 20), "unknown option 'keyz'"),
    ('tls t { keyfile "a"; };\n', (1, 9), "unknown option 'keyfile'; did you mean 'key-file'?"),
    ("acl a { 10/8; keyy k; };\n", (1, 20), "missing ';' before 'k'"),
    (
        "server 192.0.2.1 { bogus no; };\nserver 192.0.2.1/32 { bogus no; };\n",
        (2, 1),
        "server '192.0.2.1/32': already exists",
    ),
    (ZONE % "a.example" + ZONE % "A.example.", (2, 1), "zone 'A.example.': already exists"),
    (
        'zone "a" { type hint; file "a"; };\nzone "a" { type hint; file "b"; };\n',
        (2, 1),
        "zone 'a': already exists",
    ),
    ("view a {{\n{}{}}};\n".format(ZONE % "a", ZONE % "a"), (3, 1), "zone 'a': already exists"),
    ("view a { };\nview a { };\n", (2, 1), "view 'a': already exists"),
    (
        "view a { };\n" + ZONE % "a",
        (2, 1),
        "when using 'view' statements, all zones must be in views",
    ),
    (
        (
            'view a { zone "a" { type primary; file "a"; allow-transfer { none; }; }; };\n'
            'view b { zone "a" { in-view A; }; };\n'
        ),
        (2, 21),
        "view A has no zone a: named refuses this",
    ),
    (
        'zone "a" { type primary; file "a"; allow-transfer { 10.0.0.1; !key a..b; }; };\n',
        (1, 64),
        "key name 'a..b' is not a valid domain name: this list cannot be judged, and named refuses it",
    ),
    (
        f'zone "a" {{ type primary; file "a"; allow-transfer {{ {{ key {LONG}a; }}; }}; }};\n',
        (1, 55),
        (
            f"key name '{LONG[:40]}...' is not a valid domain name: "
            "this list cannot be judged, and named refuses it"
        ),
    ),
    (
        "view a { match-clients { key a..b; }; };\n",
        (1, 26),
        "key name 'a..b' is not a valid domain name: this list cannot be judged, and named refuses it",
    ),
]

FOUND = [
    ("server 192.0.2.1 { keys a..b; };\n", (1, 25), "'a..b' is not a valid name"),
    (
        'zone "a" { type primary; file "a"; allow-transfer { none; }; also-notify { 192.0.2.1 key a..b; }; };\n',
        (1, 90),
        "'a..b' is not a valid name",
    ),
]
"""What leaves nothing of transfers in doubt is a finding."""

ACCEPTED = [
    f"view a {{ {KEY % 'k'}}};\nview b {{ {KEY % 'k'}}};\n",
    'zone "." { type hint; file "a"; };\nzone "." { type redirect; file "b"; };\n' + ZONE % ".",
    "view a { };\nview A { };\n",
    f"view a {{ {ZONE % 'a'}}};\nview b {{ {ZONE % 'a'}}};\n",
    "server 192.0.2.1 { bogus no; };\nview a { server 192.0.2.1 { bogus no; }; };\n",
    KEY % "k" + KEY % "k\\.",
    f'zone "a" {{ type primary; file "a"; allow-transfer {{ key {LONG}; }}; }};\n',
    "acl unused { key a..b; };\n",
]


def checkconf(text: str, tmp_path: Path) -> int:
    """What named-checkconf says of a configuration: 0 if it takes it."""
    path = tmp_path / "judged.conf"
    path.write_text(text)
    return subprocess.run(["named-checkconf", path], capture_output=True, timeout=30, check=False).returncode


@pytest.mark.bind
@pytest.mark.parametrize(("text", "place", "message"), REFUSED)
def test_refused(text: str, place: tuple[int, int], message: str, tmp_path: Path) -> None:
    assert checkconf(text, tmp_path) == 1
    ran = check("options { };\n" + text, tmp_path, "--bind-version", "9.18")
    assert ran.code == INCOMPLETE
    found = [(p["start"]["line"] - 1, p["start"]["column"], p["message"]) for p in ran.json["problems"]]
    assert found == [(*place, message)]


@pytest.mark.bind
@pytest.mark.parametrize(("text", "place", "message"), FOUND)
def test_found(text: str, place: tuple[int, int], message: str, tmp_path: Path) -> None:
    assert checkconf(text, tmp_path) == 1
    ran = check("options { };\n" + text, tmp_path, "--bind-version", "9.18", "--select", "invalid-*")
    assert (ran.code, ran.json["problems"]) == (FINDINGS, [])
    found = [(p["start"]["line"] - 1, p["start"]["column"], p["message"]) for p in ran.json["findings"]]
    assert found == [(*place, message)]


@pytest.mark.bind
@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str, tmp_path: Path) -> None:
    assert checkconf(text, tmp_path) == 0
    ran = check("options { };\n" + text, tmp_path, "--bind-version", "9.18")
    assert ran.json["problems"] == []


def test_what_is_missing_may_stand_in_a_file_that_was_not_read(tmp_path: Path) -> None:
    ran = check('key k { algorithm hmac-sha256; include "gone.secret"; };\noptions { };\n', tmp_path)
    assert [p["kind"] for p in ran.json["problems"]] == ["include"]


NAMES = [
    "", ".", "a", "a.", "a..", ".a", "a..b", LONG, LONG + "a", f"{LONG}.{LONG}.{LONG}.{'a' * 61}",
    f"{LONG}.{LONG}.{LONG}.{'a' * 62}", "a\\999", "a\\1", "a\\12x", "a\\.b", "a b", "@", "a.@", "é", "é" * 32,
    "\\000", "(a", "$", "\\[x", "a\\[x", "\\255", "\\256", "a\\\\.b",
]  # fmt: skip


@pytest.mark.bind
@pytest.mark.parametrize("name", NAMES)
def test_names(name: str, tmp_path: Path) -> None:
    text = f'zone "a" {{ type primary; file "a"; allow-transfer {{ key "{name}"; }}; }};\n'
    assert is_dns_name(name) == (checkconf(text, tmp_path) == 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A.example.", "a.EXAMPLE", True),
        ("k\\107", "kK", True),
        ("a\\.b", "a.b", False),
        ("a\\046b", "a\\.b", True),
        ("a\\\\.", "a\\\\", True),
        ("k\\.", "k", False),
        ("a\\ b", "a b", True),
    ],
)
def test_names_compared(one: str, other: str, same: bool) -> None:
    assert (canonical(one) == canonical(other)) is same


def test_a_lacking_list_of_forwarders_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        "options { allow-transfer { none; }; forward first; };\n"
        "zone a { type forward; forward only; };\n"
        'zone b { type primary; file "b"; forward only; };\n'
    )
    found = json.loads(run("check", "--format", "json", path).out)["findings"]
    assert [(each["rule"], each["start"]["line"], each["message"]) for each in found] == [
        ("invalid-combination", line, "no matching 'forwarders' statement") for line in (1, 2, 3)
    ]


def test_more_refusals_than_are_listed_hide_none_of_those_that_are(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    zones = "".join(f"zone z{each} {{ type primary; allow-transfer {{ none; }}; }};\n" for each in range(230))
    path.write_text(zones + 'options { allow-transfer { none; }; listen-on { any; }; recursion "x"; };\n')
    ran = run("check", "--format", "json", path)
    assert ran.code == INCOMPLETE
    shown = json.loads(ran.out)
    # The refusal that needs no absence comes before those that do.
    assert [each["rule"] for each in shown["findings"]] == ["invalid-zone"] * 199 + ["invalid-argument"]
    assert [(each["kind"], each["message"]) for each in shown["problems"]] == [
        ("limit", "31 more statements that named refuses are not listed")
    ]


GEOIP = [
    ("geoip country NL", None),
    ("geoip country Netherlands", None),
    ('GEOIP Country "N"', None),
    ("geoip db CITY tz x", None),
    ("geoip db isp asnum AS1", None),  # named warns, and takes another database
    ("geoip country3 NLD", "type 'country3' is unavailable in GeoIP2 databases"),
    ("geoip NetSpeed 1", "type 'netspeed' is unavailable in GeoIP2 databases"),
    ("geoip db country countryname x", "type 'countryname' is unavailable in GeoIP2 databases"),
    ("geoip country XXX", "three-letter country codes are unavailable in GeoIP2 databases"),
    ("geoip db city country XXX", "three-letter country codes are unavailable in GeoIP2 databases"),
    ('geoip country "\u00e9x"', "three-letter country codes are unavailable in GeoIP2 databases"),
    ('geoip db nope city "x"', "database 'nope' is not defined for GeoIP2"),
    ('geoip city ""', "zero-length geoip search field"),
]


@pytest.mark.bind
@pytest.mark.parametrize(("element", "message"), GEOIP)
@pytest.mark.parametrize("used", [True, False])
def test_geoip_elements(element: str, message: str | None, used: bool, tmp_path: Path) -> None:
    text = (
        f"acl where {{ ! {element}; }};\noptions {{ allow-transfer {{ none; }};\n"
        f"allow-query {{ {'where' if used else 'any'}; }}; }};\n"
    )
    refused = message is not None and used
    ran = check(text, tmp_path, "--bind-version", "9.18", "--select", "invalid-*")
    assert [each["message"] for each in ran.json["findings"]] == ([message] if refused else [])
    assert ran.json["problems"] == []
    older = check(text, tmp_path, "--bind-version", "9.11", "--select", "invalid-*")
    assert (older.json["findings"], older.json["problems"]) == ([], [])
    assert checkconf(text, tmp_path) == refused


def test_geoip_in_a_list_for_transfers_leaves_it_in_doubt(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(
        "options { allow-transfer { geoip area 1; }; };\n"
        + ZONE.replace("allow-transfer { none; };", "") % "a"
    )
    ran = run("check", "--bind-version", "9.18", path)
    assert ran.code == INCOMPLETE
    assert (
        "1:28: incomplete[argument] type 'area' is unavailable in GeoIP2 databases: this list cannot"
        in ran.out
    )


@pytest.mark.bind
@pytest.mark.parametrize(
    ("level", "refused"),
    [
        ("", 0),
        ("3", 0),
        ("010", 0),
        ("0x3", 1),
        ("0X3", 1),
        ("-1", 1),
        ("1x", 1),
        ('"3"', 1),
        ("99999999999", 1),
    ],
)
def test_levels_of_debugging_are_decimal(level: str, refused: int, tmp_path: Path) -> None:
    text = f"logging {{ channel c {{ null; severity debug {level}; }}; }};\noptions {{ }};\n"
    assert checkconf(text, tmp_path) == refused
    ran = check(text, tmp_path, "--bind-version", "9.18", "--select", "invalid-*")
    assert bool(ran.json["findings"] or ran.json["problems"]) == refused


SLIPS = [
    ('typ primary; file "a";', 3, "typ", "type"),
    ('tpye primary; file "a";', 3, "tpye", "type"),
    ('type primary; flie "a";', 1, "flie", "file"),
    ('type primary; fiel "a";', 1, "fiel", "file"),
]


@pytest.mark.bind
@pytest.mark.parametrize(("body", "code", "slip", "meant"), SLIPS)
def test_a_slip_is_said_and_not_what_follows_from_it(
    body: str, code: int, slip: str, meant: str, tmp_path: Path
) -> None:
    text = f"options {{ allow-transfer {{ none; }}; }};\nzone a {{ {body} }};\n"
    assert checkconf(text, tmp_path) == 1
    ran = check(text, tmp_path, "--bind-version", "9.18", "--select", "invalid-*")
    assert ran.code == code
    said = [each["message"] for each in (*ran.json["findings"], *ran.json["problems"])]
    assert said == [f"no BIND release known here has a statement '{slip}'; did you mean '{meant}'?"]
