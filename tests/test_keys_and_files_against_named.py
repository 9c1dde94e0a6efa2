"""What rules say of keys, includes, numbers and certificates shows on a real named, and is gone once corrected."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import dns.rcode
import dns.tsig
import pytest

from tests.audit_cli import check, run
from tests.bind_server import ZONE_FILE, Key, Request, StartError, free_port, options_block, running_named

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
OTHER = Key("k1", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
TLS = Path(__file__).parent.parent / "rules" / "tls_file_unusable" / "extra"
INSIDE, OUTSIDE = "127.0.0.2", "127.0.0.3"

pytestmark = pytest.mark.bind


def read_back(conf: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["named-checkconf", "-p", conf], cwd=cwd, capture_output=True, text=True, timeout=30, check=False
    )


def fix(path: Path, rule: str) -> str:
    """Apply the corrections of one rule to a file and give its new text."""
    run("check", "--fix", "--unsafe-fixes", "--audience", "auditor", "--select", rule, path, cwd=path.parent)
    return path.read_text()


def test_numbers_are_octal(tmp_path: Path) -> None:
    text = (
        "options { port 053; transfers-in 010; also-notify port 065 { 192.0.2.1 port 065; }; };\n"
        'logging { channel "c" { file "x" versions 010 size 010m; severity debug 010; }; };\n'
    )
    ran = check(text, tmp_path, "--select", "number-octal")
    assert [found["message"].rpartition(" ")[2] for found in ran.json["findings"]] == [
        "43",
        "8",
        "53",
        "8",
        "8",
    ]
    conf = tmp_path / "named.conf"
    bad = read_back(conf, tmp_path).stdout.split()
    fix(conf, "number-octal")
    good = read_back(conf, tmp_path).stdout.split()
    changed = [(was, now) for was, now in zip(bad, good, strict=True) if was != now]
    assert changed == [("8", "10"), ("8;", "10;"), ("43;", "53;"), ("8;", "10;"), ("53", "65")]


def test_comments_begin_in_mid_word(tmp_path: Path) -> None:
    ran = check(
        "options { also-notify { 192.0.2.1#5353\n; }; };\n",
        tmp_path,
        "--select",
        "comment-in-word",
        "--audience",
        "pedantic",
    )
    assert ran.found == [("comment-in-word", 1, 25)]
    assert "192.0.2.1;" in read_back(tmp_path / "named.conf", tmp_path).stdout


@pytest.mark.proves("include-reversed-views")
def test_the_last_file_is_read_first(tmp_path: Path) -> None:
    views = {
        "views/10-inside.conf": f'view "inside" {{ match-clients {{ {INSIDE}; }};\n'
        'zone "a.example" { type primary; file "inside.db"; allow-transfer { any; }; }; };\n',
        "views/20-outside.conf": 'view "outside" { match-clients { any; };\n'
        'zone "a.example" { type primary; file "outside.db"; allow-transfer { any; }; }; };\n',
    }
    zones = {"inside.db": ZONE_FILE.replace(" 1 3600", " 11 3600"), "outside.db": ZONE_FILE}
    requests = [Request("a.example", INSIDE), Request("a.example", OUTSIDE)]
    served: list[list[int | None]] = []
    text = options_block() + 'include "views/*.conf";\n'
    for step in ("bad", "good"):
        folder = tmp_path / step
        with running_named(folder, text, files={**views, **zones}) as server:
            served.append([reply and reply.serial for reply in server.replies(requests)])
        text = fix(folder / "named.conf", "include-reversed-views")
    assert served == [[1, 1], [11, 1]]


@pytest.mark.parametrize(
    ("defined", "named", "taken"),
    [("k1.", "k1", False), ("k1", "k1.", False), ("K1", "k1", True), ("k1", '"k1"', True)],
)
def test_controls_compare_names_letter_by_letter(
    tmp_path: Path, defined: str, named: str, taken: bool
) -> None:
    control = f"controls {{ inet 127.0.0.1 port 9953 allow {{ 127.0.0.1; }} keys {{ {named}; }}; }};\n"
    ran = check(Key(defined, K1.secret).statement + control, tmp_path, "--select", "invalid-reference")
    assert [rule for rule, _, _ in ran.found] == ([] if taken else ["invalid-reference"])
    assert (read_back(tmp_path / "named.conf", tmp_path).returncode == 0) is taken


def test_an_include_before_directory_depends_on_where_named_starts(tmp_path: Path) -> None:
    (tmp_path / "acls.conf").write_text("acl a { 127.0.0.1; };\n")
    ran = check(
        f'include "acls.conf";\noptions {{ directory "{tmp_path}"; }};\n',
        tmp_path,
        "--select",
        "include-before-directory",
        "--audience",
        "pedantic",
    )
    assert ran.found == [("include-before-directory", 1, 1)]
    conf = tmp_path / "named.conf"
    assert [read_back(conf, cwd).returncode for cwd in (tmp_path, Path("/"))] == [0, 1]
    conf.write_text(conf.read_text().replace('"acls.conf"', f'"{tmp_path}/acls.conf"'))
    assert read_back(conf, Path("/")).returncode == 0


def test_a_zone_with_an_invisible_letter_is_another_zone(tmp_path: Path) -> None:
    def zone(name: str) -> str:
        return f'zone "{name}" {{ type primary; file "zone.db"; allow-transfer {{ any; }}; }};\n'

    text = options_block() + zone("a.example\u200b") + zone("b.example\0.hidden")
    assert len(check(text, tmp_path, "--select", "invisible-character").found) == 2
    requests = [Request("a.example", INSIDE), Request("b.example", INSIDE)]
    with running_named(tmp_path / "bad", text, files={"zone.db": ZONE_FILE}) as server:
        codes = server.axfr_many(requests)
    # The first is another zone; the second is cut off at the NUL.
    assert codes == [dns.rcode.NOTAUTH, dns.rcode.NOERROR]


@pytest.mark.proves("key-name-reused", "key-unused")
def test_keys_that_nothing_names_and_names_of_two_keys(tmp_path: Path) -> None:
    """Whose key nothing names is still known; whose key stands for another in the first view is refused there."""

    def view(name: str, key: Key, clients: str) -> str:
        return (
            f'view "{name}" {{ match-clients {{ {clients}; }}; {key.statement}\n'
            'zone "a.example" { type primary; file "zone.db"; allow-transfer { key k1; }; }; };\n'
        )

    idle = Key("idle", "aEPRjHYIyQEIqzmLNFGCZEe0mBvrvLmgjSAZi5sRQAg=")
    two = idle.statement + options_block() + view("in", K1, "127.0.0.0/8") + view("out", OTHER, "any")
    ran = check(two, tmp_path, "--select", "key-name-reused,key-unused", "--audience", "pedantic")
    assert sorted(rule for rule, _, _ in ran.found) == ["key-name-reused", "key-unused"]
    requests = [Request("a.example", INSIDE, key) for key in (K1, OTHER, idle)]
    with running_named(tmp_path / "bad", two, files={"zone.db": ZONE_FILE}) as server:
        bad = server.replies(requests)
        assert "tsig verify failure (BADSIG)" in server.log
    own = Key("k2", OTHER.secret)
    apart = options_block() + (view("in", K1, f"key k1; {OUTSIDE}") + view("out", own, "any")).replace(
        "out" + '" { match-clients { any; }; ' + own.statement, "out" + '" { match-clients { any; }; '
    ).replace("allow-transfer { key k1; }", "allow-transfer { key k1; key k2; }")
    apart = own.statement + apart
    with running_named(tmp_path / "good", apart, files={"zone.db": ZONE_FILE}) as server:
        good = server.replies([Request("a.example", INSIDE, key) for key in (K1, own, idle)])
    assert [(reply and reply.rcode, reply and reply.tsig_error) for reply in bad] == [
        (dns.rcode.NOERROR, 0),
        (dns.rcode.NOTAUTH, int(dns.rcode.BADSIG)),
        (dns.rcode.REFUSED, 0),
    ]
    assert [(reply and reply.rcode, reply and reply.tsig_error) for reply in good] == [
        (dns.rcode.NOERROR, 0),
        (dns.rcode.NOERROR, 0),
        (dns.rcode.NOTAUTH, int(dns.rcode.BADKEY)),
    ]


def test_weak_and_shared_keys(tmp_path: Path) -> None:
    """A short secret opens the zone like any other, an empty one never does, and who holds one twin holds both."""
    keys = {
        "short": (Key("short", "YWI="), "key-weak-secret", dns.rcode.NOERROR),
        "empty": (Key("empty", ""), "key-weak-secret", dns.rcode.SERVFAIL),
        "sha1": (Key("sha1", OTHER.secret, "hmac-sha1"), "key-weak-algorithm", dns.rcode.NOERROR),
        "twin": (Key("twin", K1.secret), "key-shared", dns.rcode.NOERROR),
    }
    text = K1.statement + options_block()
    for name, (key, _, _) in keys.items():
        text += key.statement
        text += (
            f'zone "{name}.example" {{ type primary; file "zone.db"; allow-transfer {{ key {name}; }}; }};\n'
        )
    ran = check(text, tmp_path, "--select", "key-*")
    assert sorted(rule for rule, _, _ in ran.found) == sorted(rule for _, rule, _ in keys.values())
    requests = [Request(f"{name}.example", INSIDE, key) for name, (key, _, _) in keys.items()]
    with running_named(tmp_path / "bad", text, files={"zone.db": ZONE_FILE}) as server:
        assert server.axfr_many(requests) == [code for _, _, code in keys.values()]


@pytest.mark.proves("key-undefined")
def test_a_key_of_another_view_lets_nobody_in(tmp_path: Path) -> None:
    """An allow-transfer above the views, whose key only one of them has; at the top, it holds for both."""

    def conf(top: str, inside: str) -> str:
        views = "".join(
            f'view "{name}" {{ match-clients {{ {client}; }}; {key}\n'
            f'zone "{name}.example" {{ type primary; file "zone.db"; }}; }};\n'
            for name, client, key in (("in", INSIDE, inside), ("out", "any", ""))
        )
        return top + options_block("allow-transfer { key k1; };\n") + views

    requests = [Request("in.example", INSIDE, K1), Request("out.example", OUTSIDE, K1)]
    bad, good = conf("", K1.statement), conf(K1.statement, "")
    select = ("--select", "key-undefined", "--audience", "pedantic")
    assert [len(check(text, tmp_path, *select).found) for text in (bad, good)] == [1, 0]
    codes = []
    for name, text in (("bad", bad), ("good", good)):
        with running_named(tmp_path / name, text, files={"zone.db": ZONE_FILE}) as server:
            codes.append(server.axfr_many(requests))
    assert codes == [[dns.rcode.NOERROR, dns.rcode.NOTAUTH], [dns.rcode.NOERROR, dns.rcode.NOERROR]]


@pytest.mark.proves("tls-file-unusable")
@pytest.mark.parametrize(
    ("certificate", "key", "starts"),
    [
        ("absent.crt", "valid.key", False),
        ("valid.crt", "other.key", False),
        ("empty.crt", "valid.key", False),
        ("valid.crt", "valid.key", True),
        ("rsa.crt", "rsa8.key", True),
        ("ed.crt", "ed.key", True),
    ],
)
def test_a_listener_needs_its_certificate(tmp_path: Path, certificate: str, key: str, starts: bool) -> None:
    for name in (certificate, key):
        if (TLS / name).exists():
            shutil.copy(TLS / name, tmp_path)
    text = f'tls t {{ cert-file "{certificate}"; key-file "{key}"; }};\n' + options_block(
        f"listen-on port {free_port('127.0.0.1')} tls t {{ 127.0.0.1; }};\n"
    )
    ran = check(text, tmp_path, "--file-checks", "--select", "tls-file-unusable")
    said = [found["message"] for found in ran.json["findings"] if "expire" not in found["message"]]
    assert len(said) == (0 if starts else 1)
    assert all(message.endswith(": named does not start") for message in said)
    if starts:
        with running_named(tmp_path, text):
            pass
    else:
        with pytest.raises(StartError), running_named(tmp_path, text):
            pass
