"""The server's own addresses and networks: what `localhost` and `localnets` stand for once they are known."""

from collections.abc import Callable
from typing import NamedTuple

from named_audit.model.matchlist import Prefix, parse_address
from named_audit.policy.addresses import BITS, AddressSet
from named_audit.policy.matchlist import Locality

_LOOPBACK_OWN = (Prefix(4, (127 << 24) + 1, 32), Prefix(6, 1, 128))
_LOOPBACK_NET = (Prefix(4, 127 << 24, 8), Prefix(6, 1, 128))


class Interfaces(NamedTuple):
    """All addresses of all interfaces, and the networks on them; loopback always counts."""

    own: AddressSet
    networks: AddressSet

    @classmethod
    def loopback(cls) -> "Interfaces":
        """What every server has."""
        return cls(AddressSet.from_prefixes(_LOOPBACK_OWN), AddressSet.from_prefixes(_LOOPBACK_NET))

    @classmethod
    def parse(cls, text: str) -> "Interfaces":
        """Read "192.0.2.1/24,2001:db8::1/64"; an address without a length has no neighbours.

        Raises:
            ValueError: an item is no address with an optional prefix length.
        """
        own, networks = list(_LOOPBACK_OWN), list(_LOOPBACK_NET)
        for item in text.split(","):
            address, slash, length = item.strip().partition("/")
            parsed = parse_address(address)
            if parsed is None or (slash and not _is_length(length, BITS[parsed[0]])):
                raise ValueError(f"{item.strip()[:60]!r} is no interface address; write it like 192.0.2.1/24")
            family, number = parsed
            bits = BITS[family]
            own.append(Prefix(family, number, bits))
            wide = int(length) if slash else bits
            networks.append(Prefix(family, number >> (bits - wide) << (bits - wide), wide))
        return cls(AddressSet.from_prefixes(own), AddressSet.from_prefixes(networks))

    def locality(self, address: int, family: int) -> Locality:
        """What an address is to the server."""
        if self.own.holds(address, family):
            return "localhost"
        return "localnets" if self.networks.holds(address, family) else "elsewhere"

    def resolve(self, addresses: Callable[[Locality], AddressSet]) -> AddressSet:
        """One set from what holds for each locality."""
        own, near = self.own, self.networks - self.own
        return (
            (addresses("localhost") & own)
            | (addresses("localnets") & near)
            | (addresses("elsewhere") - near - own)
        )


def _is_length(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= most
