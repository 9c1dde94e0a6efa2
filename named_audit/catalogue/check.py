"""Checks the statements of a block against the catalogue, and splits those that a missing `;` has joined."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from named_audit.catalogue.data import (
    OLD_TYPES,
    Table,
    all_contexts,
    known_names,
    places_of,
    refused_in,
    table_of,
)
from named_audit.catalogue.match import Argument, Fault, Outcome, match, missing_semicolon, unexpected
from named_audit.catalogue.refusal import Refusal
from named_audit.catalogue.used import USED
from named_audit.release import Release
from named_audit.syntax.lexical import COMMENT, SCAN, SLASH, STRING, many
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Related, Span, problem_at
from named_audit.syntax.tree import Leaf, Node, Statement, Tree
from named_audit.syntax.words import REMEMBERED, Piece, split

if TYPE_CHECKING:
    from named_audit.catalogue.lifecycle import Standing

__all__ = [
    "EMPTY",
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

_PROOF = frozenset({"key", "server", "tls"})
"""Blocks of few statements that say what proves a peer: there a word that is not known is taken for a slip."""

MAX_SPLITS = 100
"""How many statements without a `;` between them are told apart; more are not worth reading."""

MANY = 1000
"""Different statements in one process from which on a configuration is a big one."""

_DIALUP = {
    "primary": frozenset({"refresh", "passive", "notify-passive"}),
    "stub": frozenset({"notify", "notify-passive"}),
}
"""Type of zone -> what `dialup` may not be in such a zone; what a zone inherits may be anything."""

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
    table: dict[str, Statement]
    """The first statement of each name; where many may have the same name, it may be missing."""
    problems: tuple[Problem, ...]
    refusals: tuple[Refusal, ...]
    unknown: tuple[Statement, ...]
    """Those that no release known here has in this place, and that hide nothing."""
    unusual: "tuple[tuple[Statement, Standing], ...]"
    """Those that the release knows and warns of, or has no more or not yet."""
    slips: Mapping[str, Refusal]
    """What unknown statements were probably meant to be, with what was said of them."""


EMPTY = Block((), {}, (), (), (), (), {})
"""The block of a statement that has none."""


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
    found_in = _Found(table, release)
    names = found_in.names
    again: list[Statement] = []
    odd: list[tuple[int, list[Statement]]] = []
    for index, statement in enumerate(statements):
        leaves = statement.leaves
        first = statement.first
        kind = first.type
        text = first.source.text
        if kind == "STATEMENT" and len(leaves) == 1:
            words = text[first.start : first.end]
            if words[-2:] == '";' and (found := _ONE_STRING.fullmatch(words)):
                name = found[1].lower()
                if name in one_string:
                    if names.setdefault(name, statement) is not statement:
                        again.append(statement)
                    continue
            if zones and _FLAT_ZONE.fullmatch(words):
                continue
            if len(words) <= REMEMBERED and _fine(table, words):
                name = statement.name
                if names.setdefault(name, statement) is not statement:
                    again.append(statement)
                continue
        elif kind == "OPEN":
            if len(leaves) == 3 and zones and _ZONE_OPEN.fullmatch(text, first.start, first.end):
                continue
        elif kind in ("INCLUDE", "STRAY"):
            continue
        parts = found_in.examine(statement)
        for part in parts:
            name = part.name
            if names.setdefault(name, part) is not part:
                again.append(part)
        if len(parts) != 1:
            odd.append((index, parts))
    if again:
        found_in.repeated(again)
    if context == "zone":
        found_in.check_type()
    if not odd:
        return found_in.block(tuple(statements))
    result: list[Statement] = []
    at = 0
    for index, parts in odd:
        result.extend(statements[at:index])
        result.extend(parts)
        at = index + 1
    result.extend(statements[at:])
    return found_in.block(tuple(result))


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


def check_tree(tree: Tree, release: Release | None) -> list[Problem | Refusal]:
    """Every problem and every refusal of a tree and of all its blocks, in file order."""
    found: list[Problem | Refusal] = list(tree.problems)
    waiting: list[tuple[Sequence[Statement], str]] = [(tree.statements, "top")]
    while waiting:
        statements, context = waiting.pop()
        block = read_block(statements, context, release)
        found.extend(block.problems)
        found.extend(block.refusals)
        for statement in block.statements:
            inner = context_of(context, statement)
            if inner is not None:
                waiting.append((statement.children, inner))
    order = {id(source): index for index, source in enumerate(tree.sources)}

    def place(problem: Problem | Refusal) -> tuple[int, int]:
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
    return outcome is not None and not outcome.faults and _pieces(text)[0].low not in table.unusual


def _usual_list(table: Table, text: str) -> bool:
    """Whether this is a list of single addresses, names and keys that may stand here."""
    match_list, server_list = _usual_lists()
    found = match_list.fullmatch(text)
    if found is not None and (name := found[1].lower()) in table.match_lists:
        return name not in table.unusual
    found = server_list.fullmatch(text)
    return (
        found is not None and (name := found[1].lower()) in table.server_lists and name not in table.unusual
    )


@lru_cache(maxsize=1)
def _usual_lists() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """An address match list and a server list; compiled for big files only: it takes half a millisecond."""
    name = r'(?:"[^"\\]*+"|[A-Za-z0-9_][A-Za-z0-9._:-]*+)'
    begin = r"([A-Za-z0-9-]++)[ \t]*+\{[ \t\r\n]*+"
    end = r"[ \t]*+;[ \t\r\n]*+|(?!))*+\}[ \t\r\n]*+;"
    key = r"(?i:key)[ \t]++"
    # What has a key is an address as a rule.
    octet, group = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])", "[0-9A-Fa-f]{1,4}"
    address = rf"(?:{octet}(?:\.{octet}){{3}}|{group}(?::{group}){{0,3}}::(?:{group}(?::{group}){{0,2}})?)"
    # `10` and `192.168` are no names: networks that lack a length.
    whole = r"(?!(?:[0-9]++\.){0,2}[0-9]++[ \t]*+;)"
    return (
        re.compile(rf"{begin}(?:!?+(?!(?i:key|geoip)[ \t]*+;){whole}(?:{key}|(?!))?+{name}{end}"),
        re.compile(rf"{begin}(?:{whole}(?:{address}[ \t]++{key}{name}|{name}){end}"),
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


class _Found:
    """What is found while a block is read."""

    def __init__(self, table: Table, release: Release | None) -> None:
        self.names: dict[str, Statement] = {}
        self._table = table
        self._release = release
        self._problems: list[Problem] = []
        self._refusals: list[Refusal] = []
        self._unknown: list[Statement] = []
        self._unusual: list[tuple[Statement, Standing]] = []
        self._slips: dict[str, Refusal] = {}
        self._refused: set[str] = set()
        """Statements that the release refuses by name."""

    def block(self, statements: tuple[Statement, ...]) -> Block:
        """All of it."""
        return Block(
            statements,
            self.names,
            tuple(self._problems),
            tuple(self._refusals),
            tuple(self._unknown),
            tuple(self._unusual),
            self._slips,
        )

    def examine(self, statement: Statement) -> list[Statement]:
        """Check one statement and what a missing `;` has joined to it; return the statements it really is."""
        parts: list[Statement] = []
        rest: Statement | None = statement
        while rest is not None and len(parts) < MAX_SPLITS:
            rest = self._examine_first(rest, parts)
        if rest is not None:
            message = f"more than {MAX_SPLITS} statements without a ';' between them; reading stops here"
            self._problems.append(problem_at("limit", message, rest.span))
            parts.append(rest)
        return parts

    def repeated(self, again: Sequence[Statement]) -> None:
        """Statements whose name another one of the block has already."""
        for statement in again:
            name = statement.name
            entry = self._table.entries.get(name)
            if entry is None or entry.repeatable:
                continue
            span = statement.name_span
            if entry.used:
                self._problems.append(problem_at("argument", f"'{name}' redefined", span))
            else:
                first = Related(self.names[name].name_span, "first here")
                message = f"'{name}' may stand only once in a block"
                self._refusals.append(Refusal("invalid-repetition", message, span, (first,)))

    def check_type(self) -> None:
        """What may not stand in a zone of this zone's type."""
        statement = self.names.get("type")
        if statement is None:
            return
        type_ = _zone_type(statement.text)
        if (dialup := self.names.get("dialup")) is not None:
            self._check_dialup(type_, dialup)
        refused = refused_in(type_, self._release)
        if not refused or refused.isdisjoint(self.names):
            return
        for name, each in self.names.items():
            if name in refused and name not in self._refused:
                message = f"'{name}' may not stand in a zone of type {type_}"
                related = (Related(statement.span, "the type"),)
                self._refusals.append(Refusal("invalid-for-zone-type", message, each.name_span, related))

    def _check_dialup(self, type_: str, statement: Statement) -> None:
        pieces = _pieces(statement.text)
        word = pieces[1] if len(pieces) > 1 else None
        if word is not None and word.low in _DIALUP.get(OLD_TYPES.get(type_, type_), ()):
            message = f"dialup type '{word.low}' may not stand in a zone of type {type_}"
            span = statement.locate(word.start, word.end)
            self._refusals.append(Refusal("invalid-for-zone-type", message, span))

    def _fault(self, statement: Statement, fault: Fault) -> None:
        span = statement.locate(fault.start, fault.end)
        if fault.kind != "syntax" and self._release is not None:
            from named_audit.catalogue.lifecycle import refused_word

            # What it means is known, and that this release refuses it.
            message = refused_word(statement.name, span.text.lower(), self._release)
            if message is not None:
                self._refusals.append(Refusal("invalid-for-release", message, span))
                return
        if fault.kind.startswith("invalid-"):
            self._refusals.append(Refusal(fault.kind, fault.message, span))
        else:
            self._problems.append(problem_at(fault.kind, fault.message, span))

    def _standing(self, statement: Statement, name: str) -> bool:
        """Note what the release makes of a statement that it does not take without a word: whether it refuses it."""
        from named_audit.catalogue.lifecycle import life, standing

        assert self._release is not None
        context = self._table.context
        found = standing(context, name, self._release)
        self._unusual.append((statement, found))
        if found not in ("removed", "too new"):
            return False
        self._refused.add(name)
        lived = life(context, name)
        lines = [
            f"{line} (from {line}.{lived.since[line]})" if line in lived.since else line
            for line in lived.lines("current", "experimental", "deprecated", "obsolete")
        ]
        known = f"; known in {', '.join(lines)}" if lines else ""
        what = "no longer exists" if found == "removed" else "does not exist yet"
        message = f"'{name}' {what} in BIND {self._release}, which refuses it{known}"
        self._refusals.append(Refusal("invalid-for-release", message, statement.name_span))
        return True

    def _not_here(self, statement: Statement) -> None:
        """A statement that no known release has in this place."""
        from named_audit.catalogue.nearest import nearest_statement

        name, context, span = statement.name, self._table.context, statement.name_span
        shown = shorten(name, 60)
        if name == "include":
            message = "include takes one path in double quotes; found nothing"
            self._problems.append(problem_at("argument", message, span))
            return
        if name in known_names():
            places = " or ".join(places_of(name)[:4])
            message = f"'{shown}' cannot stand here; it belongs in {places}"
            if name in USED:
                self._problems.append(problem_at("argument", message, span))
            else:
                self._refusals.append(Refusal("invalid-place", message, span))
            return
        near = nearest_statement(name, context)
        hint = f"; did you mean '{near}'?" if near else ""
        if context in _PROOF:
            hint = hint if near in self._table.entries else ""
            # In a key block a word that is no slip may be the secret itself.
            said = (
                f"unknown option '{shown}'" if hint or context != "key" else "this word is no option of a key"
            )
            self._problems.append(problem_at("argument", said + hint, span))
        elif statement.block or not name.isascii():
            # What it holds could be anything: a zone, a denial.
            message = f"unknown option '{shown}': what it holds is not known{hint}"
            self._problems.append(problem_at("argument", message, span))
        elif near or self._release is not None:
            message = f"no BIND release known here has a statement '{shown}'{hint}"
            refusal = Refusal("invalid-statement", message, span)
            self._refusals.append(refusal)
            if near:
                self._slips.setdefault(near, refusal)
        else:
            self._unknown.append(statement)

    def _examine_first(self, statement: Statement, parts: list[Statement]) -> Statement | None:
        """Check what a statement begins with, add it to the parts, and return what is left."""
        first = statement.first
        if first.type in ("INCLUDE", "STRAY"):
            parts.append(statement)
            return None
        name = statement.name
        if not name:
            pieces = _pieces(first.text[:4096])
            if pieces:
                fault = unexpected(first.text, pieces[0], self._table.context)
                self._fault(statement, fault)
            parts.append(statement)
            return None
        entry = self._table.entries.get(name)
        if entry is None:
            # A word behind a statement with a fault of its own is more likely an argument of that one.
            if not parts or len(statement.leaves) > 1 or "{" in statement.text:
                self._not_here(statement)
            parts.append(statement)
            return None
        refused = name in self._table.unusual and self._standing(statement, name)
        if entry.container and first.type == "OPEN":
            return self._examine_block(statement, 3, parts)
        if first.type == "WORDS" and len(statement.leaves) > 1 and _raw_head(first.text):
            return self._examine_block(statement, 1, parts)
        return self._examine_text(statement, parts, refused)

    def _examine_text(self, statement: Statement, parts: list[Statement], refused: bool) -> Statement | None:
        """Check statements that stand in one text, of which the first is in the table, as far as that can be told."""
        table = self._table
        text = statement.text
        outcome = _outcome(table, text)
        rest = statement
        while outcome is not None and outcome.faults:
            for fault in outcome.faults:
                # BIND does not look at the arguments of a statement that it refuses by name.
                if not _repaired(statement, fault, text) and not (refused and fault.kind != "syntax"):
                    self._fault(statement, fault)
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
            refused = piece.low in table.unusual and self._standing(rest, piece.low)
            outcome = match(entry, table.context, text, pieces, outcome.cut)
        parts.append(rest)
        return None

    def _examine_block(self, statement: Statement, length: int, parts: list[Statement]) -> Statement | None:
        """As `_examine_first`, where the block is not looked into: its head, and what is behind its `length` leaves."""
        first = statement.first
        outcome = _outcome(self._table, first.text)
        for fault in outcome.faults if outcome is not None else ():
            self._fault(statement, fault)
        leaves = statement.leaves
        behind = leaves[length] if len(leaves) > length else None
        # An empty leaf stands for a `;` that was missed, and reported, when the file was read.
        if not isinstance(behind, Leaf) or behind.start == behind.end:
            parts.append(statement)
            return None
        pieces = _pieces(behind.text)
        if pieces:
            fault = missing_semicolon(pieces[0], self._table.context, first.text)
            span = Span(behind.source, behind.start + fault.start, behind.start + fault.end)
            self._problems.append(problem_at(fault.kind, fault.message, span))
        parts.append(Statement(leaves[:length]))
        return Statement((_begin_with(behind), *leaves[length + 1 :]))


def _is_raw(piece: Piece) -> bool:
    return piece.low in ("dyndb", "plugin")


@lru_cache(maxsize=64)
def _zone_type(text: str) -> str:
    pieces = split(text)
    return pieces[1].low if len(pieces) > 1 else ""


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


def _repaired(statement: Statement, fault: Fault, text: str) -> bool:
    """Whether a fault is that something is missing at an end that reading has reported already."""
    last = statement.last
    return fault.start >= len(text) and (last.start == last.end or last.type == "WORDS")
