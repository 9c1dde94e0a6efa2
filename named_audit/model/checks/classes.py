"""Classes as BIND's dns_rdataclass_fromtext() reads them, and the views that they do not fit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from named_audit.catalogue.refusal import Refusal
from named_audit.model.config import Config, View
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span

IN, CHAOS = 1, 3

_NUMBERS = {
    "in": IN,
    "ch": CHAOS,
    "chaos": CHAOS,
    "hs": 4,
    "hesiod": 4,
    "any": 255,
    "none": 254,
    "reserved0": 0,
}
_BUILT_IN = {("_bind", CHAOS), ("_default", IN)}


@lru_cache(maxsize=64)
def class_number(word: str) -> int | None:
    """The number of a class given in lower case, by name or as `class1`; None for what is no class."""
    known = _NUMBERS.get(word)
    if known is not None:
        return known
    digits = word[5:]
    if word[:5] != "class" or not (digits.isascii() and digits.isdecimal()):
        return None
    number = int(digits.lstrip("0")[:6] or "0")
    return number if number <= 0xFFFF else None


def view_faults(config: Config) -> Iterator[Refusal]:
    """Views of a class that is no more, and views with a name that named keeps for its own."""
    for view in config.views:
        statement = view.statement
        if statement is None:
            continue
        number = class_number(view.class_)
        shown = shorten(view.name or "", 60)
        if number is None:
            continue  # said with the statement
        if number != IN and config.release is not None and config.release.at_least(9, 21, 26):
            message = f"view '{shown}': class '{shorten(view.class_, 60)}' is not IN"
            yield Refusal("invalid-view", message, class_span(view))
        elif ((view.name or "").lower(), number) in _BUILT_IN:
            message = f"attempt to redefine builtin view '{shown}'"
            yield Refusal("invalid-view", message, statement.name_span)


def class_span(view: View) -> Span:
    """Where a view says its class."""
    assert view.statement is not None
    piece = view.statement.head[2]
    return view.statement.locate(piece.start, piece.end)
