"""Random configurations with several views, and what named makes of a request, as a model of a few lines."""

from __future__ import annotations

import base64
import functools
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.matchlist import parse_address
from tests import match_list_cases
from tests.bind_server import Key, Request, options_block
from tests.match_list_cases import Universe, parse, random_acls, random_list
from tests.network_namespace import OWN
from tests.transfer_cases import LOOPBACK, Place, asked, has_ipv6, random_universe

ALSO_OWN = ("127.0.0.2/8", "127.8.0.1/8")
"""What the server has beside `OWN` in the private network, so that it listens on several addresses."""

PROBE = "probe.example"
"""The zone that every view hands to everybody: its serial tells the view."""

WRONG = (
    "view-only keys are global",
    "match-destinations are ignored",
    "the first view by address only",
    "an unknown key tries the next view",
    "a name is a key",
    "match-recursive-only is ignored",
    "in-view has the lists of its own view",
    "blackhole is ignored",
)
"""Models that look right."""

Outcome: TypeAlias = Literal["served", "refused", "no zone", "bad key", "dropped"]


class ZoneHere(NamedTuple):
    """A zone as one view has it: a list (None: none of its own), another view's, or a kind never handed out."""

    acl: str | None = None
    in_view: str | None = None
    static_stub: bool = False

    def statement(self, name: str, file: str) -> str:
        """The zone statement."""
        if self.in_view is not None:
            body = f"in-view {self.in_view};"
        elif self.static_stub:
            body = "type static-stub; server-addresses { 127.0.0.1; };"
        else:
            body = f'type primary; file "{file}";{_statement("allow-transfer", self.acl)}'
        return f'\tzone "{name}" {{ {body} }};\n'


class ViewHere(NamedTuple):
    """One view; lists are None where it has none."""

    name: str
    clients: str | None
    destinations: str | None
    recursive_only: bool
    keys: tuple[Key, ...]
    transfers: str | None
    zones: Mapping[str, ZoneHere]


class Views(NamedTuple):
    """A whole configuration and who may ask: each of `sources` with each of `signers` at each of `destinations`."""

    keys: tuple[Key, ...]
    acls: Mapping[str, str]
    blackhole: str | None
    transfers: str | None
    views: tuple[ViewHere, ...]
    sources: tuple[str, ...]
    signers: tuple[Key | None, ...]
    destinations: tuple[str, ...]

    def conf(self) -> str:
        """The file."""
        listen = "".join(f"{address}; " for address in self.destinations if ":" not in address)
        listen_v6 = "".join(f"{address}; " for address in self.destinations if ":" in address)
        own = f"{_statement('blackhole', self.blackhole)}{_statement('allow-transfer', self.transfers)}\n"
        lines = [
            options_block(own, listen=listen, listen_v6=listen_v6 or "none;"),
            "logging { category xfer-out { null; }; category security { null; }; };\n",
            *[key.statement for key in self.keys],
            *[f'acl "{name}" {text};\n' for name, text in self.acls.items()],
        ]
        for number, view in enumerate(self.views):
            head = _statement("match-clients", view.clients)
            head += _statement("match-destinations", view.destinations)
            head += " match-recursive-only yes;" if view.recursive_only else ""
            head += _statement("allow-transfer", view.transfers)
            lines += [f"view {view.name} {{{head}\n", *[f"\t{key.statement}" for key in view.keys]]
            lines += [zone.statement(name, f"{number}.db") for name, zone in view.zones.items()]
            lines.append("};\n")
        return "".join(lines)

    def files(self) -> dict[str, str]:
        """The zone files, one for each view, with the view's serial."""
        return {
            f"{number}.db": f"$TTL 60\n@ SOA ns.example. a.example. {serial(number)} 3600 600 86400 60\n@ NS ns.e.\n"
            for number in range(len(self.views))
        }

    def reachable(self, source: str) -> tuple[str, ...]:
        """The server's addresses that a client can talk to."""
        return tuple(address for address in self.destinations if (":" in address) == (":" in source))


