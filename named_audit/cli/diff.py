"""`named-audit diff`: who gains a zone by a change of the configuration, and who loses it."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from named_audit.cli.exits import USAGE, exit_code
from named_audit.cli.guard import guarded
from named_audit.cli.reading import UsageError, reading, reading_options, release, say_release
from named_audit.cli.who import Surveyors, interfaces_of, say_problems, say_refused, survey_roots

if TYPE_CHECKING:
    from named_audit.cli.reading import Reading
    from named_audit.cli.settings import Settings
    from named_audit.git_host import GitHost
    from named_audit.host import Host
    from named_audit.policy.difference import RootDifference
    from named_audit.policy.survey import Survey
    from named_audit.report.differences import Difference
    from named_audit.syntax.source import Problem

FORMATS = ("text", "json", "markdown")


@click.command()
@click.argument("paths", nargs=-1, metavar="OLD NEW | [PATH]")
@click.option(
    "--git",
    "revisions",
    multiple=True,
    metavar="REV",
    help="Compare PATH as it was in REV with the working tree; given twice (or A..B), two revisions.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Default: text.")
@click.option("--output", metavar="FILE", help="Write the report to a file.")
@click.option("--exit-zero", is_flag=True, help="A difference does not fail (usage and incomplete runs do).")
@click.option("--interfaces", metavar="ADDR/LEN,...", help="The server's own addresses with their networks.")
@click.option(
    "--new-bind-version",
    metavar="X.Y[.Z]",
    help="The release for NEW: with --bind-version for OLD, what an upgrade changes.",
)
@reading_options
def diff(**arguments: Any) -> None:
    """Say per zone who gained and who lost it, and whom the server notifies now or no longer.

    OLD and NEW are files or directories (their roots are paired by name). With --git, one PATH is compared with itself
    (default: the `roots` of the settings, else the current directory). Exit code 0 same, 1 different.
    """
    sys.exit(guarded(lambda: _diff(**arguments)))


class _Side(NamedTuple):
    """What one side is read from."""

    name: str
    paths: tuple[str, ...]
    local: Host
    git: GitHost | None = None

    @property
    def host(self) -> Host:
        """What the files come from."""
        return self.git if self.git is not None else self.local

    def close(self) -> None:
        """End what hands out the files."""
        if self.git is not None:
            self.git.close()

    def problems(self, found: Surveyors) -> Iterator[Problem]:
        """Why this side is not whole; a path in a revision is written as git writes it."""
        for problem in found.problems:
            at = problem.path if self.git is None else f"{self.name}:{problem.path}"
            yield problem._replace(path=at)


def _diff(
    paths: tuple[str, ...],
    revisions: tuple[str, ...],
    format_: str,
    output: str | None,
    exit_zero: bool,
    interfaces: str | None,
    new_bind_version: str | None,
    settings_file: str | None,
    **choices: Any,
) -> int:
    from named_audit.cli.output import write_output
    from named_audit.cli.settings import SettingsError, load_settings
    from named_audit.git_host import GitError
    from named_audit.host import LocalHost

    host = LocalHost()
    sides: tuple[_Side, ...] = ()
    try:
        settings = load_settings(settings_file, host.cwd())
        read = reading(settings, host, given=True, **choices)
        own = interfaces_of(interfaces)
        sides = old_side, new_side = _sides(paths, revisions, settings, host)
        old_release = read.options.release
        old = _survey(old_side, read, own)
        if new_bind_version is not None:
            new_release = release(new_bind_version, host, "--new-bind-version")
            read = read._replace(options=read.options._replace(release=new_release))
        say_release(old_release, read.options.release)
        new = _survey(new_side, read, own)
        difference = _compare(old_side, old, new_side, new)
        read_files = {
            source.real_path
            for side in (old, new)
            for root in side.roots
            for source in root.config.tree.sources
        }
        if output is not None and host.realpath(output) in read_files:
            raise UsageError(f"--output {output}: that is one of the read files")
    except (SettingsError, UsageError, GitError) as error:
        click.echo(f"named-audit: {error}", err=True)
        return USAGE
    finally:
        for side in sides:
            side.close()
    say_problems(difference.problems)
    for side, found in zip(sides, (old, new), strict=True):
        say_refused(found, side.name if side.git is not None else None, of_release=True)
    failed = write_output(_render(difference, format_), output)
    if failed is not None:
        click.echo(f"named-audit: {failed}", err=True)
        return USAGE
    return exit_code(complete=difference.complete, failing=not difference.same, exit_zero=exit_zero)


def _sides(
    paths: tuple[str, ...], revisions: tuple[str, ...], settings: Settings, host: Host
) -> tuple[_Side, _Side]:
    if not revisions:
        from named_audit.host import STDIN_NAMES

        if len(paths) != 2:
            raise UsageError("diff takes OLD and NEW, or --git REV and one PATH")
        if STDIN_NAMES.issuperset(paths):
            raise UsageError("standard input can be read once: give OLD or NEW as a file")
        return _Side(paths[0], paths[:1], host), _Side(paths[1], paths[1:], host)
    from named_audit.git_host import GitHost

    wanted = [part for revision in revisions for part in revision.split("..")]
    if len(wanted) > 2 or "" in wanted or any("..." in revision for revision in revisions):
        raise UsageError("--git takes one revision, or two: --git A --git B, or --git A..B")
    if len(paths) > 1:
        raise UsageError("with --git, one PATH is compared with itself")
    places = paths or settings.roots or (".",)
    folder = _repository(places[0], host)
    git = GitHost(wanted[0], host, folder)
    for place in places:
        if place == "-" or not git.holds(place):
            raise UsageError(f"{place[:200]} is not in the repository {git.top}, which --git looks into")
    old = _Side(wanted[0], places, host, git)
    if len(wanted) == 1:
        return old, _Side("the working tree", places, host)
    return old, _Side(wanted[1], places, host, GitHost(wanted[1], host, folder))


def _repository(place: str, host: Host) -> str | None:
    """Where git looks for the repository: here (None), or beside the given path where there is none here."""
    from named_audit.git_host import inside_repository

    beside = place if host.is_dir(place) else posixpath.dirname(place)
    if inside_repository(host.cwd()) or not inside_repository(beside):
        return None
    return beside


def _survey(side: _Side, read: Reading, interfaces: Any) -> Surveyors:
    # A file that is named here is meant as it is: what it is compared with is read in the same way.
    mode = "root" if read.mode == "auto" else read.mode
    configured = read.roots if side.paths == read.roots else ()
    return survey_roots(side.paths, read.options, configured, mode, side.host, interfaces)


def _compare(old_side: _Side, old: Surveyors, new_side: _Side, new: Surveyors) -> Difference:
    from named_audit.policy.difference import hidden_secrets
    from named_audit.report.differences import Difference

    problems = tuple(dict.fromkeys((*old_side.problems(old), *new_side.problems(new))))
    pairs = tuple(_pairs(old_side, old, new_side, new))
    roots = tuple(_root(name, one, other) for name, one, other in pairs)
    hidden = sum(hidden_secrets(one.config, other.config) for _, one, other in pairs if one and other)
    return Difference(old_side.name, new_side.name, roots, problems, hidden)


def _pairs(
    old_side: _Side, old: Surveyors, new_side: _Side, new: Surveyors
) -> Iterator[tuple[str | None, Survey | None, Survey | None]]:
    if any(found.problems and not found.roots for found in (old, new)):
        return  # what was not read is neither gone nor new
    if len(old.roots) == 1 and len(new.roots) == 1:
        pairs: list[tuple[str | None, Survey | None, Survey | None]] = [
            (None, old.surveys[0], new.surveys[0])
        ]
    else:
        before, after = _by_name(old_side, old), _by_name(new_side, new)
        pairs = [(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]
    for name, one, other in pairs:
        if not any(survey is not None and _unread(survey) for survey in (one, other)):
            yield name, one, other


def _unread(survey: Survey) -> bool:
    """Whether nothing of a root could be read."""
    return any(problem.kind in ("read", "template", "rndc") for problem in survey.config.problems)


def _by_name(side: _Side, found: Surveyors) -> dict[str, Survey]:
    """The roots by their paths from the given directory."""
    return {_name(side, root.path): survey for root, survey in zip(found.roots, found.surveys, strict=True)}


def _name(side: _Side, path: str) -> str:
    path = posixpath.normpath(path)
    for given in side.paths:
        base = posixpath.normpath(given)
        prefix = "" if base == "." and not path.startswith(("/", "../")) else base.rstrip("/") + "/"
        if path.startswith(prefix) and side.host.is_dir(given):
            return path.removeprefix(prefix)
    return path


def _root(name: str | None, old: Survey | None, new: Survey | None) -> RootDifference:
    from named_audit.policy.difference import root_difference

    return root_difference(name, old or _nothing(), new or _nothing())


def _nothing() -> Survey:
    """A configuration without a zone: the other side of a root that is there only once."""
    from named_audit.host import MemoryHost
    from named_audit.model.build import load_config
    from named_audit.policy.survey import Survey
    from named_audit.syntax.locate import ReadOptions

    return Survey(load_config("/named.conf", MemoryHost({"/named.conf": b""}), ReadOptions()))


def _render(difference: Difference, format_: str) -> str:
    from named_audit.report import differences

    if format_ == "json":
        return differences.difference_json(difference)
    if format_ == "markdown":
        return differences.difference_markdown(difference)
    return differences.difference_text(difference)
