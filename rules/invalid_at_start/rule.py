"""named-checkconf accepts this, and named does not start with it.

## Why it matters

A check that asks `named-checkconf` before a reload passes; at the next start, perhaps months later, the server exits with
a fatal error.

## How to fix it

Spell the name as its definition does, or define it:

    acl "secondaries" { 192.0.2.53; 2001:db8::53; };
    options { allow-transfer { secondaries; }; };

Or delete the statement: where every zone and view has its own, nobody would miss it. It fails all the same, because named
converts the lists of `options` for its built-in view too, and those of each view before it looks at the zones.

## Not reported

What named-checkconf refuses too: see invalid-reference. Lists that named does not convert where everybody overrides them
(allow-recursion, allow-update-forwarding, rate-limit, dns64). Configurations of which a part was not read. Tried with
BIND 9.18.

## References

BIND 9 Administrator Reference Manual, named-checkconf.
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
