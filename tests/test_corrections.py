"""What corrections must never do: open other zones, lose a target, a port or an element, or guess at another party's key."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
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


class Written(NamedTuple):
    """A rule about how files are written, a release, the files below /c, and each finding.

    A finding: where, for whom and how grave, the message, the corrections (grade, snippet, whether something speaks
    against it), the related lines, and the zones (with their view) that it is about.
    """

    rule: str
    release: str | None
    files: dict[str, str]
    found: list[tuple[str, str, str, list[tuple[str, str, bool]], list[str], list[str]]]


WRITTEN = (
    Written(
        "typographic-quotes", None,
        {"named.conf": 'zone “a.example” { type primary; file "f"; };\nzone «b.example» { type primary; file "f"; };\n'},
        [
            ("named.conf:1:6-17", "regular high", 'BIND reads “a.example” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'zone "a.example" { type primary; file "f"; };', False)], [], []),
            ("named.conf:2:6-17", "regular high", 'BIND reads «b.example» with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'zone "b.example" { type primary; file "f"; };', False)], [], []),
        ],
    ),
    Written(
        "typographic-quotes", None,
        {"named.conf": 'zone “a.example” { type primary; file "f"; };\nzone "b.example" { type primary; file "f"; };\nzone "A.example." { type primary; file "f"; };\n'},
        [
            ("named.conf:1:6-17", "regular high", 'BIND reads “a.example” with its typographic quotes as part of the word; only " quotes',
             [("display", 'zone "a.example" { type primary; file "f"; };', True)], [], []),
        ],
    ),
    Written(
        "typographic-quotes", None,
        {"named.conf": 'view v { zone “a.example” { type primary; file "f"; };\nzone "b.example" { type primary; file "f"; };\n};\nview w { zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:1:15-26", "regular high", 'BIND reads “a.example” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'view v { zone "a.example" { type primary; file "f"; };', False)], [], []),
        ],
    ),
    Written(
        "typographic-quotes", None,
        {"named.conf": 'acl “x” { any; };\nacl “y” { any; };\nacl "X" { none; };\nkey “x” { algorithm “hmac-sha256”; secret “yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=”; };\n'},
        [
            ("named.conf:1:5-8", "regular high", 'BIND reads “x” with its typographic quotes as part of the word; only " quotes',
             [("display", 'acl "x" { any; };', True)], [], []),
            ("named.conf:2:5-8", "regular high", 'BIND reads “y” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'acl "y" { any; };', False)], [], []),
            ("named.conf:4:5-8", "regular high", 'BIND reads “x” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'key "x" { algorithm “hmac-sha256”; secret “[redacted]”; };', False)], [], []),
            ("named.conf:4:21-34", "regular high", 'BIND reads “hmac-sha256” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'key “x” { algorithm "hmac-sha256"; secret “[redacted]”; };', False)], [], []),
            ("named.conf:4:43-89", "regular high", 'BIND reads the secret with its typographic quotes as part of the word; only " quotes',
             [], [], []),
        ],
    ),
    Written(
        "typographic-quotes", None,
        {"named.conf": "server “192.0.2.1” { keys “k”; };\noptions { listen-on { “x”; “192.0.2.1”; }; port “53”; recursion “Yes”; tkey-domain “true”; };\n"},
        [
            ("named.conf:1:8-19", "regular high", 'BIND reads “192.0.2.1” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", "server 192.0.2.1 { keys “k”; };", False)], [], []),
            ("named.conf:1:27-30", "regular high", 'BIND reads “k” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'server “192.0.2.1” { keys "k"; };', False)], [], []),
            ("named.conf:2:23-26", "regular high", 'BIND reads “x” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'options { listen-on { "x"; “192.0.2.1”; }; port “53”; recursion “Yes”; tkey-domain “true”; };', False)], [], []),
            ("named.conf:2:28-39", "regular high", 'BIND reads “192.0.2.1” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", "options { listen-on { “x”; 192.0.2.1; }; port “53”; recursion “Yes”; tkey-domain “true”; };", False)], [], []),
            ("named.conf:2:49-53", "regular high", 'BIND reads “53” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", "options { listen-on { “x”; “192.0.2.1”; }; port 53; recursion “Yes”; tkey-domain “true”; };", False)], [], []),
            ("named.conf:2:65-70", "regular high", 'BIND reads “Yes” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", "options { listen-on { “x”; “192.0.2.1”; }; port “53”; recursion Yes; tkey-domain “true”; };", False)], [], []),
            ("named.conf:2:84-90", "regular high", 'BIND reads “true” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'options { listen-on { “x”; “192.0.2.1”; }; port “53”; recursion “Yes”; tkey-domain "true"; };', False)], [], []),
        ],
    ),
    Written(
        "typographic-quotes", None,
        {"named.conf": 'options { allow-transfer { “any”; “none; }; allow-query { x”y; “a“b”; "“q”"; }; };\nzone \udc93a.example\udc94 { type primary; file "f"; };\n'},
        [
            ("named.conf:1:28-33", "regular high", 'BIND reads “any” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'options { allow-transfer { "any"; “none; }; allow-query { x”y; “a“b”; "“q”"; }; };', False)], [], []),
            ("named.conf:1:35-40", "regular high", 'BIND reads “none with its typographic quotes as part of the word; only " quotes',
             [], [], []),
            ("named.conf:1:59-62", "regular high", 'BIND reads x”y with its typographic quotes as part of the word; only " quotes',
             [], [], []),
            ("named.conf:1:64-69", "regular high", 'BIND reads “a“b” with its typographic quotes as part of the word; only " quotes',
             [], [], []),
            ("named.conf:2:6-17", "regular high", 'BIND reads \udc93a.example\udc94 with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'zone "a.example" { type primary; file "f"; };', False)], [], []),
        ],
    ),
    Written(
        "typographic-quotes", None,
        {"named.conf": 'tls “t” { ca-file “c”; };\ntls "t" { ca-file "d"; };\nview “v” { };\nview "v" { };\nprimaries “p” { 192.0.2.1; };\nacl p { any; };\nacl “q” { q; “p”; };\n'},
        [
            ("named.conf:1:5-8", "regular high", 'BIND reads “t” with its typographic quotes as part of the word; only " quotes',
             [("display", 'tls "t" { ca-file “c”; };', True)], [], []),
            ("named.conf:1:19-22", "regular high", 'BIND reads “c” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'tls “t” { ca-file "c"; };', False)], [], []),
            ("named.conf:3:6-9", "regular high", 'BIND reads “v” with its typographic quotes as part of the word; only " quotes',
             [("display", 'view "v" { };', True)], [], []),
            ("named.conf:5:11-14", "regular high", 'BIND reads “p” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'primaries "p" { 192.0.2.1; };', False)], [], []),
            ("named.conf:7:5-8", "regular high", 'BIND reads “q” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'acl "q" { q; “p”; };', False)], [], []),
            ("named.conf:7:14-17", "regular high", 'BIND reads “p” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'acl “q” { q; "p"; };', False)], [], []),
        ],
    ),
    # Of a block that holds others, and of a value that another zone has too.
    Written(
        "typographic-quotes", None,
        {"named.conf": 'view "v" {\n    zone “a.example” { type “hint”; include "/c/b"; };\n    zone "b.example" { type hint; };\n};\n', "b": "file “f”;\n"},
        [
            ("b:1:6-9", "regular high", 'BIND reads “f” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'file "f";', False)], [], []),
            ("named.conf:2:10-21", "regular high", 'BIND reads “a.example” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'zone "a.example" { type “hint”; include "/c/b"; };', False)], [], []),
            ("named.conf:2:29-35", "regular high", 'BIND reads “hint” with its typographic quotes as part of the word; only " quotes',
             [("unsafe", 'zone “a.example” { type hint; include "/c/b"; };', False)], [], []),
        ],
    ),
    Written(
        "invisible-character", None,
        {"named.conf": 'options { version "a\xa0b"; hostname "a\xa0b"; server-id "a\u200bb"; directory "/a\xa0b"; };\nzone "a\u200b\u200b.example" { type primary; file "f"; };\n'},
        [
            ("named.conf:1:69-75", "regular high", "this word holds the invisible character U+00A0: BIND takes it as part of the word",
             [("display", 'options { version "a\xa0b"; hostname "a\xa0b"; server-id "a\u200bb"; directory "/ab"; };', False)], [], []),
            ("named.conf:2:6-19", "regular high", "this word holds the invisible character U+200B: BIND takes it as part of the word",
             [("display", 'zone "a.example" { type primary; file "f"; };', False)], [], []),
        ],
    ),
    Written(
        "invisible-character", None,
        {"named.conf": 'key "k\u200b" { algorithm hmac-sha256; secret "yRUYe3y4\u200bXX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\noptions { allow-transfer { key "k\u200b"; b\xadc; { d\ufeff; }; }; };\n'},
        [
            ("named.conf:1:5-9", "regular high", "this word holds the invisible character U+200B: BIND takes it as part of the word",
             [], [], []),
            ("named.conf:1:42-89", "regular high", "this word holds the invisible character U+200B: BIND takes it as part of the word",
             [], [], []),
            ("named.conf:2:32-36", "regular high", "this word holds the invisible character U+200B: BIND takes it as part of the word",
             [], [], []),
            ("named.conf:2:38-41", "regular high", "this word holds the invisible character U+00AD: BIND takes it as part of the word",
             [("display", 'options { allow-transfer { key "k\u200b"; bc; { d\ufeff; }; }; };', False)], [], []),
            ("named.conf:2:45-47", "regular high", "this word holds the invisible character U+FEFF: BIND takes it as part of the word",
             [("display", 'options { allow-transfer { key "k\u200b"; b\xadc; { d; }; }; };', False)], [], []),
        ],
    ),
    Written(
        "invisible-character", None,
        {"named.conf": 'acl "\u200b" { any; };\nacl \u200b { any; };\nacl "a\x7fb\x01" { any; };\nacl a\x00b { any; };\nacl \udca0a { any; };\nacl \udca1b { any; };\nacl c\x1fd { any; };\n'},
        [
            ("named.conf:1:5-8", "regular high", "this word holds the invisible character U+200B: BIND takes it as part of the word",
             [], [], []),
            ("named.conf:2:5-6", "regular high", "this word holds the invisible character U+200B: BIND takes it as part of the word",
             [], [], []),
            ("named.conf:3:5-11", "regular high", "this word holds the invisible character U+007F: BIND takes it as part of the word",
             [("display", 'acl "ab" { any; };', False)], [], []),
            ("named.conf:4:5-8", "regular high", "this word holds the invisible character U+0000: the word ends there for BIND",
             [("display", "acl ab { any; };", False)], [], []),
            ("named.conf:5:5-7", "regular high", "this word holds the invisible character U+00A0: BIND takes it as part of the word",
             [("display", "acl a { any; };", False)], [], []),
            ("named.conf:7:5-8", "regular high", "this word holds the invisible character U+001F: BIND takes it as part of the word",
             [("display", "acl cd { any; };", False)], [], []),
        ],
    ),
    Written(
        "invisible-character", None,
        {"named.conf": 'zone "äöü.example" { type primary; file "f"; };\n\u200bzone x { type primary; file "f"; };\n// \u200b\n'},
        [],
    ),
    Written(
        "invisible-character", None,
        {"named.conf": 'zone "ä" { type primary; file "f"; };\n',
         "named.other": 'zone "x\u3000" { type primary; file "f"; };\n'},
        [],
    ),
    Written(
        "number-octal", None,
        {"named.conf": "options {\n\tport\n053; transfers-in 07; transfers-out 0; tcp-clients 010; serial-query-rate 0000000000010; recursive-clients 037777777777; max-ncache-ttl 010; };\n"},
        [
            ("named.conf:3:1-4", "regular medium", "BIND reads 053 in port as octal: it is 43",
             [("unsafe", "53; transfers-in 07; transfers-out 0; tcp-clients 010; serial-query-rate 0000000000010; recursive-clients 037777777777; max-ncache-ttl 010; };", False)], [], []),
            ("named.conf:3:52-55", "regular medium", "BIND reads 010 in tcp-clients as octal: it is 8",
             [("unsafe", "053; transfers-in 07; transfers-out 0; tcp-clients 10; serial-query-rate 0000000000010; recursive-clients 037777777777; max-ncache-ttl 010; };", False)], [], []),
            ("named.conf:3:75-88", "regular medium", "BIND reads 0000000000010 in serial-query-rate as octal: it is 8",
             [("unsafe", "053; transfers-in 07; transfers-out 0; tcp-clients 010; serial-query-rate 10; recursive-clients 037777777777; max-ncache-ttl 010; };", False)], [], []),
            ("named.conf:3:108-120", "regular medium", "BIND reads 037777777777 in recursive-clients as octal: it is 4294967295",
             [("unsafe", "053; transfers-in 07; transfers-out 0; tcp-clients 010; serial-query-rate 0000000000010; recursive-clients 37777777777; max-ncache-ttl 010; };", False)], [], []),
        ],
    ),
    Written(
        "number-octal", None,
        {"named.conf": "options { transfers-in 100; transfers-out 00; };\n"},
        [],
    ),
    Written(
        "number-octal", None,
        {"named.conf": "options { recursive-clients 0377777777777; transfers-in 0x10; transfers-out 08; };\n"},
        [],
    ),
    Written(
        "number-octal", None,
        {"named.conf": 'zone "a.example" { type secondary; primaries { 192.0.2.1; }; max-transfer-time-in 060; };\ncontrols { unix "/x" perm 0600 owner 010 group 0; };\noptions { transfers-out 012; };\n'},
        [
            ("named.conf:1:83-86", "regular medium", "BIND reads 060 in max-transfer-time-in as octal: it is 48",
             [("unsafe", 'zone "a.example" { type secondary; primaries { 192.0.2.1; }; max-transfer-time-in 60; };', False)], [], ["a.example"]),
            ("named.conf:3:25-28", "regular medium", "BIND reads 012 in transfers-out as octal: it is 10",
             [("unsafe", "options { transfers-out 12; };", False)], [], []),
        ],
    ),
    Written(
        "comment-in-word", None,
        {"named.conf": "options { recursion no#x\n; };\noptions { port 53//x  \n; };\n"},
        [
            ("named.conf:1:21-25", "pedantic low", "# begins a comment here, in mid-word: BIND reads nothing from it to the end of the line",
             [("display", "192.0.2.1 port 5353;    // a comment", False)], [], []),
            ("named.conf:3:16-21", "pedantic low", "// begins a comment here, in mid-word: BIND reads nothing from it to the end of the line",
             [("display", "192.0.2.1 port 5353;    // a comment", False)], [], []),
        ],
    ),
    Written(
        "comment-in-word", None,
        {"named.conf": 'options { recursion no# x\n; directory "a\\"b//c"; pid-file "a#b"; port 53#\n; };/* x//y no#x *///z\noptions { querylog no;//x\n };#y\n'},
        [],
    ),
    Written(
        "comment-in-word", None,
        {"named.conf": 'plugin query "x" { a#b };\noptions { recursion no#x\n; };\n'},
        [],
    ),
    Written(
        "comment-in-word", None,
        {"named.conf": 'dyndb "x" "y" { a#b };\noptions { recursion no#x\n; };\n'},
        [],
    ),
    Written(
        "comment-in-word", None,
        {"named.conf": 'options { recursion no; };\n// a\ninclude "/c/b";\n',
         "b": "options { a/b//x y\n; };\n"},
        [
            ("b:1:13-19", "pedantic low", "// begins a comment here, in mid-word: BIND reads nothing from it to the end of the line",
             [("display", "192.0.2.1 port 5353;    // a comment", False)], [], []),
        ],
    ),
    Written(
        "include-before-directory", None,
        {"named.conf": 'include "/c/a";\noptions { directory "/tmp"; };\n',
         "a": ""},
        [],
    ),
    Written(
        "include-before-directory", None,
        {"named.conf": 'include "a";\ninclude "./b";\noptions { directory "/c"; };\ninclude "a2";\n',
         "a": "acl a { any; };\n",
         "b": "acl b { any; };\n",
         "a2": ""},
        [
            ("named.conf:1:1-13", "pedantic medium", "include a stands before any directory: named looks for it in the folder from which it was started",
             [("display", 'include "/etc/bind/a";', False)], ["3:11"], []),
            ("named.conf:2:1-15", "pedantic medium", "include ./b stands before any directory: named looks for it in the folder from which it was started",
             [("display", 'include "/etc/bind/b";', False)], ["3:11"], []),
        ],
    ),
    Written(
        "include-before-directory", None,
        {"named.conf": 'options { directory "/c"; };\ninclude "a";\n',
         "a": "acl a { any; };\n"},
        [],
    ),
    Written(
        "include-before-directory", None,
        {"named.conf": 'zone "a" { type primary; file "a"; include "a"; };\noptions { directory "d"; };\nzone "b" { type primary; file "include"; };\n',
         "a": "notify no;\n"},
        [
            ("named.conf:1:36-48", "pedantic medium", "include a stands before any directory: named looks for it in the folder from which it was started",
             [("display", 'include "/etc/bind/a";', False)], ["2:11"], []),
        ],
    ),
    Written(
        "include-reads-leftover", "9.18",
        {"named.conf": 'include "/c/z/*";\ninclude "/c/z/c.conf.old";\n',
         "z/a.conf": "acl a { any; };\n",
         "z/b.conf.bak": "acl b { any; };\n",
         "z/c.conf.old": "acl c { any; };\n"},
        [
            ("named.conf:1:1-18", "regular medium", "BIND reads c.conf.old and 1 more too, which looks like a copy that was left behind: what it says is in force",
             [("display", 'include "/c/z/*.conf";', False)], [], []),
        ],
    ),
    Written(
        "include-reads-leftover", "9.18",
        {"named.conf": 'include "*.bak.2";\ninclude "n[a].con[f]";\n',
         "na.conf": "acl a { any; };\n",
         "d.bak.2": "acl b { any; };\n"},
        [],
    ),
    Written(
        "include-reads-leftover", "9.18",
        {"named.conf": 'include "q.*";\n',
         "q.conf": "acl a { any; };\n",
         "q.BAK": "acl b { any; };\n"},
        [
            ("named.conf:1:1-15", "regular medium", "BIND reads q.BAK too, which looks like a copy that was left behind: what it says is in force",
             [("display", 'include "*.conf";', False)], [], []),
        ],
    ),
    Written(
        "include-before-directory", None,
        {"named.conf": 'include "/c/b";\ninclude "a";\noptions { directory "/c"; };\n', "a": "acl a { any; };\n", "b": "acl b { any; };\n"},
        [
            ("named.conf:2:1-13", "pedantic medium", "include a stands before any directory: named looks for it in the folder from which it was started",
             [("display", 'include "/etc/bind/a";', False)], ["3:11"], []),
        ],
    ),
    Written(
        "include-reads-leftover", "9.18",
        {"named.conf": 'include "/c/a";\ninclude "/c/y/*";\ninclude "/c/z/*";\n', "a": "acl a { any; };\n", "y/b": "acl b { any; };\n", "z/c~": "acl c { any; };\n"},
        [
            ("named.conf:3:1-18", "regular medium", "BIND reads c~ too, which looks like a copy that was left behind: what it says is in force",
             [("display", 'include "/c/z/*.conf";', False)], [], []),
        ],
    ),
    Written(
        "include-unbalanced", None,
        {"named.conf": 'include "/c/a";\n any; };\nacl x { any; };\n',
         "a": "acl y {\n"},
        [
            ("named.conf:1:1-16", "pedantic low", "the acl that this file begins ends in another file",
             [("display", "acl ... {\n    // all of it, up to its end, in one file\n};", False)], ["1:1", "2:7"], []),
        ],
    ),
    Written(
        "include-unbalanced", None,
        {"named.conf": 'acl x { include "/c/a"; };\nacl y {\ninclude "/c/b";\n',
         "a": "any; any;\n",
         "b": "any; };\n"},
        [
            ("named.conf:2:1-4", "pedantic low", "this acl ends in another file",
             [("display", "acl ... {\n    // all of it, up to its end, in one file\n};", False)], ["2:1", "1:6"], []),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\n',
         "v/a": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:1:1-18", "regular high", "BIND reads the last match first, b before a: view in is never chosen",
             [("unsafe", 'include "/c/v/a";\ninclude "/c/v/b";', False)], ["1:1", "1:1"], ["a.example out", "a.example in"]),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\n',
         "v/a": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "mid" { match-clients { 198.51.100.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/c": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/d": "acl unused { any; };\n"},
        [
            ("named.conf:1:1-18", "regular high", "BIND reads the last match first, c before a: view mid is never chosen",
             [("unsafe", 'include "/c/v/a";\ninclude "/c/v/b";\ninclude "/c/v/c";\ninclude "/c/v/d";', False)], ["1:1", "1:1", "1:1"], ["a.example out", "a.example mid", "a.example in"]),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\n',
         "v/a": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\n',
         "v/a": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\nview "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\nview "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/a": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": "acl x { any; };\n"},
        [],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\nview "other" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/a": 'view "in" { match-clients { 192.0.2.0/24; 203.0.113.1; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "out" { match-clients { 203.0.113.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:1:1-18", "pedantic medium", "BIND reads the last match first, b before a: view out comes before view in",
             [("display", 'include "/c/v/a";\ninclude "/c/v/b";', False)], ["1:1", "1:1"], ["a.example out", "a.example in"]),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\ninclude "absent";\n',
         "v/a": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*/x.conf";\n',
         "v/a/x.conf": 'include "/c/w/in";\n',
         "v/b/x.conf": 'include "/c/w/out";\n',
         "w/in": 'view "in" { match-clients { 192.0.2.0/24; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "w/out": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:1:1-25", "regular high", "BIND reads the last match first, x.conf before x.conf: view in is never chosen",
             [("unsafe", 'include "/c/v/a/x.conf";\ninclude "/c/v/b/x.conf";', False)], ["1:1", "1:1"], ["a.example out", "a.example in"]),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'key k { algorithm hmac-sha256; secret "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\ninclude "v/*";\n',
         "v/a": 'view "in" { match-clients { key k; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:2:1-15", "regular high", "BIND reads the last match first, b before a: view in is never chosen",
             [("unsafe", 'include "v/a";\ninclude "v/b";', False)], ["1:1", "1:1"], ["a.example out", "a.example in"]),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "v/*";\n',
         "v/a": 'view "in" { match-clients { geoip country DE; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:1:1-15", "regular high", "BIND reads the last match first, b before a: view in is never chosen",
             [("unsafe", 'include "v/a";\ninclude "v/b";', False)], ["1:1", "1:1"], ["a.example out", "a.example in"]),
        ],
    ),
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "v/*";\n',
         "v/a": 'view "in" { match-clients { localnets; }; zone "a.example" { type primary; file "f"; };\n};\n',
         "v/b": 'view "out" { match-clients { any; }; zone "a.example" { type primary; file "f"; };\n};\n'},
        [
            ("named.conf:1:1-15", "regular high", "BIND reads the last match first, b before a: view in is never chosen",
             [("unsafe", 'include "v/a";\ninclude "v/b";', False)], ["1:1", "1:1"], ["a.example out", "a.example in"]),
        ],
    ),
    # Three views are pointed to.
    Written(
        "include-reversed-views", "9.18",
        {"named.conf": 'include "/c/v/*";\n',
         "v/a": 'view "a" { match-clients { 192.0.2.1; }; };\n', "v/b": 'view "b" { match-clients { 192.0.2.2; }; };\n',
         "v/c": 'view "c" { match-clients { 192.0.2.3; }; };\n', "v/d": 'view "d" { match-clients { any; }; };\n'},
        [
            ("named.conf:1:1-18", "regular high", "BIND reads the last match first, d before a: view c is never chosen",
             [("unsafe", 'include "/c/v/a";\ninclude "/c/v/b";\ninclude "/c/v/c";\ninclude "/c/v/d";', False)], ["1:1", "1:1", "1:1"], []),
        ],
    ),
    Written(
        "old-terms", "9.16.12",
        {"named.conf": 'zone "b.example" { type slave; file "b"; masters { 192.0.2.1; }; };\n'},
        [
            ("named.conf:1:25-30", "pedantic info", "slave is an old word for secondary",
             [("safe", 'zone "b.example" { type secondary; file "b"; masters { 192.0.2.1; }; };', False)], [], []),
            ("named.conf:1:42-49", "pedantic info", "masters is an old word for primaries",
             [("safe", 'zone "b.example" { type slave; file "b"; primaries { 192.0.2.1; }; };', False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.16.11",
        {"named.conf": 'zone "b.example" { type slave; file "b"; masters { 192.0.2.1; }; };\n'},
        [
            ("named.conf:1:25-30", "pedantic info", "slave is an old word for secondary",
             [("safe", 'zone "b.example" { type secondary; file "b"; masters { 192.0.2.1; }; };', False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.13.0",
        {"named.conf": 'zone "b.example" { type slave; file "b"; masters { 192.0.2.1; }; };\n'},
        [],
    ),
    Written(
        "old-terms", "9.14.0",
        {"named.conf": 'zone "b.example" { type slave; file "b"; masters { 192.0.2.1; }; };\n'},
        [
            ("named.conf:1:25-30", "pedantic info", "slave is an old word for secondary",
             [("safe", 'zone "b.example" { type secondary; file "b"; masters { 192.0.2.1; }; };', False)], [], []),
        ],
    ),
    Written(
        "old-terms", None,
        {"named.conf": 'zone "b.example" { type slave; file "b"; masters { 192.0.2.1; }; };\n'},
        [
            ("named.conf:1:25-30", "pedantic info", "slave is an old word for secondary",
             [("unsafe", 'zone "b.example" { type secondary; file "b"; masters { 192.0.2.1; }; };', False)], [], []),
            ("named.conf:1:42-49", "pedantic info", "masters is an old word for primaries",
             [("unsafe", 'zone "b.example" { type slave; file "b"; primaries { 192.0.2.1; }; };', False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.18",
        {"named.conf": 'options { check-names slave warn; check-names primary warn; ixfr-from-differences MASTER; notify master-only; };\nzone "a.example" { type master; notify "master-only"; };\nzone "c.example" { type primary; notify yes; ixfr-from-differences yes; };\n'},
        [
            ("named.conf:1:23-28", "pedantic info", "slave is an old word for secondary",
             [("display", "options { check-names secondary warn; check-names primary warn; ixfr-from-differences MASTER; notify master-only; };", False)], [], []),
            ("named.conf:1:83-89", "pedantic info", "MASTER is an old word for primary",
             [("safe", "options { check-names slave warn; check-names primary warn; ixfr-from-differences primary; notify master-only; };", False)], [], []),
            ("named.conf:1:98-109", "pedantic info", "master-only is an old word for primary-only",
             [("safe", "options { check-names slave warn; check-names primary warn; ixfr-from-differences MASTER; notify primary-only; };", False)], [], []),
            ("named.conf:2:25-31", "pedantic info", "master is an old word for primary",
             [("safe", 'zone "a.example" { type primary; notify "master-only"; };', False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.16.12",
        {"named.conf": "options { check-names slave warn; notify master-only; notify; };\n"},
        [
            ("named.conf:1:23-28", "pedantic info", "slave is an old word for secondary",
             [("display", "options { check-names secondary warn; notify master-only; notify; };", False)], [], []),
            ("named.conf:1:42-53", "pedantic info", "master-only is an old word for primary-only",
             [("safe", "options { check-names slave warn; notify primary-only; notify; };", False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.18.0",
        {"named.conf": 'options { catalog-zones { zone "b" default-masters { p; }; }; };\n'},
        [
            ("named.conf:1:36-51", "pedantic info", "default-masters is an old word for default-primaries",
             [("safe", 'options { catalog-zones { zone "b" default-primaries { p; }; }; };', False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.16.11",
        {"named.conf": "options { check-names slave warn; ixfr-from-differences master; notify master-only; };\n"},
        [],
    ),
    Written(
        "old-terms", "9.18",
        {"named.conf": 'options { catalog-zones { zone "a" default-primaries { p; }; zone "b" zone-directory "default-masters" default-masters { p; } in-memory no; }; };\nmasters p { 192.0.2.1; };\nacl default-masters { any; };\n'},
        [
            ("named.conf:1:104-119", "pedantic info", "default-masters is an old word for default-primaries",
             [("safe", 'options { catalog-zones { zone "a" default-primaries { p; }; zone "b" zone-directory "default-masters" default-primaries { p; } in-memory no; }; };', False)], [], []),
            ("named.conf:2:1-8", "pedantic info", "masters is an old word for primaries",
             [("safe", "primaries p { 192.0.2.1; };", False)], [], []),
        ],
    ),
    Written(
        "old-terms", "9.17.22",
        {"named.conf": 'options { catalog-zones { zone "b" default-masters { p; }; }; };\n'},
        [],
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "case", WRITTEN, ids=[f"{case.rule}-{number}" for number, case in enumerate(WRITTEN)]
)
def test_how_files_are_written(case: Written) -> None:
    held = {f"/c/{name}": text.encode("utf-8", "surrogateescape") for name, text in case.files.items()}
    options = ReadOptions(release=parse_release(case.release) if case.release else None)
    request = Request(("/c/named.conf",), options, Choice((case.rule,), (), "auditor"))
    found = Session(MemoryHost(held, cwd="/c"), request).run().outcome.findings
    assert [
        (
            f"{each.at.source.path.removeprefix('/c/')}:{each.at.begin.line}:{each.at.begin.column}-{each.at.finish.column}",
            f"{each.audience} {each.severity.word}",
            each.message,
            [(fix.grade, fix.snippet.strip(), bool(fix.refused)) for fix in each.fixes],
            [f"{one.span.begin.line}:{one.span.begin.column}" for one in each.related],
            [" ".join(filter(None, scope)) for scope in each.scopes],
        )
        for each in found
    ] == case.found
