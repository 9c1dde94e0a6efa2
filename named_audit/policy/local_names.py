"""Names that lead nowhere outside: zones that are served inside only."""

from __future__ import annotations

_LOCAL = frozenset(
    {
        "10.in-addr.arpa",
        "168.192.in-addr.arpa",
        *(f"{second}.172.in-addr.arpa" for second in range(16, 32)),
        "254.169.in-addr.arpa",
        "127.in-addr.arpa",
        "0.in-addr.arpa",
        "255.255.255.255.in-addr.arpa",
        *(f"{second}.100.in-addr.arpa" for second in range(64, 128)),
        "c.f.ip6.arpa",
        "d.f.ip6.arpa",
        *(f"{nibble}.e.f.ip6.arpa" for nibble in "89ab"),
        "home.arpa",
        "internal",
        "localhost",
        "local",
    }
)
"""Reverse zones of private addresses (RFC 6303 section 4, RFC 7793) and names that nobody delegates (RFC 8375,
RFC 6761, RFC 6762, and ICANN's reservation of "internal")."""


def is_local_name(name: str) -> bool:
    """Whether a canonical name is one of those, or below."""
    while name:
        if name in _LOCAL:
            return True
        name = name.partition(".")[2]
    return False
