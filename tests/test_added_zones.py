"""Zones that rndc added are read from named's own files for them, as zones of their view."""

from __future__ import annotations

import hashlib
from pathlib import Path

import dns.rcode
import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import run
from tests.bind_server import ZONE_FILE, options_block, running_named

ADDED = '# New zone file for view: _default\nzone "added.example" { type primary; file "z"; allow-transfer { any; }; };\n'


def load(text: str, files: dict[str, str]) -> Config:
    """A configuration in /srv."""
    held = {"/srv/named.conf": text.encode()} | {path: content.encode() for path, content in files.items()}
    return load_config("/srv/named.conf", MemoryHost(held), ReadOptions())


def zones(config: Config) -> list[tuple[str, str | None]]:
    """Name and view of each zone."""
    return [(zone.canonical, zone.view.name) for zone in config.zones]


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ("", "/srv/_default.nzf"),
        ('directory "/var/cache/bind";', "/var/cache/bind/_default.nzf"),
        ('new-zones-directory "/var/lib/bind";', "/var/lib/bind/_default.nzf"),
        ('directory "/var/cache/bind"; new-zones-directory "new";', "/var/cache/bind/new/_default.nzf"),
        ("", f"/srv/{hashlib.sha256(b'_default').hexdigest()[:16]}.nzf"),
    ],
)
def test_the_default_view(options: str, path: str) -> None:
    config = load(f"options {{ {options} allow-new-zones yes; }};\n", {path: ADDED})
    assert config.problems == []
    assert zones(config) == [("added.example", None)]
    assert [note for note in config.tree.notes if "rndc modzone" in note] == [
        f"{path} has 1 zone that rndc added: change them with rndc modzone"
    ]


@pytest.mark.parametrize("options", ["", "allow-new-zones no;"])
def test_only_where_named_reads_them(options: str) -> None:
    config = load(f"options {{ {options} }};\n", {"/srv/_default.nzf": ADDED})
    assert zones(config) == []


def test_each_view_has_its_own() -> None:
    """A name with capitals has its file under a digest of it."""
    digest = hashlib.sha256(b"Out").hexdigest()
    text = (
        "options { allow-new-zones yes; };\n"
        'view in { zone "a.example" { type primary; file "a"; }; };\n'
        "view Out { };\nview no { allow-new-zones no; };\n"
    )
    files = {"/srv/in.nzf": ADDED, "/srv/Out.nzf": ADDED.replace("added", "wrong"), "/srv/no.nzf": ADDED}
    files[f"/srv/{digest[:16]}.nzf"] = ADDED.replace("added", "hashed")
    assert zones(load(text, files)) == [
        ("a.example", "in"),
        ("added.example", "in"),
        ("hashed.example", "Out"),
    ]


def test_a_broken_file_is_a_problem() -> None:
    config = load("options { allow-new-zones yes; };\n", {"/srv/_default.nzf": 'zone "a" { type primary;\n'})
    assert {problem.path for problem in config.problems} == {"/srv/_default.nzf"}


def test_findings_stand_there_and_nothing_is_written_there(tmp_path: Path) -> None:
    (tmp_path / "named.conf").write_text("options { allow-new-zones yes; allow-transfer { none; }; };\n")
    (tmp_path / "_default.nzf").write_text(ADDED)
    path = tmp_path / "named.conf"
    found = run("check", path, "--format", "json", "--select", "transfer-open").json["findings"]
    assert [(each["path"], each["start"]["line"]) for each in found] == [(str(tmp_path / "_default.nzf"), 2)]
    ran = run("check", path, "--select", "transfer-open", "--fix", "--unsafe-fixes")
    assert ran.code == 1
    assert (tmp_path / "_default.nzf").read_text() == ADDED


@pytest.mark.bind
def test_named_serves_them_as_read_here(tmp_path: Path) -> None:
    text = options_block("\tallow-new-zones yes;\n\tallow-transfer { none; };\n")
    view = 'view "Two" { allow-new-zones yes; };\n'
    name = f"{hashlib.sha256(b'Two').hexdigest()[:16]}.nzf"
    for number, (conf, file) in enumerate(((text, "_default.nzf"), (text + view, name))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "named.conf").write_text(conf)
        (folder / file).write_text(ADDED)
        row = run("who", folder / "named.conf", "--format", "json", "--bind-version", "9.18").json["zones"][0]
        assert row["zone"] == "added.example"
        with running_named(folder, conf, files={"z": ZONE_FILE}) as server:
            assert server.axfr_rcode("added.example") == dns.rcode.NOERROR
        # A named with LMDB has taken the file over: from then on there is nothing to read here.
