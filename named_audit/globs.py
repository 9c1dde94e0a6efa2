"""Patterns of file names as the C library's fnmatch() reads them in the C locale, which is named's."""

from __future__ import annotations

import re
from functools import lru_cache

_SPECIAL = "*?[\\"
# Not compiled patterns: most runs never need them, and `re` remembers what it has compiled.
_CLASS = rb"\[:([a-z]*):\]"
_EQUIVALENT = rb"(?s)\[=(.)=\]"
_ALNUM = rb"0-9A-Za-z"
_CLASSES = {
    b"alnum": _ALNUM,
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": rb"0-9",
    b"graph": rb"!-~",
    b"lower": rb"a-z",
    b"print": rb" -~",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb" \t\n\v\f\r",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}


MAX_LENGTH = 4096
"""The longest path that Linux opens."""


class PatternError(ValueError):
    """A pattern whose meaning is not clear; the text says what is wrong with it."""


def has_wildcard(pattern: str) -> bool:
    """Whether glob() would treat any character of the path specially."""
    return any(character in pattern for character in _SPECIAL)


def matches(pattern: str, name: str, *, period: bool = True) -> bool:
    """Whether a pattern without slashes matches a whole file name.

    Args:
        pattern: `*`, `?`, `[...]` and backslashes are special, as in fnmatch(3).
        name: the name, with surrogate escapes for bytes that are not UTF-8.
        period: whether a period at the beginning must be matched by one in the pattern, as glob() wants it.

    Raises:
        PatternError: it is not clear what the pattern means, say for a bracket that is not closed.
    """
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"more than {MAX_LENGTH} characters")
    if period and name.startswith(".") and pattern[:1] in ("*", "?", "["):
        return False
    return _compiled(pattern).fullmatch(_bytes(name)) is not None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[bytes]:
    parts: list[bytes] = []
    text = _bytes(pattern)
    at = 0
    while at < len(text):
        character = text[at : at + 1]
        at += 1
        if character == b"*":
            if parts[-1:] != [b".*"]:
                parts.append(b".*")
        elif character == b"?":
            parts.append(b".")
        elif character == b"\\":
            if at == len(text):
                raise PatternError("a backslash at its end")
            parts.append(re.escape(text[at : at + 1]))
            at += 1
        elif character == b"[":
            part, at = _bracket(text, at)
            parts.append(part)
        else:
            parts.append(re.escape(character))
    return re.compile(b"".join(parts), re.DOTALL)


def _bracket(text: bytes, at: int) -> tuple[bytes, int]:
    """What stands behind a `[`, as a part of a regular expression, and the place behind its `]`."""
    opened = at
    negated = text[at : at + 1] in (b"!", b"^")
    at += negated
    classes = b""
    members: set[int] = set()
    first = True
    while first or text[at : at + 1] != b"]":
        first = False
        if at >= len(text):
            if not re.search(rb"[\[\]\\!^-]", text[opened:]):
                return rb"\[", opened
            raise PatternError("a '[' that is not closed")
        if found := re.match(_CLASS, text[at : at + 300]):
            if found[1] not in _CLASSES:
                raise PatternError("a class of characters that there is not")
            classes += _CLASSES[found[1]]
            at += found.end()
        elif found := re.match(_EQUIVALENT, text[at : at + 300]):
            members.add(found[1][0])
            at += found.end()
        else:
            low, at = _member(text, at)
            high = low
            if text[at : at + 1] == b"-" and text[at + 1 : at + 2] not in (b"]", b""):
                high, at = _member(text, at + 1)
            members.update(range(low, high + 1))
    inside = classes + b"".join(b"\\x%02x" % member for member in sorted(members))
    if not inside:  # a range that ends before it begins
        return (b"." if negated else b"(?!)"), at + 1
    return b"[" + (b"^" if negated else b"") + inside + b"]", at + 1


def _member(text: bytes, at: int) -> tuple[int, int]:
    """One character of a bracket, and the place behind it."""
    if text[at : at + 2] in (b"[.", b"[=") or re.match(_CLASS, text[at : at + 300]):
        raise PatternError("a bracket in a bracket that is no class")
    if text[at : at + 1] == b"\\":
        at += 1
    if at >= len(text):
        raise PatternError("a '[' that is not closed")
    return text[at], at + 1
