"""The difference of two configurations as a value: what holds for every pair, and that nothing differs from itself."""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from named_audit.cli.diff import diff
from named_audit.cli.who import who
from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.zone_data import ZoneReader
from named_audit.policy.access import Grant
from named_audit.policy.addresses import AddressSet
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES
from named_audit.policy.difference import (
    KeyChange,
    Row,
    ZoneChange,
    hidden_secrets,
    key_changes,
    target_order,
    zone_changes,
)
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.matchlist import Locality
from named_audit.policy.notify import NotifyTarget
from named_audit.policy.question import Judge, Request
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.survey import Survey
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, INCOMPLETE
from tests.match_list_cases import Universe, random_acls, random_list

SECRETS = ("b25lIHNlY3JldCB0aGF0IG5vYm9keSBtYXkgc2VlIQ==", "YW5vdGhlciBzZWNyZXQgbm9ib2R5IG1heSBzZWUhIQ==")
ZONES = ("a.example", "b.example", "c.example")
UNIVERSE = Universe(
    (
        "192.0.2.0/24",
        "192.0.2.1",
        "192.0.2.0/25",
        "10/8",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/32",
        "2001:db8::1",
    ),
    ("k1", "k2", "unknown"),
    5,
    (('"10/8"',),),
)
ADDRESSES = ("127.0.0.1", "192.0.2.1", "192.0.2.2", "192.0.2.200", "10.1.2.3", "198.51.100.1", "::1", "2001:db8::1", "2001:db8::2")  # fmt: skip
OWN = Interfaces.parse("192.0.2.1/24,2001:db8::1/64")


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """A configuration with some of three zones, perhaps in views, perhaps with other keys."""
    rng = random.Random(draw(st.integers(0, 1 << 32)))
    views = draw(st.sampled_from((0, 0, 1, 2)))
    lines = []
    for name in ("k1", "k2"):
        if rng.random() < 0.9:
            lines.append(f'key {name} {{ algorithm hmac-sha256; secret "{rng.choice(SECRETS)}"; }};')
    lines += [f'acl "{name}" {text};' for name, text in random_acls(rng, UNIVERSE).items()]

    def transfer(share: float, head: str = "allow-transfer") -> str:
        return f"{head} {random_list(rng, UNIVERSE, UNIVERSE.numbers)};" if rng.random() < share else ""

    port = rng.choice(
        ("", "", "", *(f"allow-transfer {asked}" for asked in ("port 53", "transport tls", "transport tcp")))
    )
    listen = rng.choice(("", "", "listen-on { none; };", "listen-on-v6 { none; };"))
    lines.append(f"options {{ {listen} {transfer(0.5)} {transfer(0.2, 'blackhole')} }};")

    def zones() -> Iterator[str]:
        for name in ZONES:
            kind = rng.random()
            if kind < 0.7:
                notify = rng.choice(
                    ("", "notify no;", "notify explicit; also-notify { 192.0.2.1; 2001:db8::1 key k1; };")
                )
                yield f'zone "{name}" {{ type primary; file "z"; {notify} {transfer(0.8, port or "allow-transfer")} }};'
            elif kind < 0.85:
                primaries = rng.choice(("192.0.2.1;", "192.0.2.1 key k1; 192.0.2.2;", "192.0.2.2 key k2;"))
                yield f'zone "{name}" {{ type secondary; primaries {{ {primaries} }}; {transfer(0.8)} }};'

    if not views:
        lines += zones()
    for number in range(views):
        lines.append(f"view v{number} {{ {transfer(0.7, 'match-clients')} {transfer(0.4)}")
        lines += zones()
        lines.append("};")
    return "\n".join(lines) + "\n"


RELEASES = (None, parse_release("9.18"), parse_release("9.20"))


def survey(text: str, interfaces: Interfaces | None = None, release: int = 0) -> Survey:
    """A configuration under question."""
    host = MemoryHost({"/named.conf": text.encode()})
    config = load_config("/named.conf", host, ReadOptions(release=RELEASES[release]))
    assert config.problems == [], config.problems[:3]
    return Survey(config, interfaces)


def by_zone(changes: Iterator[ZoneChange]) -> dict[tuple[str, str | None], ZoneChange]:
    """Changes by zone and view."""
    return {(change.zone, change.view): change for change in changes}


_BACK = {"added": "removed", "removed": "added", "changed": "changed"}


