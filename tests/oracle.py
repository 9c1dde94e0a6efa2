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
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import dns.rcode

from named_audit.host import LocalHost, MemoryHost
from named_audit.model.build import load_config
from named_audit.model.matchlist import MatchList
from named_audit.policy.matchlist import build
from named_audit.policy.reach import Lists
from named_audit.policy.transfer import effective_allow_transfer, open_by_default
from named_audit.release import Release, parse_release
from named_audit.syntax.locate import ReadOptions
from tests import network_namespace
from tests.bind_server import ZONE_FILE, Request, Server, running_named
from tests.match_list_cases import WRONG, Lookup, judge, parse
from tests.transfer_cases import (
    LOOPBACK,
    OUTSIDE,
    PLACES,
    Asked,
    Case,
    Layout,
    Place,
    asked,
    locality,
    random_case,
)

ZONES = 400
"""In one configuration: named loads them in a tenth of a second, and a failing one can be repeated alone."""
REQUESTS_EACH = 12

Evaluator = Callable[[MatchList, Lookup], Callable[[Asked], tuple[bool, ...]]]
"""Prepares a list; what is returned decides a request, in each way that the evaluator has."""

ROOT = Path(__file__).resolve().parent.parent


class Disagreement(NamedTuple):
    """A request that named and an evaluator answer differently. `said` are the evaluator's answers."""

    request: Request
    served: bool
    said: tuple[bool, ...]

    def __str__(self) -> str:
        return (
            f"{self.request.zone} asked from {self.request.source}, "
            f"{'signed with ' + self.request.key.name if self.request.key else 'unsigned'}: "
            f"named {'serves' if self.served else 'refuses'}, the evaluator says {self.said}"
        )


class Round(NamedTuple):
    """What one configuration came to. `caught` counts, for each wrong evaluator, where named says otherwise."""

    decisions: int
    served: int
    localities: Counter[str]
    inherited: int
    refusals: int
    lists: frozenset[str]
    caught: Counter[str]
    disagreements: tuple[Disagreement, ...]


def the_tool(match_list: MatchList, lookup: Lookup) -> Callable[[Asked], tuple[bool, ...]]:
    """named-audit's three ways to decide, which must agree with named and so with each other."""
    acl = build(match_list, lookup)

    def decide(request: Asked) -> tuple[bool, ...]:
        address, family, signer, where = request
        local = {"localhost": request.localhost, "localnets": request.localnets}
        return (
            acl.allows(address, family, signer, **local),
            acl.deciding(address, family, signer, **local).allowed,
            acl.addresses(signer, where).holds(address, family),
        )

    return decide


def wrong_evaluator(wrong: str) -> Evaluator:
    """One of those that look right; BIND's own data structures for the empty name."""

    def prepare(match_list: MatchList, lookup: Lookup) -> Callable[[Asked], tuple[bool, ...]]:
        decide = judge(match_list, lookup, wrong)
        return lambda to: (decide(to.address, to.family, to.signer, to.localhost, to.localnets),)

    return prepare


class Reading:
    """A case as named-audit's model has it: which list decides for which zone.

    Raises:
        AssertionError: the configuration cannot be read without a problem.
    """

    def __init__(self, case: Case, release: Release) -> None:
        host = MemoryHost({"/named.conf": case.layout.conf(case.zones).encode()})
        config = load_config("/named.conf", host, ReadOptions(release=release))
        assert config.problems == [], config.problems[:3]
        self._release = release
        self._lists = Lists(config)
        self._settings = {
            zone.canonical: effective_allow_transfer(config, zone, config.zone_type(zone) or "")
            for zone in config.zones
        }
        assert self._settings.keys() == case.zones.keys()

    def predict(self, requests: Iterable[Request], evaluator: Evaluator) -> Iterator[tuple[bool, ...]]:
        """What an evaluator says of each request."""
        prepared: dict[str, Callable[[Asked], tuple[bool, ...]]] = {}
        for request in requests:
            statement = self._settings[request.zone].statement
            if statement is None:
                yield (open_by_default(self._release) is True,)
                continue
            decide = prepared.get(request.zone)
            if decide is None:
                match_list = self._lists.match_list(statement)
                decide = prepared[request.zone] = evaluator(match_list, self._lists.lookup)
            yield decide(asked(request.source or "", request.key.name if request.key else None))


def ask(server: Server, requests: Sequence[Request]) -> list[bool]:
    """Whether named serves each request.

    Raises:
        AssertionError: an answer is neither the zone nor REFUSED.
    """
    answers = server.axfr_many(requests)
    unexpected = set(answers) - {dns.rcode.NOERROR, dns.rcode.REFUSED}
    assert not unexpected, unexpected
    return [answer == dns.rcode.NOERROR for answer in answers]


