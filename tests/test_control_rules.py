"""Whom the rules about updates, control, logging, keys and releases concern, how gravely, and what they offer."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.host import MemoryHost
from named_audit.lint.audit import Audit
from named_audit.lint.book import load_rule
from named_audit.lint.run import run_rules
from named_audit.model.build import load_config
from named_audit.policy.channels import control_channels, statistics_channels
from named_audit.policy.updates import granting, rule_span, update_rules
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
        "log-suppressed",
        "logging { channel s { syslog; severity critical; }; channel v { null; severity info; }; category default { s; v; null; }; };\n"
        + CLOSED + ZONE.replace("};", "allow-update { key k1; }; };") + SECONDARY,
        [
            ("regular", "low", "named writes nothing about denied transfers and failed signatures, denied updates, transfers from the primaries, failed ones too and 3 more: the severity of the channels drops these lines",
             "unsafe", 'category default { "s"; "default_syslog"; };'),
        ],
    ),
    # Errors are kept: what is lost is for those who ask for more.
    Case(
        "log-suppressed",
        "logging { channel e { syslog; severity error; }; channel s { file \"s\"; severity warning; }; category default { e; };\n"
        "category xfer-in { s; }; category update { null; }; category security { e; null; }; };\n"
        + CLOSED + ZONE.replace("};", "allow-update { key k1; }; };") + SECONDARY,
        [
            ("pedantic", "info", "named writes nothing about NOTIFY messages and refused NOTIFY messages and refreshes that fail: the severity of the channels drops these lines",
             "unsafe", 'category default { "e"; "default_syslog"; };'),
            ("pedantic", "info", "named writes nothing about transfers from the primaries, failed ones too: the severity of the channels drops these lines",
             "unsafe", 'category xfer-in { "s"; "default_syslog"; };'),
            ("pedantic", "info", "named writes nothing about what updates change: this category goes to null",
             "unsafe", 'category update { "default_syslog"; };'),
        ],
    ),
    # Whom the lines are about: a stub fetches and serves none, a forward zone neither.
    Case(
        "log-suppressed",
        "logging { category default { null; }; };\n" + CLOSED + 'zone "b.example" { type stub; file "b"; primaries { 192.0.2.1; }; };\n',
        [
            ("regular", "low", "named writes nothing about transfers from the primaries, failed ones too and refused NOTIFY messages and refreshes that fail: this category goes to null",
             "unsafe", 'category default { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { category default { null; }; };\n" + CLOSED + 'zone "b.example" { type forward; forwarders { 192.0.2.1; }; };\n',
        [
            ("auditor", "info", "named writes nothing of category default: it goes to null",
             "display", 'category default { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { category default { null; }; };\noptions { allow-transfer { none; }; allow-new-zones yes; };\n",
        [
            ("regular", "low", "named writes nothing about denied transfers and failed signatures and NOTIFY messages: this category goes to null",
             "unsafe", 'category default { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { category default { null; }; };\noptions { allow-transfer { none; }; catalog-zones { zone \"b.example\"; }; };\n" + SECONDARY,
        [
            ("regular", "low", "named writes nothing about denied transfers and failed signatures, transfers from the primaries, failed ones too, NOTIFY messages and 1 more: this category goes to null",
             "unsafe", 'category default { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { category default { null; }; };\noptions { listen-on { 127.0.0.1; }; listen-on-v6 { none; }; };\n" + SECONDARY,
        [
            ("regular", "low", "named writes nothing about transfers from the primaries, failed ones too and refused NOTIFY messages and refreshes that fail: this category goes to null",
             "unsafe", 'category default { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-suppressed",
        "logging { category xfer-out { null; }; category update-security { null; }; };\n" + ZONE.replace("};", "allow-transfer { key k1; }; update-policy { grant k1 zonesub A; }; };"),
        [
            ("regular", "low", "named writes nothing about transfers to others: this category goes to null",
             "unsafe", 'category xfer-out { "default_syslog"; };'),
            ("regular", "low", "named writes nothing about denied updates: this category goes to null",
             "unsafe", 'category update-security { "default_syslog"; };'),
        ],
    ),
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; channel v { null; }; category xfer-in { t; v; }; };\n" + SECONDARY,
        [
            ("pedantic", "info", "refused NOTIFY messages and refreshes that fail are not in t: category general goes to default_syslog",
             "unsafe", 'category general { "t"; "default_syslog"; "default_debug"; };'),
        ],
    ),
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; channel e { file \"e\"; severity error; }; channel r { syslog; }; category xfer-in { e; t; };\n"
        "category general { r; }; category general { e; r; }; };\n" + 'zone "b.example" { type stub; file "b"; primaries { 192.0.2.1; }; };\n',
        [
            ("pedantic", "info", "refused NOTIFY messages and refreshes that fail are not in t: category general goes to r",
             "display", 'category general { "t"; "r"; "e"; };'),
        ],
    ),
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; category xfer-in { t; }; category general { default_syslog; }; };\n" + SECONDARY,
        [
            ("pedantic", "info", "refused NOTIFY messages and refreshes that fail are not in t: category general goes to default_syslog",
             "unsafe", 'category general { "t"; "default_syslog"; };'),
        ],
    ),
    # Nothing is apart where one of the two goes nowhere, or is no channel of the file.
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; category xfer-in { t; }; category general { null; }; };\n" + SECONDARY,
        [],
    ),
    Case(
        "log-general-apart",
        "logging { channel e { file \"e\"; severity error; }; category xfer-in { e; }; };\n" + SECONDARY,
        [],
    ),
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; category default { t; }; category general { default_syslog; }; };\n" + SECONDARY,
        [],
    ),
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; category xfer-in { t; default_syslog; }; };\n" + SECONDARY,
        [],
    ),
    Case(
        "log-general-apart",
        "logging { channel t { file \"t\"; }; category xfer-in { t; }; };\n" + 'zone "b.example" { type forward; forwarders { 192.0.2.1; }; };\n',
        [],
    ),
    Case(
        "log-lines-bare",
        "logging { channel default_debug { file \"d\"; print-severity yes; print-category yes; };\n"
        "channel t { file \"t\"; print-time no; print-severity yes; print-category yes; }; channel u { file \"u\"; print-time yes; print-severity no; print-category no; };\n"
        "channel i { file \"i\"; print-time iso8601-utc; print-severity yes; print-category yes; }; channel l { file \"l\"; print-time LOCAL; print-severity yes; print-category yes; };\n"
        "channel n { null; }; channel e { stderr; print-category yes; print-time yes; }; };\n",
        [
            ("auditor", "info", "the lines of channel default_debug come without time",
             "unsafe", "print-time yes;"),
            ("pedantic", "low", "the lines of channel t come without time",
             "unsafe", "print-time yes;"),
            ("auditor", "info", "the lines of channel u come without severity and category",
             "unsafe", "print-severity yes;\nprint-category yes;"),
            ("auditor", "info", "the lines of channel e come without severity",
             "unsafe", "print-severity yes;"),
        ],
    ),
    Case(
        "log-severity",
        "logging { channel c { file \"c\"; severity CRITICAL; }; channel n { file \"n\"; severity notice; }; channel g { file \"g\"; severity debug; };\n"
        "channel y { file \"y\"; severity dynamic; }; channel i { file \"i\"; severity info; }; channel v { null; severity error; }; };\n",
        [
            ("auditor", "info", "channel c: severity CRITICAL drops the lines about transfers; benchmarks ask for info",
             "unsafe", "severity info;"),
            ("auditor", "info", "channel n: severity notice drops the lines about transfers; benchmarks ask for info",
             "unsafe", "severity info;"),
            ("auditor", "info", "channel g: severity debug adds lines for developers when debugging is on; benchmarks ask for info",
             "unsafe", "severity info;"),
            ("auditor", "info", "channel y: severity dynamic adds lines for developers when debugging is on; benchmarks ask for info",
             "unsafe", "severity info;"),
        ],
    ),
    Case(
        "log-file-unbounded",
        'logging { channel f { file "f" size 1m versions 3; }; channel g { file "g" VERSIONS 2 SIZE UNLIMITED suffix timestamp; }; channel h { file "h" size 00k versions unlimited; };\n'
        'channel i { file "i" size 10m versions 10; }; channel j { null; }; channel k { file "k" versions 0 size 10; }; };\n',
        [
            ("auditor", "info", "channel g: the file grows without limit, and fewer than 3 older files are kept",
             "unsafe", 'file "g" versions 3 size 20m suffix timestamp;'),
            ("auditor", "info", "channel h: the file grows without limit",
             "unsafe", 'file "h" versions unlimited size 20m;'),
            ("auditor", "info", "channel k: fewer than 3 older files are kept",
             "unsafe", 'file "k" versions 3 size 10;'),
        ],
    ),
    Case(
        "log-without-file",
        'logging { channel f { file "f"; severity error; }; channel g { file "g"; severity critical; }; category xfer-in { f; }; category notify { g; f; }; category update { g; }; };\n' + ZONE,
        [
            ("auditor", "info", "nothing of security, xfer-out, update, update-security and 1 more is kept in a file of named's own",
             "display", 'channel "named_file" { file "/var/log/named/named.log" versions 3 size 20m; print-time yes; print-severity yes; print-category yes; };\ncategory security { "named_file"; default_syslog; };\ncategory xfer-out { "named_file"; default_syslog; };\ncategory update { "named_file"; default_syslog; };\ncategory update-security { "named_file"; default_syslog; };\ncategory general { "named_file"; default_syslog; };'),
        ],
    ),
    Case("log-without-file", 'logging { channel f { file "f"; }; category default { f; }; };\n' + ZONE, []),
    Case("log-without-file", CLOSED, []),
    Case(
        "log-without-syslog",
        'logging { channel f { file "f"; }; channel s { syslog; severity error; }; channel c { syslog; severity critical; }; category default { f; }; category xfer-in { f; s; }; category notify { c; }; };\n' + ZONE,
        [
            ("auditor", "info", "nothing of security, xfer-out, notify, update and 2 more goes to syslog",
             "display", "category security { default_syslog; };    // beside the channels that it has\ncategory xfer-out { default_syslog; };    // beside the channels that it has\ncategory notify { default_syslog; };    // beside the channels that it has\ncategory update { default_syslog; };    // beside the channels that it has\ncategory update-security { default_syslog; };    // beside the channels that it has\ncategory general { default_syslog; };    // beside the channels that it has"),
        ],
    ),
    Case("log-without-syslog", 'logging { channel f { file "f"; }; category default { f; default_syslog; }; };\n' + ZONE, []),
    Case("log-without-syslog", 'logging { channel f { file "f"; }; category default { f; }; };\n', []),
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


def audit_of(text: str) -> Audit:
    """An audit of a configuration that names no other file."""
    options = ReadOptions(release=parse_release("9.18"))
    return Audit(load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options))


@pytest.mark.parametrize(
    ("rules", "key", "name", "type_", "granting_one"),
    [
        ("grant k1 zonesub;", "k1", "x.a.example", "A", "grant k1 zonesub"),
        ("grant K1. ZONESUB;", "k1", "a.example", "TXT", "grant K1. ZONESUB"),
        ("grant k1 zonesub;", "k2", "x.a.example", "A", None),
        # Without types a rule is about none of those that a zone lives by.
        *(("grant k1 zonesub;", "k1", "a.example", type_, None) for type_ in ("NS", "SOA", "RRSIG", "NSEC", "NSEC3")),
        ("grant k1 zonesub ns;", "k1", "a.example", "NS", "grant k1 zonesub ns"),
        ("grant k1 zonesub NS TXT;", "k1", "a.example", "TXT", "grant k1 zonesub NS TXT"),
        ("grant k1 zonesub NS;", "k1", "a.example", "A", None),
        ("grant k1 zonesub any;", "k1", "a.example", "SOA", "grant k1 zonesub any"),
        ("grant k1 zonesub A(3);", "k1", "a.example", "A", "grant k1 zonesub A(3)"),
        # The first rule that is about the record decides.
        ("deny k1 name x.a.example; grant k1 zonesub;", "k1", "x.a.example", "A", None),
        ("deny k1 name x.a.example; grant k1 zonesub;", "k1", "y.a.example", "A", "grant k1 zonesub"),
        ("grant k1 name x.a.example A; deny k1 zonesub;", "k1", "x.a.example", "A", "grant k1 name x.a.example A"),
        ("grant k1 name x.a.example;", "k1", "y.x.a.example", "A", None),
        ("grant k1 subdomain X.a.example. A;", "k1", "x.a.example", "A", "grant k1 subdomain X.a.example. A"),
        ("grant k1 subdomain x.a.example A;", "k1", "y.x.a.example", "A", "grant k1 subdomain x.a.example A"),
        ("grant k1 subdomain x.a.example A;", "k1", "yx.a.example", "A", None),
        ("grant k1 subdomain x.a.example A;", "k1", "a.example", "A", None),
        ("grant k1 subdomain . A;", "k1", "a.example", "A", "grant k1 subdomain . A"),
        ("grant k1 ms-subdomain x.a.example A;", "k1", "y.x.a.example", "A", "grant k1 ms-subdomain x.a.example A"),
        ("grant k1 wildcard *.x.a.example A;", "k1", "y.x.a.example", "A", "grant k1 wildcard *.x.a.example A"),
        ("grant k1 wildcard *.x.a.example A;", "k1", "x.a.example", "A", None),
        ("grant h.a.example self . A;", "h.a.example", "h.a.example", "A", "grant h.a.example self . A"),
        ("grant h.a.example self . A;", "h.a.example", "x.h.a.example", "A", None),
        ("grant h.a.example selfsub . A;", "h.a.example", "h.a.example", "A", "grant h.a.example selfsub . A"),
        ("grant h.a.example selfsub . A;", "h.a.example", "x.h.a.example", "A", "grant h.a.example selfsub . A"),
        ("grant h.a.example selfsub . A;", "h.a.example", "a.example", "A", None),
        # Any key, and any key below a name.
        ("grant * self . A;", "h.a.example", "h.a.example", "A", "grant * self . A"),
        ("grant *.a.example zonesub A;", "h.a.example", "x.a.example", "A", "grant *.a.example zonesub A"),
        ("grant *.a.example zonesub A;", "a.example", "x.a.example", "A", None),
        ("grant *.a.example zonesub A;", "h.b.example", "x.a.example", "A", None),
        # Identities of Kerberos are no keys' names.
        ("grant k1 krb5-self . A;", "k1", "k1", "A", None),
    ],
)  # fmt: skip
def test_which_rule_of_an_update_policy_grants(
    rules: str, key: str, name: str, type_: str, granting_one: str | None
) -> None:
    config = audit_of(f'zone "a.example" {{ type primary; file "a"; update-policy {{ {rules} }}; }};').config
    statement = config.effective(next(iter(config.zones)), "update-policy").statement
    assert statement is not None
    found = granting(update_rules(statement), key, name, type_)
    assert (found and rule_span(statement, found).text) == granting_one


@pytest.mark.parametrize(
    ("policy", "rules"),
    [
        ("local", []),
        ("{ grant k1; deny k2 zonesub; }", [(False, "zonesub", None, [])]),
        ("{ allow k1 zonesub; { k1; }; grant k1 name x A AAAA; }", [(True, "name", "x", ["A", "AAAA"])]),
        ("{ grant k1 ZONESUB A; }", [(True, "zonesub", None, ["A"])]),
        ("{ grant k1 self; }", [(True, "self", None, [])]),
    ],
)
def test_the_rules_of_an_update_policy(
    policy: str, rules: list[tuple[bool, str, str | None, list[str]]]
) -> None:
    config = audit_of(f'zone "a.example" {{ type primary; file "a"; update-policy {policy}; }};').config
    statement = config.effective(next(iter(config.zones)), "update-policy").statement
    assert statement is not None
    found = update_rules(statement)
    assert [
        (each.grants, each.match, each.name, [word.value for word in each.types]) for each in found
    ] == rules


A, B = (f'zone "{name}" {{ type primary; file "{name}"; %s }};\n' for name in ("a.example", "b.example"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (A % "" + SECONDARY, []),
        # One for all zones that inherit it; a secondary takes no updates, and an update-policy decides alone.
        (
            "options { allow-update { 192.0.2.1; key k1; }; };\n"
            + SECONDARY.replace("b.example", "s.example")
            + A % "update-policy { grant k1 zonesub A; };"
            + B % ""
            + A.replace("a.example", "c.example") % "",
            [("b.example c.example", "192.0.2.1", False, ["k1"])],
        ),
        # Who may not ask may not change anything.
        (
            A % "allow-update { 192.0.2.0/24; key k1; key k2; }; allow-query { 192.0.2.1; key k2; };"
            + B % "allow-update { any; }; allow-query { none; };",
            [("a.example", "192.0.2.1", False, ["k1", "k2"]), ("b.example", "", False, [])],
        ),
        (
            A % "allow-update { key k1; !192.0.2.7; key k2; }; allow-query { key k2; };",
            [("a.example", "", False, ["k2"])],
        ),
        # Neighbours, and the machine itself.
        (A % "allow-update { localnets; };", [("a.example", "", True, [])]),
        (A % "allow-update { localhost; 127.0.0.1; ::1; };", [("a.example", "", False, [])]),
        (A % "allow-update { 192.0.2.1; localnets; };", [("a.example", "192.0.2.1", True, [])]),
        (A % "allow-update { any; };", [("a.example", "anyone except 127.0.0.0/8 and ::1", False, [])]),
        # One list, two lists of who may ask.
        (
            "options { allow-update { 192.0.2.0/30; }; };\n" + A % "allow-query { 192.0.2.1; };" + B % "",
            [("a.example", "192.0.2.1", False, []), ("b.example", "192.0.2.0/30", False, [])],
        ),
        # And one for each view.
        (
            f"options {{ allow-update {{ 192.0.2.0/30; }}; }};\nview v {{ match-clients {{ 192.0.2.1; }}; {A % ''} }};\nview w {{ {A % ''} }};\n",
            [("a.example", "192.0.2.1", False, []), ("a.example", "192.0.2.0 and 192.0.2.2/31", False, [])],
        ),
    ],
)  # fmt: skip
def test_who_may_update(text: str, found: list[tuple[str, str, bool, list[str]]]) -> None:
    assert [
        (
            " ".join(zone.canonical for zone in each.zones),
            each.unsigned.words() if each.unsigned else "",
            each.on_link,
            list(each.keys),
        )
        for each in audit_of(KEYS + text).updates
    ] == found


@pytest.mark.parametrize(
    ("clause", "address", "port", "keys", "read_only", "words", "is_open"),
    [
        ("inet * allow { any; } keys { k1; };", "*", None, ("k1",), False, "anyone over IPv4", True),
        ("inet :: port 954 allow { any; } keys { k1; k2; } read-only yes;", "::", "954", ("k1", "k2"), True, "anyone over IPv6", True),
        ("inet * port * allow { 192.0.2.1; 2001:db8::1; };", "*", "*", None, False, "192.0.2.1", False),
        ("inet 2001:db8::9 allow { 192.0.2.1; 2001:db8::1; } read-only no;", "2001:db8::9", None, None, False, "2001:db8::1", False),
        ("inet * allow { 127.0.0.1; };", "*", None, None, False, "", False),
        ("inet 127.0.0.1 allow { any; };", "127.0.0.1", None, None, False, "", False),
        ("inet ::1 allow { any; };", "::1", None, None, False, "", False),
        ("inet * allow { !127.0.0.0/8; any; };", "*", None, None, False, "anyone over IPv4", True),
        ("inet * allow { localnets; };", "*", None, None, False, "every on-link neighbour (localnets)", False),
        ("inet * allow { 192.0.2.1; localnets; };", "*", None, None, False, "192.0.2.1 and every on-link neighbour (localnets)", False),
        ("inet * allow { any; localnets; };", "*", None, None, False, "anyone over IPv4", True),
        ("inet * allow { 128.0.0.0/1; };", "*", None, None, False, "128.0.0.0/1", False),
        ("inet * allow { 0.0.0.0/1; };", "*", None, None, False, "0.0.0.0/1", True),
        ("inet * allow { geoip country DE; };", "*", None, None, False, "anyone over IPv4", True),
    ],
)  # fmt: skip
def test_who_can_connect_to_a_channel(
    clause: str,
    address: str,
    port: str | None,
    keys: tuple[str, ...] | None,
    read_only: bool,
    words: str,
    is_open: bool,
) -> None:
    audit = audit_of(KEYS + control('unix "/run/s" perm 0600 owner 0 group 0;', clause))
    (channel,) = control_channels(audit.config, audit.lists)
    assert channel.statement.name == "inet" and channel.allowed
    assert (channel.address, channel.port, channel.keys, channel.read_only) == (
        address,
        port,
        keys,
        read_only,
    )
    assert (channel.words, channel.open) == (words, is_open)


def test_every_channel() -> None:
    text = (
        "statistics-channels { inet * port 8053; };\noptions { };\n"
        "statistics-channels { inet 192.0.2.9 port 80 allow { 192.0.2.1; }; inet ::; };\n"
    )
    audit = audit_of(text)
    found = [
        (channel.address, channel.port, channel.allowed, channel.words)
        for channel in statistics_channels(audit.config, audit.lists)
    ]
    assert found == [
        ("*", "8053", False, "anyone over IPv4"),
        ("192.0.2.9", "80", True, "192.0.2.1"),
        ("::", None, False, "anyone over IPv6"),
    ]
    assert list(statistics_channels(audit_of("options { };").config, audit.lists)) == []


def test_a_list_that_was_not_read_is_anybodys_guess() -> None:
    # And clauses without an address are none.
    clauses = control(
        "inet;",
        "inet { k1; };",
        "inet * allow { elsewhere; } keys { k1; };",
        "inet * port 954 allow { 192.0.2.1; };",
    )
    options = ReadOptions()
    clauses_read = clauses.replace("    inet;\n    inet { k1; };\n", "")
    for text, ports in (
        (clauses_read, [None, "954"]),
        (clauses, ["954"]),
        ('include "absent.conf";\n' + clauses_read, ["954"]),
    ):
        host = MemoryHost({"/named.conf": (KEYS + text).encode()})
        config = load_config("/named.conf", host, options)
        found = control_channels(config, Audit(config).lists)
        assert [channel.port for channel in found] == ports


@pytest.mark.parametrize(
    ("rule", "text", "related"),
    [
        (
            "log-suppressed",
            "logging {\n    channel c {\n        syslog;\n        severity critical;\n    };\n    channel v {\n        null;\n        severity info;\n    };\n"
            "    channel e {\n        file \"e\";\n        severity critical;\n    };\n    category security { c; v; e; };\n};\n" + CLOSED + ZONE,
            [(4, "drops them"), (12, "drops them")],
        ),
        (
            "log-general-apart",
            "logging {\n    channel t { file \"t\"; };\n    category xfer-in { t; };\n    category general { default_syslog; };\n    category general { default_stderr; };\n};\n" + SECONDARY,
            [(4, "category general goes here")],
        ),
    ],
)  # fmt: skip
def test_what_a_finding_about_logging_points_to(
    rule: str, text: str, related: list[tuple[int, str]], tmp_path: Path
) -> None:
    arguments = ("--select", rule, "--audience", "auditor", "--bind-version", "9.18", "--as-root")
    (finding,) = check(text + KEYS, tmp_path, *arguments).json["findings"]
    assert [(each["start"]["line"], each["message"]) for each in finding["related"]] == related
