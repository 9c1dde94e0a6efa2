"""Keys that named cannot make: a secret that is no base64, an algorithm or a length that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.config import Config, Key
from named_audit.model.names import is_dns_name
from named_audit.syntax.shorten import shorten
from named_audit.syntax.words import Word, fold

RULE = "invalid-key"

DIGEST_BITS = {
    "hmac-md5": 128,
    "hmac-sha1": 160,
    "hmac-sha224": 224,
    "hmac-sha256": 256,
    "hmac-sha384": 384,
    "hmac-sha512": 512,
}
"""What stands in front of `-<bits>`, and how many there can be."""

_WHOLE = ("hmac-md5.sig-alg.reg.int", "hmac-md5.sig-alg.reg.int.")
"""Names that take no bits."""

_MOST_BYTES = 1024

_BLANKS = str.maketrans("", "", " \t\r\n")


def faulty_keys(config: Config) -> Iterator[Refusal]:
    """What named refuses about the parts of each key, the first thing only, as it does."""
    for key in config.all_keys:
        # A part that is missing, or a name that is none, is a problem: no key is known by it.
        if key.algorithm is not None and key.secret is not None and is_dns_name(key.name):
            yield from _secret(key)


def _secret(key: Key) -> Iterator[Refusal]:
    fault = None if key.hidden else secret_fault(key.secret or "")
    if fault is None:
        yield from _algorithm(key)
        return
    statement = key.secret_statement
    word = statement.pieces[1] if statement is not None else None
    if statement is not None and isinstance(word, Word):
        message = f"key '{shorten(key.name)}': bad secret: {fault}"
        yield Refusal(RULE, message, statement.locate(word.start, word.end))


def _algorithm(key: Key) -> Iterator[Refusal]:
    fault = algorithm_fault(key.algorithm or "")
    if fault is not None and key.algorithm_span is not None:
        yield Refusal(RULE, f"key '{shorten(key.name)}': {fault}", key.algorithm_span)


def secret_fault(secret: str) -> str | None:
    """What is wrong with a secret, without a word of it; None if BIND decodes it. An empty one is taken."""
    text = secret.translate(_BLANKS)
    # Unlike most decoders, BIND's wants the bits that padding leaves over to be zero.
    if not re.fullmatch(
        "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?", text
    ):
        return "bad base64 encoding"
    padding = len(text) - len(text.rstrip("="))
    if len(text) // 4 * 3 - padding > _MOST_BYTES:
        return f"longer than {_MOST_BYTES} bytes"
    return None


def algorithm_fault(algorithm: str) -> str | None:
    """What is wrong with the name of an algorithm; None if every release takes it."""
    low = fold(algorithm)
    if low in DIGEST_BITS or low in _WHOLE:
        return None
    for known, most in DIGEST_BITS.items():
        if low.startswith(known + "-"):
            bits = low[len(known) + 1 :]
            if not re.fullmatch("[0-9]+", bits):
                return f"unable to parse the digest bits behind '{known}-'"
            number = int(bits.lstrip("0")[:6] or "0")
            if number > most:
                return f"digest bits too large, {known} has {most}"
            return "digest bits are not a multiple of 8" if number % 8 else None
    return f"unknown algorithm '{shorten(algorithm)}'"
