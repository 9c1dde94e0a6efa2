"""named-checkconf warns of a statement.

## Why it matters

named starts all the same, and does something else than the statement says, or a later release will refuse it.

A named-checkconf that was named with `--checkconf PATH` and is of another release line than the one that is judged for
may refuse what is right there. What it says is information, for the pedantic.

## How to fix it

The message is BIND's own. Its words are explained in the Administrator Reference Manual of that release.

    options { listen-on { any; }; };

`named-checkconf named.conf` says nothing more when it is mended.

## Not reported

Without `--checkconf`, nothing: named-checkconf only runs where it is asked for. What a finding of named-audit on the
same line says already. Of a copy (a checkout, a pipe), whether the directories it names exist. Fragments.

## References

named-checkconf(8).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="regular",
    since="0.1.0",
    references=("named-checkconf(8)",),
    by_release=True,
    needs_checkconf=True,
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the warnings of the named-checkconfs that were asked, and all that those of other lines say."""
    yield from audit.checkconf(errors=False)
