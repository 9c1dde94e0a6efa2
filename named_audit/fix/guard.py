"""What corrections must not do, root by root: harm those who are served, or spoil another root that shares a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from named_audit.fix.apply import Correction
from named_audit.lint.contract import Reported
from named_audit.model.config import Config
from named_audit.policy.harm import Services, harm_between, services
from named_audit.syntax.source import Problem

_UNREAD = frozenset({"read", "include", "template", "rndc", "syntax", "limit"})


class RootState:
    """One root at one time: its findings (all rules that ran), its problems, and what its secondaries live on.

    A `witness` is a root that nobody asked for, which reads a file that may be changed, or may read one.
    """

    def __init__(
        self, config: Config, findings: Iterable[Reported], problems: Iterable[Problem], *, witness: bool
    ) -> None:
        self.path = config.tree.root.path
        self.witness = witness
        self._config = config
        self._findings = findings
        self.problems = tuple(problems)
        self.files = frozenset(source.real_path for source in config.tree.sources)
        self.keys = frozenset((key.canonical, key.algorithm, key.secret) for key in config.all_keys)
        """The key statements: where two roots have the same, a name stands for one key."""

    @cached_property
    def services(self) -> Services:
        """The services of its zones."""
        return services(self._config)

    @cached_property
    def findings(self) -> Counter[tuple[str, str, str | None]]:
        """How often each (rule, zone, view) is found; without a zone for what concerns none."""
        found: Counter[tuple[str, str, str | None]] = Counter()
        for finding in self._findings:
            found.update((finding.rule, scope.zone, scope.view) for scope in finding.scopes)
            if not finding.scopes:
                found[finding.rule, "", None] += 1
        return found


def guard(
    before: Sequence[RootState], after: Sequence[RootState], corrections: Sequence[Correction]
) -> str | None:
    """Why corrections must not be kept, for people; None if they may."""
    asked = {correction.finding.root for correction in corrections}
    edited = {path for correction in corrections for path, _ in correction.edits}
    own = [state for state in before if state.path in asked]
    later = {state.path: state for state in after}
    for state in before:
        now = later.get(state.path)
        if now is None:
            return f"{state.path} would no longer be read"
        if asked == {state.path}:
            # What a root's own correction brings up there is for its next round.
            found = _harm(state, now, corrections, own)
        else:
            found = _unknown(state, edited) or _new(state, now) or _harm(state, now, corrections, own)
            found = f"{found} (in {state.path})" if found is not None else None
        if found is not None:
            return found
    return None


def _unknown(state: RootState, edited: set[str]) -> str | None:
    if (state.witness or state.files & edited) and any(p.kind in _UNREAD for p in state.problems):
        return "what would be changed is shared, or may be, with a root that could not be read whole"
    return None


def _new(before: RootState, after: RootState) -> str | None:
    known = Counter((problem.kind, problem.message) for problem in before.problems)
    for problem in after.problems:
        known[problem.kind, problem.message] -= 1
        if known[problem.kind, problem.message] < 0:
            return f"it would cause a problem: {problem.message}"
    more = after.findings - before.findings
    return f"it would cause a finding: {min(more)[0]}" if more else None


def _harm(
    before: RootState, after: RootState, corrections: Sequence[Correction], own: Sequence[RootState]
) -> str | None:
    # A name that another root gave to another key, or to several, announces nothing there.
    foreign = {name for name, *_ in after.keys.difference(*[state.keys for state in own])}
    everywhere: set[str] = set()
    by_zone: dict[tuple[str, str | None], set[str]] = {}
    for finding, fix, _, _ in corrections:
        if fix.admits is None:
            return None
        admits = set(fix.admits) if before in own else set(fix.admits) - foreign
        for scope in finding.scopes:
            by_zone.setdefault((scope.zone, scope.view), set()).update(admits)
        if not finding.scopes:
            everywhere |= admits
    return harm_between(before.services, after.services, lambda zone: everywhere | by_zone.get(zone, set()))
