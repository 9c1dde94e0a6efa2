"""No single BIND release takes the whole file: one statement is gone before another one comes.

## Why it matters

named refuses a configuration with a statement that it does not know as a whole. Whatever release runs, it does not
start with this file.

## How to fix it

Replace the older statement by what has taken its place, or do without the newer one. With `--bind-version` what the
release refuses is reported one by one, with corrections.

`named-checkconf named.conf` on the release that is to run says which of the two it refuses.

## Not reported

Anything, where a release is chosen: see `invalid-for-release`. Arguments: only statements are compared.

## References

BIND 9 release notes.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Related, Rule, Severity
from named_audit.lint.replacing import hint, replacing
from named_audit.model.config import Config
from named_audit.model.lines import limited
from named_audit.release import LINES

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 release notes",),
    by_release=True,
    fix="display",
    covers=("E10",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the statement that is gone first, beside the one that comes last."""
    if audit.release is not None:
        return
    found = limited(config)
    if set(LINES).intersection(*(each.lines for each in found)):
        return
    # No line is left out between the first that has a statement and the last, so that these two share none.
    gone = min(found, key=lambda each: LINES.index(each.lines[-1]))
    come = max(found, key=lambda each: LINES.index(each.lines[0]))
    one, other = gone.statement.name, come.statement.name
    # Without a release nobody can say whether what takes its place is known there.
    fixes = [fix._replace(grade="display") for fix in replacing(gone.statement, audit, "removed")]
    yield Finding(
        at=gone.statement.name_span,
        message=(
            f"no BIND release takes the whole file: '{one}' is known up to {gone.lines[-1]}, '{other}' from "
            f"{come.since} on{hint(gone.statement)}"
        ),
        related=(Related(come.statement.name_span, f"needs BIND {come.since}"),),
        fixes=tuple(fixes),
    )
