"""What rules say of those who serve zones shows on a real named: with the file as it is, and not with the corrected one."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import dns.message
import dns.query
import dns.rcode
import pytest

from tests.audit_cli import check, run
from tests.bind_server import (
    ZONE_FILE,
    Key,
    Received,
    Request,
    Server,
    StandIns,
    StartError,
    free_port,
    options_block,
    running_named,
)
from tests.test_updates_against_named import update

pytestmark = pytest.mark.bind

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
K2 = Key("k2", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
KEYS = K1.statement + K2.statement
PEER, NS, STRANGER = "127.0.0.53", "127.0.0.54", "127.0.1.1"
"""Clients: PEER holds k1; NS is a server of the NS records that nobody thought of."""

YES, NO = (True, True), (False, False)
GAINED, LOST = (False, True), (True, False)

PORT = 61001
"""What stands for named's port, to which NOTIFY goes, while a file is read."""

_SNIPPET = "{snippet}"


class Case(NamedTuple):
    """A zone with a fault, and what each client gets of it before and after the correction.

    `by_hand` is for corrections that are only shown: what a person replaces, and by what; `{snippet}` in it is the
    correction as it is shown, without its comments.
    """

    statements: str
    served: Mapping[tuple[str, Key | None], tuple[bool, bool]]
    by_hand: tuple[str, str] | None = None
    asked: Mapping[tuple[str, Key | None], tuple[bool, bool]] = {}
    """Who gets the SOA record by a plain query."""

    told: frozenset[str] = frozenset()
    """Who is notified, before and after."""

    primary: str = "ns1"
    """The name in SOA MNAME; ns0 is this server, ns1 and ns2 are PEER and NS."""


CASES = {
    "transfer-open": Case(
        "allow-transfer { any; key k1; };", {(STRANGER, None): LOST, (PEER, None): LOST, (PEER, K1): YES}
    ),
    "transfer-from-secondary": Case(
        "type secondary; primaries { 192.0.2.9 key k1; }; allow-transfer { key k1; };",
        {(STRANGER, K1): LOST, (STRANGER, None): NO},
        ("allow-transfer { key k1; };", _SNIPPET),
        {(STRANGER, None): YES},
    ),
    "transfer-unassigned-key": Case(
        "notify explicit; also-notify { 192.0.2.53 key k1; }; allow-transfer { key k1; key k2; };",
        {(STRANGER, K2): LOST, (PEER, K1): YES, (PEER, None): NO},
        ("allow-transfer { key k1; key k2; };", _SNIPPET),
        told=frozenset({PEER}),
    ),
    "transfer-hidden-primary-queried": Case(
        "notify explicit; also-notify { 192.0.2.53 key k1; }; allow-transfer { key k1; }; allow-query { any; };",
        {(PEER, K1): YES, (STRANGER, None): NO},
        ("allow-query { any; };", _SNIPPET),
        {(STRANGER, None): LOST, (PEER, None): YES},
        frozenset({PEER}),
    ),
    "notify-ns-refused": Case(
        "notify yes; allow-transfer { 192.0.2.53; };",
        {(NS, K1): GAINED, (PEER, None): YES, (STRANGER, None): NO},
        ("allow-transfer { ", "{snippet} "),
        # ns1 is in SOA MNAME, so that only the other is told.
        told=frozenset({NS}),
    ),
}


def public(text: str) -> str:
    """Addresses on loopback as others, of which rules do speak."""
    return re.sub(r"127\.0\.0\.(?=\d)", "192.0.2.", text)


def local(text: str, port: int = PORT) -> str:
    """Back again, and to the port that the secondaries have."""
    return text.replace("192.0.2.", "127.0.0.").replace(f"port {PORT};", f"port {port};")


def zone_file(primary: str) -> str:
    return (
        f"$TTL 60\n@ SOA {primary} admin 1 3600 600 1209600 60\n@ NS ns1\n@ NS ns2\n"
        f"ns0 A 192.0.2.1\nns1 A {public(PEER)}\nns2 A {public(NS)}\n"
    )


def name_of(rule: str) -> str:
    return f"{rule}.example"


def zone(rule: str) -> str:
    case = CASES[rule]
    kind = "" if case.statements.startswith("type") else "type primary; "
    return (
        f'zone "{name_of(rule)}" {{ {kind}file "{rule}.db"; masterfile-format text; {case.statements} }};\n'
    )


