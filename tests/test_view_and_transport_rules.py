"""How bad the rules about views, transports and zones of others say that it is, for whom, and in which words."""

from __future__ import annotations

import pytest

from named_audit.host import MemoryHost
from named_audit.lint.audit import Audit
from named_audit.model.build import load_config
from named_audit.policy.tls import weak_ciphers
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import run
from tests.conftest import ROOT

SAID: tuple[tuple[str, str, str, int, str, str, str], ...] = (
    (
        "view_unreachable_with_key",
        "bad.conf",
        "9.18",
        15,
        "medium",
        "regular",
        "key partner cannot take a.example from view partner: view internal comes first, matches by address and does not know the key (BADKEY)",
    ),
    (
        "view_unreachable_with_key",
        "bad.conf",
        "9.18",
        24,
        "medium",
        "regular",
        "key both cannot take a.example from view external: view internal comes first and answers with its own version of the zone",
    ),
    (
        "view_unreachable_with_key",
        "more/causes.conf",
        "9.18",
        9,
        "medium",
        "regular",
        "key k1 cannot take a.example from view narrow: its match-clients lets none of those in whom the list would serve",
    ),
    (
        "view_unreachable_with_key",
        "more/causes.conf",
        "9.18",
        24,
        "medium",
        "regular",
        "key same cannot take a.example from view inner: view named comes first, matches by address and does not know the key (BADKEY)",
    ),
    (
        "view_unreachable_with_key",
        "more/options_list.conf",
        "9.18",
        6,
        "low",
        "pedantic",
        "key k1 cannot take a.example from view b: view a comes first and answers with its own version of the zone",
    ),
    (
        "view_opened_by_key",
        "bad.conf",
        "9.18",
        10,
        "medium",
        "regular",
        "whoever holds key ext takes a.example of view internal from anywhere: match-clients lets the key in, and this list asks nothing more",
    ),
    (
        "view_opened_by_key",
        "more/default.conf",
        "9.18",
        6,
        "low",
        "pedantic",
        "whoever holds key k1 takes a.example of view internal from anywhere: match-clients lets the key in, and without an allow-transfer BIND serves whoever gets there",
    ),
    (
        "view_in_view_list_ignored",
        "bad.conf",
        "9.18",
        15,
        "high",
        "regular",
        "this list does not hold for a.example, which is that of view internal: the list of that view decides, and lets in anyone except 10.0.0.0/8 too, without a key",
    ),
    (
        "view_in_view_list_ignored",
        "more/kinds.conf",
        "9.18",
        15,
        "low",
        "pedantic",
        "this list does not hold for keyed.example, which is that of view a: the zone's own list decides, and lets in holders of keys that this list refuses",
    ),
    (
        "view_in_view_list_ignored",
        "more/kinds.conf",
        "9.18",
        21,
        "low",
        "pedantic",
        "this list does not hold for keyed.example, which is that of view a: the zone's own list decides, and refuses some of those whom this list lets in",
    ),
    (
        "view_in_view_list_ignored",
        "more/kinds.conf",
        "9.18",
        40,
        "medium",
        "regular",
        "this list does not hold for default.example, which is that of view a: the open default decides, and lets in 203.0.113.128/25 too, without a key",
    ),
    (
        "view_in_view_list_ignored",
        "more/levels.conf",
        "9.18",
        14,
        "medium",
        "regular",
        "this list does not hold for view.example, which is that of view a: the list of that view decides, and lets in 192.0.2.0/25 too, without a key",
    ),
    (
        "view_in_view_list_ignored",
        "more/levels.conf",
        "9.18",
        20,
        "low",
        "pedantic",
        "this list does not hold for zone.example, which is that of view a: the zone's own list decides, and lets in 198.51.100.1 too, without a key",
    ),
    (
        "view_in_view_list_ignored",
        "more/levels.conf",
        "9.18",
        26,
        "info",
        "auditor",
        "this list does not hold for localhost, which is that of view a: the list of that view decides, and lets in 192.0.2.128/25 too, without a key",
    ),
    (
        "transfer_without_listener",
        "bad.conf",
        "9.18",
        12,
        "medium",
        "regular",
        "nobody can take a.example: this list asks for TLS, and the server listens on port 53 (plain) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_without_listener",
        "bad.conf",
        "9.18",
        18,
        "medium",
        "regular",
        "nobody can take b.example: this list asks for port 5353, and the server listens on port 53 (plain) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_without_listener",
        "more/ports.conf",
        "9.18",
        12,
        "medium",
        "regular",
        "nobody can take a: this list asks for port 53, and the server listens on port 5300 (plain) and 853 (TLS) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_without_listener",
        "more/ports.conf",
        "9.18",
        15,
        "medium",
        "regular",
        "nobody can take c: this list asks for port 5300 over TLS, and the server listens on port 5300 (plain) and 853 (TLS) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_without_listener",
        "more/ports.conf",
        "9.18",
        16,
        "medium",
        "regular",
        "nobody can take d: this list asks for port 853 over plain TCP, and the server listens on port 5300 (plain) and 853 (TLS) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_without_listener",
        "more/ports.conf",
        "9.18",
        20,
        "medium",
        "regular",
        "nobody can take g: this list asks for port 443, and the server listens on port 5300 (plain) and 853 (TLS) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_without_listener",
        "more/ports.conf",
        "9.18",
        21,
        "medium",
        "regular",
        "nobody can take h: this list asks for port 8853, and the server listens on port 5300 (plain) and 853 (TLS) only; BIND refuses the secondaries, with the right key too",
    ),
    (
        "transfer_plain_beside_tls",
        "bad.conf",
        "9.18",
        16,
        "low",
        "pedantic",
        "a.example can be transferred in the clear: this list asks for no TLS, for which the server listens at port 853",
    ),
    (
        "transfer_plain_beside_tls",
        "more/listeners.conf",
        "9.18",
        4,
        "low",
        "pedantic",
        "a can be transferred in the clear: this list asks for no TLS, for which the server listens at port 853",
    ),
    (
        "transfer_plain_beside_tls",
        "more/listeners.conf",
        "9.18",
        5,
        "low",
        "pedantic",
        "b can be transferred in the clear: this list asks for no TLS, for which the server listens at port 853",
    ),
    (
        "transfer_mirror",
        "bad.conf",
        "9.18",
        9,
        "low",
        "pedantic",
        "this list hands the root zone on to other machines; without it BIND lets nobody take a mirror zone",
    ),
    (
        "transfer_mirror",
        "more/kinds.conf",
        "9.18",
        6,
        "low",
        "pedantic",
        "this list hands a.example on to other machines; without it BIND lets nobody take a mirror zone",
    ),
    (
        "transfer_mirror",
        "more/template.conf",
        "9.21.9",
        3,
        "low",
        "pedantic",
        "this list hands the root zone on to other machines; without it BIND lets nobody take a mirror zone",
    ),
    (
        "transfer_forgeable_address",
        "bad.conf",
        "9.20",
        5,
        "high",
        "regular",
        "anyone may send a PROXY header and so pass for 192.0.2.53, to whom a.example is transferred without a key",
    ),
    (
        "transfer_forgeable_address",
        "more/kinds.conf",
        "9.20",
        11,
        "low",
        "pedantic",
        "10.0.0.0/8 may send a PROXY header and so pass for 192.0.2.53, to whom a is transferred without a key",
    ),
    (
        "transfer_forgeable_address",
        "more/kinds.conf",
        "9.20",
        26,
        "high",
        "regular",
        "anyone may send a PROXY header and so pass for the server itself, to whom a is transferred without a key",
    ),
    (
        "transfer_unassigned_key",
        "bad.conf",
        "9.18",
        15,
        "info",
        "auditor",
        "key old-provider may transfer a.example, and no server here is said to hold it, unlike the other keys of this list",
    ),
    (
        "transfer_unassigned_key",
        "more/assigned.conf",
        "9.18",
        14,
        "info",
        "auditor",
        "key k4 may transfer c, and no server here is said to hold it, unlike the other keys of this list",
    ),
    (
        "transfer_unassigned_key",
        "more/assigned.conf",
        "9.18",
        15,
        "info",
        "auditor",
        "key k5 may transfer d, and no server here is said to hold it, unlike the other keys of this list",
    ),
    (
        "transfer_left_to_driver",
        "bad.conf",
        "9.18",
        7,
        "info",
        "auditor",
        "the driver of dlz database decides who may transfer its zones; the allow-transfer that stands here holds only where it asks BIND",
    ),
    (
        "transfer_left_to_driver",
        "more/views.conf",
        "9.18",
        4,
        "info",
        "auditor",
        "the driver of dlz one decides who may transfer its zones; BIND's own default holds only where it asks BIND",
    ),
    (
        "transfer_left_to_driver",
        "more/views.conf",
        "9.18",
        5,
        "info",
        "auditor",
        "the driver of dlz two decides who may transfer its zones; BIND's own default holds only where it asks BIND",
    ),
    (
        "catalog_brings_lists",
        "bad.conf",
        "9.18",
        6,
        "info",
        "auditor",
        "catalog zone catalog.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key",
    ),
    (
        "catalog_brings_lists",
        "more/default_9_20.conf",
        "9.20",
        5,
        "info",
        "auditor",
        "catalog zone catalog.example may bring lists of addresses for its members, which hold in place of the default of BIND, without a key",
    ),
    (
        "catalog_brings_lists",
        "more/views.conf",
        "9.18",
        7,
        "info",
        "auditor",
        "catalog zone one.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key",
    ),
    (
        "catalog_brings_lists",
        "more/views.conf",
        "9.18",
        7,
        "info",
        "auditor",
        "catalog zone two.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key",
    ),
)
"""(folder, example, release, line, severity, audience, message)"""

