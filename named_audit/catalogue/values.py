"""Numbers as BIND reads them: integers, durations, sizes, percentages, prefix lengths.

What each takes was tried on named-checkconf; where its C library saturates or wraps, so does this.
"""

from __future__ import annotations

import re

WORDS = ("unlimited", "default")
"""What may stand for a number."""

MAX_32 = 0xFFFFFFFF
_TTL_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_ISO_UNITS = (31536000, 2678400, 86400, 604800, 3600, 60, 1)
_SIZE_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_DIGITS = 40
"""More digits than any number has that is in range; int() of a huge word would raise."""

INTEGER = r"0[xX][0-9]+|0[0-7]*|[1-9][0-9]*"
"""As in C, but BIND reads no letters: 0x35, not 0xff."""

TTL = r"(?i:(?:[0-9]+[wdhms])+|[0-9]+)"
ISO = (
    r"(?i:P(?!.*[0-9]{11})(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?(?:(?<=P)([0-9]+)W)?"
    r"(?:(?<!W)T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?)"
)
SIZE = r"[-+]?[0-9]+[kKmMgG]?"
PERCENTAGE = r"[-+]?[0-9]*%"
FIXED_POINT = r"(?=.*[0-9])[0-9]{0,5}(?:\.[0-9]{0,2})?"


def number(type_: str, text: str) -> int | None:
    """The value of a word that its type has taken: a number, seconds, bytes or percent; None if out of range.

    `type_` is what arguments are called: "integer", "duration", "size" or "percentage". Words that stand for a number
    ("unlimited") and anything else are 0.
    """
    if text.lower() in WORDS:
        return 0
    if type_ == "integer":
        return _integer(text)
    if type_ == "duration":
        return _duration(text)
    if type_ == "size":
        return _size(text)
    return _digits(text.strip("+-%")) if type_ == "percentage" else 0


def _digits(text: str) -> int:
    digits = text.lstrip("0")
    return int(digits if len(digits) <= _DIGITS else "9" * _DIGITS) if digits else 0


def _integer(text: str) -> int | None:
    base = 16 if text[:2] in ("0x", "0X") else 8 if text[:1] == "0" else 10
    if len(text) > _DIGITS:
        return None
    value = int(text, base)
    return value if value <= MAX_32 else None


def _duration(text: str) -> int | None:
    if text[:1] in "pP":
        found = re.fullmatch(ISO, text)
        parts = found.groups() if found else ()
        total = sum(int(part) * unit for part, unit in zip(parts, _ISO_UNITS, strict=False) if part)
        # A sum that is too big is cut, not refused.
        return min(total, MAX_32) if all(int(part) <= MAX_32 for part in parts if part) else None
    if len(text) > 200:
        return None
    if text.isdigit():
        total = _digits(text)
    else:
        total = sum(
            _digits(digits) * _TTL_UNITS[unit.lower()]
            for digits, unit in re.findall(r"([0-9]+)([a-zA-Z])", text)
        )
    return total if total <= MAX_32 else None


def _size(text: str) -> int | None:
    unit = _SIZE_UNITS.get(text[-1:].lower(), 1)
    digits = text.lstrip("+-").rstrip("kKmMgG")
    value = min(_digits(digits), 2**64 - 1)
    if text[:1] == "-":
        value = 2**64 - value if value else 0
    return value * unit if value * unit < 2**64 else None


def prefix_fault(address: str, length: str | None, *, lenient: bool) -> str | None:
    """What is wrong with an address and its prefix length, if any; the words are BIND's.

    `address` is one that BIND's parser takes, in full or an IPv4 one cut short (`10`, which needs a length). 9.11 is
    `lenient`: it only warns of bits behind the prefix.
    """
    v6 = ":" in address
    octets = [] if v6 else address.split(".")
    if length is None:
        return "incomplete IPv4 address or prefix" if not v6 and len(octets) < 4 else None
    bits = 128 if v6 else 32
    wanted = _digits(length)
    if wanted > bits:
        return f"invalid prefix length '{length[:40]}'"
    if lenient:
        return None
    if v6:
        import ipaddress

        value = int(ipaddress.IPv6Address(address.split("%", 1)[0]))
    else:
        value = sum(int(octet) << shift for octet, shift in zip(octets, (24, 16, 8, 0), strict=False))
        address = ".".join([*octets, *("0",) * (4 - len(octets))])
    if value & ((1 << (bits - wanted)) - 1):
        return f"'{address[:60]}/{wanted}': address/prefix length mismatch"
    return None
