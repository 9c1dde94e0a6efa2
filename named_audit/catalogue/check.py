"""Checks the statements of a block against the catalogue, and splits those that a missing `;` has joined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from named_audit.catalogue.data import Table, all_contexts, table_of
from named_audit.catalogue.match import Argument, Fault, Outcome, match, missing_semicolon, unexpected
from named_audit.release import Release
from named_audit.syntax.lexical import COMMENT, SCAN, SLASH, STRING, many
from named_audit.syntax.source import Problem, Span, problem_at
from named_audit.syntax.tree import Leaf, Node, Statement, Tree
from named_audit.syntax.words import REMEMBERED, Piece, split

__all__ = [
    "Argument",
    "Block",
    "State",
    "arguments",
    "check_tree",
    "context_of",
    "faults",
    "read_block",
    "state_of",
]

MAX_SPLITS = 100
"""How many statements without a `;` between them are told apart; more are not worth reading."""

MANY = 1000
"""Different statements in one process from which on a configuration is a big one."""

State: TypeAlias = Literal["used", "irrelevant", "not understood"]

# The statements that no two zones share, in their usual form: what a big file is made of. Whatever these
# patterns do not match is looked at word by word.
_ONE_STRING = re.compile(r'([A-Za-z0-9-]++)[ \t]++"[^"\\]*+"[ \t]*+;')
_ZONE_HEAD = r'(?i:zone)[ \t\r\n]++(?:"[^"\\]*+"[ \t\r\n]*+|[A-Za-z0-9._-]++[ \t\r\n]++)(?:(?i:in)[ \t\r\n]*+|(?!))?+\{'
_ZONE_OPEN = re.compile(_ZONE_HEAD)
_FLAT_ZONE = re.compile(rf"{_ZONE_HEAD}[^{{}}]*+\}}[ \t\r\n]*+;")

_CLOSED = re.compile(many(rf'[^"/#]++|{STRING}|{SLASH}|{COMMENT}'), re.DOTALL)
"""Text up to a string or comment that is never closed."""


class Block(NamedTuple):
    """The statements of one block as BIND reads them."""

    statements: tuple[Statement, ...]
    problems: tuple[Problem, ...]
    unknown: tuple[Statement, ...]
    """Those that no release known here has in this place."""


def read_block(statements: Sequence[Statement], context: str, release: Release | None) -> Block:
    """Check the statements of a block, but not what is in their own blocks.

    Args:
        statements: the statements of the block, or of the whole configuration.
        context: "top", or what `context_of` says of the statement whose block it is.
        release: the release to check for; None if unknown: then what any release takes is right.
    """
    table = table_of(context, release)
    zones = "zone" in table.entries
    one_string = table.one_string
    odd: list[tuple[int, list[Statement]]] = []
    problems: list[Problem] = []
    unknown: list[Statement] = []
    for index, statement in enumerate(statements):
        leaves = statement.leaves
        first = statement.first
        kind = first.type
        text = first.source.text
        if kind == "STATEMENT" and len(leaves) == 1:
            words = text[first.start : first.end]
            if (
                words[-2:] == '";'
                and (found := _ONE_STRING.fullmatch(words))
                and found[1].lower() in one_string
            ):
                continue
            if zones and _FLAT_ZONE.fullmatch(words):
                continue
            if len(words) <= REMEMBERED and _fine(table, words):
                continue
        elif kind == "OPEN":
            if len(leaves) == 3 and zones and _ZONE_OPEN.fullmatch(text, first.start, first.end):
                continue
        elif kind in ("INCLUDE", "STRAY"):
            continue
        parts = _examine(statement, table, problems, unknown)
        if len(parts) != 1:
            odd.append((index, parts))
    if not odd:
        return Block(tuple(statements), tuple(problems), tuple(unknown))
    result: list[Statement] = []
    at = 0
    for index, parts in odd:
        result.extend(statements[at:index])
        result.extend(parts)
        at = index + 1
    result.extend(statements[at:])
    return Block(tuple(result), tuple(problems), tuple(unknown))


def context_of(parent_context: str, statement: Statement) -> str | None:
    """The context of the statements in a statement's block; None if it has no block of statements."""
    name = statement.name
    entry = table_of(parent_context, None).entries.get(name)
    return name if entry is not None and entry.container else None


def state_of(statement: Statement, context: str) -> State:
    """What the statement is to the model."""
    entry = table_of(context, None).entries.get(statement.name)
    if entry is None:
        return "not understood"
    return "used" if entry.used else "irrelevant"


def arguments(statement: Statement, context: str, release: Release | None) -> tuple[Argument, ...]:
    """The arguments of a statement, in file order; of one with a block of statements, those before the block.

    Offsets are relative to `Statement.text`; `Statement.locate` gives the span.
    """
    table = table_of(context, release)
    first = statement.first
    if first.type == "INCLUDE":
        return ()
    if first.type == "OPEN":
        entry = table.entries.get(statement.name)
        if entry is not None and entry.container:
            outcome = _outcome(table, first.text)
            return outcome.arguments if outcome is not None else ()
    outcome = _outcome(table, statement.text)
    return outcome.arguments if outcome is not None else ()


