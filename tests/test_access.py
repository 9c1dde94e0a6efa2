"""One question, exact sets and rows: three ways to the same answer, for any lists."""

from __future__ import annotations

import ipaddress

from hypothesis import example, given
from hypothesis import strategies as st

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.policy.access import Accesses
from named_audit.policy.addresses import BITS, AddressSet
from named_audit.policy.answers import Answers
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.matchlist import Locality
from named_audit.policy.question import Judge, Request
from named_audit.policy.reach import LOCALITIES, Lists, Reach
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions

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
