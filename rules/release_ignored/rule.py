"""The chosen BIND release reads this statement and does nothing with it.

## Why it matters

Whoever reads the file believes in a setting that is none. A later release refuses the statement by name, and with it
the whole configuration.

## How to fix it

Remove it. If the setting is still wanted, the finding says what has taken its place.

`named-checkconf named.conf` says whether the release still warns.

## Not reported

Anything, where no release is chosen: say which one with `--bind-version`. What a release refuses is
`invalid-for-release`.

## References

BIND 9 release notes; BIND 9 Administrator Reference Manual.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.lint.replacing import hint, replacing
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    by_release=True,
    fix="safe",
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report statements that are obsolete in the release, and arguments of others."""
    for statement, standing in config.unusual:
        if standing == "obsolete":
            yield Finding(
                at=statement.name_span,
                message=f"'{statement.name}' has no effect in BIND {config.release}{hint(statement)}",
                fixes=replacing(statement, audit, "obsolete"),
            )
