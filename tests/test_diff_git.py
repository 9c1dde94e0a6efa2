"""`named-audit diff --git`: a configuration as it was in a revision, and nothing of the repository's own is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from named_audit.git_host import GitError, GitHost
from named_audit.host import LocalHost, ReadError
from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, USAGE, run

SAME = "same: nobody gains or loses a zone\n"


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody, with no settings but the repository's."""
    ran = subprocess.run(
        ["git", "-c", "user.name=Test", "-c", "user.email=test@example.org", *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def commit(folder: Path, message: str) -> None:
    """Commit everything there is."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


def conf(transfer: str, more: str = "") -> str:
    """A configuration with one zone."""
    return (
        f"{more}options {{ notify no; }};\n"
        f'zone "example.org" {{ type primary; file "example.org"; allow-transfer {{ {transfer} }}; }};\n'
    )


def change(gained: str, lost: str) -> str:
    """What is said where one address replaces another."""
    return (
        "example.org: transfer gained and lost\n"
        f"  + transfer: {gained}, without a key\n"
        f"  - transfer: {lost}, without a key\n"
        "\n"
        "different: zones: 1 changed\n"
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """192.0.2.1 in `first`, 192.0.2.2 in `second`, 192.0.2.3 in the working tree: etc/named.conf."""
    top = tmp_path / "top"
    (top / "etc").mkdir(parents=True)
    git(top, "init", "-q", "-b", "trunk")
    for number, name in ((1, "first"), (2, "second")):
        (top / "etc/named.conf").write_text(conf(f"192.0.2.{number};"))
        commit(top, name)
        git(top, "tag", name)
    (top / "etc/named.conf").write_text(conf("192.0.2.3;"))
    return top


def test_a_revision_and_the_working_tree(repository: Path) -> None:
    for path, cwd in (
        ("etc/named.conf", "."),
        ("etc", "."),
        (".", "."),
        ("named.conf", "etc"),
        (".", "etc"),
        ("../etc/named.conf", "etc"),
        (repository / "etc/named.conf", "etc"),
        (repository, "."),
    ):
        for revision, before in (("first", "192.0.2.1"), ("second", "192.0.2.2"), ("HEAD", "192.0.2.2")):
            ran = run("diff", "--git", revision, path, cwd=repository / cwd)
            assert (ran.code, ran.out, ran.err) == (FINDINGS, change("192.0.2.3", before), "")
    assert run("diff", "--git", "HEAD", cwd=repository).out == change("192.0.2.3", "192.0.2.2")
    git(repository, "checkout", "-q", ".")
    assert run("diff", "--git", "HEAD", cwd=repository)[:2] == (CLEAN, SAME)
    # What is not committed counts, be it known to git or not.
    (repository / "etc/named.conf").write_text(conf("192.0.2.2;", 'include "etc/extra.conf";\n'))
    (repository / "etc/extra.conf").write_text(
        'zone "new.example" { type primary; file "n"; allow-transfer { none; }; };\n'
    )
    ran = run("diff", "--git", "HEAD", "etc/named.conf", cwd=repository)
    assert (ran.code, ran.out) == (
        FINDINGS,
        "new.example: zone added\n\ndifferent: zones: 1 added\n",
    )


def test_two_revisions(repository: Path) -> None:
    forward = change("192.0.2.2", "192.0.2.1")
    for arguments in (
        ("--git", "first..second"),
        ("--git", "first", "--git", "second"),
        ("--git", "HEAD~..HEAD"),
    ):
        ran = run("diff", *arguments, "etc", cwd=repository)
        assert (ran.code, ran.out, ran.err) == (FINDINGS, forward, "")
    ran = run("diff", "--git", "second..first", "etc", cwd=repository)
    assert ran.out == change("192.0.2.1", "192.0.2.2")
    assert run("diff", "--git", "second..HEAD", cwd=repository)[:2] == (CLEAN, SAME)
    ran = run("diff", "--git", "first..second", "--format", "json", cwd=repository)
    assert [each["zone"] for each in ran.json["zones"]] == ["example.org"]


def test_roots_of_the_settings(repository: Path) -> None:
    (repository / "etc/other.conf").write_text(conf("192.0.2.9;"))
    (repository / "named-audit.toml").write_text('roots = ["etc/named.conf"]\n')
    for cwd in (repository, repository / "etc"):
        assert run("diff", "--git", "HEAD", cwd=cwd).out == change("192.0.2.3", "192.0.2.2")


def test_usage(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.conf").write_text(conf("192.0.2.1;"))
    top = repository
    for arguments, said in (
        (("--git", "nowhere"), "there is no revision 'nowhere'"),
        (("--git", "first..nowhere"), "there is no revision 'nowhere'"),
        (("--git", "--help", "etc"), "'--help' is not a revision"),
        (("--git", "-x"), "'-x' is not a revision"),
        (("--git", "^HEAD"), "'^HEAD' is not a revision"),
        (("--git", "HEAD:etc"), "there is no revision 'HEAD:etc'"),
        (("--git", ""), "--git takes one revision, or two: --git A --git B, or --git A..B"),
        (("--git", "first.."), "--git takes one revision, or two: --git A --git B, or --git A..B"),
        (("--git", "first...second"), "--git takes one revision, or two: --git A --git B, or --git A..B"),
        (("--git", "a", "--git", "b", "--git", "c"), "--git takes one revision, or two"),
        (("--git", "first", "etc", "etc"), "with --git, one PATH is compared with itself"),
        (("--git", "first", "../outside.conf"), f"../outside.conf is not in the repository {top}"),
        (("--git", "first", "/etc"), f"/etc is not in the repository {top}"),
        (("--git", "first", "-"), f"- is not in the repository {top}"),
        (("--git", "first", "/dev/stdin"), f"/dev/stdin is not in the repository {top}"),
    ):  # fmt: skip
        ran = run("diff", *arguments, cwd=top)
        assert (ran.code, ran.out) == (USAGE, ""), arguments
        assert ran.err.startswith(f"named-audit: {said}"), ran.err
        assert ran.err.count("\n") == 1
    ran = run("diff", "--git", "HEAD", "outside.conf", cwd=tmp_path)
    assert ran.code == USAGE
    assert "not a git repository" in ran.err
    ran = run("diff", "--git", "HEAD", cwd=top, env={"PATH": "/nonexistent"})
    assert (ran.code, ran.err) == (USAGE, "named-audit: there is no git on this machine\n")


def test_a_link_out_of_the_repository_is_no_revision(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.conf").write_text(conf("192.0.2.1;"))
    (repository / "linked.conf").symlink_to(tmp_path / "outside.conf")
    commit(repository, "a link out")
    ran = run("diff", "--git", "HEAD", "linked.conf", cwd=repository)
    assert ran.code == USAGE
    assert ran.err.startswith("named-audit: linked.conf is not in the repository")


def test_a_path_that_a_revision_lacks(repository: Path) -> None:
    (repository / "new.conf").write_text(conf("192.0.2.1;"))
    for path in ("new.conf", "none.conf", "etc/named.conf/x"):
        ran = run("diff", "--git", "HEAD", path, cwd=repository)
        assert ran.code == INCOMPLETE
        assert f"HEAD:{path}: not read[read] cannot read {path}: no such file\n" in ran.err
    ran = run("diff", "--git", "HEAD", "new.conf", cwd=repository)
    assert ran.out.endswith("INCOMPLETE: 1 problem; this is not the whole answer.\n")
    ran = run("diff", "--git", "first..second", "new.conf", "--format", "json", cwd=repository)
    assert ran.code == INCOMPLETE
    assert [problem["path"] for problem in ran.json["problems"]] == ["first:new.conf", "second:new.conf"]
    # An empty revision has no root at all.
    (repository / "new.conf").unlink()
    git(repository, "checkout", "-q", "--orphan", "empty")
    git(repository, "rm", "-rqf", ".")
    commit(repository, "nothing")
    ran = run("diff", "--git", "empty..second", cwd=repository)
    assert ran.code == INCOMPLETE
    assert ran.err.startswith("empty:.: not read[read] no root found in .")


def test_includes_come_from_the_revision(repository: Path) -> None:
    main = 'include "acls.conf";\ninclude "zones/*.conf";\ninclude "/etc/bind/keys.conf";\n'
    zone = 'zone "z{0}.example" {{ type primary; notify no; file "z"; allow-transfer {{ near; }}; }};\n'
    etc = repository / "etc"
    (etc / "zones").mkdir()
    (etc / "named.conf").write_text(main)
    (etc / "acls.conf").write_text("acl near { 192.0.2.1; };\n")
    (etc / "zones/1.conf").write_text(zone.format(1))
    (etc / "zones/2.conf").write_text(zone.format(2))
    (etc / "bind").mkdir()
    (etc / "bind/keys.conf").write_text('key k { algorithm hmac-sha256; secret "b25lIHNlY3JldA=="; };\n')
    commit(repository, "split")
    (etc / "acls.conf").write_text("acl near { 192.0.2.2; };\n")
    (etc / "zones/2.conf").unlink()
    (etc / "zones/3.conf").write_text(zone.format(3))
    commit(repository, "changed")
    expected = (
        "z3.example: zone added\n"
        "  + transfer: 192.0.2.2, without a key\n\n"
        "z1.example: transfer gained and lost\n"
        "  + transfer: 192.0.2.2, without a key\n"
        "  - transfer: 192.0.2.1, without a key\n\n"
        "z2.example: zone removed\n"
        "  - transfer: 192.0.2.1, without a key\n\n"
        "different: zones: 1 added, 1 removed, 1 changed\n"
    )
    for arguments, cwd in (
        (("HEAD~..HEAD", "etc"), "."),
        (("HEAD~", "."), "etc"),
        (("HEAD~", "etc/named.conf"), "."),
    ):
        ran = run("diff", "--git", *arguments, cwd=repository / cwd)
        assert (ran.code, ran.out, ran.err) == (FINDINGS, expected, "")
    # What a revision lacks is not made up for by the working tree.
    (etc / "late.conf").write_text("acl late { any; };\n")
    (etc / "named.conf").write_text(main + 'include "late.conf";\n')
    git(repository, "add", "etc/named.conf")
    git(repository, "commit", "-qm", "without its include")
    ran = run("diff", "--git", "HEAD", "etc", cwd=repository)
    assert ran.code == INCOMPLETE
    assert ran.err.startswith("HEAD:etc/named.conf:4:1: not read[include] cannot read include")


def test_zone_files_come_from_the_revision(repository: Path) -> None:
    etc = repository / "etc"
    (etc / "named.conf").write_text(
        'zone "example.org" { type primary; file "db"; allow-transfer { none; }; };\n'
    )
    soa = "$TTL 60\n@ SOA ns1 admin 1 3600 600 86400 60\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\n"
    (etc / "db").write_text(soa + "ns2 A 192.0.2.2\n")
    commit(repository, "zone file")
    (etc / "db").write_text(soa + "ns2 A 192.0.2.3\n")
    ran = run("diff", "--git", "HEAD", "etc", cwd=repository)
    assert ran.out == (
        "example.org: NOTIFY changed\n  + NOTIFY: 192.0.2.3 unsigned\n  - NOTIFY: 192.0.2.2 unsigned\n\n"
        "different: zones: 1 changed\n"
    )


def test_symbolic_links_lead_where_they_led(repository: Path) -> None:
    (repository / "envs/prod").mkdir(parents=True)
    (repository / "envs/test").mkdir()
    (repository / "envs/common.conf").write_text("acl near { 192.0.2.1; };\n")
    # A decoy: where .. would lead from the link's own place.
    (repository / "common.conf").write_text("acl near { 192.0.2.99; };\n")
    for name in ("prod", "test"):
        (repository / "envs" / name / "named.conf").write_text(conf("near;", 'include "../common.conf";\n'))
    (repository / "current").symlink_to("envs/prod")
    (repository / "current.conf").symlink_to("current/named.conf")
    commit(repository, "links")
    for path in ("current", "current/named.conf"):
        ran = run("diff", "--git", "HEAD", path, cwd=repository)
        assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, "")
    # Includes are looked for around the link, not around the file that it leads to, on both sides.
    ran = run("diff", "--git", "HEAD", "current.conf", cwd=repository)
    assert ran.code == INCOMPLETE
    missing = 'current.conf:1:1: not read[include] cannot read include "../common.conf"'
    assert [line.startswith(missing) for line in ran.err.splitlines()] == [False, True]
    assert ran.err.startswith(f"HEAD:{missing}")
    (repository / "envs/common.conf").write_text("acl near { 192.0.2.2; };\n")
    ran = run("diff", "--git", "HEAD", "current", cwd=repository)
    assert (ran.code, ran.out) == (FINDINGS, change("192.0.2.2", "192.0.2.1"))
    git(repository, "checkout", "-q", "envs")
    # The link itself changes.
    (repository / "envs/test/named.conf").write_text(conf("192.0.2.7;"))
    (repository / "current").unlink()
    (repository / "current").symlink_to("envs/test")
    ran = run("diff", "--git", "HEAD", "current", cwd=repository)
    assert (ran.code, ran.out) == (FINDINGS, change("192.0.2.7", "192.0.2.1"))


def test_the_host_resolves_paths_as_the_system_does(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("outside")
    (outside / "back").symlink_to(repository / "a")
    (repository / "a/b").mkdir(parents=True)
    (repository / "a/file").write_text("a/file")
    (repository / "a/b/file").write_text("a/b/file")
    for name, target in (
        ("down", "a/b"),
        ("twice", "down"),
        ("up", "a/b/../.."),
        ("top", str(repository)),
        ("out", str(outside)),
        ("dangling", "a/none"),
        ("loop", "loop"),
        ("one", "other"),
        ("other", "one"),
        ("out-and-in", str(outside / "back")),
        ("a/sideways", "../down/file"),
    ):
        (repository / name).symlink_to(target)
    commit(repository, "links")
    monkeypatch.chdir(repository / "a")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    local, then = LocalHost(), GitHost("HEAD", LocalHost())
    try:
        for path in (
            "file", "../a/file", "./b//file", "../down/file", "../down/../file", "../twice/../file", "../up/a/file",
            "../top/a/b/file", "../out/file", "../out/back/file", "../out/back/b/../file", "../out-and-in/b/file",
            "../dangling", "../loop", "../loop/x", "../one", "sideways", "../none", "..", "../..",
            "../down", "../up", "../out", "b", str(outside / "back/file"), str(outside), "/", "/etc/passwd",
            "../etc/named.conf", "../top/top/top/a", "b/../../down/../../a/file",
        ):  # fmt: skip
            assert then.exists(path) == local.exists(path), path
            assert then.is_dir(path) == local.is_dir(path), path
            if "loop" not in path and path != "../one":
                assert then.realpath(path) == local.realpath(path), path
            if path != "/":
                names = [name for name in local.listdir(path) if name != ".git"]
                assert then.listdir(path) == names, path
            contents = []
            for host in (then, local):
                try:
                    contents.append(host.read(path))
                except ReadError as error:
                    contents.append(f"missing {error.missing}".encode())
            assert contents[0] == contents[1] or path == "../loop/x", path
        assert then.exists("../.git")
        assert then.cwd() == local.cwd()
        assert then.read_regular("file", 6) == b"a/file"
        with pytest.raises(ReadError, match="larger"):
            then.read_regular("file", 5)
        assert then.read("file") == b"a/file"
    finally:
        then.close()


def test_submodules_are_not_empty_folders(repository: Path, tmp_path: Path) -> None:
    module = tmp_path / "origin"
    module.mkdir()
    git(module, "init", "-q")
    (module / "named.conf").write_text(conf("192.0.2.1;"))
    (module / "acls.conf").write_text("acl near { 192.0.2.1; };\n")
    commit(module, "module")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(module), "module")
    (repository / "etc/named.conf").write_text(conf("near;", 'include "module/acls.conf";\n'))
    commit(repository, "with a submodule")
    said = "what a submodule holds is not in HEAD\n"
    for path, at, what in (
        (".", "module", "module"),
        ("module", "module", "module"),
        ("module/named.conf", "module/named.conf", "module/named.conf"),
        ("etc", "etc/named.conf:1:1", 'include "module/acls.conf"'),
    ):
        ran = run("diff", "--git", "HEAD..HEAD", path, cwd=repository)
        assert ran.code == INCOMPLETE, path
        kind = "include" if what.startswith("include") else "read"
        expected = f"HEAD:{at}: not read[{kind}] cannot read {what}: {said}"
        assert expected in ran.err.replace("./", ""), path
    # Where a pattern finds something else too, what the submodule has is still missed.
    for pattern in ("*/acls.conf", "*/*.conf", "mod*/a*", "module/*"):
        (repository / "etc/acls.conf").write_text("acl near { none; };\n")
        (repository / "etc/main").write_text(conf("near;", f'include "{pattern}";\n'))
        commit(repository, "by a pattern")
        ran = run("diff", "--git", "HEAD..HEAD", "etc/main", cwd=repository)
        assert ran.code == INCOMPLETE, pattern
        assert said in ran.err


ODD = (
    "with space",
    "tab\tand\nline",
    "quote'\"`$(touch x)",
    "\udcff\udcfe",
    "-rf",
    "ünï",
    "a\\b",
    "[x]",
    ":(glob)",
)


@pytest.mark.parametrize("name", ODD)
def test_odd_names(name: str, repository: Path) -> None:
    folder = repository / name
    folder.mkdir()
    (folder / "named.conf").write_text(conf("192.0.2.1;", 'include "part.conf";\n'))
    (folder / "part.conf").write_text("acl unused { none; };\n")
    commit(repository, "odd")
    (folder / "named.conf").write_text(conf("192.0.2.2;"))
    for path in (f"./{name}", f"./{name}/named.conf"):
        ran = run("diff", "--git", "HEAD", path, cwd=repository)
        assert (ran.code, ran.out, ran.err) == (FINDINGS, change("192.0.2.2", "192.0.2.1"), "")
    assert not (repository / "x").exists()


def test_nothing_that_the_repository_names_is_run(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\nexec cat\n")
    trap.chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (hooks / hook).symlink_to(trap)
    (repository / ".gitattributes").write_text(
        "* diff=trap filter=trap merge=trap working-tree-encoding=UTF-8\n"
    )
    commit(repository, "attributes")
    for setting in (
        "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy", "pager.ls-tree",
        "pager.cat-file", "pager.rev-parse", "diff.external", "diff.trap.textconv", "diff.trap.command",
        "filter.trap.smudge", "filter.trap.clean", "filter.trap.process", "credential.helper", "gpg.program",
        "alias.cat-file", "alias.ls-tree", "alias.rev-parse", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
    ):  # fmt: skip
        value = f"!{trap}" if setting.startswith(("alias", "credential")) else str(trap)
        git(repository, "config", setting, value)
    git(repository, "config", "core.hooksPath", str(hooks))
    ran = run("diff", "--git", "first", "etc", cwd=repository, env={"HOME": str(tmp_path)})
    assert (ran.code, ran.out, ran.err) == (FINDINGS, change("192.0.2.3", "192.0.2.1"), "")
    assert not (tmp_path / "sprung").exists()
    # The trap works: git itself springs it.
    git(repository, "status")
    assert (tmp_path / "sprung").exists()


def test_nothing_is_fetched(repository: Path, tmp_path: Path) -> None:
    """A partial clone lacks files, and fetches them with a program that its settings name."""
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\ntouch {tmp_path}/sprung\nexec git-upload-pack "$@"\n')
    trap.chmod(0o755)
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(
        tmp_path, "-c", "protocol.file.allow=always", "clone", "-q", "--filter=blob:none", "--no-checkout",
        f"file://{repository}", str(clone),
    )  # fmt: skip
    git(clone, "config", "remote.origin.uploadpack", str(trap))
    git(clone, "config", "protocol.file.allow", "always")
    ran = run("diff", "--git", "origin/trunk~..origin/trunk", "etc", cwd=clone)
    assert ran.code == INCOMPLETE
    assert "cannot read etc/named.conf: git has lost it in origin/trunk" in ran.err
    assert not (tmp_path / "sprung").exists()


def test_within_a_hook(repository: Path) -> None:
    """git tells its hooks where the repository is, in terms of the folder that they start in."""
    (repository / "named.conf").write_text(conf("192.0.2.77;"))
    commit(repository, "a decoy at the top")
    (repository / "etc/named.conf").write_text(conf("192.0.2.4;"))
    environment = {"GIT_DIR": str(repository / ".git"), "GIT_INDEX_FILE": "none", "GIT_PREFIX": "x/"}
    ran = run("diff", "--git", "first", "named.conf", cwd=repository / "etc", env=environment)
    assert (ran.code, ran.out) == (FINDINGS, change("192.0.2.4", "192.0.2.1"))


def test_other_worktrees(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"), "first")
    assert run("diff", "--git", "first", cwd=tmp_path / "tree")[:2] == (CLEAN, SAME)
    assert run("diff", "--git", "second", cwd=tmp_path / "tree").out == change("192.0.2.1", "192.0.2.2")


def test_a_thousand_files_take_one_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        (repository / f"etc/{number}.conf").write_text(f"acl a{number} {{ none; }};\n")
    commit(repository, "many")
    monkeypatch.chdir(repository)
    started = []
    popen = subprocess.Popen

    def counted(*arguments: object, **options: object) -> object:
        started.append(arguments)
        return popen(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", counted)
    host = GitHost("HEAD", LocalHost())
    try:
        for number in range(300):
            assert host.read(f"etc/{number}.conf") == f"acl a{number} {{ none; }};\n".encode()
    finally:
        host.close()
    assert len(started) == 4


def test_the_host_outlives_its_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    host = GitHost("first", LocalHost())
    assert host.read("etc/named.conf") == conf("192.0.2.1;").encode()
    host.close()
    assert host.read("etc/named.conf") == conf("192.0.2.1;").encode()
    process = host._objects
    assert process is not None
    process.kill()
    process.wait()
    with pytest.raises(GitError, match="git has ended before its time"):
        host.read("etc/named.conf")
    host.close()


def test_a_revision_that_named_refuses_is_named(repository: Path) -> None:
    path = repository / "etc" / "named.conf"
    path.write_text("options { recursion maybe; };\n")
    commit(repository, "refused")
    path.write_text("options { recursion no; };\n")
    ran = run("diff", "--git", "HEAD", "etc/named.conf", cwd=repository)
    assert (ran.code, ran.out) == (CLEAN, SAME)
    assert ran.err.startswith("note: named refuses HEAD:") and "named.conf as it stands" in ran.err
    assert ran.err.count("\n") == 1
