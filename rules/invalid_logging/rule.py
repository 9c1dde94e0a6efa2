"""A log channel is undefined or has no single destination, or a category does not exist.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Define the channel, or send the category to one that BIND has itself: `default_syslog`, `default_stderr`,
`default_debug` or `null` (not `default_logfile`). Give every channel exactly one of `file`, `syslog`, `stderr` and
`null`. The names of categories are in lower case.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

An undefined channel, and one without any destination, where a part of the configuration was not read. For releases
other than 9.18, categories that only some release lines have. Directories of log files that do not exist.

## References

BIND 9 Administrator Reference Manual, `logging` block.
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
    yield from audit.refused("invalid-logging")
