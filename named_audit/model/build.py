"""Tree to configuration: one pass over the statements, block by block."""

from __future__ import annotations

from collections.abc import Sequence

from named_audit.catalogue.check import EMPTY, Block, context_of, faults, read_block
from named_audit.catalogue.refusal import Refusal
from named_audit.host import Host
from named_audit.model.checks.run import refused
from named_audit.model.config import Config, Definition, Key, Level, ServerBlock, View, Zone
from named_audit.model.matchlist import Prefix, read_prefix
from named_audit.model.names import ANCHOR_STATEMENTS, BUILT_IN_ACLS, LIST_STATEMENTS, lists_share_names
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.memory import no_collection
from named_audit.syntax.parser import read_tree
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Span, problem_at
from named_audit.syntax.tree import Statement, Tree
from named_audit.syntax.words import Word, split

MAX_PROBLEMS = 200
"""How many problems of one root are listed; who has more has one cause or the wrong file."""


def load_config(path: str, host: Host, options: ReadOptions) -> Config:
    """Read a root and everything it includes.

    Never raises for bad input: what is wrong is in `problems`, and the rest is modelled.
    """
    return build_config(read_tree(path, host, options), options, host)


def build_config(tree: Tree, options: ReadOptions, host: Host | None = None) -> Config:
    """Give a tree its meaning for the release in `options`.

    With a host, the zones that rndc has added are read too where their files are there.
    """
    with no_collection():
        return _Builder(tree, options, host).build()


