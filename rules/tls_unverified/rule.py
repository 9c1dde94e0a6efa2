"""A primary is asked over TLS, and nobody checks that it is the primary who answers.

`tls ephemeral`, and a `tls` block with neither `ca-file` nor `remote-hostname`, encrypt what is sent and accept any
certificate (opportunistic TLS). BIND 9.18.0 to 9.18.2 can do nothing else: the two statements came with 9.18.3.

## Why it matters

Whoever can answer in the primary's place, or sits between the servers, takes part in the encryption: he reads the
zone. Without a TSIG key he also decides what it says, see inbound-unsigned. BIND logs nothing that tells such a
transfer from a verified one.

## How to fix it

Name the authority that signed the primary's certificate, and the name in it (`subjectAltName`, a DNS name):

    tls primary-ns1 {
        ca-file "/etc/bind/tls/transfer-ca.pem";
        remote-hostname "ns1.example";
        protocols { TLSv1.3; };
    };

    primaries { 192.0.2.1 key "transfer-key" tls primary-ns1; };

To see the certificate of the primary: `openssl s_client -connect 192.0.2.1:853 -alpn dot -showcerts`.

## Not reported

Configurations of which a part was not read. Loopback primaries. Names of `tls` blocks that were not seen. Blocks with
only one of the two statements: see tls-without-ca and tls-without-hostname.

## References

RFC 9103 section 9.3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Config
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.outgoing import can_verify

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-295",),
    references=("RFC 9103 section 9.3",),
    needs_whole=True,
    by_release=True,
    releases="9.18 and newer",
    fix="display",
    covers=("C06", "C11"),
    about=("tls", "primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each `tls` that checks nothing, where primaries on other machines are asked through it."""
    if config.unseen:
        return
    release = audit.release
    able = release is None or can_verify(release)
    for client in audit.tls_clients:
        if not client.defined or client.checks_chain:
            continue
        uses = [
            (zone, source)
            for zone, source in client.uses
            if not LOOPBACK.holds(source.server.address, source.server.family)
        ]
        why = "checks no certificate"
        if not able:
            why = f"cannot check a certificate with BIND {release} (9.18.3 is the first that can)"
        if client.definition is not None and uses:
            inside = Change("inside", client.definition.statement.span, "verify", {})
            title = (
                "check the certificate" if able else "move to BIND 9.18.3 or newer, and check the certificate"
            )
            fix = Fix(
                title, (inside,) if able else (), "display", {"name": client.definition.name, "address": None}
            )
            yield Finding(
                at=client.definition.span,
                message=f"tls {shorten(client.name)} {why}: whoever answers in the place of "
                f"{uses[0][1].server.address_text} can read what is transferred",
                scopes=tuple(each for zone, _ in uses if zone.name for each in audit.scopes((zone,))),
                fixes=(fix,),
            )
        for zone, source in uses if client.definition is None else ():
            server = source.server
            what = zone_name(zone) if zone.name else "members of a catalog"
            yield Finding(
                at=server.entry.span,
                message=f"tls ephemeral {why}: whoever answers in the place of {server.address_text} can read {what}",
                scopes=audit.scopes((zone,)) if zone.name else (),
                fixes=(
                    Fix(
                        "check the certificate, in a tls block",
                        (),
                        "display",
                        {"name": "primary-tls", "address": server.entry.text, "key": server.entry.key},
                    ),
                ),
            )
