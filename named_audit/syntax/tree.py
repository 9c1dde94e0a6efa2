"""The lossless tree of a configuration: statements over leaves that between them hold every byte."""

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from named_audit.syntax.lexical import flat_ranges, is_blank
from named_audit.syntax.source import Problem, Source, Span
from named_audit.syntax.words import Piece, Word, fold, split

_NAME = re.compile(r'[^ \t\r\n{};"!/\#]+')


class Leaf:
    """A token in a file. `begin` to `start` is the white space and the comments before it."""

    __slots__ = ("begin", "end", "source", "start", "type")

    def __init__(self, type: str, source: Source, begin: int, start: int, end: int) -> None:
        self.type = type
        self.source = source
        self.begin = begin
        self.start = start
        self.end = end

    @property
    def text(self) -> str:
        """The token without what stands before it."""
        return self.source.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """Where the token stands."""
        return Span(self.source, self.start, self.end)

    def __repr__(self) -> str:
        return f"Leaf({self.type}, {self.source.path}, {self.start}-{self.end}, {self.text[:40]!r})"


class LeafRun(Leaf):
    """Several STATEMENT leaves in a row, on their way through the parser as one token: most of a big file is that."""

    __slots__ = ("leaves",)

    def __init__(self, leaves: list[Leaf]) -> None:
        first = leaves[0]
        super().__init__(first.type, first.source, first.begin, first.start, first.end)
        self.leaves = leaves


class Statement:
    """One statement, simple or with blocks. Spans run from its first word to its `;`."""

    __slots__ = ("_children", "leaves")

    leaves: "tuple[Leaf | tuple[Statement, ...], ...]"
    """Leaves, with the statements of each block as a tuple between its OPEN and its HALF or CLOSE."""

    def __init__(self, leaves: "tuple[Leaf | tuple[Statement, ...], ...]") -> None:
        self.leaves = leaves
        self._children: tuple[Statement, ...] | None = None

    @property
    def first(self) -> Leaf:
        """The first token."""
        leaf = self.leaves[0]
        assert isinstance(leaf, Leaf)
        return leaf

    @property
    def last(self) -> Leaf:
        """The last token."""
        leaf = self.leaves[-1]
        assert isinstance(leaf, Leaf)
        return leaf

    @property
    def type(self) -> str:
        """The type of the first token: "STATEMENT", "INCLUDE", "OPEN", "WORDS" or "STRAY"."""
        return self.first.type

    @property
    def source(self) -> Source:
        """The file in which the statement begins."""
        return self.first.source

    @property
    def span(self) -> Span:
        """From the first word to the `;`; where it runs over the end of a file, to the end of its part there."""
        first = self.first
        end = first.end
        for leaf in iter_leaves(self):
            if leaf.source is first.source and leaf.end > end:
                end = leaf.end
        return Span(first.source, first.start, end)

    @property
    def name(self) -> str:
        """The first word in lower case; empty where the statement begins with something else."""
        first = self.first
        found = _NAME.match(first.source.text, first.start, first.end)
        return fold(found[0].split("\0", 1)[0]) if found else ""

    @property
    def name_span(self) -> Span:
        """The span of the first word (of the whole first token where that is no word)."""
        first = self.first
        found = _NAME.match(first.source.text, first.start, first.end)
        return Span(first.source, first.start, found.end() if found else first.end)

    @property
    def head(self) -> tuple[Piece, ...]:
        """The words before the first block."""
        first = self.first
        if first.type == "OPEN":
            return split(first.source.text[first.start : first.end - 1])
        pieces = self.pieces
        for index, piece in enumerate(pieces):
            if not isinstance(piece, Word):
                return pieces[:index]
        return pieces

    @property
    def contiguous(self) -> bool:
        """Whether the whole statement stands in one file, so that its text is one piece of that file."""
        first = self.first
        return all(leaf.source is first.source for leaf in iter_leaves(self))

    @property
    def text(self) -> str:
        """The statement's text; where includes cut it into parts, the parts joined by a line feed."""
        if len(self.leaves) == 1:
            return self.first.text
        return "\n".join(part.text for part in self._parts())

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Words and blocks of the statement; offsets are relative to `text`, see `locate`."""
        return split(self.text)

    def locate(self, start: int, end: int) -> Span:
        """Turn offsets in `text` into a span; one that crosses a file's end is cut there."""
        at = 0
        parts = self._parts()
        for part in parts:
            length = part.end - part.start
            if start < at + length or part is parts[-1]:
                offset = part.start + start - at
                return Span(part.source, offset, max(offset, min(part.start + end - at, part.end)))
            at += length + 1
        raise AssertionError("a statement has at least one part")

    def part(self, start: int, end: int) -> "Statement":
        """The statement that stands inside this one between two offsets in `text`, as in `catalog-zones`."""
        leaves: list[Leaf] = []
        at = 0
        for stretch in self._parts():
            length = stretch.end - stretch.start
            begins, ends = max(start - at, 0), min(end - at, length)
            if begins < ends:
                leaves.append(
                    Leaf(
                        "WORDS" if leaves else "STATEMENT",
                        stretch.source,
                        stretch.start + begins,
                        stretch.start + begins,
                        stretch.start + ends,
                    )
                )
            at += length + 1
        return Statement(tuple(leaves))

    @property
    def block(self) -> bool:
        """Whether the statement has a block."""
        first = self.first
        if first.type == "OPEN" or len(self.leaves) > 1:
            return (
                any(leaf.type == "OPEN" for leaf in self.leaves if isinstance(leaf, Leaf)) or "{" in self.text
            )
        return "{" in first.text and any(not isinstance(piece, Word) for piece in self.pieces)

    @property
    def children(self) -> "tuple[Statement, ...]":
        """The statements of the first block."""
        if self._children is None:
            self._children = self._find_children()
        return self._children

    def _find_children(self) -> "tuple[Statement, ...]":
        for item in self.leaves:
            if isinstance(item, tuple):
                return item
        first = self.first
        source = first.source
        return tuple(
            Statement((Leaf("STATEMENT", source, begin, start, end),))
            for begin, start, end in flat_ranges(source.text, first.start, first.end)
        )

    def _parts(self) -> list[Span]:
        """The stretches of text the statement is made of, in order, one for each stay in a file."""
        if len(self.leaves) == 1:
            return [self.first.span]
        parts: list[Span] = []
        for leaf in iter_leaves(self):
            if leaf.start == leaf.end:
                continue
            last = parts[-1] if parts else None
            if last is not None and last.source is leaf.source and last.end <= leaf.begin:
                parts[-1] = Span(last.source, last.start, leaf.end)
            else:
                parts.append(leaf.span)
        return parts or [self.first.span]

    def __repr__(self) -> str:
        return f"Statement({self.name!r}, {self.source.path}, {self.first.start})"


