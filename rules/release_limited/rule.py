"""Not every BIND release takes this statement, and nothing says which one the file is for.

## Why it matters

The file works on some servers and not on others, and may stop working with an upgrade: named refuses a configuration
with a statement that it does not know as a whole.

## How to fix it

Say for which release the file is: `--bind-version 9.20`, or `bind-version = "9.20"` in the settings. Then what that
release refuses, drops or warns of is reported, with what takes its place.

`named -V` says which release runs.

## Not reported

Statements that BIND 9.18, 9.20 and 9.21 all have. Each statement is reported once, where it stands first. Where a
release is chosen: see `invalid-for-release`.

## References

BIND 9 release notes; BIND 9 Administrator Reference Manual.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.lint.replacing import hint, replacing
from named_audit.model.config import Config
from named_audit.model.lines import limited

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    by_release=True,
    fix="display",
    covers=("E10",),
)

SUPPORTED = ("9.18", "9.20", "9.21")


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the statements that some supported line has not."""
    if audit.release is not None:
        return
    for each in limited(config):
        refuse = [line for line in SUPPORTED if line not in each.lines]
        if not refuse:
            continue
        if each.until != SUPPORTED[-1]:
            what = f"is not in BIND {refuse[0]} and newer{hint(each.statement)}"
        else:
            what = f"needs BIND {each.since}"
        # Without a release nobody can say whether what takes its place is known there.
        fixes = [fix._replace(grade="display") for fix in replacing(each.statement, audit, "removed")]
        message = f"'{each.statement.name}' {what}"
        yield Finding(at=each.statement.name_span, message=message, fixes=tuple(fixes))
