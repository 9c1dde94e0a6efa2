"""Where named keeps the zones that rndc has added: `VIEW.nzf` in new-zones-directory, or where it works."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from named_audit.globs import has_wildcard
from named_audit.host import Host, ReadError
from named_audit.model.config import Config, Setting, View
from named_audit.syntax.locate import Locator, ReadOptions

_YES = frozenset({"yes", "true", "1"})
_HASHED = frozenset("/\\ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""A view with one of these in its name has its file under a digest of the name (isc_file_sanitize)."""


def added_zone_files(config: Config, host: Host, options: ReadOptions) -> Iterator[tuple[View, str]]:
    """The files that are there, view by view.

    A named that was built with LMDB takes such a file over into a database of its own (`.nzd`), which is not read.
    """
    for view in config.views:
        allowed = config.view_setting(view, "allow-new-zones")
        if allowed.word not in _YES:
            continue
        locator = Locator(config.tree.root.path, host, options)
        locator.directory = Setting(config.options.statements.get("directory"), "options").argument
        folder = config.view_setting(view, "new-zones-directory").argument or ""
        for name in _names(view.name or "_default"):
            path = posixpath.join(folder, f"{name}.nzf")
            if has_wildcard(path) or locator.is_external(path):
                continue
            try:
                found = locator.find(path)
            except ReadError:
                continue
            if found:
                yield view, found[0]
                break


def _names(view: str) -> tuple[str, ...]:
    """What the file may be called, in the order in which named looks."""
    # Imported here: few servers let zones be added.
    import hashlib

    digest = hashlib.sha256(view.encode("utf-8", "surrogateescape")).hexdigest()
    plain = () if _HASHED & set(view) else (view,)
    return digest, digest[:16], *plain
