"""Zones, the control channel, and lines of files that named complains about."""

from __future__ import annotations

from itertools import pairwise

from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import MOST, Answer, Asked, element_text
from named_audit.model.matchlist import MatchList, parse_match_list
from named_audit.policy.matchlist import build
from named_audit.policy.question import Step
from named_audit.syntax.redact import redact
from named_audit.syntax.source import Span
from named_audit.syntax.words import Element, Group, Word


def zone_of(asked: Asked, entry: LogEntry) -> Answer | None:
    """The zone and its file."""
    zones = asked.zones(entry)
    if not zones:
        return asked.no_zone(entry)
    file = zones[0].level.statements.get("file")
    steps = () if file is None else (Step(file.span, "file", element_text(file, 4, len(file.text)).strip()),)
    type_ = asked.config.zone_type(zones[0]) or "no type"
    return Answer(f"the zone is here, as {type_}", zones[0].statement.name_span, steps)


def control(asked: Asked, entry: LogEntry) -> Answer:
    """The channels of `controls`, and whether their lists admit the peer."""
    if not asked.config.controls:
        return Answer(
            "there is no controls statement: named listens on 127.0.0.1 and ::1, port 953, with the key of rndc.key"
        )
    request = asked.request(entry)
    at = asked.config.controls[0].name_span
    steps: list[Step] = []
    for statement in asked.config.controls:
        block = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
        for element in block.elements if block is not None else ():
            if not steps:
                at = statement.name_span
            span = statement.locate(element.start, element.end)
            said = "a channel"
            allow = _allowed(element)
            if request is not None and allow is not None:
                found = build(allow, asked.survey.lists.lookup).addresses(None, "elsewhere")
                admits = found.holds(request.address, request.family)
                said += f", whose list {'admits' if admits else 'does not admit'} that address"
            steps.append(Step(span, element_text(statement, element.start, element.end), said))
    if not steps:
        return Answer("an empty controls turns the control channel off", at)
    return Answer("controls decides who may speak to named", at, tuple(steps[:MOST]))


def _allowed(element: Element) -> MatchList | None:
    """The list behind `allow` in a channel."""
    for word, piece in pairwise(element.pieces):
        if isinstance(piece, Group) and isinstance(word, Word) and word.low == "allow":
            return parse_match_list(piece)
    return None


def place(asked: Asked, entry: LogEntry) -> Answer | None:
    """The line of a file that named complains of."""
    file, line = entry.fields["file"], entry.fields["line"]
    number = int(line) if len(line) < 8 else 0
    name = file.rsplit("/", 1)[-1]
    for source in asked.config.tree.sources:
        same = source.path == file or source.real_path == file or source.path.rsplit("/", 1)[-1] == name
        if same and 1 <= number <= len(source.line_starts):
            start, end = source.line_bounds(number)
            return Answer(
                "this is the line",
                Span(source, start, end),
                (Step(Span(source, start, end), f"line {number}", redact(source, start, end).strip()),),
            )
    return Answer("that file is not among those that were read")
