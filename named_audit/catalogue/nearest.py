"""The statement that somebody probably meant. Imported where one is unknown: difflib takes its time to load."""

from __future__ import annotations

import difflib

from named_audit.catalogue.data import known_names, table_of

_LONGEST = 60


def nearest_statement(name: str, context: str) -> str | None:
    """The statement whose name is most like this one: of the same block first, else of any."""
    if len(name) > _LONGEST:
        return None
    for names in (table_of(context, None).entries, known_names()):
        found = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.8)
        if found:
            return found[0]
    return None
