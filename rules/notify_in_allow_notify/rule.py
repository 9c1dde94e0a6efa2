"""An allow-notify on a primary tells nobody.

`allow-notify` says from whom a secondary accepts NOTIFY messages. It sends none. A primary zone ignores every NOTIFY,
and in the zone statement of a primary BIND refuses the option.

## Why it matters

Guides that mix up the two names leave the secondaries uninformed: their copies lag behind by a refresh interval,
while the configuration looks as if they were told.

## How to fix it

Name the secondaries in `also-notify`:

    also-notify { 192.0.2.53; };

`rndc notify a.example` shows it: a secondary that is told logs `received notify for zone 'a.example'`.

## Not reported

`allow-notify` in options or a view that has a secondary or mirror zone, or where zones come at run time
(`catalog-zones`, `allow-new-zones`, `dlz`): there it has a meaning. Fragments, and configurations that were not seen
whole.

## References

RFC 1996 section 3.10; BIND 9 Administrator Reference Manual, allow-notify and also-notify.
"""

from collections.abc import Iterator, Sequence

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import entry_text, list_head, zone_name, zone_names
from named_audit.model.config import Config, Level, Zone
from named_audit.model.matchlist import Prefix, address_text
from named_audit.model.serverlist import entries, expand
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 3.10",),
    fix="unsafe",
    about=("allow-notify",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report allow-notify in primary zones, and above them where no zone can use it."""
    for zone in config.zones:
        statement = zone.level.statements.get("allow-notify")
        if statement is not None and config.zone_type(zone) == "primary":
            message = f"allow-notify tells nobody about {zone_name(zone)}: it says from whom a secondary takes NOTIFY, and "
            yield _finding(
                statement, zone.level, [zone], message + "BIND refuses it in a primary zone", audit
            )
    if config.unseen:
        return
    levels: list[tuple[Level, Sequence[Zone], bool]] = [
        (config.options, list(config.zones), bool(audit.runtime)),
        *(
            (view.level, view.zones, any(each.view is view for each in audit.runtime))
            for view in config.views
            if view.name is not None
        ),
    ]
    for level, zones, more in levels:
        # There may be secondaries among the zones that do not stand in the file.
        if more:
            continue
        statement = level.statements.get("allow-notify")
        types = {config.zone_type(zone) for zone in zones}
        if statement is not None and "primary" in types and not types & {"secondary", "mirror", "stub", None}:
            primaries = [z for z in zones if config.zone_type(z) == "primary" and not is_stock(z)]
            if not primaries:
                continue
            message = f"allow-notify tells nobody about {zone_names(primaries)}: it says from whom a secondary takes NOTIFY"
            yield _finding(statement, level, primaries, message + ", and there is none here", audit)


def _finding(
    statement: Statement, level: Level, zones: Sequence[Zone], message: str, audit: Audit
) -> Finding:
    return Finding(
        at=statement.span,
        message=message,
        scopes=audit.scopes(zones),
        fixes=(_fix(statement, level, zones, audit),),
    )


def _fix(statement: Statement, level: Level, zones: Sequence[Zone], audit: Audit) -> Fix:
    movable = True
    addresses: list[str] = []
    for element in audit.lists.match_list(statement).elements:
        prefix = element.value
        if (
            isinstance(prefix, Prefix)
            and not element.negated
            and prefix.length == (32 if prefix.family == 4 else 128)
        ):
            addresses.append(address_text(prefix.network, prefix.family))
        elif element.kind not in ("none", "localhost"):
            movable = False
    # A nearer list replaces a farther one, so that the new one begins with those who are told already.
    lists = {id(each): each for each in (audit.notify(zone).also_notify.statement for zone in zones)}
    also = next(iter(lists.values()))
    own = level.statements.get("also-notify")
    if len(lists) > 1 or _nearer(also, level, zones[0], audit.config):
        movable = False
    known = {server.address_text for server in expand(also, audit.config).servers} if also else set()
    kept = (
        [entry_text(entry.statement, entry.start, entry.end) for entry in entries(also)]
        if also is not None
        else []
    )
    values: dict[str, object] = {"head": list_head(also) if also is not None else "also-notify"}
    values |= {"servers": [(address, None) for address in addresses if address not in known], "kept": kept}
    if not addresses:
        return Fix(
            "name the secondaries in also-notify",
            (),
            "display",
            {**values, "servers": [("192.0.2.53", None)]},
        )
    if own is None:
        changes: tuple[Change, ...] = (Change("replace", statement.span, "also-notify", values),)
    else:
        changes = (
            Change("delete", statement.span, "", {}),
            Change("replace", own.span, "also-notify", values),
        )
    return Fix("tell these addresses instead", changes, "unsafe" if movable else "display")


def _nearer(also: Statement | None, level: Level, zone: Zone, config: Config) -> bool:
    """Whether a list stands nearer to a zone than a level does, so that one at that level tells nobody."""
    levels = list(config.levels(zone))
    return also is not None and all(
        each.statements.get("also-notify") is not also for each in levels[levels.index(level) :]
    )
