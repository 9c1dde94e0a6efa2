"""A piece of a configuration made whole enough to be asked: what belongs into a zone gets one around it.

Spans stay those of the piece: only the statements around it are made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from named_audit.catalogue.data import places_of, refused_in
from named_audit.host import Host, MemoryHost
from named_audit.model.build import build_config
from named_audit.model.config import Config
from named_audit.model.names import LIST_STATEMENTS
from named_audit.release import Release
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.parser import read_tree
from named_audit.syntax.source import Problem, Source, Span
from named_audit.syntax.tree import Leaf, Statement
from named_audit.syntax.words import fold

ZONE = "this-zone"
"""What the zone is called that stands around statements of a zone."""

VIEW = "this-view"

_MADE_UP = "/made-up"
_TYPES = ("primary", "secondary", "mirror", "stub", "redirect", "forward", "hint")
_NEEDS_PRIMARIES = frozenset({"primaries", "masters"})
_HEADS = {
    "zone": f'zone "{ZONE}" {{ }};',
    "options": "options { };",
    "view": f"view {VIEW} {{ }};",
    "key": "key this-key { };",
    "server": "server 192.0.2.1 { };",
    "tls": "tls this-block { };",
    "template": "template this-template { };",
}
"""What is put around statements, where more than one place would do the first of these."""

_TAKEN = frozenset({"acl", "key", "tls", "server", "options", "template", *LIST_STATEMENTS})
"""What of a configuration bears on a piece that is to be read with it."""


class Piece(NamedTuple):
    """A piece ready to be asked. `loose` are its statements that stand in a made-up block, by the kind of block."""

    config: Config
    statements: tuple[Statement, ...]
    loose: dict[str, tuple[Statement, ...]]
    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    """Why it is not understood whole."""

    def holds(self, span: Span) -> bool:
        """Whether a place is in the piece, not in what was put around it."""
        return any(span.source is source for source in self.sources)


def read_piece(
    path: str,
    host: Host,
    options: ReadOptions,
    around: Config | None = None,
    *,
    path_shown: str | None = None,
) -> Piece:
    """Read a piece of a configuration; never raises for bad input.

    Args:
        path: the file, or "-".
        host: the world outside.
        options: release, sysroot, maps.
        around: the configuration whose definitions and options hold for it.
        path_shown: what the file is called.
    """
    tree = read_tree(path, host, options, path_shown=path_shown)
    top, loose = _sorted(tree.statements)
    statements = [*top]
    taken = list(_definitions(around, top)) if around is not None else []
    made: dict[str, Statement] = {}
    for place, members in loose.items():
        more: tuple[Statement, ...] = ()
        if place == "options":
            # What the configuration's options say beside it still holds.
            own = {member.name for member in members}
            for statement in [each for each in taken if each.name == "options"]:
                taken.remove(statement)
                more = tuple(child for child in statement.children if child.name not in own)
        if place == "zone" and not any(member.name in ("type", "in-view", "template") for member in members):
            more = _made(f"type {_type_for(members, options.release)};")
        made[place] = _filled(_made(_HEADS[place])[0], (*members, *more))
    if "view" in made and "zone" in made:
        view = made["view"]
        made["view"] = _filled(view, (*view.children, made.pop("zone")))
    whole = tree._replace(statements=(*taken, *statements, *made.values()))
    config = build_config(whole, options)
    here = tuple(source for source in tree.sources)
    piece = Piece(config, tree.statements, loose, here, ())
    # Statements of the configuration around have been judged where they stand.
    config.problems[:] = [each for each in config.problems if each.span is None or piece.holds(each.span)]
    config.refusals[:] = [each for each in config.refusals if piece.holds(each.span)]
    # Who looks for a definition must not take what stands elsewhere for missing.
    config.fragment = around is None or around.unseen
    found = (*config.problems, *(around.problems if around is not None else ()))
    return piece._replace(problems=tuple(dict.fromkeys(found)))


def _sorted(statements: Sequence[Statement]) -> tuple[list[Statement], dict[str, tuple[Statement, ...]]]:
    """The statements that may stand at the top, and the others by the block that they belong into."""
    top: list[Statement] = []
    by_name: dict[str, tuple[str, ...]] = {}
    loose: list[Statement] = []
    for statement in statements:
        places = places_of(statement.name)
        if (
            not places
            or ("top" in places and not _is_zones_list(statement))
            or statement.type in ("INCLUDE", "STRAY")
        ):
            top.append(statement)
            continue
        by_name[statement.name] = places
        loose.append(statement)
    found: dict[str, list[Statement]] = {}
    together = next(
        (place for place in _HEADS if by_name and all(place in places for places in by_name.values())), None
    )
    for statement in loose:
        places = by_name[statement.name]
        place = together or next((each for each in _HEADS if each in places), None)
        if place is None or (place == "options" and any(each.name == "options" for each in top)):
            top.append(statement)
        else:
            found.setdefault(place, []).append(statement)
    return top, {place: tuple(members) for place, members in found.items()}


def _is_zones_list(statement: Statement) -> bool:
    """Whether this is the `primaries { ... }` of a zone, not a list with a name."""
    if statement.name not in LIST_STATEMENTS:
        return False
    head = statement.head
    return len(head) < 2 or (
        len(head) % 2 == 1 and fold(head[1].value) in ("port", "source", "source-v6", "dscp")
    )


def _type_for(members: Sequence[Statement], release: Release | None) -> str:
    names = {member.name for member in members}
    if names & _NEEDS_PRIMARIES:
        return "secondary"
    return next((type_ for type_ in _TYPES if not names & refused_in(type_, release)), "primary")


def _definitions(around: Config, top: Sequence[Statement]) -> Iterator[Statement]:
    """What the configuration defines and the piece does not define anew."""
    own = {_known_as(statement) for statement in top}
    for statement in around.tree.statements:
        if statement.name in _TAKEN and _known_as(statement) not in own:
            yield statement
    for view in around.views:
        for key in view.keys:
            if (
                key.canonical not in {each.canonical for each in around.keys}
                and _known_as(key.statement) not in own
            ):
                yield key.statement


def _known_as(statement: Statement) -> tuple[str, str]:
    name = "server list" if statement.name in LIST_STATEMENTS else statement.name
    head = statement.head
    return name, fold(head[1].value) if len(head) > 1 else ""


def _made(text: str) -> tuple[Statement, ...]:
    host = MemoryHost({_MADE_UP: text.encode()})
    return read_tree(_MADE_UP, host, ReadOptions()).statements


def _filled(statement: Statement, members: tuple[Statement, ...]) -> Statement:
    """A block with these statements in it."""
    first = statement.first
    opening = Leaf(
        "OPEN", first.source, first.begin, first.start, first.source.text.index("{", first.start) + 1
    )
    end = first.source.text.rindex("}")
    closing = Leaf("CLOSE", first.source, end, end, len(first.source.text))
    return Statement((opening, members, closing))
