"""A unified diff that `git apply` and `patch -p1` accept, with the secrets of both texts cut out."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from named_audit.syntax.redact import REDACTED, secret_ranges

CONTEXT = 3
"""Lines shown around a change."""

LONGEST = 2_000
"""Lines (old and new) that are compared one by one; a longer stretch without unique lines changes whole."""


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


Block: TypeAlias = tuple[int, int, int, int]
"""A changed block: lines [0:1] of the old text became lines [2:3] of the new one."""


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    group: list[Block] = []
    for block in _changed(old, new):
        if group and block[0] - group[-1][1] > 2 * CONTEXT:
            yield _hunk(old, new, group)
            group = []
        group.append(block)
    if group:
        yield _hunk(old, new, group)


def _hunk(old: Sequence[str], new: Sequence[str], group: Sequence[Block]) -> str:
    before = min(CONTEXT, group[0][0])
    behind = min(CONTEXT, len(old) - group[-1][1])
    at, end = group[0][0] - before, group[-1][1] + behind
    lines = [f"@@ -{_range(at, end)} +{_range(group[0][2] - before, group[-1][3] + behind)} @@\n"]
    for start, stop, new_start, new_stop in group:
        lines += (_line(" ", line) for line in old[at:start])
        lines += (_line("-", line) for line in old[start:stop])
        lines += (_line("+", line) for line in new[new_start:new_stop])
        at = stop
    lines += (_line(" ", line) for line in old[at:end])
    return "".join(lines)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """The changed blocks, in order.

    The time `difflib` takes goes with the square of the length. So the texts are first cut at the lines that
    each has exactly once (as "patience" diffs do): what lies between them is short.
    """
    at = new_at = 0
    for anchor, new_anchor in (*_anchors(old, new), (len(old), len(new))):
        yield from _changed_between(old, new, at, anchor, new_at, new_anchor)
        at, new_at = anchor, new_anchor


def _changed_between(
    old: Sequence[str], new: Sequence[str], start: int, end: int, new_start: int, new_end: int
) -> Iterator[Block]:
    while start < end and new_start < new_end and old[start] == new[new_start]:
        start, new_start = start + 1, new_start + 1
    while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
        end, new_end = end - 1, new_end - 1
    if start == end and new_start == new_end:
        return
    if start == end or new_start == new_end or end - start + new_end - new_start > LONGEST:
        yield start, end, new_start, new_end
        return
    matcher = difflib.SequenceMatcher(None, old[start:end], new[new_start:new_end])
    for tag, one, other, new_one, new_other in matcher.get_opcodes():
        if tag != "equal":
            yield start + one, start + other, new_start + new_one, new_start + new_other


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of the lines that stand once in each text, as many as are in the same order in both."""
    counts, new_counts = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if new_counts[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(old) if counts[line] == 1 and line in places]
    # The longest increasing run of the second numbers: `tops` ends the best run of each length.
    tops: list[int] = []
    best: list[int] = []
    previous: list[int] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        previous.append(best[length - 1] if length else -1)
        tops[length : length + 1] = [place]
        best[length : length + 1] = [index]
    chain: list[tuple[int, int]] = []
    index = best[-1] if best else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


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
