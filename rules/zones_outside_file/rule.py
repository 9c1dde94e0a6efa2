"""Zones come from elsewhere than the file, so that the file does not say all about who gets them.

Members of catalog zones, zones that `rndc addzone` adds, and zones of `dlz` and `dyndb` drivers come at run time.

## Why it matters

An audit of the file sees only what such zones inherit: the `allow-transfer`, `also-notify` and `allow-update` of the view or
the options. A catalog zone's own lists do not reach its members. Zones that are added, and members with an `allow-transfer`
property, may bring lists of their own.

## How to fix it

Make what they inherit safe, and look at the running server as well as at the file:

    options { allow-transfer { none; }; };

`rndc zonestatus a.example` says what is really there, `rndc showzone a.example` how a zone was added; `rndc dumpdb -zones`
writes all zones.

## Not reported

Whether what they inherit is open is for transfer-open and transfer-open-by-default. `dlz` with `search no`, which is asked
for zones of the file alone. What a driver of `dyndb` brings, and to whom it gives it, is not known at all.

## References

BIND 9 Administrator Reference Manual, catalog zones, `allow-new-zones`; RFC 9432 section 7.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.model.config import Config
from named_audit.policy.runtime_zones import RuntimeZones
from named_audit.policy.wording import unsigned_clients
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    references=("RFC 9432 section 7",),
    by_release=True,
    fix="display",
    covers=("E07",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each place that brings zones in."""
    for zones in audit.runtime:
        yield Finding(
            at=zones.span,
            message=f"{zones.words} are not in this file: {_inherited(zones, audit)}",
            fixes=(Fix("close what they inherit", (), "display"),),
        )
    for statement in _drivers(config):
        yield Finding(
            at=statement.name_span,
            message="the zones of this dyndb driver are not in this file, and who gets them is up to the driver",
            fixes=(Fix("close what they inherit", (), "display"),),
        )


def _inherited(zones: RuntimeZones, audit: Audit) -> str:
    who = unsigned_clients(zones.access)
    if zones.setting.statement is not None:
        if (acl := audit.lists.acl(zones.setting.statement)).undefined or acl.invalid or acl.loops:
            return f"they inherit the allow-transfer of the {zones.setting.level}, and whom it lets in is not known"
        return (
            f"they inherit the allow-transfer of the {zones.setting.level}, which lets in {who} without a key"
        )
    if audit.release is None:
        return f"without an allow-transfer above them, BIND up to 9.18 lets in {who} without a key, later ones nobody"
    return f"without an allow-transfer above them, BIND {audit.release.line} lets in {who} without a key"


def _drivers(config: Config) -> Iterator[Statement]:
    if "dyndb" not in config.names:
        return
    for statement in config.tree.statements:
        if statement.name == "dyndb":
            yield statement
    for view in config.views:
        for child in view.statement.children if view.statement is not None else ():
            if child.name == "dyndb":
                yield child
