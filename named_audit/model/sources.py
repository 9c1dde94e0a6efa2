"""Source addresses and default ports: what `notify-source 192.0.2.1 port 5300`, `port` and `tls-port` say."""

from collections.abc import Sequence
from typing import NamedTuple

from named_audit.model.config import Config
from named_audit.model.matchlist import parse_address
from named_audit.model.names import port_number
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Piece, Word


class SourceAddress(NamedTuple):
    """Where a message comes from; None where the system chooses (`*`, or nothing said)."""

    address: int | None
    port: int | None


ANY_SOURCE = SourceAddress(None, None)


def source_of(statement: Statement | None, family: int) -> SourceAddress:
    """What a `notify-source`, `transfer-source` or their like says; any source without the statement."""
    if statement is None:
        return ANY_SOURCE
    pieces = statement.pieces
    keyword = pieces[0].low if pieces and isinstance(pieces[0], Word) else ""
    return source_in(pieces, keyword, family) or ANY_SOURCE


def source_in(pieces: Sequence[Piece], keyword: str, family: int) -> SourceAddress | None:
    """The source address behind a keyword among the words of a statement, or None if the keyword is not there."""
    for index, piece in enumerate(pieces[:-1]):
        if not (isinstance(piece, Word) and piece.bare and piece.low == keyword):
            continue
        address = parse_address(pieces[index + 1].value)
        number = address[1] if address is not None and address[0] == family else None
        if number == 0:
            number = None  # 0.0.0.0 and :: are what `*` means
        behind = pieces[index + 2 : index + 4]
        port: int | None = None
        if len(behind) == 2 and behind[0].bare and behind[0].low == "port":
            port = _port(behind[1].value)
        return SourceAddress(number, port or None)
    return None


def default_port(config: Config) -> int:
    """The port of DNS over UDP and TCP: `options { port N; }`, else 53."""
    return _number(config.options.statements.get("port"), 53)


def default_tls_port(config: Config) -> int:
    """The port of DNS over TLS: `options { tls-port N; }`, else 853."""
    return _number(config.options.statements.get("tls-port"), 853)


def _number(statement: Statement | None, default: int) -> int:
    pieces = statement.pieces if statement is not None else ()
    number = port_number(pieces[1].value) if len(pieces) > 1 else None
    return number if number is not None else default


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
