"""What a real named sends when zones change, held against the plans for the very same file: exact sets."""

from __future__ import annotations

import base64
import os
import re
import socket
import subprocess
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from named_audit.host import LocalHost
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.model.zone_data import ZoneReader
from named_audit.policy.addresses import AddressSet
from named_audit.policy.notify import Notifier, NotifyTarget
from named_audit.policy.reach import Lists, Reach
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.bind_server import Key, Received, StandIns, free_port, running_named

OWN = "127.0.0.1"
HOSTS = tuple(f"127.0.{block}.{host}" for block in (0, 1) for host in range(11, 23))
"""The addresses of the stand-ins."""

SENTINEL = "sentinel.example"
LEAST = 5
"""How many zones cover each row."""


class Case(NamedTuple):
    """A zone: the rows it covers, its statements, its type, and the addresses of its NS names.

    The SOA MNAME is the NS name "mname", which every zone has.
    """

    rows: str
    statements: str
    type: str = "primary"
    servers: Mapping[str, str] = {}
    view: str | None = None


class Sent(NamedTuple):
    """A NOTIFY as both sides can say it. `source_port` is None unless the configuration fixes it."""

    zone: str
    address: str
    port: int
    transport: str
    source: str
    source_port: int | None
    key: str | None


KEYS = [
    Key(name, base64.b64encode(os.urandom(32)).decode())
    for name in ("entry", "server", "wide", "narrow", "other", "Mixed.Case", "ctl")
]


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


V6 = _has_ipv6()

OPTIONS = """\
options {
	pid-file none;
	session-keyfile none;
	recursion no;
	dnssec-validation no;
	listen-on { 127.0.0.1; };
	listen-on-v6 { none; };
	port @PORT@;
	tls-port @TLS@;
	notify-rate 10000;
	startup-notify-rate 10000;
	notify-delay 0;
	minimal-responses yes;
	masterfile-format text;
	@MORE@
};
controls { inet 127.0.0.1 port @CONTROL@ allow { 127.0.0.1; } keys { ctl; }; };
"""

LISTS = """\
primaries plain { 127.0.0.11; 127.0.0.12; };
primaries ported port @ONE@ { 127.0.0.11; 127.0.0.18 port @TWO@; };
primaries keyed { 127.0.0.11 key entry; 127.0.0.19; };
masters outer { 127.0.0.20; plain; 127.0.0.21; };
primaries outerported port @TWO@ { plain; 127.0.0.20; ported; 127.0.0.21; };
primaries mixed port @ONE@ { ported; plain; keyed; ported; };
primaries loop { 127.0.0.22; pool; };
primaries pool { 127.0.0.21; loop; };
primaries selfish { selfish; };
primaries again port @TWO@ { PLAIN; 127.0.0.20; };
"""

SERVERS = """\
server 127.0.0.12 { keys server; };
server 127.0.1.0/24 { keys wide; };
server 127.0.1.16/29 { keys narrow; };
server 127.0.1.17 { request-ixfr no; };
server 127.0.1.18 { keys { entry; }; };
server 127.0.0.13 { notify-source 127.0.0.41; };
server 127.0.0.14 { notify-source 127.0.0.42; keys server; };
server 127.0.0.15 { tcp-only yes; };
server 127.0.0.16 { tcp-only yes; keys server; };
"""

TLS = 'tls t { ca-file "ca.pem"; };\n'

