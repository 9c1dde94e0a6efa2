"""`blackhole` drops what is sent to a primary, or to a server that is to be told of changes.

BIND neither answers the addresses in `blackhole` nor sends them anything of its own: no query for the SOA, no
transfer, no NOTIFY.

## Why it matters

The zone is never refreshed from that primary and expires, or the secondary never hears of a change. named logs
nothing about it, at any usual level.

## How to fix it

Take the peer out of what is dropped, in front of the network that it is in:

    blackhole { !10.1.1.1; 10.0.0.0/8; };

To see that it is asked again: `rndc refresh a.example`, then `rndc zonestatus a.example`.

## Not reported

Addresses whose fate depends on the server's interfaces (`localnets`). Servers that only `allow-transfer` names. Lists
with names that were not seen.

## References

BIND 9 Administrator Reference Manual, blackhole.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Scope, Severity
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.model.serverlist import Server
from named_audit.policy.inbound import Source, no_host
from named_audit.policy.reach import LOCALITIES
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    fix="unsafe",
    covers=("C15",),
    about=("blackhole",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the peers that blackhole drops, all at the statement."""
    acl = audit.survey.reach.blackhole
    statement = config.options.statements.get("blackhole")
    if acl is None or statement is None or (acl.undefined and config.unseen):
        return
    always = acl.addresses(None, LOCALITIES[0])
    for place in LOCALITIES[1:]:
        always = always & acl.addresses(None, place)
    if not always:
        return
    primaries: dict[str, Server] = {}
    told: dict[str, Server] = {}
    scopes: dict[Scope, None] = {}
    alone = False
    for pulled in audit.pulled:
        asked = [each for each in pulled.sources if not each.skipped and not _dead(each)]
        dropped = [each for each in asked if always.holds(each.server.address, each.server.family)]
        for source in dropped:
            primaries.setdefault(source.request.text, source.server)
            scopes.update(dict.fromkeys(pulled.scopes))
        alone = alone or (bool(dropped) and len(dropped) == len(asked))
    for zone in config.zones:
        for target in audit.notify(zone).targets:
            if target.unsent == "blackhole":
                told.setdefault(target.sent.text, target.server)
                scopes[scope(zone)] = None
    if primaries or told:
        yield _finding(statement, primaries, told, tuple(scopes), audit, alone=alone)


def _dead(source: Source) -> bool:
    return no_host(source.server.family, source.server.address) is not None


def _finding(
    statement: Statement,
    primaries: dict[str, Server],
    told: dict[str, Server],
    scopes: tuple[Scope, ...],
    audit: Audit,
    *,
    alone: bool,
) -> Finding:
    effects = []
    if primaries:
        expire = ", and zones without another primary expire" if alone else ""
        effects.append(f"{names(primaries)} {_is(primaries)} never asked{expire}")
    if told:
        effects.append(f"{names(told)} {_is(told)} never told of changes")
    peers = {**told, **primaries}
    first = audit.lists.match_list(statement).elements[0]
    change = Change(
        "replace",
        statement.locate(first.start, first.end),
        "spared",
        {"spared": sorted(peers), "element": statement.text[first.start : first.end]},
    )
    return Finding(
        at=statement.span,
        message=f"blackhole drops peers: {'; '.join(effects)}. BIND logs nothing of it",
        severity=None if alone else Severity.MEDIUM,
        related=tuple(
            Related(server.entry.span, f"{text} is named here") for text, server in list(peers.items())[:4]
        ),
        scopes=scopes,
        fixes=(
            Fix(
                "spare the peers",
                (change,),
                "unsafe" if statement.contiguous else "display",
                shows=statement.span,
            ),
        ),
    )


def _is(found: dict[str, Server]) -> str:
    return "is" if len(found) == 1 else "are"
