"""Modes, owners, copies and certificates: when they are looked at, and what is said of real files."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.cli.check import _is_own
from named_audit.cli.session import Request, Session
from named_audit.host import FileState, LocalHost, MemoryHost
from named_audit.lint.book import Choice
from named_audit.lint.certificates import public_of_key, read_certificate
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, FINDINGS, USAGE, run

SECRET = "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="
KEY = f'key "k" {{ algorithm hmac-sha256; secret "{SECRET}"; }};\n'
TLS = Path(__file__).parent.parent / "rules" / "tls_file_unusable" / "extra"
SELECT = ("--select", "file-*", "--format", "json")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody can get into; pytest's own are shut."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def written(path: Path, text: str, mode: int) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def messages(path: Path, *arguments: str, cwd: Path | None = None) -> list[str]:
    ran = run("check", *SELECT, *arguments, path, cwd=cwd)
    assert ran.code in (CLEAN, FINDINGS)
    assert SECRET not in ran.out + ran.err
    return [found["message"] for found in ran.json["findings"]]


def test_a_checkouts_modes_mean_nothing(folder: Path) -> None:
    conf = written(folder / "named.conf", KEY, 0o646)
    assert messages(conf) == []
    assert messages(conf, "--no-file-checks") == []
    assert messages(conf, "--file-checks") == [
        f"every account of this machine can change {conf} (mode 0646, {_owner(conf)}), and with it who gets the zones",
        f"{conf} holds the secret of key k, and every account of this machine can read it (mode 0646)",
    ]


def test_the_settings_may_ask(folder: Path) -> None:
    conf = written(folder / "named.conf", KEY, 0o644)
    settings = folder / "named-audit.toml"
    settings.write_text("file-checks = true\n")
    assert len(messages(conf, cwd=folder)) == 1
    assert messages(conf, "--no-file-checks", cwd=folder) == []
    settings.write_text("file-checks = false\n")
    assert messages(conf, cwd=folder) == []
    settings.write_text('file-checks = "yes"\n')
    ran = run("check", conf, cwd=folder)
    assert (ran.code, ran.err) == (
        USAGE,
        "named-audit: named-audit.toml: 'file-checks' must be true or false\n",
    )


@pytest.mark.parametrize(
    ("paths", "own"),
    [
        ((), True),
        (("/etc/bind/named.conf",), True),
        (("/etc/bind",), True),
        (("/etc/bind/named.conf.local",), True),
        (("/etc/named.conf",), True),
        (("/etc/other.conf",), False),
        (("/home/me/etc/bind/named.conf",), False),
        (("/etc/bind/named.conf", "/srv/named.conf"), False),
    ],
)
def test_whose_files_these_are(paths: tuple[str, ...], own: bool) -> None:
    assert _is_own(paths, MemoryHost({})) is own


@pytest.mark.parametrize(
    ("rule", "today", "said"),
    [
        (
            "tls-file-unusable",
            "2026-11-24",
            "the certificate in /c/valid.crt is not valid yet: peers that check it",
        ),
        ("tls-file-unusable", "2026-11-25T04:02:18", "the certificate in /c/valid.crt expires in 10 days"),
        ("tls-file-unusable", "2026-11-25T04:02:19", "the certificate in /c/valid.crt expires in 9 days"),
        ("tls-file-unusable", "2026-12-05T04:02:18", "the certificate in /c/valid.crt expires in 0 days"),
        (
            "tls-file-unusable",
            "2026-12-08",
            "the certificate in /c/valid.crt expired 2 days ago: peers that check it",
        ),
        ("key-stale", "2026-01-01", None),
        ("key-stale", "2027-01-02", None),
        ("key-stale", "2027-01-02T00:00:01", "key k-2025 is 366 days old, by its name"),
    ],
)
def test_the_date_decides(rule: str, today: str, said: str | None) -> None:
    conf = (
        "options { listen-on port 853 tls t { 127.0.0.1; }; };\n"
        'tls t { cert-file "/c/valid.crt"; key-file "/c/valid.key"; };\n' + KEY.replace('"k"', '"k-2025"')
    )
    files = {f"/c/{name}": (TLS / name).read_bytes() for name in ("valid.crt", "valid.key")}
    now = datetime.fromisoformat(today).replace(tzinfo=UTC).timestamp()
    host = MemoryHost({"/c/named.conf": conf.encode(), **files}, now=now)
    request = Request(("/c/named.conf",), ReadOptions(), Choice((rule,), (), "auditor"), file_checks=True)
    found = [finding.message for finding in Session(host, request).run().outcome.findings]
    assert len(found) == (said is not None) and all(each.startswith(said or "") for each in found)


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2037-10-08T04:02:18", None),
        ("2037-10-08T04:02:19", ("low", "pedantic", "the certificate in /c/rsa.crt expires in 29 days")),
        (
            "2037-11-08T04:02:19",
            (
                "high",
                "regular",
                "the certificate in /c/rsa.crt expired 1 days ago: peers that check it refuse the connection",
            ),
        ),
    ],
)
def test_a_month_before_the_end(today: str, said: tuple[str, str, str] | None) -> None:
    conf = (
        "options { listen-on port 853 tls t { 127.0.0.1; }; };\n"
        'tls t { cert-file "/c/rsa.crt"; key-file "/c/rsa1.key"; };\n'
    )
    files = {f"/c/{name}": (TLS / name).read_bytes() for name in ("rsa.crt", "rsa1.key")}
    now = datetime.fromisoformat(today).replace(tzinfo=UTC).timestamp()
    host = MemoryHost({"/c/named.conf": conf.encode(), **files}, now=now)
    choice = Choice(("tls-file-unusable",), (), "auditor")
    found = Session(host, Request(("/c/named.conf",), ReadOptions(), choice, file_checks=True)).run()
    told = [(each.severity.name.lower(), each.audience, each.message) for each in found.outcome.findings]
    assert told == ([said] if said is not None else [])


def test_a_certificate_that_is_elsewhere() -> None:
    conf = (
        "options { listen-on port 853 tls t { 127.0.0.1; }; };\n"
        'tls t { cert-file "/etc/tls/ns1.pem"; key-file "/c/absent.key"; };\n'
    )
    host = MemoryHost({"/c/named.conf": conf.encode()}, now=0)
    choice = Choice(("tls-file-unusable",), (), "auditor")
    options = ReadOptions(external=("/etc/tls/ns1.pem",))
    found = Session(host, Request(("/c/named.conf",), options, choice, file_checks=True)).run()
    assert [each.message for each in found.outcome.findings] == [
        "key-file /c/absent.key is not there: named does not start"
    ]


def test_folders_that_others_do_not_get_through(folder: Path) -> None:
    shut = folder / "shut"
    shut.mkdir()
    conf = written(shut / "named.conf", KEY, 0o644)
    shut.chmod(0o750)
    assert messages(conf, "--file-checks") == []
    shut.chmod(0o751)
    assert messages(conf, "--file-checks") == [
        f"{conf} holds the secret of key k, and every account of this machine can read it (mode 0644)"
    ]


def test_a_folder_that_others_may_write(folder: Path) -> None:
    inner = folder / "conf"
    inner.mkdir()
    conf = written(inner / "named.conf", "options { recursion no; };\n", 0o644)
    inner.chmod(0o777)
    assert messages(conf, "--file-checks") == [
        (
            f"every account of this machine can change the folder {inner} (mode 0777, {_owner(inner)}), "
            "and with it who gets the zones"
        )
    ]
    inner.chmod(0o1777)
    assert messages(conf, "--file-checks") == []


def test_forgotten_copies(folder: Path) -> None:
    conf = written(folder / "named.conf", KEY, 0o640)
    for name, text, mode in (
        ("named.conf~", KEY, 0o644),
        ("named.bak", KEY, 0o604),
        ("named.conf.orig", "options { };", 0o644),
        ("other.conf~", KEY, 0o644),
        (".named.conf.swp", "binary\0" + KEY, 0o600),
    ):
        written(folder / name, text, mode)
    assert messages(conf, "--file-checks") == [
        (
            f"{folder}/named.bak is a copy with a secret that looks forgotten, and every account of this machine can read it "
            f"(mode 0604); {folder}/named.conf~ is a copy with a secret that looks forgotten, and every account of this "
            "machine can read it (mode 0644)"
        )
    ]
    assert messages(conf, "--file-checks", "--audience", "auditor")[1:] == [
        f"{folder}/.named.conf.swp is a copy with a secret that looks forgotten"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "keys.conf.4711.2026-01-02@03:04:05~",
        "keys.conf-20260102",
        "keys.conf.20260102T0304",
        "keys.conf_bak",
        "keys.conf.ucf-old",
        "keys.conf.~1~",
        "keys.conf,v",
        "keys.conf.pacsave",
        ".keys.conf.swo",
        "keys-old",
    ],
)
def test_names_of_copies(folder: Path, name: str) -> None:
    written(folder / "keys.conf", KEY, 0o640)
    conf = written(folder / "named.conf", 'include "keys.conf";', 0o640)
    written(folder / name, KEY, 0o644)
    assert [message.split(" is a copy")[0] for message in messages(conf, "--file-checks")] == [
        f"{folder}/{name}"
    ]


def test_a_file_that_is_used_is_no_copy(folder: Path) -> None:
    """Whoever deletes it stops the server."""
    written(folder / "keys.1", KEY, 0o640)
    written(folder / "keys.2", KEY.replace('"k"', '"k2"'), 0o640)
    conf = written(folder / "named.conf", 'include "keys.1";\ninclude "keys.2";\n', 0o640)
    assert messages(conf, "--file-checks", "--audience", "auditor", "--select", "file-secret-readable") == []


def test_what_lies_beside(folder: Path) -> None:
    """The key of rndc, which no statement names, and keys as dnssec-keygen once wrote them."""
    conf = written(folder / "named.conf", KEY, 0o640)
    written(folder / "rndc.key", KEY, 0o644)
    written(folder / "Kk.+163+12345.private", "Key: x\n", 0o604)
    written(folder / "Ka.example.+013+12345.private", "a zone's own key: the zone is signed with it", 0o644)
    assert messages(conf, "--file-checks") == [
        (
            f"{folder}/rndc.key holds the key of rndc, and every account of this machine can read it (mode 0644)"
            f"; {folder}/Kk.+163+12345.private is what dnssec-keygen left of a key, and every account of this machine "
            "can read it (mode 0604)"
        )
    ]


def test_a_pipe_has_no_modes() -> None:
    ran = run("check", "--file-checks", *SELECT, "-", stdin=KEY.encode())
    assert (ran.code, ran.json["findings"]) == (CLEAN, [])


@pytest.mark.parametrize(("name", "found"), [("a.db", 1), ("folder", 0), ("/dev/zero", 0)])
def test_what_is_no_file_of_a_zone_is_read_by_nobody(folder: Path, name: str, found: int) -> None:
    folder.chmod(0o755)
    written(folder / "a.db", "", 0o644)
    (folder / "folder").mkdir(mode=0o755)
    written(
        folder / "named.conf",
        f'zone "a.example" {{ type primary; file "{folder / name}"; allow-transfer {{ none; }}; }};\n',
        0o640,
    )
    said = messages(
        folder / "named.conf", "--file-checks", "--audience", "auditor", "--select", "file-zone-readable"
    )
    assert len(said) == found


def test_hosts(tmp_path: Path) -> None:
    path = written(tmp_path / "x", "x", 0o640)
    os.utime(path, (0, 1_000_000))
    state = LocalHost().state(str(path))
    assert state is not None
    assert (state.mode, state.changed, state.is_dir) == (0o640, 1_000_000.0, False)
    assert f"{state.owner}:{state.group}" == _owner(path)
    assert LocalHost().state(str(tmp_path / "absent")) is None
    assert LocalHost().state("a\0b") is None
    memory = MemoryHost({"/a/b": b""}, states={"/a/b": FileState(0o600, "bind", "bind", 5.0)}, now=7.0)
    assert memory.state("/a/b") == FileState(0o600, "bind", "bind", 5.0)
    assert memory.state("/a") == FileState(0o755, "root", "root", 7.0, True)
    assert memory.state("/c") is None
    assert memory.now() == 7.0


def _owner(path: Path) -> str:
    return f"{path.owner()}:{path.group()}"


@pytest.mark.parametrize(
    ("certificate", "key", "together"),
    [
        ("valid.crt", "valid.key", True),
        ("rsa.crt", "rsa1.key", True),
        ("rsa.crt", "rsa8.key", True),
        ("valid.crt", "other.key", False),
        ("rsa.crt", "valid.key", False),
    ],
)
def test_certificates_and_keys(certificate: str, key: str, together: bool) -> None:
    read = read_certificate((TLS / certificate).read_bytes())
    assert read is not None
    assert (public_of_key((TLS / key).read_bytes()) == read.public) is together


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("valid.crt", "Dec  5 04:02:18 2026 GMT"),
        ("rsa.crt", "Nov  7 04:02:18 2037 GMT"),
        # Years from 2050 on are written in another form.
        ("ed.crt", "Aug 28 04:02:18 2081 GMT"),
    ],
)
def test_validity_is_what_openssl_says(name: str, ends: str) -> None:
    read = read_certificate((TLS / name).read_bytes())
    assert read is not None
    begins = ssl.cert_time_to_seconds("Nov 25 04:02:18 2026 GMT")
    assert (read.not_before, read.not_after) == (begins, ssl.cert_time_to_seconds(ends))


@pytest.mark.parametrize("name", ["valid.crt", "rsa.crt", "valid.key", "rsa1.key", "rsa8.key", "ed.key"])
def test_broken_pem_is_no_certificate(name: str) -> None:
    """Whatever is cut off or changed, nothing is raised."""
    data = (TLS / name).read_bytes()
    for at in range(0, len(data), 7):
        for broken in (data[:at], data[:at] + b"/" + data[at + 1 :], data[:at] + data[at + 9 :]):
            read_certificate(broken)
            public_of_key(broken)
    assert read_certificate(b"") is None
    assert read_certificate(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----") is None
    assert public_of_key(b"-----BEGIN ENCRYPTED PRIVATE KEY-----") is None


class Held(NamedTuple):
    """Files of a machine with their contents and states (`mode owner group`), and each finding of a rule.

    A finding: line, audience, severity, the message without `(mode ...)`, the snippet of its
    correction without quotes.
    """

    rule: str
    files: dict[str, tuple[str, str]]
    found: list[tuple[int, str, str, str, str]]


def named(text: str, mode: str = "0640 root bind") -> dict[str, tuple[str, str]]:
    """The files of a machine that has this named.conf."""
    return {"/c/named.conf": (text, mode)}


def key(name: str) -> str:
    return KEY.replace('"k"', f'"{name}"')


EVERYBODY = "every account of this machine can read it"
LOOKS_FORGOTTEN = "is a copy with a secret that looks forgotten"
WHO_GETS = "and with it who gets the zones"


def shut(*paths: str) -> str:
    return "".join(
        f"// chown root:bind {path} && chmod 0640 {path}; a copy that nobody needs: rm" for path in paths
    )


HELD = (
    # Whom a group is no matter for: root, wheel, and what named runs as. A bit for writing is not one for reading.
    *(
        Held("file-secret-readable", named(KEY, mode), [])
        for mode in ("0640 root root", "0640 root wheel", "0640 root named", "0640 alice bind", "0620 root staff", "0602 root staff")
    ),
    Held(
        "file-secret-readable",
        named("options { };\n" + KEY, "0640 root staff"),
        [(2, "auditor", "medium", "/c/named.conf holds the secret of key k, and the group staff can read it", shut("/c/named.conf"))],
    ),
    # Three are named, the rest is counted; what is worse than the file itself counts.
    Held(
        "file-secret-readable",
        named(KEY) | {f"/c/named.{end}": (KEY, "0644 root bind") for end in ("bak", "old", "orig", "save")},
        [
            (1, "regular", "high", "; ".join(f"/c/named.{end} {LOOKS_FORGOTTEN}, and {EVERYBODY}" for end in ("bak", "old", "orig")) + "; 1 more copies",
             shut("/c/named.bak")),
        ],
    ),
    Held(
        "file-secret-readable",
        named(KEY) | {f"/c/named.{end}": (KEY, "0644 root bind") for end in ("bak", "old", "orig")},
        [
            (1, "regular", "high", "; ".join(f"/c/named.{end} {LOOKS_FORGOTTEN}, and {EVERYBODY}" for end in ("bak", "old", "orig")), shut("/c/named.bak")),
        ],
    ),
    # What everybody can read and what only auditors ask for stand apart, and the worst of each decides.
    Held(
        "file-secret-readable",
        named(KEY, "0644 root bind") | {"/c/named.bak": (KEY, "0640 root staff"), "/c/named.old": (KEY, "0600 root root")},
        [
            (1, "regular", "high", f"/c/named.conf holds the secret of key k, and {EVERYBODY}", shut("/c/named.conf")),
            (1, "auditor", "medium", f"/c/named.bak {LOOKS_FORGOTTEN}, and the group staff can read it; /c/named.old {LOOKS_FORGOTTEN}", shut("/c/named.bak")),
        ],
    ),
    # One that may be a copy of two files is told once.
    Held(
        "file-secret-readable",
        named('include "keys.a";\ninclude "keys.b";\n')
        | {"/c/keys.a": (key("a"), "0640 root bind"), "/c/keys.b": (key("b"), "0640 root bind"), "/c/keys.bak": (key("a"), "0600 root root")},
        [(1, "auditor", "low", f"/c/keys.bak {LOOKS_FORGOTTEN}", shut("/c/keys.bak"))],
    ),
    # A secret is what makes a copy; a key of a zone is none, and neither is a name that only begins alike.
    Held(
        "file-secret-readable",
        named(KEY)
        | {
            "/c/named.conf.bak": ("options { };\n", "0644 root bind"),
            "/c/named.confx": (KEY, "0644 root bind"),
            "/c/named.local": (KEY, "0644 root bind"),
            "/c/other.bak": (KEY, "0644 root bind"),
            "/c/.other.conf.swp": (KEY, "0644 root bind"),
            "/c/#other.conf#": (KEY, "0644 root bind"),
            "/c/Ka.example.+013+12345.key": ("Key: x\n", "0644 root bind"),
        },
        [],
    ),
    *(
        Held(
            "file-secret-readable",
            named('include "keys";\n') | {"/c/keys": (KEY, "0640 root bind"), f"/c/{name}": (KEY, "0600 root root")},
            [(1, "auditor", "low", f"/c/{name} {LOOKS_FORGOTTEN}", shut(f"/c/{name}"))],
        )
        for name in ("keys~", "keys.bak", "keys.OLD", "keys.rpmsave", ".keys.swp")
    ),
    *(
        Held(
            "file-secret-readable",
            named(KEY) | {f"/c/{name}": (KEY, "0600 root root")},
            [(1, "auditor", "low", f"/c/{name} {LOOKS_FORGOTTEN}", shut(f"/c/{name}"))],
        )
        for name in ("#named.conf#", ".named.conf.un~")
    ),
    Held(
        "file-secret-readable",
        named(KEY) | {"/c/Kk.+157+12345.key": ("k IN KEY\n", "0600 root root")},
        [(1, "auditor", "low", "/c/Kk.+157+12345.key is what dnssec-keygen left of a key", shut("/c/Kk.+157+12345.key"))],
    ),
    # rndc.conf beside the file, though nothing else in it is secret.
    Held(
        "file-secret-readable",
        named("options { };\n") | {"/c/rndc.conf": (KEY, "0644 root bind"), "/c/other.conf": (KEY, "0644 root bind")},
        [(1, "regular", "high", f"/c/rndc.conf holds the key of rndc, and {EVERYBODY}", shut("/c/rndc.conf"))],
    ),
    # Keys of views, each file once, and the private keys of each tls.
    Held(
        "file-secret-readable",
        named('view v {\n    include "v.key";\n};\n') | {"/c/v.key": (key("v1") + key("v2"), "0644 root bind")},
        [(1, "regular", "high", f"/c/v.key holds the secret of key v1, and {EVERYBODY}", shut("/c/v.key"))],
    ),
    Held(
        "file-secret-readable",
        named('tls t {\n    key-file "t.pem";\n    cert-file "t.crt";\n};\ntls u {\n    ca-file "ca";\n    key-file "/k/u.pem";\n};\ntls w {\n    key-file "absent";\n};\n')
        | {"/c/t.pem": ("x", "0644 root bind"), "/c/t.crt": ("x", "0644 root bind"), "/c/ca": ("x", "0644 root bind"), "/k/u.pem": ("x", "0640 root staff")},
        [
            (2, "regular", "high", f"/c/t.pem holds the private key of tls t, and {EVERYBODY}", shut("/c/t.pem")),
            (7, "auditor", "medium", "/k/u.pem holds the private key of tls u, and the group staff can read it", shut("/k/u.pem")),
        ],
    ),
    # Who may write.
    *(
        Held("file-writable", named("options { };\n", mode), [])
        for mode in ("0644 root bind", "0664 root root", "0664 root wheel", "0444 alice users", "0444 bind bind", "0604 root users", "0640 root users", "0645 root users", "0455 alice users", "0455 bind root")
    ),
    *(
        Held(
            "file-writable",
            named("options { };\n", mode),
            [(1, audience, severity, f"{who} can change /c/named.conf, {WHO_GETS}", "// chown root /c/named.conf && chmod go-w /c/named.conf")],
        )
        for mode, audience, severity, who in (
            ("0642 root bind", "regular", "high", "every account of this machine"),
            ("0666 alice users", "regular", "high", "every account of this machine"),
            ("0664 root users", "auditor", "medium", "the group users"),
            ("0664 alice users", "auditor", "medium", "the group users"),
            ("0644 alice users", "auditor", "medium", "its owner alice"),
            ("0664 alice bind", "auditor", "medium", "its owner alice"),
            ("0664 root named", "auditor", "low", "named itself, by its group,"),
            ("0464 bind bind", "auditor", "low", "named itself, by its group,"),
            ("0664 bind root", "auditor", "low", "named itself, as its owner,"),
            ("0644 named root", "auditor", "low", "named itself, as its owner,"),
        )
    ),
    # Each folder once, at the first file below it; named may own a folder, and a file with a key.
    Held(
        "file-writable",
        named('include "d/a";\ninclude "d/b";\ninclude "n/k";\n')
        | {
            "/c/d/": ("", "0775 root users"),
            "/c/d/a": ("", "0646 root bind"),
            "/c/d/b": ("", "0644 alice bind"),
            "/c/n/": ("", "0755 bind bind"),
            "/c/n/k": (KEY, "0600 bind bind"),
        },
        [
            (1, "regular", "high", f"every account of this machine can change /c/d/a, {WHO_GETS}", "// chown root /c/d/a && chmod go-w /c/d/a"),
            (1, "auditor", "medium", f"the group users can change the folder /c/d, {WHO_GETS}", "// chown root /c/d && chmod go-w /c/d"),
            (2, "auditor", "medium", f"its owner alice can change /c/d/b, {WHO_GETS}", "// chown root /c/d/b && chmod go-w /c/d/b"),
        ],
    ),
    # Three are told at once, all are corrected, and the worst decides.
    Held(
        "file-writable",
        named('include "/w/x/y/z/a";\n')
        | {
            "/w/": ("", "0775 root users"),
            "/w/x/": ("", "0775 root users"),
            "/w/x/y/": ("", "2775 root users"),
            "/w/x/y/z/": ("", "1777 root users"),
            "/w/x/y/z/a": ("", "0664 root bind"),
        },
        [
            (1, "auditor", "medium",
             "; ".join((f"named itself, by its group, can change /w/x/y/z/a, {WHO_GETS}", *(f"the group users can change the folder {path}, {WHO_GETS}" for path in ("/w/x/y", "/w/x")))),
             "\n".join(f"// chown root {path} && chmod go-w {path}" for path in ("/w/x/y/z/a", "/w/x/y", "/w/x", "/w"))),
        ],
    ),
    # The sticky bit of a file means nothing.
    Held(
        "file-writable",
        named("options { };\n", "1646 root bind"),
        [(1, "regular", "high", f"every account of this machine can change /c/named.conf, {WHO_GETS}", "// chown root /c/named.conf && chmod go-w /c/named.conf")],
    ),
    # The files of zones: folder by folder, at the first zone of each; not those that anybody may transfer, nor stock zones.
    Held(
        "file-zone-readable",
        named(
            "options { allow-transfer { none; }; }; "
            + "".join(f'zone "{name}" {{ type primary; {file}; }}; ' for name, file in (("127.in-addr.arpa", 'file "/z/a"'), ("h.example", "notify no")))
            + "\n"
            + "".join(
                f'zone "{name}" {{\n    type primary; file "{file}"; {more}\n}};\n'
                for name, file, more in (
                    ("a.example", "/z/a", ""),
                    ("open.example", "/z/open", "allow-transfer { any; };"),
                    ("b.example", "/y/b", "allow-transfer { 192.0.2.1; };"),
                    ("c.example", "/z/c", ""),
                    ("d.example", "/z/d", ""),
                    ("e.example", "/absent/e", ""),
                    ("f.example", "/f", ""),
                    ("localhost", "/z/local", ""),
                )
            )
            + 'zone "g.example" { type secondary; primaries { 192.0.2.1; }; };\n'
        )
        | {f"/z/{name}": ("", "0644 bind bind") for name in ("a", "open", "c", "local")}
        | {"/z/d": ("", "0640 bind bind"), "/y/b": ("", "0640 bind bind"), "/y/b.jnl": ("", "0604 bind bind"), "/f": ("", "0644 bind bind")},
        [
            (3, "auditor", "low", "every account of this machine can read a.example and c.example in /z, which not everybody may transfer",
             "// chown root:bind /z && chmod 0750 /z"),
            (9, "auditor", "low", "every account of this machine can read b.example in /y, which not everybody may transfer",
             "// chown root:bind /y && chmod 0750 /y"),
            (21, "auditor", "low", "every account of this machine can read f.example in /, which not everybody may transfer",
             "// chown root:bind / && chmod 0750 /"),
        ],
    ),
    # A list that was not read may admit everybody, and another zone.
    *(
        Held(
            "file-zone-readable",
            named(more + 'zone "a.example" { type primary; file "/z/a"; allow-transfer { none; }; };\n') | {"/z/a": ("", "0644 bind bind")},
            [(1, "auditor", "low", "every account of this machine can read a.example in /z, which not everybody may transfer", "// chown root:bind /z && chmod 0750 /z")] if not more else [],
        )
        for more in ("", 'include "absent";\n')
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", HELD, ids=[f"{case.rule}-{number}" for number, case in enumerate(HELD)])
def test_what_is_said_of_files(case: Held) -> None:
    states = {
        path.rstrip("/"): FileState(int(mode, 8), owner, group, 0.0, path.endswith("/"))
        for path, (_, state) in case.files.items()
        for mode, owner, group in [state.split()]
    }
    held = {path: text.encode() for path, (text, _) in case.files.items() if not path.endswith("/")}
    request = Request(
        ("/c/named.conf",), ReadOptions(), Choice((case.rule,), (), "auditor"), file_checks=True
    )
    outcome = Session(MemoryHost(held, states=states), request).run().outcome
    found = [
        (
            each.at.begin.line,
            each.audience,
            each.severity.word,
            re.sub(r" \(mode [^)]*\)", "", each.message),
            each.fixes[0].snippet.strip().replace('"', ""),
        )
        for each in outcome.findings
    ]
    assert found == case.found
