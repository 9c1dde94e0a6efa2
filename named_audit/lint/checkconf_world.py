"""How a named-checkconf is started on a root: where it lies, in its chroot, or on a copy where it can be read at all."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from named_audit.globs import has_wildcard
from named_audit.host import Host
from named_audit.model.config import Config
from named_audit.process import Runner
from named_audit.release import parse_release
from named_audit.syntax.locate import SYSTEM_TREES, ReadOptions
from named_audit.syntax.source import Source, Span
from named_audit.syntax.tree import Tree
from named_audit.syntax.words import Word

_OPTIONS_HEAD = "options"


class Checker(NamedTuple):
    """A named-checkconf that was asked for."""

    program: str
    version: str
    """What it calls itself, for instance "9.18.49-1~deb12u3-Debian"."""
    run: Runner
    may_chroot: bool = False
    """Whether this process may change its root, for `-t`."""
    on_disk: bool = True
    """Whether it sees the files that were read; those of an example are in memory."""
    foreign: bool = False
    """Whether it is of another release line than the one that is judged for: nothing it refuses counts against that."""

    @property
    def release(self) -> str:
        """The release without what a vendor adds."""
        return self.version.split("-", 1)[0].split("+", 1)[0]

    @property
    def options(self) -> tuple[str, ...]:
        """What it is always given: by itself it loads the plugins that a configuration names, which is to run them."""
        return ("-c",) if parse_release(self.version).at_least(9, 13, 5) else ()


class World(NamedTuple):
    """What a named-checkconf is given, and what the files are called there.

    `names` has the name that it prints -> the file; `written` has names that stand for paths in a copy.
    """

    arguments: tuple[str, ...]
    cwd: str
    files: Mapping[str, bytes] | None
    names: Mapping[str, Source]
    written: Mapping[str, str]
    copied: str | None = None
    """Why it is a copy; None where the file is read in its own place."""


def find_world(config: Config, host: Host, options: ReadOptions, checker: Checker) -> World:
    """Where a root can be read as named would read it.

    In its own place, if all includes were found where named looks for them; in a chroot, if this process may enter it.
    Else (a checkout, a pipe, a directory that this machine does not have) it is a copy of what was read, where
    includes and `directory` lead to the copies.
    """
    tree = config.tree
    root = tree.root
    if root.path in ("-", "<stdin>") or root.path.startswith(("/dev/", "/proc/")):
        return _copy(tree, "it came through a pipe")
    if not checker.on_disk:
        return _copy(tree, "it is not on the disk")
    if tree.missing:
        # A device, a loop or a file that may not be read: what held us up must not hold it up.
        return _copy(tree, "not all of its includes can be read")
    if any(re.search(_ODD, name) for name in _paths(tree)):
        return _copy(tree, "the name of a file looks like a place in one")
    if tree.external:
        return _copy(tree, "includes of it are declared external and left empty there")
    if options.maps:
        return _copy(tree, "--map says where its includes lie")
    full = posixpath.join(host.cwd(), root.path)
    base = _base(full, options, host)
    directory = _directory(config)
    folder = posixpath.dirname(full)
    installed = options.sysroot is None and (folder + "/").startswith(SYSTEM_TREES)
    if base:
        if not checker.may_chroot:
            return _copy(tree, f"only root may enter {base}")
        inner = "/" + posixpath.relpath(full, base)
        folder = posixpath.dirname(inner)
        if not _literal(tree, host, base, folder):
            return _copy(tree, f"its includes do not lie in {base}")
        if not installed and not _is_there(host, base, folder, directory):
            return _copy(tree, f"{base} has no {directory}")
        return World(("-t", base, inner), "/", None, _names(tree, inner), {})
    starts = [folder] if installed else [folder, host.cwd()]
    literal = [start for start in starts if _literal(tree, host, "", start)]
    if not literal:
        return _copy(tree, "its includes do not lie where named looks for them")
    there = [start for start in literal if installed or _is_there(host, "", start, directory)]
    if not there:
        return _copy(tree, f"there is no {directory} here")
    return World((full,), there[0], None, _names(tree, full), {})


_ODD = r":[0-9]+:|[\r\n]"
"""What would be taken for the end of a file's name in a message."""


def _paths(tree: Tree) -> Iterator[str]:
    for source in tree.sources:
        yield source.path
        yield source.real_path
    for inclusion in tree.inclusions:
        yield inclusion.path


