"""Two zones use one file, and named writes it for one of them.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.
It would otherwise overwrite the content of one zone with that of the other. named writes the file of a secondary or
mirror zone, of a zone that takes dynamic updates, and of one that a policy signs.

## How to fix it

Give each zone a file of its own, also where a zone stands in several views:

    zone "example.org" {
        type secondary;
        primaries { 192.0.2.1; };
        file "inside/example.org.db";
    };

Where the views should serve the same content, let the second view point at the first with `in-view`.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Files that are only read, by any number of zones. As named does, the names are compared as they are written, without
case: two ways to write one path are not found. Stub zones, and from BIND 9.20 on names with `$` or `%`, which may stand
for the zone.

## References

BIND 9 Administrator Reference Manual, file statement.
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
    yield from audit.refused("invalid-shared-file")
