"""The command line of `check`: exit codes, selection, settings, ignores, roots and fragments, output."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, USAGE, check, run

CLOSED = 'options { allow-transfer { none; }; };\nzone "a.example" { type primary; file "a"; };\n'
OPEN = 'zone "a.example" {\n    type primary;\n    file "a";\n    allow-transfer { any; };\n};\n'
SECRET = "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="


def test_clean(tmp_path: Path) -> None:
    ran = check(CLOSED, tmp_path)
    assert ran.code == CLEAN
    assert ran.json["complete"] is True
    assert ran.json["bind"] is None


def test_findings(tmp_path: Path) -> None:
    ran = check(OPEN, tmp_path)
    assert (ran.code, ran.found) == (FINDINGS, [("transfer-open", 4, 5)])
    (finding,) = ran.json["findings"]
    assert finding["message"] == "anyone can transfer a.example: this list asks for no key"
    assert finding["scopes"] == [{"zone": "a.example", "view": None}]
    assert finding["end"] == {"line": 4, "column": 29}


def test_incomplete_wins_over_findings_and_exit_zero(tmp_path: Path) -> None:
    ran = check(OPEN + "options { ; };\n", tmp_path, "--exit-zero")
    assert ran.code == INCOMPLETE
    assert ran.json["complete"] is False
    assert [f["rule"] for f in ran.json["findings"]] == ["transfer-open"]


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "github"])
def test_exit_codes_do_not_depend_on_the_format(format_: str, tmp_path: Path) -> None:
    for text, code in ((CLOSED, CLEAN), (OPEN, FINDINGS), ("zone {", INCOMPLETE)):
        path = tmp_path / "named.conf"
        path.write_text(text)
        assert run("check", "--format", format_, path).code == code
        assert run("check", "--format", format_, path, "--exit-zero").code == (
            CLEAN if code == FINDINGS else code
        )


def test_a_path_that_is_not_there_is_incomplete(tmp_path: Path) -> None:
    ran = run("check", "--format", "json", "gone.conf", cwd=tmp_path)
    assert ran.code == INCOMPLETE
    assert [p["message"] for p in ran.json["problems"]] == ["cannot read gone.conf: no such file"]


def test_fail_on(tmp_path: Path) -> None:
    text = OPEN.replace("any", "10.0.0.1")
    assert check(text, tmp_path, "--fail-on", "high").code == CLEAN
    assert check(text, tmp_path, "--fail-on", "medium").code == FINDINGS


def test_select_and_ignore(tmp_path: Path) -> None:
    assert check(OPEN, tmp_path, "--select", "key-*").code == CLEAN
    assert check(OPEN, tmp_path, "--select", "transfer-open,key-shared").code == FINDINGS
    assert check(OPEN, tmp_path, "--ignore", "transfer-open").code == CLEAN
    ran = check(OPEN, tmp_path, "--select", "transfer-opn")
    assert (ran.code, ran.err) == (
        USAGE,
        "named-audit: there is no rule 'transfer-opn'; did you mean transfer-open?\n",
    )


def test_bind_version(tmp_path: Path) -> None:
    text = 'options { };\nzone "a.example" { type primary; file "a"; };\n'
    assert check(text, tmp_path, "--bind-version", "9.20").code == CLEAN
    ran = check(text, tmp_path, "--bind-version", "9.18.49-1~deb12u3-Debian")
    assert ran.json["findings"][0]["severity"] == "high"
    assert ran.json["bind"] == "9.18.49-1~deb12u3-Debian"
    ran = check(text, tmp_path)
    assert ran.json["findings"][0]["severity"] == "medium"
    assert "up to 9.18" in ran.json["findings"][0]["message"]
    assert check(text, tmp_path, "--bind-version", "8.4").code == USAGE


def test_output_file(tmp_path: Path) -> None:
    (tmp_path / "named.conf").write_text(OPEN)
    ran = run("check", "--format", "json", "--output", "report.json", "named.conf", cwd=tmp_path)
    assert (ran.code, ran.out) == (FINDINGS, "")
    assert json.loads((tmp_path / "report.json").read_text())["version"] == 1
    assert run("check", "--output", "no/such/folder", "named.conf", cwd=tmp_path).code == USAGE


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text("".join(OPEN.replace("a.example", f"a{n}.example") for n in range(500)))
    command = f"{sys.executable} -m named_audit check {path} | head -1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, timeout=120, check=False)
    assert ran.stderr == b""
    assert ran.stdout.splitlines()[-1] == b"1"


def test_standard_input(tmp_path: Path) -> None:
    ran = run("check", "--format", "json", "-", stdin=OPEN.encode())
    assert (ran.code, ran.found) == (FINDINGS, [("transfer-open", 4, 5)])
    assert ran.json["findings"][0]["path"] == "<stdin>"
    assert run("check", "-", stdin=b"").code == INCOMPLETE


def test_process_substitution(tmp_path: Path) -> None:
    path = tmp_path / "named.conf"
    path.write_text(OPEN)
    command = f"{sys.executable} -m named_audit check --format json <(sleep 0.5; cat {path})"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False)
    assert (ran.returncode, json.loads(ran.stdout)["findings"][0]["rule"]) == (FINDINGS, "transfer-open")
    failed = f"{sys.executable} -m named_audit check --format json <(false)"
    assert (
        subprocess.run(["bash", "-c", failed], capture_output=True, timeout=60, check=False).returncode
        == INCOMPLETE
    )


def test_the_format_of_named_checkconf_px(tmp_path: Path) -> None:
    text = f'key "k" {{ algorithm hmac-sha256; secret "{"?" * 44}"; }};\n' + CLOSED
    ran = check(text, tmp_path, "--audience", "auditor", "--select", "key-*", "--ignore", "key-unused")
    assert ran.found == []
    assert ran.json["counts"]["hidden_secrets"] == 1


def test_an_interrupted_run_says_nothing_of_findings(tmp_path: Path) -> None:
    """The shell's code for Ctrl-C, and not 1, which means findings."""
    (tmp_path / "named.conf").write_text(OPEN)
    rule = tmp_path / "rules" / "rule_that_waits" / "rule.py"
    rule.parent.mkdir(parents=True)
    rule.write_text(
        '"""Waits."""\nimport pathlib, time\nfrom named_audit.lint.contract import Rule, Severity\n'
        'RULE = Rule(Severity.LOW, "regular", "0.1.0")\n\n\n'
        "def check_config(config, audit):\n"
        f"    pathlib.Path({str(tmp_path / 'started')!r}).touch()\n    time.sleep(60)\n    return []\n"
    )
    command = [sys.executable, "-m", "named_audit", "check", "--rules", "rules", "named.conf"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            if (tmp_path / "started").exists() or process.poll() is not None:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, b"", b"named-audit: interrupted\n")


