"""A word holds typographic quotes, which BIND takes as letters of the name.

Only `"` quotes in named.conf. Text that was pasted from a document or a web page often has “ and ” instead: BIND reads
`zone “a.example”` without complaint, as a zone whose name begins and ends with a quote.

## Why it matters

The zone, key or file that was meant does not exist, and one with a wrong name does. Queries for the right name are
refused, keys do not match, and a secret in such quotes is no base64.

## How to fix it

    zone "a.example" { ... };

## Not reported

Typographic quotes in comments and inside straight quotes, where they are part of what was meant.

## References

BIND 9 Administrator Reference Manual, configuration file grammar.
"""

import re
from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Piece, Word

RULE = Rule(severity=Severity.HIGH, audience="regular", since="0.1.0", cwe=("CWE-116",))

_QUOTES = "“”„‟«»‘’‚‛″＂\udc91\udc92\udc93\udc94"
"""In Unicode, and as the bytes that Windows-1252 has for the most common four."""
_WHOLE = f'[{_QUOTES}]([^{_QUOTES}"]*)[{_QUOTES}]'


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each word with such a quote. Costs nothing where no file has one."""
    if not any(_has_quote(source.text) for source in config.tree.sources):
        return
    for statement in audit.statements():
        pieces = statement.head if statement.type == "OPEN" else statement.pieces
        for word, secret in _words(pieces):
            if word.bare and _has_quote(word.value):
                yield _finding(statement, word, secret)


def _has_quote(text: str) -> bool:
    # Most files are ASCII, and Python knows that of a string.
    return not text.isascii() and any(quote in text for quote in _QUOTES)


def _words(pieces: tuple[Piece, ...]) -> Iterator[tuple[Word, bool]]:
    """Every word, and whether it is the argument of `secret`."""
    secret = bool(pieces) and pieces[0].low == "secret"
    for piece in pieces:
        if isinstance(piece, Group):
            for element in piece.elements:
                yield from _words(element.pieces)
        else:
            yield piece, secret


def _finding(statement: Statement, word: Word, secret: bool) -> Finding:
    span = statement.locate(word.start, word.end)
    whole = re.fullmatch(_WHOLE, word.value)
    shown = "the secret" if secret else word.value[:60]
    fixes: tuple[Fix, ...] = ()
    if whole is not None and not secret:
        change = Change("replace", span, "word", {"word": whole[1]})
        fixes = (Fix('write straight quotes: "', (change,), "unsafe", admits=None),)
    return Finding(
        at=span,
        message=f'BIND reads {shown} with its typographic quotes as part of the word; only " quotes',
        fixes=fixes,
    )
