"""The statement catalogue: argument shapes, joined statements, what is named, and what is never shown."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from named_audit.catalogue.check import MANY, arguments, check_tree, context_of, read_block, state_of
from named_audit.catalogue.refusal import Refusal
from named_audit.catalogue.types import is_ipv4, is_ipv6
from named_audit.catalogue.used import USED
from named_audit.host import MemoryHost
from named_audit.model.build import build_config
from named_audit.release import LINES, parse_release
from named_audit.resources import read_resource
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.parser import parse_source
from named_audit.syntax.source import Problem, Source
from named_audit.syntax.tree import Statement, Tree
from tests.conftest import ROOT


def tree_of(text: str, **files: str) -> Tree:
    """The tree of a text; `files` are what it may include."""
    host = MemoryHost({f"/etc/{name}.conf": content.encode() for name, content in files.items()})
    return parse_source(Source("/etc/named.conf", text), host, ReadOptions())


def problems(text: str, release: str | None = "9.18", **files: str) -> list[tuple[int, int, str, str]]:
    """Line, column, kind and message of every problem."""
    found = check_tree(tree_of(text, **files), parse_release(release) if release else None)
    return [place(problem) for problem in found]


def place(problem: Problem | Refusal) -> tuple[int, int, str, str]:
    """A problem without its source."""
    assert problem.span is not None
    begin = problem.span.begin
    return (begin.line, begin.column, problem.kind, problem.message)


def only(text: str, context: str = "top") -> Statement:
    """The one statement of a text."""
    (statement,) = read_block(tree_of(text).statements, context, None).statements
    return statement


# --- shapes

TYPES_9_18 = "primary, secondary, mirror, forward, hint, redirect, static-stub, stub, delegation-only"


@pytest.mark.parametrize(
    "text",
    [
        'zone "a" { type primary; file "a"; allow-transfer { key k; }; };',
        "zone a IN { type secondary; masters port 5 { 192.0.2.1 port 53 key k; list; ::1; }; };",
        "zone a { type slave; primaries { 192.0.2.1 key k tls t; }; };",
        "options { allow-transfer port 853 transport tls { any; }; };",
        "view v { also-notify port 53 dscp 4 { }; }; options { also-notify { ::1 port 5 key k tls t; l; }; };",
        "options { listen-on port 443 http h tls t { any; }; listen-on-v6 { none; }; };",
        "options { query-source port 54 address 192.0.2.1; query-source-v6 * port *; };",
        "options { notify-source 192.0.2.1 dscp 3 port 54; transfer-source-v6 ::1; };",
        "options { notify master-only; check-names master warn; ixfr-from-differences slave; };",
        'acl a { ! 10/8; !{ !x; { any; }; }; key k; key "k"; geoip db d country NL; ::1/128; fe80::1%lo; };',
        'controls { inet * port * allow { any; } keys { k; "l"; } read-only yes; };',
        'controls { unix "/s" perm 0600 owner 0 group 0; };',
        "server 10/8 { keys k; }; server ::1 { keys { k }; };",
        "server 192.0.2.0 / 24 { bogus yes; };",
        "options { catalog-zones { zone z in-memory no default-masters port 4 { 192.0.2.1; }; }; };",
        "options { response-policy { zone z log no add-soa no; } qname-wait-recurse no add-soa no; };",
        "zone z { type primary; update-policy { grant k zonesub ANY; grant k name x A AAAA; }; };",
        "zone z { type primary; update-policy local; };",
        'logging { channel c { file "f" size 3m versions 4 suffix increment; severity debug 3; }; };',
        'logging { channel c { file "f" ignored; print-time iso8601; }; category default { c; null; }; };',
        'dlz d { database "dlopen x.so y"; search yes; };',
        'dyndb d "x.so" { a; { b }; "c };',
        "options { forwarders port 3 dscp 4 { 192.0.2.1 dscp 3 port 5; }; };",
        'options { dual-stack-servers port 5 { "x" port 5; 192.0.2.1 port 5; y; }; };',
        "options { use-v4-udp-ports { range 1 3; 5; }; rrset-order { class IN type A order cyclic; }; };",
        "dnssec-policy p { keys { ksk lifetime P1Y algorithm 13; }; nsec3param iterations 0; };",
        'trust-anchors { . static-key 257 3 8 "x"; };',
        "zone a { in-view v; }; view v in { match-clients { any; }; };",
        'tls t { cert-file "c"; key-file "k"; protocols { TLSv1.3; }; };',
        "options { root-delegation-only; sortlist { { 10/8; { 10/8; }; }; }; };",
    ],
)
def test_what_9_18_takes_is_fine(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "zone a { type native; };",
            (
                1,
                15,
                "argument",
                f"type: expected one of {TYPES_9_18}; found 'native'",
            ),
        ),
        ('zone a { type "primary"; };', (1, 15, "argument", None)),
        ("zone a { file x; };", (1, 15, "argument", "file: expected a quoted string; found 'x'")),
        ("zone a { file; };", (1, 14, "argument", "file: expected a quoted string; found ';'")),
        (
            "options { directory /tmp; };",
            (1, 21, "argument", "directory: expected a quoted string; found '/'"),
        ),
        ("options { port x; };", (1, 16, "argument", "port: expected a whole number; found 'x'")),
        (
            'options { notify "yes"; };',
            (
                1,
                18,
                "argument",
                'notify: expected one of explicit, primary-only, yes or no; found "yes"; it stands without quotes',
            ),
        ),
        ("options { allow-query any; };", (1, 23, "syntax", "'{' expected before 'any'")),
        ("options { allow-query; };", (1, 22, "syntax", "'{' expected before ';'")),
        (
            "options { allow-transfer transport tls port 5 { any; }; };",
            (1, 40, "syntax", "'{' expected before 'port'"),
        ),
        ("zone a in in { };", (1, 11, "syntax", "'{' expected before 'in'")),
        ("key k algorithm x;", (1, 7, "syntax", "'{' expected before 'algorithm'")),
        ("acl a { key; };", (1, 12, "argument", "acl: expected the name of a key; found ';'")),
        (
            "acl a { ! };",
            (1, 10, "argument", "acl: expected an address, a prefix, a key or the name of an acl; found '}'"),
        ),
        ("acl a { 10/x; };", (1, 12, "argument", "acl: expected a prefix length; found 'x'")),
        ('acl a { "10.0.0.0"/8; };', (1, 19, "argument", "missing ';' before '/'")),
        ("acl a { b c; };", (1, 11, "syntax", "missing ';' before 'c'")),
        ("acl a { { b c; }; };", (1, 13, "syntax", "missing ';' before 'c'")),
        ("acl a { key k.; example };", (1, 25, "syntax", "missing ';' before '}'")),
        (
            "zone a { primaries { 192.0.2.1 key k port 5; }; };",
            (1, 38, "syntax", "missing ';' before 'port'"),
        ),
        ("controls { inet 127.0.0.1; };", (1, 26, "argument", "inet: expected 'allow'; found ';'")),
        ("server x { };", (1, 8, "argument", "server: expected an address or prefix; found 'x'")),
        (
            "server 192.0.2.1 { keys { a; b; }; };",
            (1, 30, "syntax", "'}' expected before 'b': a server has one key"),
        ),
        ("options { recursion yes no; };", (1, 25, "syntax", "missing ';' before 'no'")),
        ("options { { }; };", (1, 11, "syntax", "unexpected '{'")),
        ("options { !x; };", (1, 11, "syntax", "unexpected '!'")),
        ('"x" y;', (1, 1, "syntax", 'unexpected "x"')),
        ("acl a { x; } foo;", (1, 14, "syntax", "missing ';' before 'foo'")),
        ('acl a { include "x"; };', (1, 9, "syntax", None)),
    ],
)
def test_what_9_18_refuses_is_a_problem(text: str, expected: tuple[int, int, str, str | None]) -> None:
    found = problems(text)
    if expected[3] is None:
        assert expected[:3] in [item[:3] for item in found]
    else:
        assert found[0] == expected


def test_arguments_that_the_model_does_not_use_are_refused_and_leave_no_doubt() -> None:
    assert problems("options { recursion maybe; max-cache-size lots; version { }; };") == [
        (1, 21, "invalid-argument", "recursion: expected yes or no; found 'maybe'"),
        (
            1,
            43,
            "invalid-argument",
            "max-cache-size: expected one of default, unlimited, a size, a percentage; found 'lots'",
        ),
        (1, 57, "invalid-argument", "version: expected one of a quoted string, none; found '{'"),
    ]


def test_every_element_of_a_list_is_looked_at() -> None:
    text = "acl a {\n  192.0.2.1 192.0.2.2;\n  key;\n  b c d;\n};\n"
    assert problems(text) == [
        (2, 13, "syntax", "missing ';' before '192.0.2.2'"),
        (3, 6, "argument", "acl: expected the name of a key; found ';'"),
        (4, 5, "syntax", "missing ';' before 'c'"),
        (4, 7, "syntax", "missing ';' before 'd'"),
    ]


def test_a_release_takes_what_it_has() -> None:
    text = "options { also-notify source 192.0.2.1 { 192.0.2.2; }; };"
    assert problems(text, "9.20") == []
    assert problems(text, "9.18") == [(1, 23, "syntax", "'{' expected before 'source'")]
    # Unknown: what any release takes is right.
    assert problems(text, None) == []
    assert problems("options { also-notify dscp 5 { 192.0.2.2; }; };", None) == []


def test_a_statement_of_other_releases_is_read_as_they_do() -> None:
    # What is in a block that the release refuses as a whole is not refused once more.
    assert problems("template t { type primary; };", "9.11") == [
        (
            1,
            1,
            "invalid-for-release",
            "'template' does not exist yet in BIND 9.11, which refuses it; known in 9.21 (from 9.21.9)",
        )
    ]
    assert problems("options { alt-transfer-source { }; transfer-source { }; };", "9.21") == [
        (
            1,
            11,
            "invalid-for-release",
            "'alt-transfer-source' no longer exists in BIND 9.21, which refuses it; known in 9.11, 9.16, 9.18",
        ),
        (1, 52, "argument", "transfer-source: expected one of an IPv4 address, *; found '{'"),
    ]


def test_unknown_statements() -> None:
    tree = tree_of("nonsense { x; } y; nonsuch 5; optoins; options { };")
    block = read_block(tree.statements, "top", None)
    assert [place(problem) for problem in block.problems] == [
        (1, 1, "argument", "unknown option 'nonsense': what it holds is not known")
    ]
    # Without a release, what is like nothing that is known may be newer.
    assert [statement.name for statement in block.unknown] == ["nonsuch"]
    assert [place(refusal) for refusal in block.refusals] == [
        (
            1,
            31,
            "invalid-statement",
            "no BIND release known here has a statement 'optoins'; did you mean 'options'?",
        )
    ]
    assert [statement.name for statement in block.statements] == ["nonsense", "nonsuch", "optoins", "options"]
    block = read_block(tree.statements, "top", parse_release("9.18"))
    assert [refusal.rule for refusal in block.refusals] == ["invalid-statement", "invalid-statement"]


# --- statements that a missing `;` has joined


def names(text: str, context: str = "top") -> list[str]:
    return [part.name for part in read_block(tree_of(text).statements, context, None).statements]


def test_joined_simple_statements_are_told_apart() -> None:
    tree = tree_of(
        'type primary\n  file "x" // why\n  notify yes;\nallow-query { a; } allow-transfer { b; };'
    )
    block = read_block(tree.statements, "zone", None)
    assert [part.text for part in block.statements] == [
        "type primary",
        'file "x"',
        "notify yes;",
        "allow-query { a; }",
        "allow-transfer { b; };",
    ]
    assert [place(problem) for problem in block.problems] == [
        (2, 3, "syntax", "missing ';' before 'file'"),
        (3, 3, "syntax", "missing ';' before 'notify'"),
        (4, 20, "syntax", "missing ';' before 'allow-transfer'"),
    ]
    assert block.statements[2].span.begin == (3, 3)


@pytest.mark.parametrize(
    "block",
    [
        "{ type primary; }",
        "{ type primary; allow-transfer { key k; }; }",
        '{ include "a.conf"; type primary; }',
    ],
)
def test_joined_zones_are_told_apart(block: str) -> None:
    text = f'zone "a" {block}\nzone "b" {block}\nkey k {{ algorithm x; secret "y"; }};\n'
    tree = tree_of(text, a="notify yes;")
    found = read_block(tree.statements, "top", None)
    assert [(part.name, part.head[1].value) for part in found.statements] == [
        ("zone", "a"),
        ("zone", "b"),
        ("key", "k"),
    ]
    assert [place(problem) for problem in found.problems] == [
        (2, 1, "syntax", "missing ';' before 'zone'"),
        (3, 1, "syntax", "missing ';' before 'key'"),
    ]
    assert "type" in [child.name for child in found.statements[1].children]
    assert [child.name for child in found.statements[2].children] == ["algorithm", "secret"]


def test_a_word_behind_a_block_is_a_statement() -> None:
    assert names("options { a { b; }; } recursion yes;") == ["options", "recursion"]
    assert names("type primary allow-transfer { { a; }; };", "zone") == ["type", "allow-transfer"]
    assert names('dyndb a "b" { c } options { };') == ["dyndb", "options"]


def test_many_joined_statements_end() -> None:
    text = "notify yes " * 5000 + ";"
    block = read_block(tree_of(text).statements, "zone", None)
    assert len(block.statements) == 101
    assert "limit" in [problem.kind for problem in block.problems]


def test_what_reading_has_reported_is_not_reported_again() -> None:
    assert problems('zone "a"') == [(1, 9, "syntax", "unexpected end of file: missing ';'")]
    assert [item[3] for item in problems("acl a { b }; /* never closed")] == [
        "missing ';' before '}'",
        "unexpected end of input: this comment is never closed",
    ]
    assert [item[:2] for item in problems("options { recursion yes")] == [(1, 24)]


# --- includes


def test_include_in_a_list_is_a_problem() -> None:
    text = 'acl a {\n\tinclude "list.conf";\n};\n'
    message = "include cannot stand inside a list; only statements can be included"
    assert problems(text, list="192.0.2.1; 192.0.2.2;") == [(2, 2, "syntax", message)]


def test_include_in_a_block_is_none() -> None:
    assert (
        problems('options { include "o.conf"; }; zone a { include "z.conf"; };', o="port 53;", z="type hint;")
        == []
    )


def test_a_statement_over_two_files() -> None:
    text = 'include "head.conf";\n notify; };\n'
    found = check_tree(tree_of(text, head="zone a { type primary; also-notify { 192.0.2.1 x; };"), None)
    assert [(p.path, *place(p)) for p in found] == [
        ("/etc/named.conf", 2, 8, "argument", place(found[0])[3]),
        ("/etc/head.conf", 1, 48, "syntax", "missing ';' before 'x'"),
    ]
    assert place(found[0])[3] == "notify: expected one of explicit, primary-only, yes or no; found ';'"


# --- what statements are and what they name


def test_contexts() -> None:
    assert context_of("top", only("zone a { };")) == "zone"
    assert context_of("view", only("zone a { };")) == "zone"
    assert context_of("logging", only("channel a { };", "logging")) == "channel"
    assert context_of("options", only("rate-limit { };", "options")) == "rate-limit"
    assert context_of("top", only("acl a { };")) is None
    assert context_of("top", only("category a { };", "logging")) is None
    assert context_of("zone", only("nonsense { };", "zone")) is None


def test_states() -> None:
    assert state_of(only("allow-transfer { };", "zone"), "zone") == "used"
    assert state_of(only("recursion yes;", "options"), "options") == "irrelevant"
    assert state_of(only("recursion yes;", "zone"), "zone") == "not understood"


def named(text: str, context: str) -> list[tuple[str, str, int]]:
    """Type, value and place of each argument."""
    return [(a.type, a.value, a.start) for a in arguments(only(text, context), context, None)]


def test_references_of_match_lists() -> None:
    assert named('match-clients { !{ x; }; key k; any; 10.0.0.0/8; key "L"; };', "view") == [
        ("acl", "x", 19),
        ("key", "k", 29),
        ("built-in acl", "any", 32),
        ("prefix", "10.0.0.0", 37),
        ("key", "L", 53),
    ]
    assert named("acl a { b; };", "top") == [("string", "a", 4), ("acl", "b", 8)]
    assert named("allow-transfer port 853 transport tls { key k; };", "zone") == [
        ("integer", "853", 20),
        ("string", "tls", 34),
        ("key", "k", 44),
    ]


def test_references_of_server_lists() -> None:
    assert named("also-notify { 192.0.2.1 key k tls t; listname; ::1 tls ephemeral; };", "zone") == [
        ("address", "192.0.2.1", 14),
        ("key", "k", 28),
        ("tls", "t", 34),
        ("server list", "listname", 37),
        ("address", "::1", 47),
        ("built-in tls", "ephemeral", 55),
    ]
    assert named("primaries p { q key k; };", "top")[1:] == [("server list", "q", 14), ("key", "k", 20)]
    # What looks almost like an address is the name of a list.
    assert named("primaries { 010.0.0.1; };", "zone") == [("server list", "010.0.0.1", 12)]


def test_other_references() -> None:
    assert named("keys { k; };", "server") == [("key", "k", 7)]
    assert named("keys k;", "server") == [("key", "k", 5)]
    assert named("inet * allow { a; } keys { k; l; };", "controls") == [
        ("acl", "a", 15),
        ("key", "k", 27),
        ("key", "l", 30),
    ]
    assert named("in-view v;", "zone") == [("view", "v", 8)]
    assert named("template t;", "zone") == [("template", "t", 9)]
    assert named("catalog-zones { zone c default-primaries { l; }; };", "options") == [
        ("zone", "c", 21),
        ("server list", "l", 43),
    ]
    assert named("listen-on tls none { any; };", "options")[0] == ("built-in tls", "none", 14)
    assert named("category default { c; };", "logging") == [("string", "default", 9), ("channel", "c", 19)]
    assert named("server 10/8 { keys k; };", "top") == [("prefix", "10", 7)]
    assert named('zone "z" in { file "f"; allow-query { { a; }; }; };', "top") == [
        ("string", "z", 5),
        ("class", "in", 9),
    ]


def test_references_survive_a_fault() -> None:
    assert named("allow-transfer { key k l; 10/x; key m; };", "zone") == [
        ("key", "k", 21),
        ("acl", "l", 23),
        ("prefix", "10", 26),
        ("key", "m", 36),
    ]


# --- what is never shown


@pytest.mark.parametrize(
    "text",
    [
        'key k { algorithm hmac-md5; secret "AAAA" SECRETword; };',
        "key k { algorithm hmac-md5; secret SECRETword SECRETword; };",
        'key k { algorithm hmac-md5 "SECRETword"; };',
        "key k { secret { SECRETword; }; SECRETword; };",
        'options { secret x; acl secret "a" SECRETword; };',
        'options { recursion yes "x secret SECRETword"; };',
        'key k" { algorithm hmac-md5; secret "SECRETword"; };\nkey "b" { secret "x"; };',
        "options { recursion yes U0VDUkVUd29yZFNFQ1JFVHdvcmQ=; };",
        'dlz d { database "a" "SECRETword"; };',
        'dyndb a "b" { x } SECRETword;',
        "zone a { type U0VDUkVUd29yZFNFQ1JFVHdvcmQ=; };",
    ],
)
def test_secrets_are_not_shown(text: str) -> None:
    for release in (None, "9.18"):
        for *_, message in problems(text, release):
            assert "SECRETword" not in message and "U0VD" not in message


def test_shown_words_are_short_and_printable() -> None:
    ((*_, message),) = problems(f"zone a {{ type {'x.' * 500}; }};")
    assert message.endswith("found '" + "x." * 30 + "'")
    ((*_, message),) = problems("zone a { type a\x1b[31m\x07\udcff\u202e; };")
    assert message.endswith("found 'a?[31m???'")  # escape, bell, a lone byte, a change of direction
    ((*_, message),) = problems('zone a { type "a\nb"; };')
    assert message.endswith('found "a"')


# --- addresses, data, cost


@pytest.mark.parametrize(
    "text", ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "fe80::1%eth0", "1::8"]
)
def test_ipv6_addresses(text: str) -> None:
    assert is_ipv6(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":::",
        "1",
        "1:2",
        "1::2::3",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::8:9",
        ":1",
        "::1:",
    ],
)
def test_not_ipv6_addresses(text: str) -> None:
    assert not is_ipv6(text)


def test_ipv4_addresses() -> None:
    assert is_ipv4("192.0.2.1") and is_ipv4("0.0.0.0")
    assert not any(is_ipv4(text) for text in ("010.0.0.1", "256.0.0.1", "1.2.3", "1.2.3.4.5", "1.2.3.4 "))


def test_catalogue_is_derived_from_the_facts(shared: Path, tmp_path: Path) -> None:
    script = ROOT / "grammar" / "statements" / "derive.py"
    copy = tmp_path / "derive.py"
    shutil.copyfile(script, copy)
    spec = importlib.util.spec_from_file_location("derive", copy)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(shared / "facts")
    for name in ("catalogue.json", "lifecycle.json"):
        assert (tmp_path / name).read_bytes() == script.with_name(name).read_bytes()


def test_used_statements_exist() -> None:
    text = read_resource("grammar", "statements", "catalogue.json")
    assert sorted(name for name in USED if f'"{name}":[[' not in text) == []
    assert f'"releases":["{LINES[0]}"' in text


PORTS = (
    "0",
    "53",
    "010",
    "08",
    "65534",
    "65536",
    "0x35",
    "0xff",
    "4294967296",
    "*",
    "x",
    '"53"',
    "-1",
    "0053",
)
PORT_FORMS = (
    'zone "a" {{ type secondary; file "f"; primaries {{ 192.0.2.1 port {0}; }}; }};',
    'zone "a" {{ type secondary; file "f"; primaries {{ ::1 port {0}; }}; }};',
    "options {{ port {0}; }};",
    "options {{ tls-port {0}; }};",
    "options {{ listen-on port {0} {{ any; }}; }};",
    "options {{ notify-source 192.0.2.1 port {0}; }};",
    "options {{ also-notify port {0} {{ 192.0.2.1; }}; }};",
    "options {{ allow-transfer port {0} {{ any; }}; }};",
    "primaries p port {0} {{ 192.0.2.1; }};",
    "controls {{ inet 127.0.0.1 port {0} allow {{ any; }}; }};",
)


@pytest.mark.bind
@pytest.mark.parametrize("form", PORT_FORMS)
def test_ports_are_what_bind_takes(form: str, tmp_path: Path) -> None:
    """Decimal behind an address, as in C elsewhere."""
    for port in PORTS:
        text = form.format(port)
        (tmp_path / "named.conf").write_text(text)
        ran = subprocess.run(["named-checkconf", "named.conf"], cwd=tmp_path, capture_output=True, timeout=60)
        accepted = ran.returncode == 0
        assert (problems(text) == []) == accepted, text


def test_port_out_of_range() -> None:
    text = "zone a { type secondary; primaries { 192.0.2.1 port 99999 key k; }; };"
    message = "primaries: expected a port (0 to 65535); found '99999'"
    assert problems(text) == [(1, 53, "argument", message)]
    text = "options { allow-transfer port " + "9" * 5000 + " { any; }; };"
    assert [found[:3] for found in problems(text)] == [(1, 31, "invalid-value")]


@pytest.mark.parametrize(
    ("release", "taken"),
    [
        ("9.18.0", False), ("9.18", False), ("9.20.0", False), ("9.20.16", False), ("9.20.17", True),
        ("9.20", True), ("9.21.15", False), ("9.21.16", True), ("9.21", True), (None, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("option", ["key", "tls"])
def test_options_behind_the_name_of_a_list(option: str, taken: bool, release: str | None) -> None:
    text = (
        'key k { algorithm hmac-sha256; secret "c2VjcmV0"; }; tls k { }; primaries pp { 192.0.2.1; };\n'
        f"primaries unused {{ pp {option} gone; }};\n"
        f'zone a {{ type secondary; file "f"; primaries {{ 192.0.2.1 {option} k; pp {option} k; }}; }};'
    )
    message = (
        f"unexpected token 'k': '{option}' belongs behind an address; behind the name of a list it may stand "
        "from BIND 9.20.17 and 9.21.16 on"
    )
    column = text.splitlines()[2].index("pp") + 8
    assert refusals(text, release) == ([] if taken else [(3, column, "invalid-reference", message)])


def refusals(text: str, release: str | None) -> list[tuple[int, int, str, str]]:
    """What a whole configuration is refused for."""
    options = ReadOptions(release=parse_release(release) if release else None)
    config = build_config(tree_of(text), options)
    assert config.problems == []
    return [place(refusal) for refusal in config.refused]


@pytest.mark.bind
@pytest.mark.parametrize("option", ["key k", "tls ephemeral", "port 53"])
def test_bind_refuses_options_behind_the_name_of_a_list(option: str, tmp_path: Path) -> None:
    text = 'key k { algorithm hmac-sha256; secret "c2VjcmV0"; }; primaries pp { 192.0.2.1; };'
    for entry, refused in (("pp", False), (f"192.0.2.1 {option}", False), (f"pp {option}", True)):
        zone = f'zone "a" {{ type secondary; file "f"; primaries {{ {entry}; }}; }};'
        (tmp_path / "named.conf").write_text(text + zone)
        ran = subprocess.run(["named-checkconf", "named.conf"], cwd=tmp_path, capture_output=True, timeout=60)
        assert (ran.returncode != 0) == refused, entry
        found = problems(text + zone) or refusals(text + zone, "9.18")
        assert (found != []) == refused, entry


def test_usual_forms_are_what_the_matcher_takes() -> None:
    # Above a number of different lists, a pattern judges them; it must not take what the matcher refuses.
    many = "\n".join(f"also-notify {{ 192.0.2.1 key k{number}; }};" for number in range(1500))
    odd = """
        also-notify { 192.0.2.1 k; };
        also-notify { 192.0.2.1 key; };
        also-notify { key k; };
        allow-query { key; };
        allow-query { geoip; };
        allow-query { a b; };
        notify-source { a; };
        allow-query { 192.0.2.1 key k; };
    """
    block = read_block(tree_of(many + odd).statements, "options", None)
    faults = [problem for problem in block.problems if "redefined" not in problem.message]
    assert [place(problem)[0] - 1500 for problem in faults] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "text",
    [
        "acl a " + "{" * 150 + "x;" + "};" * 150,
        "acl a { " + "!" * 100_000 + "x; };",
        "acl a { " + "x " * 20_000 + "; };",
        "zone " * 50_000 + ";",
        "x" * 5_000_000 + " y;",
        "zone a { type " + "x" * 2_000_000 + "; };",
        "acl a {" + "zone b { type primary; }\n" * 3000,
        "options { " + "zone b { type primary; }\n" * 3000 + "};",
        "a\0b { \0 }; \x7f;",
    ],
)
def test_hostile_input_is_read_in_bounded_time(text: str) -> None:
    started = time.monotonic()
    assert len(problems(text, None)) < 500
    assert time.monotonic() - started < 10


def test_short_networks_in_a_big_file() -> None:
    # Beyond so many distinct lists, their usual form is looked for first.
    lists = "".join(f"acl a{number} {{ 192.0.2.1; key k{number}; }};\n" for number in range(MANY + 10))
    found = problems(
        f"{lists}options {{\nallow-query-cache {{ 10; }};\nallow-query {{ any; 192.168; }};\n}};\n"
    )
    assert [(line - MANY - 10, column) for line, column, _, _ in found] == [(2, 21), (3, 20)]
