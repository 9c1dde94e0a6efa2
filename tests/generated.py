"""The parts of the documentation that are generated: `python -m tests.generated` writes them anew.

The README has the rules for the regular audience; COVERAGE.md says for each known way to get transfers wrong which rule
finds it, or why none does. Its list of ways is `rules/coverage.tsv`: a number, the problem in a few words, and a reason where
no rule covers it; the rules themselves say what they cover (`Rule.covers`).
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

from named_audit.cli.catalogue import rules_markdown
from named_audit.lint.book import LoadedRule, all_rules
from tests.audit_cli import run
from tests.conftest import ROOT

README = ROOT / "README.md"
COVERAGE = ROOT / "COVERAGE.md"
ABOUT = ROOT / "rules" / "about.json"
WAYS = ROOT / "rules" / "coverage.tsv"
UNPROVEN = ROOT / "tests" / "unproven.tsv"
"""Rule ids, and why there is no proof on a real named."""

PROVABLE = (
    "blackholed",
    "catalog",
    "inbound",
    "key",
    "list",
    "notify",
    "tls",
    "transfer",
    "update",
    "view",
    "zone",
)
"""The first words of the rules whose subject a real named can show: a transfer, a NOTIFY, an update or a key."""

_TABLE = re.compile(r"^\| rule \|.*?\n(?=\n|\Z)", re.MULTILINE | re.DOTALL)

_RUN = re.compile(r"(^```console\n\$ named-audit ([^\n]+)\n).*?^```$", re.MULTILINE | re.DOTALL)
_USAGE = re.compile(r"^```\nUsage: .*?^```$", re.MULTILINE | re.DOTALL)

_HEAD = """# What the rules cover

Every known way to get zone transfers wrong, and the rule that finds it, or the reason why none does. Generated from
`rules/coverage.tsv` and from what the rules say that they cover.

| no. | problem | rules |
| --- | --- | --- |
"""

_PROOFS = """
## What is proven on a real named

Of {1} rules about transfers, updates, NOTIFY and keys, tests prove {0} on a real named, and {2} others: it shows the fault
with the file as it is, and no longer with the corrected one, which serves and tells the right ones. Of corrections that are
to change nothing, it shows that nothing changes. Generated from the tests' marker `proves` and `tests/unproven.tsv`.

| rule | proof |
| --- | --- |
"""


def about() -> str:
    """rules/about.json: what each rule that is not always loaded is about (`RuleBook`)."""
    found: dict[str, list[str]] = {}
    for rule in sorted(all_rules(), key=_id):
        own = rule.id.startswith("invalid-") or rule.rule.needs_checkconf
        if own or rule.rule.about:
            found[Path(rule.folder).name] = [rule.id] if own else list(rule.rule.about)
    lines = [f" {json.dumps(name)}: {json.dumps(names)}" for name, names in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def readme() -> str:
    """The README with today's table of rules for the regular audience, its example runs and the options of `check`."""
    book = sorted(all_rules(), key=_id)
    table = rules_markdown([rule for rule in book if rule.rule.audience == "regular"])
    text = _TABLE.sub(lambda _: table, README.read_text(encoding="utf-8"), count=1)
    text = _RUN.sub(lambda found: f"{found[1]}{run(*found[2].split(), cwd=ROOT).out}```", text)
    usage = run("check", "--help", cwd=ROOT).out
    return _USAGE.sub(lambda _: f"```\n{usage}```", text, count=1)


def ways() -> dict[str, tuple[str, str]]:
    """Number -> the problem, and why no rule covers it (empty where one does)."""
    rows = (line.split("\t") for line in WAYS.read_text(encoding="utf-8").splitlines())
    return {number: (problem, reason) for number, problem, reason in rows}


def covering() -> dict[str, list[str]]:
    """Number -> the ids of the rules that say they cover it."""
    found: dict[str, list[str]] = {}
    for rule in sorted(all_rules(), key=_id):
        for number in rule.rule.covers:
            found.setdefault(number, []).append(rule.id)
    return found


def provable() -> set[str]:
    """The ids of the rules that a real named has to prove, or a reason has to stand for it."""
    return {rule.id for rule in all_rules() if rule.id.partition("-")[0] in PROVABLE}


def proofs() -> dict[str, list[str]]:
    """Rule id -> the tests that say they prove it, as `file::function`."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        if "@pytest.mark.proves(" not in path.read_text(encoding="utf-8"):
            continue
        for name, test in vars(importlib.import_module(f"tests.{path.stem}")).items():
            marks = getattr(test, "pytestmark", ()) if name.startswith("test_") else ()
            for rule in dict.fromkeys(rule for mark in marks if mark.name == "proves" for rule in mark.args):
                found.setdefault(rule, []).append(f"{path.name}::{name}")
    return found


def unproven() -> dict[str, str]:
    """Rule id -> why no test proves it."""
    rows = (line.split("\t") for line in UNPROVEN.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows}


def coverage() -> str:
    """COVERAGE.md."""
    rules = covering()
    rows: list[str] = []
    for number, (problem, reason) in ways().items():
        cells = (", ".join(f"`{rule}`" for rule in rules.get(number, ())), reason)
        rows.append(f"| {number} | {problem} | {'; '.join(filter(None, cells))} |")
    proven, reasons = proofs(), unproven()
    proof = [
        f"| `{rule}` | {', '.join(f'`{test}`' for test in proven[rule]) if rule in proven else f'none: {reasons[rule]}'} |"
        for rule in sorted(provable() | proven.keys())
    ]
    counted = _PROOFS.format(
        len(provable() & proven.keys()), len(provable()), len(proven.keys() - provable())
    )
    return _HEAD + "\n".join(rows) + "\n" + counted + "\n".join(proof) + "\n"


def _id(rule: LoadedRule) -> str:
    return rule.id


def main() -> None:
    """Write all of them."""
    README.write_text(readme(), encoding="utf-8")
    ABOUT.write_text(about(), encoding="utf-8")
    if WAYS.is_file():
        Path(COVERAGE).write_text(coverage(), encoding="utf-8")


if __name__ == "__main__":
    main()
