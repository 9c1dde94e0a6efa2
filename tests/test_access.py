"""One question, exact sets and rows: three ways to the same answer, for any lists."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.policy.access import Access, Accesses
from named_audit.policy.addresses import BITS, AddressSet
from named_audit.policy.answers import Answers
from named_audit.policy.harm import Told, harm, harm_between, refused, services
from named_audit.policy.hidden_keys import hidden_key
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.matchlist import Locality
from named_audit.policy.question import Judge, Request
from named_audit.policy.reach import LOCALITIES, Lists, Reach, cases_of
from named_audit.policy.summary import summarise
from named_audit.policy.transfer import (
    TransferPolicy,
    effective_allow_transfer,
    has_no_content,
    open_by_default,
    transfer_policies,
)
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.match_list_cases import parse

INTERFACES = "192.0.2.1/29,192.0.2.130/32,2001:db8::1/125"
ADDRESSES = (
    *[f"192.0.2.{last}" for last in (0, 1, 2, 7, 8, 128, 130, 255)],
    "127.0.0.1",
    "127.0.0.2",
    *[f"2001:db8::{last}" for last in ("0", "1", "2", "8", "ffff")],
    "::1",
)
PREFIXES = (
    "192.0.2.1",
    "192.0.2.0/29",
    "192.0.2.0/25",
    "192.0.2.130",
    "0.0.0.0/0",
    "127.0.0.0/8",
    "2001:db8::/125",
    "2001:db8::1",
    "::/0",
    "::1",
)
KEYS = ("both", "global", "one", "two", "nowhere", "both")
"""`both` may be two keys of one name; it stands here twice to be drawn more often."""

_plain = st.sampled_from(
    [*PREFIXES, "any", "none", "localhost", "localnets", "named", *[f"key {key}" for key in KEYS]]
)


def _block(elements: list[str]) -> str:
    return f"{{ {''.join(f'{element}; ' for element in elements)}}}"


def _signed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.builds(str.__add__, st.sampled_from(("", "", "!")), inner), max_size=4)


_lists = st.recursive(
    _signed(_plain).map(_block), lambda inner: _signed(_plain | inner).map(_block), max_leaves=6
)


def _maybe(name: str) -> st.SearchStrategy[str]:
    return st.just("") | _lists.map(lambda text: f"{name} {text};")


def _key(name: str, secret: str) -> str:
    return f'key {name} {{ algorithm hmac-sha256; secret "{secret}"; }};'


_clients = st.just("") | st.builds(
    lambda lead, text: f"match-clients {{ {lead}{text[2:]};",
    st.sampled_from(("", "key both; ", "!key both; ")),
    _lists,
)


@st.composite
def _configurations(draw: st.DrawFn) -> str:
    """Two views with the zone each, the second perhaps the first one's."""
    zone = "zone z {{ {} }};"
    own = zone.format(f'type primary; file "z"; {draw(_maybe("allow-transfer"))}')
    other = draw(
        st.sampled_from((own, zone.format("in-view first;"), zone.format('type primary; file "y";')))
    )
    recursive = st.sampled_from(("", "", "match-recursive-only yes;"))
    views = [
        f"view {name} {{ {draw(_clients)} {draw(_maybe('match-destinations'))} {draw(recursive)} "
        f"{keys} {draw(_maybe('allow-transfer'))} {zones} }};"
        for name, keys, zones in (
            ("first", _key("one", "aaaa") + _key("both", "aaaa"), own),
            ("second", _key("two", "aaaa") + _key("both", draw(st.sampled_from(("bbbb", "aaaa")))), other),
        )
    ]
    plain = draw(_signed(st.sampled_from(PREFIXES)).map(_block))
    lines = [
        f"acl named {plain};",
        _key("global", "aaaa"),
        f"options {{ {draw(_maybe('allow-transfer'))} {draw(_maybe('blackhole'))} }};",
        *views,
    ]
    return "\n".join(lines) + "\n"


def _load(text: str) -> Config:
    options = ReadOptions(release=parse_release("9.18"))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    assert config.problems == []
    return config


def _number(address: str) -> tuple[int, int]:
    parsed = ipaddress.ip_address(address)
    return int(parsed), parsed.version


ONE_NAME_TWO_KEYS = "\n".join(
    (
        f"view first {{ match-clients {{ key both; }}; {_key('both', 'aaaa')}",
        'zone z { type primary; file "z"; allow-transfer { none; }; }; };',
        f'view second {{ {_key("both", "bbbb")} zone z {{ type primary; file "y"; }}; }};\n',
    )
)


