"""Where an include leads: relative paths, --sysroot, --map, checkouts, globs and files declared external."""

import posixpath
from typing import NamedTuple

from named_audit.globs import PatternError, has_wildcard, matches
from named_audit.host import Host, glob_paths
from named_audit.release import Release

SYSTEM_TREES = ("/etc/", "/usr/", "/var/named/", "/var/bind/")


class ReadOptions(NamedTuple):
    """How a configuration is read."""

    release: Release | None = None
    sysroot: str | None = None
    maps: tuple[tuple[str, str], ...] = ()
    external: tuple[str, ...] = ()


class Locator:
    """Turns the paths of one root's includes into paths that can be read.

    `directory` is what `options { directory }` has said so far: named changes its working directory while it
    parses, so later relative includes start there.
    """

    def __init__(self, root: str, host: Host, options: ReadOptions) -> None:
        self._host = host
        self._options = options
        self._here = "" if root.startswith("/") else host.cwd().rstrip("/") + "/"
        self._root_dir = posixpath.dirname(posixpath.normpath(posixpath.join(host.cwd(), root)))
        self._piped = root == "-" or root.startswith("/dev/")
        self.directory: str | None = None
        self.notes: list[str] = []

    def is_external(self, path: str) -> bool:
        """Whether the settings say that this include is deliberately not here."""
        full = posixpath.join(self.directory or "", path)
        candidates = {posixpath.normpath(path), posixpath.normpath(full)}
        return any(_declares(pattern, each) for pattern in self._options.external for each in candidates)

    def find(self, path: str) -> list[str]:
        """The files that an include of this path reads, in the order in which named reads them.

        Empty where nothing matches. Globs work from BIND 9.17 on; named stacks the sorted matches, so that
        the last is read first.

        Raises:
            ReadError: it cannot be said which files these are.
        """
        release = self._options.release
        globs = release is None or release.at_least(9, 17)
        for candidate in self._candidates(path):
            if globs and has_wildcard(path):
                found = glob_paths(self._host, candidate)
                if found:
                    return found[::-1]
            elif self._host.exists(candidate):
                return [candidate]
        return []

    def place(self, path: str) -> str:
        """The most likely path of an include that was not found, for the message."""
        return self.shown(self._candidates(path)[0])

    def shown(self, path: str) -> str:
        """A path for people: if the root was given as a relative path, so are files below the working directory."""
        below = path.removeprefix(self._here)
        return path if below.startswith("/") else below

    def _candidates(self, path: str) -> list[str]:
        full = path if path.startswith("/") else None
        if full is None and self.directory is not None:
            full = posixpath.join(self.directory, path)
        if full is None or not full.startswith("/"):
            # No absolute `directory` yet: named starts from where it was started. In a checkout that is
            # hardly ever the right place, and the root's own folder is.
            relative = full or path
            return [posixpath.join(self._host.cwd(), relative), posixpath.join(self._root_dir, relative)]
        mapped = self._map(full)
        if mapped is not None:
            return [mapped]
        if self._options.sysroot is not None:
            return [posixpath.join(self._options.sysroot, full.lstrip("/"))]
        if self._piped:
            return [full]
        return self._on_server(full)

    def _map(self, full: str) -> str | None:
        best: tuple[str, str] | None = None
        for source, target in self._options.maps:
            prefix = source.rstrip("/")
            inside = full == prefix or full.startswith(prefix + "/")
            if inside and (best is None or len(prefix) > len(best[0])):
                best = (prefix, target)
        if best is None:
            return None
        return posixpath.join(best[1], full[len(best[0]) :].lstrip("/")) if full != best[0] else best[1]

    def _on_server(self, full: str) -> list[str]:
        """Where a file lies that is at an absolute path on the server.

        A root in one of the system's own trees is a server's: there, paths mean what they say. Elsewhere the
        tree around the root may mirror the server's (R/../../etc/bind/x for /etc/bind/x), or the files lie
        beside the root (R/x, R/zones/x for /etc/bind/zones/x; the longest tail that exists wins). What is
        taken is noted. A chroot (/var/named/chroot/etc/named.conf) mirrors the server's tree anywhere.

        Where the root's own place shows that the tree is a mirror, and in a repository, the literal path is not
        tried: a file that was deleted from a checkout must not be made up for by the one in this machine's
        /etc/bind. Elsewhere a path that exists means what it says.
        """
        folder = self._root_dir
        installed = (folder + "/").startswith(SYSTEM_TREES)
        bases = [base for base in _upwards(folder) if not installed or posixpath.basename(base) == "chroot"]
        for base in bases:
            if self._there(base + full):
                return self._noted("/", base, base + full)
        if installed:
            return [full]
        parts = full.strip("/").split("/")
        for kept in range(len(parts) - 1, 0, -1):
            mirrored = "/" + "/".join(parts[:kept])
            if folder.endswith(mirrored):
                return [folder.removesuffix(mirrored) + full]
        repository = any(self._host.exists(posixpath.join(base, ".git")) for base in bases)
        if not repository and self._there(full):
            return [full]
        # A bare pattern (*.conf) would match whatever lies beside the root, and the root itself.
        last = len(parts) - 1 if has_wildcard(parts[-1]) else len(parts)
        for cut in range(1, last):
            candidate = posixpath.join(folder, *parts[cut:])
            if self._there(candidate):
                return self._noted("/" + "/".join(parts[:cut]), folder, candidate)
        return [posixpath.join(folder, *parts[-2:])] if repository else [full]

    def _noted(self, literal: str, base: str, candidate: str) -> list[str]:
        note = f"includes from {literal} are read from {posixpath.relpath(base, self._host.cwd())}"
        if note not in self.notes:
            self.notes.append(note)
        return [candidate]

    def _there(self, candidate: str) -> bool:
        if has_wildcard(candidate):
            return bool(glob_paths(self._host, candidate))
        return self._host.exists(candidate) and not self._host.is_dir(candidate)


def _declares(pattern: str, path: str) -> bool:
    """Whether a pattern of the settings means a path: no wildcard matches a slash."""
    pattern = posixpath.normpath(pattern)
    if pattern == path:
        return True
    parts, names = pattern.split("/"), path.split("/")
    try:
        return len(parts) == len(names) and all(
            matches(part, name, period=False) for part, name in zip(parts, names, strict=True)
        )
    except PatternError:
        return False


def _upwards(folder: str) -> list[str]:
    """The folder and its parents, without the file system's root."""
    found = []
    while folder not in ("", "/"):
        found.append(folder)
        folder = posixpath.dirname(folder)
    return found