class TestIgnores:
    """Inline ignores."""

    @pytest.mark.parametrize(
        "line",
        [
            "    allow-transfer { any; }; // named-audit: ignore[transfer-open] published on purpose\n",
            "    allow-transfer { any; }; # named-audit: ignore[transfer-open] published on purpose\n",
            "    allow-transfer { any; }; /* named-audit: ignore[transfer-open] published on purpose */\n",
            "    // named-audit: ignore[transfer-open] published on purpose\n    allow-transfer { any; };\n",
            "    allow-transfer {\n        // named-audit: ignore[transfer-*] published\n        any;\n    };\n",
        ],
    )
    def test_covers_its_statement(self, line: str, tmp_path: Path) -> None:
        text = OPEN.replace("    allow-transfer { any; };\n", line)
        ran = check(text, tmp_path)
        assert (ran.code, ran.found) == (CLEAN, [])
        assert ran.json["counts"]["ignored"] == 1

    def test_covers_the_block(self, tmp_path: Path) -> None:
        ran = check("// named-audit: ignore[transfer-open] public data\n" + OPEN, tmp_path)
        assert (ran.code, ran.json["counts"]["ignored"]) == (CLEAN, 1)

    def test_needs_a_reason(self, tmp_path: Path) -> None:
        ran = check("// named-audit: ignore[transfer-open]\n" + OPEN, tmp_path)
        assert ran.found == [("unused-ignore", 1, 4), ("transfer-open", 5, 5)]

    def test_unused_and_unknown_are_reported(self, tmp_path: Path) -> None:
        text = "// named-audit: ignore[key-shared, transfer-opne] why not\n" + CLOSED
        ran = check(text, tmp_path)
        assert ran.found == [("unknown-ignore", 1, 4), ("unused-ignore", 1, 4)] or ran.found == [
            ("unused-ignore", 1, 4),
            ("unknown-ignore", 1, 4),
        ]
        assert check(text, tmp_path, "--select", "transfer-open").found == [("unknown-ignore", 1, 4)]

    def test_a_string_is_no_comment(self, tmp_path: Path) -> None:
        text = OPEN.replace('file "a"', 'file "// named-audit: ignore[transfer-open] no"')
        assert check(text, tmp_path).found == [("transfer-open", 4, 5)]

    def test_cannot_silence_a_problem(self, tmp_path: Path) -> None:
        text = "// named-audit: ignore[all] everything is fine\noptions { ; };\n"
        assert check(text, tmp_path).code == INCOMPLETE


