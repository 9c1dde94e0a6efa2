"""Reading held against named-checkconf: what it accepts is fine, and damage is seen where it sees it."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.catalogue.check import check_tree
from named_audit.catalogue.refusal import Refusal
from named_audit.host import LocalHost, MemoryHost
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.parser import read_tree
from named_audit.syntax.source import Problem

RELEASE = parse_release("9.18")
MUTANTS = 3200
WORKERS = max(2, os.cpu_count() or 2)

STRUCTURAL = re.compile(r"missing ';'|syntax error|'\{' expected|'\}' expected|unexpected end of input")
"""The messages of named-checkconf that say that a `;`, a brace or a quote is wrong."""

HARMLESS = re.compile(
    r"is deprecated|is obsolete|is not implemented|is experimental|should be removed|was not enabled at"
)
"""Warnings, which come before the first error in no order that matters."""

TOKEN = re.compile(rb'//[^\n]*|#[^\n]*|/\*.*?\*/|("(?:[^"\\]|\\.)*")|([{};])', re.DOTALL)


class Complaint(NamedTuple):
    """One message of named-checkconf."""

    file: str
    line: int
    message: str


def accepted_files(shared: Path) -> list[Path]:
    """ISC's own test files that 9.18 accepts."""
    folder = shared / "corpus" / "checkconf-9.18"
    header, *rows = [row.split("\t") for row in (folder / "verdicts.tsv").read_text().splitlines()]
    column = header.index("9.18 verdict")
    return [folder / row[0] for row in rows if row[column] == "accepted"]


def checkconf(path: Path) -> list[Complaint]:
    """What named-checkconf says of a file, in its own order, without mere warnings."""
    ran = subprocess.run(
        ["named-checkconf", path.name], cwd=path.parent, capture_output=True, timeout=60, check=False
    )
    complaints = []
    for line in (ran.stdout + ran.stderr).decode("utf-8", "replace").splitlines():
        found = re.match(r"(.*?):(\d+): (.*)", line)
        if found and not HARMLESS.search(found[3]):
            complaints.append(Complaint(found[1], int(found[2]), found[3]))
    return complaints if ran.returncode else []


def problems_of(data: bytes) -> list[Problem | Refusal]:
    """Our problems with a file, but for includes, which the mutants have none of."""
    tree = read_tree("/etc/bind/named.conf", MemoryHost({"/etc/bind/named.conf": data}), ReadOptions(RELEASE))
    return [problem for problem in check_tree(tree, RELEASE) if problem.kind != "include"]


def shown(problems: list[Problem | Refusal]) -> list[str]:
    """Problems as lines of text."""
    return [f"{p.span.begin.line if p.span else 0}: {p.message}" for p in problems]


def test_accepted_files_have_no_problem(shared: Path) -> None:
    files = accepted_files(shared)
    assert len(files) >= 78
    wrong = {}
    for path in files:
        tree = read_tree(str(path), LocalHost(), ReadOptions(RELEASE))
        problems = [problem for problem in check_tree(tree, RELEASE) if problem.kind != "include"]
        if problems:
            wrong[path.name] = shown(problems)
    assert wrong == {}


NOT_LOOKED_AT = {"bad-port.conf"}
"""A port that is out of range: no release has such a port, though the named-checkconf of 9.11 does not look."""


@pytest.mark.parametrize("release", [None, "9.11", "9.16", "9.20", "9.21"])
def test_files_that_another_release_accepts_have_no_problem(shared: Path, release: str | None) -> None:
    folder = shared / "corpus" / "checkconf-9.18"
    header, *rows = [row.split("\t") for row in (folder / "verdicts.tsv").read_text().splitlines()]
    column = header.index(f"{release or '9.18'} verdict")
    wrong = {}
    chosen = parse_release(release) if release else None
    for row in rows:
        if row[column] != "accepted" or row[0] in NOT_LOOKED_AT:
            continue
        tree = read_tree(str(folder / row[0]), LocalHost(), ReadOptions(chosen))
        problems = [problem for problem in check_tree(tree, chosen) if problem.kind != "include"]
        if problems:
            wrong[row[0]] = shown(problems)
    assert wrong == {}


# --- damaged files


def mutate(data: bytes, choice: random.Random) -> bytes:
    """Drop, double or move one `;`, brace or quote that is not in a comment."""
    places: list[int] = []
    for found in TOKEN.finditer(data):
        if found[2]:
            places.append(found.start())
        elif found[1]:
            places += [found.start(), found.end() - 1]
    at = choice.choice(places)
    character = data[at : at + 1]
    how = choice.choice(("drop", "double", "move"))
    if how == "double":
        return data[:at] + character + data[at:]
    rest = data[:at] + data[at + 1 :]
    if how == "drop":
        return rest
    # Mostly near by, as fingers slip; sometimes anywhere.
    to = (
        choice.randrange(max(0, at - 60), min(len(rest), at + 60))
        if choice.random() < 0.7
        else choice.randrange(len(rest))
    )
    return rest[:to] + character + rest[to:]