def serial(number: int) -> int:
    """The serial of a view's copy of a zone."""
    return 1000 + number


def random_views(rng: random.Random, place: Place, blackhole: bool) -> Views:
    """A configuration, with what can be asked of it; with a blackhole, at least one client is in it."""
    sources = place.sources(rng)
    names = [f"v{number}" for number in range(rng.randint(2, 5))]
    rng.shuffle(names)
    # The same name may be a view's own in several, with one secret or with several.
    own = {
        name: tuple(_key(rng, key) for key in (f"only-{name}", "shared") if rng.random() < 0.7)
        for name in names
    }
    copied = _key(rng, "copied")
    own = {name: (*keys, copied) if rng.random() < 0.4 else keys for name, keys in own.items()}
    keys = (_key(rng, "g1"), _key(rng, "G2.Example"))
    words = ["g1", "G1.", '"g2.example"', "shared", "copied", "stranger", *[f"only-{name}" for name in names]]
    universe = random_universe(rng, sources, tuple(words))
    acls = random_acls(rng, universe)
    destinations = ["127.0.0.1", *(["::1"] if has_ipv6() else [])]
    if place is not LOOPBACK:
        destinations += [address.split("/")[0] for address in (*OWN, *ALSO_OWN)]

    def some_list() -> str:
        return random_list(rng, universe, universe.numbers)

    zones = [f"z{number}.example" for number in range(4)]
    views: list[ViewHere] = []
    for name in names:
        view = ViewHere(
            name,
            _clients(rng, universe, own[name], sources) if rng.random() < 0.9 else None,
            _destinations(rng, destinations, universe) if rng.random() < 0.4 else None,
            rng.random() < 0.25,
            own[name],
            some_list() if rng.random() < 0.6 else None,
            {},
        )
        here = {zone: _zone(rng, zone, views, some_list) for zone in zones if rng.random() < 0.75}
        views.append(view._replace(zones={**here, PROBE: ZoneHere("{ any; }")}))
    everywhere = dict.fromkeys([*keys, *[key for view in views for key in view.keys]])
    wrong = [_key(rng, "g1"), _key(rng, "stranger")]
    wrong += [key._replace(secret=_key(rng, "").secret) for key in views[0].keys[:1]]
    return Views(
        keys,
        acls,
        f"{{ {some_list()}; {rng.choice(sources)}; }}" if blackhole else None,
        some_list() if rng.random() < 0.5 else None,
        tuple(views),
        sources,
        (None, *everywhere, *wrong),
        tuple(destinations),
    )


