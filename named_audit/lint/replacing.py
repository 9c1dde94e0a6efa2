"""What the rules about releases say of a statement that is gone or going, and the correction they offer."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from named_audit.catalogue.lifecycle import Standing
from named_audit.catalogue.outdated import DSCP_HEADS, SOURCES, Outdated
from named_audit.catalogue.replacements import Replacement, replacement
from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Fix, Grade
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word


def hint(statement: Statement) -> str:
    """What became of a statement, as the end of a sentence; empty where nothing is known."""
    found = replacement(statement.name)
    return f"; {found.says}" if found is not None else ""


def replacing(statement: Statement, audit: Audit, standing: Standing) -> tuple[Fix, ...]:
    """The correction for a statement that the release refuses, warns of or drops; none where a person must think.

    What is obsolete can go without a trace. What is removed, where the release does the same by itself; what is
    deprecated still works, so that it also must not stand in the way of what an outer block says.
    """
    found = replacement(statement.name)
    if found is None:
        return ()
    name = statement.name
    idle = standing == "obsolete"
    if standing == "deprecated":
        idle = found.is_default(_argument(statement), _names(audit)) and not overrides(statement, audit)
    elif standing == "removed":
        idle = found.is_idle(_argument(statement), audit.config.names)
    if idle:
        return (
            Fix(f"remove {name}, which does nothing", (Change("delete", statement.span, "", {}),), "safe"),
        )
    if found.way == "drop":
        change = Change("delete", statement.span, "", {})
        return (Fix(f"remove {name}", (change,), "unsafe"),)
    if found.way in ("rename", "anchors"):
        changes = tuple(_renamed(statement, found))
        return (Fix(f"write {found.to}", changes, "safe"),)
    return ()


def overrides(statement: Statement, audit: Audit) -> bool:
    """Whether what an outer block says would hold without this statement, or may: not everything was read."""
    name, config = statement.name, audit.config
    if config.options.statements.get(name) is statement:
        return False
    if config.unseen or audit.fragment:
        return True
    levels = (config.options, *(view.level for view in config.views), *config.templates.values())
    return any(level.statements.get(name) not in (None, statement) for level in levels)


def _names(audit: Audit) -> Collection[str] | None:
    return None if audit.config.unseen or audit.fragment else audit.config.names


def without(statement: Statement, argument: Outdated, audit: Audit) -> tuple[Fix, ...]:
    """The correction for an argument that the release warns of, drops or refuses: take it out."""
    title = "take it out"
    lost = not argument.idle or (argument.alone and overrides(statement, audit))
    grade: Grade = "unsafe" if lost else "safe"
    if statement.name not in SOURCES | DSCP_HEADS or not argument.may_go:
        return ()
    if argument.alone:
        return (Fix(title, (Change("delete", statement.span, "", {}),), grade),)
    # The word before it is written again, so that there is something to write in the place of what goes.
    begin, end = argument.kept
    values = {"text": statement.text[begin:end]}
    return (Fix(title, (Change("replace", statement.locate(begin, argument.end), "text", values),), grade),)


def _renamed(statement: Statement, found: Replacement) -> Iterator[Change]:
    yield Change("replace", statement.name_span, "word", {"word": found.to})
    if found.way != "anchors":
        return
    for piece in statement.pieces:
        if not isinstance(piece, Group):
            continue
        for element in piece.elements:
            first = element.pieces[0] if element.pieces else None
            if isinstance(first, Word):
                text = statement.text[first.start : first.end]
                yield Change("replace", statement.locate(first.start, first.end), "anchor", {"text": text})


def _argument(statement: Statement) -> str | None:
    pieces = statement.pieces
    return pieces[1].low if len(pieces) > 1 and isinstance(pieces[1], Word) else None
