"""`named-audit who`: who can take each zone, on what proof, and whom the server tells."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from named_audit.cli.exits import USAGE, exit_code
from named_audit.cli.guard import guarded
from named_audit.cli.reading import UsageError, reading, reading_options, say_release

if TYPE_CHECKING:
    from named_audit.host import Host
    from named_audit.lint.audit import Audit
    from named_audit.lint.roots import Root
    from named_audit.model.config import View
    from named_audit.policy.interfaces import Interfaces
    from named_audit.policy.question import Request
    from named_audit.policy.runtime_zones import RuntimeZones
    from named_audit.policy.survey import Survey, Surveyed
    from named_audit.syntax.locate import ReadOptions
    from named_audit.syntax.source import Problem

FORMATS = ("text", "json", "csv")


@click.command()
@click.argument("paths", nargs=-1, metavar="[CONF]...")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Default: text.")
@click.option("--output", metavar="FILE", help="Write the report to a file.")
@click.option("--zone", metavar="NAME", help="Only this zone.")
@click.option("--view", metavar="NAME", help="Only this view.")
@click.option("--summary", is_flag=True, help="Zones with the same policy together (text).")
@click.option(
    "--interfaces",
    metavar="ADDR/LEN,...",
    help="The server's own addresses with their networks: what localhost and localnets stand for.",
)
@click.option(
    "--from", "client", metavar="ADDR", help="Ask: is a request from this address served? Needs --zone."
)
@click.option("--key", metavar="NAME", help="With --from: the key that signs the request.")
@click.option("--transport", type=click.Choice(("tcp", "tls")), help="With --from. Default: tcp.")
@click.option("--port", type=click.IntRange(1, 65535), help="With --from: the server's port.")
@click.option(
    "--to", "destination", metavar="ADDR", help="With --from: the server's address (match-destinations)."
)
@reading_options
def who(**arguments: Any) -> None:
    """Say who can take each zone, on what proof, which statement decides, and whom the server notifies.

    With --from, one request is decided: exit code 0 served, 1 refused.
    """
    sys.exit(guarded(lambda: _who(**arguments)))


class _Filter(NamedTuple):
    zone: str | None
    view: str | None


class Surveyors(NamedTuple):
    """What was read: one survey for each root, and why the run is incomplete."""

    roots: tuple[Root, ...]
    surveys: tuple[Survey, ...]
    problems: tuple[Problem, ...]


def survey_roots(
    paths: Sequence[str],
    options: ReadOptions,
    configured: tuple[str, ...],
    mode: Any,
    host: Host,
    interfaces: Any,
) -> Surveyors:
    """Read what a command line names and survey each root."""
    from named_audit.lint.audit import Audit
    from named_audit.lint.roots import Finder
    from named_audit.model.zone_data import ZoneReader
    from named_audit.policy.survey import Survey

    found = Finder(host, options, configured, mode).find(paths)
    problems = list(found.problems)
    surveys = []
    for root in found.roots:
        survey = Survey(root.config, interfaces, ZoneReader(root.config, host, options))
        audit = Audit(root.config, fragment=root.fragment, survey=survey)
        problems += [*root.config.problems, *audit.unjudged(), *_undecided(audit)]
        surveys.append(survey)
    return Surveyors(tuple(found.roots), tuple(surveys), tuple(dict.fromkeys(problems)))


def _undecided(audit: Audit) -> Iterator[Problem]:
    """Zones about which nothing can be said: what decides for them was not read."""
    from named_audit.policy.transfer import TRANSFERABLE
    from named_audit.syntax.source import problem_at

    if not audit.config.unseen:
        return
    hidden = [
        zone
        for zone in audit.config.zones
        if audit.config.zone_type(zone) in TRANSFERABLE and audit.policy_of(zone) is None
    ]
    if hidden:
        names = f"{len(hidden)} zone{'' if len(hidden) == 1 else 's'}"
        yield problem_at("include", f"what decides for {names} was not read", hidden[0].statement.name_span)


def _who(
    paths: tuple[str, ...],
    format_: str,
    output: str | None,
    zone: str | None,
    view: str | None,
    summary: bool,
    interfaces: str | None,
    client: str | None,
    key: str | None,
    transport: str | None,
    port: int | None,
    destination: str | None,
    settings_file: str | None,
    **choices: Any,
) -> int:
    from named_audit.cli.output import write_output
    from named_audit.cli.settings import SettingsError, load_settings
    from named_audit.host import LocalHost

    host = LocalHost()
    try:
        settings = load_settings(settings_file, host.cwd())
        read = reading(settings, host, given=bool(paths), **choices)
        say_release(read.options.release)
        own = interfaces_of(interfaces)
        _fits(format_, summary, zone, client, key, transport, port, destination)
        found = survey_roots(paths, read.options, read.roots, read.mode, host, own)
        if output is not None and any(
            host.realpath(output) == source.real_path
            for root in found.roots
            for source in root.config.tree.sources
        ):
            raise UsageError(f"--output {output}: that is one of the read files")
        wanted = _Filter(zone, view)
        _check_names(wanted, found)
        if client is not None:
            assert zone is not None
            text, served = _one(found, wanted, client, key, transport, port, destination, format_)
        else:
            text, served = "".join(_report(found, wanted, format_, summary)), True
    except (SettingsError, UsageError) as error:
        return _usage(str(error))
    say_problems(found.problems)
    for root in found.roots:
        if root.fragment:
            _note(f"{root.path} is taken as a fragment: what a root around it decides is not known")
    say_refused(found)
    failed = write_output(text, output)
    if failed is not None:
        return _usage(failed)
    return exit_code(complete=not found.problems, failing=not served, exit_zero=False)


def _fits(
    format_: str,
    summary: bool,
    zone: str | None,
    client: str | None,
    key: str | None,
    transport: str | None,
    port: int | None,
    destination: str | None,
) -> None:
    if client is None:
        given = (("--key", key), ("--transport", transport), ("--port", port), ("--to", destination))
        for name, value in given:
            if value is not None:
                raise UsageError(f"{name} belongs to a question: give --from ADDR and --zone NAME with it")
    elif zone is None:
        raise UsageError("--from asks about one zone: give --zone NAME with it")
    if summary and (format_ != "text" or client is not None):
        raise UsageError("--summary groups zones in the text format")
    if format_ == "csv" and client is not None:
        raise UsageError("the answer to --from has the formats text and json")


def interfaces_of(text: str | None) -> Interfaces | None:
    """What `--interfaces` says.

    Raises:
        UsageError: it is not a list of addresses.
    """
    from named_audit.policy.interfaces import Interfaces

    if text is None:
        return None
    try:
        return Interfaces.parse(text)
    except ValueError as error:
        raise UsageError(f"--interfaces: {error}") from None


def _check_names(wanted: _Filter, found: Surveyors) -> None:
    """Say which names are near where there is nothing of that name.

    Raises:
        UsageError: there is none, and nothing is left unread that might have it.
    """
    message = _missing(wanted, found)
    if message is None:
        return
    if not found.problems:
        raise UsageError(message)
    click.echo(f"named-audit: in what was read, {message}", err=True)


def _missing(wanted: _Filter, found: Surveyors) -> str | None:
    from named_audit.report.shown import shown

    if wanted.view is not None:
        views = [view for survey in found.surveys for view in survey.config.views]
        if all(view.name != wanted.view for view in views):
            return _unknown("view", wanted.view, [view.name for view in views if view.name is not None])
    if wanted.zone is not None and not any(True for survey in found.surveys for _ in _chosen(survey, wanted)):
        zones = [zone for survey in found.surveys for zone in survey.config.zones]
        if wanted.view is not None:
            elsewhere = [
                each for survey in found.surveys for each in _chosen(survey, wanted._replace(view=None))
            ]
            here = [zone.canonical for zone in zones if zone.view.name == wanted.view]
            message = _unknown("zone", wanted.zone, here) + f" in view {shown(wanted.view)}"
            others = ", ".join(sorted({f"view {shown(each.zone.view.name or '')}" for each in elsewhere}))
            return f"{message}; it is in {others}" if others else message
        return _unknown("zone", wanted.zone, [zone.canonical for zone in zones])
    return None


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    import difflib

    from named_audit.report.shown import shown

    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(name.lower().rstrip("."), names[:20_000], n=3)
    hint = f"; did you mean {' or '.join(shown(each) for each in near)}?" if near else ""
    if not near and 0 < len(names) <= 5:
        hint = f" (there is {', '.join(shown(each) for each in names)})"
    return f"there is no {what} {shown(name[:80])}{hint}"


def _chosen(survey: Survey, wanted: _Filter) -> Iterator[Surveyed]:
    if wanted.zone is None and wanted.view is None:
        return survey.zones()
    from named_audit.model.names import canonical

    name = canonical(wanted.zone) if wanted.zone is not None else None
    return (
        each
        for each in survey.zones()
        if name in (None, each.zone.canonical) and wanted.view in (None, each.zone.view.name)
    )


def _report(found: Surveyors, wanted: _Filter, format_: str, summary: bool) -> Iterator[str]:
    many = len(found.surveys) > 1
    if format_ == "json":
        yield from _json(found, wanted, many)
        return
    if format_ == "csv":
        from named_audit.report.who_csv import COLUMNS, WhoCsv, line

        yield line(COLUMNS)
        for survey in found.surveys:
            yield from WhoCsv(survey).zones(_chosen(survey, wanted))
        return
    from named_audit.report.shown import shown
    from named_audit.report.who_text import WhoText

    for root, survey in zip(found.roots, found.surveys, strict=True):
        if many:
            yield f"== {shown(root.path)}\n\n"
        renderer = WhoText(survey)
        zones = _chosen(survey, wanted)
        yield from renderer.groups(zones) if summary else renderer.zones(zones)
        yield from renderer.runtime(_runtime(survey, wanted))
    if found.problems:
        yield f"INCOMPLETE: {len(found.problems)} problem{'s'[: len(found.problems) != 1]}; this is not the whole answer.\n"


def _json(found: Surveyors, wanted: _Filter, many: bool) -> Iterator[str]:
    import json

    from named_audit.report.as_json import problem_object
    from named_audit.report.shown import encodable
    from named_audit.report.who_json import VERSION, WhoJson

    release = found.surveys[0].config.release if found.surveys else None
    head = {
        "version": VERSION,
        "complete": not found.problems,
        "bind": None if release is None else encodable(str(release)),
        "problems": [problem_object(problem) for problem in found.problems],
    }
    renderers = [
        (survey, WhoJson(survey, root.path if many else None))
        for root, survey in zip(found.roots, found.surveys, strict=True)
    ]
    yield f'{json.dumps(head)[:-1]}, "zones": ['
    zones = (text for survey, each in renderers for text in each.zones(_chosen(survey, wanted)))
    yield from _separated(zones)
    yield '], "runtime": ['
    yield from _separated(
        text for survey, each in renderers for text in each.runtime(_runtime(survey, wanted))
    )
    yield "]}\n"


def _separated(objects: Iterable[str]) -> Iterator[str]:
    separator = "\n"
    for text in objects:
        yield separator + text
        separator = ",\n"
    yield "\n"


def _runtime(survey: Survey, wanted: _Filter) -> Iterator[tuple[RuntimeZones, Surveyed]]:
    """The zones that do not stand in the file, where no zone of the file is asked for."""
    if wanted.zone is None:
        yield from (each for each in survey.runtime() if wanted.view in (None, each[0].view.name))


def _one(
    found: Surveyors,
    wanted: _Filter,
    client: str,
    key: str | None,
    transport: str | None,
    port: int | None,
    destination: str | None,
    format_: str,
) -> tuple[str, bool]:
    from named_audit.policy.question import Judge
    from named_audit.report.who_verdict import verdict_json, verdict_text

    assert wanted.zone is not None
    with_zone = [survey for survey in found.surveys if any(True for _ in _chosen(survey, wanted))]
    if len(with_zone) > 1:
        raise UsageError("several roots have this zone: name one of them")
    request = _request(client, key, transport, port, destination)
    if not with_zone:
        # It may be in what was not read, and the problems say what that is.
        return _undecided_zone(wanted.zone, found, format_), False
    survey = with_zone[0]
    if request.signer is not None:
        _check_key(request.signer, survey)
    view = _view(survey, wanted.view)
    verdict = Judge(survey.config, survey.interfaces).decide(wanted.zone, request, view)
    complete = not found.problems
    if format_ == "json":
        return verdict_json(verdict, wanted.zone, survey.config.release, complete=complete), verdict.served
    return verdict_text(verdict, wanted.zone, request, complete=complete), verdict.served


def _undecided_zone(zone: str, found: Surveyors, format_: str) -> str:
    from named_audit.model.config import Setting
    from named_audit.policy.question import Step, Verdict
    from named_audit.report.shown import shown
    from named_audit.report.who_verdict import verdict_json

    said = "it is not in what was read"
    if format_ != "json":
        return f"UNDECIDED: {shown(zone[:80])}: {said}\n"
    release = found.surveys[0].config.release if found.surveys else None
    step = Step(None, f"zone {zone}", said)
    return verdict_json(
        Verdict(False, None, Setting(None, "default"), (step,)), zone, release, complete=False
    )


def _request(
    client: str, key: str | None, transport: str | None, port: int | None, destination: str | None
) -> Request:
    from named_audit.model.names import canonical
    from named_audit.policy.question import Request

    family, address = _address("--from", client)
    at: tuple[int, int] | None = None
    if destination is not None:
        to_family, to_address = _address("--to", destination)
        if to_family != family:
            raise UsageError("--from and --to are of different address families")
        at = (to_address, to_family)
    return Request(address, family, canonical(key) if key is not None else None, transport or "tcp", port, at)


def _address(option: str, text: str) -> tuple[int, int]:
    from named_audit.model.matchlist import parse_address

    parsed = parse_address(text)
    if parsed is None:
        from named_audit.report.shown import shown

        raise UsageError(f"{option}: {shown(text[:80])} is not an address")
    return parsed


def _check_key(signer: str, survey: Survey) -> None:
    from named_audit.model.references import references

    config = survey.config
    from named_audit.model.names import BUILT_IN_KEYS

    if any(key.canonical == signer for key in config.all_keys) or signer in BUILT_IN_KEYS or config.unseen:
        return
    from named_audit.model.names import canonical

    named = {canonical(reference.name) for reference in references(config, "key")}
    if signer not in named:
        raise UsageError(_unknown("key", signer, [*(key.canonical for key in config.all_keys), *named]))


def _view(survey: Survey, name: str | None) -> View | None:
    return next((view for view in survey.config.views if name is not None and view.name == name), None)


def say_problems(problems: Sequence[Problem]) -> None:
    """Say on standard error why a run is incomplete."""
    from named_audit.report.shown import problem_words, shown

    for problem in problems:
        begin = problem.span.begin if problem.span is not None else None
        at = f":{begin.line}:{begin.column}" if begin is not None else ""
        click.echo(f"{shown(problem.path)}{at}: {problem_words(problem)} {shown(problem.message)}", err=True)


def say_refused(found: Surveyors, revision: str | None = None, *, of_release: bool = False) -> None:
    """Say on standard error which roots named refuses.

    Args:
        found: what was read.
        revision: the revision it was read from, if it was.
        of_release: whether to say which release refuses them: the caller compares two.
    """
    for root in found.roots:
        if root.config.refused:
            path = root.path if revision is None else f"{revision}:{root.path}"
            release = root.config.release
            by = f"BIND {release}" if of_release and release is not None else "named"
            _note(
                f"{by} refuses {path} as it stands, `named-audit check` says why: this is what it would serve"
            )


def _note(message: str) -> None:
    from named_audit.report.shown import shown

    click.echo(f"note: {shown(message)}", err=True)


def _usage(message: str) -> int:
    click.echo(f"named-audit: {message}", err=True)
    return USAGE
