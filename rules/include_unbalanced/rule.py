"""A statement begins in an included file and ends outside it.

BIND puts the text of the file in the place of the include: what the file leaves open goes on behind it.

## Why it matters

What stands below the include belongs to a zone, a view or a list that no one sees there. A change to the included
file, or its absence in a copy, changes what the rest of the other file means; most tools, and most people, read it
wrongly.

## How to fix it

End each statement in the file in which it begins. What BIND has read:

    named-checkconf -p /etc/bind/named.conf

## Not reported

Includes inside a block, `options { include "x"; };`, whose files hold whole statements.

## References

BIND 9 Administrator Reference Manual, include statement.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, shorten
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    fix="display",
    covers=("E18",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each statement whose last word is in another file than its first."""
    if len(config.tree.sources) > 1:
        for statement in audit.statements():
            if statement.first.source is not statement.last.source:
                yield _finding(statement)


def _finding(statement: Statement) -> Finding:
    included = statement.first.source.included_at
    name = shorten(statement.name)
    return Finding(
        at=included or statement.name_span,
        message=f"the {name} that this file begins ends in another file"
        if included
        else f"this {name} ends in another file",
        related=(Related(statement.name_span, "begins here"), Related(statement.last.span, "ends here")),
        fixes=(Fix("end it in the file in which it begins", (), "display", {"name": statement.name}),),
    )
