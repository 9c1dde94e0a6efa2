"""Which clients a zone's policy ever sees: what blackhole drops and which view a client lands in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from named_audit.model.config import Config, View, Zone
from named_audit.model.matchlist import MatchList, parse_match_list
from named_audit.model.names import BUILT_IN_KEYS
from named_audit.policy.addresses import AddressSet
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.matchlist import Acl, Locality, build
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, fold

LOCALITIES: tuple[Locality, ...] = ("localhost", "localnets", "elsewhere")
"""The server's own addresses; on-link but not its own; neither. What a list says of an address depends on it."""


class Lists:
    """The match lists of one configuration, built once per distinct text."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._built: dict[str, Acl] = {}
        self._named: dict[str, MatchList | None] = {}

    def acl(self, statement: Statement) -> Acl:
        """The list in the first block of a statement, ready to be asked."""
        text = statement.text
        known = self._built.get(text)
        if known is None:
            known = self._built[text] = build(self.match_list(statement), self.lookup)
        return known

    def match_list(self, statement: Statement) -> MatchList:
        """The list in the first block of a statement, as written."""
        for piece in statement.pieces:
            if isinstance(piece, Group):
                return parse_match_list(piece)
        return MatchList(())

    def lookup(self, name: str) -> MatchList | None:
        """A named list, or None if there is no such acl. Names ignore case."""
        low = fold(name)
        if low not in self._named:
            definition = self._config.acls.get(low)
            self._named[low] = self.match_list(definition.statement) if definition is not None else None
        return self._named[low]


NO_CONDITIONS: frozenset[str] = frozenset()

_MOST_CONDITIONS = 4
"""Up to so many geoip conditions every combination is looked at, beyond it each one alone, none, and all."""


class Reach:
    """Who can get as far as a zone's own lists.

    Args:
        config: the configuration.
        lists: its match lists.
        interfaces: the server's own addresses; they bound what match-destinations can match. None: not known.
    """

    def __init__(self, config: Config, lists: Lists, interfaces: Interfaces | None = None) -> None:
        self._config = config
        self._lists = lists
        self._interfaces = interfaces
        self._views: dict[tuple[int, str | None, str, frozenset[str]], AddressSet] = {}
        self._zones: dict[tuple[tuple[int, ...], str | None, str, frozenset[str]], AddressSet] = {}
        self._changing: dict[tuple[int, ...], tuple[str, ...]] = {}
        blackhole = config.options.statements.get("blackhole")
        self.blackhole: Acl | None = lists.acl(blackhole) if blackhole is not None else None
        self._pointed_at: dict[tuple[str, str], list[View]] | None = None

    def views_of(self, zone: Zone) -> tuple[View, ...]:
        """The zone's view, and the views whose `in-view` zones point at it."""
        if len(self._config.views) == 1:
            return (zone.view,)
        if self._pointed_at is None:
            self._pointed_at = {}
            for other in self._config.zones:
                if other.in_view is not None:
                    key = (other.canonical, other.in_view)
                    self._pointed_at.setdefault(key, []).append(other.view)
        pointing = self._pointed_at.get((zone.canonical, zone.view.name or ""), [])
        return (zone.view, *pointing)

    def clients(
        self,
        views: tuple[View, ...],
        signer: str | None,
        locality: Locality,
        conditions: frozenset[str] = NO_CONDITIONS,
    ) -> AddressSet:
        """The addresses from which a request with this signer lands in one of the views.

        What else holds for the request is in `locality` and `conditions`, see `Acl.addresses`. Where a view asks for
        the address that the client talks to, this is who can land there by talking to the right one.
        """
        key = (tuple(id(view) for view in views), signer, locality, conditions)
        known = self._zones.get(key)
        if known is None:
            known = AddressSet.nothing()
            for view in views:
                known = known | self._lands_in(view, signer, locality, conditions)
            if self.blackhole is not None:
                known = known - self.blackhole.addresses(None, locality, conditions)
            self._zones[key] = known
        return known

    def geoip(self, views: tuple[View, ...]) -> tuple[str, ...]:
        """The geoip conditions that bear on who lands in one of the views."""
        found = set(self.blackhole.geoip if self.blackhole is not None else ())
        last = max(self._config.views.index(view) for view in views)
        for view in self._config.views[: last + 1]:
            if view.class_ == views[0].class_:
                for acl in (self.match_clients(view), self.match_destinations(view)):
                    found.update(acl.geoip if acl is not None else ())
        return tuple(sorted(found))

    def changing(self, views: tuple[View, ...]) -> tuple[str, ...]:
        """The keys of the first view for which other clients land in the views than without a key."""
        key = tuple([id(view) for view in views])
        known = self._changing.get(key)
        if known is None:
            cases: list[tuple[Locality, frozenset[str]]] = [
                (place, case) for place in LOCALITIES for case in cases_of(self.geoip(views))
            ]
            known = self._changing[key] = tuple(
                signer
                for signer in self._config.key_ring(views[0])
                if any(
                    self.clients(views, signer, place, case) != self.clients(views, None, place, case)
                    for place, case in cases
                )
            )
        return known

    def knows(self, view: View, signer: str) -> bool:
        """Whether requests signed with this key can be verified in a view; True where that was not read."""
        # named makes the session key by itself, in every view.
        return signer in self._config.key_ring(view) or signer in BUILT_IN_KEYS or self._config.unseen

    def same_key(self, signer: str, one: View, other: View) -> bool:
        """Whether a name stands for the same key in two views: the same name may have two secrets."""
        here, there = self._config.key_ring(one).get(signer), self._config.key_ring(other).get(signer)
        if here is None or there is None:
            return self._config.unseen or (here is there and signer in BUILT_IN_KEYS)
        return (here.secret, here.algorithm) == (there.secret, there.algorithm)

    def match_clients(self, view: View) -> Acl | None:
        """The list that says which clients belong to a view; None: all."""
        return self._acl(view, "match-clients")

    def match_destinations(self, view: View) -> Acl | None:
        """The list that says to which of the server's addresses a view belongs; None: all."""
        return self._acl(view, "match-destinations")

    def recursive_only(self, view: View) -> bool:
        """Whether a view is for requests that ask for recursion: a secondary's do not, but anybody's may."""
        statement = view.level.statements.get("match-recursive-only")
        pieces = statement.pieces if statement is not None else ()
        return len(pieces) > 1 and pieces[1].low in ("yes", "true", "1")

    def _acl(self, view: View, name: str) -> Acl | None:
        statement = view.level.statements.get(name)
        return self._lists.acl(statement) if statement is not None else None

    def _lands_in(
        self, view: View, signer: str | None, locality: Locality, conditions: frozenset[str]
    ) -> AddressSet:
        key = (id(view), signer, locality, conditions)
        known = self._views.get(key)
        if known is None:
            known = self._views[key] = self._find(view, signer, locality, conditions)
        return known

    def _find(
        self, view: View, signer: str | None, locality: Locality, conditions: frozenset[str]
    ) -> AddressSet:
        if signer is not None and not self.knows(view, signer):
            return AddressSet.nothing()
        if view.name is None:
            return AddressSet.everything()
        found = self._asking(view, signer, locality, conditions, recursion=True)
        if any(self.recursive_only(each) for each in self._config.views):
            found = found | self._asking(view, signer, locality, conditions, recursion=False)
        return found

    def _asking(
        self,
        view: View,
        signer: str | None,
        locality: Locality,
        conditions: frozenset[str],
        *,
        recursion: bool,
    ) -> AddressSet:
        """The clients that land in a view with requests that ask for recursion, or with those that do not."""
        clients: list[AddressSet] = []
        destinations: list[AddressSet] = []
        anywhere = AddressSet.everything() if self._interfaces is None else self._interfaces.own
        for each in self._config.views:
            if each.class_ == view.class_ and (recursion or not self.recursive_only(each)):
                # A key that an earlier view does not know fails there (BADKEY): later views are never tried.
                same = signer is not None and (each is view or self.same_key(signer, each, view))
                known = signer if same else None
                own, target = self.match_clients(each), self.match_destinations(each)
                clients.append(
                    AddressSet.everything() if own is None else own.addresses(known, locality, conditions)
                )
                destinations.append(
                    anywhere
                    if target is None
                    else anywhere & target.addresses(known, "localhost", conditions)
                )
            if each is view:
                break
        return (
            AddressSet.nothing()
            if not recursion and self.recursive_only(view)
            else _reached(clients, destinations)
        )


