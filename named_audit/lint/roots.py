"""Which files are roots: given paths, the settings' roots, the usual places, and fragments."""

import posixpath
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from named_audit.host import Host, ReadError
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem

USUAL_PLACES = (
    "/etc/bind/named.conf",
    "/etc/named.conf",
    "/var/named/chroot/etc/named.conf",
    "/usr/local/etc/namedb/named.conf",
)

_ROOT_NAME = "named.conf"
_LEVELS_UP = 6


class Root(NamedTuple):
    """A root to audit, read. A fragment is a file that no root was found for."""

    path: str
    config: Config
    fragment: bool = False


class Roots(NamedTuple):
    """What the given paths led to. The lists grow while `Finder` works."""

    roots: list[Root]
    problems: list[Problem]


Mode = Literal["auto", "root", "fragment"]


class Finder:
    """Finds and reads roots; each file is read as a root at most once."""

    def __init__(
        self, host: Host, options: ReadOptions, configured: Sequence[str] = (), mode: Mode = "auto"
    ) -> None:
        self._host = host
        self._options = options
        self._configured = tuple(configured)
        self._mode = mode
        self._read: dict[str, Config] = {}

    def find(self, paths: Sequence[str]) -> Roots:
        """Turn the paths of a command line into roots, each one once, in the order given."""
        found = Roots([], [])
        if not paths:
            self._without_paths(found)
        for path in paths:
            self._path(path, found)
        unique: dict[str, Root] = {}
        for root in found.roots:
            unique.setdefault(self._host.realpath(root.path) if root.path != "-" else "-", root)
        return found._replace(roots=list(unique.values()))

    def configured(self) -> Roots:
        """The roots of the settings: for `named-audit-roots`, which is given no paths."""
        found = Roots([], [])
        for path in self._configured:
            self._add_root(path, found)
        return found

    def _without_paths(self, found: Roots) -> None:
        if self._configured:
            self._copy(self.configured(), found)
            return
        places = [place for place in USUAL_PLACES if self._host.exists(place)]
        if not places:
            tried = ", ".join(USUAL_PLACES)
            message = f"no configuration given and none found in the usual places ({tried})"
            found.problems.append(Problem("read", message, "named.conf"))
            return
        self._add_root(places[0], found)

    def _copy(self, other: Roots, found: Roots) -> None:
        found.roots.extend(other.roots)
        found.problems.extend(other.problems)

    def _path(self, path: str, found: Roots) -> None:
        if path == "-" or path.startswith(("/dev/", "/proc/")):
            self._add_root(path, found)  # a pipe is read once, and it has no neighbours
        elif self._host.is_dir(path):
            self._directory(path, found)
        elif not self._host.exists(path):
            found.problems.append(Problem("read", f"cannot read {shorten(path, 200)}: no such file", path))
        elif self._mode == "root":
            self._add_root(path, found)
        elif self._mode == "fragment":
            found.roots.append(Root(path, self._load(path), True))
        else:
            self._file(path, found)

    def _file(self, path: str, found: Roots) -> None:
        real = self._host.realpath(path)
        configured = [root for root in self._configured if real in self._reach(root)]
        if configured:
            for root in configured:
                self._add_root(root, found)
            return
        candidates = self._configured or tuple(self._above(path))
        if not self._configured:
            for candidate in candidates:
                if real in self._reach(candidate):
                    self._add_root(candidate, found)
                    return
        config = self._load(path)
        if (
            config.options_statement is not None
            or posixpath.basename(path) == _ROOT_NAME
            or _unreadable(config)
        ):
            self._add_root(path, found)
        else:
            found.roots.append(Root(path, config, True))
            # What could not be read may be the root of this fragment, and then everything around it is not known.
            for candidate in candidates:
                found.problems.extend(p for p in self._load(candidate).problems if p.kind != "argument")

    def _above(self, path: str) -> Iterable[str]:
        """`named.conf` beside the file and in the directories above it, up to the top of the repository."""
        folder = posixpath.dirname(path)
        full = posixpath.normpath(posixpath.join(self._host.cwd(), folder))
        for level in range(_LEVELS_UP):
            shown = posixpath.join(folder, *[".."] * level) if level else folder
            candidate = posixpath.normpath(posixpath.join(shown, _ROOT_NAME))
            if self._host.exists(candidate) and self._host.realpath(candidate) != self._host.realpath(path):
                yield candidate
            if full == "/" or self._host.exists(posixpath.join(full, ".git")):
                return
            full = posixpath.dirname(full)

    def _directory(self, path: str, found: Roots) -> None:
        roots = self._roots_below(path, found)
        if not roots and not found.problems:
            message = f"no root found in {shorten(path, 200)}: no named.conf, and no *.conf with an options statement"
            found.problems.append(Problem("read", message, path))
        for root in roots:
            self._add_root(root, found)

    def _roots_below(self, path: str, found: Roots) -> list[str]:
        named: list[str] = []
        others: list[str] = []
        seen: set[str] = set()
        pending = [path]
        while pending:
            folder = pending.pop()
            real = self._host.realpath(folder)
            if real in seen:
                continue
            seen.add(real)
            below = []
            try:
                names = self._host.listdir(folder)
            except ReadError as error:
                found.problems.append(
                    Problem("read", f"cannot read {shorten(folder, 200)}: {error.reason}", folder)
                )
                continue
            for name in names:
                full = posixpath.join(folder, name)
                if self._host.is_dir(full):
                    if not name.startswith("."):
                        below.append(full)
                elif name == _ROOT_NAME:
                    named.append(full)
                elif name.endswith(".conf"):
                    others.append(full)
            pending.extend(reversed(below))
        if self._configured:
            inside = self._host.realpath(path).rstrip("/") + "/"
            return [
                root for root in self._configured if self._host.realpath(root).startswith(inside)
            ] or named
        reached = {real for root in named for real in self._reach(root)}
        for other in others:
            config = self._load(other)
            alone = self._host.realpath(other) not in reached
            if alone and (config.options_statement is not None or _unreadable(config)):
                named.append(other)
        return named

    def _add_root(self, path: str, found: Roots) -> None:
        found.roots.append(Root(path, self._load(path)))

    def _load(self, path: str) -> Config:
        config = self._read.get(path)
        if config is None:
            config = self._read[path] = load_config(path, self._host, self._options)
        return config

    def _reach(self, root: str) -> set[str]:
        return {source.real_path for source in self._load(root).tree.sources}


def _unreadable(config: Config) -> bool:
    """Whether the file could not be read well enough to say that it is no root."""
    kinds = ("read", "template", "rndc", "syntax", "limit")
    return any(problem.kind in kinds for problem in config.problems)
