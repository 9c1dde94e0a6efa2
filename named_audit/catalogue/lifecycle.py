"""In which releases a statement is known, deprecated, obsolete or removed."""

import json
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

from named_audit.catalogue.data import table_of
from named_audit.release import LINES, Release
from named_audit.resources import read_resource

Standing: TypeAlias = Literal["current", "experimental", "deprecated", "obsolete", "removed", "too new"]
"""What a release makes of a statement. It takes the first four (and warns of the middle three); it refuses "removed"
by name, and does not know what is "too new"."""


class Life(NamedTuple):
    """A statement's standing in each release line, oldest first, and the first patch where a line got it late."""

    standings: tuple[Standing, ...]
    since: dict[str, int]

    def lines(self, *standings: Standing) -> tuple[str, ...]:
        """The release lines in which the statement has one of these standings."""
        return tuple(line for line, each in zip(LINES, self.standings, strict=True) if each in standings)


def life(context: str, name: str) -> Life:
    """The life of a statement that the catalogue has in a context."""
    lines, marks, thresholds = _data()
    every = (1 << len(LINES)) - 1
    known = lines.get(context, {}).get(name, every)
    standings: list[Standing] = []
    for bit in range(len(LINES)):
        marked = [mark for mark, table in marks.items() if table.get(context, {}).get(name, 0) >> bit & 1]
        if "removed" in marked:
            standings.append("removed")
        elif not known >> bit & 1:
            # What a later release does not know any more is as good as removed.
            standings.append("removed" if known and known < 1 << bit else "too new")
        elif "obsolete" in marked:
            standings.append("obsolete")
        elif "deprecated" in marked:
            standings.append("deprecated")
        else:
            standings.append("experimental" if marked else "current")
    return Life(tuple(standings), thresholds["since"].get(name, {}))


def standing(context: str, name: str, release: Release) -> Standing:
    """What a release makes of a statement, by its patch level too.

    Fixes of vendors are back-ports of no use here: what is new stays new.
    """
    release = release.nearest
    found = life(context, name).standings[LINES.index(release.line)]
    thresholds = _data()[2]
    if release.patch < thresholds["since"].get(name, {}).get(release.line, 0):
        return "too new"
    if found in ("deprecated", "obsolete"):
        if release.patch < thresholds["obsolete"].get(name, {}).get(release.line, 0):
            found = "deprecated"
        if release.patch < thresholds["deprecated"].get(name, {}).get(release.line, 0):
            found = "current"
    return found


def refused_word(name: str, word: str, release: Release) -> str | None:
    """Why a release refuses a keyword that other releases take among the arguments of a statement; None if it may not.

    Args:
        name: the statement.
        word: the keyword in lower case.
        release: the release.
    """
    since, until = _data()[2]["words"].get(name, {}).get(word, (None, None))
    known = release.nearest
    if since is not None and not (release.at_least(*_numbers(since)) or known.at_least(*_numbers(since))):
        return f"'{word}' in {name} does not exist yet in BIND {release}, which refuses it; known from {since} on"
    if until is not None and known.at_least(*_numbers(until)):
        return f"'{word}' in {name} no longer exists in BIND {release}, which refuses it; gone since {until}"
    return None


def _numbers(text: str) -> tuple[int, int, int]:
    numbers = [int(part) for part in text.split(".")]
    return numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 0


@lru_cache(maxsize=64)
def unusual(context: str, release: Release) -> frozenset[str]:
    """The statements of a context that a release does not take without a word."""
    lines, marks, thresholds = _data()
    names = {*lines.get(context, ()), *thresholds["since"]}
    for table in marks.values():
        names.update(table.get(context, ()))
    found = {name: standing(context, name, release) for name in names}
    gone = {name for name, each in found.items() if each in ("removed", "too new")}
    if gone.issuperset(table_of(context, None).entries):
        # The release refuses the block as a whole; nothing more is said about what is in it.
        return frozenset()
    return frozenset(name for name, each in found.items() if each != "current")


@lru_cache(maxsize=64)
def limited_names(context: str) -> frozenset[str]:
    """The statements of a context that not every release line has."""
    lines, marks, _ = _data()
    names = {*lines.get(context, ()), *marks["removed"].get(context, ())}
    refused: tuple[Standing, ...] = ("removed", "too new")
    return frozenset(name for name in names if life(context, name).lines(*refused))


@lru_cache(maxsize=1)
def _data() -> tuple[dict[str, dict[str, int]], dict[str, dict[str, dict[str, int]]], Any]:
    """lifecycle.json and thresholds.json: read only where a release is known or something is wrong."""
    data = json.loads(read_resource("grammar", "statements", "lifecycle.json"))
    thresholds = json.loads(read_resource("grammar", "statements", "thresholds.json"))
    return data["lines"], data["marks"], thresholds
