"""Address match lists as values: what each element of `{ !192.0.2.1; key k; name; }` is, and where."""

import re
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.names import is_dns_name
from named_audit.syntax.shorten import shorten
from named_audit.syntax.words import Element, Group, Piece, Word

MAX_NESTING = 200
"""Levels of lists inside lists; the syntax allows no more, and deeper ones are invalid here too."""

Kind: TypeAlias = Literal[
    "prefix", "any", "none", "localhost", "localnets", "key", "geoip", "acl", "list", "invalid"
]

_BUILT_IN: dict[str, Kind] = {
    "any": "any",
    "none": "none",
    "localhost": "localhost",
    "localnets": "localnets",
}
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"  # inet_pton takes no leading zero
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}(?:\.{_OCTET}(?:\.{_OCTET})?)?)?")
_DIGITS = re.compile("[0-9]+")
_UNSHOWN = re.compile(r"[^!-~]")


class Prefix(NamedTuple):
    """A network: `family` is 4 or 6, `network` its first address as a number, `length` in bits."""

    family: int
    network: int
    length: int

    @property
    def text(self) -> str:
        """For instance "192.0.2.0/24"."""
        return f"{address_text(self.network, self.family)}/{self.length}"


class MatchElement(NamedTuple):
    """One element of a list. `start` is at its `!` or first word, `end` behind its last word (not its `;`).

    What `value` is depends on `kind`: a Prefix for "prefix"; the name as written for "key" and "acl"; the
    words behind `geoip`, in lower case but for the last, or `ecs` and a prefix, for "geoip"; a MatchList for
    "list"; what is wrong for "invalid"; else None. An element that stands in no text is at 0.
    """

    negated: bool
    kind: Kind
    value: "Prefix | str | MatchList | None"
    start: int = 0
    end: int = 0


class MatchList(NamedTuple):
    """A list in braces, with one MatchElement for each element of the block, in the same order."""

    elements: tuple[MatchElement, ...]
    start: int = 0
    end: int = 0


def parse_match_list(group: Group) -> MatchList:
    """Say what the elements of a block are, as BIND reads them. Offsets are those of the block's pieces.

    Never raises for bad input: what BIND refuses has the kind "invalid".
    """
    return _parse_list(group, 1)


def _parse_list(group: Group, level: int) -> MatchList:
    return MatchList(
        tuple([_parse_element(element, level) for element in group.elements]), group.start, group.end
    )


def _parse_element(element: Element, level: int) -> MatchElement:
    pieces = element.pieces
    start, end = pieces[0].start, pieces[-1].end
    first, at, negated = pieces[0], 0, False
    if first.value == "!" and first.kind == "special":
        negated = True
        if len(pieces) == 1:
            return MatchElement(True, "invalid", "expected IP match list element near ';'", start, end)
        first, at = pieces[1], 1
        if first.value == "!" and first.kind == "special":
            # named-checkconf lets `!!x` pass; named refuses it when it converts the list.
            return MatchElement(True, "invalid", "a double negation: unsupported element type", start, end)
    kind: Kind
    value: Prefix | str | MatchList | None
    if isinstance(first, Group):
        used = 1
        if level < MAX_NESTING:
            kind, value = "list", _parse_list(first, level + 1)
        else:
            kind, value = "invalid", "lists are nested too deeply"
    else:
        kind, value, used = _parse_words(first, pieces[at:])
    if kind != "invalid" and at + used < len(pieces):
        kind, value = "invalid", f"missing ';' before '{_shown(pieces[at + used])}'"
    return MatchElement(negated, kind, value, start, end)


def _parse_words(first: Word, pieces: tuple[Piece, ...]) -> tuple[Kind, Prefix | str | None, int]:
    """Kind, value and the number of pieces used, of an element that begins with a word."""
    if first.kind == "special":
        return "invalid", "expected IP match list element near '/'", 1
    low = first.low
    if first.bare:
        if low == "key":
            if len(pieces) < 2 or not isinstance(pieces[1], Word) or pieces[1].kind == "special":
                return "invalid", "expected the name of a key behind 'key'", 1
            if not is_dns_name(pieces[1].value):
                return "invalid", f"key name '{_shown(pieces[1])}' is not a valid domain name", 2
            return "key", pieces[1].value, 2
        if low == "geoip":
            return _parse_geoip(pieces)
        if low == "ecs" and len(pieces) > 1 and isinstance(pieces[1], Word) and pieces[1].bare:
            subnet = _parse_short_address(pieces[1].value)
            if subnet is not None:
                return _parse_subnet(*_parse_prefix(*subnet, pieces[1:]))
        address = _parse_short_address(first.value)
        if address is not None:
            # 9.11 only warns of bits behind the prefix; the catalogue refuses them in all newer ones.
            return _parse_prefix(*address, pieces, masked=True)
    built_in = _BUILT_IN.get(low)
    return (built_in, None, 1) if built_in else ("acl", first.value, 1)


