"""The types of arguments that are one word: what BIND's parser takes for each, and what it is called."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from named_audit.catalogue.values import FIXED_POINT, INTEGER, ISO, PERCENTAGE, SIZE, TTL
from named_audit.syntax.words import Piece, Word

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"  # inet_pton takes no leading zero
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_SHORT_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{0,2}}")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_BOOLEANS = frozenset({"yes", "no", "true", "false", "1", "0"})
BUILT_IN_ACLS = frozenset({"any", "none", "localhost", "localnets"})
GEOIP_FIELDS = (
    *("country", "country3", "countryname", "region", "regionname", "city", "postal", "postalcode", "metro"),
    *(
        "metrocode",
        "area",
        "areacode",
        "tz",
        "timezone",
        "continent",
        "isp",
        "org",
        "asnum",
        "domain",
        "netspeed",
    ),
)
"""Some of them exist only in the databases of 9.11."""

SEVERITIES = ("critical", "error", "warning", "notice", "info", "dynamic", "debug")
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
    allowed: Callable[[Word], bool] | None = None
    """Which of the words that the parser takes the checks behind it do not refuse; None for all."""


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


@lru_cache(maxsize=16)
def _form(pattern: str) -> re.Pattern[str]:
    # Compiled when the first number of the kind is met: most small files have none.
    return re.compile(pattern)


def _port(word: Word) -> bool:
    return (
        word.kind == "word"
        and _form("[0-9]+").fullmatch(word.value) is not None
        and _in_range(word.value, 10)
    )


def _port_number(word: Word) -> bool:
    if not _integer(word):
        return False
    low = word.low
    return _in_range(low[2:], 16) if low[:2] == "0x" else _in_range(low, 8 if low[:1] == "0" else 10)


def _in_range(digits: str, base: int) -> bool:
    # The digits that do not count are cut off first: int() refuses thousands of them.
    digits = digits.lstrip("0")
    return len(digits) <= 6 and int(digits or "0", base) <= 65535


def _number(pattern: str) -> Callable[[Word], bool]:
    def takes(word: Word) -> bool:
        return word.kind == "word" and _form(pattern).fullmatch(word.value) is not None

    return takes


_integer = _number(INTEGER)
_size = _number(SIZE)


def _duration_or_unlimited(word: Word) -> bool:
    # Unlike elsewhere, in small letters only.
    return _duration(word) or (word.kind == "word" and word.value == "unlimited")


def _duration(word: Word) -> bool:
    return (
        word.kind == "word"
        and _form(ISO if word.value[:1] in "pP" else TTL).fullmatch(word.value) is not None
    )


def _size_or_word(word: Word) -> bool:
    return _size(word) or (word.kind == "word" and word.low in ("unlimited", "default"))


def _ipv4(word: Word) -> bool:
    return word.kind == "word" and is_ipv4(word.value)


def _ipv6(word: Word) -> bool:
    return word.kind == "word" and is_ipv6(word.value)


_RECORD_TYPES = (
    "a a6 aaaa afsdb amtrelay any apl atma avc axfr brid caa cdnskey cds cert cname csync dhcid dlv dname dnskey doa"
    " ds dsync eid eui48 eui64 gid gpos hhit hinfo hip https ipseckey isdn ixfr keydata key kx l32 l64 loc lp maila mailb"
    " mb md mf mg minfo mr mx naptr nid nimloc ninfo ns nsap nsap-ptr nsec nsec3 nsec3param null nxt openpgpkey opt"
    " ptr px resinfo rkey rp rrsig rt sig sink smimea soa spf srv sshfp svcb ta talink tkey tlsa tsig txt uid uinfo"
    " unspec uri wallet wks x25 zonemd"
)
"""The mnemonics that some release knows."""


@lru_cache(maxsize=1)
def _record_types() -> frozenset[str]:
    return frozenset(_RECORD_TYPES.split())


def is_record_type(word: Word) -> bool:
    """Whether this is a type of an update rule: a mnemonic or TYPE1234, with or without a count: `A(5)`."""
    name, bracket, rest = word.low.partition("(")
    if bracket:
        count = rest[:-1]
        if not rest.endswith(")") or (count and not (count.isascii() and count.isdigit() and _small(count))):
            return False
    if name.startswith("type"):
        return name[4:].isascii() and name[4:].isdigit() and _small(name[4:])
    return name in _record_types()


def _small(digits: str) -> bool:
    return len(digits) <= 5 and int(digits) <= 0xFFFF


def _known_class(word: Word) -> bool:
    low = word.low
    if low.startswith("class") and low[5:].isdigit():
        return len(low) <= 10 and int(low[5:]) <= 0xFFFF
    return low in ("in", "ch", "chaos", "hs", "hesiod", "any", "none", "reserved0")


def _transport(word: Word) -> bool:
    return word.low in ("tcp", "tls")


TYPES: dict[str, Type] = {
    "<boolean>": Type("boolean", "yes or no", _boolean),
    "<channel>": Type("channel", "the name of a channel", _any),
    "<class>": Type("class", "a class", _bare, _known_class),
    "<dnssec-policy>": Type("dnssec-policy", "the name of a DNSSEC policy", _any),
    "<duration>": Type("duration", "a duration", _duration),
    "<duration_or_unlimited>": Type("duration", "a duration or unlimited", _duration_or_unlimited),
    "<fixedpoint>": Type("number", "a number", _number(FIXED_POINT)),
    "<http>": Type("http", "the name of an http statement", _any),
    "<ignored>": Type("ignored", "a word", _bare),
    "<integer>": Type("integer", "a whole number", _integer),
    "<ipv4_address>": Type("address", "an IPv4 address", _ipv4),
    "<ipv6_address>": Type("address", "an IPv6 address", _ipv6),
    "<key>": Type("key", "the name of a key", _any),
    "<percentage>": Type("percentage", "a percentage", _number(PERCENTAGE)),
    "<port>": Type("port", "a port (0 to 65535)", _port),
    "<port_number>": Type("integer", "a port (0 to 65535)", _port_number),
    "<quoted_string>": Type("quoted string", "a quoted string", _quoted),
    "<server_list>": Type("server list", "the name of a server list", _any),
    "<size>": Type("size", "a size", _size_or_word),
    "<sizeval>": Type("size", "a size", _size),
    "<string>": Type("string", "a string", _any),
    "<syslog_facility>": Type("string", "a syslog facility", _any),
    "<template>": Type("template", "the name of a template", _any),
    "<transport>": Type("string", "tcp or tls, over which zones are transferred", _any, _transport),
    "<tls>": Type("tls", "the name of a tls statement", _any),
    "<ttlval>": Type("duration", "a duration", _number(TTL)),
    "<view>": Type("view", "the name of a view", _any),
    "<word>": Type("string", "a word without quotes", _bare),
    "<zone>": Type("zone", "the name of a zone", _any),
}
"""Types that take several words (an address match element, a prefix, ...) are in match.py."""
