"""The zones that `catalog-zones` and `response-policy` name."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.classes import class_number
from named_audit.model.checks.effective import is_passed_over
from named_audit.model.config import Config, Level, View
from named_audit.model.names import canonical, is_dns_name
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related, Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Element, Group, Word

RULE = "invalid-member-zone"

_APART = ("hint", "redirect")
"""Zones of these types share their names with others."""


def member_zones(config: Config) -> Iterator[Refusal]:
    """Every fault of those lists; where there are views, nobody looks at the options."""
    with_views = any(view.statement is not None for view in config.views)
    for view in config.views:
        if with_views and view.statement is None:
            continue
        level = view.level if with_views else config.options
        yield from _in_level(config, view, level)


def _in_level(config: Config, view: View, level: Level) -> Iterator[Refusal]:
    policies, catalogs = level.statements.get("response-policy"), level.statements.get("catalog-zones")
    if policies is None and catalogs is None:
        return
    class_ = class_number(view.class_)
    if class_ is None:
        return
    types = {
        zone.canonical: type_
        for zone in view.zones
        if (type_ := config.zone_type(zone)) not in _APART and not is_passed_over(config, zone, class_)
    }
    where = f" for view {shorten(view.name, 60)}" if view.name is not None else ""
    if policies is not None:
        yield from _too_many(config, view, policies)
        yield from _members(policies, types, "response-policy zone", where)
    if catalogs is not None:
        yield from _members(catalogs, types, "catalog zone", where)
        yield from _catalogs(config, catalogs, where)


def _too_many(config: Config, view: View, policies: Statement) -> Iterator[Refusal]:
    release = config.release
    most = 32 if release is not None and not release.at_least(9, 12) else 64
    zones = list(_zones(policies))
    if len(zones) > most:
        message = f"more than {most} response policy zones in view '{shorten(view.name or '', 60)}'"
        yield Refusal(RULE, message, _span(policies, zones[most][0]))


def _members(statement: Statement, types: dict[str, str | None], kind: str, where: str) -> Iterator[Refusal]:
    for name, _ in _zones(statement):
        shown = shorten(name.value, 60)
        if not is_dns_name(name.value):
            yield Refusal(RULE, f"bad domain name '{shown}'", _span(statement, name))
        elif types.get(canonical(name.value)) not in ("primary", "secondary"):
            message = f"{kind} '{shown}'{where} is not a primary or secondary zone"
            yield Refusal(RULE, message, _span(statement, name), absence=True)


def _catalogs(config: Config, catalogs: Statement, where: str) -> Iterator[Refusal]:
    # 9.11 and 9.16 let a zone stand there twice.
    once = config.release is not None and config.release.at_least(9, 18)
    first: dict[str, Word] = {}
    for name, element in _zones(catalogs):
        if not is_dns_name(name.value):
            continue
        shown = shorten(name.value, 60)
        known = first.setdefault(canonical(name.value), name)
        if known is not name and once:
            related = (Related(_span(catalogs, known), "first here"),)
            message = f"catalog zone '{shown}': already added here"
            yield Refusal(RULE, message, _span(catalogs, name), related)
            continue
        keywords = {piece.low for piece in element.pieces if isinstance(piece, Word) and piece.bare}
        if {"default-primaries", "default-masters"} <= keywords:
            message = (
                f"catalog zone '{shown}'{where}: 'default-primaries' and 'default-masters' "
                "can not be both defined"
            )
            yield Refusal(RULE, message, _span(catalogs, name))


def _zones(statement: Statement) -> Iterator[tuple[Word, Element]]:
    """The names in the first block of a statement, with what is said of each."""
    for piece in statement.pieces:
        if isinstance(piece, Group):
            for element in piece.elements:
                pieces = element.pieces
                name = pieces[1] if len(pieces) > 1 and pieces[0].low == "zone" else None
                if isinstance(name, Word):
                    yield name, element
            return


def _span(statement: Statement, name: Word) -> Span:
    return statement.locate(name.start, name.end)