PLAIN = [
    # No options-level also-notify in this server.
    Case("key", "also-notify { 127.0.0.11 key entry; };"),
    Case("key", "also-notify { 127.0.0.11 key ENTRY.; 127.0.0.18 key mixed.case; };"),
    Case("key", "also-notify { 127.0.0.11; 127.0.0.11 key entry; };"),
    Case("key", "also-notify { 127.0.0.12 key entry; 127.0.1.11 key other; };"),
    Case("key", 'also-notify { 127.0.0.11 port @ONE@ key "entry"; };'),
    Case("undefined server", "also-notify { 127.0.0.12 key nope; };"),
    Case("undefined", "also-notify { 127.0.0.11 key nope; };"),
    Case("undefined", "also-notify { 127.0.0.11 key nope; 127.0.0.11; 127.0.0.18 key entry; };"),
    Case("undefined prefix", "also-notify { 127.0.1.11 key nope; 127.0.1.17 key nope; };"),
    Case("undefined", "also-notify { 127.0.0.14 key nope; 127.0.0.16 key nope; };"),
    Case("server", "also-notify { 127.0.0.12; };"),
    Case("server", "also-notify { 127.0.0.12; 127.0.0.11; };"),
    Case("server", "also-notify port @ONE@ { 127.0.0.12; 127.0.0.14; };"),
    Case("server listport", "also-notify port @ONE@ { 127.0.0.12 port @TWO@; };"),
    Case("prefix", "also-notify { 127.0.1.11; 127.0.1.16; };"),
    Case("prefix", "also-notify { 127.0.1.17; };"),
    Case("prefix", "also-notify { 127.0.1.18; 127.0.1.19; };"),
    Case("prefix", "also-notify { 127.0.1.17 key entry; 127.0.1.16 key entry; };"),
    Case("listport", "also-notify port @ONE@ { 127.0.0.11; };"),
    Case("listport", "also-notify { 127.0.0.11 port @ONE@; 127.0.0.11 port @TWO@; 127.0.0.11; };"),
    Case("listport nested", "also-notify { ported; };"),
    Case("listport nested", "also-notify port @TWO@ { ported; 127.0.0.19; plain; };"),
    Case("listport nested", "also-notify { outerported; 127.0.0.22; };"),
    Case("nested", "also-notify { outer; };"),
    Case("nested", "also-notify { plain; plain; PLAIN; 127.0.0.11; };"),
    Case("nested", "also-notify port @TWO@ { mixed; outer; };"),
    Case("nested", "also-notify { keyed; outer; mixed; };"),
    Case("nested loop", "also-notify { loop; };"),
    Case("nested loop", "also-notify { selfish; };"),
    Case("nested", "also-notify { plain; Again; };"),
    Case("nested", "also-notify { again; plain; };"),
    Case("empty", "also-notify { };"),
    Case("dup", "also-notify { 127.0.0.11; 127.0.0.11; 127.0.0.11 port @PORT@; };"),
    Case("soa", "notify-to-soa yes;"),
    Case("soa", "notify-to-soa no;"),
    Case("soa ns", "notify-to-soa yes; also-notify { 127.0.0.18; };", servers={"ns2": "127.0.0.19"}),
    Case("soa ns", "", servers={"ns2": "127.0.0.19"}),
    Case("soa", "notify-to-soa yes; notify explicit;"),
    Case("soa", "notify-to-soa yes; notify primary-only;"),
    Case("soa", "notify-to-soa yes; notify no;"),
    Case("explicit", "notify explicit; also-notify { 127.0.0.18; };", servers={"ns2": "127.0.0.19"}),
    Case("explicit", "notify explicit;", servers={"ns2": "127.0.0.19"}),
    Case("explicit", "notify EXPLICIT; also-notify { };", servers={"ns2": "127.0.0.19"}),
    Case("explicit", "notify explicit; also-notify { keyed; };"),
    Case("explicit", "notify explicit; also-notify { 127.0.0.19; };", "secondary", {"ns2": "127.0.0.18"}),
    Case("primaryonly", "notify primary-only; also-notify { 127.0.0.18; };", servers={"ns2": "127.0.0.19"}),
    Case("primaryonly", "notify master-only;", servers={"ns2": "127.0.0.19"}),
    Case("primaryonly", "notify primary-only; also-notify { 127.0.0.18; };", "secondary"),
    Case(
        "primaryonly", "notify master-only; also-notify { 127.0.0.18; };", "secondary", {"ns2": "127.0.0.19"}
    ),
    Case("primaryonly", "notify primary-only; notify-to-soa yes;", "secondary"),
    Case("no", "notify no; also-notify { 127.0.0.18; };"),
    Case("no", "notify no;", servers={"ns2": "127.0.0.19"}),
    Case("no", "notify false; also-notify { plain; };"),
    Case("no", "notify 0; notify-to-soa yes; also-notify { 127.0.0.18 key entry; };"),
    Case("no", "notify no; also-notify { 127.0.0.18; };", "secondary"),
    Case("secondary", "", "secondary", {"ns2": "127.0.0.18"}),
    Case("secondary", "notify true; also-notify { 127.0.0.12; };", "secondary"),
    Case("secondary", "also-notify { keyed; };", "secondary", {"ns2": "127.0.0.12"}),
    Case("secondary", "notify-to-soa yes;", "secondary"),
    Case("secondary", "also-notify { };", "secondary"),
    Case("source", "also-notify { 127.0.0.11; }; notify-source 127.0.0.43;"),
    Case("source", "also-notify { 127.0.0.13; }; notify-source 127.0.0.43;"),
    Case("source", "also-notify { 127.0.0.13; 127.0.0.14; 127.0.0.11; };"),
    Case("source", "also-notify { 127.0.0.11; }; notify-source *;"),
    Case("source", "also-notify { 127.0.0.11; }; notify-source 127.0.0.44 port @THREE@;"),
    Case("source", "notify-source 127.0.0.43;", servers={"ns2": "127.0.0.13", "ns3": "127.0.0.18"}),
    Case("sourcebug", "also-notify { 127.0.0.13 key entry; };"),
    Case("sourcebug", "also-notify { 127.0.0.13 key entry; }; notify-source 127.0.0.43;"),
    Case("sourcebug", "also-notify { 127.0.0.14 key entry; 127.0.0.14; };"),
    Case("sourcebug tcp", "also-notify { 127.0.0.15 key entry; };"),
    Case("sourcebug tcp", "also-notify { 127.0.0.16 key entry; 127.0.0.13 key entry; };"),
    Case("tcp", "also-notify { 127.0.0.15; };"),
    Case("tcp", "also-notify port @ONE@ { 127.0.0.16; };"),
    Case("tcp", "", servers={"ns2": "127.0.0.15"}),
    Case("tls", "also-notify { 127.0.0.11 tls t; };"),
    Case("tls", "also-notify { 127.0.0.11 port @ONE@ tls t; };"),
    Case("tls", "also-notify port @ONE@ { 127.0.0.11 tls t; 127.0.0.18; };"),
    Case("tls", "also-notify { 127.0.0.12 tls ephemeral; 127.0.0.11 key entry tls t; };"),
    Case("tls", "also-notify { 127.0.0.11 tls t; 127.0.0.11; };"),
    Case("ns", "", servers={"ns2": "127.0.0.12"}),
    Case("ns", "", servers={"ns2": "127.0.1.11", "ns3": "127.0.1.17", "NS4": "127.0.0.18"}),
    Case("ns", "also-notify { 127.0.0.18 port @ONE@; };", servers={"ns2": "127.0.0.18"}),
    Case("ns", "also-notify { 127.0.0.18 key entry; };", servers={"ns2": "127.0.0.18"}),
    Case("ns own", "", servers={"ns2": OWN, "ns3": "127.0.0.18"}),
    Case("ns own", f"also-notify {{ {OWN} port @ONE@; 127.0.0.11; }};", servers={"ns2": OWN}),
    Case("ns glue", "", servers={"ns.child": "127.0.0.18", "ns3": "127.0.0.19"}),
    Case("ns alias", "", "secondary", {"alias": "", "ns3": "127.0.0.19"}),
    Case("ns none", "", servers={"ns3": "127.0.0.19", "ns.other.example.": ""}),
    Case("blackhole", "also-notify { 127.0.1.22; 127.0.0.11; };"),
    Case("blackhole", "", servers={"ns2": "127.0.1.22", "ns3": "127.0.0.19"}),
    Case("blackhole", "also-notify { 127.0.1.22 key entry; 127.0.1.21; };"),
    Case("blackhole", "also-notify { 127.0.1.22 port @ONE@; };"),
    Case("blackhole", "also-notify { plain; 127.0.1.22; };"),
]
if V6:
    PLAIN += [
        Case("ipv6", "also-notify { ::1 port @ONE@; };"),
        Case("ipv6", "also-notify port @TWO@ { ::1; 127.0.0.11; };"),
        Case("ipv6", "also-notify { ::1 port @ONE@ key entry; ::1 port @ONE@; };"),
        Case("ipv6", "also-notify { ::1; 0::1; 0:0::1 port @ONE@; };"),
        Case("ipv6", "", servers={"ns2": "::1"}),
        Case("ipv6", "also-notify { ::ffff:127.0.0.11; 127.0.0.18; };"),
    ]

