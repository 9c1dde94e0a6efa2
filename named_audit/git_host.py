"""A revision of a git repository as a host: its files as they were, everything else as it is."""

from __future__ import annotations

import os
import posixpath
from typing import IO, TYPE_CHECKING

from named_audit.host import MAX_BYTES, FileState, Host, ReadError

if TYPE_CHECKING:
    import subprocess

_LINK, _FILE, _FOLDER, _SUBMODULE = "120000", "100", "040000", "160000"
_MOST_LINKS = 40
"""As many symbolic links in one path as Linux follows."""
_LONGEST_LINK = 4096

_OF_ANOTHER_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_INDEX_FILE")
"""What a hook hands down. With these set, git takes the working directory for the top of the repository."""


class GitError(Exception):
    """git cannot say what a revision holds; the text is for people."""


def inside_repository(folder: str) -> bool:
    """Whether a folder lies in the working tree of a repository; False where there is no git, too."""
    import subprocess

    try:
        ran = subprocess.run(
            ["git", "-C", folder or ".", "rev-parse", "--is-inside-work-tree"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=_environment(),
            check=False,
            timeout=120,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    return ran.stdout.strip() == b"true"


class GitHost:
    """Files below the top of a repository come from a revision; paths outside it from another host.

    Leave the block, or `close` it, to end the git that hands out the files.

    Raises:
        GitError: there is no git, no repository around the folder (None: the working directory), or no such revision.
    """

    def __init__(self, revision: str, base: Host, folder: str | None = None) -> None:
        self.revision = revision
        self._base = base
        self._objects: subprocess.Popen[bytes] | None = None
        if revision.startswith("-") or "\0" in revision or not revision:
            raise GitError(f"{revision[:80]!r} is not a revision")
        self._cwd = base.realpath(base.cwd())
        self._folder = base.realpath(folder) if folder is not None else self._cwd
        self.top = self._say("rev-parse", "--show-toplevel").removesuffix("\n")
        commit = self._say(
            "rev-parse",
            "--verify",
            "--quiet",
            f"{revision}^{{commit}}",
            missing=f"there is no revision {revision[:80]!r}",
        ).strip()
        if not commit.isalnum():  # "^HEAD" is one to git: what is not reachable from HEAD
            raise GitError(f"{revision[:80]!r} is not a revision")
        self._entries: dict[str, tuple[str, str]] = {"": (_FOLDER, "")}
        self._names: dict[str, list[str]] = {"": []}
        self._submodules: list[str] = []
        for entry in self._say("ls-tree", "-r", "-z", "--full-tree", commit).split("\0"):
            if entry:
                head, _, path = entry.partition("\t")
                mode, _, name = head.split(" ")
                self._add(path, mode, name)
                if mode == _SUBMODULE:
                    self._submodules.append(path + "/")

    def close(self) -> None:
        """End the git that hands out the files; the next question starts another one."""
        process, self._objects = self._objects, None
        if process is not None:
            process.kill()
            process.communicate()

    def holds(self, path: str) -> bool:
        """Whether a path lies in the repository, be it in this revision or not."""
        return self._inside(path) is not None

    def read(self, path: str) -> bytes:
        """See `Host.read`."""
        full, inside = self._resolve(path)
        return self._base.read(full) if inside is None else self._blob(inside, MAX_BYTES)

    def read_regular(self, path: str, limit: int) -> bytes:
        """See `Host.read_regular`."""
        full, inside = self._resolve(path)
        return self._base.read_regular(full, limit) if inside is None else self._blob(inside, limit)

    def exists(self, path: str) -> bool:
        """See `Host.exists`. The repository's own `.git` is there in every revision.

        What may lie in a submodule is said to be there, so that reading it can say that it is not known.
        """
        full, inside = self._resolve(path, follow_last=False)
        if inside is None:
            return self._base.exists(full)
        return self._mode(inside) is not None or inside == ".git"

    def is_dir(self, path: str) -> bool:
        """See `Host.is_dir`."""
        full, inside = self._resolve(path)
        if inside is None:
            return self._base.is_dir(full)
        return inside in self._entries and self._mode(inside) in (_FOLDER, _SUBMODULE)

    def listdir(self, path: str) -> list[str]:
        """See `Host.listdir`. What a submodule holds is not known, and so is not nothing."""
        full, inside = self._resolve(path)
        if inside is None:
            return self._base.listdir(full)
        if self._mode(inside) == _SUBMODULE:
            raise ReadError(f"what a submodule holds is not in {self.revision}")
        return sorted(self._names.get(inside, []))

    def realpath(self, path: str) -> str:
        """See `Host.realpath`."""
        return self._resolve(path)[0]

    def cwd(self) -> str:
        """See `Host.cwd`."""
        return self._cwd

    def named_version(self) -> str | None:
        """See `Host.named_version`."""
        return self._base.named_version()

    def state(self, path: str) -> FileState | None:
        """See `Host.state`: a revision knows no owners, and of modes only what may be executed."""
        return None

    def now(self) -> float:
        """See `Host.now`."""
        return self._base.now()

    def _inside(self, path: str) -> str | None:
        """The path from the repository's top, its links followed; None for a path outside."""
        return self._resolve(path)[1]

    def _resolve(self, path: str, *, follow_last: bool = True) -> tuple[str, str | None]:
        """The absolute path without links, and the same from the top if it lies below it.

        As the system does it: ".." leads up from where a link has led to.
        """
        if path.startswith(("/dev/", "/proc/")):
            return path, None  # a pipe's name says nothing once it is resolved
        pending = posixpath.join(self._cwd, path).split("/")[::-1]
        at = "/"
        links = 0
        while pending:
            part = pending.pop()
            if part in ("", "."):
                continue
            if part == "..":
                at = posixpath.dirname(at)
                continue
            at = posixpath.join(at, part)
            last = not any(each not in ("", ".") for each in pending)
            if last and not follow_last:
                break
            target = self._target(at)
            if target is None:
                continue
            links += 1
            if links > _MOST_LINKS:
                at = posixpath.join(at, *pending[::-1])
                break
            pending.extend(target.split("/")[::-1])
            at = "/" if target.startswith("/") else posixpath.dirname(at)
        return at, self._below(at)

    def _target(self, at: str) -> str | None:
        """Where the symbolic link at a path leads; None if there is none."""
        inside = self._below(at)
        if inside is not None:
            entry = self._entries.get(inside)
            if entry is None or entry[0] != _LINK:
                return None
            return os.fsdecode(self._object(entry[1], _LONGEST_LINK))
        if self.top.startswith(at.rstrip("/") + "/"):
            return None
        # Outside, the machine's own links count; they may lead in.
        real = self._base.realpath(at)
        return real if real != at else None

    def _below(self, full: str) -> str | None:
        if full == self.top:
            return ""
        prefix = self.top.rstrip("/") + "/"
        return full[len(prefix) :] if full.startswith(prefix) else None

    def _mode(self, inside: str) -> str | None:
        entry = self._entries.get(inside)
        if entry is None and any(inside.startswith(submodule) for submodule in self._submodules):
            return _SUBMODULE
        return entry[0] if entry is not None else None

    def _add(self, path: str, mode: str, name: str) -> None:
        self._entries[path] = (mode, name)
        while path:
            parent, _, last = path.rpartition("/")
            known = parent in self._names
            self._names.setdefault(parent, []).append(last)
            if known or not parent:
                return
            self._entries[parent] = (_FOLDER, "")
            path = parent

    def _blob(self, inside: str, limit: int) -> bytes:
        mode = self._mode(inside)
        if mode is None:
            raise ReadError(f"no such file in {self.revision}", missing=True)
        if mode == _FOLDER:
            raise ReadError("it is a directory")
        if mode == _SUBMODULE:
            raise ReadError(f"what a submodule holds is not in {self.revision}")
        if mode == _LINK:
            raise ReadError("its symbolic links form a loop")
        if not mode.startswith(_FILE):
            raise ReadError("it is no file of this repository")
        return self._object(self._entries[inside][1], limit)

    def _object(self, name: str, limit: int) -> bytes:
        process = self._objects
        if process is None:
            process = self._objects = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(os.fsencode(name) + b"\n")
            process.stdin.flush()
            head = process.stdout.readline().split()
            if len(head) != 3 or head[1] != b"blob" or not head[2].isdigit():
                self.close()
                raise ReadError(f"git has lost it in {self.revision}")
            size = int(head[2])
            if size > limit:
                self.close()
                raise ReadError(f"it is larger than {limit >> 10} KiB")
            data = _exactly(process.stdout, size)
        except OSError:
            self.close()
            raise GitError("git has ended before its time") from None
        if data is None or process.stdout.read(1) != b"\n":
            self.close()
            raise GitError("git has ended before its time")
        return data

    def _say(self, *arguments: str, missing: str = "") -> str:
        import subprocess

        try:
            ran = subprocess.run(
                self._command(*arguments),
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env=_environment(),
                check=False,
                timeout=120,
            )
        except OSError:
            raise GitError("there is no git on this machine") from None
        except subprocess.TimeoutExpired:
            raise GitError("git does not answer") from None
        if ran.returncode != 0:
            said = os.fsdecode(ran.stderr).strip().splitlines()
            raise GitError(missing or (said[-1][:200] if said else "git failed"))
        return os.fsdecode(ran.stdout)

    def _start(self) -> subprocess.Popen[bytes]:
        import subprocess

        try:
            return subprocess.Popen(
                self._command("cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        except OSError:
            raise GitError("there is no git on this machine") from None

    def _command(self, *arguments: str) -> list[str]:
        return ["git", "-C", self._folder, *arguments]


def _environment() -> dict[str, str]:
    # Nothing is fetched, and nothing that the repository's own settings name is run: only plumbing that reads. A git
    # that does not know GIT_NO_LAZY_FETCH (before 2.39.4) still may not use any transport.
    kept = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    return kept | {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "LC_ALL": "C",
    }


def _exactly(stream: IO[bytes], size: int) -> bytes | None:
    data = stream.read(size)
    return data if len(data) == size else None
