"""The report for people: each finding with its place in the file, why, and the corrected text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from named_audit.lint.contract import Outcome, RenderedFix, Reported, Severity
from named_audit.report.closing import closing_line, incomplete_line
from named_audit.report.shown import (
    problem_words,
    shown,
    visible,
    visible_character,
    zones_line,
)
from named_audit.syntax.redact import redact, redact_text, widen
from named_audit.syntax.source import Problem, Related, Source, Span

MAX_LINES = 3
"""How many lines of a span are shown before the ellipsis."""

TAB = 8
ELLIPSIS = "..."

# Pieces of one line, each with a style of rich's, or none.
Piece: TypeAlias = tuple[str, str]
Line: TypeAlias = tuple[Piece, ...]

_STYLES = {
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "blue",
}
_PATH = "bold"
_DIM = "dim"
_FIX = "green"
_ALARM = "bold white on red"

_GRADES = {
    "safe": "safe, --fix applies it",
    "unsafe": "unsafe, --unsafe-fixes applies it",
    "display": "to apply by hand",
}


def render_full_text(outcome: Outcome, *, color: bool, width: int) -> str:
    """See `named_audit.report.text.render_text`."""
    lines = list(_lines(outcome, width))
    lines += [((line, ""),) for line in changes_lines(outcome)]
    lines += [((note, _DIM),) for note in _notes(outcome)]
    lines.append(((closing_line(outcome), "bold"),))
    if not outcome.complete:
        lines.append(((incomplete_line(outcome), _ALARM),))
    paint = _painted if color else _plain
    return "".join(paint(line) + "\n" for line in lines)


def changes_lines(outcome: Outcome) -> Iterator[str]:
    """Who is served and told after the corrections and was not before (+), and the reverse (-)."""
    if not outcome.changes:
        return
    from named_audit.report.differences import root_lines

    yield "what the corrections change, + for who gains and - for who loses:"
    for root in outcome.changes:
        for line in root_lines(root):
            yield f"  {line}" if line else line


def _notes(outcome: Outcome) -> Iterator[str]:
    return (f"note: {shown(note)}" for note in outcome.notes)


def _plain(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip(" ")


def _painted(line: Line) -> str:
    from rich.color import ColorSystem
    from rich.style import Style

    painted = [
        Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if style and text else text
        for text, style in line
    ]
    return "".join(painted).rstrip(" ")


def _lines(outcome: Outcome, width: int) -> Iterator[Line]:
    for finding in outcome.findings:
        yield from _finding(finding, width)
        yield ()
    for problem in outcome.problems:
        yield from _problem(problem, width)
        yield ()


def _finding(finding: Reported, width: int) -> Iterator[Line]:
    style = _STYLES[finding.severity]
    kind = f"{finding.severity.word}[{visible(finding.rule)}]"
    yield ((f"{_where(finding.at)}: ", _PATH), (kind, style), (f" {shown(finding.message)}", ""))
    yield from _excerpt(finding.at, width, style, "  ")
    yield from _related(finding.related, width)
    if finding.scopes:
        yield ((f"  {zones_line(finding.scopes)}", ""),)
    for number, fix in enumerate(finding.fixes):
        yield from _fix(fix, "correction" if number == 0 else "or")


def _problem(problem: Problem, width: int) -> Iterator[Line]:
    where = visible(problem.path) if problem.span is None else _where(problem.span)
    words = problem_words(problem)
    yield ((f"{where}: ", _PATH), (words, _STYLES[Severity.HIGH]), (f" {shown(problem.message)}", ""))
    if problem.span is not None:
        yield from _excerpt(problem.span, width, _STYLES[Severity.HIGH], "  ")
    yield from _related(problem.related, width)


def _related(related: tuple[Related, ...], width: int) -> Iterator[Line]:
    for span, message in related:
        yield ((f"  {_where(span)}: ", _PATH), (shown(message), ""))
        yield from _excerpt(span, width, _STYLES[Severity.INFO], "    ")


def _fix(fix: RenderedFix, word: str) -> Iterator[Line]:
    grade = _GRADES[fix.grade]
    if fix.refused:
        grade += f": {shown(fix.refused)}"
    yield ((f"  {word}: ", _FIX), (f"{shown(fix.title)} ({grade})", ""))
    for line in redact_text(fix.snippet).split("\n"):
        text = visible(line.rstrip("\r").expandtabs(TAB))
        if text:
            yield ((f"      {text}", _FIX),)


def render_findings(findings: Iterable[Reported], *, color: bool, width: int) -> str:
    """Findings alone, as a report shows them."""
    paint = _painted if color else _plain
    return "".join(paint(line) + "\n" for finding in findings for line in (*_finding(finding, width), ()))


def _where(span: Span) -> str:
    begin = span.begin
    return f"{visible(span.source.path)}:{begin.line}:{begin.column}"


def _excerpt(span: Span, width: int, style: str, indent: str) -> Iterator[Line]:
    source = span.source
    start, end = widen(source, span.start, span.end)
    first = source.position(start).line
    last = max(first, source.position(max(start, end - 1)).line)
    final = min(last, first + MAX_LINES - 1)
    gutter = len(str(final))
    room = max(width - len(indent) - gutter - 3, 20)
    for number in range(first, final + 1):
        text, column, length = _marked(source, number, start, end, room)
        yield ((f"{indent}{number:>{gutter}} | ", _DIM), (text, ""))
        if length:
            yield ((f"{indent}{'':{gutter}} | ", _DIM), (" " * column, ""), ("^" * length, style))
    if final < last:
        more = last - final
        yield ((f"{indent}{'':{gutter}} {ELLIPSIS} {more} more line{'' if more == 1 else 's'}", _DIM),)


def _marked(source: Source, number: int, start: int, end: int, room: int) -> tuple[str, int, int]:
    """One line clipped to `room` columns, and where in it (from 0) how many carets go."""
    line_start, line_end = source.line_bounds(number)
    begin = min(max(start, line_start), line_end)
    finish = min(max(end, begin), line_end)
    if start < line_start:
        # The span began further up: the carets leave out this line's indentation.
        inside = source.text[begin:finish]
        begin += len(inside) - len(inside.lstrip())
    # A line may be as long as the file. Only what can be seen is looked at, and no secret is cut in two.
    left, _ = widen(source, max(line_start, begin - 2 * room), begin)
    _, right = widen(source, begin, min(line_end, begin + 2 * room))
    finish = min(finish, right)
    before = _cells(redact(source, left, begin), 0)
    marked = _cells(redact(source, begin, finish), before.width)
    behind = _cells(redact(source, finish, right), before.width + marked.width)
    wanted = max(marked.width, 1) if finish > begin or start >= line_start else 0
    head = before.cells
    clipped = left > line_start
    if clipped or before.width + min(wanted, room // 2) > room - len(ELLIPSIS):
        head = [ELLIPSIS, *_last(before.cells, room // 3 - len(ELLIPSIS))]
    column = sum(map(_width, head))
    tail = marked.cells + behind.cells
    free = room - column
    if right < line_end or sum(map(_width, tail)) > free:
        tail = [*_first(tail, free - len(ELLIPSIS)), ELLIPSIS]
    return "".join(head + tail), column, min(wanted, max(free, 1))


class _Cells(NamedTuple):
    cells: list[str]
    """What one character after the other looks like."""
    width: int
    """In columns of the screen."""


def _cells(text: str, column: int) -> _Cells:
    cells: list[str] = []
    at = column
    for character in text:
        cell = " " * (TAB - at % TAB) if character == "\t" else visible_character(character)
        cells.append(cell)
        at += _width(cell)
    return _Cells(cells, at - column)


def _first(cells: list[str], room: int) -> list[str]:
    kept: list[str] = []
    for cell in cells:
        room -= _width(cell)
        if room < 0:
            break
        kept.append(cell)
    return kept


def _last(cells: list[str], room: int) -> list[str]:
    return _first(cells[::-1], room)[::-1]


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
