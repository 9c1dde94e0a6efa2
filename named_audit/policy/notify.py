"""Whom this server notifies for a zone: where to, from where, over what, and what signs it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from named_audit.model.config import Config, Setting, View, Zone
from named_audit.model.matchlist import address_text
from named_audit.model.serverlist import Server, ServerEntry, ServerList
from named_audit.model.sources import SourceAddress
from named_audit.policy.addresses import AddressSet
from named_audit.policy.outgoing import Kinds, Outgoing, chosen_source, is_mapped, said_by_list
from named_audit.policy.reach import LOCALITIES, Lists, Reach
from named_audit.release import Release
from named_audit.syntax.shorten import shorten

if TYPE_CHECKING:
    from named_audit.model.zone_data import ZoneReader

SENDING = frozenset({"primary", "secondary", "mirror"})
"""The zone types that send NOTIFY."""

_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})
_DECIDING = ("notify", "also-notify", "notify-source", "notify-source-v6", "notify-to-soa")
_NO_LIST = ServerList((), ())


class NotifyTarget(NamedTuple):
    """One NOTIFY as it goes out; equal values mean that named sends the same.

    `address` and `family` are None where only a name is known (`name`, canonical, as in the NS record). `transport`
    is "udp", "tcp" or "tls"; `tls` names the tls block. `source` and `source_port` are None where the system chooses.
    `key` is canonical; None = unsigned.
    """

    family: int | None
    address: int | None
    name: str | None
    port: int
    transport: str
    key: str | None
    tls: str | None
    source: int | None
    source_port: int | None

    @property
    def text(self) -> str:
        """The address, or the name where no address is known."""
        if self.address is None or self.family is None:
            return self.name or ""
        return address_text(self.address, self.family)

    @property
    def source_text(self) -> str | None:
        """The source address as text; None where the system chooses."""
        return address_text(self.source, self.family) if self.source is not None and self.family else None


class Target(NamedTuple):
    """One server that also-notify names, and what is sent to it.

    `signed_by` says where the key comes from: "entry", "server" or None. `undefined_key` is a key that the entry names
    and the view does not know: BIND then falls back without a word. `unsent` says why nothing is sent after all:
    "blackhole", "mapped" (an IPv4-mapped address), or None. `instead` is what may go out in place of `sent`: with a key
    in the entry, BIND looks up the server block of an address that it has not set, and so finds that of whatever
    address the same memory held before, or none (9.18 to 9.21).
    """

    server: Server
    sent: NotifyTarget
    signed_by: str | None
    undefined_key: str | None
    unsent: str | None
    instead: tuple[NotifyTarget, ...] = ()

    @property
    def key(self) -> str | None:
        """The key that signs, canonical."""
        return self.sent.key


class NsTargets(NamedTuple):
    """What the zone's NS records add: the servers told because of them, and the one that is not (SOA MNAME).

    `targets` have addresses where the server's own zones give them, else the name alone. `unknown` says why this is
    not all, or not certain; None = it is exactly this.
    """

    names: tuple[str, ...]
    primary: str | None
    targets: tuple[NotifyTarget, ...]
    unknown: str | None


_NOT_LOOKED_AT = NsTargets((), None, (), "the zone's content was not looked at")


class _Shared(NamedTuple):
    """What all zones of one kind have in common."""

    mode: str
    told_by_ns: bool
    notify: Setting
    also_notify: Setting
    targets: tuple[Target, ...]
    listed: ServerList
    sends: frozenset[NotifyTarget]
    instead: frozenset[NotifyTarget]
    unknown: tuple[str, ...]
    to_soa: bool
    sources: tuple[SourceAddress, SourceAddress]


class NotifyPlan:
    """What named does when a zone changes.

    `mode` is "yes", "no", "explicit" or "primary-only"; `told_by_ns` says that the servers of the zone's NS records
    are told too (except the one in SOA MNAME, unless `notify-to-soa`), and `ns` which those are.
    """

    __slots__ = ("_shared", "also_notify", "notify", "ns")

    def __init__(self, shared: _Shared, notify: Setting, also_notify: Setting, ns: NsTargets | None) -> None:
        self._shared = shared
        self.notify = notify
        self.also_notify = also_notify
        self.ns = ns
        """None where the NS records do not matter."""

    @property
    def alike(self) -> int:
        """The same number for all zones that share this plan but for the places of its entries."""
        return id(self._shared)

    @property
    def mode(self) -> str:
        """The effective `notify` in today's words."""
        return self._shared.mode

    @property
    def told_by_ns(self) -> bool:
        """Whether the servers in the zone's NS records are told."""
        return self._shared.told_by_ns

    @property
    def to_soa(self) -> bool:
        """Whether the server in SOA MNAME is told too if it is in the NS records."""
        return self._shared.to_soa

    @property
    def sources(self) -> tuple[SourceAddress, SourceAddress]:
        """Where the zone's NOTIFY comes from where no server block says otherwise, for IPv4 and IPv6."""
        return self._shared.sources

    @property
    def targets(self) -> tuple[Target, ...]:
        """The servers that also-notify names, in its order, each with its place in this zone's own statement."""
        return tuple(
            target._replace(server=server)
            for target, server in zip(self._shared.targets, self._listed.servers, strict=True)
        )

    @property
    def undefined_lists(self) -> tuple[ServerEntry, ...]:
        """Entries that name a list which is not defined."""
        return self._listed.undefined if self._shared.listed.undefined else ()

    @property
    def sends(self) -> frozenset[NotifyTarget]:
        """Every NOTIFY that goes out, as values to compare; whole if `unknown` is empty."""
        if self.ns is None or not self.ns.targets:
            return self._shared.sends
        return self._shared.sends | frozenset(self.ns.targets)

    @property
    def instead(self) -> frozenset[NotifyTarget]:
        """What may go out in place of one of `sends` to the same address and port, see `Target.instead`."""
        return self._shared.instead

    @property
    def unknown(self) -> tuple[str, ...]:
        """Why `sends` may not be exactly what named sends."""
        if self.ns is None or self.ns.unknown is None:
            return self._shared.unknown
        return (*self._shared.unknown, self.ns.unknown)

    @property
    def silent(self) -> bool:
        """Whether nobody at all is told."""
        return not self.told_by_ns and self.nobody_listed

    @property
    def nobody_listed(self) -> bool:
        """Whether no server is told because of also-notify."""
        return not self._shared.targets and not self._shared.listed.undefined

    @property
    def _listed(self) -> ServerList:
        statement = self.also_notify.statement
        listed = self._shared.listed
        return listed.standing_in(statement) if statement is not None else listed