class _Builder:
    def __init__(self, tree: Tree, options: ReadOptions, host: Host | None) -> None:
        self._release = options.release
        self._options_read = options
        self._host = host
        self._config = Config(tree, options.release)
        self._judged = 0
        """How many of the problems are about statements that were read whole."""
        self._stopped = any(problem.kind == "limit" for problem in tree.problems)

    def build(self) -> Config:
        config = self._config
        top = self._block(config.tree.statements, "top").statements
        views = [statement for statement in top if statement.name == "view" and statement.type != "INCLUDE"]
        # Zones beside views are an error in BIND; they are kept in a view of their own rather than lost.
        outside = View(None, "in", None, Level("view", None, {}))
        if not views:
            config.views.append(outside)
        for statement in top:
            self._top(statement, outside)
        if views and outside.zones:
            config.views.append(outside)
        if self._host is not None and "allow-new-zones" in config.names:
            self._added_zones(self._host)
        if not self._stopped:
            for fault in tuple(refused(config)):
                if isinstance(fault, Refusal):
                    config.refusals.append(fault)
                else:
                    self._judge(fault)
        config.unreadable = len(config.problems) > self._judged
        more = len(config.problems) - MAX_PROBLEMS
        if more > 0:
            message = f"{more} more problems are not listed"
            config.problems[MAX_PROBLEMS:] = [Problem("limit", message, config.tree.root.path)]
        more = len(config.refusals) - MAX_PROBLEMS
        if more > 0:
            # What holds whatever else is read stays first: in a fragment the rest is not shown.
            config.refusals.sort(key=_certainty)
            del config.refusals[MAX_PROBLEMS:]
            message = f"{more} more statements that named refuses are not listed"
            config.shortened = Problem("limit", message, config.tree.root.path)
            config.problems.append(config.shortened)
        return config

    def _block(self, statements: Sequence[Statement], context: str) -> Block:
        block = read_block(statements, context, self._release)
        config = self._config
        # Where reading stopped at a limit, that is the problem; what follows from it helps nobody.
        if block.problems:
            config.problems.extend(
                [each for each in block.problems if not self._stopped or each.kind != "argument"]
            )
        if block.refusals and not self._stopped:
            config.refusals.extend(block.refusals)
        config.names.update(block.table)
        config.not_understood.extend(block.unknown)
        config.unusual.extend(block.unusual)
        return block

    def _say(self, message: str, span: Span) -> None:
        # Where reading stopped at a limit, that is the problem; what follows from it helps nobody.
        if not self._stopped:
            self._judge(problem_at("argument", message, span))

    def _judge(self, problem: Problem) -> None:
        self._config.problems.append(problem)
        self._judged += 1

    def _children(self, statement: Statement, parent: str) -> Block:
        context = context_of(parent, statement)
        return self._block(statement.children, context) if context is not None else EMPTY

    def _top(self, statement: Statement, outside: View) -> None:
        config = self._config
        name = statement.name
        if name == "zone":
            self._zone(statement, outside, "top")
        elif name == "view":
            self._view(statement)
        elif name == "options":
            self._options(statement)
        elif name == "key":
            key = self._key(statement, None, "top")
            if key is not None:
                config.keys.append(key)
                config.definitions.append(Definition("key", key.name, None, statement, key.name_span))
        elif name == "acl":
            self._define("acl", statement, config.acls)
        elif name in LIST_STATEMENTS:
            apart = name == "parental-agents" and not lists_share_names(self._release)
            self._define("server list", statement, config.parental_agents if apart else config.server_lists)
        elif name == "tls":
            self._children(statement, "top")
            self._define("tls", statement, config.tls)
        elif name == "server":
            server = self._server(statement, "top")
            if server is not None:
                config.servers.append(server)
        elif name == "dlz":
            outside.drivers.append(statement)
            self._descend(statement, "top")
        elif name == "controls":
            self._children(statement, "top")
            config.controls.append(statement)
        elif name == "dnssec-policy":
            config.signing_policies.append(statement)
            self._descend(statement, "top")
        elif name in ANCHOR_STATEMENTS:
            config.trust_anchors.append((None, statement))
            self._descend(statement, "top")
        elif name == "template":
            level_name = _name_word(statement)
            if level_name is not None:
                level = Level("template", level_name.value, self._children(statement, "top").table)
                config.templates.setdefault(level_name.low, level)
                span = statement.locate(level_name.start, level_name.end)
                config.definitions.append(Definition("template", level_name.value, None, statement, span))
        else:
            self._descend(statement, "top")

    def _descend(self, statement: Statement, parent: str) -> None:
        """Look for structural problems in blocks that mean nothing to the model (logging, dnssec-policy, ...)."""
        context = context_of(parent, statement)
        if context is not None:
            for child in self._block(statement.children, context).statements:
                self._descend(child, context)

    def _options(self, statement: Statement) -> None:
        config = self._config
        children = self._children(statement, "top")
        if config.options_statement is None:  # a second one is a problem already
            config.options_statement = statement
            config.options = Level("options", None, children.table)
        for child in children.statements:
            if child.name in ("listen-on", "listen-on-v6"):
                config.listeners.append(child)
            self._descend(child, "options")

    def _view(self, statement: Statement) -> None:
        word = _name_word(statement)
        head = statement.head
        class_ = head[2].low if len(head) > 2 else "in"
        view = View(word.value if word else "", class_, statement, Level("view", None, {}))
        children = self._children(statement, "top")
        zones: list[Statement] = []
        for child in children.statements:
            name = child.name
            if name == "zone":
                zones.append(child)
            elif name == "key":
                key = self._key(child, view.name, "view")
                if key is not None:
                    view.keys.append(key)
                    self._config.definitions.append(
                        Definition("key", key.name, view.name, child, key.name_span)
                    )
            elif name == "server":
                server = self._server(child, "view")
                if server is not None:
                    view.servers.append(server)
            else:
                if name == "dlz":
                    view.drivers.append(child)
                elif name in ANCHOR_STATEMENTS:
                    self._config.trust_anchors.append((view.name, child))
                self._descend(child, "view")
        view.level = Level("view", view.name, children.table)
        for zone in zones:
            self._zone(zone, view, "view")
        self._config.views.append(view)
        span = statement.locate(word.start, word.end) if word else statement.name_span
        self._config.definitions.append(Definition("view", view.name or "", None, statement, span))

    def _zone(self, statement: Statement, view: View, parent: str) -> None:
        head = statement.head
        if len(head) < 2:
            return
        context = context_of(parent, statement)
        block = self._block(statement.children, context) if context is not None else EMPTY
        table = block.table
        name = head[1].value
        class_ = head[2].low if len(head) > 2 else None
        if block.slips:
            self._config.slips[id(statement)] = frozenset(block.slips)
        if not any(each in table for each in ("type", "in-view", "template")):
            slip = next(
                (block.slips[each] for each in ("type", "in-view", "template") if each in block.slips), None
            )
            if slip is None:
                self._say(f"zone '{shorten(name, 60)}': type is missing", statement.name_span)
            elif not self._stopped:
                # Without it nobody knows what the zone is.
                at = len(self._config.refusals) - len(block.refusals) + block.refusals.index(slip)
                del self._config.refusals[at]
                self._say(slip.message, slip.span)
        view.zones.append(Zone(name, class_, statement, Level("zone", name, table), view))

    def _added_zones(self, host: Host) -> None:
        """Read the zones that rndc has added: named does so when it starts."""
        # Imported here: few servers let zones be added.
        from named_audit.model.added_zones import added_zone_files

        config, options = self._config, self._options_read
        for view, path in added_zone_files(config, host, options):
            tree = read_tree(path, host, options)
            config.problems.extend(tree.problems)
            before = len(view.zones)
            for statement in self._block(tree.statements, "top").statements:
                if statement.name == "zone":
                    self._zone(statement, view, "top" if view.name is None else "view")
            added = len(view.zones) - before
            note = f"{path} has {added} zone{'' if added == 1 else 's'} that rndc added: change them with rndc modzone"
            config.tree = config.tree._replace(notes=(*config.tree.notes, note))

    def _key(self, statement: Statement, view: str | None, parent: str) -> Key | None:
        word = _name_word(statement)
        if word is None:
            return None
        parts = self._children(statement, parent).table
        algorithm, secret = parts.get("algorithm"), parts.get("secret")
        algorithm_word = _second(algorithm)
        secret_word = _second(secret)
        return Key(
            word.value,
            view,
            algorithm_word.value if algorithm_word else None,
            secret_word.value if secret_word else None,
            statement,
            statement.locate(word.start, word.end),
            algorithm.locate(algorithm_word.start, algorithm_word.end)
            if algorithm and algorithm_word
            else None,
            secret,
        )

    def _server(self, statement: Statement, parent: str) -> ServerBlock | None:
        head = statement.head
        prefix = read_prefix("".join(piece.value for piece in head[1:]))
        children = self._children(statement, parent)
        if not isinstance(prefix, Prefix):
            # What the release's parser refuses has been reported; 9.11 only warns of bits behind the prefix.
            text = statement.first.text if statement.first.type == "OPEN" else statement.text
            if prefix is not None and not faults(text, self._release):
                self._say(prefix, statement.locate(head[1].start, head[-1].end))
            return None
        family, network, length = prefix
        return ServerBlock(family, network, length, children.table, statement)

    def _define(self, kind: str, statement: Statement, table: dict[str, Definition]) -> None:
        word = _name_word(statement)
        if word is None:
            return
        definition = Definition(kind, word.value, None, statement, statement.locate(word.start, word.end))
        known = table.setdefault(word.low, definition)
        if known is not definition:
            second = definition
            old = self._release is not None and not self._release.at_least(9, 16)
            if not old and known.statement.name == "masters" and statement.name == "primaries":
                second = known  # all lists of one name are read before those of the other
            self._say(f"{kind} '{shorten(word.value, 60)}' redefined", second.span)
        elif kind == "acl" and word.low in BUILT_IN_ACLS:
            self._say(f"attempt to redefine builtin acl '{word.low}'", definition.span)
        self._config.definitions.append(definition)


def _certainty(refusal: Refusal) -> tuple[bool, bool]:
    return refusal.absence, not refusal.decides


def _name_word(statement: Statement) -> Word | None:
    head = statement.head
    return head[1] if len(head) > 1 and isinstance(head[1], Word) else None


def _second(statement: Statement | None) -> Word | None:
    if statement is None:
        return None
    pieces = split(statement.text)
    return pieces[1] if len(pieces) > 1 and isinstance(pieces[1], Word) else None
