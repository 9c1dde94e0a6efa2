"""The statement uses a word that BIND has replaced: master, slave, masters and their like.

## Why it matters

The old words still work, as undocumented aliases. New documentation, examples and log messages speak of primaries
and secondaries (RFC 9499), and two words for one thing make a configuration harder to search and to compare.

## How to fix it

    type secondary;
    primaries { 192.0.2.1 key "transfer-key"; };

`type primary` and `type secondary` need BIND 9.14 or newer, `primaries` and `primary-only` 9.16.12,
`default-primaries` in `catalog-zones` 9.18. What zones there are and of which type, `rndc zonestatus a.example` says.

## Not reported

Releases that do not know the new words.

## References

RFC 9499; BIND 9.16.12 release notes.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Grade, Rule, Severity
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word

RULE = Rule(
    severity=Severity.INFO,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 9499",),
    by_release=True,
    fix="safe",
    covers=("E09",),
)

_WITH_OLD_WORDS = frozenset({"type", "notify", "check-names", "ixfr-from-differences"})
_TYPES = {"master": "primary", "slave": "secondary"}


def check_statement(statement: Statement, audit: Audit) -> Iterator[Finding]:
    """Report one old word; its place is the word itself."""
    name = statement.name
    if name == "masters":
        yield from _finding(statement, statement.pieces[0], "primaries", (9, 16, 12), audit)
    elif name == "catalog-zones":
        for word in _default_masters(statement):
            yield from _finding(statement, word, "default-primaries", (9, 18, 0), audit)
    elif name in _WITH_OLD_WORDS:
        pieces = statement.pieces
        value = pieces[1] if len(pieces) > 1 else None
        if not isinstance(value, Word) or not value.bare:
            return
        if name in ("check-names", "ixfr-from-differences") and value.low in _TYPES:
            yield from _finding(statement, value, _TYPES[value.low], (9, 16, 12), audit)
        if name == "type" and value.low in _TYPES:
            yield from _finding(statement, value, _TYPES[value.low], (9, 14, 0), audit)
        elif name == "notify" and value.low == "master-only":
            yield from _finding(statement, value, "primary-only", (9, 16, 12), audit)


def _default_masters(statement: Statement) -> Iterator[Word]:
    for piece in statement.pieces:
        for element in piece.elements if isinstance(piece, Group) else ():
            for word in element.pieces[2:]:
                if isinstance(word, Word) and word.bare and word.low == "default-masters":
                    yield word


def _finding(
    statement: Statement, word: object, new: str, since: tuple[int, int, int], audit: Audit
) -> Iterator[Finding]:
    assert isinstance(word, Word)
    release = audit.release
    if release is not None and not release.at_least(*since):
        return
    span = statement.locate(word.start, word.end)
    change = Change("replace", span, "word", {"word": new})
    grade: Grade = "safe" if release is not None else "unsafe"
    if statement.name == "check-names":
        grade = "display"  # the new word may stand there already, and twice is an error
    yield Finding(
        at=span,
        message=f"{word.value} is an old word for {new}",
        fixes=(Fix(f"write {new}", (change,), grade),),
    )
