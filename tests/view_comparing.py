"""The view choice of named-audit against a real named, or against a model: `python -m tests.view_comparing`.

For each (client, key, zone) everything is asked that the client may choose: each address of the server, with and
without RD. A probe that every view hands to everybody tells in which view the client lands.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import dns.rcode

from named_audit.host import LocalHost, MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config, View, Zone
from named_audit.policy.access import Accesses
from named_audit.policy.answers import Answers
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.question import Judge, Verdict
from named_audit.policy.question import Request as Question
from named_audit.policy.reach import Lists, Reach
from named_audit.release import Release, parse_release
from named_audit.syntax.locate import ReadOptions
from tests.bind_server import Key, Reply, Request, Server, running_named
from tests.network_namespace import OWN
from tests.transfer_cases import LOOPBACK, PLACES, Place
from tests.view_cases import ALSO_OWN, PROBE, Outcome, Views, model, number_of, random_views, serial

TRIPLES = 200
"""(client, key, zone) for each configuration."""

RELEASE = "9.18"
"""What the model of named is of, in its defaults."""


class Answer(NamedTuple):
    """What came back. `number`: which view's copy was served; for "bad key" the landing view where that is known."""

    outcome: Outcome
    number: int | None = None


Asker = Callable[[Sequence[Request]], list[Answer]]


class Round(NamedTuple):
    """What one configuration came to."""

    triples: int
    requests: int
    outcomes: Counter[str]
    views: int
    disagreements: tuple[str, ...]


def ask_model(views: Views, wrong: str = "") -> Asker:
    """The model, or a wrong one, in named's place."""
    answer = model(views, wrong)
    return lambda requests: [Answer(*answer(request)) for request in requests]


def ask_named(server: Server, views: Views) -> Asker:
    """A real named; what it answers must be what the model does."""

    def ask(requests: Sequence[Request]) -> list[Answer]:
        answers = [_seen(reply) for reply in server.replies(requests)]
        for request, answer, known in zip(requests, answers, ask_model(views)(requests), strict=True):
            seen = known if answer.outcome == "served" else known._replace(number=None)
            assert answer == seen, f"{_words(request)}: named {answer}, the model {known}"
        return answers

    return ask


def _seen(reply: Reply | None) -> Answer:
    if reply is None:
        return Answer("dropped")
    if reply.rcode == dns.rcode.NOERROR:
        assert reply.serial is not None
        return Answer("served", reply.serial - serial(0))
    if reply.rcode == dns.rcode.REFUSED:
        return Answer("refused")
    assert reply.rcode == dns.rcode.NOTAUTH, reply
    return Answer("bad key" if reply.tsig_error else "no zone")


def check(
    views: Views,
    place: Place,
    ask: Asker,
    rng: random.Random,
    release: Release | None = None,
    most: int = TRIPLES,
) -> Round:
    """Ask for some triples, and compare with all that named-audit says of them, up to the first disagreement."""
    triples = _triples(views, rng, most)
    pairs = dict.fromkeys((source, key) for source, key, _ in triples)
    asked = [*((source, key, PROBE) for source, key in pairs), *triples]
    requests = [request for triple in asked for request in _requests(views, *triple)]
    answers = dict(zip(requests, ask(requests), strict=True))
    tool = _Tool(views, place, release or parse_release(RELEASE))
    disagreements: list[str] = []
    for triple in triples:
        if disagreements:
            break
        served_in: set[str] = set()
        for request in _requests(views, *triple):
            answer = answers[request]
            landing = answers[request._replace(zone=PROBE)]
            if answer.outcome == "served":
                assert landing.number is not None
                served_in.add(views.views[landing.number].name)
            disagreements += tool.judged(request, answer, landing)
        disagreements += tool.left_open(*triple, served_in)
        disagreements += tool.within_sets(*triple, served_in)
    return Round(
        len(triples),
        len(requests),
        Counter(answer.outcome for answer in answers.values()),
        len({answer.number for request, answer in answers.items() if request.zone == PROBE} - {None}),
        tuple(disagreements),
    )


def _triples(views: Views, rng: random.Random, most: int) -> list[tuple[str, Key | None, str]]:
    zones = list(dict.fromkeys(zone for view in views.views for zone in view.zones if zone != PROBE))
    every = [*itertools.product(views.sources, views.signers, zones)]
    return rng.sample(every, min(most, len(every)))


