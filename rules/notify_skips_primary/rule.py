"""A secondary stands in SOA MNAME, and BIND leaves it out when it tells the NS servers.

The name in the MNAME field stands for the primary, so BIND sends it no NOTIFY. Where the primary is hidden, or has moved,
that name belongs to a public secondary.

## Why it matters

Just this secondary hears of no change before its next refresh, while all others do: the first name server of the zone
serves the old one for hours. Neither log has anything about it.

## How to fix it

Let BIND tell it too:

    notify-to-soa yes;

or name it in `also-notify`. Then `rndc notify a.example`, and `dig @ns1.a.example a.example SOA +short` shows the serial.

## Not reported

Secondary zones, whose MNAME is the primary indeed. Zones whose file is not read, and names whose address is not in the
zones of the view. Addresses that may be this server's own: it is taken for another only if `listen-on` or `listen-on-v6`
spell the server's addresses out without it, or if the transfer list names it, and `notify-source` and `transfer-source`
do not.

## References

RFC 1996 section 2.1 (Master, Notify Set); BIND 9 Administrator Reference Manual, notify-to-soa.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import take_apart, zone_name
from named_audit.model.config import Zone
from named_audit.policy.zone_content import ZoneContent
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 1996 section 2.1", "BSI APP.3.6.A21"),
    needs_whole=True,
    fix="unsafe",
    covers=("D06",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a primary zone whose MNAME is a server that should be told."""
    plan = audit.notify(zone)
    if not plan.told_by_ns or plan.to_soa or audit.config.zone_type(zone) != "primary":
        return
    content = audit.content(zone)
    if content is None or is_stock(zone) or audit.config.unseen:
        return
    if content.primary not in content.servers or not _is_another(zone, content, audit):
        return
    told = {(target.server.family, target.server.address) for target in plan.targets}
    if told & set(content.addresses[content.primary] or ()):
        return
    yield Finding(
        at=zone.statement.name_span,
        message=f"{content.primary} ({content.texts(content.primary)}) is in the NS records of {zone_name(zone)} and in its "
        "SOA MNAME: BIND takes it for the primary and tells it of no change",
        scopes=(scope(zone),),
        fixes=(_fix(zone, audit.config.effective(zone, "notify-to-soa").statement),),
    )


def _is_another(zone: Zone, content: ZoneContent, audit: Audit) -> bool:
    """Whether the server in MNAME is certainly not this one."""
    addresses = content.addresses[content.primary] or ()
    own = audit.own_addresses(zone)
    if not addresses or any(own.all.holds(address, family) for family, address in addresses):
        return False
    if all(own.excludes(family, address) for family, address in addresses):
        return True
    policy = audit.policy_of(zone)
    if policy is None or policy.statement is None or policy.open_families():
        return False
    peers = {(peer.family, peer.address) for peer in take_apart(policy, audit).peers}
    return bool(peers & set(addresses))


def _fix(zone: Zone, own: Statement | None) -> Fix:
    title = "tell the server in SOA MNAME too"
    if own is not None and own is zone.level.statements.get("notify-to-soa"):
        return Fix(title, (Change("replace", own.span, "notify-to-soa", {}),), "unsafe")
    return Fix(title, (Change("inside", zone.statement.span, "notify-to-soa", {}),), "unsafe")
