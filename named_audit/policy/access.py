"""Who can take zones, as a value: the exact set of (signer, client address) under one list in one view."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.config import Config, View
from named_audit.model.matchlist import MatchList
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.listeners import Listener, listeners, port_and_transport
from named_audit.policy.matchlist import Acl, Locality, build
from named_audit.policy.reach import LOCALITIES, NO_CONDITIONS, Lists, Reach, cases_of
from named_audit.syntax.tree import Statement

Where: TypeAlias = Locality | Literal["any"]
"""A locality, or "any" where all three give the same."""

_Sets: TypeAlias = Callable[[Locality], AddressSet]

_MAPPED = AddressSet.from_prefix(6, 0xFFFF << 32, 96)


class Grant(NamedTuple):
    """One row of an answer: with this signer (None: unsigned, or a key that makes no difference) from there."""

    signer: str | None
    locality: Where
    addresses: AddressSet


class Access:
    """Who can take the zones under one list (or none) for clients of some views.

    Sets are what a client can really take: after blackhole, the choice of the view and the view's key ring.
    Everything is worked out when it is first asked for, once.
    """

    def __init__(
        self,
        config: Config,
        lists: Lists,
        reach: Reach,
        statement: Statement | None,
        acl: Acl | None,
        opened: bool,
        views: tuple[View, ...],
    ) -> None:
        self._config = config
        self._lists = lists
        self._reach = reach
        self.statement = statement
        """The first statement with this list; None where no list decides."""
        self.acl = acl
        self.opened = opened
        """Where there is no list: whether everybody is let in."""
        self.views = views
        """The views whose clients are meant; the first one's keys are those of the zones."""
        self.port, self.transport = port_and_transport(statement)
        self._sets: dict[tuple[str | None, str, frozenset[str]], AddressSet] = {}
        self._admitted: dict[tuple[str | None, str, frozenset[str]], AddressSet] = {}
        self._possible: dict[tuple[str | None, str], AddressSet] = {}

    @property
    def listed(self) -> tuple[str, ...]:
        """The keys that the list names, canonical, sorted, defined or not."""
        return self.acl.signers if self.acl is not None else ()

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys with which somebody can take the zones: named by the list, known to the view, admitted somewhere."""
        return tuple(
            signer
            for signer in self.listed
            if self._reach.knows(self.views[0], signer)
            and any(self.gained_by_key(signer, locality) for locality in LOCALITIES)
        )

    @cached_property
    def signers(self) -> tuple[str, ...]:
        """The keys with an answer of their own, canonical, sorted: those of the list, and those that change the view.

        A request signed with any other key that the view knows is served like an unsigned one, and with a key that it
        does not know never.
        """
        found = set(self.listed)
        if self.views[0].name is not None:
            found.update(
                key
                for key in self._reach.changing(self.views)
                if key not in found
                and any(
                    self.addresses(key, place, case) != self.addresses(None, place, case)
                    for place in LOCALITIES
                    for case in self.cases()
                )
            )
        return tuple(sorted(found))

    @cached_property
    def geoip(self) -> tuple[str, ...]:
        """The geoip conditions that bear on the answer, sorted."""
        own = self.acl.geoip if self.acl is not None else ()
        return tuple(sorted({*own, *self._reach.geoip(self.views)}))

    def cases(self) -> Iterator[frozenset[str]]:
        """Combinations of geoip conditions that hold, the empty one first."""
        return cases_of(self.geoip)

    def addresses(
        self, signer: str | None, locality: Locality = "elsewhere", conditions: frozenset[str] = NO_CONDITIONS
    ) -> AddressSet:
        """From where a request with this signer (None: unsigned) is served; arguments as for `Acl.addresses`."""
        key = (signer, locality, conditions)
        known = self._sets.get(key)
        if known is None:
            found = self.admitted(signer, locality, conditions)
            known = self._sets[key] = found & self.listened if found else found
        return known

    def admitted(
        self, signer: str | None, locality: Locality, conditions: frozenset[str] = NO_CONDITIONS
    ) -> AddressSet:
        """As `addresses`, if the server listened everywhere: what the list, blackhole and the views let in."""
        key = (signer, locality, conditions)
        known = self._admitted.get(key)
        if known is None:
            known = self._admitted[key] = self._find(signer, locality, conditions)
        return known

    def clients(
        self, signer: str | None, locality: Locality, conditions: frozenset[str] = NO_CONDITIONS
    ) -> AddressSet:
        """From where a request with this signer gets as far as the list; arguments as for `addresses`."""
        return self._reach.clients(self.views, signer, locality, conditions) & self.listened

    def possible(self, signer: str | None, locality: Locality = "elsewhere") -> AddressSet:
        """From where a request with this signer is served if the geoip database says the right thing."""
        key = (signer, locality)
        known = self._possible.get(key)
        if known is None:
            known = AddressSet.nothing()
            for case in self.cases():
                known = known | self.addresses(signer, locality, case)
            self._possible[key] = known
        return known

    def gained_by_key(self, signer: str, locality: Locality = "elsewhere") -> AddressSet:
        """Where a key may make the difference: served with it and not without."""
        gained = AddressSet.nothing()
        for case in self.cases():
            gained = gained | (self.addresses(signer, locality, case) - self.addresses(None, locality, case))
        return gained

    @cached_property
    def unsigned_off_host(self) -> AddressSet:
        """Where unsigned requests may be served, without loopback addresses: what another machine can use."""
        return self.possible(None) - LOOPBACK

    @cached_property
    def on_link_unsigned(self) -> bool:
        """Whether `localnets` lets unsigned neighbours in beyond what the addresses say."""
        return bool(self.possible(None, "localnets") - self.possible(None) - LOOPBACK)

    @cached_property
    def open_families(self) -> tuple[int, ...]:
        """The address families over which nearly anyone is served without a key: half of the unicast space or more.

        Clients for which no geoip condition holds are what "nearly anyone" means; who gets in only where one holds
        is in `unsigned_off_host`.
        """
        unsigned = self.addresses(None)
        return tuple(family for family in (4, 6) if unsigned.share(family) >= 0.5)

    def grants(self, interfaces: Interfaces | None = None) -> tuple[Grant, ...]:
        """All rows: for each signer, by locality, or for "any" where that makes no difference; none for empty sets.

        With the server's interfaces known, each signer has at most one row.
        """
        found: list[Grant] = []
        for signer in (None, *self.signers):
            found += grants_of(signer, partial(self.addresses, signer), interfaces)
        return tuple(found)

    @cached_property
    def listened_to(self) -> bool:
        """Whether the server listens where the list lets anyone in at all; True where that is not known."""
        return bool(self.listened)

    @cached_property
    def listened(self) -> AddressSet:
        """The clients that find a listener which meets the list's port and transport: all of a family, or none."""
        if (self.port is None and self.transport is None) or self._config.unseen:
            return AddressSet.everything()
        everything = AddressSet.everything()
        found = self.listeners()
        return AddressSet(
            everything.v4 if any(each.serves(4) for each in found) else (),
            everything.v6 if any(each.serves(6) for each in found) else (),
        )

    def listeners(self) -> tuple[Listener, ...]:
        """The listeners that the port and the transport of the list let in."""
        return tuple(
            each
            for each in listeners(self._config, self._lists)
            if self.port in (None, each.port) and self.transport in (None, each.transport)
        )

    def needs_client_certificate(self) -> bool:
        """Whether every listener that the list lets in demands a client certificate (mutual TLS)."""
        found = self.listeners()
        return bool(found) and all(each.client_certificates for each in found)

    def only_on_loopback(self) -> bool:
        """Whether the server listens for this list on loopback addresses only: other machines cannot connect."""
        found = self.listeners()
        return bool(found) and not self._config.unseen and all(each.loopback for each in found)

    def _find(self, signer: str | None, locality: Locality, conditions: frozenset[str]) -> AddressSet:
        if self.acl is not None:
            known = self.acl.addresses(signer, locality, conditions)
        else:
            known = AddressSet.everything() if self.opened else AddressSet.nothing()
        if known:
            known = known & self._reach.clients(self.views, signer, locality, conditions)
        return _without_mapped(known)


