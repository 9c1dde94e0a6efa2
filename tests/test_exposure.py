"""Whom a finding about a transfer list concerns, and how it is worded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit_cli import CLEAN, check, run

KEY = 'key "k1" { algorithm hmac-sha256; secret "q1w5E9Xn8oC3vYkZb7mLr2TtHsUdPfGaJ0iNeKxVy4Q="; };\n'
ZONE = 'zone "%s" { type primary; file "%s"; };\n'


def said(text: str, tmp_path: Path, *arguments: str) -> list[tuple[str, str, str, str]]:
    """(rule, severity, audience, message) of each finding about transfers."""
    ran = check(text, tmp_path, "--bind-version", "9.18", "--select", "transfer-*", *arguments)
    return [(f["rule"], f["severity"], f["audience"], f["message"]) for f in ran.json["findings"]]


@pytest.mark.parametrize(
    ("element", "who"),
    [
        ("geoip country US", "clients for which geoip country US holds"),
        ("!geoip country US; 192.0.2.1", "192.0.2.1 (unless geoip country US holds)"),
        (
            "!{ !192.0.2.0/24; any; }; geoip country US; geoip country NL",
            "clients from 192.0.2.0/24 for which geoip country NL or geoip country US holds",
        ),
        (
            "192.0.2.1; geoip country US",
            "192.0.2.1 and clients for which geoip country US holds",
        ),
        (
            "!{ !geoip country US; any; }; geoip asnum AS1",
            "anyone (depending on geoip asnum AS1 or geoip country US)",
        ),
        ("10.0.0.0/8; localnets", "10.0.0.0/8 and every on-link neighbour (localnets)"),
        ("127.0.0.1; 192.0.2.1", "192.0.2.1"),
    ],
)
def test_who(element: str, who: str, tmp_path: Path) -> None:
    text = f"options {{ allow-transfer {{ {element}; }}; }};\n" + ZONE % ("a.example", "a")
    (finding,) = said(text, tmp_path)
    assert finding[0] == "transfer-address-only"
    assert finding[3] == f"{who} can transfer a.example by address alone: nothing asks for a key"


@pytest.mark.parametrize(
    ("options", "zone"),
    [
        ("allow-transfer { any; };", ZONE % ("localhost", "/etc/bind/db.local")),
        ("allow-transfer { 10.0.0.0/8; };", ZONE % ("127.in-addr.arpa", "/etc/bind/db.127")),
        ("allow-transfer { 10.0.0.1; key k1; };", ZONE % ("localhost", "/etc/bind/db.local")),
        ("", ZONE % ("10.in-addr.arpa", "/etc/bind/db.empty")),
        ("allow-transfer { any; }; listen-on { 127.0.0.1; }; listen-on-v6 { ::1; };", ZONE % ("a", "a")),
        ("listen-on { 127.0.0.0/8; }; listen-on-v6 { none; };", ZONE % ("a", "a")),
    ],
)
def test_for_auditors_only(options: str, zone: str, tmp_path: Path) -> None:
    """The stock zones, zones that are kept empty, and servers that nobody else can connect to."""
    text = f"{KEY}options {{ {options} }};\n{zone}"
    assert said(text, tmp_path) == []
    # Where the list stands is a finding of its own.
    (finding,) = said(text, tmp_path, "--audience", "auditor", "--ignore", "transfer-list-inherited")
    assert finding[1:3] == ("info", "auditor")


def test_stock_zones_are_not_written_into(tmp_path: Path) -> None:
    text = (
        KEY + "options { allow-transfer { none; }; also-notify { 192.0.2.53 key k1; }; };\n"
        'zone "a.example" { type primary; file "a"; allow-transfer { key k1; }; };\n'
    ) + ZONE % ("localhost", "/etc/bind/db.local")
    path = tmp_path / "named.conf"
    path.write_text(text)
    for audience in ("regular", "auditor"):
        assert run("check", "--fix", "--unsafe-fixes", "--audience", audience, path).code in (CLEAN, 1)
        assert path.read_text() == text


def test_what_a_correction_is_called_is_what_it_does(tmp_path: Path) -> None:
    text = (
        KEY + "options { allow-transfer { 192.0.2.53; key k1; }; };\n"
        'zone "a.example" { type primary; file "a"; };\nzone "b.example" { type primary; file "b"; notify no; };\n'
    )
    ran = check(text, tmp_path, "--select", "transfer-address-or-key")
    (finding,) = ran.json["findings"]
    first = finding["fixes"][0]
    assert (first["title"], first["snippet"].strip()) == (
        "ask everyone for the key",
        "allow-transfer { key k1; };",
    )


@pytest.mark.parametrize("rule", ["transfer-address-only", "transfer-address-or-key"])
@pytest.mark.parametrize(
    ("address", "severity"),
    [("10.0.0.0/8; fd00::53;", "medium"), ("10.0.0.53; 192.0.2.53;", "high"), ("localnets;", "medium")],
)
def test_a_key_beside_addresses_does_not_make_them_worse(
    rule: str, address: str, severity: str, tmp_path: Path
) -> None:
    key = "key k1;" if rule.endswith("-key") else ""
    text = KEY + f'zone "a.example" {{ type primary; file "a"; allow-transfer {{ {address} {key} }}; }};\n'
    ran = check(text, tmp_path, "--select", rule)
    assert [(f["rule"], f["severity"]) for f in ran.json["findings"]] == [(rule, severity)]


def test_a_demand_in_a_message_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    text = (
        KEY + KEY.replace("k1", "k2") + 'zone "a.example" { type primary; file "a"; allow-transfer '
        "{ !{ !192.0.2.1; any; }; key k1; !{ !192.0.2.2; any; }; key k2; }; };\n"
    )
    ((_, _, _, message),) = said(text, tmp_path, "--ignore", "transfer-placeholder-address")
    assert message == (
        "!{ !192.0.2.1; any; } comes first and denies 192.0.2.2: no transfer of a.example with key k2"
    )


def test_a_list_behind_the_name_of_a_key_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    text = (
        KEY
        + 'zone "a.example" { type primary; file "a"; allow-transfer { { ours; key k1; }; !key k1; }; };\n'
    )
    text += "acl ours { 10.0.0.0/24; };\n"
    found = check(text, tmp_path, "--audience", "auditor").json["findings"]
    assert [each["message"] for each in found if each["rule"] == "transfer-late-denial"] == [
        "anyone can transfer a.example with key k1 in spite of !key k1: { ours; key k1; } comes first"
    ]


def test_where_one_of_the_keys_is_enough_the_message_says_or(tmp_path: Path) -> None:
    text = (
        KEY + KEY.replace("k1", "k2") + "options { notify explicit; };\n"
        'zone "a.example" { type primary; file "a"; allow-transfer { key k1; key k2; }; };\n'
    )
    found = check(text, tmp_path, "--audience", "auditor", "--select", "notify-nobody").json["findings"]
    messages = [each["message"] for each in found if each["rule"] == "notify-nobody"]
    assert [message.split(" may ")[0] for message in messages] == ["holders of key k1 or k2"]
