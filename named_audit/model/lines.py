"""Which release lines have the statements of a configuration, where none was chosen."""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.catalogue.check import context_of
from named_audit.catalogue.lifecycle import life, limited_names
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement

_RAW = frozenset({"dyndb", "plugin", "dlz"})


class Limited(NamedTuple):
    """A statement, where it stands first, and the lines that have it; `since` and `until` as people say it."""

    statement: Statement
    lines: tuple[str, ...]
    since: str
    """The first release that has it: "9.18", "9.20.5"."""
    until: str | None
    """The last line that has it; None if none known has."""


def limited(config: Config) -> tuple[Limited, ...]:
    """The statements that not every line has, each once, in the order of the file."""
    # The blocks whose statements may be limited; one that is limited itself speaks for what is in it.
    contexts = {"top", *config.names}
    wanted = {name for context in contexts for name in limited_names(context) if name in config.names}
    if not wanted:
        return ()
    found: dict[str, Limited] = {}
    for statement, context in _walk(config):
        name = statement.name
        if name not in wanted or name in found or name not in limited_names(context):
            continue
        each = life(context, name)
        lines = each.lines("current", "experimental", "deprecated", "obsolete")
        first = lines[0] if lines else ""
        patch = each.since.get(first)
        since = f"{first}.{patch}" if patch else first
        found[name] = Limited(statement, lines, since, lines[-1] if lines else None)
        if len(found) == len(wanted):
            break
    return tuple(found.values())


def _walk(config: Config) -> Iterator[tuple[Statement, str]]:
    stack = [("top", iter(config.tree.statements))]
    while stack:
        context, statements = stack[-1]
        for statement in statements:
            yield statement, context
            name = statement.name
            if name in _RAW or not (statement.type == "OPEN" or "{" in statement.first.text):
                continue
            inner = context_of(context, statement)
            if inner is not None and name not in limited_names(context):
                stack.append((inner, iter(statement.children)))
                break
        else:
            stack.pop()
