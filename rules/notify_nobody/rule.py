"""Secondaries may transfer the zone, or are named, and nobody tells them when it changes.

`notify` is off although `also-notify` names servers or the transfer list lets them in; or it is `explicit` without an
`also-notify`; or `primary-only` on a secondary, which then passes nothing on; or it is left to the NS records of the zone
alone.

## Why it matters

A secondary that hears no NOTIFY asks for the SOA once in a refresh interval: changes arrive hours late, and neither
log says so: the primary's lacks the line `zone a.example/IN: sending notifies (serial 2026010101)`. `named-checkconf`
warns of a list that is not followed only if it stands in the zone itself. A hidden primary depends on `also-notify`: its secondaries may not be in the NS records, or only by names
that lead elsewhere.

## How to fix it

Name the secondaries, and sign what is sent to them:

    notify explicit;
    also-notify { 192.0.2.53 key "transfer-key"; };

`rndc notify a.example` sends NOTIFY again; `dig @192.0.2.53 a.example SOA` shows what the secondary has.

## Not reported

Primaries are for the regular audience; a secondary that passes its zones on and tells nobody is for the pedantic one.
Zones that nobody but the server itself may transfer, and zones that are open to anyone: neither says that there are
secondaries. An open zone with `notify explicit` and nobody named is for the pedantic audience. An `also-notify` that
some zone follows, and another one not: that may be meant so. One that no zone follows and whose servers may transfer
nothing is for the pedantic audience. That `notify yes` tells the servers in the NS records, and only them, is for the
pedantic audience, and is not reported where the zone's file shows that these are all that the transfer list names.

## References

RFC 1996 sections 2 and 3; BIND 9 Administrator Reference Manual, notify and also-notify.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import either_key, names, take_apart, zone_name
from named_audit.model.config import Zone
from named_audit.model.names import canonical
from named_audit.model.serverlist import expand
from named_audit.policy.notify import SENDING, NotifyPlan
from named_audit.policy.transfer import TransferPolicy
from named_audit.policy.wording import unsigned_clients
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 2", "STIG V-207555", "STIG V-272395"),
    needs_whole=True,
    by_release=True,
    fix="unsafe",
    covers=("D01", "D02", "D08", "D14"),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a zone with known secondaries, or a list of servers, and no NOTIFY to them."""
    plan = audit.notify(zone)
    if not plan.nobody_listed or audit.config.zone_type(zone) not in SENDING:
        return
    if is_stock(zone) or not audit.levels_seen(zone):
        return
    policy = audit.policy_of(zone)
    idle = _idle(plan, audit)
    if policy is not None and _has_secondaries(policy):
        yield from _forgotten(zone, policy, plan, idle, audit)
    elif plan.told_by_ns:
        return
    elif idle and plan.notify.statement is not None and plan.also_notify.statement is not None:
        # Nobody may transfer: then the list may be what is left of secondaries that are gone.
        meant = policy is not None and _reaches(policy, plan.also_notify.statement, audit)
        switched_on = _switched_on(plan, plan.notify.statement)
        yield Finding(
            at=plan.notify.statement.span,
            message=f"also-notify names {names(idle)}, but {_why(plan)}: BIND sends nothing when "
            f"{zone_name(zone)} changes, and logs nothing",
            severity=None if meant else Severity.LOW,
            audience=None if meant else "pedantic",
            related=_named_here(plan),
            scopes=(scope(zone),),
            fixes=(switched_on if meant else switched_on._replace(grade="display"),),
        )
    elif policy is not None and policy.open_families() and plan.mode == "explicit":
        if plan.notify.statement is None:
            return  # a mirror zone
        yield Finding(
            at=plan.notify.statement.span,
            message=f"{_why(plan)}: BIND tells nobody when {zone_name(zone)} changes",
            severity=Severity.LOW,
            audience="pedantic",
            scopes=(scope(zone),),
            fixes=(Fix("name the secondaries", (), "display", {"servers": [], "key": None}),),
        )


def _has_secondaries(policy: TransferPolicy) -> bool:
    """Whether the list lets somebody in particular in."""
    if policy.statement is None or policy.open_families():
        return False
    return bool(policy.keys or policy.unsigned_off_host)


def _idle(plan: NotifyPlan, audit: Audit) -> tuple[str, ...]:
    """The servers of an also-notify that no zone follows, for this one is not followed either."""
    also = plan.also_notify
    if also.statement is None or audit.is_followed(also.statement):
        return ()
    if also.level != "zone" and audit.config.unseen:
        return ()  # a zone that was not read may follow it
    return tuple(server.address_text for server in expand(also.statement, audit.config).servers)


def _why(plan: NotifyPlan) -> str:
    if plan.mode == "no":
        return "notify is off"
    if plan.notify.statement is None:
        return "a mirror zone tells only those whom also-notify names, and there is none"
    if plan.mode == "explicit":
        return "notify is explicit and no also-notify names anyone"
    return f"notify {plan.mode} tells nobody from a zone of this type"


def _named_here(plan: NotifyPlan) -> tuple[Related, ...]:
    also = plan.also_notify.statement
    return (Related(also.span, "named here"),) if also is not None else ()


def _forgotten(
    zone: Zone, policy: TransferPolicy, plan: NotifyPlan, idle: tuple[str, ...], audit: Audit
) -> Iterator[Finding]:
    assert policy.statement is not None
    who = f"holders of {either_key(policy.keys)}" if policy.keys else unsigned_clients(policy.access)
    let_in = Related(policy.statement.span, "let in here")
    if plan.told_by_ns and _all_by_ns(zone, policy, plan, audit):
        return
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
    quiet = audit.config.zone_type(zone) != "primary" and not idle
    yield Finding(
        at=at,
        message=f"{who} may transfer {zone_name(zone)}, but {_why(plan)}: changes wait for the next refresh",
        audience="pedantic" if quiet else None,
        related=(let_in, *(_named_here(plan) if idle else ())),
        scopes=(scope(zone),),
        fixes=tuple(_fixes(zone, policy, audit)),
    )


def _all_by_ns(zone: Zone, policy: TransferPolicy, plan: NotifyPlan, audit: Audit) -> bool:
    """Whether the NS records are known and lead to every server that the transfer list names."""
    content = audit.content(zone)
    told = content.told(to_soa=plan.to_soa) if content is not None else None
    admitted = take_apart(policy, audit)
    if told is None or admitted.keys or admitted.networks or admitted.mixed:
        return False
    return all((peer.family, peer.address) in told for peer in admitted.peers)


def _fixes(zone: Zone, policy: TransferPolicy, audit: Audit) -> Iterator[Fix]:
    plan = audit.notify(zone)
    own, also = plan.notify.statement, plan.also_notify.statement
    if own is not None and also is not None and _reaches(policy, also, audit) and plan.mode != "explicit":
        yield _switched_on(plan, own)
        return
    yield Fix("name the secondaries", (), "display", _values(policy, audit))


def _switched_on(plan: NotifyPlan, notify: Statement) -> Fix:
    title = "tell those whom also-notify names already"
    # Further out, primary-only holds for primaries too, and explicit would tell their NS records no more.
    alone = plan.mode == "no" or plan.notify.level == "zone"
    return Fix(title, (Change("replace", notify.span, "notify", {}),), "unsafe" if alone else "display")


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
