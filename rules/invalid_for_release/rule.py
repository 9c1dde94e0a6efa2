"""A statement that the chosen BIND release does not have any more, or not yet.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload. After an upgrade this is the usual reason.

## How to fix it

Remove what is gone, and use what has taken its place, if anything has: the finding says so. With the release that you
upgrade to (`--bind-version 9.20`) this is the list of what has to be done before; `--fix` does what is mechanical, and
`--unsafe-fixes` also takes out what had an effect in the old release and can have none in the new one.

`named-checkconf named.conf` of that release shows it: it refuses the file at this line.

## Not reported

Anything, where no release is chosen: say which one with `--bind-version`.

## References

BIND 9 release notes; BIND 9 Administrator Reference Manual.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.lint.replacing import hint, replacing, without
from named_audit.model.arguments import outdated_arguments
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    fix="safe",
    by_release=True,
    covers=("A31", "E08", "E10"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the catalogue found."""
    removed = {
        statement.name_span: statement for statement, standing in config.unusual if standing == "removed"
    }
    arguments = {
        statement.locate(argument.start, argument.end): (statement, argument)
        for statement, argument in outdated_arguments(config)
    }
    for finding in audit.refused("invalid-for-release"):
        statement = removed.get(finding.at)
        if statement is not None:
            finding = finding._replace(
                message=finding.message + hint(statement),
                fixes=replacing(statement, audit, "removed"),
            )
        elif (found := arguments.get(finding.at)) is not None:
            finding = finding._replace(fixes=without(*found, audit))
        yield finding
