"""What named sends to other servers, whatever it sends: the key, the source and the port that hold for an address."""

from collections.abc import Hashable
from typing import NamedTuple

from named_audit.model.config import Config, ServerBlock, Setting, View, Zone
from named_audit.model.names import canonical
from named_audit.model.serverlist import Server, ServerList, expand
from named_audit.model.sources import ANY_SOURCE, SourceAddress, default_port, default_tls_port, source_of
from named_audit.release import Release
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

_YES = frozenset({"yes", "true", "1"})


class Signature(NamedTuple):
    """The key that signs a message: its canonical name, and whether the "entry" or a "server" block names it.

    `undefined` is a key that the entry names and that the view does not have.
    """

    key: str | None
    by: str | None
    undefined: str | None = None


class Outgoing:
    """Keys, sources and ports of one configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.port = default_port(config)
        self.tls_port = default_tls_port(config)
        self._blocks: dict[tuple[int, int, int], ServerBlock | None] = {}
        self._lists: dict[str, ServerList] = {}

    def expand(self, statement: Statement) -> ServerList:
        """A server list expanded, once for each text: see `ServerList.standing_in` for where an entry stands."""
        text = statement.text
        known = self._lists.get(text)
        if known is None:
            known = self._lists[text] = expand(statement, self._config)
        return known

    def block(self, view: View, family: int, address: int) -> ServerBlock | None:
        """The `server` block that holds for an address in a view."""
        at = (id(view), family, address)
        if at not in self._blocks:
            self._blocks[at] = self._config.server_for(view, family, address)
        return self._blocks[at]

    def port_of(self, server: Server) -> int:
        """The port of a server of a list: its own, else its list's, else the default of its transport."""
        if server.port:
            return server.port
        return self.tls_port if server.tls is not None else self.port

    def entry_key(self, view: View, server: Server) -> Signature:
        """What the entry itself says about the key."""
        if server.key is None:
            return Signature(None, None)
        key = canonical(server.key)
        # What was not read may define it.
        if key in self._config.key_ring(view) or self._config.unseen:
            return Signature(key, "entry")
        return Signature(None, None, undefined=server.key)

    def server_key(self, view: View, family: int, address: int, undefined: str | None = None) -> Signature:
        """The key that the `server` block for an address names."""
        block = self.block(view, family, address)
        word = block.key if block is not None else None
        if word is None:
            return Signature(None, None, undefined)
        return Signature(canonical(word.value), "server", undefined)

    def server_source(self, view: View, family: int, address: int, name: str) -> SourceAddress | None:
        """What the `server` block for an address says about the source, by the statement's name for IPv4."""
        block = self.block(view, family, address)
        statement = block.statements.get(by_family(name, family)) if block is not None else None
        return source_of(statement, family) if statement is not None else None

    def said_of_notify_to(self, view: View, family: int, address: int) -> tuple[SourceAddress | None, bool]:
        """What the `server` block for an address says of a NOTIFY: its source, if any, and whether it goes over TCP."""
        block = self.block(view, family, address)
        return _said(block) if block is not None else (None, False)

    def said_of_notify(self, view: View, family: int) -> tuple[tuple[SourceAddress | None, bool], ...]:
        """What any of a view's `server` blocks says of a NOTIFY to a family."""
        found: dict[tuple[SourceAddress | None, bool], None] = {}
        for block in view.servers or self._config.servers:
            source, tcp = _said(block)
            # From a source of the other family nothing can be sent.
            if source is None or block.family == family:
                found[(source, tcp)] = None
        return tuple(found)

    def zone_source(self, zone: Zone, family: int, name: str) -> SourceAddress:
        """What the zone, its template, its view or the options say about the source."""
        return source_of(self._config.effective(zone, by_family(name, family)).statement, family)

    def verifies(self, tls: str | None) -> bool:
        """Whether a `tls` block makes named check the certificate of the server that it talks to.

        It does with ca-file or remote-hostname, which came with 9.18.3 and 9.19.1; never with `ephemeral`.
        """
        definition = self._config.tls.get(fold(tls)) if tls is not None else None
        release = self._config.release
        if definition is None or (release is not None and not can_verify(release)):
            return False
        return any(child.name in ("ca-file", "remote-hostname") for child in definition.statement.children)


class Kinds:
    """Zones of which the same is known: the same view, and the same texts for the statements that matter.

    What all zones of a kind share is worked out once; that is most of the work where thousands of zones are alike.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = ("template", "in-view", "type", *names)

    def of(self, zone: Zone) -> Hashable:
        """A value that is the same for all zones of one kind."""
        get = zone.level.statements.get
        return (
            id(zone.view),
            *[None if (found := get(name)) is None else found.text for name in self._names],
        )


def _said(block: ServerBlock) -> tuple[SourceAddress | None, bool]:
    source = block.statements.get(by_family("notify-source", block.family))
    tcp = block.statements.get("tcp-only")
    return (
        source_of(source, block.family) if source is not None else None,
        tcp is not None and Setting(tcp, "server").word in _YES,
    )


def by_family(name: str, family: int) -> str:
    """The name of a statement that exists for both families: `notify-source` or `notify-source-v6`."""
    return name if family == 4 else f"{name}-v6"


def is_mapped(family: int, address: int) -> bool:
    """Whether an address is an IPv4 address written as IPv6 (::ffff:192.0.2.1)."""
    return family == 6 and address >> 32 == 0xFFFF


def said_by_list(server: Server) -> SourceAddress | None:
    """What the head of its list says of a server's source; with `*` it leaves that to the zone."""
    return server.source if server.source is not None and server.source.address is not None else None


def chosen_source(*candidates: SourceAddress | None) -> SourceAddress:
    """The first of several source addresses that says anything."""
    return next((found for found in candidates if found is not None), ANY_SOURCE)


def can_verify(release: Release) -> bool:
    """Whether a release knows ca-file and remote-hostname, without which no certificate is checked."""
    if release.at_least(9, 19):
        return release.at_least(9, 19, 1)
    return release.at_least(9, 18, 3)
