"""Every rule over whatever a slip may leave behind: none crashes, and every correction can be tried.

    python -m tests.rule_fuzz COUNT [SEED]

The mutants are made from the rules' own examples (where a rule finds something, and just not), from generated
configurations, and from the corpora where they are there.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from typing import NamedTuple

from named_audit.cli.correct import correct
from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice
from named_audit.release import LINES, parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import ROOT, SHARED
from tests.fuzz_mutants import mutant, parse
from tests.fuzz_seeds import configuration

LONGEST = 20_000
"""Characters of a text that mutants are made from."""

CORRECTED = 10
"""One mutant in as many is corrected too, which takes ten times as long."""


class Tried(NamedTuple):
    """What became of one text."""

    rules: tuple[str, ...]
    """The rules that found something."""
    crashes: tuple[str, ...]


def session(release: str) -> Session:
    """All rules for the widest audience; "" is a release that is not known."""
    options = ReadOptions(release=parse_release(release) if release else None, sysroot="/nonexistent")
    request = Request(("/named.conf",), options, Choice((), (), "auditor"), mode="root")
    return Session(MemoryHost({"/named.conf": b""}), request)


def try_text(text: str, audit: Session, *, fix: bool) -> Tried:
    """Audit one text, and correct it if asked. An exception that gets out is a crash as well."""
    try:
        run = audit.run({"/named.conf": text})
        problems = list(run.outcome.problems)
        if fix:
            corrected, _, _ = correct(audit, run, unsafe=True, write=False)
            problems += corrected.outcome.problems
    except Exception as error:
        return Tried((), (f"{type(error).__name__}: {error}",))
    found = tuple(sorted({each.rule for each in run.outcome.findings}))
    return Tried(found, tuple(problem.message for problem in problems if problem.kind == "rule"))


@lru_cache(maxsize=1)
def seeds() -> tuple[str, ...]:
    """The texts of the rules' examples and of the corpora that are there."""
    folders = [ROOT / "rules", SHARED / "corpus" / "real", SHARED / "corpus" / "checkconf-9.18"]
    found: list[str] = []
    for path in (path for folder in folders for path in sorted(folder.rglob("*.conf"))):
        text = path.read_text("utf-8", "surrogateescape")
        if len(text) <= LONGEST:
            found.append(text)
    return tuple(found)


def texts(seed: str, number: int) -> Iterator[str]:
    """Ten mutants of one text."""
    rng = random.Random(f"{seed} {number}")
    while True:
        text = configuration(rng) if rng.random() < 0.2 else rng.choice(seeds())
        try:
            tree = parse(text)
        except ValueError:
            continue
        if tree:
            break
    for _ in range(10):
        yield mutant(tree, rng)


def batch(seed: str, number: int) -> tuple[list[Tried], Mapping[str, str]]:
    """Try ten mutants; the second value has the texts of those on which something crashed."""
    rng = random.Random(f"release {seed} {number}")
    audit = session(rng.choice(("", *LINES)))
    tried: list[Tried] = []
    crashed: dict[str, str] = {}
    for text in texts(seed, number):
        tried.append(try_text(text, audit, fix=rng.randrange(CORRECTED) == 0))
        for crash in tried[-1].crashes:
            crashed.setdefault(crash, text)
    return tried, crashed


def _batch(arguments: tuple[str, int]) -> tuple[list[Tried], Mapping[str, str]]:
    return batch(*arguments)


def run(seed: str, count: int, workers: int) -> Iterable[tuple[list[Tried], Mapping[str, str]]]:
    """At least `count` mutants, ten at a time."""
    numbers = [(seed, number) for number in range((count + 9) // 10)]
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_batch, numbers, chunksize=4)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.rule_fuzz")
    parser.add_argument("count", type=int)
    parser.add_argument("seed", nargs="?", default=str(random.SystemRandom().randrange(1 << 32)))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    began = time.monotonic()
    total = 0
    rules: Counter[str] = Counter()
    crashes: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for tried, crashed in run(arguments.seed, arguments.count, arguments.workers):
        total += len(tried)
        for each in tried:
            rules.update(each.rules)
            crashes.update(each.crashes)
        for crash, text in crashed.items():
            examples.setdefault(crash, text)
    for crash, number in crashes.most_common():
        print(f"{number} x {crash}\n  | " + "\n  | ".join(examples[crash].splitlines()))
    seconds = time.monotonic() - began
    print(
        f"seed {arguments.seed}: {total} mutants, {len(rules)} rules found something,"
        f" {crashes.total()} crashes, {seconds:.0f} s"
    )
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
