"""Surveys of a configuration: answers, zones of one kind and of the run time; peers, lists behind, hidden primaries."""

from __future__ import annotations

import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config, Zone
from named_audit.model.matchlist import parse_address
from named_audit.model.zone_data import Times, ZoneReader
from named_audit.policy.access import Access
from named_audit.policy.addresses import AddressSet
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES
from named_audit.policy.hidden import is_hidden, own_of
from named_audit.policy.override import behind, equal
from named_audit.policy.peers import Peers
from named_audit.policy.runtime_zones import RuntimeZones
from named_audit.policy.survey import Survey, Surveyed
from named_audit.policy.zone_content import Contents, ZoneContent, own_addresses
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions

SECRETS = ("b25lIHNlY3JldCBmb3IgYSBzdXJ2ZXkgb25seSE=", "YW5vdGhlciBvbmUgZm9yIGEgc3VydmV5IG9ubHk=")
KEYS = "".join(
    f'key {name} {{ algorithm hmac-sha256; secret "{secret}"; }};\n'
    for name, secret in zip(("k", "l"), SECRETS, strict=True)
)


def read(text: str, release: str | None = "9.18", *, valid: bool = True) -> Config:
    """A configuration, without problems unless it need not be valid."""
    options = ReadOptions(release=parse_release(release) if release is not None else None)
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    assert not valid or config.problems == []
    return config


def primary(name: str, statements: str = "") -> str:
    """A primary zone."""
    return f'zone "{name}" {{ type primary; file "{name}"; {statements} }};\n'


def surveyed(text: str, release: str | None = "9.18") -> list[Surveyed]:
    """Every zone of a configuration under question."""
    return list(Survey(read(text, release)).zones())


def test_release_lines() -> None:
    assert OPEN_LINES == ("9.11", "9.16", "9.18")
    assert CLOSED_LINES == ("9.20", "9.21")


def test_answers_of_the_default() -> None:
    (found,) = surveyed(primary("a.example"), None)
    first, second = found.answers
    assert (first.releases, second.releases) == (OPEN_LINES, CLOSED_LINES)
    assert first.access is not None
    assert second.access is not None
    assert [each.access.addresses(None).words() for each in (first, second) if each.access] == [
        "anyone",
        "no one",
    ]
    assert (first.level, second.level) == ("default", "default")
    for release, words in (("9.18", "anyone"), ("9.20", "no one")):
        ((answer,),) = [each.answers for each in surveyed(primary("a.example"), release)]
        assert answer.access is not None
        assert (answer.releases, answer.access.addresses(None).words()) == (None, words)


@pytest.mark.parametrize("release", [None, "9.18", "9.20"])
def test_answers_of_a_list(release: str | None) -> None:
    text = "options { allow-transfer { 192.0.2.1; }; };\n" + primary("a.example")
    text += primary("b.example", "allow-transfer { 192.0.2.2; };")
    text += 'zone "c.example" { type mirror; primaries { 192.0.2.9; }; };\n'
    text += 'zone "d.example" { type stub; primaries { 192.0.2.9; }; };\n'
    found = surveyed(text, release)
    assert [len(each.answers) for each in found] == [1, 1, 1, 1]
    shown = [
        (answer.type, answer.level, answer.access.addresses(None).words() if answer.access else None)
        for each in found
        for answer in each.answers
    ]
    assert shown == [
        ("primary", "options", "192.0.2.1"),
        ("primary", "zone", "192.0.2.2"),
        ("mirror", "default", "no one"),
        ("stub", "default", None),
    ]


