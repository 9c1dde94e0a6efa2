"""Matches the arguments of one statement against its shape, word by word, in the order of BIND's parser.

BIND goes on behind a missing `;` and gives up at anything else. Here every element of a list is looked at,
but what is said first about a statement is what BIND says.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from named_audit.catalogue.data import Entry, Node, Shape, known_names
from named_audit.catalogue.types import (
    BUILT_IN_ACLS,
    BUILT_IN_TLS,
    GEOIP_FIELDS,
    SEVERITIES,
    TYPES,
    is_ipv4,
    is_ipv6,
    is_record_type,
    is_short_ipv4,
    is_text,
)
from named_audit.catalogue.values import WORDS, number, prefix_fault
from named_audit.syntax.words import Element, Group, Piece, Word

MAX_FAULTS = 20
"""How many faults of one statement are reported; a block that was never closed would give one per line."""

MAX_SHOWN = 60
NUMERIC = frozenset({"integer", "duration", "size", "percentage"})
"""What an argument is called that has a number."""

_LOOKS_SECRET = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_DECIMAL = re.compile(r"[0-9]+")
_SECRETIVE = frozenset({"key", "dlz", "dyndb", "plugin"})
_HEADS_READ_LATE = frozenset(
    {"allow-transfer", "also-notify", "masters", "parental-agents", "primaries", "remote-servers"}
)
_READ_LATE = {"<port_number>": "<integer>", "<transport>": "<string>"}
_OLD_WORDS = {
    "master": "primary",
    "slave": "secondary",
    "master-only": "primary-only",
    "default-masters": "default-primaries",
}
"""Not offered where the new word may stand."""


class Fault(NamedTuple):
    """What is wrong, at offsets in the statement's text.

    `kind` is that of a problem, "syntax" or "argument", or the id of the rule that reports it: "invalid-argument",
    "invalid-value".
    """

    kind: str
    message: str
    start: int
    end: int


class Argument(NamedTuple):
    """One argument, at offsets in the statement's text.

    `type` says what it names: "key", "acl", "server list", "tls", "zone", "view", "template", "channel",
    "http", "dnssec-policy"; "built-in acl" and "built-in tls" are BIND's own; or what it is: "address",
    "prefix", "string", "quoted string", "integer", "boolean", ... Keywords are no arguments. A "port" belongs to
    an address and is decimal, where BIND reads an "integer" as C does.
    """

    type: str
    value: str
    start: int
    end: int


class Outcome(NamedTuple):
    """What came of matching one statement. `cut`: the index of the piece with which another one begins in it."""

    faults: tuple[Fault, ...]
    arguments: tuple[Argument, ...]
    cut: int | None = None


FINE = Outcome((), ())


def match(entry: Entry, context: str, text: str, pieces: Sequence[Piece], first: int = 0) -> Outcome:
    """Match a statement against its entry in the catalogue.

    Args:
        entry: the statement's entry.
        context: where it stands.
        text: the whole text; offsets refer to it.
        pieces: its words and blocks.
        first: the index of the statement's name in `pieces`.
    """
    newest: Outcome | None = None
    for shape in entry.shapes:
        outcome = _Matcher(entry, context, text, pieces[first].start).run(shape, pieces, first)
        if not outcome.faults:
            return outcome
        newest = newest or outcome
    return newest or FINE


def unexpected(text: str, piece: Piece, context: str) -> Fault:
    """What stands where a statement should begin and cannot be the beginning of one."""
    shown = _shown(piece, context in _SECRETIVE or _hides(text[: piece.start]))
    # "unexpected 'word'", but a word that is not shown: "this word is unexpected".
    message = f"{shown} is unexpected" if shown.startswith("this ") else f"unexpected {shown}"
    return Fault("syntax", message, piece.start, _end_shown(piece))


def missing_semicolon(piece: Piece, context: str, text: str) -> Fault:
    """A `;` that is missing before a word or block; `text` is what stands before that."""
    shown = _shown(piece, _hides(text) or context in _SECRETIVE)
    return Fault(_leftover_kind(piece), f"missing ';' before {shown}", piece.start, _end_shown(piece))


def _leftover_kind(piece: Piece) -> str:
    # A '/' begins no statement: what is wrong is the word before it, which is no address (a placeholder, mostly).
    return "argument" if piece.kind == "special" and piece.value == "/" else "syntax"


class _Stop(Exception):
    """What follows cannot be understood; the reason is noted already."""


class _Matcher:
    def __init__(self, entry: Entry, context: str, text: str, begin: int) -> None:
        self._entry = entry
        self._text = text
        self._begin = begin
        self._context = context
        self._faults: list[Fault] = []
        self._arguments: list[Argument] = []
        self._quiet = False
        self._first_number = True
        self._wrong = "argument" if entry.used else "invalid-argument"
        self._read_late = entry.name in _HEADS_READ_LATE and context in ("top", "options", "view")
        """Whether this is a list whose head BIND reads only where a zone needs it."""
        self._mismatch: Fault | None = None
        """The first wrong argument of the statement or element that is being read, reported or not."""

    def run(self, shape: Shape, pieces: Sequence[Piece], first: int) -> Outcome:
        cut: int | None = None
        end = len(self._text) - 1 if self._text.endswith(";") else len(self._text)
        try:
            at = self._sequence(shape, pieces, first + 1, end)
            if at < len(pieces):
                self._leftover(pieces[at])
                cut = at
        except _Stop:
            pass
        if not self._faults and not self._arguments:
            return FINE
        return Outcome(
            tuple(sorted(self._faults, key=_place)), tuple(sorted(self._arguments, key=_place)), cut
        )

    # -- shapes

    def _sequence(self, nodes: Sequence[Node], pieces: Sequence[Piece], at: int, end: int) -> int:
        for node in nodes:
            at = self._node(node, pieces, at, end)
        return at

    def _node(self, node: Node, pieces: Sequence[Piece], at: int, end: int) -> int:
        piece = pieces[at] if at < len(pieces) else None
        if isinstance(node, str):
            if node[0] == "<":
                return self._typed(node, piece, pieces, at, end)
            if piece is None or not piece.bare or piece.low != node:
                self._expected(f"'{node}'", piece, end, node)
                raise _Stop
            return at + 1
        kind = node[0]
        if kind == "optional":
            return self._sequence(node[1:], pieces, at, end) if _begins(node[1], piece) else at
        if kind == "sequence":
            return self._sequence(node[1:], pieces, at, end)
        if kind == "choice":
            for alternative in node[1:]:
                if _begins(alternative, piece):
                    return self._node(alternative, pieces, at, end)
            self._expected(_describe(node), piece, end, node)
            return self._skip(piece, at)
        if kind == "pairs":
            return self._pairs(node[1:], pieces, at, end)
        if not isinstance(piece, Group):
            self._fault("syntax", f"'{{' expected before {self._show(piece)}", piece, end)
            raise _Stop
        if kind == "list":
            self._list(node[1:], piece)
        return at + 1

    def _pairs(self, pairs: Sequence[list[Node]], pieces: Sequence[Piece], at: int, end: int) -> int:
        left = list(pairs)
        while at < len(pieces):
            found = next((pair for pair in left if _begins(pair[0], pieces[at])), None)
            if found is None:
                break
            left.remove(found)
            at = self._sequence(found, pieces, at, end)
        return at

    def _typed(self, name: str, piece: Piece | None, pieces: Sequence[Piece], at: int, end: int) -> int:
        if self._read_late and name in _READ_LATE:
            name = _READ_LATE[name]
        simple = TYPES.get(name)
        if simple is not None:
            if isinstance(piece, Word) and simple.takes(piece):
                self._argument(simple.reference, piece)
                if simple.reference in NUMERIC:
                    before = pieces[at - 1] if at else None
                    # The bounds of a statement are those of its port, not of the code point in front of it.
                    code_point = isinstance(before, Word) and before.low == "dscp"
                    self._number(simple.reference, piece, bounded=not code_point)
                elif simple.allowed is not None and not simple.allowed(piece):
                    message = f"{self._entry.name}: {self._show(piece)} is not {simple.description}"
                    self._faults.append(Fault("invalid-value", message, piece.start, piece.end))
                return at + 1
            self._expected(simple.description, piece, end, name)
            return self._skip(piece, at)
        if name == "<netprefix>":
            return self._prefix(piece, pieces, at, end)
        if name == "<rrtypelist>":
            while at < len(pieces) and is_text(piece := pieces[at]):
                if isinstance(piece, Word) and not is_record_type(piece):
                    message = f"{self._entry.name}: {self._show(piece)} is not a record type"
                    self._faults.append(Fault("invalid-value", message, piece.start, piece.end))
                at += 1
            if at < len(pieces):
                self._expected("a record type", pieces[at], end)
                raise _Stop
            return at
        if name == "<server_key>":
            return self._server_key(piece, at, end)
        if name == "<anything>":
            return len(pieces)
        # The rest is words: `<portrange>` is N or `range N M`, `<log_severity>` is a word or `debug [N]`.
        if not is_text(piece):
            self._expected("a word", piece, end)
            raise _Stop
        assert isinstance(piece, Word)
        at += 1
        if name == "<portrange>" and TYPES["<integer>"].takes(piece):
            self._number("integer", piece)
        elif name == "<portrange>" and piece.low != "range":
            self._expected("a port or 'range'", piece, end)
        if name == "<log_severity>" and (not piece.bare or piece.low not in SEVERITIES):
            self._expected("one of " + ", ".join(SEVERITIES), piece, end)
        if name == "<portrange>" and piece.bare and piece.low == "range":
            return self._sequence(("<integer>", "<integer>"), pieces, at, end)
        if name == "<log_severity>" and piece.bare and piece.low == "debug":
            # Not in hexadecimal, which other numbers may be.
            level = pieces[at] if at < len(pieces) else None
            if level is not None and level.bare and _DECIMAL.fullmatch(level.low):
                return self._typed("<integer>", level, pieces, at, end)
        return at

    def _prefix(self, piece: Piece | None, pieces: Sequence[Piece], at: int, end: int) -> int:
        if not isinstance(piece, Word) or not piece.bare or not _is_address(piece.value):
            self._expected("an address or prefix", piece, end)
            return self._skip(piece, at)
        last = self._prefix_length(pieces, at + 1, end)
        self._arguments.append(Argument("prefix", piece.value, piece.start, pieces[last - 1].end))
        digits = pieces[last - 1].value if last > at + 2 else None
        if digits is None or digits.isdigit():
            wrong = prefix_fault(piece.value, digits, lenient=self._entry.lenient)
            if wrong is not None:
                # Which addresses were meant is not known.
                self._faults.append(
                    Fault(self._wrong, f"{self._entry.name}: {wrong}", piece.start, pieces[last - 1].end)
                )
        return last

    def _prefix_length(self, pieces: Sequence[Piece], at: int, end: int) -> int:
        """The place behind `/ N`, if that is what follows."""
        if at >= len(pieces) or not _is_special(pieces[at], "/"):
            return at
        length = pieces[at + 1] if at + 1 < len(pieces) else None
        if not isinstance(length, Word) or not length.bare or not length.value.isdigit():
            self._expected("a prefix length", length, end)
            return self._skip(length, at + 1)
        return at + 2

    def _server_key(self, piece: Piece | None, at: int, end: int) -> int:
        """`keys K`, `keys { K; }` or `keys { K }`: one key in any case."""
        if isinstance(piece, Group):
            inside = [word for element in piece.elements for word in element.pieces]
            if not inside:
                self._fault(
                    self._wrong, f"{self._entry.name}: expected the name of a key; found '}}'", piece, end
                )
                return at + 1
            if is_text(inside[0]):
                self._argument("key", inside[0])
            else:
                self._expected("the name of a key", inside[0], end)
            if len(inside) > 1:
                self._fault(
                    "syntax",
                    f"'}}' expected before {self._show(inside[1])}: a server has one key",
                    inside[1],
                    end,
                )
            return at + 1
        return self._typed("<key>", piece, (), at, end)

    # -- lists

    def _list(self, nodes: Sequence[Node], group: Group) -> None:
        if nodes == ["<address_match_element>"]:
            self._address_match_list(group)
            return
        quiet = self._quiet
        for element in group.elements:
            if len(self._faults) >= MAX_FAULTS:
                break
            if not self._includes(element):
                self._element(nodes, element)
            self._quiet, self._mismatch = quiet, None

    def _element(self, nodes: Sequence[Node], element: Element) -> None:
        pieces = element.pieces
        end = _end_of(element)
        at = 0
        while at < len(pieces) and len(self._faults) < MAX_FAULTS:
            try:
                behind = self._sequence(nodes, pieces, at, end)
            except _Stop:
                return
            if behind < len(pieces):
                if behind == at:
                    self._expected("something else", pieces[at], end)
                    return
                # As in BIND, what is left is read as the next element; what is wrong with that is a
                # consequence.
                self._leftover(pieces[behind])
                self._quiet = True
            at = behind

    def _address_match_list(self, group: Group) -> None:
        # Not recursive: how deep lists nest is up to the file.
        quiet = self._quiet
        waiting = [group]
        while waiting:
            for element in waiting.pop().elements:
                if len(self._faults) >= MAX_FAULTS:
                    return
                if not self._includes(element):
                    with suppress(_Stop):
                        self._address_match_element(element, waiting)
                    self._quiet, self._mismatch = quiet, None

    def _address_match_element(self, element: Element, waiting: list[Group]) -> None:
        pieces, end = element.pieces, _end_of(element)
        at = 0
        while at < len(pieces) and len(self._faults) < MAX_FAULTS:
            while at < len(pieces) and _is_special(pieces[at], "!"):
                at += 1
            piece = pieces[at] if at < len(pieces) else None
            if isinstance(piece, Group):
                waiting.append(piece)
                at += 1
            elif piece is None or piece.kind == "special":
                self._expected("an address, a prefix, a key or the name of an acl", piece, end)
                raise _Stop
            elif piece.bare and piece.low == "key":
                at = self._typed(
                    "<key>", pieces[at + 1] if at + 1 < len(pieces) else None, pieces, at + 1, end
                )
            elif piece.bare and piece.low == "geoip":
                at = self._geoip(pieces, at + 1, end)
            elif piece.bare and piece.low == "ecs" and _begins_prefix(pieces, at + 1):
                if not self._entry.subnets:
                    message = "'ecs' elements no longer exist: BIND 9.16 and newer refuse them"
                    self._faults.append(Fault("invalid-for-release", message, piece.start, piece.end))
                at = self._prefix(pieces[at + 1], pieces, at + 1, end)
            elif piece.bare and _is_address(piece.value):
                at = self._prefix(piece, pieces, at, end)
            else:
                self._argument("built-in acl" if piece.low in BUILT_IN_ACLS else "acl", piece)
                at += 1
            if at < len(pieces):
                self._leftover(pieces[at])
                self._quiet = True

    def _geoip(self, pieces: Sequence[Piece], at: int, end: int) -> int:
        if at < len(pieces) and pieces[at].bare and pieces[at].low == "db":
            database = pieces[at + 1] if at + 1 < len(pieces) else None
            if not is_text(database):
                self._expected("the name of a database", database, end)
                raise _Stop
            at += 2
        for what in ("what to look up", "a value"):
            piece = pieces[at] if at < len(pieces) else None
            if not isinstance(piece, Word) or piece.kind == "special":
                self._expected(what, piece, end)
                raise _Stop
            if what == "what to look up" and not (piece.bare and piece.low in GEOIP_FIELDS):
                self._expected("one of " + ", ".join(GEOIP_FIELDS), piece, end)
            at += 1
        return at

    def _includes(self, element: Element) -> bool:
        """Whether an element is an include, which BIND reads only where a statement may stand."""
        first, *rest = element.pieces
        if not (rest and first.bare and first.low == "include" and rest[0].kind == "string"):
            return False
        message = "include cannot stand inside a list; only statements can be included"
        self._faults.append(Fault("syntax", message, first.start, rest[0].end))
        return True

    # -- what is found

    def _argument(self, type: str, piece: Piece) -> None:
        if type == "tls" and piece.low in BUILT_IN_TLS:
            type = "built-in tls"
        self._arguments.append(Argument(type, piece.value, piece.start, piece.end))

    def _leftover(self, piece: Piece) -> None:
        if self._mismatch is not None:
            # BIND stops at the wrong argument; what is left over is its consequence.
            if self._mismatch not in self._faults:
                self._faults.append(self._mismatch)
            return
        shown = self._show(piece)
        kind = _leftover_kind(piece)
        self._faults.append(
            Fault(
                self._wrong if kind == "argument" else kind,
                f"missing ';' before {shown}",
                piece.start,
                _end_shown(piece),
            )
        )

    def _expected(self, what: str, piece: Piece | None, end: int, node: Node = None) -> None:
        found = self._show(piece) if piece is not None else self._show_end(end)
        if node is not None and _fits_unquoted(node, piece):
            found += "; it stands without quotes"
        self._fault(self._wrong, f"{self._entry.name}: expected {what}; found {found}", piece, end)

    def _number(self, kind: str, word: Word, *, bounded: bool = True) -> None:
        """Look at the value of a number; the first one that is `bounded` has the limits of the statement."""
        limits = self._entry.limits if self._first_number and bounded else None
        self._first_number = self._first_number and not bounded
        value = number(kind, word.value)
        bounds = ""
        if value is not None:
            if limits is None or limits.hold(value) or word.low in WORDS:
                return
            bounds = f" ({limits.low} to {limits.high})"
        if not self._quiet:
            message = f"{self._entry.name}: {self._show(word)} is out of range{bounds}"
            self._faults.append(Fault("invalid-value", message, word.start, word.end))

    def _fault(self, kind: str, message: str, piece: Piece | None, end: int) -> None:
        if piece is None:
            fault = Fault(kind, message, end, min(end + 1, len(self._text)))
        else:
            fault = Fault(kind, message, piece.start, _end_shown(piece))
        if kind == self._wrong:
            if self._quiet or self._mismatch is not None:
                # BIND stops at the first wrong argument; what else does not fit is mostly its consequence.
                self._mismatch = self._mismatch or fault
                return
            self._mismatch = fault
        self._faults.append(fault)

    def _skip(self, piece: Piece | None, at: int) -> int:
        """Go on behind a word that is wrong; nothing can stand in for one that is missing."""
        if not is_text(piece):
            raise _Stop
        return at + 1

    def _show(self, piece: Piece | None) -> str:
        if piece is None:
            return "';'"
        secretive = self._context in _SECRETIVE or self._entry.name in _SECRETIVE
        return _shown(piece, secretive or _hides(self._text[self._begin : piece.start]))

    def _show_end(self, end: int) -> str:
        return "';'" if self._text.startswith(";", end) else "'}'" if end < len(self._text) else "nothing"


def _fits_unquoted(node: Node, piece: Piece | None) -> bool:
    return isinstance(piece, Word) and piece.kind == "string" and _begins(node, piece._replace(kind="word"))


def _begins(node: Node, piece: Piece | None) -> bool:
    """Whether a node can begin with this word or block."""
    if piece is None:
        return False
    if isinstance(node, str):
        if node[0] != "<":
            return piece.bare and piece.low == node
        known = TYPES.get(node)
        return isinstance(piece, Word) and piece.kind != "special" and (known is None or known.takes(piece))
    kind = node[0]
    if kind in ("list", "block", "anything"):
        return isinstance(piece, Group)
    if kind == "choice":
        return any(_begins(part, piece) for part in node[1:])
    if kind == "pairs":
        return any(_begins(pair[0], piece) for pair in node[1:])
    # A sequence or an optional part: its own optional parts may be left out.
    for part in node[1:]:
        if _begins(part, piece):
            return True
        if isinstance(part, str) or part[0] not in ("optional", "pairs"):
            return False
    return False


def _describe(node: Node) -> str:
    """What a choice offers, in words."""
    words: list[str] = []
    for part in node[1:]:
        words.extend(_name(part))
    words = list(dict.fromkeys(word for word in words if _OLD_WORDS.get(word) not in words))
    return words[0] if len(words) == 1 else "one of " + ", ".join(words)


def _name(node: Node) -> list[str]:
    if isinstance(node, str):
        known = TYPES.get(node)
        return [known.description] if known else [node.strip("<>").replace("_", " ")]
    if node[0] == "list":
        return ["a list in braces"]
    if node[0] == "choice":
        return [name for part in node[1:] for name in _name(part)]
    if node[0] == "pairs":
        return [name for pair in node[1:] for name in _name(pair[0])]
    return _name(node[1])


def _begins_prefix(pieces: Sequence[Piece], at: int) -> bool:
    piece = pieces[at] if at < len(pieces) else None
    return isinstance(piece, Word) and piece.bare and _is_address(piece.value)


def _is_address(text: str) -> bool:
    return is_ipv4(text) or is_short_ipv4(text) or is_ipv6(text)


def _is_special(piece: Piece, which: str) -> bool:
    return piece.kind == "special" and piece.value == which


def _end_of(element: Element) -> int:
    """The offset of an element's `;`, or of what stands where it should."""
    last = element.pieces[-1].end
    return element.end - 1 if element.end > last else last


def _place(item: Fault | Argument) -> int:
    return item.start


def _hides(text: str) -> bool:
    """Whether words of a text may be a secret, so that none of them is shown."""
    return "secret" in text.lower()


def _end_shown(piece: Piece) -> int:
    return piece.start + 1 if isinstance(piece, Group) else piece.end


def _shown(piece: Piece, secretive: bool) -> str:
    """A word for a message, never what could be a secret."""
    if isinstance(piece, Group):
        return "'{'"
    if piece.kind == "special":
        return f"'{piece.value}'"
    if piece.low not in known_names() and (
        secretive or _LOOKS_SECRET.search(piece.value) or _hides(piece.value)
    ):
        return "this word" if piece.bare else "this string"
    line = piece.value[:MAX_SHOWN].split("\n", 1)[0]
    value = "".join([character if character.isprintable() else "?" for character in line])
    return f"'{value}'" if piece.bare else f'"{value}"'
