"""An untouched Debian configuration."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.audit_cli import CLEAN, run

PARTS = ("named.conf", "named.conf.options", "named.conf.local", "named.conf.default-zones", "zones.rfc1918")

# The structure of Debian's files; the package's own are used too where they are installed.
FILES = {
    "named.conf": 'include "/etc/bind/named.conf.options";\ninclude "/etc/bind/named.conf.local";\n'
    'include "/etc/bind/named.conf.default-zones";\n',
    "named.conf.options": 'options {\n\tdirectory "/var/cache/bind";\n\n\tdnssec-validation auto;\n\n'
    "\tlisten-on-v6 { any; };\n};\n",
    "named.conf.local": '//\n// Do any local configuration here\n//\n\n//include "/etc/bind/zones.rfc1918";\n',
    "named.conf.default-zones": 'zone "." {\n\ttype hint;\n\tfile "/usr/share/dns/root.hints";\n};\n'
    + "".join(
        f'zone "{zone}" {{\n\ttype master;\n\tfile "/etc/bind/db.{file}";\n}};\n'
        for zone, file in (
            ("localhost", "local"),
            ("127.in-addr.arpa", "127"),
            ("0.in-addr.arpa", "0"),
            ("255.in-addr.arpa", "255"),
        )
    ),
}


@pytest.fixture(params=["described", "installed"])
def debian(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of Debian's /etc/bind in a scratch tree."""
    bind = tmp_path / "etc" / "bind"
    bind.mkdir(parents=True)
    if request.param == "described":
        for name, text in FILES.items():
            (bind / name).write_text(text)
        return tmp_path
    if (
        not Path("/usr/share/bind9/named.conf.options").exists()
        and not Path("/etc/bind/named.conf.default-zones").exists()
    ):
        pytest.skip("Debian's bind9 is not installed")
    for part in PARTS:
        if Path("/etc/bind", part).exists():
            shutil.copy(Path("/etc/bind", part), bind / part)
    return tmp_path


@pytest.mark.parametrize("release", ["9.18", "9.20"])
def test_clean_for_the_regular_audience(debian: Path, release: str) -> None:
    ran = run("check", "--format", "json", "--bind-version", release, "etc/bind/named.conf", cwd=debian)
    assert (ran.code, ran.found, ran.json["problems"]) == (CLEAN, [], [])
    assert ran.json["counts"]["zones"] == 5


def test_the_stock_zones_are_for_the_auditor(debian: Path) -> None:
    arguments = (
        "check",
        "--format",
        "json",
        "--audience",
        "auditor",
        "--select",
        "transfer-*",
        "etc/bind/named.conf",
    )
    (finding,) = run(*arguments, "--bind-version", "9.18", cwd=debian).json["findings"]
    assert (finding["rule"], finding["audience"], finding["severity"]) == (
        "transfer-open-by-default",
        "auditor",
        "info",
    )
    assert [scope["zone"] for scope in finding["scopes"]] == [
        "localhost",
        "127.in-addr.arpa",
        "0.in-addr.arpa",
        "255.in-addr.arpa",
    ]
    assert finding["path"] == "etc/bind/named.conf.options"
    assert run(*arguments, "--bind-version", "9.20", cwd=debian).json["findings"] == []


def test_a_zone_of_ones_own_is_exposed(debian: Path) -> None:
    local = debian / "etc" / "bind" / "named.conf.local"
    local.write_text(local.read_text() + 'zone "a.example" { type primary; file "a"; };\n')
    ran = run("check", "--format", "json", "--bind-version", "9.18", "etc/bind/named.conf", cwd=debian)
    (finding,) = ran.json["findings"]
    assert finding["rule"] == "transfer-open-by-default"
    assert [scope["zone"] for scope in finding["scopes"]] == ["a.example"]
