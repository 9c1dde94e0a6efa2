"""What is asked about a line of the log, and the answer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from named_audit.lint.corrections import names
from named_audit.lint.log_reading import LogEntry
from named_audit.model.config import Config, Reference, View, Zone
from named_audit.model.matchlist import parse_address
from named_audit.model.names import canonical
from named_audit.model.references import references
from named_audit.policy.peers import Peers
from named_audit.policy.question import Judge, Request, Step
from named_audit.policy.survey import Survey
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement

MOST = 8
"""How many zones, keys or servers an answer names."""


_MOST_NAMES = 2000
"""Among how many names one that is nearly the same is looked for: each takes as long as many lines."""


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
        self._zones: dict[str, list[Zone]] = {}
        for zone in survey.config.zones:
            self._zones.setdefault(zone.canonical, []).append(zone)

    @cached_property
    def key_references(self) -> tuple[Reference, ...]:
        """Every place that names a key."""
        return tuple(references(self.config, "key"))

    def named(self, name: str) -> list[Zone]:
        """The zones of a name (canonical) in all views."""
        return self._zones.get(name, [])

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
        named = self.named(low)
        found = [zone for zone in named if view is None or zone.view.name in (None, view)]
        pointed = {zone.in_view for zone in found} - {None}
        found += [zone for zone in named if zone.view.name in pointed]
        return list({id(zone): zone for zone in found if zone.in_view is None}.values())

    def no_zone(self, entry: LogEntry) -> Answer:
        """The answer where the zone of a line is not there: where it is instead, or what is near."""
        name = entry.fields.get("zone")
        if name is None:
            return Answer("the line does not name a zone, so that nothing here can be found for it")
        everywhere = self.named(canonical(name))
        if everywhere:
            views = names(dict.fromkeys(f"view {zone.view.name}" for zone in everywhere))
            return Answer(
                f"the zone {name} is in {views}, not in view {entry.fields.get('view')}",
                everywhere[0].statement.name_span,
            )
        hint = near(canonical(name), self._zones)
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


def near(name: str, known: Iterable[str]) -> str:
    """What is called nearly like that, to stand behind a sentence; nothing where there are too many names to look at."""
    names = list(islice(dict.fromkeys(known), _MOST_NAMES + 1))
    found = difflib.get_close_matches(name, names, n=2) if len(names) <= _MOST_NAMES else []
    return f"; there is {' and '.join(found)}" if found else ""


def element_text(statement: Statement, start: int, end: int) -> str:
    """The text between two offsets of a statement, in one line."""
    return shorten(" ".join(statement.locate(start, end).text.rstrip("; \t\r\n").split()), 120)


def is_plain(name: str) -> bool:
    """Whether a name can stand in a statement to write as it is."""
    return re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name) is not None