class TestSettings:
    """named-audit.toml and pyproject.toml."""

    def test_are_found_above(self, tmp_path: Path) -> None:
        (tmp_path / "named-audit.toml").write_text('ignore = ["transfer-open"]\n')
        below = tmp_path / "dns"
        below.mkdir()
        (below / "named.conf").write_text(OPEN)
        assert run("check", "named.conf", cwd=below).code == CLEAN

    def test_in_pyproject(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text('[tool.named-audit]\nbind-version = "9.20"\n')
        (tmp_path / "named.conf").write_text('zone "a" { type primary; file "a"; };\n')
        assert run("check", "named.conf", cwd=tmp_path).code == CLEAN

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("rotos = []\n", "unknown key 'rotos'; did you mean 'roots'?"),
            ('roots = "named.conf"\n', "'roots' must be a list of strings"),
            ('audience = "everyone"\n', "'audience' must be one of regular, pedantic, auditor"),
            ('bind-version = "4"\n', "is not a BIND release"),
            ("roots = [\n", "named-audit.toml"),
        ],
    )
    def test_wrong_ones_are_an_error(self, text: str, said: str, tmp_path: Path) -> None:
        (tmp_path / "named-audit.toml").write_text(text)
        (tmp_path / "named.conf").write_text(CLOSED)
        ran = run("check", "named.conf", cwd=tmp_path)
        assert ran.code == USAGE
        assert said in ran.err

    def test_external(self, tmp_path: Path) -> None:
        (tmp_path / "named-audit.toml").write_text('external = ["/etc/bind/keys/*.key"]\n')
        text = 'include "/etc/bind/keys/a.key";\n' + OPEN.replace("any", "key a-key")
        (tmp_path / "named.conf").write_text(text)
        ran = run("check", "--format", "json", "named.conf", cwd=tmp_path)
        assert (ran.code, ran.found) == (CLEAN, [])
        assert ran.json["counts"]["external"] == 1
        ran = run("check", "named.conf", cwd=tmp_path)
        assert "external" in ran.out


