"""Edits of one text that keep every byte outside of them, and the comments that an edit would touch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from named_audit.syntax.lexical import COMMENT, STRING


class TextEdit(NamedTuple):
    """Replace a half-open range of offsets (code points) by a text; an insertion has an empty range."""

    start: int
    end: int
    text: str


EditLike: TypeAlias = TextEdit | tuple[int, int, str]


class OverlapError(ValueError):
    """Two edits claim the same place, so that the result would depend on which goes first."""


def overlap(one: EditLike, other: EditLike) -> bool:
    """Whether two edits cannot both be applied.

    Identical edits are one edit and do not overlap. Two different insertions at one place do: their order is
    open. An insertion at the edge of a replaced range does not.
    """
    if one == other:
        return False
    if one[0] == one[1] and other[0] == other[1]:
        return one[0] == other[0]
    return one[0] < other[1] and other[0] < one[1]


def in_order(edits: Iterable[EditLike]) -> list[EditLike]:
    """The distinct edits in the order of the text.

    Raises:
        OverlapError: two of them overlap.
    """
    ordered = sorted(set(edits))
    for before, after in pairwise(ordered):
        if overlap(before, after):
            raise OverlapError(f"two edits overlap at offset {after[0]}")
    return ordered


def apply_edits(text: str, edits: Iterable[EditLike]) -> str:
    """Apply edits whose offsets all refer to `text`; the same edit given twice is applied once.

    Raises:
        OverlapError: two of them overlap.
        ValueError: one lies outside of the text.
    """
    parts: list[str] = []
    at = 0
    for start, end, new in in_order(edits):
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"an edit at {start}..{end} lies outside of a text of {len(text)} characters")
        parts.append(text[at:start])
        parts.append(new)
        at = end
    parts.append(text[at:])
    return "".join(parts)


_PIECE = re.compile(
    rf'(?P<comment>{COMMENT}|/\*.*+)|{STRING}|"(?P<open>.*+)|[^"/#]++|/',
    re.DOTALL,
)


def comments_in(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The comments in a range, as (start, end) pairs; one that is never closed ends with the range.

    The range has to begin outside of strings and comments. A line comment does not include its line feed.
    """
    return tuple(found.span() for found in _PIECE.finditer(text, start, end) if found["comment"] is not None)
