"""What all formats share: text that is safe to show, paths, and a few words."""

from __future__ import annotations

import posixpath
import re

from named_audit.lint.contract import Scope
from named_audit.syntax.redact import redact_text
from named_audit.syntax.source import Problem

_UNREAD_KINDS = frozenset({"read", "include", "template", "rndc", "limit"})

SCOPES_NAMED = 3
"""How many zones a sentence names before it only counts."""


def shown(text: str) -> str:
    """Text for one line of a screen: redacted, with everything escaped that is not plainly visible.

    Control characters, bidi and other format characters, blanks other than the space, and bytes that are not
    UTF-8 appear as \\xNN or \\uNNNN.
    """
    return visible(redact_text(text))


def visible(text: str) -> str:
    """`shown` for text that is redacted already."""
    return text if text.isprintable() else "".join(map(visible_character, text))


def visible_character(character: str) -> str:
    """One character, escaped if it could not be told by eye or could move the cursor."""
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def encodable(text: str) -> str:
    """Text that UTF-8 takes: bytes that were not UTF-8 appear as \\xNN, all else as it is."""
    return _SURROGATE.sub(lambda found: visible_character(found[0]), text)


def has_odd_bytes(text: str) -> bool:
    """Whether `encodable` would change the text."""
    return _SURROGATE.search(text) is not None


_SURROGATE = re.compile("[\ud800-\udfff]")


def is_stream(path: str) -> bool:
    """Whether a path names a pipe or standard input, so that no editor can open it later."""
    return path in ("-", "<stdin>", "/dev/stdin") or path.startswith(("/dev/fd/", "/proc/self/fd/"))


def relative(path: str, cwd: str, folder: str | None = None) -> str | None:
    """A path from a folder (None: the working directory), or None if it lies elsewhere. Symbolic links are not followed."""
    full = posixpath.normpath(posixpath.join(cwd, path))
    base = posixpath.normpath(folder or cwd).rstrip("/") + "/"
    return full[len(base) :] if full.startswith(base) and full != base else None


def absolute(path: str, cwd: str) -> str:
    """The full path without `.` and `..`."""
    return posixpath.normpath(posixpath.join(cwd, path))


def zones_line(scopes: tuple[Scope, ...]) -> str:
    """ "zones: a.example, b.example and 998 more", or nothing."""
    if not scopes:
        return ""
    names = [_scope(scope) for scope in scopes[:SCOPES_NAMED]]
    more = len(scopes) - len(names)
    listed = ", ".join(names) + (f" and {more} more" if more else "")
    return f"{'zone' if len(scopes) == 1 else 'zones'}: {listed}"


def _scope(scope: Scope) -> str:
    name = shown(scope.zone) or "."
    return name if scope.view is None else f"{name} (view {shown(scope.view)})"


def problem_words(problem: Problem) -> str:
    """What a problem means for the run (text that nobody looked at, or did so in vain), and its kind."""
    words = "not read" if problem.kind in _UNREAD_KINDS else "incomplete"
    return f"{words}[{visible(problem.kind)}]"
