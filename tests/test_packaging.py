"""What is built, installed and hooked is what git tracks, and works away from the checkout."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.conftest import ROOT

SITE_PACKAGES = sysconfig.get_path("purelib")
MOVED = ("grammar/", "rules/")
STRAYS = (
    "named_audit/notes.txt",
    "named_audit/scratch.py",
    "named_audit/__pycache__/old.cpython-311.pyc",
    "grammar/named_conf.lark.orig",
    "rules/stray.json",
    "rules/left_over/rule.py",
    "rules/left_over/__pycache__/rule.cpython-311.pyc",
)

GOOD = 'options { allow-transfer { none; }; };\nzone "a.example" { type primary; file "a"; };\n'
BAD = GOOD.replace("none", "any")
BROKEN = GOOD.replace(" };\n", "\n", 1)

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no git checkout")


def clean_environment() -> dict[str, str]:
    """The environment without GIT_DIR and the like, which a hook that runs the tests sets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed and return what it wrote to stdout."""
    ran = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, f"{command} ended with {ran.returncode}:\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def git(*arguments: str | Path, cwd: Path) -> str:
    """Run git with a name of its own."""
    return run("git", "-c", "user.name=Test", "-c", "user.email=test@example.org", *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working tree, committed in a repository of its own, with stray files planted after the commit."""
    folder = tmp_path_factory.mktemp("clone")
    for name in git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git("init", "--quiet", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--no-verify", "--message", "the working tree", cwd=folder)
    for stray in STRAYS:
        (folder / stray).parent.mkdir(parents=True, exist_ok=True)
        (folder / stray).write_text("left over\n")
    return folder


@pytest.fixture(scope="module")
def built(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel from the checkout, the sdist, and the wheel from the sdist."""
    output = tmp_path_factory.mktemp("built")
    build = (sys.executable, "-m", "build", "--no-isolation", "--skip-dependency-check")
    run(*build, "--sdist", "--wheel", "--outdir", output, clone, cwd=output)
    (wheel,) = output.glob("*.whl")
    (sdist,) = output.glob("*.tar.gz")
    unpacked = output / "unpacked"
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked)
    (project,) = unpacked.iterdir()
    run(*build, "--wheel", "--outdir", output / "again", project, cwd=output)
    (again,) = (output / "again").glob("*.whl")
    return {"wheel": wheel, "sdist": sdist, "wheel from sdist": again}


def environment(folder: Path) -> Path:
    """A fresh virtual environment that borrows this one's packages, and its Python."""
    venv.create(folder, symlinks=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    # A line in a .pth adds the folder but not its own .pth files: this checkout stays out of sight.
    (site_packages / "borrowed.pth").write_text(SITE_PACKAGES + "\n")
    return folder / "bin" / "python"


def install(python: Path, *what: str | Path) -> None:
    """Install into an environment, without any network."""
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    # --ignore-installed: an editable install of this checkout among the borrowed packages stays.
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed")
    run(*pip, "install", *options, *what, cwd=python.parent)


@pytest.mark.parametrize("which", ["wheel", "wheel from sdist"])
def test_wheel_holds_what_git_tracks(clone: Path, built: dict[str, Path], which: str) -> None:
    tracked = git("ls-files", "named_audit", "grammar", "rules", cwd=clone).splitlines()
    expected = [f"named_audit/{name}" if name.startswith(MOVED) else name for name in tracked]
    with zipfile.ZipFile(built[which]) as archive:
        shipped = [name for name in archive.namelist() if ".dist-info/" not in name]
        metadata = {name.split(".dist-info/")[1] for name in archive.namelist() if ".dist-info/" in name}
    assert sorted(shipped) == sorted(expected)
    assert metadata == {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}


def test_sdist_holds_what_git_tracks(clone: Path, built: dict[str, Path]) -> None:
    tracked = git("ls-files", cwd=clone).splitlines()
    with tarfile.open(built["sdist"]) as archive:
        shipped = {name.partition("/")[2] for name in archive.getnames()}
    assert shipped - {"PKG-INFO"} == set(tracked)


def test_wheel_works_away_from_the_checkout(built: dict[str, Path], tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    install(python, built["wheel"])
    program = python.parent / "named-audit"
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in run(program, "--version", cwd=tmp_path)
    where = run(python, "-c", "import named_audit; print(named_audit.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(tmp_path / "venv")
    assert rule_ids(ROOT / "rules") <= set(
        re.findall(r"[a-z][a-z0-9-]+", run(program, "rules", cwd=tmp_path))
    )
    (tmp_path / "named.conf").write_text("options { allow-transfer { none; }; };\n")
    run(program, "check", "named.conf", cwd=tmp_path)


def test_editable_install_sees_a_new_rule(clone: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    git("clone", "--quiet", clone, checkout, cwd=tmp_path)
    python = environment(tmp_path / "venv")
    install(python, "--editable", checkout)
    program = python.parent / "named-audit"
    assert "brand-new" not in run(program, "rules", cwd=tmp_path)
    shutil.copytree(checkout / "rules" / "transfer_open", checkout / "rules" / "brand_new")
    assert "brand-new" in run(program, "rules", cwd=tmp_path)


@pytest.mark.parametrize("hook", ["named-audit", "named-audit-roots"])
def test_pre_commit_hook(clone: Path, tmp_path: Path, hook: str) -> None:
    repository = tmp_path / "configuration"
    root = repository / "bind" / "named.conf"
    root.parent.mkdir(parents=True)
    git("init", "--quiet", cwd=repository)
    (repository / "named-audit.toml").write_text('roots = ["bind/named.conf"]\n')
    # The environment that pre-commit makes borrows this one's packages, so that no index is needed.
    borrowed = {
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "PYTHONPATH": SITE_PACKAGES,
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_IGNORE_INSTALLED": "1",
    }
    for text, code, word in (
        (GOOD, 0, "Passed"),
        (BAD, 1, "- exit code: 1"),
        (BROKEN, 1, "- exit code: 3"),
    ):
        root.write_text(text)
        git("add", "--all", cwd=repository)
        ran = subprocess.run(
            [sys.executable, "-m", "pre_commit", "try-repo", clone, hook, "--files", "bind/named.conf"],
            cwd=repository,
            env=clean_environment() | borrowed,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert (ran.returncode, word in ran.stdout) == (code, True), ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("inputs", "code", "shown", "written"),
    [
        ({"PATHS": "good.conf"}, 0, "", None),
        ({"PATHS": "good.conf bad.conf"}, 1, "::error file=bad.conf,line=1", None),
        ({"PATHS": "broken.conf"}, 3, "::error file=broken.conf,line=3", None),
        ({"PATHS": "", "ARGS": "--settings settings.toml"}, 1, "::error file=bad.conf,line=1", None),
        ({"PATHS": "bad.conf", "FORMAT": "sarif"}, 1, "", "named-audit.sarif"),
        (
            {"PATHS": "bad.conf", "FORMAT": "sarif", "OUTPUT": "a b.sarif", "BIND_VERSION": "9.20"},
            1,
            "",
            "a b.sarif",
        ),
        ({"PATHS": "$(touch injected) `touch injected` *.conf"}, 3, "", None),
    ],
)
def test_action(tmp_path: Path, inputs: dict[str, str], code: int, shown: str, written: str | None) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    steps = {step["name"]: step for step in action["runs"]["steps"]}
    assert steps["Install"]["run"].rstrip().endswith('"$GITHUB_ACTION_PATH"')
    assert "${{" not in steps["Install"]["run"] + steps["Audit"]["run"]
    program = tmp_path / "temp" / "named-audit" / "bin" / "named-audit"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m named_audit "$@"\n')
    program.chmod(0o755)
    (tmp_path / "good.conf").write_text(GOOD)
    (tmp_path / "bad.conf").write_text(BAD)
    (tmp_path / "broken.conf").write_text(BROKEN)
    (tmp_path / "settings.toml").write_text('roots = ["bad.conf"]\n')
    defaults = {
        name: action["inputs"][name.lower().replace("_", "-")]["default"] for name in steps["Audit"]["env"]
    }
    ran = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", steps["Audit"]["run"]],
        cwd=tmp_path,
        env=clean_environment()
        | defaults
        | inputs
        | {"RUNNER_TEMP": str(tmp_path / "temp"), "GITHUB_OUTPUT": str(tmp_path / "outputs")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert shown in ran.stdout
    assert not (tmp_path / "injected").exists()
    if written is not None:
        assert (tmp_path / written).read_text().startswith("{")
        assert (tmp_path / "outputs").read_text() == f"report={written}\n"


def test_every_import_is_declared() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=\[]", requirement)[0] for requirement in project["dependencies"]}
    packages = {"dns": "dnspython"}
    imported = set[str]()
    for path in [*(ROOT / "named_audit").rglob("*.py"), *(ROOT / "rules").rglob("rule.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
                imported.add(node.module.partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {"named_audit"}
    assert {packages.get(name, name) for name in foreign} <= declared


def test_no_index_is_named() -> None:
    for name in ("pyproject.toml", "Makefile", ".ci/run", ".pre-commit-hooks.yaml", "action.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"index[-_]url|find-links|pypi", text, re.IGNORECASE), name


def rule_ids(rules: Path) -> set[str]:
    """The ids of the rules in a folder."""
    return {path.parent.name.replace("_", "-") for path in rules.glob("*/rule.py")}
