"""The zone's own list refuses a secondary that is told of changes and that the options let in.

BIND takes the nearest `allow-transfer` alone; it never adds one to another. The zone's list names other keys, and the key
of this secondary stands in the options (or the view) only.

## Why it matters

The secondary gets its NOTIFY, signed with its key, asks for the zone with that key and is refused: `zone transfer
'a.example/AXFR/IN' denied` here, `Transfer status: REFUSED` there. It serves the old zone until that expires.

## How to fix it

Name every key that the zone needs in the zone's own list:

    allow-transfer { key "key-of-ns3"; key "key-of-ns2"; };

or take the secondary out of the zone's also-notify. From the secondary:

    dig -k key-of-ns2.conf @server a.example AXFR

## Not reported

Servers that are told without a key, and those that the zone's list refuses whatever their key: notify-without-transfer
speaks of these. Keys that no statement defines. Servers of which only a `server` block or the zone's NS records tell.
A secondary may sign its NOTIFY and its transfers with two keys; therefore this is for the pedantic audience.

## References

BIND 9 Administrator Reference Manual, allow-transfer; RFC 1996 section 3.
"""

from collections.abc import Iterator, Mapping, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import names, zone_names
from named_audit.lint.elements import Lists, correction, keys_in_words
from named_audit.model.config import Zone
from named_audit.model.matchlist import MatchElement
from named_audit.policy.access import Access
from named_audit.policy.faults import Place
from named_audit.policy.notify import Target
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 1996 section 3",),
    needs_whole=True,
    fix="unsafe",
    covers=("A26",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report the keys with which servers are told of changes, and which only the list behind lets in."""
    outer = audit.overridden(policy)
    if outer is None or outer.setting.statement is None:
        return
    assert policy.statement is not None
    if not outer.access.listed:
        return
    dropped: dict[str, list[tuple[Zone, Target]]] = {}
    for zone in policy.zones:
        for target in audit.notify(zone).targets:
            key = target.key
            if key is None or target.unsent is not None or key not in audit.key_ring(policy.view):
                continue
            if not _admits(outer.access, target, (key,)) or _admits(policy.access, target, (None, key)):
                continue
            # Whom the list refuses with every key, notify-without-transfer reports.
            if _admits(policy.access, target, policy.keys):
                dropped.setdefault(key, []).append((zone, target))
    if not dropped:
        return
    found = [each for told in dropped.values() for each in told]
    zones = tuple(dict.fromkeys(zone for zone, _ in found))
    servers = tuple(dict.fromkeys(target.server.address_text for _, target in found))
    entries = tuple(dict.fromkeys(target.server.entry.span for _, target in found))
    are = "is" if len(servers) == 1 else "are"
    yield Finding(
        at=policy.statement.span,
        message=f"{names(servers)} {are} told of changes to {zone_names(zones)} with {keys_in_words(tuple(dropped))}, which "
        f"this list refuses ('denied' in the log): that of {outer.words} would let it in, and does not hold here",
        related=(
            Related(outer.setting.statement.span, "replaced by the nearer list"),
            *(Related(span, "told with that key") for span in entries[:3]),
        ),
        scopes=audit.scopes(zones),
        fixes=(_fix(policy, audit, dropped),),
    )


def _admits(access: Access, target: Target, signers: tuple[str | None, ...]) -> bool:
    server = target.server
    return any(
        access.possible(signer, where).holds(server.address, server.family)
        for signer in signers
        for where in LOCALITIES
    )


def _fix(policy: TransferPolicy, audit: Audit, dropped: Mapping[str, Sequence[tuple[Zone, Target]]]) -> Fix:
    """The keys behind the list's last element, where that lets them in."""
    assert policy.match_list is not None
    ring, elements = audit.key_ring(policy.view), policy.match_list.elements
    keys = [ring[key].name for key in dropped]
    new = (MatchElement(False, "key", key) for key in keys)
    after = audit.if_list(policy, policy.match_list._replace(elements=(*elements, *new)))
    served = all(_admits(after, target, (key,)) for key, told in dropped.items() for _, target in told)
    lists, last = Lists(policy, audit), Place(None, (len(elements) - 1,))
    change = Change("after", lists.span(last, semicolon=True), "keys", {"keys": keys})
    title = f"let {keys_in_words(keys)} in"
    return correction(lists, title, (change,), (last,), "unsafe" if served else "display")._replace(
        admits=tuple(dropped)
    )
