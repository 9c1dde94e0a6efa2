"""What has taken the place of a statement that a release has no more, or warns of.

The data is grammar/statements/replacements.json, written by hand:

    way      "rename": another name with the same arguments; "anchors": likewise, with a keyword in each entry;
             "drop": nothing takes its place; "advise": what does, takes thought
    to       the other name
    idle     the first arguments with which it does nothing that a newer release does not do by itself; true for all
    default  the first arguments that are what a release does by itself that still heeds it, if they are others
    without  it does nothing unless one of these statements is there
    says     what became of it, for people
    source   where BIND says so
"""

import json
from collections.abc import Collection
from functools import lru_cache
from typing import Literal, NamedTuple

from named_audit.resources import read_resource

Way = Literal["rename", "anchors", "drop", "advise"]


class Replacement(NamedTuple):
    """What to write in the place of a statement; the fields are those of the file."""

    way: Way
    says: str
    source: str
    to: str | None = None
    idle: tuple[str, ...] | bool = False
    without: tuple[str, ...] = ()
    default: tuple[str, ...] | bool | None = None

    def is_idle(self, argument: str | None, names: Collection[str]) -> bool:
        """Whether the statement can go without a trace.

        Args:
            argument: its first argument in lower case, if that is a word.
            names: the names of all statements of the configuration.
        """
        if self.without and not any(name in names for name in self.without):
            return True
        return _has(self.idle, argument)

    def is_default(self, argument: str | None, names: Collection[str] | None) -> bool:
        """Whether the statement says, to a release that heeds it, what holds without it in `options`.

        Args:
            argument: its first argument in lower case, if that is a word.
            names: the names of all statements of the configuration; None if not all of them are known.
        """
        if self.without and names is not None and not any(name in names for name in self.without):
            return True
        return _has(self.idle if self.default is None else self.default, argument)


def _has(arguments: tuple[str, ...] | bool, argument: str | None) -> bool:
    return arguments if isinstance(arguments, bool) else argument in arguments


def replacement(name: str) -> Replacement | None:
    """What takes the place of a statement; None for one that is not gone or going in any release."""
    return _data().get(name)


@lru_cache(maxsize=1)
def _data() -> dict[str, Replacement]:
    raw = json.loads(read_resource("grammar", "statements", "replacements.json"))
    return {
        name: Replacement(
            entry["way"],
            entry["says"],
            entry["source"],
            entry.get("to"),
            _arguments(entry.get("idle", False)),
            tuple(entry.get("without", ())),
            _arguments(entry["default"]) if "default" in entry else None,
        )
        for name, entry in raw.items()
    }


def _arguments(value: list[str] | bool) -> tuple[str, ...] | bool:
    return tuple(value) if isinstance(value, list) else value
