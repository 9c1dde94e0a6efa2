"""A primary's certificate is accepted from any authority that the operating system trusts.

The `tls` block has a `remote-hostname` and no `ca-file`, so the system's store of certificate authorities decides.

## Why it matters

Each of some hundred public authorities, and whoever can get one of them to certify the name, may then pass for the
primary. Whoever controls the zone that the name is in, or its answers, can often do so, and this is about a server
that decides what a zone says. A certificate of a private authority is refused, unless the system trusts it: `TLS peer
certificate verification failed`.

## How to fix it

Name the one authority that signs the primary's certificate:

    tls primary-ns1 {
        ca-file "/etc/bind/tls/transfer-ca.pem";
        remote-hostname "ns1.example";
    };

To see who signed it: `openssl s_client -connect 192.0.2.1:853 -alpn dot </dev/null | openssl x509 -noout -issuer`.

## Not reported

Configurations of which a part was not read. Blocks that no primary is asked through. Releases before 9.18.3, which
refuse the statement.

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
    cwe=("CWE-295",),
    references=("RFC 9103 section 9.3",),
    needs_whole=True,
    releases="9.18.3 and newer",
    fix="display",
    covers=("C08",),
    about=("tls",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each block with a name and no authority that primaries are asked through."""
    for client in audit.tls_clients if not config.unseen else ():
        hostname = client.statements.get("remote-hostname")
        if hostname is None or client.definition is None or "ca-file" in client.statements:
            continue
        name = client.argument("remote-hostname") or ""
        yield Finding(
            at=hostname.span,
            message=f"tls {shorten(client.name)} has no ca-file: any authority that this machine trusts can certify "
            f"{shorten(name)}, and its certificate passes for the primary",
            scopes=audit.scopes(zone for zone, _ in client.uses if zone.name),
            fixes=(Fix("name the authority", (Change("after", hostname.span, "ca-file", {}),), "display"),),
        )