def sends_over_tls(release: Release) -> bool:
    """Whether a release does what `tls` in also-notify asks for.

    BIND before 9.20 reads it, takes the port from it, and sends in the clear.
    """
    return release.at_least(9, 19, 13)


def notify_mode(config: Config, zone: Zone, type_: str | None) -> tuple[str, Setting]:
    """The effective `notify` of a zone in today's words, with where it comes from."""
    setting = config.effective(zone, "notify")
    word = setting.word or "yes"
    mode = "yes" if word in _YES else "no" if word in _NO else word
    if mode == "master-only":
        mode = "primary-only"
    if type_ == "mirror" and mode == "yes":
        mode = "explicit"  # an inherited primary-only is left as it is, and a mirror zone is no primary
    return mode, setting


class Notifier:
    """The NOTIFY plans of one configuration; zones that are alike share theirs.

    Args:
        config: the configuration.
        lists: its match lists.
        reach: which clients land where in it.
        zone_data: reads the zones' content, for what NS records add; without it that is unknown.
        own: the addresses on which this server answers at its port; BIND tells itself nothing because of NS records.
    """

    def __init__(
        self,
        config: Config,
        lists: Lists,
        reach: Reach,
        *,
        zone_data: "ZoneReader | None" = None,
        own: AddressSet | None = None,
    ) -> None:
        self._config = config
        self._out = Outgoing(config)
        self._lists = lists
        self._reach = reach
        self._zone_data = zone_data
        self._own = own
        self._kinds = Kinds(_DECIDING)
        self._shared: dict[object, _Shared] = {}
        self._dropped: dict[tuple[int, int], bool | None] = {}

    def plan(self, zone: Zone) -> NotifyPlan:
        """Whom BIND tells of a new version of the zone."""
        kind = self._kinds.of(zone)
        shared = self._shared.get(kind)
        if shared is None:
            shared = self._shared[kind] = self._work_out(zone)
        statements = zone.level.statements
        own = statements.get("notify")
        notify = shared.notify if own is None else Setting(own, "zone")
        own = statements.get("also-notify")
        also = shared.also_notify if own is None else Setting(own, "zone")
        return NotifyPlan(shared, notify, also, self._by_ns(zone, shared) if shared.told_by_ns else None)

    def by_block(self, zone: Zone, target: Target) -> NotifyTarget:
        """What would be sent to a server of also-notify if BIND looked at the `server` block of its address."""
        server, sources = target.server, self.plan(zone).sources
        otherwise = chosen_source(said_by_list(server), sources[server.family == 6])
        said = self._out.said_of_notify_to(zone.view, server.family, server.address)
        return self._sent(server, target.key, otherwise, *said)

    def _work_out(self, zone: Zone) -> _Shared:
        config = self._config
        type_ = config.zone_type(zone)
        mode, notify = notify_mode(config, zone, type_)
        also = config.effective(zone, "also-notify")
        active = type_ in SENDING and (
            mode in ("yes", "explicit") or (mode == "primary-only" and type_ == "primary")
        )
        to_soa = config.effective(zone, "notify-to-soa").word in _YES
        sources = (
            self._out.zone_source(zone, 4, "notify-source"),
            self._out.zone_source(zone, 6, "notify-source"),
        )
        told = active and mode != "explicit"
        if not active or also.statement is None:
            nothing: frozenset[NotifyTarget] = frozenset()
            return _Shared(mode, told, notify, also, (), _NO_LIST, nothing, nothing, (), to_soa, sources)
        listed = self._out.expand(also.statement)
        targets = tuple(self._target(zone.view, server, sources) for server in listed.servers)
        sends = frozenset(target.sent for target in targets if target.unsent is None)
        instead = frozenset(other for target in targets if target.unsent is None for other in target.instead)
        unknown = tuple(dict.fromkeys(self._doubts(zone.view, targets, listed)))
        instead -= sends
        return _Shared(mode, told, notify, also, targets, listed, sends, instead, unknown, to_soa, sources)

    def _target(self, view: View, server: Server, sources: tuple[SourceAddress, SourceAddress]) -> Target:
        out = self._out
        family, address = server.family, server.address
        signature = out.entry_key(view, server)
        keyed = signature.key is not None
        if not keyed:
            signature = out.server_key(view, family, address, signature.undefined)
        otherwise = chosen_source(said_by_list(server), sources[family == 6])
        said = (None, False) if keyed else out.said_of_notify_to(view, family, address)
        sent = self._sent(server, signature.key, otherwise, *said)
        instead: dict[NotifyTarget, None] = {}
        if keyed:
            for said in out.said_of_notify(view, family):
                instead[self._sent(server, signature.key, otherwise, *said)] = None
            instead.pop(sent, None)
        unsent = self._unsent(family, address)
        return Target(server, sent, signature.by, signature.undefined, unsent, tuple(instead))

    def _sent(
        self, server: Server, key: str | None, otherwise: SourceAddress, said: SourceAddress | None, tcp: bool
    ) -> NotifyTarget:
        """What is sent to a server of also-notify if its block says this of the source and TCP."""
        source = chosen_source(said, otherwise)
        encrypted = server.tls is not None and self._sends_over_tls
        return NotifyTarget(
            server.family,
            server.address,
            None,
            self._out.port_of(server),
            "tls" if encrypted else "tcp" if tcp else "udp",
            key,
            server.tls if encrypted else None,
            source.address,
            source.port,
        )

    def _unsent(self, family: int, address: int) -> str | None:
        if is_mapped(family, address):
            return "mapped"
        return "blackhole" if self._blackholed(family, address) else None

    def _blackholed(self, family: int, address: int) -> bool | None:
        """Whether `blackhole` drops what is sent to an address; None if that depends on the host's interfaces."""
        at = (family, address)
        if at not in self._dropped:
            statement = self._config.options.statements.get("blackhole")
            if statement is None:
                found = {False}
            else:
                acl = self._lists.acl(statement)
                found = {acl.addresses(None, where).holds(address, family) for where in LOCALITIES}
            self._dropped[at] = found.pop() if len(found) == 1 else None
        return self._dropped[at]

    @property
    def _sends_over_tls(self) -> bool:
        return self._config.release is None or sends_over_tls(self._config.release)

    def _doubts(self, view: View, targets: tuple[Target, ...], listed: ServerList) -> Iterator[str]:
        ring = self._config.key_ring(view)
        for entry in listed.undefined:
            yield f"no server list {shorten(entry.text)} is defined in what was read"
        for target in targets:
            if target.unsent is not None:
                continue
            shown = target.sent.text
            if target.key is not None and target.key not in ring:
                yield f"no key {shorten(target.key)} is defined in what was read"
            if self._blackholed(target.server.family, target.server.address) is None:
                yield f"whether blackhole drops what is sent to {shown} depends on the server's interfaces"
            if target.instead:
                yield (
                    f"what is sent to {shown} has its key in also-notify: BIND may take its source and transport from the "
                    "server block of another address"
                )
            if target.server.tls is not None and self._config.release is None:
                yield f"BIND before 9.20 sends to {shown} in the clear"

    def _by_ns(self, zone: Zone, shared: _Shared) -> NsTargets:
        if self._zone_data is None:
            return _NOT_LOOKED_AT
        # Imported here: most runs read no zone files.
        from named_audit.model.zone_data import Unread

        data = self._zone_data.data(zone)
        if isinstance(data, Unread):
            return NsTargets((), None, (), data.reason)
        names = tuple(name for name in data.servers if shared.to_soa or name != data.primary)
        targets: dict[NotifyTarget, None] = {}
        unresolved: list[str] = []
        undecided: list[str] = []
        for name in names:
            addresses = self._zone_data.addresses(zone.view, name)
            if addresses is None:
                unresolved.append(name)
                targets[NotifyTarget(None, None, name, self._out.port, "udp", None, None, None, None)] = None
                continue
            for family, address in addresses:
                sent = self._told_by_ns(zone.view, family, address, shared.sources)
                if sent is not None:
                    targets[sent] = None
                    if self._blackholed(family, address) is None:
                        undecided.append(sent.text)
        unknown = list(data.doubts)
        if unresolved:
            unknown.append(f"the addresses of {_some(unresolved)} are not in the zones read here")
        if undecided:
            unknown.append(
                f"whether blackhole drops what is sent to {_some(undecided)} depends on the server's interfaces"
            )
        if self._own is None and any(target.address is not None for target in targets):
            unknown.append("which of these addresses are the server's own, and not told, is not known")
        skipped = data.primary if data.primary in data.servers and not shared.to_soa else None
        return NsTargets(names, skipped, tuple(targets), "; ".join(unknown) or None)

    def _told_by_ns(
        self, view: View, family: int, address: int, sources: tuple[SourceAddress, SourceAddress]
    ) -> NotifyTarget | None:
        """What is sent to an address of an NS name; None if nothing is."""
        signature = self._out.server_key(view, family, address)
        if self._unsent(family, address) is not None:
            return None
        zone_source = sources[family == 6]
        if self._own is not None and self._own.holds(address, family):
            # The server knows itself by the view that its own NOTIFY would land in.
            comes_from = zone_source.address if zone_source.address is not None else address
            if self._reach.clients((view,), signature.key, "localhost").holds(comes_from, family):
                return None
        said, tcp = self._out.said_of_notify_to(view, family, address)
        source = chosen_source(said, zone_source)
        transport = "tcp" if tcp else "udp"
        port, key = self._out.port, signature.key
        return NotifyTarget(family, address, None, port, transport, key, None, source.address, source.port)


def _some(items: list[str]) -> str:
    """The first of several names, and how many more there are."""
    more = f" and {len(items) - 1} more" if len(items) > 1 else ""
    return f"{items[0][:255]}{more}"