VIEWS_HEAD = """\
server 127.0.0.12 { keys server; };
server 127.0.1.0/24 { keys wide; };
server 127.0.0.13 { notify-source 127.0.0.41; };
"""

VIEWS = {
    # Nothing of its own: options and the global server blocks hold.
    "bare": "",
    # Its one server block hides all the global ones.
    "own": (
        "also-notify { 127.0.0.22; }; notify-source 127.0.0.46;\n"
        "server 127.0.0.18 { keys vkey; notify-source 127.0.0.47; };\n"
        'key vkey { algorithm hmac-sha256; secret "@VKEY@"; };\n'
    ),
    "quiet": "notify no; notify-to-soa yes;\n",
    # Its server block says nothing of sources or TCP, so that a key in an entry leaves nothing to chance.
    "strict": "notify explicit; also-notify { }; server 127.0.0.12 { keys server; };\n",
}

IN_VIEWS = [
    Case("level", "", view="bare"),
    Case("level empty", "also-notify { };", view="bare"),
    Case("level empty", "also-notify { }; notify-to-soa yes;", view="bare"),
    Case("level empty", "also-notify { };", view="own"),
    Case("level empty", "also-notify { }; notify explicit;", view="own", servers={"ns2": "127.0.0.11"}),
    Case("level empty", "also-notify { };", "secondary", {"ns2": "127.0.0.19"}, view="bare"),
    Case("level", "", view="own"),
    Case("level", "also-notify { 127.0.0.11; };", view="own"),
    Case("level", "also-notify { 127.0.0.11; }; notify-source 127.0.0.44;", view="own"),
    Case("level", "notify-source *;", view="own"),
    Case("level", "", view="quiet", servers={"ns2": "127.0.0.19"}),
    Case("level", "notify yes;", view="quiet", servers={"ns2": "127.0.0.19"}),
    Case("level", "notify yes; notify-to-soa no;", view="quiet"),
    Case("level", "notify explicit;", view="quiet", servers={"ns2": "127.0.0.19"}),
    Case("level", "", view="strict", servers={"ns2": "127.0.0.19"}),
    Case("level", "notify yes;", view="strict", servers={"ns2": "127.0.0.19"}),
    Case("level", "also-notify { 127.0.0.12; };", view="strict", servers={"ns2": "127.0.0.19"}),
    Case("level", "notify yes;", "secondary", {"ns2": "127.0.0.19"}, view="strict"),
    Case("viewserver", "also-notify { 127.0.0.12; 127.0.1.11; };", view="own"),
    Case("viewserver", "also-notify { 127.0.0.12; 127.0.1.11; };", view="bare"),
    Case("viewserver", "also-notify { 127.0.0.18; 127.0.0.13; };", view="own"),
    Case("viewserver", "also-notify { 127.0.0.18; 127.0.0.13; };", view="bare"),
    Case("viewserver", "also-notify { 127.0.0.18 key nope; };", view="own"),
    Case("viewserver", "", view="own", servers={"ns2": "127.0.0.18", "ns3": "127.0.0.12"}),
    Case("viewserver", "", view="strict", servers={"ns2": "127.0.0.12"}),
    Case("viewkey", "also-notify { 127.0.0.11 key vkey; };", view="own"),
    Case("viewkey", "also-notify { 127.0.0.11 key vkey; };", view="bare"),
    Case("viewkey", "also-notify { 127.0.0.12 key vkey; };", view="bare"),
    Case("viewkey", "also-notify { 127.0.0.11 key VKEY.; 127.0.0.12 key entry; };", view="own"),
    Case("viewkey", "also-notify { 127.0.0.11 key vkey; };", view="quiet"),
    Case("viewkey", "notify yes; also-notify { 127.0.0.11 key vkey; };", view="quiet"),
    Case("key", "also-notify { 127.0.0.11 key entry; };", view="strict"),
    Case("key", "also-notify { 127.0.0.11 key ENTRY.; 127.0.0.18 key mixed.case; };", view="strict"),
    Case("key", "also-notify { 127.0.0.11; 127.0.0.11 key entry; };", view="strict"),
    Case("key", "also-notify { 127.0.0.12 key entry; }; notify-source 127.0.0.44;", view="strict"),
    Case("key", "also-notify port @ONE@ { 127.0.0.12 key entry; 127.0.0.12; };", view="strict"),
    Case("inview", "", "in-view bare", view="strict"),
]

