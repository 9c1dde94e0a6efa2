"""Transfers over TLS may fall back to TLS 1.2, which RFC 9103 does not allow for them.

The `tls` block that primaries are asked through has no `protocols`, or lists TLSv1.2. BIND then takes what the
primary offers. `tls ephemeral` has no block to say it in.

## Why it matters

RFC 9103 demands TLS 1.3 for zone transfers: before that, an onlooker sees the certificates, and so who fetches from
whom. A primary that speaks 1.2 only goes unnoticed; nothing is logged about the version.

## How to fix it

    tls primary-ns1 {
        protocols { TLSv1.3; };
    };

To see that the primary speaks it: `openssl s_client -connect 192.0.2.1:853 -alpn dot -tls1_3 </dev/null`.

## Not reported

Configurations of which a part was not read. Blocks of listeners, which serve DNS over TLS to clients of all kinds.
`tls ephemeral`: tls-unverified asks for a block.

## References

RFC 9103 section 7.2.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-757",),
    references=("RFC 9103 section 7.2",),
    needs_whole=True,
    releases="9.18 and newer",
    fix="unsafe",
    covers=("C10",),
    about=("tls", "primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each block for asking primaries that does not keep to TLS 1.3."""
    for client in audit.tls_clients if not config.unseen else ():
        versions = client.protocols
        if client.definition is None or (versions is not None and "tlsv1.2" not in versions):
            continue
        statement = client.statements.get("protocols")
        if statement is not None:
            at, how = statement.span, "allows TLS 1.2"
            change = Change("replace", statement.span, "protocols", {})
        else:
            at, how = client.definition.span, "has no protocols statement, so that TLS 1.2 is allowed"
            change = Change("inside", client.definition.statement.span, "protocols", {})
        yield Finding(
            at=at,
            message=f"tls {shorten(client.name)} {how}: BIND takes it if {client.uses[0][1].server.address_text} offers nothing "
            "newer, and transfers need TLS 1.3",
            scopes=audit.scopes(zone for zone, _ in client.uses if zone.name),
            fixes=(Fix("keep to TLS 1.3", (change,), "unsafe"),),
        )
