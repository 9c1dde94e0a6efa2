"""`who` for people: zone by zone, or zones with the same policy together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from named_audit.policy.answers import Answer
from named_audit.policy.runtime_zones import RuntimeZones
from named_audit.policy.survey import Survey, Surveyed
from named_audit.report.shown import shown
from named_audit.report.who_rows import (
    Row,
    access_rows,
    inbound_words,
    notify_words,
    transport_words,
)

_NAMED = 5
"""How many zones of a group are named."""


class WhoText:
    """Renders zones of one survey; what zones of one kind share is rendered once."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._rows: dict[int, tuple[tuple[str, int | None, str], ...]] = {}
        self._plan_lines: dict[int, tuple[str, ...]] = {}

    def zones(self, zones: Iterable[Surveyed]) -> Iterator[str]:
        """One block for each zone."""
        for surveyed in zones:
            yield self._one(_title(surveyed), surveyed)

    def runtime(self, found: Iterable[tuple[RuntimeZones, Surveyed]]) -> Iterator[str]:
        """One block for each kind of zones that do not stand in the file."""
        for zones, surveyed in found:
            view = f" (view {shown(zones.view.name)})" if zones.view.name is not None else ""
            yield self._one(f"{shown(zones.words)}{view}", surveyed)

    def _one(self, title: str, surveyed: Surveyed) -> str:
        statement = surveyed.setting.statement
        span = statement.span if statement is not None else None
        first = span.begin.line if span is not None else 0
        place = f", {shown(span.source.path)}:{first}" if span is not None else ""
        lines = [
            f"{text}line {first + line}: {element}" if line is not None else text + element
            for text, line, element in self._shared(surveyed)
        ]
        return "\n".join((f"{title}: {_level(surveyed)}{place}", *lines, *self._plans(surveyed), "", ""))

    def groups(self, zones: Iterable[Surveyed]) -> Iterator[str]:
        """One block for each distinct policy, with the zones that share it, largest first."""
        found: dict[tuple[str, ...], list[Surveyed]] = {}
        for surveyed in zones:
            key = (_level(surveyed), surveyed.kind.answers[0].type or "", *self._group_body(surveyed))
            found.setdefault(key, []).append(surveyed)
        for key, members in sorted(found.items(), key=lambda item: -len(item[1])):
            names = ", ".join(_name(each) for each in members[:_NAMED])
            more = f" and {len(members) - _NAMED} more" if len(members) > _NAMED else ""
            count = f"{len(members)} zone{'' if len(members) == 1 else 's'}"
            head = f"{count} ({key[1] or 'no type'}, {key[0]}): {names}{more}"
            yield "\n".join([head, *key[2:], "", ""])

    def _group_body(self, surveyed: Surveyed) -> tuple[str, ...]:
        rows = (text + element for text, _, element in self._shared(surveyed))
        return (*rows, *self._plans(surveyed))

    def _plans(self, surveyed: Surveyed) -> tuple[str, ...]:
        number = surveyed.kind.number
        known = self._plan_lines.get(number)
        if known is not None:
            return known
        lines = []
        # An in-view zone is told and fetched where it is defined.
        notify = surveyed.notify if surveyed.zone.in_view is None else None
        if notify is not None and surveyed.kind.answers[0].access is not None:
            lines.append(f"  NOTIFY to {notify_words(notify)}")
        inbound = inbound_words(surveyed.inbound)
        if inbound:
            lines.append(f"  content from {inbound}")
        if notify is None or not notify.told_by_ns:
            # Where NS records add to it, each zone has a plan of its own.
            self._plan_lines[number] = tuple(lines)
        return tuple(lines)

    def _shared(self, surveyed: Surveyed) -> tuple[tuple[str, int | None, str], ...]:
        number = surveyed.kind.number
        known = self._rows.get(number)
        if known is None:
            known = self._rows[number] = tuple(self._lines(surveyed.kind.answers))
        return known

    def _lines(self, answers: tuple[Answer, ...]) -> Iterator[tuple[str, int | None, str]]:
        for answer in answers:
            if answer.releases is not None:
                yield f"  BIND {', '.join(answer.releases)}:", None, ""
            if answer.access is not None and (words := transport_words(answer.access)):
                yield f"  only {words}:", None, ""
            yield from _aligned(access_rows(answer, self._survey.config, self._survey.interfaces))


def _aligned(rows: tuple[Row, ...]) -> Iterator[tuple[str, int | None, str]]:
    who = max(len(row.who) for row in rows)
    proof = max(len(row.proof) for row in rows)
    for row in rows:
        text = f"  {row.who:{who}}  {row.proof:{proof}}"
        yield (text.rstrip() if not row.element else text + "  "), row.line, row.element


def _plain(name: str) -> str:
    # Most names are letters, digits, dots and hyphens: nothing to escape, nothing to redact.
    return (
        name
        if name.isascii() and name.replace(".", "").replace("-", "").isalnum() and len(name) < 64
        else shown(name)
    )


def _name(surveyed: Surveyed) -> str:
    name = _plain(surveyed.zone.canonical)
    view = surveyed.zone.view.name
    return name if view is None else f"{name} (view {shown(view)})"


def _title(surveyed: Surveyed) -> str:
    first = surveyed.kind.answers[0]
    zone = surveyed.zone
    words = [first.type or "no type"]
    if zone.in_view is not None:
        words.append(f"that of view {shown(zone.in_view)}")
    if zone.view.name is not None:
        words.append(f"view {shown(zone.view.name)}")
    return f"{_plain(zone.canonical)} ({', '.join(words)})"


def _level(surveyed: Surveyed) -> str:
    first = surveyed.kind.answers[0]
    if first.access is None:
        return "not transferable"
    return "by default" if first.level == "default" else f"decided by the {first.level}"
