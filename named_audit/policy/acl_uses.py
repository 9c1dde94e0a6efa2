"""The statements that use an acl, directly or through other acls: what an edit of it would change."""

from __future__ import annotations

from collections.abc import Collection

from named_audit.model.config import Config
from named_audit.model.matchlist import MatchElement, MatchList
from named_audit.model.references import references
from named_audit.policy.effects import Idle, Trial, idle_elements
from named_audit.policy.faults import reached_acls
from named_audit.policy.reach import Lists
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

_MOST_USES = 50
"""An acl with more different uses than this is not judged in all of them."""

_OTHER_MEANING = frozenset({"sortlist"})
"""Statements that read the nesting of a list as something else than who is meant."""


class AclUses:
    """Who uses which acl, worked out when it is first asked for."""

    def __init__(self, config: Config, lists: Lists) -> None:
        self._config = config
        self._lists = lists
        self._uses: dict[str, tuple[Statement, ...]] | None = None
        self._odd: set[str] = set()
        self._ends: dict[str, str | None] = {}
        self._void: dict[str, bool] = {}

    def only(self, name: str, acl: str) -> bool:
        """Whether all uses of an acl are in statements of a name, and all uses were seen."""
        uses = self.of(acl)
        return uses is not None and all(statement.name == name for statement in uses)

    def of(self, acl: str) -> tuple[Statement, ...] | None:
        """The statements that use an acl (its name in lower case), each text once; None if they are not all known."""
        if self._config.unseen:
            return None
        if self._uses is None:
            self._uses = self._find()
        return None if acl in self._odd else self._uses.get(acl, ())

    def idle(self, acl: str, spared: Collection[tuple[int, ...]]) -> tuple[Idle, ...]:
        """The elements of an acl that change nothing in any statement that uses it, nor in the acl itself."""
        own = self._lists.lookup(acl)
        assert own is not None
        if _other_name(own) is not None:
            # It is idle where nothing is behind it. Chains of such acls may be long, and each would be built anew.
            end = self._end(acl)
            if end is None or not self._is_void(end):
                return ()
        # The acl alone is quickly judged, and most have no such elements.
        if not idle_elements(Trial((own,), self._lists.lookup), None, spared):
            return ()
        uses = self.of(acl)
        if uses is None or len(uses) > _MOST_USES:
            return ()
        # Named and not copied, so that what is changed in the acl is changed here.
        alone = MatchList((MatchElement(False, "acl", acl),))
        lists = (alone, *(self._lists.match_list(statement) for statement in uses))
        return idle_elements(Trial(lists, self._lists.lookup), acl, spared)

    def _end(self, acl: str) -> str | None:
        """The acl to which one that only names another leads; None if it leads nowhere."""
        passed: dict[str, None] = {}
        at: str | None = acl
        while at is not None and at not in self._ends:
            if at in passed:
                at = None
                break
            passed[at] = None
            own = self._lists.lookup(at)
            following = _other_name(own) if own is not None else None
            if own is None:
                at = None
            elif following is None:
                break
            else:
                at = following
        end = self._ends.get(at, at) if at is not None else None
        self._ends.update(dict.fromkeys(passed, end))
        return end

    def _is_void(self, acl: str) -> bool:
        known = self._void.get(acl)
        if known is None:
            alone = MatchList((MatchElement(False, "acl", acl),))
            found = idle_elements(Trial((alone,), self._lists.lookup), None, ())
            known = self._void[acl] = bool(found)
        return known

    def beside(self, acl: str) -> frozenset[str]:
        """The other acls that stand in a list with an acl, or behind it: what is judged of one assumes these as they are."""
        found = {
            name
            for statement in self.of(acl) or ()
            for name in reached_acls(self._lists.match_list(statement), self._lists.lookup)
        }
        return frozenset(found - {acl})

    def _find(self) -> dict[str, tuple[Statement, ...]]:
        found: dict[str, dict[str, Statement]] = {}
        done: set[tuple[str, str]] = set()
        for reference in references(self._config, "acl"):
            statement, named = reference.statement, fold(reference.name)
            text = statement.text
            if statement.name == "acl" or (text, named) in done:
                continue
            done.add((text, named))
            definition = self._lists.lookup(named)
            behind = reached_acls(definition, self._lists.lookup) if definition is not None else ()
            if statement.name in _OTHER_MEANING or not _names(self._lists, statement, named):
                self._odd.update((named, *behind))
            for acl in (named, *behind):
                found.setdefault(acl, {}).setdefault(text, statement)
        return {acl: tuple(statements.values()) for acl, statements in found.items()}


def _names(lists: Lists, statement: Statement, acl: str) -> bool:
    """Whether an acl is named in the list that is taken for the statement's."""
    return acl in reached_acls(lists.match_list(statement), lists.lookup)


def _other_name(match_list: MatchList) -> str | None:
    """The acl that a list names, in lower case, if it names one and has nothing else."""
    if len(match_list.elements) != 1:
        return None
    element = match_list.elements[0]
    return fold(str(element.value)) if element.kind == "acl" and not element.negated else None
