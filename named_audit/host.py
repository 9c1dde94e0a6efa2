"""The one door to the outside: files, globs, the working directory and the machine's own `named`."""

import errno
import os
import posixpath
import stat
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from named_audit.globs import PatternError, has_wildcard, matches

MAX_BYTES = 512 * 1024 * 1024
"""The largest input that is read, in bytes; named itself needs far more memory than that for such a file."""

WRITER_SECONDS = 1.0
"""How long a FIFO waits for its first writer: one that was started together with us may be a moment late."""

STDIN_NAMES = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})


class ReadError(Exception):
    """A file that could not be read; the text says why, for people, without the path.

    `missing` is true where nothing is there at all, so that a caller may look elsewhere.
    """

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


class FileState(NamedTuple):
    """Who may do what with a file: `mode` are the permission bits (0o7777), `changed` is seconds since 1970.

    Owner and group are names; a number as text where the machine has no name for it.
    """

    mode: int
    owner: str
    group: str
    changed: float = 0.0
    is_dir: bool = False
    is_special: bool = False
    """A device, a pipe or a socket."""

    @property
    def is_file(self) -> bool:
        """Whether it holds text of its own."""
        return not self.is_dir and not self.is_special


class Host(Protocol):
    """What an audit needs from the world outside the given text."""

    def read(self, path: str) -> bytes:
        """Return the bytes of a file or a pipe.

        Raises:
            ReadError: it is missing, unreadable, a directory, a device, too large, or a pipe without data.
        """
        ...

    def read_regular(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file proper of at most `limit` bytes; never waits for anybody.

        Raises:
            ReadError: it is missing, unreadable, no regular file, or larger.
        """
        ...

    def exists(self, path: str) -> bool:
        """Whether anything is at this path."""
        ...

    def is_dir(self, path: str) -> bool:
        """Whether the path is a directory."""
        ...

    def listdir(self, path: str) -> list[str]:
        """The sorted names in a directory; empty where there is none.

        Raises:
            ReadError: there is one that may not be listed.
        """
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

    def state(self, path: str) -> FileState | None:
        """Modes and owners of what a path leads to; None where nothing is, or where that is not known."""
        ...

    def now(self) -> float:
        """The time, in seconds since 1970."""
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

    def read_regular(self, path: str, limit: int) -> bytes:
        """See `Host.read_regular`."""
        try:
            return _read_regular(path, limit)
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
        except PermissionError:
            raise ReadError(f"no permission to list {path}") from None
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
        import subprocess

        for program in ("named", "/usr/sbin/named", "/usr/local/sbin/named", "/sbin/named"):
            try:
                ran = subprocess.run([program, "-V"], capture_output=True, timeout=10, check=False)
            except (OSError, subprocess.TimeoutExpired):
                continue
            first = ran.stdout.decode("utf-8", "replace").splitlines()[:1]
            if first and first[0].startswith("BIND"):
                return first[0]
        return None

    def state(self, path: str) -> FileState | None:
        """See `Host.state`."""
        try:
            found = os.stat(path)
        except (OSError, ValueError):
            return None
        # Imported here: only checks of files ask, and no Windows has them.
        import grp
        import pwd

        try:
            owner = pwd.getpwuid(found.st_uid).pw_name
        except KeyError:
            owner = str(found.st_uid)
        try:
            group = grp.getgrgid(found.st_gid).gr_name
        except KeyError:
            group = str(found.st_gid)
        mode = stat.S_IMODE(found.st_mode)
        folder = stat.S_ISDIR(found.st_mode)
        special = not folder and not stat.S_ISREG(found.st_mode)
        return FileState(mode, owner, group, found.st_mtime, folder, special)

    def now(self) -> float:
        """See `Host.now`."""
        import time

        return time.time()


class MemoryHost:
    """Files given as a mapping from absolute path to bytes: for tests, editors and library use."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        *,
        cwd: str = "/",
        named_version: str | None = None,
        states: Mapping[str, FileState] | None = None,
        now: float = 0.0,
    ) -> None:
        self._files = dict(files)
        self._states = dict(states or {})
        self._now = now
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

    def read_regular(self, path: str, limit: int) -> bytes:
        """See `Host.read_regular`."""
        return _bounded(self.read(path), limit)

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
        return sorted(
            {p[len(prefix) :].split("/")[0] for p in everything if p.startswith(prefix) and p != prefix}
        )

    def realpath(self, path: str) -> str:
        """See `Host.realpath`; there are no symbolic links here."""
        return self._full(path)

    def cwd(self) -> str:
        """See `Host.cwd`."""
        return self._cwd

    def named_version(self) -> str | None:
        """See `Host.named_version`."""
        return self._version

    def state(self, path: str) -> FileState | None:
        """See `Host.state`; what was not given is as a careful package leaves it."""
        full = self._full(path)
        known = self._states.get(full)
        if known is not None:
            return known
        if full in self._files:
            return FileState(0o640, "root", "bind", self._now)
        return FileState(0o755, "root", "root", self._now, True) if full in self._dirs else None

    def now(self) -> float:
        """See `Host.now`."""
        return self._now


