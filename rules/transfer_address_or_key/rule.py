"""The list holds an address and a key, and either of them is enough.

The elements of an address match list are alternatives. `{ 192.0.2.53; key k; }` admits 192.0.2.53 without any key,
and key k from anywhere; it does not ask 192.0.2.53 for the key.

## Why it matters

The key looks like protection and is none: the address alone still takes the zone, unsigned. Nothing shows it,
because transfers work: a secondary that forgot its key, or anyone who can use that address, is served like before.

## How to fix it

Keep the keys in `allow-transfer`, and move the addresses to `also-notify`, where they say whom to tell:

    allow-transfer { key "k"; };
    also-notify { 192.0.2.53 key "k"; };

To demand both, the address and the key, negate the addresses in a nested list:

    allow-transfer { !{ !192.0.2.53; any; }; key "k"; };

From the address, `dig @server a.example AXFR` (no `-k`) prints the zone now, and `Transfer failed.` afterwards. Whether
the secondary uses its key stands in the log: `AXFR started: TSIG k`.

## Not reported

Loopback addresses and `localhost` beside a key: only the server itself uses them. Lists that demand both. Lists
behind TLS listeners that demand a client certificate. Lists that are open to anyone (transfer-open). Keys that no
statement defines: they admit nobody (key-undefined). The root and its sisters, which are public. The stock zones for
localhost, and servers that listen on loopback addresses only, are for the auditor audience.

## References

RFC 8945; BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.breadth import wide
from named_audit.lint.contract import Change, Finding, Fix, Grade, Rule, Severity
from named_audit.lint.corrections import (
    Admitted,
    Peer,
    demands_both,
    list_head,
    not_asked_for,
    notify_changes,
    propose,
    take_apart,
)
from named_audit.lint.exposure import exposed
from named_audit.lint.overridden import widened
from named_audit.model.names import canonical
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.transfer import TransferPolicy
from named_audit.policy.wording import unsigned_clients

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-287", "CWE-291"),
    references=("RFC 8945", "STIG V-207561", "STIG V-272420", "CIS BIND 9.11 5.1"),
    fix="unsafe",
    covers=("A08", "A21", "A23", "A25"),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list with keys that admits other machines without one."""
    if policy.statement is None or policy.open_families() or policy.requires_client_certificate():
        return
    if not policy.keys or not (policy.unsigned_off_host or policy.on_link_unsigned):
        return
    admitted = take_apart(policy, audit)
    who = unsigned_clients(policy.access)
    severity = Severity.MEDIUM if policy.unsigned_off_host <= PRIVATE else RULE.severity
    for part in exposed(policy):
        yield Finding(
            at=policy.statement.span,
            message=f"{who} can transfer {part.words} without a key: "
            f"an address and a key in one list mean either, not both ({not_asked_for(policy.keys)})",
            audience=part.audience,
            severity=part.severity(severity),
            related=(*wide(policy, audit), *widened(policy, audit), *part.related),
            scopes=part.scopes(audit),
            fixes=tuple(part.fix(fix) for fix in _fixes(policy, audit, admitted)),
        )


def _fixes(policy: TransferPolicy, audit: Audit, admitted: Admitted) -> Iterator[Fix]:
    assert policy.statement is not None
    head = list_head(policy.statement)
    ring = audit.key_ring(policy.view)
    defined = [ring[key].name for key in policy.keys if key in ring]
    only = defined[0] if len(defined) == 1 else None
    moved = [
        (peer, audit.peers.key_of(peer.family, peer.address, policy.view) or only) for peer in admitted.peers
    ]
    listed = set(policy.keys)
    added = list(dict.fromkeys(key for _, key in moved if key is not None and canonical(key) not in listed))
    title = "ask everyone for the key"
    proposal = propose(policy, audit, admitted, added, moved)
    if proposal.refused is not None:
        yield Fix(title, (), "display", refused=proposal.refused)
        told = None
    else:
        values = {"head": head, "elements": list(proposal.elements)}
        keep = Change("replace", policy.statement.span, "allow-transfer", values)
        told = notify_changes(policy, audit, moved)
        title += ", and tell the addresses of changes" if told else ""
        grade: Grade = "unsafe" if told is not None else "display"
        yield Fix(title, (keep, *(told or ())), grade, admits=proposal.admits)
    restricted = [*(peer.text for peer in admitted.peers), *admitted.networks]
    # A list in the list may hold a demand of its own, and a denial may mean whom this would let in.
    plain = all(each.key is not None or each.text in admitted.local for each in admitted.kept)
    if not restricted or admitted.mixed or not plain:
        return
    keys = [*(defined or policy.keys), *added]
    pairs = _pairs(admitted, moved, keys) or [(restricted, keys)]
    both = {"head": head, "local": list(admitted.local), "pairs": pairs}
    if demands_both(policy, audit, admitted.local, pairs):
        change = Change("replace", policy.statement.span, "both", both)
        # The second choice is never made for a person: it is as applicable as the first.
        yield Fix("demand the address and the key", (change,), "unsafe" if told is not None else "display")


def _pairs(
    admitted: Admitted, moved: Sequence[tuple[Peer, str | None]], keys: Sequence[str]
) -> list[tuple[list[str], list[str]]]:
    """Each key with the addresses of the servers that hold it; none where they are not all known to hold one.

    One demand for all of them would let each server use each key.
    """
    held: dict[str, tuple[list[str], list[str]]] = {}
    for peer, key in moved:
        if key is not None:
            held.setdefault(canonical(key), ([], [key]))[0].append(peer.text)
    known = held.keys() == {canonical(key) for key in keys} and all(key for _, key in moved)
    return list(held.values()) if known and len(held) > 1 and not admitted.networks else []
