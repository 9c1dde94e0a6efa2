"""Applying corrections: in memory to a fixed point, proven where they claim to be safe, then written at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from named_audit.cli.output import repository
from named_audit.cli.session import Run, Session
from named_audit.fix.apply import Correction, FixResult, fix_to_fixed_point
from named_audit.fix.diff import unified_diff
from named_audit.fix.guard import RootState, guard
from named_audit.fix.writer import WriteRefused, write_all
from named_audit.policy.summary import summarise
from named_audit.syntax.source import Problem

if TYPE_CHECKING:
    from named_audit.policy.difference import RootDifference


def correct(session: Session, run: Run, *, unsafe: bool, write: bool) -> tuple[Run, str, str | None]:
    """Apply what may be applied.

    Returns the run over the corrected files, the unified diff, and why nothing was written (None: all is well).
    """
    texts = {path: source.text for path, source in run.sources.items() if _on_disk(path, source.path)}

    also = session.sharing(run)

    def audit(files: Mapping[str, str]) -> _State:
        return _State(session.run(files, also, ask=False))

    def objection(before: _State, after: _State, corrections: Sequence[Correction]) -> str | None:
        return guard(before.roots, after.roots, corrections)

    result = fix_to_fixed_point(texts, audit, allow_unsafe=False, guard=objection)
    refused = list(result.refused)
    if result.applied and not _same_policies(session, also, texts, result):
        # A correction that claims to change nothing and does: a bug in a rule. None of them is kept.
        result = FixResult(texts, (), (), run.outcome)
        refused = []
        note: str | None = "safe corrections were not applied: together they would change who is served"
    else:
        note = None
    if unsafe:
        safe_applied = result.applied
        result = fix_to_fixed_point(result.files, audit, allow_unsafe=True, guard=objection)
        result = result._replace(applied=(*safe_applied, *result.applied))
        refused = list(result.refused)
    changed = {path: text for path, text in result.files.items() if text != texts[path]}
    shown = {path: _name(path, run.sources[path].path) for path in changed}
    diff = "".join(unified_diff(shown[path], texts[path], text) for path, text in sorted(changed.items()))
    if write and changed:
        try:
            write_all({path: (run.sources[path].to_bytes(), _bytes(text)) for path, text in changed.items()})
        except WriteRefused as error:
            problem = Problem("write", f"nothing was written: {error}", error.path)
            outcome = run.outcome._replace(problems=(*run.outcome.problems, problem))
            return run._replace(outcome=outcome), diff, str(error)
    # named-checkconf reads the files: nothing is said of them as they would be.
    after = session.run(result.files, ask=write or not changed)
    notes = [f"{item.path}:{item.line}: not corrected ({item.rule}): {item.reason}" for item in refused]
    if note is not None:
        notes.append(note)
    outcome = after.outcome._replace(
        changes=tuple(_changes(run, after)) if changed else (),
        notes=(*after.outcome.notes, *notes),
        counts=after.outcome.counts._replace(fixed=len(result.applied) if write else 0),
    )
    return after._replace(outcome=outcome), diff, None


def _changes(before: Run, after: Run) -> Iterator[RootDifference]:
    from named_audit.policy.difference import root_difference
    from named_audit.policy.survey import Survey

    several = len(after.judged) > 1
    old = {each.config.tree.root.path: each.config for each in before.judged}
    for judged in after.judged:
        path = judged.config.tree.root.path
        found = root_difference(path if several else None, Survey(old[path]), Survey(judged.config))
        if found.zones or found.keys:
            yield found


def _same_policies(
    session: Session, also: Sequence[str], texts: Mapping[str, str], result: FixResult
) -> bool:
    before = session.run(texts, also, ask=False)
    after = session.run(result.files, also, ask=False)
    return [summarise(each.config) for each in before.judged] == [
        summarise(each.config) for each in after.judged
    ]


class _State:
    """A run as the fix loop and its guard see it."""

    def __init__(self, run: Run) -> None:
        self.findings = run.outcome.findings
        self.problems = run.outcome.problems
        self.roots = [
            RootState(each.config, each.findings, each.problems, witness=not each.asked)
            for each in run.judged
        ]


def _name(real_path: str, path: str) -> str:
    """What a diff calls a file: `patch` follows no symbolic link and leaves no folder upwards."""
    from named_audit.report.shown import relative

    cwd = os.getcwd()
    places = [folder for folder in (os.path.realpath(cwd), repository(os.path.realpath(cwd))) if folder]
    found = (relative(real_path, cwd, folder) for folder in places)
    return next((name for name in found if name is not None), path)


def _on_disk(real_path: str, path: str) -> bool:
    return real_path != "-" and path != "<stdin>" and not real_path.startswith(("/dev/", "/proc/"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