@given(_configurations(), st.sampled_from((None, *KEYS)), st.booleans())
@example(ONE_NAME_TWO_KEYS, "both", True)
def test_a_question_is_served_where_the_set_holds_the_client(
    text: str, signer: str | None, known: bool
) -> None:
    config = _load(text)
    interfaces = Interfaces.parse(INTERFACES) if known else None
    judge = Judge(config, interfaces)
    lists = Lists(config)
    answers = Answers(config, Accesses(config, lists, Reach(config, lists, interfaces)))
    for view in config.views:
        (answer,) = answers.of(view.zones[0])
        assert answer.access is not None
        grants = answer.access.grants(interfaces)
        row_of = signer if signer in answer.access.signers else None
        for address in ADDRESSES:
            number, family = _number(address)
            verdict = judge.decide("z", Request(number, family, signer), view)
            for place, served in _places(verdict.served, verdict.depends, interfaces, number, family):
                held = answer.access.addresses(signer, place).holds(number, family)
                assert served == held, (address, place, view, verdict)
                if signer is not None and signer not in config.key_ring(view):
                    assert not held
                    continue
                rows = [
                    grant.addresses
                    for grant in grants
                    if grant.signer == row_of and grant.locality in ("any", place)
                ]
                assert any(row.holds(number, family) for row in rows) == held
        for grant in grants:
            assert AddressSet.from_text(*grant.addresses.cidrs()) == grant.addresses


def _places(
    served: bool, depends: tuple[str, ...], interfaces: Interfaces | None, number: int, family: int
) -> list[tuple[Locality, bool]]:
    """What a verdict says of the client by locality."""
    known = interfaces if interfaces is not None else Interfaces.loopback()
    place = known.locality(number, family)
    if interfaces is not None or place != "elsewhere":
        return [(place, served)]
    other = f"{'refused' if served else 'served'} if the client is "
    words: dict[Locality, str] = {
        "localhost": "the server itself",
        "localnets": "on one of the server's networks",
        "elsewhere": "on none of the server's networks",
    }
    return [(each, served != (other + words[each] in depends)) for each in LOCALITIES]


_networks = st.builds(
    lambda number, v6, length: (
        ipaddress.ip_network((number, min(length, BITS[6])), strict=False)
        if v6
        else ipaddress.ip_network((number & 0xFFFFFFFF, min(length, BITS[4])), strict=False)
    ),
    st.integers(0, (1 << 128) - 1),
    st.booleans(),
    st.integers(0, 128),
)
_sets = st.lists(_networks.map(str), max_size=5).map(lambda texts: AddressSet.from_text(*texts))


@given(
    st.lists(_networks, min_size=1, max_size=4),
    st.fixed_dictionaries(dict.fromkeys(LOCALITIES, _sets)),
    st.lists(st.sampled_from(ADDRESSES) | _networks.map(lambda net: str(net[0])), max_size=20),
)
def test_resolving_is_asking_each_address(
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network],
    sets: dict[Locality, AddressSet],
    addresses: list[str],
) -> None:
    interfaces = Interfaces.parse(",".join(f"{net[-1]}/{net.prefixlen}" for net in networks))
    resolved = interfaces.resolve(sets.__getitem__)
    ends = [str(net[end]) for net in networks for end in (0, -1)]
    for address in (*addresses, *ends, *ADDRESSES):
        number, family = _number(address)
        place = interfaces.locality(number, family)
        assert resolved.holds(number, family) == sets[place].holds(number, family)


@given(st.lists(_networks, min_size=1, max_size=3))
def test_interfaces_are_read_as_written(
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network],
) -> None:
    interfaces = Interfaces.parse(" , ".join(f"{net[-1]}/{net.prefixlen}" for net in networks))
    own = AddressSet.from_text("127.0.0.1", "::1", *[str(net[-1]) for net in networks])
    near = AddressSet.from_text("127.0.0.0/8", "::1", *[str(net) for net in networks])
    assert (interfaces.own, interfaces.networks) == (own, near)


KEYS_ = "".join(_key(name, "aaaa") for name in ("k1", "k2", "k3"))


def _read(text: str, release: str | None = "9.18") -> Config:
    options = ReadOptions(release=parse_release(release) if release is not None else None)
    return load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)


def _policies(config: Config) -> tuple[TransferPolicy, ...]:
    lists = Lists(config)
    reach = Reach(config, lists)
    return transfer_policies(config, config.zones, lists, reach, Accesses(config, lists, reach))


def _policy(text: str, release: str | None = "9.18") -> TransferPolicy:
    (policy,) = _policies(_read(text, release))
    return policy


def _access(elements: str, before: str = "") -> Access:
    """The access under a list, with three keys of the server."""
    return _policy(f'{KEYS_}{before}zone z {{ type primary; file "z"; allow-transfer {elements}; }};').access


def _viewed(clients: str, elements: str, keys: str = _key("v", "aaaa") + _key("w", "aaaa")) -> str:
    return (
        f"{KEYS_}view one {{ {keys} match-clients {clients}; "
        f'zone z {{ type primary; file "z"; allow-transfer {elements}; }}; }};'
    )


