"""Mutants of accepted configurations: what named-checkconf accepts and refuses is accepted and refused here.

`python -m tests.statement_fuzz COUNT [SEED]` tries more than a test run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from tests.fuzz_mutants import parse, text_of, tokens
from tests.fuzz_seeds import configuration
from tests.statement_fuzz import INSIDE, Mutant, Table, run, shown
from tests.test_statements_against_checkconf import installed
from tests.verdicts import STATEMENTS

RUN = 3000
FIXED = "1"

MOST = 0.002
"""How many of the mutants may be judged otherwise; in what the catalogue is for, none."""

pytestmark = pytest.mark.bind


@pytest.mark.parametrize("fresh", [False, True], ids=["fixed seed", "fresh seed"])
def test_mutants(fresh: bool, record_property: Callable[[str, object], None]) -> None:
    release = installed()
    if release.line != "9.18":
        pytest.skip(f"families are told from the messages of 9.18, this machine has {release}")
    seed = str(random.SystemRandom().randrange(1 << 32)) if fresh else FIXED
    table = Table()
    wrong: list[Mutant] = []
    for mutants in run(seed, RUN // 2, str(release)):
        for each in mutants:
            table.add(each)
            if not each.agrees and each.inside:
                wrong.append(each)
    record_property("summary", f"mutants: seed {seed}\n{table}")
    accepted, rejected = table.families["accepted"], table.rejected
    assert accepted + rejected + table.families["crash"] == RUN // 2
    assert accepted > 0.3 * RUN / 2, table
    assert table.after_parsing > 0.3 * rejected, table
    assert [f"seed {seed}: {shown(each)}" for each in wrong if each.family in STATEMENTS] == []
    total = sum(table.families[family] for family in ("accepted", *INSIDE))
    assert len(wrong) <= MOST * total, "\n".join([f"seed {seed}", *map(shown, wrong[:20])])


def test_a_text_and_its_tree() -> None:
    """A tree is its text, whatever is in it: so a mutant differs from its seed by its slips alone."""
    seeds = [configuration(random.Random(number)) for number in range(50)]
    for text in seeds:
        tree = parse(text)
        assert parse(text_of(tokens(tree))) == tree
        assert re.sub(r"\s", "", text_of(tokens(tree))) == re.sub(r"\s", "", text)
