"""A secondary's address is denied, and its key is admitted from everywhere else.

`{ !192.0.2.53; key k; }` does not mean "only from 192.0.2.53". The `!` denies the address, key or not; for everyone else
the key is enough.

## Why it matters

The one host that should get the zone is refused, and a stolen key works from anywhere but there. The log of the secondary
says only REFUSED, so that people loosen the list until it works.

## How to fix it

Stop everyone but the address, then demand the key:

    allow-transfer { !{ !192.0.2.53; any; }; key "k"; };

On the secondary, `dig -k k.conf @server a.example AXFR` fails now (`zone transfer 'a.example/AXFR/IN' denied` here) and
works from elsewhere; afterwards it is the other way round. Then `rndc retransfer a.example` there.

## Not reported

Lists that also admit addresses: there the denial may be an exception to these. The zone's own primaries, which have no
need to fetch it back. Where nothing says that the address belongs to a secondary (a target of also-notify, or a server
with one of these keys), it may well be meant; that is for the pedantic audience.

## References

BIND 9 Administrator Reference Manual, address match lists; RFC 8945.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import either_key, zone_names
from named_audit.lint.elements import Lists, correction, faults_of
from named_audit.model.matchlist import address_text
from named_audit.model.names import canonical
from named_audit.policy.addresses import AddressSet
from named_audit.policy.faults import Fault, Place, clients
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-287",),
    references=("RFC 8945",),
    fix="unsafe",
    covers=("A10",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report denied addresses in a list that otherwise asks for keys alone."""
    for fault in faults_of(policy, audit, "inverted"):
        keys = tuple(key for key in fault.signers if key in policy.keys)
        if not keys:
            continue
        lists = Lists(policy, audit)
        denied = {place: clients(lists.element(place), audit.lists.lookup) for place in fault.others}
        secondaries = _secondaries(policy, audit, keys)
        own = AddressSet.nothing()
        for zone in policy.zones:
            for source in audit.inbound(zone).sources:
                own = own | AddressSet.from_text(address_text(source.server.address, source.server.family))
        known = [place for place, addresses in denied.items() if addresses & secondaries]
        places = known or [place for place, addresses in denied.items() if not addresses <= own]
        if not places:
            continue
        who = _all(denied[place] for place in places) & (secondaries if known else fault.who)
        refused = (
            f"{who.words()} cannot transfer {zone_names(policy.zones)} even with {either_key(keys)}, "
            "which anyone may use from elsewhere"
        )
        yield Finding(
            at=lists.span(places[0]),
            message=f"{refused}: `!` denies the address, and demands nothing",
            severity=None if known else Severity.LOW,
            audience=None if known else "pedantic",
            scopes=audit.scopes(policy.zones),
            fixes=(_fix(lists, fault, places, certain=bool(known)),),
        )


def _secondaries(policy: TransferPolicy, audit: Audit, keys: tuple[str, ...]) -> AddressSet:
    """The addresses that fetch the zones: whom also-notify tells, and servers that are spoken to with one of the keys."""
    found = [target.server for zone in policy.zones for target in audit.notify(zone).targets]
    told = _all(AddressSet.from_text(address_text(server.address, server.family)) for server in found)
    for block in (*policy.view.servers, *audit.config.servers):
        if block.key is not None and canonical(block.key.value) in keys:
            told = told | AddressSet.from_prefix(block.family, block.network, block.length)
    return told


def _all(sets: "Iterator[AddressSet]") -> AddressSet:
    total = AddressSet.nothing()
    for each in sets:
        total = total | each
    return total


def _fix(lists: Lists, fault: Fault, places: list[Place], *, certain: bool) -> Fix:
    """The denials as one demand, if they stand side by side."""
    first, last = lists.span(places[0]), lists.span(places[-1])
    span = first._replace(end=last.end)
    together = places[-1].path[-1] - places[0].path[-1] == len(places) - 1
    values = {"spared": [lists.text(place) for place in places]}
    change = Change("replace", span, "demand", values)
    title = (
        "admit the key from this address only"
        if len(places) == 1
        else "admit the key from these addresses only"
    )
    return correction(lists, title, (change,), places, "unsafe" if certain and together else "display")
