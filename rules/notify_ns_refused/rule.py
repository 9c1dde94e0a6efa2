"""A server in the NS records is told of changes, and the transfer list refuses it the zone.

The zone is transferred by others, so this one looks forgotten in the list.

## Why it matters

The server asks for the zone and is refused (`zone transfer 'a.example/AXFR/IN' denied` in the primary's log, category
security). Its copy gets old, and it answers for the zone until that expires, and then with SERVFAIL.

## How to fix it

Let its key in, as those of the others:

    allow-transfer { key "transfer-key"; };

`dig @192.0.2.1 a.example AXFR -k transfer.key`, run there, shows whether it may. Where it gets the zone from another
server, say `notify explicit;` and name those who come here in `also-notify`.

## Not reported

Lists that let a key in from everywhere: the server may hold it. Lists that admit nobody at all: then the zone is copied by
other means. Addresses of this server, where `listen-on`, `notify-source` or `transfer-source` tell them, loopback
addresses, and the server in SOA MNAME, which BIND leaves out. Zones whose file is not read, and names whose addresses are
not in the zones of the view. Servers that fetch from another address than the one in the zone are reported wrongly.

## References

RFC 1996 section 3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import PLACEHOLDER, names, zone_name
from named_audit.model.config import Zone
from named_audit.model.matchlist import address_text
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 1996 section 3",),
    needs_whole=True,
    fix="display",
    covers=("D07",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report the servers of the NS records that can take the zone in no way, where others can."""
    plan = audit.notify(zone)
    content = audit.content(zone) if plan.told_by_ns else None
    if content is None or audit.config.unseen or is_stock(zone):
        return
    policy = audit.policy_of(zone)
    if policy is None or policy.statement is None or policy.acl is None:
        return
    if not (policy.keys or policy.unsigned_off_host or policy.on_link_unsigned):
        return
    own = audit.own_addresses(zone).all
    signers = (None, *audit.key_ring(zone.view))
    refused: dict[str, None] = {}
    for name in content.servers:
        if not plan.to_soa and name == content.primary:
            continue
        found = [at for at in content.addresses[name] or () if not LOOPBACK.holds(at[1], at[0])]
        # A server with several addresses needs one of them only.
        if any(own.holds(at[1], at[0]) or _admitted(policy, at, signers) for at in found):
            continue
        refused.update((address_text(address, family), None) for family, address in found)
    if refused:
        yield Finding(
            at=policy.statement.span,
            message=f"{names(refused)} {'is' if len(refused) == 1 else 'are'} told of changes to {zone_name(zone)}, because of "
            "its NS records, and then refused: this list does not admit "
            f"{'that address' if len(refused) == 1 else 'these addresses'}",
            related=(Related(zone.statement.name_span, "for instance this zone"),),
            scopes=(scope(zone),),
            fixes=(Fix("let it in with a key", (), "display", {"key": PLACEHOLDER}),),
        )


def _admitted(policy: TransferPolicy, at: tuple[int, int], signers: tuple[str | None, ...]) -> bool:
    return any(
        policy.addresses(signer, place).holds(at[1], at[0]) for signer in signers for place in LOCALITIES
    )
