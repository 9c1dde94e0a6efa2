"""A log channel has another severity than info.

`info` is BIND's default. Above it, lines are dropped; `debug` and `dynamic` add lines for developers.

## Why it matters

Transfers that succeed, NOTIFY messages, refreshes and updates are lines of severity info: without them nothing shows who has
fetched a zone. A denied transfer is an error, which `severity critical` drops too. Debug lines fill the disk, and may show
the content of messages.

## How to fix it

    severity info;

This shows it: a transfer leaves `AXFR started`.

`rndc retransfer a.example` on a secondary makes one.

## Not reported

Channels without a `severity`: that is info. Channels that lead to null. Whether lines about transfers are really lost is
for log-suppressed.

## References

STIG V-207541, V-207542 and V-272418; CIS BIND 9.11 9.3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config
from named_audit.model.log_channels import SEVERITIES, Logging
from named_audit.syntax.words import Word

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-778", "CWE-779"),
    references=("STIG V-207541", "STIG V-207542", "STIG V-272418", "CIS BIND 9.11 9.3"),
    fix="unsafe",
    covers=("E19",),
    about=("logging",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each severity that is not info."""
    for channel in Logging(config).channels.values():
        statement = channel.child("severity")
        if statement is None or channel.destination == "null" or len(statement.pieces) < 2:
            continue
        word = statement.pieces[1]
        if not isinstance(word, Word) or word.low == "info":
            continue
        drops = word.low in SEVERITIES and word.low != "debug"
        change = Change("replace", statement.span, "severity", {})
        what = (
            "drops the lines about transfers" if drops else "adds lines for developers when debugging is on"
        )
        yield Finding(
            at=statement.span,
            message=f"channel {shorten(channel.name)}: severity {shorten(word.value)} {what}; benchmarks ask for info",
            fixes=(Fix("write severity info", (change,), "unsafe"),),
        )
