"""Secondaries may transfer the zone, and nobody tells them when it changes.

`notify` is off, or `explicit` without an `also-notify`, or it is left to the NS records of the zone alone.

## Why it matters

A secondary that hears no NOTIFY asks for the SOA once in a refresh interval: changes arrive hours late, and nothing
says so. A hidden primary depends on `also-notify`: its secondaries may not be in the NS records, or only by names
that lead elsewhere.

## How to fix it

Name the secondaries, and sign what is sent to them:

    notify explicit;
    also-notify { 192.0.2.53 key "transfer-key"; };

## Not reported

Primaries are for the regular audience; a secondary that passes its zones on and tells nobody is for the pedantic one.
Zones that nobody but the server itself may transfer, and zones that are open to anyone: neither says that there are
secondaries. That `notify yes` tells the servers in the NS records, and only them, is for the pedantic audience:
whether that is enough depends on the zone's content.

## References

RFC 1996 sections 2 and 3; BIND 9 Administrator Reference Manual, notify and also-notify.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import names, take_apart, zone_name
from named_audit.model.config import Zone
from named_audit.model.names import canonical
from named_audit.model.serverlist import expand
from named_audit.policy.transfer import TransferPolicy
from named_audit.policy.wording import unsigned_clients
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 2", "STIG V-207555", "STIG V-272395"),
    needs_whole=True,
    fix="unsafe",
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a zone with known secondaries and no NOTIFY to name them."""
    policy = audit.policy_of(zone)
    if policy is None or policy.statement is None or policy.open_families() or is_stock(zone):
        return
    if not policy.keys and not policy.unsigned_off_host:
        return
    plan = audit.notify(zone)
    if plan.targets or plan.undefined_lists or not audit.levels_seen(zone):
        return
    who = f"holders of key {names(policy.keys)}" if policy.keys else unsigned_clients(policy.access)
    let_in = Related(policy.statement.span, "let in here")
    if plan.told_by_ns:
        yield Finding(
            at=policy.statement.span,
            message=f"{who} may transfer {zone_name(zone)}, but BIND tells only the servers in its NS records (less the "
            "one in SOA MNAME): a secondary that is not among them hears of a change at the next refresh",
            severity=Severity.LOW,
            audience="pedantic",
            scopes=(scope(zone),),
            fixes=(Fix("name the secondaries", (), "display", _values(policy, audit)),),
        )
        return
    at = plan.notify.statement.span if plan.notify.statement is not None else policy.statement.span
    if plan.mode == "no":
        why = "notify is off"
    elif plan.notify.statement is None:
        why = "a mirror zone tells only those whom also-notify names, and there is none"
    elif plan.mode == "explicit":
        why = "notify is explicit and no also-notify names anyone"
    else:
        why = f"notify {plan.mode} tells nobody from a zone of this type"
    yield Finding(
        at=at,
        message=f"{who} may transfer {zone_name(zone)}, but {why}: changes wait for the next refresh",
        audience="pedantic" if audit.config.zone_type(zone) != "primary" else None,
        related=(let_in,),
        scopes=(scope(zone),),
        fixes=tuple(_fixes(zone, policy, audit)),
    )


def _fixes(zone: Zone, policy: TransferPolicy, audit: Audit) -> Iterator[Fix]:
    plan = audit.notify(zone)
    own, also = plan.notify.statement, plan.also_notify.statement
    if plan.mode == "no" and own is not None and also is not None and _reaches(policy, also, audit):
        title = "tell those whom also-notify names already"
        yield Fix(title, (Change("replace", own.span, "notify", {}),), "unsafe")
        return
    yield Fix("name the secondaries", (), "display", _values(policy, audit))


def _reaches(policy: TransferPolicy, also: Statement, audit: Audit) -> bool:
    """Whether a list names a server that may transfer the zone: by its address, or with the key of its entry."""
    return any(
        (server.key is not None and canonical(server.key) in policy.keys)
        or policy.unsigned.holds(server.address, server.family)
        for server in expand(also, audit.config).servers
    )


def _values(policy: TransferPolicy, audit: Audit) -> dict[str, object]:
    ring = audit.key_ring(policy.view)
    keys = [ring[key].name for key in policy.keys if key in ring]
    key = keys[0] if len(keys) == 1 else None
    peers = [(peer.text, key) for peer in take_apart(policy, audit).peers] if policy.statement else []
    return {"servers": peers, "key": key}
