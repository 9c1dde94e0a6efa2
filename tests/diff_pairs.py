"""Pairs of configurations served by a real named, and who gained and lost by the change from one to the other.

    python -m tests.diff_pairs loopback SEED PAIRS

prints what a run came to as JSON, and ends with status 1 where named and the predicted difference disagree.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from named_audit.host import LocalHost, MemoryHost
from named_audit.model.build import load_config
from named_audit.policy.difference import Row, ZoneChange, zone_changes
from named_audit.policy.survey import Survey
from named_audit.release import Release, parse_release
from named_audit.syntax.locate import ReadOptions
from tests.bind_server import ZONE_FILE, Key, Request, running_named
from tests.comparing import ask
from tests.transfer_cases import LOOPBACK, PLACES, Asked, Layout, Place, asked, random_case

ZONES = 300
REQUESTS_EACH = 16
_KEPT = 0.4
"""The share of zones whose own statement stays as it is."""

Change = tuple[bool, bool]
"""Whether a request is served now and was not, and the other way round."""

Predictor = Callable[[ZoneChange | None, Asked], Change]


class Pair(NamedTuple):
    """Two configurations with the same keys and zones, and requests for the zones of both."""

    old: Layout
    new: Layout
    old_zones: Mapping[str, str | None]
    new_zones: Mapping[str, str | None]
    requests: tuple[Request, ...]

    @property
    def texts(self) -> tuple[str, str]:
        """The two files."""
        return self.old.conf(self.old_zones), self.new.conf(self.new_zones)


class Totals(NamedTuple):
    """What a run came to: `different` are requests that are answered otherwise after the change."""

    seed: str
    decisions: int
    gained: int
    lost: int
    zones: int
    signed: int
    localities: dict[str, int]
    disagreements: list[str]


def random_pair(rng: random.Random, place: Place) -> Pair:
    """A pair in which acls, outer lists and zones change."""
    sources = place.sources(rng)
    fixed = Place(place.name, lambda _: sources)
    one, two = (random_case(rng, fixed, ZONES, 1) for _ in range(2))
    old = one.layout
    # The few that only one side has are there for the lists that name them.
    both = {**two.layout.acls, **old.acls}
    acls = {name: rng.choice((text, two.layout.acls.get(name, text))) for name, text in both.items()}
    of_view, of_options = two.layout.of_view, two.layout.of_options
    new = old._replace(
        acls=acls,
        of_view=of_view if old.has_view else None,
        of_options=rng.choice((old.of_options, of_options)),
    )
    zones = {name: text if rng.random() < _KEPT else two.zones[name] for name, text in one.zones.items()}
    # That the clients are where they are said to be is seen from these.
    zones |= {"localhost.example": "{ localnets; }", "localnets.example": "{ localhost; }"}
    who: list[tuple[str, Key | None]] = [(source, key) for source in sources for key in (None, *old.keys)]
    requests = [
        Request(name, source, key)
        for name in zones
        for source, key in rng.sample(who, min(REQUESTS_EACH, len(who)))
    ]
    return Pair(old, new, one.zones, zones, tuple(requests))


def differences(pair: Pair, release: Release) -> dict[str, ZoneChange]:
    """What the program says of a pair, by zone; zones that stay the same are not there."""
    old, new = (_survey(text, release) for text in pair.texts)
    return {change.zone: change for change in zone_changes(old, new)}


def predicted(change: ZoneChange | None, to: Asked) -> Change:
    """What a difference says of one request."""
    if change is None:
        return False, False
    signer = to.signer if to.signer in change.signers else None
    return _among(change.gained, to, signer), _among(change.lost, to, signer)


def _among(rows: Sequence[Row], to: Asked, signer: str | None) -> bool:
    return any(
        row.grant.signer == signer
        and row.grant.locality in ("any", to.locality)
        and row.grant.addresses.holds(to.address, to.family)
        for row in rows
    )


def _lost_ignored(change: ZoneChange | None, to: Asked) -> Change:
    return predicted(change, to)[0], False


def _gained_ignored(change: ZoneChange | None, to: Asked) -> Change:
    return False, predicted(change, to)[1]


def _locality_ignored(change: ZoneChange | None, to: Asked) -> Change:
    return predicted(change, to._replace(locality="elsewhere"))


def _signer_ignored(change: ZoneChange | None, to: Asked) -> Change:
    return predicted(change, to._replace(signer=None))


def _own_rows_ignored(change: ZoneChange | None, to: Asked) -> Change:
    if change is None:
        return False, False
    signers = [to.signer, None]
    return (
        any(_among(change.gained, to, signer) for signer in signers),
        any(_among(change.lost, to, signer) for signer in signers),
    )


WRONG: Mapping[str, Predictor] = {
    "lost ignored": _lost_ignored,
    "gained ignored": _gained_ignored,
    "locality ignored": _locality_ignored,
    "signer ignored": _signer_ignored,
    "a signer counts as unsigned too": _own_rows_ignored,
}
"""Readings of a difference that are wrong in few cases."""


def who_asks(request: Request) -> Asked:
    """What the lists are asked by a request."""
    return asked(request.source or "", request.key.name if request.key else None)


def observed(pair: Pair, directory: Path) -> list[tuple[bool, bool]]:
    """Whether a real named serves each request, before and after."""
    answers = []
    for name, text in zip(("old", "new"), pair.texts, strict=True):
        with running_named(directory / name, text, files={"zone.db": ZONE_FILE}) as server:
            answers.append(ask(server, pair.requests))
    return list(zip(*answers, strict=True))


def run(place: Place, seed: str, pairs: int, predictor: Predictor = predicted) -> Totals:
    """Serve so many pairs and compare."""
    release = parse_release(LocalHost().named_version() or "")
    counts = Counter[str]()
    localities = Counter[str]()
    disagreements: list[str] = []
    for number in range(pairs):
        pair = random_pair(random.Random(f"{seed} {place.name} {number}"), place)
        said = differences(pair, release)
        counts["zones"] += len(said)
        with tempfile.TemporaryDirectory(prefix="diff-") as folder:
            served = observed(pair, Path(folder))
        for request, (before, after) in zip(pair.requests, served, strict=True):
            to = who_asks(request)
            truth = (after and not before, before and not after)
            counts.update(
                decisions=1, gained=truth[0], lost=truth[1], signed=any(truth) and to.signer is not None
            )
            if any(truth):
                localities[to.locality] += 1
            if predictor(said.get(request.zone), to) != truth:
                disagreements.append(
                    f"pair {number}: {request.zone} from {request.source} with {to.signer}: before {before}, "
                    f"after {after}; from {pair.old_zones[request.zone]} to {pair.new_zones[request.zone]}"
                )
    return Totals(
        seed,
        counts["decisions"],
        counts["gained"],
        counts["lost"],
        counts["zones"],
        counts["signed"],
        dict(localities),
        disagreements,
    )


def _survey(text: str, release: Release) -> Survey:
    config = load_config(
        "/named.conf", MemoryHost({"/named.conf": text.encode()}), ReadOptions(release=release)
    )
    assert config.problems == [], config.problems[:3]
    return Survey(config)


def main(arguments: Sequence[str]) -> int:
    """The command line; returns the exit status."""
    name, seed, pairs, *wrong = arguments
    place = next((place for place in PLACES if place.name == name), LOOPBACK)
    totals = run(place, seed, int(pairs), WRONG[wrong[0]] if wrong else predicted)
    print(json.dumps(totals._asdict()))
    return 1 if totals.disagreements else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
