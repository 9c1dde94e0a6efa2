"""What a certificate and a private key in PEM form say by themselves: validity, and whether they belong together.

Only as much of X.509 (RFC 5280), PKCS #1, PKCS #8 (RFC 5208) and RFC 5915 as that takes; nothing is verified.
"""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

_SEQUENCE, _INTEGER, _BITS, _OCTETS, _VERSION, _PUBLIC = 0x30, 0x02, 0x03, 0x04, 0xA0, 0xA1
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18


class Certificate(NamedTuple):
    """The first certificate of a file: when it holds, in seconds since 1970, and its public key."""

    not_before: float
    not_after: float
    public: bytes
    """An RSA modulus, or the bits of any other public key."""


class _Bad(Exception):
    """This is not the structure that was expected."""


class _Value(NamedTuple):
    tag: int
    content: bytes


def read_certificate(pem: bytes) -> Certificate | None:
    """The first certificate in a file; None where none can be read."""
    try:
        outer = _one(_block(pem, rb"CERTIFICATE"), _SEQUENCE)
        fields = _all(_one(outer, _SEQUENCE, exact=False))
        if fields and fields[0].tag == _VERSION:
            fields = fields[1:]
        # serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
        before, after = _all(fields[3].content)[:2]
        bits = _all(fields[5].content)[1]
        if bits.tag != _BITS:
            return None
        return Certificate(_time(before), _time(after), _public(bits.content[1:]))
    except (_Bad, IndexError, ValueError):
        return None


def public_of_key(pem: bytes) -> bytes | None:
    """What a private key has in common with its certificate; None where it does not say, or is encrypted."""
    try:
        found = re.search(rb"-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----", pem)
        if found is None:
            return None
        data = _block(pem, re.escape(found[1]))
        if found[1] == b"PRIVATE KEY":
            data = next(each.content for each in _all(_one(data, _SEQUENCE)) if each.tag == _OCTETS)
        if data[:1] != bytes([_SEQUENCE]):
            return None  # Ed25519 and its kin: the public key would have to be worked out
        fields = _all(_one(data, _SEQUENCE))
        if fields[1].tag == _INTEGER:
            return fields[1].content.lstrip(b"\0")
        public = next((each for each in fields if each.tag == _PUBLIC), None)
        return _one(public.content, _BITS)[1:] if public is not None else None
    except (_Bad, IndexError, StopIteration, ValueError):
        return None


def _block(pem: bytes, label: bytes) -> bytes:
    found = re.search(rb"-----BEGIN " + label + rb"-----([^-]*)-----END " + label + rb"-----", pem)
    if found is None:
        raise _Bad
    return binascii.a2b_base64(found[1])


def _public(bits: bytes) -> bytes:
    try:
        modulus = _all(_one(bits, _SEQUENCE))[0]
    except (_Bad, IndexError):
        return bits
    return modulus.content.lstrip(b"\0")


def _one(data: bytes, tag: int, *, exact: bool = True) -> bytes:
    values = _all(data)
    if not values or values[0].tag != tag or (exact and len(values) != 1):
        raise _Bad
    return values[0].content


def _all(data: bytes) -> list[_Value]:
    """The values of DER that stand side by side."""
    found: list[_Value] = []
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise _Bad
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            if not 0 < size <= 4:
                raise _Bad
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise _Bad
        found.append(_Value(tag, data[at : at + length]))
        at += length
    return found


def _time(value: _Value) -> float:
    from datetime import UTC, datetime

    text = value.content.decode("ascii")
    if value.tag == _UTC_TIME:
        # RFC 5280 section 4.1.2.5.1: two digits from 50 on are of the last century.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif value.tag != _GENERALIZED_TIME:
        raise _Bad
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).timestamp()