@settings(max_examples=100)
@given(configurations(), configurations(), st.sampled_from((None, OWN)), st.integers(0, 2), st.integers(0, 2))
def test_back_is_there_the_other_way_round(
    a: str, b: str, interfaces: Interfaces | None, one: int, other: int
) -> None:
    before, after = survey(a, interfaces, one), survey(b, interfaces, other)
    there = by_zone(zone_changes(before, after))
    back = by_zone(zone_changes(survey(b, interfaces, other), survey(a, interfaces, one)))
    assert there.keys() == back.keys()
    for key, change in there.items():
        returned = back[key]
        assert returned == ZoneChange(
            change.zone,
            change.view,
            _BACK[change.change],  # type: ignore[arg-type]
            change.signers,
            change.lost,
            change.gained,
            change.notify_lost,
            change.notify_gained,
            None if change.by_ns is None else not change.by_ns,
            change.asked_lost,
            change.asked_gained,
            None if change.types is None else (change.types[1], change.types[0]),
            None if change.certificates is None else (change.certificates[1], change.certificates[0]),
        )
    changed = {key for key in key_changes(before, after) if key.parts != ("removed",)}
    assert changed == {key for key in key_changes(after, before) if key.parts != ("removed",)}


@settings(max_examples=100)
@given(configurations(), st.sampled_from((None, OWN)), st.integers(0, 2))
def test_nothing_differs_from_itself(text: str, interfaces: Interfaces | None, release: int) -> None:
    one, other = survey(text, interfaces, release), survey(text, interfaces, release)
    assert list(zone_changes(one, other)) == []
    assert key_changes(one, other) == ()


def _among(rows: tuple[Row, ...], request: Request, signer: str | None, place: Locality | None) -> bool:
    """Whether a request is one that rows speak of; `place` where they are told apart by locality."""
    return any(
        row.grant.signer == signer
        and (row.grant.locality == "any" or row.grant.locality == place)
        and row.grant.addresses.holds(request.address, request.family)
        and row.transport in (None, request.transport)
        for row in rows
    )


@settings(max_examples=60)
@given(configurations(), configurations(), st.integers(1, 2))
@example(
    "key k1 { algorithm hmac-sha256; secret \"b25lIHNlY3JldA==\"; };\n"
    'zone "a.example" { type primary; file "z"; allow-transfer { !key k1; any; }; };\n',
    'zone "a.example" { type primary; file "z"; allow-transfer { key k1; }; };\n',
    1,
)  # fmt: skip
def test_who_gained_is_served_now_and_was_not(a: str, b: str, release: int) -> None:
    """Against the judge, which decides one request step by step."""
    before, after = survey(a, OWN, release), survey(b, OWN, release)
    changes = by_zone(zone_changes(before, after))
    judges = [Judge(side.config, OWN) for side in (before, after)]
    known = [{key.canonical for key in side.config.all_keys} for side in (before, after)]
    pairs = {(each.zone.canonical, each.zone.view.name) for side in (before, after) for each in side.zones()}
    for zone, view in sorted(pairs, key=str):
        change = changes.get((zone, view))
        signers = change.signers if change is not None else ()
        # A key that nothing tells from no key, and that one side does not know: key_changes says what is to be said.
        for signer in (
            None,
            *[key for key in ("k1", "k2") if key in signers or all(key in ring for ring in known)],
        ):
            for address in ADDRESSES:
                request = _request(address, signer)
                served = []
                for side, judge in zip((before, after), judges, strict=True):
                    own = next((each for each in side.config.views if each.name == view), None)
                    there = own is not None and any(each.canonical == zone for each in own.zones)
                    served.append(there and judge.decide(zone, request, own).served)
                truth = (served[1] and not served[0], served[0] and not served[1])
                row = signer if signer in signers else None
                said = (
                    _among(change.gained if change else (), request, row, None),
                    _among(change.lost if change else (), request, row, None),
                )
                assert said == truth, (zone, view, address, signer)


