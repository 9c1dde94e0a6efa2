"""What a configuration means: options, views, zones and everything they refer to, each with its statement."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from named_audit.catalogue.refusal import Refusal
from named_audit.model.names import ZONE_TYPES, canonical
from named_audit.release import Release
from named_audit.syntax.source import Problem, Span, problem_at
from named_audit.syntax.tree import Statement, Tree
from named_audit.syntax.words import Group, Word, fold

if TYPE_CHECKING:
    from named_audit.catalogue.lifecycle import Standing
    from named_audit.catalogue.outdated import Outdated


class Level(NamedTuple):
    """One level of a zone's settings. `kind` is "zone", "template", "view" or "options"."""

    kind: str
    name: str | None
    statements: Mapping[str, Statement]
    """The first statement of each name, in lower case."""


class Setting(NamedTuple):
    """An effective value: the deciding statement and its level, or None and "default"."""

    statement: Statement | None
    level: str

    @property
    def word(self) -> str | None:
        """The first argument in lower case, if it is a word."""
        argument = _argument(self.statement)
        return fold(argument) if argument is not None else None

    @property
    def argument(self) -> str | None:
        """The first argument as written, if it is a word."""
        return _argument(self.statement)


class Key(NamedTuple):
    """A TSIG key. `view` is None for a global one; parts that are missing are None."""

    name: str
    view: str | None
    algorithm: str | None
    secret: str | None
    statement: Statement
    name_span: Span
    algorithm_span: Span | None
    secret_statement: Statement | None

    @property
    def canonical(self) -> str:
        """The name as TSIG compares it."""
        return canonical(self.name)

    @property
    def hidden(self) -> bool:
        """Whether the input shows only `?` for the secret, as `named-checkconf -px` prints it."""
        return self.secret is not None and bool(self.secret) and not self.secret.strip("?")

    def __repr__(self) -> str:
        return f"Key({self.name!r}, view={self.view!r}, algorithm={self.algorithm!r})"


class Definition(NamedTuple):
    """Something with a name that other statements refer to.

    `kind` is "acl", "key", "server list", "tls", "view", "template" or "zone".
    """

    kind: str
    name: str
    view: str | None
    statement: Statement
    span: Span


class Reference(NamedTuple):
    """A place that names a definition. `view` is the view it stands in, None at the top."""

    kind: str
    name: str
    view: str | None
    statement: Statement
    span: Span
    zone: "Zone | None" = None


class ServerBlock(NamedTuple):
    """`server PREFIX { ... }`: family 4 or 6, network as an integer, prefix length."""

    family: int
    network: int
    length: int
    statements: Mapping[str, Statement]
    statement: Statement

    @property
    def key(self) -> Word | None:
        """The key that signs what is sent to this server: `keys K`, `keys { K; }`."""
        keys = self.statements.get("keys")
        if keys is None:
            return None
        for piece in keys.pieces[1:]:
            if isinstance(piece, Word):
                return piece
            if isinstance(piece, Group) and piece.elements and isinstance(piece.elements[0].pieces[0], Word):
                return piece.elements[0].pieces[0]
        return None


class View:
    """A view; `name` is None for the one that exists where no view statement does."""

    __slots__ = ("class_", "drivers", "keys", "level", "name", "servers", "statement", "zones")

    def __init__(self, name: str | None, class_: str, statement: Statement | None, level: Level) -> None:
        self.name = name
        self.class_ = class_
        self.statement = statement
        self.level = level
        self.zones: list[Zone] = []
        self.keys: list[Key] = []
        self.servers: list[ServerBlock] = []
        self.drivers: list[Statement] = []
        """The `dlz` statements that hold for the view: its own; those at the top where there are no views."""

    def __repr__(self) -> str:
        return f"View({self.name!r})"


class Zone:
    """A zone statement. `name` is as written; `key` (canonical name and view) tells zones apart."""

    __slots__ = ("class_", "level", "name", "statement", "view")

    def __init__(self, name: str, class_: str | None, statement: Statement, level: Level, view: View) -> None:
        self.name = name
        self.class_ = class_
        self.statement = statement
        self.level = level
        self.view = view

    @property
    def canonical(self) -> str:
        """The name in lower case without the trailing dot."""
        return canonical(self.name)

    @property
    def in_view(self) -> str | None:
        """The view whose zone this one only points at."""
        statement = self.level.statements.get("in-view")
        return _argument(statement)

    @property
    def template(self) -> str | None:
        """The template the zone names (BIND 9.21.9 and newer)."""
        return _argument(self.level.statements.get("template"))

    def __repr__(self) -> str:
        return f"Zone({self.name!r}, view={self.view.name!r})"


def _argument(statement: Statement | None) -> str | None:
    if statement is None:
        return None
    pieces = statement.pieces
    return pieces[1].value if len(pieces) > 1 and isinstance(pieces[1], Word) else None