Node: TypeAlias = Leaf | tuple[Statement, ...]


def iter_leaves(statement: Statement) -> Iterator[Leaf]:
    """Every leaf of a statement, in the order in which named reads them."""
    stack: list[Iterator[Node | Statement]] = [iter(statement.leaves)]
    while stack:
        for item in stack[-1]:
            if isinstance(item, Leaf):
                yield item
            elif isinstance(item, Statement):
                stack.append(iter(item.leaves))
                break
            else:
                stack.append(iter(item))
                break
        else:
            stack.pop()


class Inclusion(NamedTuple):
    """One include statement and the files it brought in, in the order in which named reads them."""

    statement: Statement
    path: str
    sources: tuple[Source, ...]
    directory: str | None = None
    """What `options { directory }` had said before: where named looks for a relative path."""


class Tree(NamedTuple):
    """A root and all that it includes."""

    root: Source
    statements: tuple[Statement, ...]
    tail: Leaf
    sources: tuple[Source, ...]
    """The root first, then every included file once, in the order of first reading."""
    inclusions: tuple[Inclusion, ...]
    problems: tuple[Problem, ...]
    missing: tuple[Span, ...]
    """Includes that are not seen: unreadable ones, each with a problem too."""
    external: tuple[Span, ...]
    """Includes that the settings declare to be elsewhere: no problem, but not seen either."""
    notes: tuple[str, ...] = ()
    """What the reader decided and a person should know, for the closing line."""

    @property
    def unseen(self) -> bool:
        """Whether something that named would read was not read, so that absence proves nothing."""
        return bool(self.missing or self.external or self.problems)


def print_source(tree: Tree, source: Source) -> str:
    """Print one file back from the leaves of the tree: the proof that nothing is lost."""
    parts: list[str] = []
    at = 0
    text = source.text

    def take(leaf: Leaf) -> None:
        nonlocal at
        # A file that is included twice has its leaves twice; the second time `begin` lies behind `at`.
        if leaf.source is source and leaf.begin == at and leaf.end > at:
            parts.append(text[leaf.begin : leaf.end])
            at = leaf.end

    for statement in tree.statements:
        for leaf in iter_leaves(statement):
            take(leaf)
    take(tree.tail)
    for inclusion in tree.inclusions:
        # What follows the last token of an included file is blank or comment and belongs to no token.
        if source in inclusion.sources:
            if is_blank(text, at):
                parts.append(text[at:])
            break
    return "".join(parts)
