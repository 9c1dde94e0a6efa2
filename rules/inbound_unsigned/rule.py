"""The zone's content is taken from a primary without any proof.

The entry in `primaries` names no key, no `server` block has one for the address, and no TLS certificate is checked.
The same holds for `default-primaries` in `catalog-zones`, from which the members of the catalog are taken.

## Why it matters

Whoever can answer from that address, or change packets on the way, decides what the zone says: BIND accepts every
answer. With a key configured, an unsigned or badly signed answer fails the transfer.

## How to fix it

Sign what is asked of each primary, with the key that it gives to this secondary:

    primaries { 192.0.2.1 key "transfer-key"; };

or once for the address, for everything that is sent there:

    server 192.0.2.1 { keys "transfer-key"; };

`rndc retransfer a.example` shows it: named logs `connected using 192.0.2.1#53 TSIG transfer-key`, and without `TSIG` as
long as nothing is signed.

## Not reported

Loopback primaries, and addresses from which nothing is ever fetched (inbound-dead-primary). Primaries whose
certificate is checked (`tls` with `ca-file` or `remote-hostname`). Mirror zones, which are validated by DNSSEC. The
root and its sisters, whose operators do not sign. Primaries whose key another `server` block hides: see inbound-key-
hidden. Configurations of which a part was not read: the `server` blocks may stand there.

## References

RFC 8945 section 1, RFC 9103 section 9.3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, Pulled
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import NOT_ONE_KEY, PLACEHOLDER, taken
from named_audit.model.config import Config, Zone
from named_audit.model.names import canonical
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.hidden_keys import hidden_key
from named_audit.policy.inbound import Source, unauthenticated

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-345",),
    references=("RFC 8945 section 1", "STIG V-207561", "STIG V-272420", "STIG V-272435"),
    needs_whole=True,
    fix="unsafe",
    covers=("C01", "C03"),
    about=("primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each primary whose answers nothing authenticates, those of the members of catalog zones too."""
    if config.unseen:
        return
    for pulled in audit.pulled:
        yield from _unsigned(pulled, audit)


def _unsigned(pulled: Pulled, audit: Audit) -> Iterator[Finding]:
    zone = pulled.zone
    what, verb = taken(pulled)
    for source in unauthenticated(audit.config, zone, pulled.sources):
        server = source.server
        if hidden_key(audit.config, zone.view, server.family, server.address) is not None:
            continue  # inbound-key-hidden reports the cause
        tls = f" (tls {server.tls} checks no certificate)" if server.tls is not None else ""
        keyed = any(other.key is not None and not other.skipped for other in pulled.sources)
        beside = "; the keys of the other primaries do not help then" if keyed else ""
        yield Finding(
            at=server.entry.span,
            message=f"{what} {verb} taken from {server.address_text} without a key: any answer from there, or "
            f"forged as if from there, is accepted{tls}{beside}",
            severity=Severity.MEDIUM if PRIVATE.holds(server.address, server.family) else None,
            scopes=pulled.scopes,
            fixes=(_fix(zone, source, audit),),
        )


def _fix(zone: Zone, source: Source, audit: Audit) -> Fix:
    server = source.server
    entry = server.entry
    key = audit.peers.key_of(server.family, server.address, zone.view)
    values = {"address": entry.text, "port": entry.port, "tls": entry.tls, "key": key or PLACEHOLDER}
    change = Change("replace", entry.span, "entry", values)
    if key is not None:
        title = "ask with the key that belongs to this peer"
        if not audit.one_key(canonical(key), audit.entry_views(entry.span)):
            return Fix(title, (change,), "display", refused=NOT_ONE_KEY)
        return Fix(title, (change,), "unsafe")
    return Fix("ask with a key that both servers hold", (change,), "display")