def bad_text() -> str:
    options = options_block(f"\tport {PORT};\n\tnotify-source 192.0.2.1;\n", listen="192.0.2.1;")
    return KEYS + options + "".join(map(zone, CASES))


def without_comments(snippet: str) -> str:
    return " ".join(line.partition("//")[0].strip() for line in snippet.splitlines()).strip()


def corrected(folder: Path) -> str:
    """The configuration after each rule has been run, and was right about its zone."""
    for rule, case in CASES.items():
        (folder / f"{rule}.db").write_text(zone_file(case.primary))
    text = bad_text()
    for rule, case in CASES.items():
        asked = ("--bind-version", "9.18", "--audience", "auditor", "--select", rule)
        findings = check(text, folder, *asked).json["findings"]
        (found,) = [each for each in findings if name_of(rule) in {scope["zone"] for scope in each["scopes"]}]
        if case.by_hand is None:
            run("check", "--fix", "--unsafe-fixes", *asked, folder / "named.conf")
            text = (folder / "named.conf").read_text()
            continue
        # A key that has yet to be made is one that is there.
        snippet = without_comments(found["fixes"][0]["snippet"]).replace("transfer-key", "k1")
        old, new = case.by_hand
        if rule == "notify-ns-refused":
            # The snippet goes beside what the list has.
            snippet = snippet.removesuffix("};").strip()
        line = zone(rule)
        assert text.count(line) == 1
        text = text.replace(line, line.replace(old, new.replace(_SNIPPET, snippet)))
    return text


def queried(server: Server, rule: str, source: str, key: Key | None) -> bool:
    query = dns.message.make_query(name_of(rule), "SOA")
    if key is not None:
        query.use_tsig(key.ring())
    answer = dns.query.udp(query, server.address, 10, server.port, source=source)
    assert answer.rcode() in (dns.rcode.NOERROR, dns.rcode.REFUSED)
    return answer.rcode() == dns.rcode.NOERROR


def records(server: Server, name: str, type_: str, *, signed: bool = False) -> list[str]:
    """The data of the records that named answers with."""
    query = dns.message.make_query(name, type_, want_dnssec=signed)
    answer = dns.query.tcp(query, server.address, 10, server.port)
    assert answer.rcode() == dns.rcode.NOERROR
    return [data.to_text() for rrset in answer.answer for data in rrset]


class Observed(NamedTuple):
    """What clients got, in the order of CASES, and who was told of which zone."""

    served: list[bool]
    asked: list[bool]
    told: set[tuple[str, str]]


def observe(text: str, folder: Path) -> Observed:
    port = free_port("127.0.0.1", PEER, NS)
    files = {f"{rule}.db": local(zone_file(case.primary)) for rule, case in CASES.items()}
    requests = [
        Request(name_of(rule), source, key) for rule, case in CASES.items() for source, key in case.served
    ]
    with (
        StandIns([(PEER, port), (NS, port)], [K1, K2]) as stand_ins,
        running_named(folder, local(text, port), files=files, port=port) as server,
    ):
        codes = server.axfr_many(requests)
        assert set(codes) <= {dns.rcode.NOERROR, dns.rcode.REFUSED}
        asked = [
            queried(server, rule, source, key) for rule, case in CASES.items() for source, key in case.asked
        ]
        for rule, case in CASES.items():
            if case.told:
                stand_ins.wait_for(name_of(rule), len(case.told))
        received: list[Received] = stand_ins.received
    assert stand_ins.errors == []
    return Observed(
        [code == dns.rcode.NOERROR for code in codes], asked, {(each.zone, each.address) for each in received}
    )


@pytest.mark.proves(*CASES)
def test_the_fault_shows_and_is_gone(tmp_path: Path) -> None:
    (tmp_path / "audited").mkdir()
    good = corrected(tmp_path / "audited")
    was, now = observe(bad_text(), tmp_path / "bad"), observe(good, tmp_path / "good")
    shown = [(rule, *client) for rule, case in CASES.items() for client in case.served]
    expected = [served for case in CASES.values() for served in case.served.values()]
    observed = list(zip(was.served, now.served, strict=True))
    assert dict(zip(shown, observed, strict=True)) == dict(zip(shown, expected, strict=True))
    asked = [(rule, client, got) for rule, case in CASES.items() for client, got in case.asked.items()]
    assert list(zip(was.asked, now.asked, strict=True)) == [got for _, _, got in asked]
    told = {(name_of(rule), address) for rule, case in CASES.items() for address in case.told}
    assert (was.told, now.told) == (told, told)


