"""Which corrections are applied, and applying them in memory until nothing is left to correct."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from named_audit.lint.contract import RenderedFix, Reported
from named_audit.syntax.edits import TextEdit, apply_edits, overlap
from named_audit.syntax.source import Problem

MAX_ROUNDS = 20
"""After so many rounds what is still open is refused: it would go on for ever."""

MAX_AUDITS = 300
"""How often one run may audit again to find out which corrections break something."""


class Audited(Protocol):
    """What one audit found; `named_audit.lint.contract.Outcome` is one."""

    @property
    def findings(self) -> Sequence[Reported]:
        """The findings, with their rendered fixes."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """Why the audit is incomplete."""
        ...


Files: TypeAlias = Mapping[str, str]
"""Real path -> text, of every file that may be changed."""

Key: TypeAlias = tuple[str, str, str, tuple[tuple[str, str, str], ...]]
"""What makes a correction the same one later: rule, fingerprint, title, its edits' paths and texts."""


class Correction(NamedTuple):
    """One correction that can be applied: a finding, the fix chosen of those it offers, its edits by file."""

    finding: Reported
    fix: RenderedFix
    key: Key
    edits: tuple[tuple[str, TextEdit], ...]


class Applied(NamedTuple):
    """A correction that was made; the line is that of the finding in the text it was made in."""

    rule: str
    title: str
    path: str
    line: int


class Refusal(NamedTuple):
    """A correction that was not made, and why; the line is that in the text as it is left."""

    rule: str
    path: str
    line: int
    reason: str


AuditedT = TypeVar("AuditedT", bound=Audited)
Guard: TypeAlias = Callable[[AuditedT, AuditedT, Sequence[Correction]], str | None]


class FixResult(NamedTuple):
    """`files` has the texts as they are left, changed or not; `last` is the audit of exactly these."""

    files: dict[str, str]
    applied: tuple[Applied, ...]
    refused: tuple[Refusal, ...]
    last: Audited


def plan(corrections: Iterable[Correction]) -> list[Correction]:
    """Choose corrections of which no two overlap: in the order of the files, the first one wins.

    A file that is included twice, or reached from two roots, brings the same correction twice; it is chosen
    once. The others are left for a later round.
    """
    chosen: list[Correction] = []
    taken: dict[str, list[TextEdit]] = {}
    seen: set[tuple[str, tuple[tuple[str, TextEdit], ...]]] = set()
    for correction in sorted(corrections, key=_order):
        same = (correction.finding.rule, correction.edits)
        if same in seen:
            continue
        if any(_clashes(taken.get(path, []), edit) for path, edit in correction.edits):
            continue
        seen.add(same)
        chosen.append(correction)
        for path, edit in correction.edits:
            insort(taken.setdefault(path, []), edit)
    return chosen


def _clashes(taken: Sequence[TextEdit], edit: TextEdit) -> bool:
    # What is taken is in order and does not overlap, so that only the neighbours count.
    at = bisect_left(taken, edit)
    return any(overlap(edit, other) for other in taken[max(at - 1, 0) : at + 1])


def apply(files: Files, corrections: Iterable[Correction]) -> dict[str, str]:
    """The texts after corrections that do not overlap."""
    by_path: dict[str, list[TextEdit]] = {}
    for correction in corrections:
        for path, edit in correction.edits:
            by_path.setdefault(path, []).append(edit)
    changed = {path: apply_edits(files[path], edits) for path, edits in by_path.items()}
    return {**files, **changed}


def fix_to_fixed_point(
    files: Files,
    audit: Callable[[Files], AuditedT],
    *,
    allow_unsafe: bool = False,
    max_rounds: int = MAX_ROUNDS,
    guard: Guard[AuditedT] | None = None,
) -> FixResult:
    """Apply corrections until none is left that can be applied; nothing is written.

    A round after which there is a problem that was not there before, or the same finding with the same
    correction again, is not kept: its corrections are tried in ever smaller groups, and the one at fault is
    refused. So is one that comes back in a later round. Where a rule is never satisfied, none of its
    corrections is kept.

    Args:
        files: the texts that may be changed; a correction that touches another file is refused.
        audit: reads and audits the given texts instead of those on disk.
        allow_unsafe: apply corrections of grade "unsafe" too.
        guard: what else speaks against corrections: the audits before and after them -> why not, or None.
    """
    run = _Run(files, audit, allow_unsafe, guard)
    while not run.settle(max_rounds):
        # Every time at least one rule is barred, so this ends.
        unsettled = {correction.finding.rule for correction in run.open()}
        reason = f"its corrections do not come to an end: more were due after {max_rounds} rounds"
        run.start_again(dict.fromkeys(unsettled, reason))
    return FixResult(run.texts, tuple(run.applied), run.refusals(), run.current)


