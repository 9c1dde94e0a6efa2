"""Whether what a rule yields keeps to the contract: rules of third parties are not type-checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from named_audit.lint.contract import AUDIENCES, Change, Finding, Fix, Grade, Related, Scope, Severity, Span
from named_audit.syntax.source import Source

_GRADES = get_args(Grade)
_HOW = ("replace", "after", "inside", "delete")


def malformed(finding: object) -> str | None:
    """What is wrong with a finding, without quoting anything of it; None if nothing is."""
    if not isinstance(finding, Finding):
        return f"a {_kind(finding)} in place of a Finding"
    severity: object = finding.severity
    if not _span(finding.at):
        return "'at' is no Span within its source"
    if not isinstance(finding.message, str) or not finding.message:
        return f"'message' is {_kind(finding.message)}, not text"
    if severity is not None and not isinstance(severity, Severity):
        return f"'severity' is {_kind(severity)}, not a Severity"
    if finding.audience is not None and finding.audience not in AUDIENCES:
        return f"'audience' is none of {', '.join(AUDIENCES)}"
    if not isinstance(finding.related, tuple) or not all(map(_related, finding.related)):
        return "'related' is no tuple of Related"
    if not isinstance(finding.scopes, tuple) or not all(map(_scope, finding.scopes)):
        return "'scopes' is no tuple of Scope"
    if not isinstance(finding.fixes, tuple) or not all(map(_fix, finding.fixes)):
        return "'fixes' is no tuple of Fix"
    return None


def _kind(value: object) -> str:
    return type(value).__name__


def _span(value: object) -> bool:
    return (
        isinstance(value, Span)
        and isinstance(value.source, Source)
        and isinstance(value.start, int)
        and isinstance(value.end, int)
        and 0 <= value.start <= value.end <= len(value.source.text)
    )


def _related(value: object) -> bool:
    return isinstance(value, Related) and _span(value.span) and isinstance(value.message, str)


def _scope(value: object) -> bool:
    return (
        isinstance(value, Scope)
        and isinstance(value.zone, str)
        and (value.view is None or isinstance(value.view, str))
    )


def _fix(value: object) -> bool:
    return (
        isinstance(value, Fix)
        and isinstance(value.title, str)
        and isinstance(value.changes, tuple)
        and all(map(_change, value.changes))
        and value.grade in _GRADES
        and isinstance(value.values, Mapping)
    )


def _change(value: object) -> bool:
    return (
        isinstance(value, Change)
        and value.how in _HOW
        and _span(value.span)
        and isinstance(value.part, str)
        and isinstance(value.values, Mapping)
    )
