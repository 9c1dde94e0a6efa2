"""The answer to one request: served or refused, and the trace that leads there."""

from __future__ import annotations

import json

from named_audit.model.matchlist import address_text
from named_audit.model.names import canonical
from named_audit.policy.question import Request, Verdict
from named_audit.release import Release
from named_audit.report.shown import encodable, shown
from named_audit.report.who_json import VERSION


def verdict_json(verdict: Verdict, zone: str, release: Release | None, *, complete: bool) -> str:
    """One JSON object; `depends` and `releases` say what the answer is subject to."""
    setting = verdict.setting
    span = setting.statement.span if setting.statement is not None else None
    document = {
        "version": VERSION,
        "complete": complete,
        "bind": None if release is None else encodable(str(release)),
        "served": verdict.served,
        "zone": encodable(canonical(zone)),
        "view": None if verdict.view is None or verdict.view.name is None else encodable(verdict.view.name),
        "decided_by": {
            "level": setting.level if span is not None else "default",
            "path": encodable(span.source.path) if span is not None else None,
            "line": span.begin.line if span is not None else None,
        },
        "releases": None if verdict.releases is None else list(verdict.releases),
        "depends": [encodable(each) for each in verdict.depends],
        "trace": [
            {
                "path": None if step.span is None else encodable(step.span.source.path),
                "line": None if step.span is None else step.span.begin.line,
                "element": shown(step.element),
                "result": shown(step.result),
            }
            for step in verdict.trace
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def verdict_text(verdict: Verdict, zone: str, request: Request, *, complete: bool) -> str:
    """The answer in a line, what it depends on, and the trace."""
    word = "SERVED" if verdict.served else "REFUSED"
    where = f" in view {shown(verdict.view.name)}" if verdict.view is not None and verdict.view.name else ""
    proof = f"signed with {shown(request.signer)}" if request.signer is not None else "unsigned"
    over = " over TLS" if request.transport == "tls" else ""
    client = address_text(request.address, request.family)
    on = f" on BIND {', '.join(verdict.releases)}" if verdict.releases is not None else ""
    lines = [f"{word}{on}: {shown(canonical(zone))}{where} to {client}, {proof}{over}"]
    lines += [f"  depends: {shown(each)}" for each in verdict.depends]
    for step in verdict.trace:
        at = f"{shown(step.span.source.path)}:{step.span.begin.line}: " if step.span is not None else ""
        lines.append(f"  {'  ' * step.depth}{at}{shown(step.element)}: {shown(step.result)}")
    if not complete:
        lines.append("INCOMPLETE: not all was read or understood; this is not the whole answer.")
    return "\n".join(lines) + "\n"