def check(case: Case, evaluator: Evaluator, release: Release, directory: Path) -> Round:
    """Serve a case and compare."""
    with running_named(directory, case.layout.conf(case.zones), files={"zone.db": ZONE_FILE}) as server:
        served = ask(server, case.requests)
        refusals = server.axfr_many(case.refusals)
    assert set(refusals) <= {dns.rcode.NOTAUTH}, set(refusals)
    reading = Reading(case, release)
    said = list(reading.predict(case.requests, evaluator))
    # The evaluators that are wrong on purpose are made from this one, so it has to be right.
    known = reading.predict(case.requests, wrong_evaluator(""))
    differs = [
        Disagreement(request, answer, (*answers, *others))
        for request, answer, answers, others in zip(case.requests, served, said, known, strict=True)
        if {*answers, *others} != {answer}
    ]
    caught = Counter[str]()
    for wrong in WRONG:
        predicted = reading.predict(case.requests, wrong_evaluator(wrong))
        caught[wrong] = sum(other != (answer,) for other, answer in zip(predicted, served, strict=True))
    lists = {text for text in case.zones.values() if text is not None}
    if case.layout.inherited is not None:
        lists.add(case.layout.inherited)
    return Round(
        len(served),
        sum(served),
        Counter(locality(request.source or "") for request in case.requests),
        sum(case.zones[request.zone] is None for request in case.requests),
        len(refusals),
        frozenset(lists),
        caught,
        tuple(differs),
    )


def smallest(case: Case, found: Disagreement, evaluator: Evaluator, release: Release, directory: Path) -> str:
    """A configuration with one zone that still shows a disagreement, as small as leaving elements out makes it."""
    layout = case.layout
    text = case.zones[found.request.zone]
    if text is None:
        # Which level decides may be what the disagreement is about, so it stays as it is.
        return layout.conf({found.request.zone: None})
    alone = layout._replace(has_view=False, of_view=None, of_options=None)
    shown = False
    for number in range(200):
        candidates = list(_smaller(text, layout)) if number else [text]
        zones: dict[str, str | None] = {f"z{place}.example": each for place, each in enumerate(candidates)}
        requests = tuple(found.request._replace(zone=zone) for zone in zones)
        tried = Case(alone, zones, requests, ())
        with running_named(
            directory / f"smaller{number}", alone.conf(zones), files={"zone.db": ZONE_FILE}
        ) as server:
            served = ask(server, requests)
        said = Reading(tried, release).predict(requests, evaluator)
        still = [
            candidate
            for candidate, answer, answers in zip(candidates, served, said, strict=True)
            if set(answers) != {answer}
        ]
        if not still:
            break
        text = still[0]
        shown = True
    if not shown:
        return layout.conf({found.request.zone: text})
    kept = _reachable(text, layout)
    return alone._replace(acls={name: layout.acls[name] for name in kept}).conf({found.request.zone: text})


def _smaller(text: str, layout: Layout) -> Iterator[str]:
    """The list without one of its elements, for each on any level; then with an acl written out in its place."""
    spans = list(_spans(parse(text)))
    for start, end, _ in spans:
        yield text[:start] + text[text.index(";", end) + 1 :].lstrip()
    for start, end, name in spans:
        if name is not None:
            sign = re.match(r"!?\s*", text[start:end])
            assert sign is not None
            yield text[:start] + sign[0] + layout.acls[name.lower()] + text[end:]


def _spans(match_list: MatchList) -> Iterator[tuple[int, int, str | None]]:
    """Start and end of each element on any level, larger ones first, and the name if it is an acl's."""
    for element in match_list.elements:
        yield element.start, element.end, str(element.value) if element.kind == "acl" else None
        if isinstance(element.value, MatchList):
            yield from _spans(element.value)


def _reachable(text: str, layout: Layout) -> list[str]:
    """The acls that a list needs, in the order of their definition."""
    needed: set[str] = set()
    waiting = [text]
    while waiting:
        for _, _, name in _spans(parse(waiting.pop())):
            if name is not None and name.lower() not in needed:
                needed.add(name.lower())
                waiting.append(layout.acls[name.lower()])
    return [name for name in layout.acls if name in needed]


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
            raise Failed(f"it ended with {self.process.returncode}; see its messages above")
        return Totals(**json.loads(out))


def _interrupted(number: int, _: object) -> NoReturn:
    # So that blocks are left and named is ended.
    sys.exit(128 + number)


def main() -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--decisions", type=int, default=100_000)
    parser.add_argument("--seed", default="", help="repeat a run; the number of decisions must be the same")
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
        print(f"seed {seed}: {error}", flush=True)
        good = False
    finally:
        for one in running:
            one.__exit__()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
