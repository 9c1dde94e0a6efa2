"""Trust anchors: numbers too big for their fields, and data that is no base64 or hex."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import elements_of, integer, span_of, view_blocks
from named_audit.model.config import Config
from named_audit.model.names import is_dns_name
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word

_KINDS = ("managed-keys", "trust-anchors", "trusted-keys")
_ANCHORS = frozenset({"initial-ds", "initial-key", "static-ds", "static-key"})
_KEY = (("flags", 0xFFFF), ("protocol", 0xFF), ("algorithm", 0xFF))
_DIGEST = (("key tag", 0xFFFF), ("algorithm", 0xFF), ("digest type", 0xFF))
# The bits that pad the last character must be zero.
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"


class _Anchor(NamedTuple):
    """One entry; `kind` is "static-key", "initial-ds", ..., and `rest` what stands behind it."""

    name: Word
    kind: str
    rest: list[Word]
    statement: Statement

    @property
    def span(self) -> Span:
        return span_of(self.statement, self.name)


def check_anchor_fields(config: Config) -> Iterator[Refusal]:
    """Every such fault, at the top and in views."""
    blocks = [config.tree.statements, *(block.statement.children for block in view_blocks(config))]
    for statements in blocks:
        for statement in statements:
            if statement.name in _KINDS and statement.type != "INCLUDE":
                for anchor in _anchors(statement):
                    yield from _fields(anchor)


def _anchors(statement: Statement) -> Iterator[_Anchor]:
    for element in elements_of(statement):
        words = [piece for piece in element.pieces if isinstance(piece, Word)]
        if len(words) != len(element.pieces):
            continue
        if statement.name == "trusted-keys":
            yield _Anchor(words[0], "static-key", words[1:], statement)
        elif len(words) > 1:
            yield _Anchor(words[0], words[1].low, words[2:], statement)


def _fields(anchor: _Anchor) -> Iterator[Refusal]:
    if not is_dns_name(anchor.name.value):
        yield _bad(f"bad key name '{shorten(anchor.name.value)}'", anchor.span)
    if len(anchor.rest) != 4 or anchor.kind not in _ANCHORS:
        return  # the parser's
    digest = anchor.kind.endswith("-ds")
    for (what, most), word in zip(_DIGEST if digest else _KEY, anchor.rest, strict=False):
        value = integer(word)
        if value is not None and value > most:
            yield _bad(f"{what} too big: {value}", span_of(anchor.statement, word))
    data = re.sub(r"[ \t\r\n]", "", anchor.rest[3].value)
    if re.fullmatch("(?:[0-9A-Fa-f]{2})*" if digest else _BASE64, data) is None:
        yield _bad(f"bad {'hex' if digest else 'base64'} encoding", anchor.span)


def _bad(message: str, span: Span) -> Refusal:
    return Refusal("invalid-value", message, span)
