"""A catalog-zones or response-policy list names what is not a primary or secondary zone, or too many.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Define the zone in the same view, as primary or secondary:

    options {
        catalog-zones { zone "catalog.example" default-primaries { 192.0.2.1; }; };
    };
    zone "catalog.example" {
        type secondary;
        primaries { 192.0.2.1; };
        file "catalog.example.db";
    };

A zone that only points at another view with `in-view` is not enough.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Lists in `options` where there are views: nobody looks at them before a view uses them. A zone that is not defined, if a
file was not read.

## References

BIND 9 Administrator Reference Manual, catalog zones and response policy zones. RFC 9432.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=(
        "BIND 9 Administrator Reference Manual",
        "RFC 9432",
    ),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-member-zone")
