"""The list of allow-transfer is empty.

BIND reads `{ }` as a list in which nobody is found: nobody can transfer the zone, as with `none`.

## Why it matters

It looks like a list that somebody meant to fill, or that a script wrote without its addresses. Whoever comes next cannot
tell whether transfers are closed on purpose. A secondary is refused (`zone transfer 'a.example/AXFR/IN' denied`).

## How to fix it

Say that nobody is meant:

    allow-transfer { none; };

or name the key of the secondaries. What the server answers now:

    dig @server a.example AXFR

## Not reported

Lists that admit nobody in another way, as an acl without elements does.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import list_head, zone_names
from named_audit.lint.overridden import transfer_lists
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    fix="safe",
    covers=("A32",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-transfer without elements, whether a zone uses it or not."""
    zones = {id(policy.statement): policy.zones for policy in audit.policies}
    for statement in transfer_lists(config):
        if audit.lists.acl(statement).match_list.elements:
            continue
        used = zones.get(id(statement), ())
        change = Change("replace", statement.span, "list", {"head": list_head(statement)})
        yield Finding(
            at=statement.span,
            message=f"an empty list: nobody can transfer {zone_names(used)}, as if it said none"
            if used
            else "an empty list: nobody is let in, as if it said none",
            scopes=audit.scopes(used),
            fixes=(Fix("say none", (change,), "safe"),),
        )
