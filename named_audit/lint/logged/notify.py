"""NOTIFY, taken and sent: which entry or list decided."""

from __future__ import annotations

from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import MOST, Answer, Asked, is_plain
from named_audit.model.matchlist import address_text
from named_audit.policy.question import Step


def notify_from(asked: Asked, entry: LogEntry) -> Answer | None:
    """Whether a NOTIFY from there is taken, and what says so."""
    zones, request = asked.zones(entry), asked.request(entry)
    if not zones:
        return asked.no_zone(entry)
    zone = zones[0]
    senders = asked.survey.inbound.senders(zone)
    if senders is None:
        type_ = asked.config.zone_type(zone) or "no type"
        return Answer(
            f"the zone is {type_} here: it has no primaries and takes no NOTIFY", zone.statement.name_span
        )
    plan = asked.survey.inbound.plan(zone)
    listed = plan.primaries.statement
    at = listed.name_span if listed is not None else zone.statement.name_span
    steps = [
        Step(
            source.server.entry.span,
            source.request.text,
            "a primary: its NOTIFY is taken, whatever signs it",
        )
        for source in plan.sources[:MOST]
    ]
    if request is None:
        return Answer(f"{len(plan.sources)} primaries are listed", at, tuple(steps))
    depends: tuple[str, ...] = ()
    signer = request.signer
    taken = senders.primaries.holds(request.address, request.family)
    allow = senders.setting.statement
    if allow is not None and not taken:
        weighed = asked.judge.weigh(allow, request)
        taken, depends = weighed.allowed, weighed.depends
        steps += [
            Step(allow.name_span, "allow-notify", "asked where the sender is no primary"),
            *(step._replace(depth=step.depth + 1) for step in weighed.steps),
        ]
    peer = address_text(request.address, request.family)
    if taken:
        said = (
            f"{peer} may send NOTIFY for this zone"
            if entry.line.id != "notify-refused"
            else (
                f"{peer} may send NOTIFY for this zone here: named runs another configuration (rndc reconfig)"
            )
        )
        return Answer(said, at, tuple(steps), depends)
    missing = "primaries does not list it" + (
        ", and allow-notify does not admit it" if allow is not None else ""
    )
    write: tuple[str, ...] = (
        f'allow-notify {{ key "{signer}"; }};'
        if signer is not None and is_plain(signer)
        else f"allow-notify {{ {peer}; }};",
    )
    if len(plan.sources) == 1:
        write = (
            *write,
            f"on the primary: notify-source{'-v6' if ':' in plan.sources[0].request.text else ''} {plan.sources[0].request.text};",
        )
    return Answer(f"{peer} is no primary of this zone: {missing}", at, tuple(steps), depends, write)


def notify_to(asked: Asked, entry: LogEntry) -> Answer | None:
    """What makes the server tell that address, and how."""
    zones, request = asked.zones(entry), asked.request(entry)
    if not zones:
        return asked.no_zone(entry)
    plan = asked.survey.notifier.plan(zones[0])
    also = plan.also_notify.statement
    told = [
        target
        for target in plan.targets
        if request is None
        or (target.server.family, target.server.address) == (request.family, request.address)
    ]
    steps = []
    for target in told[:MOST]:
        sent = target.sent
        words = f"told at port {sent.port}" + (f" over {sent.transport}" if sent.transport != "udp" else "")
        words += (
            f", signed with key {sent.key} (from the {'entry' if target.signed_by == 'entry' else 'server block'})"
            if sent.key
            else ", unsigned"
        )
        if target.undefined_key is not None:
            words += f"; its key {target.undefined_key} is not defined"
        if target.unsent is not None:
            words += f"; nothing is sent: {target.unsent}"
        steps.append(Step(target.server.entry.span, target.server.address_text, words))
    if steps:
        return Answer(
            "also-notify names it" if request is not None else "also-notify decides",
            also.name_span if also is not None else None,
            tuple(steps),
        )
    if plan.told_by_ns:
        where = "also-notify does not name it: " if request is not None and also is not None else ""
        return Answer(
            f"{where}the servers of the zone's NS records are told (notify {plan.mode})",
            zones[0].statement.name_span,
        )
    return Answer(
        f"nothing here sends it a NOTIFY (notify {plan.mode}): named runs another configuration",
        zones[0].statement.name_span,
    )