def faults(text: str, release: Release | None) -> int:
    """How much is wrong with the text of a statement (or of its head) where that is least; 0: it fits somewhere.

    For text whose place is not known: a statement of one name takes much the same wherever it may stand.
    """
    found = [
        len(outcome.faults)
        for context in all_contexts()
        if (outcome := _outcome(table_of(context, release), text)) is not None
    ]
    return min(found, default=1)


def check_tree(tree: Tree, release: Release | None) -> list[Problem]:
    """Every problem of a tree and of all its blocks, in file order."""
    found = list(tree.problems)
    waiting: list[tuple[Sequence[Statement], str]] = [(tree.statements, "top")]
    while waiting:
        statements, context = waiting.pop()
        block = read_block(statements, context, release)
        found.extend(block.problems)
        for statement in block.statements:
            inner = context_of(context, statement)
            if inner is not None:
                waiting.append((statement.children, inner))
    order = {id(source): index for index, source in enumerate(tree.sources)}

    def place(problem: Problem) -> tuple[int, int]:
        span = problem.span
        return (order.get(id(span.source), 0), span.start) if span is not None else (-1, 0)

    return sorted(found, key=place)


@lru_cache(maxsize=16384)
def _fine(table: Table, text: str) -> bool:
    """Whether a whole statement is in the table and has nothing wrong with it."""
    # Where every zone has its own key or servers, lists do not repeat; then it pays to know their usual form.
    if _fine.cache_info().misses > MANY and _usual_list(table, text):
        return True
    outcome = _outcome(table, text)
    return outcome is not None and not outcome.faults


def _usual_list(table: Table, text: str) -> bool:
    """Whether this is a list of single addresses, names and keys that may stand here."""
    match_list, server_list = _usual_lists()
    found = match_list.fullmatch(text)
    if found is not None and found[1].lower() in table.match_lists:
        return True
    found = server_list.fullmatch(text)
    return found is not None and found[1].lower() in table.server_lists