ROWS_PLAIN = "key undefined server prefix listport nested soa explicit primaryonly no secondary source sourcebug tls ns blackhole"
ROWS_VIEWS = "key level empty viewserver viewkey"


def zone_text(servers: Mapping[str, str]) -> str:
    """A master file: the MNAME is the NS name "mname", and each server has its address, if any."""
    lines = ["$TTL 60", "@ SOA mname admin 1 3600 600 86400 60", "@ NS mname", "mname A 127.0.0.22"]
    for name, address in servers.items():
        lines.append(f"@ NS {name}")
        if address:
            lines.append(f"{name} {'AAAA' if ':' in address else 'A'} {address}")
        if name.endswith(".child"):
            lines.append(f"child NS {name}")
        if name == "alias":
            lines += ["alias CNAME target", "target A 127.0.0.21"]
    return "\n".join(lines) + "\n"


def zones_of(cases: Sequence[Case]) -> dict[str, Case]:
    """Each case with the name of its zone."""
    return {f"z{number}.example": case for number, case in enumerate(cases)}


def zone_statement(name: str, case: Case) -> str:
    """The zone in named.conf."""
    if case.type.startswith("in-view"):
        return f'zone "z0.example" {{ {case.type}; }};\n'
    primaries = "primaries { 127.0.0.99; }; " if case.type == "secondary" else ""
    return f'zone "{name}" {{ type {case.type}; file "{name}.db"; {primaries}{case.statements} }};\n'


