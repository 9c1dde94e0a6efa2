"""What is asked about a line of the log, and the answer."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

from named_audit.lint.corrections import names
from named_audit.lint.log_reading import LogEntry
from named_audit.model.config import Config, View, Zone
from named_audit.model.matchlist import parse_address
from named_audit.model.names import canonical
from named_audit.policy.peers import Peers
from named_audit.policy.question import Judge, Request, Step
from named_audit.policy.survey import Survey
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement

MOST = 8
"""How many zones, keys or servers an answer names."""


class Answer(NamedTuple):
    """What decides. `at` is the deciding statement (None: there is none); `write` are statements to write there."""

    verdict: str
    at: Span | None = None
    steps: tuple[Step, ...] = ()
    depends: tuple[str, ...] = ()
    write: tuple[str, ...] = ()


class Asked:
    """One configuration that is asked about lines of a log."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.config: Config = survey.config
        self.judge = Judge(survey.config, survey.interfaces)
        self.peers = Peers(survey.config)

    def view(self, entry: LogEntry) -> View | None:
        """The view that the line names."""
        name = entry.fields.get("view")
        return next((view for view in self.config.views if name is not None and view.name == name), None)

    def zones(self, entry: LogEntry) -> list[Zone]:
        """The zones of the line's name, in its view if it names one; for an `in-view` zone the one that it points at."""
        name = entry.fields.get("zone")
        if name is None:
            return []
        low, view = canonical(name), entry.fields.get("view")
        named = [zone for zone in self.config.zones if zone.canonical == low]
        found = [zone for zone in named if view is None or zone.view.name in (None, view)]
        pointed = {zone.in_view for zone in found} - {None}
        found += [zone for zone in named if zone.view.name in pointed]
        return list({id(zone): zone for zone in found if zone.in_view is None}.values())

    def no_zone(self, entry: LogEntry) -> Answer:
        """The answer where the zone of a line is not there: where it is instead, or what is near."""
        name = entry.fields.get("zone")
        if name is None:
            return Answer("the line does not name a zone, so that nothing here can be found for it")
        everywhere = [zone for zone in self.config.zones if zone.canonical == canonical(name)]
        if everywhere:
            views = names(dict.fromkeys(f"view {zone.view.name}" for zone in everywhere))
            return Answer(
                f"the zone {name} is in {views}, not in view {entry.fields.get('view')}",
                everywhere[0].statement.name_span,
            )
        near = difflib.get_close_matches(
            canonical(name), list(dict.fromkeys(zone.canonical for zone in self.config.zones))[:20_000], n=2
        )
        hint = f"; there is {' and '.join(near)}" if near else ""
        unseen = ", in what was read" if self.config.unseen else ""
        return Answer(f"there is no zone {name}{unseen}{hint}")

    def request(self, entry: LogEntry) -> Request | None:
        """Who the line is about, with the key; None where it does not say."""
        peer = entry.fields.get("peer")
        parsed = parse_address(peer) if peer is not None else None
        if parsed is None:
            return None
        key = entry.fields.get("key")
        return Request(parsed[1], parsed[0], canonical(key) if key is not None else None)


def element_text(statement: Statement, start: int, end: int) -> str:
    """The text between two offsets of a statement, in one line."""
    return shorten(" ".join(statement.locate(start, end).text.rstrip("; \t\r\n").split()), 120)


def is_plain(name: str) -> bool:
    """Whether a name can stand in a statement to write as it is."""
    return re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name) is not None
