"""What is logged where: the channels and categories of the `logging` statement, and those that are built in."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.config import Config
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

Destination: TypeAlias = Literal["file", "syslog", "stderr", "null"]

CRITICAL, ERROR, WARNING, NOTICE, INFO, DEBUG = range(6)
"""Severities: a channel writes the lines whose number is not above its own."""

SEVERITIES = ("critical", "error", "warning", "notice", "info", "debug")

_YES = frozenset({"yes", "true", "1"})


class LogChannel(NamedTuple):
    """A channel. `statement` is None for one that is built in. `name` is as written where it is defined.

    `severity` is what it writes while debugging is off, -1 for nothing: that is `default_debug`.
    """

    name: str
    destination: Destination
    severity: int
    statement: Statement | None = None

    def child(self, name: str) -> Statement | None:
        """A statement of its block."""
        children = self.statement.children if self.statement is not None else ()
        return next((child for child in children if child.name == name), None)

    def says_yes(self, name: str) -> bool:
        """Whether a statement of its block says yes."""
        word = _argument(self.child(name))
        return word is not None and word.low in _YES

    def writes(self, severity: int) -> bool:
        """Whether lines of a severity get anywhere."""
        return self.destination != "null" and severity <= self.severity


BUILT_IN = {
    "default_syslog": LogChannel("default_syslog", "syslog", INFO),
    "default_debug": LogChannel("default_debug", "file", -1),
    "default_stderr": LogChannel("default_stderr", "stderr", INFO),
    "null": LogChannel("null", "null", -1),
}


class Route(NamedTuple):
    """Where the lines of a category go.

    `statements` are those that decide: the category's own, else those of `default`, else none (built in). `unknown`
    says that a channel which they name is not defined here.
    """

    statements: tuple[Statement, ...]
    own: bool
    channels: tuple[LogChannel, ...]
    unknown: bool

    def writers(self, severity: int) -> tuple[LogChannel, ...]:
        """The channels that write lines of a severity."""
        return tuple(channel for channel in self.channels if channel.writes(severity))


class Logging:
    """The `logging` statement; `statement` is None where there is none."""

    def __init__(self, config: Config) -> None:
        self.statement: Statement | None = None
        self.channels: dict[str, LogChannel] = {}
        """Those of the file, by name in lower case."""
        self.categories: dict[str, list[Statement]] = {}
        """The statements of each category; their names mind their case."""
        if "logging" not in config.names:
            return
        found = (each for each in config.tree.statements if each.name == "logging" and each.type != "INCLUDE")
        self.statement = next(found, None)
        for child in self.statement.children if self.statement is not None else ():
            word = _argument(child)
            if word is not None and child.name == "channel":
                self.channels.setdefault(word.low, _channel(word.value, child))
            elif word is not None and child.name == "category":
                self.categories.setdefault(word.value, []).append(child)

    def route(self, category: str) -> Route:
        """Where the lines of a category go."""
        own = category in self.categories
        statements = self.categories.get(category) or self.categories.get("default")
        if statements is None:
            # A channel that is defined by one of these names takes its place, as Red Hat's default_debug does.
            built_in = [
                self.channels.get(name, BUILT_IN[name]) for name in ("default_syslog", "default_debug")
            ]
            return Route((), False, tuple(built_in), False)
        found: list[LogChannel] = []
        unknown = False
        for name in (name for statement in statements for name in channel_names(statement)):
            channel = self.channels.get(fold(name)) or BUILT_IN.get(fold(name))
            if channel is None:
                unknown = True
            elif channel not in found:
                found.append(channel)
        return Route(tuple(statements), own, tuple(found), unknown)


def channel_names(category: Statement) -> Iterator[str]:
    """The channels that a category statement names, as written."""
    for piece in category.pieces:
        for element in piece.elements if isinstance(piece, Group) else ():
            if element.pieces and isinstance(element.pieces[0], Word):
                yield element.pieces[0].value


def _channel(name: str, statement: Statement) -> LogChannel:
    destination: Destination = "null"
    severity = INFO
    for child in statement.children:
        word = _argument(child)
        if child.name == "file":
            destination = "file"
        elif child.name == "syslog":
            destination = "syslog"
        elif child.name == "stderr":
            destination = "stderr"
        elif child.name == "severity" and word is not None:
            # `dynamic` is the server's debug level, which is 0 unless somebody raises it: that writes info too.
            severity = SEVERITIES.index(word.low) if word.low in SEVERITIES else INFO
    return LogChannel(name, destination, severity, statement)


def _argument(statement: Statement | None) -> Word | None:
    pieces = statement.pieces if statement is not None else ()
    return pieces[1] if len(pieces) > 1 and isinstance(pieces[1], Word) else None
