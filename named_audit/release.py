"""BIND releases: parsing what `named -V` and people write, comparing, and naming release lines."""

import re
from typing import NamedTuple

LINES = ("9.11", "9.16", "9.18", "9.20", "9.21")
"""The release lines the catalogue knows, oldest first."""

_NEWEST_PATCH = 9999
_NEWEST_MINOR = 99
"""Beyond these numbers it is a slip, and no release."""
_FORM = r"(?ia:(?:BIND\s+)?v?(\d+)\.(\d+)(?:\.(\d+))?((?:[-+~].*|[a-z]+\d.*)?))"


class Release(NamedTuple):
    """One BIND release; `vendor` says that fixes may have been back-ported (Debian, Red Hat, -S)."""

    major: int
    minor: int
    patch: int
    vendor: bool = False
    text: str = ""

    @property
    def line(self) -> str:
        """The release line, for instance "9.18"."""
        return f"{self.major}.{self.minor}"

    def at_least(self, major: int, minor: int, patch: int = 0) -> bool:
        """Whether this release is the given one or newer."""
        return (self.major, self.minor, self.patch) >= (major, minor, patch)

    @property
    def nearest(self) -> "Release":
        """The release of a line that the catalogue knows whose statements come nearest to this one's.

        Lines of odd numbers lead to the next one, which they are taken for at its beginning. 9.14 has dropped most of
        what 9.16 has dropped; 9.12 and 9.13 are nearer to 9.11, whose statements they still have. What is newer than
        all that is known has at least dropped what the newest has.
        """
        if self.line in LINES:
            return self
        oldest, newest = (int(line.partition(".")[2]) for line in (LINES[0], LINES[-1]))
        if self.minor > newest:
            return self._replace(minor=newest, patch=_NEWEST_PATCH)
        if self.minor < oldest:
            return self._replace(minor=oldest, patch=0)
        if self.minor < 14:
            return self._replace(minor=oldest, patch=_NEWEST_PATCH)
        return self._replace(minor=self.minor + self.minor % 2 if self.minor > 15 else 16, patch=0)

    @property
    def judged_as(self) -> str | None:
        """The line whose statements a release of another one is judged by, as a note; None if its own is known."""
        if self.line in LINES:
            return None
        return f"the statements of BIND {self.line} are not known here: they are judged as those of {self.nearest.line}"

    def __str__(self) -> str:
        return self.text or f"{self.line}.{self.patch}"


def parse_release(text: str) -> Release:
    """Parse "9.18", "9.18.49", "9.18.49-1~deb12u3-Debian", "9.16.50-S1" or "BIND 9.20.0 (...)".

    A line without a patch level means the newest patch of that line.

    Raises:
        ValueError: the text is no BIND release.
    """
    shown = text.strip()
    words = shown.split(" (")[0].split(" <")[0].strip()
    match = re.fullmatch(_FORM, words)
    if match is None or match[1] != "9":
        raise ValueError(f"{shown[:60]!r} is not a BIND release; write it like 9.18 or 9.18.49")
    patch = int(match[3]) if match[3] else _NEWEST_PATCH
    if int(match[2]) > _NEWEST_MINOR or patch > _NEWEST_PATCH:
        raise ValueError(f"there is no BIND {shown[:60]!r}; write it like 9.18 or 9.18.49")
    vendor = bool(match[4])
    short = f"9.{match[2]}" + (f".{match[3]}" if match[3] else "") + (match[4] or "")
    return Release(9, int(match[2]), patch, vendor, short)
