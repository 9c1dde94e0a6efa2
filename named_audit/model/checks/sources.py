"""Source addresses: those with the port that named listens on, and those of a family that the server is not of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import words_of
from named_audit.model.config import Config, ServerBlock
from named_audit.model.sources import default_port
from named_audit.release import Release
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word

_OF_ZONES = ("notify-source", "parental-source", "transfer-source")
_OF_SERVERS = ("notify-source", "query-source", "transfer-source")
_OF_OPTIONS = ("query-source",)
_LISTENER_SINCE = {"9.16": 37, "9.18": 11}
"""Up to which patch level the port was not compared."""


def check_sources(config: Config) -> Iterator[Refusal]:
    """Every such fault."""
    servers = [*config.servers, *(server for view in config.views for server in view.servers)]
    for server in servers:
        yield from _families(server)
    if not _compares(config.release):
        return
    port = default_port(config)
    # Where no `port` was seen it may stand in what was not read.
    assumed = "port" not in config.options.statements
    for level in (config.options, *(view.level for view in config.views)):
        for statement in _present(level.statements, _OF_OPTIONS):
            yield from _listener_port(statement, port, assumed)
    for server in servers:
        own = "-v6" if server.family == 6 else ""
        for name in _OF_SERVERS:
            found = server.statements.get(name + own)
            if found is not None:
                yield from _listener_port(found, port, assumed)
    yield from _zones(config, port, assumed)


def _zones(config: Config, port: int, assumed: bool) -> Iterator[Refusal]:
    """What holds for zones: their own statements and those of the options. named does not look at those of views."""
    inherited = {each.name: each for each in _present(config.options.statements, _OF_ZONES)}
    names = [name + family for name in _OF_ZONES for family in ("", "-v6") if name + family in config.names]
    if not names:
        return
    used: set[str] = set()
    for zone in config.zones:
        table = zone.level.statements
        if "in-view" in table:
            continue
        for name in names:
            statement = table.get(name)
            if statement is not None:
                yield from _listener_port(statement, port, assumed)
            elif name not in used and name in inherited:
                used.add(name)
                yield from _listener_port(inherited[name], port, assumed)


def _present(table: Mapping[str, Statement], names: tuple[str, ...]) -> Iterator[Statement]:
    for name in names:
        for family in ("", "-v6"):
            statement = table.get(name + family)
            if statement is not None:
                yield statement


def _compares(release: Release | None) -> bool:
    if release is None:
        return False
    release = release.nearest
    if release.line == "9.11":
        return False
    return release.patch > _LISTENER_SINCE.get(release.line, -1)


def _listener_port(statement: Statement, port: int, assumed: bool) -> Iterator[Refusal]:
    words = words_of(statement)
    if any(word.low == "none" for word in words):
        return
    # A source without a port, and `port *`, have port 0.
    own: int | None = 0
    for keyword, word in pairwise(words):
        if keyword.low == "port" and keyword.bare:
            own = 0 if word.value == "*" else _port(word)
    if own == port:
        message = f"'{statement.name}' cannot specify the DNS listener port ({port})"
        yield Refusal("invalid-combination", message, statement.name_span, absence=assumed)


def _port(word: Word) -> int | None:
    # Unlike the `port` of the options, this one is always decimal.
    value = word.value
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else None


def _families(server: ServerBlock) -> Iterator[Refusal]:
    other = "" if server.family == 6 else "-v6"
    for name in _OF_SERVERS:
        statement = server.statements.get(name + other)
        if statement is not None:
            kind = f"IPv{server.family}"
            message = f"'{name + other}' is not legal for a server with an {kind} address"
            related = (Related(statement.name_span, "here"),)
            yield Refusal("invalid-combination", message, server.statement.name_span, related)
