"""Options, channels and listeners that are right one by one and refused: beside what named-checkconf says of them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from named_audit.release import LINES
from tests.audit_cli import check
from tests.verdicts import judge

ZONE = 'zone "a.example" { type primary; file "a"; allow-transfer { none; }; };\n'

REFUSED = [
    ("logging { channel a { severity info; };\ncategory xfer-in { A; b; };\n};", {1, 2}),
    ('logging {\nchannel a { file "x"; null; };\nchannel a { stderr; };\n};', {2}),
    ("logging { category DEFAULT { null; };\ncategory default {\nnull; default_logfile; }; };", {1, 3}),
    ("options {\nquery-source port 53; };", {2}),
    ("options { port 065;\nquery-source-v6 * port 53; };", {2}),
    ("options { port 5300; };\nview v {\nquery-source address 127.0.0.1 port 5300; };", {3}),
    ("options {\nnotify-source * port 53; };\nzone a { type hint; file \"x\"; };", {2}),
    ("options {\nnotify-source * port 53; };\nview v { zone a { type hint; file \"x\"; }; };", {2}),
    ("options { port 5300; };\nserver ::1 {\nnotify-source-v6 * port 5300; };", {3}),
    ("server ::/0 {\ntransfer-source *; };", {1}),
    ("view v {\nserver 10.0.0.0/8 { query-source-v6 *; }; };", {2}),
    ("options {\ncheck-names master warn;\ncheck-names Master fail; };", {2}),
    ("options { check-names response warn;\ncheck-names slave warn;\ncheck-names secondary warn; };", {1}),
    ("options {\nforward only; };", {2}),
    ("options { };\nview v {\nforward only; };", {3}),
    ("options { forwarders { 192.0.2.1; }; };\nzone . { type forward;\nforwarders { }; };", {3}),
    ("options { };\nview v {\ndnstap { all; }; };", {3}),
    ("options { dnstap-output file \"x\" size 1m; };\nview v { dnstap { all; }; };\nlogging {\ncategory a { }; };", {4}),
    ("options { forwarders { }; };\nzone . { type forward;\nforwarders { }; };", {3}),
    ("view v { };\nplugin query \"a.so\";\nplugin query \"b.so\";", {2}),
    ("options {\ndnstap-output Unix x suffix timestamp; };", {2}),
    ("options { rate-limit { min-table-size 4000000000;\nmax-table-size 0; }; };", {2}),
    ("options { rate-limit {\nmax-table-size 4000000000; }; };", {2}),
    ("options {\nsig-validity-interval 0 1; };", {2}),
    ("options {\nserver-id \"" + "x" * 1025 + "\"; };", {2}),
    ("options {\nroot-delegation-only exclude { \"a\"; \"b..\"; }; };", {2}),
    ("options { dnssec-must-be-secure a yes;\ndnssec-must-be-secure A. no;\ndnssec-must-be-secure \"..\" no; };", {2, 3}),
    ("options { cookie-algorithm aes;\ncookie-secret \"0011\"; };", {2}),
    ("options {\ncookie-secret \"" + "00" * 33 + "\";\ncookie-secret \"" + "00" * 32 + "zz\"; };", {2, 3}),
    ("options { use-v4-udp-ports { 5;\nrange 200 100; }; };", {2}),
    ("options { use-v6-udp-ports {\nrange 70 65536; }; };", {2}),
    ("options { allow-transfer\nport 65535 { any; }; };\nzone a { type hint; file \"x\"; };", {2}),
    ("view v {\nallow-transfer port 70000 { any; };\nzone a { type primary; file \"x\"; }; };", {2}),
    ("options { dns64 64:ff9b:: { };\ndns64 10.0.0.1 { }; };", {1, 2}),
    ("options {\ndual-stack-servers { a..b; }; };\nview v { };", {2}),
    ("trust-anchors { a static-ds 1 8 300 \"00\";\n. initial-key 70000 3 8 \"AQ==\";\nb static-ds 1 8 2 \"0\"; };", {1, 2, 3}),
    ("view v { trusted-keys { a 257 300 8 \"AQ==\";\nb 257 3 8 \"AR==\"; }; };", {1, 2}),
    ("http default { };\nhttp a { };\nhttp A { endpoints { \"x\"; }; };", {1, 3}),
    ("options {\nlisten-on http default { any; };\nlisten-on-v6 tls none http x { any; }; };", {2, 3}),
]  # fmt: skip

ACCEPTED = [
    "options { allow-transfer port 65535 { any; }; };\nzone a { type primary; file \"x\"; allow-transfer { any; }; };",
    "options { response-policy { zone \"x\" policy cname \"a.b\" log yes; }; }; zone x { type primary; file \"x\"; };",
    "options { response-policy { zone \"x\" policy tcp-only; }; }; zone x { type primary; file \"x\"; };",
    "trust-anchors { a initial-key 257 3 8 \"AwEA AwEA\n AQ==\"; b static-ds 1 8 2 \"\"; c static-key 0 3 8 \"AwE=\"; };",
    "options { use-v4-udp-ports { range 1 1; }; avoid-v4-udp-ports { 65535; }; };",
    "logging { channel null { file \"x\"; }; channel a { syslog nosuch; }; category default { a; }; };",
    "logging { category default { null; }; category default { }; category _placeholder { \"Null\"; }; };",
    "options { query-source * port 065; port 0x53; };",
    "options { port 5300; query-source * port 53; transfer-source * port 5300; };",
    "options { transfer-source * port 53; };\nview v { transfer-source * port 53; };",
    "options { transfer-source * port 53; }; zone a { type secondary; primaries { 192.0.2.1; }; transfer-source *; };",
    "options { alt-transfer-source * port 53; listen-on port 5300 { any; }; notify-source * port 5300; };",
    "options { tls-port 8853; notify-source * port 8853; port 0; parental-source * port 0; };",
    "server 192.0.2.1 { transfer-source *; notify-source *; query-source *; };",
    "options { check-names primary warn; };\nview v { check-names master warn; };",
    "options { forward only; };\nview v { };",
    "zone . { type forward; forward first; forwarders { }; };",
    "options { dnstap-output unix \"x\"; dnstap { all; }; };",
    "options { rate-limit { max-table-size 1; }; };\nview v { rate-limit { min-table-size 0; max-table-size 1; }; };",
    "options { sig-validity-interval 8 8; };\nview v { sig-validity-interval 1 24; };",
    "options { server-id \"" + "x" * 1024 + "\"; };",
    "options { dns64 10.0.0.0/8 { }; rrset-order { order cyclic; }; };\nview v { dns64 64:ff9b::/96 { }; };",
    "options { preferred-glue whatever; session-keyalg whatever; };",
]  # fmt: skip


def checkconf(path: Path) -> tuple[bool, set[int]]:
    """Whether named-checkconf accepts a file, and the lines that it names, those of warnings too."""
    ran = subprocess.run(
        ["named-checkconf", path], capture_output=True, text=True, timeout=60, check=False, cwd=path.parent
    )
    said = ran.stdout + ran.stderr
    return ran.returncode == 0, {int(line) for line in re.findall(r"\.conf:(\d+): ", said)}


@pytest.mark.bind
@pytest.mark.parametrize(("text", "lines"), REFUSED)
def test_refused(text: str, lines: set[int], tmp_path: Path) -> None:
    path = tmp_path / "judged.conf"
    path.write_text(text + "\n")
    accepted, named = checkconf(path)
    said = judge(path, "9.18")
    assert not accepted
    assert not said.accepted
    assert lines <= named
    assert {line for line, _, _ in said.refused} == lines, said


@pytest.mark.bind
@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "judged.conf"
    path.write_text(text + "\n")
    assert checkconf(path)[0]
    assert judge(path, "9.18").refused == ()


@pytest.mark.parametrize("release", ["9.11", "9.16", None])
def test_a_source_port_is_not_compared(release: str | None, tmp_path: Path) -> None:
    """Before 9.16.38 and 9.18.12; and with an unknown release it may be one of those."""
    versions = {"9.11": "9.11.37", "9.16": "9.16.37"}
    arguments = ("--bind-version", versions[release]) if release else ()
    ran = check("options { query-source address * port 53; recursion no; };\n", tmp_path, *arguments)
    assert [rule for rule, _, _ in ran.found if rule.startswith("invalid-")] == []


@pytest.mark.parametrize("release", LINES)
def test_what_every_line_refuses(release: str, tmp_path: Path) -> None:
    path = tmp_path / "judged.conf"
    path.write_text(
        "logging { category xfer-out { nowhere; }; };\noptions { rate-limit { max-table-size 1; }; };\n"
    )
    assert {line for line, _, _ in judge(path, release).refused} == {1, 2}


def test_the_secret_of_a_cookie_is_not_shown(tmp_path: Path) -> None:
    secret = "00112233445566778899aabbccddee"
    ran = check(f'options {{ cookie-secret "{secret}"; }};\n', tmp_path, "--bind-version", "9.18")
    assert ("invalid-value", 1, 11) in ran.found
    assert secret[:8] not in ran.out + ran.err


NAMES = st.sampled_from(
    ["a", "a..b", ".", "", "a.", "..", "a\\.b", "é", "x" * 64, "x" * 63, "\\", "a\\999", "*"]
)
HEX = st.text("0123456789abcdefG ", min_size=0, max_size=70) | st.sampled_from(
    ["0" * 32, "00" * 31, "f" * 64]
)
V6 = st.sampled_from(
    [
        "::",
        "64:ff9b::",
        "2001:db8::",
        "::1",
        "2001:db8:0:0:1::",
        "2001:db8:0:0:100::",
        "0:0:0:0:0:0:1::",
        "fe80::",
    ]
)
# Bits behind the prefix are refused by the parser, which then looks no further.
PREFIXES = st.sampled_from(
    [
        "::/0",
        "64:ff9b::/32",
        "64:ff9b::/95",
        "2001:db8::/96",
        "::1/128",
        "2001:db8:0:0:100::/96",
        "2001:db8::/60",
        "2001:db8:0:0:1::/80",
        "64:ff9b::/64",
        "2001:db8::/40",
        "10.0.0.0/8",
        "2001:db8::/48",
        "2001:db8::/56",
    ]
)
ALGORITHMS = st.sampled_from(
    [
        "RSAMD5",
        "dsa",
        "ECC",
        "255",
        "256",
        "0",
        "RSASHA256",
        "sha-1",
        "SHA1",
        "sha-384",
        "5x",
        "gost",
        "md5",
        "99",
    ]
)
ORDERS = st.sampled_from(["cyclic", "random", "none", "FIXED", "fair", "order"])
PATHS = st.text("/ab%20?#. ~é+*(", min_size=0, max_size=6)


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement that may stand many times in the options block, on one line."""
    kind = draw(st.sampled_from(["dns64", "cookie", "algorithms", "digests", "empty"]))
    if kind == "dns64":
        suffix = f"suffix {draw(V6)};" if draw(st.booleans()) else ""
        return f"dns64 {draw(PREFIXES)} {{ {suffix} }};"
    if kind == "cookie":
        return f'cookie-secret "{draw(HEX)}";'
    if kind == "empty":
        return f'disable-empty-zone "{draw(NAMES)}";'.replace('\\"', '"')
    what = "disable-algorithms" if kind == "algorithms" else "disable-ds-digests"
    name = draw(NAMES).rstrip("\\")
    return f'{what} "{name}" {{ {draw(ALGORITHMS)}; {draw(ALGORITHMS)}; }};'


@pytest.mark.bind
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    lines=st.lists(statements(), min_size=20, max_size=40),
    orders=st.lists(ORDERS, max_size=5),
    paths=st.lists(PATHS),
)
def test_lines_are_those_of_checkconf(
    lines: list[str], orders: list[str], paths: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "judged.conf"
    rows = ["options {", *lines, "rrset-order {", *(f"order {order};" for order in orders), "};", "};"]
    for index, each in enumerate(paths):
        rows.append(f'http h{index} {{ endpoints {{ "{each}"; }}; }};')
    path.write_text("\n".join(rows) + "\n")
    accepted, named = checkconf(path)
    said = judge(path, "9.18")
    ours = {line for line, _, _ in said.refused}
    fixed = {line for line in named if rows[line - 1].lower() == "order fixed;"}  # a warning
    assert said.accepted == accepted
    assert ours == named - fixed, [rows[line - 1] for line in ours ^ (named - fixed)]
