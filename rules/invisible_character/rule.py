"""A word holds a character that nobody sees, and BIND takes it as part of the word or cuts it off.

No-break spaces, zero-width characters and control characters come with text that was pasted from a web page, a chat or
a word processor. BIND separates words at blanks, tabs and line ends only; at a NUL it cuts the word off.

## Why it matters

The zone, key, file or list that was meant does not exist, and one with a name that looks the same does: queries are
refused (`REFUSED`), the key is not found (`BADKEY`), the file cannot be opened. No look at the file shows why.

## How to fix it

Type the word anew. Where such characters stand:

    grep -nP '[^\\x09\\x0A\\x0D\\x20-\\x7E]' /etc/bind/named.conf

## Not reported

Comments; the texts of `version`, `hostname` and `server-id`, which are only shown; the first word of a statement, which
BIND then does not know: that is a problem already.

## References

BIND 9 Administrator Reference Manual, configuration file grammar; CWE-116.
"""

from collections.abc import Iterator

from named_audit.catalogue.data import all_contexts
from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, Span
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Piece, Word

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-116",),
    fix="display",
    covers=("E18",),
)

_CONTROLS = "".join(map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)))
_WIDE = "".join(
    chr(code)
    for first, last in (
        *((0x80, 0xA0), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F)),
        *((0x205F, 0x206F), (0x3000, 0x3000), (0xFEFF, 0xFEFF), (0xDCA0, 0xDCA0)),
    )
    for code in range(first, last + 1)
)
"""The last one is the no-break space of ISO 8859-1, a byte that is no UTF-8."""

_SHOWN_ONLY = frozenset({"version", "hostname", "server-id"})


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each such word. Costs next to nothing where no file has one."""
    if not any(_suspect(source.text) for source in config.tree.sources):
        return
    blocks = frozenset(all_contexts())
    found: dict[Span, Finding] = {}
    for statement in audit.statements():
        if statement.name not in _SHOWN_ONLY:
            # A block holds statements, which come by themselves; anything else in braces is a list of words.
            pieces = statement.head if statement.name in blocks else statement.pieces
            for word in _words(pieces[1:]):
                finding = _finding(statement, word)
                if finding is not None:
                    found[finding.at] = finding
    yield from found.values()


def _suspect(text: str) -> bool:
    # Most files are ASCII, and Python knows that of a string.
    return any(each in text for each in _CONTROLS) or (
        not text.isascii() and any(each in text for each in _WIDE)
    )


def _words(pieces: tuple[Piece, ...]) -> Iterator[Word]:
    for piece in pieces:
        if isinstance(piece, Group):
            for element in piece.elements:
                yield from _words(element.pieces)
        else:
            yield piece


def _finding(statement: Statement, word: Word) -> Finding | None:
    raw = statement.text[word.start : word.end]
    odd = next((each for each in raw if each in _CONTROLS or each in _WIDE), None)
    if odd is None:
        return None
    span = statement.locate(word.start, word.end)
    code = ord(odd) - 0xDC00 if ord(odd) >= 0xDC00 and ord(odd) < 0xE000 else ord(odd)
    effect = "the word ends there for BIND" if odd == "\0" else "BIND takes it as part of the word"
    plain = "".join(each for each in raw.strip('"') if each not in _CONTROLS and each not in _WIDE)
    fixes: tuple[Fix, ...] = ()
    if plain and statement.name not in ("secret", "key"):
        change = Change("replace", span, "name" if raw.startswith('"') else "bare", {"word": plain})
        fixes = (Fix("type the word anew", (change,), "display"),)
    return Finding(
        at=span, message=f"this word holds the invisible character U+{code:04X}: {effect}", fixes=fixes
    )