@lru_cache(maxsize=1)
def _usual_lists() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An address match list and a server list; compiled for big files only: it takes half a millisecond."""
    name = r'(?:"[^"\\]*+"|[A-Za-z0-9_][A-Za-z0-9._:-]*+)'
    begin = r"([A-Za-z0-9-]++)[ \t]*+\{[ \t\r\n]*+"
    end = r"[ \t]*+;[ \t\r\n]*+|(?!))*+\}[ \t\r\n]*+;"
    key = r"(?i:key)[ \t]++"
    # In some releases keys belong to addresses only, so what has one must be an address for certain.
    octet, group = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])", "[0-9A-Fa-f]{1,4}"
    address = rf"(?:{octet}(?:\.{octet}){{3}}|{group}(?::{group}){{0,3}}::(?:{group}(?::{group}){{0,2}})?)"
    return (
        re.compile(rf"{begin}(?:!?+(?!(?i:key|geoip)[ \t]*+;)(?:{key}|(?!))?+{name}{end}"),
        re.compile(rf"{begin}(?:(?:{address}[ \t]++{key}{name}|{name}){end}"),
    )


def _outcome(table: Table, text: str) -> Outcome | None:
    """What comes of matching a whole statement, or one up to its `{` as if the block were empty.

    None for a statement that is not in the table, or begins with no word.
    """
    return _outcome_short(table, text) if len(text) <= REMEMBERED else _outcome_long(table, text)


@lru_cache(maxsize=1024)
def _outcome_short(table: Table, text: str) -> Outcome | None:
    return _match(table, text)


@lru_cache(maxsize=2)
def _outcome_long(table: Table, text: str) -> Outcome | None:
    return _match(table, text)


def _match(table: Table, text: str) -> Outcome | None:
    pieces = _pieces(text)
    if not pieces or not pieces[0].bare:
        return None
    entry = table.entries.get(pieces[0].low)
    return match(entry, table.context, text, pieces) if entry is not None else None


def _pieces(text: str) -> tuple[Piece, ...]:
    """The words and blocks of a statement, without what only looks like some."""
    if text[:1] in "dDpP" and (raw := _raw_head(text)):
        return split(text[:raw])
    if "/*" in text:
        closed = _CLOSED.match(text)
        if closed is not None and text.startswith("/*", closed.end()):
            return split(text[: closed.end()])
    return split(text)


def _raw_head(text: str) -> int:
    """The length of the head of `dyndb NAME FILE {` or `plugin ... {`, whose blocks have no words; else 0."""
    found = SCAN.match(text)
    return found.end() if found is not None and found.lastgroup == "RAW" else 0


def _examine(
    statement: Statement, table: Table, problems: list[Problem], unknown: list[Statement]
) -> list[Statement]:
    """Check one statement and what a missing `;` has joined to it; return the statements it really is."""
    parts: list[Statement] = []
    rest: Statement | None = statement
    while rest is not None and len(parts) < MAX_SPLITS:
        rest = _examine_first(rest, table, problems, unknown, parts)
    if rest is not None:
        message = f"more than {MAX_SPLITS} statements without a ';' between them; reading stops here"
        problems.append(problem_at("limit", message, rest.span))
        parts.append(rest)
    return parts


def _examine_first(
    statement: Statement,
    table: Table,
    problems: list[Problem],
    unknown: list[Statement],
    parts: list[Statement],
) -> Statement | None:
    """Check what a statement begins with, add it to the parts, and return what is left."""
    first = statement.first
    if first.type in ("INCLUDE", "STRAY"):
        parts.append(statement)
        return None
    if not statement.name:
        pieces = _pieces(first.text[:4096])
        if pieces:
            fault = unexpected(first.text, pieces[0])
            problems.append(_problem(statement, fault))
        parts.append(statement)
        return None
    entry = table.entries.get(statement.name)
    if entry is None:
        unknown.append(statement)
        parts.append(statement)
        return None
    if entry.container and first.type == "OPEN":
        return _examine_block(statement, 3, table, problems, parts)
    if first.type == "WORDS" and len(statement.leaves) > 1 and _raw_head(first.text):
        return _examine_block(statement, 1, table, problems, parts)
    return _examine_text(statement, table, problems, parts)


def _examine_text(
    statement: Statement, table: Table, problems: list[Problem], parts: list[Statement]
) -> Statement | None:
    """Check statements that stand in one text, of which the first is in the table, as far as that can be told."""
    text = statement.text
    outcome = _outcome(table, text)
    rest = statement
    while outcome is not None and outcome.faults:
        problems.extend(
            [_problem(statement, fault) for fault in outcome.faults if not _repaired(statement, fault, text)]
        )
        if outcome.cut is None:
            break
        pieces = _pieces(text)
        piece = pieces[outcome.cut]
        ended = pieces[outcome.cut - 1].end
        part, behind = _cut(
            rest, statement.locate(piece.start, piece.start + 1), statement.locate(ended - 1, ended)
        )
        if behind is None:
            break
        parts.append(part)
        rest = behind
        entry = table.entries.get(piece.low) if piece.bare else None
        if entry is None or len(parts) >= MAX_SPLITS or rest.type == "OPEN" or _is_raw(piece):
            return rest
        outcome = match(entry, table.context, text, pieces, outcome.cut)
    parts.append(rest)
    return None


def _is_raw(piece: Piece) -> bool:
    return piece.low in ("dyndb", "plugin")


def _examine_block(
    statement: Statement, length: int, table: Table, problems: list[Problem], parts: list[Statement]
) -> Statement | None:
    """As `_examine_first`, where the block is not looked into: its head, and what is behind its `length` leaves."""
    first = statement.first
    outcome = _outcome(table, first.text)
    if outcome is not None:
        problems.extend([_problem(statement, fault) for fault in outcome.faults])
    leaves = statement.leaves
    behind = leaves[length] if len(leaves) > length else None
    # An empty leaf stands for a `;` that was missed, and reported, when the file was read.
    if not isinstance(behind, Leaf) or behind.start == behind.end:
        parts.append(statement)
        return None
    pieces = _pieces(behind.text)
    if pieces:
        fault = missing_semicolon(pieces[0], table.context, first.text)
        span = Span(behind.source, behind.start + fault.start, behind.start + fault.end)
        problems.append(problem_at(fault.kind, fault.message, span))
    parts.append(Statement(leaves[:length]))
    return Statement((_begin_with(behind), *leaves[length + 1 :]))


def _cut(statement: Statement, begins: Span, ended: Span) -> tuple[Statement, Statement | None]:
    """Split a statement where the first word of another stands in it."""
    leaves = statement.leaves
    for index, leaf in enumerate(leaves):
        if not isinstance(leaf, Leaf) or leaf.source is not begins.source:
            continue
        if not leaf.begin <= begins.start < leaf.end:
            continue
        before: tuple[Node, ...] = leaves[:index]
        if begins.start > leaf.start:
            end = (
                ended.end
                if ended.source is leaf.source and leaf.start < ended.end <= begins.start
                else begins.start
            )
            kind = "STATEMENT" if index == 0 else leaf.type
            before = (*before, Leaf(kind, leaf.source, leaf.begin, leaf.start, end))
            leaf = Leaf(leaf.type, leaf.source, end, begins.start, leaf.end)
        if not before:
            break
        return Statement(before), Statement((_begin_with(leaf), *leaves[index + 1 :]))
    return statement, None


def _begin_with(leaf: Leaf) -> Leaf:
    """A leaf as the first of a statement."""
    return Leaf("STATEMENT", leaf.source, leaf.begin, leaf.start, leaf.end) if leaf.type == "END" else leaf


def _problem(statement: Statement, fault: Fault) -> Problem:
    return problem_at(fault.kind, fault.message, statement.locate(fault.start, fault.end))


def _repaired(statement: Statement, fault: Fault, text: str) -> bool:
    """Whether a fault is that something is missing at an end that reading has reported already."""
    last = statement.last
    return fault.start >= len(text) and (last.start == last.end or last.type == "WORDS")
