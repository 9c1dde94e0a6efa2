"""What corrections must never do: open other zones, lose a target, a port or an element, or guess at another party's key."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from tests.audit_cli import check, run

LONG = base64.b64encode(hashlib.shake_256(b"long").digest(1000)).decode()
KA = 'key "ka" { algorithm hmac-sha256; secret "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\n'
KB = 'key "kb" { algorithm hmac-sha256; secret "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA="; };\n'


def fixed(text: str, tmp_path: Path, *arguments: str) -> str:
    """The text after --fix --unsafe-fixes."""
    path = tmp_path / "named.conf"
    path.write_text(text)
    run("check", "--fix", "--unsafe-fixes", "--bind-version", "9.18", *arguments, path)
    return path.read_text()


def test_a_list_above_the_zone_is_not_opened_for_one_peer(tmp_path: Path) -> None:
    text = (
        KA + KB + "options { allow-transfer { none; }; notify explicit; };\n"
        'zone "a.example" { type primary; file "a"; also-notify { 192.0.2.1 key ka; }; };\n'
        'zone "b.example" { type primary; file "b"; also-notify { 198.51.100.1 key kb; }; };\n'
        'zone "private.example" { type primary; file "p"; };\n'
    )
    after = " ".join(fixed(text, tmp_path).split())
    assert "options { allow-transfer { none; }; notify explicit; };" in after
    a, b, private = after.split(" zone ")[1:]
    assert 'allow-transfer { key "ka"; };' in a
    assert 'allow-transfer { key "kb"; };' in b
    assert "allow-transfer" not in private


def test_zones_with_different_targets_are_left_to_a_person(tmp_path: Path) -> None:
    text = (
        KA + "options { allow-transfer { 192.0.2.1; key ka; }; also-notify port 5353 { 198.51.100.7; }; };\n"
        'zone "a.example" { type primary; file "a"; also-notify { 203.0.113.9; }; };\n'
        'zone "b.example" { type primary; file "b"; };\n'
    )
    assert fixed(text, tmp_path, "--select", "transfer-address-or-key") == text


def test_a_moved_address_keeps_the_port_it_had(tmp_path: Path) -> None:
    zone = 'zone "a.example" {\n    type primary;\n    %s\n    %s\n};\n'
    text = KA + zone % ("also-notify port 5353 { 198.51.100.7; };", "allow-transfer { 192.0.2.1; key ka; };")
    wanted = KA + zone % (
        'also-notify port 5353 { 198.51.100.7; 192.0.2.1 port 53 key "ka"; };',
        "allow-transfer { key ka; };",
    )
    assert fixed(text, tmp_path, "--select", "transfer-address-or-key") == wanted


def test_an_address_that_is_told_already_is_not_told_twice(tmp_path: Path) -> None:
    text = (
        KA + "primaries prov { 2001:DB8::1 key ka; };\n"
        'zone "a" { type primary; file "a"; allow-transfer { 2001:db8::1; key ka; }; also-notify { prov; }; };\n'
    )
    after = fixed(text, tmp_path, "--select", "transfer-address-or-key")
    assert after == text.replace("2001:db8::1; key ka;", "key ka;")


def test_the_server_itself_is_kept(tmp_path: Path) -> None:
    text = (
        KA + "acl xfer { 192.0.2.1; localhost; };\n"
        'zone "a" { type primary; file "a"; allow-transfer { xfer; key ka; }; also-notify { 192.0.2.1; }; };\n'
    )
    assert "allow-transfer { localhost; key ka; };" in fixed(
        text, tmp_path, "--select", "transfer-address-or-key"
    )
    (finding,) = check(text, tmp_path, "--select", "transfer-address-or-key").json["findings"]
    assert finding["fixes"][1]["snippet"].strip() == (
        'allow-transfer { localhost; !{ !192.0.2.1; any; }; key "ka"; };'
    )


def test_a_denied_address_is_no_peer(tmp_path: Path) -> None:
    text = (
        KA
        + KB
        + "server 192.0.2.1 { keys ka; };\nserver 198.51.100.1 { keys kb; };\noptions { notify explicit; };\n"
        'zone "a" { type primary; file "a"; allow-transfer { !192.0.2.0/24; 192.0.2.1; 198.51.100.1; }; };\n'
    )
    after = " ".join(fixed(text, tmp_path, "--select", "transfer-address-only").split())
    assert 'allow-transfer { !192.0.2.0/24; key "kb"; };' in after
    assert 'also-notify { 198.51.100.1 key "kb"; };' in after


def test_another_name_may_be_another_partys_key(tmp_path: Path) -> None:
    text = (
        KA.replace('"ka"', '"provider-a"') + "options { notify explicit; also-notify { 192.0.2.1; }; };\n"
        'zone "b" { type primary; file "b"; allow-transfer { key provider-b; }; };\n'
    )
    assert fixed(text, tmp_path, "--select", "key-undefined") == text


def test_turning_notify_on_tells_only_whom_the_zone_lets_in(tmp_path: Path) -> None:
    text = (
        KB + "options { also-notify { 203.0.113.5 key kb; }; };\n"
        'zone "d" { type primary; file "d"; allow-transfer { 192.0.2.1; }; notify no; };\n'
    )
    assert fixed(text, tmp_path, "--select", "notify-nobody") == text


def test_the_port_of_also_notify_is_kept(tmp_path: Path) -> None:
    text = (
        'zone "a" { type primary; file "a"; allow-transfer { none; }; also-notify port 5353 { 198.51.100.7; };\n'
        "allow-notify { 192.0.2.1; };\n};\n"
    )
    after = " ".join(fixed(text, tmp_path, "--select", "notify-in-allow-notify").split())
    assert "also-notify port 5353 { 198.51.100.7; 192.0.2.1; };" in after


@pytest.mark.parametrize(
    ("b", "same"),
    [("", False), (KB.replace('"kb"', '"ka"'), False), (KA, True)],
    ids=["none", "other", "same"],
)
@pytest.mark.parametrize("rule", ["inbound-unsigned", "notify-unsigned"])
def test_an_entry_that_views_share_gets_a_key_that_all_know(
    rule: str, b: str, same: bool, tmp_path: Path
) -> None:
    zone = {
        "inbound-unsigned": 'zone "z" { type secondary; file "f"; primaries { peers; }; allow-transfer { none; }; };',
        "notify-unsigned": 'zone "z" { type primary; file "f"; also-notify { peers; }; allow-transfer { key ka; }; };',
    }[rule]
    text = (
        "primaries peers { 192.0.2.1; };\n"
        f"view a {{ match-clients {{ key ka; }}; {KA} also-notify {{ 192.0.2.1 key ka; }}; {zone} }};\n"
        f"view b {{ {b} {zone.replace('key ka', 'any')} }};\n"
    )
    after = fixed(text, tmp_path, "--select", rule, "--audience", "pedantic")
    assert after == (text.replace("192.0.2.1;", '192.0.2.1 key "ka";', 1) if same else text)


def test_a_nearer_list_of_targets_begins_with_those_who_are_told_already(tmp_path: Path) -> None:
    text = (
        KA + "options { also-notify port 5353 { 192.0.2.99 key ka; }; allow-transfer { key ka; }; };\n"
        'view v { allow-notify { 192.0.2.53; }; zone "a" { type primary; file "a"; }; };\n'
        'view w { allow-notify { 192.0.2.53; }; zone "a" { type primary; file "w"; also-notify { 192.0.2.9; }; }; };\n'
    )
    after = fixed(text, tmp_path, "--select", "notify-in-allow-notify")
    wanted = "also-notify port 5353 { 192.0.2.99 key ka; 192.0.2.53; };"
    assert after == text.replace("allow-notify { 192.0.2.53; };", wanted, 1)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a key may choose the view", KA + "view i { match-clients { key ka; };\n"
         'zone "a" { type primary; file "z"; allow-transfer { any; }; also-notify { 192.0.2.1 key ka; }; }; };\n'),
        ("one name may be two keys", "".join(
            f'view {v} {{ match-clients {{ key k; }}; {k.replace(chr(34) + n + chr(34), "k")} zone "a" {{ type primary; '
            'file "f"; allow-transfer { key k; }; also-notify { 192.0.2.1 key k; }; }; };\n'
            for v, k, n in (("a", KA, "ka"), ("b", KB, "kb")))),
        ("catalog zones bring secondaries", ('options { allow-notify { 127.0.0.9; }; allow-transfer { none; };\n'
         'catalog-zones { zone "cat.example" default-primaries { 127.7.7.7; }; }; };\n'
         'zone "cat.example" { type primary; file "c"; };\n')),
        ("the TLS port may be another", ('tls t { cert-file "c"; key-file "k"; ca-file "a"; };\n'
         "options { tls-port 8853; listen-on tls t { any; }; };\n"
         'zone "a" { type primary; file "a"; allow-transfer port 8853 transport tls { any; }; };\n')),
        ("a mapped address never matches",
         KA + 'options { notify explicit; also-notify { 192.0.2.1 key ka; }; };\n'
         'zone "a" { type primary; file "a"; allow-transfer { ::ffff:192.0.2.1; key ka; }; };\n'),
        ("lists that are named together have one owner",
         KA + "primaries v4 { 192.0.2.1 key ka; };\nprimaries v6 { 2001:db8::1 key ka; };\n"
         'zone "a" { type secondary; file "a"; primaries { v4; v6; }; allow-transfer { none; }; };\n'),
        ("a long random secret has every byte", KA.replace(KA.split('"')[3], LONG)),
        ("leading zeros are the full length", KA.replace("hmac-sha256", "hmac-sha256-0000256")),
    ],
)  # fmt: skip
def test_not_reported(what: str, text: str, tmp_path: Path) -> None:
    ran = check("options { };\n" * ("options" not in text) + text, tmp_path, "--bind-version", "9.18")
    assert (ran.json["findings"], ran.json["problems"]) == ([], [])


@pytest.mark.parametrize(
    "zone",
    [
        "allow-transfer { !outsiders; any; };",
        "allow-transfer { !outsiders; 192.0.2.1; };",
        "allow-transfer { { !outsiders; any; }; };",
        "allow-transfer { !outsiders; 192.0.2.0/24; key ka; };",
    ],
)
def test_a_list_that_was_not_read_may_deny_everything(zone: str, tmp_path: Path) -> None:
    text = KA + f'zone "a" {{ type primary; file "a"; {zone} }};\n'
    assert check(text, tmp_path, "--as-fragment").found == []
    assert check('include "/nowhere";\n' + text, tmp_path).found == []


def test_in_a_fragment_keys_are_elsewhere(tmp_path: Path) -> None:
    text = 'zone "a" { type primary; file "a"; allow-transfer { 192.0.2.1; key k; }; };\n'
    ran = check(text, tmp_path, "--as-fragment")
    assert [rule for rule, _, _ in ran.found] == ["transfer-address-or-key"]


UNJUDGED = "undefined ACL 'nosuch': this list cannot be judged, and named refuses it"


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ('view "v" { match-clients { nosuch; }; };', UNJUDGED, 28),
        ("options { blackhole { nosuch; }; };", UNJUDGED, 23),
        (
            'view b { zone "x" { in-view nosuch; }; };',
            "view nosuch has no zone x: named refuses this",
            21,
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_no_all_clear(
    text: str, message: str, column: int, tmp_path: Path
) -> None:
    ran = check(text + "\n", tmp_path, "--select", "key-*")
    assert ran.code == 3
    assert [(p["message"], p["start"]["column"]) for p in ran.json["problems"]] == [(message, column)]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        (
            'zone "a" { type secondary; file "x"; primaries { nosuch; }; };',
            "unable to find primaries list 'nosuch'",
            50,
        ),
        (
            'zone "a" { type stub; primaries { 192.0.2.1 tls nosuch; }; };',
            "tls 'nosuch' is not defined",
            49,
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_a_finding(text: str, message: str, column: int, tmp_path: Path) -> None:
    ran = check(text + "\n", tmp_path, "--select", "invalid-*")
    assert (ran.code, ran.json["problems"]) == (1, [])
    assert [(p["message"], p["start"]["column"]) for p in ran.json["findings"]] == [(message, column)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("zone \u201ca.example\u201d { type primary; };", 'zone "a.example" { type primary; };'),
        ("zone \u201ca.example\u201d in { type primary; };", 'zone "a.example" in { type primary; };'),
        ('zone "b" { type \u201chint\u201d; };', 'zone "b" { type hint; };'),
        ("options { recursion \u201cno\u201d; };", "options { recursion no; };"),
        ("options { \u201crecursion\u201d no; };", "options { recursion no; };"),
        ('zone "b" { type hint; file \u201cb\u201d; };', 'zone "b" { type hint; file "b"; };'),
        ("options { allow-query { \u201c192.0.2.1\u201d; }; };", "options { allow-query { 192.0.2.1; }; };"),
        ("primaries p { \u201c2001:db8::1\u201d port 53; };", "primaries p { 2001:db8::1 port 53; };"),
        ("acl a { \u201cb\u201d; key \u201ck\u201d; };", 'acl a { "b"; key "k"; };'),
    ],
)
def test_typographic_quotes_become_what_bind_wants(before: str, after: str, tmp_path: Path) -> None:
    assert fixed(before + "\n", tmp_path, "--select", "typographic-quotes") == after + "\n"


@pytest.mark.parametrize(
    "text",
    [
        'zone "a.example" { type primary; file "a"; };\nzone \u201cA.example.\u201d { type primary; file "b"; };\n',
        'view v { zone "a" { type primary; file "a"; }; zone \u201ca\u201d { type primary; file "b"; }; };\n',
        "acl a { any; };\nacl \u201ca\u201d { none; };\n",
    ],
)
def test_typographic_quotes_that_hide_a_double_are_left(text: str, tmp_path: Path) -> None:
    assert fixed(text, tmp_path, "--select", "typographic-quotes") == text
    (finding,) = check(text, tmp_path, "--select", "typographic-quotes").json["findings"]
    assert [fix["grade"] for fix in finding["fixes"]] == ["display"]


def test_the_same_zone_in_another_view_is_no_double(tmp_path: Path) -> None:
    text = 'view v { zone "a" { type primary; file "a"; }; };\nview w { zone \u201ca\u201d { type primary; file "b"; }; };\n'
    after = fixed(text, tmp_path, "--select", "typographic-quotes")
    assert after == text.replace("\u201c", '"').replace("\u201d", '"')


@pytest.mark.parametrize(
    ("elements", "kept"),
    [("!none; key ka;", "key ka;"), ("!192.0.2.9; key ka; !none;", "!192.0.2.9; key ka;")],
)
def test_what_admits_everyone_is_not_kept_as_a_denial(elements: str, kept: str, tmp_path: Path) -> None:
    text = KA + f'zone "a.example" {{ type primary; file "a"; allow-transfer {{ {elements} }}; }};\n'
    assert f"allow-transfer {{ {kept} }};" in fixed(text, tmp_path, "--select", "transfer-open")


def test_a_key_that_stands_in_the_list_is_not_added_again(tmp_path: Path) -> None:
    text = (
        KA + 'zone "a.example" { type primary; file "a"; also-notify { 192.0.2.53 key ka; };\n'
        "    allow-transfer { !{ !192.0.2.53; any; }; 192.0.2.53; key ka; }; };\n"
    )
    after = fixed(text, tmp_path, "--select", "transfer-address-only")
    assert "allow-transfer { !{ !192.0.2.53; any; }; key ka; };" in after


def test_both_are_demanded_in_pairs_where_each_server_has_a_key(tmp_path: Path) -> None:
    text = (
        KA + KB + 'zone "a.example" { type primary; file "a"; notify explicit;\n'
        "    also-notify { 192.0.2.1 key ka; 192.0.2.2 key kb; };\n"
        "    allow-transfer { 192.0.2.1; 192.0.2.2; key ka; key kb; }; };\n"
    )
    selected = ("--select", "transfer-address-or-key,transfer-crossed-pairs")
    (finding,) = check(text, tmp_path, *selected).json["findings"]
    assert finding["message"].endswith("(none of the keys ka and kb is asked for)")
    both = finding["fixes"][1]["snippet"]
    assert " ".join(both.split()) == (
        'allow-transfer { { !{ !192.0.2.1; any; }; key "ka"; }; { !{ !192.0.2.2; any; }; key "kb"; }; };'
    )
    text = text.replace("allow-transfer { 192.0.2.1; 192.0.2.2; key ka; key kb; };", both)
    assert check(text, tmp_path, *selected).json["findings"] == []


def test_a_shown_correction_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(KA + KA.replace('"ka"', '"kb"'))
    out = run("check", "--select", "key-shared", path).out
    assert '// one peer keeps "kb"; for each other one:' in out
    assert 'secret "...";    // from tsig-keygen, the same on both servers' in out


def test_a_secret_of_zero_bytes_is_no_text(tmp_path: Path) -> None:
    text = 'key "k" { algorithm hmac-md5; secret "AAAAAAAAAAAAAAAAAAAAAA=="; };\n'
    (finding,) = check(text, tmp_path, "--select", "key-weak-secret").json["findings"]
    assert finding["message"] == "key k: the secret repeats a few bytes"


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("k", "k-2"),
        ("taken", "taken-4"),
        ("k-9", "k-10"),
        ("k-2025", "k-2025-2"),
        ("a-b.example.com.", "a-b-2.example.com."),
        ("k!", "transfer-key-2"),
    ],
)
@pytest.mark.parametrize("rule", ["key-weak-algorithm", "key-weak-secret"])
def test_a_new_key_stands_beside_the_old_one(tmp_path: Path, name: str, new: str, rule: str) -> None:
    key = 'key "%s" { algorithm %s; secret "%s"; };\n'
    good = "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="
    text = "".join(key % (each, "hmac-sha256", good) for each in ("taken-2", "TAKEN-3."))
    text += key % (name, "hmac-md5", "YWJjZA==")
    found = check(text, tmp_path, "--select", rule).json["findings"]
    (snippet,) = [each["fixes"][0]["snippet"] for each in found if each["rule"] == rule]
    assert f'tsig-keygen -a hmac-sha256 "{new}"' in snippet
