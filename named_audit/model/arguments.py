"""Arguments that the release warns of, drops or refuses, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from named_audit.catalogue.outdated import DSCP_HEADS, SOURCES, WORDS, Outdated, outdated
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement

_RAW = frozenset({"dyndb", "plugin", "dlz"})


def outdated_arguments(config: Config) -> Iterator[tuple[Statement, Outdated]]:
    """Each with its statement; nothing for an unknown release."""
    release = config.release
    if release is None or not release.at_least(9, 16, 37):
        return
    wanted = config.names & (SOURCES | WORDS)
    if config.names & DSCP_HEADS and any("dscp" in source.text.lower() for source in config.tree.sources):
        wanted |= DSCP_HEADS
    if wanted == {"type"} and release.line != "9.18":
        return
    for statement in _statements(config.tree.statements) if wanted else ():
        if statement.name in wanted:
            for argument in outdated(statement.name, statement.pieces, release):
                yield statement, argument


def _statements(outermost: Iterable[Statement]) -> Iterator[Statement]:
    stack = [iter(outermost)]
    while stack:
        for statement in stack[-1]:
            yield statement
            if statement.name not in _RAW and (statement.type == "OPEN" or "{" in statement.first.text):
                stack.append(iter(statement.children))
                break
        else:
            stack.pop()