@settings(max_examples=60)
@given(configurations(), configurations())
def test_by_locality(a: str, b: str) -> None:
    """Where the interfaces are not known, rows say for each place what changes."""
    before, after = survey(a, None, 1), survey(b, None, 1)
    changes = by_zone(zone_changes(before, after))
    sides = []
    for side in (before, after):
        sides.append(
            {(each.zone.canonical, each.zone.view.name): each.answers[0].access for each in side.zones()}
        )
    for key in sides[0].keys() & sides[1].keys():
        old, new = sides[0][key], sides[1][key]
        assert old is not None
        assert new is not None
        if (
            old.port is not None
            or new.port is not None
            or old.transport is not None
            or new.transport is not None
        ):
            continue
        change = changes.get(key)
        for signer in (None, *sorted({*old.signers, *new.signers})):
            for place in LOCALITIES:
                was, now = old.addresses(signer, place), new.addresses(signer, place)
                for address in ADDRESSES:
                    request = _request(address, signer)
                    at = (request.address, request.family)
                    said = _among(change.gained if change else (), request, signer, place)
                    assert said == (now.holds(*at) and not was.holds(*at)), (key, signer, place, address)


def _request(address: str, signer: str | None) -> Request:
    import ipaddress

    parsed = ipaddress.ip_address(address)
    return Request(int(parsed), parsed.version, signer, "tcp", None, None)


# --- exact values

PRIMARY = 'zone "a.example" {{ type primary; file "z"; {} }};\n'
SECONDARY = 'zone "a.example" {{ type secondary; primaries {{ {} }}; {} }};\n'
K1 = f'key k1 {{ algorithm hmac-sha256; secret "{SECRETS[0]}"; }};\n'
K2 = f'key k2 {{ algorithm hmac-sha256; secret "{SECRETS[1]}"; }};\n'
QUIET = "options { notify no; allow-transfer { none; }; };\n"


def row(addresses: str, signer: str | None = None, place: str = "any", **more: object) -> Row:
    """Somebody who gained or lost."""
    return Row(Grant(signer, place, AddressSet.from_text(*addresses.split())), **more)  # type: ignore[arg-type]


def changed(old: str, new: str, release: int = 1) -> list[ZoneChange]:
    """What changed for the zones."""
    return list(zone_changes(survey(old, None, release), survey(new, None, release)))


def the_change(old: str, new: str, release: int = 1) -> ZoneChange:
    """What changed for the one zone."""
    (change,) = changed(old, new, release)
    return change


NOTHING = ZoneChange("a.example", None, "changed", (), (), (), (), (), None, (), (), None, None)


def test_who_gained_and_lost_exactly() -> None:
    old = K1 + K2 + QUIET + PRIMARY.format("allow-transfer { 192.0.2.1; 192.0.2.2; key k1; };")
    new = K1 + K2 + QUIET + PRIMARY.format("allow-transfer { 192.0.2.2; 192.0.2.3; };")
    everything = AddressSet.everything()
    kept = AddressSet.from_text("192.0.2.2", "192.0.2.3")
    assert the_change(old, new) == NOTHING._replace(
        signers=("k1",),
        gained=(row("192.0.2.3"),),
        lost=(row("192.0.2.1"), Row(Grant("k1", "any", everything - kept))),
    )


def test_added_removed_and_their_order() -> None:
    zones = [
        PRIMARY.replace("a.example", f"{name}.example").format("allow-transfer { 192.0.2.1; };")
        for name in "abcd"
    ]
    old, new = QUIET + zones[0] + zones[1] + zones[2], QUIET + zones[3] + zones[1]
    found = changed(old, new)
    assert found == [
        NOTHING._replace(zone="d.example", change="added", gained=(row("192.0.2.1"),)),
        NOTHING._replace(zone="a.example", change="removed", lost=(row("192.0.2.1"),)),
        NOTHING._replace(zone="c.example", change="removed", lost=(row("192.0.2.1"),)),
    ]
    closed = PRIMARY.format("")
    assert changed(QUIET, QUIET + closed) == [NOTHING._replace(change="added")]
    assert changed(QUIET + closed, QUIET) == [NOTHING._replace(change="removed")]


def test_one_zone_in_two_views_and_classes() -> None:
    def conf(first: str, second: str) -> str:
        return QUIET + "".join(
            f"view {name} {{ {PRIMARY.format(f'allow-transfer {{ {who}; }};')} }};\n"
            for name, who in (("one", first), ("two", second))
        )

    (change,) = changed(conf("none", "none"), conf("192.0.2.1", "none"))
    assert change == NOTHING._replace(view="one", gained=(row("192.0.2.1"),))
    plain = QUIET + PRIMARY.format("")
    assert changed(plain, plain.replace('example"', 'example" IN')) == []
    assert [each.change for each in changed(f"view v CH {{ {PRIMARY.format('')} }};\n", f"view v {{ {PRIMARY.format('')} }};\n")] == ["added", "removed"]  # fmt: skip