@pytest.mark.proves("transfer-open-by-default", "transfer-closed-by-default")
def test_a_default_opens_or_closes_by_release(tmp_path: Path) -> None:
    """Either rule is shown by a release before 9.20, where the default opens the zone: the one warns of such a release, the
    other of going back to one. Both have the same correction.
    """
    text = KEYS + options_block() + 'zone "a.example" { type primary; file "zone.db"; };\n'
    text += 'zone "b.example" { type primary; file "zone.db"; allow-transfer { key k1; }; };\n'
    # Judged as a server that others can reach, and run as one that only this machine can.
    reachable = text.replace("listen-on { 127.0.0.1; }", "listen-on { any; }")
    fixed = set()
    for rule, release in (("transfer-open-by-default", "9.18"), ("transfer-closed-by-default", "9.20")):
        asked = ("--bind-version", release, "--audience", "pedantic", "--select", rule)
        assert [name for name, _, _ in check(reachable, tmp_path, *asked).found] == [rule]
        run("check", "--fix", "--unsafe-fixes", *asked, tmp_path / "named.conf")
        fixed.add((tmp_path / "named.conf").read_text())
    (good,) = fixed
    good = good.replace("listen-on { any; }", "listen-on { 127.0.0.1; }")
    requests = [
        Request("a.example", STRANGER),
        Request("b.example", STRANGER),
        Request("b.example", PEER, K1),
    ]
    codes = []
    for step, conf in (("bad", text), ("good", good)):
        with running_named(tmp_path / step, conf, files={"zone.db": ZONE_FILE}) as server:
            codes.append([code == dns.rcode.NOERROR for code in server.axfr_many(requests)])
            new = int(re.findall(r"starting BIND 9\.(\d+)", server.log)[0]) >= 20
    assert codes == [[not new, False, True], [False, False, True]]


@pytest.mark.proves("transfer-hidden-primary-shown")
def test_the_soa_record_leads_to_the_hidden_primary(tmp_path: Path) -> None:
    text = K1.statement + options_block("\tallow-query { any; };\n", listen="192.0.2.1;")
    text += (
        'zone "a.example" { type primary; file "zone.db"; allow-transfer { key k1; }; notify explicit; '
        "also-notify { 192.0.2.53 key k1; }; };\n"
    )
    (tmp_path / "zone.db").write_text(zone_file("ns0"))
    asked = ("--audience", "auditor", "--select", "transfer-hidden-primary-shown")
    (found,) = check(text, tmp_path, *asked).json["findings"]
    (server_name,) = re.findall(r"begins with (\S+) in the place", found["fixes"][0]["snippet"])
    (tmp_path / "zone.db").write_text(zone_file(server_name))
    assert check(text, tmp_path, *asked).found == []
    led = []
    for name in ("ns0", server_name):
        files = {"zone.db": local(zone_file(name))}
        with running_named(tmp_path / name, local(text), files=files) as server:
            # MNAME is the first word of an SOA record.
            primary = records(server, "a.example", "SOA")[0].split()[0]
            led += records(server, primary, "A")
            assert server.axfr("a.example", PEER, K1)
    assert led == ["127.0.0.1", PEER]


@pytest.mark.proves("notify-in-allow-notify")
def test_allow_notify_on_a_primary_tells_nobody(tmp_path: Path) -> None:
    """named refuses it in a zone, and sends nothing because of it in the options; corrected, the NOTIFY comes."""
    text = (
        K1.statement
        + options_block().replace("\tnotify no;\n", f"\tport {PORT};\n\tnotify explicit;\n\t@TOP@\n")
        + 'zone "a.example" { type primary; file "zone.db"; allow-transfer { key k1; }; @ZONE@ };\n'
    )
    list_ = f"allow-notify {{ {public(PEER)}; }};"
    bad = text.replace("@TOP@", "").replace("@ZONE@", list_)
    above = text.replace("@TOP@", list_).replace("@ZONE@", "")
    asked = ("--select", "notify-in-allow-notify")
    assert [rule for rule, _, _ in check(bad, tmp_path, *asked).found] == ["notify-in-allow-notify"]
    run("check", "--fix", "--unsafe-fixes", *asked, tmp_path / "named.conf")
    good = (tmp_path / "named.conf").read_text()
    files = {"zone.db": ZONE_FILE}
    refused = pytest.raises(StartError, match="'allow-notify' is not allowed in 'primary' zone")
    with refused, running_named(tmp_path / "bad", local(bad), files=files):
        pass
    told = []
    for step, conf in (("above", above), ("good", good)):
        port = free_port("127.0.0.1", PEER)
        with (
            StandIns([(PEER, port)], [K1]) as stand_ins,
            running_named(tmp_path / step, local(conf, port), files=files, port=port) as server,
        ):
            if step == "good":
                stand_ins.wait_for("a.example", 1)
            assert server.axfr("a.example", PEER, K1) and not server.axfr("a.example", STRANGER)
            told.append({each.address for each in stand_ins.received})
        assert stand_ins.errors == []
    assert told == [set(), {PEER}]