def _without_mapped(found: AddressSet) -> AddressSet:
    # BIND sees IPv4 clients as such: a mapped address (::ffff:192.0.2.1) never matches one. A set that covers them
    # by the way stays as it is: without them it would be hard to read, and no client is there to tell.
    mapped = found & _MAPPED
    if not mapped or (mapped == _MAPPED and found.size(6) > _MAPPED.size(6)):
        return found
    return found - _MAPPED


class Accesses:
    """Every access of one configuration, once per distinct list and views: in big files most statements are equal."""

    def __init__(self, config: Config, lists: Lists, reach: Reach) -> None:
        self._config = config
        self._lists = lists
        self._reach = reach
        self._known: dict[tuple[int, bool, tuple[int, ...]], Access] = {}

    def of(self, statement: Statement | None, opened: bool, views: tuple[View, ...]) -> Access:
        """The access under a list, or without one where everybody (`opened`) or nobody is let in."""
        acl = self._lists.acl(statement) if statement is not None else None
        key = (id(acl), opened and acl is None, tuple([id(view) for view in views]))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Access(
                self._config, self._lists, self._reach, statement, acl, opened, views
            )
        return known

    def instead(self, access: Access, match_list: MatchList) -> Access:
        """The access if this list stood in the place of the one that decides now."""
        acl = build(match_list, self._lists.lookup)
        return Access(self._config, self._lists, self._reach, access.statement, acl, False, access.views)


def grants_of(
    signer: str | None, addresses: _Sets, interfaces: Interfaces | None = None
) -> tuple[Grant, ...]:
    """One signer's rows from its sets by locality."""
    if interfaces is not None:
        resolved = interfaces.resolve(addresses)
        return (Grant(signer, "any", resolved),) if resolved else ()
    sets: dict[Locality, AddressSet] = {place: addresses(place) for place in LOCALITIES}
    if len(set(sets.values())) == 1:
        return (Grant(signer, "any", sets["elsewhere"]),) if sets["elsewhere"] else ()
    return tuple(Grant(signer, place, found) for place, found in sets.items() if found)
