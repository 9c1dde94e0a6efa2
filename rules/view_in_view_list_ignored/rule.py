"""The allow-transfer of a view does not hold for a zone that the view only points at.

A zone with `in-view` is the zone of another view, with all its lists. Clients of this view get it by the allow-transfer of
the view that defines it; what this view says is not asked.

## Why it matters

The view looks closed, and its clients take the zone all the same: `transfer of 'a.example/IN': AXFR started` is all that
the log says, with the name of this view in it. Or the secondaries that this view lets in are refused, because the other
view's list does not name them.

## How to fix it

Say in the zone itself who may transfer it, for the clients of all views that show it:

    view "internal" {
        zone "a.example" {
            type primary;
            file "a.example.db";
            allow-transfer { key "transfer-key"; };
        };
    };

or give this view a zone of its own. `dig @server a.example AXFR`, from an address that lands in this view, shows which
list decides.

## Not reported

Lists that admit the same clients. Views without a list of their own: that of the options is meant for all. Where the
deciding list stands in the zone itself, where only holders of a key gain by it, or others are refused, the finding is for
the pedantic audience.

## References

BIND 9 Administrator Reference Manual, in-view.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, shorten
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Zone
from named_audit.policy.access import Access
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import PUBLIC_ZONES, TransferPolicy
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-200", "CWE-863"),
    needs_whole=True,
    by_release=True,
    fix="display",
    covers=("A40",),
    about=("in-view",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a pointer into another view where the view's own list would decide otherwise."""
    if zone.in_view is None or zone.canonical in PUBLIC_ZONES:
        return
    own = zone.view.level.statements.get("allow-transfer")
    policy = _owner(zone, audit)
    if own is None or policy is None or policy.level == "mirror" or not _known(own, policy, audit):
        return
    here, there = audit.next_zone(own, zone.view), audit.next_zone(policy.statement, zone.view)
    signers = tuple(dict.fromkeys((*here.listed, *there.listed)))
    more = _more(there, here, (None,))
    unsigned = more - LOOPBACK
    keyed, refused = _more(there, here, signers), _more(here, there, (None, *signers)) - LOOPBACK
    if not unsigned and not keyed and not refused:
        return
    severity, effect = Severity.LOW, "lets in holders of keys that this list refuses"
    # Who writes a list into the zone itself expects it to decide, wherever the zone is shown.
    meant = policy.level in ("zone", "template")
    if unsigned:
        wide = any(unsigned.share(family) >= 0.5 for family in (4, 6))
        certain = not policy.decided_by_default or audit.release is not None
        severity = Severity.LOW if meant else Severity.HIGH if wide and certain else Severity.MEDIUM
        words = min(unsigned.words(), more.words(), key=len)
        effect = f"lets in {words} too, without a key"
    elif refused:
        effect = "refuses some of those whom this list lets in"
    quiet = is_stock(zone) or there.only_on_loopback()
    yield Finding(
        at=own.span,
        message=f"this list does not hold for {zone_name(zone)}, which is that of view {shorten(zone.in_view)}: "
        f"{_decider(policy, audit)} decides, and {effect}",
        severity=Severity.INFO if quiet else severity,
        audience="auditor" if quiet else None if unsigned and not meant else "pedantic",
        related=(
            Related(zone.level.statements["in-view"].span, "points at the zone of the other view"),
            *([Related(policy.statement.span, "decides")] if policy.statement is not None else []),
        ),
        scopes=(scope(zone),),
        fixes=(_fix(zone, own),),
    )


def _owner(zone: Zone, audit: Audit) -> TransferPolicy | None:
    """The policy of the zone that a pointer means."""
    for view in audit.config.views:
        if view.name == zone.in_view:
            for each in view.zones:
                if each.canonical == zone.canonical and each.in_view is None:
                    return audit.policy_of(each)
    return None


def _known(own: Statement, policy: TransferPolicy, audit: Audit) -> bool:
    if policy.statement is own:
        return False
    # What a name that was not read stands for may be on either list.
    return not (
        audit.config.unseen and any(acl.undefined for acl in (audit.lists.acl(own), policy.acl) if acl)
    )


def _more(one: Access, other: Access, signers: tuple[str | None, ...]) -> AddressSet:
    """From where one serves with one of the signers and the other does not."""
    found = AddressSet.nothing()
    for signer in signers:
        for place in LOCALITIES:
            found = found | (one.possible(signer, place) - other.possible(signer, place))
    return found


def _decider(policy: TransferPolicy, audit: Audit) -> str:
    if policy.statement is None:
        return "the open default" + (" of BIND up to 9.18" if audit.release is None else "")
    words = {"view": "the list of that view", "options": "the list of the options"}
    return words.get(policy.level, "the zone's own list")


def _fix(zone: Zone, own: Statement) -> Fix:
    listed = next((piece for piece in own.pieces if isinstance(piece, Group)), None)
    text = own.text[listed.start : listed.end] if listed is not None else "{ none; }"
    values = {"zone": zone.name, "view": zone.in_view, "list": " ".join(text.split())}
    return Fix("say it in the zone, for all views that show it", (), "display", values)
