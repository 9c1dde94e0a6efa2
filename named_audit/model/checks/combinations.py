"""Statements that do not go together in one block, and such as need another."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import (
    OptionBlock,
    deciding_blocks,
    integer,
    option_blocks,
    span_of,
    view_blocks,
    word_of,
    words_of,
)
from named_audit.model.config import Config
from named_audit.release import Release
from named_audit.syntax.source import Related, Span
from named_audit.syntax.tree import Statement

_CHECKED = ("primary", "master", "secondary", "slave")
_LEAST_TABLE = 500
"""The `min-table-size` where none is set."""


def check_combinations(config: Config) -> Iterator[Refusal]:
    """Every such fault."""
    names = config.names
    if "check-names" in names and config.release is not None and config.release.line != "9.11":
        for block in option_blocks(config):
            yield from _check_names(block)
    if "plugin" in names:
        yield from _plugins(config)
    if "dnstap" in names or "dnstap-output" in names:
        yield from _dnstap(config)
    if "max-table-size" in names:
        for block in deciding_blocks(config, "rate-limit"):
            yield from _tables(block.table["rate-limit"])
    if "sig-validity-interval" in names and _has_resigning(config.release):
        yield from _resigning(config)


def _bad(message: str, span: Span, *related: Related, absence: bool = False) -> Refusal:
    return Refusal("invalid-combination", message, span, related, absence)


def _check_names(block: OptionBlock) -> Iterator[Refusal]:
    found: dict[str, Statement] = {}
    statements = block.all_of("check-names")
    # named's messages stand at the first of them, whichever is wrong.
    at = statements[0].name_span if statements else None
    if at is None:
        return
    for statement in statements:
        word = word_of(statement)
        if word is None or word.low not in _CHECKED:
            continue
        known = found.setdefault(word.low, statement)
        if known is not statement:
            yield _bad(f"'check-names {word.low}' duplicated", at, Related(statement.name_span, "again"))
    for new, old in (("primary", "master"), ("secondary", "slave")):
        if new in found and old in found:
            related = (Related(found[new].name_span, new), Related(found[old].name_span, old))
            yield _bad(f"'check-names' cannot take both '{new}' and '{old}'", at, *related)


def _plugins(config: Config) -> Iterator[Refusal]:
    plugins = [each for each in config.tree.statements if each.name == "plugin" and each.type != "INCLUDE"]
    if plugins and any(view_blocks(config)):
        message = "when using 'view' statements, all plugins must be defined in views"
        yield _bad(message, plugins[0].name_span)


def _dnstap(config: Config) -> Iterator[Refusal]:
    options = config.options.statements
    output = options.get("dnstap-output")
    if output is None:
        for block in deciding_blocks(config, "dnstap"):
            message = "'dnstap-output' must be set if 'dnstap' is set"
            yield _bad(message, block.table["dnstap"].name_span, absence=True)
        return
    words = words_of(output)
    if not words or words[0].low != "unix":
        return
    for option in ("size", "versions", "suffix"):
        if any(word.bare and word.low == option for word in words[2:]):
            yield _bad(f"dnstap-output {option} cannot be set with mode unix", output.name_span)


def _tables(rate_limit: Statement) -> Iterator[Refusal]:
    table = {child.name: child for child in reversed(rate_limit.children)}
    most, least = table.get("max-table-size"), table.get("min-table-size")
    word = word_of(most)
    high, low = integer(word), integer(word_of(least)) if least is not None else _LEAST_TABLE
    if most is None or word is None or high is None or low is None:
        return
    # BIND compares them as signed numbers of 32 bits, and takes less than one for one.
    high, low = _signed(high), max(_signed(low), 1)
    if high < low:
        related = (Related(least.name_span, "the minimum"),) if least is not None else ()
        yield _bad(f"max-table-size {high} < min-table-size {low}", span_of(most, word), *related)


def _signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value


def _has_resigning(release: Release | None) -> bool:
    # 9.20 takes the statement and does not look at it.
    return release is not None and not release.at_least(9, 19)


def _resigning(config: Config) -> Iterator[Refusal]:
    tables = [config.options.statements, *(view.table for view in view_blocks(config))]
    for table in (*tables, *(zone.level.statements for zone in config.zones)):
        statement = table.get("sig-validity-interval")
        words = words_of(statement) if statement is not None else []
        if statement is None or len(words) != 2:
            continue
        validity, resign = integer(words[0]), integer(words[1])
        if validity is None or resign is None:
            continue
        if not 1 <= resign <= 3660:
            message = f"sig-validity-interval: re-sign '{resign}' is out of range (1..3660)"
            yield _bad(message, statement.name_span)
        elif resign > (validity if validity > 7 else validity * 24):
            unit = "days" if validity > 7 else "hours"
            message = f"validity interval ({validity} days) less than re-signing interval ({resign} {unit})"
            yield _bad(message, statement.name_span)
