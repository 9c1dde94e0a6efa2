"""DNS over HTTPS: endpoints, names, and listeners that name an http statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import elements_of, span_of, word_of
from named_audit.model.config import Config
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word

# As BIND reads RFC 3986 section 3.3: what it has read of an escape that breaks off stays read, so that an escape may be cut
# short in front of one of these marks, and where a segment ends.
_CUT_SHORT = "(?:%[0-9A-Fa-f]?)?"
_CHARACTER = rf"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{{2}}|{_CUT_SHORT}[!$&'(+)*,;=:@])"
_PATH = rf"/(?:{_CHARACTER}+{_CUT_SHORT}(?:/{_CHARACTER}*{_CUT_SHORT})*|{_CUT_SHORT})"
"""An absolute path without a query."""


def check_http(config: Config) -> Iterator[Refusal]:
    """Every such fault."""
    release = config.release
    if release is not None and not release.at_least(9, 18):
        return  # there the statements themselves are refused
    defined: dict[str, Statement] = {}
    for statement in config.tree.statements:
        if statement.name == "http":
            yield from _http(statement, defined)
    for listener in config.listeners:
        yield from _listener(listener, defined)


def _http(statement: Statement, defined: dict[str, Statement]) -> Iterator[Refusal]:
    name = word_of(statement)
    if name is None:
        return
    span = span_of(statement, name)
    first = defined.setdefault(name.low, statement)
    if name.low == "default":
        message = f"'http' name cannot be '{name.value}' (which is a built-in configuration)"
        yield Refusal("invalid-http", message, span)
    elif first is not statement:
        related = (Related(first.name_span, "first here"),)
        yield Refusal("invalid-http", f"http '{shorten(name.value)}' is duplicated", span, related)
    for child in statement.children:
        if child.name != "endpoints":
            continue
        for element in elements_of(child):
            word = element.pieces[0]
            if isinstance(word, Word) and re.fullmatch(_PATH, word.value) is None:
                message = f"endpoint '{shorten(word.value)}' is not a valid absolute HTTP path"
                yield Refusal("invalid-http", message, span_of(child, word))


def _listener(listener: Statement, defined: dict[str, Statement]) -> Iterator[Refusal]:
    words = [piece for piece in listener.head if isinstance(piece, Word)]
    options = {keyword.low: word for keyword, word in pairwise(words) if keyword.bare}
    name = options.get("http")
    if name is None:
        return
    span = span_of(listener, name)
    if "tls" not in options:
        message = "http must specify a 'tls' statement, 'tls ephemeral', or 'tls none'"
        yield Refusal("invalid-http", message, span)
    if name.low != "default" and name.low not in defined:
        message = f"http '{shorten(name.value)}' is not defined"
        yield Refusal("invalid-http", message, span, absence=True)
