"""The closing lines: what was found, in how much, and what was left out. All that a clean run shows."""

from __future__ import annotations

from collections.abc import Iterable

from named_audit.lint.contract import Outcome, Severity


def closing_line(outcome: Outcome) -> str:
    """What was found and in how much, and every count that is not zero."""
    counts = outcome.counts
    number = len(outcome.findings)
    if number:
        by_severity = [
            f"{count} {severity.word}"
            for severity in sorted(Severity, reverse=True)
            if (count := sum(finding.severity is severity for finding in outcome.findings))
        ]
        head = f"{_many(number, 'finding')} ({', '.join(by_severity)})"
    else:
        head = "clean: no findings" if outcome.complete else "no findings in what was read:"
    where = f"{_many(counts.files, 'file')}, {_many(counts.zones, 'zone')}"
    tail = ", ".join(f"{words} {count}" for words, count in _tail(outcome) if count)
    return f"{head} {'' if head.endswith(':') else 'in '}{where}{'; ' if tail else ''}{tail}"


def _tail(outcome: Outcome) -> Iterable[tuple[str, int]]:
    counts = outcome.counts
    return (
        ("fixed", counts.fixed),
        ("ignored", counts.ignored),
        ("hidden for a wider audience", counts.below_audience),
        ("hidden secrets", counts.hidden_secrets),
        ("external includes", counts.external),
        ("unread", counts.unread),
        ("not understood", counts.not_understood),
        ("fragments", counts.fragments),
    )


def incomplete_line(outcome: Outcome) -> str:
    """The sentence that no reader can take for an all-clear; empty if everything was read and understood."""
    if outcome.complete:
        return ""
    number = len(outcome.problems)
    what = "What it hides" if number == 1 else "What they hide"
    return f"INCOMPLETE: {_many(number, 'problem')}, see above. {what} was not judged: this is no all-clear."


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
