"""What all tests share: the BIND programs, the corpora beside the checkout, hypothesis' settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""Corpora that do not belong to the project; tests that need them are skipped where they are missing."""

IN_CI = bool(os.environ.get("CI"))

# Programs that the tests start find this checkout from wherever they run.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

# Debian keeps named where only root's PATH looks.
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])

# Machines that run tests are slow and busy: no test has a deadline for one example.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=False, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "default")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs BIND where there is none; in CI that is a failure, lest a skip be taken for a pass."""
    if item.get_closest_marker("bind") is None:
        return
    missing = [program for program in ("named", "named-checkconf", "dig") if shutil.which(program) is None]
    if missing:
        reason = f"BIND is not installed: no {', '.join(missing)} on the PATH"
        if IN_CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests recorded as "summary", passed or failed: seeds, for instance."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "summary" and report.when == "call":
                    terminalreporter.write_line(str(value))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the corpora."""
    if not SHARED.is_dir():
        pytest.skip(f"no corpora at {SHARED}")
    return SHARED
