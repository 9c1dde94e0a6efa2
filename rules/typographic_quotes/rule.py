"""A word holds typographic quotes, which BIND takes as letters of the name.

Only `"` quotes in named.conf. Text that was pasted from a document or a web page often has “ and ” instead: BIND reads
`zone “a.example”` without complaint, as a zone whose name begins and ends with a quote.

## Why it matters

The zone, key or file that was meant does not exist, and one with a wrong name does. Queries for the right name are
refused, keys do not match, and a secret in such quotes is no base64.

## How to fix it

    zone "a.example" { ... };

Addresses and keywords stand without any quotes: `type primary;`.

`named-checkconf -l named.conf` lists the zones as BIND reads their names: the quotes are part of them.

## Not reported

Typographic quotes in comments and inside straight quotes, where they are part of what was meant.

## References

BIND 9 Administrator Reference Manual, configuration file grammar.
"""

import re
from collections.abc import Iterator

from named_audit.catalogue.check import faults
from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, Span, shorten
from named_audit.model.config import Config
from named_audit.model.matchlist import parse_address
from named_audit.model.names import canonical
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Piece, Word

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-116",),
    fix="unsafe",
    covers=("E18",),
)

_QUOTES = "“”„‟«»‘’‚‛″＂\udc91\udc92\udc93\udc94"
"""In Unicode, and as the bytes that Windows-1252 has for the most common four."""
_WHOLE = f'[{_QUOTES}]([^{_QUOTES}"]*)[{_QUOTES}]'


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each word with such a quote. Costs nothing where no file has one."""
    if not any(_has_quote(source.text) for source in config.tree.sources):
        return
    found: dict[Span, Finding] = {}
    for statement in audit.statements():
        pieces = statement.head if statement.type == "OPEN" else statement.pieces
        for word, secret in _words(pieces):
            if word.bare and _has_quote(word.value):
                finding = _finding(statement, pieces, word, secret, audit)
                # The innermost statement, which comes last, knows best what the word is to be.
                found[finding.at] = finding
    yield from found.values()


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


def _finding(
    statement: Statement, pieces: tuple[Piece, ...], word: Word, secret: bool, audit: Audit
) -> Finding:
    span = statement.locate(word.start, word.end)
    whole = re.fullmatch(_WHOLE, word.value)
    shown = "the secret" if secret else shorten(word.value, 60)
    fixes: tuple[Fix, ...] = ()
    if whole is not None and not secret:
        bare = _bare(statement, word, whole[1], audit)
        title = "write it without quotes" if bare else 'write straight quotes: "'
        change = Change("replace", span, "bare" if bare else "name", {"word": whole[1]})
        clash = _clash(statement, pieces, word, whole[1], audit)
        fixes = (Fix(title, (change,), "display" if clash else "unsafe", admits=None, refused=clash),)
    return Finding(
        at=span,
        message=f'BIND reads {shown} with its typographic quotes as part of the word; only " quotes',
        fixes=fixes,
    )


def _bare(statement: Statement, word: Word, value: str, audit: Audit) -> bool:
    """Whether BIND wants the word without quotes: an address, else what the catalogue takes only so."""
    if parse_address(value) is not None:
        return True  # in quotes it would be the name of a list
    first = statement.first
    text = first.text if statement.type == "OPEN" else statement.text
    quoted, plain = (
        faults(text[: word.start] + new + text[word.end :], audit.release) for new in (f'"{value}"', value)
    )
    # Not every statement is known so well that a yes in quotes counts as a fault; a name may be yes without any.
    return plain < quoted or (plain == quoted and _WORDS.fullmatch(value) is not None)


_WORDS = re.compile("yes|no|true|false|[0-9]+", re.IGNORECASE)
_NAMED = frozenset(
    {"acl", "key", "masters", "primaries", "parental-agents", "remote-servers", "tls", "view", "zone"}
)


def _clash(
    statement: Statement, pieces: tuple[Piece, ...], word: Word, value: str, audit: Audit
) -> str | None:
    """Why the name cannot be what was meant: it is taken."""
    if statement.name not in _NAMED or pieces[1] != word:
        return None
    own = next((zone.view for zone in audit.config.zones if zone.statement is statement), None)
    zones = own.zones if own is not None else ()
    if statement.name == "zone" and all(zone.canonical != canonical(value) for zone in zones):
        return None
    for other in audit.statements():
        head = other.head if other.name == statement.name and other is not statement else ()
        if len(head) > 1 and canonical(head[1].value) == canonical(value):
            return f"there is another {statement.name} {shorten(value)} already"
    return None