def test_releases_and_localities() -> None:
    old, new = QUIET + PRIMARY.format(""), PRIMARY.format("notify no;")
    assert the_change(old, new, 0).gained == (row("0.0.0.0/0 ::/0", releases=OPEN_LINES),)
    assert the_change(old, new, 1).gained == (row("0.0.0.0/0 ::/0"),)
    assert [each.gained for each in changed(old, new, 2)] == []
    assert the_change(new, old, 0).lost == (row("0.0.0.0/0 ::/0", releases=OPEN_LINES),)
    closed = PRIMARY.format("notify no; allow-transfer { any; };")
    assert the_change(new, closed, 0).gained == (row("0.0.0.0/0 ::/0", releases=CLOSED_LINES),)
    near = QUIET + PRIMARY.format("allow-transfer { localnets; 192.0.2.1; };")
    assert the_change(old, near).gained == (
        row("0.0.0.0/0 ::/0", place="localhost"),
        row("0.0.0.0/0 ::/0", place="localnets"),
        row("192.0.2.1", place="elsewhere"),
    )


def test_geoip_conditions_that_make_a_difference() -> None:
    old = QUIET + PRIMARY.format("allow-transfer { 192.0.2.1; geoip country AA; };")
    new = QUIET + PRIMARY.format("allow-transfer { 192.0.2.1; };")
    rest = AddressSet.everything() - AddressSet.from_text("192.0.2.1")
    assert the_change(old, new).lost == (Row(Grant(None, "any", rest), conditions=("country AA",)),)
    more = QUIET + PRIMARY.format("allow-transfer { 192.0.2.1; 192.0.2.2; geoip country AA; };")
    gained = the_change(old, more).gained
    assert gained == (row("192.0.2.2", conditions=()),)


LISTENING = "options { notify no; allow-transfer { none; }; listen-on port 53 { any; }; listen-on port 5353 { any; }; };\n"


def test_ports() -> None:
    def conf(head: str, *, options: str = LISTENING) -> str:
        return options + PRIMARY.format(f"allow-transfer {head} {{ 192.0.2.1; }};")

    assert the_change(conf(""), conf("port 53")).lost == (row("192.0.2.1", transport="tcp", port=5353),)
    assert the_change(conf("port 5353"), conf("port 53")) == NOTHING._replace(
        gained=(row("192.0.2.1", transport="tcp", port=53),),
        lost=(row("192.0.2.1", transport="tcp", port=5353),),
    )
    assert changed(conf(""), conf("transport tcp")) == []
    fewer = LISTENING.replace("listen-on port 5353 { any; };", "")
    assert the_change(conf("port 5353"), conf("port 5353", options=fewer)).lost == (
        row("192.0.2.1", transport="tcp", port=5353),
    )


def test_types_and_certificates() -> None:
    old, new = QUIET + PRIMARY.format(""), QUIET + SECONDARY.format("192.0.2.9;", "")
    change = the_change(old, new)
    assert (change.types, change.certificates) == (("primary", "secondary"), None)
    assert [each.text for each in change.asked_gained] == ["192.0.2.9"]
    assert change.asked_lost == ()
    back = the_change(new, old)
    assert (back.types, back.asked_gained) == (("secondary", "primary"), ())
    assert back.asked_lost == change.asked_gained
    assert the_change(QUIET, new).types is None
    assert the_change(new, QUIET).types is None
    tls = 'tls plain { cert-file "c"; key-file "k"; };\ntls mutual { cert-file "c"; key-file "k"; ca-file "ca"; };\n'
    listen = "options { notify no; listen-on tls %s { any; }; listen-on-v6 { none; }; };\n"
    zone = PRIMARY.format("allow-transfer transport tls { 192.0.2.1; };")
    plain, mutual = (tls + listen % name for name in ("plain", "mutual"))
    assert the_change(plain + zone, mutual + zone) == NOTHING._replace(certificates=(False, True))
    assert the_change(mutual + zone, plain + zone) == NOTHING._replace(certificates=(True, False))
    assert the_change(mutual, mutual + zone).certificates is None
    assert the_change(mutual + zone, mutual).certificates is None


