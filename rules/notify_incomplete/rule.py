"""Some secondaries of the zone are told of changes, and others that may transfer it are not.

The transfer list admits an address or a key that `also-notify` does not name; or an `also-notify` nearer to the zone
takes the place of one farther out, and leaves out whom that one names. The nearest list holds alone: BIND adds nothing to
it.

## Why it matters

The secondary that is left out asks for the SOA once in a refresh interval, and serves the old zone until then. The log of
the primary has `sending notifies`, as if all was well; that of the secondary has nothing.

## How to fix it

Name it in the list that holds for the zone, with its own key:

    also-notify { 192.0.2.53 key "key-53"; 192.0.2.54 key "key-54"; };

`dig @192.0.2.54 a.example SOA +short` shows the serial that it has; `rndc notify a.example` tells all of them again.

## Not reported

Zones that tell nobody (notify-nobody). Lists that let anyone in, networks, and loopback addresses: they name no
secondary. Servers that the NS records of the zone name, where `notify` lets them be told. Where the records are not known
the finding is for the auditor audience. Keys where somebody is told without one, or with another: that may be the holder.
An outer list whose servers may not transfer the zone, and an empty list that takes its place, which is how exceptions
are written.

## References

RFC 1996 section 3; BIND 9 Administrator Reference Manual, also-notify.
"""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Audience, Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import either_key, entry_text, list_head, names, take_apart, zone_name
from named_audit.model.config import Zone
from named_audit.model.matchlist import address_text
from named_audit.model.names import canonical
from named_audit.model.serverlist import entries, expand
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.notify import NotifyPlan
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 1996 section 3", "STIG V-207555", "STIG V-272395"),
    needs_whole=True,
    fix="unsafe",
    covers=("D08", "D09"),
)


class Forgotten(NamedTuple):
    """A server that nobody tells: its address, its key if that is known, and the list that a nearer one replaces."""

    family: int
    address: int
    key: str | None
    outer: Statement | None

    @property
    def text(self) -> str:
        """The address as text."""
        return address_text(self.address, self.family)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report zones that tell some of their secondaries and forget others."""
    if policy.statement is None or policy.open_families() or audit.config.unseen:
        return
    sound: set[int] = set()
    for zone in policy.zones:
        plan = audit.notify(zone)
        if plan.nobody_listed or plan.alike in sound or is_stock(zone):
            continue
        # Only what a zone's own records say tells zones of one plan and one policy apart.
        if not plan.told_by_ns or audit.content(zone) is None:
            sound.add(plan.alike)
        for finding in _check(zone, policy, plan, audit):
            sound.discard(plan.alike)
            yield finding


def _check(zone: Zone, policy: TransferPolicy, plan: NotifyPlan, audit: Audit) -> Iterator[Finding]:
    also = plan.also_notify.statement
    if also is None or policy.statement is None or plan.undefined_lists:
        return
    told = {(target.server.family, target.server.address) for target in plan.targets}
    audience: Audience | None = None
    if plan.told_by_ns:
        content = audit.content(zone)
        if content is not None:
            # As a rule this very server; where it is not, notify-skips-primary says so.
            told.update(content.addresses[content.primary] or ())
        by_ns = content.told(to_soa=plan.to_soa) if content is not None else None
        if by_ns is None:
            audience = "auditor"
        else:
            told.update(by_ns)
    missing = [
        each for each in _candidates(zone, policy, plan, audit) if (each.family, each.address) not in told
    ]
    unless = ", unless the zone's NS records do" if audience else ""
    if missing:
        it, hears = ("it", "it hears") if len(missing) == 1 else ("them", "they hear")
        replaced = next((each.outer for each in missing if each.outer is not None), None)
        why = " (named further out, in a list that this one replaces)" if replaced is not None else ""
        related: tuple[Related, ...] = (Related(policy.statement.span, "let in here"),)
        if replaced is not None:
            related = (Related(replaced.span, "replaced by the nearer list"), *related)
        yield Finding(
            at=also.span,
            message=f"{names([each.text for each in missing])} may transfer {zone_name(zone)} and no also-notify of the "
            f"zone names {it}{why}: {hears} of no change before the next refresh{unless}",
            audience=audience,
            related=related,
            scopes=(scope(zone),),
            fixes=(_fix(zone, also, missing),),
        )
        return
    keys = _keys_untold(policy, plan, audit)
    if keys and not plan.told_by_ns:
        yield Finding(
            at=also.span,
            message=f"holders of {either_key(keys)} may transfer {zone_name(zone)}, and no NOTIFY is signed with it: if they "
            "are other servers than those named here they hear of no change before the next refresh",
            related=(Related(policy.statement.span, "let in here"),),
            scopes=(scope(zone),),
            fixes=(Fix("name the holder of the key", (), "display", {"key": keys[0]}),),
        )


def _candidates(zone: Zone, policy: TransferPolicy, plan: NotifyPlan, audit: Audit) -> Iterator[Forgotten]:
    """Servers that may transfer the zone: those of farther lists, then single addresses of the transfer list."""
    seen: set[tuple[int, int]] = set()
    also = plan.also_notify.statement
    ring = audit.key_ring(zone.view)
    farther = False
    for level in audit.config.levels(zone):
        outer = level.statements.get("also-notify")
        if farther and outer is not None:
            for server in expand(outer, audit.config).servers:
                at = (server.family, server.address)
                key = canonical(server.key) if server.key is not None else None
                admitted = key in policy.keys or policy.unsigned.holds(server.address, server.family)
                if admitted and at not in seen:
                    seen.add(at)
                    yield Forgotten(*at, ring[key].name if key in ring else None, outer)
        farther = farther or outer is also
    for peer in take_apart(policy, audit).peers:
        if (peer.family, peer.address) in seen or LOOPBACK.holds(peer.address, peer.family):
            continue
        if audit.own_addresses(zone).all.holds(peer.address, peer.family):
            continue
        yield Forgotten(
            peer.family, peer.address, audit.peers.key_of(peer.family, peer.address, zone.view), None
        )


def _keys_untold(policy: TransferPolicy, plan: NotifyPlan, audit: Audit) -> list[str]:
    """Keys of the list that sign no NOTIFY, where all that is sent is signed with keys of the list."""
    used = {target.key for target in plan.targets}
    if not used <= set(policy.keys):
        return []
    ring = audit.key_ring(policy.view)
    return [ring[key].name for key in policy.keys if key not in used and key in ring]


def _fix(zone: Zone, also: Statement, missing: list[Forgotten]) -> Fix:
    values = {
        "head": list_head(also),
        "entries": [entry_text(each.statement, each.start, each.end) for each in entries(also)],
        "servers": [(each.text, each.key) for each in missing],
    }
    change = Change("replace", also.span, "also-notify", values)
    alone = also is zone.level.statements.get("also-notify")
    # Elsewhere other zones would tell them too; a port in front of the list would be theirs.
    plain = len(also.head) == 1
    return Fix("tell them too", (change,), "unsafe" if alone and plain else "display")
