"""Every primary zone without a list of its own takes dynamic updates.

`allow-update` stands in `options` or in a view and holds for all primary zones there that have neither an `allow-update`
nor an `update-policy`.

## Why it matters

The key, or the programs on the server, can then write zones that nobody meant to be dynamic, and every zone that is
added later. A zone that takes updates is also another thing to run: named writes a journal and rewrites the zone file, and
what is edited by hand is lost or refused until `rndc freeze`.

## How to fix it

Take the statement away from above, and say in each zone that needs it who may change what:

    zone "dyn.example" {
        type primary;
        file "dyn.example.db";
        update-policy { grant "update-key" zonesub A AAAA TXT; };
    };

`rndc zonestatus a.example` says `dynamic: yes` for each zone that takes updates.

## Not reported

Lists that admit nobody, and those for which no zone of the file lacks a statement of its own. Those that admit hosts
without a key are for update-unsigned. Where only the stock zones for localhost inherit it, it is for the auditor audience.

## References

BIND 9 Administrator Reference Manual, `allow-update`; BSI APP.3.6.A6.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import names, zone_names
from named_audit.model.config import Config, Zone
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.updates import UpdateAccess

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-732",),
    references=("CIS BIND 9.11 5.2", "BSI APP.3.6.A6"),
    fix="display",
    covers=("E01",),
    about=("allow-update",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-update above the zones that admits a key or the server itself, and that zones inherit."""
    for update in audit.updates:
        if update.setting.level not in ("options", "view") or update.unsigned or update.on_link:
            continue
        local = any(update.addresses(None, place) for place in LOCALITIES)
        if not update.keys and not local:
            continue
        zones = tuple(zone for zone in update.zones if not is_stock(zone))
        yield _finding(update, zones or update.zones, audit, stock=not zones)


def _finding(update: UpdateAccess, zones: tuple[Zone, ...], audit: Audit, *, stock: bool) -> Finding:
    keys = [
        audit.key_ring(update.access.views[0])[key].name
        for key in update.keys
        if _defined(key, update, audit)
    ]
    if keys:
        who = ("key " if len(keys) == 1 else "keys ") + names(keys)
    else:
        who = "the server's own programs"
    change = Change("delete", update.statement.span, "", {})
    return Finding(
        at=update.statement.span,
        message=f"{who} can write {zone_names(zones)} and any primary zone added later: they inherit this list",
        severity=Severity.INFO if stock else None,
        audience="auditor" if stock else None,
        related=(Related(zones[0].statement.name_span, "for instance this zone"),),
        scopes=audit.scopes(zones),
        fixes=(
            Fix(
                "say it in the zones that need it",
                (change,),
                "display",
                {"key": keys[0] if keys else "update-key"},
            ),
        ),
    )


def _defined(key: str, update: UpdateAccess, audit: Audit) -> bool:
    return key in audit.key_ring(update.access.views[0])
