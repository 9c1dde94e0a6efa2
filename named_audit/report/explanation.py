"""What `explain` says about log lines and pieces of configurations, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import Answer
from named_audit.policy.question import Step
from named_audit.report.fragment_words import Passage
from named_audit.report.shown import shown
from named_audit.syntax.source import Span

VERSION = 1

_MOST_SHOWN = 300
"""How much of a line is shown, in characters."""

_MOST_STEPS = 40


class Explained(NamedTuple):
    """One message of a log with everything there is to say about it.

    `lines` lines say the same but for ports and times. `why` is what a transfer's end means. `entry` is None for a line
    that is not known. `answer` is None without a configuration.
    """

    text: str
    lines: int
    entry: LogEntry | None
    why: str | None = None
    answer: Answer | None = None
    root: str | None = None
    reported: tuple[str, ...] = ()
    """The rules of the line that report what has decided."""


def log_text(found: Sequence[Explained]) -> str:
    """For people: each message, what it means, what decides, what to do."""
    return "\n".join("\n".join(_log_lines(each)) + "\n" for each in found)


def _log_lines(found: Explained) -> Iterator[str]:
    more = f"  ({found.lines} lines like it)" if found.lines > 1 else ""
    yield f"{_cut(found.text)}{more}"
    entry = found.entry
    if entry is None:
        yield "  not known: no message of named's that is known here; nothing is guessed"
        return
    line = entry.line
    yield f"  {shown(entry.said(line.means))}"
    if found.why is not None:
        yield f"  {shown(entry.word('why'))}: {shown(entry.said(found.why))}."
    # Where the configuration names the cause, what it could be elsewhere only costs time.
    if line.causes and (found.answer is None or found.answer.at is None):
        yield "  causes:"
        yield from (f"    - {shown(entry.said(cause))}" for cause in line.causes)
    if found.answer is not None:
        yield f"  in {shown(found.root or '')}:"
        yield from _answer_lines(found.answer)
    if line.remedies:
        yield "  what to do:"
        yield from (f"    - {shown(entry.said(remedy))}" for remedy in line.remedies)
    if line.commands:
        yield f"  to see it: {'; '.join(entry.command(command) for command in line.commands)}"
    if line.rules:
        here = f" ({', '.join(found.reported)}: reported there)" if found.reported else ""
        yield f"  rules: {', '.join(line.rules)}{here}"
    releases = f"; BIND: {line.releases}" if line.releases else ""
    yield f"  logged as: {line.category}, {line.severity}{releases}"


def _answer_lines(answer: Answer) -> Iterator[str]:
    yield f"    {_place(answer.at)}{shown(answer.verdict)}"
    yield from (f"      depends: {shown(each)}" for each in answer.depends)
    for step in answer.steps[:_MOST_STEPS]:
        yield f"      {'  ' * step.depth}{_place(step.span)}{_cut(step.element)}: {shown(step.result)}"
    if len(answer.steps) > _MOST_STEPS:
        yield f"      and {len(answer.steps) - _MOST_STEPS} more steps"
    if answer.write:
        yield "    to write:"
        yield from (f"      {shown(each)}" for each in answer.write)


def log_json(found: Sequence[Explained], *, complete: bool) -> str:
    """One object; `known` is false for lines about which nothing is said."""
    document = {
        "version": VERSION,
        "kind": "log",
        "complete": complete,
        "messages": [_log_object(each) for each in found],
    }
    return json.dumps(document, indent=2) + "\n"


def _log_object(found: Explained) -> dict[str, object]:
    entry = found.entry
    document: dict[str, object] = {"line": _cut(found.text), "count": found.lines, "known": entry is not None}
    if entry is None:
        return document
    line = entry.line
    document |= {
        "message": line.id,
        "fields": {name: shown(value) for name, value in entry.fields.items()},
        "means": shown(entry.said(line.means)),
        "why": shown(entry.said(found.why)) if found.why is not None else None,
        "causes": [shown(entry.said(each)) for each in line.causes],
        "remedies": [shown(entry.said(each)) for each in line.remedies],
        "commands": [entry.command(each) for each in line.commands],
        "rules": list(line.rules),
        "category": line.category,
        "severity": line.severity,
        "releases": line.releases or None,
    }
    answer = found.answer
    if answer is not None:
        document["answer"] = {
            "root": shown(found.root or ""),
            "rules": list(found.reported),
            "verdict": shown(answer.verdict),
            "decided_by": _place_object(answer.at),
            "trace": [_step_object(step) for step in answer.steps[:_MOST_STEPS]],
            "depends": [shown(each) for each in answer.depends],
            "write": [shown(each) for each in answer.write],
        }
    return document


def _step_object(step: Step) -> dict[str, object]:
    return {**_place_object(step.span), "element": _cut(step.element), "result": shown(step.result)}


def _place_object(span: Span | None) -> dict[str, object]:
    if span is None:
        return {"path": None, "line": None}
    return {"path": shown(span.source.path), "line": span.begin.line}


def piece_text(passages: Sequence[Passage]) -> str:
    """For people: each statement and what it says; those that are not explained are named in the end."""
    lines: list[str] = []
    silent: dict[str, None] = {}
    for passage in passages:
        if not passage.said:
            if passage.title:
                silent[_cut(passage.title.split()[0])] = None
            continue
        lines.append(f"{_place(passage.at)}{_cut(passage.title)}")
        lines += [
            f"  {'  ' * said.depth}{_line_of(said.at, passage.at)}{shown(said.text)}" for said in passage.said
        ]
        lines.append("")
    silent = {name: None for name in silent if name not in ("zone", "view", "options", "template")}
    if silent:
        names = ", ".join([*silent][:20]) + (f" and {len(silent) - 20} more" if len(silent) > 20 else "")
        lines += [f"not explained: {names}", ""]
    return "".join(f"{line}\n" for line in lines)


def piece_object(passages: Sequence[Passage]) -> list[dict[str, object]]:
    """The same as JSON takes it."""
    return [
        {
            **_place_object(passage.at),
            "statement": _cut(passage.title),
            "says": [
                {
                    "text": shown(said.text),
                    "depth": said.depth,
                    "line": said.at.begin.line if said.at is not None else None,
                }
                for said in passage.said
            ],
        }
        for passage in passages
    ]


def _line_of(at: Span | None, passage: Span) -> str:
    if at is None:
        return ""
    if at.source is not passage.source:
        return _place(at)
    return f"line {at.begin.line}: " if at.begin.line != passage.begin.line else ""


def _place(span: Span | None) -> str:
    return "" if span is None else f"{shown(span.source.path)}:{span.begin.line}: "


def _cut(text: str) -> str:
    words = shown(text)
    return words if len(words) <= _MOST_SHOWN else words[: _MOST_SHOWN - 3] + "..."
