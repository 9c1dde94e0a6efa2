"""What the rules about transfers say of their own examples: `transfer_said.tsv`.

A row for each finding: example, line, severity, audience, the lines that it shows beside, its corrections (grade and what
is to be pasted, on one line), its message. `python -m tests.transfer_said` rewrites the file after a change; each row of
the difference is to be read.
"""

from __future__ import annotations

from pathlib import Path

from named_audit.cli.examples import read_example
from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import ROOT

TABLE = Path(__file__).parent / "transfer_said.tsv"
FOLDERS = tuple(path.name for path in sorted((ROOT / "rules").glob("transfer_*")))


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
    return [row for row in TABLE.read_text().splitlines() if row.startswith(f"{folder}/")]


def _rows(folder: str, name: str, path: Path) -> list[str]:
    example = read_example(path)
    files = {f"/audit/{path.name}": example.text.encode()}
    for extra in path.parents[len(Path(name).parts) - 1].glob("extra/*"):
        files[f"/audit/extra/{extra.name}"] = extra.read_bytes()
    head = path.read_text().count("\n") - example.text.count("\n")
    release = example.conditions.get("bind-version")
    request = Request(
        (f"/audit/{path.name}",),
        ReadOptions(parse_release(release) if release else None),
        Choice((folder.replace("_", "-"),), (), "auditor"),
        mode="fragment" if example.conditions.get("as") == "fragment" else "root",
    )
    return [
        "\t".join(
            (
                f"{folder}/{name}",
                str(head + found.at.begin.line),
                found.severity.word,
                found.audience,
                ",".join(str(head + each.span.begin.line) for each in found.related),
                " | ".join(f"{fix.grade}: {' '.join(fix.snippet.split())}" for fix in found.fixes),
                found.message,
            )
        )
        for found in Session(MemoryHost(files, cwd="/audit"), request).run().outcome.findings
    ]


if __name__ == "__main__":
    TABLE.write_text("".join(f"{row}\n" for folder in FOLDERS for row in observed(folder)))
