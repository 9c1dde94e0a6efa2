"""Text to tokens, across files: the lexer, not the parser, follows includes, as in BIND."""

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from named_audit.host import Host, ReadError
from named_audit.syntax.dialect import foreign_language
from named_audit.syntax.lexical import RAW_BODY, SCAN, going_on, skip_blank, skip_words
from named_audit.syntax.locate import Locator, ReadOptions
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Related, Source, Span, problem_at
from named_audit.syntax.tree import Inclusion, Leaf, LeafRun, Statement
from named_audit.syntax.words import Word, split

MAX_DEPTH = 200
"""How deep blocks may nest. The deepest real configurations reach about 6."""

MAX_INCLUDE_DEPTH = 50
"""How deep includes may nest; named itself runs out of open files."""

MAX_INCLUDES = 50_000
"""How many files one root may read, the same one counted each time."""

MAX_PATH = 8192
"""How much of a statement is kept to see whether it is `options` or `directory`: longer paths cannot be opened."""

MAX_READ_AGAIN = 64 * 1024 * 1024
"""How many characters may be read again: files that include others twice double at each level."""

TIMES_READ = 32
"""How many times all that was read may be read again although that is more: views that share a long list of zones."""

MAX_TOTAL = 512 * 1024 * 1024
"""How many characters may be read again in any case."""


EMPTY = "/dev/null"
"""A device, and yet BIND reads it: people put it in the place of a file that they do not need."""


