"""Defects are told of the releases that have them, and only where the configuration has what exposes them."""

from __future__ import annotations

import pytest

from named_audit.host import MemoryHost
from named_audit.lint.audit import Audit
from named_audit.lint.book import load_rule
from named_audit.lint.run import run_rules
from named_audit.model.build import load_config
from named_audit.policy.defects import DEFECTS, affecting
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import ROOT

K1 = 'key k1 { algorithm hmac-sha256; secret "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\n'
PRIMARY = 'zone "a" { type primary; file "a"; '

CASES = (
    ("CVE-2017-3142", "9.11.0", "9.11.2", K1 + PRIMARY + "allow-transfer { key k1; }; };", PRIMARY + "};"),
    (
        "CVE-2017-3142",
        "9.11.0",
        "9.11.2",
        K1 + 'zone "a" { type slave; masters { 192.0.2.1; }; allow-notify { key k1; }; };',
        K1 + 'zone "a" { type slave; masters { 192.0.2.1; }; allow-notify { 192.0.2.2; }; };',
    ),
    (
        "CVE-2017-3143",
        "9.11.0",
        "9.11.2",
        K1 + PRIMARY + "allow-update { key k1; }; };",
        PRIMARY + "allow-update { 192.0.2.1; }; };",
    ),
    ("CVE-2017-3143", "9.11.0", "9.11.2", K1 + PRIMARY + "update-policy { grant k1 zonesub ANY; }; };", K1),
    ("CVE-2019-6465", "9.11.5", "9.11.6", 'dlz "d" { database "x"; };', PRIMARY + "};"),
    ("CVE-2020-8617", "9.11.18", "9.11.19", "options { };", None),
    ("CVE-2020-8617", "9.16.2", "9.16.3", "options { };", None),
    (
        "CVE-2020-8618",
        "9.16.3",
        "9.16.4",
        'zone "a" { type secondary; masters { 192.0.2.1; }; };',
        PRIMARY + "};",
    ),
    (
        "CVE-2020-8622",
        "9.16.5",
        "9.16.6",
        K1 + 'zone "a" { type secondary; masters { 192.0.2.1 key k1; }; };',
        K1 + 'zone "a" { type secondary; masters { 192.0.2.1; 192.0.2.2 key nope; }; };',
    ),
    (
        "CVE-2020-8624",
        "9.16.5",
        "9.16.6",
        PRIMARY + "update-policy { grant k1 subdomain b.a. A; }; };",
        PRIMARY + "update-policy { grant k1 zonesub A; }; };",
    ),
    (
        "CVE-2021-25214",
        "9.11.30",
        "9.11.31",
        'zone "a" { type slave; masters { 192.0.2.1; }; };',
        'zone "a" { type slave; masters { 192.0.2.1; }; request-ixfr no; };',
    ),
    ("CVE-2021-25216", "9.16.14", "9.16.15", 'options { tkey-gssapi-keytab "k"; };', "options { };"),
    (
        "CVE-2022-3094",
        "9.18.10",
        "9.18.11",
        PRIMARY + "allow-update { localnets; }; };",
        PRIMARY + "allow-update { none; }; };",
    ),
    (
        "CVE-2022-3094",
        "9.16.36",
        "9.16.37",
        'zone "a" { type secondary; primaries { 192.0.2.1; }; allow-update-forwarding { 192.0.2.5; }; };',
        'zone "a" { type secondary; primaries { 192.0.2.1; }; allow-update { 192.0.2.5; }; };',
    ),
    (
        "CVE-2022-3094",
        "9.18.10",
        "9.18.11",
        K1 + PRIMARY + "update-policy { grant k1 zonesub A; }; };",
        K1 + 'zone "a" { type forward; forwarders { 192.0.2.1; }; };\noptions { allow-update { any; }; };',
    ),
    (
        "CVE-2022-3094",
        "9.18.10",
        "9.18.11",
        K1 + PRIMARY + '};\nzone "b" { type primary; file "b"; allow-update { key k1; }; };',
        PRIMARY + "allow-update { 127.0.0.1; }; };",
    ),
    (
        "CVE-2017-3143",
        "9.11.0",
        "9.11.2",
        K1 + PRIMARY + '};\nzone "b" { type master; file "b"; allow-update { 192.0.2.1; key k1; }; };',
        K1 + 'zone "a" { type slave; masters { 192.0.2.1; }; };\noptions { allow-update { key k1; }; };',
    ),
    (
        "CVE-2017-3142",
        "9.11.0",
        "9.11.2",
        K1
        + PRIMARY
        + 'allow-transfer { none; }; };\nzone "b" { type master; file "b"; allow-transfer { key k1; }; };',
        K1 + PRIMARY + "allow-transfer { 192.0.2.1; }; };",
    ),
    (
        "CVE-2020-8624",
        "9.16.5",
        "9.16.6",
        PRIMARY + '};\nzone "b" { type primary; file "b"; update-policy { grant k1 SUBDOMAIN b. A; }; };',
        PRIMARY + "update-policy { grant subdomains zonesub A; }; };",
    ),
    (
        "CVE-2021-25214",
        "9.16.14",
        "9.16.15",
        (
            'zone "a" { type secondary; masters { 192.0.2.1; }; request-ixfr 0; };\n'
            'zone "b" { type secondary; masters { 192.0.2.1; }; request-ixfr yes; };'
        ),
        'zone "a" { type secondary; masters { 192.0.2.1; }; };\noptions { request-ixfr false; };',
    ),
    (
        "CVE-2021-25216",
        "9.16.14",
        "9.16.15",
        'options { tkey-gssapi-credential "DNS/ns.example"; };',
        "options { tkey-domain example; };",
    ),
    (
        "CVE-2020-8622",
        "9.16.5",
        "9.16.6",
        K1 + 'zone "a" { type secondary; masters { 192.0.2.1; 192.0.2.2 key k1; }; };',
        K1 + 'zone "a" { type secondary; masters { 192.0.2.1; }; };',
    ),
    (
        "CVE-2023-3341",
        "9.18.18",
        "9.18.19",
        K1
        + "controls { inet 127.0.0.1 allow { any; } keys { k1; }; inet 192.0.2.1 allow { any; } keys { k1; }; };",
        K1
        + 'controls { unix "/run/x" perm 0600 owner 0 group 0 keys { k1; }; inet 127.0.0.9 allow { any; } keys { k1; }; };',
    ),
    (
        "CVE-2023-3341",
        "9.18.18",
        "9.18.19",
        K1 + "controls { inet 2001:db8::1 allow { any; } keys { k1; }; };",
        "controls { };",
    ),
    ("CVE-2026-5946", "9.18.48", "9.18.49", "view v { };\nview w hs { };", "view v IN { };"),
    ("malformed catalogs", "9.18.48", "9.18.49", 'options { catalog-zones { zone "c"; }; };', "options { };"),
    (
        "CVE-2023-3341",
        "9.18.18",
        "9.18.19",
        K1 + "controls { inet * allow { any; } keys { k1; }; };",
        K1 + "controls { inet ::1 allow { any; } keys { k1; }; };",
    ),
    (
        "CVE-2023-4236",
        "9.18.18",
        "9.18.19",
        "options { listen-on tls ephemeral { any; }; };",
        "options { listen-on { any; }; };",
    ),
    ("CVE-2025-40775", "9.20.8", "9.20.9", "options { };", None),
    ("CVE-2025-40775", "9.21.7", "9.21.8", "options { };", None),
    ("GL #4811", "9.20.0", "9.20.1", K1, "options { };"),
    ("CVE-2026-3119", "9.21.19", "9.21.20", K1, "options { };"),
    ("CVE-2026-3591", "9.20.20", "9.20.21", "options { allow-query { 192.0.2.0/24; }; };", "options { };"),
    ("CVE-2026-3039", "9.18.48", "9.18.49", 'options { tkey-gssapi-keytab "k"; };', "options { };"),
    ("CVE-2026-5946", "9.21.21", "9.21.22", "view v CH { };", "view v { };"),
    ("GL #3589", "9.20.22", "9.20.23", PRIMARY + "};", 'zone "a" { type forward; };'),
    (
        "hanging XoT",
        "9.18.13",
        "9.18.14",
        'zone "a" { type secondary; primaries { 192.0.2.1 tls ephemeral; }; };',
        'zone "a" { type secondary; primaries { 192.0.2.1; }; };',
    ),
    (
        "XoT without ALPN",
        "9.20.25",
        "9.20.26",
        'zone "a" { type secondary; primaries { 192.0.2.1 tls ephemeral; }; };',
        'tls t { ca-file "c"; };\nzone "a" { type secondary; primaries { 192.0.2.1 tls t; }; };',
    ),
    ("malformed catalogs", "9.18.48", "9.18.49", 'view v { catalog-zones { zone "c"; }; };', "view v { };"),
)
"""A defect, the last release with it, the first without, a text that exposes it, and one that does not."""