@pytest.mark.parametrize(
    ("elements", "listed", "keys"),
    [
        ("{ 192.0.2.1; key K1.; key nope; !key k3; key k2; }", ("k1", "k2", "k3", "nope"), ("k1", "k2")),
        # With these keys nobody is served who is not served anyway.
        ("{ any; key k1; }", ("k1",), ()),
        ("{ !any; key k1; }", ("k1",), ()),
        # Only neighbours, only where a condition holds.
        ("{ !{ !localnets; any; }; key k1; }", ("k1",), ("k1",)),
        ("{ !{ !geoip country NL; any; }; key k1; }", ("k1",), ("k1",)),
        # Local-ddns needs no statement.
        ("{ key local-ddns; }", ("local-ddns",), ("local-ddns",)),
        ("{ 192.0.2.1; }", (), ()),
    ],
)
def test_keys_that_let_somebody_in(elements: str, listed: tuple[str, ...], keys: tuple[str, ...]) -> None:
    access = _access(elements)
    assert (access.listed, access.keys, access.signers) == (listed, keys, listed)


@pytest.mark.parametrize(
    ("clients", "elements", "signers"),
    [
        ("{ key v; 10/8; }", "{ 192.0.2.1; }", ("v",)),
        ("{ !key v; 192.0.2.1; }", "{ 192.0.2.1; }", ("v",)),
        ("{ key v; key w; }", "{ 192.0.2.1; key k1; }", ("k1", "v", "w")),
        ("{ key v; key k3; }", "{ none; }", ()),
        # Whom the key brings here the list does not let in, or the view is open to them without it.
        ("{ key v; 10/8; }", "{ 10.0.0.1; }", ()),
        ("{ any; }", "{ any; }", ()),
        ("{ !{ !geoip country NL; any; }; key v; }", "{ 192.0.2.1; }", ("v",)),
        ("{ !{ !localnets; any; }; key v; }", "{ 192.0.2.1; }", ("v",)),
    ],
)
def test_keys_that_lead_into_a_view(clients: str, elements: str, signers: tuple[str, ...]) -> None:
    assert _policy(_viewed(clients, elements)).access.signers == signers


@pytest.mark.parametrize(
    ("elements", "off_host", "on_link", "families"),
    [
        ("{ 127.0.0.0/8; ::1; 192.0.2.1; }", "192.0.2.1", False, ()),
        ("{ 127.0.0.1; localhost; }", "no one", False, ()),
        ("{ localnets; 192.0.2.1; }", "192.0.2.1", True, ()),
        ("{ localnets; any; }", "anyone except 127.0.0.0/8 and ::1", False, (4, 6)),
        ("{ !localnets; any; }", "anyone except 127.0.0.0/8 and ::1", False, (4, 6)),
        ("{ geoip country NL; 192.0.2.1; }", "anyone except 127.0.0.0/8 and ::1", False, ()),
        ("{ !geoip country NL; any; }", "anyone except 127.0.0.0/8 and ::1", False, (4, 6)),
        ("{ ::/0; }", "anyone over IPv6 except ::1", False, (6,)),
        ("{ key k1; }", "no one", False, ()),
        # Half of all clients there are, and less.
        ("{ 0.0.0.0/2; 64.0.0.0/3; 96.0.0.0/4; }", "0.0.0.0/1 except 112.0.0.0/4", False, (4,)),
        ("{ 0.0.0.0/2; 64.0.0.0/3; 96.0.0.0/5; }", "0.0.0.0/2 and 2 more", False, ()),
        ("{ 2000::/4; }", "2000::/4", False, (6,)),
        ("{ 2000::/5; }", "2000::/5", False, ()),
    ],
)
def test_who_is_served_without_a_key(
    elements: str, off_host: str, on_link: bool, families: tuple[int, ...]
) -> None:
    access = _access(elements)
    assert access.unsigned_off_host.words() == off_host
    assert (access.on_link_unsigned, access.open_families) == (on_link, families)


def test_what_a_key_gains() -> None:
    access = _access("{ 192.0.2.1; !198.51.100.1; key k1; geoip country NL; }")
    assert access.gained_by_key("k1").words() == "anyone except 192.0.2.1 and 198.51.100.1"
    assert access.gained_by_key("k2").words() == "no one"
    assert access.possible(None).words() == "anyone except 198.51.100.1"
    assert access.addresses(None).words() == "192.0.2.1"
    assert access.geoip == ("country NL",)
    assert list(access.cases()) == [frozenset(), frozenset({"country NL"})]


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ("{ ::ffff:192.0.2.1; }", "no one"),
        ("{ ::ffff:192.0.2.1; 2001:db8::/32; }", "2001:db8::/32"),
        ("{ ::ffff:0:0/96; }", "no one"),
        ("{ ::ffff:0:0/97; ::1; }", "::1"),
        ("{ ::fffe:0:0/95; }", "::fffe:0:0/95"),
        ("{ ::/0; }", "anyone over IPv6"),
    ],
)
def test_mapped_addresses_count_where_a_wider_network_covers_them(elements: str, words: str) -> None:
    assert _access(elements).addresses(None).words() == words


TLS = 'tls mutual { cert-file "c"; key-file "k"; ca-file "ca"; };tls plain { cert-file "c"; key-file "k"; };'