def _reached(clients: Sequence[AddressSet], destinations: Sequence[AddressSet]) -> AddressSet:
    """The clients that reach the last of several views: first match, for at least one address of the server."""
    v4, v6 = (_reached_over(family, clients, destinations) for family in (4, 6))
    return AddressSet(v4.v4, v6.v6)


def _reached_over(
    family: int, clients: Sequence[AddressSet], destinations: Sequence[AddressSet]
) -> AddressSet:
    # Between two bounds no destination list changes its mind, so one address stands for all of them.
    points = {0, *(bound for each in destinations for bound in each.family(family))}
    cases = {
        tuple(each.holds(point, family) for each in destinations)
        for point in points
        if destinations[-1].holds(point, family)
    }
    found = AddressSet.nothing()
    for case in cases:
        reached = clients[-1]
        for matches, earlier in zip(case[:-1], clients[:-1], strict=True):
            if matches:
                reached = reached - earlier
        found = found | reached
    return found


def cases_of(conditions: tuple[str, ...]) -> Iterator[frozenset[str]]:
    """Combinations of conditions, the empty one first; all of them where there are few."""
    sizes: Iterable[int] = range(len(conditions) + 1)
    if len(conditions) > _MOST_CONDITIONS:
        sizes = (0, 1, len(conditions))
    for size in sizes:
        for chosen in combinations(conditions, size):
            yield frozenset(chosen)
