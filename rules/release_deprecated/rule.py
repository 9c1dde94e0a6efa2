"""The chosen BIND release warns of this statement, and a later one will refuse it.

## Why it matters

What is deprecated is removed a few releases later. named then refuses the whole configuration, and does not start
after the upgrade.

## How to fix it

Write what has taken the statement's place, or remove it where nothing has. For what is mechanical there is a
correction: `trusted-keys` and `managed-keys` become `trust-anchors`.

    trust-anchors {
        "example" static-key 257 3 13 "...";
    };

`auto-dnssec` becomes a `dnssec-policy` only with thought: a policy whose algorithms or lifetimes are not those of the
zone's keys replaces these keys at once.

`named-checkconf named.conf` says whether the release still warns.

## Not reported

Anything, where no release is chosen: say which one with `--bind-version`. What the release refuses is
`invalid-for-release`, what it takes and drops is `release-ignored`. The old words master and slave are no matter of a
release; `old-terms` reports them.

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
    severity=Severity.LOW,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    by_release=True,
    fix="safe",
    covers=("E08",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report statements of which the release warns, and arguments of others."""
    release = config.release
    if release is None:
        return
    said = {refusal.span for refusal in config.refused}
    for statement, standing in config.unusual:
        refused = statement.name_span in said
        said.add(statement.name_span)
        if standing == "deprecated" and not refused:
            yield Finding(
                at=statement.name_span,
                message=f"'{statement.name}' is deprecated in BIND {release}{hint(statement)}",
                fixes=replacing(statement, audit, "deprecated"),
            )
    # What the finding of a statement says holds for its arguments too.
    for statement, argument in outdated_arguments(config):
        if argument.standing == "deprecated" and statement.name_span not in said:
            span = statement.locate(argument.start, argument.end)
            yield Finding(at=span, message=argument.message, fixes=without(statement, argument, audit))
