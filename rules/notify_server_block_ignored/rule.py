"""The server block of a secondary is not looked at for its NOTIFY, because also-notify names a key.

Where an entry of `also-notify` has a key of its own, BIND looks for the `server` block of an address that it has not yet
set: `notify-source` and `tcp-only` in the block of the secondary then do nothing.

## Why it matters

The NOTIFY leaves from another address than the one that the secondary knows as its primary, and is refused there:
`refused notify from non-primary: 192.0.2.2` (`non-master` up to BIND 9.16). The primary logs `notify response from
192.0.2.53: REFUSED`. The copy waits for the refresh. This is so in 9.11 to 9.21; which block is found instead, if any,
is left to chance.

## How to fix it

Let the server block have the key too, and the entry none:

    server 192.0.2.53 { keys "transfer-key"; notify-source 192.0.2.1; };
    also-notify { 192.0.2.53; };

or say `notify-source` in the zone, the view or the options. `rndc notify a.example`, and the secondary's log then has
`received notify for zone 'a.example': TSIG 'transfer-key'`.

## Not reported

Blocks that say what would be done without them. Entries whose key is not defined: BIND then takes the block's
(key-undefined).

## References

RFC 1996 section 3.10; BIND 9 Administrator Reference Manual, notify-source.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import entry_text, zone_name
from named_audit.model.config import ServerBlock, Zone
from named_audit.model.names import canonical
from named_audit.policy.notify import Target
from named_audit.policy.outgoing import by_family

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 3.10",),
    needs_whole=True,
    fix="unsafe",
    covers=("D12",),
    about=("server",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report each keyed also-notify entry whose server block says where from or how to send."""
    if not (zone.view.servers or audit.config.servers) or audit.config.unseen:
        return
    for target in audit.notify(zone).targets:
        if target.unsent is not None or target.signed_by != "entry":
            continue
        server = target.server
        block = audit.config.server_for(zone.view, server.family, server.address)
        said = audit.notify_by_block(zone, target)
        if block is None or said == target.sent:
            continue
        if said.source != target.sent.source or said.source_port != target.sent.source_port:
            name = by_family("notify-source", server.family)
            comes = f"comes from {target.sent.source_text or 'whatever address the system chooses'}"
        else:
            name = "tcp-only"
            comes = f"goes over {target.sent.transport.upper()}"
        yield Finding(
            at=server.entry.span,
            message=f"this entry has a key, so BIND does not look at {name} in the server block of "
            f"{server.address_text}: the NOTIFY for {zone_name(zone)} {comes}",
            related=(Related(block.statements[name].span, "not looked at"),),
            scopes=(scope(zone),),
            fixes=(_fix(target, block),),
        )


def _fix(target: Target, block: ServerBlock) -> Fix:
    entry = target.server.entry
    values: dict[str, object] = {
        "address": entry.text,
        "port": entry.port,
        "tls": entry.tls,
        "key": entry.key,
    }
    title = "take the key from the server block"
    named = target.server.via is not None
    if block.key is not None and canonical(block.key.value) == target.key and not named:
        return Fix(title, (Change("replace", entry.span, "entry", values),), "unsafe")
    # A block for the address alone hides one for more, all of it.
    values["kept"] = [
        entry_text(each, 0, len(each.text)) for name, each in block.statements.items() if name != "keys"
    ]
    values["other_key"] = block.key is not None and canonical(block.key.value) != target.key
    return Fix("say it in the zone" if values["other_key"] else title, (), "display", values)
