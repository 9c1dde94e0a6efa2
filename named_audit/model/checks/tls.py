"""`tls` blocks that named refuses: reserved names, half a pair of files, protocols and ciphers that there are not."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.check import context_of, read_block
from named_audit.catalogue.refusal import Refusal
from named_audit.model.config import Config, Definition
from named_audit.model.names import BUILT_IN_TLS
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

RULE = "invalid-tls"

_PROTOCOLS = frozenset({"tlsv1.2", "tlsv1.3"})

_ELSEWHERE = (
    *(
        "PROFILE=",
        "RC4",
        "DES",
        "EXP",
        "LOW",
        "GOST",
        "MAGMA",
        "SEED",
        "IDEA",
        "CAMELLIA",
        "ARIA",
        "SRP",
        "PSK",
    ),
)
"""Parts of names that other builds of OpenSSL know, whatever the one here does."""


def faulty_tls(config: Config) -> Iterator[Refusal]:
    """Everything that named refuses about each block by itself."""
    if config.release is not None and not config.release.at_least(9, 18):
        return  # such a block is an unknown statement there
    for definition in config.definitions:
        if definition.kind == "tls":
            yield from _block(definition, config)


def _block(definition: Definition, config: Config) -> Iterator[Refusal]:
    statement, name = definition.statement, shorten(definition.name)
    if fold(definition.name) in BUILT_IN_TLS:
        yield Refusal(RULE, f"tls '{name}': the name is reserved for internal use", definition.span)
    context = context_of("top", statement)
    if context is None:
        return
    table = read_block(statement.children, context, config.release).table
    cert, key = table.get("cert-file"), table.get("key-file")
    if (cert is None) != (key is None):
        lacks, has = ("key-file", "cert-file") if key is None else ("cert-file", "key-file")
        message = f"tls '{name}': {has} without {lacks}: both must be specified, or both omitted"
        yield Refusal(RULE, message, definition.span, absence=True)
    protocols, ciphers = table.get("protocols"), table.get("ciphers")
    if protocols is not None:
        yield from _protocols(protocols, name, definition.span)
    if ciphers is not None:
        yield from _ciphers(ciphers, name)


def _protocols(statement: Statement, name: str, block: Span) -> Iterator[Refusal]:
    group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
    if group is None:
        return
    seen: set[str] = set()
    for element in group.elements:
        word = element.pieces[0]
        if not isinstance(word, Word):
            return
        if word.low not in _PROTOCOLS:
            message = f"tls '{name}': '{shorten(word.value)}' is not a valid TLS protocol version"
        elif word.low in seen:
            message = f"tls '{name}': '{word.value}' is specified more than once"
        else:
            seen.add(word.low)
            continue
        yield Refusal(RULE, message, statement.locate(word.start, word.end))
    if not seen:
        yield Refusal(RULE, f"tls '{name}' contains no valid TLS protocol version", block)


def _ciphers(statement: Statement, name: str) -> Iterator[Refusal]:
    word = statement.pieces[1] if len(statement.pieces) > 1 else None
    if isinstance(word, Word) and not is_cipher_list(word.value):
        message = f"tls '{name}': 'ciphers' is not a valid cipher list string"
        yield Refusal(RULE, message, statement.locate(word.start, word.end))


def is_cipher_list(text: str) -> bool:
    """Whether OpenSSL may take this as a list of ciphers for TLS 1.2; the one that is linked here decides.

    True where it is not known, or where other builds of OpenSSL may know a name that this one does not.
    """
    words = text.replace(",", ":").replace(";", ":").replace(" ", ":").split(":")
    if any(part in word for word in words if word[:1] not in ("!", "-", "+") for part in _ELSEWHERE):
        return True
    try:
        import ssl
    except ImportError:
        return bool(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(text)
    except (ssl.SSLError, ValueError, UnicodeError):
        return False
    return True
