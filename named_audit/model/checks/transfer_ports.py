"""Ports in an `allow-transfer` that zones inherit; where none does, named does not look at the port."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import integer, span_of, words_of
from named_audit.model.config import Config
from named_audit.syntax.tree import Statement

_HIGHEST = 65534
"""named compares with the wrong end: 65535 is refused."""


def check_transfer_ports(config: Config) -> Iterator[Refusal]:
    """Every such fault; a port in a zone's own list is within the limits of the catalogue."""
    release = config.release
    if release is None or not release.at_least(9, 18):
        return
    seen: set[int] = set()
    for zone in config.zones:
        table = zone.level.statements
        if "allow-transfer" in table or "in-view" in table or "template" in table:
            continue
        statement = config.effective(zone, "allow-transfer").statement
        if statement is not None and id(statement) not in seen:
            seen.add(id(statement))
            yield from _port(statement)


def _port(statement: Statement) -> Iterator[Refusal]:
    for keyword, word in pairwise(words_of(statement)):
        value = integer(word)
        if keyword.low == "port" and keyword.bare and value is not None and value > _HIGHEST:
            message = f"port value '{value}' is out of range"
            yield Refusal("invalid-value", message, span_of(statement, word))
