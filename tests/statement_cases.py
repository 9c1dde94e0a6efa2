"""Random statements, right and wrong, for every entry of the catalogue that a release has."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from named_audit.catalogue.data import Table, table_of
from named_audit.release import Release

AROUND = {
    "top": "%s",
    "options": "options { %s };",
    "view": 'view "v" { %s };',
    "zone": 'zone "a.example" { type primary; file "a"; %s };',
    "key": 'key "k" { %s };',
    "tls": 'tls "t" { %s };',
    "http": 'http "h" { %s };',
    "server": "server 192.0.2.1 { %s };",
    "logging": "logging { %s };",
    "channel": 'logging { channel "c" { %s }; };',
    "controls": "controls { %s };",
    "statistics-channels": "statistics-channels { %s };",
    "rate-limit": "options { rate-limit { %s }; };",
    "dns64": "options { dns64 64:ff9b::/96 { %s }; };",
    "dlz": 'dlz "d" { %s };',
    "dnssec-policy": 'dnssec-policy "p" { %s };',
}

POOL = (
    *(
        "0",
        "1",
        "5",
        "17",
        "300",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "08",
        "0x1f",
        "010",
        "-1",
        "1k",
        "5m",
    ),
    *(
        "1w2d",
        "PT5M",
        "P1D",
        "1x",
        "P7.5D",
        "50%",
        "0.5",
        "1.005",
        "yes",
        "no",
        "true",
        "maybe",
        "unlimited",
        "default",
    ),
    *(
        "none",
        "auto",
        "any",
        '"any"',
        '"x"',
        "x",
        '"yes"',
        '"5"',
        "192.0.2.1",
        "192.0.2.1/24",
        "192.0.2.0/24",
        "10",
    ),
    *(
        "10/8",
        "::1",
        "2001:db8::/32",
        "2001:db8::1/32",
        "*",
        "{ any; }",
        "{ }",
        "{ x; }",
        '{ "x"; 192.0.2.1; }',
        "!",
    ),
    *("port 53", "port *", "key k", "tls none", "{ x y; }", "/", "primary", "IN", "A"),
)
"""What a random argument may be."""

TYPED: dict[str, tuple[str, ...]] = {
    "<address_match_element>": ("any", "192.0.2.1", "!10/8", "key k", "{ none; }", "192.0.2.1/24", "10"),
    "<boolean>": ("yes", "no", "true", "1", "YES", '"yes"', "maybe"),
    "<class>": ("IN", "ch", "hs", "foo"),
    "<duration>": ("5", "1w2d", "PT5M", "1x", "0", "4294967296"),
    "<duration_or_unlimited>": ("5", "P30D", "unlimited", "1x"),
    "<fixedpoint>": ("0.1", "5", "1.005", "x"),
    "<integer>": ("0", "1", "10", "500", "65535", "70000", "08", "x"),
    "<ipv4_address>": ("192.0.2.1", "0.0.0.0", "192.0.2", "::1"),
    "<ipv6_address>": ("::1", "2001:db8::1", "::", "192.0.2.1"),
    "<key>": ("k", '"k"'),
    "<log_severity>": ("debug", "debug 3", "debug 0x3", "info", "foo", '"info"'),
    "<netprefix>": ("192.0.2.0/24", "2001:db8::/32", "192.0.2.1/24", "10", "x"),
    "<percentage>": ("50%", "0%", "x", "5"),
    "<portrange>": ("53", "range 5 9", "range 9 5", "x"),
    "<quoted_string>": ('"x"', '"x"', "x"),
    "<size>": ("5m", "unlimited", "5", "x"),
    "<sizeval>": ("5m", "1g", "5", "x", "17179869184g"),
    "<ttlval>": ("5", "1h", "1x"),
    "<word>": ("cyclic", "random", '"x"'),
}


class Case(NamedTuple):
    """A configuration that is one statement, and where it stands."""

    context: str
    name: str
    text: str


def cases(release: Release, seed: int) -> Iterator[Case]:
    """Endless random statements."""
    chosen = random.Random(seed)
    tables = {context: table_of(context, release) for context in AROUND}
    entries = [(context, name) for context, table in tables.items() for name in _names(table)]
    while True:
        context, name = chosen.choice(entries)
        shape = chosen.choice(tables[context].entries[name].shapes)
        words = [word for node in shape for word in _words(node, chosen)]
        if chosen.random() < 0.5:
            _damage(words, chosen)
        statement = f"{' '.join([name, *words])};"
        yield Case(context, name, AROUND[context].replace("%s", statement))


def _names(table: Table) -> list[str]:
    # What is removed is refused for that alone; `type` and `file` stand there already.
    return [
        name
        for name, entry in table.entries.items()
        if name not in table.unusual
        and not entry.container
        and not (table.context == "zone" and name in ("type", "file"))
    ]


def _words(node: Any, chosen: random.Random) -> list[str]:
    if isinstance(node, str):
        return [chosen.choice(TYPED.get(node, ("x", '"x"')))] if node[0] == "<" else [node]
    kind = node[0]
    if kind == "optional":
        return [word for part in node[1:] for word in _words(part, chosen)] if chosen.random() < 0.5 else []
    if kind == "choice":
        return _words(chosen.choice(node[1:]), chosen)
    if kind == "sequence":
        return [word for part in node[1:] for word in _words(part, chosen)]
    if kind == "pairs":
        pairs = [pair for pair in node[1:] if chosen.random() < 0.4]
        chosen.shuffle(pairs)
        return [word for pair in pairs for part in pair for word in _words(part, chosen)]
    if kind == "list":
        elements = [
            " ".join([word for part in node[1:] for word in _words(part, chosen)]) + ";"
            for _ in range(chosen.randrange(3))
        ]
        return ["{", *elements, "}"]
    return ["{ }"]


def _damage(words: list[str], chosen: random.Random) -> None:
    """Drop, double, replace or swap one argument, or add one."""
    how = chosen.choice(("drop", "double", "replace", "swap", "add"))
    if how == "add" or not words:
        words.insert(chosen.randrange(len(words) + 1), chosen.choice(POOL))
        return
    at = chosen.randrange(len(words))
    if words[at] in ("{", "}"):
        return
    if how == "drop":
        del words[at]
    elif how == "double":
        words.insert(at, words[at])
    elif how == "replace":
        words[at] = chosen.choice(POOL)
    else:
        other = chosen.randrange(len(words))
        if words[other] not in ("{", "}"):
            words[at], words[other] = words[other], words[at]
