"""Configurations as trees of words, and what one or two slips make of them.

No grammar: a statement is words and blocks up to its `;`. So a mutant may be anything that a person, or a merge,
could leave behind.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{};!]|/\*.*?\*/|(?://|#)[^\n]*|[^\s{};!"/#]+|/', re.DOTALL)

NAMED = frozenset(
    {
        *("acl", "key", "tls", "http", "view", "zone", "primaries", "masters", "parental-agents"),
        *("dnssec-policy", "channel"),
    }
)
"""Statements whose first word is the name of what they define, if they have a block."""

TALL = NAMED - {"acl", "primaries", "masters", "parental-agents"} | {
    *("options", "server", "logging", "controls", "statistics-channels", "rate-limit", "dns64", "dlz"),
    *("update-policy", "keys", "managed-keys", "trust-anchors", "trusted-keys"),
}
"""Blocks with a line for each statement."""

VALUES = (
    *(
        "0",
        "1",
        "5",
        "53",
        "300",
        "65534",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "08",
        "0x1f",
        "010",
        "-1",
    ),
    *(
        "1k",
        "5m",
        "17179869184g",
        "1w2d",
        "PT5M",
        "P30D",
        "1x",
        "50%",
        "0%",
        "0.5",
        "yes",
        "no",
        "true",
        "1.005",
    ),
    *(
        "maybe",
        "unlimited",
        "default",
        "none",
        "auto",
        "any",
        '"any"',
        '"x"',
        "x",
        '""',
        '"yes"',
        '"5"',
        "192.0.2.1",
    ),
    *(
        "192.0.2.1/24",
        "192.0.2.0/24",
        "10",
        "10/8",
        "10.0/8",
        "192.0.2.256",
        "::1",
        "2001:db8::/32",
        "::1/64",
        "*",
    ),
    *("{ }", "{ any; }", "{ none; }", '{ "x"; }', "{ 192.0.2.1; }", "!", "port 53", "port 65535", "key k0"),
    *("tls none", "tls ephemeral", "primary", "secondary", "hint", "forward", "stub", "mirror", "redirect"),
    *(
        "static-stub",
        "delegation-only",
        "IN",
        "CH",
        "hs",
        "A",
        "local",
        "localhost",
        "explicit",
        "fail",
        "warn",
    ),
    *(
        "hmac-sha256",
        "hmac-sha256-129",
        "hmac-sha256-80",
        "hmac-foo",
        '"YWE="',
        '"not base64!"',
        "TLSv1.2",
        "_default",
    ),
)
"""What a word may be replaced by."""

STATEMENTS: dict[str, tuple[str, ...]] = {
    "top": (
        *(
            'zone "z0.example" { type primary; file "z"; }',
            'zone "new.example" { type primary; file "db.1"; }',
        ),
        *('zone "loose.example" { type hint; file "h"; }', 'zone "." { type primary; file "root"; }'),
        *('zone "Z1.EXAMPLE." { type secondary; primaries { 192.0.2.1; }; }', 'zone "x" { type forward; }'),
        *('zone "static" { type static-stub; }', 'zone "r" { type redirect; file "r"; }', 'zone "none" { }'),
        *(
            'zone "m.example" { type mirror; }',
            'zone "ch" CH { type primary; file "ch"; }',
            'zone "f" foo { type hint; }',
        ),
        *(
            "acl acl0 { any; }",
            "acl any { 10/8; }",
            "acl loop { loop; }",
            "acl self { !self; }",
            "acl lost { 10/8; }",
        ),
        *(
            'key k0 { algorithm hmac-md5; secret "YWE="; }',
            "key half { algorithm hmac-md5; }",
            'key K0 { secret "YQ=="; }',
        ),
        *(
            'key "bad..name" { algorithm hmac-sha1; secret "YWE="; }',
            'key new { algorithm hmac-sha1; secret "YW"; }',
        ),
        *(
            'tls none { ca-file "x"; }',
            'tls t { key-file "x"; }',
            "tls old { protocols { TLSv1.1; }; }",
            "tls e { }",
        ),
        *(
            'tls c { ciphers "nonsense"; }',
            "tls p { protocols { }; }",
            "tls tls0 { }",
            'tls TLS0 { ca-file "x"; }',
        ),
        *(
            'view "int" { }',
            'view "v" IN { }',
            'view "INT" { match-clients { lost; }; }',
            'view "_bind" CH { }',
        ),
        *(
            "server 192.0.2.5 { keys lost; }",
            "server 10/8 { bogus yes; }",
            "controls { }",
            "server 192.0.2.5/24 { }",
        ),
        *(
            "controls { inet * allow { any; } keys { lost; }; }",
            "controls { inet * allow { lost; } keys { k0; }; }",
        ),
        *(
            "primaries list0 { 192.0.2.1; }",
            'primaries "" { 192.0.2.1; }',
            "masters lost { lost; }",
            "options { }",
        ),
        *("primaries new { 192.0.2.1 tls lost; }", "parental-agents agents0 { 192.0.2.1 key lost; }"),
        *(
            "logging { category x { y; }; }",
            "logging { channel c { }; }",
            "logging { category default { lost; }; }",
        ),
        *(
            "dnssec-policy policy0 { }",
            'dnssec-policy "none" { }',
            'dnssec-policy "new" { dnskey-ttl 5; }',
            "http h { }",
        ),
        *(
            "statistics-channels { inet * port 8053 allow { lost; }; }",
            "statistics-channels { }",
            "dlz d { }",
        ),
    ),
    "options": (
        *(
            "recursion no",
            "allow-transfer { lost; }",
            "allow-query { lost; }",
            "notify yes",
            "notify primary-only",
        ),
        *(
            "allow-transfer { key nokey; }",
            "also-notify { 192.0.2.9; }",
            "also-notify { lost; }",
            "allow-update { lost; }",
        ),
        *(
            'dnssec-policy "lost"',
            "dnssec-policy default",
            "check-names primary warn",
            "check-names master fail",
        ),
        *(
            "notify-source * port 53",
            "transfer-source 192.0.2.1 port 53",
            "query-source port 53",
            "blackhole { lost; }",
        ),
        *('catalog-zones { zone "lost.example"; }', 'response-policy { zone "lost.example"; }', "port 70000"),
        *(
            'catalog-zones { zone "z0.example"; zone "z0.example"; }',
            'response-policy { zone "z0.example"; }',
        ),
        *(
            "listen-on tls lost { any; }",
            "listen-on port 65535 { any; }",
            "listen-on { lost; }",
            "listen-on-v6 { acl0; }",
        ),
        *(
            "allow-transfer port 853 transport quic { any; }",
            "forward only",
            "forwarders { 192.0.2.1 tls lost; }",
        ),
        *(
            "lame-ttl 1w",
            "max-cache-ttl unlimited",
            "attach-cache int",
            "empty-server a.b",
            "dnssec-enable yes",
        ),
        *(
            "auto-dnssec maintain",
            "fake-iquery yes",
            "allow-v6-synthesis { any; }",
            "frobnicate yes",
            "empty-contact a..b",
        ),
        *(
            "max-refresh-time 0",
            "min-refresh-time 0",
            "sig-validity-interval 5 6",
            "lmdb-mapsize 1k",
            "preferred-glue x",
        ),
        *(
            "dual-stack-servers { 192.0.2.1; }",
            "rate-limit { slip 11; }",
            "rate-limit { window 0; }",
            "slip 2",
        ),
        *(
            "dns64 64:ff9b::/33 { }",
            "dns64 64:ff9b::1/96 { }",
            "dns64 64:ff9b::/96 { suffix ::1; }",
            'hostname "x"',
        ),
        *(
            "allow-new-zones yes",
            "root-delegation-only",
            "dnstap { all; }",
            "tls-port 0",
            "disable-empty-zone x",
        ),
        *(
            "dns64 64:ff9b::/96 { clients { lost; }; }",
            "response-padding { lost; } block-size 700",
            "sortlist { lost; }",
        ),
        *(
            "no-case-compress { lost; }",
            "keep-response-order { lost; }",
            "trust-anchor-telemetry x",
            "max-rsa-exponent-size 1",
        ),
        *(
            "match-clients { any; }",
            'validate-except { "a..b"; }',
            'deny-answer-aliases { "x"; } except-from { "a..b"; }',
        ),
        *(
            'disable-algorithms "a." { FOO; }',
            'disable-ds-digests "a." { FOO; }',
            "rrset-order { type FOO order random; }",
        ),
    ),
    "zone": (
        *(
            "type primary",
            "type secondary",
            "type forward",
            "type hint",
            'file "other"',
            "notify no",
            'file "db.1"',
        ),
        *(
            "allow-transfer { lost; }",
            "allow-transfer { key nokey; }",
            "also-notify { 192.0.2.9; }",
            "allow-update { any; }",
        ),
        *(
            "update-policy local",
            "primaries { lost; }",
            "primaries { }",
            "masters { 192.0.2.1; }",
            'in-view "int"',
        ),
        *(
            'in-view "nowhere"',
            "inline-signing yes",
            "dnssec-policy default",
            'dnssec-policy "lost"',
            "dialup yes",
        ),
        *(
            "forwarders { }",
            "forward only",
            "check-names fail",
            "notify-source * port 53",
            'server-names { "x."; }',
        ),
        *(
            "allow-update { lost; }",
            "allow-query { lost; }",
            "allow-update-forwarding { lost; }",
            "allow-notify { lost; }",
        ),
        *(
            "primaries { 192.0.2.1 tls lost; }",
            "primaries { 192.0.2.1 key lost; }",
            "also-notify { lost; }",
            'database "x y"',
        ),
        *(
            "update-policy { grant k0 name a.b A; }",
            "update-policy { grant k0 self a.b; }",
            "auto-dnssec maintain",
        ),
        *(
            "update-policy { grant k0 zonesub; }",
            'update-policy { grant "a..b" zonesub A; }',
            'dlz "d"',
            "recursion no",
        ),
        *(
            "parental-agents { lost; }",
            "checkds yes",
            "max-records 5",
            "masterfile-format map",
            "max-zone-ttl 1d",
        ),
        *(
            "masterfile-format raw",
            "masterfile-style relative",
            'journal "db.1"',
            "server-addresses { 192.0.2.1; }",
        ),
        *(
            "inline-signing no",
            "key-directory x",
            "sig-validity-interval 30",
            "dnssec-update-mode no-resign",
            "pubkey 1 2 3 x",
        ),
        *(
            "max-ixfr-ratio 0%",
            "transfer-source *",
            "request-ixfr no",
            "ixfr-from-differences yes",
            "delegation-only yes",
        ),
    ),
}
"""What may be put in somewhere."""


class Block(NamedTuple):
    """A block; its statements may be changed in place."""

    statements: list[Statement]


Statement = list["str | Block"]


def parse(text: str) -> list[Statement]:
    """The statements of a text that is well-formed.

    Raises:
        ValueError: braces that do not match, or something behind the last `;`.
    """
    stack: list[list[Statement]] = [[]]
    open_: list[Statement] = [[]]
    for token in TOKEN.findall(text):
        if token[:2] in ("/*", "//") or token[:1] == "#":
            continue
        if token == "{":
            block = Block([])
            open_[-1].append(block)
            stack.append(block.statements)
            open_.append([])
        elif token == "}":
            if len(stack) == 1 or open_[-1]:
                raise ValueError("a brace too many, or no ';' before it")
            stack.pop()
            open_.pop()
        elif token == ";":
            stack[-1].append(open_[-1])
            open_[-1] = []
        else:
            open_[-1].append(token)
    if len(stack) > 1 or open_[-1]:
        raise ValueError("a ';' or a brace is missing at the end")
    return stack[0]


def tokens(statements: list[Statement]) -> list[str]:
    """The text as tokens, line ends among them."""
    found: list[str] = []
    for statement in statements:
        found.extend(_tokens(statement))
        found.append("\n")
    return found


def _tokens(statement: Statement) -> Iterator[str]:
    tall = bool(statement) and isinstance(statement[0], str) and statement[0].lower() in TALL
    for item in statement:
        if isinstance(item, str):
            yield item
            continue
        yield "{"
        for inner in item.statements:
            if tall:
                yield "\n"
            yield from _tokens(inner)
        if tall:
            yield "\n"
        yield "}"
    yield ";"


def text_of(found: list[str]) -> str:
    """Tokens as a text."""
    return re.sub(r" ?([;\n]) ?", r"\1", " ".join(found)).replace(";", "; ").replace("; \n", ";\n")


def copy_of(statements: list[Statement]) -> list[Statement]:
    """All of it once more, to be changed."""
    return [
        [item if isinstance(item, str) else Block(copy_of(item.statements)) for item in statement]
        for statement in statements
    ]


def mutant(seed: list[Statement], rng: random.Random) -> str:
    """The text of a seed with one to three slips in it."""
    tree = copy_of(seed)
    names = list(dict.fromkeys(_names(tree)))
    count = rng.choice((1, 1, 1, 1, 1, 2, 2, 3))
    of_tokens = 0
    for _ in range(count):
        if rng.random() < 0.09:
            of_tokens += 1
        else:
            _change(tree, names, rng)
    found = tokens(tree)
    for _ in range(of_tokens):
        _damage(found, rng)
    return text_of(found)


def _names(statements: list[Statement]) -> Iterator[str]:
    for statement in statements:
        if len(statement) > 2 and isinstance(statement[0], str) and statement[0].lower() in NAMED:
            name = statement[1]
            if isinstance(name, str):
                yield name.strip('"')
        for item in statement:
            if isinstance(item, Block):
                yield from _names(item.statements)


def _blocks(statements: list[Statement]) -> Iterator[list[Statement]]:
    """Every list of statements, the outermost first."""
    yield statements
    for statement in statements:
        for item in statement:
            if isinstance(item, Block):
                yield from _blocks(item.statements)


def _change(tree: list[Statement], names: list[str], rng: random.Random) -> None:
    """One slip that leaves braces and semicolons in place."""
    places = [("", tree), *_inner(tree)]
    filled = [place for place in places if place[1]]
    if not filled:
        tree.append(_new("top", rng))
        return
    # Blocks of statements as often as the many small lists.
    tall = [place for place in filled if place[0] in TALL or not place[0]]
    head, block = rng.choice(tall) if rng.random() < 0.6 else rng.choice(filled)
    at = rng.randrange(len(block))
    statement = block[at]
    how = rng.choices(
        (
            "drop",
            "double",
            "move",
            "copy",
            "swap",
            "insert",
            "value",
            "name",
            "word",
            "case",
            "quotes",
            "trade",
        ),
        (14, 1.5, 2, 2, 3, 8, 5, 9, 0.5, 2, 0.5, 1),
    )[0]
    if how == "drop":
        del block[at]
    elif how == "double":
        block.insert(rng.randrange(len(block) + 1), copy_of([statement])[0])
    elif how in ("move", "copy"):
        alike = [place for place in places if place[0] == head] if rng.random() < 0.9 else tall
        other = rng.choice(alike)[1]
        moved = block.pop(at) if how == "move" else copy_of([statement])[0]
        if all(inner is not other for _, inner in _inner([moved])):
            other.insert(rng.randrange(len(other) + 1), moved)
    elif how == "swap":
        other_at = rng.randrange(len(block))
        block[at], block[other_at] = block[other_at], block[at]
    elif how == "insert":
        other_head, other = rng.choice(tall)
        kind = {"": "top", "view": rng.choice(("top", "options"))}.get(other_head, other_head)
        new = _new(kind if kind in STATEMENTS and rng.random() < 0.95 else rng.choice(list(STATEMENTS)), rng)
        # What is there already is refused for that alone.
        same = [index for index, each in enumerate(other) if each[:1] == new[:1]]
        if same and kind not in ("", "top") and rng.random() < 0.8:
            other[same[0]] = new
        else:
            other.insert(rng.randrange(len(other) + 1), new)
    elif how == "name":
        _rename(tree, names, rng)
    else:
        _reword(statement, [block for _, block in places], how, rng)


def _inner(statements: list[Statement]) -> Iterator[tuple[str, list[Statement]]]:
    """The first word of each statement with a block, and the statements in the block."""
    for statement in statements:
        for item in statement:
            if isinstance(item, Block):
                yield _word(statement[0]).lower(), item.statements
                yield from _inner(item.statements)


def _new(kind: str, rng: random.Random) -> Statement:
    return parse(f"{rng.choice(STATEMENTS[kind])};")[0]


def _words(statements: list[Statement]) -> Iterator[tuple[Statement, int]]:
    for statement in statements:
        for index, item in enumerate(statement):
            if isinstance(item, str):
                yield statement, index
            else:
                yield from _words(item.statements)


def _rename(tree: list[Statement], names: list[str], rng: random.Random) -> None:
    """Give a name that is defined, where it is defined or used, another one."""
    known = set(names)
    places = [
        (statement, index) for statement, index in _words(tree) if _word(statement[index]).strip('"') in known
    ]
    if not places:
        return
    statement, index = rng.choice(places)
    other = rng.choice((*names, "lost", "lost", "any", "none", "default", "_default", "bad..name", ""))
    quoted = _word(statement[index]).startswith('"') or not other
    statement[index] = f'"{other}"' if quoted else other


def _word(item: str | Block) -> str:
    return item if isinstance(item, str) else ""


def _reword(statement: Statement, blocks: list[list[Statement]], how: str, rng: random.Random) -> None:
    """Change one word of a statement."""
    places = [index for index, item in enumerate(statement) if isinstance(item, str)]
    if not places:
        return
    index = rng.choice(places[1:] or places)
    word = _word(statement[index])
    if how == "value":
        alike = [value for value in VALUES if _sort(value) == _sort(word)] if rng.random() < 0.8 else []
        statement[index : index + 1] = _items(rng.choice(alike or VALUES))
    elif how == "case":
        statement[index] = word.upper() if word.islower() else word.lower()
    elif how == "quotes":
        statement[index] = word.strip('"') or "x" if word.startswith('"') else f'"{word}"'
    elif how == "trade":
        # What another statement has in such a place.
        others = [other for block in blocks for other in block if len(other) > 1]
        if others:
            statement[index:] = copy_of([rng.choice(others)])[0][1:]
    elif rng.random() < 0.5 and len(statement) > 1:
        del statement[index]
    else:
        statement.insert(index, word)


SORTS = (
    r'"',
    r"(yes|no|true|false|maybe)$",
    r"-?[0-9]+[kmgKMG]?$|unlimited$|default$|0x",
    r"[0-9]+%$",
    r"[0-9wdhmsPT.]+$",
    r"[0-9a-f.:]*[.:][0-9a-f.:]*$",
    r"(primary|secondary|master|slave|hint|stub|forward|mirror|redirect|static-stub|delegation-only)$",
    r"hmac-",
)
"""What words of one sort look like."""


def _sort(word: str) -> int:
    return next((number for number, pattern in enumerate(SORTS) if re.match(pattern, word)), -1)


def _items(text: str) -> Statement:
    return parse(f"{text};")[0]


def _damage(found: list[str], rng: random.Random) -> None:
    """One slip among the tokens, braces and semicolons included."""
    places = [index for index, token in enumerate(found) if token != "\n"]
    if not places:
        return
    at = rng.choice(places)
    how = rng.choice(("drop", "double", "swap", "replace"))
    if how == "drop":
        del found[at]
    elif how == "double":
        found.insert(at, found[at])
    elif how == "swap" and at + 1 < len(found):
        found[at], found[at + 1] = found[at + 1], found[at]
    else:
        found[at] = rng.choice(("{", "}", ";", "!", "/", *VALUES))


def smaller(text: str) -> Iterator[str]:
    """The text without one of its lines, words or pairs of braces, larger parts first."""
    lines = text.splitlines(keepends=True)
    size = len(lines) // 2
    while size:
        for start in range(0, len(lines), size):
            yield "".join(lines[:start] + lines[start + size :])
        size //= 2
    try:
        tree = parse(text)
    except ValueError:
        yield from _without_a_word(text)
        return
    for number, block in enumerate(_blocks(tree)):
        for at in range(len(block)):
            shorter = copy_of(tree)
            del list(_blocks(shorter))[number][at]
            yield text_of(tokens(shorter))
    yield from _without_a_word(text)


def _without_a_word(text: str) -> Iterator[str]:
    for found in TOKEN.finditer(text):
        yield text[: found.start()] + text[found.end() :]
