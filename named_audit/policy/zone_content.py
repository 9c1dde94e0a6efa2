"""What a zone's own records say about who serves it, as far as that is certain."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from named_audit.model.config import Config, Zone
from named_audit.model.matchlist import address_text
from named_audit.model.sources import source_of
from named_audit.policy.addresses import LOOPBACK, PRIVATE, AddressSet
from named_audit.policy.listeners import listeners
from named_audit.policy.reach import Lists

if TYPE_CHECKING:
    from named_audit.model.zone_data import Addresses, Times, ZoneReader

MAX_ZONES = 200
"""For how many zones of one configuration the file is looked for."""

MAX_FILE = 64 << 10
"""The largest master file that is read for rules, in bytes: half a second."""

MAX_FILES = 256 << 10
"""How much is read of all master files for rules, in bytes."""

_MOST_OWN = 64
"""Lists of more addresses than this do not say which addresses the server has."""

_SOURCES = (("notify-source", 4), ("transfer-source", 4), ("notify-source-v6", 6), ("transfer-source-v6", 6))


class ZoneContent(NamedTuple):
    """The servers of a zone: names (canonical) of its NS records, of its SOA MNAME, and their addresses.

    `addresses` has None for a name whose addresses are not in the zones of the view.
    """

    path: str
    primary: str
    servers: tuple[str, ...]
    addresses: "Mapping[str, Addresses | None]"
    times: "Times"

    def told(self, *, to_soa: bool) -> "Addresses | None":
        """The addresses that BIND tells because of NS records, its own among them; None where not all are known.

        The server in SOA MNAME is told only with `to_soa` (notify-to-soa).
        """
        found: list[tuple[int, int]] = []
        for name in self.servers:
            if to_soa or name != self.primary:
                addresses = self.addresses[name]
                if addresses is None:
                    return None
                found.extend(addresses)
        return tuple(dict.fromkeys(found))

    def holders(self, own: AddressSet) -> tuple[str, ...]:
        """The names of NS records and of MNAME that have an address of a set."""
        return tuple(
            name
            for name, found in self.addresses.items()
            if any(own.holds(address, family) for family, address in found or ())
        )

    def texts(self, name: str) -> str:
        """The addresses of a name in a sentence; empty where none is known."""
        found = [address_text(address, family) for family, address in self.addresses.get(name) or ()]
        return ", ".join(found[:3])


class Contents:
    """The content of the zones of one configuration; nothing is known of zones whose file is not there or in doubt."""

    def __init__(self, config: Config, reader: "ZoneReader | None") -> None:
        self._config = config
        self._reader = reader
        self._left = MAX_ZONES
        self._known: dict[int, ZoneContent | None] = {}

    def of(self, zone: Zone) -> ZoneContent | None:
        """The servers of a zone; None where they are not known for certain."""
        if self._reader is None:
            return None
        if id(zone) not in self._known:
            self._left -= 1
            self._known[id(zone)] = self._read(zone, self._reader) if self._left >= 0 else None
        return self._known[id(zone)]

    def _read(self, zone: Zone, reader: "ZoneReader") -> ZoneContent | None:
        # Imported here: most runs read no zone file.
        from named_audit.model.zone_data import Unread

        data = reader.data(zone)
        if isinstance(data, Unread) or data.doubts:
            return None
        names = dict.fromkeys((*data.servers, data.primary))
        addresses = {name: reader.addresses(zone.view, name) for name in names}
        return ZoneContent(data.path, data.primary, data.servers, addresses, data.times)


class OwnAddresses(NamedTuple):
    """Which addresses the configuration says that the server has, loopback apart.

    `listening`: those that `listen-on` and `listen-on-v6` spell out, which are all of `families`. `sending`: those that
    it sends from.
    """

    listening: AddressSet
    families: frozenset[int]
    sending: AddressSet

    @property
    def all(self) -> AddressSet:
        """Everything that is known to be its own."""
        return self.listening | self.sending

    def excludes(self, family: int, address: int) -> bool:
        """Whether an address is certainly another machine's; behind a translator a public one could be its own."""
        if family not in self.families or self.all.holds(address, family):
            return False
        public = (self.listening & AddressSet.from_prefix(family, 0, 0)) - PRIVATE
        return PRIVATE.holds(address, family) or bool(public)


def own_addresses(config: Config, zone: Zone, lists: Lists) -> OwnAddresses:
    """The server's own addresses, as far as the configuration spells them out."""
    found = [each.addresses - LOOPBACK for each in listeners(config, lists)]
    listening = AddressSet.nothing()
    for each in found:
        listening = listening | each
    # A listener on addresses that are not spelt out may have any.
    vague = {family for family in (4, 6) if listening.size(family) > _MOST_OWN}
    for family in vague:
        listening = listening - AddressSet.from_prefix(family, 0, 0)
    families = frozenset(family for family in (4, 6) if listening.size(family))
    sending = AddressSet.nothing()
    for name, family in _SOURCES:
        source = source_of(config.effective(zone, name).statement, family)
        if source.address is not None:
            sending = sending | AddressSet.from_prefix(family, source.address, 32 if family == 4 else 128)
    return OwnAddresses(listening, families, sending - LOOPBACK)
