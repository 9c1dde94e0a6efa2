"""A revision of a git repository as a host: its files as they were, everything else as it is."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Callable

from named_audit.host import MAX_BYTES, Host, ReadError

_LINK, _FILE = "120000", "100"
_MOST_LINKS = 40
"""As many symbolic links in one path as Linux follows."""


class GitError(Exception):
    """git cannot say what a revision holds; the text is for people."""


class GitHost:
    """Files below the top of a repository come from a revision; paths outside it from another host.

    Raises:
        GitError: there is no git, no repository around the working directory, or no such revision.
    """

    def __init__(self, revision: str, base: Host) -> None:
        self.revision = revision
        self._base = base
        if revision.startswith("-") or "\0" in revision or not revision:
            raise GitError(f"{revision[:80]!r} is not a revision")
        self._cwd = base.realpath(base.cwd())
        self._top = self._say("rev-parse", "--show-toplevel").rstrip("\n")
        commit = self._say(
            "rev-parse",
            "--verify",
            "--quiet",
            f"{revision}^{{commit}}",
            missing=f"there is no revision {revision[:80]!r}",
        )
        self._entries: dict[str, tuple[str, str]] = {"": ("040000", "")}
        self._names: dict[str, list[str]] = {"": []}
        for entry in self._say("ls-tree", "-r", "-z", "--full-tree", commit.strip()).split("\0"):
            if entry:
                head, _, path = entry.partition("\t")
                mode, _, name = head.split(" ")
                self._add(path, mode, name)

    def read(self, path: str) -> bytes:
        """See `Host.read`."""
        inside = self._inside(path)
        return self._base.read(path) if inside is None else self._blob(inside, MAX_BYTES)

    def read_regular(self, path: str, limit: int) -> bytes:
        """See `Host.read_regular`."""
        inside = self._inside(path)
        return self._base.read_regular(path, limit) if inside is None else self._blob(inside, limit)

    def exists(self, path: str) -> bool:
        """See `Host.exists`. The repository's own `.git` is there in every revision."""
        return self._ask(path, lambda inside: inside in self._entries or inside == ".git", self._base.exists)

    def is_dir(self, path: str) -> bool:
        """See `Host.is_dir`."""
        return self._ask(path, lambda inside: inside in self._names, self._base.is_dir)

    def listdir(self, path: str) -> list[str]:
        """See `Host.listdir`."""
        inside = self._inside(path)
        return self._base.listdir(path) if inside is None else sorted(self._names.get(inside, []))

    def realpath(self, path: str) -> str:
        """See `Host.realpath`."""
        full, _ = self._resolve(path)
        return full

    def cwd(self) -> str:
        """See `Host.cwd`."""
        return self._cwd

    def named_version(self) -> str | None:
        """See `Host.named_version`."""
        return self._base.named_version()

    def _ask(self, path: str, here: Callable[[str], bool], elsewhere: Callable[[str], bool]) -> bool:
        inside = self._inside(path)
        return elsewhere(path) if inside is None else here(inside)

    def _inside(self, path: str) -> str | None:
        """The path from the repository's top, its links followed; None for a path outside."""
        return self._resolve(path)[1]

    def _resolve(self, path: str) -> tuple[str, str | None]:
        """The absolute path without links, and the same from the top if it lies below it."""
        full = posixpath.normpath(posixpath.join(self._cwd, path))
        for _ in range(_MOST_LINKS):
            inside = self._below(full)
            if inside is None:
                # Outside, the machine's own links count; they may lead in.
                real = self._base.realpath(full)
                inside = self._below(real)
                if inside is None:
                    return real, None
                full = real
            target = self._link(inside)
            if target is None:
                return full, inside
            full = target
        return full, self._below(full)

    def _below(self, full: str) -> str | None:
        if full == self._top:
            return ""
        prefix = self._top.rstrip("/") + "/"
        return full[len(prefix) :] if full.startswith(prefix) else None

    def _link(self, inside: str) -> str | None:
        """Where the first link on a path leads, with the rest of the path behind it; None if there is none."""
        parts = inside.split("/")
        for number in range(1, len(parts) + 1):
            at = "/".join(parts[:number])
            entry = self._entries.get(at)
            if entry is not None and entry[0] == _LINK:
                target = os.fsdecode(self._object(entry[1], 4096))
                folder = posixpath.join(self._top, *parts[: number - 1])
                return posixpath.normpath(posixpath.join(folder, target, *parts[number:]))
        return None

    def _add(self, path: str, mode: str, name: str) -> None:
        self._entries[path] = (mode, name)
        while path:
            parent, _, last = path.rpartition("/")
            known = parent in self._names
            self._names.setdefault(parent, []).append(last)
            if parent and not known:
                self._entries[parent] = ("040000", "")
                path = parent
            else:
                return

    def _blob(self, inside: str, limit: int) -> bytes:
        entry = self._entries.get(inside)
        if entry is None:
            raise ReadError(f"no such file in {self.revision}", missing=True)
        if not entry[0].startswith(_FILE):
            raise ReadError(
                "it is a directory" if inside in self._names else "it is no file of this repository"
            )
        return self._object(entry[1], limit)

    def _object(self, name: str, limit: int) -> bytes:
        size = self._git("cat-file", "-s", name).stdout
        if not size.strip().isdigit() or int(size) > limit:
            raise ReadError(f"it is larger than {limit >> 10} KiB")
        ran = self._git("cat-file", "blob", name)
        if ran.returncode != 0:
            raise ReadError(f"git has lost it in {self.revision}")
        return ran.stdout

    def _say(self, *arguments: str, missing: str = "") -> str:
        ran = self._git(*arguments)
        if ran.returncode != 0:
            said = os.fsdecode(ran.stderr).strip().splitlines()
            raise GitError(missing or (said[-1][:200] if said else "git failed"))
        return os.fsdecode(ran.stdout)

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # Nothing is fetched, and nothing that the repository's own settings name is run: only plumbing that reads.
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
        try:
            return subprocess.run(
                ["git", "-C", self._cwd, *arguments],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                env=environment,
                check=False,
                timeout=120,
            )
        except FileNotFoundError:
            raise GitError("there is no git on this machine") from None
        except subprocess.TimeoutExpired:
            raise GitError("git does not answer") from None