def _base(full: str, options: ReadOptions, host: Host) -> str | None:
    """The directory that is named's root, if it is not this machine's."""
    if options.sysroot is not None:
        base = posixpath.normpath(posixpath.join(host.cwd(), options.sysroot))
        return base if full.startswith(base.rstrip("/") + "/") and base != "/" else None
    head, chroot, _ = full.rpartition("/chroot/")
    return head + chroot[:-1] if chroot else None


def _directory(config: Config) -> str | None:
    statement = config.options.statements.get("directory")
    pieces = statement.pieces if statement is not None else ()
    return pieces[1].value if len(pieces) == 2 and isinstance(pieces[1], Word) else None


def _is_there(host: Host, base: str, start: str, directory: str | None) -> bool:
    return directory is None or host.is_dir(base + posixpath.join(start, directory))


def _literal(tree: Tree, host: Host, base: str, start: str) -> bool:
    """Whether every include was read from where named finds it that is started in `start`."""
    for inclusion in tree.inclusions:
        path = posixpath.join(start, inclusion.directory or "", inclusion.path)
        pattern = has_wildcard(inclusion.path)
        # A pattern is as right as the folder that it was tried in.
        literal = host.realpath(base + (posixpath.dirname(path) if pattern else path))
        for source in inclusion.sources:
            found = posixpath.dirname(source.real_path) if pattern else source.real_path
            if found != literal:
                return False
    return True


def _names(tree: Tree, root: str) -> dict[str, Source]:
    names = {root: tree.root}
    for inclusion in tree.inclusions:
        if len(inclusion.sources) == 1:
            names.setdefault(inclusion.path, inclusion.sources[0])
        for source in inclusion.sources:
            # What glob() makes of a pattern: its folder as it is written.
            written = posixpath.join(posixpath.dirname(inclusion.path), posixpath.basename(source.real_path))
            names.setdefault(written, source)
    return names


def _copy(tree: Tree, why: str) -> World:
    numbers = {source.real_path: number for number, source in enumerate(tree.sources)}
    written: dict[str, str] = {}
    edits: dict[str, dict[int, tuple[int, str]]] = {}
    for span, text in (*_includes(tree, numbers, written), *_directories(tree)):
        # No line moves.
        lines = span.text.count("\n")
        edits.setdefault(span.source.real_path, {}).setdefault(span.start, (span.end, text + "\n" * lines))
    names = {_name(number): source for number, source in enumerate(tree.sources)}
    files = {
        name: _edited(source, edits.get(source.real_path, {})).encode("utf-8", "surrogateescape")
        for name, source in names.items()
    }
    shown = {name: source.path for name, source in names.items()}
    return World((_name(0),), "", files, names, shown | written, why)


def _name(number: int) -> str:
    return f"@{number}@"


def _includes(tree: Tree, numbers: Mapping[str, int], written: dict[str, str]) -> Iterator[tuple[Span, str]]:
    missing = dict.fromkeys(tree.missing)
    for inclusion in tree.inclusions:
        span = inclusion.statement.first.span
        if inclusion.sources and span not in missing:
            end = ";" if span.text.endswith(";") else ""
            named = (f'include "{_name(numbers[source.real_path])}"' for source in inclusion.sources)
            yield span, ";".join(named) + end
    for span in tree.external:
        yield span, ""
    for number, span in enumerate(missing):
        words = _path(span)
        if words:
            gone = f"@missing{number}@"
            written[gone] = words
            yield span, f'include "{gone}"' + (";" if span.text.endswith(";") else "")


def _path(span: Span) -> str | None:
    """The path of an include that named takes for one; an empty one is left to it."""
    from named_audit.syntax.words import split

    pieces = split(span.text)
    if len(pieces) == 2 and isinstance(pieces[1], Word) and pieces[1].kind == "string":
        return pieces[1].value or None
    return None


def _directories(tree: Tree) -> Iterator[tuple[Span, str]]:
    for statement in tree.statements:
        if statement.name == _OPTIONS_HEAD:
            for child in statement.children:
                if child.name == "directory":
                    pieces = child.pieces
                    if len(pieces) == 2 and isinstance(pieces[1], Word) and pieces[1].kind == "string":
                        yield child.locate(pieces[1].start, pieces[1].end), '"."'


def _edited(source: Source, edits: Mapping[int, tuple[int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for start, (end, text) in sorted(edits.items()):
        parts += (source.text[at:start], text)
        at = end
    return "".join((*parts, source.text[at:]))