def test_in_view() -> None:
    text = f"view one {{ match-clients {{ 192.0.2.1; }}; {primary('a.example')} {primary('b.example')} }};\n"
    text += 'view two { zone "b.example" { in-view one; }; zone "a.example" { in-view one; }; };\n'
    a, b, also_b, also_a = surveyed(text)
    for own, pointing in ((a, also_a), (b, also_b)):
        (first,), (second,) = own.answers, pointing.answers
        assert (first.zone, first.origin, first.view.name) == (own.zone, own.zone, "one")
        assert (second.zone, second.origin, second.view.name) == (pointing.zone, own.zone, "two")
        assert second.type == "primary"
        assert first.access is not None
        assert second.access is not None
        assert first.access.addresses(None).words() == "192.0.2.1"
        assert second.access.addresses(None).words() == "anyone except 192.0.2.1"
    text = text.replace('file "a.example";', 'file "a.example"; allow-transfer { none; };')
    a, *_, also_a = surveyed(text)
    assert also_a.setting == a.setting == (a.zone.level.statements["allow-transfer"], "zone")
    assert also_a.answers[0].setting == a.setting


def test_zones_of_one_kind_have_their_own_places() -> None:
    statement = "allow-transfer { 192.0.2.1; };"
    text = primary("a.example", statement) + primary("b.example", statement) + primary("c.example")
    text += primary("d.example", "allow-transfer { 192.0.2.2; };") + primary("e.example")
    a, b, c, d, e = surveyed(text)
    assert [each.kind.number for each in (a, b, c, d, e)] == [0, 0, 1, 2, 1]
    for each in (a, b):
        assert each.setting.statement is each.zone.level.statements["allow-transfer"]
        (answer,) = each.answers
        assert (answer.zone, answer.origin) == (each.zone, each.zone)
        assert answer.setting == each.setting
        assert answer.level == "zone"
    assert (e.setting.statement, e.setting.level) == (None, "default")
    assert e.answers[0].zone is e.zone


def test_what_makes_a_kind() -> None:
    text = (
        primary("a.example") + 'zone "b.example" { type primary; file "b.example"; zone-statistics yes; };\n'
    )
    text += "".join(
        primary(f"{number}.example", statement)
        for number, statement in enumerate(
            ("notify no;", "also-notify { 192.0.2.1; };", "notify-source 192.0.2.1;", "notify-to-soa yes;")
        )
    )
    assert len({each.kind.number for each in surveyed(text)}) == 6
    views = f"view one {{ {primary('a.example')} }};\nview two {{ {primary('a.example')} }};\n"
    assert [each.kind.number for each in surveyed(views)] == [0, 1]
    root = 'zone "a.example" { type secondary; primaries { 192.0.2.1; }; };\n'
    assert [each.kind.number for each in surveyed(root + root.replace("a.example", "."))] == [0, 1]
    assert [each.kind.number for each in surveyed(root + root.replace("a.example", "b.example"))] == [0, 0]


def test_run_time_zones_are_kinds_of_their_own() -> None:
    text = 'options { allow-new-zones yes; catalog-zones { zone "Cat.Example" default-primaries { 192.0.2.1; }; }; };\n'
    text += 'dlz "d" { database "x"; };\n' + primary("cat.example")
    survey = Survey(read(text))
    zones = [each.kind.number for each in survey.zones()]
    first, again = list(survey.runtime()), list(survey.runtime())
    numbers = [each.kind.number for _, each in first]
    assert (zones, numbers) == ([0], [1, 2, 3])
    assert [each.kind.number for _, each in again] == numbers
    assert [(found.kind, found.name) for found, _ in first] == [
        ("catalog", "cat.example"),
        ("new-zones", None),
        ("dlz", "d"),
    ]
    assert [found.words for found, _ in first] == [
        "the members of catalog zone cat.example",
        "zones added by rndc addzone (where they bring no list of their own)",
        "the zones of dlz d (where the driver leaves it to BIND)",
    ]
    assert [found.span.text for found, _ in first] == ['zone "Cat.Example"', "allow-new-zones yes;", "dlz"]
    assert [each.inbound.requests[0].text for _, each in first[:1]] == ["192.0.2.1"]
    assert [each.answers[0].type for _, each in first] == ["secondary", "primary", "primary"]