@pytest.mark.parametrize(
    ("options", "asked", "listened", "certificate", "loopback"),
    [
        ("", "", "anyone", False, False),
        ("", "port 53", "anyone", False, False),
        ("", "port 54", "no one", False, False),
        ("port 54;", "port 54", "anyone", False, False),
        # A list that asks for nothing is not asked where it is listened.
        ("listen-on { none; }; listen-on-v6 { none; };", "", "anyone", False, False),
        ("listen-on { none; }; listen-on-v6 { none; };", "transport tcp", "no one", False, False),
        ("listen-on tls plain { any; };", "transport tcp", "anyone over IPv6", False, False),
        ("listen-on { none; };", "port 53", "anyone over IPv6", False, False),
        # What a PROXYv2 header says of the client may be of either family.
        ("listen-on proxy plain { 10.0.0.1; }; listen-on-v6 { none; };", "transport tcp", "anyone", False, False),
        ("listen-on port 54 { 192.0.2.1; };", "port 54", "anyone over IPv4", False, False),
        ("listen-on-v6 port 54 { 2001:db8::1; };", "port 54 transport tcp", "anyone over IPv6", False, False),
        ("", "transport tls", "no one", False, False),
        ("listen-on tls plain { any; };", "transport tls", "anyone over IPv4", False, False),
        ("listen-on tls mutual { any; };", "transport tls", "anyone over IPv4", True, False),
        ("listen-on tls mutual { any; };", "", "anyone", False, False),
        ("listen-on tls mutual { any; };", "port 53", "anyone over IPv6", False, False),
        ("listen-on tls mutual { any; };", "port 853 transport tcp", "no one", False, False),
        ("listen-on tls mutual { any; }; listen-on-v6 tls plain { any; };", "transport tls", "anyone", False, False),
        ("listen-on tls mutual { any; }; listen-on-v6 tls mutual { ::1; };", "port 853", "anyone", True, False),
        ("listen-on { 127.0.0.1; }; listen-on-v6 { ::1; };", "", "anyone", False, True),
        ("listen-on { 127.0.0.1; 192.0.2.1; }; listen-on-v6 { ::1; };", "", "anyone", False, False),
        ("listen-on { 127.0.0.1; }; listen-on-v6 port 54 { any; };", "port 53", "anyone over IPv4", False, True),
    ],
)  # fmt: skip
def test_where_a_list_can_be_asked(
    options: str, asked: str, listened: str, certificate: bool, loopback: bool
) -> None:
    text = f'{TLS} options {{ {options} }}; zone z {{ type primary; file "z"; allow-transfer {asked} {{ any; }}; }};'
    access = _policy(text).access
    assert access.listened.words() == listened
    assert access.addresses(None).words() == listened
    assert access.clients(None, "elsewhere").words() == listened
    assert access.listened_to is (listened != "no one")
    assert (access.needs_client_certificate(), access.only_on_loopback()) == (certificate, loopback)


def test_where_the_server_listens_may_not_have_been_read() -> None:
    text = 'include "nosuch"; options { listen-on { 127.0.0.1; }; listen-on-v6 { ::1; }; };'
    access = _policy(text + 'zone z { type primary; file "z"; allow-transfer port 54 { any; }; };').access
    assert access.listened == AddressSet.everything()
    plain = _policy(text + 'zone z { type primary; file "z"; allow-transfer { any; }; };').access
    assert not plain.only_on_loopback()


def test_equal_lists_are_one_access() -> None:
    zone = 'zone {} {{ type primary; file "z"; {} }};'
    same = "allow-transfer { 192.0.2.1; };"
    text = zone.format("a", same) + zone.format("b", same) + zone.format("c", "") + zone.format("d", "")
    first, second, default = _policies(_read(text))
    assert first.access is second.access
    assert first.access is not default.access
    assert [zone.name for zone in default.zones] == ["c", "d"]
    config = _read(text)
    lists = Lists(config)
    reach = Reach(config, lists)
    accesses = Accesses(config, lists, reach)
    views = (config.views[0],)
    opened, closed = accesses.of(None, True, views), accesses.of(None, False, views)
    assert (opened.addresses(None), closed.addresses(None)) == (AddressSet.everything(), AddressSet.nothing())
    assert accesses.of(None, True, views) is opened
    instead = accesses.instead(first.access, parse("{ 192.0.2.9; key k; }"))
    assert (instead.addresses(None).words(), instead.listed) == ("192.0.2.9", ("k",))


@pytest.mark.parametrize(
    ("release", "opened"), [(None, None), ("9.11", True), ("9.18", True), ("9.19", True), ("9.20", False), ("9.21", False)]
)  # fmt: skip
def test_the_default_is_open_before_9_20(release: str | None, opened: bool | None) -> None:
    assert open_by_default(parse_release(release) if release is not None else None) is opened
    policy = _policy('zone z { type primary; file "z"; };', release)
    assert policy.decided_by_default
    # Where the release is not known, the worse is assumed.
    assert policy.access.opened is (opened is not False)


