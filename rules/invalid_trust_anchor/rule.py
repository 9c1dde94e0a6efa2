"""Trust anchors contradict each other: one says that a key never changes, another that it does.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Keep the entry that follows changes of the key, `initial-key` or `initial-ds`. With `dnssec-validation auto` named knows
the root's key by itself, and needs no entry for it:

    options {
        dnssec-validation auto;
    };

Use `trust-anchors`; `managed-keys` is its old name, and both together are refused.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

What stands in an entry: `named-checkconf` of the server's release checks that. BIND 9.11.

## References

BIND 9 Administrator Reference Manual, trust-anchors statement. RFC 5011.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual", "RFC 5011"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-trust-anchor")
