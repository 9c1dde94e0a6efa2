"""Which question each kind of line puts to a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from named_audit.lint.log_lines import Asks
from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.access import cache, query, unsigned_updates, update
from named_audit.lint.logged.asked import Answer, Asked
from named_audit.lint.logged.inbound import primary
from named_audit.lint.logged.keys import key
from named_audit.lint.logged.notify import notify_from, notify_to
from named_audit.lint.logged.places import control, place, zone_of
from named_audit.lint.logged.transfers import held, transfer
from named_audit.policy.survey import Survey

_QUESTIONS: Mapping[Asks, Callable[[Asked, LogEntry], Answer | None]] = {
    "transfer": transfer,
    "held": held,
    "query": query,
    "cache": cache,
    "update": update,
    "unsigned-updates": unsigned_updates,
    "notify-from": notify_from,
    "notify-to": notify_to,
    "key": key,
    "primary": primary,
    "zone": zone_of,
    "control": control,
    "place": place,
}


class LogJudge:
    """Asks one configuration about lines of a log."""

    def __init__(self, survey: Survey) -> None:
        self._asked = Asked(survey)

    def answer(self, entry: LogEntry) -> Answer | None:
        """What the configuration says about a line; None if it has no say."""
        question = _QUESTIONS.get(entry.line.asks)
        return question(self._asked, entry) if question is not None else None
