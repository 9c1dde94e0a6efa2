"""A `tls` block asks for ciphers without encryption, without authentication or with broken ones.

`ciphers` is OpenSSL's list for TLS 1.2; BIND passes it on and refuses only what OpenSSL cannot read.

## Why it matters

With `@SECLEVEL=0` in the list OpenSSL drops its own minimum, so that a connection may be made without encryption
(NULL), without any certificate (aNULL), or with RC4 and DES where the library still has them. Groups bring these in too
then: `HIGH`, `AES` and `ECDH` aNULL, `kRSA` and `ECDHE` NULL. Without that, most
builds refuse them all the same, and the text only misleads; that is for the pedantic audience. named logs nothing
about the cipher of a connection.

## How to fix it

Leave the choice to TLS 1.3, which has no such ciphers:

    tls transfer {
        protocols { TLSv1.3; };
    };

or name good ones: `ciphers "HIGH:!aNULL:!MD5:!SHA1";`. To see whether the listener takes a bad one: `openssl s_client
-connect 192.0.2.1:853 -tls1_2 -cipher "NULL:aNULL:@SECLEVEL=0" </dev/null`.

## Not reported

Ciphers that the list takes out again (`!`, `-`). Blocks that allow TLS 1.3 only, for which the list means nothing.
Lists that OpenSSL cannot read: see invalid-tls.

## References

RFC 9325 section 4.2; RFC 9103 section 7.2.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.policy.tls import allowed_protocols, weak_ciphers

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-327",),
    references=("RFC 9325 section 4.2", "RFC 9103 section 7.2"),
    releases="9.18 and newer",
    fix="display",
    covers=("C10",),
    about=("tls",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each list of ciphers with weak ones in it, whatever the block is used for."""
    for definition in config.tls.values():
        statements = {child.name: child for child in definition.statement.children}
        statement = statements.get("ciphers")
        if statement is None or allowed_protocols(statements) == frozenset({"tlsv1.3"}):
            continue
        weak, unbounded = weak_ciphers(statement)
        if not weak:
            continue
        held = (
            "with @SECLEVEL=0 OpenSSL uses them"
            if unbounded
            else "up to OpenSSL's security level they are not used"
        )
        yield Finding(
            at=statement.span,
            message=f"tls {shorten(definition.name)} asks for weak ciphers ({names(weak)}): {held}",
            audience=None if unbounded else "pedantic",
            severity=None if unbounded else Severity.LOW,
            fixes=(Fix("name good ciphers", (Change("replace", statement.span, "ciphers", {}),), "display"),),
        )