def _parse_prefix(
    family: int, network: int, short: bool, pieces: tuple[Piece, ...], *, masked: bool = False
) -> tuple[Kind, Prefix | str, int]:
    bits = 32 if family == 4 else 128
    slash = pieces[1] if len(pieces) > 1 else None
    if slash is None or slash.value != "/" or slash.kind != "special":
        if short:
            return "invalid", "incomplete IPv4 address or prefix", 1
        return "prefix", Prefix(family, network, bits), 1
    digits = pieces[2] if len(pieces) > 2 else None
    if not isinstance(digits, Word) or not digits.bare or not _DIGITS.fullmatch(digits.value):
        return "invalid", "expected prefix length", 2
    # Three digits are enough to judge; int() of a huge word would raise.
    length = int(digits.value.lstrip("0")[:4] or "0")
    if length > bits:
        return "invalid", f"invalid prefix length '{_shown(digits)}'", 3
    host = network & ((1 << (bits - length)) - 1)
    if masked:
        network -= host
    elif host:
        shown = f"{address_text(network, family)}/{length}"
        return "invalid", f"'{shown}': address/prefix length mismatch", 3
    return "prefix", Prefix(family, network, length), 3


def _parse_geoip(pieces: tuple[Piece, ...]) -> tuple[Kind, str, int]:
    words = [piece.value for piece in pieces[1:] if isinstance(piece, Word) and piece.kind != "special"]
    expected = 4 if words and words[0].lower() == "db" else 2
    if len(words) < expected or any(isinstance(piece, Group) for piece in pieces[1 : 1 + expected]):
        return "invalid", "expected a field and a value behind 'geoip'", 1
    words = words[:expected]
    return "geoip", " ".join([*[word.lower() for word in words[:-1]], words[-1]]), 1 + expected


def _parse_subnet(kind: Kind, value: Prefix | str | None, used: int) -> tuple[Kind, Prefix | str | None, int]:
    """What the client says of its own network: no more to be known than what a database says of its address."""
    return ("geoip", f"ecs {value.text}", used + 1) if isinstance(value, Prefix) else (kind, value, used + 1)


def condition_words(condition: str) -> str:
    """The value of an element of the kind "geoip" as it is written in a list."""
    return condition if condition.startswith("ecs ") else f"geoip {condition}"


def _shown(piece: Piece) -> str:
    value = _UNSHOWN.sub("?", piece.value)
    return value if len(value) <= 40 else shorten(value, 40) + "..."


def parse_address(text: str) -> tuple[int, int] | None:
    """Family and number of an address as BIND reads it, or None; an IPv6 zone (`%lo`) is dropped."""
    found = _parse_short_address(text)
    return None if found is None or found[2] else found[:2]


def parse_prefix(text: str) -> Prefix | None:
    """The network that a text without blanks means (`192.0.2.0/24`, `10/8`, a single address), or None."""
    value = read_prefix(text)
    return value if isinstance(value, Prefix) else None


def read_prefix(text: str) -> Prefix | str | None:
    """As `parse_prefix`, but what is wrong with a prefix in words; None where there is no address at all."""
    address, slash, length = text.partition("/")
    found = _parse_short_address(address)
    if found is None:
        return None
    pieces = (Word("word", address, 0, 0), Word("special", "/", 0, 0), Word("word", length, 0, 0))
    return _parse_prefix(*found, pieces if slash else pieces[:1])[1]


def _parse_short_address(text: str) -> tuple[int, int, bool] | None:
    """Family, number, and whether it is the short form of an IPv4 network (`10`, `192.168`)."""
    found = _IPV4.fullmatch(text)
    if found:
        octets = [int(octet) for octet in found.groups("0")]
        number = octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]
        return 4, number, found[4] is None
    if ":" not in text or len(text) > 127:
        return None
    address, percent, zone = text.partition("%")
    number6 = _parse_ipv6(address)
    if number6 is None:
        return None
    # BIND takes the name of an interface only with link-local addresses, and only if the server has it;
    # which interfaces it has is not known here. A number is always taken. Match lists ignore the zone.
    link_local = number6 >> 118 == 0x3FA or number6 >> 112 & 0xFF0F == 0xFF02
    if percent and not (zone if link_local else _DIGITS.fullmatch(zone)):
        return None
    return 6, number6, False


def _parse_ipv6(text: str) -> int | None:
    import ipaddress

    try:
        return int(ipaddress.IPv6Address(text))
    except ValueError:
        return None


def address_text(number: int, family: int) -> str:
    """The canonical text of an address (IPv6: RFC 5952)."""
    if family == 6:
        if number >> 32 != 0xFFFF:
            import ipaddress

            return str(ipaddress.IPv6Address(number))
        # RFC 5952 section 5; what Python writes differs by version.
        return f"::ffff:{address_text(number & 0xFFFFFFFF, 4)}"
    return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
