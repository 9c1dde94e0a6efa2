"""An element of the list changes nothing.

Without it the same clients are admitted: whatever their key, wherever they are, and whether geoip conditions hold or not.

## Why it matters

Dead text misleads whoever reads or edits the list next. Where an earlier element denies the very clients that this one
should admit, somebody is refused who was meant to be served; that is for everyone to see. The rest is hygiene, for the
pedantic audience: what is admitted twice, and denials of clients that no other element admits.

## How to fix it

Take the element out, or move it in front of what makes it void:

    allow-transfer { key "k"; none; };      // not { none; key "k"; }

## Not reported

`none`, and denials of everybody, at the end of a list. `127.0.0.1` beside `localhost`, and `localhost` beside `localnets`:
which addresses these are is up to the host. Elements of an acl that matter for the acl alone or in any statement that uses
it. What another rule explains (transfer-late-denial and its sisters). What is admitted twice where anyone is admitted
(transfer-open). In lists of more than a hundred elements, all but exact repetitions.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Grade, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import Lists, correction, in_front, taken_out
from named_audit.model.config import Config, Zone
from named_audit.policy.effects import Manner
from named_audit.policy.faults import Fault, Place, explained, reached_acls
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(severity=Severity.MEDIUM, audience="regular", since="0.1.0")

_WHY: dict[Manner, str] = {
    "repeated": "changes nothing: the same clients are admitted without it",
    "contradicted": "lets nobody in: what stands before it denies the same clients",
    "denial": "changes nothing: whom it denies nobody admits",
}


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the idle elements of the lists themselves, then those of the acls that they use."""
    reached: dict[str, list[TransferPolicy]] = {}
    faults: dict[int, tuple[Fault, ...]] = {}
    for policy in audit.policies:
        if policy.statement is None or policy.match_list is None:
            continue
        found = faults[id(policy.acl)] = audit.faults(policy)
        for fault in found:
            if fault.kind == "idle" and fault.manner is not None:
                yield from _finding(policy, audit, fault.at, fault.manner, policy.zones)
        for acl in reached_acls(policy.match_list, audit.lists.lookup):
            reached.setdefault(acl, []).append(policy)
    every = tuple(fault for found in faults.values() for fault in found)
    for acl, policies in reached.items():
        zones = [zone for policy in policies for zone in policy.zones]
        for idle in audit.acl_uses.idle(acl, explained(every, acl)):
            yield from _finding(policies[0], audit, Place(acl, idle.path), idle.manner, zones)


def _finding(
    policy: TransferPolicy, audit: Audit, place: Place, manner: Manner, zones: "list[Zone] | tuple[Zone, ...]"
) -> Iterator[Finding]:
    if manner == "repeated" and policy.open_families():
        return
    lists = Lists(policy, audit)
    serious = manner == "contradicted"
    where = f"the list for {zone_names(zones)}" if place.acl is None else f"acl {place.acl[:80]}"
    yield Finding(
        at=lists.span(place),
        message=f"{lists.shown(place)} in {where} {_WHY[manner]}",
        severity=None if serious else Severity.LOW,
        audience=None if serious else "pedantic",
        scopes=audit.scopes(zones),
        fixes=tuple(_fixes(lists, place, manner)),
    )


def _fixes(lists: Lists, place: Place, manner: Manner) -> Iterator[Fix]:
    if len(lists.beside(place)) < 2:
        return  # an empty list looks unfinished
    # Nobody loses anything, but whom the element was for, or that a key was wanted, is no longer in the file.
    grade: Grade = "unsafe" if manner == "contradicted" or _last_mention(lists, place) else "safe"
    yield correction(lists, "take it out", (taken_out(lists, place),), (place,), grade)
    if manner == "contradicted":
        first = Place(place.acl, (*place.path[:-1], 0))
        changes = (in_front(lists, first, [lists.text(place)]), taken_out(lists, place))
        yield correction(lists, "let these clients in", changes, (place,), "display")


def _last_mention(lists: Lists, place: Place) -> bool:
    """Whether the element names a key, or a list that may hold one, and no equal element stands beside it."""
    if lists.element(place).kind not in ("key", "list", "acl"):
        return False
    text = lists.text(place)
    return sum(lists.text(other) == text for other in lists.beside(place)) < 2