def run_time(text: str, release: str | None = "9.18") -> list[RuntimeZones]:
    """The zones that come at run time."""
    return [found for found, _ in Survey(read(text, release, valid=False)).runtime()]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("options { allow-new-zones no; };", []),
        ("options { allow-new-zones 0; };", []),
        ("options { allow-new-zones true; };", [None]),
        ('dlz "d" { database "x"; search yes; };', ["d"]),
        ('dlz "d" { database "x"; search no; };', []),
        ('dlz "d" { database "x"; search False; };', []),
        ('dlz "d" { database "x"; search no; };\ndlz "e" { database "x"; };', ["e"]),
        ('dlz { database "x"; };', [None]),
        ('options { catalog-zones { zone; zone { x; }; zone "c.example"; }; };', ["c.example"]),
        ('options { catalog-zones { zone "one.example"; zone two.example in-memory yes; }; };' + primary("one.example")
         + primary("two.example"), ["one.example", "two.example"]),
        ('view v CH { catalog-zones { zone "one.example"; }; };', []),
    ],
)  # fmt: skip
def test_what_comes_at_run_time(text: str, names: list[str | None]) -> None:
    assert [found.name for found in run_time(text)] == names


@pytest.mark.parametrize(
    ("element", "primaries"),
    [
        ('zone "cat.example";', []),
        ('zone "cat.example" default-masters { 192.0.2.1; };', ["192.0.2.1"]),
        ('zone "cat.example" zone-directory "x" default-primaries { 192.0.2.1; 192.0.2.2; } in-memory no;',
         ["192.0.2.1", "192.0.2.2"]),
        ('zone "cat.example" in-memory no min-update-interval 5;', []),
    ],
)  # fmt: skip
def test_primaries_of_members(element: str, primaries: list[str]) -> None:
    survey = Survey(read(f"options {{ catalog-zones {{ {element} }}; }};\n" + primary("cat.example")))
    ((_, member),) = survey.runtime()
    assert [request.text for request in member.inbound.requests] == primaries


@pytest.mark.parametrize(("release", "words"), [(None, "anyone"), ("9.18", "anyone"), ("9.20", "no one")])
def test_run_time_zones_without_a_list(release: str | None, words: str) -> None:
    text = 'dlz "d" { database "x"; };\n'
    assert [found.access.addresses(None).words() for found in run_time(text, release)] == [words]
    text = "options { allow-transfer { 192.0.2.1; }; };\n" + text
    assert [found.access.addresses(None).words() for found in run_time(text, release)] == ["192.0.2.1"]


# Peers.


def key_of(text: str, address: str = "192.0.2.1", view: int = 0) -> str | None:
    """The key that is used towards an address."""
    config = read(KEYS + text)
    parsed = parse_address(address)
    assert parsed is not None
    return Peers(config).key_of(*parsed, config.views[view])


@pytest.mark.parametrize(
    "text",
    [
        "primaries p { 192.0.2.1 key K; };",
        "options { also-notify { 192.0.2.1 key k; }; };",
        "view v { also-notify { 192.0.2.1 key k; }; };",
        primary("a.example", "also-notify { 192.0.2.9; 192.0.2.1 key k.; };"),
        'zone "a.example" { type secondary; primaries { 192.0.2.1 key k; }; };',
        'zone "a.example" { type secondary; masters { 192.0.2.1 key k; }; };',
        'zone "a.example" { type secondary; masters { 192.0.2.9 key l; }; also-notify { 192.0.2.1 key k; }; };',
        primary("a.example", "also-notify { 192.0.2.9 key l; };") + primary("b.example", "also-notify { 192.0.2.1 key k; };"),
        "server 192.0.2.1 { keys k; };",
        "server 192.0.2.1/32 { keys k; };",
        "server 192.0.2.1 { keys k; };\nprimaries p { 192.0.2.1 key k; };",
        "primaries p { 192.0.2.1 key k; };\nprimaries q { 192.0.2.1; };",
        "server 192.0.2.0/24 { keys l; };\nprimaries p { 192.0.2.1 key k; };",
    ],
)  # fmt: skip
def test_key_of_a_peer(text: str) -> None:
    assert key_of(text) == "k"
    assert key_of(text, "192.0.2.200") is None