def told(text: str, release: str) -> str:
    """All that the rule says of a configuration; empty for nothing."""
    options = ReadOptions(release=parse_release(release))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    results, problems = run_rules(Audit(config), [load_rule(str(ROOT / "rules" / "release_affected"))])
    assert problems == []
    return "\n".join(each.reported.message for each in results)


@pytest.mark.parametrize(("name", "last", "fixed", "exposed", "other"), CASES)
def test_a_defect_is_told_where_it_is_exposed(
    monkeypatch: pytest.MonkeyPatch, name: str, last: str, fixed: str, exposed: str, other: str | None
) -> None:
    # Only this one: others of the same release would stand in the message too.
    monkeypatch.setattr("named_audit.policy.defects.DEFECTS", [each for each in DEFECTS if each.name == name])
    assert f"BIND {last} has defects that this configuration exposes: {name} (" in told(exposed, last)
    assert f". {fixed} is free of them" in told(exposed, last)
    assert told(exposed, fixed) == ""
    assert told(exposed, last + "-1ubuntu1") == ""
    if other is not None:
        assert told(other, last) == ""


def findings(text: str, release: str) -> list[tuple[str, list[int], str]]:
    """Severity, the lines that expose, and the message."""
    options = ReadOptions(release=parse_release(release))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    results, problems = run_rules(Audit(config), [load_rule(str(ROOT / "rules" / "release_affected"))])
    assert problems == []
    return [
        (
            each.reported.severity.word,
            [text.count("\n", 0, related.span.start) + 1 for related in each.reported.related],
            each.reported.message,
        )
        for each in results
    ]