def _requests(views: Views, source: str, key: Key | None, zone: str) -> Iterator[Request]:
    for destination in views.reachable(source):
        for recursion in (False, True):
            yield Request(zone, source, key, destination, recursion)


class _Tool:
    """What named-audit says of one configuration."""

    def __init__(self, views: Views, place: Place, release: Release) -> None:
        host = MemoryHost({"/named.conf": views.conf().encode()})
        self.config: Config = load_config("/named.conf", host, ReadOptions(release=release))
        assert self.config.problems == [], self.config.problems[:3]
        self._views = views
        own = () if place is LOOPBACK else (*OWN, *ALSO_OWN)
        self.interfaces = Interfaces.parse(",".join(own)) if own else Interfaces.loopback()
        self._judges = Judge(self.config, self.interfaces), Judge(self.config)
        self._answers = [self._answers_with(each) for each in (self.interfaces, None)]
        self.by_name = {view.name: view for view in self.config.views if view.name is not None}
        self._zones = {(zone.view.name, zone.canonical): zone for zone in self.config.zones}

    def _answers_with(self, interfaces: Interfaces | None) -> Answers:
        lists = Lists(self.config)
        return Answers(self.config, Accesses(self.config, lists, Reach(self.config, lists, interfaces)))

    def judged(self, request: Request, answer: Answer, landing: Answer) -> Iterator[str]:
        """One request as it was sent."""
        if not self._is_what_its_name_means(request.key):
            return
        assert request.source is not None and request.destination is not None
        family, number = number_of(request.destination)
        question = _question(request.source, request.key)._replace(
            destination=(number, family), recursion=request.recursion
        )
        verdict = self._judges[0].decide(request.zone, question)
        served = answer.outcome == "served"
        depends = [each for each in verdict.depends if "with the key of this name of view" not in each]
        if (verdict.served, depends) != (served, []):
            yield f"{_words(request)}: {answer}, the judge says {verdict.served} {depends}"
        if _outcome(verdict) != answer.outcome:
            yield f"{_words(request)}: {answer}, the judge says {verdict.trace}"
        lands = None if landing.number is None else self._views.views[landing.number].name
        said = verdict.view.name if verdict.view is not None else None
        # named does not tell which view has refused a key, the model does.
        if said != lands and not (landing.outcome == "bad key" and landing.number is None):
            yield f"{_words(request)}: lands in {lands}, the judge says {said}"

    def left_open(self, source: str, key: Key | None, zone: str, served_in: set[str]) -> Iterator[str]:
        """A client that chooses the server's address and RD, asked about in general and about each view."""
        question = _question(source, key)
        if self._is_what_its_name_means(key):
            verdict = self._judges[0].decide(zone, question)
            if verdict.served != bool(served_in):
                yield f"{source} {key} {zone}: served in {served_in}, the judge says {verdict.served}"
            if verdict.served and (verdict.view is None or verdict.view.name not in served_in):
                yield f"{source} {key} {zone}: served in {served_in}, the judge says {verdict.view}"
        for name, view in self.by_name.items():
            if key is None or self._has(view, key):
                verdict = self._judges[0].decide(zone, question, view)
                if verdict.served != (name in served_in):
                    yield f"{source} {key} {zone}: in {name} the judge says {verdict.served}, {served_in}"

    def within_sets(self, source: str, key: Key | None, zone: str, served_in: set[str]) -> Iterator[str]:
        """The same client in the exact sets of each view's zone."""
        family, number = number_of(source)
        signer = key.name.lower() if key is not None else None
        for name, view in self.by_name.items():
            here = self._zones.get((name, zone))
            known = here is not None and (key is None or self._has(view, key))
            held = [known and self._holds(each, here, signer, number, family) for each in self._answers]
            if held[0] != (name in served_in):
                yield f"{source} {key} {zone}: served in {served_in}, the set of {name} says {held[0]}"
            if not held[1] and name in served_in:
                yield f"{source} {key} {zone}: served in {name}, its set for any interfaces leaves it out"

    def _holds(
        self, answers: Answers, zone: Zone | None, signer: str | None, number: int, family: int
    ) -> bool:
        assert zone is not None
        (answer,) = answers.of(zone)
        if answer.access is None:
            return False
        locality = self.interfaces.locality(number, family)
        held = answer.access.addresses(signer, locality).holds(number, family)
        # A key without rows of its own is served as if there were none.
        rows = signer if signer in answer.access.signers else None
        grants = answer.access.grants(self.interfaces)
        granted = any(grant.signer == rows and grant.addresses.holds(number, family) for grant in grants)
        assert answers is not self._answers[0] or granted == held, (zone, signer, number)
        return held

    def _has(self, view: View, key: Key) -> bool:
        own = self.config.key_ring(view).get(key.name.lower())
        return own is not None and own.secret == key.secret

    def _is_what_its_name_means(self, key: Key | None) -> bool:
        """Whether a question can be about this key: of those with one name, the first in the file is meant."""
        if key is None:
            return True
        found = [each for each in self.config.all_keys if each.canonical == key.name.lower()]
        return not found or found[0].secret == key.secret


