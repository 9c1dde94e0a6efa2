"""Zones have no allow-transfer of their own, and take the list that stands above them.

The list of the view or of the options holds for every zone below it that has none.

## Why it matters

Benchmarks ask for the statement in every zone, so that whoever reads a zone sees who may transfer it, and a change of the
list above changes nothing in zones that nobody thought of.

## How to fix it

Write the list into each zone:

    zone "a.example" {
        type primary;
        file "a.example.db";
        allow-transfer { key "transfer-key"; };
    };

This shows who is let in: `dig @SERVER a.example AXFR`, with and without `-y hmac-sha256:transfer-key:SECRET`.

## Not reported

Zones for which no level has the statement: see transfer-open-by-default. Mirror zones, which inherit none, and zones that
come at run time, which can have none in the file. The stock zones for localhost. Who is let in is for other rules.

## References

STIG V-207591 and V-272434.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import list_head, zone_names
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    references=("STIG V-207591", "STIG V-272434"),
    fix="display",
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list above the zones with the zones that inherit it."""
    if policy.statement is None or policy.level not in ("options", "view"):
        return
    zones = tuple(zone for zone in policy.zones if not is_stock(zone))
    if not zones:
        return
    _, brace, rest = policy.statement.text.partition("{")
    if not brace:
        return
    values = {"text": brace + rest.rstrip().removesuffix(";"), "head": list_head(policy.statement)}
    verb = "takes" if len(zones) == 1 else "take"
    yield Finding(
        at=policy.statement.span,
        message=f"{zone_names(zones)} {verb} this list of the {policy.level}: benchmarks ask for one in every zone",
        related=tuple(Related(zone.statement.name_span, "for instance this zone") for zone in zones[:1]),
        scopes=audit.scopes(zones),
        fixes=(Fix("write the list into each zone", (), "display", values),),
    )
