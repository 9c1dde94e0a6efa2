"""Random configurations with zones to transfer, and who asks for them: what the oracle gives to named."""

from __future__ import annotations

import base64
import functools
import ipaddress
import random
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from named_audit.policy.matchlist import Locality
from tests.bind_server import Key, Request, options_block
from tests.match_list_cases import Universe, random_acls, random_list
from tests.network_namespace import OWN

_OWN_ADDRESSES = frozenset({"127.0.0.1", "::1", *[address.split("/")[0] for address in OWN]})
_ON_LINK = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "::1/128",
        *[str(ipaddress.ip_interface(address).network) for address in OWN],
    )
)

PLAIN_ACLS = 24
SIGNERS = ("k1", "k2", "k3")
"""Keys that named knows; k3 is in no list."""
STRANGER = "stranger"
"""A key that lists name and named does not know."""

_KEYS = ("k1", "K1", '"k1."', "k2", "K2.", STRANGER, "unknown-key")

_INHERITING = 0.12
"""The share of zones without a list of their own."""


class Place(NamedTuple):
    """Where named and its clients are. `sources` draws the addresses of the clients for one configuration."""

    name: str
    sources: Callable[[random.Random], tuple[str, ...]]


class Asked(NamedTuple):
    """What a match list is asked: the address as a number, its family, the signer, and where the client is."""

    address: int
    family: int
    signer: str | None
    locality: Locality

    @property
    def localhost(self) -> bool:
        """Whether the client has one of the server's own addresses."""
        return self.locality == "localhost"

    @property
    def localnets(self) -> bool:
        """Whether the client is on one of the server's networks."""
        return self.locality != "elsewhere"


class Layout(NamedTuple):
    """A configuration but for its zones. The outer lists are None where the level has none or is not there."""

    keys: tuple[Key, ...]
    acls: Mapping[str, str]
    extra: str
    has_view: bool
    of_view: str | None
    of_options: str | None

    @property
    def inherited(self) -> str | None:
        """The list of a zone that has none; None if the release's default decides."""
        return self.of_options if self.of_view is None else self.of_view

    def conf(self, zones: Mapping[str, str | None]) -> str:
        """The whole file, with zones given as name -> list or None."""
        lines = [
            options_block(
                self.extra + _statement(self.of_options), listen_v6="::1;" if has_ipv6() else "none;"
            ),
            # At error level named logs every refusal.
            "logging { category xfer-out { null; }; category security { null; }; };\n",
            *[key.statement for key in self.keys],
            *[f'acl "{name}" {text};\n' for name, text in self.acls.items()],
            *(["view only {\n", _statement(self.of_view)] if self.has_view else []),
            *[
                f'zone "{name}" {{ type primary; file "zone.db"; {_statement(text).strip()} }};\n'
                for name, text in zones.items()
            ],
            "};\n" if self.has_view else "",
        ]
        return "".join(lines)


class Case(NamedTuple):
    """A configuration and requests for its zones.

    `requests` are for the lists to decide. `refusals` are signed with what named cannot verify, so that no list
    is asked: the answer must be NOTAUTH.
    """

    layout: Layout
    zones: Mapping[str, str | None]
    requests: tuple[Request, ...]
    refusals: tuple[Request, ...]


def random_case(rng: random.Random, place: Place, zones: int, requests_each: int) -> Case:
    """A case with so many zones and so many requests for each."""
    sources = place.sources(rng)
    keys = tuple(_key(rng, name) for name in SIGNERS)
    universe = random_universe(rng, sources, _KEYS)
    acls = random_acls(rng, universe)

    def some_list() -> str:
        return random_list(rng, universe, universe.numbers)

    has_view = rng.random() < 0.5
    layout = Layout(
        keys,
        acls,
        rng.choice(("", "\tmatch-mapped-addresses yes;\n")),
        has_view,
        some_list() if has_view and rng.random() < 0.6 else None,
        some_list() if rng.random() < 0.7 else None,
    )
    lists: dict[str, str | None] = {}
    for number in range(zones):
        lists[f"z{number}.example"] = None if rng.random() < _INHERITING else some_list()
    who = [(source, key) for source in sources for key in (None, *keys)]
    unverified = [_key(rng, STRANGER), _key(rng, "k1"), keys[0]._replace(algorithm="hmac-sha512")]
    requests: list[Request] = []
    refusals: list[Request] = []
    for zone in lists:
        chosen = rng.sample(who, min(requests_each, len(who)))
        requests += [Request(zone, source, key) for source, key in chosen]
        if rng.random() < 0.1:
            refusals.append(Request(zone, rng.choice(sources), rng.choice(unverified)))
    # That the clients are where they are said to be is seen from these.
    for word in ("localhost", "localnets"):
        lists[f"{word}.example"] = f"{{ {word}; }}"
        requests += [Request(f"{word}.example", source) for source in sources]
    return Case(layout, lists, tuple(requests), tuple(refusals))


