"""Who can connect to the server's channels for control (rndc) and statistics (HTTP): by address alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from named_audit.model.config import Config
from named_audit.model.matchlist import MatchElement, MatchList, parse_address, parse_match_list
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.matchlist import Acl, Locality, build
from named_audit.policy.reach import Lists
from named_audit.policy.wording import ON_LINK
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word

_YES = frozenset({"yes", "true", "1"})
_ANYBODY = MatchList((MatchElement(False, "any", None),))


class Channel(NamedTuple):
    """One `inet` clause. `address` and `port` are as written; `keys` is None where the clause has none.

    `acl` is its `allow`; where it has none, everybody.
    """

    statement: Statement
    address: str
    port: str | None
    acl: Acl
    allowed: bool
    keys: tuple[str, ...] | None
    read_only: bool

    @property
    def loopback(self) -> bool:
        """Whether it listens where only programs on the server's own machine can connect."""
        found = parse_address(self.address)
        return found is not None and LOOPBACK.holds(found[1], found[0])

    def addresses(self, locality: Locality) -> AddressSet:
        """From where other machines may connect, of the family that it listens on. Geoip conditions are taken to hold."""
        if self.loopback:
            return AddressSet.nothing()
        conditions = frozenset(self.acl.geoip)
        found = self.acl.addresses(None, locality) | self.acl.addresses(None, locality, conditions)
        return (found & self._family) - LOOPBACK

    @property
    def others(self) -> AddressSet:
        """From where other machines may connect, neighbours apart."""
        return self.addresses("elsewhere")

    @property
    def on_link(self) -> bool:
        """Whether `localnets` lets neighbours in, beyond what the addresses say."""
        return bool(self.addresses("localnets") - self.others)

    @property
    def words(self) -> str:
        """The other machines that may connect, in a sentence."""
        others = self.others
        # "anyone over IPv4 except 127.0.0.0/8" says too much.
        parts = [min(others.words(), (others | LOOPBACK & self._family).words(), key=len)] if others else []
        return " and ".join([*parts, ON_LINK] if self.on_link else parts)

    @property
    def _family(self) -> AddressSet:
        address = parse_address(self.address)
        # `*` is any IPv4 address.
        return AddressSet.from_prefix(address[0] if address is not None else 4, 0, 0)

    @property
    def open(self) -> bool:
        """Whether at least half of the unicast addresses of its family may connect."""
        return any(self.others.share(family) >= 0.5 for family in (4, 6))


def control_channels(config: Config, lists: Lists) -> Iterator[Channel]:
    """Every `inet` clause of `controls`, as far as it is known whom its list names."""
    for controls in config.controls:
        yield from _channels(controls, lists, config)


def statistics_channels(config: Config, lists: Lists) -> Iterator[Channel]:
    """Every `inet` clause of `statistics-channels`, as far as it is known whom its list names."""
    if "statistics-channels" in config.names:
        for statement in config.tree.statements:
            if statement.name == "statistics-channels":
                yield from _channels(statement, lists, config)


def _channels(statement: Statement, lists: Lists, config: Config) -> Iterator[Channel]:
    for child in statement.children:
        pieces = child.pieces
        if child.name != "inet" or len(pieces) < 2 or not isinstance(pieces[1], Word):
            continue
        words = {piece.low: after for piece, after in pairwise(pieces[2:]) if piece.bare}
        allow, keys, port, read_only = (words.get(name) for name in ("allow", "keys", "port", "read-only"))
        allowed = isinstance(allow, Group)
        match_list = parse_match_list(allow) if isinstance(allow, Group) else _ANYBODY
        acl = build(match_list, lists.lookup)
        if acl.undefined and config.unseen:
            continue
        yield Channel(
            child,
            pieces[1].value,
            port.value if isinstance(port, Word) else None,
            acl,
            allowed,
            tuple(element.pieces[0].value for element in keys.elements) if isinstance(keys, Group) else None,
            isinstance(read_only, Word) and read_only.low in _YES,
        )
