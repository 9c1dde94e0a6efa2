"""The files of a `tls` statement are missing, out of date, or do not belong together.

## Why it matters

`named-checkconf` does not look into them. named that listens with such a statement does not start, nor take a reload:
`loading configuration: TLS error`, or `failure`. With an expired certificate it starts, and secondaries that check
certificates refuse the transfer until their copy of the zone expires. Where the statement is for asking primaries, each
transfer fails, and the log may only say `failed to connect: connection refused`.

## How to fix it

Put the right files there, where named can read them, then `rndc reconfig`. What is in them:

    openssl x509 -in /etc/bind/tls/ns1.crt -noout -subject -enddate
    openssl x509 -in /etc/bind/tls/ns1.crt -noout -pubkey | sha256sum
    openssl pkey -in /etc/bind/tls/ns1.key -pubout | sha256sum

## Not reported

Files of a checkout or a copy: they are looked at if no path is given, if the path is one of the usual places of this
machine, or with `--file-checks`. `tls` statements that nothing uses, or only an `also-notify` of a release that ignores
it there. What named does not load to ask a primary: the `dhparam-file`, and where the primary's certificate is not checked
the own certificate and its key (tls-certificate-not-presented). Files that this program may not read; keys that are
encrypted or do not say what their public part is (Ed25519). Whether the certificate is for the right name, and whether
anybody trusts its issuer.

## References

RFC 9103 section 9.3, RFC 5280 section 4.1.2.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, Span, shorten
from named_audit.lint.files import Files
from named_audit.model.config import Config, Definition
from named_audit.policy.notify import sends_over_tls
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

if TYPE_CHECKING:
    from named_audit.lint.certificates import Certificate

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-298", "CWE-295"),
    references=("RFC 9103 section 9.3",),
    releases="from 9.18",
    by_release=True,
    fix="display",
    covers=("E15",),
    about=("tls",),
)

_DAY = 86400.0
_SOON_DAYS = 30


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what is wrong with the files of each tls statement that something uses."""
    files = audit.files
    if files is None or not config.tls:
        return
    used: dict[str, bool] = {}
    release = audit.release
    silent = release is not None and not sends_over_tls(release)
    for reference in audit.references("tls"):
        name = fold(reference.name)
        if silent and reference.statement.name == "also-notify":
            continue
        used[name] = used.get(name, False) or reference.statement.name.startswith("listen-on")
    for definition in config.tls.values():
        listens = used.get(fold(definition.name))
        if listens is not None:
            effect = "named does not start" if listens else "each transfer that uses it fails"
            yield from _judge(_loaded(definition, listens=listens), files, audit.now, effect)


def _loaded(definition: Definition, *, listens: bool) -> list[Statement]:
    """The statements of a block whose files named opens: to listen all of them, to ask those that it needs."""
    children = definition.statement.children
    if listens:
        names = {"cert-file", "key-file", "ca-file", "dhparam-file"}
    elif any(child.name in ("ca-file", "remote-hostname") for child in children):
        names = {"cert-file", "key-file", "ca-file"}
    else:
        names = set()
    return [child for child in children if child.name in names]


def _judge(statements: list[Statement], files: Files, now: float | None, effect: str) -> Iterator[Finding]:
    # Imported here: few configurations have certificates.
    from named_audit.lint.certificates import public_of_key, read_certificate

    certificate: Certificate | None = None
    found: dict[str, tuple[bytes, str, Span]] = {}
    for child in statements:
        pieces = child.pieces
        if len(pieces) < 2 or not isinstance(pieces[1], Word) or files.is_external(pieces[1].value):
            continue
        said = pieces[1].value
        place = files.find(said)
        if place is None:
            yield _finding(child.span, f"{child.name} {shorten(said, 120)} is not there: {effect}")
            continue
        content = files.read(place)
        if content is not None:
            found[child.name] = (content, place, child.span)
    if "cert-file" in found:
        content, place, at = found["cert-file"]
        certificate = read_certificate(content)
        if b"-----BEGIN" not in content:
            yield _finding(at, f"there is no certificate in {shorten(place, 120)}: {effect}")
        elif certificate is not None:
            yield from _dated(certificate, place, at, now)
    if certificate is not None and "key-file" in found:
        content, place, at = found["key-file"]
        public = public_of_key(content)
        if public is not None and public != certificate.public:
            yield _finding(at, f"the key in {shorten(place, 120)} is not that of the certificate: {effect}")


def _dated(certificate: Certificate, place: str, at: Span, now: float | None) -> Iterator[Finding]:
    if now is None:
        return
    shown = f"the certificate in {shorten(place, 120)}"
    days = int(abs(certificate.not_after - now) // _DAY)
    if now > certificate.not_after:
        yield _finding(at, f"{shown} expired {days} days ago: peers that check it refuse the connection")
    elif now < certificate.not_before:
        yield _finding(at, f"{shown} is not valid yet: peers that check it refuse the connection")
    elif days < _SOON_DAYS:
        yield _finding(at, f"{shown} expires in {days} days")._replace(
            severity=Severity.LOW, audience="pedantic"
        )


def _finding(at: Span, message: str) -> Finding:
    return Finding(at=at, message=message, fixes=(Fix("put the right files there", (), "display"),))
