"""Values that named's own checks refuse behind its parser: names, algorithms, secrets, orders, prefixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from named_audit.catalogue.refusal import Refusal
from named_audit.catalogue.types import is_ipv4, is_ipv6, is_record_type, is_short_ipv4
from named_audit.catalogue.values import prefix_fault
from named_audit.model.checks.blocks import (
    OptionBlock,
    deciding_blocks,
    elements_of,
    integer,
    option_blocks,
    own_blocks,
    span_of,
    word_of,
    words_of,
)
from named_audit.model.config import Config
from named_audit.model.matchlist import parse_address
from named_audit.model.names import canonical, is_dns_name
from named_audit.release import Release
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related, Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

_ALGORITHMS = frozenset({
    "rsamd5", "dh", "dsa", "rsasha1", "nsec3dsa", "nsec3rsasha1", "rsasha256", "rsasha512", "eccgost",
    "ecdsap256sha256", "ecdsap384sha384", "ed25519", "ed448", "indirect", "privatedns", "privateoid",
})  # fmt: skip
_OTHER_ALGORITHMS = frozenset({"ecc", "rsasha256oid", "rsasha512oid"})
"""Those that 9.18 has not."""

_DIGESTS = frozenset({"sha-1", "sha1", "sha-256", "sha256", "sha-384", "sha384", "gost"})
_OTHER_DIGESTS = frozenset({"sha256private", "sha384private", "sm3"})
_ORDERS = frozenset({"fixed", "random", "cyclic", "none"})
_CLASSES = frozenset({"in", "ch", "chaos", "hs", "hesiod", "any", "none", "reserved0"})
_UDP_PORTS = ("avoid-v4-udp-ports", "avoid-v6-udp-ports", "use-v4-udp-ports", "use-v6-udp-ports")
_PREFIX_LENGTHS = (32, 40, 48, 56, 64, 96)


def check_values(config: Config) -> Iterator[Refusal]:
    """Every such fault."""
    directory = config.options.statements.get("directory")
    word = word_of(directory)
    if directory is not None and word is not None and not word.value:
        # named changes to it while it reads; that no other directory fails is not known here.
        yield _bad("directory: there is none whose name is empty", span_of(directory, word))
    for block in option_blocks(config):
        yield from _names(block)
        yield from _disabled(block, config.release)
        yield from _cookies(block, config.release)
        yield from _numbers(block)
        yield from _must_be_secure(block)
    for name in _UDP_PORTS:
        statement = config.options.statements.get(name)
        if statement is not None:
            yield from _udp_ports(statement)
    # A bad order or server in an options block that views follow is not looked at.
    for block in own_blocks(config):
        for statement in block.all_of("rrset-order"):
            for message, word in bad_orders(statement):
                yield _bad(message, span_of(statement, word))
    for block in option_blocks(config):
        for statement in block.all_of("dual-stack-servers"):
            yield from _dual_stack(statement)
    for block in deciding_blocks(config, "dns64"):
        for statement in block.all_of("dns64"):
            yield from _dns64(statement)


def _bad(message: str, span: Span, *related: Related) -> Refusal:
    return Refusal("invalid-value", message, span, related)


def _names(block: OptionBlock) -> Iterator[Refusal]:
    for name in ("dns64-contact", "dns64-server", "empty-contact", "empty-server", "disable-empty-zone"):
        for statement in block.all_of(name):
            word = word_of(statement)
            if word is not None and not is_dns_name(word.value):
                yield _bad(f"{name}: invalid name '{shorten(word.value)}'", span_of(statement, word))
    for statement in block.all_of("root-delegation-only"):
        yield from _bad_names(statement, _first_words(statement))


def _first_words(statement: Statement) -> Iterator[Word]:
    for element in elements_of(statement):
        if isinstance(element.pieces[0], Word):
            yield element.pieces[0]


def _bad_names(statement: Statement, words: Iterable[Word | None]) -> Iterator[Refusal]:
    for word in words:
        if word is not None and not is_dns_name(word.value):
            yield _bad(f"bad domain name '{shorten(word.value)}'", span_of(statement, word))


def _disabled(block: OptionBlock, release: Release | None) -> Iterator[Refusal]:
    known_line = release is not None and release.nearest.line == "9.18"
    for name, what, table, others in (
        ("disable-algorithms", "algorithm", _ALGORITHMS, _OTHER_ALGORITHMS),
        ("disable-ds-digests", "digest type", _DIGESTS, _OTHER_DIGESTS),
    ):
        for statement in block.all_of(name):
            yield from _bad_names(statement, [word_of(statement)])
            for word in _first_words(statement):
                if _octet(word.value) or word.low in table or (word.low in others and not known_line):
                    continue
                yield _bad(f"invalid {what} '{shorten(word.value)}'", span_of(statement, word))


def _octet(text: str) -> bool:
    """Whether this is the number of an algorithm."""
    return text.isascii() and text.isdecimal() and len(text) <= 10 and int(text) <= 255


def _cookies(block: OptionBlock, release: Release | None) -> Iterator[Refusal]:
    algorithm = word_of(block.table.get("cookie-algorithm"))
    kind = algorithm.low if algorithm is not None else "siphash24"
    # What 9.11 takes where no algorithm is set depends on how it was built.
    fixed = kind in ("aes", "siphash24") if algorithm is not None else release is not None
    fixed = fixed and not (algorithm is None and release is not None and release.nearest.line == "9.11")
    for statement in block.all_of("cookie-secret"):
        word = word_of(statement)
        if word is None:
            continue
        digits = re.sub(r"[ \t\r\n]", "", word.value)
        span = statement.name_span  # the other word is a secret
        if re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", digits) is None:
            # BIND decodes from the left, and is full after 32 octets.
            long = re.match(r"[0-9A-Fa-f]{66}", digits) is not None
            yield _bad(f"cookie-secret: {'too long' if long else 'invalid hex string'}", span)
        elif len(digits) > 64:
            yield _bad("cookie-secret: too long", span)
        elif fixed and len(digits) != 32:
            yield _bad(f"{'AES' if kind == 'aes' else 'SipHash-2-4'} cookie-secret must be 128 bits", span)


def _numbers(block: OptionBlock) -> Iterator[Refusal]:
    queue = block.table.get("fstrm-set-input-queue-size")
    value = integer(word_of(queue))
    if queue is not None and value is not None and (not 2 <= value <= 16384 or value & (value - 1)):
        message = f"fstrm-set-input-queue-size '{value}' is no power of 2 from 2 to 16384"
        yield _bad(message, queue.name_span)
    server_id = block.table.get("server-id")
    word = word_of(server_id)
    if (
        server_id is not None
        and word is not None
        and len(word.value.encode("utf-8", "surrogateescape")) > 1024
    ):
        yield _bad("'server-id' too big (>1024 bytes)", server_id.name_span)


def _must_be_secure(block: OptionBlock) -> Iterator[Refusal]:
    first: dict[str, Statement] = {}
    for statement in block.all_of("dnssec-must-be-secure"):
        word = word_of(statement)
        if word is None:
            continue
        yield from _bad_names(statement, [word])
        known = first.setdefault(canonical(word.value), statement)
        if known is not statement and is_dns_name(word.value):
            message = f"dnssec-must-be-secure '{shorten(word.value)}': already exists"
            yield _bad(message, statement.name_span, Related(known.name_span, "previous definition"))


def bad_orders(statement: Statement) -> Iterator[tuple[str, Word]]:
    """What is wrong with `rrset-order`: a message and the word."""
    for element in elements_of(statement):
        words = [piece for piece in element.pieces if isinstance(piece, Word)]
        at = 0
        known: dict[str, Word] = {}
        while at + 1 < len(words) and words[at].bare and words[at].low in ("class", "type", "name"):
            known[words[at].low] = words[at + 1]
            at += 2
        rest = words[at:]
        for kind, right in (("class", _is_class), ("type", is_record_type), ("name", _is_name)):
            word = known.get(kind)
            if word is not None and not right(word):
                yield f"rrset-order: invalid {kind} '{shorten(word.value)}'", word
        # That the keyword `order` is missing is found where arguments are matched.
        if len(rest) == 2 and rest[1].low not in _ORDERS:
            yield f"rrset-order: invalid order '{shorten(rest[1].value)}'", rest[1]


def _is_class(word: Word) -> bool:
    low = word.low
    return low in _CLASSES or (low.startswith("class") and low[5:].isdecimal())


def _is_name(word: Word) -> bool:
    return is_dns_name(word.value)


def _dual_stack(statement: Statement) -> Iterator[Refusal]:
    head = words_of(statement)
    ports = [word for keyword, word in pairwise(head) if keyword.low == "port"]
    for element in elements_of(statement):
        words = [piece for piece in element.pieces if isinstance(piece, Word)]
        if words and (not words[0].bare or parse_address(words[0].value) is None):
            if not is_dns_name(words[0].value):
                yield _bad(f"bad name '{shorten(words[0].value)}'", span_of(statement, words[0]))
            ports.extend(word for keyword, word in pairwise(words) if keyword.low == "port")
    for word in ports:
        value = integer(word)
        if value is not None and value > 65535:
            yield _bad(f"port '{value}' out of range", span_of(statement, word))


def _udp_ports(statement: Statement) -> Iterator[Refusal]:
    for element in elements_of(statement):
        words = [piece for piece in element.pieces if isinstance(piece, Word)]
        ports = [(word, value) for word in words if (value := integer(word)) is not None]
        for word, value in ports:
            if value > 65535:
                yield _bad(f"invalid port '{value}'", span_of(statement, word))
        if len(ports) == 2 and ports[1][1] < ports[0][1] <= 65535:
            message = f"low port '{ports[0][1]}' must not be larger than high port '{ports[1][1]}'"
            yield _bad(message, span_of(statement, ports[0][0]))


def _dns64(statement: Statement) -> Iterator[Refusal]:
    import ipaddress

    text = "".join(word.value for word in words_of(statement))
    address, slash, length = text.partition("/")
    if not slash:
        length = "128" if ":" in address else "32"
    word = word_of(statement)
    if word is None or not length.isdecimal() or len(length) > 3:
        return
    span = statement.locate(word.start, word.start + len(text))
    if is_ipv4(address) or is_short_ipv4(address):
        yield _bad(f"dns64 prefix {shorten(text)} must be IPv6", span)
        return
    if not is_ipv6(address) or "%" in address:
        return
    if prefix_fault(address, length, lenient=False) is not None:
        return  # the parser's
    bits = int(length)
    if ipaddress.IPv6Address(address).packed[8]:
        yield _bad(f"dns64 prefix {address}/{length} bits [64..71] must be zero", span)
        return
    if bits not in _PREFIX_LENGTHS:
        yield _bad(f"dns64 prefix {address}/{length} length is not 32/40/48/56/64/96", span)
        return
    for child in statement.children:
        suffix = word_of(child) if child.name == "suffix" else None
        if suffix is None or not is_ipv6(suffix.value) or "%" in suffix.value:
            continue
        octets = bits // 8 + 4 + (bits <= 64)
        if any(ipaddress.IPv6Address(suffix.value).packed[:octets]):
            message = f"bad suffix '{fold(suffix.value)}' leading {octets} octets not zeros"
            yield _bad(message, span_of(child, suffix))
