"""Sources, positions in them, and problems that stand at a position."""

from bisect import bisect_right
from typing import NamedTuple


class Position(NamedTuple):
    """A place for people: both 1-based; columns count code points, an undecodable byte as one."""

    line: int
    column: int


class Source:
    """One file as it was read. Bytes that are not UTF-8 live on as surrogate escapes, so nothing is lost."""

    __slots__ = ("_line_starts", "included_at", "path", "real_path", "text")

    def __init__(
        self, path: str, text: str, real_path: str | None = None, included_at: "Span | None" = None
    ) -> None:
        self.path = path
        """As it is shown: what the user gave, or the include path after --map."""
        self.real_path = real_path if real_path is not None else path
        self.text = text
        self.included_at = included_at
        """The first include statement that led here; None for a root."""
        self._line_starts: list[int] | None = None

    @classmethod
    def from_bytes(
        cls, path: str, data: bytes, real_path: str | None = None, included_at: "Span | None" = None
    ) -> "Source":
        """Decode without loss: `to_bytes` gives the same bytes back."""
        return cls(path, data.decode("utf-8", "surrogateescape"), real_path, included_at)

    def to_bytes(self) -> bytes:
        """The bytes that were read."""
        return self.text.encode("utf-8", "surrogateescape")

    def position(self, offset: int) -> Position:
        """Line and column of an offset; only LF ends a line, as in BIND."""
        starts = self.line_starts
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    @property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins."""
        if self._line_starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._line_starts = starts
        return self._line_starts

    def line_bounds(self, line: int) -> tuple[int, int]:
        """Start and end offset of a 1-based line, without its line end."""
        starts = self.line_starts
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        if end > start and self.text[end - 1] == "\r":
            end -= 1
        return start, end

    def __repr__(self) -> str:
        return f"Source({self.path!r})"


class Span(NamedTuple):
    """A half-open range of offsets (code points) in one source."""

    source: Source
    start: int
    end: int

    @property
    def begin(self) -> Position:
        """Position of the first character."""
        return self.source.position(self.start)

    @property
    def finish(self) -> Position:
        """Position just behind the last character."""
        return self.source.position(self.end)

    @property
    def text(self) -> str:
        """The raw text; it may hold secrets, so it is never shown: see `redact`."""
        return self.source.text[self.start : self.end]


class Related(NamedTuple):
    """A second place that belongs to a finding or a problem, with a few words."""

    span: Span
    message: str


class Problem(NamedTuple):
    """Why a run is incomplete.

    `kind` is one of: "read" (a root), "include", "syntax", "argument", "template", "rndc", "limit", "rule",
    "checkconf" (what a named-checkconf that was asked would have said).
    A problem about something that has no text (a root that cannot be read) has a path and no span.
    """

    kind: str
    message: str
    path: str
    span: Span | None = None
    related: tuple[Related, ...] = ()


def problem_at(kind: str, message: str, span: Span, *related: Related) -> Problem:
    """A problem at a place in a source."""
    return Problem(kind, message, span.source.path, span, related)
