"""Imports go down the layers only, and a clean run loads nothing that only a finding needs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LAYERS = (
    ("globs",),
    ("host", "process", "release", "resources"),
    ("git_host",),
    ("syntax",),
    ("catalogue",),
    ("model",),
    ("policy",),
    ("lint",),
    ("fix",),
    ("report",),
    ("cli",),
)
"""From the bottom up. A module imports from its own layer's package and from the layers below."""

RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

EXCEPTIONS: dict[str, frozenset[str]] = {
    # `python -m named_audit` is the command line.
    "named_audit/__main__.py": frozenset({"named_audit.cli"}),
}
"""Module -> imports that it may have although they go upwards. Each needs a reason in a comment beside it."""

RULES_MAY_IMPORT = (
    "named_audit.lint.contract",
    "named_audit.lint.audit",
    "named_audit.catalogue",
    "named_audit.model",
    "named_audit.policy",
    "named_audit.release",
    # Not the contract itself, but what several rules share in offering the same kind of correction.
    "named_audit.lint.replacing",
    "named_audit.lint.breadth",
    "named_audit.lint.corrections",
    "named_audit.lint.disclosed",
    "named_audit.lint.elements",
    "named_audit.lint.exposure",
    "named_audit.lint.overridden",
    # What the machine says of the files: its words for accounts and groups.
    "named_audit.lint.files",
    "named_audit.lint.certificates",
    # The values that `check_statement` is given and that the model's own values hold.
    "named_audit.syntax.tree",
    "named_audit.syntax.words",
)

CLEAN = """\
// A server that gives its zones to the holder of a key and tells it of every change.
options {
\tdirectory "/var/cache/bind";
\trecursion no;
\tallow-transfer { none; };
\tnotify explicit;
};

key "transfer-ns2" {
\talgorithm hmac-sha256;
\tsecret "@SECRET@";
};

zone "example.org" {
\ttype primary;
\tfile "/var/lib/bind/example.org";
\tallow-transfer { key "transfer-ns2"; };
\talso-notify { 192.0.2.53 key "transfer-ns2"; };
};
// The end.
"""

NEVER_ON_THE_CLEAN_PATH = (
    "dns",
    "importlib.metadata",
    "ipaddress",
    "jinja2",
    "jsonschema",
    "named_audit.model.zone_data",
    "rich",
    "subprocess",
)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """The modules that a file imports anywhere, late or early, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            assert node.module is not None
            yield node.module, node.lineno


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted((ROOT / "named_audit").rglob("*.py"))


def test_imports_go_downwards() -> None:
    wrong = []
    for path in modules():
        name = path.relative_to(ROOT).as_posix()
        own = path.relative_to(ROOT / "named_audit").with_suffix("").parts[0]
        if own == "__init__":
            assert not [found for found, _ in imports(path) if found.startswith("named_audit")], name
            continue
        for found, line in imports(path):
            if not found.startswith("named_audit.") or found in EXCEPTIONS.get(name, ()):
                continue
            target = found.split(".")[1]
            if target != own and RANK.get(target, 99) >= RANK.get(own, -1):
                wrong.append(f"{name}:{line} imports {found}")
    assert wrong == []


def test_every_module_has_a_layer() -> None:
    top = {path.relative_to(ROOT / "named_audit").with_suffix("").parts[0] for path in modules()}
    assert top - {"__init__", "__main__"} == set(RANK)


def test_exceptions_are_needed() -> None:
    for name, allowed in EXCEPTIONS.items():
        assert allowed <= {found for found, _ in imports(ROOT / name)}, name


def test_rules_import_only_what_they_may() -> None:
    wrong = []
    for path in sorted((ROOT / "rules").glob("*/*.py")):
        for found, line in imports(path):
            ours = any(found == allowed or found.startswith(allowed + ".") for allowed in RULES_MAY_IMPORT)
            if not ours and found.partition(".")[0] not in sys.stdlib_module_names:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {found}")
    assert wrong == []


def dotted(path: Path) -> str:
    """The name under which a module of the package is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def compiles_its_fields(path: Path) -> bool:
    """Whether a module has named tuples whose annotations are all text: each would be compiled when it is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    postponed = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    return postponed and any(
        isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "NamedTuple" for base in node.bases)
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("arguments", [[], ["--bind-version", "9.18"], ["--format", "json"]], ids=" ".join)
def test_clean_path_loads_little(tmp_path: Path, arguments: list[str]) -> None:
    import base64
    import secrets

    configuration = tmp_path / "named.conf"
    configuration.write_text(CLEAN.replace("@SECRET@", base64.b64encode(secrets.token_bytes(32)).decode()))
    assert CLEAN.count("\n") == 20
    loaded = tmp_path / "loaded"
    program = (
        "import atexit, sys\n"
        "def note():\n"
        f"    with open({str(loaded)!r}, 'w') as out:\n"
        "        out.write('\\n'.join(sys.modules))\n"
        "atexit.register(note)\n"
        "from named_audit.cli import main\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "check", *arguments, str(configuration)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    names = set(loaded.read_text().split("\n"))
    # What a bare interpreter loads here by itself (an editable install's hook, say) is not ours.
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    names -= set(bare.stdout.split("\n"))
    assert sorted(name for name in NEVER_ON_THE_CLEAN_PATH if name in names) == []
    ours = [path for path in modules() if dotted(path) in names]
    assert len(ours) > 50
    # What another report loads as well may be a little slower.
    slow = [path.relative_to(ROOT).as_posix() for path in ours if compiles_its_fields(path)]
    assert arguments == ["--format", "json"] or slow == []


POSSESSIVE_GROUP = re.compile(r"\)[*+?]\+")
# Such an ending fails where the round began: `(?!)` does, and a class of its own.
TAKES_THE_MATCHER_BACK = re.compile(r"(?:\|\(\?!\)|\|\[(?:\\.|[^\]\\])+\]\+\+|\(\?:\[(?:\\.|[^\]\\])+\])\Z")


def test_possessive_groups_work_on_python_3_11_2() -> None:
    # See named_audit.syntax.lexical.many: up to 3.11.4 others go on in the wrong place, and Debian 12 has 3.11.2.
    wrong = []
    for path in [*modules(), *sorted((ROOT / "rules").glob("*/*.py"))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for found in POSSESSIVE_GROUP.finditer(node.value):
                    if not TAKES_THE_MATCHER_BACK.search(node.value[: found.start()]):
                        wrong.append(
                            f"{path.relative_to(ROOT)}:{node.lineno} {node.value[: found.end()][-40:]}"
                        )
    assert wrong == []
