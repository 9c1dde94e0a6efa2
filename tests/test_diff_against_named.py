"""Who gained and who lost, against a real named before and after the change."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from named_audit.release import parse_release
from tests import network_namespace
from tests.comparing import Reading, the_tool
from tests.conftest import IN_CI, ROOT
from tests.diff_pairs import WRONG, differences, predicted, random_pair, who_asks
from tests.transfer_cases import OUTSIDE, PLACES, Case, Place

SEED = "NAMED_AUDIT_SEED"
PAIRS = 3
SECONDS = 200
"""A run takes six on an idle machine."""


def serve(place: Place, seed: str, pairs: int, *wrong: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the result of a run, in a network of its own where the place needs one."""
    command = [sys.executable, "-m", "tests.diff_pairs", place.name, seed, str(pairs), *wrong]
    if place is OUTSIDE:
        _need_namespaces()
        command = network_namespace.inside(command)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.stdout, ran.stderr[-3000:]
    return ran.returncode, json.loads(ran.stdout)


@pytest.mark.bind
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_the_difference_is_what_named_shows(
    place: Place, record_property: Callable[[str, object], None]
) -> None:
    seed = os.environ.get(SEED) or str(random.SystemRandom().getrandbits(32))
    record_property("summary", f"to repeat the changes seen from {place.name}: {SEED}={seed}")
    code, totals = serve(place, seed, PAIRS)
    assert totals["disagreements"] == [], f"{SEED}={seed}"
    assert code == 0
    found = ", ".join(f"{totals[name]} {name}" for name in ("decisions", "gained", "lost", "zones"))
    record_property("summary", f"{place.name}: {PAIRS} pairs, {found} changed")
    assert totals["decisions"] > PAIRS * 4_000
    assert min(totals["gained"], totals["lost"]) > totals["decisions"] // 100
    assert totals["signed"] > totals["decisions"] // 100
    here = {"localhost", "localnets", "elsewhere"} if place is OUTSIDE else {"localhost", "localnets"}
    assert set(totals["localities"]) == here


@pytest.mark.bind
@pytest.mark.parametrize("wrong", ["lost ignored", "locality ignored"])
def test_a_wrong_difference_ends_the_run(wrong: str) -> None:
    code, totals = serve(PLACES[0], "1", 1, wrong)
    assert code == 1
    assert totals["disagreements"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
@pytest.mark.parametrize("seed", range(5))
def test_each_wrong_difference_is_caught_by_every_seed(seed: int, place: Place) -> None:
    """Within the first pair of a run, against what the match-list evaluator says, which is held against named too."""
    release = parse_release("9.18")
    pair = random_pair(random.Random(f"fixed {seed} {place.name} 0"), place)
    said = differences(pair, release)
    before, after = (
        Reading(Case(layout, zones, pair.requests, ()), release).predict(pair.requests, the_tool)
        for layout, zones in ((pair.old, pair.old_zones), (pair.new, pair.new_zones))
    )
    missed = set(WRONG)
    for request, (was, *_), (now, *_) in zip(pair.requests, before, after, strict=True):
        truth = (now and not was, was and not now)
        change, to = said.get(request.zone), who_asks(request)
        assert predicted(change, to) == truth, request
        missed -= {name for name in missed if WRONG[name](change, to) != truth}
    assert not missed


def _need_namespaces() -> None:
    missing = network_namespace.missing_programs()
    if missing:
        reason = f"no private network: no {', '.join(missing)} on the PATH"
        if IN_CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    forbidden = network_namespace.why_forbidden()
    if forbidden is not None:
        pytest.skip(f"no private network can be had here: {forbidden}")
