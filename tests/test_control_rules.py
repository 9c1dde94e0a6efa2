"""Whom the rules about updates, control, logging, keys and releases concern, how gravely, and what they offer."""

from __future__ import annotations

import csv
import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.cli.examples import read_example
from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.audit import Audit
from named_audit.lint.book import Choice, load_rule, rule_id
from named_audit.lint.contract import Span
from named_audit.lint.run import run_rules
from named_audit.model.build import load_config
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import check
from tests.conftest import ROOT

SECRET = "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="
KEYS = f'key k1 {{ algorithm hmac-sha256; secret "{SECRET}"; }};\nkey k2 {{ algorithm hmac-sha256; secret "{SECRET[::-1].lstrip("=")}="; }};\n'
ZONE = 'zone "a.example" { type primary; file "a"; };\n'
SECONDARY = 'zone "b.example" { type secondary; file "b"; primaries { 192.0.2.1 key k1; }; };\n'
CLOSED = "options { allow-transfer { none; }; };\n"


class Case(NamedTuple):
    """A rule, a configuration, and each finding: audience, severity, message, grade and snippet of its correction."""

    rule: str
    text: str
    found: list[tuple[str, str, str, str, str]]


def control(*clauses: str) -> str:
    return "controls {\n" + "".join(f"    {clause}\n" for clause in clauses) + "};\n"


STOPS = "stop the server or have it load other zones"

