"""Who may transfer a zone: the effective allow-transfer, made exact."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from named_audit.model.config import Config, Setting, View, Zone
from named_audit.model.matchlist import MatchList
from named_audit.policy.access import Access, Accesses
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import Acl, Locality
from named_audit.policy.reach import Lists, Reach
from named_audit.release import Release
from named_audit.syntax.tree import Statement

if TYPE_CHECKING:
    from named_audit.policy.runtime_zones import RuntimeZones

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

EMPTY_FILES = frozenset({"db.empty", "named.empty"})
"""The zone files that Debian and Red Hat ship for zones without content, as in Debian's zones.rfc1918."""

PUBLIC_ZONES = frozenset(
    {".", "arpa", "in-addr.arpa", "ip6.arpa", "root-servers.net", "in-addr-servers.arpa"}
)
"""Zones that their operators publish for anyone to transfer, unsigned (RFC 8806)."""


FIRST_CLOSED = (9, 20)
"""The first release line on which a zone without allow-transfer is closed: `none`, where it was `any` up to 9.19."""


def open_by_default(release: Release | None) -> bool | None:
    """Whether a zone without allow-transfer is open; None where the release is unknown."""
    return None if release is None else not release.at_least(*FIRST_CLOSED)


def has_no_content(zone: Zone) -> bool:
    """Whether the zone's file is one that is shipped without content."""
    path = Setting(zone.level.statements.get("file"), "zone").argument
    return path is not None and path.rsplit("/", 1)[-1] in EMPTY_FILES


class TransferPolicy:
    """One cause and the zones it decides for: an allow-transfer statement, or its absence, in one view.

    Sets are what a client can really take: after blackhole and the choice of the view.
    """

    __slots__ = ("_lists", "access", "acl", "config", "level", "runtime", "setting", "views", "zones")

    def __init__(
        self,
        config: Config,
        setting: Setting,
        zones: tuple[Zone, ...],
        access: Access,
        lists: Lists,
        runtime: "tuple[RuntimeZones, ...]" = (),
    ) -> None:
        self.config = config
        self.setting = setting
        self.level = setting.level
        self.zones = zones
        """The zones of the file; none where only zones of the run time are meant."""
        self.runtime = runtime
        """The zones that come at run time and for which this decides too."""
        self.access = access
        self.views = access.views
        self.acl: Acl | None = access.acl
        self._lists = lists

    @property
    def statement(self) -> Statement | None:
        """The deciding statement; None where the release's default decides."""
        return self.setting.statement

    @property
    def match_list(self) -> MatchList | None:
        """The deciding list as written, with its places in this statement; None where no list decides."""
        statement = self.setting.statement
        return self._lists.match_list(statement) if statement is not None else None

    @property
    def view(self) -> View:
        """The view that defines the zones."""
        return self.views[0]

    @property
    def port(self) -> int | None:
        """The local port that the statement asks for."""
        return self.access.port

    @property
    def transport(self) -> str | None:
        """The transport that the statement asks for: "tcp", "tls", or None."""
        return self.access.transport

    @property
    def signers(self) -> tuple[str, ...]:
        """The keys that the list names, canonical, defined in the zones' view or not."""
        return self.access.listed

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys with which somebody can take the zones: named by the list, known to the view, admitted somewhere."""
        return self.access.keys

    @property
    def decided_by_default(self) -> bool:
        """Whether no level has the statement."""
        return self.setting.statement is None and self.level == "default"

    def addresses(self, signer: str | None, locality: Locality = "elsewhere") -> AddressSet:
        """From where a request with this signer (None: unsigned) may be served, whatever a geoip database says.

        Where the default decides and the release is unknown, this is what releases up to 9.18 would serve.
        """
        return self.access.possible(signer, locality)

    def gained_by_key(self, signer: str, locality: Locality = "elsewhere") -> AddressSet:
        """Where the key may make the difference: served with it and not without."""
        return self.access.gained_by_key(signer, locality)

    @property
    def unsigned(self) -> AddressSet:
        """From where an unsigned request may be served, for clients that are neither local nor on-link."""
        return self.addresses(None, "elsewhere")

    @property
    def unsigned_off_host(self) -> AddressSet:
        """The unsigned set without loopback addresses: what another machine can use."""
        return self.access.unsigned_off_host

    @property
    def on_link_unsigned(self) -> bool:
        """Whether `localnets` lets unsigned neighbours in beyond what the addresses say."""
        return self.access.on_link_unsigned

    def open_families(self) -> tuple[int, ...]:
        """The address families over which nearly anyone is served without a key: at least half of the unicast space."""
        return self.access.open_families

    def requires_client_certificate(self) -> bool:
        """Whether only clients with a certificate can connect where the list lets anyone in: mutual TLS everywhere."""
        return self.access.needs_client_certificate()


class _Cause(NamedTuple):
    statement: int | None
    level: str
    views: tuple[int, ...]


class _Group(NamedTuple):
    setting: Setting
    access: Access
    zones: list[Zone]
    runtime: "list[RuntimeZones]"


def transfer_policies(
    config: Config,
    zones: Iterable[Zone],
    lists: Lists,
    reach: Reach,
    accesses: Accesses,
    runtime: "Iterable[RuntimeZones]" = (),
) -> tuple[TransferPolicy, ...]:
    """The policy of every zone that can be transferred, one per deciding statement and view, in file order.

    What comes at run time (`runtime`) is put to the policy that decides for it, or has one of its own.
    """
    groups: dict[_Cause, _Group] = {}
    for zone in zones:
        type_ = config.zone_type(zone)
        if type_ not in TRANSFERABLE:
            continue
        setting = effective_allow_transfer(config, zone, type_)
        views = reach.views_of(zone)
        cause = _cause(setting, views)
        group = groups.get(cause)
        if group is None:
            opened = setting.level == "default" and open_by_default(config.release) is not False
            groups[cause] = _Group(setting, accesses.of(setting.statement, opened, views), [zone], [])
        else:
            group.zones.append(zone)
    for each in runtime:
        cause = _cause(each.setting, each.access.views)
        groups.setdefault(cause, _Group(each.setting, each.access, [], [])).runtime.append(each)
    return tuple(
        TransferPolicy(config, setting, tuple(members), access, lists, tuple(more))
        for setting, access, members, more in groups.values()
    )


def _cause(setting: Setting, views: tuple[View, ...]) -> _Cause:
    return _Cause(
        id(setting.statement) if setting.statement is not None else None,
        setting.level,
        tuple([id(view) for view in views]),
    )


def effective_allow_transfer(config: Config, zone: Zone, type_: str) -> Setting:
    """The allow-transfer that decides; on a mirror zone only the zone's own or its template's counts."""
    setting = config.effective(zone, "allow-transfer")
    if type_ == "mirror" and setting.level not in ("zone", "template"):
        return Setting(None, "mirror")
    return setting
