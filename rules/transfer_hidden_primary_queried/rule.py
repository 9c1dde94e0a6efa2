"""The primary is hidden, and answers everyone's queries.

No NS record leads to this server and it tells named secondaries only, but `allow-query` lets anyone ask.

## Why it matters

Whoever finds the address can ask the one server on which the zone is changed, take up its time, and see a change before
the secondaries have it. A hidden primary has to answer its secondaries only: they ask for the SOA before they transfer.

## How to fix it

Let the secondaries ask, by address or key, and the server itself:

    allow-query { localhost; key "transfer-key"; 192.0.2.53; };

`dig @192.0.2.1 a.example SOA` from another machine then gets `status: REFUSED`, and the log has `query 'a.example/SOA/IN'
denied`.

## Not reported

Servers that do not say which addresses are their own (`listen-on`, `notify-source`, `transfer-source`), and those that
listen on private addresses only. Zones whose file is not read, or whose NS names have addresses elsewhere. Primaries that
also tell the servers of the NS records: they may not be meant to be hidden. A packet filter in front of the server is not
seen.

## References

BSI APP.3.6.A21; NIST SP 800-81r3 section 3.3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Zone
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.hidden import is_hidden

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("BSI APP.3.6.A21", "STIG V-207587", "STIG V-272383"),
    needs_whole=True,
    fix="display",
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a hidden primary that anyone may query."""
    plan = audit.notify(zone)
    if plan.told_by_ns or plan.nobody_listed or audit.config.zone_type(zone) != "primary":
        return
    content = audit.content(zone)
    if content is None or is_stock(zone) or audit.config.unseen:
        return
    own = audit.own_addresses(zone)
    families = [family for family in (4, 6) if (own.all - PRIVATE).size(family)]
    if not families or not is_hidden(plan, content, own):
        return
    setting = audit.config.effective(zone, "allow-query")
    policy = audit.policy_of(zone)
    if policy is None:
        return
    asking = policy.access.clients(None, "elsewhere", next(iter(policy.access.cases())))
    if setting.statement is not None:
        acl = audit.lists.acl(setting.statement)
        if acl.undefined:
            return
        asking = asking & acl.addresses(None, "elsewhere")
    # Half of what is in use is nearly anyone.
    if all(asking.share(family) < 0.5 for family in families):
        return
    targets = [(target.sent.text, None) for target in plan.targets if target.unsent is None]
    yield Finding(
        at=setting.statement.span if setting.statement is not None else zone.statement.name_span,
        message=f"no NS record of {zone_name(zone)} leads to this primary, which names its secondaries itself, but it "
        f"answers anyone's queries{'' if setting.statement is not None else ': no allow-query applies'}",
        scopes=(scope(zone),),
        fixes=(Fix("let the secondaries ask, and nobody else", (), "display", {"servers": targets}),),
    )
