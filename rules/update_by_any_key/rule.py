"""Every key that the view knows may change the zone.

The identity `*` in a rule of an `update-policy` stands for whoever has signed the update: with the key of a secondary, of
a monitoring host, of rndc, or with a name that GSS-TSIG has proven.

## Why it matters

A key that was made so that somebody can fetch zones then lets them write one. A key that is added later for another
purpose gets the same right, and nothing near it says so.

## How to fix it

Name the key:

    update-policy { grant "update-key" zonesub A AAAA TXT; };

This shows it: an update signed with another key must fail with REFUSED, and named writes `update failed: rejected by secure
update`.

`nsupdate -k other-key.conf` sends one.

## Not reported

Rules that give each key or host only its own name (`self`, `selfsub`, `selfwild`, `krb5-self`, `ms-self`, `tcp-self` and
their like), and `external`. What an earlier `deny` of everybody keeps back. Where the view has but one key and no GSS-TSIG,
it is for the pedantic audience.

## References

BIND 9 Administrator Reference Manual, dynamic update policies; BSI APP.3.6.A6.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, Span
from named_audit.lint.corrections import names, zone_name
from named_audit.model.config import Config, Zone
from named_audit.model.names import canonical
from named_audit.policy.updates import UpdateRule, rule_span, update_rules

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-732", "CWE-863"),
    references=("STIG V-207561", "STIG V-272420", "BSI APP.3.6.A6"),
    fix="display",
    covers=("E03",),
    about=("update-policy",),
)

_BROAD = frozenset({"zonesub", "subdomain", "name", "wildcard"})

_NOT_MEANT = frozenset({"any", "ns", "soa", "rrsig", "nsec", "nsec3"})
"""Types that a rule without types is not about, and the word for all."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each rule whose identity is any key."""
    if "update-policy" not in config.names:
        return
    for zone in config.zones:
        statement = config.effective(zone, "update-policy").statement
        if statement is None or config.zone_type(zone) != "primary":
            continue
        for rule in _reached(update_rules(statement)):
            if rule.grants and rule.match in _BROAD and canonical(rule.identity.value) == "*":
                yield _finding(zone, rule_span(statement, rule), rule, audit)


def _reached(rules: tuple[UpdateRule, ...]) -> Iterator[UpdateRule]:
    """The rules that are not behind one that denies everybody everything, or everything but the types below."""
    bare = False
    for rule in rules:
        types = {word.low for word in rule.types}
        if not rule.grants and rule.match == "zonesub" and canonical(rule.identity.value) == "*":
            if "any" in types:
                return
            bare = bare or not types
        if not bare or types & _NOT_MEANT:
            yield rule


def _finding(zone: Zone, at: Span, rule: UpdateRule, audit: Audit) -> Finding:
    ring = tuple(audit.key_ring(zone.view).values())
    gss = any("tkey-gss" in name for name in audit.config.options.statements)
    several = len(ring) > 1 or gss
    who = f" ({names([key.name for key in ring])})" if ring else ""
    types = " ".join(word.value for word in rule.types)
    what = f"{types} records of {zone_name(zone)}" if types and len(types) <= 40 else zone_name(zone)
    return Finding(
        at=at,
        message=f"any key that the view knows{who} may change {what}, whatever it was made for",
        severity=None if several else Severity.LOW,
        audience=None if several else "pedantic",
        related=tuple(Related(key.name_span, "this key too") for key in ring[:3]),
        scopes=audit.scopes((zone,)),
        fixes=(Fix("name the key that is meant", (), "display"),),
    )
