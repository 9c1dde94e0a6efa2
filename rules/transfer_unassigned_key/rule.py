"""A key may transfer the zone, and nothing here says which server holds it.

Other keys of the same list belong to servers: `also-notify`, `primaries`, a server list or a `server` block names them with
an address. This one stands in lists of clients only.

## Why it matters

Grants outlive their reasons: a provider is left, a secondary is switched off, and its key goes on being good for every
change of the zone, from any address. Nobody misses a line that nothing depends on.

## How to fix it

Ask whose it is. Where nobody knows, take it out of the list, and out of the file:

    allow-transfer { key "key-53"; };

or write down where it belongs, which also signs what is sent there:

    server 192.0.2.54 { keys "key-54"; };

The log tells whether it is in use: `AXFR started: TSIG key-54` or `IXFR started: TSIG key-54`, once in a refresh interval
at the least.

`grep -h "started: TSIG" /var/log/named/*.log` finds them.

## Not reported

Lists of which no key belongs to a server: then the file is not kept that way. Addresses that nobody tells of changes
(notify-incomplete). Configurations of which a part was not read. Keys that nobody can use, which are other rules' matter.

## References

NIST SP 800-81-2; DISA STIG for BIND 9.x.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names, zone_names
from named_audit.model.config import Config
from named_audit.model.names import canonical

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-284",),
    references=("STIG V-272398",),
    needs_whole=True,
    fix="display",
    covers=("A44",),
)

_CLIENTS = frozenset(
    {"acl", "inet", "unix", "match-clients", "match-destinations", "update-policy", "blackhole"}
)
"""Statements that name a key for clients; so do all that begin with `allow-`."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report keys of transfer lists that no server is said to hold, beside others that are."""
    if config.unseen:
        return
    assigned: set[str] | None = None
    for policy in audit.policies:
        if policy.statement is None or not policy.zones or len(policy.keys) < 2:
            continue
        if assigned is None:
            assigned = {
                canonical(each.name)
                for each in audit.references("key")
                if each.statement.name not in _CLIENTS and not each.statement.name.startswith("allow-")
            }
        loose = [key for key in policy.keys if key not in assigned]
        if not loose or len(loose) == len(policy.keys):
            continue
        ring = audit.key_ring(policy.view)
        shown = [ring[key].name if key in ring else key for key in loose]
        values = {"keys": [ring[key].name if key in ring else key for key in policy.keys if key in assigned]}
        yield Finding(
            at=policy.statement.span,
            message=f"key {names(shown)} may transfer {zone_names(policy.zones)}, and no server here is said to hold it, "
            "unlike the other keys of this list",
            scopes=audit.scopes(policy.zones),
            fixes=(Fix("take it out, if nobody needs it", (), "display", values),),
        )
