"""The blocks in which options stand, and the words of their statements: what several checks look through."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from named_audit.catalogue.values import number
from named_audit.model.config import Config
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Element, Group, Word


class OptionBlock(NamedTuple):
    """The options block or a view: the first statement of each name, and the statement whose block it is."""

    table: Mapping[str, Statement]
    statement: Statement

    def all_of(self, name: str) -> list[Statement]:
        """Every statement of a name, in file order."""
        if name not in self.table:
            return []
        return [child for child in self.statement.children if child.name == name]


def option_blocks(config: Config) -> Iterator[OptionBlock]:
    """The options block, then every view."""
    if config.options_statement is not None:
        yield OptionBlock(config.options.statements, config.options_statement)
    yield from view_blocks(config)


def view_blocks(config: Config) -> Iterator[OptionBlock]:
    """Every view that is a statement."""
    for view in config.views:
        if view.statement is not None:
            yield OptionBlock(view.level.statements, view.statement)


def own_blocks(config: Config) -> list[OptionBlock]:
    """The blocks whose settings named checks where it takes no account of what a view inherits."""
    return list(view_blocks(config)) or list(option_blocks(config))


def deciding_blocks(config: Config, name: str) -> Iterator[OptionBlock]:
    """The blocks whose statements of a name hold for some view; an options block that all views override is none."""
    views = list(view_blocks(config))
    yield from (view for view in views if name in view.table)
    table = config.options.statements
    if config.options_statement is None or name not in table:
        return
    if not views or any(name not in view.table for view in views):
        yield OptionBlock(table, config.options_statement)


def words_of(statement: Statement) -> list[Word]:
    """The words of a statement behind its name, up to its block."""
    return [piece for piece in statement.head[1:] if isinstance(piece, Word)]


def word_of(statement: Statement | None) -> Word | None:
    """The first argument, if it is a word."""
    head = statement.head if statement is not None else ()
    return head[1] if len(head) > 1 and isinstance(head[1], Word) else None


def elements_of(statement: Statement) -> tuple[Element, ...]:
    """The elements of a statement's first block of words."""
    for piece in statement.pieces:
        if isinstance(piece, Group):
            return piece.elements
    return ()


def span_of(statement: Statement, word: Word) -> Span:
    """Where a word of a statement stands."""
    return statement.locate(word.start, word.end)


def integer(word: Word | None) -> int | None:
    """The number that a word is, as BIND reads whole numbers; None if it is none, which is reported elsewhere."""
    if word is None or not word.bare or not word.value[:1].isdigit() or not word.value.isascii():
        return None
    try:
        return number("integer", word.value)
    except ValueError:
        return None
