"""Who can change zones, and who can connect to channels, on a real named; and what the rules' corrections change."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import dns.update
import pytest

from named_audit.host import MemoryHost
from named_audit.lint.audit import Audit
from named_audit.model.build import load_config
from named_audit.model.log_channels import ERROR, INFO, Logging
from named_audit.policy.matchlist import Locality
from named_audit.policy.updates import granting, update_rules
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import check, run
from tests.bind_server import ZONE_FILE, Key, Server, StandIns, free_port, options_block, running_named

K1 = Key("k1", "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM=")
K2 = Key("k2", "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA=")
OWN_NAME = Key("self.example", "q1w5E9Xn8oC3vYkZb7mLr2TtHsUdPfGaJ0iNeKxVy4Q=")
KEYS = "".join(key.statement for key in (K1, K2, OWN_NAME))
SOURCES: dict[str, Locality] = {"127.0.0.1": "localhost", "127.0.0.2": "localnets"}


def audit_of(text: str) -> Audit:
    host = MemoryHost({"/named.conf": text.encode()})
    return Audit(load_config("/named.conf", host, ReadOptions(release=parse_release("9.18"))))


def update(
    server: Server, zone: str, key: Key | None, source: str | None = None, type_: str = "A", name: str = "w"
) -> bool:
    """Whether named takes an update that adds a record."""
    ring = key.ring() if key is not None else None
    message = dns.update.UpdateMessage(
        zone, keyring=ring, keyalgorithm=key.algorithm if key else "hmac-sha256"
    )
    message.add(name, 60, type_, "192.0.2.1" if type_ == "A" else "ns.other.test.")
    answer = dns.query.tcp(message, server.address, 10, server.port, source=source)
    assert answer.rcode() in (dns.rcode.NOERROR, dns.rcode.REFUSED), (zone, dns.rcode.to_text(answer.rcode()))
    return answer.rcode() == dns.rcode.NOERROR


LISTS = (
    "allow-update { any; };",
    "allow-update { none; };",
    "allow-update { };",
    "allow-update { key k1; };",
    "allow-update { key k1; 127.0.0.2; };",
    "allow-update { !{ !127.0.0.2; any; }; key k1; };",
    "allow-update { localhost; key k2; };",
    "allow-update { any; }; allow-query { none; };",
    "allow-update { any; }; allow-query { key k1; 127.0.0.2; };",
    "allow-update { key k2; }; allow-query { !127.0.0.2; any; };",
    "",
)


@pytest.mark.bind
def test_who_can_update(tmp_path: Path) -> None:
    """Each list, with the one of the options that a zone without any inherits."""
    zones = "".join(
        f'zone "z{number}.example" {{ type primary; file "z{number}.db"; {text} }};\n'
        for number, text in enumerate(LISTS)
    )
    conf = KEYS + options_block("\tallow-update { key k1; 127.0.0.1; };\n") + zones
    access = {zone.canonical: each for each in audit_of(conf).updates for zone in each.zones}
    files = {f"z{number}.db": ZONE_FILE for number in range(len(LISTS))}
    observed: dict[tuple[int, str, str | None], bool] = {}
    expected: dict[tuple[int, str, str | None], bool] = {}
    with running_named(tmp_path, conf, files=files) as server:
        for number, source, key in product(range(len(LISTS)), SOURCES, (None, K1, K2)):
            zone, signer = f"z{number}.example", key.name if key is not None else None
            case = (number, source, signer)
            observed[case] = update(server, zone, key, source)
            expected[case] = source in access[zone].addresses(signer, SOURCES[source])
    assert observed == expected
    assert set(observed.values()) == {True, False}


POLICIES = (
    "grant k1 zonesub ANY;",
    "grant k1 zonesub;",
    "grant k1 name z2.example. NS;",
    "grant k1 name z2.example. NS;",
    "grant k1 subdomain example. ANY;",
    "grant k1 subdomain w.z5.example. ANY;",
    "grant k1 wildcard *.example. ANY;",
    "grant k1 wildcard *.z7.example. ANY;",
    "deny k1 name z8.example. NS; grant k1 zonesub ANY;",
    "deny * zonesub ANY; grant k1 zonesub ANY;",
    "grant * zonesub ANY;",
    "grant self.example self self.example. ANY;",
    "grant self.example selfsub self.example. ANY;",
    "grant *.example zonesub NS(3);",
    "grant k1 zonesub A NS;",
    "deny k2 zonesub; grant * zonesub ANY;",
)


@pytest.mark.bind
def test_what_rules_of_a_policy_grant(tmp_path: Path) -> None:
    """For each rule and key: whether it may add NS records at the top of the zone, and addresses below."""
    names = [f"z{number}.example" for number in range(len(POLICIES))]
    names[11] = names[12] = "self.example"
    zones = [
        f'zone "{name}" {{ type primary; file "{number}.db"; update-policy {{ {text} }}; }};\n'
        for number, (name, text) in enumerate(zip(names, POLICIES, strict=True))
    ]
    for left_out in (12, 11):
        conf = (
            KEYS + options_block() + "".join(text for number, text in enumerate(zones) if number != left_out)
        )
        config = audit_of(conf).config
        observed: dict[tuple[str, str, str], bool] = {}
        expected: dict[tuple[str, str, str], bool] = {}
        files = {f"{number}.db": ZONE_FILE for number in range(len(POLICIES))}
        with running_named(tmp_path / str(left_out), conf, files=files) as server:
            for zone, key in product(config.zones, (K1, K2, OWN_NAME)):
                rules = update_rules(zone.level.statements["update-policy"])
                for type_, name in (("NS", "@"), ("A", "w")):
                    case = (zone.canonical, key.name, type_)
                    full = zone.canonical if name == "@" else f"{name}.{zone.canonical}"
                    observed[case] = update(server, zone.canonical, key, type_=type_, name=name)
                    expected[case] = granting(rules, key.name, full, type_) is not None
        assert observed == expected
        assert set(observed.values()) == {True, False}


@pytest.mark.proves("update-unsigned", "update-unlimited")
@pytest.mark.bind
def test_corrected_updates(tmp_path: Path) -> None:
    """A stranger, or a key, changes the zone as it is; once corrected, only whoever is meant, and only what is meant."""
    conf = (
        KEYS
        + options_block()
        + 'zone "list.example" { type primary; file "1.db"; allow-update { any; key k1; }; };\n'
        + 'zone "rule.example" { type primary; file "2.db"; update-policy { grant k1 zonesub ANY; }; };\n'
        + 'zone "keyed.example" { type primary; file "3.db"; allow-update { key k1; }; };\n'
    )
    files = {f"{number}.db": ZONE_FILE for number in (1, 2, 3)}

    def changes(directory: Path, text: str) -> tuple[list[bool], bool]:
        with running_named(directory, text, files=files) as server:
            found = [
                update(server, "list.example", None, "127.0.0.2"),
                update(server, "list.example", K1, "127.0.0.2"),
                update(server, "rule.example", K1, type_="NS", name="@"),
                update(server, "rule.example", K1),
                update(server, "keyed.example", K1, type_="NS", name="@"),
                update(server, "keyed.example", K1),
            ]
            return found, "zone 'list.example' allows unsigned updates from remote hosts" in server.log

    select = "update-unsigned,update-unlimited"
    # Judged as a server that others can reach, and run as one that only this machine can.
    reachable = conf.replace("listen-on { 127.0.0.1; }", "listen-on { any; }")
    assert reachable != conf
    found = check(reachable, tmp_path, "--select", select, "--audience", "auditor")
    assert [rule for rule, _, _ in found.found] == ["update-unsigned", "update-unlimited", "update-unlimited"]
    path = tmp_path / "named.conf"
    run("check", "--fix", "--unsafe-fixes", "--select", select, "--audience", "auditor", path)
    fixed = path.read_text().replace("listen-on { any; }", "listen-on { 127.0.0.1; }")
    assert changes(tmp_path / "bad", conf) == ([True] * 6, True)
    assert changes(tmp_path / "good", fixed) == ([False, True, False, True, False, True], False)


def connects(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), 5):
            return True
    except ConnectionRefusedError:
        return False


@pytest.mark.proves("control-exposed", "statistics-open")
@pytest.mark.bind
def test_corrected_channels(tmp_path: Path) -> None:
    """Channels for everybody are found on every address; corrected, on loopback, where rndc still works."""
    control, statistics = free_port("127.0.0.1", "127.0.0.5"), free_port("127.0.0.1", "127.0.0.5")
    conf = (
        K1.statement
        + f"controls {{\n\tinet * port {control} allow {{ any; }} keys {{ k1; }};\n}};\n"
        + f"statistics-channels {{\n\tinet * port {statistics};\n}};\n"
        + options_block().removeprefix("controls { };\n")
    )
    path = tmp_path / "named.conf"
    path.write_text(conf)
    select = "control-exposed,statistics-open"
    run("check", "--fix", "--unsafe-fixes", "--select", select, path)
    fixed = path.read_text()
    (tmp_path / "rndc.conf").write_text(K1.statement + "options { default-key k1; };\n")

    def state(directory: Path, text: str) -> tuple[bool, ...]:
        with running_named(directory, text):
            rndc = subprocess.run(
                ["rndc", "-c", str(tmp_path / "rndc.conf"), "-s", "127.0.0.1", "-p", str(control), "status"],
                capture_output=True,
                timeout=20,
                check=False,
            )
            ports = (control, statistics)
            return (
                rndc.returncode == 0,
                *(connects(a, p) for p in ports for a in ("127.0.0.1", "127.0.0.5")),
            )

    assert state(tmp_path / "bad", conf) == (True, True, True, True, True)
    assert state(tmp_path / "good", fixed) == (True, True, False, True, False)


@pytest.mark.bind
def test_keys_in_the_list_of_a_channel_match_nobody(tmp_path: Path) -> None:
    control = free_port("127.0.0.1")
    conf = (
        K1.statement
        + f"controls {{ inet 127.0.0.1 port {control} allow {{ key k1; }} keys {{ k1; }}; }};\n"
        + options_block().removeprefix("controls { };\n")
    )
    (tmp_path / "rndc.conf").write_text(K1.statement + "options { default-key k1; };\n")
    with running_named(tmp_path / "run", conf) as server:
        command = ["rndc", "-c", str(tmp_path / "rndc.conf"), "-s", "127.0.0.1", "-p", str(control), "status"]
        assert subprocess.run(command, capture_output=True, timeout=20, check=False).returncode != 0
        assert "rejected command channel message from 127.0.0.1" in server.log


@contextlib.contextmanager
def logging_named(directory: Path, conf: str) -> Iterator[int]:
    """A named that logs as its configuration says (`running_named` sends all to stderr); its port."""
    named = shutil.which("named")
    assert named is not None
    directory.mkdir()
    (directory / "named.conf").write_text(conf)
    (directory / "zone.db").write_text(ZONE_FILE)
    port = free_port("127.0.0.1")
    command = [named, "-f", "-n", "2", "-c", "named.conf", "-p", str(port)]
    process = subprocess.Popen(
        command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 30
        general = directory / "general.log"
        while not (general.exists() and "running" in general.read_text()):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


CHANNELS = (
    '\tchannel general { file "general.log"; };\n'
    '\tchannel own { file "own.log"; };\n'
    '\tchannel dynamic { file "dynamic.log"; severity dynamic; };\n'
    '\tchannel errors { file "errors.log"; severity error; };\n'
    '\tchannel grave { file "grave.log"; severity critical; };\n'
    "\tchannel void { null; };\n"
    "\tcategory default { general; };\n"
)
WRITTEN = (("security", ERROR, "AXFR/IN' denied"), ("xfer-out", INFO, "AXFR started"))
"""Category, severity and a part of the line of a denied transfer, and of one that is served."""


@pytest.mark.bind
@pytest.mark.parametrize(
    "category",
    ["own; dynamic;", "errors;", "grave;", "void; null;", "default_debug;", "null; own;"],
)
def test_which_lines_are_written(tmp_path: Path, category: str) -> None:
    """named writes the lines that the model says it writes, each to the channels that it says."""
    categories = f"\tcategory security {{ {category} }};\n\tcategory xfer-out {{ {category} }};\n"
    conf = (
        f"logging {{\n{CHANNELS}{categories}}};\n"
        + options_block()
        + 'zone "a.example" { type primary; file "zone.db"; allow-transfer { 127.0.0.1; }; };\n'
    )
    log = Logging(audit_of(conf).config)
    directory = tmp_path / "run"
    with logging_named(directory, conf) as port:
        for source in ("127.0.0.2", "127.0.0.1"):
            query = dns.message.make_query("a.example", "AXFR")
            dns.query.tcp(query, "127.0.0.1", 10, port, source=source)
    texts = {path.stem: path.read_text() for path in directory.glob("*.log")}
    assert not (directory / "named.run").exists()
    for name, severity, line in WRITTEN:
        expected = {channel.name for channel in log.route(name).writers(severity)}
        assert {stem for stem, text in texts.items() if line in text} == expected


@pytest.mark.proves("log-suppressed")
@pytest.mark.bind
def test_corrected_logging(tmp_path: Path) -> None:
    """A denied transfer leaves no line with the category as it is, and one in the file of the others once corrected."""
    conf = (
        f"logging {{\n{CHANNELS}\tcategory security {{ null; }};\n}};\n"
        + options_block()
        + 'zone "a.example" { type primary; file "zone.db"; allow-transfer { none; }; };\n'
    )
    # Judged as a server that others can reach, and run as one that only this machine can.
    reachable = conf.replace("listen-on { 127.0.0.1; }", "listen-on { any; }")
    assert [rule for rule, _, _ in check(reachable, tmp_path, "--select", "log-suppressed").found] == [
        "log-suppressed"
    ]
    path = tmp_path / "named.conf"
    run("check", "--fix", "--unsafe-fixes", "--select", "log-suppressed", path)
    fixed = path.read_text().replace("listen-on { any; }", "listen-on { 127.0.0.1; }")
    for number, (text, shows) in enumerate(((conf, False), (fixed, True))):
        directory = tmp_path / str(number)
        with logging_named(directory, text) as port:
            dns.query.tcp(dns.message.make_query("a.example", "AXFR"), "127.0.0.1", 10, port)
        assert any("denied" in log.read_text() for log in directory.glob("*.log")) == shows


@pytest.mark.proves("list-of-itself")
@pytest.mark.bind
def test_a_list_of_itself_tells_nobody(tmp_path: Path) -> None:
    target = free_port("127.0.0.11")
    conf = (
        "primaries loop { loop; };\n"
        f"primaries real {{ 127.0.0.11 port {target}; }};\n"
        + options_block().replace("\tnotify no;\n", "")
        + 'zone "a.example" { type primary; file "zone.db"; allow-transfer { 127.0.0.11; }; also-notify { loop; }; };\n'
        + 'zone "b.example" { type primary; file "zone.db"; allow-transfer { 127.0.0.11; }; also-notify { real; }; };\n'
    )
    assert [rule for rule, _, _ in check(conf, tmp_path, "--select", "list-of-itself").found] == [
        "list-of-itself"
    ]
    with (
        StandIns([("127.0.0.11", target)], []) as stand_ins,
        running_named(tmp_path / "run", conf, files={"zone.db": ZONE_FILE}),
    ):
        stand_ins.wait_for("b.example", 1)
        assert {each.zone for each in stand_ins.received} == {"b.example"}
    assert stand_ins.errors == []
