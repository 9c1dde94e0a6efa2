"""Names as BIND compares them, and the small vocabularies of the model."""

from __future__ import annotations

from functools import lru_cache

from named_audit.release import Release
from named_audit.syntax.words import fold

ZONE_TYPES = {"master": "primary", "slave": "secondary"}
"""Old words for zone types; every other type is called by its own name."""

LIST_STATEMENTS = ("primaries", "masters", "parental-agents", "remote-servers")
"""The top-level statements that define a server list: the first two are one."""


def lists_share_names(release: Release | None) -> bool:
    """Whether a list of parental agents may not be called as one of primaries; False where that is not known.

    All lists have one name space since they are all called `remote-servers` too.
    """
    if release is None:
        return False
    return release.at_least(9, 20, 5) if release.line == "9.20" else release.at_least(9, 21, 4)


ANCHOR_STATEMENTS = ("trust-anchors", "managed-keys", "trusted-keys")
"""The statements that hold trust anchors: the first two are one, the third has only keys that never change."""

BUILT_IN_ACLS = frozenset({"any", "none", "localhost", "localnets"})

BUILT_IN_KEYS = frozenset({"local-ddns"})
"""named makes this session key itself (`update-policy local`)."""

BUILT_IN_TLS = frozenset({"ephemeral", "none"})


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """A DNS name for comparison: lower case, escapes as few as can be, without the trailing dot; the root is "."."""
    low = fold(name)
    if "\\" in low:
        labels = _labels(low)
        if labels is not None:
            low = ".".join(["".join([_ESCAPED.get(octet, octet) for octet in label]) for label in labels])
            return fold(low) or "."
    if low.endswith("."):
        low = low[:-1]
    return low or "."


@lru_cache(maxsize=4096)
def is_dns_name(name: str) -> bool:
    """Whether BIND takes this as a domain name: labels of 1 to 63 octets, 255 in all (RFC 1035 section 2.3.4)."""
    if not name:
        return False
    if name == ".":
        return True
    labels = _labels(name)
    if labels is None:
        return False
    # Each label has an octet for its length, and the root behind the last one too.
    lengths = [len("".join(label).encode("utf-8", "surrogateescape")) for label in labels]
    return all(1 <= length <= 63 for length in lengths) and sum(lengths) + len(lengths) + 1 <= 255


def _labels(name: str) -> list[list[str]] | None:
    """The labels of a name in text form, character by character with escapes resolved; None for a bad escape."""
    labels: list[list[str]] = [[]]
    at = 0
    end = len(name)
    while at < end:
        character = name[at]
        at += 1
        if character == ".":
            labels.append([])
            continue
        if character == "\\":
            digits = name[at : at + 3]
            if digits[:1].isdecimal() and digits[:1].isascii():
                if len(digits) < 3 or not (digits.isascii() and digits.isdecimal()) or int(digits) > 255:
                    return None
                octet = int(digits)
                # Octets beyond ASCII are one each, as the bytes of a file are that are not UTF-8.
                character = chr(octet) if octet < 128 else chr(0xDC00 + octet)
                at += 3
            elif not digits or (digits[0] == "[" and not labels[-1]):
                return None  # nothing to escape, or a bit-string label
            else:
                character = digits[0]
                at += 1
        labels[-1].append(character)
    if len(labels) > 1 and not labels[-1]:
        labels.pop()
    return labels


_ESCAPED = {".": "\\.", "\\": "\\\\"}
"""What must stay escaped, so that two names which differ do not look the same."""


def port_number(text: str) -> int | None:
    """A port where BIND reads a number as C does (in front of lists, not behind addresses): 0x35 and 065 are 53."""
    return number_as_c(text, 6)


def number_as_c(text: str, most: int = 11) -> int | None:
    """A number of at most so many digits, as BIND reads it in statements: 0x14 and 024 are 20."""
    low = text.lower()
    digits, base = (low[2:], 16) if low[:2] == "0x" else (low.lstrip("0"), 8 if low[:1] == "0" else 10)
    try:
        return int(digits or "0", base) if len(digits) <= most and digits.isascii() else None
    except ValueError:
        return None
