"""A statement has an argument of the wrong kind, too many arguments or too few.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Write what the message says was expected. Keywords, numbers and addresses stand without quotes, paths within them.

    recursion no;

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Statements that decide about transfers: what a wrong argument of theirs was meant for is not known. That is a problem
and makes the run incomplete.

## References

BIND 9 Administrator Reference Manual, configuration file grammar.
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
    yield from audit.refused("invalid-argument")