STALE = {
    "key-stale": Key("backup", "q1w5E9Xn8oC3vYkZb7mLr2TtHsUdPfGaJ0iNeKxVy4Q="),
    "key-weak-secret": Key("short", "YWI="),
    "key-weak-algorithm": Key("sha1", K2.secret, "hmac-sha1"),
    "key-shared": Key("twin", K1.secret),
}
FRESH = {
    rule: Key(key.name, secret)
    for (rule, key), secret in zip(
        STALE.items(),
        (
            "aEPRjHYIyQEIqzmLNFGCZEe0mBvrvLmgjSAZi5sRQAg=",
            "bEPRjHYIyQEIqzmLNFGCZEe0mBvrvLmgjSAZi5sRQAg=",
            "cEPRjHYIyQEIqzmLNFGCZEe0mBvrvLmgjSAZi5sRQAg=",
            "dEPRjHYIyQEIqzmLNFGCZEe0mBvrvLmgjSAZi5sRQAg=",
        ),
        strict=True,
    )
}


@pytest.mark.proves(*STALE)
def test_a_secret_opens_the_zone_until_it_is_replaced(tmp_path: Path) -> None:
    """Whoever has learned, guessed or kept it is served; once the key is made anew, only who has the new one is."""
    zones = "".join(
        f'zone "{rule}.example" {{ type primary; file "zone.db"; allow-transfer {{ key {key.name}; }}; }};\n'
        for rule, key in STALE.items()
    )
    head = K1.statement + options_block()
    text = head + "// named-audit: created=2019-01-01\n"
    text += "".join(key.statement for key in STALE.values()) + zones
    asked = ("--audience", "auditor", "--select", ",".join(STALE))
    assert sorted(rule for rule, _, _ in check(text, tmp_path, *asked).found) == sorted(STALE)
    good = head + "".join(key.statement for key in FRESH.values()) + zones
    assert check(good, tmp_path, *asked).found == []
    # The twin's secret is not stolen from it, but used as it came with the other key.
    requests = [Request(f"{rule}.example", STRANGER, keys[rule]) for rule in STALE for keys in (STALE, FRESH)]
    codes = []
    for step, conf in (("bad", text), ("good", good)):
        with running_named(tmp_path / step, conf, files={"zone.db": ZONE_FILE}) as server:
            codes.append([reply and reply.rcode for reply in server.replies(requests)])
    served, refused = dns.rcode.NOERROR, dns.rcode.NOTAUTH
    assert codes == [[served, refused] * 4, [refused, served] * 4]


@pytest.mark.proves("transfer-list-inherited")
def test_a_list_above_decides_for_zones_that_nobody_thinks_of(tmp_path: Path) -> None:
    """Changed there, it opens each zone without a list of its own; with one, the zone stays as it is."""
    head = "\tallow-transfer { key k1; };\n"
    text = K1.statement + options_block(head) + 'zone "a.example" { type primary; file "zone.db"; };\n'
    asked = ("--audience", "auditor", "--select", "transfer-list-inherited")
    (found,) = check(text, tmp_path, *asked).json["findings"]
    own = without_comments(found["fixes"][0]["snippet"])
    good = text.replace('file "zone.db";', f'file "zone.db"; {own}')
    assert check(good, tmp_path, *asked).found == []
    served = []
    for step, conf in (("bad", text), ("good", good)):
        changed = conf.replace(head, "\tallow-transfer { any; };\n")
        with running_named(tmp_path / step, changed, files={"zone.db": ZONE_FILE}) as server:
            served.append((server.axfr("a.example", STRANGER), server.axfr("a.example", PEER, K1)))
    assert served == [(True, True), (False, True)]


