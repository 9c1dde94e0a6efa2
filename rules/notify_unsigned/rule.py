"""Secondaries need a key to transfer the zone, and what tells them of changes is not signed.

The zone's list asks for a key; its `also-notify` names this server without one, and no `server` block has one.

## Why it matters

A forged NOTIFY costs a query, not the zone: the data comes from the `primaries` of the secondary. But a secondary that
chooses its view by key, or takes NOTIFY by key only, ignores an unsigned one, and its copy waits for the refresh.

## How to fix it

    also-notify { 192.0.2.53 key "transfer-key"; };

`rndc notify a.example` shows it: the secondary logs `received notify for zone 'a.example': TSIG 'transfer-key'`, and
without `TSIG` as long as nothing is signed.

## Not reported

Zones that are not transferred by key. Loopback targets, and those that `blackhole` drops. Keys that are named but not
defined (key-undefined).

## References

RFC 1996 section 3, RFC 8945 section 1.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import NOT_ONE_KEY, either_key, zone_name
from named_audit.model.config import Zone
from named_audit.model.names import canonical
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.notify import Target
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("RFC 8945 section 1", "NIST SP 800-81r3 section 3.4"),
    needs_whole=True,
    fix="unsafe",
    covers=("D04",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report each also-notify target that is told without a signature."""
    policy = audit.policy_of(zone)
    if policy is None or not policy.keys or audit.config.unseen:
        return
    for target in audit.notify(zone).targets:
        server = target.server
        if target.unsent is not None:
            continue
        if target.key is not None or target.undefined_key or LOOPBACK.holds(server.address, server.family):
            continue
        yield Finding(
            at=server.entry.span,
            message=f"{server.address_text} is told of changes to {zone_name(zone)} without a signature, "
            f"but transfers are signed with {either_key(policy.keys)}",
            scopes=(scope(zone),),
            fixes=tuple(_fixes(zone, target, policy, audit)),
        )


def _fixes(zone: Zone, target: Target, policy: TransferPolicy, audit: Audit) -> Iterator[Fix]:
    entry = target.server.entry
    ring = audit.key_ring(zone.view)
    keys = [ring[key].name for key in policy.keys if key in ring]
    if len(keys) == 1:
        values = {"address": entry.text, "port": entry.port, "tls": entry.tls, "key": keys[0]}
        change = Change("replace", entry.span, "entry", values)
        title = "sign it with the key of the transfers"
        if audit.one_key(canonical(keys[0]), audit.entry_views(entry.span)):
            yield Fix(title, (change,), "unsafe")
        else:
            yield Fix(title, (change,), "display", refused=NOT_ONE_KEY)