class Run(NamedTuple):
    """What came, what named's log says, and the configuration that named-audit read from the same file."""

    received: list[Received]
    logged: set[tuple[str, str, int, str | None]]
    config: Config
    reader: ZoneReader


def run(directory: Path, conf: str, zones: Mapping[str, Case], more_keys: Sequence[Key] = ()) -> Run:
    """Start named, have it notify for each zone and for the sentinel last, and wait for that."""
    port = free_port(OWN, *HOSTS)
    ports: dict[str, int] = {"PORT": port}
    for name in ("ONE", "TWO", "THREE", "TLS", "CONTROL"):
        while (found := free_port(OWN, *HOSTS)) in ports.values():
            pass
        ports[name] = found
    for name, number in ports.items():
        conf = conf.replace(f"@{name}@", str(number))
    sentinel = Case("", f"notify explicit; also-notify {{ 127.0.1.20 port {ports['ONE']}; }};")
    files = {f"{name}.db": zone_text(case.servers) for name, case in zones.items()}
    files |= {f"{SENTINEL}.db": zone_text({}), "ctl.key": KEYS[-1].statement}
    conf = conf.replace("@SENTINEL@", zone_statement(SENTINEL, sentinel))
    open_ports = [ports[name] for name in ("PORT", "ONE", "TWO", "TLS")]
    places = [(host, number) for host in HOSTS for number in open_ports]
    places += [(host, ports[name]) for host in (OWN, *(["::1"] if V6 else [])) for name in ("ONE", "TWO")]
    places += [("::1", port)] if V6 else []
    with (
        StandIns(places, [*KEYS, *more_keys]) as stand_ins,
        running_named(directory, conf, files=files, port=port, debug=3) as server,
    ):
        for name, case in zones.items():
            if not case.type.startswith("in-view"):
                rndc(directory, ports["CONTROL"], "notify", name, *(["IN", case.view] if case.view else []))
        # Twice: what named handles in parallel with the first has gone out when the second is asked for.
        for _ in range(2):
            before = sum(each.zone == SENTINEL for each in stand_ins.received)
            view = ["IN", "bare"] if "view " in conf else []
            rndc(directory, ports["CONTROL"], "notify", SENTINEL, *view)
            stand_ins.wait_for(SENTINEL, before + 1)
        received, log = stand_ins.received, server.log
    assert stand_ins.errors == []
    config, reader = audited(directory)
    fixed = {ports["THREE"]}
    return Run(
        [
            each._replace(source_port=each.source_port if each.source_port in fixed else 0)
            for each in received
            if each.zone != SENTINEL
        ],
        logged(log),
        config,
        reader,
    )


