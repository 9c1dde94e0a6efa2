"""What named-checkconf accepts and named does not start with, tried on both."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.audit_cli import check

pytestmark = pytest.mark.bind

OPTIONS = "allow-transfer { none; };"
ZONE = 'zone "a.example" { type primary; file "%s"; %s };'

REFUSED = [
    ("allow-transfer { gone; };", ZONE % ("@", "allow-transfer { none; };")),
    ("allow-update { gone; };", ZONE % ("@", "allow-update { none; };")),
    (OPTIONS + "allow-notify { gone; };", ""),
    (OPTIONS + "allow-query { gone; };", "view v { allow-query { any; }; };"),
    (OPTIONS + "sortlist { gone; };", "view v { sortlist { any; }; };"),
    (OPTIONS + "no-case-compress { gone; };", ""),
    (OPTIONS + "deny-answer-addresses { gone; };", ""),
    (OPTIONS + "response-padding { gone; } block-size 128;", "view v { };"),
    (OPTIONS, "view v { allow-transfer { gone; }; };"),
    (OPTIONS, "view v { allow-notify { gone; }; };"),
    (OPTIONS, ZONE % ("@", "allow-query { gone; };")),
    (OPTIONS, ZONE % ("@", "allow-query-on { !!any; };")),
    (OPTIONS, 'zone "." { type redirect; file "r"; primaries { gone; }; };'),
    ("allow-transfer transport gone { none; };", ""),
    ("allow-transfer transport gone { none; };", ZONE % ("@", "allow-transfer { none; };")),
    (OPTIONS, "view v { allow-transfer transport gone { none; }; };"),
    (OPTIONS + "also-notify port 70000 { };", ZONE % ("@", "")),
    (OPTIONS + "also-notify { known; };", "primaries known port 70000 { };" + ZONE % ("@", "")),
]

TAKEN = [
    (OPTIONS + "allow-recursion { gone; };", "view v { allow-recursion { any; }; };"),
    (OPTIONS + "allow-update-forwarding { gone; };", ""),
    (OPTIONS, "view v { allow-update { gone; }; };"),
    (OPTIONS + "also-notify { gone; 127.0.0.1 tls gone; };", ""),
    (OPTIONS, "acl unused { gone; unused; };"),
    ("allow-transfer port 70000 { none; };", ""),
    (OPTIONS + "also-notify port 70000 { };", ""),
    (OPTIONS + "also-notify port 70000 { };", ZONE % ("@", "notify no;")),
    (OPTIONS, "primaries unused port 70000 { 127.0.0.1; };"),
    (OPTIONS, "primaries known { 127.0.0.1; };\nprimaries unused { known key gone; };"),
    (
        OPTIONS,
        'primaries known { 127.0.0.1; };\nzone "." { type redirect; file "r"; primaries { known key gone; }; };',
    ),
]


@pytest.mark.parametrize(("inside", "behind"), REFUSED)
def test_refused_at_start(inside: str, behind: str, tmp_path: Path) -> None:
    path = configuration(inside, behind, tmp_path)
    assert checkconf(path) == 0
    assert not starts(path)
    ran = check(path.read_text(), tmp_path, "--bind-version", "9.18", "--select", "invalid-*")
    assert [rule for rule, _, _ in ran.found] == ["invalid-at-start"]


@pytest.mark.parametrize(("inside", "behind"), TAKEN)
def test_taken(inside: str, behind: str, tmp_path: Path) -> None:
    path = configuration(inside, behind, tmp_path)
    assert checkconf(path) == 0
    assert starts(path)
    ran = check(path.read_text(), tmp_path, "--bind-version", "9.18", "--select", "invalid-*")
    assert (ran.found, ran.json["problems"]) == ([], [])


def configuration(inside: str, behind: str, folder: Path) -> Path:
    """A server on a port of its own that writes nothing outside the folder."""
    (folder / "zone").write_text("$TTL 1\n@ SOA . . 1 1 1 1 1\n@ NS localhost.\n")
    path = folder / "tried.conf"
    path.write_text(
        f'options {{ directory "{folder}"; pid-file none; session-keyfile none; listen-on {{ 127.0.0.1; }};\n'
        f"listen-on-v6 {{ none; }}; {inside} }};\ncontrols {{ }};\n{behind.replace('@', 'zone')}\n"
    )
    return path


def checkconf(path: Path) -> int:
    """0 if named-checkconf takes it."""
    return subprocess.run(["named-checkconf", path], capture_output=True, timeout=30, check=False).returncode


def starts(path: Path) -> bool:
    """Whether named comes as far as to run with a configuration."""
    named = shutil.which("named")
    assert named is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        ["timeout", "60", named, "-g", "-c", path, "-p", str(port), "-n", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.rstrip().endswith(" running"):
                return True
            if "exiting (due to fatal error)" in line:
                return False
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()
    raise AssertionError("named said neither that it runs nor that it does not")
