"""Trust anchors that contradict each other, or named's own for the root."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.effective import word
from named_audit.model.config import Config, View
from named_audit.model.names import canonical, is_dns_name
from named_audit.syntax.source import Related, Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word

RULE = "invalid-trust-anchor"

_INITIAL = frozenset({"initial-key", "initial-ds"})
_STATIC = frozenset({"static-key", "static-ds"})
_BOOLEANS = frozenset({"yes", "true", "1", "no", "false", "0"})


def trust_anchor_faults(config: Config) -> Iterator[Refusal]:
    """Every such fault, as it shows in one view or more; of 9.11 nothing is known."""
    release = config.release
    if release is not None and not release.at_least(9, 16):
        return
    with_views = config.views[0].statement is not None
    said: set[tuple[int, int]] = set()
    for view in config.views:
        if with_views and view.statement is None:
            continue
        for fault in _in_view(config, view):
            key = (id(fault.span.source), fault.span.start)
            if key not in said:
                said.add(key)
                yield fault


def _in_view(config: Config, view: View) -> Iterator[Refusal]:
    statements = [each for name, each in config.trust_anchors if name is None or name == view.name]
    anchors = [each for each in statements if each.name == "trust-anchors"]
    managed = [each for each in statements if each.name == "managed-keys"]
    if anchors and managed:
        message = "use of managed-keys is not allowed when trust-anchors is also in use"
        yield Refusal(RULE, message, managed[0].name_span, (Related(anchors[0].name_span, "in use here"),))
    if config.release is None:
        # 9.11 has no trust-anchors, and what it makes of the others is not known.
        managed = []
    static: dict[str, Span] = {}
    validation = word(config.view_setting(view, "dnssec-validation").statement)
    own_root = validation is not None and validation.low not in _BOOLEANS
    for statement in (*(anchors or managed), *(each for each in statements if each.name == "trusted-keys")):
        for name, kind, span in _anchors(statement):
            if kind in _INITIAL:
                continue
            static.setdefault(name, span)
            if own_root and name == "." and (kind in _STATIC or config.release is not None):
                message = "static trust anchor for root zone cannot be used with 'dnssec-validation auto'"
                yield Refusal(RULE, message, span)
    for statement in anchors or managed:
        for name, kind, span in _anchors(statement):
            if kind in _INITIAL and name in static:
                message = "static and initializing keys cannot be used for the same domain"
                yield Refusal(RULE, message, span, (Related(static[name], "static key defined here"),))


def _anchors(statement: Statement) -> Iterator[tuple[str, str, Span]]:
    """Name, kind (empty in trusted-keys) and place of each anchor."""
    for piece in statement.pieces:
        if not isinstance(piece, Group):
            continue
        for element in piece.elements:
            first, *rest = element.pieces
            if not isinstance(first, Word) or not rest or not is_dns_name(first.value):
                continue
            kind = "" if statement.name == "trusted-keys" else rest[0].low
            if kind in _INITIAL or kind in _STATIC or not kind:
                yield canonical(first.value), kind, statement.locate(first.start, first.end)
