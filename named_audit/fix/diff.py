"""A unified diff that `git apply` and `patch -p1` accept, with the secrets of both texts cut out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from named_audit.syntax.redact import REDACTED, secret_ranges

CONTEXT = 3
"""Lines shown around a change."""


def unified_diff(path: str, old_text: str, new_text: str) -> str:
    """The difference as text; empty where there is none.

    Only LF ends a line, and the CR of a CRLF is part of it. Secrets are looked for in the whole texts, so
    that one that runs over several lines does not show in a hunk. A hunk that shows one does not apply.
    """
    if old_text == new_text:
        return ""
    old, new = _lines(_hide_secrets(old_text)), _lines(_hide_secrets(new_text))
    hunks = list(_hunks(old, new))
    if not hunks:
        return ""
    name = path.lstrip("/")
    return "".join((f"--- {_header('a/' + name)}\n", f"+++ {_header('b/' + name)}\n", *hunks))


def _hide_secrets(text: str) -> str:
    parts: list[str] = []
    at = 0
    for start, end in secret_ranges(text):
        # The line feeds inside stay, so that the hunks' line numbers are right.
        parts += (text[at:start], REDACTED, "\n" * text.count("\n", start, end))
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    # Only what lies between the common ends is compared: most corrections are few and files may be long.
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    skipped = max(head - CONTEXT, 0)
    rest = max(tail - CONTEXT, 0)
    one, other = old[skipped : len(old) - rest], new[skipped : len(new) - rest]
    for group in difflib.SequenceMatcher(None, one, other).get_grouped_opcodes(CONTEXT):
        old_range = _range(group[0][1] + skipped, group[-1][2] + skipped)
        new_range = _range(group[0][3] + skipped, group[-1][4] + skipped)
        lines = [f"@@ -{old_range} +{new_range} @@\n"]
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                lines += (_line(" ", line) for line in one[start:end])
                continue
            lines += (_line("-", line) for line in one[start:end])
            lines += (_line("+", line) for line in other[new_start:new_end])
        yield "".join(lines)


def _range(start: int, end: int) -> str:
    length = end - start
    # The format counts lines from 1, and an empty range from the line before it.
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


_ODD = re.compile(r'[\x00-\x1f"\\\x7f]')
_NAMED = {"\t": "\\t", "\n": "\\n", '"': '\\"', "\\": "\\\\"}


def _header(name: str) -> str:
    """A file name as git writes it: quoted where it holds odd characters, a tab behind it where a blank."""
    if _ODD.search(name):
        return '"' + _ODD.sub(lambda found: _NAMED.get(found[0]) or f"\\{ord(found[0]):03o}", name) + '"'
    return f"{name}\t" if " " in name else name
