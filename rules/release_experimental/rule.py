"""The chosen BIND release calls this statement experimental: it may change at any update.

## Why it matters

named warns of it at each start. What is experimental can be renamed or taken out by any later release, also by one of
the same line.

## How to fix it

Keep it where its use is worth looking at the release notes before each update; else remove it.

`named -V` says which release runs; its release notes say what has become of the statement.

## Not reported

Anything, where no release is chosen: say which one with `--bind-version`.

## References

BIND 9 Administrator Reference Manual.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.INFO,
    audience="pedantic",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    by_release=True,
    fix="display",
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report statements that the release marks as experimental."""
    for statement, standing in config.unusual:
        if standing == "experimental":
            message = f"'{statement.name}' is experimental in BIND {audit.release}, and may change"
            fix = Fix("do without it", (Change("delete", statement.span, "", {}),), "display")
            yield Finding(at=statement.name_span, message=message, fixes=(fix,))