def test_one_policy_per_statement_and_views() -> None:
    config = _read(
        "options { allow-transfer { 192.0.2.1; }; };"
        'view one { zone a { type primary; file "a"; }; zone b { type secondary; primaries { 192.0.2.9; }; };'
        " zone f { type forward; }; zone m { type mirror; primaries { 192.0.2.9; }; };"
        " zone n { type mirror; primaries { 192.0.2.9; }; allow-transfer { 192.0.2.2; }; }; };"
        'view two { zone a { type primary; file "a"; }; zone p { in-view one; }; zone q { in-view one; }; };'
        "view three { zone b { in-view one; }; };"
    )
    found = [
        (
            policy.level,
            [zone.name for zone in policy.zones],
            [view.name for view in policy.views],
            policy.view.name,
        )
        for policy in _policies(config)
    ]
    assert found == [
        ("options", ["a"], ["one"], "one"),
        ("options", ["b"], ["one", "three"], "one"),
        ("mirror", ["m"], ["one"], "one"),
        ("zone", ["n"], ["one"], "one"),
        ("options", ["a"], ["two"], "two"),
    ]
    mirror = _policies(config)[2]
    assert (mirror.statement, mirror.match_list, mirror.acl, mirror.access.opened) == (
        None,
        None,
        None,
        False,
    )
    assert not mirror.decided_by_default
    zones = {zone.name: zone for zone in config.zones}
    assert effective_allow_transfer(config, zones["m"], "secondary").level == "options"
    assert effective_allow_transfer(config, zones["m"], "mirror") == (None, "mirror")


@pytest.mark.parametrize(
    ("file", "without"),
    [
        ('file "/etc/bind/db.empty";', True), ('file "named.empty";', True), ('file "db.empty.old";', False),
        ('file "db.empty/zone";', False), ('file "z";', False), ("", False),
    ],
)  # fmt: skip
def test_zones_without_content(file: str, without: bool) -> None:
    (zone,) = _read(f"zone z {{ type primary; {file} }};").zones
    assert has_no_content(zone) is without


@pytest.mark.parametrize(
    ("conditions", "number"), [((), 1), (("a",), 2), (("a", "b", "c", "d"), 16), (("a", "b", "c", "d", "e"), 7)]
)  # fmt: skip
def test_cases_of_conditions(conditions: tuple[str, ...], number: int) -> None:
    cases = list(cases_of(conditions))
    assert (len(cases), len(set(cases)), cases[0], cases[-1]) == (
        number,
        number,
        frozenset(),
        frozenset(conditions),
    )
    assert {frozenset({each}) for each in conditions} <= set(cases)


VIEWS = (
    "options { blackhole { 203.0.113.0/24; geoip country BE; }; };"
    "view one { match-clients { geoip country NL; 10/8; }; match-destinations { 192.0.2.1; }; };"
    'view other chaos { match-clients { geoip country DE; }; zone z chaos { type primary; file "z"; }; };'
    'view two { match-clients { geoip country FR; 10/8; 172.16/12; }; zone z { type primary; file "z"; }; };'
    "view three { match-clients { geoip country LU; }; };"
)


def test_conditions_of_earlier_views_bear_on_a_zone() -> None:
    config = _read(VIEWS)
    reach = Reach(config, Lists(config))
    views = {view.name: view for view in config.views}
    assert reach.geoip((views["two"],)) == ("country BE", "country FR", "country NL")
    assert reach.geoip((views["one"],)) == ("country BE", "country NL")
    assert reach.geoip((views["other"],)) == ("country BE", "country DE")
    assert reach.geoip((views["one"], views["three"])) == (
        "country BE",
        "country FR",
        "country LU",
        "country NL",
    )
    # By talking to another address of the server than the first view's.
    assert reach.clients((views["two"],), None, "elsewhere").words() == "10.0.0.0/8 and 172.16.0.0/12"
    only = Reach(config, Lists(config), Interfaces.parse("192.0.2.1/24"))
    assert only.clients((views["one"],), None, "elsewhere").words() == "10.0.0.0/8"
    assert only.clients((views["two"],), None, "elsewhere", frozenset({"country BE"})).words() == "no one"


def test_a_name_may_be_two_keys() -> None:
    text = (
        _key("one", "aaaa")
        + f"view a {{ {_key('two', 'aaaa')} {_key('same', 'aaaa')} {_key('own', 'aaaa')} }};"
        + f"view b {{ {_key('two', 'bbbb')} {_key('same', 'aaaa')} }};"
        + 'view c { key same { algorithm hmac-sha512; secret "aaaa"; }; };'
    )
    config = _read(text)
    reach = Reach(config, Lists(config))
    a, b, c = config.views
    same = [reach.same_key(name, a, b) for name in ("one", "two", "same", "own", "nosuch", "local-ddns")]
    assert same == [True, False, True, False, False, True]
    assert not reach.same_key("same", a, c)
    known = [reach.knows(view, name) for view in (a, b) for name in ("one", "own", "nosuch", "local-ddns")]
    assert known == [True, True, False, True, True, False, False, True]
    unseen = Reach(config := _read(text + 'include "nosuch";'), Lists(config))
    a, b, _ = config.views
    assert unseen.knows(a, "nosuch")
    assert unseen.same_key("own", a, b)
    assert not unseen.same_key("two", a, b)


