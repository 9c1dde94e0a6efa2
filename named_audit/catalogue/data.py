"""The catalogue of statements: which release has which statement in which block, with which arguments.

The data is grammar/statements/catalogue.json; derive.py beside it explains the format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from named_audit.catalogue.used import USED
from named_audit.release import LINES, Release
from named_audit.resources import read_resource

Node: TypeAlias = Any
"""A part of a shape: a keyword, a "<type>", or a list that begins with what it is."""

Shape: TypeAlias = list[Node]

_BLOCK = ["block"]
_KEY = ["optional", "key", "<key>"]
_LIST_NAME = ["sequence", "<server_list>", ["alone"]]
"""The name of a server list where nothing may follow it; see `_addresses_only`."""

_STRING_SHAPES = (["<quoted_string>"], ["<string>"])


class Entry(NamedTuple):
    """A statement in one context."""

    name: str
    shapes: tuple[Shape, ...]
    """The shapes to try, that of the newest release first."""
    container: bool
    """Whether its block holds statements; their context is the statement's name."""
    used: bool
    """Whether the model draws conclusions from it, so that its arguments matter."""


class Table:
    """The statements of one context in one release line; with an unknown release, those of all of them."""

    __slots__ = ("context", "entries", "match_lists", "one_string", "server_lists")

    def __init__(self, context: str, entries: Mapping[str, Entry]) -> None:
        self.context = context
        self.entries = entries
        self.one_string = frozenset(
            name for name, entry in entries.items() if any(shape in _STRING_SHAPES for shape in entry.shapes)
        )
        """Statements that take one string and nothing else."""
        self.match_lists = frozenset(
            name for name, entry in entries.items() if any(map(_is_match_list, entry.shapes))
        )
        """Statements that take an address match list, and need nothing else."""
        self.server_lists = frozenset(
            name for name, entry in entries.items() if any(map(_is_server_list, entry.shapes))
        )
        """Statements that take a list of servers with keys, and need nothing else."""


def _is_match_list(shape: Shape) -> bool:
    return shape[-1:] == [["list", "<address_match_element>"]] and _all_optional(shape[:-1])


def _is_server_list(shape: Shape) -> bool:
    if not shape or not _is_list_of_servers(shape[-1]) or not _all_optional(shape[:-1]):
        return False
    choice, *options = shape[-1][1:]
    return (_KEY in options and _all_optional(options)) or (not options and _KEY in choice[1])


def _is_list_of_servers(node: Node) -> bool:
    return node[:1] == ["list"] and node[1][0] == "choice" and node[1][-1] in ("<server_list>", _LIST_NAME)


def _addresses_only(node: Node) -> Node:
    """Server lists as releases read them in which keys belong to addresses, and the name of a list stands alone."""
    if not isinstance(node, list) or not node:
        return node
    if _is_list_of_servers(node) and node[1][-1] == "<server_list>":
        choice, *options = node[1:]
        return ["list", ["choice", *([*address, *options] for address in choice[1:-1]), _LIST_NAME]]
    return [_addresses_only(part) for part in node]


def _list_names_take_keys(release: Release) -> bool:
    if release.line == "9.20":
        return release.at_least(9, 20, 17)
    return release.at_least(9, 21, 16)


def _all_optional(nodes: list[Node]) -> bool:
    return all(isinstance(node, list) and node[0] in ("optional", "pairs") for node in nodes)


def table_of(context: str, release: Release | None) -> Table:
    """The statements that may stand in a context; an empty table for a context that is not known."""
    line = release.line if release is not None and release.line in LINES else None
    # The data knows lines; this came within two of them.
    alone = line is not None and release is not None and not _list_names_take_keys(release)
    return _table(context, line, alone)


def all_contexts() -> tuple[str, ...]:
    """The contexts that `table_of` knows."""
    return tuple(_data()[1])


@lru_cache(maxsize=256)
def _table(context: str, line: str | None, alone: bool) -> Table:
    shapes, contexts, releases = _data()
    wanted = 1 << releases.index(line) if line is not None else 0
    entries: dict[str, Entry] = {}
    for name, forms in contexts.get(context, {}).items():
        # A statement that this release does not have is read as the releases read it that do.
        mask = wanted if any(bits & wanted for _, bits in forms) else -1
        chosen = sorted(((bits & mask, index) for index, bits in forms if bits & mask), reverse=True)
        found = tuple([_addresses_only(shapes[index]) if alone else shapes[index] for _, index in chosen])
        container = any(_BLOCK in shape for shape in found)
        entries[name] = Entry(name, found, container, name in USED)
    return Table(context, entries)


@lru_cache(maxsize=1)
def _data() -> tuple[list[Shape], dict[str, dict[str, list[tuple[int, int]]]], list[str]]:
    """The parsed file: read when the first statement is looked up, in less than a millisecond."""
    data = json.loads(read_resource("grammar", "statements", "catalogue.json"))
    return data["shapes"], data["contexts"], data["releases"]


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Every statement of every context and release."""
    return frozenset(name for statements in _data()[1].values() for name in statements)
