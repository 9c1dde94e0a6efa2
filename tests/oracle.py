"""The match-list evaluator against a real named, for as long as one likes: `make oracle DECISIONS=1000000`.

One seed makes one run. A run has rounds, each with a random configuration, its own named, and thousands of
transfers. Half of it happens on loopback, half in a private network where clients are not on-link. Where named
and the evaluator disagree, the run ends with the smallest configuration that still shows it and with status 1.
It also does where one of the evaluators that are known to be wrong got through: then it could prove nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple, NoReturn

from named_audit.host import LocalHost
from named_audit.release import parse_release
from tests import network_namespace
from tests.comparing import Round, check, the_tool, wrong_evaluator
from tests.match_list_cases import WRONG
from tests.smallest import smallest
from tests.transfer_cases import LOOPBACK, OUTSIDE, PLACES, Case, Place, random_case

ROOT = Path(__file__).resolve().parent.parent

ZONES = 400
"""In one configuration: named loads them in a tenth of a second, and a failing one can be repeated alone."""
REQUESTS_EACH = 12


class Totals(NamedTuple):
    """What a run came to."""

    place: str
    seed: str
    seconds: float
    rounds: int
    decisions: int
    served: int
    localities: dict[str, int]
    inherited: int
    refusals: int
    lists: int
    caught: dict[str, int]
    least_caught: dict[str, int]
    disagreements: int
    report: str

    @property
    def good(self) -> bool:
        """Whether there is no disagreement and the run could have shown one."""
        return not self.disagreements and all(self.caught.values())

    def __str__(self) -> str:
        wrong = ", ".join(
            f"{name}: {count} (at least {self.least_caught[name]} in a round)"
            for name, count in self.caught.items()
        )
        where = ", ".join(f"{name} {count}" for name, count in sorted(self.localities.items()))
        return (
            f"{self.place}: seed {self.seed}, {self.seconds:.0f} s, {self.decisions} decisions over "
            f"{self.lists} lists in {self.rounds} configurations, {self.served} served; {where}; "
            f"{self.inherited} by an outer level; {self.refusals} with unverifiable signatures; "
            f"wrong evaluators are caught by {wrong}; {self.disagreements} disagreements"
        )


def round_case(seed: str, place: Place, number: int) -> Case:
    """The case of one round, which depends on nothing else."""
    return random_case(random.Random(f"{seed} {place.name} {number}"), place, ZONES, REQUESTS_EACH)


def run(place: Place, seed: str, decisions: int, wrong: str | None = None) -> Totals:
    """Run rounds until there are that many decisions, or a disagreement. Progress goes to stderr.

    With `wrong`, that evaluator stands in for named-audit's, to see what a disagreement looks like.
    """
    evaluator = the_tool if wrong is None else wrong_evaluator(wrong)
    release = parse_release(LocalHost().named_version() or "")
    began = shown = time.monotonic()
    rounds: list[Round] = []
    lists: set[str] = set()
    report = ""
    done = 0
    while done < decisions and not report:
        case = round_case(seed, place, len(rounds))
        with tempfile.TemporaryDirectory(prefix="oracle-") as folder:
            found = check(case, evaluator, release, Path(folder))
            if found.disagreements:
                first = found.disagreements[0]
                report = (
                    f"{place.name}, seed {seed}, round {len(rounds)}: {len(found.disagreements)} disagreements\n"
                    f"{first}\n\n{smallest(case, first, evaluator, release, Path(folder))}"
                )
        rounds.append(found)
        lists |= found.lists
        done += found.decisions
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            print(f"{place.name}: {done} decisions after {shown - began:.0f} s", file=sys.stderr, flush=True)
    return Totals(
        place=place.name,
        seed=seed,
        seconds=time.monotonic() - began,
        rounds=len(rounds),
        decisions=done,
        served=sum(one.served for one in rounds),
        localities=dict(sum((one.localities for one in rounds), Counter())),
        inherited=sum(one.inherited for one in rounds),
        refusals=sum(one.refusals for one in rounds),
        lists=len(lists),
        caught={name: sum(one.caught[name] for one in rounds) for name in WRONG},
        least_caught={name: min((one.caught[name] for one in rounds), default=0) for name in WRONG},
        disagreements=sum(len(one.disagreements) for one in rounds),
        report=report,
    )


class Failed(Exception):
    """A run ended without a result."""


class Running:
    """A run in a process of its own. Leave the block to end it."""

    def __init__(self, place: Place, seed: str, decisions: int, wrong: str | None = None) -> None:
        command = [sys.executable, "-m", "tests.oracle", "--only", place.name]
        command += ["--seed", seed, "--decisions", str(decisions)]
        if wrong is not None:
            command += ["--wrong", wrong]
        if place is OUTSIDE:
            command = network_namespace.inside(command)
        self._what = f"{place.name}, seed {seed}:"
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=60)

    def result(self, seconds: float | None = None) -> Totals:
        """Wait for the end.

        Raises:
            Failed: there is no result.
            subprocess.TimeoutExpired: it takes longer.
        """
        out, _ = self.process.communicate(timeout=seconds)
        if not out:
            raise Failed(f"{self._what} it ended with {self.process.returncode}; its messages say why")
        return Totals(**json.loads(out))


def _interrupted(number: int, _: object) -> NoReturn:
    # So that blocks are left and named is ended.
    sys.exit(128 + number)


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--seed", default="", help="repeat the run with this seed")
    parser.add_argument("--wrong", choices=WRONG, help="try an evaluator that is wrong")
    parser.add_argument("--only", choices=[place.name for place in PLACES], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    seed = arguments.seed or str(random.SystemRandom().getrandbits(32))
    signal.signal(signal.SIGTERM, _interrupted)
    if arguments.only:
        (place,) = [place for place in PLACES if place.name == arguments.only]
        json.dump(run(place, seed, arguments.decisions, arguments.wrong)._asdict(), sys.stdout)
        return 0
    print(f"seed {seed}", flush=True)
    places = [LOOPBACK]
    reason = ", ".join(network_namespace.missing_programs()) or network_namespace.why_forbidden()
    if reason is None:
        places.append(OUTSIDE)
    else:
        print(f"on loopback only, no private network can be had: {reason}", flush=True)
    share = -(-arguments.decisions // len(places))
    good = True
    running = [Running(place, seed, share, arguments.wrong) for place in places]
    try:
        for one in running:
            totals = one.result()
            print(totals, totals.report, sep="\n" if totals.report else "", flush=True)
            good = good and totals.good
    except Failed as error:
        print(error, flush=True)
        good = False
    finally:
        for one in running:
            one.__exit__()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
