"""A control channel is of a kind that this BIND does not have.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Use an `inet` channel on a loopback address, with a key:

    controls {
        inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc-key"; };
    };

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Unix sockets in 9.18: its `named-checkconf` accepts them, so that invalid-at-start reports them. In 9.11 and 9.16 they
work.

## References

BIND 9 Administrator Reference Manual, `controls` block.
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
    covers=("E05",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-control")
