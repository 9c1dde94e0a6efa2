"""The one door to the outside: files, globs, the working directory and the machine's own `named`."""

from __future__ import annotations

import errno
import fnmatch
import os
import posixpath
import stat
import subprocess
from collections.abc import Iterable, Mapping
from typing import Protocol

MAX_BYTES = 512 * 1024 * 1024
"""The largest input that is read, in bytes; named itself needs far more memory than that for such a file."""

STDIN_NAMES = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})


class ReadError(Exception):
    """A file that could not be read; the text says why, for people, without the path.

    `missing` is true where nothing is there at all, so that a caller may look elsewhere.
    """

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


class Host(Protocol):
    """What an audit needs from the world outside the given text."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file or a pipe.

        Raises:
            ReadError: it is missing, unreadable, a directory, a device, too large, or a pipe without data.
        """
        ...

    def exists(self, path: str) -> bool:
        """Whether anything is at this path."""
        ...

    def is_dir(self, path: str) -> bool:
        """Whether the path is a directory."""
        ...

    def listdir(self, path: str) -> list[str]:
        """The sorted names in a directory; empty if it cannot be listed."""
        ...

    def realpath(self, path: str) -> str:
        """The absolute path without symbolic links."""
        ...

    def cwd(self) -> str:
        """The working directory."""
        ...

    def named_version(self) -> str | None:
        """The first line of this machine's `named -V`, or None without a named."""
        ...


