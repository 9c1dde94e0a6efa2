"""Server lists: `primaries`, `also-notify` and the lists they name, entry by entry."""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.model.config import Config, Definition
from named_audit.model.matchlist import parse_address
from named_audit.model.names import port_number
from named_audit.model.sources import SourceAddress, source_in
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Element, Group, Piece, Word, fold


class ServerEntry(NamedTuple):
    """One entry as written. `family` is 4, 6, or None for the name of another list.

    `start` and `end` are offsets in the text of `statement`.
    """

    text: str
    family: int | None
    address: int
    port: int | None
    key: str | None
    tls: str | None
    statement: Statement
    start: int
    end: int

    @property
    def span(self) -> Span:
        """The entry, with its `;`."""
        return self.statement.locate(self.start, self.end)


class Server(NamedTuple):
    """One server after lists are expanded; `via` names the list, None for an entry of the statement itself.

    `port`, `key` and `tls` are the entry's own or what the lists around it give; None where nobody says. `source` is
    what the head of the list that holds the entry says for its family (BIND 9.20 and newer).
    """

    address_text: str
    family: int
    address: int
    port: int | None
    key: str | None
    tls: str | None
    entry: ServerEntry
    via: str | None
    source: SourceAddress | None


class ServerList(NamedTuple):
    """A server list expanded: its servers, and the names of lists that are not defined."""

    servers: tuple[Server, ...]
    undefined: tuple[ServerEntry, ...]

    def standing_in(self, statement: Statement) -> "ServerList":
        """The same list where it is written in another statement of the same text."""
        own = next((s.entry.statement for s in self.servers if s.via is None), None)
        if own is None:
            own = next((entry.statement for entry in self.undefined), statement)
        if own is statement or own.text != statement.text:
            return self
        return ServerList(
            tuple(
                server._replace(entry=server.entry._replace(statement=statement))
                if server.entry.statement is own
                else server
                for server in self.servers
            ),
            tuple(
                entry._replace(statement=statement) if entry.statement is own else entry
                for entry in self.undefined
            ),
        )


def entries(statement: Statement) -> tuple[ServerEntry, ...]:
    """The entries of the list in a statement's first block, as written."""
    return tuple(_entries(statement))


def list_port(statement: Statement) -> int | None:
    """The port in the head of a list: `also-notify port 5353 { ... }`."""
    value = _option(statement.head, "port")
    return port_number(value) if value is not None else None


def list_source(statement: Statement, family: int) -> SourceAddress | None:
    """The source address in the head of a list: `also-notify source 192.0.2.1 { ... }` (BIND 9.20 and newer)."""
    return source_in(statement.head, "source" if family == 4 else "source-v6", family)


class _Open(NamedTuple):
    """A list that is being expanded; `port`, `key` and `tls` are what its entries inherit."""

    remaining: Iterator[ServerEntry]
    port: int | None
    key: str | None
    tls: str | None
    via: str | None
    statement: Statement


def expand(statement: Statement, config: Config) -> ServerList:
    """Expand a list with all the lists it names; a list that is named twice counts once, as in BIND."""
    servers: list[Server] = []
    undefined: list[ServerEntry] = []
    seen: set[str] = set()
    # A stack of iterators keeps the order of the text.
    stack = [_Open(iter(entries(statement)), list_port(statement), None, None, None, statement)]
    while stack:
        around = stack[-1]
        entry = next(around.remaining, None)
        if entry is None:
            stack.pop()
            continue
        if entry.family is not None:
            key = entry.key if entry.key is not None else around.key
            tls = entry.tls if entry.tls is not None else around.tls
            port = entry.port if entry.port is not None else around.port
            source = list_source(around.statement, entry.family)
            address = (entry.text, entry.family, entry.address)
            servers.append(Server(*address, port, key, tls, entry, around.via, source))
            continue
        definition: Definition | None = config.server_list(entry.text)
        if definition is not None:
            definition = _end(definition, config)
        if definition is None:
            undefined.append(entry)
        elif fold(definition.name) not in seen:
            seen.add(fold(definition.name))
            inner = definition.statement
            port = list_port(inner)
            if port is None:
                port = around.port
            # A port goes on to the lists inside; a key and a tls block hold for the list that they stand beside.
            stack.append(_Open(iter(entries(inner)), port, entry.key, entry.tls, definition.name, inner))
    return ServerList(tuple(servers), tuple(undefined))


def _end(definition: Definition, config: Config) -> Definition:
    """The list at the end of a chain of lists that hold another one's name and nothing else.

    Each chain is walked once: where every list names the next, and zones name all of them, the steps would be squared.
    """
    ends = config.list_ends
    passed: dict[int, Definition] = {}
    end = definition
    while id(end.statement) not in ends:
        if id(end.statement) in passed:
            # A loop has no end and no servers: any of its lists stands for all of them.
            break
        passed[id(end.statement)] = end
        following = _only_name(end.statement, config)
        if following is None:
            break
        end = following
    end = ends.get(id(end.statement), end)
    ends.update(dict.fromkeys(passed, end))
    return end


def _only_name(statement: Statement, config: Config) -> Definition | None:
    """The list that a list consists of, if there is nothing else in it and nothing in its head."""
    listed = entries(statement) if len(statement.head) == 2 else ()
    if len(listed) != 1 or listed[0].family is not None or listed[0].key or listed[0].tls or listed[0].port:
        return None
    return config.server_list(listed[0].text)


def _entries(statement: Statement) -> Iterator[ServerEntry]:
    for piece in statement.pieces:
        if isinstance(piece, Group):
            for element in piece.elements:
                entry = _entry(element, statement)
                if entry is not None:
                    yield entry
            return


def _entry(element: Element, statement: Statement) -> ServerEntry | None:
    first = element.pieces[0]
    if not isinstance(first, Word) or first.kind == "special":
        return None
    address = parse_address(first.value) if first.bare else None
    options = element.pieces[1:]
    return ServerEntry(
        first.value,
        address[0] if address else None,
        address[1] if address else 0,
        _option_int(options, "port"),
        _option(options, "key"),
        _option(options, "tls"),
        statement,
        element.start,
        element.end,
    )


def _option(pieces: tuple[Piece, ...], keyword: str) -> str | None:
    for index, piece in enumerate(pieces[:-1]):
        if isinstance(piece, Word) and piece.bare and piece.low == keyword:
            value = pieces[index + 1]
            return value.value if isinstance(value, Word) else None
    return None


def _option_int(pieces: tuple[Piece, ...], keyword: str) -> int | None:
    value = _option(pieces, keyword)
    return (
        int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 6 else None
    )
