"""A primary's certificate is checked against its IP address, which certificates rarely bear.

The `tls` block has a `ca-file` and no `remote-hostname`. BIND then looks for the address that it talks to among the
certificate's `subjectAltName` entries of type IP; DNS names there, and the subject's common name, do not count.

## Why it matters

Where the certificate has no such entry each transfer fails, and the zone expires in the end. This server logs
`Transfer status: TLS peer certificate verification failed`.

## How to fix it

Say which name the certificate bears:

    tls primary-ns1 {
        ca-file "/etc/bind/tls/transfer-ca.pem";
        remote-hostname "ns1.example";
    };

To see what it bears: `openssl s_client -connect 192.0.2.1:853 -alpn dot </dev/null | openssl x509 -noout -ext
subjectAltName`.

## Not reported

Configurations of which a part was not read. Blocks that no primary is asked through: on a listener, `ca-file` demands
certificates of the clients. Releases before 9.18.3, which refuse the statement.

## References

RFC 9103 section 9.3; BIND 9 Administrator Reference Manual, tls.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-297",),
    references=("RFC 9103 section 9.3",),
    needs_whole=True,
    releases="9.18.3 and newer",
    fix="display",
    covers=("C07",),
    about=("tls",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each block with an authority and no name that primaries are asked through."""
    for client in audit.tls_clients if not config.unseen else ():
        ca_file = client.statements.get("ca-file")
        if ca_file is None or client.definition is None or "remote-hostname" in client.statements:
            continue
        address = client.uses[0][1].server.address_text
        change = Change("after", ca_file.span, "remote-hostname", {})
        yield Finding(
            at=ca_file.span,
            message=f"tls {shorten(client.name)} has no remote-hostname: BIND takes from {address} only a certificate that "
            "bears the IP address itself, and fails each transfer otherwise",
            scopes=audit.scopes(zone for zone, _ in client.uses if zone.name),
            fixes=(Fix("name the primary as its certificate does", (change,), "display"),),
        )
