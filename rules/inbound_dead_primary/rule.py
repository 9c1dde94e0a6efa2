"""An entry in `primaries` cannot lead to a primary.

It is no address of a single host (multicast, broadcast, reserved), it stands for this server itself (`0.0.0.0`, `::`,
a loopback address and port on which it listens), it is an IPv4 address written as IPv6, or it stands there twice.

## Why it matters

BIND accepts all of these without a word and tries each of them in every refresh. Where no other entry works the zone
is never fetched, or expires. What goes to `0.0.0.0` comes back to this server. named logs `refresh: failure trying
primary ::ffff:192.0.2.1#53 (source ::#0): operation canceled`, or nothing.

## How to fix it

Write the address of the server that the zone is to be fetched from, once:

    primaries { 192.0.2.1 key "transfer-key"; };

To see what is tried: `rndc refresh a.example` and the log of category `general` (from 9.20.3 on `xfer-in`).

## Not reported

Configurations of which a part was not read, for what depends on the listeners. Loopback primaries where there are
views: one view may fetch from another. The server's other addresses, which the file does not tell for sure. Twice the
same address with another port, key or `tls`.

## References

RFC 1122 section 3.2.1.3; RFC 4291 sections 2.5.5.2 and 2.7.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, Pulled
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import taken
from named_audit.model.config import Config
from named_audit.model.matchlist import address_text
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.inbound import Request, Source, no_host
from named_audit.policy.listeners import Listener, listeners
from named_audit.policy.outgoing import is_mapped

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1122 section 3.2.1.3", "RFC 4291 section 2.7"),
    fix="unsafe",
    covers=("C16",),
    about=("primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each entry that leads to no primary, and each that repeats another."""
    single = len(config.views) == 1 and config.views[0].name is None
    heard = listeners(config, audit.lists) if single and not config.unseen else ()
    sound: set[int] = set()
    for pulled in audit.pulled:
        if pulled.alike not in sound:
            found = list(_judged(pulled, heard))
            yield from found
            if not found:
                sound.add(pulled.alike)


def _judged(pulled: Pulled, heard: tuple[Listener, ...]) -> Iterator[Finding]:
    seen: set[Request] = set()
    for source in pulled.sources:
        server = source.server
        if LOOPBACK.holds(server.address, server.family):
            if _hears_itself(source.request, heard):
                yield _finding(pulled, source, "this server listens there itself", "pedantic")
        elif (why := no_host(server.family, server.address)) is not None:
            yield _finding(pulled, source, why)
        if source.request in seen and server.entry.statement is pulled.sources[0].server.entry.statement:
            yield _twice(pulled, source)
        seen.add(source.request)


def _hears_itself(request: Request, heard: tuple[Listener, ...]) -> bool:
    encrypted = request.transport == "tls"
    return any(
        each.port == request.port
        and (each.tls is not None) == encrypted
        and each.addresses.holds(request.address, request.family)
        for each in heard
    )


def _finding(pulled: Pulled, source: Source, why: str, audience: str | None = None) -> Finding:
    server = source.server
    entry = server.entry
    what, verb = taken(pulled)
    if is_mapped(server.family, server.address):
        values = {
            "address": address_text(server.address & 0xFFFFFFFF, 4),
            "port": entry.port,
            "tls": entry.tls,
            "key": entry.key,
        }
        fix = Fix("write it as IPv4", (Change("replace", entry.span, "entry", values),), "unsafe")
    else:
        values = {"address": "192.0.2.1", "port": entry.port, "tls": entry.tls, "key": entry.key}
        fix = Fix("name a server that has the zone", (), "display", values)
    return Finding(
        at=entry.span,
        message=f"{what} {verb} never fetched from {server.address_text} ({why})",
        audience="pedantic" if audience else None,
        severity=Severity.LOW if audience else None,
        scopes=pulled.scopes,
        fixes=(fix,),
    )


def _twice(pulled: Pulled, source: Source) -> Finding:
    entry = source.server.entry
    return Finding(
        at=entry.span,
        message=f"{source.server.address_text} stands twice in the primaries of {taken(pulled)[0]}: BIND asks it twice in each round",
        audience="pedantic",
        severity=Severity.LOW,
        scopes=pulled.scopes,
        fixes=(Fix("take the second one out", (Change("delete", entry.span, "", {}),), "unsafe"),),
    )
