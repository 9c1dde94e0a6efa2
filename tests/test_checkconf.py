"""`check --checkconf`: what named-checkconf alone says is a finding, in the file's own world, and nothing it does looks clean."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_audit.cli.checkconf import bind_values, checker_for, checkers
from named_audit.cli.reading import UsageError
from named_audit.cli.session import Request, Session
from named_audit.host import LocalHost, MemoryHost
from named_audit.lint.book import Choice
from named_audit.lint.checkconf_world import Checker
from named_audit.lint.contract import Outcome
from named_audit.process import Command, NotStarted, Ran, run_bounded
from named_audit.release import parse_release
from named_audit.report.as_json import render_json
from named_audit.report.sarif import render_sarif
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, USAGE, run
from tests.verdicts import recorded

HEAD = "options { recursion no; allow-transfer { none; }; };\n"
SHORT = 'dnssec-policy "short" { signatures-refresh P20D; };'
"""Named refuses this policy, and only named-checkconf knows."""

WARNED = 'dnssec-policy "old" { keys { csk lifetime unlimited algorithm 5; }; };'
"""Named warns of this view."""


def write(path: Path, text: str) -> Path:
    """Write a file and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def fake(path: Path, *, version: str = "9.16.50", script: str = "exit 0") -> Path:
    """A program that calls itself a named-checkconf of some release."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nif [ "$1" = -v ]; then echo {version}; exit 0; fi\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def audit(path: Path, *asked: Checker, options: ReadOptions | None = None) -> Outcome:
    """Ask about a root in this process, with the rules that speak of what named refuses and warns of."""
    choice = Choice(("invalid-*", "release-*"), (), "auditor")
    request = Request((str(path),), options or ReadOptions(), choice, mode="root", checkers=asked)
    return Session(LocalHost(), request).run().outcome


def said(outcome: Outcome) -> list[tuple[str, int, str, str]]:
    """(path, line, rule, message) of each finding."""
    return [(Path(f.at.source.path).name, f.at.begin.line, f.rule, f.message) for f in outcome.findings]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def checker() -> Checker:
    """This machine's."""
    found = checker_for(None)
    if isinstance(found, str):
        pytest.skip(found)
    return found


