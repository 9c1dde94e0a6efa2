"""Where the server listens for DNS: what `port` and `transport` of an allow-transfer can be met by."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from named_audit.model.config import Config
from named_audit.model.names import port_number
from named_audit.model.sources import default_port, default_tls_port
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.reach import Lists
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

_ANY_IPV4 = AddressSet.from_prefix(4, 0, 0)
_ANY_IPV6 = AddressSet.from_prefix(6, 0, 0)


class Listener(NamedTuple):
    """A port that is listened on. `tls` names its tls block; None for plain DNS.

    `addresses` are those of the server's own addresses that are listened on, whichever they are.
    `client_certificates`: only clients with a certificate of the block's `ca-file` can connect (mutual TLS).
    `proxied`: connections begin with a PROXYv2 header, which says what address the client has.
    """

    port: int
    tls: str | None
    addresses: AddressSet
    client_certificates: bool = False
    proxied: bool = False

    @property
    def transport(self) -> str:
        """The transport as `allow-transfer` calls it: "tcp" or "tls"."""
        return "tcp" if self.tls is None else "tls"

    @property
    def loopback(self) -> bool:
        """Whether only programs on the server's own machine can connect."""
        return self.addresses <= LOOPBACK

    def serves(self, family: int) -> bool:
        """Whether a client may have an address of a family; what a PROXYv2 header says may be of either."""
        return self.proxied or bool(self.addresses.family(family))


def listeners(config: Config, lists: Lists) -> tuple[Listener, ...]:
    """Every listener for DNS that listens anywhere; those for HTTP serve no transfers."""
    plain = default_port(config)
    encrypted = default_tls_port(config)
    names = {statement.name for statement in config.listeners}
    defaults = (("listen-on", _ANY_IPV4), ("listen-on-v6", _ANY_IPV6))
    found = [Listener(plain, None, addresses) for name, addresses in defaults if name not in names]
    for statement in config.listeners:
        family = _ANY_IPV4 if statement.name == "listen-on" else _ANY_IPV6
        addresses = lists.acl(statement).addresses(None, "localhost") & family
        if not addresses:
            continue
        words = dict(_in_front(statement))
        if "http" in words:
            continue
        tls = words["tls"].value if "tls" in words and words["tls"].low != "none" else None
        port = port_number(words["port"].value) if "port" in words else None
        number = port if port is not None else encrypted if tls else plain
        verified = tls is not None and _verifies_clients(config, tls)
        found.append(Listener(number, tls, addresses, verified, "proxy" in words))
    return tuple(found)


def port_and_transport(statement: Statement | None) -> tuple[int | None, str | None]:
    """The local port and the transport that an allow-transfer asks for; None: any."""
    if statement is None:
        return None, None
    words = dict(_in_front(statement))
    port = port_number(words["port"].value) if "port" in words else None
    return port, words["transport"].low if "transport" in words else None


def _in_front(statement: Statement) -> Iterator[tuple[str, Word]]:
    """The keywords in front of a list, each with the word behind it."""
    for piece, following in pairwise(statement.head):
        if piece.bare and isinstance(following, Word):
            yield piece.low, following


def _verifies_clients(config: Config, tls: str) -> bool:
    definition = config.tls.get(fold(tls))
    return definition is not None and any(child.name == "ca-file" for child in definition.statement.children)
