"""What looks like an address in the list is the name of an acl.

BIND reads an address only where it is written as one: not in quotes, without leading zeros, each octet below 256. Anything
else is the name of an acl, and so is every host name.

## Why it matters

If there is no such acl, named refuses to load a list that uses the name (`undefined ACL '192.168.001.1'`); as long as
nothing uses the list, nobody notices. If there is one, the list lets in whom that acl names, and not the address that
everybody reads.

## How to fix it

Write the address as BIND reads it:

    allow-transfer { 192.168.1.1; };

and give acls names that are no addresses. Whom a list lets in: `named-audit who named.conf`.

## Not reported

Names of which no acl is defined in lists that named loads: the run is incomplete then, and says so itself. Acls that
stand for the very address that they are called after. Host names, where an acl of that name may exist.

## References

BIND 9 Administrator Reference Manual, address match lists; RFC 6943 section 3.1.1 (forms of IPv4 addresses).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Grade, Related, Rule, Severity, shorten
from named_audit.lint.overridden import transfer_lists
from named_audit.model.config import Config
from named_audit.model.lookalike import Lookalike, lookalike
from named_audit.model.matchlist import MatchElement, MatchList
from named_audit.policy.addresses import AddressSet
from named_audit.policy.effects import World, admitted, worlds
from named_audit.policy.matchlist import Acl, build
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 6943 section 3.1.1",),
    fix="safe",
    covers=("A19",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each element of an acl or an allow-transfer that is a name and looks like an address."""
    clean: set[str] = set()
    zones = {id(policy.statement): policy.zones for policy in audit.policies}
    lists = ((None, statement) for statement in transfer_lists(config))
    for acl, statement in (*lists, *((name, each.statement) for name, each in config.acls.items())):
        text = statement.text
        if text in clean:
            continue
        found = list(_lookalikes(audit.lists.match_list(statement)))
        if not found:
            clean.add(text)
        for element, meant in found:
            for finding in _judged(acl, statement, element, meant, audit):
                yield finding._replace(scopes=audit.scopes(zones.get(id(statement), ())))


def _lookalikes(match_list: MatchList) -> Iterator[tuple[MatchElement, Lookalike]]:
    for element in match_list.elements:
        if isinstance(element.value, MatchList):
            yield from _lookalikes(element.value)
        elif element.kind == "acl" and (meant := lookalike(str(element.value))) is not None:
            yield element, meant


def _judged(
    acl: str | None, statement: Statement, element: MatchElement, meant: Lookalike, audit: Audit
) -> Iterator[Finding]:
    config = audit.config
    name = str(element.value)
    definition = config.acls.get(fold(name))
    hygiene = False
    grade: Grade = "display"
    related: tuple[Related, ...] = ()
    if definition is not None:
        shown = AddressSet.from_text(meant.address) if meant.address is not None else None
        named = _acl(element, audit)
        stands_for = [admitted(named, world) for world in worlds(named) or (World(),)]
        if meant.host or all(addresses == shown for addresses in stands_for):
            return
        hygiene = shown is None or shown <= stands_for[0]
        what = f"it is the name of an acl, which lets in {stands_for[0].words()}"
        related = (Related(definition.span, "this is what it stands for"),)
    elif config.unseen:
        if meant.host:
            return
        what = "it is the name of an acl, of which none was seen"
    elif acl is not None and audit.acl_uses.of(acl) == ():
        hygiene, grade = True, "safe"
        what = "it is the name of an acl that is not there, and named refuses this list as soon as something uses it"
    else:
        return  # named refuses that, and the run says so
    yield Finding(
        at=statement.locate(element.start, element.end),
        message=f"{shorten(name)} is no address to BIND: {what} ({meant.why})",
        severity=Severity.LOW if hygiene else None,
        audience="pedantic" if hygiene else None,
        related=related,
        fixes=tuple(_fixes(statement, element, meant, grade)),
    )


def _acl(element: MatchElement, audit: Audit) -> Acl:
    return build(MatchList((element._replace(negated=False),)), audit.lists.lookup)


def _fixes(statement: Statement, element: MatchElement, meant: Lookalike, grade: Grade) -> Iterator[Fix]:
    if meant.address is not None and statement.contiguous:
        values = {"sign": "!" if element.negated else "", "address": meant.address}
        change = Change("replace", statement.locate(element.start, element.end), "address", values)
        yield Fix("write the address", (change,), grade, admits=None)