@pytest.mark.parametrize(
    ("statement", "only"),
    [("", False), ("match-recursive-only yes;", True), ("match-recursive-only TRUE;", True), ("match-recursive-only 1;", True),
     ("match-recursive-only no;", False), ("match-recursive-only 0;", False)],
)  # fmt: skip
def test_views_for_recursion_only(statement: str, only: bool) -> None:
    config = _read(f"view a {{ {statement} }};")
    assert Reach(config, Lists(config)).recursive_only(config.views[0]) is only


def test_keys_that_change_who_lands_where() -> None:
    config = _read(
        f"{_key('global', 'aaaa')} view a {{ {_key('own', 'aaaa')} match-clients {{ key own; 10/8; }}; }};"
        f"view b {{ {_key('own', 'aaaa')} {_key('idle', 'aaaa')} match-clients {{ any; }}; }};"
    )
    reach = Reach(config, Lists(config))
    a, b = config.views
    assert reach.changing((a,)) == ("own",)
    # Wherever they land, it is in one of the two.
    assert (sorted(reach.changing((b,))), reach.changing((a, b))) == (["own"], ())


@pytest.mark.parametrize(
    ("blocks", "own", "address", "hidden"),
    [
        # A nearer block without a key.
        ("server 192.0.2.0/24 { keys k; }; server 192.0.2.1 { };", "", "192.0.2.1", ("k", 24, 32, False)),
        ("server 192.0.2.1 { }; server 192.0.2.0/24 { keys k; }; server 192.0.0.0/16 { keys j; };", "", "192.0.2.1",
         ("k", 24, 32, False)),
        ("server 192.0.0.0/16 { keys j; }; server 192.0.2.0/24 { keys k; }; server 192.0.2.1 { };", "", "192.0.2.1",
         ("k", 24, 32, False)),
        ("server 2001:db8::/32 { keys k; }; server 2001:db8::/48 { };", "", "2001:db8::1", ("k", 32, 48, False)),
        ("server 203.0.113.1 { }; server 192.0.2.0/24 { keys k; }; server 192.0.2.1 { };", "", "192.0.2.1",
         ("k", 24, 32, False)),
        ("server 192.0.2.0/24 { keys k; };", "server 203.0.113.1 { }; server 203.0.113.0/24 { };", "192.0.2.1",
         ("k", 24, 32, True)),
        # A view's blocks hide all others.
        ("server 192.0.2.0/24 { keys k; };", "server 203.0.113.1 { };", "192.0.2.1", ("k", 24, 32, True)),
        ("server 192.0.2.0/24 { keys k; };", "server 203.0.113.1 { }; server 192.0.2.0/28 { };", "192.0.2.1",
         ("k", 24, 28, True)),
        ("server 192.0.2.0/24 { keys k; };", "server 192.0.2.0/28 { keys j; }; server 192.0.2.1 { };", "192.0.2.1",
         ("j", 28, 32, False)),
        # The key is used, is for others, or there is none.
        ("server 192.0.2.0/24 { }; server 192.0.2.1 { keys k; };", "", "192.0.2.1", None),
        ("server 192.0.2.0/24 { keys k; };", "server 192.0.2.1 { keys j; };", "192.0.2.1", None),
        ("server 192.0.2.0/25 { keys k; }; server 192.0.2.129 { };", "", "192.0.2.129", None),
        ("server 192.0.2.0/24 { keys k; }; server 2001:db8::1 { };", "", "2001:db8::1", None),
        ("server 192.0.2.0/24 { }; server 192.0.2.1 { };", "", "192.0.2.1", None),
        ("server 192.0.2.0/24 { keys k; };", "", "192.0.2.1", None),
        ("server 192.0.2.0/24 { keys k; };", "", "203.0.113.1", None),
        ("server 192.0.2.0/24 { keys k; };", "server 203.0.113.1 { };", "198.51.100.1", None),
    ],
)  # fmt: skip
def test_keys_that_another_server_block_hides(
    blocks: str, own: str, address: str, hidden: tuple[str, int, int, bool] | None
) -> None:
    config = _read(f"{_key('k', 'aaaa')}{_key('j', 'aaaa')}{blocks} view v {{ {own} }};")
    number, family = _number(address)
    found = hidden_key(config, config.views[0], family, number)
    said = (
        (found.key.value, found.block.length, found.hider.length, found.by_view)
        if found is not None
        else None
    )
    assert said == hidden


