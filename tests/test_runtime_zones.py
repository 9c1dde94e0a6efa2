"""Zones that are not in the file: what decides for them, held against a real named."""

from __future__ import annotations

import time
from pathlib import Path

import dns.rcode
import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.policy.access import Accesses
from named_audit.policy.inbound import Inbound
from named_audit.policy.reach import Lists, Reach
from named_audit.policy.runtime_zones import RuntimeZones, runtime_zones
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.bind_server import ZONE_FILE, options_block, running_named

CATALOG = (
    '$TTL 60\n@ SOA . . 1 3600 600 86400 60\n@ NS invalid.\nversion TXT "2"\nm1.zones PTR member.example.\n'
)


def load(text: str, release: str = "9.18") -> Config:
    """A configuration without problems."""
    options = ReadOptions(release=parse_release(release))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    assert config.problems == []
    return config


def found(text: str, release: str = "9.18") -> tuple[RuntimeZones, ...]:
    """The zones that come at run time under a configuration."""
    config = load(text, release)
    lists = Lists(config)
    return runtime_zones(config, Accesses(config, lists, Reach(config, lists)))


@pytest.mark.bind
def test_members_of_a_catalog_zone_follow_the_options(tmp_path: Path) -> None:
    """Neither the catalog zone's own list nor that of another zone: what options say."""
    producer = options_block("\tallow-transfer { any; };\n") + "".join(
        f'zone "{name}" {{ type primary; file "{name}"; }};\n' for name in ("cat.example", "member.example")
    )
    files = {"cat.example": CATALOG, "member.example": ZONE_FILE}
    with running_named(tmp_path / "producer", producer, files=files) as first:
        text = (
            options_block(
                "\tallow-transfer { 127.0.0.3; };\n"
                f'\tcatalog-zones {{ zone "cat.example" default-primaries port {first.port} {{ 127.0.0.1; }}; }};\n'
            )
            + 'zone "cat.example" { type secondary; file "cat"; '
            f"primaries port {first.port} {{ 127.0.0.1; }}; allow-transfer {{ 127.0.0.4; }}; }};\n"
        )
        with running_named(tmp_path / "consumer", text) as consumer:
            until = time.monotonic() + 30
            while consumer.axfr_rcode("member.example", "127.0.0.3") != dns.rcode.NOERROR:
                assert time.monotonic() < until, consumer.log[-2000:]
                time.sleep(0.1)
            (members,) = found(text)
            assert (members.kind, members.name, members.setting.level) == (
                "catalog",
                "cat.example",
                "options",
            )
            for source in ("127.0.0.3", "127.0.0.4", "127.0.0.5"):
                served = source in members.access.addresses(None, "localnets")
                assert consumer.axfr("member.example", source) is served
            assert consumer.axfr("cat.example", "127.0.0.4") is True
            assert consumer.axfr("cat.example", "127.0.0.3") is False


def test_nearest_level() -> None:
    text = (
        "options { allow-new-zones yes; allow-transfer { none; }; };\n"
        "view a { match-clients { 10.0.0.0/8; }; allow-transfer { any; }; };\n"
        'view b { allow-new-zones no; dlz "d" { database "x"; }; dlz "e" { database "x"; search no; }; };\n'
    )
    first, second = found(text)
    assert (first.kind, first.view.name, first.setting.level) == ("new-zones", "a", "view")
    assert first.access.addresses(None).words() == "10.0.0.0/8"
    assert (second.kind, second.name, second.view.name, second.setting.level) == ("dlz", "d", "b", "options")
    assert not second.access.addresses(None)


def test_default_by_release() -> None:
    text = 'dlz "d" { database "x"; };\n'
    assert [members.access.addresses(None).words() for members in found(text)] == ["anyone"]
    assert [members.access.addresses(None).words() for members in found(text, "9.20")] == ["no one"]


def test_primaries_of_members() -> None:
    text = (
        'options {\n\tcatalog-zones {\n\t\tzone "cat.example"\n\t\t\tdefault-primaries port 5353 { p; 192.0.2.2 key k; } in-memory yes;\n'
        "\t};\n};\n"
        'primaries p { 192.0.2.1; };\nkey k { algorithm hmac-sha256; secret "c2VjcmV0"; };\n'
        'zone "cat.example" { type primary; file "c"; };\n'
    )
    (members,) = found(text)
    config = load(text)
    lists = Lists(config)
    plan = Inbound(config, lists, Reach(config, lists)).plan(members.member)
    assert [(source.server.address_text, source.key) for source in plan.sources] == [
        ("192.0.2.1", None),
        ("192.0.2.2", "k"),
    ]
    assert plan.sources[1].server.entry.span.text == "192.0.2.2 key k;"
    assert plan.sources[1].server.entry.span.begin == (4, 37)
