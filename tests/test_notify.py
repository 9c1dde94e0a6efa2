"""Plans for NOTIFY and for zones that are fetched: what the machine's own release cannot show, and hostile zones."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_audit.host import Host, LocalHost, MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config, Zone
from named_audit.model.matchlist import address_text, parse_address
from named_audit.model.zone_data import MAX_ALL_BYTES, MAX_ZONE_BYTES, Unread, ZoneData, ZoneReader
from named_audit.policy.addresses import AddressSet
from named_audit.policy.inbound import Inbound, no_host, unauthenticated
from named_audit.policy.notify import Notifier, NotifyPlan, sends_over_tls
from named_audit.policy.outgoing import can_verify
from named_audit.policy.reach import Lists, Reach
from named_audit.policy.summary import summarise
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions

KEYS = (
    'key k { algorithm hmac-sha256; secret "bm90IGEgc2VjcmV0"; };\n'
    'key l { algorithm hmac-sha256; secret "bm90IGEgc2VjcmV0IDI="; };\n'
)
HEAD = "@ SOA ns1 admin 1 3600 600 86400 60\n"


def read(text: str, release: str | None = "9.20", *, valid: bool = True) -> Config:
    """A configuration from text."""
    options = ReadOptions(release=parse_release(release) if release is not None else None)
    config = load_config("/etc/bind/named.conf", MemoryHost({"/etc/bind/named.conf": text.encode()}), options)
    assert not valid or config.problems == []
    return config


def zone_of(config: Config, name: str = "a.example") -> Zone:
    """The first zone of a name."""
    return next(zone for zone in config.zones if zone.canonical == name)


def primary(statements: str, name: str = "a.example") -> str:
    """A primary zone."""
    return f'zone "{name}" {{ type primary; file "{name}.db"; {statements} }};\n'


def told(config: Config, zone_data: ZoneReader | None = None, own: AddressSet | None = None) -> Notifier:
    """The NOTIFY plans of a configuration."""
    lists = Lists(config)
    return Notifier(config, lists, Reach(config, lists), zone_data=zone_data, own=own)


def fetched(config: Config) -> Inbound:
    """The inbound plans of a configuration."""
    lists = Lists(config)
    return Inbound(config, lists, Reach(config, lists))


def sends(plan: NotifyPlan) -> set[str]:
    """Each NOTIFY of a plan in words."""
    found = set()
    for target in plan.sends:
        source = f" from {target.source_text}" if target.source is not None else ""
        source += f"#{target.source_port}" if target.source_port is not None else ""
        tls = f"({target.tls})" if target.tls is not None else ""
        found.add(f"{target.text}#{target.port} {target.transport}{tls} {target.key or '-'}{source}")
    return found


def planned(text: str, release: str | None = "9.20") -> set[str]:
    """What goes out for the zone a.example."""
    return sends(told(config := read(text, release)).plan(zone_of(config)))


TLS = 'tls t { ca-file "ca.pem"; };\n'


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("9.20", {"192.0.2.1#853 tls(t) k", "192.0.2.2#53 udp -", "192.0.2.3#5353 tls(t) -"}),
        ("9.21", {"192.0.2.1#853 tls(t) k", "192.0.2.2#53 udp -", "192.0.2.3#5353 tls(t) -"}),
        ("9.18", {"192.0.2.1#853 udp k", "192.0.2.2#53 udp -", "192.0.2.3#5353 udp -"}),
    ],
)
def test_tls(release: str, expected: set[str]) -> None:
    entries = "192.0.2.1 key k tls t; 192.0.2.2; 192.0.2.3 port 5353 tls t;"
    assert planned(KEYS + TLS + primary(f"also-notify {{ {entries} }};"), release) == expected


def test_tls_where_the_release_is_not_known() -> None:
    config = read(TLS + primary("notify explicit; also-notify { 192.0.2.1 tls t; };"), None)
    plan = told(config).plan(zone_of(config))
    assert sends(plan) == {"192.0.2.1#853 tls(t) -"}
    assert plan.unknown == ("BIND before 9.20 sends to 192.0.2.1 in the clear",)


def test_ports_of_the_options() -> None:
    text = "options { port 5300; tls-port 8853; };\n" + TLS
    text += "remote-servers inner { 192.0.2.4; };\n"
    text += primary("also-notify { 192.0.2.1; 192.0.2.2 tls t; 192.0.2.3 port 1; inner tls t; };")
    expected = {"192.0.2.1#5300 udp -", "192.0.2.2#8853 tls(t) -", "192.0.2.3#1 udp -"}
    assert planned(text) == {*expected, "192.0.2.4#8853 tls(t) -"}


def test_key_and_tls_of_a_named_list() -> None:
    text = KEYS + TLS
    text += "remote-servers inner { 192.0.2.1; 192.0.2.2 key l; 192.0.2.3 tls ephemeral; };\n"
    text += "remote-servers outer port 99 { 192.0.2.4; inner tls t; };\n"
    text += primary("also-notify { outer key k; };")
    # The key that is given where a list is named holds for its own entries; in a list inside, only what is given there.
    assert planned(text) == {
        "192.0.2.4#99 udp k",
        "192.0.2.1#99 tls(t) -",
        "192.0.2.2#99 tls(t) l",
        "192.0.2.3#99 tls(ephemeral) -",
    }


def test_sources() -> None:
    """server > the entry's own list > zone > view > options; a list's source does not reach the lists in it."""
    text = "options { notify-source 192.0.2.101; notify-source-v6 2001:db8::101; };\n"
    text += "server 192.0.2.9 { notify-source 192.0.2.109; };\n"
    text += "server 2001:db8::9 { notify-source-v6 *; };\n"
    text += "remote-servers inner { 192.0.2.1; };\n"
    text += "remote-servers own source 192.0.2.104 { 192.0.2.2; };\n"
    entries = "192.0.2.3; 2001:db8::3; 192.0.2.9; 2001:db8::9; inner; own;"
    text += primary(
        f"also-notify source 192.0.2.103 {{ {entries} }}; notify-source 192.0.2.102;",
    )
    assert planned(text) == {
        "192.0.2.3#53 udp - from 192.0.2.103",
        "2001:db8::3#53 udp - from 2001:db8::101",
        "192.0.2.9#53 udp - from 192.0.2.109",
        "2001:db8::9#53 udp -",
        "192.0.2.1#53 udp - from 192.0.2.102",
        "192.0.2.2#53 udp - from 192.0.2.104",
    }


def test_template() -> None:
    text = "options { also-notify { 192.0.2.1; }; notify explicit; };\n"
    text += 'template t { type primary; file "x"; also-notify { 192.0.2.2; }; notify-source 192.0.2.99; };\n'
    text += (
        'zone "a.example" { template t; };\nzone "b.example" { template t; also-notify { 192.0.2.3; }; };\n'
    )
    config = read(text, "9.21")
    notifier = told(config)
    assert sends(notifier.plan(zone_of(config))) == {"192.0.2.2#53 udp - from 192.0.2.99"}
    assert sends(notifier.plan(zone_of(config, "b.example"))) == {"192.0.2.3#53 udp - from 192.0.2.99"}
    assert notifier.plan(zone_of(config)).also_notify.level == "template"


@pytest.mark.parametrize(
    ("zone", "mode", "sent"),
    [
        ("type mirror;", "explicit", {"192.0.2.1#53 udp -"}),
        ("type mirror; notify no;", "no", set()),
        ('type hint; file "x";', "yes", set()),
        ("type forward; forwarders { 192.0.2.3; };", "yes", set()),
        ("type stub; primaries { 192.0.2.3; };", "yes", set()),
        ("type static-stub; server-addresses { 192.0.2.3; };", "yes", set()),
        ("type secondary; primaries { 192.0.2.3; };", "yes", {"192.0.2.1#53 udp -"}),
    ],
)
def test_types(zone: str, mode: str, sent: set[str]) -> None:
    config = read(f'options {{ also-notify {{ 192.0.2.1; }}; }};\nzone "a.example" {{ {zone} }};\n')
    plan = told(config).plan(zone_of(config))
    assert (plan.mode, sends(plan)) == (mode, sent)
    assert plan.told_by_ns == ("type secondary" in zone)


@pytest.mark.parametrize(
    ("word", "mode"),
    [("yes", "yes"), ("TRUE", "yes"), ("1", "yes"), ("no", "no"), ("false", "no"), ("0", "no"), ("explicit", "explicit"),
     ("Explicit", "explicit"), ("primary-only", "primary-only"), ("master-only", "primary-only")],
)  # fmt: skip
def test_modes(word: str, mode: str) -> None:
    config = read(primary(f"notify {word};"))
    plan = told(config).plan(zone_of(config))
    assert (plan.mode, plan.told_by_ns) == (mode, mode in ("yes", "primary-only"))


def test_a_mirror_is_no_primary() -> None:
    text = "options { notify primary-only; also-notify { 192.0.2.1; }; };\n"
    config = read(text + 'zone "a.example" { type mirror; };\n')
    plan = told(config).plan(zone_of(config))
    assert (plan.mode, plan.sends, plan.told_by_ns, plan.silent) == ("primary-only", frozenset(), False, True)


def test_a_secondary_is_no_primary() -> None:
    text = "options { notify primary-only; also-notify { 192.0.2.1; }; };\n"
    config = read(text + secondary("{ 192.0.2.9; }") + primary("", "b.example"))
    plans = [told(config).plan(zone) for zone in config.zones]
    assert [(sends(plan), plan.told_by_ns) for plan in plans] == [
        (set(), False),
        ({"192.0.2.1#53 udp -"}, True),
    ]


def test_blackhole() -> None:
    text = "options { blackhole { 192.0.2.1; localnets; }; notify explicit; };\n"
    config = read(text + primary("also-notify { 192.0.2.1; 192.0.2.2; };"))
    plan = told(config).plan(zone_of(config))
    assert [target.unsent for target in plan.targets] == ["blackhole", None]
    assert sends(plan) == {"192.0.2.2#53 udp -"}
    assert plan.unknown == (
        "whether blackhole drops what is sent to 192.0.2.2 depends on the server's interfaces",
    )


def test_what_was_not_read_may_define_it() -> None:
    config = read('include "gone";\n' + primary("also-notify { 192.0.2.1 key k; far; };"), valid=False)
    plan = told(config).plan(zone_of(config))
    assert sends(plan) == {"192.0.2.1#53 udp k"}
    assert plan.unknown[:2] == (
        "no server list far is defined in what was read",
        "no key k is defined in what was read",
    )
    assert [entry.text for entry in plan.undefined_lists] == ["far"]


def test_key_in_the_entry_leaves_the_source_to_chance() -> None:
    text = KEYS + "server 192.0.2.8 { notify-source 192.0.2.108; tcp-only yes; };\n"
    text += (
        "server 2001:db8::8 { notify-source-v6 2001:db8::108; };\nserver 192.0.2.7 { request-ixfr no; };\n"
    )
    config = read(text + primary("notify explicit; also-notify { 192.0.2.8 key k; 192.0.2.8 key k; };"))
    plan = told(config).plan(zone_of(config))
    assert sends(plan) == {"192.0.2.8#53 udp k"}
    (other,) = plan.instead
    assert (other.transport, other.source_text, other.port, other.key) == ("tcp", "192.0.2.108", 53, "k")
    (why,) = plan.unknown
    assert why == (
        "what is sent to 192.0.2.8 has its key in also-notify: BIND may take its source and transport from the "
        "server block of another address"
    )


def test_zones_of_one_kind_keep_their_places() -> None:
    text = "primaries l { 192.0.2.3; };\n"
    text += "".join(primary("also-notify { 192.0.2.1; nolist; l; };", f"{name}.example") for name in "ab")
    text += 'zone "c.example" { type secondary; primaries { 192.0.2.1; nolist; }; };\n'
    text += 'zone "d.example" { type secondary; primaries { 192.0.2.1; nolist; }; };\n'
    config = read(text)
    notifier, inbound = told(config), fetched(config)
    for name in ("a.example", "b.example"):
        zone = zone_of(config, name)
        plan = notifier.plan(zone)
        statement = zone.level.statements["also-notify"].span
        own, listed = (target.server.entry.span for target in plan.targets)
        places = [own, *(entry.span for entry in plan.undefined_lists)]
        assert [place.text for place in places] == ["192.0.2.1;", "nolist;"]
        assert all(statement.start < place.start < statement.end for place in places)
        assert listed.start < statement.start
    for name in ("c.example", "d.example"):
        zone = zone_of(config, name)
        plan_in = inbound.plan(zone)
        statement = zone.level.statements["primaries"].span
        places = [plan_in.sources[0].server.entry.span, plan_in.undefined_lists[0].span]
        assert [place.text for place in places] == ["192.0.2.1;", "nolist;"]
        assert all(statement.start < place.start < statement.end for place in places)


def test_equal_zones_share_one_value() -> None:
    text = "".join(primary("also-notify { 192.0.2.1; };", f"z{number}.example") for number in range(3))
    config = read(text)
    notifier = told(config)
    assert len({id(notifier.plan(zone).sends) for zone in config.zones}) == 1


def test_a_source_that_says_nothing() -> None:
    """`*` in the head of a list leaves it to the zone; in a server block it does not."""
    text = "options { notify-source 192.0.2.101 port 5301; notify-source-v6 2001:db8::101; };\n"
    text += "server 192.0.2.9 { notify-source * port 5309; };\n"
    text += primary("also-notify source * source-v6 2001:db8::103 { 192.0.2.1; 2001:db8::1; 192.0.2.9; };")
    assert planned(text, "9.20") == {
        "192.0.2.1#53 udp - from 192.0.2.101#5301",
        "2001:db8::1#53 udp - from 2001:db8::103",
        "192.0.2.9#53 udp -#5309",
    }


def test_where_a_key_comes_from() -> None:
    text = KEYS + "server 192.0.2.2 { keys L; tcp-only yes; };\nserver 192.0.2.3 { tcp-only no; };\n"
    text += primary(
        "also-notify { 192.0.2.1 key K.; 192.0.2.2; 192.0.2.2 key nope; 192.0.2.3 key nope; 192.0.2.4; };"
    )
    config = read(text, valid=False)
    plan = told(config).plan(zone_of(config))
    assert [(t.sent.text, t.key, t.signed_by, t.undefined_key, t.sent.transport) for t in plan.targets] == [
        ("192.0.2.1", "k", "entry", None, "udp"),
        ("192.0.2.2", "l", "server", None, "tcp"),
        ("192.0.2.2", "l", "server", "nope", "tcp"),
        ("192.0.2.3", None, None, "nope", "udp"),
        ("192.0.2.4", None, None, None, "udp"),
    ]
    assert [len(target.instead) for target in plan.targets] == [1, 0, 0, 0, 0]
    assert plan.instead == {plan.targets[0].sent._replace(transport="tcp")}


def test_what_may_go_out_instead() -> None:
    """Sources of the other family cannot be taken; what goes out for another entry is no surprise."""
    text = KEYS + "server 2001:db8::8 { notify-source-v6 2001:db8::108; };\n"
    text += "server 2001:db8::7 { tcp-only yes; };\nserver 192.0.2.7 { notify-source 192.0.2.107; tcp-only 1; };\n"
    text += "server 192.0.2.8 { notify-source 192.0.2.108; };\nserver 192.0.2.6 { request-ixfr no; };\n"
    config = read(text + primary("also-notify { 192.0.2.1 key k; 2001:db8::1 key k; };"))
    plan = told(config).plan(zone_of(config))
    found = [{(each.transport, each.source_text) for each in target.instead} for target in plan.targets]
    assert found == [
        {("tcp", None), ("tcp", "192.0.2.107"), ("udp", "192.0.2.108")},
        {("tcp", None), ("udp", "2001:db8::108")},
    ]
    assert plan.instead == {*plan.targets[0].instead, *plan.targets[1].instead}
    text = KEYS + "options { blackhole { 192.0.2.1; }; };\nserver 192.0.2.1 { tcp-only yes; };\n"
    config = read(text + primary("also-notify { 192.0.2.1 key k; };"))
    plan = told(config).plan(zone_of(config))
    assert (len(plan.targets[0].instead), plan.sends, plan.instead, plan.unknown[:-1]) == (
        1,
        frozenset(),
        frozenset(),
        (),
    )


def test_server_blocks_of_the_view() -> None:
    text = KEYS + "server 192.0.2.9 { tcp-only yes; };\n"
    text += f"view one {{ server 192.0.2.8 {{ notify-source 192.0.2.108; }}; {primary('also-notify { 192.0.2.1 key k; };')} }};\n"
    text += f"view two {{ {primary('also-notify { 192.0.2.1 key k; 192.0.2.9; };')} }};\n"
    config = read(text)
    plans = [told(config).plan(zone) for zone in config.zones]
    found = [[(each.transport, each.source_text) for each in plan.instead] for plan in plans]
    assert found == [[("udp", "192.0.2.108")], [("tcp", None)]]
    assert plans[1].targets[1].sent.transport == "tcp"


def test_by_the_block_of_the_address() -> None:
    text = KEYS + "server 192.0.2.1 { notify-source 192.0.2.109; tcp-only yes; };\n"
    text += "server 2001:db8::/64 { notify-source-v6 2001:db8::109; };\n"
    text += primary(
        "also-notify source 192.0.2.103 { 192.0.2.1 key k; 192.0.2.2 key k; 2001:db8::1 key l; 2001:db8:1::1; };"
        "notify-source-v6 2001:db8::102;"
    )
    config = read(text)
    notifier, zone = told(config), zone_of(config)
    plan = notifier.plan(zone)
    by_block = [notifier.by_block(zone, target) for target in plan.targets]
    assert [(t.text, t.key, t.transport, t.source_text) for t in by_block] == [
        ("192.0.2.1", "k", "tcp", "192.0.2.109"),
        ("192.0.2.2", "k", "udp", "192.0.2.103"),
        ("2001:db8::1", "l", "udp", "2001:db8::109"),
        ("2001:db8:1::1", None, "udp", "2001:db8::102"),
    ]
    assert [(t.sent.transport, t.sent.source_text) for t in plan.targets] == [
        ("udp", "192.0.2.103"),
        ("udp", "192.0.2.103"),
        ("udp", "2001:db8::102"),
        ("udp", "2001:db8::102"),
    ]


def test_an_address_that_is_written_as_ipv6() -> None:
    config = read(primary("also-notify { ::ffff:192.0.2.1; ::fffe:192.0.2.1; ::ffff; };"))
    plan = told(config).plan(zone_of(config))
    assert [target.unsent for target in plan.targets] == ["mapped", None, None]
    assert sends(plan) == {"::fffe:c000:201#53 udp -", "::ffff#53 udp -"}
    assert plan.unknown == (NOT_LOOKED_AT,)


NOT_LOOKED_AT = "the zone's content was not looked at"


def test_who_is_told_at_all() -> None:
    """Nobody: neither by NS records nor by a list; a list that is not defined may hold somebody."""
    found = {}
    for statements in (
        "notify no;", "notify explicit;", "notify explicit; also-notify { };", "notify explicit; also-notify { gone; };",
        "notify explicit; also-notify { 192.0.2.1; };", "notify yes;", "notify no; also-notify { 192.0.2.1; };",
    ):  # fmt: skip
        config = read(primary(statements), valid=False)
        plan = told(config).plan(zone_of(config))
        found[statements] = (plan.silent, plan.nobody_listed)
    assert list(found.values()) == [
        (True, True), (True, True), (True, True), (False, False), (False, False), (False, True), (True, True),
    ]  # fmt: skip


def test_where_the_statements_stand() -> None:
    """Equal zones share a plan, not the places of their statements."""
    text = "options { notify explicit; also-notify { 192.0.2.1; }; };\n"
    text += primary("notify yes; also-notify { 192.0.2.2; };") + primary(
        "notify yes; also-notify { 192.0.2.2; };", "b.example"
    )
    text += primary("", "c.example") + primary("", "d.example")
    config = read(text)
    notifier = told(config)
    plans = [notifier.plan(zone) for zone in config.zones]
    for plan, zone in zip(plans[:2], list(config.zones)[:2], strict=True):
        statements = zone.level.statements
        assert plan.notify == (statements["notify"], "zone")
        assert plan.also_notify == (statements["also-notify"], "zone")
    for plan in plans[2:]:
        assert (plan.notify.level, plan.also_notify.level) == ("options", "options")
        assert plan.ns is None
    assert plans[0].alike == plans[1].alike != plans[2].alike == plans[3].alike
    assert [plan.told_by_ns for plan in plans] == [True, True, False, False]
    assert [plan.unknown for plan in plans] == [(NOT_LOOKED_AT,), (NOT_LOOKED_AT,), (), ()]


def test_each_doubt_once() -> None:
    text = TLS + "options { blackhole { localnets; }; };\n"
    config = read(text + primary("also-notify { 192.0.2.1; 192.0.2.1 port 99; 192.0.2.2 tls t; };"), None)
    assert told(config).plan(zone_of(config)).unknown == (
        "whether blackhole drops what is sent to 192.0.2.1 depends on the server's interfaces",
        "whether blackhole drops what is sent to 192.0.2.2 depends on the server's interfaces",
        "BIND before 9.20 sends to 192.0.2.2 in the clear",
        NOT_LOOKED_AT,
    )


@pytest.mark.parametrize(
    ("release", "encrypted"), [("9.18.49", False), ("9.19.12", False), ("9.19.13", True), ("9.20.0", True)]
)
def test_releases_that_send_over_tls(release: str, encrypted: bool) -> None:
    found = parse_release(release)
    assert found is not None
    assert sends_over_tls(found) is encrypted


@pytest.mark.parametrize(
    ("release", "verified"),
    [("9.16.50", False), ("9.18.2", False), ("9.18.3", True), ("9.19.0", False), ("9.19.1", True), ("9.20.0", True)],
)  # fmt: skip
def test_releases_that_check_certificates(release: str, verified: bool) -> None:
    found = parse_release(release)
    assert found is not None
    assert can_verify(found) is verified


def test_certificates_of_an_unknown_release_and_an_undefined_block() -> None:
    config = read(TLS + secondary("{ 192.0.2.1 tls T; }"), None)
    assert [each.verified for each in fetched(config).plan(zone_of(config)).requests] == [True]
    config = read(secondary("{ 192.0.2.1 tls gone; }"), valid=False)
    assert [each.verified for each in fetched(config).plan(zone_of(config)).requests] == [False]


# Zone content.


def reader_for(
    zones: str, files: dict[str, str], *, release: str = "9.18", host: Host | None = None
) -> tuple[Config, ZoneReader]:
    """A configuration below /srv and a reader of its zones."""
    held = {"/srv/named.conf": zones.encode()} | {
        f"/srv/{name}": text.encode() for name, text in files.items()
    }
    found = host if host is not None else MemoryHost(held)
    options = ReadOptions(release=parse_release(release))
    config = load_config("/srv/named.conf", found, options)
    return config, ZoneReader(config, found, options)


def by_ns(zones: str, files: dict[str, str], own: str | None = "192.0.2.250") -> tuple[set[str], str | None]:
    """What the NS records of a.example add, and why that may not be all."""
    config, reader = reader_for(zones, files)
    holds = AddressSet.from_text(own) if own is not None else None
    plan = told(config, zone_data=reader, own=holds).plan(zone_of(config))
    assert plan.ns is not None
    return sends(plan), plan.ns.unknown


SERVERS = (
    HEAD
    + "@ NS ns1\n@ NS ns2\n@ NS NS3\nns1 A 192.0.2.1\nns2 A 192.0.2.2\nns2 AAAA 2001:db8::2\nns3 A 192.0.2.3\n"
)


def test_ns_records() -> None:
    zones = KEYS + "server 192.0.2.3 { keys k; };\noptions { port 5300; };\n" + primary("")
    files = {"a.example.db": "$TTL 60\n" + SERVERS}
    expected = {"192.0.2.2#5300 udp -", "2001:db8::2#5300 udp -", "192.0.2.3#5300 udp k"}
    assert by_ns(zones, files) == (expected, None)
    assert by_ns(zones, files, "192.0.2.3") == (expected - {"192.0.2.3#5300 udp k"}, None)
    doubt = "which of these addresses are the server's own, and not told, is not known"
    assert by_ns(zones, files, None) == (expected, doubt)
    to_soa = zones.replace("options {", "options { notify-to-soa yes;")
    assert by_ns(to_soa, files) == (expected | {"192.0.2.1#5300 udp -"}, None)


def test_own_address_in_another_view() -> None:
    """The server leaves itself out only where its NOTIFY would come back to the same view."""
    views = 'view one { match-clients { 192.0.2.9; }; zone "a.example" { type primary; file "x"; }; };\n'
    views += f"view two {{ {primary('notify-source 192.0.2.9;')} }};\n"
    config, reader = reader_for(views, {"a.example.db": "$TTL 60\n" + SERVERS})
    zone = list(config.zones)[1]
    notifier = told(config, zone_data=reader, own=AddressSet.from_text("192.0.2.2"))
    assert "192.0.2.2#53 udp - from 192.0.2.9" in sends(notifier.plan(zone))
    config, reader = reader_for(views.replace("notify-source 192.0.2.9;", ""), {"a.example.db": SERVERS})
    notifier = told(config, zone_data=reader, own=AddressSet.from_text("192.0.2.2"))
    assert sends(notifier.plan(list(config.zones)[1])) == {"2001:db8::2#53 udp -", "192.0.2.3#53 udp -"}


def test_ns_records_as_values() -> None:
    """Source, port, key and transport of what goes out because of NS records, for both families."""
    zones = (
        KEYS + "options { notify-source 192.0.2.101 port 5301; notify-source-v6 2001:db8::101 port 5306; };\n"
    )
    zones += "server 192.0.2.2 { notify-source 192.0.2.102; keys k; };\n"
    zones += "server 2001:db8::2 { notify-source-v6 2001:db8::102; tcp-only yes; };\n"
    zones += primary("")
    records = HEAD + "".join(f"@ NS ns{number}\n" for number in range(1, 5))
    records += "ns1 A 192.0.2.1\nns2 A 192.0.2.2\nns2 AAAA 2001:db8::2\nns3 AAAA 2001:db8::3\nns4 A 192.0.2.4\nns4 A 192.0.2.2\n"
    assert by_ns(zones, {"a.example.db": records}) == (
        {
            "192.0.2.2#53 udp k from 192.0.2.102",
            "2001:db8::2#53 tcp - from 2001:db8::102",
            "2001:db8::3#53 udp - from 2001:db8::101#5306",
            "192.0.2.4#53 udp - from 192.0.2.101#5301",
        },
        None,
    )
    config, reader = reader_for(zones, {"a.example.db": records})
    plan = told(config, reader, AddressSet.nothing()).plan(zone_of(config))
    assert plan.ns is not None
    assert plan.ns.names == ("ns2.a.example", "ns3.a.example", "ns4.a.example")
    assert (plan.ns.primary, plan.to_soa) == ("ns1.a.example", False)
    assert [target.text for target in plan.ns.targets] == [
        "192.0.2.2",
        "2001:db8::2",
        "2001:db8::3",
        "192.0.2.4",
    ]
    assert plan.sends == frozenset(plan.ns.targets)


def test_servers_of_ns_records_beside_the_list() -> None:
    zones = primary("also-notify { 192.0.2.9; 192.0.2.2; };")
    said, why = by_ns(zones, {"a.example.db": SERVERS})
    expected = {"192.0.2.2#53 udp -", "2001:db8::2#53 udp -", "192.0.2.3#53 udp -", "192.0.2.9#53 udp -"}
    assert (said, why) == (expected, None)


@pytest.mark.parametrize(
    ("options", "records", "names", "primary_name"),
    [
        ("", "@ NS ns1\n@ NS ns2\n", ("ns2.a.example",), "ns1.a.example"),
        ("notify-to-soa yes;", "@ NS ns1\n@ NS ns2\n", ("ns1.a.example", "ns2.a.example"), None),
        ("", "@ NS ns2\n@ NS ns3\n", ("ns2.a.example", "ns3.a.example"), None),
        ("", "@ NS ns1\n", (), "ns1.a.example"),
    ],
)
def test_the_server_in_the_soa(
    options: str, records: str, names: tuple[str, ...], primary_name: str | None
) -> None:
    hosts = "".join(f"ns{number} A 192.0.2.{number}\n" for number in (1, 2, 3))
    config, reader = reader_for(
        f"options {{ {options} }};\n" + primary(""), {"a.example.db": HEAD + records + hosts}
    )
    ns = told(config, reader, AddressSet.nothing()).plan(zone_of(config)).ns
    assert ns is not None
    assert (ns.names, ns.primary, len(ns.targets), ns.unknown) == (names, primary_name, len(names), None)


def test_blackhole_and_ns_records() -> None:
    files = {"a.example.db": SERVERS}
    zones = "options { blackhole { 192.0.2.2; }; };\n" + primary("")
    assert by_ns(zones, files) == ({"2001:db8::2#53 udp -", "192.0.2.3#53 udp -"}, None)
    zones = "options { blackhole { 192.0.2.0/24; localhost; }; };\n" + primary("")
    why = "whether blackhole drops what is sent to 2001:db8::2 depends on the server's interfaces"
    assert by_ns(zones, files) == ({"2001:db8::2#53 udp -"}, why)
    zones = "options { blackhole { localnets; }; };\n" + primary("")
    _, found = by_ns(zones, {**files, "a.example.db.jnl": ""}, None)
    assert found == (
        "a journal holds changes to /srv/a.example.db that were not read; "
        "whether blackhole drops what is sent to 192.0.2.2 and 2 more depends on the server's interfaces; "
        "which of these addresses are the server's own, and not told, is not known"
    )


def test_names_alone_say_nothing_of_own_addresses() -> None:
    zones = "options { port 5300; };\n" + primary("")
    files = {"a.example.db": HEAD + "@ NS ns.host.example.\n"}
    why = "the addresses of ns.host.example are not in the zones read here"
    assert by_ns(zones, files, None) == ({"ns.host.example#5300 udp -"}, why)


def test_own_addresses_with_a_key() -> None:
    """Signed NOTIFY to itself may land in another view than unsigned."""
    views = KEYS + "server 192.0.2.2 { keys k; };\n"
    views += 'view one { match-clients { key k; }; zone "a.example" { type primary; file "x"; }; };\n'
    views += f"view two {{ {primary('')} }};\n"
    config, reader = reader_for(views, {"a.example.db": SERVERS})
    own = AddressSet.from_text("192.0.2.2", "192.0.2.3", "2001:db8::2")
    assert sends(told(config, reader, own).plan(list(config.zones)[1])) == {"192.0.2.2#53 udp k"}


def test_names_in_other_zones() -> None:
    """Another zone of the view answers for its names; the deepest one does."""
    zones = primary("") + primary("", "host.example") + primary("", "deep.host.example")
    servers = "@ NS mname.\n@ NS ns.host.example.\n@ NS ns.deep.host.example.\n@ NS ns.else.example.\n"
    files = {
        "a.example.db": HEAD + servers,
        "host.example.db": HEAD + "@ NS ns\nns A 192.0.2.1\nns.deep A 192.0.2.9\n",
        "deep.host.example.db": HEAD + "@ NS ns\nns A 192.0.2.2\n",
    }
    expected = {"192.0.2.1#53 udp -", "192.0.2.2#53 udp -", "mname#53 udp -", "ns.else.example#53 udp -"}
    unknown = "the addresses of ns.else.example and 1 more are not in the zones read here"
    assert by_ns(zones, files) == (expected, unknown)


@pytest.mark.parametrize(
    ("records", "added", "unknown"),
    [
        ("@ NS ns.child\nns.child A 192.0.2.2\nchild NS ns.child\n", {"ns.child.a.example#53 udp -"}, "the addresses of"),
        ("@ NS x\n*.a.example. A 192.0.2.2\n", {"x.a.example#53 udp -"}, "the addresses of x.a.example are not"),
        ("@ NS x\nx CNAME y\ny A 192.0.2.2\n", set(), "x.a.example has no address, with which BIND loads no"),
        ("@ NS x.d\nd DNAME y\n", set(), "x.d.a.example has no address"),
        ("@ NS x\n", set(), "x.a.example has no address"),
        ("@ NS @\n@ A 192.0.2.2\n", {"192.0.2.2#53 udp -"}, None),
        ("@ NS x\n$ORIGIN a.example.\nX 60 IN A 192.0.2.2\n", {"192.0.2.2#53 udp -"}, None),
        ("@ NS x\n$GENERATE 1-3 x$ A 192.0.2.$\nx A 192.0.2.2\n", {"192.0.2.2#53 udp -"}, None),
        ("@ NS x2\n$GENERATE 1-3 x$ A 192.0.2.$\n", {"192.0.2.2#53 udp -"}, None),
    ],
)  # fmt: skip
def test_addresses_in_the_zone(records: str, added: set[str], unknown: str | None) -> None:
    said, why = by_ns(primary(""), {"a.example.db": HEAD + "@ NS ns1\nns1 A 192.0.2.1\n" + records})
    assert said == added
    assert (why or "").startswith(unknown or "") and (why is None) == (unknown is None), why


@pytest.mark.parametrize(
    ("zone", "files", "reason"),
    [
        (primary(""), {}, "a.example.db was not found"),
        (primary(""), {"a.example.db": "not a zone"}, "/srv/a.example.db cannot be parsed: line 1: Text input is malformed."),
        (primary(""), {"a.example.db": HEAD}, "/srv/a.example.db has no SOA or no NS record for the zone"),
        (primary(""), {"a.example.db": ""}, "/srv/a.example.db has no SOA or no NS record for the zone"),
        (primary(""), {"a.example.db": HEAD + "$INCLUDE x\n"}, "/srv/a.example.db includes other files, which are not read"),
        (primary(""), {"a.example.db": HEAD + '"$include" a.example.db\n'}, "/srv/a.example.db cannot be parsed: line"),
        (primary(""), {"a.example.db": "\0\0\0\2"}, "/srv/a.example.db is not a text file"),
        (primary("masterfile-format raw;"), {"a.example.db": SERVERS}, "the zone's file is not in text format"),
        ("options { masterfile-format raw; };" + primary(""), {"a.example.db": SERVERS}, "the zone's file is not in text"),
        ('zone "a.example" { type secondary; primaries { 192.0.2.1; }; file "a.example.db"; };', {"a.example.db": SERVERS},
         "the zone's file is not in text format"),
        ('zone "a.example" { type secondary; primaries { 192.0.2.1; }; masterfile-format text; };', {}, "the zone has no file"),
        (primary('database "mysql x password=y";'), {"a.example.db": SERVERS}, "the zone's content is in a database"),
        ('zone "a.example" { type primary; file "*.db"; };', {"a.db": SERVERS}, "what *.db stands for is not known"),
        (primary("").replace('example" {', 'example" hs {'), {"a.example.db": SERVERS}, "only zones of class IN are read"),
    ],
)  # fmt: skip
def test_unreadable(zone: str, files: dict[str, str], reason: str) -> None:
    config, reader = reader_for(zone, files)
    data = reader.data(zone_of(config))
    assert isinstance(data, Unread)
    assert data.reason.startswith(reason)
    plan = told(config, zone_data=reader).plan(zone_of(config))
    assert plan.unknown == (data.reason,)


def test_journal() -> None:
    reason = "a journal holds changes to /srv/a.example.db that were not read"
    files = {"a.example.db": SERVERS}
    assert by_ns(primary(""), files)[1] is None
    assert by_ns(primary(""), {**files, "a.example.db.jnl": ""})[1] == reason
    assert by_ns(primary('journal "other";'), {**files, "other": ""})[1] == reason


def test_files_are_in_the_directory() -> None:
    zones = 'options { directory "/srv/zones"; };\n' + primary("")
    config, reader = reader_for(zones, {"zones/a.example.db": SERVERS, "a.example.db": HEAD})
    data = reader.data(zone_of(config))
    assert isinstance(data, ZoneData)
    assert (data.path, data.primary) == ("/srv/zones/a.example.db", "ns1.a.example")
    assert data.servers == ("ns1.a.example", "ns2.a.example", "ns3.a.example")
    options = ReadOptions(maps=(("/srv/zones", "/copy"),))
    host = MemoryHost({"/srv/named.conf": zones.encode(), "/copy/a.example.db": SERVERS.encode()})
    config = load_config("/srv/named.conf", host, options)
    data = ZoneReader(config, host, options).data(zone_of(config))
    assert isinstance(data, ZoneData) and data.path == "/copy/a.example.db"


GENERATE = (
    "$GENERATE 1-99999999 h$ A 192.0.2.1\n",
    "$generate 1-6000 h$ A 192.0.2.1\n$GENERATE 1-6000 i$ A 192.0.2.1\n",
    "$GENERATE (\n1-99999999 h$ A 192.0.2.1 )\n",
    "$GENERATE 1-9999 h$ TXT ${0,999999,d}\n",
    '"$GENERATE" 1-99999999 h$ A 192.0.2.1\n',
    "( $GENERATE ) 1-99999999 h$ A 192.0.2.1\n",
    " $GENERATE 1-99999999 h$ A 192.0.2.1\n",
)


@pytest.mark.parametrize("text", GENERATE)
def test_generate_bombs(text: str) -> None:
    config, reader = reader_for(primary(""), {"a.example.db": SERVERS + text})
    started = time.monotonic()
    assert isinstance(reader.data(zone_of(config)), Unread)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("kind", ["fifo", "device", "huge", "directory", "socket", "loop"])
def test_odd_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.example.db"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(1 << 30)
    elif kind == "directory":
        path.mkdir()
    elif kind == "loop":
        path.symlink_to(path)
    else:
        import socket

        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.fspath(path))
    (tmp_path / "named.conf").write_text(f'options {{ directory "{tmp_path}"; }};\n' + primary(""))
    options = ReadOptions(release=parse_release("9.18"))
    host = LocalHost()
    config = load_config(str(tmp_path / "named.conf"), host, options)
    started = time.monotonic()
    data = ZoneReader(config, host, options).data(zone_of(config))
    assert time.monotonic() - started < 2
    assert isinstance(data, Unread)
    reasons = {"huge": "it is larger than 1 MiB", "loop": "its symbolic links form a loop"}
    assert data.reason == f"{path}: {reasons.get(kind, 'it is not a regular file')}"


def test_no_more_than_a_few_mib_altogether() -> None:
    filler = HEAD + "@ NS ns1\nns1 A 192.0.2.1\n;" + "x" * MAX_ZONE_BYTES
    names = [f"z{number}.example" for number in range(MAX_ALL_BYTES // MAX_ZONE_BYTES + 3)]
    zones = "".join(primary("", name) for name in names)
    config, reader = reader_for(zones, {f"{name}.db": filler[:MAX_ZONE_BYTES] for name in names})
    found = [reader.data(zone) for zone in config.zones]
    read = [isinstance(data, ZoneData) for data in found]
    assert read == [True] * (len(names) - 3) + [False] * 3
    assert found[-1] == Unread("only 8 MiB of zone files are read in one run")


_PIECES = st.sampled_from(
    ["@", "$TTL", "$ORIGIN", "$GENERATE", "1-3", "SOA", "NS", "A", "AAAA", "TXT", "NSEC", "LOC", "APL", "SVCB", "TYPE65280",
     "\\#", "\\", "\\999", "(", ")", '"', ";", "\n", "\n", " ", "60", "1", "192.0.2.1", "2001:db8::1", "ns1", "a.example.",
     "x" * 70, "*", "\x1b[2J", "\xff", "\u1234", HEAD, "@ NS ns1\n"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(_PIECES, max_size=40).map(lambda p: " ".join(p).encode())))
def test_any_bytes_give_an_answer(data: bytes) -> None:
    host = MemoryHost({"/srv/named.conf": primary("").encode(), "/srv/a.example.db": HEAD.encode() + data})
    options = ReadOptions(release=parse_release("9.18"))
    config = load_config("/srv/named.conf", host, options)
    reader = ZoneReader(config, host, options)
    found = reader.data(zone_of(config))
    if isinstance(found, Unread):
        assert found.reason.isascii() and found.reason.isprintable()
    plan = told(config, zone_data=reader).plan(zone_of(config))
    assert isinstance(found, ZoneData) or plan.sends == frozenset()


# Inbound.


def secondary(primaries: str, more: str = "") -> str:
    """A secondary zone."""
    return f'zone "a.example" {{ type secondary; primaries {primaries}; {more} }};\n'


@pytest.mark.parametrize(
    ("block", "release", "verified"),
    [
        ('tls t { ca-file "c"; };', "9.18", True),
        ('tls t { remote-hostname "h"; };', "9.18", True),
        ('tls t { ca-file "c"; remote-hostname "h"; };', "9.20", True),
        ('tls t { cert-file "c"; key-file "k"; };', "9.18", False),
        ("tls t { protocols { TLSv1.3; }; };", "9.20", False),
        ('tls t { ca-file "c"; };', "9.18.2", False),
        ('tls t { ca-file "c"; };', "9.18.3", True),
    ],
)
def test_tls_inbound(block: str, release: str, verified: bool) -> None:
    config = read(
        block + "\n" + secondary("{ 192.0.2.1 tls t; 192.0.2.2 tls ephemeral; 192.0.2.3; }"), release
    )
    requests = fetched(config).plan(zone_of(config)).requests
    assert [(r.text, r.port, r.transport, r.verified) for r in requests] == [
        ("192.0.2.1", 853, "tls", verified),
        ("192.0.2.2", 853, "tls", False),
        ("192.0.2.3", 53, "plain", False),
    ]


def test_keys_and_sources_inbound() -> None:
    text = KEYS + "options { transfer-source 192.0.2.101; port 5300; };\n"
    text += "server 192.0.2.2 { keys k; transfer-source 192.0.2.102; };\n"
    text += secondary(
        "port 99 source 192.0.2.103 { 192.0.2.1 key L.; 192.0.2.2; 192.0.2.2 key l; 192.0.2.3 key nope; 2001:db8::1; }",
        "transfer-source-v6 2001:db8::100;",
    )
    config = read(text)
    plan = fetched(config).plan(zone_of(config))
    assert [(s.request.text, s.key, s.signed_by, s.skipped) for s in plan.sources] == [
        ("192.0.2.1", "l", "entry", False),
        ("192.0.2.2", "k", "server", False),
        ("192.0.2.2", "l", "entry", False),
        ("192.0.2.3", "nope", "entry", True),
        ("2001:db8::1", None, None, False),
    ]
    sources = [AddressSet.from_text(f"192.0.2.{last}").v4[0] for last in (103, 102, 102)]
    assert [r.source for r in plan.requests[:3]] == sources
    assert {r.port for r in plan.requests} == {99}
    assert len(plan.requests) == 4


def test_built_in_primaries() -> None:
    config = read('zone "." { type mirror; };\n')
    assert fetched(config).plan(zone_of(config, ".")).built_in


def test_primaries_of_a_template() -> None:
    text = "template t { type secondary; primaries { 192.0.2.1; }; };\n"
    text += 'zone "a.example" { template t; };\nzone "b.example" { template t; primaries { 192.0.2.2; }; };\n'
    config = read(text, "9.21")
    plans = [fetched(config).plan(zone) for zone in config.zones]
    found = [(plan.primaries.level, [each.text for each in plan.requests]) for plan in plans]
    assert found == [("template", ["192.0.2.1"]), ("zone", ["192.0.2.2"])]


def test_whose_notify_is_taken() -> None:
    text = KEYS + "options { allow-notify { 192.0.2.9; key k; }; blackhole { 192.0.2.2; }; };\n"
    text += secondary("{ 192.0.2.1 key nope; 192.0.2.2; }") + primary("", "b.example")
    text += 'zone "c.example" { type stub; primaries { 192.0.2.1; }; };\n'
    text += 'zone "d.example" { type secondary; primaries { 192.0.2.1; }; allow-notify { none; }; };\n'
    config = read(text, "9.18")
    inbound = fetched(config)
    senders = {zone.canonical[0]: inbound.senders(zone) for zone in config.zones}
    assert senders["b"] is None
    a, c, d = senders["a"], senders["c"], senders["d"]
    assert a is not None and c is not None and d is not None
    everyone = AddressSet.everything() - AddressSet.from_text("192.0.2.2")
    assert a.signers == ("k",)
    assert a.addresses(None) == AddressSet.from_text("192.0.2.1", "192.0.2.9")
    assert a.addresses("k") == everyone
    assert a.addresses("l") == AddressSet.from_text("192.0.2.1", "192.0.2.9")
    assert a.addresses("nope") == AddressSet.nothing()
    assert c.addresses(None) == d.addresses(None) == AddressSet.from_text("192.0.2.1")
    assert (a.setting.level, c.setting.level, d.setting.level) == ("options", "default", "zone")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("192.0.2.1", None),
        ("1.0.0.0", None),
        ("0.255.255.255", "that address is reserved or a broadcast address"),
        ("0.0.0.1", "that address is reserved or a broadcast address"),
        ("0.0.0.0", "no address of a host: what is sent there comes back to this server"),
        ("::", "no address of a host: what is sent there comes back to this server"),
        ("::1", None),
        ("223.255.255.255", None),
        ("224.0.0.0", "that is a multicast address"),
        ("239.255.255.255", "that is a multicast address"),
        ("240.0.0.0", "that address is reserved or a broadcast address"),
        ("255.255.255.255", "that address is reserved or a broadcast address"),
        ("ff02::1", "that is a multicast address"),
        ("feff::1", None),
        ("::ffff:192.0.2.1", "BIND asks no IPv4 address that is written as IPv6"),
        ("::fffe:192.0.2.1", None),
    ],
)
def test_where_no_host_is(address: str, why: str | None) -> None:
    found = parse_address(address)
    assert found is not None
    assert no_host(*found) == why


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (
            'zone "a.example" { type secondary; primaries { LIST }; };',
            ["192.0.2.1", "192.0.2.4", "2001:db8::1"],
        ),
        ('zone "a.example" { type stub; masters { LIST }; };', ["192.0.2.1", "192.0.2.4", "2001:db8::1"]),
        ('zone "a.example" { type mirror; primaries { LIST }; };', []),
        ('zone "." { type secondary; primaries { LIST }; };', []),
        ('zone "ARPA" { type secondary; primaries { LIST }; };', []),
    ],
)
def test_unauthenticated(zone: str, expected: list[str]) -> None:
    entries = (
        "192.0.2.1; 192.0.2.2 key k; 192.0.2.3 tls t; 192.0.2.4 tls ephemeral; 127.0.0.1; ::1; 224.0.0.1; "
    )
    text = KEYS + TLS + zone.replace("LIST", entries + "2001:db8::1; ::ffff:192.0.2.1;")
    config = read(text)
    (only,) = config.zones
    sources = fetched(config).plan(only).sources
    assert len(sources) == 9
    assert [each.request.text for each in unauthenticated(config, only, sources)] == expected


def test_types_that_fetch() -> None:
    text = 'zone "." { type secondary; primaries { 192.0.2.1; }; };\n'
    text += 'zone "b.example" { type mirror; primaries { 192.0.2.2; }; };\n'
    text += 'zone "c.example" { type stub; masters { 192.0.2.3; }; };\n'
    text += primary("", "d.example") + 'zone "e.example" { type mirror; };\n'
    config = read(text, valid=False)
    plans = [fetched(config).plan(zone) for zone in config.zones]
    assert [[request.text for request in plan.requests] for plan in plans] == [
        ["192.0.2.1"], ["192.0.2.2"], ["192.0.2.3"], [], [],
    ]  # fmt: skip
    assert [plan.built_in for plan in plans] == [False] * 5
    config = read('zone "." { type mirror; primaries { 192.0.2.1; }; };\n')
    assert not fetched(config).plan(zone_of(config, ".")).built_in
    config = read('zone "." { type hint; file "x"; };\n')
    assert not fetched(config).plan(zone_of(config, ".")).built_in


def test_sources_inbound() -> None:
    """server > the head of the list, unless it says `*` > zone; each for its family."""
    text = "options { transfer-source-v6 2001:db8::101 port 5306; };\n"
    text += "server 2001:db8::2 { transfer-source-v6 2001:db8::102; };\nserver 192.0.2.2 { transfer-source *; };\n"
    text += secondary(
        "source * source-v6 2001:db8::103 { 192.0.2.1; 192.0.2.2; 2001:db8::1; 2001:db8::2; }",
        "transfer-source 192.0.2.100 port 5300;",
    )
    text += 'zone "b.example" { type secondary; primaries { 192.0.2.1; 2001:db8::1; }; };\n'
    config = read(text)
    inbound = fetched(config)

    def of(zone: str) -> list[tuple[str | None, int | None]]:
        requests = inbound.plan(zone_of(config, zone)).requests
        return [
            (address_text(each.source, each.family) if each.source is not None else None, each.source_port)
            for each in requests
        ]

    assert of("a.example") == [
        ("192.0.2.100", 5300), (None, None), ("2001:db8::103", None), ("2001:db8::102", None),
    ]  # fmt: skip
    assert of("b.example") == [(None, None), ("2001:db8::101", 5306)]


def test_a_primary_that_is_never_asked() -> None:
    text = KEYS + "server 192.0.2.1 { keys k; };\n" + secondary("{ 192.0.2.1 key Nope.; 192.0.2.1; }")
    config = read(text, valid=False)
    plan = fetched(config).plan(zone_of(config))
    assert [(each.key, each.signed_by, each.skipped) for each in plan.sources] == [
        ("nope", "entry", True),
        ("k", "server", False),
    ]
    assert [each.key for each in plan.requests] == ["k"]


def test_inbound_plans_are_shared_by_kind() -> None:
    text = "".join(
        f'zone "{name}" {{ type secondary; primaries {{ {address}; gone; }}; }};\n'
        for name, address in (
            ("a.example", "192.0.2.1"),
            ("b.example", "192.0.2.1"),
            ("c.example", "192.0.2.2"),
        )
    )
    config = read(text, valid=False)
    inbound = fetched(config)
    plans = [inbound.plan(zone) for zone in config.zones]
    assert plans[0].alike == plans[1].alike != plans[2].alike
    for plan, zone in zip(plans, config.zones, strict=True):
        assert plan.primaries.statement is zone.level.statements["primaries"]
        assert plan.primaries.level == "zone"
        assert [entry.text for entry in plan.undefined_lists] == ["gone"]


def test_notify_from_primaries_of_both_families() -> None:
    text = secondary("{ 192.0.2.1; 2001:db8::1; }", "allow-notify { none; };")
    text += 'zone "b.example" { type mirror; primaries { 192.0.2.2; }; allow-notify { 192.0.2.3; }; };\n'
    config = read(text)
    inbound = fetched(config)
    found = [inbound.senders(zone) for zone in config.zones]
    a, b = found
    assert a is not None
    assert b is not None
    assert a.addresses(None) == a.primaries == AddressSet.from_text("192.0.2.1", "2001:db8::1")
    assert b.addresses(None) == AddressSet.from_text("192.0.2.2", "192.0.2.3")
    assert (a.signers, b.setting.level) == ((), "zone")


def test_notify_has_to_reach_the_view() -> None:
    text = f"view one {{ match-clients {{ 192.0.2.1; localnets; }}; {secondary('{ 192.0.2.1; 192.0.2.2; }')} }};\n"
    config = read(text)
    senders = fetched(config).senders(zone_of(config))
    assert senders is not None
    assert senders.addresses(None) == AddressSet.from_text("192.0.2.1")
    assert senders.addresses(None, "localnets") == AddressSet.from_text("192.0.2.1", "192.0.2.2")


@pytest.mark.parametrize(
    "change",
    [
        ("notify-to-soa no;", "notify-to-soa yes;"),
        ("port 53;", "port 54;"),
        ("notify-source 192.0.2.8;", "notify-source 192.0.2.9;"),
        ("notify-source 192.0.2.108;", "notify-source 192.0.2.109;"),
        ("tcp-only no;", "tcp-only yes;"),
        ("192.0.2.1;", "192.0.2.1 port 54;"),
        ("transfer-source 192.0.2.7;", "transfer-source 192.0.2.6;"),
    ],
)
def test_what_changes_notify_is_a_change(change: tuple[str, str]) -> None:
    """No correction that does this may call itself safe."""
    text = "options { notify-to-soa no; port 53; notify-source 192.0.2.8; transfer-source 192.0.2.7; };\n"
    text += "server 192.0.2.99 { notify-source 192.0.2.108; tcp-only no; };\n" + primary(
        "also-notify { 192.0.2.1; };"
    )
    text += 'zone "b.example" { type secondary; primaries { 192.0.2.3; }; };\n'
    assert change[0] in text
    assert summarise(read(text)) == summarise(read(text + "// a comment\n"))
    assert summarise(read(text)) != summarise(read(text.replace(*change)))
