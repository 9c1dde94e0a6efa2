"""What the rest of the configuration already says about a peer: the key that belongs to an address."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.model.config import Config, View
from named_audit.model.names import canonical
from named_audit.model.serverlist import Server, expand

_LISTS = ("also-notify", "primaries", "masters")


class Peers:
    """Keys by address, collected once per configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._keys: dict[tuple[int, int], set[str]] | None = None

    def key_of(self, family: int, address: int, view: View) -> str | None:
        """The one defined key that is used towards an address (canonical), or None if there is none or several."""
        if self._keys is None:
            self._keys = {}
            for server in self._servers():
                if server.key is not None:
                    self._keys.setdefault((server.family, server.address), set()).add(canonical(server.key))
        keys = set(self._keys.get((family, address), ()))
        block = self._config.server_for(view, family, address)
        if block is not None and block.key is not None and block.length in (32, 128):
            keys.add(canonical(block.key.value))
        ring = self._config.key_ring(view)
        defined = [key for key in keys if key in ring]
        return ring[defined[0]].name if len(defined) == 1 else None

    def _servers(self) -> Iterator[Server]:
        config = self._config
        for definition in config.named_lists.values():
            yield from expand(definition.statement, config).servers
        seen: set[str] = set()
        levels = [config.options, *(view.level for view in config.views), *config.templates.values()]
        for level in [*levels, *(zone.level for zone in config.zones)]:
            for name in _LISTS:
                statement = level.statements.get(name)
                if statement is not None and "key" in (text := statement.text) and text not in seen:
                    seen.add(text)
                    yield from expand(statement, config).servers
