"""An IPv4 address is written as an IPv6 one, and matches nobody.

`::ffff:192.0.2.53` is how a program shows an IPv4 client on an IPv6 socket. BIND keeps the two apart: a client with
192.0.2.53 has that IPv4 address and no other, also with `match-mapped-addresses yes`.

## Why it matters

The secondary that the element names is refused: `zone transfer 'a.example/AXFR/IN' denied`. Or, with a `!` before it, the
client that it should keep out is served by another element.

## How to fix it

Write the address as IPv4:

    allow-transfer { 192.0.2.53; };

Better is a key (transfer-address-only). From the client, or on the server with its address:

    dig -b 192.0.2.53 @server a.example AXFR

## Not reported

Networks that hold these addresses by the way, like `::/0`. Elements of lists that no zone's transfers depend on.
Where the element would change nothing as IPv4 either, or the clients have a key, it is for the pedantic audience.

## References

RFC 4291 section 2.5.5.2; BIND 9 Administrator Reference Manual, match-mapped-addresses.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.breadth import with_elements
from named_audit.lint.contract import Change, Finding, Fix, Grade, Rule, Severity
from named_audit.lint.corrections import either_key, zone_names
from named_audit.lint.elements import Lists, correction, taken_out
from named_audit.model.config import Config
from named_audit.model.matchlist import MatchElement, Prefix, address_text
from named_audit.policy.addresses import AddressSet
from named_audit.policy.effects import MOST_WORK, Trial, World, replaced
from named_audit.policy.faults import Place
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-284",),
    references=("RFC 4291 section 2.5.5.2",),
    fix="safe",
    covers=("A20",),
)


class _Clients(NamedTuple):
    """IPv4 clients, and with which keys (None: without one)."""

    addresses: AddressSet
    signers: frozenset[str | None]


_NOTHING = _Clients(AddressSet.nothing(), frozenset())


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each mapped address or network in a list, by what it would do as an IPv4 one."""
    for policy, found in with_elements(audit, lambda element: _as_ipv4(element) is not None):
        yield from _findings(policy, audit, found)


def _findings(policy: TransferPolicy, audit: Audit, found: Sequence[Place]) -> Iterator[Finding]:
    assert policy.match_list is not None
    lists = Lists(policy, audit)
    trial = Trial((policy.match_list,), audit.lists.lookup)
    certain = trial.certain and len(found) * trial.size() <= MOST_WORK
    for place in found:
        element = lists.element(place)
        meant = _as_ipv4(element)
        assert meant is not None
        element = element._replace(value=meant)
        gained, lost = _changes(trial, place, element) if certain else (_NOTHING, _NOTHING)
        came, went = _reaching(gained, policy), _served(lost, policy)
        shown, zones = lists.shown(place), zone_names(policy.zones)
        why = "matches nobody, because to BIND an IPv4 client has no IPv6 address"
        # Where a key lets all of them in, nobody is refused, and nobody should come in without it.
        keyed = bool(came) and None in gained.signers and not _unkeyed(came, policy, audit)
        if keyed:
            came = AddressSet.nothing()
        if went:
            using = _using(lost.signers, policy)
            message = f"{went.words()} can transfer {zones}{using} in spite of {shown}: it {why}"
        elif came:
            message = f"{came.words()} cannot transfer {zones}{_using(gained.signers, policy)}: {shown} {why}"
        else:
            message = f"{shown} {why}"
        fix = _fix(lists, place, meant, "unsafe" if came or went else "safe", keyed=keyed)
        if not certain or (came and meant.length == 0):
            # Nobody who writes all of IPv4 like this means to let everybody in.
            fix = fix._replace(grade="display")
        yield Finding(
            at=lists.span(place),
            message=message,
            severity=None if went else Severity.MEDIUM if came else Severity.LOW,
            audience=None if came or went else "pedantic",
            scopes=audit.scopes(policy.zones),
            fixes=(fix,),
        )


def _as_ipv4(element: MatchElement) -> Prefix | None:
    """The IPv4 network that an element shows as IPv6."""
    prefix = element.value
    # No shorter prefix than 96 begins with these bits, and no IPv4 address has so many.
    if not isinstance(prefix, Prefix) or prefix.network >> 32 != 0xFFFF:
        return None
    return Prefix(4, prefix.network & 0xFFFFFFFF, prefix.length - 96)


def _changes(trial: Trial, place: Place, element: MatchElement) -> tuple[_Clients, _Clients]:
    """Which IPv4 clients would come in, and which would go, if the element stood there."""
    other = trial.changed(place.acl, place.path[:-1], lambda inner: replaced(inner, place.path[-1], element))
    return _ipv4(trial.gained(other)), _ipv4(trial.lost(other))


def _ipv4(differences: Iterable[tuple[World, AddressSet]]) -> _Clients:
    total, signers = AddressSet.nothing(), set[str | None]()
    for world, addresses in differences:
        if addresses.v4:
            total = total | AddressSet(addresses.v4)
            signers.add(world.signer)
    return _Clients(total, frozenset(signers))


def _reaching(clients: _Clients, policy: TransferPolicy) -> AddressSet:
    """Those who get as far as the list."""
    found = AddressSet.nothing()
    for signer in clients.signers:
        for where in LOCALITIES:
            found = found | policy.access.clients(signer, where)
    return found & clients.addresses


def _served(clients: _Clients, policy: TransferPolicy) -> AddressSet:
    """Those whom the server serves now."""
    found = AddressSet.nothing()
    for signer in clients.signers:
        for where in LOCALITIES:
            found = found | policy.addresses(signer, where)
    return found & clients.addresses


def _unkeyed(clients: AddressSet, policy: TransferPolicy, audit: Audit) -> AddressSet:
    """Those whom no key lets in; a key that is not defined here may be where something was not read."""
    assert policy.acl is not None
    for key in policy.signers:
        unseen = audit.config.unseen and key not in audit.key_ring(policy.view)
        clients = clients - (policy.acl.addresses(key, "elsewhere") if unseen else policy.addresses(key))
    return clients


def _fix(lists: Lists, place: Place, meant: Prefix, grade: Grade, *, keyed: bool) -> Fix:
    """The address as IPv4; out with it where that would let clients in without the key that they have."""
    if keyed and len(lists.beside(place)) > 1:
        return correction(lists, "take it out", (taken_out(lists, place),), (place,), "safe")
    text = address_text(meant.network, 4) if meant.length == 32 else meant.text
    values = {"sign": "!" if lists.element(place).negated else "", "address": text}
    change = Change("replace", lists.span(place), "address", values)
    return correction(lists, "write it as IPv4", (change,), (place,), "display" if keyed else grade)


def _using(signers: frozenset[str | None], policy: TransferPolicy) -> str:
    if None in signers:
        return " without a key" if policy.keys else ""
    return f" with {either_key(sorted(signer for signer in signers if signer is not None))}"
