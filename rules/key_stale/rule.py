"""A key is older than a year, by the date in its name, by a comment, or by the age of its file.

## Why it matters

A secret that never changes is known to everybody who ever had it: former staff, old backups, a peer that was broken
into. Checklists ask for new keys each year.

## How to fix it

Make a new key with a new name, and let both in while the peers change over; then take the old one out:

    tsig-keygen -a hmac-sha256 transfer-2026
    allow-transfer { key transfer-2026; key transfer-2025; };

Say when a key was made where its name does not, in a comment above or in its statement:

    // named-audit: created=2026-01-31

## Not reported

Keys that nothing dates. The age of a file counts only where the files are the server's own (`--file-checks`), and only
for a file that holds keys and nothing else: it is the time of the last change of anything in it. A year alone in a name
(`transfer-2025`) counts from its end.

## References

STIG V-207566, V-272414 (not older than one year); NIST SP 800-81-2.
"""

import re
from collections.abc import Iterator
from time import gmtime

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Key

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-324",),
    references=("STIG V-207566", "STIG V-272414", "NIST SP 800-81-2"),
    fix="display",
    covers=("B16",),
    about=("key",),
)

_MOST_DAYS = 366
_DAY = 86400.0
_NAMED = r"(?<![0-9])(20[0-9]{2})(?:[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12][0-9]|3[01]))?)?(?![0-9])"
_SAID = r"(?i:named-audit:)[ \t]*created=(20[0-9]{2})-([01][0-9])-([0-3][0-9])"


def check_key(key: Key, audit: Audit) -> Iterator[Finding]:
    """Report a key that is older than a year by the best of what dates it."""
    now = audit.now
    if now is None or key.secret is None:
        return
    dated = _said(key) or _named(key.name, now) or _changed(key, audit)
    if dated is not None and now - dated[0] > _MOST_DAYS * _DAY:
        age = int((now - dated[0]) // _DAY)
        new = f"transfer-{gmtime(now).tm_year}"
        yield Finding(
            at=key.name_span,
            message=f"key {shorten(key.name)} is {age} days old, by {dated[1]}: all who ever had its secret can use it",
            fixes=(Fix("make a new key, and let both in for a while", (), "display", {"key": new}),),
        )


def _said(key: Key) -> tuple[float, str] | None:
    """The date in a comment above the statement or in it."""
    first = key.statement.first
    text = first.source.text[first.begin : key.statement.span.end]
    found = list(re.finditer(_SAID, text)) if "created=" in text else []
    made = _seconds(*map(int, found[-1].groups())) if found else None
    return (made, "its comment") if made is not None else None


def _named(name: str, now: float) -> tuple[float, str] | None:
    """The last date in a name that is not in the future; a year, or a month, counts from its end."""
    if "20" not in name:
        return None  # so for most keys: the pattern need not be compiled
    for found in reversed(list(re.finditer(_NAMED, name))):
        year, month, day = (int(each) if each else None for each in found.groups())
        assert year is not None
        if month is None:
            made = _seconds(year + 1, 1, 1)
        elif day is None:
            made = _seconds(year + month // 12, month % 12 + 1, 1)
        else:
            made = _seconds(year, month, day)
        if made is not None and made <= now:
            return made, "its name"
    return None


def _changed(key: Key, audit: Audit) -> tuple[float, str] | None:
    """When the file was last changed that holds the key, if it holds nothing else."""
    statement = key.secret_statement
    if audit.files is None or statement is None:
        return None
    source = statement.source
    state = audit.files.state(source.real_path)
    others = (each for each in audit.config.tree.statements if each.source is source and each.name != "key")
    if state is None or source is audit.config.tree.root or next(others, None) is not None:
        return None
    return state.changed, "the age of its file"


def _seconds(year: int, month: int, day: int) -> float | None:
    # Imported here: most names have no date.
    from datetime import UTC, datetime

    try:
        return datetime(year, month, day, tzinfo=UTC).timestamp()
    except ValueError:
        return None
