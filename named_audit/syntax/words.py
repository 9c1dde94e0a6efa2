"""The inside of one statement: its words, strings and blocks, split only when somebody asks.

Offsets are relative to the text that was split. In big files most statements repeat letter for letter, so the
pieces are values that depend on nothing but the text, and the last few thousand short texts are remembered.
"""

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

_TOKEN = re.compile(
    r"[ \t\r\n]++"
    r"|//[^\n]*+|\#[^\n]*+|/\*(?:\*(?!/)|[^*]++)*+\*/"
    r'|(?P<word>(?:[^ \t\r\n{};"!/\#])++)'
    r'|(?P<string>"(?:\\.|[^"\\]++)*+")'
    r"|(?P<special>[{};!]|/(?!\*))",
    re.DOTALL,
)
_ESCAPED_QUOTE = re.compile(r"\\(.)", re.DOTALL)


def fold(text: str) -> str:
    """Lower case as BIND's tolower() gives it: ASCII letters only, so that `É` and `é` are two names."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


class Word(NamedTuple):
    """One word. `kind` is "word" (bare), "string" (quoted) or "special" (one of `!` and `/`).

    `value` is what BIND's code sees: without quotes, with `\\"` unescaped, cut at a NUL.
    """

    kind: str
    value: str
    start: int
    end: int

    @property
    def bare(self) -> bool:
        """Whether this is an unquoted word: keywords must be, paths must not."""
        return self.kind == "word"

    @property
    def low(self) -> str:
        """The value in lower case: keywords and most names ignore case."""
        return fold(self.value)


class Element(NamedTuple):
    """One element of a block, up to its `;` (which `end` includes)."""

    pieces: "tuple[Piece, ...]"
    start: int
    end: int


class Group(NamedTuple):
    """A block in braces; `start` is at the `{`, `end` behind the `}`."""

    elements: tuple[Element, ...]
    start: int
    end: int

    @property
    def kind(self) -> str:
        """Not the kind of any word."""
        return "group"

    @property
    def value(self) -> str:
        """What messages show for a block."""
        return "{"

    @property
    def bare(self) -> bool:
        """A block is no unquoted word."""
        return False

    @property
    def low(self) -> str:
        """As `value`."""
        return "{"


Piece: TypeAlias = Word | Group


REMEMBERED = 4096
"""Up to how many characters a text is one of many that repeat; the pieces of a longer one may take gigabytes."""


def split(text: str) -> tuple[Piece, ...]:
    """Split the text of one statement, with or without its final `;`.

    Text that error recovery patched up (a missing `;` or `}`) is split as if nothing were missing.
    """
    return _split_short(text) if len(text) <= REMEMBERED else _split_long(text)


@lru_cache(maxsize=8192)
def _split_short(text: str) -> tuple[Piece, ...]:
    return _split(text)


@lru_cache(maxsize=2)
def _split_long(text: str) -> tuple[Piece, ...]:
    return _split(text)


def _split(text: str) -> tuple[Piece, ...]:
    at, end = 0, len(text)
    # An explicit stack: how deep blocks nest is up to the file.
    pieces: list[Piece] = []
    elements: list[Element] = []
    stack: list[tuple[list[Piece], list[Element], int]] = []
    match = _TOKEN.match
    word_end = -1
    while at < end:
        found = match(text, at, end)
        if found is None:
            # An unterminated string or comment; error recovery has reported it.
            pieces.append(Word("string", text[at:end], at, end))
            break
        kind = found.lastgroup
        start, at = at, found.end()
        if kind is None:
            # BIND gives the last character of a block comment back when the comment ended a bare word, so that
            # its slash is a token of its own: `10.0.0.0/* x */8` is 10.0.0.0/8, and `yes/* x */;` an error.
            if start == word_end and text.startswith("/*", start):
                pieces.append(Word("special", "/", at - 1, at))
            continue
        if kind == "word":
            word_end = at
            value = found[0]
            if "\0" in value:
                value = value.split("\0", 1)[0]  # BIND's C strings end there
            pieces.append(Word("word", value, start, at))
        elif kind == "string":
            pieces.append(Word("string", unquote(found[0]), start, at))
        else:
            special = text[start]
            if special == "{":
                stack.append((pieces, elements, start))
                pieces, elements = [], []
            elif special == ";":
                if not stack:
                    break
                if pieces:
                    elements.append(Element(tuple(pieces), pieces[0].start, at))
                    pieces = []
            elif special == "}":
                if not stack:
                    continue
                if pieces:
                    elements.append(Element(tuple(pieces), pieces[0].start, pieces[-1].end))
                group_elements = tuple(elements)
                pieces, elements, opened = stack.pop()
                pieces.append(Group(group_elements, opened, at))
            else:
                pieces.append(Word("special", special, start, at))
    while stack:
        if pieces:
            elements.append(Element(tuple(pieces), pieces[0].start, pieces[-1].end))
        group_elements = tuple(elements)
        pieces, elements, opened = stack.pop()
        pieces.append(Group(group_elements, opened, end))
    return tuple(pieces)


def unquote(raw: str) -> str:
    """The value of a quoted string: only `\\"` loses its backslash, and a NUL ends it."""
    value = raw[1:-1]
    if "\\" in value:
        value = _ESCAPED_QUOTE.sub(lambda m: '"' if m[1] == '"' else m[0], value)
    if "\0" in value:
        value = value.split("\0", 1)[0]
    return value


def quote(value: str) -> str:
    """A name as a quoted string that BIND reads back as the same name.

    Raises:
        ValueError: no quoted string has this value (a NUL; a backslash before a quote or at the end).
    """
    quoted = '"' + value.replace('"', '\\"') + '"'
    if unquote(quoted) != value or _TOKEN.fullmatch(quoted) is None:
        raise ValueError("this name cannot be written as a quoted string")
    return quoted
