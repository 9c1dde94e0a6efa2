"""Zones that do not stand in the file: members of catalog zones, zones that rndc adds, zones of a dlz driver.

Their allow-transfer is that of the view or the options, or the default of the release. A catalog zone's own
allow-transfer does not reach its members.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from named_audit.model.config import Config, Level, Setting, View, Zone
from named_audit.model.names import canonical
from named_audit.policy.access import Access, Accesses
from named_audit.policy.transfer import open_by_default
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Source, Span
from named_audit.syntax.tree import Leaf, Statement
from named_audit.syntax.words import Element, Group, Piece, Word

_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0"})


class RuntimeZones(NamedTuple):
    """The zones that one cause brings into one view.

    `kind` is "catalog", "new-zones" (allow-new-zones) or "dlz"; `name` is that of the catalog zone (canonical) or of
    the driver, None for "new-zones". `span` is the place that brings them in.
    """

    kind: Literal["catalog", "new-zones", "dlz"]
    name: str | None
    member: Zone
    """A zone as named makes one of them, where the file says how: its name stands for none, its statement is the cause."""
    span: Span
    setting: Setting
    """The allow-transfer that decides unless something at run time says otherwise, see `conditional`."""
    access: Access
    """Who can then take them. Where the release is not known, this is what releases up to 9.18 would serve."""

    @property
    def view(self) -> View:
        """The view that they are in."""
        return self.member.view

    @property
    def conditional(self) -> str | None:
        """What else may decide, as a half sentence: a zone that is added may bring a list of its own."""
        if self.kind == "new-zones":
            return "where they bring no list of their own"
        if self.kind == "dlz":
            return "where the driver leaves it to BIND"
        return None

    @property
    def words(self) -> str:
        """The zones in a sentence."""
        if self.kind == "catalog":
            return f"the members of catalog zone {shorten(self.name or '')}"
        what = (
            f"the zones of dlz {shorten(self.name or '')}"
            if self.kind == "dlz"
            else "zones added by rndc addzone"
        )
        return f"{what} ({self.conditional})"


def runtime_zones(config: Config, accesses: Accesses) -> tuple[RuntimeZones, ...]:
    """All zones that may come at run time, view by view."""
    found: list[RuntimeZones] = []
    for view in config.views:
        setting = config.view_setting(view, "allow-transfer")
        opened = setting.statement is None and open_by_default(config.release) is not False
        for kind, name, member, span in _members(config, view):
            # An access is worked out late, and most configurations bring nothing in.
            access = accesses.of(setting.statement, opened, (view,))
            found.append(RuntimeZones(kind, name, member, span, setting, access))
    return tuple(found)


_Member = tuple[Literal["catalog", "new-zones", "dlz"], str | None, Zone, Span]


def _members(config: Config, view: View) -> Iterator[_Member]:
    catalogs = config.view_setting(view, "catalog-zones").statement
    if catalogs is not None and view.class_ == "in":
        yield from _catalogs(catalogs, view)
    added = config.view_setting(view, "allow-new-zones")
    if added.statement is not None and added.word in _YES:
        yield "new-zones", None, _member("primary", added.statement, None, view), added.statement.span
    for driver in view.drivers:
        # `search no`: asked only for zones whose own statement names it.
        if any(child.name == "search" and Setting(child, "").word in _NO for child in driver.children):
            continue
        head = driver.head
        name = head[1].value if len(head) > 1 else None
        yield "dlz", name, _member("primary", driver, None, view), driver.name_span


def _catalogs(statement: Statement, view: View) -> Iterator[_Member]:
    for element in _elements(statement.pieces):
        pieces = element.pieces
        if len(pieces) < 2 or not isinstance(pieces[1], Word):
            continue
        name = pieces[1].value
        primaries: Statement | None = None
        for index, piece in enumerate(pieces):
            if isinstance(piece, Word) and piece.low in ("default-primaries", "default-masters"):
                group = next((each for each in pieces[index:] if isinstance(each, Group)), None)
                if group is not None:
                    primaries = statement.part(piece.start, group.end)
                break
        member = _member("secondary", statement, primaries, view)
        yield "catalog", canonical(name), member, statement.locate(element.start, pieces[1].end)


def _elements(pieces: tuple[Piece, ...]) -> tuple[Element, ...]:
    return next((piece.elements for piece in pieces if isinstance(piece, Group)), ())


def _member(type_: str, cause: Statement, primaries: Statement | None, view: View) -> Zone:
    # As named itself does, which writes a zone statement for each member and parses it.
    text = f"type {type_};"
    source = Source(cause.source.path, text)
    statements = {"type": Statement((Leaf("STATEMENT", source, 0, 0, len(text)),))}
    if primaries is not None:
        statements["primaries"] = primaries
    return Zone("", None, cause, Level("zone", None, statements), view)
