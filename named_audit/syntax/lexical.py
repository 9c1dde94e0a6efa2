"""The lexical terminals of grammar/named_conf.lark as regular expressions, and the coarse tokens built from them.

The grammar file is where they are explained; a test holds the two equal. Possessive quantifiers everywhere: no
input, however hostile, makes these patterns go back over what they have read.
"""

from __future__ import annotations

import re
from functools import cache


def many(alternatives: str) -> str:
    """As often as possible, for good.

    Up to Python 3.11.4 (Debian 12 has 3.11.2) a possessive group goes on from where its last, failed round had got
    to (CPython issue 106052). An alternative that fails at once, tried last, takes the matcher back. The terminals
    below need none: their last alternative is a class, which fails where it stands.
    """
    return f"(?:{alternatives}|(?!))*+"


BLANK = r"[ \t\r\n]++"
COMMENT = r"//[^\n]*+|#[^\n]*+|/\*(?:\*(?!/)|[^*]++)*+\*/"
STRING = r'"(?:\\.|[^"\\]++)*+"'
WORD = r'(?:[^ \t\r\n{};"!/#])++'
SLASH = r"/(?![/*])"

TRIVIA = many(f"{BLANK}|{COMMENT}")
WORDS = many(rf'[^{{}};"/#]++|{STRING}|{SLASH}|{COMMENT}')
_WORD_ENDS = r'(?![^ \t\r\n{};"!/#])'
# An include is a token of its own wherever a statement may begin, so no coarse token may swallow one.
_NO_INCLUDE = rf"(?!(?ai:include){_WORD_ENDS})"
# `directory` inside options changes what relative includes mean: the lexer must see it as a statement.
_NO_OPTIONS = rf"(?!(?ai:options){TRIVIA}\{{)"
_FLAT_STATEMENTS = many(rf"(?![;{{}}]){_NO_INCLUDE}{WORDS};{TRIVIA}")
_FLAT_BLOCK = rf"\{{{TRIVIA}{_FLAT_STATEMENTS}\}}"

_STATEMENT = rf"{_NO_OPTIONS}{WORDS}{many(_FLAT_BLOCK + WORDS)};"

# BIND reads an include whose `;` is missing all the same; an acl may be called `include`.
_INCLUDE = rf"(?ai:include){_WORD_ENDS}{TRIVIA}(?:{STRING}(?:{TRIVIA};|(?!))?+|(?!;){WORDS};)"

SCAN = re.compile(
    rf"(?P<trivia>{TRIVIA})(?:"
    rf"(?P<END>;)"
    rf"|(?P<CLOSE>\}}{TRIVIA};)"
    rf"|(?P<HALF>\}})"
    rf"|(?P<INCLUDE>{_INCLUDE})"
    rf"|(?P<RAW>(?ai:dyndb|plugin){_WORD_ENDS}{WORDS}\{{)"
    rf"|(?P<STATEMENT>{_STATEMENT})"
    rf"|(?P<OPEN>{WORDS}\{{)"
    r")",
    re.DOTALL,
)
"""A token where a statement may begin. No match: the rest of the file is blank, or its words are cut off."""


@cache
def going_on() -> re.Pattern[str]:
    """A token behind a block that no `;` follows: the statement goes on. Compiled for the first: few files have one."""
    return re.compile(
        rf"(?P<trivia>{TRIVIA})(?:"
        rf"(?P<END>{WORDS};)|(?P<OPEN>{WORDS}\{{)|(?P<CLOSE>\}}{TRIVIA};)|(?P<HALF>\}})"
        r")",
        re.DOTALL,
    )


RAW_BODY = re.compile(r"(?:\\.|[^{}\\]++)*+([{}])", re.DOTALL)
"""A step through the raw text of dyndb and plugin: only unescaped braces count, no quotes, no comments."""


def is_blank(text: str, start: int, end: int | None = None) -> bool:
    """Whether there is nothing but white space and comments."""
    return _TRIVIA.fullmatch(text, start, len(text) if end is None else end) is not None


_TRIVIA = re.compile(TRIVIA, re.DOTALL)


def skip_blank(text: str, start: int) -> int:
    """The offset behind white space and comments."""
    found = _TRIVIA.match(text, start)
    assert found is not None
    return found.end()


def skip_words(text: str, start: int) -> int:
    """The offset behind words that no `;` or `{` follows."""
    if start == len(text):
        return start  # the end of nearly every file
    found = re.compile(WORDS, re.DOTALL).match(text, start)
    assert found is not None
    return found.end()


def flat_ranges(text: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """Split the first block of a flat statement: (begin, start, end) of each statement in it."""
    opened = _BEFORE_BLOCK.match(text, start, end)
    ranges: list[tuple[int, int, int]] = []
    if opened is None:
        return ranges
    at = opened.end()
    while (found := SCAN.match(text, at, end)) and found.lastgroup == "STATEMENT":
        ranges.append((at, found.end("trivia"), found.end()))
        at = found.end()
    return ranges


_BEFORE_BLOCK = re.compile(rf"{WORDS}\{{", re.DOTALL)
