"""Arguments that the release warns of, drops or refuses, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from named_audit.catalogue.outdated import Outdated, heads, outdated
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement

_RAW = frozenset({"dyndb", "plugin", "dlz"})


def outdated_arguments(config: Config) -> tuple[tuple[Statement, Outdated], ...]:
    """Each with its statement; nothing for an unknown release."""
    if config.outdated is None:
        config.outdated = tuple(_outdated(config))
    return config.outdated


def _outdated(config: Config) -> Iterator[tuple[Statement, Outdated]]:
    release = config.release
    if release is None:
        return
    wanted = config.names & heads(release)
    if wanted and any(_may_hold(source.text) for source in config.tree.sources):
        for statement in _statements(config.tree.statements):
            if statement.name in wanted:
                for argument in outdated(statement.name, statement.pieces, release):
                    yield statement, argument


def _may_hold(text: str) -> bool:
    """Whether there can be such an argument in a text: most zones of a big file need not be looked into."""
    low = text.lower()
    return any(each in low for each in _TRACES)


_TRACES = ("dscp", "delegation-only", "aes", "-source", "primary-only", "default-primaries")


def _statements(outermost: Iterable[Statement]) -> Iterator[Statement]:
    stack = [iter(outermost)]
    while stack:
        for statement in stack[-1]:
            yield statement
            block = statement.type == "OPEN" or "{" in statement.first.text
            # An included file may hold anything.
            if (
                block
                and statement.name not in _RAW
                and (not statement.contiguous or _may_hold(statement.span.text))
            ):
                stack.append(iter(statement.children))
                break
        else:
            stack.pop()