@pytest.mark.parametrize(
    ("before", "after", "announced", "reason"),
    [
        ("{ 192.0.2.1; key k1; }", "{ key k1; 192.0.2.1; }", (), None),
        ("{ 192.0.2.1; key k1; }", "{ key k1; }", (), None),
        ("{ 192.0.2.1; }", "{ key k1; }", ("k1",), None),
        ("{ 192.0.2.1; }", "{ 192.0.2.0/31; }", (), "without a key it would let in 192.0.2.0"),
        ("{ 192.0.2.1; }", "{ 192.0.2.0/31; }", ("k1",), "without a key it would let in 192.0.2.0"),
        ("{ key k1; }", "{ key k1; key k2; }", (), "with key k2 it would let in anyone"),
        ("{ key k1; }", "{ key k1; key k2; key k3; }", ("k2",), "with key k3 it would let in anyone"),
        ("{ key k1; key k2; }", "{ key k1; }", (), "it would refuse key k2 where it is let in now"),
        ("{ key k1; }", "{ !10/8; key k1; }", ("k1",), "it would refuse key k1 where it is let in now"),
        ("{ 10/8; key k1; }", "{ !10/8; key k1; }", ("k1",), None),
        ("{ 192.0.2.1; }", "{ 192.0.2.1; localhost; }", (), "without a key it would let in the server itself"),
        ("{ 192.0.2.1; }", "{ 192.0.2.1; localnets; }", (), "without a key it would let in anyone except 192.0.2.1"),
        # What other machines see comes first.
        ("{ 192.0.2.1; }", "{ 192.0.2.1; localhost; 192.0.2.2; }", (), "without a key it would let in 192.0.2.2"),
        ("{ 192.0.2.1; }", "{ 192.0.2.1; geoip country NL; }", (),
         "without a key it would let in anyone except 192.0.2.1"),
        ("{ !geoip country NL; 192.0.2.1; }", "{ 192.0.2.1; }", (), "without a key it would let in 192.0.2.1"),
    ],
)  # fmt: skip
def test_what_a_change_does_that_it_must_not(
    before: str, after: str, announced: tuple[str, ...], reason: str | None
) -> None:
    assert harm(_access(before), _access(after), announced) == reason


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("{ 192.0.2.1; }", "{ key k1; }", None),
        ("{ key k1; }", "{ 192.0.2.1; }", None),
        ("{ 192.0.2.9; }", "{ none; }", None),
        ("{ key k1; }", "{ none; }", "it would refuse 192.0.2.1 with key k1"),
        ("{ 192.0.2.1; }", "{ key k2; }", "it would refuse 192.0.2.1 with key k1"),
        ("{ 192.0.2.1; 2001:db8::1; }", "{ 192.0.2.1; key k2; }", None),
        ("{ key k2; }", "{ key k1; }", "it would refuse 2001:db8::1 with key k2"),
    ],
)
def test_who_is_told_must_not_be_refused(before: str, after: str, reason: str | None) -> None:
    told = [Told(4, 0xC0000201, "k1"), Told(6, (0x20010DB8 << 96) + 1, "k2")]
    assert refused(_access(before), _access(after), told) == reason


def _served(*zones: tuple[str, str], told: bool = True) -> str:
    also = "also-notify { 192.0.2.53 key k1; 192.0.2.54; };" if told else ""
    return f"{KEYS_} options {{ notify explicit; {also} }};" + "".join(
        f'zone {name} {{ type primary; file "{name}"; {lists} }};' for name, lists in zones
    )


OPEN, ONLY_K2 = "allow-transfer { any; };", "allow-transfer { key k2; };"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (_served(("a", OPEN)), _served(("a", ONLY_K2)), "it would refuse 192.0.2.53 with key k1 (a)"),
        # Who is no longer told is refused all the same, unless only the default let it in.
        (_served(("a", OPEN)), _served(("a", ONLY_K2), told=False), "it would refuse 192.0.2.53 with key k1 (a)"),
        (_served(("a", "")), _served(("a", ONLY_K2), told=False), None),
        (_served(("a", "")), _served(("a", ONLY_K2)), "it would refuse 192.0.2.53 with key k1 (a)"),
        (_served(("a", OPEN), told=False), _served(("a", ONLY_K2)), "it would refuse 192.0.2.53 with key k1 (a)"),
        # New zones and those that go do not count; all others do.
        (_served(("b", ONLY_K2)), _served(("a", OPEN), ("b", OPEN)), "without a key it would let in anyone (b)"),
        (_served(("a", ONLY_K2)), _served(("b", OPEN)), None),
        (_served(("a", OPEN), ("b", ONLY_K2)), _served(("a", OPEN), ("b", OPEN)), "without a key it would let in anyone (b)"),
    ],
)  # fmt: skip
def test_harm_is_looked_for_zone_by_zone(before: str, after: str, reason: str | None) -> None:
    found = harm_between(services(_read(before)), services(_read(after)), lambda name: ())
    assert found == reason


def test_announced_keys_are_those_of_the_zone() -> None:
    before = _served(("a", "allow-transfer { key k1; };"), ("b", "allow-transfer { key k1; };"))
    after = before.replace("key k1; };", "key k1; key k2; };").replace(
        "192.0.2.53 key k1; key k2;", "192.0.2.53 key k1;"
    )
    for announced, reason in (
        ({"a": ("k2",), "b": ("k2",)}, None),
        ({"a": ("k2",), "b": ()}, "with key k2 it would let in anyone (b)"),
        ({"a": (), "b": ("k2",)}, "with key k2 it would let in anyone (a)"),
    ):
        found = harm_between(services(_read(before)), services(_read(after)), lambda name: announced[name[0]])  # noqa: B023
        assert found == reason


