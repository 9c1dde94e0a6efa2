"""An element of the list changes nothing.

Without it the same clients are admitted: whatever their key, wherever they are, and whether geoip conditions hold or not.

## Why it matters

Dead text misleads whoever reads or edits the list next. Where an earlier element denies the very clients that this one
should admit, somebody is refused who was meant to be served; that is for everyone to see. The rest is hygiene, for the
pedantic audience: what is admitted twice, and denials of clients that no other element admits.

## How to fix it

Take the element out, or move it in front of what makes it void:

    allow-transfer { key "k"; none; };      // not { none; key "k"; }

Which element decides for a client says `named-audit who named.conf --zone a.example --from 192.0.2.53 --key k`.

## Not reported

`none`, and denials of everybody, at the end of a list. `127.0.0.1` beside `localhost`, and `localhost` beside `localnets`:
which addresses these are is up to the host. Elements of an acl that matter for the acl alone or in any statement that uses
it. What another rule explains (transfer-late-denial and its sisters). What is admitted twice where anyone is admitted
(transfer-open). In lists of more than a hundred elements, all but exact repetitions.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator, Mapping, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Grade, Rule, Severity, shorten
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import Lists, correction, in_front, taken_out
from named_audit.model.config import Config, Zone
from named_audit.policy.effects import Idle, Manner
from named_audit.policy.faults import Fault, Place, explained, reached_acls
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    fix="safe",
    covers=("A13",),
)

_WHY: dict[Manner, str] = {
    "repeated": "changes nothing: the same clients are admitted without it",
    "contradicted": "lets nobody in: a denial before it comes first",
    "denial": "changes nothing: whom it denies nobody admits",
}


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the idle elements of the lists themselves, then those of the acls that they use."""
    reached: dict[str, list[TransferPolicy]] = {}
    every: dict[int, tuple[Fault, ...]] = {}
    idle_lists: set[int] = set()
    for policy in audit.policies:
        if policy.statement is None or policy.match_list is None:
            continue
        every[id(policy.acl)] = audit.faults(policy)
        idle = {
            fault.at: Idle(fault.at.path, fault.manner, fault.equal)
            for fault in audit.faults(policy)
            if fault.kind == "idle" and fault.manner is not None
        }
        if idle:
            idle_lists.add(id(policy.acl))
        yield from _findings(policy, audit, idle, policy.zones, proven=not policy.open_families())
        for acl in reached_acls(policy.match_list, audit.lists.lookup):
            reached.setdefault(acl, []).append(policy)
    faults = tuple(fault for found_in in every.values() for fault in found_in)
    touched: set[str] = set()
    for acl, policies in reached.items():
        idle = {Place(acl, each.path): each for each in audit.acl_uses.idle(acl, explained(faults, acl))}
        if not idle:
            continue
        # Each list is judged with the others as they are, so that one is corrected at a time.
        proven = not touched & audit.acl_uses.beside(acl)
        proven = proven and not any(
            id(policy.acl) in idle_lists or policy.open_families() for policy in policies
        )
        touched.add(acl)
        zones = [zone for policy in policies for zone in policy.zones]
        # What an open list makes idle says nothing where another list uses the acl too.
        judged = next((policy for policy in policies if not policy.open_families()), policies[0])
        yield from _findings(judged, audit, idle, zones, proven=proven)


def _findings(
    policy: TransferPolicy, audit: Audit, idle: Mapping[Place, Idle], zones: Sequence[Zone], *, proven: bool
) -> Iterator[Finding]:
    lists = Lists(policy, audit)
    for place, (_, manner, _) in idle.items():
        if manner == "repeated" and policy.open_families():
            continue
        serious = manner == "contradicted"
        where = f"the list for {zone_names(zones)}" if place.acl is None else f"acl {shorten(place.acl)}"
        yield Finding(
            at=lists.span(place),
            message=f"{lists.shown(place)} in {where} {_WHY[manner]}",
            severity=None if serious else Severity.LOW,
            audience=None if serious else "pedantic",
            scopes=audit.scopes(zones),
            fixes=tuple(_fixes(lists, place, idle, proven=proven)),
        )


def _fixes(lists: Lists, place: Place, idle: Mapping[Place, Idle], *, proven: bool) -> Iterator[Fix]:
    beside = lists.beside(place)
    if all(each in idle for each in beside):
        return  # an empty list looks unfinished
    # Nobody loses anything by the others either, but whom they were for is no longer in the file.
    _, manner, together = idle[place]
    grade: Grade = "safe" if together else "unsafe"
    fix = correction(
        lists, "take it out", (taken_out(lists, place),), (place,), grade if proven else "display"
    )
    # It changes nothing, so it lets nobody in.
    yield fix._replace(admits=())
    # In an inner list it would still stand behind the denial of the outer one.
    if manner == "contradicted" and len(place.path) == 1:
        first = Place(place.acl, (0,))
        changes = (in_front(lists, first, [lists.text(place)]), taken_out(lists, place))
        yield correction(lists, "let these clients in", changes, (place,), "display")
