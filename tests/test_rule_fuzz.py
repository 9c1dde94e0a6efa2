"""No rule crashes, whatever it is given. `python -m tests.rule_fuzz COUNT [SEED]` tries more than a test run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from named_audit.release import LINES
from tests.rule_fuzz import batch, session, try_text


@pytest.mark.parametrize("fresh", [False, True], ids=["fixed seed", "fresh seed"])
def test_mutants(fresh: bool) -> None:
    seed = str(random.SystemRandom().randrange(1 << 32)) if fresh else "1"
    found: set[str] = set()
    for number in range(30):
        tried, crashed = batch(seed, number)
        assert crashed == {}, f"seed {seed} {number}"
        found.update(rule for each in tried for rule in each.rules)
    assert len(found) > 50, f"seed {seed}: {sorted(found)}"


@pytest.mark.parametrize("release", ["", *LINES])
@pytest.mark.parametrize(
    "text",
    ["", "\n", "\0", "//", "/*", ";", "{", "}", '"', "zone", "options { };", "view x { }; zone y { };"],
)
def test_next_to_nothing(text: str, release: str) -> None:
    assert try_text(text, session(release), fix=True).crashes == ()


@pytest.mark.parametrize("corpus", ["real", "checkconf-9.18", "mutants"])
def test_corpora(corpus: str, shared: Path) -> None:
    audits = [session(release) for release in ("", LINES[0], LINES[-1])]
    paths = sorted(path for path in (shared / "corpus" / corpus).rglob("*.conf") if path.is_file())
    assert len(paths) > 20
    for number, path in enumerate(paths):
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        audit = audits[number % len(audits)]
        assert try_text(text, audit, fix=number % 10 == 0).crashes == (), path.name