def _question(source: str, key: Key | None) -> Question:
    family, number = number_of(source)
    return Question(number, family, key.name.lower() if key is not None else None)


def _outcome(verdict: Verdict) -> Outcome:
    """What the trace says has happened."""
    if verdict.served:
        return "served"
    results = [step.result for step in verdict.trace]
    for mark, outcome in _MARKS:
        if any(mark in result for result in results):
            return outcome
    return "refused"


_MARKS: tuple[tuple[str, Outcome], ...] = (
    ("(BADKEY)", "bad key"),
    ("(NOTAUTH)", "no zone"),
    ("dropped", "dropped"),
)


def _words(request: Request) -> str:
    key = request.key.name if request.key is not None else "no key"
    rd = ", RD" if request.recursion else ""
    return f"{request.zone} from {request.source} to {request.destination} with {key}{rd}"


class Totals(NamedTuple):
    """What a run came to."""

    place: str
    seed: str
    seconds: float
    configurations: int
    triples: int
    requests: int
    outcomes: dict[str, int]
    views: int
    disagreements: int
    report: str

    def __str__(self) -> str:
        outcomes = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        return (
            f"views, {self.place}: seed {self.seed}, {self.seconds:.0f} s, {self.triples} (client, key, zone) in "
            f"{self.configurations} configurations with {self.views} views that somebody landed in, "
            f"{self.requests} requests: {outcomes}; {self.disagreements} disagreements"
        )


def round_views(seed: str, place: Place, number: int) -> tuple[Views, random.Random]:
    """The configuration of one round and what to go on drawing from."""
    rng = random.Random(f"views {seed} {place.name} {number}")
    return random_views(rng, place, blackhole=number % 4 == 1), rng


def run(place: Place, seed: str, triples: int) -> Totals:
    """Ask real nameds until there are so many triples, or a disagreement."""
    release = parse_release(LocalHost().named_version() or "")
    began = time.monotonic()
    rounds: list[Round] = []
    report = ""
    while sum(each.triples for each in rounds) < triples and not report:
        views, rng = round_views(seed, place, len(rounds))
        with (
            tempfile.TemporaryDirectory(prefix="views-") as folder,
            running_named(Path(folder), views.conf(), files=views.files()) as server,
        ):
            found = check(views, place, ask_named(server, views), rng, release)
        if found.disagreements:
            report = "\n".join((*found.disagreements[:5], "", views.conf()))
        rounds.append(found)
    return Totals(
        place.name,
        seed,
        time.monotonic() - began,
        len(rounds),
        sum(each.triples for each in rounds),
        sum(each.requests for each in rounds),
        dict(sum((each.outcomes for each in rounds), Counter())),
        sum(each.views for each in rounds),
        sum(len(each.disagreements) for each in rounds),
        report,
    )


def main() -> int:
    """The command line; prints the totals as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.view_comparing", description=__doc__)
    parser.add_argument("--place", choices=[place.name for place in PLACES], default=LOOPBACK.name)
    parser.add_argument("--seed", default="")
    parser.add_argument("--triples", type=int, default=10_000)
    arguments = parser.parse_args()
    (place,) = [place for place in PLACES if place.name == arguments.place]
    seed = arguments.seed or str(random.SystemRandom().getrandbits(32))
    totals = run(place, seed, arguments.triples)
    json.dump(totals._asdict(), sys.stdout)
    return 0 if not totals.disagreements else 1


if __name__ == "__main__":
    sys.exit(main())
