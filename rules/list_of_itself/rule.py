"""A server list names only itself, so that nobody is told of changes.

BIND follows the names in an `also-notify` and takes each list once; what comes back to itself without an address on the way
is empty, and BIND says nothing.

## Why it matters

The secondaries that were meant are not told, and show old content until their refresh time is over. Neither named-checkconf
nor the log says a word: there is nobody to send to. As `primaries` of a zone the same list keeps named from starting.

## How to fix it

Write the addresses into the list:

    primaries "secondaries" { 192.0.2.53 key "transfer-key"; 2001:db8::53 key "transfer-key"; };

This shows it: `rndc notify a.example` must leave `sending notifies` and, with `severity debug 3`, a line for each secondary.

## Not reported

Lists that nothing uses: see definition-unused. Lists in `primaries`, which named refuses: see invalid-zone. Loops that hold
an address somewhere.

## References

RFC 1996 section 3; BIND 9 Administrator Reference Manual, `also-notify`.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, shorten
from named_audit.lint.corrections import zone_names
from named_audit.model.config import Config, Zone
from named_audit.model.serverlist import ServerEntry, entries, expand
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 3",),
    fix="display",
    covers=("E17",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each list without an address that a zone's also-notify names."""
    used: dict[int, tuple[Statement, list[Zone]]] = {}
    for zone in config.zones if config.named_lists else ():
        plan = audit.notify(zone)
        statement = plan.also_notify.statement
        if statement is not None and plan.mode != "no":
            used.setdefault(id(statement), (statement, []))[1].append(zone)
    for statement, zones in used.values():
        for entry in entries(statement):
            yield from _finding(entry, zones, config, audit)


def _finding(entry: ServerEntry, zones: list[Zone], config: Config, audit: Audit) -> Iterator[Finding]:
    definition = config.server_list(entry.text) if entry.family is None else None
    if definition is None or not entries(definition.statement):
        return
    expanded = expand(definition.statement, config)
    if expanded.servers or expanded.undefined:
        return
    yield Finding(
        at=definition.span,
        message=f"list {shorten(definition.name)} leads only to itself: by it nobody is told of changes to {zone_names(zones)}",
        related=(Related(entry.span, "used here"),),
        scopes=audit.scopes(zones),
        fixes=(Fix("write the addresses into it", (), "display", {"name": definition.name}),),
    )
