"""TLS tells this server who the primary is, and the primary learns nothing of who asks.

The entry in `primaries` has `tls` with a certificate check, no key, and the block holds no certificate of this
server.

## Why it matters

Encryption and a checked certificate protect this server. The primary has only the address to tell its secondary from
anybody else, unless it asks for a TSIG key or a client certificate: on its side `allow-transfer transport tls` alone
admits all who speak TLS.

## How to fix it

Sign the requests, inside TLS:

    primaries { 192.0.2.1 key "transfer-key" tls primary-ns1; };

and let the primary ask for the key: `allow-transfer port 853 transport tls { key "transfer-key"; };`. What an unknown
client gets there: `dig @192.0.2.1 +tls a.example AXFR`.

## Not reported

Configurations of which a part was not read. Blocks with a client certificate (mutual TLS). Certificates that are not
checked: see inbound-unsigned. Loopback primaries.

## References

RFC 9103 sections 9.3 and 10.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import NOT_ONE_KEY, PLACEHOLDER, zone_name
from named_audit.model.config import Config, Zone
from named_audit.model.names import canonical
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.inbound import Source

RULE = Rule(
    severity=Severity.LOW,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-306",),
    references=("RFC 9103 section 9.3", "STIG V-207561", "STIG V-272420", "STIG V-272435", "BSI APP.3.6.A18"),
    needs_whole=True,
    releases="9.18.3 and newer",
    fix="unsafe",
    covers=("C12",),
    about=("primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each primary that is asked over verified TLS, with nothing that says who asks."""
    if config.unseen:
        return
    for client in audit.tls_clients:
        if not client.checks_chain or client.has_certificate:
            continue
        for zone, source in client.uses:
            server = source.server
            if source.key is not None or LOOPBACK.holds(server.address, server.family):
                continue
            what = zone_name(zone) if zone.name else "members of a catalog"
            yield Finding(
                at=server.entry.span,
                message=f"BIND asks {server.address_text} for {what} over TLS (tls {shorten(client.name)}) with neither a key nor a "
                "certificate of its own: the primary can tell it from others by its address only",
                scopes=audit.scopes((zone,)) if zone.name else (),
                fixes=(_fix(zone, source, audit),),
            )


def _fix(zone: Zone, source: Source, audit: Audit) -> Fix:
    server, entry = source.server, source.server.entry
    key = audit.peers.key_of(server.family, server.address, zone.view)
    values = {"address": entry.text, "port": entry.port, "tls": entry.tls, "key": key or PLACEHOLDER}
    change = Change("replace", entry.span, "entry", values)
    if key is None:
        return Fix("ask with a key that both servers hold", (change,), "display")
    if not audit.one_key(canonical(key), audit.entry_views(entry.span)):
        return Fix("ask with the key that belongs to this peer", (change,), "display", refused=NOT_ONE_KEY)
    return Fix("ask with the key that belongs to this peer", (change,), "unsafe")