EXAMPLES = tuple(dict.fromkeys(row[:3] for row in SAID))


@pytest.mark.parametrize(("folder", "example", "release"), EXAMPLES)
def test_what_is_said(folder: str, example: str, release: str) -> None:
    rule = folder.replace("_", "-")
    path = ROOT / "rules" / folder / example
    ran = run(
        *("check", "--format", "json", "--audience", "auditor", "--bind-version", release),
        *("--select", rule, path),
    )
    found = [
        (each["start"]["line"], each["severity"], each["audience"], each["message"])
        for each in ran.json["findings"]
    ]
    assert found == [row[3:] for row in SAID if row[:3] == (folder, example, release)]


def audit_of(text: str) -> Audit:
    """An audit of a configuration that names no other file."""
    return Audit(load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), ReadOptions()))


def test_the_tls_that_primaries_are_asked_through() -> None:
    audit = audit_of(
        'tls t { ca-file "ca"; protocols { TLSv1.2; tlsv1.3; }; };\n'
        'tls u { remote-hostname "ns.example"; cert-file "c"; key-file "k"; };\n'
        'tls v { cert-file "c"; };\ntls w { key-file "k"; protocols { }; };\n'
        'tls unused { ca-file "ca"; };\n'
        'zone "a.example" { type secondary; primaries { 192.0.2.1 tls t; 192.0.2.2; 192.0.2.3 key nowhere tls v; }; };\n'
        'zone "b.example" { type secondary; primaries { 192.0.2.4 tls Ephemeral; 192.0.2.5 tls T; }; };\n'
        'zone "c.example" { type secondary; primaries { 192.0.2.6 tls u; 192.0.2.7 tls absent; 192.0.2.8 tls v; 192.0.2.9 tls w; }; };\n'
    )
    assert [
        (
            each.name,
            each.defined,
            each.checks_chain,
            each.has_certificate,
            each.protocols,
            each.argument("ca-file"),
            [(zone.canonical, source.server.address & 0xFF) for zone, source in each.uses],
        )
        for each in audit.tls_clients
    ] == [
        ("t", True, True, False, {"tlsv1.2", "tlsv1.3"}, "ca", [("a.example", 1), ("b.example", 5)]),
        ("Ephemeral", True, False, False, None, None, [("b.example", 4)]),
        ("u", True, True, True, None, None, [("c.example", 6)]),
        ("absent", False, False, False, None, None, [("c.example", 7)]),
        ("v", True, False, False, None, None, [("c.example", 8)]),
        ("w", True, False, False, frozenset(), None, [("c.example", 9)]),
    ]


