"""What the rules say of their own examples: `rule_findings.tsv`.

A row for each finding: example, line, severity, audience, the lines that it shows beside, its zones, its corrections
(grade, the lines that it edits, what is to be pasted on one line), its message. `python -m tests.rule_findings` rewrites
the file after a change; each row of the difference is to be read. Rules whose examples need modes, owners or a date
(`setup.py`) are not in it.
"""

from __future__ import annotations

from pathlib import Path

from named_audit.cli.examples import read_example
from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice, rule_id
from named_audit.lint.contract import RenderedFix, Reported
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import ROOT

TABLE = Path(__file__).with_suffix(".tsv")
TOLD = tuple(
    path.parent.name
    for path in sorted((ROOT / "rules").glob("*/rule.py"))
    if not path.with_name("setup.py").exists()
)


def observed(folder: str) -> list[str]:
    """The rows of one rule."""
    place = ROOT / "rules" / folder
    return [
        row
        for path in (place / "bad.conf", *sorted(place.glob("more/*.conf")))
        for row in _rows(folder, path.relative_to(place).as_posix(), path)
    ]


def expected(folder: str) -> list[str]:
    """The rows of one rule in the table."""
    return [row for row in TABLE.read_text("utf-8").splitlines() if row.startswith(f"{folder}/")]


def _rows(folder: str, name: str, path: Path) -> list[str]:
    example = read_example(path)
    files = {f"/audit/{path.name}": example.text.encode("utf-8", "surrogateescape")}
    place = ROOT / "rules" / folder
    for extra in place.glob("extra/**/*"):
        if extra.is_file():
            files[f"/audit/{extra.relative_to(place).as_posix()}"] = extra.read_bytes()
    release = example.conditions.get("bind-version")
    request = Request(
        (f"/audit/{path.name}",),
        ReadOptions(parse_release(release) if release else None),
        Choice((rule_id(folder),), (), "auditor"),
        mode="fragment" if example.conditions.get("as") == "fragment" else "root",
    )
    # The conditions in front of an example are not part of its text.
    head = path.read_bytes().count(b"\n") - example.text.count("\n")
    found = Session(MemoryHost(files, cwd="/audit"), request).run().outcome.findings
    rows = ["\t".join((f"{folder}/{name}", *_columns(each, head))) for each in found]
    return [row.encode("utf-8", "backslashreplace").decode() for row in rows]


def _columns(found: Reported, head: int) -> tuple[str, ...]:
    return (
        str(head + found.at.begin.line),
        found.severity.word,
        found.audience,
        ",".join(str(head + each.span.begin.line) for each in found.related),
        " ".join(each.zone if each.view is None else f"{each.zone}/{each.view}" for each in found.scopes),
        " | ".join(_correction(each, head) for each in found.fixes),
        found.message,
    )


def _correction(fix: RenderedFix, head: int) -> str:
    edited = ",".join(str(head + edit.span.begin.line) for edit in fix.edits)
    return f"{fix.grade} {edited}: {' '.join(fix.snippet.split())}"


if __name__ == "__main__":
    TABLE.write_text("".join(f"{row}\n" for folder in TOLD for row in observed(folder)), "utf-8")
