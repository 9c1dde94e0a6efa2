"""`named-audit explain`: a rule, a piece of a configuration, or what named has logged, in words."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from named_audit.cli.catalogue import explain_rule
from named_audit.cli.exits import USAGE, exit_code
from named_audit.cli.guard import guarded
from named_audit.cli.reading import UsageError, reading, reading_options, say_release
from named_audit.lint.contract import AUDIENCES

if TYPE_CHECKING:
    from named_audit.cli.session import Run
    from named_audit.host import Host
    from named_audit.lint.log_reading import LogEntry
    from named_audit.lint.roots import Root
    from named_audit.policy.question import Request
    from named_audit.report.explanation import Explained
    from named_audit.syntax.locate import ReadOptions
    from named_audit.syntax.source import Problem, Span

_KINDS = ("rule", "log", "fragment")
_MOST_MESSAGES = 200
"""How many different messages of one log are explained; a log that has more is read for the first ones."""

_MOST_UNKNOWN = 20
"""How many lines that are not known are shown."""

_MOST_STATEMENTS = 1000
"""How many statements of a fragment are explained."""

_GIVEN = "<argument>"
"""The name of a fragment that stands on the command line."""


@click.command()
@click.argument("what", nargs=-1, metavar="[RULE | FRAGMENT | LOG LINE | FILE | -]")
@click.option(
    "--as", "kind", type=click.Choice(_KINDS), help="What is given, where it cannot be told by itself."
)
@click.option(
    "--config",
    "config",
    metavar="FILE",
    help="The configuration that names are looked up in, and that has decided what was logged.",
)
@click.option("--from", "client", metavar="ADDR", help="Ask the lists of a fragment about this client.")
@click.option("--key", metavar="NAME", help="With --from: the key that signs the request.")
@click.option(
    "--format", "format_", type=click.Choice(("text", "json")), default="text", help="Default: text."
)
@click.option(
    "--audience",
    type=click.Choice(AUDIENCES),
    help="Whose findings on a fragment are shown. Default: regular.",
)
@click.option("--rules", "rule_dirs", multiple=True, metavar="DIR", help="Further rules.")
@reading_options
def explain(**arguments: Any) -> None:
    """Explain a rule, a piece of a configuration, or lines of named's log.

    A rule is named by its id. A fragment or log lines are given as an argument, as a file, or on standard input. Of a
    fragment it says whom each list admits and why, who is asked and told, and what the rules find in it; of a log line the
    causes, what to do, and with --config the statement there that has decided it.

    Exit codes: 0 explained (findings do not fail), 2 usage, 3 something is not known or not understood.
    """
    sys.exit(guarded(lambda: _explain(**arguments)))


class _Choices(NamedTuple):
    config: str | None
    request: Request | None
    format: str
    audience: str | None
    rule_dirs: tuple[str, ...]
    options: ReadOptions
    roots: tuple[str, ...]
    mode: Any


def _explain(
    *,
    what: tuple[str, ...],
    kind: str | None,
    config: str | None,
    client: str | None,
    key: str | None,
    format_: str,
    audience: str | None,
    rule_dirs: tuple[str, ...],
    settings_file: str | None,
    **choices: Any,
) -> int:
    from named_audit.cli.settings import SettingsError, load_settings
    from named_audit.host import LocalHost, OverlayHost, ReadError

    host = OverlayHost(LocalHost())
    try:
        path, text = _given(what, host)
        sort = kind or _sort(text, from_file=path is not None)
        if sort == "rule":
            return explain_rule(text.strip(), rule_dirs, as_json=format_ == "json")
        settings = load_settings(settings_file, host.cwd())
        read = reading(settings, host, given=True, **choices)
        say_release(read.options.release)
        request = _request(client, key)
        chosen = _Choices(
            config,
            request,
            format_,
            audience or settings.audience,
            rule_dirs,
            read.options,
            read.roots,
            read.mode,
        )
        if sort == "log":
            if request is not None:
                raise UsageError("--from asks the lists of a fragment; a log line says itself who it was")
            return _log(text, chosen, host)
        return _fragment(path, text, chosen, host)
    except (SettingsError, UsageError) as error:
        return _usage(str(error))
    except ReadError as error:
        return _unread(what, error.reason)


def _given(what: Sequence[str], host: Host) -> tuple[str | None, str]:
    """The path that was read, if one was, and the text.

    Raises:
        ReadError: it cannot be read.
    """
    if not what or tuple(what) == ("-",):
        if not what and sys.stdin is not None and sys.stdin.isatty():
            raise UsageError(
                "name a rule, or give a fragment or log lines: as an argument, as a file, or on standard input"
            )
        return "-", host.read("-").decode("utf-8", "surrogateescape")
    if len(what) == 1 and _is_path(what[0], host):
        return what[0], host.read(what[0]).decode("utf-8", "surrogateescape")
    if len(what) > 1 and all(host.exists(each) for each in what):
        raise UsageError("one file at a time; for several logs: cat them into standard input")
    return None, " ".join(what)


def _is_path(text: str, host: Host) -> bool:
    """Whether an argument names a file; the id of a rule never does."""
    if re.fullmatch(r"[A-Za-z0-9*_-]*", text) or "\n" in text:
        return False
    return host.exists(text) or re.fullmatch(r"[^\s;{}'\"]*[./][^\s;{}'\"]*", text) is not None


def _sort(text: str, *, from_file: bool) -> str:
    """Which of `_KINDS` a text is.

    Raises:
        UsageError: it is none of them for all one can see.
    """
    from named_audit.lint.log_reading import looks_logged, read_line

    if not from_file and re.fullmatch(r"\s*[A-Za-z0-9*_-]+\s*", text) and read_line(text) is None:
        return "rule"
    lines = [line for line in text.split("\n", 400)[:400] if line.strip()]
    logged = sum(looks_logged(line) or read_line(line) is not None for line in lines)
    if logged and (logged * 2 >= len(lines) or not re.search(r"[;{]", text)):
        return "log"
    if re.search(r"[;{]", text) or (from_file and not lines):
        return "fragment"
    return "log"


def _request(client: str | None, key: str | None) -> Request | None:
    from named_audit.model.matchlist import parse_address
    from named_audit.model.names import canonical
    from named_audit.policy.question import Request
    from named_audit.report.shown import shown

    if client is None:
        if key is not None:
            raise UsageError("--key belongs to a question: give --from ADDR with it")
        return None
    parsed = parse_address(client)
    if parsed is None:
        raise UsageError(f"--from: {shown(client[:80])} is not an address")
    return Request(parsed[1], parsed[0], canonical(key) if key is not None else None)


# Log lines.


def _log(text: str, chosen: _Choices, host: Host) -> int:
    from named_audit.cli.output import write_output
    from named_audit.cli.who import say_problems
    from named_audit.report.explanation import log_json, log_text

    roots, problems = _roots(chosen, host)
    found, left_out = _messages(text, roots)
    if roots:
        found = _reported(found, roots, chosen, host)
    complete = not problems and not left_out and all(each.entry is not None for each in found)
    say_problems(problems)
    if left_out:
        click.echo(
            f"named-audit: {left_out} more lines are not explained: give fewer, or only those that matter",
            err=True,
        )
    if not found:
        click.echo("named-audit: there is no line to explain", err=True)
        complete = False
    report = log_json(found, complete=complete) if chosen.format == "json" else log_text(found)
    failed = write_output(report, None)
    if failed is not None:
        return _usage(failed)
    return exit_code(complete=complete, failing=False, exit_zero=False)


def _roots(chosen: _Choices, host: Host) -> tuple[list[Root], list[Problem]]:
    """What `--config` names, read; nothing without it."""
    if chosen.config is None:
        return [], []
    from named_audit.lint.audit import Audit
    from named_audit.lint.roots import Finder

    found = Finder(host, chosen.options, chosen.roots, chosen.mode).find((chosen.config,))
    problems = list(found.problems)
    for root in found.roots:
        problems += [*root.config.problems, *Audit(root.config, fragment=root.fragment).unjudged()]
    return found.roots, list(dict.fromkeys(problems))


def _messages(text: str, roots: Sequence[Root]) -> tuple[list[Explained], int]:
    """The different messages in the order in which they first stand, and how many lines are left out."""
    from named_audit.lint.log_reading import read_line
    from named_audit.report.explanation import Explained

    known: dict[object, tuple[str, LogEntry | None]] = {}
    counts: dict[object, int] = {}
    left_out = unknown = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        entry = read_line(line)
        alike: object = line if entry is None else (entry.line.id, _alike(entry.fields))
        if alike in counts:
            counts[alike] += 1
            continue
        if entry is None:
            unknown += 1
        if len(known) >= _MOST_MESSAGES or unknown > _MOST_UNKNOWN:
            left_out += 1
            continue
        known[alike] = (line.strip(), entry)
        counts[alike] = 1
    judges = _judges(roots)
    found: list[Explained] = []
    for alike, (line, entry) in known.items():
        explained = Explained(line, counts[alike], entry)
        if entry is not None:
            explained = explained._replace(why=_why(entry))
            for path, judge in judges:
                answer = judge.answer(entry)
                if answer is not None:
                    explained = explained._replace(answer=answer, root=path)
                    if answer.at is not None:
                        break
        found.append(explained)
    return found, left_out


def _reported(found: list[Explained], roots: Sequence[Root], chosen: _Choices, host: Host) -> list[Explained]:
    """The same with the rules that report what has decided, of those that a message names."""
    rules = tuple(
        dict.fromkeys(rule for each in found if each.entry is not None for rule in each.entry.line.rules)
    )
    if not rules:
        return found
    findings = _judged(roots, rules, "auditor", chosen, host).outcome.findings
    told: list[Explained] = []
    for each in found:
        if each.entry is not None and each.answer is not None:
            spans = [
                span
                for span in (each.answer.at, *(step.span for step in each.answer.steps))
                if span is not None
            ]
            here = {
                finding.rule: None
                for finding in findings
                if finding.rule in each.entry.line.rules and any(_meet(finding.at, span) for span in spans)
            }
            told.append(each._replace(reported=tuple(here)))
        else:
            told.append(each)
    return told


def _meet(one: Span, other: Span) -> bool:
    return one.source.real_path == other.source.real_path and one.start < other.end and other.start < one.end


def _alike(fields: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    # A client has a new port each time; the port of a primary is what it listens on.
    return tuple(sorted((name, value) for name, value in fields.items() if name not in ("port", "qname")))


def _judges(roots: Sequence[Root]) -> list[tuple[str, Any]]:
    if not roots:
        return []
    from named_audit.lint.logged.judge import LogJudge
    from named_audit.policy.survey import Survey

    return [(root.path, LogJudge(Survey(root.config))) for root in roots]


def _why(entry: LogEntry) -> str | None:
    from named_audit.lint.log_lines import STATUS

    why = entry.fields.get("why")
    if why is None or entry.line.within != "transfer":
        return None
    return next((cause for pattern, cause in STATUS if re.fullmatch(pattern, why)), None)


# Fragments.


def _fragment(path: str | None, text: str, chosen: _Choices, host: Any) -> int:
    import json

    from named_audit.cli.output import terminal_width, wants_color, write_output
    from named_audit.cli.who import say_problems
    from named_audit.lint.fragment import read_piece
    from named_audit.lint.roots import Root
    from named_audit.policy.survey import Survey
    from named_audit.report.as_json import finding_object, problem_object
    from named_audit.report.explanation import piece_object, piece_text
    from named_audit.report.fragment_words import PieceWords

    roots, problems = _roots(chosen, host)
    if len(roots) > 1:
        raise UsageError("--config: several roots there: name one of them")
    around = roots[0].config if roots else None
    called = _GIVEN if path is None else None
    if path is None:
        path = os.path.join(host.cwd(), _GIVEN)
        host.overrides = {host.realpath(path): text.encode("utf-8", "surrogateescape")}
    piece = read_piece(path, host, chosen.options, around, path_shown=called)
    problems = list(dict.fromkeys((*problems, *piece.problems)))
    whole = around is not None and not around.unseen
    survey = Survey(piece.config)
    words = PieceWords(piece, survey, chosen.request, whole=whole).passages()
    passages = tuple(islice(words, _MOST_STATEMENTS))
    cut = next(words, None) is not None
    if not passages and not problems:
        raise UsageError("there is nothing to explain: the fragment is empty")
    read = Root(piece.sources[0].path, piece.config, True)
    outcome = _judged((read,), (), chosen.audience or "regular", chosen, host).outcome
    findings = tuple(each for each in outcome.findings if piece.holds(each.at))
    broken = tuple(
        each
        for each in outcome.problems
        if each not in problems and (each.span is None or piece.holds(each.span) or each.kind == "rule")
    )
    complete = not problems and not broken and not cut
    if chosen.format == "json":
        document = {
            "version": 1,
            "kind": "fragment",
            "complete": complete,
            "bind": outcome.bind,
            "statements": piece_object(passages),
            "findings": [finding_object(each) for each in findings],
            "problems": [problem_object(each) for each in (*problems, *broken)],
        }
        report = json.dumps(document, indent=2) + "\n"
    else:
        say_problems((*problems, *broken))
        report = piece_text(passages)
        if findings:
            from named_audit.report.full_text import render_findings

            report += "What the rules find:\n\n" + render_findings(
                findings, color=wants_color(None), width=terminal_width()
            )
        if cut:
            report += f"Only the first {_MOST_STATEMENTS} statements are explained; `named-audit who` says it of all zones.\n"
        if not complete:
            report += "INCOMPLETE: not all was read or understood; this is not the whole answer.\n"
    failed = write_output(report, None)
    if failed is not None:
        return _usage(failed)
    return exit_code(complete=complete, failing=False, exit_zero=False)


def _judged(
    roots: Sequence[Root], select: tuple[str, ...], audience: Any, chosen: _Choices, host: Host
) -> Run:
    """What the rules find in roots that have been read.

    Raises:
        UsageError: a rule folder breaks the contract.
    """
    from named_audit.cli.session import Request as Asked
    from named_audit.cli.session import Session
    from named_audit.lint.book import BadRule, Choice
    from named_audit.lint.roots import Roots

    class Read(Session):
        def _roots(self) -> Roots:
            return Roots([*roots], [])

    try:
        return Read(host, Asked((), chosen.options, Choice(select, (), audience), chosen.rule_dirs)).run()
    except BadRule as error:
        raise UsageError(str(error)) from None


def _unread(what: Sequence[str], reason: str) -> int:
    from named_audit.report.shown import shown

    name = what[0] if what else "standard input"
    click.echo(f"named-audit: cannot read {shown(name[:200])}: {reason}", err=True)
    return exit_code(complete=False, failing=False, exit_zero=False)


def _usage(message: str) -> int:
    click.echo(f"named-audit: {message}", err=True)
    return USAGE
