"""Every process on the server itself can transfer the zone.

The list holds `localhost`, which stands for all addresses of the server, or a loopback address, and asks for no key there.

## Why it matters

Whoever can run a program on the host, or make one there send a request (a web application, a container that shares the
network), gets the whole zone. On a host that serves nothing but DNS this is as good as nothing; on others it is a way
around the rights of the zone files. The log shows it only as `transfer of 'a.example/IN': AXFR started` from an address
of the server.

## How to fix it

Take the element out. Tools on the server can use a key:

    dig -k /etc/bind/local-key.conf @127.0.0.1 a.example AXFR

To see whether it is needed, ask without a key: `dig @127.0.0.1 a.example AXFR`.

## Not reported

Lists that let everybody in (transfer-open), and networks in which the server happens to be. The stock zones for
localhost, and those that everybody may have.

## References

BIND 9 Administrator Reference Manual, address match lists.
"""

from collections.abc import Iterator, Sequence

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.breadth import with_elements
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity, shorten
from named_audit.lint.corrections import list_head, zone_names
from named_audit.lint.elements import Lists, correction, taken_out
from named_audit.model.config import Config
from named_audit.model.matchlist import MatchElement, Prefix
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.faults import Place
from named_audit.policy.transfer import PUBLIC_ZONES, TransferPolicy

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-306",),
    references=("CIS BIND 9.11 5.1",),
    fix="unsafe",
    covers=("A22",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each list that lets the server's own addresses in as such."""
    for policy, places in with_elements(audit, _is_local):
        if not policy.open_families():
            yield from _findings(policy, audit, places)


def _findings(policy: TransferPolicy, audit: Audit, places: Sequence[Place]) -> Iterator[Finding]:
    assert policy.statement is not None
    zones = tuple(zone for zone in policy.zones if not is_stock(zone) and zone.canonical not in PUBLIC_ZONES)
    own = policy.addresses(None, "localhost")
    if not zones or not (own - policy.unsigned or own & LOOPBACK):
        return
    lists = Lists(policy, audit)
    yield Finding(
        at=policy.statement.span,
        message=f"every process on the server itself can transfer {zone_names(zones)} without a key: "
        f"{lists.shown(places[0])} lets it in",
        related=tuple(
            Related(lists.span(place), "stands for the server itself")
            for place in places
            if place.acl is not None
        )[:3],
        scopes=audit.scopes(zones),
        fixes=(_fix(policy, lists, places),),
    )


def _is_local(element: MatchElement) -> bool:
    if element.negated:
        return False
    if isinstance(element.value, Prefix):
        return AddressSet.from_prefix(*element.value) <= LOOPBACK
    return element.kind == "localhost"


def _fix(policy: TransferPolicy, lists: Lists, places: Sequence[Place]) -> Fix:
    assert policy.statement is not None and policy.match_list is not None
    title = "ask the server itself for a key too"
    taken = {place.path for place in places if place.acl is None}
    rest = [each for number, each in enumerate(policy.match_list.elements) if (number,) not in taken]
    if all(element.negated or element.kind == "none" for element in rest):
        change = Change("replace", policy.statement.span, "none", {"head": list_head(policy.statement)})
        return Fix("let nobody in", (change,), "unsafe")
    for place in places:
        if place.acl is not None and all(each in places for each in lists.beside(place)):
            why = f"acl {shorten(place.acl)} holds nothing else: take its name out of the list"
            return Fix(title, (), "display", refused=why)
    return correction(lists, title, [taken_out(lists, place) for place in places], places, "unsafe")._replace(
        admits=()
    )
