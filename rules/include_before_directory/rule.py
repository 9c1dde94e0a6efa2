"""A relative include stands before `directory`: what it reads depends on where named was started.

## Why it matters

named reads includes while it parses. Until it has read `options { directory ...; }`, a relative path is looked for in
the folder from which named was started: `/` under most service managers, the shell's own when a person starts it. So
it does not start (`open: keys.conf: file not found`), or reads another file of that name; and `named-checkconf` in
`/etc/bind` finds nothing wrong.

## How to fix it

Write the whole path:

    include "/etc/bind/keys.conf";

What named finds when it is started from elsewhere:

    cd / && named-checkconf /etc/bind/named.conf

## Not reported

Relative paths behind `directory`: they are looked for in that folder. A `directory` that is a relative path itself
helps nobody.

## References

BIND 9 Administrator Reference Manual, include and directory statements.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity, shorten
from named_audit.model.config import Config
from named_audit.syntax.words import Word

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-426",),
    fix="display",
    covers=("E13",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each relative include that named reads before it knows its directory."""
    if audit.fragment or all(each.path.startswith("/") for each in config.tree.inclusions):
        return
    late = config.options.statements.get("directory")
    related: tuple[Related, ...] = ()
    for statement in audit.statements():
        pieces = statement.pieces if statement.name in ("directory", "include") else ()
        path = pieces[1].value if len(pieces) == 2 and isinstance(pieces[1], Word) else ""
        if statement is late and path.startswith("/"):
            return
        if statement.type != "INCLUDE" or not path or path.startswith("/"):
            continue
        if late is not None and not related:
            related = (Related(late.name_span, "the directory is set only here"),)
        change = Change(
            "replace", statement.span, "include", {"path": f"/etc/bind/{path.removeprefix('./')}"}
        )
        yield Finding(
            at=statement.span,
            message=f"include {shorten(path, 80)} stands before any directory: named looks for it in the folder from "
            "which it was started",
            related=related,
            fixes=(Fix("write the whole path", (change,), "display"),),
        )