@pytest.mark.parametrize(
    ("ciphers", "weak", "unbounded"),
    [
        ("HIGH", [], False),
        ("HIGH:eNULL", ["NULL"], False),
        ("eNULL aNULL,RC4;3DES:DES:EXPORT:MD5", ["NULL", "aNULL", "RC4", "3DES", "DES", "EXPORT", "MD5"], False),
        ("ALL", ["aNULL"], False),
        ("ADH:COMPLEMENTOFALL:LOW", ["aNULL", "NULL", "DES"], False),
        ("kRSA+RC4", ["RC4"], False),
        ("HIGH:@SECLEVEL=0", ["aNULL"], True),
        ("@SECLEVEL=0:HIGH:@STRENGTH", ["aNULL"], True),
        ("@SECLEVEL=1:HIGH", [], False),
        ("@SECLEVEL=0:eNULL", ["NULL", "aNULL"], True),
        # With `!` for good, with `-` until it is named again, with `+` only moved.
        ("!eNULL:eNULL", [], False),
        ("eNULL:!eNULL", [], False),
        ("eNULL:!NULL", [], False),
        ("-eNULL:eNULL", ["NULL"], False),
        ("eNULL:-eNULL", [], False),
        ("RC4:eNULL:-eNULL", ["RC4"], False),
        ("+eNULL:HIGH", [], False),
        ("RC4+MD5:!MD5", ["RC4"], False),
        # Single suites.
        ("NULL-SHA256", ["NULL"], False),
        ("RC4-MD5:!RC4", ["MD5"], False),
        ("RC4-MD5:!RC4-MD5", [], False),
        ("RC4-MD5:-RC4-MD5:RC4-SHA", ["RC4"], False),
        ("!RC4-MD5:RC4-MD5:RC4-SHA", ["RC4"], False),
        ("!AES128-SHA:NULL-SHA", ["NULL"], False),
        ("DES-CBC3-SHA", ["3DES"], False),
        ("DES-CBC-SHA", ["DES"], False),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", ["3DES"], False),
        ("TLS_RSA_WITH_NULL_MD5", ["NULL", "MD5"], False),
        ("ECDHE-RSA-AES128-SHA:NULLX:xRC4", [], False),
    ],
)  # fmt: skip
def test_weak_ciphers(ciphers: str, weak: list[str], unbounded: bool) -> None:
    definition = audit_of(f'tls t {{ ca-file "c"; ciphers "{ciphers}"; }};').config.tls["t"]
    (statement,) = (child for child in definition.statement.children if child.name == "ciphers")
    assert weak_ciphers(statement) == (tuple(weak), unbounded)
