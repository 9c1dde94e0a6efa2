"""Where a change goes: the edit for "replace", "after", "inside" and "delete" in a file's own layout."""

from __future__ import annotations

import re
from collections.abc import Sequence

from named_audit.fix.layout import (
    WIDTH,
    Line,
    Style,
    columns,
    indent_at,
    lay_out,
    line_end,
    line_start,
    on_one_line,
)
from named_audit.syntax.edits import TextEdit, comments_in
from named_audit.syntax.lexical import COMMENT, STRING, is_blank, skip_blank


class NoPlaceError(Exception):
    """The change cannot be made at this place; the text says why, for people."""


def replace(text: str, start: int, end: int, lines: Sequence[Line], style: Style) -> TextEdit:
    """Put new text in the place of a span."""
    before = columns(text[line_start(text, start) : start])
    one_line = "\n" not in text[start:end]
    indent = indent_at(text, start)
    new = lay_out(lines, style, indent, before=before, one_line=one_line)
    return TextEdit(start, end, _apart(new, text, end, style, indent))


def after(text: str, start: int, end: int, lines: Sequence[Line], style: Style) -> TextEdit:
    """Put new statements behind the statement at a span.

    They get lines of their own below the statement and its trailing comments; where the statement shares its
    line with others, they share it too.
    """
    indent = indent_at(text, start)
    at = _behind_comments(text, end)
    if at is not None and is_blank(text, line_start(text, start), start):
        new = lay_out(lines, style, indent, before=columns(indent), one_line=True)
        return TextEdit(at, at, style.newline + indent + new)
    before = columns(text[line_start(text, end) : end]) + 1
    flat = _fitting(lines, before)
    new = flat if flat is not None else lay_out(lines, style, indent, before=before, one_line=True)
    return TextEdit(end, end, _apart(f" {new}", text, end, style, indent))


def inside(text: str, start: int, end: int, lines: Sequence[Line], style: Style) -> TextEdit:
    """Put new statements at the head of the block of the statement at a span.

    Raises:
        NoPlaceError: the statement has no block.
    """
    opened = _open_brace(text, start, end)
    outer = indent_at(text, start)
    at = _behind_comments(text, opened)
    if at is not None and at >= end:
        at = None
    own = None if at is None else _indent_of_first(text, at, end)
    inner = outer + style.unit if own is None else own
    new = lay_out(lines, style, inner, before=columns(inner), one_line=True)
    if at is not None:
        return TextEdit(at, at, style.newline + inner + new)
    before = columns(text[line_start(text, opened) : opened]) + 1
    flat = _fitting(lines, before + columns(text[opened : line_end(text, opened)]))
    if flat is not None:
        behind = "" if text[opened : opened + 1] in (" ", "\t") else " "
        return TextEdit(opened, opened, f" {flat}{behind}")
    # The blanks before what follows go: a line end takes their place.
    rest = opened
    while text[rest : rest + 1] in (" ", "\t"):
        rest += 1
    following = outer if text[rest : rest + 1] == "}" else inner
    return TextEdit(opened, rest, style.newline + inner + new + style.newline + following)


def delete(text: str, start: int, end: int) -> TextEdit:
    """Take a statement out; with its lines, where nothing else stands on them."""
    head = line_start(text, start)
    tail = line_end(text, end)
    alone_before = not text[head:start].strip(" \t")
    alone_behind = not text[end:tail].strip(" \t")
    if alone_before and alone_behind:
        following = text.find("\n", tail)
        return TextEdit(head, len(text) if following < 0 else following + 1, "")
    if alone_before:
        while end < tail and text[end] in " \t":
            end += 1
        return TextEdit(start, end, "")
    while text[start - 1] in " \t":
        start -= 1
    return TextEdit(start, end, "")


def _apart(new: str, text: str, end: int, style: Style, indent: str) -> str:
    """New text, with a line end where its last comment would swallow what follows on the line."""
    comments = comments_in(new, 0, len(new))
    open_comment = comments and comments[-1][1] == len(new) and new[comments[-1][0] :][:2] != "/*"
    follows = text[end : line_end(text, end)].strip(" \t")
    return new + style.newline + indent if open_comment and follows else new


def _behind_comments(text: str, at: int) -> int | None:
    """The end of the line of `at`, or of the comments behind it; None if anything else is there."""
    while True:
        found = _TRAILING.match(text, at)
        assert found is not None
        at = found.end()
        if found["comment"] is None:
            break
    end = line_end(text, at)
    return end if not text[at:end].strip(" \t") else None


_TRAILING = re.compile(rf"[ \t]*+(?P<comment>{COMMENT})?", re.DOTALL)


def _open_brace(text: str, start: int, end: int) -> int:
    for found in _BRACE.finditer(text, start, end):
        if found["brace"]:
            return found.end()
    raise NoPlaceError("the statement has no block to put it in")


_BRACE = re.compile(rf"{STRING}|{COMMENT}|(?P<brace>\{{)", re.DOTALL)


def _indent_of_first(text: str, at: int, end: int) -> str | None:
    """The indentation of the first statement behind `at`, if it begins a line within the block."""
    first = skip_blank(text, at)
    if first >= end or text[first] == "}":
        return None
    indent = indent_at(text, first)
    return indent if line_start(text, first) + len(indent) == first else None


def _fitting(lines: Sequence[Line], taken: int) -> str | None:
    """The lines as one, if they fit behind what is on the line already."""
    flat = on_one_line(lines)
    return flat if flat is not None and taken + columns(flat) <= WIDTH else None
