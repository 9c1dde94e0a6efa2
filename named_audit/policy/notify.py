"""Whom this server notifies for a zone, and what signs it."""

from __future__ import annotations

from typing import NamedTuple

from named_audit.model.config import Config, Key, Setting, Zone
from named_audit.model.names import canonical
from named_audit.model.serverlist import Server, ServerEntry, expand
from named_audit.syntax.words import Word

_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})


class Target(NamedTuple):
    """One server that also-notify names. `signed_by` says where the key comes from: "entry", "server" or None.

    `undefined_key` is a key that the entry names and the view does not know: BIND then falls back without a word.
    """

    server: Server
    key: str | None
    signed_by: str | None
    undefined_key: str | None


class NotifyPlan(NamedTuple):
    """What named does when a zone changes.

    `mode` is "yes", "no", "explicit" or "primary-only"; `told_by_ns` says that the servers of the zone's NS records
    are told too (except the one in SOA MNAME, unless `notify-to-soa`).
    """

    mode: str
    notify: Setting
    also_notify: Setting
    targets: tuple[Target, ...]
    undefined_lists: tuple[ServerEntry, ...]
    told_by_ns: bool

    @property
    def silent(self) -> bool:
        """Whether nobody at all is told."""
        return not self.told_by_ns and not self.targets and not self.undefined_lists


def notify_mode(config: Config, zone: Zone, type_: str | None) -> tuple[str, Setting]:
    """The effective `notify` of a zone in today's words, with where it comes from."""
    setting = config.effective(zone, "notify")
    word = setting.word or "yes"
    mode = "yes" if word in _YES else "no" if word in _NO else word
    if mode == "master-only":
        mode = "primary-only"
    if type_ == "mirror" and mode in ("yes", "primary-only"):
        mode = "explicit"  # BIND turns an inherited yes into explicit for mirror zones
    return mode, setting


def notify_plan(config: Config, zone: Zone) -> NotifyPlan:
    """Whom BIND tells of a new version of the zone."""
    type_ = config.zone_type(zone)
    mode, notify = notify_mode(config, zone, type_)
    also = config.effective(zone, "also-notify")
    active = mode in ("yes", "explicit") or (mode == "primary-only" and type_ == "primary")
    if not active or also.statement is None:
        return NotifyPlan(mode, notify, also, (), (), active and mode != "explicit")
    servers = expand(also.statement, config)
    ring = config.key_ring(zone.view)
    targets = tuple(_target(config, zone, server, ring) for server in servers.servers)
    return NotifyPlan(mode, notify, also, targets, servers.undefined, mode != "explicit")


def _target(config: Config, zone: Zone, server: Server, ring: dict[str, Key]) -> Target:
    undefined: str | None = None
    if server.key is not None:
        if canonical(server.key) in ring:
            return Target(server, canonical(server.key), "entry", None)
        undefined = server.key
    block = config.server_for(zone.view, server.family, server.address)
    word: Word | None = block.key if block is not None else None
    if word is not None:
        return Target(server, canonical(word.value), "server", undefined)
    return Target(server, None, None, undefined)
