"""Transfers in: how this server asked, and what the primary must have for it."""

from __future__ import annotations

import re

from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import MOST, Answer, Asked, is_plain
from named_audit.policy.inbound import PULLING, Source
from named_audit.policy.question import Step

_SIGNED = re.compile(r"expected a TSIG or SIG\(0\)|tsig (?:indicates error|verify failure)")
"""What only a question ends with that was signed."""


def primary(asked: Asked, entry: LogEntry) -> Answer | None:
    """How this server asks that primary, and what the primary must have for it."""
    zones, request = asked.zones(entry), asked.request(entry)
    if not zones:
        return asked.no_zone(entry)
    zone = zones[0]
    if asked.config.zone_type(zone) not in PULLING:
        type_ = asked.config.zone_type(zone) or "no type"
        return Answer(
            f"the zone is {type_} here and is not taken from anybody: named runs another configuration",
            zone.statement.name_span,
        )
    plan = asked.survey.inbound.plan(zone)
    listed = plan.primaries.statement
    at = listed.name_span if listed is not None else zone.statement.name_span
    chosen = [
        source
        for source in plan.sources
        if request is None
        or (source.request.family, source.request.address) == (request.family, request.address)
    ]
    port = entry.fields.get("port")
    if len(chosen) > 1 and port is not None:
        chosen = [source for source in chosen if str(source.request.port) == port] or chosen
    steps = [
        Step(source.server.entry.span, source.request.text, _asked_words(source)) for source in chosen[:MOST]
    ]
    steps += [
        Step(undefined.span, undefined.text, "a list that is not defined")
        for undefined in plan.undefined_lists[:MOST]
    ]
    if not chosen:
        where = (
            "primaries does not list this address: named runs another configuration"
            if request is not None
            else "it names no primary"
        )
        return Answer(where, at, tuple(steps))
    write = []
    key = chosen[0].key
    # A question for the SOA is answered by allow-query; only a transfer that is refused is about allow-transfer.
    if entry.word("why") == "REFUSED" and not chosen[0].skipped:
        if key is None:
            write = [
                f"primaries {{ {_signing(chosen[0])}; }};",
                'on the primary: allow-transfer { key "<name>"; };',
            ]
        elif is_plain(key):
            write = [f'on the primary: allow-transfer {{ key "{key}"; }};']
    said = "primaries lists it" if request is not None else "primaries decides"
    if _SIGNED.match(entry.fields.get("why", "")) and all(source.key is None for source in chosen):
        said += (
            " and has it asked unsigned: only a signed question ends so, "
            "and the named that logged this runs another configuration (rndc reconfig)"
        )
    return Answer(said, at, tuple(steps), write=tuple(write))


def _signing(source: Source) -> str:
    """An entry that asks the same server in the same way, and signs."""
    server = source.server
    port = f" port {server.port}" if server.port is not None else ""
    tls = f" tls {server.tls if is_plain(server.tls) else '<tls>'}" if server.tls is not None else ""
    return f"{source.request.text}{port} key <name>{tls}"


def _asked_words(source: Source) -> str:
    request = source.request
    over = {(True, True): " over verified TLS", (True, False): " over unverified TLS"}.get(
        (request.transport == "tls", request.verified), ""
    )
    if source.skipped:
        return f"never asked: its key {source.key} is not defined where the zone stands"
    proof = (
        "unsigned"
        if source.key is None
        else f"signed with key {source.key} (from the {'entry' if source.signed_by == 'entry' else 'server block'})"
    )
    return f"asked at port {request.port}{over}, {proof}"
