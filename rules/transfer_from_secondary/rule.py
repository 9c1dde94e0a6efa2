"""A secondary hands the zone on to others.

Its effective `allow-transfer` lets somebody in: with a key, or by address.

## Why it matters

Every server that gives the zone away must be guarded as well as the primary, and the primary's own list says nothing about
it. Benchmarks want `none` on secondaries. Where secondaries stand in tiers, one fetching from the other, that cannot be:
then this is the list to look at, and the reason to write down.

## How to fix it

Where nobody fetches from this secondary:

    allow-transfer { none; };

This shows it: `dig @SECONDARY a.example AXFR`, with and without the key.

## Not reported

Secondaries that let nobody in, or only programs on the server itself. The root and its sisters, which are public. Whether
those who are let in are the right ones is for other rules.

## References

STIG V-272434; NIST SP 800-81r3 section 3.1.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names, zone_names
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import PUBLIC_ZONES, TransferPolicy
from named_audit.policy.wording import unsigned_clients

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-200",),
    references=("STIG V-272434", "NIST SP 800-81r3 section 3.1"),
    by_release=True,
    fix="display",
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report the secondary zones of a policy that lets anybody in."""
    config = audit.config
    zones = tuple(
        zone
        for zone in policy.zones
        if config.zone_type(zone) in ("secondary", "mirror")
        and not is_stock(zone)
        and zone.canonical not in PUBLIC_ZONES
    )
    who = [unsigned_clients(policy.access)] if policy.unsigned_off_host or policy.on_link_unsigned else []
    keys = [
        key for key in policy.keys if any(policy.addresses(key, place) - LOOPBACK for place in LOCALITIES)
    ]
    if keys:
        who.append(f"{'key' if len(keys) == 1 else 'keys'} {names(keys)}")
    if not zones or not who:
        return
    by = policy.statement.span if policy.statement is not None else audit.head(zones[0])
    old = "" if policy.statement is not None or audit.release is not None else " with BIND up to 9.18"
    own = policy.statement is not None and policy.level == "zone"
    changes = (Change("replace", by, "allow-transfer", {}),) if own else ()
    yield Finding(
        at=by,
        message=f"this server is a secondary for {zone_names(zones)} and hands it on to {' and '.join(who)}{old}",
        scopes=audit.scopes(zones),
        fixes=(Fix("let nobody in, where nobody fetches from here", changes, "display", {"whole": True}),),
    )
