"""What open zones give away beside their names, and what was perhaps taken for a guard: notes for findings about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Related, Span
from named_audit.model.config import View, Zone
from named_audit.model.names import canonical
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word

_SPECIAL = {
    "catalog-zones": "a catalog zone: a transfer names all zones of its consumers",
    "response-policy": "a response policy zone: a transfer gives the whole block list away, whatever allow-query says",
}


def disclosed(zones: Sequence[Zone], audit: Audit) -> Iterator[Related]:
    """The places that say what open zones are for, and the first allow-query that seems to close one."""
    special: dict[int, dict[str, tuple[Span, str]]] = {}
    seen: set[Span] = set()
    guard: Statement | None = None
    for zone in zones:
        known = special.get(id(zone.view))
        if known is None:
            known = special[id(zone.view)] = _special(zone.view, audit)
        found = known.get(zone.canonical)
        if found is not None and found[0] not in seen:
            seen.add(found[0])
            yield Related(*found)
        if guard is None:
            guard = _tight(audit.config.effective(zone, "allow-query").statement, audit)
    if guard is not None:
        yield Related(
            guard.span, "this does not guard transfers: BIND asks allow-query for other queries only"
        )


def _special(view: View, audit: Audit) -> dict[str, tuple[Span, str]]:
    found: dict[str, tuple[Span, str]] = {}
    for name, words in _SPECIAL.items():
        statement = audit.config.view_setting(view, name).statement
        for zone, span in _zones(statement) if statement is not None else ():
            found.setdefault(zone, (span, words))
    return found


def _zones(statement: Statement) -> Iterator[tuple[str, Span]]:
    """The zones that a statement lists as `zone NAME ...;`."""
    for piece in statement.pieces:
        for element in piece.elements if isinstance(piece, Group) else ():
            words = element.pieces
            if len(words) > 1 and words[0].low == "zone" and isinstance(words[1], Word):
                yield canonical(words[1].value), statement.locate(element.start, words[1].end)


def _tight(statement: Statement | None, audit: Audit) -> Statement | None:
    """A list of allow-query, if it lets in less than half of the Internet."""
    if statement is None:
        return None
    admitted = audit.lists.acl(statement).addresses(None, "elsewhere")
    return statement if all(admitted.share(family) < 0.5 for family in (4, 6)) else None
