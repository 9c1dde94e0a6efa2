"""The list of the options would let anyone transfer the next zone.

Every zone that is there has a list of its own. One that is added without would be served to anyone.

## Why it matters

A new zone is copied from a template that lacks the line, or somebody deletes it from an old one, and the zone is public.
Nothing fails, and the log says no more than `transfer of 'b.example/IN': AXFR started`.

## How to fix it

Let the list that holds where nothing else is said let nobody in. That changes nothing for the zones that are there:

    options {
        allow-transfer { none; };
    };

Whom each zone lets in: `named-audit who named.conf`.

## Not reported

Lists that a zone uses, or zones that come at run time (transfer-open). No list at all: up to BIND 9.18 that is open to
anyone too, and where each zone has its own list nothing is exposed (transfer-open-by-default speaks where one has none).
Servers without zones that can be transferred, those that listen on loopback addresses only, and configurations of which
a part was not read: there a zone may use the list.

## References

BIND 9 Administrator Reference Manual, allow-transfer.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import list_head
from named_audit.model.config import Config, View
from named_audit.policy.transfer import TRANSFERABLE
from named_audit.policy.wording import unsigned_clients
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-1188",),
    needs_whole=True,
    fix="safe",
    covers=("A05",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each open list of the options, or of a view, that decides for no zone."""
    if config.unseen:
        return
    used = {id(policy.statement) for policy in audit.policies}
    for view in config.views:
        if not any(config.zone_type(zone) in TRANSFERABLE for zone in view.zones):
            continue
        setting = config.view_setting(view, "allow-transfer")
        statement = setting.statement
        if statement is not None and id(statement) not in used:
            yield from _judged(statement, view, audit)


def _judged(statement: Statement, view: View, audit: Audit) -> Iterator[Finding]:
    access = audit.next_zone(statement, view)
    if not access.open_families or access.needs_client_certificate() or access.only_on_loopback():
        return
    where = f" of view {view.name}" if view.name is not None else ""
    change = Change("replace", statement.span, "list", {"head": list_head(statement)})
    yield Finding(
        at=statement.span,
        message=f"{unsigned_clients(access)} could transfer the next zone{where} that has no allow-transfer of its own: "
        "this list, which no zone uses now, asks for no key",
        fixes=(Fix("let nobody in who is not named by the zone", (change,), "safe"),),
    )
