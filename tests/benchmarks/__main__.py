"""`make bench`: each measurement is a ratio to another program on the same machine, shown beside its goal.

The two programs run in turn, so that a slow moment of the machine hits both; the median of the ratios counts.
"""

from __future__ import annotations

import base64
import compileall
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT
from tests.test_layers import CLEAN

ZONES = 100_000
CUSTOMERS = 500
"""How many keys the zones of the big file share."""


class Cost(NamedTuple):
    """What one run of a program took: seconds of wall-clock time and the largest resident set in KiB."""

    seconds: float
    peak: int


READ_MODEL = """
import sys
from named_audit.host import LocalHost
from named_audit.model.build import load_config
from named_audit.syntax.locate import ReadOptions
config = load_config(sys.argv[1], LocalHost(), ReadOptions())
assert config.problems == [], config.problems[:3]
"""


def big_file() -> Iterator[str]:
    """A server with 100,000 zones, about 19 MB."""
    yield 'options {\n\tdirectory "/var/cache/bind";\n\tallow-transfer { none; };\n\tnotify explicit;\n};\n\n'
    for number in range(CUSTOMERS):
        secret = base64.b64encode(secrets.token_bytes(32)).decode()
        yield f'key "customer-{number:03}" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret}";\n}};\n\n'
    for number in range(ZONES):
        key = f"customer-{number % CUSTOMERS:03}"
        yield (
            f'zone "z{number:06}.example" {{\n'
            "\ttype primary;\n"
            f'\tfile "/zones/{number:06}.db";\n'
            f"\tallow-transfer {{ key {key}; }}; // of a customer\n"
            f"\talso-notify {{ 192.0.2.{number % 250 + 1} key {key}; 2001:db8::{number % 250 + 1}; }};\n"
            "};\n"
        )


def measure(command: list[str], folder: Path) -> Cost:
    """Run a program that must succeed and say what it took."""
    started = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        {**os.environ, "PYTHONPATH": str(ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(folder / "stdout"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        ],
    )
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{(folder / 'stdout').read_text()[:2000]}")
    return Cost(seconds, usage.ru_maxrss)


def compare(ours: list[str], theirs: list[str], folder: Path, pairs: int) -> tuple[list[Cost], list[Cost]]:
    """Paired runs, after one of each that only warms the caches."""
    measure(ours, folder)
    measure(theirs, folder)
    costs = [(measure(ours, folder), measure(theirs, folder)) for _ in range(pairs)]
    return [mine for mine, _ in costs], [other for _, other in costs]


def show(what: str, ours: list[float], theirs: list[float], goal: float, unit: str) -> None:
    """Print one ratio beside its goal."""
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    verdict = "holds" if ratio <= goal else "MISSED"
    absolute = f"{statistics.median(ours):.3g} to {statistics.median(theirs):.3g} {unit}"
    print(f"{what}: {ratio:.2f} (goal: at most {goal}, {verdict}; {absolute})", flush=True)


def reading(folder: Path) -> None:
    """The big file to the model, against named-checkconf."""
    checkconf = shutil.which("named-checkconf")
    if checkconf is None:
        print("reading 100,000 zones: not measured, there is no named-checkconf")
        return
    path = folder / "named.conf"
    path.write_text("".join(big_file()))
    # -i and -z are off by default: named-checkconf reads and checks this one file, no zone files.
    ours, theirs = compare(
        [sys.executable, "-c", READ_MODEL, str(path)], [checkconf, str(path)], folder, pairs=5
    )
    size = path.stat().st_size / 1e6
    what = f"reading {ZONES:,} zones ({size:.1f} MB) to the model, against named-checkconf"
    show(f"{what}, time", [cost.seconds for cost in ours], [cost.seconds for cost in theirs], 3.2, "s")
    show(
        f"{what}, peak memory",
        [cost.peak / 1024 for cost in ours],
        [cost.peak / 1024 for cost in theirs],
        1.2,
        "MiB",
    )


def asking(folder: Path) -> None:
    """Who can take each zone of the big file, against only reading it to the model."""
    path = folder / "named.conf"
    path.write_text("".join(big_file()))
    read = [sys.executable, "-c", READ_MODEL, str(path)]
    for form in ("json", "text"):
        who = [
            sys.executable,
            "-m",
            "named_audit",
            "who",
            "--bind-version",
            "9.18",
            "--format",
            form,
            str(path),
        ]
        ours, theirs = compare(who, read, folder, pairs=5)
        what = (
            f"`named-audit who --format {form}` of {ZONES:,} zones, against reading them to the model, time"
        )
        show(what, [cost.seconds for cost in ours], [cost.seconds for cost in theirs], 1.3, "s")


def starting(folder: Path) -> None:
    """A clean small file, against the imports that nothing can do without."""
    path = folder / "small.conf"
    path.write_text(CLEAN.replace("@SECRET@", base64.b64encode(secrets.token_bytes(32)).decode()))
    ours, theirs = compare(
        [sys.executable, "-m", "named_audit", "check", str(path)],
        [sys.executable, "-c", "import lark, click"],
        folder,
        pairs=21,
    )
    what = "`named-audit check` of a clean 20-line file, against `python -c 'import lark, click'`, time"
    show(what, [cost.seconds * 1000 for cost in ours], [cost.seconds * 1000 for cost in theirs], 1.7, "ms")


def main() -> None:
    """Measure everything; a missed goal is printed and is no failure, because machines differ."""
    # Installed packages come compiled; a checkout is compiled by its first run, unless the environment forbids it.
    for part in ("named_audit", "rules"):
        compileall.compile_dir(ROOT / part, quiet=1)
    with tempfile.TemporaryDirectory(prefix="named-audit-bench-") as name:
        folder = Path(name)
        # Away from the checkout, whose pyproject.toml would be read for settings.
        os.chdir(folder)
        starting(folder)
        reading(folder)
        asking(folder)


if __name__ == "__main__":
    main()