def test_primaries_in_order() -> None:
    old = QUIET + K1 + SECONDARY.format("192.0.2.1; 192.0.2.2 key k1; 192.0.2.3;", "")
    new = QUIET + K1 + SECONDARY.format("192.0.2.9; 192.0.2.1; 192.0.2.2; 192.0.2.4;", "")
    change = the_change(old, new)
    assert [each.text for each in change.asked_gained] == ["192.0.2.9", "192.0.2.2", "192.0.2.4"]
    assert [(each.text, each.key) for each in change.asked_lost] == [("192.0.2.2", "k1"), ("192.0.2.3", None)]
    assert (change.gained, change.lost, change.types) == ((), (), None)


def test_who_is_told() -> None:
    """In the order of addresses, IPv4 first."""

    def conf(statements: str) -> str:
        return "options { allow-transfer { none; }; };\n" + K1 + PRIMARY.format(statements)

    old = conf("notify explicit; also-notify { 192.0.2.9; 192.0.2.1; };")
    new = conf(
        "notify explicit; also-notify { 2001:db8::1; 192.0.2.8 port 99; 192.0.2.8; 192.0.2.1; 192.0.2.2 key k1; };"
    )
    change = the_change(old, new)
    assert [(each.text, each.port) for each in change.notify_gained] == [
        ("192.0.2.2", 53), ("192.0.2.8", 53), ("192.0.2.8", 99), ("2001:db8::1", 53),
    ]  # fmt: skip
    assert [each.text for each in change.notify_lost] == ["192.0.2.9"]
    assert change.by_ns is None
    assert the_change(old, conf("also-notify { 192.0.2.9; 192.0.2.1; };")) == NOTHING._replace(by_ns=True)
    assert the_change(conf("also-notify { 192.0.2.9; 192.0.2.1; };"), old) == NOTHING._replace(by_ns=False)
    assert the_change(conf("notify no;"), conf("")) == NOTHING._replace(by_ns=True)
    assert the_change("options { allow-transfer { none; }; };\n" + K1, conf("")).by_ns is True
    assert the_change(conf(""), "options { allow-transfer { none; }; };\n" + K1).by_ns is False
    assert [
        each.text for each in the_change(conf(""), conf("also-notify { 192.0.2.9; };")).notify_gained
    ] == ["192.0.2.9"]


def test_the_order_of_targets() -> None:
    targets = [
        NotifyTarget(family, address, name, port, "udp", key_, None, None, None)
        for family, address, name, port, key_ in (
            (4, 9, None, 53, None), (4, 9, None, 53, "k"), (4, 9, None, 53, "l"), (4, 9, None, 54, None), (4, 10, None, 53, None),
            (6, 1, None, 53, None), (None, None, "a.example", 53, None), (None, None, "b.example", 53, None),
        )
    ]  # fmt: skip
    backwards = list(reversed(targets))
    assert sorted(backwards, key=target_order) == targets


SERVERS = (
    "$TTL 60\n@ SOA ns1 admin 1 3600 600 86400 60\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n"
)


def test_who_is_told_by_ns_records() -> None:
    """Servers of NS records that only one side knows are no difference where both tell them."""

    def side(statements: str, *, files: bool, **more: str) -> Survey:
        text = "options { allow-transfer { none; }; };\n" + PRIMARY.format(statements)
        held = {"/z": SERVERS} if files else {}
        held |= {f"/{name.replace('_', '.')}": content for name, content in more.items()}
        host = MemoryHost({"/named.conf": text.encode()} | {name: held[name].encode() for name in held})
        options = ReadOptions(release=RELEASES[1])
        config = load_config("/named.conf", host, options)
        return Survey(config, OWN, ZoneReader(config, host, options))

    def told(old: Survey, new: Survey) -> list[tuple[list[str], list[str], bool | None]]:
        return [
            (
                [each.text for each in change.notify_gained],
                [each.text for each in change.notify_lost],
                change.by_ns,
            )
            for change in zone_changes(old, new)
        ]

    listed = "also-notify { 192.0.2.9; };"
    for one, other in ((True, False), (False, True), (False, False), (True, True)):
        assert told(side("", files=one), side("", files=other)) == []
        assert told(side("", files=one), side(listed, files=other)) == [(["192.0.2.9"], [], None)]
        assert told(side(listed, files=one), side("", files=other)) == [([], ["192.0.2.9"], None)]
    assert told(side("notify no;", files=True), side("", files=True)) == [(["192.0.2.2"], [], None)]
    assert told(side("", files=True), side("notify no;", files=True)) == [([], ["192.0.2.2"], None)]
    assert told(side("", files=True), side("notify no;", files=False)) == [([], ["192.0.2.2"], None)]
    assert told(side("notify no;", files=True), side("", files=False)) == [([], [], True)]
    # A journal leaves doubts, not the names in the dark; nor does a zone with no server but that in SOA MNAME.
    third, alone = (
        SERVERS.replace("ns2", "ns3").replace("192.0.2.2", "192.0.2.3"),
        SERVERS.replace("@ NS ns2\n", ""),
    )
    assert told(side("", files=True), side("", files=True, z=third, z_jnl="")) == [
        (["192.0.2.3"], ["192.0.2.2"], None)
    ]
    assert told(side("", files=True, z_jnl=""), side("", files=True, z=third)) == [
        (["192.0.2.3"], ["192.0.2.2"], None)
    ]
    assert told(side("", files=True), side("", files=True, z=alone)) == [([], ["192.0.2.2"], None)]
    assert told(side("notify no;", files=True), side("", files=True, z=alone)) == []
    assert told(side("", files=False), side("notify no;", files=True)) == [([], [], False)]


