"""Mutants of accepted configurations, judged here and by the installed named-checkconf.

    python -m tests.statement_fuzz COUNT [SEED] [--misses FILE] [--show NUMBER] [--lines]

prints a table with a row for each family of faults, and the smallest mutant of each kind of disagreement. The families
are those of tests/verdicts.py, told from the messages of 9.18. What `OUTSIDE` lists is named-checkconf's business (the
inner rules of DNSSEC, HTTP, the disk): it is counted apart.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import SHARED
from tests.fuzz_mutants import Statement, mutant, parse, smaller, text_of, tokens
from tests.fuzz_seeds import configuration
from tests.verdicts import FAMILIES, READING, STATEMENTS, Said, Verdict, recorded

OUTSIDE: tuple[tuple[str, str], ...] = (
    ("disk", r"change directory|file not found|No such file|permission denied|key-directory.*does not exist"),
    (
        "dnssec",
        (
            r"^dnssec-policy: |trust.anchor|trusted-keys|managed-keys|initial|static key|KSK|algorithm too big"
            r"|flags too big|protocol too big|DNSKEY|digest type|root zone"
        ),
    ),
    ("http", r"endpoint|http"),
)
"""What is named-checkconf's business: family -> what it says."""

PARSING = re.compile(
    r"(near|before) ('|end of)|unknown option|no longer exists|not enabled at compile time|unexpected (end|token)"
    r"|redefined|parsing failed|address/prefix length mismatch '|^'[^']*' unexpected|^unexpected '|invalid prefix length"
)
"""What is said before anything is checked."""

WARNING = re.compile(
    r"deprecated|obsolete|not recommended|will be disabled|WILL FAIL|default changed to|is ignored|digest-bits too small|'also-notify' set but"
    r"|^(writeable file|key-directory) '[^']*' .*(exist|directory)|should be "
)
"""What makes no file be refused."""

AT_START = re.compile(r"expected a port \(0 to 65535\)|named-checkconf does not look here")
"""What is said here and named-checkconf leaves to named, which refuses it when it starts; so does `invalid-at-start`."""

INSIDE = (*STATEMENTS, "reference", "other")
"""The families of which none may be judged otherwise."""

PER_SEED = 25
"""How many mutants are made of one seed."""


class Mutant(NamedTuple):
    """One mutant, and what both say of it."""

    text: str
    accepted: bool
    family: str
    """Of the faults that named-checkconf finds; "accepted" if there is none, "crash" if it did not end by itself."""
    parsed: bool
    lines: frozenset[int]
    messages: tuple[str, ...]
    said: Said

    @property
    def agrees(self) -> bool:
        """Whether both accept or both refuse."""
        if self.accepted:
            return all(AT_START.search(message) for _, _, message in self.said.refused)
        return not self.said.accepted

    @property
    def same_lines(self) -> bool:
        """Whether both name the same lines; of a file that BIND could not parse, whether its lines are among ours."""
        if not self.agrees or self.accepted:
            return self.agrees
        if not self.parsed:
            # It has checked nothing, so it says less.
            return self.lines <= self.said.lines | self.said.warned
        return self.said.explains(Verdict(self.accepted, self.lines))

    @property
    def inside(self) -> bool:
        """Whether it is of a family that is judged here."""
        return self.accepted or self.family in INSIDE

    @property
    def kind(self) -> str:
        """What a disagreement is about: the first thing that only one of both says, without its names and numbers."""
        if self.accepted:
            return (
                self.said.refused[0][1] + ": " + general(self.said.refused[0][2]) if self.said.refused else ""
            )
        return general(min(self.messages, key=_rank)) if self.messages else "nothing"


def _rank(message: str) -> int:
    """Messages that say what is wrong come before those that say that something is."""
    return (2 if message.startswith("parsing failed") else 1) if WARNING.search(message) else 0


def general(message: str) -> str:
    """A message without names and numbers."""
    message = re.sub(r"'[^']*'|\"[^\"]*\"", "X", message)
    return re.sub(r"\d+", "N", re.sub(r"\S+\.conf:\d+", "FILE", message))


class Asked(NamedTuple):
    """What named-checkconf says of a text."""

    accepted: bool
    crashed: bool
    said: tuple[tuple[int, str], ...]


