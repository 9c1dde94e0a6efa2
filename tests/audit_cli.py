"""Running the real program, as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

CLEAN, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3


class Ran(NamedTuple):
    """What a run printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The report of `--format json`."""
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def found(self) -> list[tuple[str, int, int]]:
        """(rule, line, column) of each finding of `--format json`."""
        return [(f["rule"], f["start"]["line"], f["start"]["column"]) for f in self.json["findings"]]


def run(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> Ran:
    """Run `named-audit` with a scrubbed environment; a traceback fails the test whatever the test is about."""
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parent.parent),
        **(env or {}),
    }
    ran = subprocess.run(
        [sys.executable, "-m", "named_audit", *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        input=stdin if stdin is not None else b"",
        env=environment,
        timeout=timeout,
        check=False,
    )
    out, err = ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace")
    assert "Traceback" not in out + err, err[-3000:]
    return Ran(ran.returncode, out, err)


def check(text: str | bytes, tmp_path: Path, *arguments: str, name: str = "named.conf") -> Ran:
    """Write a configuration and check it with `--format json`."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("check", "--format", "json", *arguments, path, cwd=tmp_path)


def rules_found(ran: Ran, *, only: Sequence[str] | None = None) -> list[str]:
    """The rule ids of the findings, sorted, each once."""
    return sorted({rule for rule, _, _ in ran.found if only is None or rule in only})
