"""What several checks ask of a zone: its own statements, whether it takes updates, which policy signs it."""

from collections.abc import Mapping
from typing import NamedTuple

from named_audit.model.checks.classes import class_number
from named_audit.model.config import Config, Zone
from named_audit.model.matchlist import MatchList, parse_match_list
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

BUILT_IN_POLICIES = frozenset({"default", "insecure"})
"""The signing policies that every named has; "none" is no policy. Unlike most names these mind their case."""

_TRUE = frozenset({"yes", "true", "1"})
_MAX_NESTING = 50


def own(config: Config, zone: Zone) -> Mapping[str, Statement]:
    """What is said at the zone itself: its statements and those of its template (BIND 9.21.9 and newer)."""
    statements = zone.level.statements
    if config.templates and zone.template is not None:
        template = config.templates.get(fold(zone.template))
        if template is not None:
            return {**template.statements, **statements}
    return statements


def word(statement: Statement | None) -> Word | None:
    """The first argument of a statement, if it is a word."""
    head = statement.head if statement is not None else ()
    return head[1] if len(head) > 1 and isinstance(head[1], Word) else None


def word_span(statement: Statement) -> Span:
    """Where the first argument stands; the statement's name where it has none."""
    found = word(statement)
    return statement.locate(found.start, found.end) if found is not None else statement.name_span


def is_true(statement: Statement | None) -> bool:
    """Whether a statement says yes."""
    found = word(statement)
    return found is not None and found.low in _TRUE


def name_of(zone: Zone) -> str:
    """The zone as messages name it."""
    return f"zone '{shorten(zone.name, 60)}'"


def opening(zone: Zone) -> Span:
    """Where named says something of the zone's block: the zone's name where its `{` stands on the same line."""
    statement = zone.statement
    first, start = statement.first, statement.name_span
    at = first.end - 1
    if first.type != "OPEN":
        group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
        if group is None:
            return start
        place = statement.locate(group.start, group.start + 1)
    else:
        place = Span(first.source, at, first.end)
    return start if place.source is start.source and place.begin.line == start.begin.line else place


def is_passed_over(config: Config, zone: Zone, class_: int) -> bool:
    """Whether named looks at nothing else of a zone, because of its type or its class."""
    if config.zone_type(zone) == "redirect" and zone.name != ".":
        return True
    return zone.class_ is not None and class_number(zone.class_) != class_


class Signing(NamedTuple):
    """How a zone gets signed. `policy` is the statement that names an existing signing policy, if one does."""

    policy: Statement | None
    undefined: str | None
    """The policy that a zone names and nobody defines."""
    updates: bool
    """Whether dynamic updates may come in."""
    inline: bool
    """Whether `inline-signing` holds, by the zone or (BIND 9.20 and newer) by its policy."""


class Effective:
    """The answers for one configuration, each worked out once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._policies: dict[str, Statement] = {}
        for statement in config.signing_policies:
            name = word(statement)
            if name is not None:
                self._policies.setdefault(name.value, statement)
        self._denies: dict[int, bool] = {}

    def signing(self, zone: Zone, type_: str | None, statements: Mapping[str, Statement]) -> Signing:
        """What of signing and updates holds for a zone of a type, given its own statements."""
        policy = self._config.effective(zone, "dnssec-policy").statement
        found = word(policy)
        name = found.value if found is not None else "none"
        undefined: str | None = None
        if name == "none":
            policy = None
        elif name not in BUILT_IN_POLICIES and name not in self._policies:
            undefined, policy = name, None
        updates = type_ in ("primary", "secondary") and self._updates(zone, statements)
        inline = is_true(statements.get("inline-signing"))
        if "inline-signing" not in statements and policy is not None and self._policies_sign_inline:
            inner = self._policies.get(name) if name not in BUILT_IN_POLICIES else None
            said = next((s for s in inner.children if s.name == "inline-signing"), None) if inner else None
            inline = said is None or is_true(said)
        return Signing(policy, undefined, updates, inline)

    @property
    def _policies_sign_inline(self) -> bool:
        release = self._config.release
        # With an unknown release, what the newer ones let pass is not refused by all.
        return release is None or release.at_least(9, 20)

    def _updates(self, zone: Zone, statements: Mapping[str, Statement]) -> bool:
        if "update-policy" in statements:
            return True
        statement = statements.get("allow-update")
        if statement is None:
            statement = self._config.view_setting(zone.view, "allow-update").statement
        return statement is not None and not self.denies_all(statement)

    def denies_all(self, statement: Statement) -> bool:
        """Whether BIND sees that a list admits nobody: `{ none; }` and what comes to the same, but not `{ }`.

        A list that does not expand denies too: named refuses it elsewhere.
        """
        known = self._denies.get(id(statement))
        if known is None:
            group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
            signs = self._signs(parse_match_list(group), _MAX_NESTING) if group is not None else None
            known = self._denies[id(statement)] = bool(signs) and signs is not None and not signs[0]
        return known

    def _signs(self, match_list: MatchList, levels: int) -> list[bool] | None:
        """Whether each `any` of a list admits, lists inside it merged as BIND does; None if it has anything else."""
        signs: list[bool] = []
        for element in match_list.elements:
            if element.kind in ("any", "none"):
                signs.append(element.negated != (element.kind == "any"))
                continue
            inner = element.value if isinstance(element.value, MatchList) else None
            if element.kind == "acl" and isinstance(element.value, str):
                definition = self._config.acls.get(fold(element.value))
                if definition is None:
                    return [False]
                group = next((p for p in definition.statement.pieces if isinstance(p, Group)), None)
                inner = parse_match_list(group) if group is not None else None
            if inner is None or not levels:
                return None
            # A list with a `!` or a `none` of its own stays one element.
            if any(each.negated or each.kind == "none" for each in inner.elements):
                return None
            merged = self._signs(inner, levels - 1)
            if merged is None:
                return None
            if signs and merged:
                return None  # what is merged over an `any` leaves a list that BIND does not see through
            signs += [False for _ in merged] if element.negated else merged
        return signs