CASES = (
    Case(
        "control-exposed",
        control("inet * allow { any; } keys { k1; k2; };"),
        [
            ("regular", "high", f"anyone over IPv4 can connect to the control channel: one of the keys k1 and k2 is all that is asked for to {STOPS}",
             "unsafe", 'inet 127.0.0.1 allow { 127.0.0.1; } keys { "k1"; "k2"; };'),
        ],
    ),
    Case(
        "control-exposed",
        control("inet :: port 954 allow { any; } keys { k1; } read-only yes;"),
        [
            ("regular", "medium", "anyone over IPv6 can connect to the control channel: key k1 is all that is asked for to read the server's state",
             "unsafe", 'inet ::1 port 954 allow { ::1; } keys { "k1"; } read-only yes;'),
        ],
    ),
    # Beside a channel on loopback, or two that would come to one, nothing is written.
    Case(
        "control-exposed",
        control("inet 127.0.0.1 allow { any; } keys { k1; };", "inet 192.0.2.1 allow { any; } keys { k1; };"),
        [
            ("regular", "high", f"anyone over IPv4 can connect to the control channel: key k1 is all that is asked for to {STOPS}",
             "display", 'inet 127.0.0.1 allow { 127.0.0.1; } keys { "k1"; };'),
        ],
    ),
    Case(
        "control-exposed",
        control("inet ::1 allow { any; } keys { k1; };", "inet 192.0.2.1 allow { 10.0.0.0/8; } keys { k1; };"),
        [
            ("pedantic", "low", f"10.0.0.0/8 can connect to the control channel: key k1 is all that is asked for to {STOPS}",
             "display", 'inet 127.0.0.1 allow { 127.0.0.1; } keys { "k1"; };'),
        ],
    ),
    Case(
        "control-exposed",
        control("inet 192.0.2.1 allow { 198.51.100.7; };", "inet 192.0.2.2 port 9 allow { localnets; localhost; } keys { k1; };"),
        [
            ("pedantic", "medium", f"198.51.100.7 can connect to the control channel: the key in named's rndc.key file is all that is asked for to {STOPS}",
             "display", "inet 127.0.0.1 allow { 127.0.0.1; };"),
            ("pedantic", "low", f"every on-link neighbour (localnets) can connect to the control channel: key k1 is all that is asked for to {STOPS}",
             "display", 'inet 127.0.0.1 port 9 allow { 127.0.0.1; } keys { "k1"; };'),
        ],
    ),
    # A zone without statistics is not named.
    Case(
        "statistics-open",
        'options { zone-statistics none; };\nzone "a" { type primary; file "a"; };\nstatistics-channels { inet * allow { any; }; };\n',
        [
            ("regular", "low", "anyone over IPv4 can read the server's version and counters over HTTP",
             "unsafe", "inet 127.0.0.1 allow { 127.0.0.1; };"),
        ],
    ),
    Case(
        "statistics-open",
        'options { zone-statistics no; };\nzone "a" { type primary; file "a"; };\n'
        'zone "b" { type primary; file "b"; zone-statistics terse; };\nstatistics-channels { inet * allow { any; }; };\n',
        [
            ("regular", "medium", "anyone over IPv4 can read the names and serial numbers of zones over HTTP",
             "unsafe", "inet 127.0.0.1 allow { 127.0.0.1; };"),
        ],
    ),
    Case(
        "statistics-open",
        "statistics-channels { inet :: port 8053 allow { 2001:db8::5; localnets; }; };\n",
        [
            ("auditor", "info", "2001:db8::5 and every on-link neighbour (localnets) can read the names and serial numbers of all zones over HTTP",
             "display", "inet ::1 port 8053 allow { ::1; };"),
        ],
    ),
    Case(
        "update-unsigned",
        CLOSED + ZONE.replace("};", "allow-update { 10.0.0.5; 192.168.0.0/16; }; };"),
        [
            ("regular", "medium", "10.0.0.5 and 192.168.0.0/16 can change a.example by dynamic update: this list asks for no key",
             "display", '// tsig-keygen -a hmac-sha256 update-key\nupdate-policy { grant "update-key" zonesub A AAAA TXT; };'),
        ],
    ),
    Case(
        "update-unsigned",
        "options { allow-transfer { none; }; allow-update { 192.0.2.5; }; };\n" + ZONE,
        [
            ("regular", "high", "192.0.2.5 can change a.example by dynamic update: this list asks for no key (it stands in options)",
             "display", ("// tsig-keygen -a hmac-sha256 update-key\nallow-update { none; };    // and in each zone that takes updates, in its place:\n"
             'update-policy { grant "update-key" zonesub A AAAA TXT; };')),
        ],
    ),
    Case(
        "update-unsigned",
        CLOSED + 'zone "localhost" { type primary; file "l"; allow-update { any; key k1; }; };\n',
        [
            ("auditor", "info", "anyone can change localhost by dynamic update: this list asks for no key",
             "display", '// tsig-keygen -a hmac-sha256 update-key\nupdate-policy { grant "update-key" zonesub A AAAA TXT; };'),
        ],
    ),
    Case(
        "update-inherited",
        "options { allow-transfer { none; }; allow-update { key K1; localhost; }; };\n" + ZONE,
        [
            ("pedantic", "low", "key k1 can write a.example and any primary zone added later: they inherit this list",
             "display", '// in each zone that takes updates, instead of the statement above them\nupdate-policy { grant "k1" zonesub A AAAA TXT; };'),
        ],
    ),
    Case(
        "update-inherited",
        'options { allow-transfer { none; }; allow-update { 127.0.0.1; }; };\nzone "localhost" { type primary; file "l"; };\n',
        [
            ("auditor", "info", "the server's own programs can write localhost and any primary zone added later: they inherit this list",
             "display", '// in each zone that takes updates, instead of the statement above them\nupdate-policy { grant "update-key" zonesub A AAAA TXT; };'),
        ],
    ),
    Case(
        "update-by-any-key",
        CLOSED + ZONE.replace("};", "update-policy { grant * zonesub TXT; }; };"),
        [
            ("regular", "medium", "any key that the view knows (k1 and k2) may change TXT records of a.example, whatever it was made for",
             "display", 'update-policy { grant "update-key" zonesub A AAAA TXT; };'),
        ],
    ),
    Case(
        "update-unlimited",
        CLOSED + ZONE.replace("};", "allow-update { key k1; localhost; }; };"),
        [
            ("auditor", "info", "key k1 may change everything in a.example: allow-update does not say what",
             "display", 'update-policy { grant "k1" zonesub A AAAA TXT; };'),
        ],
    ),
    Case(
        "update-unlimited",
        CLOSED + 'zone "localhost" { type primary; file "l"; allow-update { key k1; }; };\n',
        [
            ("auditor", "info", "key k1 may change everything in localhost: allow-update does not say what",
             "display", 'update-policy {\n    grant "k1" zonesub;\n};'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { channel c { syslog; severity error; }; category xfer-in { c; }; category notify { null; }; };\n" + CLOSED + SECONDARY,
        [
            ("pedantic", "info", "named writes nothing about transfers from the primaries, failed ones too: the severity of the channels drops these lines",
             "unsafe", 'category xfer-in { "c"; "default_syslog"; };'),
            ("pedantic", "info", "named writes nothing about NOTIFY messages: this category goes to null",
             "unsafe", 'category notify { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { channel f { file \"f\"; }; channel g { file \"g\"; severity error; }; category default { g; f; }; category security { default_debug; }; };\n" + CLOSED + ZONE,
        [
            ("regular", "low", "named writes nothing about denied transfers and failed signatures: default_debug writes only while debugging is on",
             "unsafe", 'category security { "default_debug"; "g"; "f"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { category security { null; }; category security { default_debug; }; };\n" + CLOSED + ZONE,
        [
            ("regular", "low", "named writes nothing about denied transfers and failed signatures: default_debug writes only while debugging is on",
             "display", 'category security { "default_debug"; "default_syslog"; };'),
        ],
    ),
    Case(
        "log-lines-bare",
        "logging { channel f { file \"f\"; print-severity yes; }; channel s { syslog; print-category yes; print-severity no; }; };\n",
        [
            ("pedantic", "low", "the lines of channel f come without time and category", "unsafe", "print-time yes;\nprint-category yes;"),
            ("auditor", "info", "the lines of channel s come without time and severity", "unsafe", "print-severity yes;\nprint-time yes;"),
        ],
    ),
    Case(
        "log-file-unbounded",
        'logging { channel f { file "f" versions 2; }; channel g { file "g" size 1m; }; channel h { file "h" size 5m versions 1 suffix increment; }; };\n',
        [
            ("auditor", "info", "channel f: the file grows without limit, and fewer than 3 older files are kept", "unsafe", 'file "f" versions 3 size 20m;'),
            ("auditor", "info", "channel g: fewer than 3 older files are kept", "unsafe", 'file "g" versions 3 size 1m;'),
            ("auditor", "info", "channel h: fewer than 3 older files are kept", "unsafe", 'file "h" versions 3 size 5m suffix increment;'),
        ],
    ),
    Case(
        "definition-unused",
        "acl a { b; c; any; };\nprimaries p { p; };\ntls t { ca-file \"c\"; };\nacl c { localnets; };\n",
        [
            ("pedantic", "low", "nothing uses acl a, and it names b, which nothing defines: whoever uses it gets an error", "unsafe", ""),
            ("pedantic", "low", "nothing uses server list p, and it names itself: whoever uses it gets an error", "unsafe", ""),
            ("pedantic", "low", "nothing uses tls t", "unsafe", ""),
            ("pedantic", "low", "nothing uses acl c", "unsafe", ""),
        ],
    ),
    Case(
        "transfer-from-secondary",
        CLOSED + SECONDARY.replace("b.example", "c.example") + SECONDARY.replace(" };\n", " allow-transfer { key k1; key k2; 192.0.2.7; }; };\n"),
        [
            ("auditor", "info", "this server is a secondary for b.example and hands it on to 192.0.2.7 and keys k1 and k2", "display", "allow-transfer { none; };"),
        ],
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule}-{number}" for number, case in enumerate(CASES)])
def test_findings(case: Case, tmp_path: Path) -> None:
    ran = check(
        KEYS + case.text,
        tmp_path,
        "--select",
        case.rule,
        "--audience",
        "auditor",
        "--bind-version",
        "9.18",
        "--as-root",
    )
    assert ran.json["problems"] == []
    found = [
        (each["audience"], each["severity"], each["message"], each["fixes"][0]["grade"], each["fixes"][0]["snippet"].strip())
        for each in ran.json["findings"]
    ]  # fmt: skip
    assert found == case.found


def _line(at: Span) -> int:
    return at.source.text.count("\n", 0, at.start) + 1


def outcome(example: str) -> list[list[str]]:
    """What the rule in whose folder an example is says of it, as a row of the table says it."""
    path = ROOT / "rules" / example
    folder = ROOT / "rules" / example.split("/")[0]
    read = read_example(path)
    files = {f"/x/{path.name}": read.text.encode()}
    for extra in folder.glob("extra/*"):
        files[f"/x/extra/{extra.name}"] = extra.read_bytes()
    release = read.conditions.get("bind-version")
    options = ReadOptions(parse_release(release) if release else None)
    choice = Choice((rule_id(str(folder)),), (), "auditor")
    session = Session(
        MemoryHost(files, cwd="/x"), Request((f"/x/{path.name}",), options, choice, mode="root")
    )
    return [
        [
            str(_line(each.at)),
            each.severity.word,
            each.audience,
            " ".join(str(_line(related.span)) for related in each.related),
            " ".join(
                scope.zone if scope.view is None else f"{scope.zone}/{scope.view}" for scope in each.scopes
            ),
            each.message,
            " ".join(fix.grade for fix in each.fixes),
            " | ".join(" ".join(fix.snippet.split()) for fix in each.fixes),
        ]
        for each in session.run().outcome.findings
    ]


with (ROOT / "tests" / "rule_findings.tsv").open(encoding="utf-8") as file:
    SAID = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
"""An example, and of each finding the line, severity, audience, related lines, zones, message, grades and snippets."""


@pytest.mark.parametrize("example", dict.fromkeys(row[0] for row in SAID))
def test_a_rule_says_it_so(example: str) -> None:
    assert outcome(example) == [row[1:] for row in SAID if row[0] == example]


def test_of_very_many_keys_only_the_first_names_are_compared(tmp_path: Path) -> None:
    """Each comparison takes time; a name with the same letters is found without any."""
    keys = "".join(
        f'key transfer-{number} {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n' for number in range(2_501)
    )
    wanted = ("transfar-1000", "transfar-2000", "transfer2000")
    ran = check(
        keys + "acl a { " + " ".join(f"key {name};" for name in wanted) + " };\n",
        tmp_path,
        "--select",
        "key-undefined",
    )
    assert [each["message"].partition(":")[0] for each in ran.json["findings"]] == [
        "no key transfar-1000 is defined (did you mean transfer-1000?)",
        "no key transfar-2000 is defined",
        "no key transfer2000 is defined (did you mean transfer-2000?)",
    ]


@pytest.mark.parametrize("secret", [SECRET, SECRET[:8] + "\n" + SECRET[8:]])
def test_a_published_secret(secret: str, tmp_path: Path) -> None:
    folder = tmp_path / "key_weak_secret"
    shutil.copytree(ROOT / "rules" / "key_weak_secret", folder)
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    (folder / "example-secrets.tsv").write_text(f"sha256\twhere\n{digest}\ta manual\n", "utf-8")
    text = f'key k {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), ReadOptions())
    results, problems = run_rules(Audit(config), [load_rule(str(folder))])
    assert problems == []
    assert [
        (each.reported.severity.word, each.reported.audience, each.reported.message) for each in results
    ] == [("high", "regular", "key k: this secret is published (a manual)")]