ALL_POLICIES = (
    _key("k1", "aaaa")
    + _key("k2", "bbbb")
    + """
controls { inet 127.0.0.1 port 953 allow { localhost; } keys { k1; }; };
options { blackhole { 203.0.113.1; }; };
server 192.0.2.99 { keys k1; };
view one {
    match-clients { 10/8; };
    catalog-zones { zone cat default-primaries { 192.0.2.77; }; };
    zone a { type primary; file "a"; allow-transfer port 53 transport tcp { 192.0.2.1; 192.0.2.2; key k1; geoip country NL; };
        allow-update { 192.0.2.3; }; };
    zone b { type secondary; primaries { 192.0.2.4; }; allow-notify { 192.0.2.5; }; allow-update-forwarding { 192.0.2.6; }; };
    zone c { type primary; file "c"; update-policy { grant k1 name a.c A; }; };
};
view two {
    server 192.0.2.98 { keys k2; };
    zone a { in-view one; };
    zone d { type forward; };
    zone f { type primary; file "f"; };
};
"""
)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("192.0.2.1; 192.0.2.2;", "192.0.2.2; 192.0.2.1;", True),
        ("grant k1 name", "grant\n k1  name", True),
        ("allow { localhost; } keys", "allow { localhost; }  keys", True),
        ('secret "aaaa"', 'secret "cccc"', False),
        ('secret "bbbb"', 'secret "cccc"', False),
        ("hmac-sha256", "hmac-sha512", False),
        ("port 953", "port 954", False),
        ("203.0.113.1", "203.0.113.2", False),
        ("192.0.2.99 { keys k1; }", "192.0.2.99 { keys k2; }", False),
        ("192.0.2.98 { keys k2; }", "192.0.2.98 { keys k1; }", False),
        ("192.0.2.98 {", "192.0.2.97 {", False),
        ("match-clients { 10/8;", "match-clients { 10/7;", False),
        ("192.0.2.77", "192.0.2.78", False),
        ("zone cat", "zone kat", False),
        ("port 53 transport", "port 54 transport", False),
        ("transport tcp ", "", False),
        ("192.0.2.1; 192.0.2.2;", "192.0.2.1;", False),
        ("key k1; geoip", "key k2; geoip", False),
        ("country NL", "country BE", False),
        ("192.0.2.3", "192.0.2.33", False),
        ("192.0.2.4", "192.0.2.44", False),
        ("192.0.2.5", "192.0.2.55", False),
        ("192.0.2.6", "192.0.2.66", False),
        ("allow-update { 192.0.2.3; };", "", False),
        ("name a.c A", "name a.c AAAA", False),
        ("update-policy { grant k1 name a.c A; };", "", False),
        ("type forward", "type static-stub", False),
        ("zone d {", "zone e {", False),
        ("zone a { in-view one; };", "", False),
    ],
)
def test_what_changes_a_policy_is_a_change(old: str, new: str, same: bool) -> None:
    """No correction that does this may call itself safe."""
    changed = ALL_POLICIES.replace(old, new)
    assert changed != ALL_POLICIES
    assert (summarise(_read(changed)) == summarise(_read(ALL_POLICIES))) is same


def test_where_a_key_is_and_who_gets_no_notify_is_part_of_a_summary() -> None:
    zone = (
        'options { allow-transfer { none; }; blackhole { 192.0.2.1; }; }; zone z { type primary; file "z"; };'
    )
    assert summarise(_read(zone)) != summarise(_read(zone.replace("192.0.2.1", "192.0.2.2")))
    assert summarise(_read(zone)) != summarise(_read(zone.replace("blackhole { 192.0.2.1; };", "")))
    here = f"view a {{ {_key('k', 'aaaa')} }}; view b {{ }};"
    there = f"view a {{ }}; view b {{ {_key('k', 'aaaa')} }};"
    assert summarise(_read(here)) != summarise(_read(there))


def test_a_summary_has_every_zone() -> None:
    assert list(summarise(_read(ALL_POLICIES))) == [
        ("catalog cat", "one"),
        ("a", "one"),
        ("b", "one"),
        ("c", "one"),
        ("a", "two"),
        ("d", "two"),
        ("f", "two"),
        (".", ""),
    ]


def test_who_asks_for_recursion_lands_elsewhere() -> None:
    config = _read("view rd { match-clients { 10/8; }; match-recursive-only yes; }; view rest { };")
    reach = Reach(config, Lists(config))
    rd, rest = config.views
    assert reach.clients((rd,), None, "elsewhere").words() == "10.0.0.0/8"
    # The same clients do without.
    assert reach.clients((rest,), None, "elsewhere").words() == "anyone"
