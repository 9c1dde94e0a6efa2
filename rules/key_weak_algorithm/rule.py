"""A key uses HMAC-MD5, HMAC-SHA1 or a truncated digest.

## Why it matters

RFC 8945 forbids the use of hmac-md5 and advises against hmac-sha1; systems in FIPS mode refuse MD5, so that every
transfer with such a key fails there. A digest that is cut short (`hmac-sha256-80`) is easier to forge, and a peer
that is set to the full length answers BADTRUNC.

## How to fix it

Make a new key with a new name (named refuses two keys of one name), put it on both servers beside the old one, let both
in, and change over; the old key goes last:

    tsig-keygen -a hmac-sha256 transfer-key-2
    allow-transfer { key transfer-key-2; key transfer-key; };

## Not reported

hmac-sha256 and longer, in full length; hmac-sha224, which RFC 8945 permits, is for auditors only. `-0` and the digest's own length mean the full length.

## References

RFC 8945 sections 5.2.2.1 and 6.
"""

import re
from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import successor
from named_audit.model.config import Key

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-327", "CWE-328"),
    references=("RFC 8945 section 6", "STIG V-207567", "STIG V-272436"),
    fix="display",
    covers=("B01", "B02", "B03"),
    about=("key",),
)

_BITS = {"md5": 128, "sha1": 160, "sha224": 224, "sha256": 256, "sha384": 384, "sha512": 512}
_FORM = r"hmac-(md5|sha1|sha224|sha256|sha384|sha512)(?:\.sig-alg\.reg\.int\.?)?(?:-(\d+))?"


def check_key(key: Key, audit: Audit) -> Iterator[Finding]:
    """Report the algorithm statement of a weak key."""
    if key.algorithm is None or key.algorithm_span is None:
        return
    found = re.fullmatch(_FORM, key.algorithm.lower())
    if found is None:
        return
    digest, full = found[1], _BITS[found[1]]
    bits = int((found[2] or "").lstrip("0")[:6] or "0")
    new = {"key": successor(key.name, audit)}
    fix = Fix("make a new key, and change both servers over to it", (), "display", new)
    if digest == "md5":
        message, severity = (
            "hmac-md5 must not be used (RFC 8945), and systems in FIPS mode refuse it",
            Severity.HIGH,
        )
    elif digest == "sha1":
        message, severity = "hmac-sha1 is not recommended (RFC 8945); use hmac-sha256", Severity.MEDIUM
    elif 0 < bits < full:
        message = (
            f"only {bits} of {full} bits are sent: easier to forge, and a full-length peer answers BADTRUNC"
        )
        severity = Severity.HIGH if bits < full // 2 else Severity.MEDIUM
    elif digest == "sha224":
        message, severity = "hmac-sha224 is less than checklists ask for: use hmac-sha256", Severity.LOW
    else:
        return
    yield Finding(
        at=key.algorithm_span,
        message=f"key {shorten(key.name)}: {message}",
        severity=severity,
        audience="auditor" if severity is Severity.LOW else None,
        fixes=(fix,),
    )
