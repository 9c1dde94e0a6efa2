"""The report as SARIF 2.1.0, for code scanning and for editors."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias
from urllib.parse import quote

from named_audit import __version__
from named_audit.lint.contract import Outcome, RenderedFix, Reported, Severity
from named_audit.report.as_json import counts_object, scope_objects
from named_audit.report.shown import (
    absolute,
    encodable,
    has_odd_bytes,
    is_stream,
    relative,
    shown,
    zones_line,
)
from named_audit.syntax.redact import redact_text
from named_audit.syntax.source import Problem, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT_ID = "SRCROOT"

_LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "note"}
# Code scanning sorts by CVSS-like numbers: high from 7.0, medium from 4.0, low from 0.1.
_NUMBERS = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5", Severity.INFO: "0.1"}

Json: TypeAlias = dict[str, Any]


def render_sarif(outcome: Outcome, *, cwd: str) -> str:
    """One SARIF log with one run, in ASCII; uris of what lies below `cwd` are relative to it."""
    writer = _Writer(cwd)
    rules = _rules(outcome.findings)
    index = {rule: number for number, rule in enumerate(rules)}
    run: Json = {
        "tool": {
            "driver": {
                "name": "named-audit",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": list(rules.values()),
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT_ID: {"uri": _file_uri(cwd, directory=True)}},
        "invocations": [
            {
                "executionSuccessful": outcome.complete,
                "workingDirectory": {"uri": _file_uri(cwd, directory=True)},
                "toolExecutionNotifications": [
                    *(writer.notification(problem) for problem in outcome.problems),
                    *({"level": "note", "message": _message(shown(note))} for note in outcome.notes),
                ],
            }
        ],
        "results": [writer.result(finding, index[finding.rule]) for finding in outcome.findings],
        "properties": {
            "bind": None if outcome.bind is None else encodable(outcome.bind),
            "counts": counts_object(outcome.counts),
        },
    }
    if writer.streams:
        run["artifacts"] = [
            {"description": {"text": shown(path)}, "roles": ["standardStream"]} for path in writer.streams
        ]
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rules(findings: tuple[Reported, ...]) -> dict[str, Json]:
    worst: dict[str, Reported] = {}
    for finding in findings:
        known = worst.get(finding.rule)
        if known is None or finding.severity > known.severity:
            worst[finding.rule] = finding
    return {rule: _rule(worst[rule]) for rule in sorted(worst)}


def _rule(finding: Reported) -> Json:
    identity = encodable(finding.rule)
    headline = shown(finding.headline) or identity
    references = [shown(reference) for reference in finding.references]
    help_text = "\n".join([headline, f"See: named-audit explain {identity}", *references])
    return {
        "id": identity,
        "shortDescription": {"text": headline},
        "fullDescription": {"text": headline},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "security-severity": _NUMBERS[finding.severity],
            "tags": ["security", "dns", finding.audience],
        },
    }


class _Writer:
    """Turns values into SARIF objects and remembers the inputs that have no uri."""

    def __init__(self, cwd: str) -> None:
        self._cwd = cwd
        self.streams: list[str] = []

    def result(self, finding: Reported, rule_index: int) -> Json:
        """One finding."""
        zones = zones_line(finding.scopes)
        result: Json = {
            "ruleId": encodable(finding.rule),
            "ruleIndex": rule_index,
            "level": _LEVELS[finding.severity],
            "message": _message(shown(finding.message) + (f"\n{zones}" if zones else "")),
            "locations": [{"physicalLocation": self._physical(finding.at.source.path, finding.at)}],
            "relatedLocations": [
                {
                    "id": number,
                    "physicalLocation": self._physical(related.span.source.path, related.span),
                    "message": _message(shown(related.message)),
                }
                for number, related in enumerate(finding.related)
            ],
            "partialFingerprints": {"namedAudit/v1": encodable(finding.fingerprint)},
            "properties": {
                "severity": finding.severity.word,
                "audience": finding.audience,
                "scopes": scope_objects(finding),
                "scope_count": len(finding.scopes),
            },
        }
        fixes: list[Json] = []
        for fix in filter(_applicable, finding.fixes):
            written = self._fix(fix)
            # The schema wants each only once.
            if written not in fixes:
                fixes.append(written)
        if fixes:
            result["fixes"] = fixes
        return result

    def notification(self, problem: Problem) -> Json:
        """One problem."""
        return {
            "level": "error",
            "descriptor": {"id": encodable(problem.kind)},
            "message": _message(shown(problem.message)),
            "locations": [{"physicalLocation": self._physical(problem.path, problem.span)}],
        }

    def _fix(self, fix: RenderedFix) -> Json:
        changes: dict[str, list[Json]] = {}
        for edit in fix.edits:
            replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
            changes.setdefault(edit.span.source.path, []).append(replacement)
        return {
            "description": {"text": f"{shown(fix.title)} ({fix.grade})"},
            "artifactChanges": [
                {"artifactLocation": self._artifact(path), "replacements": replacements}
                for path, replacements in changes.items()
            ],
        }

    def _physical(self, path: str, span: Span | None) -> Json:
        physical: Json = {"artifactLocation": self._artifact(path)}
        if span is not None:
            physical["region"] = _region(span)
        return physical

    def _artifact(self, path: str) -> Json:
        if is_stream(path):
            # A pipe has no uri that would mean anything later: an entry in `artifacts` without a place.
            if path not in self.streams:
                self.streams.append(path)
            return {"index": self.streams.index(path)}
        below = relative(path, self._cwd)
        if below is None:
            return {"uri": _file_uri(absolute(path, self._cwd))}
        return {"uri": _quoted(below), "uriBaseId": ROOT_ID}


def _applicable(fix: RenderedFix) -> bool:
    """Whether a reader of the log may apply a correction as it stands there."""
    return (
        bool(fix.edits)
        and fix.grade != "display"
        and not any(is_stream(edit.span.source.path) for edit in fix.edits)
        # Neither can be written as it is.
        and not any(has_odd_bytes(edit.text) or redact_text(edit.text) != edit.text for edit in fix.edits)
    )


def _region(span: Span) -> Json:
    begin, finish = span.begin, span.finish
    return {
        "startLine": begin.line,
        "startColumn": begin.column,
        "endLine": finish.line,
        "endColumn": finish.column,
    }


def _message(text: str) -> Json:
    # `[words](target)` in a message is a link, and names come from the file.
    return {"text": text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text}


def _file_uri(path: str, *, directory: bool = False) -> str:
    quoted = _quoted(path)
    return f"file://{quoted}{'/' if directory and not quoted.endswith('/') else ''}"


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogatepass" if _lone(path) else "surrogateescape"), safe="/")


def _lone(path: str) -> bool:
    # Only U+DC80 to U+DCFF stand for bytes; other halves of pairs cannot come from a file system.
    return has_odd_bytes(re.sub("[\udc80-\udcff]", "", path))
