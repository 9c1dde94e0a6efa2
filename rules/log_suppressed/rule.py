"""Lines about denied transfers, failed signatures or updates are written nowhere.

The category goes to `null`, or to channels whose severity drops its lines, or to `default_debug` alone, which writes
nothing while debugging is off.

## Why it matters

A stranger who tries every zone, a secondary whose key is wrong and a forged update leave their only trace there: category
security has `zone transfer 'a.example/AXFR/IN' denied` and `request has invalid signature: TSIG k: tsig verify failure
(BADKEY)`, both of severity error; update-security has `update 'a.example/IN' denied`, error; xfer-out `AXFR started`,
xfer-in `Transfer status`, update `adding an RR at`, all info.

## How to fix it

Send the category to a channel that is kept:

    logging {
        channel "transfers" { file "/var/log/named/transfers.log" versions 3 size 20m; print-time yes; };
        category security { "transfers"; };
    };

This shows it: `dig @SERVER a.example AXFR` from a stranger must leave a line in the log.

## Not reported

Categories that no zone of the file has a use for: xfer-in without secondaries, xfer-out where nobody is let in, update
without updates, and most on a server that listens on loopback only. Those, and what else goes to null, are for the auditor
audience. Where errors are written and informational lines are not, and for notify,
update and general, it is for the pedantic audience. `unmatched`, which is `null` by itself. How named is started (`-g` and
`-f -L` send everything elsewhere).

## References

CIS BIND 9.11 9.2; BSI APP.3.6.A7; BIND 9 Administrator Reference Manual, `logging` block.
"""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Audience, Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.model.log_channels import BUILT_IN, ERROR, INFO, Logging, Route
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-778",),
    references=("STIG V-207540", "STIG V-272433", "CIS BIND 9.11 9.2", "BSI APP.3.6.A7"),
    by_release=True,
    fix="unsafe",
    covers=("E19",),
    about=("logging",),
)


class _Line(NamedTuple):
    category: str
    severity: int
    says: str
    grave: bool
    """Whether losing its errors too is for everyone to know."""


_LINES = (
    _Line("security", ERROR, "denied transfers and failed signatures", True),
    _Line("update-security", ERROR, "denied updates", True),
    _Line("xfer-out", INFO, "transfers to others", True),
    _Line("xfer-in", INFO, "transfers from the primaries, failed ones too", True),
    _Line("notify", INFO, "NOTIFY messages", False),
    _Line("update", INFO, "what updates change", False),
    _Line("general", INFO, "refused NOTIFY messages and refreshes that fail", False),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each category statement by which lines are lost."""
    log = Logging(config)
    if log.statement is None:
        return
    wanted = _wanted(config, audit)
    lost: dict[int, list[tuple[_Line, Route]]] = {}
    for line in _LINES:
        route = log.route(line.category)
        if (
            route.statements
            and not route.unknown
            and line.category in wanted
            and not route.writers(line.severity)
        ):
            lost.setdefault(id(route.statements[0]), []).append((line, route))
    for found in lost.values():
        yield _finding(found, log)
    for category, statements in log.categories.items():
        route = log.route(category)
        nothing = not route.unknown and all(channel.destination == "null" for channel in route.channels)
        if nothing and id(statements[0]) not in lost and category != "unmatched":
            yield _to_null(category, statements[0])


def _wanted(config: Config, audit: Audit) -> frozenset[str]:
    """The categories whose lines say something of the zones of the file."""
    zones = [zone for zone in config.zones if not is_stock(zone)]
    types = {config.zone_type(zone) for zone in zones}
    found: set[str] = set()
    policies = [
        policy
        for policy in audit.policies
        if not all(is_stock(zone) for zone in policy.zones) or policy.runtime
    ]
    # Where only the server itself can connect, nobody is denied anything.
    if not any(policy.access.only_on_loopback() for policy in policies):
        if types & {"primary", "secondary", "mirror"} or audit.runtime:
            found |= {"security", "notify"}
        if any(_served(policy) for policy in policies):
            found.add("xfer-out")
    if types & {"secondary", "mirror", "stub"} or any(each.kind == "catalog" for each in audit.runtime):
        found.add("xfer-in")
        # From 9.20.3 on the lines that matter here have moved to xfer-in and notify.
        if audit.release is None or not audit.release.at_least(9, 20, 3):
            found.add("general")
    if audit.updates or any(config.effective(zone, "update-policy").statement is not None for zone in zones):
        found |= {"update", "update-security"}
    return frozenset(found)


def _served(policy: TransferPolicy) -> bool:
    return any(policy.addresses(signer, place) for signer in (None, *policy.keys) for place in LOCALITIES)


def _finding(found: list[tuple[_Line, Route]], log: Logging) -> Finding:
    route = found[0][1]
    statement = route.statements[0]
    grave = any(line.grave and not route.writers(ERROR) for line, route in found)
    audience: Audience = "regular" if grave else "pedantic"
    says = names([line.says for line, _ in found])
    return Finding(
        at=statement.span,
        message=f"named writes nothing about {says}: {_why(route)}",
        severity=None if grave else Severity.INFO,
        audience=audience,
        related=tuple(_related(route)),
        fixes=(_fix(statement, route, log, max(line.severity for line, _ in found)),),
    )


def _why(route: Route) -> str:
    kept = [channel for channel in route.channels if channel.destination != "null"]
    if not kept:
        return "this category goes to null"
    if all(channel.severity < 0 for channel in kept):
        return "default_debug writes only while debugging is on"
    return "the severity of the channels drops these lines"


def _related(route: Route) -> Iterator[Related]:
    for channel in route.channels:
        severity = channel.child("severity")
        if channel.destination != "null" and severity is not None:
            yield Related(severity.span, "drops them")


def _fix(statement: Statement, route: Route, log: Logging, severity: int) -> Fix:
    default = log.route("default")
    kept = [channel.name for channel in route.channels if channel.destination != "null"]
    writers = [channel.name for channel in default.writers(severity)] if route.own else []
    added = writers or [BUILT_IN["default_syslog"].name]
    values = {"category": statement.pieces[1].value, "channels": list(dict.fromkeys((*kept, *added)))}
    change = Change("replace", statement.span, "category", values)
    grade = len(route.statements) == 1
    return Fix("send it where it is kept", (change,), "unsafe" if grade else "display")


def _to_null(category: str, statement: Statement) -> Finding:
    values = {"category": category, "channels": [BUILT_IN["default_syslog"].name]}
    return Finding(
        at=statement.span,
        message=f"named writes nothing of category {category}: it goes to null",
        severity=Severity.INFO,
        audience="auditor",
        fixes=(Fix("send it where it is kept", (), "display", values),),
    )
