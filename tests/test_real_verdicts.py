"""Real configurations judged as named-checkconf judges them, in a world where `directory` and includes exist.

`real_verdicts.tsv` has what named-checkconf 9.18.49 says of each: file, verdict, and every line it names. Each file is
copied into a scratch folder; its `directory` is that folder, and its includes are an empty file there. What was in them
is not known, so names that they define are undefined, for named-checkconf and for us.

`python -m tests.test_real_verdicts` rewrites the table from the installed named-checkconf and prints where we differ.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from named_audit.cli.checkconf import checker_for
from named_audit.cli.session import Request, Session
from named_audit.host import LocalHost
from named_audit.lint.book import Choice
from named_audit.lint.checkconf_world import Checker
from named_audit.process import Command, run_bounded
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import SHARED
from tests.verdicts import Said, Verdict, judge

TABLE = Path(__file__).parent / "real_verdicts.tsv"
REAL = SHARED / "corpus" / "real"
RELEASE = "9.18"

DIRECTORY = re.compile(rb'(?<![\w-])(directory\s+)"[^"\n]*"')
INCLUDE = re.compile(rb'(?<![\w-])(include\s+)"[^"\n]*"')

DIFFER = {
    "148.conf": "an rndc.conf: one problem for the whole file, where its first statement stands",
}
"""File -> why the verdict, or the lines, are not named-checkconf's. A file that is here and does not differ fails."""


@pytest.fixture(scope="module")
def world(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scratch folder with every file."""
    if not REAL.is_dir():
        pytest.skip(f"no real configurations at {REAL}")
    return build(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def checker() -> Checker:
    """This machine's named-checkconf, if it is of the recorded release."""
    found = checker_for(parse_release(RELEASE))
    if isinstance(found, str):
        pytest.skip(found)
    return found


def build(folder: Path) -> Path:
    """Copy every file into a folder where its directory and its includes exist."""
    (folder / "empty").write_bytes(b"")
    for path in sorted(REAL.glob("*.conf")):
        data = DIRECTORY.sub(rb'\1"."', path.read_bytes())
        (folder / path.name).write_bytes(INCLUDE.sub(rb'\1"empty"', data))
    return folder


def ask(checker: Checker, path: Path) -> Verdict:
    """What named-checkconf says of a file, its warnings included."""
    ran = run_bounded(Command(checker.program, (path.name,), str(path.parent)))
    assert ran.status in (0, 1), ran
    lines = re.findall(
        rf"^{re.escape(path.name)}:(\d+): ", ran.output.decode("utf-8", "replace"), re.MULTILINE
    )
    return Verdict(ran.status == 0, frozenset(map(int, lines)))


def table() -> dict[str, Verdict]:
    """What is recorded."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        name, verdict, lines = line.split("\t")
        found[name] = Verdict(verdict == "accepted", frozenset(map(int, filter(None, lines.split(",")))))
    return found


def differs(verdict: Verdict, said: Said) -> str | None:
    """How we differ: "verdict", "lines", or not at all.

    BIND stops reading at what it cannot parse; what we say behind the last line that it names does not count.
    """
    if said.accepted != verdict.accepted:
        return f"verdict: named {_word(verdict.accepted)}, we {_word(said.accepted)}"
    if verdict.accepted or said.explains(verdict) or said.explains(verdict, as_far=True):
        return None
    return f"lines: named {sorted(verdict.lines)}, we {sorted(said.lines)}"


def _word(accepted: bool) -> str:
    return "accepted" if accepted else "rejected"


@pytest.mark.bind
def test_the_table_is_what_named_checkconf_says(world: Path, checker: Checker) -> None:
    assert {path.name: ask(checker, path) for path in sorted(world.glob("*.conf"))} == table()


def test_we_judge_as_it_does(world: Path) -> None:
    found = {name: differs(verdict, judge(world / name, RELEASE)) for name, verdict in table().items()}
    assert len(found) == 31
    differing = {name: how for name, how in found.items() if how is not None}
    assert {name: how for name, how in differing.items() if name not in DIFFER} == {}
    assert sorted(set(DIFFER) - set(differing)) == [], "these no longer differ: take them out of DIFFER"


@pytest.mark.bind
def test_with_checkconf_nothing_is_missing(world: Path, checker: Checker) -> None:
    missing = {}
    for name, verdict in table().items():
        options = ReadOptions(release=parse_release(RELEASE), sysroot="/nonexistent")
        choice = Choice(("invalid-*", "release-*"), (), "auditor")
        request = Request((str(world / name),), options, choice, mode="root", checkers=(checker,))
        outcome = Session(LocalHost(), request).run().outcome
        refused = {problem.span.begin.line for problem in outcome.problems if problem.span is not None}
        refused |= {f.at.begin.line for f in outcome.findings if f.rule.startswith("invalid-")}
        lines = refused | {f.at.begin.line for f in outcome.findings}
        foreign = any(problem.kind in ("template", "rndc") for problem in outcome.problems)
        if bool(refused) is verdict.accepted or not (verdict.lines <= lines or foreign):
            missing[name] = (sorted(verdict.lines), sorted(lines))
    assert missing == {}


def main() -> None:
    """Rewrite the table, and print where we differ."""
    checker = checker_for(parse_release(RELEASE))
    if isinstance(checker, str):
        raise SystemExit(checker)
    folder = Path(tempfile.mkdtemp())
    try:
        rows = ["file\tverdict\tlines"]
        for path in sorted(build(folder).glob("*.conf")):
            verdict = ask(checker, path)
            rows.append(
                f"{path.name}\t{_word(verdict.accepted)}\t{','.join(map(str, sorted(verdict.lines)))}"
            )
            said = judge(path, RELEASE)
            how = differs(verdict, said)
            if how is not None:
                print(path.name, how)
                print(*(f"    ours {refused}" for refused in said.refused[:8]), sep="\n")
        TABLE.write_text("\n".join(rows) + "\n", encoding="utf-8")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
