"""The zone repeats the list that it would have without saying anything.

BIND takes the nearest `allow-transfer`: the zone's, else its template's, its view's, that of the options. Here the nearest
lets in the same clients as the next one, by the same keys.

## Why it matters

Two places say one thing. Whoever adds a secondary, or shuts one out, changes the options and finds later that this zone
has not followed: an old provider can still take it (`transfer of 'a.example/IN': AXFR started`, and nothing else in
the log), or the new one is refused (`zone transfer 'a.example/AXFR/IN' denied`).

## How to fix it

Delete the nearer statement. Who can take the zone stays as it is:

    named-audit who named.conf --zone a.example
    dig @server a.example AXFR -k transfer-key.conf

## Not reported

Lists that are open to anyone (transfer-open). `none` in a zone where only the release's default says the same: that
default has changed once. Mirror zones, which take no other list than their own. Zones for which a farther list may stand
in a file that was not read. Some checklists (STIG V-272434) want the statement in every zone; ignore the rule there.

## References

BIND 9 Administrator Reference Manual, allow-transfer.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.policy.override import equal
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    needs_whole=True,
    fix="safe",
    covers=("A27",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that says what the one behind it says."""
    outer = audit.overridden(policy)
    if outer is None or outer.setting.statement is None:
        return
    assert policy.statement is not None and policy.acl is not None
    if policy.open_families() or policy.acl.undefined or not equal(policy.access, outer.access):
        return
    yield Finding(
        at=policy.statement.span,
        message=f"this list only repeats that of {outer.words}: without it the same clients can transfer "
        f"{zone_names(policy.zones)}, and with it a change there does not reach them",
        related=(Related(outer.setting.statement.span, "would hold without it"),),
        scopes=audit.scopes(policy.zones),
        fixes=(Fix("delete it", (Change("delete", policy.statement.span, "", {}),), "safe"),),
    )