class Config:
    """A whole configuration: one root with its includes, read for one release (or an unknown one)."""

    def __init__(self, tree: Tree, release: Release | None) -> None:
        self.tree = tree
        self.release = release
        self.options = Level("options", None, {})
        self.options_statement: Statement | None = None
        self.views: list[View] = []
        """In file order. Where there is no view statement, the one default view."""
        self.keys: list[Key] = []
        """Global keys."""
        self.servers: list[ServerBlock] = []
        """Global server blocks."""
        self.acls: dict[str, Definition] = {}
        self.server_lists: dict[str, Definition] = {}
        self.parental_agents: dict[str, Definition] = {}
        """Lists of parental agents, where the release gives them a name space of their own."""
        self.tls: dict[str, Definition] = {}
        self.templates: dict[str, Level] = {}
        self.signing_policies: list[Statement] = []
        """Every `dnssec-policy` block."""
        self.trust_anchors: list[tuple[str | None, Statement]] = []
        """Every `trust-anchors`, `managed-keys` and `trusted-keys` with the view that it stands in."""
        self.controls: list[Statement] = []
        self.listeners: list[Statement] = []
        """Every `listen-on` and `listen-on-v6` of the options."""
        self.definitions: list[Definition] = []
        """Every definition except zones, in file order."""
        self.problems: list[Problem] = list(tree.problems)
        self.unreadable = bool(tree.problems)
        """Whether there are problems of more than what statements mean together: those hide no other statement."""
        self.shortened: Problem | None = None
        """The one of the problems that says that not all refusals are listed; it hides nothing of the text."""
        self.refusals: list[Refusal] = []
        """What named refuses although it is understood; the `invalid-` rules report those of `refused`."""
        self.unusual: list[tuple[Statement, Standing]] = []
        """Statements that the release warns of, or has no more or not yet; empty for an unknown release."""
        self.names: set[str] = set()
        """The names of all statements, wherever they stand: what is not there needs no check."""
        self.not_understood: list[Statement] = []
        """Statements that no release known here has."""
        self.slips: dict[int, frozenset[str]] = {}
        """What unknown statements of a zone were probably meant to be, by the zone's statement."""
        self.fragment = False
        """Whether this is judged without the root that includes it."""
        self.list_ends: dict[int, Definition] = {}
        """What `serverlist` has found out: the list that another one only gives a second name, by its statement."""
        self.outdated: tuple[tuple[Statement, Outdated], ...] | None = None
        """What `arguments` has found out: arguments that the release no longer takes without a word."""
        self._rings: dict[int, dict[str, Key]] = {}

    @property
    def unseen(self) -> bool:
        """Whether named would read more than was read here, so that absence proves nothing."""
        hidden = len(self.problems) > (self.shortened is not None)
        return self.fragment or bool(self.tree.missing or self.tree.external) or hidden

    @property
    def partly_read(self) -> bool:
        """Whether something was not or could not be read, where anything may stand.

        named, too, looks at what is absent only where it could parse everything, but beside all faults of meaning.
        """
        return self.fragment or self.unreadable or bool(self.tree.missing or self.tree.external)

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """The refusals that hold whatever was not read."""
        return tuple(each for each in self._holding if not each.decides)

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """The same of what decides about transfers: what cannot be told leaves nothing to be judged."""
        return tuple(
            problem_at("argument", each.message, each.span, *each.related)
            for each in self._holding
            if each.decides
        )

    @property
    def _holding(self) -> Iterator[Refusal]:
        hidden = self.partly_read if self.refusals else False
        return (each for each in self.refusals if not (each.absence and hidden))

    @property
    def zones(self) -> Iterator[Zone]:
        """Every zone statement, in file order within each view."""
        for view in self.views:
            yield from view.zones

    def zone_type(self, zone: Zone) -> str | None:
        """The type in today's words: "primary", "secondary", "mirror", ...; "in-view"; None if there is none."""
        if "in-view" in zone.level.statements:
            return "in-view"
        setting = zone.level.statements.get("type")
        if setting is None and (template := self._template(zone)) is not None:
            setting = template.statements.get("type")
        word = _argument(setting)
        if word is None:
            return None
        return ZONE_TYPES.get(fold(word), fold(word))

    def levels(self, zone: Zone) -> Iterator[Level]:
        """The levels that a zone's settings come from, nearest first."""
        yield zone.level
        template = self._template(zone)
        if template is not None:
            yield template
        if zone.view.name is not None:
            yield zone.view.level
        yield self.options

    def server_list(self, name: str) -> Definition | None:
        """The list that an entry of `primaries` or `also-notify` names, in any case."""
        low = fold(name)
        found = self.server_lists.get(low)
        # With an unknown release, a list of parental agents is one of those that share the name space.
        return self.parental_agents.get(low) if found is None and self.release is None else found

    @property
    def named_lists(self) -> dict[str, Definition]:
        """Every server list by its name in lower case; of two with one name, not that of parental agents."""
        return {**self.parental_agents, **self.server_lists}

    def effective(self, zone: Zone, *names: str) -> Setting:
        """The statement that decides for a zone: the nearest level that has it under any of its names."""
        for level in self.levels(zone):
            for name in names:
                statement = level.statements.get(name)
                if statement is not None:
                    return Setting(statement, level.kind)
        return Setting(None, "default")

    def view_setting(self, view: View, *names: str) -> Setting:
        """The statement that decides for a view."""
        for level in (view.level, self.options):
            for name in names:
                statement = level.statements.get(name)
                if statement is not None:
                    return Setting(statement, level.kind)
        return Setting(None, "default")

    def key_ring(self, view: View) -> dict[str, Key]:
        """The keys that requests in a view are verified with: the global ones and its own, by canonical name."""
        ring = self._rings.get(id(view))
        if ring is None:
            ring = self._rings[id(view)] = {key.canonical: key for key in (*self.keys, *view.keys)}
        return ring

    @property
    def all_keys(self) -> Iterator[Key]:
        """Global keys, then those of each view."""
        yield from self.keys
        for view in self.views:
            yield from view.keys

    def server_for(self, view: View, family: int, address: int) -> ServerBlock | None:
        """The server block that holds for an address: the longest prefix; a view's own blocks hide the global ones."""
        width = 32 if family == 4 else 128
        best: ServerBlock | None = None
        for server in view.servers or self.servers:
            if server.family != family or (best is not None and best.length >= server.length):
                continue
            shift = width - server.length
            if address >> shift == server.network >> shift:
                best = server
        return best

    def _template(self, zone: Zone) -> Level | None:
        name = zone.template
        return self.templates.get(fold(name)) if name is not None else None
