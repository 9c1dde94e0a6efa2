"""The report as GitHub workflow commands, which become annotations on the changed lines."""

from __future__ import annotations

from named_audit.lint.contract import Outcome, Reported, Severity
from named_audit.report.closing import closing_line, incomplete_line
from named_audit.report.shown import (
    encodable,
    is_stream,
    problem_words,
    relative,
    shown,
    visible,
    zones_line,
)
from named_audit.syntax.redact import redact_text
from named_audit.syntax.source import Span

_COMMANDS = {
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}


def render_github(outcome: Outcome, *, cwd: str, repository: str | None = None) -> str:
    """One workflow command per finding and problem, then plain lines with notes and counts.

    GitHub takes paths from the top of the repository, wherever the program ran; without one, from `cwd`.
    """
    lines = [_finding(finding, cwd, repository) for finding in outcome.findings]
    for problem in outcome.problems:
        properties = _place(problem.path, problem.span, cwd, repository) | {"title": problem_words(problem)}
        lines.append(_command("error", properties, shown(problem.message)))
    lines.extend(f"note: {shown(note)}" for note in outcome.notes)
    lines.append(closing_line(outcome))
    if not outcome.complete:
        lines.append(incomplete_line(outcome))
    return "\n".join(lines) + "\n"


def _finding(finding: Reported, cwd: str, repository: str | None) -> str:
    parts = [shown(finding.message), zones_line(finding.scopes)]
    for fix in finding.fixes[:1]:
        reason = f": {shown(fix.refused)}" if fix.refused else ""
        parts.append(f"{shown(fix.title)} ({fix.grade}{reason})" + (":" if fix.snippet else ""))
        # The annotation is where many read the correction, so its lines stay lines.
        parts.extend(visible(line.expandtabs()) for line in redact_text(fix.snippet).splitlines())
    properties = _place(finding.at.source.path, finding.at, cwd, repository) | {
        "title": encodable(finding.rule)
    }
    return _command(_COMMANDS[finding.severity], properties, "\n".join(part for part in parts if part))


def _place(path: str, span: Span | None, cwd: str, repository: str | None) -> dict[str, str]:
    if is_stream(path):
        return {}
    properties = {"file": encodable(relative(path, cwd, repository) or relative(path, cwd) or path)}
    if span is not None:
        begin, finish = span.begin, span.finish
        properties |= {"line": str(begin.line), "endLine": str(finish.line)}
        # Columns only count where a place does not go beyond its line.
        if begin.line == finish.line:
            properties |= {"col": str(begin.column), "endColumn": str(finish.column)}
    return properties


def _command(name: str, properties: dict[str, str], message: str) -> str:
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
