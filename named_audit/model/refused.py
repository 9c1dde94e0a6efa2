"""What named refuses although each statement is right by itself: names that are taken, keys with a part missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from named_audit.model.config import Config, Key, ServerBlock, View
from named_audit.model.names import is_dns_name
from named_audit.syntax.source import Problem, Related, Span, problem_at

_APART = {"hint": "hint", "redirect": "redirect"}
"""Zones of these types may have the name of another zone."""


def refused(config: Config) -> Iterator[Problem]:
    """Every such problem, at the statement that named complains about."""
    for key in config.all_keys:
        yield from _key(key, config)
    for view in config.views:
        # A global key and a key of a view may not have the same name; keys of two views may.
        yield from _taken_keys(config.keys if view is config.views[0] else (), ())
        yield from _taken_keys(view.keys, config.keys)
        yield from _taken_servers(view.servers)
        yield from _taken_zones(view, config)
    yield from _taken_servers(config.servers)
    yield from _views(config)


def _key(key: Key, config: Config) -> Iterator[Problem]:
    if not is_dns_name(key.name):
        yield problem_at("argument", f"key '{key.name[:80]}': bad key name", key.name_span)
    # What is missing may stand in a part that was not read, or be what another problem is about.
    hidden = (*config.tree.missing, *config.tree.external, *(p.span for p in config.problems if p.span))
    if (key.algorithm is None or key.secret is None) and not any(
        _within(span, key.statement.span) for span in hidden
    ):
        message = f"key '{key.name[:80]}' must have both 'secret' and 'algorithm' defined"
        yield problem_at("argument", message, key.name_span)


def _within(span: Span, around: Span) -> bool:
    return span.source is around.source and around.start <= span.start <= around.end


def _taken_keys(keys: Iterable[Key], before: Iterable[Key]) -> Iterator[Problem]:
    first: dict[str, Key] = {}
    for key in before:
        first.setdefault(key.canonical, key)
    for key in keys:
        known = first.setdefault(key.canonical, key)
        if known is not key:
            yield _exists("key", key.name, key.name_span, known.name_span)


def _taken_servers(servers: Iterable[ServerBlock]) -> Iterator[Problem]:
    first: dict[tuple[int, int, int], ServerBlock] = {}
    for server in servers:
        known = first.setdefault((server.family, server.network, server.length), server)
        if known is not server:
            name = "".join(piece.value for piece in server.statement.head[1:])
            yield _exists("server", name, server.statement.name_span, known.statement.name_span)


def _taken_zones(view: View, config: Config) -> Iterator[Problem]:
    zones = view.zones
    names = [zone.canonical for zone in zones]
    if len(set(names)) == len(names):
        return
    first: dict[tuple[str, str | None], Span] = {}
    for name, zone in zip(names, zones, strict=True):
        span = zone.statement.name_span
        known = first.setdefault((name, _APART.get(config.zone_type(zone) or "")), span)
        if known is not span:
            yield _exists("zone", zone.name, span, known)


def _views(config: Config) -> Iterator[Problem]:
    first: dict[tuple[str, str], Span] = {}
    for view in config.views:
        if view.statement is None or view.name is None:
            continue
        span = view.statement.name_span
        # Unlike most names, those of views are told apart by case.
        known = first.setdefault((view.name, view.class_), span)
        if known is not span:
            yield _exists("view", view.name, span, known)
    if first:
        for view in config.views:
            for zone in view.zones if view.statement is None else ():
                message = "when using 'view' statements, all zones must be in views"
                yield problem_at("argument", message, zone.statement.name_span)


def _exists(kind: str, name: str, span: Span, known: Span) -> Problem:
    return problem_at(
        "argument", f"{kind} '{name[:80]}': already exists", span, Related(known, "previous definition")
    )
