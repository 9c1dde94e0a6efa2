"""A `server` block without a key hides another one that has the key for this primary.

BIND uses one `server` block for an address: the longest prefix. What that block does not say is not filled in from a
shorter prefix. And a view with any `server` block of its own uses none of the global ones.

## Why it matters

The operator believes that the primary is asked with a key. It is asked without one, and BIND takes any answer that
comes from the address, or that is forged as if it did. Nothing is logged on this server. A primary that demands the
key refuses, and logs `zone transfer 'a.example/AXFR/IN' denied`.

## How to fix it

Say the key in the block that holds:

    server 192.0.2.0/24 { keys "transfer-key"; };
    server 192.0.2.5 { keys "transfer-key"; request-ixfr no; };

and repeat in a view what it needs of the global blocks. To see which key a transfer was made with:

    rndc retransfer a.example      # named logs: connected using 192.0.2.5#53 TSIG transfer-key

## Not reported

Entries in `primaries` that name a key themselves. Primaries whose certificate is checked, and loopback ones. Mirror
zones, which are validated by DNSSEC, and the root and its sisters. Configurations of which a part was not read. What
is sent to `also-notify`: see notify-unsigned.

## References

BIND 9 Administrator Reference Manual, server; RFC 8945 section 1.
"""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit, Pulled
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity, shorten
from named_audit.lint.corrections import names, taken
from named_audit.model.config import Config, ServerBlock
from named_audit.model.matchlist import address_text
from named_audit.model.names import canonical
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.hidden_keys import HiddenKey, hidden_key
from named_audit.policy.inbound import Source, unauthenticated

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-345",),
    references=("RFC 8945 section 1", "STIG V-207561", "STIG V-272420", "STIG V-272435"),
    needs_whole=True,
    fix="unsafe",
    covers=("C04", "C05"),
    about=("primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each primary that would be asked with a key if no other block stood in the way."""
    if config.unseen or (not config.servers and not any(view.servers for view in config.views)):
        return
    of_view: dict[int, list[_Asked]] = {}
    for pulled in audit.pulled:
        for source in unauthenticated(config, pulled.zone, pulled.sources):
            server = source.server
            hidden = hidden_key(config, pulled.zone.view, server.family, server.address)
            if hidden is not None and hidden.by_view:
                of_view.setdefault(id(hidden.hider), []).append(_Asked(pulled, source, hidden))
            elif hidden is not None:
                yield _finding(_Asked(pulled, source, hidden), audit)
    for asked in of_view.values():
        primaries = {each.server: each for each in reversed(asked)}
        if len(primaries) == 1:
            yield from (_finding(each, audit) for each in asked)
        else:
            yield _several(
                asked, [primaries[server] for server in dict.fromkeys(each.server for each in asked)], audit
            )


class _Asked(NamedTuple):
    """A primary that is asked without the key that is hidden."""

    pulled: Pulled
    source: Source
    hidden: HiddenKey

    @property
    def server(self) -> tuple[str, str]:
        """Its address and that key."""
        return self.source.server.address_text, self.hidden.key.value

    @property
    def private(self) -> bool:
        """Whether only private networks have such an address."""
        return PRIVATE.holds(self.source.server.address, self.source.server.family)


def _several(asked: list[_Asked], primaries: list[_Asked], audit: Audit) -> Finding:
    """One finding for all primaries whose blocks a view has not taken over."""
    view = asked[0].pulled.zone.view
    without = names(
        [f"{address} without key {shorten(key)}" for address, key in (each.server for each in primaries)]
    )
    zones = names(dict.fromkeys(taken(each.pulled)[0] for each in asked), most=2)
    related: list[Related] = []
    for each in primaries:
        related.append(
            Related(each.hidden.block.statement.name_span, f"key {shorten(each.server[1])} is named here")
        )
        related.append(Related(each.source.server.entry.span, "this primary is asked without a key"))
    return Finding(
        at=asked[0].hidden.hider.statement.name_span,
        message=f"view {shorten(view.name or '')} has server blocks of its own, so that those around it do not hold: BIND "
        f"asks {without} for {zones}, and accepts any answer",
        severity=Severity.MEDIUM if all(each.private for each in asked) else None,
        related=tuple(dict.fromkeys(related)),
        scopes=tuple(dict.fromkeys(scope for each in asked for scope in each.pulled.scopes)),
        fixes=(_repeat(primaries, audit),),
    )


def _repeat(primaries: list[_Asked], audit: Audit) -> Fix:
    first = primaries[0]
    view = first.pulled.zone.view
    held = any(
        audit.config.server_for(view, each.source.server.family, each.source.server.address)
        for each in primaries
    )
    if held and len({canonical(each.server[1]) for each in primaries}) == 1:
        return _fix(first.pulled, first.source, first.hidden, audit)
    title = "repeat the server blocks in the view"
    values = {"servers": [each.server for each in primaries]}
    if held or view.statement is None:
        # A longer prefix would take from these primaries what the view's own block says.
        return Fix(title, (), "display", values)
    change = Change("inside", view.statement.span, "servers", values)
    if any(canonical(each.server[1]) not in audit.key_ring(view) for each in primaries):
        return Fix(title, (change,), "display", refused="the view does not know one of these keys")
    return Fix(title, (change,), "unsafe")


def _finding(asked: _Asked, audit: Audit) -> Finding:
    pulled, source, hidden = asked
    key, server = hidden.key.value, source.server
    view = pulled.zone.view
    if hidden.by_view:
        cause = f"view {shorten(view.name or '')} has server blocks of its own, so server {_prefix(hidden.block)} does not hold"
    else:
        cause = (
            f"server {_prefix(hidden.hider)} names no key and hides that of server {_prefix(hidden.block)}"
        )
    related = [Related(hidden.block.statement.name_span, f"key {shorten(key)} is named here")]
    if hidden.by_view:
        related.append(Related(server.entry.span, "this primary is asked without a key"))
    return Finding(
        at=hidden.hider.statement.name_span,
        message=f"{cause}: BIND asks {server.address_text} for {taken(pulled)[0]} without key {shorten(key)} and accepts any answer",
        severity=Severity.MEDIUM if asked.private else None,
        related=tuple(related),
        scopes=pulled.scopes,
        fixes=(_fix(pulled, source, hidden, audit),),
    )


def _fix(pulled: Pulled, source: Source, hidden: HiddenKey, audit: Audit) -> Fix:
    view = pulled.zone.view
    key = hidden.key.value
    if hidden.by_view:
        values = {"address": source.server.address_text, "key": key}
        held = audit.config.server_for(view, source.server.family, source.server.address)
        if held is None and view.statement is not None:
            change = Change("inside", view.statement.span, "server", values)
            title = "repeat the server block in the view"
        else:
            change = Change("inside", hidden.hider.statement.span, "keys", values)
            title = "name the key in the view's own server block"
    else:
        change = Change("inside", hidden.hider.statement.span, "keys", {"key": key})
        title = "name the key in the block that holds"
    if canonical(key) not in audit.key_ring(view):
        return Fix(title, (change,), "display", refused="the view does not know that key")
    return Fix(title, (change,), "unsafe")


def _prefix(block: ServerBlock) -> str:
    width = 32 if block.family == 4 else 128
    text = address_text(block.network, block.family)
    return text if block.length == width else f"{text}/{block.length}"
