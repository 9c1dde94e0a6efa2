"""One file that named writes for two zones, or writes for one and reads for another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.classes import class_number
from named_audit.model.checks.effective import Effective, is_passed_over, own, word
from named_audit.model.checks.zones import is_default_database
from named_audit.model.config import Config, Zone
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related, Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold, split

RULE = "invalid-shared-file"

_WRITTEN = ("secondary", "mirror")
_READ = ("primary", "hint")
_DECIDING = frozenset({"allow-update", "database", "dlz", "dnssec-policy", "template", "update-policy"})
"""Statements of a zone that bear on whether its file is written, or used at all."""


def shared_files(config: Config) -> Iterator[Refusal]:
    """Every zone whose file an earlier one has, where one of the two has it written.

    As named does, names are compared letter for letter but for case, without the directory.
    """
    if _all_differ(config):
        return
    with_views = any(view.statement is not None for view in config.views)
    effective = Effective(config)
    seen: dict[str, tuple[bool, Statement]] = {}
    kinds: dict[tuple[str | None, ...], bool | None] = {}
    for view in config.views:
        class_ = class_number(view.class_)
        if (with_views and view.statement is None) or class_ is None:
            continue
        for zone in view.zones:
            statements = zone.level.statements
            statement = statements.get("file")
            if statement is None or is_passed_over(config, zone, class_):
                continue  # a template's file is one for each zone
            type_statement = statements.get("type")
            if not _DECIDING.isdisjoint(statements):
                written = _written(config, effective, zone)
            else:
                kind = (view.name, type_statement.text if type_statement is not None else None)
                if kind not in kinds:
                    kinds[kind] = _written(config, effective, zone)
                written = kinds[kind]
            if written is None:
                continue
            name = _file_name(statement.text)
            if name is None or (_has_tokens(config) and ("$" in name or "%" in name)):
                continue
            first = seen.setdefault(fold(name), (written, statement))
            if first[1] is not statement and (written or first[0]):
                message = f"writeable file '{shorten(name, 60)}': already in use"
                yield Refusal(RULE, message, _span(statement), (Related(_span(first[1]), "in use here"),))


def _all_differ(config: Config) -> bool:
    """Whether no two zones name the same file, so that nobody needs to know what is written."""
    seen: set[str] = set()
    for zone in config.zones:
        statement = zone.level.statements.get("file")
        if statement is not None:
            name = _file_name(statement.text)
            if name is not None:
                low = name.lower()
                if low in seen:
                    return False
                seen.add(low)
    return True


def _written(config: Config, effective: Effective, zone: Zone) -> bool | None:
    """Whether named writes a zone's file; None where it does not care."""
    statements = own(config, zone)
    type_ = config.zone_type(zone)
    database = statements.get("database")
    if type_ in (None, "in-view") or "dlz" in statements:
        return None
    if database is not None and not is_default_database(config, database):
        return None
    if type_ in _WRITTEN:
        return True
    signing = effective.signing(zone, type_, statements)
    if signing.updates or signing.policy is not None:
        return True
    return False if type_ in _READ else None


def _has_tokens(config: Config) -> bool:
    """Whether a name may hold tokens that stand for the zone and the view (BIND 9.21 and newer)."""
    return config.release is None or config.release.at_least(9, 20)


def _span(statement: Statement) -> Span:
    found = word(statement)
    return statement.locate(found.start, found.end) if found is not None else statement.name_span


def _file_name(text: str) -> str | None:
    # Nearly every zone has a name of its own, so that splitting them all would take its time.
    if text[:6] == 'file "' and text[-2:] == '";':
        name = text[6:-2]
        if '"' not in name and "\\" not in name and "\0" not in name:
            return name
    return _name_in(text)


@lru_cache(maxsize=64)
def _name_in(text: str) -> str | None:
    pieces = split(text)
    return pieces[1].value if len(pieces) > 1 and pieces[1].kind in ("string", "word") else None