def test_where_one_release_is_not_known() -> None:
    zone = PRIMARY.format("notify no;")
    for old, new, gained, lost in (
        (0, 1, (row("0.0.0.0/0 ::/0", releases=CLOSED_LINES),), ()),
        (1, 0, (), (row("0.0.0.0/0 ::/0", releases=CLOSED_LINES),)),
        (0, 2, (), (row("0.0.0.0/0 ::/0", releases=OPEN_LINES),)),
    ):
        (change,) = zone_changes(survey(zone, None, old), survey(zone, None, new))
        assert (change.gained, change.lost) == (gained, lost)


def test_listeners_matter_only_to_lists_that_ask_for_them() -> None:
    fewer = LISTENING.replace("listen-on port 5353 { any; };", "")
    zone, other = (PRIMARY.format(f"allow-transfer {{ 192.0.2.{last}; }};") for last in (1, 2))
    assert changed(LISTENING + zone, fewer + zone) == []
    over_tcp = (zone.replace("{ 192", "transport tcp { 192"), other.replace("{ 192", "transport tcp { 192"))
    assert the_change(LISTENING + over_tcp[0], LISTENING + over_tcp[1]) == NOTHING._replace(
        gained=(row("192.0.2.2"),), lost=(row("192.0.2.1"),)
    )
    deaf = "options { notify no; listen-on { none; }; listen-on-v6 { none; }; };\n"
    change = NOTHING._replace(gained=(row("192.0.2.2"),), lost=(row("192.0.2.1"),))
    assert the_change(deaf + zone, deaf + other) == change
    assert the_change(LISTENING + zone, fewer + other) == change


def test_run_time_zones() -> None:
    def conf(transfer: str, more: str = "") -> str:
        return f'options {{ notify no; allow-transfer {{ {transfer} }}; }};\ndlz "d" {{ database "x"; }};\n{more}'

    words = "the zones of dlz d (where the driver leaves it to BIND)"
    change = the_change(conf("none;"), conf("192.0.2.1;"))
    assert change == NOTHING._replace(zone=words, gained=(row("192.0.2.1"),), runtime=True)
    assert changed(conf("any;"), conf("any;")) == []
    found = changed(conf("none;"), conf("none;", PRIMARY.format("") + 'dlz "e" { database "x"; };\n'))
    assert [(each.zone, each.change, each.runtime) for each in found] == [
        ("a.example", "added", False),
        (words.replace(" d ", " e "), "added", True),
    ]


def key(name: str, secret: str = SECRETS[0], algorithm: str = "hmac-sha256") -> str:
    """A key statement."""
    return f'key {name} {{ algorithm {algorithm}; secret "{secret}"; }};\n'


