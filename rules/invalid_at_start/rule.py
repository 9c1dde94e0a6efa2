"""named-checkconf accepts this, and named does not start with it.

## Why it matters

A check that asks `named-checkconf` before a reload passes, and the server is down after the next start, perhaps months
later. A running named keeps the old configuration when it is told to reload.

## How to fix it

What is wrong is said in each case. A name that no statement defines is spelt as its definition, or defined:

    acl "secondaries" { 192.0.2.53; 2001:db8::53; };
    options { allow-transfer { secondaries; }; };

Or delete the statement: where every zone and view has its own, nobody would miss it. It fails all the same, because named
makes a view of its own, `_bind`, that follows the options, and converts the lists of each view before it looks at the zones.
A control channel on a Unix socket becomes an `inet` channel with a key.

`named -g -c named.conf` on another port shows it: named says why it exits.

## Not reported

What named-checkconf refuses too: see invalid-reference. Lists that named does not convert where everybody overrides them
(allow-recursion, allow-update-forwarding, rate-limit, dns64). Configurations of which a part was not read. What depends on
the machine: directories and databases that are missing, ports that are taken. Tried with BIND 9.18.

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
    covers=("A18", "E05"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-at-start")
