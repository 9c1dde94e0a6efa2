"""named-checkconf accepts this, and named does not start with it.

## Why it matters

The check before the restart says nothing, and the server is down after it. A running named keeps the old configuration
when it is told to reload, until the machine reboots.

## How to fix it

What is wrong is said in each case. A control channel on a Unix socket becomes an `inet` channel with a key. What the
options say must be right even where every view says something else: named makes a view of its own, `_bind`, that follows
the options.

## Not reported

What depends on the machine: directories and databases that are missing, ports that are taken.

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
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-at-start")