class OverlayHost:
    """Another host with some files replaced in memory, by real path: how a correction is tried before it is written.

    What was read once (a pipe can only be read once) is read from memory the next time.
    """

    def __init__(self, base: Host) -> None:
        self._base = base
        self._read: dict[str, bytes] = {}
        self.overrides: Mapping[str, bytes] = {}

    def read(self, path: str) -> bytes:
        """See `Host.read`."""
        replaced = self.overrides.get(self.realpath(path)) if self.overrides else None
        if replaced is not None:
            return replaced
        if path in STDIN_NAMES or path.startswith(("/dev/", "/proc/")):
            if path not in self._read:
                self._read[path] = self._base.read(path)
            return self._read[path]
        return self._base.read(path)

    def read_regular(self, path: str, limit: int) -> bytes:
        """See `Host.read_regular`."""
        replaced = self.overrides.get(self.realpath(path)) if self.overrides else None
        if replaced is not None:
            return _bounded(replaced, limit)
        return self._base.read_regular(path, limit)

    def exists(self, path: str) -> bool:
        """See `Host.exists`."""
        return self._base.exists(path)

    def is_dir(self, path: str) -> bool:
        """See `Host.is_dir`."""
        return self._base.is_dir(path)

    def listdir(self, path: str) -> list[str]:
        """See `Host.listdir`."""
        return self._base.listdir(path)

    def realpath(self, path: str) -> str:
        """See `Host.realpath`."""
        return self._base.realpath(path)

    def cwd(self) -> str:
        """See `Host.cwd`."""
        return self._base.cwd()

    def named_version(self) -> str | None:
        """See `Host.named_version`."""
        return self._base.named_version()

    def state(self, path: str) -> FileState | None:
        """See `Host.state`."""
        return self._base.state(path)

    def now(self) -> float:
        """See `Host.now`."""
        return self._base.now()


def glob_paths(host: Host, pattern: str) -> list[str]:
    """Match a pattern as C's glob() does with its default flags: sorted, no leading dots by wildcard.

    A pattern without wildcards gives itself if it exists, else nothing.

    Raises:
        ReadError: a directory may not be listed, or it is not clear what the pattern means.
    """
    parts = pattern.split("/")
    absolute = pattern.startswith("/")
    found: Iterable[str] = ["/" if absolute else ""]
    for part in parts[1:] if absolute else parts:
        if not part:
            continue
        found = _step(host, found, part)
    return sorted((path for path in found if path), key=os.fsencode)


def _step(host: Host, bases: Iterable[str], part: str) -> list[str]:
    result = []
    if not has_wildcard(part):
        for base in bases:
            path = posixpath.join(base, part)
            if host.exists(path):
                result.append(path)
        return result
    try:
        for base in bases:
            for name in host.listdir(base or "."):
                if matches(part, name):
                    result.append(posixpath.join(base, name))
    except PatternError as error:
        raise ReadError(f"what this pattern matches is not clear: it has {error}") from None
    return result


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
    # To open a device can do things (a watchdog's starts the countdown), so it is looked at first.
    _refuse_odd(os.stat(path))
    # Non-blocking: a FIFO that nobody writes to must not hang the audit.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        info = os.fstat(descriptor)
        _refuse_odd(info)
        if stat.S_ISFIFO(info.st_mode):
            return _some(_read_all(descriptor, WRITER_SECONDS))
        return _read_all(descriptor)
    finally:
        os.close(descriptor)


def _read_regular(path: str, limit: int) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ReadError("it is not a regular file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            raise ReadError("it is not a regular file")
        if info.st_size > limit:
            raise _too_large(limit)
        # A file may grow, and those of /proc have no size.
        chunks: list[bytes] = []
        left = limit + 1
        while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
            chunks.append(chunk)
            left -= len(chunk)
        return _bounded(b"".join(chunks), limit)
    finally:
        os.close(descriptor)


def _bounded(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise _too_large(limit)
    return data


def _refuse_odd(info: os.stat_result) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise ReadError("it is a directory")
    if not stat.S_ISREG(info.st_mode) and not stat.S_ISFIFO(info.st_mode):
        raise ReadError("it is a device or socket, not a file")
    if info.st_size > MAX_BYTES:
        raise _too_large()


def _read_stdin() -> bytes:
    descriptor = os.dup(0)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISCHR(mode) and not os.isatty(descriptor):
            raise ReadError("it is a device or socket, not a file")
        if stat.S_ISREG(mode):
            return _read_all(descriptor)
        return _some(_read_all(descriptor, 0))
    finally:
        os.close(descriptor)


def _some(data: bytes) -> bytes:
    # `ssh ns1 named-checkconf -px | named-audit check -` with an ssh that failed must not look clean.
    if not data:
        raise ReadError(
            "nothing came through the pipe: nobody writes to it, or the command that should has failed"
        )
    return data


def _read_all(descriptor: int, writer_seconds: float | None = None) -> bytes:
    """Read to the end. With `writer_seconds`, a pipe: await its writer, the first one so long at most."""
    chunks: list[bytes] = []
    total = 0
    while True:
        try:
            chunk = os.read(descriptor, 1 << 20)
        except BlockingIOError:
            if writer_seconds is None:
                raise
            _await(descriptor, None)
            continue
        if not chunk:
            if not chunks and writer_seconds:
                _await(descriptor, writer_seconds)
                writer_seconds = 0
                continue
            return b"".join(chunks)
        total += len(chunk)
        if total > MAX_BYTES:
            raise _too_large()
        chunks.append(chunk)


def _await(descriptor: int, seconds: float | None) -> None:
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    poll.poll(None if seconds is None else seconds * 1000)


def _too_large(limit: int = MAX_BYTES) -> ReadError:
    return ReadError(f"it is larger than {limit >> 20} MiB")
