"""How a file is laid out, and statements laid out in the same way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from named_audit.syntax.edits import comments_in
from named_audit.syntax.lexical import COMMENT, STRING

WIDTH = 100
"""How wide a line with a list on it may become, in columns, before each element gets a line of its own."""

TAB = 8
"""Columns of a tab where a line is measured."""

TEMPLATE_UNIT = 4
"""Spaces per level in `fix.conf.j2`; a tab there is a level too."""

_MAX_LINES = 5_000
_MAX_LINE = 500
"""Enough of a file to know its style by."""

# Marks that the `elements` filter leaves where a list may be broken. No name holds a NUL: `quote` refuses it.
_DEEPER, _SAME, _BACK = "\0>", "\0=", "\0<"
_MARK = re.compile("\0([>=<])")


class Style(NamedTuple):
    """How a file indents, and how its lines end."""

    unit: str
    newline: str


@lru_cache(maxsize=4)
def style_of(text: str) -> Style:
    """The indentation of one level (tabs or spaces; four spaces where a file shows none) and the line end."""
    units: Counter[str] = Counter()
    indented: Counter[str] = Counter()
    outer: str | None = None
    crlf = lf = at = 0
    for _ in range(_MAX_LINES):
        end = text.find("\n", at)
        if end < 0:
            break
        if text[end - 1 : end] == "\r" and end > at:
            crlf += 1
        else:
            lf += 1
        line = text[at:end].rstrip()
        at = end + 1
        if not line or len(line) > _MAX_LINE:
            continue
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if indent:
            indented["\t" if indent[0] == "\t" else " " * 4] += 1
        if outer is not None and len(indent) > len(outer) and indent.startswith(outer):
            units[indent[len(outer) :]] += 1
        outer = indent if _opens(line) else None
    best = units or indented
    unit = best.most_common(1)[0][0] if best else " " * 4
    return Style(unit, "\r\n" if crlf > lf else "\n")


def _opens(line: str) -> bool:
    return re.split(r"//|#|/\*", line, maxsplit=1)[0].rstrip().endswith("{")


def line_start(text: str, at: int) -> int:
    """Where the line of an offset begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line of an offset ends: before its LF or CRLF, or at the end of the text."""
    end = text.find("\n", at)
    if end < 0:
        return len(text)
    return end - 1 if end > 0 and text[end - 1] == "\r" else end


def indent_at(text: str, at: int) -> str:
    """The leading white space of the line of an offset, as far as it goes before the offset."""
    start = line_start(text, at)
    end = start
    while end < at and text[end] in " \t":
        end += 1
    return text[start:end]


def columns(text: str) -> int:
    """How wide a piece of a line is."""
    return len(text.rpartition("\n")[2].expandtabs(TAB))


def mark_elements(elements: Iterable[str]) -> str:
    """A block of elements (without their `;`) that `lay_out` may break at its marks."""
    laid = [f"{element};" for element in elements]
    if not laid:
        return "{ }"
    return "{" + _DEEPER + _SAME.join(laid) + _BACK + "}"


class Line(NamedTuple):
    """One line of rendered text: its level, blanks on top of that, and the rest."""

    level: int
    blanks: str
    text: str


_GAP = re.compile(rf"{STRING}|{COMMENT}|(?P<gap>[ \t\r]*\n[ \t\r\n]*)", re.DOTALL)


def lines_of(rendered: str) -> list[Line]:
    """Split what a template gave into lines, without blank ones and without common indentation.

    A line feed inside a quoted string or a comment ends no line here: it belongs to the name or the comment.
    """
    text = "\n" + rendered.rstrip(" \t\r\n")
    raw: list[tuple[int, str]] = []
    indent = 0
    begin = 0
    for found in _GAP.finditer(text):
        if found["gap"] is None:
            continue
        if begin < found.start():
            raw.append((indent, text[begin : found.start()]))
        indent = len(found["gap"].rpartition("\n")[2].expandtabs(TEMPLATE_UNIT))
        begin = found.end()
    if begin < len(text):
        raw.append((indent, text[begin:]))
    common = min((indent for indent, _ in raw), default=0)
    lines = []
    for indent, line in raw:
        level, rest = divmod(indent - common, TEMPLATE_UNIT)
        lines.append(Line(level, " " * rest, line.rstrip(" \t")))
    return lines


def lay_out(lines: Iterable[Line], style: Style, indent: str, *, before: int, one_line: bool) -> str:
    """Lines as text: the first begins where it will stand, the others with `indent`.

    Args:
        before: columns that are taken on the first line already.
        one_line: whether lists may stay on one line where they fit.
    """
    parts: list[str] = []
    for line in lines:
        lead = indent + style.unit * line.level + line.blanks
        taken = columns(lead) if parts else before
        broken = _break(line.text, line.level, line.blanks, style.unit, indent, taken, one_line=one_line)
        parts.append((lead if parts else "") + broken[0])
        parts.extend(broken[1:])
    return style.newline.join(parts)


def on_one_line(lines: Iterable[Line]) -> str | None:
    """Lines joined by blanks; None where a line comment forbids it."""
    flat = _MARK.sub(" ", " ".join(line.text for line in lines))
    comments = (flat[start : start + 2] for start, _ in comments_in(flat, 0, len(flat)))
    return None if any(opening != "/*" for opening in comments) else flat


def _break(
    text: str, level: int, blanks: str, unit: str, indent: str, taken: int, *, one_line: bool
) -> list[str]:
    """Break a line at its outermost marks if it has to be; all but the first come with their indentation."""
    flat = _MARK.sub(" ", text)
    if flat == text or (one_line and taken + columns(flat) <= WIDTH):
        return [flat]
    result: list[str] = []
    depth = 0
    begin = 0
    deeper = level

    def take(end: int) -> None:
        lead = indent + unit * deeper + blanks if result else ""
        inner = _break(
            text[begin:end], deeper, blanks, unit, indent, columns(lead) if result else taken, one_line=True
        )
        result.append(lead + inner[0])
        result.extend(inner[1:])

    for mark in _MARK.finditer(text):
        kind = mark[1]
        if kind == "<":
            depth -= 1
        if depth == (1 if kind == "=" else 0):
            take(mark.start())
            begin = mark.end()
            deeper = level if kind == "<" else level + 1
        if kind == ">":
            depth += 1
    if not begin:
        return [flat]
    take(len(text))
    return result
