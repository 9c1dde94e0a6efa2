"""Names that are taken, and keys with a part missing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

from named_audit.model.config import Config, Key, ServerBlock, View
from named_audit.model.names import is_dns_name
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Related, Span, problem_at

_APART = {"hint": "hint", "redirect": "redirect"}
"""Zones of these types may have the name of another zone."""


def taken_names(config: Config) -> Iterator[Problem]:
    """Every such problem, at the statement that named complains about."""
    hidden = _Hidden(config)
    for key in config.all_keys:
        yield from _key(key, hidden)
    everywhere: dict[str, Key] = {}
    yield from _taken_keys(config.keys, everywhere, {})
    for view in config.views:
        # A global key and a key of a view may not have the same name; keys of two views may.
        yield from _taken_keys(view.keys, {}, everywhere)
        yield from _taken_servers(view.servers)
        yield from _taken_zones(view, config)
    yield from _taken_servers(config.servers)
    yield from _views(config)


class _Hidden:
    """Places where something was not read, or is a problem already."""

    def __init__(self, config: Config) -> None:
        self._starts: dict[int, list[int]] = {}
        problems = [problem.span for problem in config.problems if problem.span is not None]
        for span in (*config.tree.missing, *config.tree.external, *problems):
            self._starts.setdefault(id(span.source), []).append(span.start)
        for starts in self._starts.values():
            starts.sort()

    def within(self, span: Span) -> bool:
        """Whether there is one in a statement."""
        starts = self._starts.get(id(span.source), [])
        at = bisect_left(starts, span.start)
        return at < len(starts) and starts[at] <= span.end


def _key(key: Key, hidden: _Hidden) -> Iterator[Problem]:
    if not is_dns_name(key.name):
        yield problem_at("argument", f"key '{shorten(key.name)}': bad key name", key.name_span)
    # What is missing may stand in a part that was not read, or be what another problem is about.
    if (key.algorithm is None or key.secret is None) and not hidden.within(key.statement.span):
        message = f"key '{shorten(key.name)}' must have both 'secret' and 'algorithm' defined"
        yield problem_at("argument", message, key.name_span)


def _taken_keys(keys: Iterable[Key], first: dict[str, Key], around: Mapping[str, Key]) -> Iterator[Problem]:
    """The keys whose name one of `around` has, or an earlier one of them; `first` is filled with the others."""
    for key in keys:
        known = around.get(key.canonical) or first.setdefault(key.canonical, key)
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
        outside = [zone for view in config.views if view.statement is None for zone in view.zones]
        if outside:
            message = "when using 'view' statements, all zones must be in views"
            yield problem_at("argument", message, outside[0].statement.name_span)


def _exists(kind: str, name: str, span: Span, known: Span) -> Problem:
    return problem_at(
        "argument", f"{kind} '{shorten(name)}': already exists", span, Related(known, "previous definition")
    )
