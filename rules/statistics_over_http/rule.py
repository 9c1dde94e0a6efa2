"""The server has a statistics channel, which the CIS benchmark does without.

`statistics-channels` makes named a web server for whoever may connect.

## Why it matters

It is one more program part that reads what strangers send, in the process that holds all keys and zones. Any program on the
server can read the zones' names and serial numbers from it, and those of the peers.

## How to fix it

Take the statement away where nothing collects the figures. `rndc stats` writes them to a file:

    options { statistics-file "/var/cache/bind/named.stats"; };

This shows whether anybody asks for it: `curl http://127.0.0.1:8053/json/v1/status`.

## Not reported

An empty `statistics-channels { };`, which opens none. Whom the channel lets in is for statistics-open.

## References

CIS BIND 9.11 9.4.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.model.config import Config
from named_audit.policy.channels import statistics_channels

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-1188",),
    references=("CIS BIND 9.11 9.4",),
    fix="display",
    covers=("E06",),
    about=("statistics-channels",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each clause that opens a statistics channel."""
    for channel in statistics_channels(config, audit.lists):
        change = Change("delete", channel.statement.span, "", {})
        yield Finding(
            at=channel.statement.span,
            message="named serves its statistics over HTTP here, without a password",
            fixes=(Fix("write the statistics to a file instead", (change,), "display"),),
        )
