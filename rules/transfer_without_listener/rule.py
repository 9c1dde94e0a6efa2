"""The list asks for a port or a transport on which the server does not listen.

`allow-transfer [port N] [transport tcp|tls] { ... }` lets a client in only where it came to this port of the server, over
this transport. No `listen-on` or `listen-on-v6` opens such a port, so nobody is ever let in.

## Why it matters

The secondaries are refused, with the right key too: the log says `zone transfer 'a.example/AXFR/IN' denied` and nothing
of the port. They keep the old zone until it expires.

## How to fix it

Listen there, with a certificate where the list asks for TLS:

    tls "transfer-tls" {
        cert-file "/etc/bind/transfer.crt";
        key-file "/etc/bind/transfer.key";
    };

    options {
        listen-on { any; };
        listen-on port 853 tls "transfer-tls" { any; };
    };

(with a `listen-on` of its own, the server no longer listens on port 53 by itself), or let the list ask for what is there. `ss -ltnp` shows where named listens, `dig +tls -p 853 @server a.example AXFR`
whether it serves the zone there.

## Not reported

Lists that let nobody in anyway. Configurations of which a part was not read: it may listen. Listeners for HTTP serve no
transfers, and count for nothing here. A port that named is given on its command line (`-p`) is not known here.

## References

BIND 9 Administrator Reference Manual, allow-transfer and listen-on; RFC 9103.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.policy.listeners import Listener, listeners
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.words import fold

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 9103",),
    needs_whole=True,
    releases="from 9.18 on",
    fix="display",
    covers=("A28",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that would let somebody in where no client can connect."""
    if policy.statement is None or policy.access.listened_to or not policy.zones or not _admits(policy):
        return
    found = listeners(audit.config, audit.lists)
    asked = {"tcp": " over plain TCP", "tls": " over TLS"}.get(policy.transport or "", "")
    asked = f"port {policy.port}{asked}" if policy.port is not None else asked.removeprefix(" over ")
    yield Finding(
        at=policy.statement.span,
        message=f"nobody can take {zone_names(policy.zones)}: this list asks for {asked}, and the server listens "
        f"{_heard(found)}; BIND refuses the secondaries, with the right key too",
        scopes=audit.scopes(policy.zones),
        fixes=(Fix("listen where the list lets clients in", (), "display", _values(policy, audit)),),
    )


def _admits(policy: TransferPolicy) -> bool:
    acl = policy.acl
    if acl is None:
        return False
    return any(acl.addresses(signer, place) for signer in (None, *acl.signers) for place in LOCALITIES)


def _heard(found: tuple[Listener, ...]) -> str:
    """Where the server listens, in words."""
    shown = dict.fromkeys(f"{each.port} ({'plain' if each.tls is None else 'TLS'})" for each in found)
    return f"on port {' and '.join(list(shown)[:3])} only" if shown else "nowhere"


def _values(policy: TransferPolicy, audit: Audit) -> dict[str, object]:
    encrypted = policy.transport == "tls"
    complete = [
        definition.name
        for definition in audit.config.tls.values()
        if {"cert-file", "key-file"} <= {fold(child.name) for child in definition.statement.children}
    ]
    port = policy.port if policy.port is not None else 853 if encrypted else 53
    implied = not any(each.name == "listen-on" for each in audit.config.listeners)
    return {
        "port": port,
        "implied": implied,
        "tls": (complete[0] if complete else "transfer-tls") if encrypted else None,
        "make_tls": encrypted and not complete,
    }
