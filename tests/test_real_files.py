"""Real configurations: the exact findings and problems of each, each labelled by hand.

`real_findings.tsv` has a row for each: file, what (a rule's id, or `problem:` and its kind), line, column, audience,
label, reason. Labels are `right`, `arguable` or `wrong`, given by somebody who did not write the rule. A row that is
missing, left over, unlabelled or `wrong` fails. `python -m tests.test_real_files` rewrites the file and keeps the
labels of rows that stay; new ones get `?`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.cli.session import Request, Session
from named_audit.host import LocalHost
from named_audit.lint.book import Choice
from named_audit.syntax.locate import ReadOptions
from tests.conftest import SHARED

TABLE = Path(__file__).parent / "real_findings.tsv"
REAL = SHARED / "corpus" / "real"
LABELS = ("right", "arguable", "wrong")
STRUCTURAL = ("002", "030", "066", "130", "131", "148")
"""Templates, an rndc.conf and a file with a missing `;`. 055 is a parser's own test file, broken on purpose."""


class Row(NamedTuple):
    """One finding or problem, without its label."""

    file: str
    what: str
    line: int
    column: int
    audience: str


def observed() -> Counter[Row]:
    """What the auditor says of every real file."""
    rows: Counter[Row] = Counter()
    for path in sorted(REAL.glob("*.conf")):
        # An empty sysroot: what this machine has in /etc must not matter.
        options = ReadOptions(sysroot="/nonexistent")
        request = Request((str(path),), options, Choice((), (), "auditor"), mode="root")
        outcome = Session(LocalHost(), request).run().outcome
        for finding in outcome.findings:
            at = finding.at.begin
            rows[Row(path.stem, finding.rule, at.line, at.column, finding.audience)] += 1
        for problem in outcome.problems:
            place = problem.span.begin if problem.span is not None else (0, 0)
            rows[Row(path.stem, f"problem:{problem.kind}", place[0], place[1], "")] += 1
    return rows


def labelled() -> dict[Row, tuple[str, str]]:
    """The table: row -> (label, reason)."""
    table: dict[Row, tuple[str, str]] = {}
    if not TABLE.exists():
        return table
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        file, what, at_line, column, audience, label, reason = line.split("\t")
        table[Row(file, what, int(at_line), int(column), audience)] = (label, reason)
    return table


@pytest.fixture(scope="module")
def rows(shared: Path) -> Counter[Row]:
    """What is observed now."""
    if not REAL.is_dir():
        pytest.skip(f"no real configurations at {REAL}")
    return observed()


def test_the_findings_are_those_in_the_table(rows: Counter[Row]) -> None:
    table = labelled()
    assert sorted(set(rows) - set(table)) == [], (
        "not in the table: run python -m tests.test_real_files and label them"
    )
    assert sorted(set(table) - set(rows)) == [], "in the table and gone"


def test_every_row_is_labelled(rows: Counter[Row]) -> None:
    assert [row for row, (label, _) in labelled().items() if label not in LABELS] == []


def test_no_row_is_wrong(rows: Counter[Row]) -> None:
    assert [row for row, (label, _) in labelled().items() if label == "wrong"] == []


def test_only_the_known_files_have_structural_problems(rows: Counter[Row]) -> None:
    kinds = (
        "problem:syntax",
        "problem:template",
        "problem:rndc",
        "problem:read",
        "problem:limit",
        "problem:rule",
    )
    assert sorted({row.file for row in rows if row.what in kinds} - {"055"}) == list(STRUCTURAL)


def main() -> None:
    """Rewrite the table."""
    known = labelled()
    lines = ["file\twhat\tline\tcolumn\taudience\tlabel\treason"]
    for row in sorted(observed()):
        label, reason = known.get(row, ("?", ""))
        lines.append("\t".join([*map(str, row), label, reason]))
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
