"""What rules may know of a zone's own records, of the server's own addresses, and of names that lead nowhere outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from named_audit.host import MemoryHost
from named_audit.lint.audit import Audit
from named_audit.model.build import load_config
from named_audit.model.config import Zone
from named_audit.model.matchlist import parse_address
from named_audit.model.zone_data import ZoneReader
from named_audit.policy.local_names import is_local_name
from named_audit.policy.zone_content import MAX_FILE, MAX_FILES, MAX_ZONES, Contents
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import run

SOA = "$TTL 60\n@ SOA ns0 hostmaster 1 3600 600 86400 60\n"
SERVERS = SOA + "@ NS ns0\n@ NS ns1\nns0 A 192.0.2.1\nns1 A 192.0.2.2\nns1 AAAA 2001:db8::2\n"


def audit_of(text: str, files: dict[str, str]) -> Audit:
    """An audit of a configuration in /srv that may read its zone files."""
    held = {"/srv/named.conf": text.encode()} | {
        f"/srv/{name}": content.encode() for name, content in files.items()
    }
    host, options = MemoryHost(held), ReadOptions()
    config = load_config("/srv/named.conf", host, options)
    assert config.problems == []
    reader = ZoneReader(config, host, options, most=MAX_FILE, altogether=MAX_FILES)
    return Audit(config, zone_data=reader)


def zone_of(audit: Audit) -> Zone:
    """The first zone."""
    return next(iter(audit.config.zones))


def at(text: str) -> tuple[int, int]:
    """An address as (family, number)."""
    parsed = parse_address(text)
    assert parsed is not None
    return parsed[0], parsed[1]


ZONE = 'zone "a.example" { type primary; file "a.db"; };\n'


def test_who_is_told_because_of_ns_records() -> None:
    audit = audit_of(ZONE, {"a.db": SERVERS})
    content = audit.content(zone_of(audit))
    assert content is not None
    assert content.primary == "ns0.a.example"
    assert content.servers == ("ns0.a.example", "ns1.a.example")
    assert content.told(to_soa=False) == (at("192.0.2.2"), at("2001:db8::2"))
    assert content.told(to_soa=True) == (at("192.0.2.1"), at("192.0.2.2"), at("2001:db8::2"))
    assert content.texts("ns1.a.example") == "192.0.2.2, 2001:db8::2"


def test_whose_addresses_they_are() -> None:
    """Of each name at most three addresses are shown; those that are not known are nobody's."""
    more = "".join(f"ns2 A 192.0.2.{number}\n" for number in range(3, 7))
    audit = audit_of(
        "options { listen-on { 192.0.2.1; 192.0.2.6; }; };\n" + ZONE,
        {"a.db": SERVERS.replace("@ NS ns0\n", "@ NS ns0\n@ NS ns2\n@ NS ns.elsewhere.net.\n") + more},
    )
    content = audit.content(zone_of(audit))
    assert content is not None
    assert content.path == "/srv/a.db"
    assert content.texts("ns2.a.example") == "192.0.2.3, 192.0.2.4, 192.0.2.5"
    assert content.texts("ns.elsewhere.net") == content.texts("ns9.a.example") == ""
    own = audit.own_addresses(zone_of(audit)).all
    assert set(content.holders(own)) == {"ns0.a.example", "ns2.a.example"}
    assert audit.content(zone_of(audit)) is content


def test_a_primary_without_a_record_is_told_nothing() -> None:
    """The server in MNAME is known, though it is told of changes only with an NS record."""
    audit = audit_of(ZONE, {"a.db": SERVERS.replace("@ NS ns0\n", "") + "ns1 A 192.0.2.2\n"})
    content = audit.content(zone_of(audit))
    assert content is not None
    assert content.servers == ("ns1.a.example",)
    assert content.texts("ns0.a.example") == "192.0.2.1"
    assert content.told(to_soa=True) == content.told(to_soa=False) == (at("192.0.2.2"), at("2001:db8::2"))


def test_without_a_reader_nothing_is_known() -> None:
    config = audit_of(ZONE, {"a.db": SERVERS}).config
    assert Contents(config, None).of(next(iter(config.zones))) is None


def test_addresses_elsewhere_are_not_known() -> None:
    audit = audit_of(ZONE, {"a.db": SERVERS + "@ NS ns.elsewhere.net.\n"})
    content = audit.content(zone_of(audit))
    assert content is not None
    assert content.told(to_soa=False) is None


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.db": "not a zone"},
        {"a.db": SERVERS, "a.db.jnl": ""},
        {"a.db": SERVERS + "; " + "x" * MAX_FILE},
    ],
    ids=["not there", "broken", "with a journal", "too large"],
)
def test_in_doubt_nothing_is_known(files: dict[str, str]) -> None:
    audit = audit_of(ZONE, files)
    assert audit.content(zone_of(audit)) is None


