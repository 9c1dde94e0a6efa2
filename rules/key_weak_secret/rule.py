"""The secret of a key is short, empty, readable text, or published.

## Why it matters

A TSIG secret protects as much as it is hard to guess. One captured message is enough to try secrets offline, as fast
as the attacker's hardware allows. Words, repeated bytes and secrets from manuals and container images are tried
first. An empty secret never verifies anything: every message that is signed with it is refused.

## How to fix it

Make a new key with a new name (named refuses two keys of one name), put it on both servers beside the old one, let both
in, and change over; the old key goes last, and at once where its secret is published. Never type a secret:

    tsig-keygen -a hmac-sha256 transfer-key-2
    allow-transfer { key transfer-key-2; key transfer-key; };

## Not reported

Secrets of at least 128 bits that look random. (Less than the digest's length, which RFC 2104 asks for, is for the
pedantic audience.) Secrets that are no base64, which named refuses: see invalid-key. Secrets that the input hides as `?`, as `named-checkconf -px` prints them.

## References

RFC 2104 section 3; NIST SP 800-81-2 section 8.2.
"""

import os
from collections.abc import Iterator
from functools import cache

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import successor
from named_audit.model.config import Key

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-321", "CWE-521", "CWE-798"),
    references=("RFC 2104 section 3", "CIS BIND 9.11 4.1"),
    fix="display",
    covers=("B04", "B05", "B06"),
    about=("key",),
)

_DIGEST_BYTES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_FEWEST_BYTES = 16
_GOOD = ("hmac-sha256", "hmac-sha384", "hmac-sha512")


def check_key(key: Key, audit: Audit) -> Iterator[Finding]:
    """Report the secret statement of a key whose secret can be guessed. The message never tells the secret."""
    if key.secret is None or key.secret_statement is None:
        return
    found = _judge(key.secret, key.algorithm or "")
    if found is not None:
        message, severity, pedantic = found
        yield Finding(
            at=key.secret_statement.span,
            message=f"key {shorten(key.name)}: {message}",
            severity=severity,
            audience="pedantic" if pedantic else None,
            fixes=(
                Fix("make a new key, and change both servers over to it", (), "display", _values(key, audit)),
            ),
        )


def _values(key: Key, audit: Audit) -> dict[str, str]:
    """The new key is no weaker than the old one was meant to be."""
    algorithm = (key.algorithm or "").lower()
    return {
        "key": successor(key.name, audit),
        "algorithm": algorithm if algorithm in _GOOD else "hmac-sha256",
    }


def _judge(secret: str, algorithm: str) -> tuple[str, Severity, bool] | None:
    # Imported here: most configurations have no key whose secret they show.
    import binascii
    import hashlib

    text = "".join(secret.split())
    where = _published().get(hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())
    if where is not None:
        return f"this secret is published ({where})", Severity.HIGH, False
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        return None  # named refuses it: invalid-key says so
    if not raw:
        return "the secret is empty: no message ever verifies with it", Severity.HIGH, False
    if len(raw) < _FEWEST_BYTES:
        return f"the secret has only {len(raw) * 8} bits; use 256", Severity.HIGH, False
    if raw.strip(b"\0\n") and all(32 <= byte < 127 for byte in raw.rstrip(b"\0\n")):
        return "the secret is readable text, not random bytes", Severity.HIGH, False
    if len(set(raw)) <= min(len(raw), 256) // 4:
        return "the secret repeats a few bytes", Severity.HIGH, False
    wanted = next((size for name, size in _DIGEST_BYTES.items() if f"-{name}" in algorithm.lower()), 0)
    if len(raw) < wanted:
        bits = f"the secret has {len(raw) * 8} bits, less than the {wanted * 8} of its digest"
        return bits, Severity.LOW, True
    return None


@cache
def _published() -> dict[str, str]:
    """SHA-256 of the base64 text of published secrets, and where each was found."""
    with open(os.path.join(os.path.dirname(__file__), "example-secrets.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").partition("\t") for line in file][1:]
    return {digest: where for digest, _, where in rows if where}
