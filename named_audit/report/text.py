"""The report for people."""

from __future__ import annotations

from named_audit.lint.contract import Outcome
from named_audit.report.closing import closing_line


def render_text(outcome: Outcome, *, color: bool, width: int) -> str:
    """The report as lines of text; excerpts are clipped to `width` columns, messages never.

    With `color` it holds ANSI sequences; otherwise nothing but printable characters and line feeds.
    """
    if not (outcome.findings or outcome.problems or outcome.notes or outcome.changes):
        return closing_line(outcome) + "\n"
    # Imported here: a clean run pays neither for excerpts nor for redaction.
    from named_audit.report.full_text import render_full_text

    return render_full_text(outcome, color=color, width=width)