OPEN = (
    'options { notify no; };\nzone "a.example" { type primary; file "z"; allow-transfer { 192.0.2.1; }; };\n'
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (key("k"), key("k"), ()),
        (key("k"), key("K."), ()),
        (key("k"), key("k", SECRETS[0][:8] + " " + SECRETS[0][8:]), ()),
        (key("k"), key("k", SECRETS[1]), (KeyChange("k", None, ("secret",)),)),
        (key("k"), key("k", algorithm="hmac-sha512"), (KeyChange("k", None, ("algorithm",)),)),
        (key("k", algorithm="HMAC-SHA256"), key("k"), ()),
        (key("k", algorithm="hmac-md5"), key("k", algorithm="hmac-md5.sig-alg.reg.int."), ()),
        (key("k", algorithm="hmac-md5"), key("k", algorithm="hmac-sha1"), (KeyChange("k", None, ("algorithm",)),)),
        (key("k"), key("k", SECRETS[1], "hmac-sha512"), (KeyChange("k", None, ("secret", "algorithm")),)),
        (key("k") + key("l"), key("l", SECRETS[1]) + key("k", SECRETS[1]),
         (KeyChange("l", None, ("secret",)), KeyChange("k", None, ("secret",)))),
        ("", key("k"), ()),
        (key("k"), "", (KeyChange("k", None, ("removed",)),)),
        (key("k") + key("l"), key("l", SECRETS[1]), (KeyChange("l", None, ("secret",)), KeyChange("k", None, ("removed",)))),
        (key("k", "????"), key("k"), ()),
        (key("k", "????"), key("k", algorithm="hmac-sha512"), (KeyChange("k", None, ("algorithm",)),)),
    ],
)  # fmt: skip
def test_keys(old: str, new: str, expected: tuple[KeyChange, ...]) -> None:
    one, other = survey(old + OPEN, None, 1), survey(new + OPEN, None, 1)
    assert key_changes(one, other) == expected
    assert hidden_secrets(one.config, other.config) == ("????" in old + new)


def in_views(first: str, second: str, outer: str = "", who: str = "192.0.2.1;") -> Survey:
    """Two views with a zone each."""
    zone = PRIMARY.format(f"allow-transfer {{ {who} }};")
    text = f"options {{ notify no; }};\n{outer}view one {{ {first} {zone} }};\n"
    return survey(text + f"view two {{ match-clients {{ any; }}; {second} {zone} }};\n", None, 1)


def test_keys_of_views() -> None:
    other = key("k", SECRETS[1])
    changes = key_changes(in_views(key("k"), key("k")), in_views(other, key("k")))
    assert changes == (KeyChange("k", "one", ("secret",)),)
    changes = key_changes(in_views(key("k"), key("k")), in_views(other, other))
    assert changes == (KeyChange("k", "one", ("secret",)), KeyChange("k", "two", ("secret",)))
    changes = key_changes(in_views("", "", key("k")), in_views(other, "", ""))
    assert changes == (KeyChange("k", "one", ("secret",)),)
    changes = key_changes(in_views("", "", key("k")), in_views("", "", other))
    assert changes == (KeyChange("k", None, ("secret",)),)


def test_keys_that_are_gone() -> None:
    assert key_changes(in_views("", "", key("k")), in_views("", "")) == (KeyChange("k", None, ("removed",)),)
    assert key_changes(in_views(key("k"), ""), in_views("", "")) == (KeyChange("k", "one", ("removed",)),)
    still = key_changes(in_views("", "", key("k")), in_views("", key("k")))
    assert still == (KeyChange("k", "one", ("removed",)),)
    assert key_changes(in_views("", "", key("k"), "key k;"), in_views("", "", "", "192.0.2.1;")) == ()
    assert key_changes(in_views("", "", key("k"), "none;"), in_views("", "", "", "192.0.2.1;")) == ()
    moved = survey(key("k") + OPEN, None, 1), survey(OPEN.replace("a.example", "b.example"), None, 1)
    assert key_changes(*moved) == ()
    near = OPEN.replace("192.0.2.1", "localnets")
    assert key_changes(survey(key("k") + near, None, 1), survey(near, None, 1)) == (
        KeyChange("k", None, ("removed",)),
    )
    geoip = OPEN.replace("192.0.2.1", "!{ !geoip country AA; any; }; !127.0.0.1; !::1; any")
    assert key_changes(survey(key("k") + geoip, None, 1), survey(geoip, None, 1)) == (
        KeyChange("k", None, ("removed",)),
    )


def test_hidden_secrets() -> None:
    hidden = key("k", "????")
    for one, other, number in ((hidden, "", 0), ("", hidden, 0), (hidden, key("k"), 1), (key("k"), hidden, 1), (hidden + key("l", "????"), hidden + key("l"), 2), (key("k"), key("k"), 0)):  # fmt: skip
        assert hidden_secrets(survey(one + OPEN).config, survey(other + OPEN).config) == number
    both = in_views(hidden, hidden).config
    assert hidden_secrets(both, both) == 2
    both = in_views("", "", hidden).config
    assert hidden_secrets(both, both) == 1


