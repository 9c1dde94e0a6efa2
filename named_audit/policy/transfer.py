"""Who may transfer a zone: the effective allow-transfer, made exact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from named_audit.model.config import Config, Setting, View, Zone
from named_audit.model.matchlist import MatchList, Prefix
from named_audit.model.sources import default_port, default_tls_port
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import Acl, Locality
from named_audit.policy.reach import LOCALITIES, Lists, Reach
from named_audit.release import Release
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

TRANSFERABLE = frozenset({"primary", "secondary", "mirror"})
"""The zone types that can be transferred out. Elsewhere the statement is an error."""

STOCK_ZONES = frozenset(
    {
        "localhost",
        "localhost.localdomain",
        "0.in-addr.arpa",
        "127.in-addr.arpa",
        "255.in-addr.arpa",
        "0.0.127.in-addr.arpa",
        "1.0.0.127.in-addr.arpa",
        "1." + "0." * 31 + "ip6.arpa",
        "0." * 32 + "ip6.arpa",
    }
)
"""The zones that Debian's and Red Hat's packages serve as shipped; everybody has them, with the same content."""

PUBLIC_ZONES = frozenset(
    {".", "arpa", "in-addr.arpa", "ip6.arpa", "root-servers.net", "in-addr-servers.arpa"}
)
"""Zones that their operators publish for anyone to transfer, unsigned (RFC 8806)."""


def open_by_default(release: Release | None) -> bool | None:
    """Whether a zone without allow-transfer is open: `any` up to 9.19, `none` from 9.20.0 on; None = unknown."""
    return None if release is None else not release.at_least(9, 20)


class _Shared:
    """What policies with the same list and views have in common, worked out when it is first asked for."""

    __slots__ = ("keys", "off_host", "open_families", "sets")

    def __init__(self) -> None:
        self.sets: dict[tuple[str | None, str], AddressSet] = {}
        self.keys: tuple[str, ...] | None = None
        self.off_host: AddressSet | None = None
        self.open_families: tuple[int, ...] | None = None


class TransferPolicy:
    """One cause and the zones it decides for: an allow-transfer statement, or its absence, in one view.

    Sets are what a client can really take: after blackhole and the choice of the view.
    """

    __slots__ = (
        "_reach",
        "_shared",
        "acl",
        "config",
        "level",
        "match_list",
        "port",
        "setting",
        "transport",
        "views",
        "zones",
    )

    def __init__(
        self,
        config: Config,
        setting: Setting,
        views: tuple[View, ...],
        zones: tuple[Zone, ...],
        lists: Lists,
        reach: Reach,
        shared: _Shared,
    ) -> None:
        self.config = config
        self.setting = setting
        self.level = setting.level
        self.views = views
        self.zones = zones
        self._reach = reach
        self._shared = shared
        statement = setting.statement
        self.acl: Acl | None = lists.acl(statement) if statement is not None else None
        self.match_list: MatchList | None = lists.match_list(statement) if statement is not None else None
        self.port, self.transport = _port_and_transport(statement)

    @property
    def statement(self) -> Statement | None:
        """The deciding statement; None where the release's default decides."""
        return self.setting.statement

    @property
    def view(self) -> View:
        """The view that defines the zones."""
        return self.views[0]

    @property
    def signers(self) -> tuple[str, ...]:
        """The keys that the list names, canonical, defined in the zones' view or not."""
        return self.acl.signers if self.acl is not None else ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys with which somebody can take the zones: named by the list, known to the view, admitted somewhere."""
        shared = self._shared
        if shared.keys is None:
            ring = self.config.key_ring(self.view)
            seen = not self.config.unseen
            shared.keys = tuple(
                signer
                for signer in self.signers
                if (signer in ring or not seen)
                and any(self.gained_by_key(signer, locality) for locality in LOCALITIES)
            )
        return shared.keys

    @property
    def decided_by_default(self) -> bool:
        """Whether no level has the statement."""
        return self.setting.statement is None and self.level == "default"

    def addresses(self, signer: str | None, locality: Locality = "elsewhere") -> AddressSet:
        """From where a request with this signer (None: unsigned) is served.

        Where the default decides and the release is unknown, this is what releases up to 9.18 would serve.
        """
        key = (signer, locality)
        known = self._shared.sets.get(key)
        if known is None:
            if self.acl is not None:
                known = self.acl.addresses(signer, locality)
            elif self.level == "mirror" or open_by_default(self.config.release) is False:
                known = AddressSet.nothing()
            else:
                known = AddressSet.everything()
            if known and not self._listened_to():
                known = AddressSet.nothing()
            if known:
                known = known & self._reach.clients(self.views, signer, locality)
                if not known >= _MAPPED:
                    # BIND sees IPv4 clients as such: a mapped address (::ffff:192.0.2.1) never matches one.
                    known = known - _MAPPED
            self._shared.sets[key] = known
        return known

    def gained_by_key(self, signer: str, locality: Locality = "elsewhere") -> AddressSet:
        """Where the key makes the difference: served with it and not without."""
        return self.addresses(signer, locality) - self.addresses(None, locality)

    @property
    def unsigned(self) -> AddressSet:
        """From where an unsigned request is served, for clients that are neither local nor on-link."""
        return self.addresses(None, "elsewhere")

    @property
    def unsigned_off_host(self) -> AddressSet:
        """The unsigned set without loopback addresses: what another machine can use."""
        shared = self._shared
        if shared.off_host is None:
            shared.off_host = self.unsigned - LOOPBACK
        return shared.off_host

    @property
    def on_link_unsigned(self) -> bool:
        """Whether `localnets` lets unsigned neighbours in beyond what the addresses say."""
        return bool(self.addresses(None, "localnets") - self.addresses(None, "elsewhere") - LOOPBACK)

    def open_families(self) -> tuple[int, ...]:
        """The address families over which nearly anyone is served without a key: at least half of the unicast space."""
        shared = self._shared
        if shared.open_families is None:
            shared.open_families = tuple(family for family in (4, 6) if self.unsigned.share(family) >= 0.5)
        return shared.open_families

    def requires_client_certificate(self) -> bool:
        """Whether only TLS sessions with a client certificate can transfer: `transport tls` and mutual TLS everywhere.

        True only if there is a TLS listener on the port and each of them has a `ca-file`.
        """
        if self.transport != "tls":
            return False
        listeners = [item.tls for item in self._listeners() if item.tls is not None]
        return bool(listeners) and all(_verifies_clients(self.config, tls) for tls in listeners)

    def _listeners(self) -> list[_Listener]:
        """The listeners that the port and the transport of the list let in."""
        return [
            item
            for item in _listeners(self.config)
            if (self.port is None or item.port == self.port)
            and (self.transport is None or (item.tls is not None) == (self.transport == "tls"))
        ]

    def _listened_to(self) -> bool:
        """Whether the server listens where the list lets anyone in at all; True where that is not known."""
        if self.port is None and self.transport != "tls":
            return True
        return self.config.unseen or bool(self._listeners())


LOOPBACK = AddressSet.from_prefix(4, 127 << 24, 8) | AddressSet.from_prefix(6, 1, 128)

PRIVATE = AddressSet.from_prefixes(
    (
        Prefix(4, 10 << 24, 8),
        Prefix(4, (172 << 24) + (16 << 16), 12),
        Prefix(4, (192 << 24) + (168 << 16), 16),
        Prefix(6, 0xFC << 120, 7),
        Prefix(6, 0xFE80 << 112, 10),
    )
)
"""Addresses that the Internet does not route: RFC 1918, unique local and link-local."""


_MAPPED = AddressSet.from_prefix(6, 0xFFFF << 32, 96)


class _Cause(NamedTuple):
    statement: int | None
    level: str
    views: tuple[int, ...]


def transfer_policies(
    config: Config, zones: Iterable[Zone], lists: Lists, reach: Reach
) -> tuple[TransferPolicy, ...]:
    """The policy of every zone that can be transferred, one per deciding statement and view, in file order."""
    groups: dict[_Cause, tuple[Setting, tuple[View, ...], list[Zone]]] = {}
    for zone in zones:
        type_ = config.zone_type(zone)
        if type_ not in TRANSFERABLE:
            continue
        setting = effective_allow_transfer(config, zone, type_)
        views = reach.views_of(zone)
        cause = _Cause(
            id(setting.statement) if setting.statement is not None else None,
            setting.level,
            tuple(id(view) for view in views),
        )
        group = groups.get(cause)
        if group is None:
            groups[cause] = (setting, views, [zone])
        else:
            group[2].append(zone)
    # What the sets are depends only on the list and the views: equal statements share them.
    shared: dict[tuple[object, str, tuple[int, ...]], _Shared] = {}
    policies = []
    for cause, (setting, views, members) in groups.items():
        acl = lists.acl(setting.statement) if setting.statement is not None else None
        key = (id(acl), setting.level if acl is None else "", cause.views)
        same = shared.get(key)
        if same is None:
            same = shared[key] = _Shared()
        policies.append(TransferPolicy(config, setting, views, tuple(members), lists, reach, same))
    return tuple(policies)


def effective_allow_transfer(config: Config, zone: Zone, type_: str) -> Setting:
    """The allow-transfer that decides; on a mirror zone only the zone's own or its template's counts."""
    setting = config.effective(zone, "allow-transfer")
    if type_ == "mirror" and setting.level not in ("zone", "template"):
        return Setting(None, "mirror")
    return setting


def _port_and_transport(statement: Statement | None) -> tuple[int | None, str | None]:
    if statement is None:
        return None, None
    port: int | None = None
    transport: str | None = None
    head = statement.head
    for index, piece in enumerate(head[:-1]):
        following = head[index + 1]
        if piece.bare and isinstance(following, Word):
            if piece.low == "port" and following.value.isascii() and following.value.isdigit():
                port = int(following.value)
            elif piece.low == "transport":
                transport = following.low
    return port, transport


class _Listener(NamedTuple):
    """A port that is listened on; `tls` is None for plain DNS."""

    port: int
    tls: str | None


def _listeners(config: Config) -> list[_Listener]:
    """Every listener for DNS; those for HTTP serve no transfers."""
    plain = default_port(config)
    encrypted = default_tls_port(config)
    names = {statement.name for statement in config.listeners}
    found = [_Listener(plain, None)] if names != {"listen-on", "listen-on-v6"} else []
    for statement in config.listeners:
        port: int | None = None
        tls: str | None = None
        http = False
        head = statement.head
        for index, piece in enumerate(head[:-1]):
            following = head[index + 1]
            if not (piece.bare and isinstance(following, Word)):
                continue
            if piece.low == "port" and following.value.isascii() and following.value.isdigit():
                port = int(following.value[:9])
            elif piece.low == "tls":
                tls = following.value if following.low != "none" else None
            elif piece.low == "http":
                http = True
        if not http:
            found.append(_Listener(port if port is not None else encrypted if tls else plain, tls))
    return found


def _verifies_clients(config: Config, tls: str) -> bool:
    definition = config.tls.get(fold(tls))
    return definition is not None and any(child.name == "ca-file" for child in definition.statement.children)