class TooMuch(Exception):
    """A limit was passed; reading stops here."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Frame:
    """A file that is being read, or waits for the others that the same include brought in."""

    __slots__ = ("at", "depth", "parent", "source")

    def __init__(self, source: Source, parent: "_Frame | None" = None) -> None:
        self.source = source
        self.at = 0
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0

    def is_within(self, real_path: str) -> bool:
        """Whether a file of this path is this one or includes it."""
        frame: _Frame | None = self
        while frame is not None:
            if frame.source.real_path == real_path:
                return True
            frame = frame.parent
        return False


class Reading(NamedTuple):
    """What the lexer notes beside the tokens. The lists grow while it runs."""

    problems: list[Problem]
    inclusions: list[Inclusion]
    missing: list[Span]
    external: list[Span]
    sources: dict[str, Source]


class Lexer:
    """The tokens of one root."""

    def __init__(self, root: Source, host: Host, options: ReadOptions, path: str) -> None:
        self.root = root
        self._host = host
        self._frames = [_Frame(root)]
        self._locator = Locator(path, host, options)
        self._heads: list[bool] = []
        self._goes_on = False
        self._included = 0
        self._foreign: set[str] = set()
        self._read = len(root.text)
        self._read_again = 0
        self.reading = Reading([], [], [], [], {root.real_path: root})

    @property
    def notes(self) -> tuple[str, ...]:
        """Where includes were found instead of at their literal path."""
        return tuple(self._locator.notes)

    @property
    def position(self) -> int:
        """How far the root has been read."""
        return self._frames[0].at

    def tokens(self) -> Iterator[Leaf]:
        """Yield every token; the last one is EOF.

        Raises:
            TooMuch: the nesting of blocks or of includes passes a limit.
        """
        frames = self._frames
        heads = self._heads
        cut_off = ""
        """The words of a statement that the end of a file cut off, and that goes on here."""
        while True:
            frame = frames[-1]
            source = frame.source
            text = source.text
            at = frame.at
            scan = going_on().match if self._goes_on else SCAN.match
            while found := scan(text, at):
                if cut_off and found.lastgroup == "STATEMENT":
                    # In an `options` that begins in another file, `directory` must be seen as a statement.
                    found = going_on().match(text, at)
                    assert found is not None
                kind = found.lastgroup
                assert kind is not None
                if kind == "STATEMENT":
                    leaves: list[Leaf] = []
                    while found is not None and found.lastgroup == "STATEMENT":
                        leaf = Leaf(kind, source, at, found.end("trivia"), found.end())
                        leaves.append(leaf)
                        at = leaf.end
                        if heads and heads[-1]:
                            self._look_for_directory(leaf.text)
                        found = scan(text, at)
                    yield leaves[0] if len(leaves) == 1 else LeafRun(leaves)
                    continue
                start = found.end("trivia")
                end = found.end()
                leaf = Leaf(kind, source, at, start, end)
                at = end
                before, cut_off = cut_off, ""
                if kind == "OPEN":
                    if len(heads) >= MAX_DEPTH:
                        raise _too_much(f"blocks nest more than {MAX_DEPTH} deep", leaf.span)
                    heads.append(not heads and (before or text[start:end])[:7].lower() == "options")
                    self._goes_on = False
                    scan = SCAN.match
                elif kind == "CLOSE":
                    if heads:
                        heads.pop()
                    self._goes_on = False
                    scan = SCAN.match
                elif kind == "HALF":
                    # A statement goes on behind its block; a stray '}' at the top ends nothing.
                    if heads:
                        heads.pop()
                        self._goes_on = True
                        scan = going_on().match
                elif kind == "END":
                    if before and heads and heads[-1]:
                        self._look_for_directory(f"{before}\n{leaf.text}")
                    self._goes_on = False
                    scan = SCAN.match
                elif kind == "INCLUDE":
                    frame.at = at
                    yield leaf
                    if self._include(leaf):
                        break
                    continue
                else:  # RAW
                    leaf = self._raw(leaf)
                    at = leaf.end
                    self._goes_on = leaf.type == "WORDS"
                    scan = going_on().match if self._goes_on else SCAN.match
                yield leaf
            else:
                frame.at = at
                words = self._cut_off(frame)
                if words is not None:
                    cut_off = (
                        f"{cut_off}\n{words.text[:MAX_PATH]}"[:MAX_PATH] if cut_off else words.text[:MAX_PATH]
                    )
                    yield words
                elif len(frames) == 1:
                    yield Leaf("EOF", source, at, skip_blank(text, at), len(text))
                    return
                else:
                    frames.pop()

    def _cut_off(self, frame: _Frame) -> Leaf | None:
        """Words before a '}' or the end of the file, with what an unterminated string or comment swallows."""
        source, text = frame.source, frame.source.text
        start = skip_blank(text, frame.at)
        end = skip_words(text, start)
        following = text[end : end + 1]
        if following in ('"', "/"):
            what = "string" if following == '"' else "comment"
            self.reading.problems.append(
                problem_at(
                    "syntax",
                    f"unexpected end of input: this {what} is never closed",
                    Span(source, len(text), len(text)),
                    Related(Span(source, end, end + 1), f"the {what} begins here"),
                )
            )
            end = len(text)
        elif start == end:
            return None
        leaf = Leaf("WORDS", source, frame.at, start, end)
        frame.at = end
        return leaf

    def _look_for_directory(self, text: str) -> None:
        if text[:9].lower() != "directory":
            return
        pieces = split(text)
        if len(pieces) >= 2 and pieces[0].low == "directory":
            self._locator.directory = pieces[1].value

    def _raw(self, leaf: Leaf) -> Leaf:
        """Take the raw text behind `dyndb ... {` or `plugin ... {` as one token with its head."""
        source, text = leaf.source, leaf.source.text
        depth, at = 1, leaf.end
        while depth:
            step = RAW_BODY.match(text, at)
            if step is None:
                self.reading.problems.append(
                    problem_at(
                        "syntax",
                        "unexpected end of input: this block is never closed",
                        Span(source, len(text), len(text)),
                        Related(Span(source, leaf.end - 1, leaf.end), "the block begins here"),
                    )
                )
                return Leaf("WORDS", source, leaf.begin, leaf.start, len(text))
            depth += 1 if step[1] == "{" else -1
            at = step.end()
        behind = skip_blank(text, at)
        if text[behind : behind + 1] == ";":
            return Leaf("STATEMENT", source, leaf.begin, leaf.start, behind + 1)
        return Leaf("WORDS", source, leaf.begin, leaf.start, at)

    def _include(self, leaf: Leaf) -> bool:
        """Push the included files; false if there is nothing to read."""
        span = leaf.span
        statement = Statement((leaf,))
        pieces = split(leaf.text)
        if len(pieces) != 2 or not isinstance(pieces[1], Word) or pieces[1].kind != "string":
            found = {1: "nothing", 2: "an unquoted word"}.get(len(pieces), "more than one word")
            self._fail(span, f"include takes one path in double quotes; found {found}")
            return False
        if not leaf.text.endswith(";"):
            self._missing_semicolon(leaf)
        path = pieces[1].value
        if not path:
            self._fail(span, "include with an empty path")
            return False
        if posixpath.normpath(path) == EMPTY:
            self.reading.inclusions.append(Inclusion(statement, path, ()))
            return False
        if self._locator.is_external(path):
            self.reading.external.append(span)
            return False
        try:
            found_paths = self._locator.find(path)
        except ReadError as error:
            self._fail(span, f"cannot read include {_shown(path)}: {error.reason}")
            return False
        if not found_paths:
            place = self._locator.place(path)
            where = "" if place == path else f" (looked for {shorten(place, 200)})"
            self._fail(
                span,
                f"cannot read include {_shown(path)}{where}: nothing is there. If it lies elsewhere here, "
                "say where with --map or --sysroot; if it is not kept here, declare it under `external` in "
                "the settings",
            )
            return False
        sources: list[Source] = []
        for found_path in found_paths:
            source = self._open(found_path, span)
            if source is not None:
                sources.append(source)
        self.reading.inclusions.append(Inclusion(statement, path, tuple(sources), self._locator.directory))
        # A stack: the frame pushed last is read first.
        parent = self._frames[-1]
        self._frames.extend(_Frame(source, parent) for source in reversed(sources))
        return bool(sources)

    def _missing_semicolon(self, leaf: Leaf) -> None:
        source = leaf.source
        at = skip_blank(source.text, leaf.end)
        following = split(source.text[at : at + 200])
        shown = (
            f"'{shorten(following[0].value, 60)}'" if following and at < len(source.text) else "end of file"
        )
        span = Span(source, at, min(at + 1, len(source.text)))
        self.reading.problems.append(problem_at("syntax", f"missing ';' before {shown}", span))

    def _open(self, path: str, span: Span) -> Source | None:
        self._included += 1
        if self._included > MAX_INCLUDES:
            raise _too_much(f"more than {MAX_INCLUDES} includes", span)
        real = self._host.realpath(path)
        shown = self._locator.shown(path)
        if self._frames[-1].is_within(real):
            self._fail(span, f"include loop: {_shown(shown)} includes itself through this line")
            return None
        if real == EMPTY:
            return None
        if real in self._foreign:
            self.reading.missing.append(span)
            return None
        if self._frames[-1].depth >= MAX_INCLUDE_DEPTH:
            raise _too_much(f"includes nest more than {MAX_INCLUDE_DEPTH} deep", span)
        known = self.reading.sources.get(real)
        if known is not None:
            self._read_again += len(known.text)
            if self._read_again > max(MAX_READ_AGAIN, min(TIMES_READ * self._read, MAX_TOTAL)):
                raise _too_much("the same files are included again and again", span)
            return known
        try:
            data = self._host.read("./-" if path == "-" else path)  # only a root can be standard input
        except ReadError as error:
            self._fail(span, f"cannot read include {_shown(shown)}: {error.reason}")
            return None
        source = Source.from_bytes(shown, data, real, span)
        foreign = foreign_language(source)
        if foreign is not None:
            self._foreign.add(real)
            self.reading.missing.append(span)
            self.reading.problems.append(foreign)
            return None
        self.reading.sources[real] = source
        self._read += len(source.text)
        return source

    def _fail(self, span: Span, message: str) -> None:
        self.reading.missing.append(span)
        self.reading.problems.append(problem_at("include", message, span))


def _too_much(message: str, span: Span) -> TooMuch:
    return TooMuch(problem_at("limit", f"{message}; reading stops here", span))


def _shown(path: str) -> str:
    return f'"{shorten(path, 200)}"'
