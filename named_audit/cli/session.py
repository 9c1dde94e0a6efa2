"""One run of the auditor: read the roots, run the rules, apply ignores, render corrections, count."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from named_audit.host import Host, OverlayHost
from named_audit.lint.audit import Audit
from named_audit.lint.book import Choice, LoadedRule, RuleBook, load_rules, seen_by
from named_audit.lint.contract import AUDIENCES, Counts, Outcome, RenderedFix, Reported, Severity
from named_audit.lint.ignores import find_ignores, is_silenced, marked, silence
from named_audit.lint.roots import Finder, Mode, Root, Roots
from named_audit.lint.run import Result, fingerprint, run_rules
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.release import Release
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.source import Problem, Source

if TYPE_CHECKING:
    from named_audit.lint.checkconf_world import Checker


class Request(NamedTuple):
    """What to audit and how."""

    paths: tuple[str, ...]
    options: ReadOptions
    choice: Choice
    rule_dirs: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    mode: Mode = "auto"
    only_roots: bool = False
    """Audit the configured roots and nothing else."""
    checkers: "tuple[Checker, ...]" = ()
    """The named-checkconfs to ask about each root."""
    file_checks: bool = False
    """Look at modes, owners and what else the machine says of the files."""
    notes: tuple[str, ...] = ()
    """What was decided before anything was read and a person should know."""


class Run(NamedTuple):
    """An outcome with what was read for it."""

    outcome: Outcome
    roots: tuple[Root, ...]
    sources: Mapping[str, Source]
    """Every file that was read, by real path."""
    judged: "tuple[Judged, ...]" = ()


class Judged(NamedTuple):
    """What the rules found in one root, before anything is merged, silenced or rendered."""

    config: Config
    findings: tuple[Reported, ...]
    problems: tuple[Problem, ...]
    asked: bool = True
    """False for a root that is read because it shares files with those that are asked for."""


class Session:
    """Rules loaded once; runs over the same request, with files replaced in memory or not."""

    def __init__(self, host: Host, request: Request) -> None:
        self._host = OverlayHost(host)
        self._request = request
        self._templates: dict[str, str | None] = {}
        self._book = RuleBook(request.choice, request.rule_dirs)
        self.unknown = self._book.unknown
        self._reporters: tuple[LoadedRule, ...] = ()
        if request.checkers:
            self._reporters = tuple(rule for rule in self._book.all if rule.rule.needs_checkconf)

    @property
    def release(self) -> Release | None:
        """The release that is assumed; None = unknown."""
        return self._request.options.release

    def run(
        self, overrides: Mapping[str, str] | None = None, also: Sequence[str] = (), *, ask: bool = True
    ) -> Run:
        """Audit everything once.

        Args:
            overrides: replaces files by real path.
            also: roots to judge, not to report.
            ask: ask the named-checkconfs too. They read what is on disk, whatever `overrides` says.
        """
        self._host.overrides = {
            path: text.encode("utf-8", "surrogateescape") for path, text in (overrides or {}).items()
        }
        found = self._roots()
        results: list[Result] = []
        problems = list(found.problems)
        sources: dict[str, Source] = {}
        judged: list[Judged] = []
        notes: dict[str, None] = {}
        audits = [self._audit(root.config, fragment=root.fragment) for root in found.roots]
        for audit in audits:
            for source in audit.config.tree.sources:
                sources.setdefault(source.real_path, source)
            rule_results, its_problems = self._judge(audit)
            if ask and self._request.checkers:
                rule_results, its_problems, its_notes = self._ask(audit, rule_results, its_problems)
                notes.update(dict.fromkeys(its_notes))
            results.extend(rule_results)
            problems.extend(its_problems)
            judged.append(Judged(audit.config, self._seen(rule_results), its_problems))
        for path in also:
            audit = self._audit(load_config(path, self._host, self._request.options))
            rule_results, its_problems = self._judge(audit)
            judged.append(Judged(audit.config, self._seen(rule_results), its_problems, False))
        run = self._outcome(found.roots, audits, _once(results), _unique(problems), sources)
        outcome = run.outcome._replace(notes=(*run.outcome.notes, *notes)) if notes else run.outcome
        return run._replace(judged=tuple(judged), outcome=outcome)

    def _audit(self, config: Config, *, fragment: bool = False) -> Audit:
        """A root under audit. Zone files are read only for those who ask for more than what is broken: it takes time."""
        reader = None
        if self._request.choice.audience != "regular" and not fragment:
            from named_audit.model.zone_data import ZoneReader
            from named_audit.policy.zone_content import MAX_FILE, MAX_FILES

            options = self._request.options
            reader = ZoneReader(config, self._host, options, most=MAX_FILE, altogether=MAX_FILES)
        audit = Audit(config, fragment=fragment, zone_data=reader)
        audit.now = self._host.now()
        if self._request.file_checks:
            from named_audit.lint.files import Files

            audit.files = Files(config, self._host, self._request.options)
        return audit

    def sharing(self, run: Run) -> tuple[str, ...]:
        """The roots of the settings that are not in a run and read one of its files, or may: not all was read."""
        known = {self._host.realpath(root.path) for root in run.roots if not root.fragment}
        found: list[str] = []
        for path in self._request.roots:
            if self._host.realpath(path) not in known:
                config = load_config(path, self._host, self._request.options)
                shared = any(source.real_path in run.sources for source in config.tree.sources)
                if shared or config.problems:
                    found.append(path)
        return tuple(found)

    def _judge(self, audit: Audit) -> tuple[list[Result], tuple[Problem, ...]]:
        config = audit.config
        names = config.names | {refusal.rule for refusal in config.refused}
        rules = [rule for rule in self._book.due(names) if not rule.rule.needs_checkconf]
        results, crashes = run_rules(audit, rules)
        return results, (*audit.config.problems, *audit.unjudged(), *crashes)

    def _ask(
        self, audit: Audit, results: list[Result], problems: tuple[Problem, ...]
    ) -> tuple[list[Result], tuple[Problem, ...], tuple[str, ...]]:
        """Add what named-checkconf says, and what makes that incomplete."""
        if not self._reporters:
            return results, problems, ("named-checkconf was not asked: no rule that reports it was chosen",)
        from named_audit.lint.checkconf import hear, reconcile

        request = self._request
        heard = hear(audit.config, self._host, request.options, request.checkers)
        audience = request.choice.audience
        seen = frozenset(
            index for index, result in enumerate(results) if seen_by(result.reported.audience, audience)
        )
        ignores = find_ignores(audit.config.tree)
        silenced = frozenset(index for index in seen if ignores and is_silenced(results[index], ignores))
        reconciled = reconcile(heard.messages, results, problems, seen, silenced)
        audit.heard = reconciled.left
        audit.heard_several = len(request.checkers) > 1
        reported, crashes = run_rules(audit, self._reporters)
        return (
            [*reconciled.results, *reported],
            (*reconciled.problems, *heard.problems, *crashes),
            heard.notes,
        )

    def _seen(self, results: Iterable[Result]) -> tuple[Reported, ...]:
        audience = self._request.choice.audience
        found = (result.reported for result in results)
        return tuple(each for each in found if seen_by(each.audience, audience))

    def _roots(self) -> Roots:
        request = self._request
        finder = Finder(self._host, request.options, request.roots, request.mode)
        return finder.configured() if request.only_roots else finder.find(request.paths)

    def _outcome(
        self,
        roots: Sequence[Root],
        audits: Sequence[Audit],
        results: list[Result],
        problems: list[Problem],
        sources: dict[str, Source],
    ) -> Run:
        ignores = [found for audit in audits for found in find_ignores(audit.config.tree)]
        spoken_to = any(marked(source.text) for source in sources.values())
        ran: tuple[LoadedRule, ...] = ()
        every: tuple[LoadedRule, ...] = ()
        if spoken_to:
            every = load_rules(Choice(), self._request.rule_dirs)[0]
            judging = (rule for rule in self._book.all if not rule.rule.needs_checkconf)
            ran = (*judging, *self._reporters)
        unseen = [audit.config.tree.sources for audit in audits if audit.config.unseen]
        silenced = silence(
            results,
            ignores,
            ran,
            every,
            unjudged=frozenset(source.real_path for found in unseen for source in found),
            any_release=self.release is None,
        )
        audience = self._request.choice.audience
        shown = [r for r in silenced.kept if seen_by(r.reported.audience, audience)]
        findings = [self._rendered(result, problems) for result in shown]
        findings.extend(complaint for complaint in silenced.complaints)
        findings.sort(key=_order)
        by_severity = {severity.word: 0 for severity in reversed(Severity)}
        for finding in findings:
            by_severity[finding.severity.word] += 1
        trees = [audit.config.tree for audit in audits]
        counts = Counts(
            files=len(sources),
            zones=sum(len(view.zones) for audit in audits for view in audit.config.views),
            by_severity=by_severity,
            ignored=silenced.ignored,
            below_audience=len(silenced.kept) - len(shown),
            hidden_secrets=sum(key.hidden for audit in audits for key in audit.config.all_keys),
            external=sum(len(tree.external) for tree in trees),
            unread=sum(problem.kind in ("read", "include", "template", "rndc") for problem in problems),
            not_understood=sum(len(audit.config.not_understood) for audit in audits),
            fragments=sum(root.fragment for root in roots),
        )
        release = self._request.options.release
        outcome = Outcome(
            tuple(findings),
            tuple(problems),
            tuple(source.path for source in sources.values()),
            str(release) if release is not None else None,
            counts,
            tuple(self._notes(roots)),
        )
        return Run(outcome, tuple(roots), sources)

    def _notes(self, roots: Sequence[Root]) -> Iterable[str]:
        seen: dict[str, None] = dict.fromkeys(self._request.notes)
        release = self.release
        if release is not None and (judged_as := release.judged_as) is not None:
            seen[judged_as] = None
        for root in roots:
            if root.fragment:
                seen[f"{root.path} is judged as a fragment: what a root around it decides is not known"] = (
                    None
                )
            for note in root.config.tree.notes:
                seen[note] = None
        return seen

    def _rendered(self, result: Result, problems: list[Problem]) -> Reported:
        by_message = result.rule.rule.needs_checkconf
        reported = result.reported._replace(fingerprint=fingerprint(result.reported, by_message=by_message))
        if not result.fixes:
            return reported
        if result.rule.id not in self._templates:
            self._templates[result.rule.id] = result.rule.template
        template = self._templates[result.rule.id]
        if template is None:
            return reported
        from named_audit.fix.render import RenderError, render_fix

        fixes: list[RenderedFix] = []
        for fix in result.fixes:
            try:
                fixes.append(render_fix(fix, template))
            except RenderError as error:
                at = result.reported.at
                problems.append(Problem("rule", f"rule {result.rule.id}: {error}", at.source.path, at))
        return reported._replace(fixes=tuple(fixes))


def _once(results: Iterable[Result]) -> list[Result]:
    """A file that two roots include is judged twice; what both say is said once, with the zones of both."""
    merged: dict[tuple[str, str, int, int, str], Result] = {}
    for result in results:
        reported = result.reported
        at = reported.at
        key = (reported.rule, at.source.real_path, at.start, at.end, reported.message)
        known = merged.get(key)
        if known is None:
            merged[key] = result
            continue
        scopes = tuple(dict.fromkeys((*known.reported.scopes, *reported.scopes)))
        audience = min(known.reported.audience, reported.audience, key=AUDIENCES.index)
        severity = max(known.reported.severity, reported.severity)
        merged[key] = known._replace(
            reported=known.reported._replace(scopes=scopes, audience=audience, severity=severity)
        )
    return list(merged.values())


def _unique(problems: Iterable[Problem]) -> list[Problem]:
    found: dict[tuple[str, str, str, int], Problem] = {}
    for problem in problems:
        start = problem.span.start if problem.span is not None else -1
        found.setdefault((problem.kind, problem.message, problem.path, start), problem)
    return list(found.values())


def _order(finding: Reported) -> tuple[str, int, int, str]:
    return finding.at.source.path, finding.at.start, finding.at.end, finding.rule