class TestRootsAndFragments:
    """Which file is audited through which."""

    def layout(self, folder: Path) -> Path:
        """Debian's layout in a checkout."""
        bind = folder / "etc" / "bind"
        bind.mkdir(parents=True)
        (bind / "named.conf").write_text(
            "".join(
                f'include "/etc/bind/named.conf.{part}";\n' for part in ("options", "local", "default-zones")
            )
        )
        (bind / "named.conf.options").write_text("options {\n    allow-transfer { 192.0.2.53; };\n};\n")
        (bind / "named.conf.local").write_text('zone "a.example" { type primary; file "a"; };\n')
        (bind / "named.conf.default-zones").write_text('zone "localhost" { type primary; file "b"; };\n')
        return bind

    @pytest.mark.parametrize("changed", ["named.conf.options", "named.conf.local", "named.conf"])
    def test_a_fragment_is_audited_through_its_root(self, changed: str, tmp_path: Path) -> None:
        self.layout(tmp_path)
        ran = run("check", "--format", "json", f"etc/bind/{changed}", cwd=tmp_path)
        assert ran.json["complete"] is True, ran.out
        (finding,) = ran.json["findings"]
        assert (finding["rule"], finding["path"], finding["start"]["line"]) == (
            "transfer-address-only",
            "etc/bind/named.conf.options",
            2,
        )
        assert [scope["zone"] for scope in finding["scopes"]] == ["a.example"]

    def test_several_fragments_of_one_root_are_one_run(self, tmp_path: Path) -> None:
        bind = self.layout(tmp_path)
        ran = run("check", "--format", "json", *sorted(bind.iterdir()), cwd=tmp_path)
        assert len(ran.json["findings"]) == 1
        assert ran.json["counts"]["zones"] == 2

    def test_without_a_root_it_is_a_fragment(self, tmp_path: Path) -> None:
        (tmp_path / "zones.conf").write_text(
            'zone "a" { type primary; file "a"; };\nzone "b" { type primary; file "b"; allow-transfer { any; }; };\n'
        )
        ran = run("check", "--format", "json", "zones.conf", cwd=tmp_path)
        assert [f["rule"] for f in ran.json["findings"]] == ["transfer-open"]
        assert ran.json["counts"]["fragments"] == 1
        assert "fragment" in run("check", "zones.conf", cwd=tmp_path).out
        forced = run("check", "--format", "json", "--as-root", "zones.conf", cwd=tmp_path)
        assert [f["rule"] for f in forced.json["findings"]] == ["transfer-open-by-default", "transfer-open"]

    def test_configured_roots(self, tmp_path: Path) -> None:
        self.layout(tmp_path)
        (tmp_path / "named-audit.toml").write_text('roots = ["etc/bind/named.conf"]\n')
        ran = run("check", "--format", "json", "--roots", cwd=tmp_path)
        assert [f["rule"] for f in ran.json["findings"]] == ["transfer-address-only"]
        ran = run("check", "--format", "json", "etc/bind/named.conf.local", cwd=tmp_path)
        assert [f["rule"] for f in ran.json["findings"]] == ["transfer-address-only"]
        (tmp_path / "etc/bind/named.conf.local").unlink()
        assert run("check", "--roots", cwd=tmp_path).code == INCOMPLETE

    def test_a_configured_root_that_is_gone(self, tmp_path: Path) -> None:
        (tmp_path / "named-audit.toml").write_text('roots = ["gone.conf"]\n')
        assert run("check", "--roots", cwd=tmp_path).code == INCOMPLETE

    def test_a_directory(self, tmp_path: Path) -> None:
        self.layout(tmp_path)
        ran = run("check", "--format", "json", ".", cwd=tmp_path)
        assert [f["rule"] for f in ran.json["findings"]] == ["transfer-address-only"]
        empty = tmp_path / "empty"
        empty.mkdir()
        assert run("check", "empty", cwd=tmp_path).code == INCOMPLETE


class TestFixing:
    """--fix, --unsafe-fixes, --diff."""

    TEXT = (
        f'key "k" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n'
        "options { allow-transfer { none; }; notify explicit; };\n"
        'zone "a.example" {\n\ttype master;\n\tfile "a";\n'
        "\tallow-transfer { 192.0.2.53; key k; };  // the secondary\n};\n"
    )

    def write(self, tmp_path: Path) -> Path:
        path = tmp_path / "named.conf"
        path.write_text(self.TEXT)
        path.chmod(0o640)
        return path

    def test_safe_fixes_only(self, tmp_path: Path) -> None:
        path = self.write(tmp_path)
        ran = run("check", "--fix", "--audience", "pedantic", "--bind-version", "9.18", path)
        assert ran.code == FINDINGS
        assert path.read_text() == self.TEXT.replace("master", "primary")
        assert path.stat().st_mode & 0o777 == 0o640

    def test_unsafe_fixes(self, tmp_path: Path) -> None:
        path = self.write(tmp_path)
        ran = run("check", "--fix", "--unsafe-fixes", path)
        assert ran.code == CLEAN, ran.out
        assert path.read_text() == self.TEXT.replace(
            "allow-transfer { 192.0.2.53; key k; };  // the secondary\n",
            'allow-transfer { key k; };  // the secondary\n\talso-notify { 192.0.2.53 key "k"; };\n',
        )

    def test_diff_writes_nothing_and_shows_no_secret(self, tmp_path: Path) -> None:
        path = self.write(tmp_path)
        ran = run("check", "--diff", "--unsafe-fixes", "named.conf", cwd=tmp_path)
        assert path.read_text() == self.TEXT
        assert SECRET not in ran.out
        assert "-\tallow-transfer { 192.0.2.53; key k; };  // the secondary\n" in ran.out
        assert '+\talso-notify { 192.0.2.53 key "k"; };\n' in ran.out

    def test_a_comment_is_never_dropped(self, tmp_path: Path) -> None:
        path = tmp_path / "named.conf"
        text = self.TEXT.replace("{ 192.0.2.53; key k; }", "{ 192.0.2.53; /* mail to bob first */ key k; }")
        path.write_text(text)
        ran = run("check", "--fix", "--unsafe-fixes", path)
        assert path.read_text() == text
        assert "comment" in ran.out

    def test_unsafe_alone_is_a_usage_error(self, tmp_path: Path) -> None:
        assert run("check", "--unsafe-fixes", self.write(tmp_path)).code == USAGE

    def test_standard_input_is_not_written(self, tmp_path: Path) -> None:
        ran = run("check", "--fix", "--unsafe-fixes", "-", stdin=self.TEXT.encode())
        assert ran.code == FINDINGS


