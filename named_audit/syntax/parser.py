"""Tokens to tree: Lark runs the grammar; what does not fit is reported and reading goes on, as in BIND."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from named_audit.host import Host, ReadError
from named_audit.syntax.dialect import foreign_language
from named_audit.syntax.lexer import Lexer, TooMuch
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.memory import no_collection
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Related, Source, Span, problem_at
from named_audit.syntax.tables import load_parser
from named_audit.syntax.tree import Leaf, LeafRun, Statement, Tree
from named_audit.syntax.words import Word, split

MAX_SYNTAX_PROBLEMS = 100
"""After so many syntax problems in one run, reading stops: the input is something else."""


class _Build(Transformer[Token, Any]):
    """What the grammar's rules build; called by the parser while it reads, so there is no second tree."""

    def start(self, children: list[Leaf | Statement]) -> tuple[tuple[Statement, ...], Leaf]:
        tail = children.pop()
        assert isinstance(tail, Leaf)
        statements: list[Statement] = []
        for child in children:
            _add(child, statements)
        return tuple(statements), tail

    def compound(self, children: list[Leaf | Statement]) -> Statement:
        leaves: list[Leaf | tuple[Statement, ...]] = []
        block: list[Statement] | None = None
        for child in children:
            if block is None:
                assert isinstance(child, Leaf)
                leaves.append(child)
                if child.type == "OPEN":
                    block = []
            elif isinstance(child, Leaf) and child.type in ("HALF", "CLOSE"):
                leaves.append(tuple(block))
                leaves.append(child)
                block = None
            else:
                _add(child, block)
        return Statement(tuple(leaves))


def _add(child: Leaf | Statement, statements: list[Statement]) -> None:
    if isinstance(child, LeafRun):
        statements.extend([Statement((leaf,)) for leaf in child.leaves])
    else:
        statements.append(Statement((child,)) if isinstance(child, Leaf) else child)


def read_tree(path: str, host: Host, options: ReadOptions, *, path_shown: str | None = None) -> Tree:
    """Read a root with all its includes.

    Never raises for bad input: what is wrong is in `problems`.

    Args:
        path: the root; "-" for standard input.
        host: the world outside.
        options: release, sysroot, maps, external files.
        path_shown: the name under which problems and findings show the root.
    """
    shown = path_shown or ("<stdin>" if path == "-" else path)
    try:
        data = host.read(path)
    except ReadError as error:
        return _unread(shown, Problem("read", f"cannot read {shorten(shown, 200)}: {error.reason}", shown))
    source = Source.from_bytes(shown, data, host.realpath(path) if path != "-" else path)
    foreign = foreign_language(source)
    if foreign is not None:
        return _unread(shown, foreign, source)
    return parse_source(source, host, options, path=path)


def parse_source(source: Source, host: Host, options: ReadOptions, *, path: str | None = None) -> Tree:
    """Parse a root that is in memory; includes are read through the host."""
    lexer = Lexer(source, host, options, path if path is not None else source.path)
    parser = _parser().parse_interactive(start="start")
    recovery = _Recovery(parser, lexer)
    with no_collection():
        statements, tail = recovery.run()
    reading = lexer.reading
    return Tree(
        source,
        statements,
        tail,
        tuple(reading.sources.values()),
        tuple(reading.inclusions),
        tuple(reading.problems),
        tuple(reading.missing),
        tuple(reading.external),
        lexer.notes,
    )


