"""The primary is hidden, and the SOA record of its zone gives its address away.

The zone is told to named secondaries only and no NS record leads to this server, but the name in SOA MNAME does.

## Why it matters

A hidden primary is kept out of sight so that nobody attacks the one place where the zone is changed. Anyone can ask for
the SOA record, and for the address of the name in it.

## How to fix it

Put one of the public servers into the MNAME field of the zone file, and raise the serial:

    @ SOA ns1.a.example. hostmaster.a.example. 2026010102 3600 600 1209600 300

`dig @ns1.a.example a.example SOA +short` shows what everyone sees. Clients that send dynamic updates look for the primary
in MNAME: give them the address by other means.

## Not reported

Servers that do not say which addresses are their own (`listen-on`, `notify-source`, `transfer-source`), and private
addresses, which lead nobody here. Zones whose file is not read, or whose NS names have addresses elsewhere. Primaries
that also tell the servers of the NS records: they may not be meant to be hidden. Other names in the zone with the
server's address.

## References

BSI APP.3.6.A21; NIST SP 800-81r3 section 3.3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock, scope
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Zone
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.hidden import is_hidden, own_of

RULE = Rule(
    severity=Severity.LOW,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-200",),
    references=("STIG V-207587", "STIG V-272383", "BSI APP.3.6.A21"),
    needs_whole=True,
    fix="display",
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report a hidden primary whose own address is that of SOA MNAME."""
    plan = audit.notify(zone)
    if plan.told_by_ns or plan.nobody_listed or audit.config.zone_type(zone) != "primary":
        return
    content = audit.content(zone)
    if content is None or is_stock(zone) or audit.config.unseen:
        return
    own = audit.own_addresses(zone)
    if not is_hidden(plan, content, own) or not own_of(content, content.primary, own.all - PRIVATE):
        return
    also = plan.also_notify.statement
    yield Finding(
        at=zone.statement.name_span,
        message=f"no NS record of {zone_name(zone)} leads to this primary, but SOA MNAME does: {content.primary} has "
        f"{content.texts(content.primary)}, its address",
        related=(Related(also.span, "tells these only"),) if also is not None else (),
        scopes=(scope(zone),),
        fixes=(Fix("name a public server in SOA MNAME", (), "display", {"server": content.servers[0]}),),
    )
