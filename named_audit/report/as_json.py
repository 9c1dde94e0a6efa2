"""The report as JSON, version 1."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from named_audit.lint.contract import Counts, Edit, Outcome, RenderedFix, Reported
from named_audit.report.shown import encodable
from named_audit.syntax.redact import redact_text
from named_audit.syntax.source import Position, Problem, Related

VERSION = 1
MAX_SCOPES = 100

Json: TypeAlias = dict[str, Any]


def render_json(outcome: Outcome) -> str:
    """The whole outcome as one JSON object in ASCII, with a line feed at its end.

    Lines and columns are 1-based code points; a byte that is not UTF-8 counts as one and appears as \\xNN.
    """
    document = {
        "version": VERSION,
        "complete": outcome.complete,
        "bind": None if outcome.bind is None else encodable(outcome.bind),
        "files": [encodable(path) for path in outcome.files],
        "findings": [finding_object(finding) for finding in outcome.findings],
        "problems": [problem_object(problem) for problem in outcome.problems],
        "changes": _changes(outcome),
        "notes": [_free(note) for note in outcome.notes],
        "counts": counts_object(outcome.counts),
    }
    return json.dumps(document, indent=2) + "\n"


def _changes(outcome: Outcome) -> list[Json]:
    if not outcome.changes:
        return []
    from named_audit.report.differences import zone_change_object

    return [zone_change_object(change, root.root) for root in outcome.changes for change in root.zones]


def counts_object(counts: Counts) -> Json:
    """Every count under its own name."""
    return {
        "files": counts.files,
        "zones": counts.zones,
        "by_severity": {str(word): count for word, count in counts.by_severity.items()},
        "ignored": counts.ignored,
        "below_audience": counts.below_audience,
        "hidden_secrets": counts.hidden_secrets,
        "external": counts.external,
        "unread": counts.unread,
        "not_understood": counts.not_understood,
        "fragments": counts.fragments,
        "fixed": counts.fixed,
    }


def scope_objects(finding: Reported) -> list[Json]:
    """The first zones that a finding is about."""
    return [
        {"zone": _free(scope.zone), "view": None if scope.view is None else _free(scope.view)}
        for scope in finding.scopes[:MAX_SCOPES]
    ]


def finding_object(finding: Reported) -> Json:
    """One finding."""
    return {
        "rule": encodable(finding.rule),
        "severity": finding.severity.word,
        "audience": finding.audience,
        "message": _free(finding.message),
        "path": encodable(finding.at.source.path),
        "start": _place(finding.at.begin),
        "end": _place(finding.at.finish),
        "scopes": scope_objects(finding),
        "scope_count": len(finding.scopes),
        "related": [_related(related) for related in finding.related],
        "fixes": [_fix(fix) for fix in finding.fixes],
        "references": [_free(reference) for reference in finding.references],
        "fingerprint": encodable(finding.fingerprint),
    }


def _related(related: Related) -> Json:
    return {
        "path": encodable(related.span.source.path),
        "start": _place(related.span.begin),
        "end": _place(related.span.finish),
        "message": _free(related.message),
    }


def _fix(fix: RenderedFix) -> Json:
    return {
        "title": _free(fix.title),
        "grade": fix.grade,
        "snippet": _free(fix.snippet),
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> Json:
    return {
        "path": encodable(edit.span.source.path),
        "start": _place(edit.span.begin),
        "end": _place(edit.span.finish),
        "text": _free(edit.text),
    }


def problem_object(problem: Problem) -> Json:
    """One problem."""
    return {
        "kind": encodable(problem.kind),
        "message": _free(problem.message),
        "path": encodable(problem.path),
        "start": None if problem.span is None else _place(problem.span.begin),
    }


def _place(position: Position) -> Json:
    return {"line": position.line, "column": position.column}


def _free(text: str) -> str:
    return encodable(redact_text(text))
