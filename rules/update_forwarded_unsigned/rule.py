"""A secondary passes on unsigned updates, which the primary sees come from the secondary.

The effective `allow-update-forwarding` admits clients by their address alone.

## Why it matters

The primary cannot tell who sent a forwarded update: the source is this secondary, which it may well trust by address.
So whoever this list lets in can change the zone as far as the primary lets the secondary. named logs `forwarding
update for zone 'a.example/IN'` on the secondary, and nothing on the primary but the secondary's address.

## How to fix it

Forward nothing, or only what is signed; the signature goes along, and the primary verifies it:

    allow-update-forwarding { key "update-key"; };

To see who gets through: `nsupdate` with `server SECONDARY`, `zone a.example`, an update and `send`; REFUSED is right.

## Not reported

Loopback clients; the on-link ones of `localnets`. Single addresses and networks are for the pedantic audience, open
lists for all. Servers that listen on loopback addresses only are for the auditor audience. What the primary then
accepts: see its own configuration.

## References

RFC 2136 section 6; RFC 3007 section 1.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Audience, Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names, zone_name
from named_audit.model.config import Config, Zone
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import quote

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-306", "CWE-290"),
    references=("RFC 3007 section 1", "CIS BIND 9.11 5.3", "BSI APP.3.6.A6"),
    fix="unsafe",
    covers=("C20",),
    about=("allow-update-forwarding",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-update-forwarding that lets unsigned updates of other machines through."""
    if "allow-update-forwarding" not in config.names:
        return
    for pulled in audit.pulled:
        zone = pulled.zone
        statement = config.effective(zone, "allow-update-forwarding").statement
        if statement is None or config.zone_type(zone) not in ("secondary", "mirror"):
            continue
        acl = audit.lists.acl(statement)
        if acl.undefined and config.unseen:
            continue
        reach = audit.survey.reach
        whom = acl.addresses(None, "elsewhere") & reach.clients(reach.views_of(zone), None, "elsewhere")
        whom = whom - LOOPBACK
        if not whom:
            continue
        primaries = names(source.request.text for source in pulled.sources)
        audience, severity = _exposed(zone, whom, audit)
        yield Finding(
            at=statement.span,
            message=f"BIND forwards unsigned updates of {zone_name(zone) if zone.name else 'catalog members'} from {_words(whom)} to "
            f"{primaries}, where they seem to come from this server",
            audience=audience,
            severity=severity,
            scopes=pulled.scopes,
            fixes=(_fix(zone, statement, audit),),
        )


def _exposed(zone: Zone, whom: AddressSet, audit: Audit) -> tuple[Audience | None, Severity | None]:
    policy = audit.policy_of(zone)
    if policy is not None and policy.access.only_on_loopback():
        return "auditor", Severity.INFO
    if any(whom.share(family) > 0.5 for family in (4, 6)):
        return None, None
    return "pedantic", Severity.MEDIUM


def _words(whom: AddressSet) -> str:
    return "anyone" if all(whom.share(family) > 0.5 for family in (4, 6)) else whom.words()


def _fix(zone: Zone, statement: Statement, audit: Audit) -> Fix:
    ring = audit.key_ring(zone.view)
    keys = [quote(ring[key].name) for key in audit.lists.acl(statement).signers if key in ring]
    values = {"elements": [f"key {key}" for key in keys] or ["none"]}
    title = "forward only what is signed" if keys else "forward nothing"
    return Fix(title, (Change("replace", statement.span, "list", values),), "unsafe")