class Verdict(NamedTuple):
    """One mutant: what named-checkconf says first, and what we say."""

    name: str
    data: bytes
    first: Complaint | None
    problems: list[Problem | Refusal]

    @property
    def lines(self) -> set[int]:
        """The lines on which we see a problem."""
        return {p.span.begin.line for p in self.problems if p.span}

    @property
    def first_line(self) -> int | None:
        """The line of our first problem."""
        return min(self.lines, default=None)


def judge(shared: Path, folder: Path, seed: int, count: int) -> list[Verdict]:
    """Make mutants of the accepted files and let both sides judge them."""
    # The files of a folder include each other, so the mutants lie among copies of them.
    shutil.copytree(shared / "corpus" / "checkconf-9.18", folder, copy_function=shutil.copyfile)
    files = accepted_files(shared)
    choice = random.Random(seed)
    made: list[tuple[str, bytes]] = []
    for number in range(count):
        path = files[number % len(files)]
        made.append((f"mutant-{number:05}-{path.name}", mutate(path.read_bytes(), choice)))

    def theirs(item: tuple[str, bytes]) -> Complaint | None:
        path = folder / item[0]
        path.write_bytes(item[1])
        complaints = checkconf(path)
        path.unlink()
        return complaints[0] if complaints else None

    with ThreadPoolExecutor(WORKERS) as pool:
        firsts = pool.map(theirs, made)
        ours = [problems_of(data) for _, data in made]
        return [
            Verdict(name, data, first, mine)
            for (name, data), first, mine in zip(made, firsts, ours, strict=True)
        ]


@pytest.mark.bind
def test_damage_is_seen_where_checkconf_sees_it(shared: Path, tmp_path: Path) -> None:
    seed = int(os.environ.get("NAMED_AUDIT_SEED", "20240607"))
    verdicts = judge(shared, tmp_path / "files", seed, MUTANTS)
    structural = [
        v for v in verdicts if v.first and v.first.file == v.name and STRUCTURAL.search(v.first.message)
    ]
    missed = [v for v in structural if v.first and v.first.line not in v.lines]
    # Where a string or comment is never closed, named-checkconf may say so before it looks at what is there.
    later = [
        v
        for v in structural
        if v.first and v.first.line != v.first_line and "end of input" not in v.first.message
    ]
    false_alarms = [v for v in verdicts if v.first is None and v.problems]
    print(
        f"seed {seed}: {len(verdicts)} mutants, {len(structural)} with a structural first message, "
        f"{len(missed)} missed, {len(later)} not first, {len(false_alarms)} false alarms"
    )
    keep = os.environ.get("NAMED_AUDIT_KEEP")
    if keep:
        for verdict in [*missed, *later, *false_alarms]:
            (Path(keep) / verdict.name).write_bytes(verdict.data)
    assert len(structural) > len(verdicts) // 2
    assert [(v.name, v.first, shown(v.problems)) for v in missed] == []
    assert [(v.name, v.first, shown(v.problems)) for v in later] == []
    assert [(v.name, shown(v.problems)) for v in false_alarms] == []


# --- real files

DIRECTORY = re.compile(rb'(^|[;{])(\s*)(directory\s+)"[^"\n]*"')
INCLUDE = re.compile(rb'(include\s+)"[^"\n]*"')


@pytest.mark.bind
def test_real_files_have_problems_where_checkconf_has(shared: Path, tmp_path: Path) -> None:
    # A real file's directory and includes are not here, and named-checkconf goes no further without them.
    (tmp_path / "empty").write_bytes(b"")
    base = str(tmp_path).encode()
    wrong = {}
    seen = 0
    for path in sorted((shared / "corpus" / "real").glob("*.conf")):
        data = DIRECTORY.sub(rb'\1\2\3"' + base + b'"', path.read_bytes())
        data = INCLUDE.sub(rb'\1"' + base + b'/empty"', data)
        copy = tmp_path / path.name
        copy.write_bytes(data)
        tree = read_tree(str(copy), LocalHost(), ReadOptions(RELEASE))
        problems = check_tree(tree, RELEASE)
        if any(problem.kind in ("template", "rndc") for problem in problems):
            continue
        seen += 1
        complaints = checkconf(copy)
        lines = {problem.span.begin.line for problem in problems if problem.span}
        structural = [c for c in complaints[:1] if STRUCTURAL.search(c.message)]
        if (problems and not complaints) or any(c.line not in lines for c in structural):
            wrong[path.name] = ([(c.line, c.message) for c in complaints[:2]], shown(problems)[:4])
    assert seen > 20
    assert wrong == {}