def test_the_newest_defects_are_told_and_the_others_counted() -> None:
    text = "options { allow-query { 192.0.2.0/24; }; };\n" + K1 + PRIMARY + "allow-transfer { key k1; }; };\n"
    served = "GL #3589 (clients that are refused use up the quota of transfers-out)"
    (found,) = findings(text, "9.20.8")
    assert found == (
        "high",
        [2, 1, 3],
        (
            "BIND 9.20.8 has defects that this configuration exposes: "
            f"{served}; CVE-2026-3591 (lists of addresses may be bypassed by SIG(0)); "
            "CVE-2026-3119 (the holder of any key can end named); and 1 more. 9.20.23 is free of them"
        ),
    )
    (found,) = findings(text, "9.20.9")
    assert found[2].endswith("(the holder of any key can end named). 9.20.23 is free of them")
    assert findings(PRIMARY + "};", "9.20.22") == [
        (
            "medium",
            [1],
            f"BIND 9.20.22 has defects that this configuration exposes: {served}. 9.20.23 is free of them",
        )
    ]


def test_every_defect_is_among_the_cases() -> None:
    assert {case[0] for case in CASES} == {each.name for each in DEFECTS}


def test_a_line_without_a_patch_level_is_its_newest_release() -> None:
    for line in ("9.11", "9.16", "9.18", "9.20", "9.21"):
        assert affecting(parse_release(line)) == ()


def test_nothing_is_said_of_other_lines() -> None:
    for release in ("9.12.0", "9.17.0"):
        assert affecting(parse_release(release)) == ()
    assert [each.name for each in affecting(parse_release("9.20.0"))][:2] == ["CVE-2025-40775", "GL #4811"]
