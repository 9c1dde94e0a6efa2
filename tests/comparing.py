"""One configuration served by named, and what named-audit and others say of the same requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import dns.rcode

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.matchlist import MatchList
from named_audit.policy.matchlist import build
from named_audit.policy.reach import Lists
from named_audit.policy.transfer import effective_allow_transfer, open_by_default
from named_audit.release import Release
from named_audit.syntax.locate import ReadOptions
from tests.bind_server import ZONE_FILE, Request, Server, running_named
from tests.match_list_cases import WRONG, Lookup, judge
from tests.transfer_cases import Asked, Case, asked, locality

Evaluator = Callable[[MatchList, Lookup], Callable[[Asked], tuple[bool, ...]]]
"""Prepares a list; what is returned decides a request, in each way that the evaluator has."""


class Disagreement(NamedTuple):
    """A request that is not answered by all as by named.

    `said` are the evaluator's answers, the last that of BIND's data structures as the tests have them.
    """

    request: Request
    served: bool
    said: tuple[bool, ...]

    def __str__(self) -> str:
        return (
            f"{self.request.zone} asked from {self.request.source}, "
            f"{'signed with ' + self.request.key.name if self.request.key else 'unsigned'}: "
            f"named {'serves' if self.served else 'refuses'}, the evaluator says {_words(self.said[:-1])}; "
            f"its data structures say {_words(self.said[-1:])}"
        )


def _words(answers: tuple[bool, ...]) -> str:
    return ", ".join("serves" if answer else "refuses" for answer in answers)


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
        own, near = request.localhost, request.localnets
        return (
            acl.allows(address, family, signer, localhost=own, localnets=near),
            acl.deciding(address, family, signer, localhost=own, localnets=near).allowed,
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