def test_usual_places_are_named_when_there_is_none(tmp_path: Path) -> None:
    if any(os.path.exists(place) for place in ("/etc/bind/named.conf", "/etc/named.conf")):
        pytest.skip("this machine has a named.conf")
    ran = run("check", cwd=tmp_path)
    assert ran.code == INCOMPLETE
    assert "/etc/bind/named.conf" in ran.out


def test_no_secret_in_any_format(tmp_path: Path) -> None:
    text = f'key "k" {{ algorithm hmac-md5; secret "{SECRET}"; }};\nkey "l" {{ algorithm hmac-md5; secret "{SECRET}"; }};\n'
    path = tmp_path / "named.conf"
    path.write_text(text)
    for arguments in (["--format", f] for f in ("text", "json", "sarif", "github")):
        ran = run("check", *arguments, path)
        assert ran.code == FINDINGS
        assert SECRET not in ran.out + ran.err


class TestNothingUnreadLooksClean:
    """What a review found that ended with "clean"; each is what the real named reads or refuses."""

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            (b'zone "a" { type primary; file "a"; allow-transfer\0x { any; }; };', "transfer-open"),
            (b'zone\0y "a" { type primary; file "a"; allow-transfer { any; }; };', "transfer-open"),
            (
                'acl "É" { none; }; acl "é" { any; };\n'
                'zone "a" { type primary; file "a"; allow-transfer { "é"; }; };'.encode(),
                "transfer-open",
            ),
        ],
    )
    def test_named_serves_it(self, text: bytes, rule: str, tmp_path: Path) -> None:
        ran = check(b"options { allow-transfer { none; }; };\n" + text, tmp_path)
        assert [found for found, _, _ in ran.found] == [rule]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                'zones "a" { any; };',
                "unknown option 'zones': what it holds is not known; did you mean 'zone'?",
            ),
            (
                "allow-transfer { any; };",
                "'allow-transfer' cannot stand here; it belongs in options or template or view or zone",
            ),
            (
                "\ufeffacl a { any; };",
                "unknown option '\ufeffacl': what it holds is not known; did you mean 'acl'?",
            ),
            ("acl x { none; }; acl x { any; };", "acl 'x' redefined"),
            ("acl none { any; };", "attempt to redefine builtin acl 'none'"),
            ("options { }; options { };", "'options' redefined"),
            (
                'zone "a" { type primary; file "a"; allow-transfer { none; }; allow-transfer { any; }; };',
                "'allow-transfer' redefined",
            ),
            ('zone "a" { file "a"; };', "zone 'a': type is missing"),
        ],
    )
    def test_named_refuses_it(self, text: str, message: str, tmp_path: Path) -> None:
        ran = check(text, tmp_path)
        assert ran.code == INCOMPLETE
        assert message in [problem["message"] for problem in ran.json["problems"]]

    @pytest.mark.parametrize("root", ["{% if x %}\n", 'include "frag.conf"\noptions { /*'])
    def test_a_root_that_cannot_be_read_beside_a_fragment(self, root: str, tmp_path: Path) -> None:
        (tmp_path / "named.conf").write_text(root)
        (tmp_path / "frag.conf").write_text('zone "a" { type primary; file "x"; };\n')
        assert run("check", "frag.conf", cwd=tmp_path).code == INCOMPLETE

    def test_a_root_of_the_settings_that_is_gone(self, tmp_path: Path) -> None:
        (tmp_path / "named-audit.toml").write_text('roots = ["namd.conf"]\n')
        (tmp_path / "frag.conf").write_text('zone "a" { type primary; file "x"; };\n')
        assert run("check", "frag.conf", cwd=tmp_path).code == INCOMPLETE

    def test_a_directory_with_a_template(self, tmp_path: Path) -> None:
        (tmp_path / "ok.conf").write_text("options { };\n")
        (tmp_path / "np.conf").write_text("{% x %} options { };\n")
        assert run("check", ".", cwd=tmp_path).code == INCOMPLETE

    def test_a_literal_path_that_exists_means_what_it_says(self, tmp_path: Path) -> None:
        (tmp_path / "conf").mkdir()
        (tmp_path / "zones").mkdir()
        zones = tmp_path / "zones" / "my.zones"
        zones.write_text('zone "a" { type primary; file "x"; allow-transfer { any; }; };\n')
        (tmp_path / "conf" / "my.zones").write_text("// old\n")
        (tmp_path / "conf" / "named.conf").write_text(f'include "{zones}";\n')
        assert run("check", tmp_path / "conf" / "named.conf").code == FINDINGS

    def test_a_rule_that_exits(self, tmp_path: Path) -> None:
        folder = tmp_path / "leaving_early"
        folder.mkdir()
        (folder / "rule.py").write_text(
            '"""It leaves."""\nfrom named_audit.lint.contract import Rule, Severity\n'
            'RULE = Rule(severity=Severity.LOW, audience="regular", since="0.1.0")\n'
            "def check_config(config, audit):\n    raise SystemExit(0)\n"
        )
        assert check(CLOSED, tmp_path, "--rules", str(tmp_path)).code == INCOMPLETE

    def test_diff_speaks_of_the_files_as_they_are(self, tmp_path: Path) -> None:
        path = tmp_path / "named.conf"
        path.write_text(CLOSED.replace("primary", "master"))
        arguments = ("--bind-version", "9.18", "--audience", "pedantic", "--fail-on", "info", "--diff", path)
        assert run("check", *arguments).code == FINDINGS
        assert run("check", "--format", "json", "--diff", path).code == USAGE

    def test_output_never_replaces_an_audited_file(self, tmp_path: Path) -> None:
        path = tmp_path / "named.conf"
        path.write_text(CLOSED)
        assert run("check", "--output", path, path).code == USAGE
        assert path.read_text() == CLOSED

    def test_a_refused_write_still_reports(self, tmp_path: Path) -> None:
        path = tmp_path / "named.conf"
        path.write_text(TestFixing.TEXT)
        path.chmod(0o440)
        ran = run("check", "--fix", "--unsafe-fixes", "--format", "json", path)
        assert ran.code == INCOMPLETE
        assert "transfer-address-or-key" in [finding["rule"] for finding in ran.json["findings"]]
        assert "nothing was written" in ran.err


