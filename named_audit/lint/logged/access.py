"""Queries and updates: which list decided."""

from __future__ import annotations

from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import MOST, Answer, Asked, element_text, is_plain
from named_audit.model.config import Zone
from named_audit.model.names import canonical
from named_audit.policy.question import Request, Step
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group


def _weighed(
    asked: Asked, statement: Statement, request: Request, what: str, level: str, write: tuple[str, ...] = ()
) -> Answer:
    weighed = asked.judge.weigh(statement, request)
    word = "admits" if weighed.allowed else "does not admit"
    verdict = f"the {statement.name} of the {level} decides, and {word} this client"
    if weighed.allowed:
        verdict += f": {what} is not for this list, or named runs an older configuration"
    return Answer(
        verdict, statement.name_span, weighed.steps, weighed.depends, () if weighed.allowed else write
    )


def query(asked: Asked, entry: LogEntry) -> Answer | None:
    """Which allow-query has denied a query."""
    zones, request = asked.zones(entry), asked.request(entry)
    if not zones:
        # The name that is asked for lies below the zone's.
        zones = _around(asked, entry)
    if not zones:
        return asked.no_zone(entry)
    setting = asked.config.effective(zones[0], "allow-query")
    if setting.statement is None:
        return Answer("no allow-query applies: anyone may ask for this zone", zones[0].statement.name_span)
    if request is None:
        return Answer(f"the allow-query of the {setting.level} decides", setting.statement.name_span)
    return _weighed(asked, setting.statement, request, "what was denied", setting.level)


def _around(asked: Asked, entry: LogEntry) -> list[Zone]:
    labels = canonical(entry.fields.get("zone", "")).split(".")
    for count in range(1, len(labels)):
        name = ".".join(labels[count:])
        found = [zone for zone in asked.named(name) if zone.in_view is None]
        if found:
            view = entry.fields.get("view")
            return [zone for zone in found if view is None or zone.view.name in (None, view)]
    return []


def cache(asked: Asked, entry: LogEntry) -> Answer | None:
    """Which list has denied a question to the cache."""
    views = [asked.view(entry) or asked.config.views[0]]
    request = asked.request(entry)
    # Each of the three stands in for the others, in this order (Administrator Reference Manual, allow-query-cache).
    for name in ("allow-query-cache", "allow-recursion", "allow-query"):
        setting = asked.config.view_setting(views[0], name)
        if setting.statement is not None and request is not None:
            return _weighed(asked, setting.statement, request, "what was denied", setting.level)
    return Answer(
        "no allow-query-cache, allow-recursion or allow-query applies: localhost and localnets alone may ask the cache"
    )


def update(asked: Asked, entry: LogEntry) -> Answer | None:
    """What has denied an update: allow-update, update-policy, or that there is neither."""
    zones, request = asked.zones(entry), asked.request(entry)
    if not zones:
        return asked.no_zone(entry)
    zone = zones[0]
    if "forwarding" in entry.fields:
        setting = asked.config.effective(zone, "allow-update-forwarding")
        default = "no allow-update-forwarding applies: a secondary passes no update on"
    else:
        policy = zone.level.statements.get("update-policy")
        if policy is not None:
            return _update_policy(asked, policy, entry)
        setting = asked.config.effective(zone, "allow-update")
        default = "no allow-update and no update-policy applies: nobody may change the zone"
    if setting.statement is None:
        key = entry.fields.get("key")
        grantee = f'"{key}"' if key is not None and is_plain(key) else "<its key>"
        write = (f"update-policy {{ grant {grantee} name <name> <types>; }};",)
        return Answer(default, zone.statement.name_span, write=() if "forwarding" in entry.fields else write)
    if request is None:
        return Answer(
            f"the {setting.statement.name} of the {setting.level} decides", setting.statement.name_span
        )
    return _weighed(asked, setting.statement, request, "the denial", setting.level)


def _update_policy(asked: Asked, policy: Statement, entry: LogEntry) -> Answer:
    key = entry.fields.get("key")
    if key is None:
        said = "the zone has an update-policy: an unsigned update is always denied"
    else:
        said = f"the zone's update-policy decides what key {key} may change: no grant fits the name and type"
    group = next((piece for piece in policy.pieces if isinstance(piece, Group)), None)
    steps = []
    for element in group.elements[:MOST] if group is not None else ():
        identity = element.pieces[1].value if len(element.pieces) > 1 else ""
        fits = key is not None and canonical(identity) in (canonical(key), "*")
        span = policy.locate(element.start, element.end)
        steps.append(
            Step(
                span,
                " ".join(span.text.rstrip("; ").split()),
                "for this key" if fits else "for somebody else",
            )
        )
    return Answer(said, policy.name_span, tuple(steps))


def unsigned_updates(asked: Asked, entry: LogEntry) -> Answer | None:
    """Which elements of allow-update admit whoever has an address."""
    zones = asked.zones(entry)
    if not zones:
        return asked.no_zone(entry)
    setting = asked.config.effective(zones[0], "allow-update")
    if setting.statement is None:
        return Answer(
            "no allow-update applies here: named runs another configuration", zones[0].statement.name_span
        )
    statement = setting.statement
    acl = asked.survey.lists.acl(statement)
    steps = tuple(
        Step(
            statement.locate(element.start, element.end),
            element_text(statement, element.start, element.end),
            f"admits {share.words()}, unsigned",
        )
        for element, share in acl.shares(None, "elsewhere")
    )
    keys = " ".join(f'key "{key}";' for key in acl.signers if is_plain(key)) or 'key "<its key>";'
    return Answer(
        f"the allow-update of the {setting.level} admits unsigned updates",
        statement.name_span,
        steps,
        write=(f"allow-update {{ {keys} }};",),
    )