def rndc(directory: Path, port: int, *arguments: str) -> None:
    """Ask named for something on its control channel."""
    command = ["rndc", "-k", str(directory / "ctl.key"), "-s", OWN, "-p", str(port), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, (arguments, done.stderr)


_SENDING = re.compile(
    r"zone ([^/\s]+)/IN(?:/\S+)?: sending notify to ([0-9a-f.:]+)#(\d+)(?: : TSIG \(([^)]+)\))?"
)


def logged(log: str) -> set[tuple[str, str, int, str | None]]:
    """Zone, address, port and key of every NOTIFY that named says it sends."""
    return {
        (zone, address, int(port), key.lower() if key else None)
        for zone, address, port, key in _SENDING.findall(log)
        if zone != SENTINEL
    }


def audited(directory: Path) -> tuple[Config, ZoneReader]:
    """The configuration as named-audit reads it, for the machine's own release."""
    host = LocalHost()
    version = host.named_version()
    assert version is not None
    options = ReadOptions(release=parse_release(version))
    config = load_config(str(directory / "named.conf"), host, options)
    assert config.problems == []
    return config, ZoneReader(config, host, options)


class Predicted(NamedTuple):
    """What the plans say: what is sent, what may come in place of some of it, and where more is possible."""

    sends: set[Sent]
    instead: set[Sent]
    unsure: set[str]


def predicted(run: Run, zones: Mapping[str, Case]) -> Predicted:
    """What the plans say for all zones."""
    lists = Lists(run.config)
    own = AddressSet.from_text(OWN)
    notifier = Notifier(run.config, lists, Reach(run.config, lists), zone_data=run.reader, own=own)
    sends: set[Sent] = set()
    instead: set[Sent] = set()
    unsure: set[str] = set()
    for zone in run.config.zones:
        plan = notifier.plan(zone)
        if zone.canonical == SENTINEL or zone.in_view is not None:
            assert zone.in_view is None or plan.sends == frozenset()
            continue
        assert zone.canonical in zones
        sends |= {as_sent(zone.canonical, target) for target in plan.sends if target.address is not None}
        instead |= {as_sent(zone.canonical, target) for target in plan.instead}
        if [why for why in plan.unknown if "server block of another address" not in why]:
            unsure.add(zone.canonical)
        assert any("server block of another address" in why for why in plan.unknown) == bool(plan.instead)
    return Predicted(sends, instead, unsure)


def as_sent(zone: str, target: NotifyTarget) -> Sent:
    """A planned NOTIFY; without a source the kernel takes the loopback address."""
    kernel = "::1" if target.family == 6 else OWN
    source = target.source_text or kernel
    return Sent(zone, target.text, target.port, target.transport, source, target.source_port, target.key)


def as_observed(each: Received) -> Sent:
    """A NOTIFY that came."""
    place = (each.zone, each.address, each.port, each.transport, each.source)
    return Sent(*place, each.source_port or None, each.key)


def place(sent: Sent) -> tuple[str, str, int, str | None]:
    """What chance does not touch."""
    return sent.zone, sent.address, sent.port, sent.key


def check(run: Run, zones: Mapping[str, Case], unsure: set[str], rows: str) -> None:
    """Predicted = observed, zone by zone; every row is covered; named's own log says the same."""
    observed = {as_observed(each) for each in run.received}
    expected = predicted(run, zones)
    assert expected.unsure == unsure
    wrong = defaultdict(list)
    for sent in observed - expected.sends - expected.instead:
        wrong[sent.zone].append(f"not predicted: {sent}")
    # Where named leaves it to chance, one of what may come must have come.
    chance = {place(sent) for sent in expected.instead}
    came = {place(sent) for sent in observed}
    for sent in expected.sends - observed:
        if place(sent) not in chance & came:
            wrong[sent.zone].append(f"not sent: {sent}")
    assert not wrong, "\n".join(
        f"{zone} {zones[zone]}\n  " + "\n  ".join(lines) for zone, lines in sorted(wrong.items())
    )
    # Nothing went to a place where nobody listens. The log has what blackhole drops in it, too.
    dropped = {each for each in run.logged if each[1] == "127.0.1.22"}
    assert came == run.logged - dropped
    covered = Counter(row for case in zones.values() for row in case.rows.split())
    assert {row: covered[row] for row in rows.split() if covered[row] < LEAST} == {}


@pytest.mark.bind
def test_levels_lists_keys_and_sources(tmp_path: Path) -> None:
    zones = zones_of(PLAIN)
    conf = OPTIONS.replace("@MORE@", "blackhole { 127.0.1.22; };")
    conf += "".join(key.statement for key in KEYS) + TLS + LISTS + SERVERS
    conf += "".join(zone_statement(name, case) for name, case in zones.items()) + "@SENTINEL@"
    seen = run(tmp_path, conf, zones)
    # The addresses of a name below a delegation, or outside of all zones, are not in the zones.
    unsure = {name for name, case in zones.items() if set(case.rows.split()) & {"glue", "none"}}
    check(seen, zones, unsure, ROWS_PLAIN)


@pytest.mark.bind
def test_views(tmp_path: Path) -> None:
    zones = zones_of(IN_VIEWS)
    vkey = Key("vkey", base64.b64encode(os.urandom(32)).decode())
    conf = OPTIONS.replace("@MORE@", "also-notify { 127.0.0.21; }; notify-source 127.0.0.45;")
    conf += "".join(key.statement for key in KEYS) + VIEWS_HEAD
    for view, text in VIEWS.items():
        inside = "".join(zone_statement(name, case) for name, case in zones.items() if case.view == view)
        sentinel = "@SENTINEL@" if view == "bare" else ""
        conf += f'view "{view}" {{ match-clients {{ any; }};\n{text}{inside}{sentinel}}};\n'
    seen = run(tmp_path, conf.replace("@VKEY@", vkey.secret), zones, [vkey])
    check(seen, zones, set(), ROWS_VIEWS)