def test_no_more_than_so_many_zones_are_looked_for() -> None:
    text = "".join(
        f'zone "z{number}.example" {{ type primary; file "a.db"; }};\n' for number in range(MAX_ZONES + 1)
    )
    audit = audit_of(text, {"a.db": SOA + "@ NS ns.elsewhere.net.\n"})
    known = [audit.content(zone) is not None for zone in audit.config.zones]
    assert known == [True] * MAX_ZONES + [False]


@pytest.mark.parametrize(
    ("options", "own", "others"),
    [
        ("", [], []),
        ("listen-on { any; };", [], []),
        ("listen-on { 192.0.2.0/24; };", [], []),
        ("listen-on { 127.0.0.1; };", [], []),
        ("listen-on { 127.0.0.1; 192.0.2.1; };", ["192.0.2.1"], ["192.0.2.2", "10.0.0.1"]),
        ("listen-on { 10.0.0.1; };", ["10.0.0.1"], ["10.0.0.2"]),
        ("listen-on { 192.0.2.1; }; notify-source 192.0.2.2;", ["192.0.2.1", "192.0.2.2"], ["192.0.2.3"]),
        ("transfer-source-v6 2001:db8::1;", ["2001:db8::1"], []),
        ("listen-on-v6 { 2001:db8::1; };", ["2001:db8::1"], ["2001:db8::2"]),
        ("transfer-source 192.0.2.3; notify-source-v6 2001:db8::2;", ["192.0.2.3", "2001:db8::2"], []),
        ("notify-source 127.0.0.1; transfer-source-v6 ::1;", [], []),
        # Up to 64 addresses may be all that it has.
        ("listen-on { 192.0.2.0/26; };", ["192.0.2.1", "192.0.2.2", "192.0.2.3"], ["10.0.0.1"]),
        ("listen-on { 192.0.2.0/26; 198.51.100.1; };", [], []),
        ("listen-on { any; }; listen-on-v6 { 2001:db8::1; };", ["2001:db8::1"], ["2001:db8::2"]),
        ("listen-on { 192.0.2.1; }; listen-on-v6 { any; };", ["192.0.2.1"], ["192.0.2.2", "10.0.0.1"]),
        (
            "listen-on { 192.0.2.1; }; listen-on port 5353 { 192.0.2.2; };",
            ["192.0.2.1", "192.0.2.2"],
            ["192.0.2.3"],
        ),
        ("listen-on { 10.0.0.1; 192.0.2.1; };", ["192.0.2.1", "10.0.0.1"], ["192.0.2.2", "10.0.0.2"]),
    ],
)
def test_own_addresses(options: str, own: list[str], others: list[str]) -> None:
    audit = audit_of(f"options {{ {options} }};\n{ZONE}", {})
    known = audit.own_addresses(zone_of(audit))
    asked = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2")
    holds = [text for text in asked if known.all.holds(at(text)[1], at(text)[0])]
    assert holds == own
    for text in asked:
        assert not (known.excludes(*at(text)) and text in own)
    assert all(known.excludes(*at(text)) for text in others)
    if not others:
        assert not any(known.excludes(*at(text)) for text in asked)


def test_a_public_address_may_be_that_of_a_translator() -> None:
    audit = audit_of(f"options {{ listen-on {{ 10.0.0.1; }}; }};\n{ZONE}", {})
    assert not audit.own_addresses(zone_of(audit)).excludes(*at("192.0.2.1"))


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("10.in-addr.arpa", True),
        ("1.10.in-addr.arpa", True),
        ("110.in-addr.arpa", False),
        ("16.172.in-addr.arpa", True),
        ("32.172.in-addr.arpa", False),
        ("internal", True),
        ("a.internal", True),
        ("internal.example", False),
        ("8.e.f.ip6.arpa", True),
        ("e.f.ip6.arpa", False),
        ("arpa", False),
        (".", False),
    ],
)
def test_local_names(name: str, local: bool) -> None:
    assert is_local_name(name) is local


@pytest.mark.parametrize(("audience", "found"), [("regular", 0), ("pedantic", 1)])
def test_zone_files_are_read_for_those_who_ask_for_more(audience: str, found: int, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text(SERVERS)
    (tmp_path / "named.conf").write_text(
        "options { listen-on { 192.0.2.9; }; allow-transfer { 192.0.2.1; }; };\n" + ZONE
    )
    ran = run(
        "check",
        tmp_path / "named.conf",
        "--format",
        "json",
        "--audience",
        audience,
        "--select",
        "notify-skips-primary",
    )
    assert len(ran.json["findings"]) == found
    assert ran.json["counts"]["below_audience"] == 0
