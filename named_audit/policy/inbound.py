"""What a secondary's own transfers are authenticated with, primary by primary."""

from __future__ import annotations

from typing import NamedTuple

from named_audit.model.config import Config, Setting, Zone
from named_audit.model.names import canonical
from named_audit.model.serverlist import Server, ServerEntry, expand
from named_audit.syntax.words import fold

PULLING = frozenset({"secondary", "mirror", "stub"})
"""The zone types that fetch their content from `primaries`."""


class Source(NamedTuple):
    """One primary. `key` signs the polls and transfers; `skipped` says that BIND never asks it (unknown key).

    `verified_tls` says that its certificate is checked: a `tls` block with ca-file or remote-hostname.
    """

    server: Server
    key: str | None
    signed_by: str | None
    skipped: bool
    verified_tls: bool


class InboundPlan(NamedTuple):
    """Where a zone's content comes from."""

    primaries: Setting
    sources: tuple[Source, ...]
    undefined_lists: tuple[ServerEntry, ...]


def inbound_plan(config: Config, zone: Zone) -> InboundPlan:
    """The primaries of a zone; empty for a zone that is not transferred in."""
    setting = config.effective(zone, "primaries", "masters")
    if config.zone_type(zone) not in PULLING or setting.statement is None:
        return InboundPlan(setting, (), ())
    servers = expand(setting.statement, config)
    return InboundPlan(
        setting, tuple(_source(config, zone, server) for server in servers.servers), servers.undefined
    )


def _source(config: Config, zone: Zone, server: Server) -> Source:
    verified = _verifies(config, server.tls)
    if server.key is not None:
        known = canonical(server.key) in config.key_ring(zone.view)
        return Source(server, canonical(server.key), "entry", not known and not config.unseen, verified)
    block = config.server_for(zone.view, server.family, server.address)
    word = block.key if block is not None else None
    if word is not None:
        return Source(server, canonical(word.value), "server", False, verified)
    return Source(server, None, None, False, verified)


def _verifies(config: Config, tls: str | None) -> bool:
    definition = config.tls.get(fold(tls)) if tls is not None else None
    if definition is None:
        return False
    return any(child.name in ("ca-file", "remote-hostname") for child in definition.statement.children)