def test_only_what_makes_a_difference_is_said() -> None:
    """Releases, conditions and listeners that are there and change nothing qualify no row."""
    x, rest = "192.0.2.5", AddressSet.everything() - AddressSet.from_text("192.0.2.1")

    def conf(elements: str, *, head: str = "", options: str = LISTENING) -> str:
        return options + PRIMARY.format(f"notify no; allow-transfer {head} {{ {elements} }};")

    without, with_ = (
        "!192.0.2.5; geoip country AA; geoip country BB;",
        "192.0.2.5; geoip country AA; geoip country BB;",
    )
    for release in (0, 1):
        assert the_change(conf(without), conf(with_), release).gained == (row(x),)
        for port in (53, 5353):
            head = f"port {port}"
            change = the_change(conf(without, head=head), conf(with_, head=head), release)
            assert (change.gained, change.lost) == ((row(x, transport="tcp", port=port),), ())
        change = the_change(
            conf("192.0.2.1;", head="port 53"), conf("192.0.2.1; geoip country AA;", head="port 53"), release
        )
        assert change.gained == (
            Row(Grant(None, "any", rest), conditions=("country AA",), transport="tcp", port=53),
        )
    default = PRIMARY.format("notify no;")
    change = the_change(conf("192.0.2.1; !any; geoip country AA;", options=""), default, 0)
    assert change.gained == (Row(Grant(None, "any", rest), releases=OPEN_LINES),)
    assert change.lost == (row("192.0.2.1", releases=CLOSED_LINES),)
    change = the_change(conf("192.0.2.1; geoip country AA;", options=""), default, 0)
    assert change.gained == (Row(Grant(None, "any", rest), releases=OPEN_LINES, conditions=()),)
    assert change.lost == (
        row("192.0.2.1", releases=CLOSED_LINES, conditions=()),
        row("0.0.0.0/0 ::/0", releases=CLOSED_LINES, conditions=("country AA",)),
    )


def partly(text: str) -> Survey:
    """A configuration with a file that is not there."""
    host = MemoryHost({"/named.conf": f'include "gone";\n{text}'.encode()})
    return Survey(load_config("/named.conf", host, ReadOptions(release=RELEASES[1])))


def test_what_was_not_read_may_listen_and_hold_keys() -> None:
    zone = PRIMARY.format("allow-transfer port 5353 { 192.0.2.1; };")
    fewer = LISTENING.replace("listen-on port 5353 { any; };", "")
    gained = (row("192.0.2.1", transport="tcp", port=5353),)
    assert next(zone_changes(survey(fewer + zone), survey(LISTENING + zone))).gained == gained
    assert list(zone_changes(partly(fewer + zone), survey(LISTENING + zone))) == []
    assert list(zone_changes(survey(LISTENING + zone), partly(fewer + zone))) == []
    removed = (KeyChange("k", None, ("removed",)),)
    assert key_changes(survey(key("k") + OPEN), survey(OPEN)) == removed
    assert key_changes(survey(key("k") + OPEN), partly(OPEN)) == ()
    assert key_changes(partly(key("k") + OPEN), survey(OPEN)) == removed


# --- the corpora

MUTANTS = 250


@pytest.mark.parametrize("folder", ["checkconf-9.18", "real", "mutants"])
def test_no_file_differs_from_itself(
    folder: str, shared: Path, record_property: Callable[[str, object], None]
) -> None:
    files = [path for path in sorted((shared / "corpus" / folder).rglob("*")) if path.is_file()]
    assert len(files) > 25
    if folder == "mutants":
        seed = os.environ.get("NAMED_AUDIT_SEED") or str(random.SystemRandom().getrandbits(32))
        record_property("summary", f"to repeat the choice of mutants: NAMED_AUDIT_SEED={seed}")
        files = random.Random(seed).sample(files, MUTANTS)
    runner = CliRunner()
    codes = {CLEAN: 0, INCOMPLETE: 0}
    for path in files:
        try:
            ran = runner.invoke(diff, [str(path), str(path)])
            asked = runner.invoke(who, ["--as-root", str(path)])
        finally:
            gc.enable()  # the program is gone before it needs it; the tests are not
        expected = INCOMPLETE if asked.exit_code == INCOMPLETE else CLEAN
        assert ran.exit_code == expected, (path, ran.output)
        words = (
            "same: nobody gains or loses a zone" if expected == CLEAN else "no difference in what was read"
        )
        assert ran.stdout.startswith(words), (path, ran.stdout)
        codes[expected] += 1
    assert all(codes.values())