class Judge:
    """Judges texts one after the other, in a folder where nothing else is."""

    def __init__(self, folder: Path, release: str) -> None:
        self._path = folder / "named.conf"
        program = shutil.which("named-checkconf")
        assert program is not None
        self._program = program
        options = ReadOptions(release=parse_release(release), sysroot="/nonexistent")
        request = Request(
            ("/named.conf",), options, Choice(("invalid-*", "release-*"), (), "auditor"), mode="root"
        )
        self._session = Session(MemoryHost({"/named.conf": b""}), request)

    def here(self, text: str) -> Said:
        """What is said here."""
        outcome = self._session.run({"/named.conf": text}).outcome
        refused = [
            (
                problem.span.begin.line if problem.span is not None else 0,
                f"problem:{problem.kind}",
                problem.message,
            )
            for problem in outcome.problems
        ]
        refused += [
            (each.at.begin.line, each.rule, each.message)
            for each in outcome.findings
            if each.rule.startswith("invalid-") and each.rule != "invalid-at-start"
        ]
        warned = frozenset(
            each.at.begin.line for each in outcome.findings if each.rule.startswith("release-")
        )
        return Said(tuple(refused), warned)

    def named(self, text: str) -> Asked:
        """What named-checkconf says: (line or 0, message)."""
        self._path.write_text(text)
        ran = subprocess.run(
            [self._program, self._path.name],
            cwd=self._path.parent,
            capture_output=True,
            timeout=60,
            check=False,
        )
        said: list[tuple[int, str]] = []
        for line in (ran.stdout + ran.stderr).decode("utf-8", "replace").splitlines():
            if not line:
                continue
            found = re.match(r"named\.conf:(\d+): (.*)", line)
            said.append((int(found[1]), found[2]) if found else (0, line))
        return Asked(ran.returncode == 0, ran.returncode not in (0, 1), tuple(said))

    def judge(self, text: str) -> Mutant:
        """Ask both."""
        asked = self.named(text)
        faults = [(line, message) for line, message in asked.said if not WARNING.search(message)]
        messages = tuple(message for _, message in faults or asked.said)
        parsed = not any(PARSING.search(message) for message in messages)
        family = "accepted" if asked.accepted else "crash" if asked.crashed else _family(messages, parsed)
        lines = frozenset(line for line, _ in faults if line) if not asked.accepted else frozenset[int]()
        return Mutant(text, asked.accepted, family, parsed, lines, messages, self.here(text))


def _family(messages: Iterable[str], parsed: bool) -> str:
    outside: set[str] = set()
    inside: set[str] = set()
    for message in messages:
        if "no matching dnssec-policy" in message:
            inside.add("reference")
            continue
        apart = next((name for name, pattern in OUTSIDE if re.search(pattern, message)), None)
        if apart is not None:
            outside.add(apart)
        elif not message.startswith("parsing failed"):
            inside.add(next((name for name, pattern in FAMILIES if re.search(pattern, message)), "other"))
    order = (*STATEMENTS, "reference", "dnssec", "other")
    # In a file that was parsed nothing is said about reading it.
    kinds = [kind for kind in order if kind in inside and (not parsed or kind not in READING)]
    if not kinds and inside:
        kinds = ["reference"]
    return (*kinds, *sorted(outside), "other")[0]


def corpus_seeds(shared: Path) -> Iterator[str]:
    """The texts of files that 9.18 accepts: ISC's good and warn files, and accepted mutants; none that includes others."""
    for name in ("checkconf-9.18", "mutants"):
        corpus = shared / "corpus" / name
        for file, verdicts in recorded(corpus).items():
            if verdicts["9.18"].accepted:
                text = (corpus / file).read_text()
                if not re.search(r"include|\bdyndb\b|\bplugin\b", text) and len(text) < 6000:
                    yield text


@lru_cache(maxsize=1)
def _corpus() -> tuple[str, ...]:
    return tuple(corpus_seeds(SHARED)) if SHARED.is_dir() else ()


def seed_text(seed: str, number: int) -> str:
    """The configuration that a batch of mutants is made from."""
    rng = random.Random(f"seed {seed} {number}")
    corpus = _corpus()
    if corpus and rng.random() < 0.3:
        return rng.choice(corpus)
    return configuration(rng)


def batch(seed: str, number: int, count: int, release: str) -> list[Mutant]:
    """The mutants of one accepted configuration."""
    rng = random.Random(f"mutants {seed} {number}")
    found: list[Mutant] = []
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        judge = Judge(Path(folder), release)
        tree: list[Statement] | None = None
        for attempt in range(20):
            try:
                tree = parse(seed_text(seed, number + attempt * 1_000_003))
            except ValueError:
                continue
            if judge.named(text_of(tokens(tree))).accepted:
                break
        else:
            raise AssertionError(f"no accepted configuration in twenty: seed {seed} {number}")
        assert tree is not None
        original = text_of(tokens(tree))
        while len(found) < count:
            text = mutant(tree, rng)
            if text != original:
                found.append(judge.judge(text))
    return found


def _batch(arguments: tuple[str, int, int, str]) -> list[Mutant]:
    return batch(*arguments)


def run(seed: str, count: int, release: str) -> Iterator[list[Mutant]]:
    """The batches of a run, on all cores."""
    work = [
        (seed, number, min(PER_SEED, count - start), release)
        for number, start in enumerate(range(0, count, PER_SEED))
    ]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(_batch, work)


