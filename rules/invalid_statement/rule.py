"""A statement that no BIND release has.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload. Mostly the word is misspelt, so that what was meant is not in force.

## How to fix it

Correct the spelling; where a similar statement exists, the message names it:

    notify yes;

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Where no release is chosen and nothing similar exists: such a statement may be newer than this program, and is only
counted. A statement with a block, which could hold anything, is a problem and makes the run incomplete.

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
    yield from audit.refused("invalid-statement")