@pytest.mark.parametrize(
    "text",
    [
        "primaries p { 192.0.2.1 key k; };\nprimaries q { 192.0.2.1 key l; };",
        "server 192.0.2.1 { keys l; };\nprimaries p { 192.0.2.1 key k; };",
        "server 192.0.2.0/24 { keys k; };",
        "server 192.0.2.1 { transfers 2; };",
        "primaries p { 192.0.2.1; 2001:db8::1 key k; };",
    ],
)
def test_no_one_key_of_a_peer(text: str) -> None:
    assert key_of(text) is None


def test_key_of_a_peer_over_ipv6_and_in_another_view() -> None:
    assert key_of("server 2001:db8::1 { keys k; };", "2001:db8::1") == "k"
    assert key_of("server 2001:db8::/64 { keys k; };", "2001:db8::1") is None
    text = "view one { };\nview two { key m { algorithm hmac-sha256; secret "
    text += f'"{SECRETS[0]}"; }}; also-notify {{ 192.0.2.1 key m; }}; }};\n'
    assert key_of(text, view=0) is None
    assert key_of(text, view=1) == "m"


# What an allow-transfer replaces.


def replaced(text: str, release: str = "9.18") -> tuple[str, str | None] | None:
    """Level and text of what would decide for a.example without the list that does."""
    config = read(text, release)
    zone = next(zone for zone in config.zones if zone.canonical == "a.example")
    statement = config.effective(zone, "allow-transfer").statement
    assert statement is not None
    found = behind(config, zone, statement)
    return None if found is None else (found.level, found.statement.text if found.statement else None)


def test_what_is_behind_a_list() -> None:
    outer = "options { allow-transfer { none; }; };\n"
    zone = primary("a.example", "allow-transfer { 192.0.2.1; };")
    assert replaced(zone) == ("default", None)
    assert replaced(outer + zone) == ("options", "allow-transfer { none; };")
    assert replaced(outer + primary("a.example")) is None
    view = f"view v {{ allow-transfer {{ 192.0.2.2; }}; {zone} }};\n"
    assert replaced(outer + view) == ("view", "allow-transfer { 192.0.2.2; };")
    view = f"view v {{ allow-transfer {{ 192.0.2.2; }}; {primary('a.example')} }};\n"
    assert replaced(outer + view) == ("options", "allow-transfer { none; };")
    assert replaced(view) == ("default", None)
    mirror = 'zone "a.example" { type mirror; primaries { 192.0.2.9; }; allow-transfer { 192.0.2.1; }; };\n'
    assert replaced(outer + mirror) is None


def test_a_list_elsewhere_is_not_replaced() -> None:
    text = primary("a.example", "allow-transfer { 192.0.2.1; };") + primary(
        "b.example", "allow-transfer { any; };"
    )
    config = read(text)
    a, b = config.zones
    assert behind(config, a, b.level.statements["allow-transfer"]) is None


