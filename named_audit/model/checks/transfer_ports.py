"""Ports and transports in an `allow-transfer` that zones inherit.

Where none does, named does not look at the port; the transport it needs for its built-in view in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import integer, option_blocks, span_of, words_of
from named_audit.model.checks.classes import class_number
from named_audit.model.checks.effective import is_passed_over
from named_audit.model.config import Config
from named_audit.syntax.shorten import shorten
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word

_HIGHEST = 65534
"""named compares with the wrong end: 65535 is refused."""

_TRANSPORTS = frozenset({"tcp", "tls"})


def check_transfer_ports(config: Config) -> Iterator[Refusal]:
    """Every such fault; what a zone's own list says is within the limits of the catalogue."""
    release = config.release
    inherited: set[int] = set()
    for view in config.views:
        class_ = class_number(view.class_) or 1
        for zone in view.zones:
            table = zone.level.statements
            if "allow-transfer" in table or "in-view" in table or "template" in table:
                continue
            statement = config.effective(zone, "allow-transfer").statement
            if statement is None or id(statement) in inherited or is_passed_over(config, zone, class_):
                continue
            inherited.add(id(statement))
            if release is not None and release.at_least(9, 18):
                yield from _port(statement)
    for block in option_blocks(config):
        statement = block.table.get("allow-transfer")
        for word in _behind(statement, "transport") if statement is not None else ():
            if statement is not None and word.low not in _TRANSPORTS:
                what = f"'{shorten(word.value)}' is not tcp or tls, over which zones are transferred"
                rule, late = "invalid-value", ""
                if id(statement) not in inherited:
                    rule, late = (
                        "invalid-at-start",
                        ": named-checkconf does not look here, and named does not start",
                    )
                yield Refusal(rule, f"allow-transfer: {what}{late}", span_of(statement, word))


def _port(statement: Statement) -> Iterator[Refusal]:
    for word in _behind(statement, "port"):
        value = integer(word)
        if value is not None and value > _HIGHEST:
            yield Refusal("invalid-value", f"port value '{value}' is out of range", span_of(statement, word))


def _behind(statement: Statement, name: str) -> Iterator[Word]:
    for keyword, word in pairwise(words_of(statement)):
        if keyword.low == name and keyword.bare:
            yield word
