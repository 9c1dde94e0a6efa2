"""`named-audit check`: the main job."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from named_audit.cli.exits import USAGE, exit_code
from named_audit.cli.guard import guarded
from named_audit.cli.reading import UsageError, reading, reading_options
from named_audit.lint.contract import AUDIENCES, Audience, Severity

if TYPE_CHECKING:
    from named_audit.cli.session import Request, Run, Session
    from named_audit.cli.settings import Settings
    from named_audit.host import Host
    from named_audit.lint.checkconf_world import Checker
    from named_audit.lint.contract import Outcome

FORMATS = ("text", "json", "sarif", "github")
_SEVERITIES = tuple(severity.word for severity in reversed(Severity))


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option(
                "--format", "format_", type=click.Choice(FORMATS), default="text", help="Default: text."
            ),
            click.option("--output", metavar="FILE", help="Write the report to a file."),
            click.option(
                "--select", multiple=True, metavar="RULES", help="Only these rules (ids, commas, trailing *)."
            ),
            click.option("--ignore", multiple=True, metavar="RULES", help="Without these rules."),
            click.option("--audience", type=click.Choice(AUDIENCES), help="Default: regular."),
            click.option(
                "--fail-on", type=click.Choice(_SEVERITIES), help="Findings below do not fail. Default: low."
            ),
            click.option(
                "--exit-zero", is_flag=True, help="Findings do not fail (usage and incomplete runs do)."
            ),
            click.option("--fix", is_flag=True, help="Apply safe corrections to the files."),
            click.option(
                "--unsafe-fixes", is_flag=True, help="With --fix or --diff: apply unsafe corrections too."
            ),
            click.option(
                "--diff", "show_diff", is_flag=True, help="Show what --fix would do, and write nothing."
            ),
            click.option(
                "--rules",
                "rule_dirs",
                multiple=True,
                metavar="DIR",
                help="Further rules: a rule folder, or a folder of them. Their code is run.",
            ),
            click.option(
                "--checkconf",
                multiple=True,
                metavar="[PATH]",
                help="Ask a named-checkconf too, this machine's or the one at PATH, and report what it alone says. May be "
                "given once for each release. A PATH that is not called *checkconf* is given as --checkconf=PATH.",
            ),
            click.option(
                "--file-checks/--no-file-checks",
                "file_checks",
                default=None,
                help="Look at modes, owners, copies and certificates too: these files are the server's own. Without it: "
                "only if no path is given, or one of the usual places of this machine's named.conf.",
            ),
            click.option(
                "--roots", "only_roots", is_flag=True, help="Audit the `roots` of the settings; no paths."
            ),
        )
    ):
        function = option(function)
    return reading_options(function)


class _Check(click.Command):
    """`--checkconf` takes a value or none, and not the path behind it for one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--checkconf" in args:
            from named_audit.cli.checkconf import bind_values

            args = bind_values(args)
        return super().parse_args(ctx, args)


@click.command(cls=_Check)
@click.argument("paths", nargs=-1)
@_options
def check(**arguments: Any) -> None:
    """Audit configurations: named.conf files, fragments, directories, or `-` for standard input.

    With no path: the `roots` of the settings, else the usual places of this machine's named.conf.
    """
    sys.exit(guarded(lambda: _check(**arguments)))


def _check(
    *,
    paths: tuple[str, ...],
    format_: str,
    output: str | None,
    fail_on: str | None,
    exit_zero: bool,
    fix: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    settings_file: str | None,
    **choices: Any,
) -> int:
    from named_audit.cli.session import Session
    from named_audit.cli.settings import SettingsError, load_settings
    from named_audit.host import LocalHost
    from named_audit.lint.book import BadRule

    host = LocalHost()
    try:
        settings = load_settings(settings_file, host.cwd())
        request = _request(paths, settings, host, **choices)
        session = Session(host, request)
    except (SettingsError, BadRule, UsageError) as error:
        return _usage(str(error))
    if session.unknown:
        return _usage(_unknown_rules(session, request))
    if show_diff and format_ != "text":
        return _usage(f"--diff prints a diff, not {format_}")
    if unsafe_fixes and not (fix or show_diff):
        return _usage("--unsafe-fixes says what --fix or --diff may apply: give one of them")
    run = session.run()
    if output is not None and host.realpath(output) in run.sources:
        return _usage(f"--output {output}: that is one of the audited files")
    failure: str | None = None
    if show_diff:
        # Nothing is written, so the exit code speaks of the files as they are.
        corrected, diff, _ = _correct(session, run, unsafe=unsafe_fixes, write=False)
        text = _with_notes(diff, run.outcome, corrected.outcome)
    else:
        if fix:
            run, _, failure = _correct(session, run, unsafe=unsafe_fixes, write=True)
        text = _render(run.outcome, format_, output, host.cwd())
    if failure is not None:
        _warn(f"nothing was written: {failure}")
    from named_audit.cli.output import write_output

    failed = write_output(text, output)
    if failed is not None:
        return _usage(failed)
    threshold = Severity[(fail_on or settings.fail_on or "low").upper()]
    failing = any(finding.severity >= threshold for finding in run.outcome.findings)
    complete = run.outcome.complete and failure is None
    return exit_code(complete=complete, failing=failing, exit_zero=exit_zero)


