"""The catalogue of statements: which release has which statement in which block, with which arguments.

The data is grammar/statements/catalogue.json; derive.py beside it explains the format.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from named_audit.catalogue.used import USED
from named_audit.release import Release
from named_audit.resources import read_resource

Node: TypeAlias = Any
"""A part of a shape: a keyword, a "<type>", or a list that begins with what it is."""

Shape: TypeAlias = list[Node]

_BLOCK = ["block"]
_KEY = ["optional", "key", "<key>"]
_STRING_SHAPES = (["<quoted_string>"], ["<string>"])


class Limits(NamedTuple):
    """The lowest and the highest that a number may be, and one beyond them that it may be too."""

    low: int
    high: int
    also: int | None = None

    def hold(self, value: int) -> bool:
        """Whether they allow a number."""
        return self.low <= value <= self.high or value == self.also


class Entry(NamedTuple):
    """A statement in one context."""

    name: str
    shapes: tuple[Shape, ...]
    """The shapes to try, that of the newest release first."""
    container: bool
    """Whether its block holds statements; their context is the statement's name."""
    used: bool
    """Whether the model draws conclusions from it, so that a wrong argument leaves the model in doubt."""
    repeatable: bool = False
    """Whether it may stand in the same block more than once."""
    limits: Limits | None = None
    """What its first number may be; None if it may be any."""
    subnets: bool = True
    """Whether an address match list may ask for the client subnet of a query (`ecs PREFIX`)."""
    lenient: bool = False
    """Whether the release only warns of prefixes with bits behind their length."""


class Table:
    """The statements of one context in one release line; with an unknown release, those of all of them."""

    __slots__ = ("context", "entries", "match_lists", "one_string", "server_lists", "unusual")

    def __init__(self, context: str, entries: Mapping[str, Entry], unusual: frozenset[str]) -> None:
        self.context = context
        self.entries = entries
        self.unusual = unusual
        """Statements that the release has not, or not without a warning; empty for an unknown release."""
        self.one_string = (
            frozenset(
                name
                for name, entry in entries.items()
                if any(shape in _STRING_SHAPES for shape in entry.shapes)
            )
            - unusual
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
    options = shape[-1][2:]
    return _KEY in options and _all_optional(options)


def _is_list_of_servers(node: Node) -> bool:
    return bool(node[:1] == ["list"] and node[1][0] == "choice" and node[1][-1] == "<server_list>")


def _all_optional(nodes: list[Node]) -> bool:
    return all(isinstance(node, list) and node[0] in ("optional", "pairs") for node in nodes)


@lru_cache(maxsize=256)
def table_of(context: str, release: Release | None) -> Table:
    """The statements that may stand in a context; an empty table for a context that is not known."""
    data = _data()
    release = release.nearest if release is not None else None
    line = release.line if release is not None else None
    wanted = 1 << data.releases.index(line) if line is not None else 0
    repeatable = data.repeatable.get(context, ())
    limits = _limits().get(context, {})
    entries: dict[str, Entry] = {}
    for name, forms in data.contexts.get(context, {}).items():
        # A statement that this release does not have is read as the releases read it that do.
        mask = wanted if any(bits & wanted for _, bits in forms) else -1
        chosen = sorted(
            ((bits & mask, index) for index, bits in forms if bits & mask or not bits), reverse=True
        )
        found = tuple([data.shapes[index] for _, index in chosen])
        container = any(_BLOCK in shape for shape in found)
        entries[name] = Entry(
            name,
            found,
            container,
            name in USED,
            name in repeatable,
            _limits_in(limits[name], line) if name in limits else None,
            line in (None, "9.11"),
            line == "9.11",
        )
    return Table(context, entries, _unusual(context, release) if line is not None else frozenset())


def _limits_in(by_line: dict[str, Limits | None], line: str | None) -> Limits | None:
    """What holds in a line; for an unknown one, what holds in all."""
    if line is not None:
        return by_line.get(line, by_line[""])
    every = [each for each in by_line.values() if each is not None]
    if len(every) < len(by_line):
        return None
    low, high = min(each.low for each in every), max(each.high for each in every)
    return Limits(low, high, every[0].also)


def _unusual(context: str, release: Release | None) -> frozenset[str]:
    # Imported here: where the release is not known, nothing is asked about it.
    from named_audit.catalogue.lifecycle import unusual

    return unusual(context, release) if release is not None else frozenset()


OLD_TYPES = {"master": "primary", "slave": "secondary"}


@lru_cache(maxsize=64)
def refused_in(zone_type: str, release: Release | None) -> frozenset[str]:
    """The statements that may not stand in a zone of this type; of an unknown release, in none that has them."""
    data = _data()
    line = release.nearest.line if release is not None else None
    table = data.zone_types.get(OLD_TYPES.get(zone_type, zone_type), {})
    if line is not None:
        bit = 1 << data.releases.index(line)
        return frozenset(name for name, bits in table.items() if bits & bit)
    return frozenset(name for name, bits in table.items() if not _known_in(name) & ~bits)


def _known_in(name: str) -> int:
    """The bits of the releases that have a statement in zones."""
    known = 0
    for _, bits in _data().contexts["zone"][name]:
        known |= bits
    return known


def places_of(name: str) -> tuple[str, ...]:
    """The contexts in which some release knows a statement."""
    return tuple(context for context, statements in _data().contexts.items() if name in statements)


def all_contexts() -> tuple[str, ...]:
    """The contexts that `table_of` knows."""
    return tuple(_data().contexts)


class _Data(NamedTuple):
    releases: list[str]
    shapes: list[Shape]
    contexts: dict[str, dict[str, list[tuple[int, int]]]]
    repeatable: dict[str, list[str]]
    zone_types: dict[str, dict[str, int]]


@lru_cache(maxsize=1)
def _data() -> _Data:
    """The parsed file: read when the first statement is looked up, in less than a millisecond."""
    return _Data(**json.loads(read_resource("grammar", "statements", "catalogue.json")))


@lru_cache(maxsize=1)
def _limits() -> dict[str, dict[str, dict[str, Limits | None]]]:
    """Context -> statement -> line, or "" for all others -> bounds."""
    data = json.loads(read_resource("grammar", "statements", "limits.json"))
    limits: dict[str, dict[str, dict[str, Limits | None]]] = {}
    for context, names in data["limits"].items():
        limits[context] = {name: {"": Limits(*bounds)} for name, bounds in names.items()}
    for context, names in data["lines"].items():
        for name, by_line in names.items():
            for line, bounds in by_line.items():
                limits[context][name][line] = Limits(*bounds) if bounds else None
    return limits


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Every statement of every context and release."""
    return frozenset(name for statements in _data().contexts.values() for name in statements)
