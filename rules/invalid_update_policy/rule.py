"""A rule of an update-policy that named refuses, or an update-policy beside allow-update.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Write a rule as `grant IDENTITY MATCH-TYPE NAME TYPES;`. Only `zonesub` has no name; `self`, `selfsub` and `selfwild` take
the identity or a dot for it, and those that derive the name from the client take the dot:

    update-policy {
        grant host.example.org. self . A AAAA;
        grant k.example.org. name www.example.org. A;
        grant * tcp-self . PTR(1);
    };

Of `allow-update` and `update-policy` keep the one that is meant.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

What is no type of records is `invalid-value`.

## References

BIND 9 Administrator Reference Manual, dynamic update policies. RFC 2136.
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
        "RFC 2136",
    ),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-update-policy")
