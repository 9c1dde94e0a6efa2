"""Definitions and references as one mechanism: every place that names a key, acl, server list or tls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from named_audit.catalogue.check import arguments, context_of, read_block
from named_audit.model.config import Config, Reference, Zone
from named_audit.syntax.tree import Statement

_SAID = {"key": "key", "tls": "tls"}
"""The keyword without which a statement names nothing of the kind; most statements have none."""


def references(config: Config, kind: str) -> Iterator[Reference]:
    """Every reference of a kind ("key", "acl", "server list", "tls"), in file order."""
    word = _SAID.get(kind)
    if word is not None and not any(word in source.text.lower() for source in config.tree.sources):
        return
    zones = {id(zone.statement): zone for zone in config.zones}
    yield from _in_block(config, kind, config.tree.statements, "top", None, None, zones)


def _in_block(
    config: Config,
    kind: str,
    statements: Sequence[Statement],
    context: str,
    view: str | None,
    zone: Zone | None,
    zones: dict[int, Zone],
) -> Iterator[Reference]:
    for statement in read_block(statements, context, config.release).statements:
        inner = context_of(context, statement)
        if inner is not None:
            inside = zones.get(id(statement), zone)
            name = view
            if statement.name == "view" and context == "top":
                head = statement.head
                name = head[1].value if len(head) > 1 else None
            yield from _in_block(config, kind, statement.children, inner, name, inside, zones)
            continue
        word = _SAID.get(kind)
        if word is not None and word not in statement.text.lower():
            continue
        for argument in arguments(statement, context, config.release):
            if argument.type == kind:
                span = statement.locate(argument.start, argument.end)
                yield Reference(kind, argument.value, view, statement, span, zone)


def zones_by_view(config: Config) -> dict[str, set[str]]:
    """The zones that an `in-view` can mean: for each name of a view, which minds its case, their canonical names."""
    return {
        view.name or "_default": {zone.canonical for zone in view.zones if zone.in_view is None}
        for view in config.views
    }
