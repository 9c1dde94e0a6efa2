"""A tls block has a reserved name, half a pair of files, or protocols or ciphers that there are not.

## Why it matters

named refuses a configuration with such a block as a whole, used or not: it does not start, and a running one keeps the
old configuration when it is told to reload.

## How to fix it

Give both files or neither, and choose from TLSv1.2 and TLSv1.3; RFC 9103 asks for TLS 1.3 for zone transfers:

    tls "xot" {
        cert-file "/etc/bind/xot.crt";
        key-file "/etc/bind/xot.key";
        protocols { TLSv1.3; };
    };

`ciphers` is for TLS 1.2 only, and must select at least one cipher there; the suites of TLS 1.3 stand in `cipher-suites`
(BIND 9.20 and newer). Any name goes but `none` and `ephemeral`, which BIND uses itself.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Lists of ciphers that other builds of OpenSSL may know (RC4, DES, GOST, `PROFILE=SYSTEM`, ...): whether `ciphers` is a
valid list is asked of the OpenSSL that Python runs with here; without one, only an empty list is reported. Files that
do not exist. BIND 9.16 and older have no tls blocks.

## References

RFC 9103 section 7.1; BIND 9 Administrator Reference Manual, tls statement.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("RFC 9103 section 7.1",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-tls")
