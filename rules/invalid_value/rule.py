"""A value is of the right kind, and out of the range that named takes.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Choose a value within the bounds; the message names them where they are known:

    max-ncache-ttl 3h;

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Bounds that depend on other statements. The bounds were found by trying BIND 9.18; where another release is known to
differ, its own are used.

## References

BIND 9 Administrator Reference Manual.
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
    covers=("A31",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the catalogue found."""
    yield from audit.refused("invalid-value")
