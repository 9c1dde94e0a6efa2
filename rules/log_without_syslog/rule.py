"""Lines about transfers and updates do not go to syslog, and so to no other machine.

Where a category has channels of its own, it goes to these only.

## Why it matters

A log that lies on the server alone is in the hands of whoever takes the server over. Benchmarks ask for a copy that leaves
it at once: by syslog, which sends it on.

## How to fix it

Name a syslog channel too; `default_syslog` is there without being defined:

    logging {
        category default { "named_file"; default_syslog; };
        category security { "named_file"; default_syslog; };
    };

Whether the system's log is sent on is up to its own configuration. This shows it: `rndc notify a.example`, and a look at the
collector.

## Not reported

Configurations without zones, and those of which a part was not read. Without a `logging` statement everything goes to
syslog. Logs that another program than syslog takes from a file or from stderr, as in containers: they are reported all the
same. Other categories than those of transfers, NOTIFY and updates.

## References

STIG V-207546 and V-272432; CIS BIND 9.11 9.3.
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
    references=("STIG V-207546", "STIG V-272432", "CIS BIND 9.11 9.3"),
    needs_whole=True,
    fix="display",
    covers=("E19",),
    about=("logging",),
)

_CATEGORIES = ("security", "xfer-in", "xfer-out", "notify", "update", "update-security", "general")
"""Those with lines about transfers and updates."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the categories that reach no syslog, once."""
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
            message=f"{what} goes to syslog",
            fixes=(Fix("log to syslog too", (), "display", values),),
        )


def _reaches(log: Logging, category: str) -> bool:
    return any(channel.destination == "syslog" for channel in log.route(category).writers(ERROR))