def _request(
    paths: tuple[str, ...],
    settings: Settings,
    host: Any,
    *,
    bind_version: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    audience: str | None,
    rule_dirs: tuple[str, ...],
    as_root: bool,
    as_fragment: bool,
    only_roots: bool,
    sysroot: str | None,
    maps: tuple[str, ...],
    checkconf: tuple[str, ...],
    file_checks: bool | None,
) -> Request:
    from named_audit.cli.session import Request
    from named_audit.lint.book import Choice

    if only_roots and paths:
        raise UsageError("--roots takes no paths: it audits the `roots` of the settings")
    if only_roots and not settings.roots:
        raise UsageError(
            '--roots: no `roots` in the settings; write roots = ["named.conf"] into named-audit.toml'
        )
    read = reading(
        settings,
        host,
        given=bool(paths) or only_roots,
        bind_version=bind_version,
        as_root=as_root,
        as_fragment=as_fragment,
        sysroot=sysroot,
        maps=maps,
    )
    audiences: dict[str, Audience] = {name: name for name in AUDIENCES}
    chosen = audiences[audience or settings.audience or "regular"]
    choice = Choice(_ids(select) or settings.select, _ids(ignore) or settings.ignore, chosen)
    asked: tuple[Checker, ...] = ()
    notes: tuple[str, ...] = ()
    if checkconf or settings.checkconf is not None:
        from named_audit.cli.checkconf import checkers

        asked, notes = checkers(checkconf, settings.checkconf, read.options.release)
    wanted = file_checks if file_checks is not None else settings.file_checks
    if wanted is None:
        elsewhere = read.options.sysroot is not None or bool(read.options.maps)
        wanted = not elsewhere and _is_own(paths or read.roots, host)
    return Request(
        paths, read.options, choice, rule_dirs, read.roots, read.mode, only_roots, asked, wanted, notes
    )


def _is_own(paths: tuple[str, ...], host: Host) -> bool:
    """Whether what is audited is this machine's own configuration: in the usual places, or nothing else is named."""
    if not paths:
        return True
    from named_audit.lint.roots import USUAL_PLACES

    own = {host.realpath(place) for place in USUAL_PLACES}
    folders = tuple(folder for place in own if (folder := os.path.dirname(place)) != "/etc")
    return all(
        real in own or real in folders or os.path.dirname(real) in folders
        for real in (host.realpath(path) for path in paths)
    )


def _ids(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _unknown_rules(session: Session, request: Request) -> str:
    from named_audit.lint.book import all_rules, nearest_ids

    pattern = session.unknown[0]
    near = nearest_ids(pattern, all_rules(request.rule_dirs))
    hint = f"; did you mean {near[0]}?" if near else "; `named-audit rules` lists them"
    return f"there is no rule {pattern!r}{hint}"


def _correct(session: Session, run: Run, *, unsafe: bool, write: bool) -> tuple[Run, str, str | None]:
    from named_audit.cli.correct import correct

    return correct(session, run, unsafe=unsafe, write=write)


def _with_notes(diff: str, before: Outcome, after: Outcome) -> str:
    """The diff; what it leaves out goes to standard error, so that the diff can be applied."""
    for problem in before.problems:
        at = f":{problem.span.begin.line}:{problem.span.begin.column}" if problem.span is not None else ""
        _warn(f"{problem.path}{at}: incomplete: {problem.message}")
    if after.changes:
        from named_audit.report.full_text import changes_lines

        click.echo("\n".join(changes_lines(after)), err=True)
    for note in after.notes:
        _warn(note)
    if not diff and before.findings:
        _warn(f"nothing to apply; findings: {len(before.findings)}")
    return diff


def _warn(message: str) -> None:
    from named_audit.report.shown import shown

    click.echo(f"named-audit: {shown(message)}", err=True)


def _render(outcome: Outcome, format_: str, output: str | None, cwd: str) -> str:
    if format_ == "json":
        from named_audit.report.as_json import render_json

        return render_json(outcome)
    if format_ == "sarif":
        from named_audit.report.sarif import render_sarif

        return render_sarif(outcome, cwd=cwd)
    if format_ == "github":
        from named_audit.cli.output import repository
        from named_audit.report.github import render_github

        return render_github(outcome, cwd=cwd, repository=repository(cwd))
    from named_audit.cli.output import terminal_width, wants_color
    from named_audit.report.text import render_text

    return render_text(outcome, color=wants_color(output), width=terminal_width())


def _usage(message: str) -> int:
    click.echo(f"named-audit: {message}", err=True)
    return USAGE
