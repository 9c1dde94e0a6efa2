"""What the machine says of the files that a configuration is made of and names: modes, owners, age, neighbours."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from named_audit.globs import has_wildcard
from named_audit.host import FileState, Host, ReadError
from named_audit.model.config import Config
from named_audit.syntax.locate import Locator, ReadOptions
from named_audit.syntax.source import Source, Span
from named_audit.syntax.words import Word

NAMED = frozenset({"named", "bind", "_bind", "_named"})
"""What distributions and the BSDs call the account, and the group, that named runs as."""

ADMINISTRATORS = frozenset({"root", "wheel"})

MAX_BYTES = 1 << 20
"""The largest certificate, key or forgotten copy that is looked into."""


class Files:
    """The files of one root, on the machine on which named reads them."""

    def __init__(self, config: Config, host: Host, options: ReadOptions) -> None:
        self._config = config
        self._host = host
        self._locator = Locator(config.tree.root.path, host, options)
        directory = config.options.statements.get("directory")
        pieces = directory.pieces if directory is not None else ()
        if len(pieces) > 1 and isinstance(pieces[1], Word):
            self._locator.directory = pieces[1].value
        self._reached: dict[str, bool] = {}

    @property
    def sources(self) -> Iterator[tuple[Source, Span]]:
        """The files that the configuration was read from, each with the place that names it: the root, its beginning."""
        root = self._config.tree.root
        for source in self._config.tree.sources:
            if not source.real_path.startswith(("-", "/dev/", "/proc/")):
                yield source, source.included_at or Span(root, 0, 0)

    def state(self, path: str) -> FileState | None:
        """Modes and owners; None where nothing is, or where that is not known."""
        return self._host.state(path)

    def readable_by_all(self, path: str) -> bool:
        """Whether any account of the machine can read what is a file, by its mode and by those of the folders above it."""
        state = self._host.state(path)
        return state is not None and state.is_file and bool(state.mode & 0o004) and self.reached_by_all(path)

    def reached_by_all(self, path: str) -> bool:
        """Whether any account can get as far as a file: through all the folders above it."""
        folder = posixpath.dirname(path)
        known = self._reached.get(folder)
        if known is None:
            states = (self._host.state(above) for above in self.folders(path))
            known = self._reached[folder] = all(state is None or state.mode & 0o001 for state in states)
        return known

    def folders(self, path: str) -> Iterator[str]:
        """The folders above a path, the nearest first."""
        folder = posixpath.dirname(path)
        while folder not in ("", "/"):
            yield folder
            folder = posixpath.dirname(folder)
        yield "/"

    def find(self, path: str) -> str | None:
        """Where a file lies that a statement names; None where there is none, or where that cannot be said."""
        if has_wildcard(path) or self._locator.is_external(path):
            return None
        try:
            found = self._locator.find(path)
        except ReadError:
            return None
        return self._host.realpath(found[0]) if found else None

    def is_external(self, path: str) -> bool:
        """Whether the settings declare the file to be elsewhere."""
        return self._locator.is_external(path)

    def read(self, path: str) -> bytes | None:
        """What is in a file; None where it cannot be read, or is too large."""
        try:
            return self._host.read_regular(path, MAX_BYTES)
        except ReadError:
            return None

    def beside(self, path: str) -> tuple[str, ...]:
        """The paths of the other entries of the folder that a file is in; none where it may not be listed."""
        folder, name = posixpath.split(path)
        try:
            return tuple(posixpath.join(folder, each) for each in self._host.listdir(folder) if each != name)
        except ReadError:
            return ()
