"""Where the server listens, and what its own addresses make of `localhost` and `localnets`."""

from __future__ import annotations

import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.model.config import Config
from named_audit.policy.addresses import AddressSet
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.listeners import Listener, listeners, port_and_transport
from named_audit.policy.reach import Lists
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions

CERTIFICATE = 'cert-file "c.pem"; key-file "k.pem";'
V4, V6 = AddressSet.from_text("0.0.0.0/0"), AddressSet.from_text("::/0")
ONE = AddressSet.from_text("192.0.2.1")
ONE6 = AddressSet.from_text("2001:db8::1")


def read(text: str) -> Config:
    """A configuration without problems."""
    options = ReadOptions(release=parse_release("9.20"))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    assert config.problems == []
    return config


TLS = f'tls plain {{ {CERTIFICATE} }};\ntls mutual {{ {CERTIFICATE} ca-file "ca.pem"; }};\ntls http {{ {CERTIFICATE} }};\n'


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", [Listener(53, None, V4), Listener(53, None, V6)]),
        ("port 5300;", [Listener(5300, None, V4), Listener(5300, None, V6)]),
        ("listen-on { 192.0.2.1; };", [Listener(53, None, V6), Listener(53, None, ONE)]),
        ("listen-on-v6 { 2001:db8::1; };", [Listener(53, None, V4), Listener(53, None, ONE6)]),
        ("listen-on { none; }; listen-on-v6 { none; };", []),
        ("listen-on { 192.0.2.1; 2001:db8::1; }; listen-on-v6 { 192.0.2.1; 2001:db8::1; };",
         [Listener(53, None, ONE), Listener(53, None, ONE6)]),
        ("listen-on { none; }; listen-on port 5353 { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(5353, None, ONE)]),
        ("port 5300; listen-on tls none { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(5300, None, ONE)]),
        ("listen-on tls plain { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(853, "plain", ONE)]),
        ("tls-port 8853; listen-on tls plain { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(8853, "plain", ONE)]),
        ("listen-on port 99 tls ephemeral { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(99, "ephemeral", ONE)]),
        ("listen-on tls MUTUAL { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(853, "MUTUAL", ONE, True)]),
        ("listen-on tls http { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(853, "http", ONE)]),
        ("listen-on proxy plain { 192.0.2.1; }; listen-on-v6 { none; };", [Listener(53, None, ONE, False, True)]),
        ("listen-on tls plain http default { 192.0.2.1; }; listen-on { 192.0.2.1; }; listen-on-v6 { none; };",
         [Listener(53, None, ONE)]),
    ],
)  # fmt: skip
def test_listeners(options: str, expected: list[Listener]) -> None:
    config = read(f"options {{ {options} }};\n{TLS}")
    assert list(listeners(config, Lists(config))) == expected


def test_what_a_listener_is() -> None:
    loopback = AddressSet.from_text("127.0.0.0/8", "::1")
    assert Listener(53, None, loopback).loopback
    assert not Listener(53, None, loopback | ONE).loopback
    assert [Listener(53, tls, ONE).transport for tls in (None, "plain")] == ["tcp", "tls"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", (None, None)),
        ("port 5353", (5353, None)),
        ("transport TLS", (None, "tls")),
        ("port 853 transport tls", (853, "tls")),
        ("port 53 transport tcp", (53, "tcp")),
    ],
)
def test_port_and_transport(head: str, expected: tuple[int | None, str | None]) -> None:
    config = read(f"options {{ allow-transfer {head} {{ any; }}; }};\n")
    assert port_and_transport(config.options.statements["allow-transfer"]) == expected
    assert port_and_transport(None) == (None, None)


LOOPBACK = ("127.0.0.1", "::1")
LOOPBACK_NET = ("127.0.0.0/8", "::1")


@pytest.mark.parametrize(
    ("text", "own", "networks"),
    [
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.1"]),
        ("192.0.2.1/32", ["192.0.2.1"], ["192.0.2.1"]),
        ("192.0.2.129/25", ["192.0.2.129"], ["192.0.2.128/25"]),
        ("192.0.2.1/0", ["192.0.2.1"], ["0.0.0.0/0"]),
        ("2001:db8::1", ["2001:db8::1"], ["2001:db8::1"]),
        ("2001:db8::1/64", ["2001:db8::1"], ["2001:db8::/64"]),
        ("2001:db8::1/128", ["2001:db8::1"], ["2001:db8::1"]),
        (" 192.0.2.1/24 , 198.51.100.7/25", ["192.0.2.1", "198.51.100.7"], ["192.0.2.0/24", "198.51.100.0/25"]),
    ],
)  # fmt: skip
def test_interfaces(text: str, own: list[str], networks: list[str]) -> None:
    parsed = Interfaces.parse(text)
    assert parsed.own == AddressSet.from_text(*LOOPBACK, *own)
    assert parsed.networks == AddressSet.from_text(*LOOPBACK_NET, *networks)


@pytest.mark.parametrize(
    "item",
    ["", "eth0", "192.0.2.1/", "192.0.2.1/33", "192.0.2.1/x", "192.0.2.1/-1", "192.0.2.1/\u0661", "2001:db8::1/129",
     "192.0.2.1/0024", "eth0/24"],
)  # fmt: skip
def test_what_is_no_interface(item: str) -> None:
    with pytest.raises(ValueError, match="is no interface address"):
        Interfaces.parse(f"192.0.2.9/24,{item}")


def test_only_loopback() -> None:
    known = Interfaces.loopback()
    assert (known.own, known.networks) == (
        AddressSet.from_text(*LOOPBACK),
        AddressSet.from_text(*LOOPBACK_NET),
    )


def test_what_an_address_is_to_the_server() -> None:
    known = Interfaces.parse("192.0.2.1/24")
    at = {
        "192.0.2.1": "localhost",
        "192.0.2.2": "localnets",
        "198.51.100.1": "elsewhere",
        "127.0.0.2": "localnets",
    }
    for text, place in at.items():
        assert known.locality(AddressSet.from_text(text).v4[0], 4) == place
    assert known.locality(1, 6) == "localhost"
    assert known.locality(2, 6) == "elsewhere"


def test_one_set_from_what_holds_for_each_locality() -> None:
    known = Interfaces.parse("192.0.2.1/24")
    sets = {
        "localhost": AddressSet.from_text("192.0.2.0/30"),
        "localnets": AddressSet.from_text("192.0.2.0/31", "198.51.100.1"),
        "elsewhere": AddressSet.from_text("192.0.2.0/24", "198.51.100.2"),
    }
    assert known.resolve(sets.__getitem__) == AddressSet.from_text("192.0.2.0/31", "198.51.100.2")
    sets["localnets"] = AddressSet.from_text("192.0.2.2")
    assert known.resolve(sets.__getitem__) == AddressSet.from_text("192.0.2.1", "192.0.2.2", "198.51.100.2")
    sets["localhost"] = AddressSet.nothing()
    assert known.resolve(sets.__getitem__) == AddressSet.from_text("192.0.2.2", "198.51.100.2")
