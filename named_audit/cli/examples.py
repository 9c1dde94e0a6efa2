"""The examples in a rule folder: conditions in the first line, markers at the ends of lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_WITH = re.compile(r"//[ \t]*with:[ \t]*([^\r\n]*)\r?\n")
_MARKER = re.compile(
    r"[ \t]*//[ \t]*(expect|miss)(?:\[(-?\d+)\])?:[ \t]*([a-z0-9-]+)(?:[ \t]+x(\d+))?[ \t]*(?=\r?\n|\Z)"
)
_VERDICT = re.compile(r"accepts|rejects(?:@[0-9]{1,9}(?:,[0-9]{1,9})*)?")


class BadExample(Exception):
    """An example that breaks the contract; the text says how."""


class Example(NamedTuple):
    """One example without its markers.

    `expected` has (line, rule) once for each finding that must be there; `missed` the same for known misses.
    """

    path: Path
    text: str
    conditions: Mapping[str, str]
    expected: tuple[tuple[int, str], ...]
    missed: tuple[tuple[int, str], ...]


def read_example(path: Path) -> Example:
    """Read an example and take its first-line conditions and its markers out.

    Raises:
        BadExample: a condition is not written as name=value, or has a value that says nothing.
    """
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    conditions: dict[str, str] = {}
    head = _WITH.match(text)
    if head is not None:
        for item in head[1].split():
            name, equals, value = item.partition("=")
            if not equals or name not in ("bind-version", "checkconf", "as"):
                raise BadExample(f"{path}: {item!r} is no condition: bind-version=, checkconf= or as=")
            if name == "checkconf" and not _VERDICT.fullmatch(value):
                raise BadExample(
                    f"{path}: {item!r} is neither checkconf=accepts nor checkconf=rejects@LINE[,LINE]"
                )
            conditions[name] = value
        text = text[head.end() :]
    expected: list[tuple[int, str]] = []
    missed: list[tuple[int, str]] = []
    for found in _MARKER.finditer(text):
        line = text.count("\n", 0, found.start()) + 1 + int(found[2] or 0)
        into = expected if found[1] == "expect" else missed
        into.extend([(line, found[3])] * int(found[4] or 1))
    return Example(path, _MARKER.sub("", text), conditions, tuple(sorted(expected)), tuple(sorted(missed)))