@functools.cache
def asked(source: str, signer: str | None) -> Asked:
    """What a list is asked by a request."""
    address = ipaddress.ip_address(source)
    return Asked(int(address), address.version, signer, locality(source))


@functools.cache
def locality(source: str) -> Locality:
    """Where an address is, in a private network or, for loopback addresses, anywhere."""
    if source in _OWN_ADDRESSES:
        return "localhost"
    address = ipaddress.ip_address(source)
    return "localnets" if any(address in network for network in _ON_LINK) else "elsewhere"


def has_ipv6() -> bool:
    """Whether this network has ::1."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _statement(text: str | None) -> str:
    return "" if text is None else f"allow-transfer {text};\n"


def _key(rng: random.Random, name: str) -> Key:
    return Key(name, base64.b64encode(rng.randbytes(32)).decode())


def _loopback_sources(rng: random.Random) -> tuple[str, ...]:
    first = (127 << 24) + rng.randrange(256, 1 << 24)
    # Neighbours in networks of several sizes.
    others = {first ^ (1 << bit) for bit in rng.sample(range(24), 3)}
    drawn = [str(ipaddress.IPv4Address(number)) for number in sorted({first, *others})]
    return ("127.0.0.1", *[source for source in drawn if _usable(source)], *(["::1"] if has_ipv6() else []))


def _outside_sources(rng: random.Random) -> tuple[str, ...]:
    # At least one source of each family in each locality; most of them outside.
    near = ipaddress.IPv6Address((0x20010DB80001 << 80) + rng.randrange(2, 1 << 64))
    far = (0x20010DB8 << 96) + rng.getrandbits(96) | 1 << 90
    far_v4 = rng.randrange(1, 255)
    documentation = [f"192.0.2.{far_v4}", f"192.0.2.{far_v4 ^ (1 << rng.randrange(8))}"]
    return (
        rng.choice(("127.0.0.1", "198.51.100.1")),
        rng.choice(("::1", "2001:db8:1::1")),
        f"198.51.100.{rng.randrange(2, 255)}",
        str(near),
        *[source for source in documentation if _usable(source)],
        f"203.0.113.{rng.randrange(1, 255)}",
        str(ipaddress.IPv6Address(far)),
        str(ipaddress.IPv6Address(far ^ (1 << rng.randrange(90)))),
    )


def _usable(source: str) -> bool:
    # The first and the last address of a network are no clients.
    return source.rsplit(".", 1)[1] not in ("0", "255")


LOOPBACK = Place("loopback", _loopback_sources)
OUTSIDE = Place("outside", _outside_sources)
PLACES = (LOOPBACK, OUTSIDE)


def random_universe(rng: random.Random, sources: Sequence[str], keys: tuple[str, ...]) -> Universe:
    """What lists for clients at these addresses are made of. `keys` are spellings of key names."""
    prefixes = ["0.0.0.0/0", "::/0", "10/8", "128.0.0.0 / 1", "fe80::/10", "::ffff:0:0/96"]
    for source in sources:
        address = ipaddress.ip_address(source)
        bits = address.max_prefixlen
        for length in {bits, bits - rng.randrange(1, 9), rng.randrange(bits), rng.randrange(bits)}:
            network = ipaddress.ip_network(f"{source}/{length}", strict=False)
            # Twice in the choice, so that the same prefix is met again under another spelling.
            prefixes += [_spelled(rng, network), _spelled(rng, network)]
        if address.version == 4:
            prefixes.append(f"::ffff:{source}")
    odd: list[tuple[str, ...]] = [(f'"{source}"',) for source in sources]
    odd += [
        (zeros, f'"{zeros}"') for source in sources if "." in source for zeros in [_with_zeros(rng, source)]
    ]
    odd += [('"10/8"',), ('"key"',), ('"geoip"',), ("256",), ("ns1.example.", '"NS1.example."')]
    return Universe(tuple(prefixes), keys, PLAIN_ACLS, tuple(odd))


def _spelled(rng: random.Random, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    length = network.prefixlen
    text = str(network.network_address)
    if isinstance(network, ipaddress.IPv6Network):
        text = rng.choice((text, text.upper(), network.network_address.exploded))
    elif length < 32 and rng.random() < 0.5:
        # The short form: octets of 0 at the end may be left out.
        octets = text.split(".")
        while len(octets) > 1 and octets[-1] == "0":
            octets.pop()
        text = ".".join(octets)
    if length == network.max_prefixlen and rng.random() < 0.7:
        return text
    return text + rng.choice(("/{}", "/{}", " / {}", "/0{}")).format(length)


def _with_zeros(rng: random.Random, source: str) -> str:
    """The address with a zero before one of its octets: no address to BIND, so the name of an acl."""
    octets = source.split(".")
    place = rng.randrange(4)
    octets[place] = f"0{octets[place]}"
    return ".".join(octets)
