"""What the fuzz has found once: a configuration, and whether named-checkconf takes it; we say the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.statement_fuzz import Judge, shown
from tests.test_statements_against_checkconf import installed

pytestmark = pytest.mark.bind

SECONDARY = "zone a.example { type secondary; primaries { 192.0.2.1; }; %s; };"
PRIMARY = 'zone a.example { type primary; file "a"; %s; };'

REFUSED = (
    SECONDARY % "delegation-only yes",
    PRIMARY % "delegation-only no",
    PRIMARY % "use-alt-transfer-source yes",
    'zone . { type hint; file "h"; alt-transfer-source *; };',
    "zone a.example { type forward; dialup yes; };",
    "zone . { type mirror; dialup yes; };",
    PRIMARY % "dialup refresh",
    PRIMARY % "dialup passive",
    PRIMARY % "dialup NOTIFY-PASSIVE",
    "zone a.example { type stub; primaries { 192.0.2.1; }; dialup notify; };",
    "dnssec-policy p { keys { csk lifetime UNLIMITED algorithm 13; }; };",
    "dnssec-policy p { max-zone-ttl unlimited; };",
    "options { max-rsa-exponent-size 1; };",
    "options { max-rsa-exponent-size 34; };",
    "options { max-rsa-exponent-size 4097; };",
    "options { avoid-v4-udp-ports { nope; }; };",
    'options { avoid-v4-udp-ports { "5"; }; };',
    'options { avoid-v4-udp-ports { range "7" 9; }; };',
    'options { allow-transfer transport quic { }; };\nzone a.example { type primary; file "a"; };',
    "view v { zone a.example foo { type hint; }; };",
    'primaries l { 192.0.2.1; };\nzone a.example { type primary; file "a"; also-notify {\nl key k; }; };',
    "options { forward only; };",
    "options { listen-on dscp 4 port 65535 { any; }; };",
    *(
        f'http h {{ endpoints {{ "{path}"; }}; }};'
        for path in ("/%zz", "/%/", "/%%", "/%1g", "//%", "%", "/:%%")
    ),
    "options { use-v6-udp-ports { 4294967296; }; };",
    'view v ch { recursion yes; zone "." { type mirror; }; };',
    (
        "options { port 0; query-source *; };\n"
        "zone a.example { type secondary; primaries { 192.0.2.1; };\nparental-source 192.0.2.2; };"
    ),
    (
        "options { allow-recursion { !c; c; }; };\nacl c { gone; };\n"
        "zone a.example { type mirror; primaries { 192.0.2.1; }; };"
    ),
)

ACCEPTED = (
    SECONDARY % "dialup notify-passive",
    PRIMARY % "dialup notify",
    "zone a.example { type stub; primaries { 192.0.2.1; }; dialup passive; };",
    'options { dialup refresh; };\nzone a.example { type primary; file "a"; };',
    "zone a.example { type stub; primaries { 192.0.2.1; }; delegation-only yes; };",
    "dnssec-policy p { keys { csk lifetime unlimited algorithm 13; }; };",
    "options { max-zone-ttl UNLIMITED; max-ixfr-ratio UNLIMITED; max-cache-size DEFAULT; };",
    "options { max-rsa-exponent-size 0; };",
    *(
        f'http h {{ endpoints {{ "{path}"; }}; }};'
        for path in ("/%", "/%2", "/a%b", "/a/%", "/a/b%", "/a//%c", "/%+", "/%4+", "/a%:b")
    ),
    "options { max-rsa-exponent-size 35; };",
    "options { listen-on dscp 65535 { any; }; };",
    "options { listen-on port 53 dscp 65535 { any; }; };",
    "options { allow-transfer transport quic { }; };",
    "options { allow-transfer port 70000 { }; };",
    "options { also-notify port 70000 { 192.0.2.1; }; };",
    "options { port 0; notify-source 192.0.2.1; parental-source *; };",
    "options { avoid-v4-udp-ports { 0x50; RANGE 5 7; }; };",
    "primaries l { 192.0.2.1; };\nprimaries unused port 70000 { l key gone; };",
    'primaries l { 192.0.2.1; };\nzone "." { type mirror; primaries { l key gone; }; };',
    (
        'view v { zone a.example { type primary; file "a"; }; };\n'
        "view w { zone a.example { in-view v; forward only; }; };"
    ),
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    release = installed()
    if release.line != "9.18":
        pytest.skip(f"these were found with 9.18, this machine has {release}")
    return Judge(tmp_path_factory.mktemp("found"), str(release))


@pytest.mark.parametrize("text", REFUSED)
def test_refused(judge: Judge, text: str) -> None:
    each = judge.judge(text)
    assert not each.accepted
    assert not each.said.accepted
    assert each.same_lines, shown(each)


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(judge: Judge, text: str) -> None:
    each = judge.judge(text)
    assert each.accepted, shown(each)
    assert each.said.refused == ()


def test_the_folder_is_all_that_is_needed(tmp_path: Path) -> None:
    """No file of this machine is looked at: an include of the host's own is missing to both."""
    each = Judge(tmp_path, "9.18").judge('include "named.other";')
    assert (each.accepted, each.said.accepted) == (False, False)