class _Recovery:
    """Feeds the parser, and repairs the token stream where the grammar refuses a token."""

    def __init__(self, parser: InteractiveParser, lexer: Lexer) -> None:
        self._parser = parser
        self._lexer = lexer
        self._problems = lexer.reading.problems
        self._open: list[Leaf] = []
        self._syntax_problems = 0

    def run(self) -> tuple[tuple[Statement, ...], Leaf]:
        feed = cast(Any, self._parser.parser_state).feed_token
        opened = self._open
        last: Leaf | None = None
        try:
            for leaf in self._lexer.tokens():
                last = leaf
                try:
                    feed(leaf)
                except UnexpectedToken:
                    self._repair(leaf)
                if leaf.type == "OPEN":
                    opened.append(leaf)
                elif leaf.type in ("CLOSE", "HALF") and opened:
                    opened.pop()
        except TooMuch as stop:
            self._problems.append(stop.problem)
            assert last is not None
            # The rest of the root is kept as the tail, so that printing still gives every byte of it.
            source = self._lexer.root
            at = self._lexer.position
            self._repair(Leaf("EOF", source, at, at, len(source.text)), silent=True)
        result = feed(Token("$END", ""), True)
        return cast("tuple[tuple[Statement, ...], Leaf]", result)

    def _repair(self, leaf: Leaf, *, silent: bool = False) -> None:
        """Make the parser accept a token: say what was expected, feed what is missing, or set the token aside."""
        feed = cast(Any, self._parser.parser_state).feed_token
        accepted = self._accepted()
        if leaf.type in accepted:
            feed(leaf)
            return
        if leaf.type == "EOF":
            self._finish(leaf, silent=silent)
            return
        if "END" in accepted and (leaf.type in ("HALF", "CLOSE", "INCLUDE")):
            # Words, or a block, and then something that ends what is around: the ';' is missing.
            what = "'}'" if leaf.type != "INCLUDE" else "'include'"
            if leaf.type == "INCLUDE" or not self._in_server_keys():
                self._say(f"missing ';' before {what}", Span(leaf.source, leaf.start, leaf.start + 1))
            feed(Leaf("END", leaf.source, leaf.begin, leaf.begin, leaf.begin))
            self._repair(leaf)
            return
        if leaf.type == "END":
            self._say("unexpected ';': no statement stands before it", leaf.span)
        elif leaf.type in ("HALF", "CLOSE"):
            self._say("unexpected '}': no block is open here", Span(leaf.source, leaf.start, leaf.start + 1))
        else:
            self._say(f"unexpected {_first_word(leaf)}", leaf.span)
        feed(Leaf("STRAY", leaf.source, leaf.begin, leaf.start, leaf.end))

    def _in_server_keys(self) -> bool:
        """Whether this is the block of `server X { keys { k } }`, where BIND needs no `;` behind the key."""
        return [_first_word(leaf).lower() for leaf in self._open[-2:]] == ["'server'", "'keys'"]

    def _finish(self, leaf: Leaf, *, silent: bool) -> None:
        feed = cast(Any, self._parser.parser_state).feed_token
        end = len(leaf.source.text)
        unterminated = any("end of input" in p.message for p in self._problems[-1:])
        at = Span(leaf.source, end, end)
        if not silent and not unterminated:
            if self._open:
                opened = self._open[-1]
                related = Related(Span(opened.source, opened.end - 1, opened.end), "the block begins here")
                self._say("unexpected end of file: '}' expected", at, related)
            else:
                self._say("unexpected end of file: missing ';'", at)
        while "EOF" not in (accepted := self._accepted()):
            kind = "END" if "END" in accepted else "CLOSE"
            feed(Leaf(kind, leaf.source, leaf.begin, leaf.begin, leaf.begin))
        feed(leaf)

    def _accepted(self) -> set[str]:
        """The token types that the grammar takes next."""
        return cast("set[str]", cast(Any, self._parser).accepts())

    def _say(self, message: str, span: Span, *related: Related) -> None:
        self._syntax_problems += 1
        if self._syntax_problems > MAX_SYNTAX_PROBLEMS:
            raise TooMuch(
                problem_at(
                    "limit", f"more than {MAX_SYNTAX_PROBLEMS} syntax problems; reading stops here", span
                )
            )
        self._problems.append(problem_at("syntax", message, span, *related))


def _first_word(leaf: Leaf) -> str:
    pieces = split(leaf.text)
    first = pieces[0] if pieces else None
    return f"'{shorten(first.value, 60)}'" if isinstance(first, Word) else "'{'"


def _unread(shown: str, problem: Problem, source: Source | None = None) -> Tree:
    source = source or Source(shown, "")
    tail = Leaf("EOF", source, 0, len(source.text), len(source.text))
    return Tree(source, (), tail, (source,), (), (problem,), (Span(source, 0, 0),), ())


@cache
def _parser() -> Lark:
    """Built once in a process; it keeps no state between parses."""
    return load_parser(_Build())
