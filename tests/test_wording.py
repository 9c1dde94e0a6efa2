"""Who can take zones without a key, in words."""

from __future__ import annotations

import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.policy.access import Accesses
from named_audit.policy.reach import Lists, Reach
from named_audit.policy.wording import unsigned_clients
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions

LONG = "x" * 80


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ("none;", "no one"),
        ("127.0.0.1;", "no one"),
        ("any;", "anyone"),
        ("192.0.2.1;", "192.0.2.1"),
        ("192.0.2.1; 127.0.0.1;", "192.0.2.1"),
        ("!127.0.0.1; any;", "anyone except 127.0.0.1"),
        ("localnets;", "every on-link neighbour (localnets)"),
        ("192.0.2.1; localnets;", "192.0.2.1 and every on-link neighbour (localnets)"),
        ("geoip country AA;", "clients for which geoip country AA holds"),
        ("192.0.2.1; geoip country AA;", "192.0.2.1 and clients for which geoip country AA holds"),
        ("192.0.2.1; geoip country AA; geoip country BB;",
         "192.0.2.1 and clients for which geoip country AA or geoip country BB holds"),
        ("geoip country AA; geoip country BB; geoip country CC;",
         "clients for which geoip country AA or geoip country BB or geoip country CC holds"),
        ("geoip country AA; geoip country BB; geoip country CC; geoip country DD;",
         "clients for which geoip country AA or geoip country BB or geoip country CC or one of 1 more holds"),
        ("".join(f"geoip country {two}; " for two in ("AA", "BB", "CC", "DD", "EE", "FF")),
         "clients for which geoip country AA or geoip country BB or geoip country CC or one of 3 more holds"),
        ("!geoip country AA; 192.0.2.0/24;", "192.0.2.0/24 (unless geoip country AA holds)"),
        ("!geoip country AA; any;", "anyone (unless geoip country AA holds)"),
        ("!geoip country AA; !geoip country BB; 192.0.2.1;",
         "192.0.2.1 (unless geoip country AA or geoip country BB holds)"),
        ("!geoip country AA; 192.0.2.1; geoip country BB;",
         "192.0.2.1 (unless geoip country AA holds) and clients for which geoip country BB holds"),
        ("!{ !geoip country AA; any; }; 192.0.2.1;", "clients from 192.0.2.1 for which geoip country AA holds"),
        ("!{ !geoip country AA; any; }; !{ !geoip country BB; any; }; 192.0.2.1;",
         "192.0.2.1 (depending on geoip country AA or geoip country BB)"),
        ("192.0.2.1; !192.0.2.0/24; geoip country AA;",
         "192.0.2.1 and clients from anyone except 192.0.2.0/24 for which geoip country AA holds"),
        ("192.0.2.1; !{ !geoip country AA; any; }; !{ !geoip country BB; any; }; 192.0.2.2;",
         "192.0.2.1 and 192.0.2.2 (depending on geoip country AA or geoip country BB)"),
        ("192.0.2.1; !geoip country AA;", "192.0.2.1"),
        ("any; geoip country AA;", "anyone"),
        (f'geoip org "{LONG}";', f"clients for which geoip org {'x' * 56} holds"),
    ],
)  # fmt: skip
def test_unsigned_clients(elements: str, words: str) -> None:
    text = f"options {{ allow-transfer {{ {elements} }}; }};\n"
    options = ReadOptions(release=parse_release("9.18"))
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    assert config.problems == []
    lists = Lists(config)
    accesses = Accesses(config, lists, Reach(config, lists))
    statement = config.options.statements["allow-transfer"]
    assert unsigned_clients(accesses.of(statement, False, tuple(config.views))) == words
