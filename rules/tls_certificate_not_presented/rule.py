"""The client certificate in a `tls` block is never shown to the primary.

BIND loads `cert-file` and `key-file` for asking a primary only where it also checks the primary's certificate: with
`ca-file` or `remote-hostname` in the same block.

## Why it matters

A primary that demands certificates (mutual TLS: `ca-file` in the block of its listener) ends each connection. Nothing
here says why (`Transfer status: end of file`, or `operation canceled`), and the zone expires. A primary that does not
demand them does not know who asks.

## How to fix it

Check the primary too; the certificate is then presented:

    tls primary-ns1 {
        cert-file "/etc/bind/tls/ns2.pem";
        key-file "/etc/bind/tls/ns2.key";
        ca-file "/etc/bind/tls/transfer-ca.pem";
        remote-hostname "ns1.example";
    };

To see that the primary takes it: `openssl s_client -connect 192.0.2.1:853 -alpn dot -cert ns2.pem -key ns2.key`.

## Not reported

Configurations of which a part was not read. Blocks that a listener uses as well: the certificate is the listener's.

## References

RFC 9103 section 9.3.3; BIND 9 Administrator Reference Manual, tls.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config
from named_audit.syntax.words import fold

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-295",),
    references=("RFC 9103 section 9.3",),
    needs_whole=True,
    releases="9.18 and newer",
    fix="display",
    covers=("C09",),
    about=("tls",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each certificate in a block that is used for asking primaries, and checks nobody."""
    clients = [each for each in audit.tls_clients if each.has_certificate and not each.checks_chain]
    if not clients or config.unseen:
        return
    listening = {fold(each.name) for each in audit.references("tls") if each.statement in config.listeners}
    for client in clients:
        if fold(client.name) in listening or client.definition is None:
            continue
        certificate = client.statements["cert-file"]
        yield Finding(
            at=certificate.span,
            message=f"BIND never presents the certificate of tls {shorten(client.name)} to {client.uses[0][1].server.address_text}: "
            "without ca-file or remote-hostname it loads none, and a primary that demands one refuses the transfer",
            scopes=audit.scopes(zone for zone, _ in client.uses if zone.name),
            fixes=(
                Fix(
                    "check the primary's certificate, so that this one is presented",
                    (Change("inside", client.definition.statement.span, "verify", {}),),
                    "display",
                ),
            ),
        )
