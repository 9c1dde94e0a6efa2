"""Where a zone's content comes from, what proves it, and who may say that there is a new version."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from named_audit.model.config import Config, Setting, View, Zone
from named_audit.model.matchlist import Prefix, address_text
from named_audit.model.names import canonical
from named_audit.model.serverlist import Server, ServerEntry, ServerList
from named_audit.model.sources import SourceAddress
from named_audit.policy.addresses import BITS, LOOPBACK, AddressSet
from named_audit.policy.matchlist import Acl, Locality
from named_audit.policy.outgoing import Kinds, Outgoing, chosen_source, is_mapped, said_by_list
from named_audit.policy.reach import Lists, Reach
from named_audit.policy.transfer import PUBLIC_ZONES

PULLING = frozenset({"secondary", "mirror", "stub"})
"""The zone types that fetch their content from `primaries`."""

_HAVE_ALLOW_NOTIFY = frozenset({"secondary", "mirror"})
_NO_LIST = ServerList((), ())


class Request(NamedTuple):
    """How named asks one primary, for the SOA and for the zone; equal values mean that it asks in the same way.

    `transport` is "tls", or "plain" for UDP and TCP. `verified` says that the certificate is checked. `source` and
    `source_port` are None where the system chooses.
    """

    family: int
    address: int
    port: int
    transport: str
    key: str | None
    tls: str | None
    verified: bool
    source: int | None
    source_port: int | None

    @property
    def text(self) -> str:
        """The address as text."""
        return address_text(self.address, self.family)


class Source(NamedTuple):
    """One primary. `signed_by` says where the key comes from: "entry", "server" or None.

    `skipped` says that BIND never asks it: its entry names a key that the view does not have.
    """

    server: Server
    request: Request
    signed_by: str | None
    skipped: bool

    @property
    def key(self) -> str | None:
        """The key that signs the polls and transfers, canonical; for one that is skipped, the one it lacks."""
        return self.request.key

    @property
    def verified_tls(self) -> bool:
        """Whether its certificate is checked: a `tls` block with ca-file or remote-hostname."""
        return self.request.verified


class InboundPlan:
    """Where a zone's content comes from. `built_in` says that named brings the primaries of this mirror along."""

    __slots__ = ("_listed", "_sources", "built_in", "primaries")

    def __init__(
        self, primaries: Setting, sources: tuple[Source, ...], listed: ServerList, *, built_in: bool = False
    ) -> None:
        self.primaries = primaries
        self._sources = sources
        self._listed = listed
        self.built_in = built_in

    @property
    def alike(self) -> int:
        """The same number for all zones that share this plan but for the places of its entries."""
        return id(self._sources)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The primaries in the order in which they are asked, each with its place in this zone's own statement."""
        listed = self._own
        return tuple(
            source._replace(server=server)
            for source, server in zip(self._sources, listed.servers, strict=True)
        )

    @property
    def requests(self) -> tuple[Request, ...]:
        """How each primary is asked, in order, without those that are skipped."""
        return tuple(source.request for source in self._sources if not source.skipped)

    @property
    def undefined_lists(self) -> tuple[ServerEntry, ...]:
        """Entries that name a list which is not defined."""
        return self._own.undefined if self._listed.undefined else ()

    @property
    def _own(self) -> ServerList:
        statement = self.primaries.statement
        return self._listed.standing_in(statement) if statement is not None else self._listed


class NotifySenders:
    """Whose NOTIFY a secondary takes: its primaries' addresses, whatever signs it, and whom allow-notify admits."""

    __slots__ = ("_acl", "_reach", "_views", "primaries", "setting")

    def __init__(
        self, setting: Setting, primaries: AddressSet, acl: Acl | None, views: tuple[View, ...], reach: Reach
    ) -> None:
        self.setting = setting
        """The allow-notify that decides, if the zone's type has one."""
        self.primaries = primaries
        self._acl = acl
        self._views = views
        self._reach = reach

    @property
    def signers(self) -> tuple[str, ...]:
        """The keys that allow-notify names, canonical."""
        return tuple(self._acl.signers) if self._acl is not None else ()

    def addresses(self, signer: str | None, locality: Locality = "elsewhere") -> AddressSet:
        """From where a NOTIFY with this signer is taken; None stands for unsigned, or a key that no list names."""
        admitted = self.primaries
        if self._acl is not None:
            admitted = admitted | self._acl.addresses(signer, locality)
        return admitted & self._reach.clients(self._views, signer, locality)