class Table:
    """What a run comes to."""

    def __init__(self) -> None:
        self.families: Counter[str] = Counter()
        self.disagree: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.after_parsing = 0
        self.smallest: dict[tuple[str, str], tuple[int, Mutant]] = {}

    def add(self, each: Mutant) -> None:
        """Count one."""
        self.families[each.family] += 1
        self.after_parsing += not each.accepted and each.parsed and each.family != "crash"
        if each.family == "crash":
            return
        if not each.agrees:
            self.disagree[each.family] += 1
        elif not each.same_lines:
            self.lines[each.family] += 1
        if not each.same_lines:
            key = (each.family + ("" if each.agrees else " !"), each.kind)
            count, known = self.smallest.get(key, (0, each))
            self.smallest[key] = (count + 1, min(known, each, key=lambda mutant: len(mutant.text)))

    @property
    def rejected(self) -> int:
        """How many named-checkconf refuses."""
        return self.families.total() - self.families["accepted"] - self.families["crash"]

    def __str__(self) -> str:
        rows = ["family       mutants  disagree  only the lines differ"]
        for family in ("accepted", *INSIDE, "dnssec", "disk", "http", "crash"):
            if self.families[family]:
                row = (
                    f"{family:12} {self.families[family]:7} {self.disagree[family]:9} {self.lines[family]:6}"
                )
                rows.append(row + ("" if family in ("accepted", *INSIDE) else "   (counted apart)"))
        inside = [family for family in ("accepted", *INSIDE) if self.families[family]]
        total, wrong = (sum(count[family] for family in inside) for count in (self.families, self.disagree))
        accepted, rejected = self.families["accepted"], self.rejected
        rows.append(
            f"{'in all':12} {total:7} {wrong:9} {sum(self.lines[family] for family in inside):6}   "
            f"{100 * wrong / max(total, 1):.2f} % disagree"
        )
        rows.append(
            f"accepted {100 * accepted / max(accepted + rejected, 1):.0f} %, "
            f"refused after parsing {100 * self.after_parsing / max(rejected, 1):.0f} % of the refused"
        )
        return "\n".join(rows)


def shrunk(each: Mutant, judge: Judge, seconds: float = 20) -> Mutant:
    """A smaller mutant that shows the same disagreement."""
    end = time.monotonic() + seconds
    again = True
    while again and time.monotonic() < end:
        again = False
        for text in smaller(each.text):
            if time.monotonic() > end:
                break
            # Nine of ten are not accepted any more, or refused for something else.
            tried = judge.judge(text)
            if (
                tried.agrees == each.agrees
                and not tried.same_lines
                and (tried.family, tried.kind)
                == (
                    each.family,
                    each.kind,
                )
            ):
                each, again = tried, True
                break
    return each


def shown(each: Mutant) -> str:
    """A disagreement for people."""
    theirs = "accepted" if each.accepted else f"refused {sorted(each.lines)}"
    ours = "accepted" if each.said.accepted else f"refused {sorted(each.said.lines)}"
    lines = [f"{each.family}: named {theirs}, here {ours}"]
    lines += [f"    named: {message}" for message in each.messages[:4]]
    lines += [f"    here {line}: {what}: {message}" for line, what, message in each.said.refused[:4]]
    lines += [f"  | {line}" for line in each.text.splitlines()]
    return "\n".join(lines)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.statement_fuzz")
    parser.add_argument("count", type=int)
    parser.add_argument("seed", nargs="?", default=str(random.SystemRandom().randrange(1 << 32)))
    parser.add_argument("--release", default="9.18.49", help="the release of the installed named-checkconf")
    parser.add_argument(
        "--show", type=int, default=20, help="how many disagreements are made small and shown"
    )
    parser.add_argument("--lines", action="store_true", help="also those in which only the lines differ")
    parser.add_argument("--misses", type=Path, help="write every disagreement into this file")
    arguments = parser.parse_args()
    began = time.monotonic()
    table = Table()
    for mutants in run(arguments.seed, arguments.count, arguments.release):
        for each in mutants:
            table.add(each)
    seconds = time.monotonic() - began
    print(f"seed {arguments.seed}, {seconds:.0f} s\n{table}")
    order = sorted(
        table.smallest.items(),
        key=lambda item: ("!" not in item[0][0], not item[0][0].startswith("accepted"), -item[1][0]),
    )
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        judge = Judge(Path(folder), arguments.release)
        for (family, kind), (number, each) in order[: arguments.show]:
            if "!" in family or arguments.lines:
                print(f"\n{number} x {family}: {kind}\n{shown(shrunk(each, judge))}", flush=True)
        if arguments.misses is not None:
            missed = [item for item in order if "!" in item[0][0] or arguments.lines]
            text = [f"{arguments.count} mutants, seed {arguments.seed}\n{table}\n"]
            for (family, kind), (number, each) in missed:
                text.append(f"{number} x {family}: {kind}\n{shown(shrunk(each, judge, 4))}\n")
            arguments.misses.write_text("\n".join(text))


if __name__ == "__main__":
    main()
