"""The statement that somebody probably meant. Imported where one is unknown: difflib takes its time to load."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from named_audit.catalogue.data import known_names, table_of

_LONGEST = 60
_CUTOFF = 0.8


class _Known(NamedTuple):
    name: str
    letters: frozenset[str]


def nearest_statement(name: str, context: str) -> str | None:
    """The statement whose name is most like this one: of the same block first, else of any."""
    if len(name) > _LONGEST:
        return None
    for known in (_of_context(context), _all()):
        found = _nearest(name, known)
        if found is not None:
            return found
    return None


def _nearest(name: str, known: tuple[_Known, ...]) -> str | None:
    letters = frozenset(name)
    close: list[str] = []
    for each in known:
        # A letter that only one of two names has cannot be matched. A file may have any number of unknown names, and
        # this costs a fraction of comparing them.
        least = _CUTOFF / 2 * (len(name) + len(each.name))
        if len(name) < least or len(each.name) < least:
            continue
        both = len(letters & each.letters)
        if len(name) - len(letters) + both >= least and len(each.name) - len(each.letters) + both >= least:
            close.append(each.name)
    for candidate in close:
        if _swapped(name, candidate):
            return candidate
    found = difflib.get_close_matches(name, close, n=1, cutoff=_CUTOFF) if close else []
    return found[0] if found else None


def _swapped(name: str, known: str) -> bool:
    """Whether two letters beside each other have changed places."""
    if len(name) != len(known):
        return False
    at = [index for index, (one, other) in enumerate(zip(name, known, strict=True)) if one != other]
    if len(at) != 2 or at[1] != at[0] + 1:
        return False
    return name[at[0]] == known[at[1]] and name[at[1]] == known[at[0]]


@lru_cache(maxsize=64)
def _of_context(context: str) -> tuple[_Known, ...]:
    return _known(table_of(context, None).entries)


@lru_cache(maxsize=1)
def _all() -> tuple[_Known, ...]:
    return _known(known_names())


def _known(names: Iterable[str]) -> tuple[_Known, ...]:
    return tuple(_Known(name, frozenset(name)) for name in sorted(names))
