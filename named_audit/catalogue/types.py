"""The types of arguments that are one word: what BIND's parser takes for each, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from named_audit.syntax.words import Piece, Word

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"  # inet_pton takes no leading zero
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_SHORT_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{0,2}}")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_INTEGER = re.compile(
    r"0[xX][0-9]+|0[0-7]*|[1-9][0-9]*"
)  # as in C, but BIND reads no letters: 0x35, not 0xff
_DIGITS = re.compile("[0-9]+")
_BOOLEANS = frozenset({"yes", "no", "true", "false", "1", "0"})
BUILT_IN_ACLS = frozenset({"any", "none", "localhost", "localnets"})
BUILT_IN_TLS = frozenset({"ephemeral", "none"})


def is_ipv4(text: str) -> bool:
    """Whether this is a whole IPv4 address."""
    return _IPV4.fullmatch(text) is not None


def is_short_ipv4(text: str) -> bool:
    """Whether this is the beginning of an IPv4 address, which a prefix length may follow: 10/8."""
    return _SHORT_IPV4.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address, with or without a zone (%eth0)."""
    address = text.split("%", 1)[0]
    if ":" not in address or len(address) > 45:
        return False
    head, compressed, tail = address.partition("::")
    if "::" in tail or tail.startswith(":"):
        return False
    count = 0
    for index, half in enumerate((head, tail)):
        groups = half.split(":") if half else []
        if groups and "." in groups[-1] and (index == 1 or not compressed):
            if not is_ipv4(groups.pop()):
                return False
            count += 2
        if not all(_GROUP.fullmatch(group) for group in groups):
            return False
        count += len(groups)
    return count < 8 if compressed else count == 8


class Type(NamedTuple):
    """A type. `reference` is what an argument of it is called; `takes` whether a word can be one."""

    reference: str
    description: str
    takes: Callable[[Word], bool]


def is_text(piece: Piece | None) -> bool:
    """Whether this is a bare or quoted word."""
    return isinstance(piece, Word) and piece.kind != "special"


def _any(word: Word) -> bool:
    return word.kind != "special"


def _bare(word: Word) -> bool:
    return word.kind == "word"


def _quoted(word: Word) -> bool:
    return word.kind == "string"


def _boolean(word: Word) -> bool:
    return word.kind == "word" and word.low in _BOOLEANS


def _integer(word: Word) -> bool:
    return word.kind == "word" and _INTEGER.fullmatch(word.value) is not None


def _port(word: Word) -> bool:
    return word.kind == "word" and _DIGITS.fullmatch(word.value) is not None and _in_range(word.value, 10)


def _port_number(word: Word) -> bool:
    if not _integer(word):
        return False
    low = word.low
    return _in_range(low[2:], 16) if low[:2] == "0x" else _in_range(low, 8 if low[:1] == "0" else 10)


def _in_range(digits: str, base: int) -> bool:
    # The digits that do not count are cut off first: int() refuses thousands of them.
    digits = digits.lstrip("0")
    return len(digits) <= 6 and int(digits or "0", base) <= 65535


def _numeric(word: Word) -> bool:
    return word.kind == "word" and word.value[:1] in "0123456789.+"


def _duration(word: Word) -> bool:
    return word.kind == "word" and word.value[:1] in "0123456789pP"


def _duration_or_unlimited(word: Word) -> bool:
    return _duration(word) or (word.kind == "word" and word.low == "unlimited")


def _ipv4(word: Word) -> bool:
    return word.kind == "word" and is_ipv4(word.value)


def _ipv6(word: Word) -> bool:
    return word.kind == "word" and is_ipv6(word.value)


TYPES: dict[str, Type] = {
    "<boolean>": Type("boolean", "yes or no", _boolean),
    "<channel>": Type("channel", "the name of a channel", _any),
    "<class>": Type("class", "a class", _bare),
    "<dnssec-policy>": Type("dnssec-policy", "the name of a DNSSEC policy", _any),
    "<duration>": Type("duration", "a duration", _duration),
    "<duration_or_unlimited>": Type("duration", "a duration or unlimited", _duration_or_unlimited),
    "<fixedpoint>": Type("number", "a number", _numeric),
    "<http>": Type("http", "the name of an http statement", _any),
    "<ignored>": Type("ignored", "a word", _bare),
    "<integer>": Type("integer", "a whole number", _integer),
    "<ipv4_address>": Type("address", "an IPv4 address", _ipv4),
    "<ipv6_address>": Type("address", "an IPv6 address", _ipv6),
    "<key>": Type("key", "the name of a key", _any),
    "<percentage>": Type("percentage", "a percentage", _numeric),
    "<port>": Type("integer", "a port (0 to 65535)", _port),
    "<port_number>": Type("integer", "a port (0 to 65535)", _port_number),
    "<quoted_string>": Type("quoted string", "a quoted string", _quoted),
    "<server_list>": Type("server list", "the name of a server list", _any),
    "<size>": Type("size", "a size", _bare),
    "<sizeval>": Type("size", "a size", _numeric),
    "<string>": Type("string", "a string", _any),
    "<syslog_facility>": Type("string", "a syslog facility", _any),
    "<template>": Type("template", "the name of a template", _any),
    "<tls>": Type("tls", "the name of a tls statement", _any),
    "<ttlval>": Type("duration", "a duration", _duration),
    "<view>": Type("view", "the name of a view", _any),
    "<zone>": Type("zone", "the name of a zone", _any),
}
"""Types that take several words (an address match element, a prefix, ...) are in match.py."""