def access(zone: Zone, survey: Survey) -> Access:
    """Who takes a zone of a survey."""
    found = next(each for each in survey.zones() if each.zone is zone).answers[0].access
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{ 192.0.2.1; }", "{ 192.0.2.1; }", True),
        ("{ 192.0.2.0/25; 192.0.2.128/25; }", "{ 192.0.2.0/24; }", True),
        ("{ 192.0.2.1; }", "{ 192.0.2.2; }", False),
        ("{ 192.0.2.1; }", "{ 192.0.2.1; key k; }", False),
        ("{ key k; }", "{ key l; }", False),
        ("{ key k; 192.0.2.1; }", "{ 192.0.2.1; key k; }", True),
        ("{ !{ !192.0.2.1; any; }; key k; }", "{ key k; }", False),
        ("port 53 { 192.0.2.1; }", "{ 192.0.2.1; }", False),
        ("port 53 { 192.0.2.1; }", "port 5353 { 192.0.2.1; }", False),
        ("transport tcp { 192.0.2.1; }", "{ 192.0.2.1; }", False),
        ("{ 192.0.2.1; localnets; }", "{ 192.0.2.1; }", False),
        ("{ 192.0.2.1; localhost; }", "{ 192.0.2.1; }", False),
        ("{ 192.0.2.1; geoip country AA; }", "{ 192.0.2.1; }", False),
        ("{ 192.0.2.1; }", "{ 192.0.2.1; geoip country AA; }", False),
        ("{ geoip country AA; }", "{ geoip country BB; }", False),
        ("{ geoip country AA; geoip country BB; }", "{ geoip country BB; geoip country AA; }", True),
    ],
)  # fmt: skip
def test_equal_lists(one: str, other: str, same: bool) -> None:
    options = "options { port 53; listen-on port 53 { any; }; listen-on port 5353 { any; }; };\n"
    text = options + KEYS + primary("a.example", f"allow-transfer {one};")
    survey = Survey(read(text + primary("b.example", f"allow-transfer {other};")))
    a, b = survey.config.zones
    assert equal(access(a, survey), access(b, survey)) is same
    assert equal(access(b, survey), access(a, survey)) is same


# Hidden primaries.

RECORDS = "$TTL 60\n@ SOA mname admin 1 3600 600 86400 60\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\nns2 AAAA 2001:db8::2\n"


@pytest.mark.parametrize(
    ("options", "more", "hidden"),
    [
        ("listen-on { 192.0.2.9; };", "", True),
        ("notify-source 192.0.2.9;", "", True),
        ("listen-on { 192.0.2.2; };", "", False),
        ("listen-on { 192.0.2.9; }; transfer-source 192.0.2.1;", "", False),
        ("listen-on { 192.0.2.9; }; listen-on-v6 { 2001:db8::2; };", "", False),
        ("", "", False),
        ("listen-on { 127.0.0.1; };", "", False),
        ("listen-on { 192.0.2.9; };", "@ NS ns.elsewhere.example.\n", False),
        ("listen-on { 192.0.2.9; }; notify yes;", "", False),
        ("listen-on { 192.0.2.9; }; also-notify { };", "", False),
    ],
)
def test_hidden_primaries(options: str, more: str, hidden: bool) -> None:
    for word, default in (("notify", "notify explicit;"), ("also-notify", "also-notify { 192.0.2.3; };")):
        if f" {word} " not in options:
            options += f" {default}"
    text = f'options {{ {options} }};\nzone "a.example" {{ type primary; file "z"; }};\n'
    host = MemoryHost({"/named.conf": text.encode(), "/z": (RECORDS + more).encode()})
    config = load_config("/named.conf", host, ReadOptions())
    assert config.problems == []
    (zone,) = config.zones
    content = Contents(config, ZoneReader(config, host, ReadOptions())).of(zone)
    assert content is not None
    survey = Survey(config)
    assert is_hidden(survey.notifier.plan(zone), content, own_addresses(config, zone, survey.lists)) is hidden


def test_names_that_lead_to_the_server() -> None:
    addresses: dict[str, tuple[tuple[int, int], ...] | None] = {
        "both": ((4, 1), (6, 2)),
        "unknown": None,
        "none": (),
    }
    content = ZoneContent("/z", "both", ("both",), addresses, Times(1, 1, 1))
    for text, own in (("0.0.0.1", True), ("::2", True), ("::1", False), ("0.0.0.2", False)):
        assert own_of(content, "both", AddressSet.from_text(text)) is own
    for name in ("unknown", "none", "other"):
        assert not own_of(content, name, AddressSet.everything())
