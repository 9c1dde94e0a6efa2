"""A key may change everything in the zone, its NS and SOA records too.

`allow-update` with a key says who may write, and nothing of what. In an `update-policy`, the type `ANY` for the top of the
zone comes to the same.

## Why it matters

Whoever gets hold of the key of a DHCP server or of a certificate client can move the whole zone: other name servers, other
mail servers, other keys. NS records that change also change whom the server notifies. named writes an informational line of
category update for each change (`adding an RR at 'a.example' NS ...`), and nothing else.

## How to fix it

Name the types and the names that the key is for. A rule without types is about all but NS, SOA and what signing makes:

    update-policy {
        grant "update-key" subdomain _acme-challenge.a.example. TXT;
        grant "dhcp-key" zonesub A AAAA DHCID TXT;
    };

`nsupdate -y` with the key, asked to add an NS record at the top of the zone, must then fail with REFUSED; named writes
`update failed: rejected by secure update`.

## Not reported

Rules with names or types of their own that leave the top of the zone's NS records alone, and those behind a `deny` that
keeps the key from them. `update-policy local`: that key does not leave the server. Rules for any key (`*`) are for
update-by-any-key. `allow-update` is for the auditor audience, and above the zones for update-inherited. Matches by Kerberos
or Windows names (`krb5-self`, `ms-self` and their like) and `external`.

## References

BIND 9 Administrator Reference Manual, dynamic update policies; BSI APP.3.6.A6; RFC 3007 section 3.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import names, zone_name, zone_names
from named_audit.model.config import Config, Zone
from named_audit.model.names import canonical
from named_audit.policy.updates import UpdateAccess, granting, rule_span, update_rules
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-732",),
    references=("RFC 3007 section 3", "BSI APP.3.6.A6"),
    fix="unsafe",
    covers=("E03",),
    about=("update-policy", "allow-update"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each rule that lets a key change the NS records of a zone, and each allow-update with keys."""
    for zone in config.zones if "update-policy" in config.names else ():
        statement = config.effective(zone, "update-policy").statement
        if statement is not None and config.zone_type(zone) == "primary":
            yield from _policy(zone, statement, audit)
    for update in audit.updates:
        if update.keys and update.setting.level in ("zone", "template"):
            yield _list(update, audit)


def _policy(zone: Zone, statement: Statement, audit: Audit) -> Iterator[Finding]:
    rules = update_rules(statement)
    for rule in rules:
        identity = canonical(rule.identity.value)
        if not rule.grants or identity == "*" or granting(rules, identity, zone.canonical, "NS") is not rule:
            continue
        if len(rule.types) == 1 and rule.types[0].low == "any":
            kept = " ".join(statement.text[rule.start : rule.types[0].start].split())
            change = Change("replace", rule_span(statement, rule), "rule", {"text": kept})
            fix = Fix("leave NS and SOA out", (change,), "unsafe")
        else:
            fix = Fix(
                "name the types that it is for", (), "display", {"key": rule.identity.value, "only": True}
            )
        yield Finding(
            at=rule_span(statement, rule),
            message=f"key {shorten(rule.identity.value)} may replace the NS records of {zone_name(zone)}"
            + (", its SOA and all else" if granting(rules, identity, zone.canonical, "SOA") is rule else ""),
            scopes=audit.scopes((zone,)),
            fixes=(fix,),
        )


def _list(update: UpdateAccess, audit: Audit) -> Finding:
    ring = audit.key_ring(update.access.views[0])
    keys = [ring[key].name if key in ring else key for key in update.keys]
    who = ("key " if len(keys) == 1 else "keys ") + names(keys)
    fix = Fix("say what the key may change", (), "display", {"key": keys[0], "only": False})
    elements = audit.lists.match_list(update.statement).elements
    if all(element.kind == "key" and not element.negated for element in elements):
        change = Change("replace", update.statement.span, "policy", {"keys": keys})
        fix = Fix("leave NS and SOA out", (change,), "unsafe")
    if all(is_stock(zone) for zone in update.zones):
        fix = fix._replace(grade="display")
    return Finding(
        at=update.statement.span,
        message=f"{who} may change everything in {zone_names(update.zones)}: allow-update does not say what",
        severity=Severity.INFO,
        audience="auditor",
        scopes=audit.scopes(update.zones),
        fixes=(fix,),
    )
