"""Putting text on standard output or into a file: encodings, broken pipes, colour."""

from __future__ import annotations

import os
import sys


def write_output(text: str, path: str | None) -> str | None:
    """Write a report. A reader that has gone away (`| head`) is no error.

    Returns:
        why the file could not be written, or None.
    """
    data = text.encode("utf-8", "backslashreplace")
    if path is not None:
        try:
            with open(path, "wb") as file:
                file.write(data)
        except OSError as error:
            return f"cannot write {path}: {error.strerror}"
        return None
    failed: str | None = None
    if sys.stdout is None:  # the shell's `>&-`
        return "cannot write to standard output: it is closed"
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return None
    except BrokenPipeError:
        pass
    except OSError as error:
        failed = f"cannot write to standard output: {error.strerror}"
    # Python would complain again when it closes the stream at exit.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    os.close(devnull)
    return failed


def wants_color(path: str | None) -> bool:
    """Colour only on a terminal, and never where NO_COLOR is set (to anything but nothing)."""
    return (
        path is None and not os.environ.get("NO_COLOR") and _terminal() and os.environ.get("TERM") != "dumb"
    )


def terminal_width() -> int:
    """How wide a report may be, in columns."""
    import shutil

    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 160)) if _terminal() else 100


def _terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def repository(folder: str) -> str | None:
    """The top of the repository that a directory lies in, or None."""
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder
