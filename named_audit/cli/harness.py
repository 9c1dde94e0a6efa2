"""The harness that every rule folder passes, built in or not: `named-audit test DIR`."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

from named_audit.cli.examples import BadExample, Example, read_example
from named_audit.cli.session import Request, Run, Session
from named_audit.fix.apply import FixResult, fix_to_fixed_point
from named_audit.host import FileState, MemoryHost
from named_audit.lint.book import BadRule, Choice, LoadedRule, load_rule
from named_audit.lint.checkconf_world import Checker
from named_audit.lint.contract import Grade, Outcome, Reported
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions

HEADINGS = ("Why it matters", "How to fix it", "Not reported", "References")
_FOLDER = "/audit"


class Check(NamedTuple):
    """One check of the harness. `failure` says what is wrong; `skipped` why it could not be made; both None: passed."""

    name: str
    failure: str | None = None
    skipped: str | None = None


def check_folder(folder: Path) -> Iterator[Check]:
    """Hold a rule folder against the contract."""
    name = folder.name
    try:
        rule = load_rule(str(folder))
    except BadRule as error:
        yield Check(f"{name}: loads", str(error))
        return
    yield Check(f"{name}: manual page", _manual(rule))
    for file in ("bad.conf", "good.conf"):
        if not (folder / file).is_file():
            yield Check(f"{name}: {file}", "is missing")
    paths = [path for path in (folder / "bad.conf", folder / "good.conf") if path.is_file()]
    paths += sorted((folder / "more").glob("*.conf"))
    grades: list[Grade] = []
    for path in paths:
        try:
            example = read_example(path)
            bench = _Bench(rule, example, folder)
            if bench.unasked is not None:
                yield Check(f"{name}: {path.name}", None, bench.unasked)
                continue
        except (BadExample, ValueError) as error:
            yield Check(f"{name}: {path.name}", str(error))
            continue
        for finding in bench.run().outcome.findings:
            grades.extend(fix.grade for fix in finding.fixes)
        yield from _example(bench, f"{name}/{path.relative_to(folder)}")
    yield Check(f"{name}: grade of corrections", _grade(rule, grades))


_GRADES: tuple[Grade, ...] = ("safe", "unsafe", "display")


def _grade(rule: LoadedRule, shown: list[Grade]) -> str | None:
    best = min(shown, key=_GRADES.index, default=None)
    if best != rule.rule.fix:
        return f"RULE says fix={rule.rule.fix!r}, and the best correction in the examples is {best!r}"
    return None


def _example(bench: _Bench, label: str) -> Iterator[Check]:
    example = bench.example
    run = bench.run()
    yield Check(f"{label}: findings", _findings(bench, run))
    yield Check(f"{label}: spans", _spans(run))
    structural = [p for p in run.outcome.problems if p.kind == "rule"]
    yield Check(f"{label}: no crash", structural[0].message if structural else None)
    if example.path.name == "good.conf" and example.expected:
        yield Check(f"{label}: silent", "good.conf may have no markers")
    fixed = bench.fix()
    yield Check(f"{label}: fixing converges", _converges(bench, fixed))
    yield Check(f"{label}: fixing adds nothing", _adds_nothing(bench, fixed))
    if example.path.name == "bad.conf":
        yield Check(f"{label}: fixed equals good.conf", _equals_good(bench, run, fixed))
    if example.path.name == "good.conf":
        changed = fixed.files[bench.path] != example.text
        yield Check(f"{label}: fixing changes nothing", "fixing changes it" if changed else None)
    yield _checkconf(bench, label)


class _Bench:
    """One example in a world of its own: its text, the files of `extra/`, and nothing else."""

    def __init__(self, rule: LoadedRule, example: Example, folder: Path) -> None:
        self.rule = rule
        self.example = example
        self.folder = folder
        self.path = posixpath.join(_FOLDER, example.path.name)
        files = {self.path: example.text.encode("utf-8", "surrogateescape")}
        extra = folder / "extra"
        for path in sorted(extra.rglob("*")) if extra.is_dir() else ():
            if path.is_file():
                files[posixpath.join(_FOLDER, path.relative_to(folder).as_posix())] = path.read_bytes()
        world = _setup(folder)
        self.host = MemoryHost(files, cwd=_FOLDER, states=world.states, now=world.now)
        version = example.conditions.get("bind-version")
        self.release = parse_release(version) if version else None
        self.unasked: str | None = None
        """Why the named-checkconf that the rule needs cannot be asked."""
        self._checkers: tuple[Checker, ...] = ()
        if rule.rule.needs_checkconf:
            from named_audit.cli.checkconf import checker_for

            checker = checker_for(self.release)
            if isinstance(checker, str):
                self.unasked = checker
            else:
                self._checkers = (checker._replace(on_disk=False),)

    def run(self, *, every_rule: bool = False, files: Mapping[str, str] | None = None) -> Run:
        return self._session(every_rule=every_rule).run(files)

    def fix(self) -> FixResult:
        session = self._session(every_rule=False)

        def audit(files: Mapping[str, str]) -> Outcome:
            return session.run(files).outcome

        return fix_to_fixed_point({self.path: self.example.text}, audit, allow_unsafe=True)

    def _session(self, *, every_rule: bool) -> Session:
        fragment = self.example.conditions.get("as") == "fragment"
        choice = Choice(() if every_rule else (self.rule.id,), (), "auditor")
        built_in = _is_built_in(self.folder)
        dirs = () if built_in else (str(self.folder),)
        request = Request(
            (self.path,),
            ReadOptions(self.release),
            choice,
            dirs,
            (),
            "fragment" if fragment else "root",
            checkers=self._checkers,
            file_checks=True,
        )
        return Session(self.host, request)


class _World(NamedTuple):
    """What `setup.py` says of the machine that the examples are on."""

    states: Mapping[str, FileState]
    now: float


def _setup(folder: Path) -> _World:
    """Read the optional `setup.py`.

    `STATES` has "MODE OWNER GROUP", or "MODE OWNER GROUP DATE", for paths beside the example (`extra/k.key`, `extra/`
    for a folder, `/` for the one that the example is in); `TODAY` is the date of the audit.

    Raises:
        BadExample: it cannot be run, or does not say so.
    """
    import runpy
    from datetime import datetime

    path = folder / "setup.py"
    if not path.is_file():
        return _World({}, 0.0)

    def seconds(date: str) -> float:
        return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()

    try:
        said = runpy.run_path(str(path))
        now = seconds(said.get("TODAY", "1970-01-01"))
        states: dict[str, FileState] = {}
        for name, state in said.get("STATES", {}).items():
            mode, owner, group, *date = state.split()
            changed = seconds(date[0]) if date else now
            full = posixpath.normpath(posixpath.join(_FOLDER, name.lstrip("/")))
            states[full] = FileState(int(mode, 8), owner, group, changed, name.endswith("/"))
    except (Exception, SystemExit) as error:
        raise BadExample(f"{path}: {type(error).__name__}: {error}") from error
    return _World(states, now)


def _is_built_in(folder: Path) -> bool:
    from named_audit.resources import resource_dir

    return folder.resolve().parent == Path(resource_dir("rules")).resolve()


def _manual(rule: LoadedRule) -> str | None:
    headings = tuple(re.findall(r"^## (.+?)\s*$", rule.page, re.MULTILINE))
    if headings != HEADINGS:
        return f"the headings must be {', '.join(HEADINGS)}; found {', '.join(headings) or 'none'}"
    if not rule.headline.endswith("."):
        return "the first line must be one sentence"
    return None


def _findings(bench: _Bench, run: Run) -> str | None:
    found = Counter((f.at.begin.line, f.rule) for f in run.outcome.findings if f.rule == bench.rule.id)
    wanted = Counter(bench.example.expected)
    known_misses = Counter(bench.example.missed)
    wrong: list[str] = []
    for line, rule in sorted(wanted - found):
        wrong.append(f"line {line}: {rule} was expected and did not come")
    for line, rule in sorted(found - wanted):
        if known_misses[(line, rule)]:
            wrong.append(f"line {line}: {rule} is a known miss no more: mark it with expect")
        else:
            message = next(
                f.message for f in run.outcome.findings if (f.at.begin.line, f.rule) == (line, rule)
            )
            wrong.append(f"line {line}: {rule} was not expected: {message}")
    return "; ".join(wrong) or None


def _spans(run: Run) -> str | None:
    for finding in run.outcome.findings:
        at = finding.at
        text = at.source.text[at.start : at.end]
        if not text and at.end > 0:
            return f"{finding.rule}: an empty span at offset {at.start}"
        if text != text.strip():
            return f"{finding.rule}: the span begins or ends with blanks: {text!r}"
    return None


def _converges(bench: _Bench, fixed: FixResult) -> str | None:
    again = bench.run(files=fixed.files)
    known = {problem.message for problem in bench.run().outcome.problems}
    new = [problem.message for problem in again.outcome.problems if problem.message not in known]
    if new:
        return f"the fixed text has a problem: {new[0]}"
    for finding in again.outcome.findings:
        if finding.rule == bench.rule.id and _applicable(finding):
            return f"line {finding.at.begin.line}: still correctable after fixing: {finding.message}"
    return None


def _applicable(finding: Reported) -> bool:
    return any(fix.grade != "display" and fix.edits for fix in finding.fixes)


def _adds_nothing(bench: _Bench, fixed: FixResult) -> str | None:
    if not fixed.applied:
        return None
    severity = bench.rule.rule.severity

    def bad(run: Run) -> Counter[str]:
        return Counter(f.rule for f in run.outcome.findings if f.severity >= severity)

    added = bad(bench.run(every_rule=True, files=fixed.files)) - bad(bench.run(every_rule=True))
    return f"fixing brings in {', '.join(sorted(added))}" if added else None


def _equals_good(bench: _Bench, run: Run, fixed: FixResult) -> str | None:
    good = bench.folder / "good.conf"
    own = [finding for finding in run.outcome.findings if finding.rule == bench.rule.id]
    if not good.is_file() or not own or not all(_applicable(finding) for finding in own):
        return None
    wanted = read_example(good).text
    result = fixed.files[bench.path]
    if result == wanted:
        return None
    import difflib

    difference = "".join(
        difflib.unified_diff(
            wanted.splitlines(keepends=True), result.splitlines(keepends=True), "good.conf", "fixed", n=1
        )
    )
    return f"they differ:\n{difference}"


def _checkconf(bench: _Bench, label: str) -> Check:
    from named_audit.cli.checkconf import try_checkconf

    name = f"{label}: named-checkconf"
    condition = bench.example.conditions.get("checkconf", "accepts")
    tried = try_checkconf(bench.example.text, bench.folder, bench.release)
    if isinstance(tried, str):
        return Check(name, None, tried)
    accepted, lines, messages = tried
    if condition == "accepts":
        return Check(name, None if accepted else f"rejects it: {messages}")
    wanted = condition.removeprefix("rejects").removeprefix("@")
    if accepted:
        return Check(name, "accepts it")
    if wanted and not lines.issuperset(map(int, wanted.split(","))):
        return Check(name, f"rejects it at another line: {messages}")
    return Check(name)
