"""`allow-notify` asks for a key, which primaries do not need for their NOTIFY.

`allow-notify` only adds senders. A NOTIFY whose source is an address in `primaries` is accepted before that list is
looked at, signed or not, whatever key the entry has.

## Why it matters

The list does not do what it seems to do. Who can send with a primary's address as source makes this server ask for
the SOA as often as he likes. The zone's content is not at risk: it comes from the primaries, with their key.

## How to fix it

named has no switch for this. Drop packets with forged sources before they reach it (RFC 2827), and let nobody but the
primary send from its address. To see that no key is needed, on the primary: `dig @192.0.2.53 a.example SOA
+opcode=NOTIFY` is answered with NOERROR; named logs `received notify for zone 'a.example'`.

## Not reported

Zones whose `allow-notify` admits somebody without a key: see notify-from-strangers.

## References

RFC 1996 section 3.10; BIND 9 Administrator Reference Manual, allow-notify.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.lint.corrections import either_key, zone_name
from named_audit.model.config import Config
from named_audit.policy.addresses import LOOPBACK

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-290",),
    references=("RFC 1996 section 3.10",),
    fix="display",
    covers=("C19",),
    about=("allow-notify",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-notify that admits keys only, where a primary's address is enough."""
    if "allow-notify" not in config.names:
        return
    for zone in config.zones:
        senders = audit.notify_senders(zone)
        statement = senders.setting.statement if senders is not None else None
        if senders is None or statement is None or not senders.signers:
            continue
        free = senders.primaries - LOOPBACK
        if not free or audit.lists.acl(statement).addresses(None, "elsewhere"):
            continue
        yield Finding(
            at=statement.span,
            message=f"{either_key(senders.signers)} is not needed for a NOTIFY for {zone_name(zone)} from {free.words()}: BIND takes "
            "what comes from a primary's address unsigned",
            scopes=(scope(zone),),
            fixes=(Fix("keep forged packets out before named", (), "display", {"addresses": free.cidrs()}),),
        )