class _Run(Generic[AuditedT]):
    """The state of one run: the texts as they are so far, their audit, and what is not tried again."""

    def __init__(
        self,
        files: Files,
        audit: Callable[[Files], AuditedT],
        allow_unsafe: bool,
        guard: Guard[AuditedT] | None,
    ) -> None:
        self._audit = audit
        self._guard = guard
        self._files = dict(files)
        self._grades = ("safe", "unsafe") if allow_unsafe else ("safe",)
        self._first = audit(self._files)
        self._audits = MAX_AUDITS
        self._barred: dict[str, str] = {}
        self.start_again({})

    def start_again(self, barred: Mapping[str, str]) -> None:
        """Go back to the texts as they were given, without the corrections of some more rules."""
        self._barred.update(barred)
        self.texts = self._files
        self.current = self._first
        self.applied: list[Applied] = []
        self._refused: dict[Key, str] = {}
        self._left: dict[Key, int] = {}

    def settle(self, max_rounds: int) -> bool:
        """Apply rounds until nothing is open; False if something still is after so many."""
        for _ in range(max_rounds):
            for key, count in _keys(self.current).items():
                if count > self._left.get(key, count):
                    self._refused.setdefault(key, "it came back after it had been applied")
            chosen = plan(self.open())
            if not chosen:
                return True
            self._round(chosen)
        return not self.open()

    def open(self) -> list[Correction]:
        """For each finding the first of its corrections that may be applied."""
        found = (self._choose(finding) for finding in self.current.findings)
        return [correction for correction in found if correction is not None]

    def _choose(self, finding: Reported) -> Correction | None:
        for fix in finding.fixes:
            if fix.grade in self._grades and self._obstacle(finding, fix) is None:
                edits = tuple(
                    (span.source.real_path, TextEdit(span.start, span.end, new)) for span, new in fix.edits
                )
                return Correction(finding, fix, _key(finding, fix), edits)
        return None

    def _obstacle(self, finding: Reported, fix: RenderedFix) -> str | None:
        """Why a correction is not applied, for people; None where nothing but its grade may be in its way."""
        if fix.refused is not None:
            return fix.refused
        if finding.rule in self._barred:
            return self._barred[finding.rule]
        if not fix.edits:
            return "there is nothing to apply"
        for edit in fix.edits:
            source = edit.span.source
            if source.real_path not in self.texts:
                return f"it would change {source.path}, which cannot be written"
            if source.text != self.texts[source.real_path]:
                return f"{source.path} was read twice and was not the same"
        return self._refused.get(_key(finding, fix))

    def _round(self, chosen: list[Correction]) -> None:
        base, base_texts = self.current, self.texts
        kept: list[Correction] = []
        # What cannot be compared must not hide what can.
        groups = [[c for c in chosen if (c.fix.admits is None) is apart] for apart in (True, False)]
        groups = [group for group in groups if group]
        while groups:
            group = groups.pop()
            if not self._audits:
                for correction in group:
                    self._refused[correction.key] = "too many other corrections failed: it was not tried"
                continue
            self._audits -= 1
            texts = apply(base_texts, [*kept, *group])
            outcome = self._audit(texts)
            fault = _fault(base, outcome, [*kept, *group])
            if fault is None and self._guard is not None:
                fault = self._guard(self.current, outcome, group)
            if fault is None:
                kept += group
                self.current, self.texts = outcome, texts
            elif len(group) == 1:
                self._refused[group[0].key] = fault
            else:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
        before = _keys(base)
        for key, count in Counter(correction.key for correction in kept).items():
            self._left[key] = before[key] - count
        for correction in kept:
            rule, at = correction.finding.rule, correction.finding.at
            self.applied.append(Applied(rule, correction.fix.title, at.source.path, at.begin.line))

    def refusals(self) -> tuple[Refusal, ...]:
        """What could not be applied, at its place in the texts as they are left."""
        found: dict[Refusal, None] = {}
        for finding in self.current.findings:
            for fix in finding.fixes:
                wanted = fix.grade in self._grades or fix.refused is not None
                reason = self._obstacle(finding, fix) if wanted else None
                if reason is not None:
                    found[Refusal(finding.rule, finding.at.source.path, finding.at.begin.line, reason)] = None
                    break
        return tuple(found)


def _fault(before: Audited, after: Audited, applied: Sequence[Correction]) -> str | None:
    """Why the texts after corrections must not be kept; None where they may."""
    known = Counter((problem.kind, problem.message, problem.path) for problem in before.problems)
    for problem in after.problems:
        known[problem.kind, problem.message, problem.path] -= 1
        if known[problem.kind, problem.message, problem.path] < 0:
            line = f":{problem.span.begin.line}" if problem.span is not None else ""
            return f"it would cause a problem: {problem.message} ({problem.path}{line})"
    expected = _keys(before)
    expected.subtract(correction.key for correction in applied)
    now = _keys(after)
    if any(now[correction.key] > expected[correction.key] for correction in applied):
        return "it would not settle the finding"
    return None


def _keys(audited: Audited) -> Counter[Key]:
    return Counter(_key(finding, fix) for finding in audited.findings for fix in finding.fixes if fix.edits)


def _key(finding: Reported, fix: RenderedFix) -> Key:
    edits = tuple((edit.span.source.real_path, edit.span.text, edit.text) for edit in fix.edits)
    return finding.rule, finding.fingerprint, fix.title, edits


def _order(correction: Correction) -> tuple[object, ...]:
    first_path, first = min(correction.edits)
    return first_path, first.start, first.end, correction.finding.rule, correction.fix.title, correction.edits
