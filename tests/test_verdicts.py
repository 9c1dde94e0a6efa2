"""What five releases said of two corpora, beside what the catalogue says: see tests/verdicts.py.

The families are told from what the installed named-checkconf says, so these tests need one of 9.18.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from named_audit.release import LINES, parse_release
from tests.verdicts import STATEMENTS, Comparison, compare, judge, recorded

pytestmark = pytest.mark.bind

PASSED = {
    "bad-catz-zone-dup.conf",  # twice the same member zone: the rules of the language, not of one statement
}


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    """Skip where another release is installed: its messages would name other families."""
    program = shutil.which("named-checkconf")
    assert program is not None
    version = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=60, check=True).stdout
    if parse_release(version.strip()).line != "9.18":
        pytest.skip(f"families are told from the messages of 9.18, this machine has {version.strip()}")


@pytest.mark.parametrize("release", LINES)
def test_what_a_release_accepts_is_accepted(release: str, shared: Path) -> None:
    """No `invalid-` finding and no problem on ISC's files that the release takes."""
    corpus = shared / "corpus" / "checkconf-9.18"
    accepted = [name for name, verdicts in recorded(corpus).items() if verdicts[release].accepted]
    assert len(accepted) > 5
    assert {name: said for name in accepted if not (said := judge(corpus / name, release)).accepted} == {}


def test_all_good_and_warn_files(shared: Path) -> None:
    corpus = shared / "corpus" / "checkconf-9.18"
    names = [name for name in recorded(corpus) if name.startswith(("good", "warn"))]
    assert len(names) == 78
    assert {name: said for name in names if not (said := judge(corpus / name, "9.18")).accepted} == {}


@pytest.mark.parametrize("release", ["9.18", "9.20", "9.21"])
def test_bad_files_whose_fault_is_in_one_statement(release: str, shared: Path) -> None:
    families = frozenset(STATEMENTS)
    found = [
        each
        for each in compare(shared / "corpus" / "checkconf-9.18", [release], families)
        if not each.verdict.accepted and each.file.name not in PASSED
    ]
    assert len(found) > 50
    assert [str(each) for each in found if not each.agrees] == []
    assert share(found) >= 0.9


@pytest.mark.parametrize("release", LINES)
def test_mutants_whose_fault_is_in_one_statement(release: str, shared: Path) -> None:
    families = frozenset((*STATEMENTS, "accepted"))
    found = list(compare(shared / "corpus" / "mutants", [release], families))
    disagree = [str(each) for each in found if not each.agrees]
    counts = Counter(each.agrees for each in found)
    assert counts[True] / counts.total() >= 0.995, disagree
    rejected = [each for each in found if not each.verdict.accepted]
    assert len(rejected) > 300


def share(found: list[Comparison]) -> float:
    """How many of them name the same lines as BIND does, as far as it reads."""
    return sum(each.same_as_far for each in found) / len(found)
