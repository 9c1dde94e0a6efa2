"""Options that named-checkconf accepts and named does not start with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import (
    OptionBlock,
    deciding_blocks,
    option_blocks,
    span_of,
    view_blocks,
    word_of,
)
from named_audit.model.checks.values import bad_orders
from named_audit.model.config import Config
from named_audit.model.matchlist import MatchList, parse_match_list
from named_audit.model.names import is_dns_name
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related, Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

_LISTS = {
    "options": (
        "allow-notify",
        "allow-query",
        "allow-transfer",
        "allow-update",
        "allow-update-forwarding",
        "blackhole",
    ),
    "view": ("allow-query", "match-clients"),
    "zone": ("allow-query", "allow-transfer", "allow-update"),
}
"""Lists that named builds in any case; those of the options for the view `_bind` that it makes itself."""


def check_at_start(config: Config) -> Iterator[Refusal]:
    """Every such fault."""
    domain = config.options.statements.get("tkey-domain")
    if domain is not None:
        yield from _bad_names(domain, [word_of(domain)])
    # What the options say holds for the view `_bind`, whatever other views say; only that has no validation.
    for block in option_blocks(config):
        for name in ("deny-answer-addresses", "deny-answer-aliases"):
            statement = block.table.get(name)
            if statement is not None:
                groups = _groups(statement)
                for group in groups[1:] if name == "deny-answer-addresses" else groups:
                    yield from _bad_names(statement, _words(group))
    for block in deciding_blocks(config, "validate-except"):
        statement = block.table["validate-except"]
        for group in _groups(statement):
            yield from _bad_names(statement, _words(group))
    yield from _orders(config)
    yield from _geoip(config)


def _bad(message: str, span: Span, *related: Related) -> Refusal:
    return Refusal("invalid-at-start", message, span, related)


def _bad_names(statement: Statement, words: Iterable[Word | None]) -> Iterator[Refusal]:
    for word in words:
        if word is not None and word.kind != "special" and not is_dns_name(word.value):
            message = f"bad domain name '{shorten(word.value)}': named does not start, and does not say why"
            yield _bad(message, span_of(statement, word))


def _groups(statement: Statement) -> list[Group]:
    return [piece for piece in statement.pieces if isinstance(piece, Group)]


def _words(group: Group) -> Iterator[Word]:
    for element in group.elements:
        if isinstance(element.pieces[0], Word):
            yield element.pieces[0]


def _orders(config: Config) -> Iterator[Refusal]:
    """A bad order in the options beside views: named-checkconf looks at the views only."""
    if config.options_statement is None or not any(view_blocks(config)):
        return
    options = OptionBlock(config.options.statements, config.options_statement)
    for statement in options.all_of("rrset-order"):
        for message, word in bad_orders(statement):
            yield _bad(f"{message}: named does not start", span_of(statement, word))


def _geoip(config: Config) -> Iterator[Refusal]:
    """Lists that ask databases of which the options say that there are none."""
    directory = config.options.statements.get("geoip-directory")
    word = word_of(directory)
    release = config.release
    if directory is None or word is None or word.low != "none" or word.kind != "word":
        return
    if release is None or not release.at_least(9, 16):
        return
    related = Related(directory.span, "no databases")
    tables: list[tuple[str, Mapping[str, Statement]]] = [("options", config.options.statements)]
    tables.extend(("view", block.table) for block in view_blocks(config))
    tables.extend(("zone", zone.level.statements) for zone in config.zones)
    for kind, table in tables:
        for name in _LISTS[kind]:
            statement = table.get(name)
            groups = _groups(statement) if statement is not None else []
            if statement is not None and groups and _asks(parse_match_list(groups[0]), config, set()):
                message = (
                    f"'{name}' asks a GeoIP database, and 'geoip-directory none' says that there is none"
                )
                yield _bad(message, statement.name_span, related)


def _asks(elements: MatchList, config: Config, seen: set[str]) -> bool:
    """Whether a list has a geoip element, itself or in an acl."""
    for element in elements.elements:
        if element.kind == "geoip":
            return True
        if element.kind == "list" and isinstance(element.value, MatchList):
            if _asks(element.value, config, seen):
                return True
        elif element.kind == "acl" and isinstance(element.value, str):
            name = fold(element.value)
            definition = config.acls.get(name)
            if definition is None or name in seen:
                continue
            seen.add(name)
            groups = _groups(definition.statement)
            if groups and _asks(parse_match_list(groups[0]), config, seen):
                return True
    return False
