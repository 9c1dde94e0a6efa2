"""Server lists, tls blocks and keys that named looks up, and that do not exist."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from named_audit.catalogue.check import arguments
from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import words_of
from named_audit.model.config import Config, Definition, View, Zone
from named_audit.model.names import canonical, is_dns_name, lists_share_names, port_number
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, fold

RULE = "invalid-reference"
AT_START = "invalid-at-start"

_LATE = "named-checkconf does not look here, and named does not start"

_ALONE = (
    "'{}' belongs behind an address; behind the name of a list it may stand from BIND 9.20.17 and 9.21.16 on"
)
_BESIDE = frozenset({"key", "tls", "built-in tls"})
_LISTS = ("primaries", "masters", "also-notify", "parental-agents")
_NOTIFIES = frozenset({"primary", "secondary", "mirror"})
_NO = frozenset({"no", "false", "0"})
_PRIMARY_ONLY = frozenset({"primary-only", "master-only"})


class _Lost(NamedTuple):
    """A word that names nothing or cannot stand there, at offsets in the text of its statement."""

    message: str
    start: int
    end: int
    absence: bool
    late: bool = False
    """Whether only named finds it, and does not start."""


class _Own(NamedTuple):
    """What a server list holds by itself: words that lead nowhere, and the lists that it names (in lower case)."""

    lost: tuple[_Lost, ...]
    lists: tuple[str, ...]


def lost_names(config: Config) -> Iterator[Refusal]:
    """Every name that named looks up in vain, once for each place."""
    looked_up = _Lookups(config)
    found: dict[Span, Refusal] = {}
    for view in config.views:
        looked_up.view(view)
    looked_up.listeners()
    looked_up.controls()
    for refusal in looked_up.found:
        found.setdefault(refusal.span, refusal)
    yield from found.values()


class _Lookups:
    def __init__(self, config: Config) -> None:
        self.found: list[Refusal] = []
        self._config = config
        self._names = config.names
        release = config.release
        self._own: dict[tuple[str, str, bool, int], _Own] = {}
        self._passed: set[tuple[int, int]] = set()
        self._all_lists_sound: dict[tuple[bool, int], bool] = {}
        self._global_keys = {key.canonical for key in config.keys}
        self._keys_checked = release is not None and (
            release.at_least(9, 20, 17) if release.line == "9.20" else release.at_least(9, 21, 16)
        )
        """Before, a server whose key is not defined is never asked, or told without it."""
        self._lists_stand_alone = release is not None and not self._keys_checked
        self._tls_known = release is None or release.at_least(9, 18)
        self._agents_known = release is None or release.at_least(9, 16, 19)
        self._agents_apart = not lists_share_names(release)
        self._forwarders_tls = release is None or release.at_least(9, 20)

    def _say(self, statement: Statement, lost: _Lost) -> None:
        span = statement.locate(lost.start, lost.end)
        rule, message = (AT_START, f"{lost.message}: {_LATE}") if lost.late else (RULE, lost.message)
        self.found.append(Refusal(rule, message, span, absence=lost.absence))

    def view(self, view: View) -> None:
        """Look up what the zones and the servers of a view name."""
        names = self._names
        if not names.isdisjoint(_LISTS):
            self._zones(view)
        for server in view.servers or self._config.servers:
            keys = server.statements.get("keys")
            for argument in arguments(keys, "server", None) if keys is not None else ():
                ring, place = self._ring(view), (argument.start, argument.end)
                lost = (
                    _lost_key(argument.value, *place, ring, "unknown key") if argument.type == "key" else None
                )
                if lost is not None and keys is not None:
                    self._say(keys, lost)
        if "catalog-zones" in names:
            statement = self._config.view_setting(view, "catalog-zones").statement
            if statement is not None:
                self._catalogs(statement)
        if "forwarders" in names and "tls" in names and self._forwarders_tls:
            levels = [zone.level for zone in view.zones] + [view.level, self._config.options]
            for level in levels:
                self._tls(level.statements.get("forwarders"), "options")

    def _catalogs(self, statement: Statement) -> None:
        for argument in arguments(statement, "options", None):
            if argument.type == "server list" and self._list(argument.value, False) is None:
                message = f"unable to find primaries list '{shorten(argument.value)}'"
                self._say(statement, _Lost(message, argument.start, argument.end, True, late=True))

    def _ring(self, view: View) -> set[str]:
        return self._global_keys | {key.canonical for key in view.keys} if view.keys else self._global_keys

    def _zones(self, view: View) -> None:
        config = self._config
        inherited: set[str] = set()
        told = config.view_setting(view, "also-notify").statement
        sound = told is None or self._sound(told, view)
        names = [name for name in _LISTS if name in self._names]
        for zone in view.zones:
            table = zone.level.statements
            # Nearly every list is sound; whether it counts need not be known then.
            if sound and "template" not in table and self._all_sound(table, names, view):
                continue
            kind = config.zone_type(zone)
            if kind in ("secondary", "stub", "mirror", "redirect"):
                statement = table.get("primaries") or table.get("masters")
                if statement is None and "template" in table:
                    statement = config.effective(zone, "primaries", "masters").statement
                if statement is not None:
                    # named-checkconf passes these over, and named looks up only the lists that they name.
                    late = kind == "redirect" or (kind == "mirror" and zone.canonical == ".")
                    self._servers(statement, view, late=late)
            if kind in _NOTIFIES:
                if "also-notify" in table or "notify" in table or "template" in table:
                    self._also_notify(zone, kind == "primary")
                elif kind not in inherited:
                    inherited.add(kind)
                    self._also_notify(zone, kind == "primary")
            if kind in ("primary", "secondary") and self._agents_known:
                statement = table.get("parental-agents")
                if statement is None and "template" in table:
                    statement = config.effective(zone, "parental-agents").statement
                if statement is not None:
                    self._servers(statement, view, agents=self._agents_apart)

    def _all_sound(self, table: Mapping[str, Statement], names: Iterable[str], view: View) -> bool:
        for name in names:
            statement = table.get(name)
            if statement is not None and not self._sound(statement, view):
                return False
        return True

    def _sound(self, statement: Statement, view: View) -> bool:
        """Whether all is there that a list names and, as far as it names lists, that any list names."""
        agents = self._agents_apart and statement.name == "parental-agents"
        own = self._own_of(statement, "zone", view, agents)
        if own.lost or not own.lists:
            return not own.lost
        key = (agents, id(view) if self._keys_checked else 0)
        if key not in self._all_lists_sound:
            lists = (*self._config.server_lists.values(), *self._config.parental_agents.values())
            self._all_lists_sound[key] = not any(
                self._own_of(each.statement, "top", view, agents).lost for each in lists
            )
        return self._all_lists_sound[key]

    def _also_notify(self, zone: Zone, primary: bool) -> None:
        statement = self._config.effective(zone, "also-notify").statement
        notify = self._config.effective(zone, "notify").word
        if statement is None or notify in _NO or (notify in _PRIMARY_ONLY and not primary):
            return
        self._servers(statement, zone.view)

    def _servers(self, statement: Statement, view: View, *, agents: bool = False, late: bool = False) -> None:
        """Look up what a list names, and what the lists name that it names; each list only once."""
        view_id = id(view) if self._keys_checked else 0
        own = self._own_of(statement, "zone", view, agents)
        for lost in own.lost:
            if not late:
                self._say(statement, lost)
            elif lost.late or lost.message.startswith("unable"):
                self._say(statement, lost._replace(late=True))
        waiting = list(own.lists)
        while waiting:
            definition = self._list(waiting.pop(), agents)
            if definition is None or (id(definition.statement), view_id) in self._passed or late:
                continue
            self._passed.add((id(definition.statement), view_id))
            own = self._own_of(definition.statement, "top", view, agents)
            for lost in own.lost:
                self._say(definition.statement, lost)
            waiting += own.lists

    def _own_of(self, statement: Statement, context: str, view: View, agents: bool) -> _Own:
        key = (statement.text, context, agents, id(view) if self._keys_checked else 0)
        own = self._own.get(key)
        if own is None:
            own = self._own[key] = self._look_up(statement, context, view, agents)
        return own

    def _look_up(self, statement: Statement, context: str, view: View, agents: bool) -> _Own:
        lost = list(_bad_port(statement)) if "port" in statement.text else []
        lists: list[str] = []
        bare = False
        for argument in arguments(statement, context, None):
            value, place = argument.value, (argument.start, argument.end)
            if argument.type in ("address", "server list"):
                bare = argument.type == "server list" and self._lists_stand_alone
            elif bare and argument.type in _BESIDE:
                what = argument.type.removeprefix("built-in ")
                lost.append(
                    _Lost(f"unexpected token '{shorten(value)}': {_ALONE.format(what)}", *place, False)
                )
                continue
            if argument.type == "server list":
                low = fold(value)
                if low in lists:
                    continue
                lists.append(low)
                if self._list(value, agents) is None:
                    kind = "parental-agents" if agents else "primaries"
                    lost.append(_Lost(f"unable to find {kind} list '{shorten(value)}'", *place, True))
            elif argument.type == "key":
                ring = self._ring(view) if self._keys_checked else None
                gone = _lost_key(value, *place, ring, "key is not defined:")
                if gone is not None:
                    lost.append(gone)
            elif argument.type in ("tls", "built-in tls") and self._tls_known:
                low = fold(value)
                if not is_dns_name(value):
                    lost.append(_Lost(f"tls '{shorten(value)}': not a valid name", *place, False))
                elif low not in self._config.tls and low != "ephemeral":
                    lost.append(_Lost(f"tls '{shorten(value)}' is not defined", *place, low != "none"))
        return _Own(tuple(lost), tuple(lists))

    def _list(self, name: str, agents: bool) -> Definition | None:
        config = self._config
        if agents and config.release is not None:
            return config.parental_agents.get(fold(name))
        if agents:
            return config.named_lists.get(fold(name))
        return config.server_list(name)

    def listeners(self) -> None:
        """Look up the tls blocks of the listeners."""
        if "tls" in self._names or any(
            "tls" in statement.text.lower() for statement in self._config.listeners
        ):
            for statement in self._config.listeners:
                self._tls(statement, "options")

    def _tls(self, statement: Statement | None, context: str) -> None:
        if statement is None:
            return
        for argument in arguments(statement, context, None):
            if argument.type == "tls" and fold(argument.value) not in self._config.tls:
                message = f"tls '{shorten(argument.value)}' is not defined"
                self._say(statement, _Lost(message, argument.start, argument.end, True))

    def controls(self) -> None:
        """Look up the keys of the control channels, which are compared as text."""
        known = {fold(key.name) for key in self._config.keys}
        for controls in self._config.controls:
            for child in controls.children:
                groups = [piece for piece in child.pieces if isinstance(piece, Group)]
                allowed = groups[0].end if groups and child.name == "inet" else 0
                for argument in arguments(child, "controls", None):
                    # Whom `allow` names by a key is no key of the channel.
                    if argument.start < allowed or argument.type != "key":
                        continue
                    if fold(argument.value) not in known:
                        message = f"unknown key '{shorten(argument.value)}'"
                        self._say(child, _Lost(message, argument.start, argument.end, True))


def _bad_port(statement: Statement) -> Iterator[_Lost]:
    for keyword, word in pairwise(words_of(statement)):
        if keyword.bare and keyword.low == "port" and (port_number(word.value) or 0) > 65535:
            yield _Lost(
                f"port '{shorten(word.value)}' is out of range", word.start, word.end, False, late=True
            )


def _lost_key(name: str, start: int, end: int, ring: set[str] | None, what: str) -> _Lost | None:
    """What is wrong with the name of a key: no name at all, or not in a ring (None: any name will do)."""
    if not is_dns_name(name):
        return _Lost(f"'{shorten(name)}' is not a valid name", start, end, False)
    if ring is not None and canonical(name) not in ring:
        return _Lost(f"{what} '{shorten(name)}'", start, end, True)
    return None
