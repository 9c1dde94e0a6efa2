"""Options that named-checkconf accepts and named does not start with, each tried on both."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.audit_cli import check
from tests.bind_server import StartError, options_block, running_named

pytestmark = pytest.mark.bind

UNIX = options_block().replace("controls { };", 'controls { unix "ctl" perm 0600 owner 0 group 0; };')

FAILS = {
    "a control channel on a Unix socket": (UNIX, "unix"),
    "tkey-domain": (options_block('tkey-domain "a..b";\n'), "tkey-domain"),
    "validate-except": (options_block('validate-except { "a..b"; };\n'), "validate-except"),
    "validate-except of a view": (
        options_block() + 'view v { validate-except { "a"; "a..b"; }; };\n',
        "validate-except",
    ),
    "deny-answer-aliases beside a view that has its own": (
        options_block('deny-answer-aliases { "a..b"; };\n') + 'view v { deny-answer-aliases { "a"; }; };\n',
        "deny-answer-aliases",
    ),
    "except-from of deny-answer-addresses": (
        options_block('deny-answer-addresses { 192.0.2.1; } except-from { "a..b"; };\n'),
        "deny-answer-addresses",
    ),
    "an order beside views": (
        options_block("rrset-order { order whatever; };\n") + "view v { rrset-order { order cyclic; }; };\n",
        "rrset-order",
    ),
    "a record type in an order beside views": (
        options_block("rrset-order { type WHAT order cyclic; };\n") + "view v { };\n",
        "rrset-order",
    ),
    "no GeoIP databases": (
        options_block("geoip-directory none; allow-query { geoip country DE; };\n")
        + "view v { allow-query { any; }; };\n",
        "allow-query",
    ),
    "no GeoIP databases, and an acl": (
        "acl near { { geoip continent EU; }; };\n"
        + options_block("geoip-directory none;\n")
        + 'zone "a" { type primary; file "a.db"; allow-transfer { none; }; allow-update { near; }; };\n',
        "allow-update",
    ),
}

STARTS = {
    "names": options_block(
        'tkey-domain "a.b."; validate-except { "."; "a"; }; deny-answer-aliases { "a"; } except-from { "."; };\n'
    ),
    "validate-except that every view overrides": (
        options_block('validate-except { "a..b"; };\n') + 'view v { validate-except { "a"; }; };\n'
    ),
    "an acl that nobody uses": (
        options_block("geoip-directory none;\n") + "acl near { geoip continent EU; };\n"
    ),
    "categories and channels": options_block()
    + 'logging { channel Sink { syslog nosuch; }; channel null { stderr; }; category "xfer-in" { sink; }; };\n',
}


def accepted_by_checkconf(text: str, tmp_path: Path) -> bool:
    path = tmp_path / "accepted.conf"
    path.write_text(text)
    ran = subprocess.run(
        ["named-checkconf", path], capture_output=True, timeout=60, check=False, cwd=tmp_path
    )
    return ran.returncode == 0


@pytest.mark.parametrize("case", FAILS)
def test_named_does_not_start(case: str, tmp_path: Path) -> None:
    text, word = FAILS[case]
    assert accepted_by_checkconf(text, tmp_path)
    with pytest.raises(StartError, match=r"exiting \(due to"), running_named(tmp_path / "named", text):
        pass
    ran = check(text, tmp_path, "--bind-version", "9.18")
    found = [
        line for rule, line, _ in ran.found if rule.startswith("invalid-") and rule == "invalid-at-start"
    ]
    lines = text.splitlines()
    assert len(found) == 1
    assert re.search(rf"\b{word}\b", lines[found[0] - 1])


@pytest.mark.parametrize("case", STARTS)
def test_named_starts(case: str, tmp_path: Path) -> None:
    text = STARTS[case]
    assert accepted_by_checkconf(text, tmp_path)
    with running_named(tmp_path / "named", text):
        pass
    ran = check(text, tmp_path, "--bind-version", "9.18")
    assert [rule for rule, _, _ in ran.found if rule.startswith("invalid-")] == []
    assert ran.json["problems"] == []