class LocalHost:
    """The machine this program runs on."""

    def read(self, path: str) -> bytes:
        """See `Host.read`. Devices are refused; a pipe with a writer is awaited without a limit in time."""
        try:
            if path in STDIN_NAMES:
                return _read_stdin()
            return _read_path(path)
        except ReadError:
            raise
        except OSError as error:
            raise _explain(error) from None
        except ValueError:
            raise ReadError("the path holds a NUL byte") from None

    def exists(self, path: str) -> bool:
        """See `Host.exists`."""
        return _safe(os.path.lexists, path)

    def is_dir(self, path: str) -> bool:
        """See `Host.is_dir`."""
        return _safe(os.path.isdir, path)

    def listdir(self, path: str) -> list[str]:
        """See `Host.listdir`."""
        try:
            return sorted(os.listdir(path))
        except (OSError, ValueError):
            return []

    def realpath(self, path: str) -> str:
        """See `Host.realpath`."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):
            return path

    def cwd(self) -> str:
        """See `Host.cwd`."""
        try:
            return os.getcwd()
        except OSError:
            return "/"

    def named_version(self) -> str | None:
        """See `Host.named_version`; waits at most ten seconds."""
        for program in ("named", "/usr/sbin/named", "/usr/local/sbin/named", "/sbin/named"):
            try:
                ran = subprocess.run([program, "-V"], capture_output=True, timeout=10, check=False)
            except (OSError, subprocess.TimeoutExpired):
                continue
            first = ran.stdout.decode("utf-8", "replace").splitlines()[:1]
            if first and first[0].startswith("BIND"):
                return first[0]
        return None


class MemoryHost:
    """Files given as a mapping from absolute path to bytes: for tests, editors and library use."""

    def __init__(self, files: Mapping[str, bytes], *, cwd: str = "/", named_version: str | None = None) -> None:
        self._files = dict(files)
        self._cwd = cwd
        self._version = named_version
        self._dirs = {"/"}
        for path in self._files:
            parent = posixpath.dirname(path)
            while parent not in self._dirs:
                self._dirs.add(parent)
                parent = posixpath.dirname(parent)

    def _full(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self._cwd, path))

    def read(self, path: str) -> bytes:
        """See `Host.read`."""
        full = path if path in self._files else self._full(path)
        if full in self._files:
            return self._files[full]
        if full in self._dirs:
            raise ReadError("it is a directory")
        raise ReadError("no such file", missing=True)

    def exists(self, path: str) -> bool:
        """See `Host.exists`."""
        full = self._full(path)
        return full in self._files or full in self._dirs

    def is_dir(self, path: str) -> bool:
        """See `Host.is_dir`."""
        return self._full(path) in self._dirs

    def listdir(self, path: str) -> list[str]:
        """See `Host.listdir`."""
        prefix = self._full(path).rstrip("/") + "/"
        everything = (*self._files, *self._dirs)
        return sorted({p[len(prefix) :].split("/")[0] for p in everything if p.startswith(prefix) and p != prefix})

    def realpath(self, path: str) -> str:
        """See `Host.realpath`; there are no symbolic links here."""
        return self._full(path)

    def cwd(self) -> str:
        """See `Host.cwd`."""
        return self._cwd

    def named_version(self) -> str | None:
        """See `Host.named_version`."""
        return self._version


def glob_paths(host: Host, pattern: str) -> list[str]:
    """Match a pattern as C's glob() does with its default flags: sorted, no leading dots by wildcard.

    A pattern without wildcards gives itself if it exists, else nothing.
    """
    parts = pattern.split("/")
    absolute = pattern.startswith("/")
    found: Iterable[str] = ["/" if absolute else ""]
    for part in parts[1:] if absolute else parts:
        if not part:
            continue
        found = _step(host, found, part)
    return sorted(path for path in found if path)


def has_wildcard(pattern: str) -> bool:
    """Whether glob() would treat any character of the path specially."""
    return any(character in pattern for character in "*?[\\")


def _step(host: Host, bases: Iterable[str], part: str) -> list[str]:
    result = []
    if not has_wildcard(part):
        for base in bases:
            path = posixpath.join(base, part)
            if host.exists(path):
                result.append(path)
        return result
    translated = _escapes_to_classes(part)
    for base in bases:
        for name in host.listdir(base or "."):
            if name.startswith(".") and not part.startswith("."):
                continue
            if fnmatch.fnmatchcase(name, translated):
                result.append(posixpath.join(base, name))
    return result


def _escapes_to_classes(part: str) -> str:
    # glob() takes a backslash as "the next character is itself"; fnmatch has no such escape.
    out = []
    characters = iter(part)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "\\")
            out.append(f"[{escaped}]" if escaped in "*?[" else escaped)
        else:
            out.append(character)
    return "".join(out)


def _safe(test: object, path: str) -> bool:
    try:
        return bool(test(path))  # type: ignore[operator]
    except (OSError, ValueError):
        return False


def _explain(error: OSError) -> ReadError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ReadError("no such file", missing=True)
    if error.errno in (errno.EACCES, errno.EPERM):
        return ReadError("no permission to read it")
    if error.errno == errno.ELOOP:
        return ReadError("its symbolic links form a loop")
    if error.errno == errno.ENXIO:
        return ReadError("it is a device or socket, not a file")
    return ReadError(f"{os.strerror(error.errno) if error.errno else error}".lower())


def _read_path(path: str) -> bytes:
    # Non-blocking: a FIFO that nobody writes to must not hang the audit.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        info = os.fstat(descriptor)
        if stat.S_ISDIR(info.st_mode):
            raise ReadError("it is a directory")
        if stat.S_ISFIFO(info.st_mode):
            return _read_pipe(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise ReadError("it is a device or socket, not a file")
        if info.st_size > MAX_BYTES:
            raise ReadError(f"it is larger than {MAX_BYTES >> 20} MiB")
        return _read_all(descriptor)
    finally:
        os.close(descriptor)


def _read_stdin() -> bytes:
    descriptor = os.dup(0)
    try:
        mode = os.fstat(descriptor).st_mode
        data = _read_all(descriptor)
        if not data and not stat.S_ISREG(mode):
            # `ssh ns1 named-checkconf -px | named-audit check -` with an ssh that failed must not look clean.
            raise ReadError("nothing came through the pipe: did the command that writes to it fail?")
        return data
    finally:
        os.close(descriptor)


def _read_pipe(descriptor: int) -> bytes:
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    chunks: list[bytes] = []
    total = 0
    while True:
        try:
            chunk = os.read(descriptor, 1 << 20)
        except BlockingIOError:
            poll.poll()
            continue
        if not chunk:
            break
        total += len(chunk)
        if total > MAX_BYTES:
            raise ReadError(f"it is larger than {MAX_BYTES >> 20} MiB")
        chunks.append(chunk)
    if not chunks:
        raise ReadError("nothing came through the pipe: nobody writes to it, or the command that should has failed")
    return b"".join(chunks)


def _read_all(descriptor: int) -> bytes:
    chunks: list[bytes] = []
    total = 0
    while chunk := os.read(descriptor, 1 << 24):
        total += len(chunk)
        if total > MAX_BYTES:
            raise ReadError(f"it is larger than {MAX_BYTES >> 20} MiB")
        chunks.append(chunk)
    return b"".join(chunks)