class Inbound:
    """The inbound side of one configuration; zones that are alike share what is worked out."""

    def __init__(self, config: Config, lists: Lists, reach: Reach) -> None:
        self._config = config
        self._out = Outgoing(config)
        self._lists = lists
        self._reach = reach
        self._kinds = Kinds(("primaries", "masters", "transfer-source", "transfer-source-v6"))
        self._shared: dict[object, InboundPlan] = {}

    def plan(self, zone: Zone) -> InboundPlan:
        """The primaries of a zone; empty for a zone that is not transferred in."""
        kind = self._kinds.of(zone)
        shared = self._shared.get(kind)
        if shared is None:
            shared = self._shared[kind] = self._work_out(zone)
        statements = zone.level.statements
        own = statements.get("primaries") or statements.get("masters")
        if own is None or own is shared.primaries.statement:
            return shared
        return InboundPlan(Setting(own, "zone"), shared._sources, shared._listed, built_in=shared.built_in)

    def senders(self, zone: Zone) -> NotifySenders | None:
        """Whose NOTIFY makes the zone look for a new version; None for a type that ignores every NOTIFY."""
        type_ = self._config.zone_type(zone)
        if type_ not in PULLING:
            return None
        primaries = AddressSet.from_prefixes(
            Prefix(source.server.family, source.server.address, BITS[source.server.family])
            for source in self.plan(zone)._sources
        )
        setting = Setting(None, "default")
        if type_ in _HAVE_ALLOW_NOTIFY:
            setting = self._config.effective(zone, "allow-notify")
        acl = self._lists.acl(setting.statement) if setting.statement is not None else None
        return NotifySenders(setting, primaries, acl, self._reach.views_of(zone), self._reach)

    def _work_out(self, zone: Zone) -> InboundPlan:
        setting = self._config.effective(zone, "primaries", "masters")
        type_ = self._config.zone_type(zone)
        if type_ not in PULLING or setting.statement is None:
            built_in = type_ == "mirror" and setting.statement is None and zone.canonical == "."
            return InboundPlan(setting, (), _NO_LIST, built_in=built_in)
        listed = self._out.expand(setting.statement)
        sources = (
            self._out.zone_source(zone, 4, "transfer-source"),
            self._out.zone_source(zone, 6, "transfer-source"),
        )
        found = tuple(self._source(zone.view, server, sources) for server in listed.servers)
        return InboundPlan(setting, found, listed)

    def _source(self, view: View, server: Server, sources: tuple[SourceAddress, SourceAddress]) -> Source:
        family, address = server.family, server.address
        out = self._out
        signature = out.entry_key(view, server)
        skipped = signature.undefined is not None
        if server.key is None:
            signature = out.server_key(view, family, address)
        by_server = out.server_source(view, family, address, "transfer-source")
        source = chosen_source(by_server, said_by_list(server), sources[family == 6])
        request = Request(
            family,
            address,
            out.port_of(server),
            "tls" if server.tls is not None else "plain",
            canonical(signature.undefined) if signature.undefined is not None else signature.key,
            server.tls,
            out.verifies(server.tls),
            source.address,
            source.port,
        )
        return Source(server, request, "entry" if skipped else signature.by, skipped)


def unauthenticated(config: Config, zone: Zone, sources: Iterable[Source]) -> Iterator[Source]:
    """The primaries of a zone whose answers nothing authenticates although something should.

    That is all but loopback ones and those that nobody answers from; a mirror zone is validated by DNSSEC, and the operators of the root sign no transfers.
    """
    # A zone that comes at run time has no name.
    if config.zone_type(zone) == "mirror" or (zone.name and zone.canonical in PUBLIC_ZONES):
        return
    for source in sources:
        local = LOOPBACK.holds(source.server.address, source.server.family)
        if source.key is not None or source.verified_tls or local:
            continue
        if no_host(source.server.family, source.server.address) is None:
            yield source


def no_host(family: int, address: int) -> str | None:
    """Why nothing can be fetched from an address, whoever has it; None where that may be."""
    if is_mapped(family, address):
        return "BIND asks no IPv4 address that is written as IPv6"
    if address == 0:
        return "no address of a host: what is sent there comes back to this server"
    if _MULTICAST.holds(address, family):
        return "that is a multicast address"
    if _RESERVED.holds(address, family):
        return "that address is reserved or a broadcast address"
    return None


# Numbers, as everything here: the module that reads IPv6 addresses as text takes a while to import.
_MULTICAST = AddressSet.from_prefixes((Prefix(4, 224 << 24, 4), Prefix(6, 0xFF << 120, 8)))
_RESERVED = AddressSet.from_text("240.0.0.0/4", "0.0.0.0/8")
