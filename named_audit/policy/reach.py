"""Which clients a zone's policy ever sees: what blackhole drops and which view a client lands in."""

from __future__ import annotations

from named_audit.model.config import Config, View, Zone
from named_audit.model.matchlist import MatchList, parse_match_list
from named_audit.policy.addresses import AddressSet
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


class Reach:
    """Who can get as far as a zone's own lists."""

    def __init__(self, config: Config, lists: Lists) -> None:
        self._config = config
        self._lists = lists
        self._views: dict[tuple[int, str | None, str], AddressSet] = {}
        self._zones: dict[tuple[tuple[int, ...], str | None, str], AddressSet] = {}
        blackhole = config.options.statements.get("blackhole")
        self._blackhole = lists.acl(blackhole) if blackhole is not None else None
        self._pointed_at: dict[tuple[str, str], list[View]] | None = None

    def views_of(self, zone: Zone) -> tuple[View, ...]:
        """The zone's view, and the views whose `in-view` zones point at it."""
        if len(self._config.views) == 1:
            return (zone.view,)
        if self._pointed_at is None:
            self._pointed_at = {}
            for other in self._config.zones:
                if other.in_view is not None:
                    key = (other.canonical, fold(other.in_view))
                    self._pointed_at.setdefault(key, []).append(other.view)
        pointing = self._pointed_at.get((zone.canonical, fold(zone.view.name or "")), [])
        return (zone.view, *pointing)

    def clients(self, views: tuple[View, ...], signer: str | None, locality: Locality) -> AddressSet:
        """The addresses from which a request with this signer lands in one of the views."""
        key = (tuple(id(view) for view in views), signer, locality)
        known = self._zones.get(key)
        if known is None:
            known = AddressSet.nothing()
            for view in views:
                known = known | self._lands_in(view, signer, locality)
            if self._blackhole is not None:
                known = known - self._blackhole.addresses(None, locality)
            self._zones[key] = known
        return known

    def _lands_in(self, view: View, signer: str | None, locality: Locality) -> AddressSet:
        key = (id(view), signer, locality)
        known = self._views.get(key)
        if known is None:
            known = self._views[key] = self._find(view, signer, locality)
        return known

    def _find(self, view: View, signer: str | None, locality: Locality) -> AddressSet:
        if signer is not None and signer not in self._config.key_ring(view) and not self._config.unseen:
            return AddressSet.nothing()
        if view.name is None:
            return AddressSet.everything()
        clients = self._matches(view, signer, locality)
        if not clients:
            return clients
        for earlier in self._config.views:
            if earlier is view:
                break
            if earlier.class_ != view.class_ or self._conditional(earlier):
                continue
            # A key that the earlier view does not know fails there (BADKEY): later views are never tried.
            known = signer is not None and self._same_key(signer, earlier, view)
            clients = clients - self._matches(earlier, signer if known else None, locality)
        return clients

    def _same_key(self, signer: str, one: View, other: View) -> bool:
        """Whether a name stands for the same key in two views: the same name may have two secrets."""
        here, there = self._config.key_ring(one).get(signer), self._config.key_ring(other).get(signer)
        if here is None or there is None:
            return here is not None or self._config.unseen
        return (here.secret, here.algorithm) == (there.secret, there.algorithm)

    def _matches(self, view: View, signer: str | None, locality: Locality) -> AddressSet:
        if self._setting(view, "match-recursive-only") in ("yes", "true", "1"):
            return AddressSet.nothing()  # a transfer request does not ask for recursion
        statement = view.level.statements.get("match-clients")
        if statement is None:
            return AddressSet.everything()
        return self._lists.acl(statement).addresses(signer, locality)

    def _conditional(self, view: View) -> bool:
        """Whether the view may let a client pass for reasons that the client's address does not show."""
        return "match-destinations" in view.level.statements

    def _setting(self, view: View, name: str) -> str | None:
        statement = view.level.statements.get(name)
        if statement is None:
            return None
        pieces = statement.pieces
        return pieces[1].low if len(pieces) > 1 else None
