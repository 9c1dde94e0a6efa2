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


BUILT_IN_ACLS = frozenset({"any", "none", "localhost", "localnets"})

BUILT_IN_KEYS = frozenset({"local-ddns"})
"""named makes this session key itself (`update-policy local`)."""

BUILT_IN_TLS = frozenset({"ephemeral", "none"})


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """A DNS name for comparison: lower case, without the trailing dot; the root zone is "."."""
    low = fold(name)
    if low.endswith(".") and not low.endswith("\\."):
        low = low[:-1]
    return low or "."


def port_number(text: str) -> int | None:
    """A port where BIND reads a number as C does (in front of lists, not behind addresses): 0x35 and 065 are 53."""
    low = text.lower()
    digits, base = (low[2:], 16) if low[:2] == "0x" else (low.lstrip("0"), 8 if low[:1] == "0" else 10)
    try:
        return int(digits or "0", base) if len(digits) <= 6 and digits.isascii() else None
    except ValueError:
        return None