@pytest.mark.proves("update-by-any-key", "update-inherited")
def test_who_may_change_zones_by_the_way(tmp_path: Path) -> None:
    """A secondary's key changes a zone, and a zone that nobody meant to be changed is; corrected, neither."""
    zones = {
        "any.example": "allow-transfer { key k1; }; update-policy { grant * zonesub ANY; };",
        "still.example": "",
        "dyn.example": "",
    }

    def conf(options: str) -> str:
        listed = (
            f'zone "{name}" {{ type primary; file "{name}.db"; {rest} }};\n' for name, rest in zones.items()
        )
        return KEYS + options_block(f"\tallow-transfer {{ none; }};\n{options}") + "".join(listed)

    bad = conf("\tallow-update { key k2; };\n")
    asked = ("--audience", "pedantic", "--select", "update-by-any-key,update-inherited")
    findings = {each["rule"]: each for each in check(bad, tmp_path, *asked).json["findings"]}
    snippets = {rule: without_comments(each["fixes"][0]["snippet"]) for rule, each in findings.items()}
    assert set(snippets) == {"update-by-any-key", "update-inherited"}
    policies = {rule: re.sub(r'grant "[^"]+"', "grant k2", text) for rule, text in snippets.items()}
    zones["any.example"] = "allow-transfer { key k1; }; " + policies["update-by-any-key"]
    zones["dyn.example"] = policies["update-inherited"]
    good = conf("")
    assert check(good, tmp_path, *asked).found == []
    changes = []
    for step, text in (("bad", bad), ("good", good)):
        files = {f"{name}.db": ZONE_FILE for name in zones}
        with running_named(tmp_path / step, text, files=files) as server:
            tried = (("any.example", K1), ("any.example", K2), ("still.example", K2), ("dyn.example", K2))
            changes.append([update(server, name, key) for name, key in tried])
            assert server.axfr("any.example", PEER, K1)
    assert changes == [[True, True, True, True], [False, True, False, True]]


@pytest.mark.proves("transfer-mirror")
def test_a_mirror_is_handed_on_by_its_own_list_only(tmp_path: Path) -> None:
    """A zone that BIND has signed, mirrored under its key; its mirror answers queries as before."""
    primary = options_block() + (
        'zone "a.example" { type primary; file "zone.db"; dnssec-policy default; inline-signing yes; '
        "allow-transfer { any; }; };\n"
    )
    with running_named(
        tmp_path / "primary", primary, files={"zone.db": ZONE_FILE + "ns A 192.0.2.1\n"}
    ) as server:
        until = time.monotonic() + 20
        # Signed once each set comes with its signature.
        while len(records(server, "a.example", "SOA", signed=True)) < 2:
            assert time.monotonic() < until
            time.sleep(0.05)
        flags, protocol, algorithm, key = records(server, "a.example", "DNSKEY")[0].split(maxsplit=3)
        head = f'trust-anchors {{ a.example. static-key {flags} {protocol} {algorithm} "{key}"; }};\n'
        # BIND has no mirrors without recursion; nothing here asks for any.
        head += options_block("\tallow-transfer { any; };\n", listen="any;").replace(
            "recursion no;\n\tdnssec-validation no;", "recursion yes;\n\tdnssec-validation yes;"
        )
        mirror = f'type mirror; file "zone.db"; primaries {{ 127.0.0.1 port {server.port}; }};'
        bad = head + f'zone "a.example" {{ {mirror} allow-transfer {{ any; }}; }};\n'
        asked = ("--audience", "pedantic", "--select", "transfer-mirror")
        assert [rule for rule, _, _ in check(bad, tmp_path, *asked).found] == ["transfer-mirror"]
        run("check", "--fix", "--unsafe-fixes", *asked, tmp_path / "named.conf")
        good = (tmp_path / "named.conf").read_text()
        unsaid = head + f'zone "a.example" {{ {mirror} }};\n'
        served = []
        for step, text in (("bad", bad), ("good", good), ("unsaid", unsaid)):
            text = text.replace("listen-on { any; }", "listen-on { 127.0.0.1; }")
            with running_named(tmp_path / step, text) as secondary:
                until = time.monotonic() + 20
                while "mirror zone is now in use" not in secondary.log:
                    assert time.monotonic() < until
                    time.sleep(0.05)
                served.append(secondary.axfr("a.example", STRANGER))
                assert len(records(secondary, "a.example", "SOA")) == 1
    assert served == [True, False, False]
