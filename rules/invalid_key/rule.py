"""A key has a secret that is not base64, or an algorithm that BIND does not have.

## Why it matters

named refuses a configuration with such a key as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload. The message never shows a part of the secret.

## How to fix it

Write the key statement as `tsig-keygen` prints it, on both servers. The secret is the base64 text whole, with its `=`
at the end; the algorithm is one of hmac-sha256, hmac-sha384, hmac-sha512 (hmac-sha224, hmac-sha1 and hmac-md5 are taken
too), without a dot behind it, and with the number of bits behind a dash only where they are to be cut:

    key "transfer-key" {
        algorithm hmac-sha256;
        secret "...";
    };

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Secrets that the input hides as `?`, as `named-checkconf -px` prints them. Empty secrets: named takes them, and verifies
nothing with them (key-weak-secret). Keys with a part missing or a name that is no domain name: those are problems. As
named does, only the first fault of a key.

## References

RFC 8945 section 6, RFC 4648 section 4; BIND 9 Administrator Reference Manual, key statement.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("RFC 8945 section 6", "RFC 4648 section 4"),
    covers=("B11",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-key")
