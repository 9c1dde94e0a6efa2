"""A statement that may not stand in a zone of this type.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Remove the statement, or change the type of the zone:

    zone "example.org" {
        type forward;
        forwarders { 192.0.2.53; };
    };

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Zones that take their type from a template.

## References

BIND 9 Administrator Reference Manual, zone statement grammar.
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
    yield from audit.refused("invalid-for-zone-type")
