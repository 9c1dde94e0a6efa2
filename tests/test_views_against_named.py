"""Which view a client lands in, with which key, and what it can take there: held against a real named."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests import network_namespace
from tests.conftest import IN_CI, ROOT
from tests.transfer_cases import OUTSIDE, PLACES, Place
from tests.view_cases import ALSO_OWN, WRONG
from tests.view_comparing import Totals, ask_model, check, round_views

SEED = "NAMED_AUDIT_SEED"
"""The environment variable that repeats a run."""

TRIPLES = 2_400
SECONDS = 300
"""A run takes ten on an idle machine."""

CONFIGURATIONS = 12
"""So many catch every wrong model, each time: fewer than a run has."""


LOOKED_AT = 60
"""(client, key, zone) in each of these."""


@pytest.mark.bind
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_disagreement(place: Place, record_property: Callable[[str, object], None]) -> None:
    seed = os.environ.get(SEED) or str(random.SystemRandom().getrandbits(32))
    record_property("summary", f"to repeat the views on {place.name}: {SEED}={seed}")
    totals = _run(place, seed)
    record_property("summary", str(totals))
    assert totals.disagreements == 0, f"{SEED}={seed}\n{totals.report}"
    assert totals.triples >= TRIPLES
    assert set(totals.outcomes) == {"served", "refused", "no zone", "bad key", "dropped"}
    assert totals.outcomes["served"] > totals.requests // 20
    assert totals.outcomes["bad key"] > totals.requests // 20
    # Somebody lands in more than one view.
    assert totals.views > totals.configurations


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
@pytest.mark.parametrize("seed", range(4))
def test_each_wrong_model_is_caught_by_every_seed(seed: int, place: Place) -> None:
    """The comparison is made with a model of named, once the right one and then with each that only looks right."""
    missed = set(WRONG)
    for number in range(CONFIGURATIONS):
        views, rng = round_views(f"fixed {seed}", place, number)
        state = rng.getstate()
        assert check(views, place, ask_model(views), rng, most=LOOKED_AT).disagreements == ()
        for wrong in sorted(missed):
            rng.setstate(state)
            if check(views, place, ask_model(views, wrong), rng, most=LOOKED_AT).disagreements:
                missed.remove(wrong)
        if not missed:
            return
    pytest.fail(f"never caught: {missed}")


def _run(place: Place, seed: str) -> Totals:
    command = [sys.executable, "-m", "tests.view_comparing", "--place", place.name]
    command += ["--seed", seed, "--triples", str(TRIPLES)]
    if place is OUTSIDE:
        _need_namespaces()
        command = network_namespace.inside(command, ALSO_OWN)
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.stdout, f"{SEED}={seed}\n{ran.stderr[-3000:]}"
    return Totals(**json.loads(ran.stdout))


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
