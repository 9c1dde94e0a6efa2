"""A statement that the chosen BIND release does not have any more, or not yet.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload. After an upgrade this is the usual reason.

## How to fix it

Remove what is gone, and use what has taken its place, if anything has.

## Not reported

Anything, where no release is chosen: say which one with `--bind-version`.

## References

BIND 9 release notes; BIND 9 Administrator Reference Manual.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the catalogue found."""
    yield from audit.refused("invalid-for-release")
