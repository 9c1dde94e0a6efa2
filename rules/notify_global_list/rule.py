"""An also-notify for all zones also tells of zones that those servers have no part in.

In `options` or a view it holds for every zone without a list of its own: also for secondary zones, of which BIND then
tells each time it has transferred one, and for zones of private names.

## Why it matters

Zones that exist inside only are named to servers outside: each NOTIFY has the zone's name and serial in it, in the clear.
A server that does not have the zone logs `received notify for zone '10.in-addr.arpa': not authoritative` and answers
NOTAUTH; one that the zone was fetched from is told of its own change.

## How to fix it

Name the servers in the zones that they serve:

    zone "a.example" {
        type primary;
        file "a.example.db";
        notify explicit;
        also-notify { 192.0.2.53 key "transfer-key"; };
    };

or take the others out with `notify no;`. `rndc notify 10.in-addr.arpa` shows who is told, in the log at debug level 3.

## Not reported

Servers that may not transfer the zone at all: see notify-without-transfer. Private zones told to private or loopback
addresses only. Secondary zones whose targets are not among their primaries: they may be fetched from here. Templates,
which are for the zones that name them. The stock zones for localhost are for the auditor audience.

## References

RFC 1996 section 3; RFC 6303 (zones that are served inside only).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Audience, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import names, zone_name
from named_audit.model.config import Zone
from named_audit.policy.addresses import LOOPBACK, PRIVATE
from named_audit.policy.local_names import is_local_name
from named_audit.policy.notify import NotifyPlan, Target
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-200",),
    references=("RFC 1996 section 3", "RFC 6303", "STIG V-207555", "STIG V-272395"),
    by_release=True,
    fix="display",
    covers=("D10",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a zone of which an outer also-notify tells servers that have no part in it."""
    if audit.config.zone_type(zone) == "primary" and not is_local_name(zone.canonical):
        return
    plan = audit.notify(zone)
    also = plan.also_notify
    if also.statement is None or also.level not in ("options", "view") or plan.nobody_listed:
        return
    stock = is_stock(zone)
    policy = audit.policy_of(zone)
    if policy is None:
        return
    shown = [target.sent.text for target in _without_part(zone, plan, policy, audit)]
    if not shown:
        return
    if is_local_name(zone.canonical):
        what = f"{zone_name(zone)}, a zone that is served inside only"
    else:
        what = f"the secondary zone {zone_name(zone)}, which is fetched from there"
    audience: Audience | None = "auditor" if stock else None
    yield Finding(
        at=also.statement.span,
        message=f"this holds for all zones without a list of their own: {names(shown)} {'is' if len(shown) == 1 else 'are'} "
        f"told of {what}",
        audience=audience,
        severity=Severity.INFO if stock else None,
        related=(Related(zone.statement.name_span, "for instance this zone"),),
        scopes=(scope(zone),),
        fixes=(Fix("tell nobody of it", (), "display", {"zone": zone.canonical}),),
    )


def _without_part(zone: Zone, plan: NotifyPlan, policy: TransferPolicy, audit: Audit) -> Iterator[Target]:
    """The targets that hear of the zone although they should not, or do already."""
    primaries: set[tuple[int, int]] = set()
    if audit.config.zone_type(zone) != "primary":
        sources = audit.inbound(zone).sources
        primaries = {(source.server.family, source.server.address) for source in sources}
    local = is_local_name(zone.canonical)
    signers = (None, *audit.key_ring(zone.view))
    for target in plan.targets:
        family, address = target.server.family, target.server.address
        if target.unsent is not None or LOOPBACK.holds(address, family):
            continue
        if (family, address) not in primaries and not (local and not PRIVATE.holds(address, family)):
            continue
        if any(policy.addresses(key, at).holds(address, family) for key in signers for at in LOCALITIES):
            yield target
