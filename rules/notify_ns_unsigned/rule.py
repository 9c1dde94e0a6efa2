"""Transfers need a key, and the servers in the NS records are told of changes without one.

What is sent because of NS records is signed only where a `server` block has a key for the address. A key in `also-notify`
signs what that entry causes; the same address is then told twice, once signed and once not.

## Why it matters

A secondary that chooses its view by key, or takes NOTIFY by key only, refuses the unsigned one or counts it to the wrong
view (`received notify for zone 'a.example': not authoritative`, `refused notify from non-primary`). Anybody can forge a
message that looks the same.

## How to fix it

Tell those only whom `also-notify` names, with their keys:

    notify explicit;
    also-notify { 192.0.2.53 key "transfer-key"; };

or name the key once for the address, for everything that is sent there:

    server 192.0.2.53 { keys "transfer-key"; };

Then `rndc notify a.example`: the secondary logs `received notify for zone 'a.example': TSIG 'transfer-key'`.

## Not reported

Lists that let anyone in without a key. Addresses of this server, where `listen-on`, `notify-source` or `transfer-source`
tell them, and the server in SOA MNAME, which BIND leaves out. Where the zone's file is not read, the finding is for the
auditor audience, and is there only if no server block has any key.

## References

RFC 1996 section 2.1, RFC 8945 section 1; NIST SP 800-81r3 section 3.4.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import either_key, names, zone_name
from named_audit.model.config import Zone
from named_audit.model.matchlist import address_text
from named_audit.policy.notify import NotifyPlan
from named_audit.policy.zone_content import ZoneContent

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 1996 section 2.1", "RFC 8945 section 1", "NIST SP 800-81r3 section 3.4"),
    needs_whole=True,
    fix="display",
    covers=("D13", "D15"),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a zone that is transferred by key only and tells servers of its NS records without one."""
    plan = audit.notify(zone)
    policy = audit.policy_of(zone) if plan.told_by_ns else None
    if policy is None or not policy.keys or policy.statement is None or audit.config.unseen or is_stock(zone):
        return
    if policy.unsigned_off_host or policy.on_link_unsigned:
        return
    at = plan.notify.statement.span if plan.notify.statement is not None else policy.statement.span
    related = (Related(policy.statement.span, "a key is needed here"),)
    content = audit.content(zone)
    # The session key has no statement, and no other server has it.
    known = audit.key_ring(zone.view).get(policy.keys[0]) if len(policy.keys) == 1 else None
    key = known.name if known is not None else None
    if content is None:
        blocks = zone.view.servers or audit.config.servers
        if not any(block.key is not None for block in blocks):
            yield Finding(
                at=at,
                message=f"{zone_name(zone)} is transferred with {either_key(policy.keys)}, and the servers in its NS records "
                "are told of changes without a signature: no server block has a key",
                audience="auditor",
                related=related,
                scopes=(scope(zone),),
                fixes=(Fix("name the secondaries", (), "display", {"servers": [("192.0.2.53", key)]}),),
            )
        return
    unsigned = list(_unsigned(zone, plan, content, audit))
    if not unsigned:
        return
    signed = {(t.server.family, t.server.address) for t in plan.targets if t.key is not None}
    twice = [address_text(address, family) for family, address in unsigned if (family, address) in signed]
    shown = [address_text(address, family) for family, address in unsigned]
    also = f"; {names(twice)} is told again, with the key of also-notify" if twice else ""
    yield Finding(
        at=at,
        message=f"{names(shown)} {'is' if len(shown) == 1 else 'are'} told of changes to {zone_name(zone)} without a "
        f"signature, because of its NS records{also}",
        related=related,
        scopes=(scope(zone),),
        fixes=(Fix("name the secondaries", (), "display", {"servers": [(text, key) for text in shown]}),),
    )


def _unsigned(zone: Zone, plan: NotifyPlan, content: ZoneContent, audit: Audit) -> Iterator[tuple[int, int]]:
    own = audit.own_addresses(zone).all
    found: dict[tuple[int, int], None] = {}
    for name in content.servers:
        if plan.to_soa or name != content.primary:
            found.update(dict.fromkeys(content.addresses[name] or ()))
    for family, address in found:
        block = audit.config.server_for(zone.view, family, address)
        if not own.holds(address, family) and (block is None or block.key is None):
            yield family, address
