"""Lines about transfers and updates are kept in no file of named's own.

Without a `logging` statement, and for each category without a channel of its own, named writes to syslog only.

## Why it matters

Benchmarks ask for a local file beside syslog: it is there when the collector of the system's log is not, and it holds
named's lines alone, by their own limits of size and age.

## How to fix it

Give the categories a file channel, beside what they have:

    logging {
        channel "named_file" {
            file "/var/log/named/named.log" versions 3 size 20m;
            print-time yes; print-severity yes; print-category yes;
        };
        category default { "named_file"; default_syslog; };
    };

This shows it: `rndc notify a.example` must leave a line in the file.

## Not reported

Configurations without zones, and those of which a part was not read. `default_debug`, which writes a file only while
debugging is on, is none. Other categories than those of transfers, NOTIFY and updates.

## References

STIG V-207547 and V-272431; CIS BIND 9.11 9.2.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.model.log_channels import ERROR, Logging

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-778",),
    references=("STIG V-207539", "STIG V-207547", "STIG V-272371", "STIG V-272431", "CIS BIND 9.11 9.2"),
    needs_whole=True,
    fix="display",
    covers=("E19",),
)

_CATEGORIES = ("security", "xfer-in", "xfer-out", "notify", "update", "update-security", "general")
"""Those with lines about transfers and updates."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the categories that reach no file, once."""
    if config.unseen or next(iter(config.zones), None) is None:
        return
    log = Logging(config)
    lost = [name for name in _CATEGORIES if not _reaches(log, name)]
    if lost:
        at = log.statement.name_span if log.statement is not None else audit.head()
        what = (
            "nothing of transfers and updates"
            if len(lost) == len(_CATEGORIES)
            else f"nothing of {names(lost, most=4)}"
        )
        values = {"categories": lost}
        yield Finding(
            at=at,
            message=f"{what} is kept in a file of named's own",
            fixes=(Fix("log to a file too", (), "display", values),),
        )


def _reaches(log: Logging, category: str) -> bool:
    return any(channel.destination == "file" for channel in log.route(category).writers(ERROR))