def model(views: Views, wrong: str = "") -> Callable[[Request], tuple[Outcome, int | None]]:
    """What named answers, or what a wrong model does: the outcome, and the number of the view that it comes from.

    The number is None where no view is reached. For "served" it is that of the view whose copy is sent.
    """
    named = {name: parse(text) for name, text in views.acls.items()}

    @functools.cache
    def allows(text: str | None, address: str, signer: str | None) -> bool:
        if text is None:
            return True  # 9.18's default, and what no match-clients means
        to = asked(address, signer)
        decide = judges(text)
        own = to.localhost or address in views.destinations
        return decide(to.address, to.family, to.signer, own, own or to.localnets)

    @functools.cache
    def judges(text: str) -> match_list_cases.Judge:
        return match_list_cases.judge(parse(text), named.get)

    def ring(view: ViewHere) -> set[Key]:
        if wrong == "view-only keys are global":
            return {*views.keys, *[key for each in views.views for key in each.keys]}
        return {*views.keys, *view.keys}

    def verified(key: Key | None, view: ViewHere) -> bool:
        if wrong == "a name is a key":
            return key is not None and key.name in {each.name for each in ring(view)}
        return key in ring(view)

    def admits(view: ViewHere, request: Request, signer: str | None) -> bool:
        if wrong == "the first view by address only":
            signer = None
        return (
            allows(view.clients, request.source or "", signer)
            and (
                wrong == "match-destinations are ignored"
                or allows(view.destinations, request.destination or "", signer)
            )
            and (request.recursion or not view.recursive_only or wrong == "match-recursive-only is ignored")
        )

    numbers = {view.name: number for number, view in enumerate(views.views)}

    def answer(request: Request) -> tuple[Outcome, int | None]:
        source, key = request.source or "", request.key
        if (
            views.blackhole is not None
            and wrong != "blackhole is ignored"
            and allows(views.blackhole, source, None)
        ):
            return "dropped", None
        for number, view in enumerate(views.views):
            known = verified(key, view)
            signer = key.name if key is not None and known else None
            if not admits(view, request, signer):
                continue
            if key is not None and not known:
                if wrong == "an unknown key tries the next view":
                    continue
                return "bad key", number
            zone = view.zones.get(request.zone)
            home = view
            if zone is not None and zone.in_view is not None:
                number = numbers[zone.in_view]
                zone = views.views[number].zones[request.zone]
                home = view if wrong == "in-view has the lists of its own view" else views.views[number]
            if zone is None or zone.static_stub:
                return "no zone", number
            texts = (zone.acl, home.transfers, views.transfers)
            deciding = next((text for text in texts if text is not None), None)
            return ("served" if allows(deciding, source, signer) else "refused"), number
        return "refused", None

    return answer


def number_of(address: str) -> tuple[int, int]:
    """An address as family and number."""
    parsed = parse_address(address)
    assert parsed is not None
    return parsed


def _zone(
    rng: random.Random, name: str, earlier: Sequence[ViewHere], some_list: Callable[[], str]
) -> ZoneHere:
    holders = [
        view.name
        for view in earlier
        if name in view.zones and view.zones[name].in_view is None and not view.zones[name].static_stub
    ]
    if holders and rng.random() < 0.45:
        return ZoneHere(in_view=rng.choice(holders))
    if rng.random() < 0.05:
        return ZoneHere(static_stub=True)
    return ZoneHere(some_list() if rng.random() < 0.4 else None)


def _clients(rng: random.Random, universe: Universe, own: Sequence[Key], sources: Sequence[str]) -> str:
    """A random list, or one as people write it: keys in, other views' keys out, some networks."""
    if rng.random() < 0.4:
        return random_list(rng, universe, universe.numbers)
    elements = [f"!key {name}" for name in rng.sample(universe.keys, rng.randint(0, 2))]
    elements += [f"key {key.name}" for key in own if rng.random() < 0.7]
    elements += [f"key {name}" for name in rng.sample(universe.keys, rng.randint(0, 1))]
    elements += [f"{rng.choice(('', '!'))}{source}" for source in rng.sample(sources, rng.randint(0, 2))]
    elements += rng.sample(["localhost", "localnets", "any", *universe.prefixes], rng.randint(0, 1))
    if rng.random() < 0.5:
        rng.shuffle(elements)
    return f"{{ {''.join(f'{element}; ' for element in elements)}}}"


def _destinations(rng: random.Random, own: Sequence[str], universe: Universe) -> str:
    if rng.random() < 0.2:
        return random_list(rng, universe, universe.numbers)
    chosen = rng.sample([*own, "!key g1", "key shared", "key copied"], rng.randint(1, 3))
    chosen = [f"!{each}" if rng.random() < 0.2 and each[0] != "!" else each for each in chosen]
    return f"{{ {''.join(f'{each}; ' for each in chosen)}{rng.choice(('', '', 'localhost; ', 'any; '))}}}"


def _statement(name: str, text: str | None) -> str:
    return "" if text is None else f" {name} {text};"


def _key(rng: random.Random, name: str) -> Key:
    return Key(name, base64.b64encode(rng.randbytes(32)).decode())
