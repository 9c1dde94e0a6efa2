"""Every built-in rule passes the harness that third parties use, and the catalogue of rules is in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from named_audit.cli.catalogue import page
from named_audit.cli.examples import read_example
from named_audit.cli.harness import check_folder
from named_audit.host import MemoryHost
from named_audit.lint.book import LoadedRule, all_rules, load_rule, rule_folders
from named_audit.lint.contract import Severity
from named_audit.model.build import load_config
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, FINDINGS, USAGE, run
from tests.conftest import IN_CI
from tests.generated import (
    ABOUT,
    COVERAGE,
    README,
    about,
    coverage,
    covering,
    proofs,
    provable,
    readme,
    unproven,
    ways,
)
from tests.rule_findings import TOLD, expected, observed

FOLDERS = [Path(folder) for folder in rule_folders()]
RULES = sorted(all_rules(), key=lambda rule: rule.id)
_EXAMPLE = next(folder for folder in FOLDERS if folder.name == "inbound_unsigned")
"""What rules that break the contract are made from."""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_rule_folder(folder: Path) -> None:
    checks = list(check_folder(folder))
    assert [f"{check.name}: {check.failure}" for check in checks if check.failure] == []
    if IN_CI:
        missing = [check.name for check in checks if check.skipped and "no named-checkconf" in check.skipped]
        assert missing == [], "CI has BIND"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
class TestCatalogue:
    """What holds for every rule."""

    def test_id(self, rule: LoadedRule) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.id)

    def test_aliases_are_no_other_rules(self, rule: LoadedRule) -> None:
        assert not set(rule.rule.aliases) & {other.id for other in RULES}

    def test_headline_is_one_short_sentence(self, rule: LoadedRule) -> None:
        assert rule.headline.endswith(".")
        assert len(rule.headline) <= 100

    def test_only_hygiene_is_information(self, rule: LoadedRule) -> None:
        assert rule.rule.severity is not Severity.INFO or rule.rule.audience != "regular"

    def test_since_is_a_version(self, rule: LoadedRule) -> None:
        assert re.fullmatch(r"\d+\.\d+\.\d+", rule.rule.since)

    def test_no_bare_stig_ids(self, rule: LoadedRule) -> None:
        for reference in rule.rule.references:
            assert "STIG" not in reference or re.fullmatch(r"STIG V-\d{6}", reference), reference

    def test_explain(self, rule: LoadedRule) -> None:
        ran = run("explain", rule.id)
        assert (ran.code, ran.out) == (CLEAN, page(rule))
        for heading in (
            "## Why it matters",
            "## How to fix it",
            "## Not reported",
            "## References",
            "## Example",
        ):
            assert heading in ran.out
        assert "expect:" not in ran.out

    def test_a_command_shows_it(self, rule: LoadedRule) -> None:
        part = page(rule).partition("## How to fix it\n")[2].partition("\n## ")[0]
        programs = (
            *(
                "dig",
                "rndc",
                "nsupdate",
                "named",
                "named-checkconf",
                "named-checkzone",
                "named-audit",
                "tsig-keygen",
            ),
            *("openssl", "grep", "tail", "ls", "stat", "od", "curl", "chmod", "mv"),
        )
        assert re.search(rf"(?:^    |&& |`)(?:{'|'.join(programs)})\b", part, re.MULTILINE), part

    def test_has_a_correction(self, rule: LoadedRule) -> None:
        # What was meant by something that named refuses, or that only named-checkconf knows, is mostly not known.
        # And where only the choice of a release is in question, there is nothing to rewrite.
        undecided = {"release-contradiction", "release-experimental", "release-limited"}
        assert (
            rule.template is not None
            or rule.id.startswith("invalid-")
            or rule.rule.needs_checkconf
            or rule.id in undecided
        )


def test_the_table_in_the_readme_is_generated() -> None:
    assert README.read_text(encoding="utf-8") == readme(), "python -m tests.generated writes it anew"


def test_what_the_rules_cover_is_generated() -> None:
    assert COVERAGE.read_text(encoding="utf-8") == coverage(), "python -m tests.generated writes it anew"


def test_every_way_to_go_wrong_is_covered_or_reasoned_away() -> None:
    rules = covering()
    numbers = [
        f"{letter}{n:02}"
        for letter, last in zip("ABCDE", (45, 17, 21, 15, 20), strict=True)
        for n in range(1, last + 1)
    ]
    assert list(ways()) == numbers
    assert [number for number, (_, reason) in ways().items() if bool(reason) is (number in rules)] == []
    assert set(rules) <= set(numbers)


def test_every_rule_about_transfers_and_keys_is_proven_or_reasoned_away() -> None:
    proven, reasons = proofs().keys(), unproven()
    assert provable() - proven == reasons.keys()
    assert "" not in reasons.values()
    assert proven - {rule.id for rule in all_rules()} == set()


def test_what_rules_are_about_is_generated() -> None:
    assert ABOUT.read_text(encoding="utf-8") == about(), "python -m tests.generated writes it anew"


def _extra(folder: Path) -> list[Path]:
    return [path for path in (folder / "extra").rglob("*") if path.is_file()]


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if load_rule(str(folder)).rule.about])
def test_a_rule_finds_nothing_without_what_it_is_about(folder: Path) -> None:
    statements = load_rule(str(folder)).rule.about
    for path in (folder / "bad.conf", *sorted((folder / "more").glob("*.conf"))):
        example = read_example(path)
        if example.expected:
            files = {f"/{file.relative_to(folder)}": file.read_bytes() for file in _extra(folder)}
            files["/named.conf"] = example.text.encode("utf-8", "surrogateescape")
            config = load_config("/named.conf", MemoryHost(files), ReadOptions())
            assert not config.names.isdisjoint(statements), path


def test_rules_lists_them() -> None:
    ran = run("rules")
    assert ran.code == CLEAN
    assert [line.split()[0] for line in ran.out.splitlines()] == [rule.id for rule in RULES]


def test_an_unknown_rule_is_answered_with_the_nearest() -> None:
    ran = run("explain", "transfer-opne")
    assert (ran.code, ran.out) == (USAGE, "")
    assert ran.err == "named-audit: there is no rule 'transfer-opne'; did you mean transfer-open?\n"


def test_a_new_rule_passes_as_it_is_written(tmp_path: Path) -> None:
    made = run("new", "transfer-empty", "--dir", tmp_path / "mine")
    assert made.code == CLEAN, made.err
    folder = tmp_path / "mine" / "transfer_empty"
    assert sorted(path.name for path in folder.iterdir()) == [
        "bad.conf",
        "fix.conf.j2",
        "good.conf",
        "rule.py",
    ]
    ran = run("test", folder)
    assert ran.code == CLEAN, ran.out
    assert re.fullmatch(r"\d+ passed, 0 failed, \d+ skipped", ran.out.splitlines()[-1])
    conf = tmp_path / "named.conf"
    conf.write_text('zone "a" { type primary; file "a"; allow-transfer { }; };\n')
    found = run(
        "check", "--rules", tmp_path / "mine", "--audience", "pedantic", "--select", "transfer-empty", conf
    )
    assert found.code == FINDINGS
    assert "transfer-empty" in found.out


def test_the_harness_finds_what_is_wrong(tmp_path: Path) -> None:
    run("new", "transfer-empty", "--dir", tmp_path)
    folder = tmp_path / "transfer_empty"
    (folder / "bad.conf").write_text(
        'zone "a" { type primary; file "a"; allow-transfer { none; }; };    // expect: transfer-empty\n'
    )
    ran = run("test", folder)
    assert ran.code == FINDINGS
    assert "line 1: transfer-empty was expected and did not come" in ran.out
    (folder / "good.conf").write_text('zone "a" { type primary; file "a"; allow-transfer { }; };\n')
    assert "line 1: transfer-empty was not expected" in run("test", folder).out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no RULE"),
        ("raise ValueError('x')", "ValueError"),
        ("def check_zone(zone, audit):\n    return []\n", "no RULE"),
        (
            "from named_audit.lint.contract import Rule\nRULE = Rule('high', 'regular', '0.1.0')\n",
            "RULE needs a Severity",
        ),
    ],
)
def test_a_broken_rule_is_a_usage_error(text: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "broken_rule"
    folder.mkdir()
    (folder / "rule.py").write_text(text)
    conf = tmp_path / "named.conf"
    conf.write_text("options { };\n")
    ran = run("check", "--rules", tmp_path, conf)
    assert ran.code == USAGE
    assert said in ran.err


def test_a_rule_that_crashes_makes_the_run_incomplete(tmp_path: Path) -> None:
    folder = tmp_path / "crashing_rule"
    folder.mkdir()
    rule = (_EXAMPLE / "rule.py").read_text()
    (folder / "rule.py").write_text(rule.split("RULE = ")[0] + _CRASHING)
    conf = tmp_path / "named.conf"
    conf.write_text(
        'options { allow-transfer { none; }; };\nzone "secret-name" { type primary; file "a"; };\n'
    )
    ran = run("check", "--format", "json", "--rules", tmp_path, conf)
    assert ran.code == 3
    (problem,) = ran.json["problems"]
    assert problem["kind"] == "rule"
    assert problem["message"].startswith("rule crashing-rule crashed (KeyError at crashing_rule/rule.py:")
    assert "secret-name" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("at, None", "'message' is NoneType, not text"),
        ("at, 'm', 'high'", "'severity' is str, not a Severity"),
        ("at, 'm', None, 'everyone'", "'audience' is none of regular, pedantic, auditor"),
        ("at, 'm', None, None, (at,)", "'related' is no tuple of Related"),
        ("at, 'm', None, None, (), ('a',)", "'scopes' is no tuple of Scope"),
        ("at, 'm', None, None, (), [scope(zone)]", "'scopes' is no tuple of Scope"),
        ("at, 'm', None, None, (), (), (Fix('f', (), 'sure'),)", "'fixes' is no tuple of Fix"),
        ("at._replace(end=10**6), 'm'", "'at' is no Span within its source"),
        ("None, 'm'", "'at' is no Span within its source"),
    ],
)
def test_a_malformed_finding_makes_the_run_incomplete(arguments: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "malformed_rule"
    folder.mkdir()
    # It imports all that the arguments name.
    rule = (_EXAMPLE / "rule.py").read_text()
    imports = rule.split("RULE = ")[0] + "from named_audit.lint.audit import scope\n\n"
    (folder / "rule.py").write_text(imports + _MALFORMED.format(arguments))
    conf = tmp_path / "named.conf"
    conf.write_text(
        "options { };\n"
        'zone "a" { type primary; file "a"; allow-transfer { any; }; };\n'
        'zone "secret-name" { type primary; file "a"; allow-transfer { none; }; };\n'
    )
    for format_ in ("json", "text", "sarif", "github"):
        assert run("check", "--format", format_, "--rules", tmp_path, conf).code == 3
    ran = run("check", "--format", "json", "--rules", tmp_path, conf)
    assert [problem["message"] for problem in ran.json["problems"]] == [
        f"rule malformed-rule yields a malformed finding ({said}): what it would have found is not known"
    ]
    assert ran.found == [("malformed-rule", 2, 1), ("transfer-open", 2, 36)], "what was right before is kept"
    assert "secret-name" not in ran.out

    for name in ("bad.conf", "good.conf"):
        (folder / name).write_text(conf.read_text())
    assert said in run("test", folder).out


def test_something_else_than_a_finding(tmp_path: Path) -> None:
    folder = tmp_path / "malformed_rule"
    folder.mkdir()
    rule = (_EXAMPLE / "rule.py").read_text()
    text = rule.split("RULE = ")[0] + _MALFORMED.format("at, 'm'")
    (folder / "rule.py").write_text(text.replace("Finding(at", "(at"))
    conf = tmp_path / "named.conf"
    conf.write_text('zone "a" { type primary; file "a"; allow-transfer { none; }; };\n')
    ran = run("check", "--format", "json", "--rules", tmp_path, conf)
    assert [problem["kind"] for problem in ran.json["problems"]] == ["rule"]
    assert "a tuple in place of a Finding" in ran.json["problems"][0]["message"]


_MALFORMED = """RULE = Rule(severity=Severity.LOW, audience="regular", since="0.1.0")


def check_zone(zone, audit):
    at = zone.statement.name_span
    if zone.name == "a":
        yield Finding(at, "m")
    yield Finding({0})
"""

_CRASHING = """RULE = Rule(severity=Severity.LOW, audience="regular", since="0.1.0")


def check_zone(zone, audit):
    raise KeyError(zone.name)
"""


@pytest.mark.parametrize("folder", TOLD)
def test_what_a_rule_says_of_its_examples(folder: str) -> None:
    assert observed(folder) == expected(folder)
