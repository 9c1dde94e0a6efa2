"""The example server is real: BIND takes it, and the audit of it is complete and worth reading."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit_cli import run
from tests.conftest import ROOT

EXAMPLE = ROOT / "tests" / "example"

EXPECTED = {
    ("key-weak-algorithm", "keys/registry.key"),
    ("transfer-address-or-key", "zones/20-example.net.conf"),
    ("transfer-address-only", "zones/30-example.org.conf"),
    ("notify-nobody", "options.conf"),
    ("key-undefined", "partners.conf"),
    ("inbound-unsigned", "partners.conf"),
}
"""Rule and file of what is wrong on every release."""


def audit(*arguments: str, cwd: Path = EXAMPLE) -> dict[str, object]:
    """The report on the example, which has findings and no problems."""
    ran = subprocess.run(
        [sys.executable, "-m", "named_audit", "check", "--format", "json", *arguments, "named.conf"],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (1, ""), ran.stdout
    report: dict[str, object] = json.loads(ran.stdout)
    return report


def found(report: dict[str, object]) -> set[tuple[str, str]]:
    """Rule and file of each finding."""
    findings = report["findings"]
    assert isinstance(findings, list)
    return {(finding["rule"], finding["path"]) for finding in findings}


@pytest.mark.bind
def test_bind_takes_it() -> None:
    ran = subprocess.run(
        ["named-checkconf", "named.conf"], cwd=EXAMPLE, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_findings() -> None:
    report = audit("--bind-version", "9.18")
    assert (report["complete"], report["problems"]) == (True, [])
    rules = found(report)
    assert rules == EXPECTED | {("transfer-open-by-default", "options.conf")}


def test_newer_release_closes_the_default() -> None:
    assert found(audit("--bind-version", "9.20")) == EXPECTED


def test_secrets_stay_in_their_files() -> None:
    secrets = [
        line.split('"')[1]
        for path in EXAMPLE.glob("keys/*")
        for line in path.read_text().splitlines()
        if "secret" in line
    ]
    assert len(secrets) == 3
    for format_name in ("text", "json", "sarif", "github"):
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "named_audit",
                "check",
                "--audience",
                "auditor",
                "--format",
                format_name,
                "named.conf",
            ],
            cwd=EXAMPLE,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert not [secret for secret in secrets if secret in ran.stdout + ran.stderr]


@pytest.mark.parametrize(
    "command",
    [
        "named-audit check --select transfer-address-or-key tests/example/named.conf",
        "named-audit who --zone example.net tests/example/named.conf",
        "named-audit check --bind-version 9.20 tests/example/upgrade/named.conf",
    ],
)
def test_the_runs_in_the_readme_are_real(command: str) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ran = run(*command.split()[1:], cwd=ROOT)
    assert f"$ {command}\n{ran.out}```" in readme


def test_the_options_in_the_readme_are_those_of_help() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert run("check", "--help", cwd=ROOT).out in readme