class TestWhatItSays:
    """Errors are `invalid-checkconf`, warnings `release-checkconf`, at the line that it names."""

    pytestmark = pytest.mark.bind

    def test_an_error(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + SHORT + "\n")
        assert run("check", "named.conf", cwd=tmp_path).code == CLEAN
        ran = run("check", "--format", "json", "--checkconf", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.found) == (FINDINGS, [("invalid-checkconf", 2, 1)])
        finding = ran.json["findings"][0]
        assert finding["severity"] == "high"
        assert finding["audience"] == "regular"
        assert finding["path"] == "named.conf"
        assert finding["scopes"] == []
        assert finding["end"] == {"line": 2, "column": len(SHORT) + 1}
        assert finding["message"].startswith(
            "dnssec-policy: policy 'short' signatures-refresh must be at most"
        )

    def test_a_warning(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + "\n" + WARNED + "\n")
        ran = run("check", "--format", "json", "--checkconf", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.found) == (FINDINGS, [("release-checkconf", 3, 1)])
        assert ran.json["findings"][0]["severity"] == "low"
        assert ran.json["findings"][0]["message"] == "dnssec-policy: DNSSEC algorithm 5 is deprecated"

    def test_warnings_of_a_refused_file_stay_warnings(self, checker: Checker, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", f"options {{\nmax-ixfr-ratio 101%;\n}};\n{SHORT}\n")
        assert [(line, rule) for _, line, rule, _ in said(audit(path, checker))] == [
            (2, "release-checkconf"),
            (4, "invalid-checkconf"),
        ]

    def test_each_statement_of_a_line_has_its_own(self, checker: Checker, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD + SHORT + SHORT.replace("short", "s") + "\n")
        columns = [finding.at.begin.column for finding in audit(path, checker).findings]
        assert columns == [1, len(SHORT) + 1]

    def test_in_the_file_that_it_names(self, checker: Checker, tmp_path: Path) -> None:
        write(tmp_path / "conf" / "a.inc", f"\n{SHORT}\n")
        path = write(
            tmp_path / "named.conf", f'options {{ directory "{tmp_path}/conf"; }};\ninclude "a.inc";\n'
        )
        assert [found[:3] for found in said(audit(path, checker))] == [("a.inc", 2, "invalid-checkconf")]

    def test_a_name_with_a_line_feed_is_one_message(self, checker: Checker, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD + 'dnssec-policy "x\ny" { signatures-refresh P20D; };\n')
        (found,) = said(audit(path, checker))
        assert found[:3] == ("named.conf", 2, "invalid-checkconf")
        assert "'x\ny'" in found[3]


class TestSaidOnce:
    """Ours wins and says who says so too."""

    pytestmark = pytest.mark.bind

    def test_a_finding(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", "options {\n\tallow-transfer { none; };\n\tstatistics-file 5;\n};\n")
        ran = run(
            "check", "--format", "json", "--checkconf", "--bind-version", "9.18", "named.conf", cwd=tmp_path
        )
        assert ran.found == [("invalid-argument", 3, 18)]
        assert re.search(r"; named-checkconf 9\.\d+\.\d+ says so too$", ran.json["findings"][0]["message"])

    def test_a_problem(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", "options {\n\tallow-transfer { none; }\n};\n")
        ran = run("check", "--format", "json", "--checkconf", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.found) == (INCOMPLETE, [])
        (problem,) = ran.json["problems"]
        assert re.search(r"; named-checkconf 9\.\d+\.\d+ says so too$", problem["message"])

    def test_not_by_a_rule_that_does_not_run(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", "options {\n\tallow-transfer { none; };\n\tstatistics-file 5;\n};\n")
        ran = run(
            "check",
            "--format",
            "json",
            "--checkconf",
            "--ignore",
            "invalid-argument",
            "named.conf",
            cwd=tmp_path,
        )
        assert ran.found == [("invalid-checkconf", 3, 2)]

    def test_another_fault_on_the_line_stays(self, checker: Checker, tmp_path: Path) -> None:
        wrong = 'options { statistics-file "x"; max-cache-size 5; tcp-clients 0; }; '
        path = write(tmp_path / "named.conf", wrong + SHORT + "\n")
        rules = [rule for _, _, rule, _ in said(audit(path, checker))]
        assert rules.count("invalid-checkconf") >= 1
        assert "'short'" in "".join(message for _, _, _, message in said(audit(path, checker)))

    @pytest.mark.parametrize("ignored", [False, True])
    def test_an_error_is_never_taken_by_what_is_none(self, ignored: bool, tmp_path: Path) -> None:
        comment = "// named-audit: ignore[option-without-effect] old\n" if ignored else "\n"
        options = "options { recursion no; allow-transfer { none; }; listen-on dscp 3 { any; }; };"
        policy = (
            "dnssec-policy p { keys { csk lifetime unlimited algorithm 13; }; nsec3param iterations 500; };"
        )
        write(tmp_path / "named.conf", f"{comment}{options} {policy}\n")
        ran = run("check", "--format", "json", "--checkconf", "--bind-version", "9.18", "--audience", "pedantic",
            "named.conf", cwd=tmp_path)  # fmt: skip
        assert ("invalid-checkconf", 2, 1) in ran.found
        assert ran.code == FINDINGS

    def test_an_error_and_a_warning_of_one_line(self, tmp_path: Path) -> None:
        keys = "keys { csk lifetime unlimited algorithm 13; };"
        policy = f"dnssec-policy p {{ parent-registration-delay 1d; {keys} nsec3param iterations 500; }};\n"
        write(tmp_path / "named.conf", HEAD + policy)
        ran = run(
            "check", "--format", "json", "--checkconf", "--bind-version", "9.18", "named.conf", cwd=tmp_path
        )
        assert ran.found == [("invalid-checkconf", 2, 1), ("release-ignored", 2, 19)]
        assert "says so too" in ran.json["findings"][1]["message"]

    def test_an_error_is_not_taken_by_what_is_ignored(self, tmp_path: Path) -> None:
        ignore = "// named-audit: ignore[invalid-argument] not now\n"
        write(
            tmp_path / "named.conf",
            f"options {{\nallow-transfer {{ none; }};\n{ignore}statistics-file 5;\n}};\n",
        )
        ran = run(
            "check", "--format", "json", "--checkconf", "--bind-version", "9.18", "named.conf", cwd=tmp_path
        )
        assert (ran.code, ran.found) == (FINDINGS, [("invalid-checkconf", 4, 1)])

    def test_a_warning_is_taken_by_what_is_ignored(self, tmp_path: Path) -> None:
        ignore = "// named-audit: ignore[release-deprecated] until the upgrade\n"
        write(tmp_path / "named.conf", f"options {{\nallow-transfer {{ none; }};\n{ignore}dialup no;\n}};\n")
        ran = run(
            "check", "--format", "json", "--checkconf", "--bind-version", "9.18", "named.conf", cwd=tmp_path
        )
        assert (ran.code, ran.found) == (CLEAN, [])

    def test_that_it_does_not_say_why_is_always_said(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", "options { statistics-file 5 };\n")
        program = fake(tmp_path / "checkconf", script="exit 1")
        rules = [rule for _, _, rule, _ in said(audit(path, Checker(str(program), "9.16.50", run_bounded)))]
        assert "invalid-checkconf" in rules

    def test_by_two_releases(self, checker: Checker, tmp_path: Path) -> None:
        other = Checker(checker.program, "9.16.50", checker.run)
        path = write(tmp_path / "named.conf", HEAD + SHORT + "\n")
        (found,) = said(audit(path, checker, other))
        assert found[3].count(f"({checker.release} and 9.16.50)") == 2

    def test_by_one_of_two_releases(self, checker: Checker, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD + WARNED + "\n")
        program = fake(tmp_path / "old-checkconf", script=f"echo '{path}:1: it is old'; exit 1")
        old = Checker(str(program), "9.11.37", run_bounded)
        assert [found[1:] for found in said(audit(path, checker, old))] == [
            (1, "invalid-checkconf", "it is old (9.11.37)"),
            (2, "release-checkconf", f"dnssec-policy: DNSSEC algorithm 5 is deprecated ({checker.release})"),
        ]


class TestOrdinaryFindings:
    """They are chosen, ignored and counted as all others."""

    pytestmark = pytest.mark.bind

    @pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
    def test_every_format(self, format_: str, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + SHORT + "\n")
        ran = run("check", "--checkconf", "--format", format_, "named.conf", cwd=tmp_path)
        assert ran.code == FINDINGS
        assert "invalid-checkconf" in ran.out
        assert "signatures-refresh must be at most" in ran.out
        if format_ == "sarif":
            (result,) = json.loads(ran.out)["runs"][0]["results"]
            assert result["level"] == "error"
            assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
            assert result["partialFingerprints"]["namedAudit/v1"]

    def test_fail_on_and_exit_zero(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + WARNED + "\n")
        assert run("check", "--checkconf", "--fail-on", "medium", "named.conf", cwd=tmp_path).code == CLEAN
        assert run("check", "--checkconf", "--exit-zero", "named.conf", cwd=tmp_path).code == CLEAN

    def test_ignored_on_its_line(self, tmp_path: Path) -> None:
        comment = "    // named-audit: ignore[invalid-checkconf] being worked on"
        write(tmp_path / "named.conf", HEAD + SHORT + comment + "\n")
        ran = run("check", "--checkconf", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.out) == (CLEAN, "clean: no findings in 1 file, 0 zones; ignored 1\n")
        without = run("check", "named.conf", cwd=tmp_path)
        assert (without.code, without.out) == (CLEAN, "clean: no findings in 1 file, 0 zones\n")

    def test_an_ignore_that_finds_nothing_is_unused(self, tmp_path: Path) -> None:
        comment = "// named-audit: ignore[invalid-checkconf] being worked on\n"
        write(tmp_path / "named.conf", comment + HEAD)
        ran = run(
            "check", "--checkconf", "--bind-version", "9.18", "--format", "json", "named.conf", cwd=tmp_path
        )
        # For no certain release nothing is called unused that holds for some.
        assert [rule for rule, _, _ in ran.found] == []
        ran = run("check", "--checkconf", "--format", "json", "named.conf", cwd=tmp_path)
        assert [rule for rule, _, _ in ran.found] == ["unused-ignore"]

    def test_fingerprints_survive_moving(self, tmp_path: Path) -> None:
        def fingerprint(text: str) -> str:
            write(tmp_path / "named.conf", text)
            ran = run("check", "--checkconf", "--format", "json", "named.conf", cwd=tmp_path)
            return str(ran.json["findings"][0]["fingerprint"])

        assert fingerprint(HEAD + SHORT + "\n") == fingerprint(f"\n\n{HEAD}\n  {SHORT}\n")

    def test_fingerprints_tell_messages_apart(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD)
        found = {}
        for said in ("one thing (line 3)", "one thing (line 4)", "another thing"):
            program = fake(tmp_path / "checkconf", script=f"echo '{path}:1: {said}'; exit 1")
            ran = run("check", "--checkconf", program, "--format", "json", path)
            (finding,) = ran.json["findings"]
            found[said] = finding["fingerprint"]
        assert found["one thing (line 3)"] == found["one thing (line 4)"] != found["another thing"]

    def test_not_asked_where_its_rules_are_not_chosen(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + SHORT + "\n")
        program = fake(tmp_path / "checkconf", script=f"touch {tmp_path}/ran")
        ran = run("check", "--checkconf", program, "--select", "transfer-*", "named.conf", cwd=tmp_path)
        assert ran.code == CLEAN
        assert "note: named-checkconf was not asked: no rule that reports it was chosen\n" in ran.out
        assert not (tmp_path / "ran").exists()

    def test_after_fix_it_speaks_of_the_files_as_written(self, tmp_path: Path) -> None:
        zone = 'zone "a.example" { type master; file "a"; allow-transfer { none; }; };\n'
        write(tmp_path / "named.conf", HEAD + zone + SHORT + "\n")
        ran = run(
            "check",
            "--fix",
            "--bind-version",
            "9.18",
            "--audience",
            "auditor",
            "--checkconf",
            "--format",
            "json",
            "named.conf",
            cwd=tmp_path,
        )
        assert "type primary" in (tmp_path / "named.conf").read_text()
        assert ("invalid-checkconf", 3, 1) in ran.found


class TestWorlds:
    """Each root is read where named would read it, or as a copy."""

    pytestmark = pytest.mark.bind

    def test_in_its_own_folder(self, tmp_path: Path) -> None:
        write(
            tmp_path / "etc" / "named.conf",
            'options { recursion no; allow-transfer { none; }; };\ninclude "x";\n',
        )
        write(tmp_path / "etc" / "x", SHORT)
        ran = run("check", "--checkconf", "--format", "json", "etc/named.conf", cwd=tmp_path)
        assert [(f["path"], f["start"]["line"]) for f in ran.json["findings"]] == [("etc/x", 1)]

    def test_a_missing_directory_does_not_hide_the_rest(self, tmp_path: Path) -> None:
        head = 'options { directory "/no/such/place"; allow-transfer { none; }; };\n'
        write(tmp_path / "named.conf", head + SHORT + "\n")
        ran = run("check", "--checkconf", "--format", "json", "named.conf", cwd=tmp_path)
        assert ran.found == [("invalid-checkconf", 2, 1)]
        text = run("check", "--checkconf", "named.conf", cwd=tmp_path).out
        assert (
            "named-checkconf was given a copy of named.conf, because there is no /no/such/place here" in text
        )

    def test_a_checkout(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        write(
            tmp_path / "bind" / "named.conf",
            HEAD + '\ninclude "/etc/bind/zones.conf";\ninclude "/etc/bind/d/*.conf";\n',
        )
        write(tmp_path / "bind" / "zones.conf", "// no zones\n")
        write(tmp_path / "bind" / "d" / "one.conf", f"\n\n{SHORT}\n")
        write(tmp_path / "bind" / "d" / "two.conf", "\n" + SHORT.replace("short", "tall") + "\n")
        ran = run(
            "check",
            "--checkconf",
            "--format",
            "json",
            "--select",
            "invalid-*",
            "bind/named.conf",
            cwd=tmp_path,
        )
        assert [(f["path"], f["start"]["line"], f["message"][:30]) for f in ran.json["findings"]] == [
            ("bind/d/one.conf", 3, "dnssec-policy: policy 'short' "),
            ("bind/d/two.conf", 2, "dnssec-policy: policy 'tall' s"),
        ]
        assert ran.json["problems"] == []

    def test_an_include_beside_the_root_of_what_named_reads_elsewhere(self, tmp_path: Path) -> None:
        there = tmp_path / "var"
        there.mkdir()
        options = f'options {{ directory "{there}"; recursion no; allow-transfer {{ none; }}; }};\n'
        write(tmp_path / "co" / "named.conf", f'{options}include "zones.conf";\n')
        write(tmp_path / "co" / "zones.conf", f"{SHORT}\n")
        ran = run("check", "--checkconf", "--format", "json", "co/named.conf", cwd=tmp_path)
        assert [(f["path"], f["rule"], f["message"][:30]) for f in ran.json["findings"]] == [
            ("co/zones.conf", "invalid-checkconf", "dnssec-policy: policy 'short' ")
        ]
        # Before `directory`, named reads from where it was started.
        write(tmp_path / "co" / "named.conf", f'include "zones.conf";\n{options}')
        ran = run("check", "--checkconf", "--format", "json", "co/named.conf", cwd=tmp_path)
        assert [f["path"] for f in ran.json["findings"]] == ["co/zones.conf"]
        assert ran.json["notes"] == []

    def test_a_map(self, tmp_path: Path) -> None:
        write(
            tmp_path / "named.conf",
            HEAD + 'include\n  "/srv/keys.conf"\n  ;\n' + SHORT.replace("short", "s"),
        )
        write(tmp_path / "mapped" / "keys.conf", f"\n{SHORT}\n")
        ran = run(
            "check", "--checkconf", "--map", "/srv=mapped", "--format", "json", "named.conf", cwd=tmp_path
        )
        # The include takes three lines, and no line moves.
        assert [(f["path"], f["start"]["line"]) for f in ran.json["findings"]] == [
            ("mapped/keys.conf", 2),
            ("named.conf", 5),
        ]

    def test_an_included_template_keeps_nothing_back(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", 'include "x";\n' + HEAD + SHORT + "\n")
        write(tmp_path / "x", "{% for zone in zones %}\n{{ zone }}\n{% endfor %}\n")
        ran = run("check", "--checkconf", "--format", "json", "named.conf", cwd=tmp_path)
        assert ran.code == INCOMPLETE
        assert [problem["kind"] for problem in ran.json["problems"]] == ["template"]

    def test_standard_input(self, tmp_path: Path) -> None:
        text = (HEAD + SHORT + "\n").encode()
        ran = run("check", "--checkconf", "--format", "json", "-", cwd=tmp_path, stdin=text)
        assert ran.found == [("invalid-checkconf", 2, 1)]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may enter a chroot")
    @pytest.mark.parametrize("base", ["chroot", "image"])
    def test_a_chroot(self, base: str, checker: Checker, tmp_path: Path) -> None:
        root = write(
            tmp_path / base / "etc" / "named.conf", 'options { directory "/var"; };\ninclude "/etc/x";\n'
        )
        write(tmp_path / base / "etc" / "x", SHORT)
        (tmp_path / base / "var").mkdir()
        commands: list[Command] = []

        def note(command: Command) -> Ran:
            commands.append(command)
            return run_bounded(command)

        sysroot = str(tmp_path / base) if base == "image" else None
        outcome = audit(
            root, checker._replace(run=note, may_chroot=True), options=ReadOptions(sysroot=sysroot)
        )
        assert [found[:3] for found in said(outcome)] == [("x", 1, "invalid-checkconf")]
        assert commands[0].arguments[-3:] == ("-t", str(tmp_path / base), "/etc/named.conf")
        # Who may not enter it has a copy read.
        outcome = audit(
            root, checker._replace(run=note, may_chroot=False), options=ReadOptions(sysroot=sysroot)
        )
        assert [found[:3] for found in said(outcome)] == [("x", 1, "invalid-checkconf")]
        assert commands[1].arguments[-1:] == ("@0@",)

    def test_an_include_without_an_end_holds_nothing_up(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + 'include "/dev/zero";\ninclude "named.conf";\n')
        ran = run("check", "--checkconf", "--format", "json", "named.conf", cwd=tmp_path, timeout=30)
        assert ran.code == INCOMPLETE
        assert [problem["kind"] for problem in ran.json["problems"]] == ["include", "include"]
        assert ran.found == []

    def test_fragments_are_not_asked_about(self, tmp_path: Path) -> None:
        write(tmp_path / "zones.conf", 'zone "a" { type primary; file "a"; allow-transfer { none; }; };\n')
        ran = run("check", "--checkconf", "zones.conf", cwd=tmp_path)
        assert ran.code == CLEAN
        assert "zones.conf was not given to named-checkconf: it is a fragment" in ran.out

    def test_what_is_external_is_left_empty(self, tmp_path: Path) -> None:
        zone = (
            'zone "a.example" { type secondary; primaries { there; }; file "a"; allow-transfer { key k; inside; }; };\n'
            'zone "b.example" { type primary; allow-transfer { none; }; include "/etc/rest"; };\n'
        )
        write(tmp_path / "named.conf", HEAD + 'include "/etc/keys";\n' + zone + SHORT + "\n")
        write(
            tmp_path / "named-audit.toml", 'external = ["/etc/keys", "/etc/rest"]\ncheckconf = "required"\n'
        )
        ran = run("check", "--format", "json", "--select", "invalid-*", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.found) == (FINDINGS, [("invalid-checkconf", 5, 1)])
        note = (
            "named-checkconf was given a copy of named.conf, because includes of it are declared external and left "
            "empty there: what it says of directories, and of what is not there, is left out"
        )
        assert ran.json["notes"] == [note]
        # All that it says is about what is not there.
        write(tmp_path / "named.conf", HEAD + 'include "/etc/keys";\n' + zone)
        ran = run(
            "check", "--checkconf", "--format", "json", "--select", "invalid-*", "named.conf", cwd=tmp_path
        )
        assert (ran.code, ran.found, ran.json["problems"]) == (CLEAN, [], [])

    @pytest.mark.parametrize("name", ["a:1: b.conf", "a\nb.conf", "a:7:b.conf", "d:1: x/b.conf", "a\rb.conf"])
    def test_names_that_look_like_places(self, name: str, tmp_path: Path) -> None:
        write(tmp_path / name, "\n" + SHORT + "\n")
        write(tmp_path / "named.conf", f'{HEAD}include "{name}";\n')
        ran = run("check", "--checkconf", "--format", "json", "named.conf", cwd=tmp_path)
        assert [(f["rule"], f["path"][:1], f["start"]["line"]) for f in ran.json["findings"]] == [
            ("invalid-checkconf", name[0], 2)
        ]
        write(tmp_path / name, HEAD + "\n" + SHORT + "\n")
        ran = run("check", "--as-root", "--checkconf", "--format", "json", name, cwd=tmp_path)
        assert ran.found == [("invalid-checkconf", 3, 1)]

    def test_several_roots(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            write(tmp_path / name / "named.conf", HEAD + SHORT.replace("short", name) + "\n")
        ran = run(
            "check", "--checkconf", "--format", "json", "one/named.conf", "two/named.conf", cwd=tmp_path
        )
        assert [f["path"] for f in ran.json["findings"]] == ["one/named.conf", "two/named.conf"]


class TestNeverClean:
    """What a named-checkconf does instead of answering makes the run incomplete."""

    @pytest.mark.parametrize(
        ("script", "why"),
        [
            ("kill -ABRT $$", "was ended by signal 6"),
            ("exit 3", "ended with status 3"),
            ("while :; do :; done", "took longer than 1 seconds"),
            ("sleep 100 & wait", "took longer than 1 seconds"),
            ("exec >&- 2>&-; sleep 100", "took longer than 1 seconds"),
            ("yes", "printed more than 100000 bytes"),
        ],
    )
    def test_it_fails(self, script: str, why: str, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD)
        program = fake(tmp_path / "checkconf", script=script)

        def bounded(command: Command) -> Ran:
            return run_bounded(command._replace(seconds=1, max_output=100_000))

        outcome = audit(path, Checker(str(program), "9.16.50", bounded))
        assert [(problem.kind, problem.message) for problem in outcome.problems] == [
            ("checkconf", f"named-checkconf 9.16.50 {why}: what it would have said is not known")
        ]

    def test_it_is_gone(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD)
        outcome = audit(path, Checker(str(tmp_path / "gone"), "9.16.50", run_bounded))
        assert [problem.message for problem in outcome.problems] == [
            (
                "named-checkconf 9.16.50 could not be started (no such file or directory): "
                "what it would have said is not known"
            )
        ]

    def test_it_refuses_and_says_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD)
        program = fake(tmp_path / "checkconf", script="exit 1")
        assert said(audit(path, Checker(str(program), "9.16.50", run_bounded))) == [
            ("named.conf", 1, "invalid-checkconf", "it refuses this configuration and does not say why")
        ]

    def test_it_only_warns_and_refuses(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD)
        program = fake(tmp_path / "checkconf", script=f"echo {path}:1: x is deprecated; exit 1")
        rules = [rule for _, _, rule, _ in said(audit(path, Checker(str(program), "9.16.50", run_bounded)))]
        assert sorted(rules) == ["invalid-checkconf", "release-checkconf"]

    def test_what_it_says_of_other_files_is_said_at_the_head(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", f"\n{HEAD}")
        program = fake(tmp_path / "checkconf", script="echo /etc/elsewhere:7: wrong; exit 1")
        assert said(audit(path, Checker(str(program), "9.16.50", run_bounded))) == [
            ("named.conf", 1, "invalid-checkconf", "/etc/elsewhere:7: wrong")
        ]

    @pytest.mark.bind
    def test_a_real_crash(self, tmp_path: Path) -> None:
        # 9.18 fails an assertion; later ones refuse it.
        path = write(tmp_path / "named.conf", HEAD + 'include "";\n')
        ran = run("check", "--checkconf", "--format", "json", path, cwd=tmp_path)
        assert ran.code == INCOMPLETE


OUTPUT = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda name, line, text: f"{name}:{line}: {text}".encode("utf-8", "surrogatepass"),
            st.sampled_from(["/named.conf", "/x.inc", "none", "@0@", "@1@", "/other"]),
            st.integers(0, 10**10),
            st.text(max_size=40),
        ),
        st.sampled_from(
            [b"/named.conf:2: 'acl' is deprecated", b"/named.conf:2: parsing failed: x", b"/named.conf:1:"]
        ),
    ),
    max_size=12,
).map(b"\n".join)


@given(output=OUTPUT, status=st.sampled_from([0, 0, 1, 1, 2, -6]), on_disk=st.booleans())
def test_whatever_it_says(output: bytes, status: int, on_disk: bool) -> None:
    """No output breaks anything; what it refuses is never clean; what it accepts has no error."""
    files = {"/named.conf": f'{HEAD}include "/x.inc";\n'.encode(), "/x.inc": b"acl a { any; };\n\xff"}
    checker = Checker("/named-checkconf", "9.18.1", lambda _: Ran(status, output), on_disk=on_disk)
    choice = Choice(("invalid-checkconf", "release-checkconf"), (), "auditor")
    request = Request(("/named.conf",), ReadOptions(), choice, mode="root", checkers=(checker,))
    outcome = Session(MemoryHost({**files}), request).run().outcome
    assert {problem.kind for problem in outcome.problems} <= {"argument", "syntax", "checkconf"}
    assert any(problem.kind == "checkconf" for problem in outcome.problems) is (status not in (0, 1))
    errors = [finding for finding in outcome.findings if finding.rule == "invalid-checkconf"]
    said_once = any("says so too" in problem.message for problem in outcome.problems)
    if status == 0:
        assert errors == []
    elif status == 1:
        assert errors or said_once
    render_json(outcome)
    render_sarif(outcome, cwd="/")


class TestTheProgram:
    """Which program is run, and how."""

    def test_the_word_behind_is_no_program(self) -> None:
        assert bind_values(["--checkconf", "named.conf"]) == ["--checkconf=", "named.conf"]
        assert bind_values(["--checkconf", "etc/checkconf.conf"]) == ["--checkconf=", "etc/checkconf.conf"]
        assert bind_values(["--checkconf", "/opt/9.16/named-checkconf", "x"]) == [
            "--checkconf=/opt/9.16/named-checkconf",
            "x",
        ]
        assert bind_values(["--checkconf", "--checkconf=/a/b", "--", "--checkconf"]) == [
            "--checkconf=",
            "--checkconf=/a/b",
            "--",
            "--checkconf",
        ]
        assert bind_values(["x", "--checkconf"]) == ["x", "--checkconf="]

    def test_a_configuration_is_never_run(self, tmp_path: Path) -> None:
        path = fake(tmp_path / "named.conf", script=f"touch {tmp_path}/ran")
        run("check", "--checkconf", path, cwd=tmp_path)
        assert not (tmp_path / "ran").exists()

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("gone-checkconf", "it cannot be started: no such file or directory"),
            ("other-checkconf", "that is no named-checkconf: `-v` does not say its release"),
        ],
    )
    def test_what_was_asked_for_must_be_there(self, name: str, why: str, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD)
        fake(tmp_path / "other-checkconf", version="hello")
        ran = run("check", f"--checkconf=./{name}", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.out) == (USAGE, "")
        assert ran.err == f"named-audit: --checkconf ./{name}: {why}\n"

    def test_none_on_this_machine(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("named_audit.cli.checkconf.PLACES", (str(tmp_path),))
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UsageError, match="there is no named-checkconf on this machine"):
            checkers(("",), None)
        with pytest.raises(UsageError, match="there is no named-checkconf on this machine"):
            checkers((), "required")
        assert checkers((), "if-present") == ((), ())
        assert checkers((), None) == ((), ())

    def test_none_of_the_audited_tree(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("named_audit.cli.checkconf.PLACES", ())
        monkeypatch.chdir(tmp_path)
        program = fake(tmp_path / "named-checkconf")
        for path in ("", ".", ":/nonexistent"):
            monkeypatch.setenv("PATH", path)
            assert checkers((), "if-present") == ((), ())
        monkeypatch.setenv("PATH", f".:{tmp_path}")
        assert [checker.program for checker in checkers((), "if-present")[0]] == [str(program)]

    @pytest.mark.bind
    def test_the_settings_ask(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD + SHORT + "\n")
        write(tmp_path / "named-audit.toml", 'checkconf = "if-present"\n')
        assert run("check", "--format", "json", "named.conf", cwd=tmp_path).found == [
            ("invalid-checkconf", 2, 1)
        ]

    def test_the_settings_name_no_program(self, tmp_path: Path) -> None:
        write(tmp_path / "named.conf", HEAD)
        program = fake(tmp_path / "checkconf", script=f"touch {tmp_path}/ran")
        write(tmp_path / "named-audit.toml", f'checkconf = "{program}"\n')
        ran = run("check", "named.conf", cwd=tmp_path)
        assert ran.code == USAGE
        assert "'checkconf' must be one of if-present, required" in ran.err
        assert not (tmp_path / "ran").exists()

    def test_a_clean_environment_and_no_shell(self, tmp_path: Path) -> None:
        folder = tmp_path / "a; touch ran"
        program = fake(folder / "checkconf", script=f"env > {tmp_path}/env; pwd >> {tmp_path}/env")
        write(folder / "named.conf", HEAD)
        secret = {"SECRET_TOKEN": "x", "LD_PRELOAD": ""}
        ran = run("check", "--checkconf", program, folder / "named.conf", cwd=tmp_path, env=secret)
        assert ran.code == CLEAN, ran.out
        noted = (tmp_path / "env").read_text()
        assert "SECRET_TOKEN" not in noted
        assert "LD_PRELOAD" not in noted
        assert str(folder) in noted
        assert not list(tmp_path.rglob("ran"))

    @pytest.mark.bind
    def test_no_plugin_of_the_configuration_is_loaded(self, checker: Checker, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD + 'plugin query "./evil.so" { };\n')
        ran = run_bounded(Command(checker.program, (str(path),), str(tmp_path)))
        assert b"evil.so" in ran.output, "or else this test is about nothing"
        assert said(audit(path, checker)) == []

    @pytest.mark.parametrize(("version", "options"), [("9.11.37", ""), ("9.13.4", ""), ("9.16.50", "-c")])
    def test_older_ones_have_no_plugins(self, version: str, options: str, tmp_path: Path) -> None:
        program = fake(tmp_path / "checkconf", version=version, script=f"echo $@ > {tmp_path}/said")
        path = write(tmp_path / "named.conf", HEAD)
        assert run("check", "--checkconf", program, path, cwd=tmp_path).code == CLEAN
        assert (tmp_path / "said").read_text() == f"{options} {path}\n".lstrip()

    def test_another_line_than_the_assumed_only_informs(self, tmp_path: Path) -> None:
        path = write(tmp_path / "named.conf", HEAD)
        program = fake(tmp_path / "checkconf", version="9.16.50-S1", script=f"echo {path}:1: wrong; exit 1")
        found = {}
        for release in ("9.18", "9.16", "unknown"):
            ran = run("check", "--checkconf", program, "--bind-version", release, "--audience", "pedantic",
                "--select", "invalid-checkconf,release-checkconf", "--format", "json", path)  # fmt: skip
            found[release] = [
                (each["rule"], each["severity"], each["message"]) for each in ran.json["findings"]
            ]
        assert found == {
            "9.18": [("release-checkconf", "info", "wrong (9.16.50, which refuses this)")],
            "9.16": [("invalid-checkconf", "high", "wrong")],
            "unknown": [("invalid-checkconf", "high", "wrong")],
        }
        assert run("check", "--checkconf", program, "--bind-version", "9.18", path).code == CLEAN

    @pytest.mark.bind
    def test_this_machines_is_not_asked_about_another_line(self, checker: Checker, tmp_path: Path) -> None:
        line = parse_release(checker.version).line
        other = "9.20" if line != "9.20" else "9.18"
        write(tmp_path / "named.conf", HEAD + SHORT + "\n")
        why = f"this machine's is {checker.release}, and the file is judged for BIND {other}"
        asked = (
            "check",
            "--bind-version",
            other,
            "--format",
            "json",
            "--select",
            "invalid-checkconf,release-checkconf",
            "named.conf",
        )
        ran = run(*asked, "--checkconf", cwd=tmp_path)
        assert (ran.found, ran.json["notes"]) == ([], [f"named-checkconf was not asked: {why}"])
        write(tmp_path / "named-audit.toml", 'checkconf = "if-present"\n')
        assert run(*asked, cwd=tmp_path).json["notes"] == [f"named-checkconf was not asked: {why}"]
        write(tmp_path / "named-audit.toml", 'checkconf = "required"\n')
        ran = run(*asked, cwd=tmp_path)
        assert (ran.code, ran.err) == (
            USAGE,
            f'named-audit: checkconf = "required" in the settings: {why}\n',
        )
        asked = ("check", "--bind-version", line, *asked[3:])
        assert run(*asked, cwd=tmp_path).found == [("invalid-checkconf", 2, 1)]

    def test_nothing_is_left_behind(self, tmp_path: Path) -> None:
        program = fake(
            tmp_path / "checkconf",
            script=f"pwd > {tmp_path}/where; ls -ld . >> {tmp_path}/where; ls >> {tmp_path}/where",
        )
        ran = run("check", "--checkconf", program, "-", cwd=tmp_path, stdin=HEAD.encode())
        assert ran.code == CLEAN
        where, mode, *names = (tmp_path / "where").read_text().splitlines()
        assert mode.startswith("drwx------")
        assert names == ["@0@"]
        assert not Path(where).exists()

    @pytest.mark.parametrize("end", ["exit 0", "kill -KILL $$", "sleep 100"])
    def test_what_it_starts_ends_with_it(self, end: str, tmp_path: Path) -> None:
        program = fake(
            tmp_path / "checkconf", script=f"sleep 1000 > /dev/null 2>&1 & echo $! > {tmp_path}/pid; {end}"
        )
        run_bounded(Command(str(program), seconds=1))
        pid = int((tmp_path / "pid").read_text())
        until = time.monotonic() + 5
        while _runs(pid) and time.monotonic() < until:
            time.sleep(0.01)
        assert not _runs(pid)

    def test_no_room_for_a_copy(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
        with pytest.raises(NotStarted, match="its files cannot be laid out: no such file or directory"):
            run_bounded(Command("/bin/true", files={"x": b""}))

    def test_not_started(self, tmp_path: Path) -> None:
        with pytest.raises(NotStarted, match="permission denied"):
            run_bounded(Command(str(write(tmp_path / "x", "")), cwd=str(tmp_path)))


class TestSecrets:
    """Messages quote tokens: never those of a secret."""

    @pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
    @pytest.mark.parametrize(
        "said_of",
        [
            "near '{}'",
            "missing ';' before '{}'",
            "bad secret '{}'",
            "x '{}' is \"{}\"",
            "'{:.20}'",
            "'{:.20}...'",
        ],
    )
    def test_no_secret_in_any_format(self, said_of: str, format_: str, tmp_path: Path) -> None:
        secret = "c2VjcmV0c2VjcmV0LXNlY3JldHNlY3JldA"
        write(
            tmp_path / "named.conf",
            f'{HEAD}key "k" {{\n\talgorithm hmac-sha256;\n\tsecret "{secret}";\n}};\n',
        )
        message = said_of.format(secret, secret)
        write(tmp_path / "message", f"named.conf:5: {message}\n")
        program = fake(tmp_path / "checkconf", script=f"sed 's,^,{tmp_path}/,' {tmp_path}/message; exit 1")
        ran = run("check", "--checkconf", program, "--format", format_, "named.conf", cwd=tmp_path)
        assert "invalid-checkconf" in ran.out
        assert secret[:20] not in ran.out + ran.err

    @pytest.mark.bind
    def test_of_a_real_one(self, checker: Checker, tmp_path: Path) -> None:
        path = write(
            tmp_path / "named.conf", HEAD + 'key "k" { algorithm hmac-sha256; secret "c2Vj*V0"; };\n'
        )
        messages = [message for _, _, _, message in said(audit(path, checker))]
        assert all("c2Vj" not in message for message in messages)


@pytest.mark.bind
def test_what_its_manual_page_recommends_is_accepted(checker: Checker, tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "rules" / "invalid_checkconf" / "rule.py").read_text()
    examples = re.findall(r"(?m)^    (\w+ .*;)$", page.split('"""')[1])
    assert len(examples) == 1
    path = write(tmp_path / "named.conf", "".join(examples) + "\n")
    ran = run_bounded(Command(checker.program, (*checker.options, str(path)), str(tmp_path)))
    assert (ran.status, ran.output) == (0, b"")


@pytest.mark.bind
def test_the_corpus(shared: Path, checker: Checker) -> None:
    """With it all 173 bad files are refused, and the lines are its own; no good one is."""
    if parse_release(checker.version).line != "9.18":
        pytest.skip(f"the verdicts are those of 9.18, this machine has {checker.version}")
    corpus = shared / "corpus" / "checkconf-9.18"
    wrong = []
    refused = 0
    for name, verdicts in recorded(corpus).items():
        verdict = verdicts["9.18"]
        outcome = audit(corpus / name, checker, options=ReadOptions(release=parse_release("9.18")))
        of_the_machine = {f.at.begin.line for f in outcome.findings if f.message.startswith("key-directory")}
        faults = {problem.span.begin.line for problem in outcome.problems if problem.span is not None}
        faults |= {f.at.begin.line for f in outcome.findings if f.rule.startswith("invalid-")}
        warned = {f.at.begin.line for f in outcome.findings if f.rule.startswith("release-")} - of_the_machine
        refused += bool(faults)
        missing = verdict.lines - faults - warned - of_the_machine
        extra = (faults | warned) - verdict.lines if verdict.accepted else set()
        if bool(faults) is verdict.accepted or missing or extra:
            wrong.append((name, sorted(missing), sorted(extra)))
    assert wrong == []
    assert refused == 173
