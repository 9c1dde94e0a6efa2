"""A zone lacks what its type needs, or its statements do not go together.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.
Zones that are added at run time fail one by one.

## How to fix it

Add what is missing, or remove one of the statements that exclude each other:

    zone "example.org" {
        type secondary;
        primaries { 192.0.2.1; };
        file "example.org.db";
    };

A zone with `in-view` has no statements of its own but `forward` and `forwarders`, and the view that it points at
stands before it. `forward` needs `forwarders` in the same block; an empty list will do.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Zones without a type: what they are is not known. That is a problem and makes the run incomplete. Statements that may
not stand in a zone of this type are `invalid-for-zone-type`. What is missing is not reported if a file was not read.

## References

BIND 9 Administrator Reference Manual, zone statement and `in-view`.
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
    covers=("E11",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-zone")
