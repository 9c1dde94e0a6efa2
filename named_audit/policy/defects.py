"""Defects of named that a configuration may expose: since when, and in which maintenance release they are gone."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from named_audit.release import Release

Exposure: TypeAlias = Literal[
    "always",
    "key list",
    "key update",
    "key",
    "signed request",
    "update",
    "subdomain",
    "gssapi",
    "dlz",
    "fetched",
    "control",
    "tls listener",
    "tls primary",
    "unverified tls primary",
    "catalog",
    "class",
    "served",
    "address list",
]
"""What a configuration must have for a defect to matter."""


class Defect(NamedTuple):
    """One defect. `fixed` has, for the minor number of each line that had it, the first patch level without it."""

    name: str
    effect: str
    exposure: Exposure
    fixed: Mapping[int, int]
    serious: bool = True
    """Whether it lets others in or lets them end named; False where it only gets in the way."""

    def affects(self, release: Release) -> bool:
        """Whether a release has it; False for lines of which nothing is said."""
        fixed = self.fixed.get(release.minor)
        return fixed is not None and release.patch < fixed


DEFECTS = (
    Defect(
        "CVE-2017-3142",
        "whoever knows a key's name can pass for its holder in transfers",
        "key list",
        {11: 2},
    ),
    Defect(
        "CVE-2017-3143",
        "whoever knows a key's name can pass for its holder in updates",
        "key update",
        {11: 2},
    ),
    Defect("CVE-2019-6465", "zones of a writable DLZ driver are transferred to anyone", "dlz", {11: 6}),
    Defect("CVE-2020-8617", "a TSIG message that anybody can make ends named", "always", {11: 19, 16: 3}),
    Defect("CVE-2020-8618", "a large transfer ends named", "fetched", {16: 4}),
    Defect("CVE-2020-8622", "a truncated answer to a signed request ends named", "signed request", {16: 6}),
    Defect("CVE-2020-8624", "update-policy subdomain allows what zonesub does", "subdomain", {16: 6}),
    Defect("CVE-2021-25214", "a malformed incremental transfer ends named", "fetched", {11: 31, 16: 15}),
    Defect("CVE-2021-25216", "GSS-TSIG can be overflowed", "gssapi", {11: 31, 16: 15}),
    Defect("CVE-2022-3094", "a flood of updates exhausts the memory", "update", {16: 37, 18: 11}),
    Defect(
        "CVE-2023-3341",
        "anyone who can connect to the control channel ends named, without a key",
        "control",
        {16: 44, 18: 19},
    ),
    Defect("CVE-2023-4236", "load on a TLS listener ends named", "tls listener", {18: 19}),
    Defect("CVE-2025-40775", "a TSIG message that anybody can make ends named", "always", {20: 9, 21: 8}),
    Defect("GL #4811", "a signed message with a wrong time ends named", "key", {20: 1}, serious=False),
    Defect("CVE-2026-3119", "the holder of any key can end named", "key", {20: 21, 21: 20}),
    Defect("CVE-2026-3591", "lists of addresses may be bypassed by SIG(0)", "address list", {20: 21, 21: 20}),
    Defect("CVE-2026-3039", "GSS-API negotiation leaks memory", "gssapi", {18: 49, 20: 23, 21: 22}),
    Defect(
        "CVE-2026-5946",
        "NOTIFY and UPDATE are mishandled in views of other classes than IN",
        "class",
        {18: 49, 20: 23, 21: 22},
    ),
    Defect(
        "GL #3589",
        "clients that are refused use up the quota of transfers-out",
        "served",
        {18: 49, 20: 23},
        serious=False,
    ),
    Defect("hanging XoT", "transfers over TLS can hang", "tls primary", {18: 14}, serious=False),
    Defect(
        "XoT without ALPN", "a TLS negotiation without ALPN ends named", "unverified tls primary", {20: 26}
    ),
    Defect(
        "malformed catalogs",
        "a malformed catalog zone ends named",
        "catalog",
        {18: 49, 20: 23},
        serious=False,
    ),
)
"""From ISC's security advisories and release notes."""


def affecting(release: Release) -> tuple[Defect, ...]:
    """The defects of a release; none for a vendor's build, which may have any fix without its number."""
    if release.vendor:
        return ()
    return tuple(each for each in DEFECTS if each.affects(release))
