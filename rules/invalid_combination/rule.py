"""Statements do not go together, or one lacks the other that it needs.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

What is wrong is said in each case. Source addresses need no port: without one named takes a random one, which is
harder to spoof. `dnstap` needs `dnstap-output` in the options.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

What lacks another statement, where a part of the configuration was not read. Source ports in views, and in options
that no zone inherits: named does not compare them with its own.

## References

BIND 9 Administrator Reference Manual; RFC 5452 section 9.2 (source ports).
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
    """Report what the model found."""
    yield from audit.refused("invalid-combination")