class TestContracts:
    """What formats, exit codes, ignores and settings promise."""

    OPEN = 'zone "a" { type primary; file "a"; allow-transfer { any; }; };\n'

    @pytest.mark.parametrize("mark", ["named-audit: ignore", "Named-Audit: Ignore", "NAMED-AUDIT:IGNORE"])
    def test_an_ignore_in_any_case(self, mark: str, tmp_path: Path) -> None:
        text = f"// {mark}[Transfer-Open] public\n{self.OPEN}"
        ran = check(text, tmp_path)
        assert (ran.code, ran.found, ran.json["counts"]["ignored"]) == (CLEAN, [], 1)

    @pytest.mark.parametrize(
        ("text", "arguments", "unused"),
        [
            ("", (), 1),
            ("", ("--as-fragment",), 0),
            ('include "/nowhere.conf";\n', (), 0),
            ("", ("--bind-version", "9.20"), 0),
            ("", ("--bind-version", "9.18"), 0),
        ],
    )
    def test_unused_only_where_that_is_known(
        self, text: str, arguments: tuple[str, ...], unused: int, tmp_path: Path
    ) -> None:
        """Silent in fragments, where something was not read, and where another release would use it."""
        text = (
            f'{text}options {{ directory "/"; }};\n// named-audit: ignore[transfer-open-by-default] why\n'
            'zone "a" { type primary; file "a"; allow-transfer { none; }; };\n'
        )
        assert [rule for rule, _, _ in check(text, tmp_path, *arguments).found] == ["unused-ignore"] * unused

    def test_an_ignore_of_a_rule_that_is_the_same_everywhere_is_unused_for_a_release_too(
        self, tmp_path: Path
    ) -> None:
        text = '// named-audit: ignore[transfer-open] why\nzone "a" { type primary; file "a"; allow-transfer { none; }; };\n'
        ran = check(text, tmp_path, "--bind-version", "9.20")
        assert [rule for rule, _, _ in ran.found] == ["unused-ignore"]

    @pytest.mark.parametrize("format_", ["json", "sarif"])
    def test_a_failed_write_is_a_problem(self, format_: str, tmp_path: Path) -> None:
        path = tmp_path / "named.conf"
        key = 'key "k1" { algorithm hmac-sha256; secret "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\n'
        path.write_text(key + self.OPEN.replace("any;", "any; key k1;"))
        path.chmod(0o444)
        ran = run("check", "--fix", "--unsafe-fixes", "--format", format_, path)
        assert ran.code == INCOMPLETE
        if format_ == "json":
            assert ran.json["complete"] is False
            (problem,) = ran.json["problems"]
            assert problem["kind"] == "write"
            assert problem["message"].startswith("nothing was written:")
        else:
            (one,) = ran.json["runs"]
            assert one["invocations"][0]["executionSuccessful"] is False

    def test_a_map_that_matches_nothing_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "named-audit.toml").write_text('map = {"etc" = "dns"}\n')
        ran = run("check", "named.conf", cwd=tmp_path)
        assert ran.code == USAGE
        assert "'etc' matches nothing: write the absolute path" in ran.err

    @pytest.mark.parametrize(
        ("redirect", "said"), [(">&-", "it is closed"), (">/dev/full", "No space left on device")]
    )
    def test_a_standard_output_that_takes_nothing(self, redirect: str, said: str, tmp_path: Path) -> None:
        path = tmp_path / "named.conf"
        path.write_text(self.OPEN)
        command = f"{sys.executable} -m named_audit check {path} {redirect}"
        ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (
            USAGE,
            f"named-audit: cannot write to standard output: {said}\n",
        )

    def test_github_counts_paths_from_the_top_of_the_repository(self, tmp_path: Path) -> None:
        for folder in (".git", "zones", "sub"):
            (tmp_path / folder).mkdir()
        (tmp_path / "zones" / "a.conf").write_text(self.OPEN)
        ran = run("check", "--format", "github", "--as-root", "../zones/a.conf", cwd=tmp_path / "sub")
        assert ran.out.startswith("::error file=zones/a.conf,line=1,")

    @pytest.mark.parametrize(("cwd", "given"), [(".", "link.conf"), ("sub", "../link.conf")])
    def test_a_diff_names_the_file_and_not_the_link(self, cwd: str, given: str, tmp_path: Path) -> None:
        for folder in (".git", "zones", "sub"):
            (tmp_path / folder).mkdir()
        key = 'key "k1" { algorithm hmac-sha256; secret "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\n'
        (tmp_path / "zones" / "a.conf").write_text(key + "\n" * 5 + self.OPEN.replace("any;", "any; key k1;"))
        (tmp_path / "link.conf").symlink_to("zones/a.conf")
        ran = run("check", "--diff", "--unsafe-fixes", "--as-root", given, cwd=tmp_path / cwd)
        subprocess.run(["patch", "-p1"], input=ran.out.encode(), cwd=tmp_path, check=True)
        assert "allow-transfer { key k1; };" in (tmp_path / "zones" / "a.conf").read_text()


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("named.conf", True),
        ("etc/bind/named.conf.default-zones", True),
        ("dns/zones/a.conf", True),
        ("etc/bind/zones.rfc1918", True),
        ("etc/named.rfc1912.zones", True),
        ("bind/tsig.key", True),
        ("bind/keys/Kexample.net.+013+12345.key", False),
        ("bind/Kexample.net.+008+00001.private", False),
        ("bind/Kexample.net.+008+00001.state", False),
        ("etc/bind/rndc.conf", False),
        ("bind/named.conf.j2", False),
        ("nginx/site.conf", False),
    ],
)
def test_what_the_hook_is_given(path: str, given: bool) -> None:
    text = (Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_text()
    files, exclude = (
        next(line.split(": ", 1)[1] for line in text.splitlines() if line.startswith(f"  {name}: "))
        for name in ("files", "exclude")
    )
    assert (re.search(files, path) is not None and re.search(exclude, path) is None) is given
