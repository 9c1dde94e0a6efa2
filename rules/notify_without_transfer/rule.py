"""A server is told of changes and then refused the zone.

`also-notify` names it, and the zone's `allow-transfer` admits it neither unsigned nor with any key.

## Why it matters

The secondary asks, is refused (`zone transfer 'a.example/AXFR/IN' denied` in the primary's log), and keeps the old
zone until it expires. Since BIND 9.20 a zone without `allow-transfer` refuses everybody, so that this also appears
by an upgrade.

## How to fix it

Let the secondary's key in:

    allow-transfer { key "transfer-key"; };

or take it out of `also-notify`. Where the list asks for a port or a transport on which the server does not listen for the
target's address family, the message says so: listen there, or ask for what is there.

From the secondary, `dig @server a.example AXFR` (with `-k` and its key file, if it has one) shows whether it is let in;
`rndc notify a.example` here makes it ask again.

## Not reported

Keyed lists: the server may hold the key. Loopback targets, and those that `blackhole` drops. Servers that a geoip element
may admit. Lists with names that were not seen. Where others are admitted and only this address is not, the secondary may
fetch from another address: that is for the pedantic audience. The stock zones for localhost are for the auditor audience.

## References

RFC 1996 section 3; BIND 9.20.0 release notes (the default of allow-transfer).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import PLACEHOLDER, list_head, zone_name
from named_audit.model.config import Zone
from named_audit.model.names import canonical
from named_audit.policy.access import Access
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.notify import Target
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy, open_by_default

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 3",),
    needs_whole=True,
    by_release=True,
    fix="unsafe",
    covers=("A06", "A26", "D07"),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report each also-notify target that can take the zone in no way."""
    policy = audit.policy_of(zone)
    if policy is None or not _certain(policy, audit):
        return
    # A key that the list does not name may still decide: it may choose the view.
    signers = (None, *audit.key_ring(zone.view))
    stock = is_stock(zone)
    for target in audit.notify(zone).targets:
        server = target.server
        if target.unsent is not None:
            continue
        if LOOPBACK.holds(server.address, server.family) or _admitted(policy.access, target, signers):
            continue
        family = server.family
        heard = bool(policy.access.listened.family(family))
        nobody = not any(
            policy.addresses(signer, where) - LOOPBACK for signer in signers for where in LOCALITIES
        )
        related: tuple[Related, ...]
        if policy.statement is not None and not heard:
            related = (Related(policy.statement.span, "for this list"),)
            why = f"over IPv{family} the server does not listen for what its allow-transfer asks for"
        elif policy.statement is not None:
            related = (Related(policy.statement.span, "refused here"),)
            why = (
                "its allow-transfer admits nobody"
                if nobody
                else "its allow-transfer does not admit that address"
            )
        else:
            related = ()
            why = f"without an allow-transfer BIND {audit.release.line if audit.release else '9.20'} admits nobody"
        yield Finding(
            at=server.entry.span,
            message=f"{server.address_text} is told of changes to {zone_name(zone)} and then refused: {why}",
            audience="auditor" if stock else None if nobody else "pedantic",
            severity=Severity.INFO if stock else None if nobody else Severity.LOW,
            related=(*related, *_replaced(policy, target, signers, audit)),
            scopes=(scope(zone),),
            fixes=(_fix(zone, policy, target, audit, certain=nobody and not stock),) if heard else (),
        )


def _certain(policy: TransferPolicy, audit: Audit) -> bool:
    """Whether what the list refuses is known."""
    if policy.acl is None:
        return policy.level == "default" and open_by_default(audit.release) is False
    return not (policy.acl.undefined and audit.config.unseen)


def _replaced(
    policy: TransferPolicy, target: Target, signers: tuple[str | None, ...], audit: Audit
) -> Iterator[Related]:
    """The list behind, where that would let the server in."""
    outer = audit.overridden(policy)
    if outer is None or outer.setting.statement is None:
        return
    if _admitted(outer.access, target, (*signers, *outer.access.listed)):
        words = f"{outer.words} would let it in: the nearer list replaces this"
        yield Related(outer.setting.statement.span, words)


def _admitted(access: Access, target: Target, signers: tuple[str | None, ...]) -> bool:
    server = target.server
    return any(
        access.possible(signer, locality).holds(server.address, server.family)
        for signer in signers
        for locality in LOCALITIES
    )


def _fix(zone: Zone, policy: TransferPolicy, target: Target, audit: Audit, *, certain: bool) -> Fix:
    """Let the target's key in, in the zone itself: a list above it holds for other zones too."""
    ring = audit.key_ring(zone.view)
    key = ring[target.key].name if target.key in ring else None
    statement = policy.statement
    values: dict[str, object] = {"key": key or PLACEHOLDER, "head": "allow-transfer"}
    if statement is not None and policy.level == "zone":
        change = Change("replace", statement.span, "allow-transfer", {**values, "head": list_head(statement)})
    else:
        change = Change("inside", zone.statement.span, "allow-transfer", values)
    if key is not None and certain:
        admits = (canonical(key),)
        return Fix("let the key in that its NOTIFY is signed with", (change,), "unsafe", admits=admits)
    return Fix("let the server in with a key", (change,), "display")
