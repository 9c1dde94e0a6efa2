"""Transfers out: which list decided, and what admits the client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from named_audit.lint.corrections import extended_notify, list_head, names, take_list_apart
from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import MOST, Answer, Asked, is_plain
from named_audit.model.config import Zone
from named_audit.model.matchlist import address_text, parse_match_list
from named_audit.model.names import canonical
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES
from named_audit.policy.inbound import PULLING
from named_audit.policy.listeners import port_and_transport
from named_audit.policy.matchlist import build
from named_audit.policy.question import Request
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, split

_COMMENT = re.compile(r"//|#|/\*|\n")
"""A list with a comment or on several lines is not repeated in one."""

_DEMAND = re.compile(r"(!\s*\{(?:\s*![^{};!]+;)+\s*)any\s*;?\s*\}")
"""An element that stops all but some addresses, up to its `any`."""

_ITS_KEY = "<its key>"
"""What stands for the name of a key that is not known."""


def transfer(asked: Asked, entry: LogEntry) -> Answer | None:
    """Which list has let a transfer through or denied it, step by step."""
    request = asked.request(entry)
    zones = asked.zones(entry)
    if not zones:
        return asked.no_zone(entry)
    if request is None:
        return Answer("the line does not say who asked: give the whole line, from `client` on")
    denied = entry.line.id == "transfer-denied"
    view = asked.view(entry)
    verdict = asked.judge.decide(zones[0].name, request, view)
    if verdict.served == denied and verdict.releases is None:
        # The log does not say to which port and over what the request came.
        port, transport = port_and_transport(verdict.setting.statement)
        if (port, transport) != (None, None):
            meant = request._replace(port=port, transport=transport or "tcp")
            other = asked.judge.decide(zones[0].name, meant, view)
            if other.served != denied:
                verdict = other._replace(depends=(*other.depends, "taken for one that came as the list asks"))
    zone = next((each for each in zones if each.view is verdict.view), zones[0])
    statement = verdict.setting.statement
    at = statement.name_span if statement is not None else zone.statement.name_span
    if statement is not None:
        said = f"the allow-transfer of the {verdict.setting.level} decides"
    elif verdict.view is None:
        said = "no list decides"
    else:
        said = "no allow-transfer applies, the default decides"
    if verdict.releases is not None:
        said += f" (open on BIND {OPEN_LINES[0]} to {OPEN_LINES[-1]}, closed from {CLOSED_LINES[0]} on)"
    elif verdict.served == denied:
        now = "would serve this request" if denied else "would refuse this request"
        said += f", and this configuration {now}: named runs another one (rndc reconfig), or it depends on what is below"
    else:
        said += f": {'served' if verdict.served else 'refused'}"
    write = _admitting(asked, statement, zone, request) if denied and not verdict.served else ()
    if denied and verdict.releases is not None:
        write = _admitting(asked, None, zone, request)
    return Answer(said, at, verdict.trace, verdict.depends, write)


def _admitting(asked: Asked, statement: Statement | None, zone: Zone, request: Request) -> tuple[str, ...]:
    """The list that admits this client by its key, as far as its elements can be told in a line."""
    key = request.signer
    if key is None and statement is not None:
        acl = asked.survey.lists.acl(statement)
        known = asked.config.key_ring(zone.view)
        for signer in acl.signers:
            admitted = acl.addresses(signer, "elsewhere")
            if signer in known and is_plain(signer) and admitted.holds(request.address, request.family):
                return (f'on the secondary: primaries {{ <this server> key "{signer}"; }};',)
    if key is None:
        key = asked.peers.key_of(request.family, request.address, zone.view)
        key = canonical(key) if key is not None else None
    name = key if key is not None and is_plain(key) else _ITS_KEY
    element = f'key "{name}"'
    if statement is None:
        return (f"allow-transfer {{ {element}; }};",)
    group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
    if group is None:
        return ()
    text = statement.text
    old = [text[each.start : each.end].rstrip("; \t\r\n") for each in group.elements]
    if any(_COMMENT.search(each) for each in (*old, text[: group.start])):
        return ()
    signed = request._replace(signer=key)
    head = list_head(statement)
    for lists, beside in (
        _sparing(old, request),
        _asking(asked, statement, zone, name),
        _adding(old, element),
    ):
        for listed in lists:
            if key is None or _admits(asked, listed, signed):
                return (f"{head} {{ {' '.join(f'{each};' for each in listed)} }};", *beside)
    return ()


class _Ways(NamedTuple):
    """Lists to try one after the other (elements), and what to write beside the one that does."""

    lists: tuple[tuple[str, ...], ...]
    beside: tuple[str, ...] = ()


def _sparing(old: Sequence[str], request: Request) -> _Ways:
    """A list that demands an address and a key with one more address: in front of it the key would do alone."""
    if request.signer is None:
        return _Ways(())
    more = f"!{address_text(request.address, request.family)}; any; }}"
    spared = tuple(_DEMAND.sub(lambda found: f"{found[1]}{more}", each) for each in old)
    return _Ways((spared,) if spared != tuple(old) else ())


def _adding(old: Iterable[str], element: str) -> _Ways:
    kept = [each for each in old if each.lower() != "none"]
    return _Ways(((*kept, element), (element, *kept)))


def _asking(asked: Asked, statement: Statement, zone: Zone, name: str) -> _Ways:
    """A list with addresses as one of keys: beside an address no key is asked for.

    Nothing where the list lets no other machine in without a key, or nearly everyone, or cannot be taken apart.
    """
    found = take_list_apart(statement, asked.survey)
    if found.mixed or not (found.peers or found.networks) or _is_open(asked, statement):
        return _Ways(())
    only = name
    if found.keys:
        only = found.keys[0] if len(found.keys) == 1 and is_plain(found.keys[0]) else _ITS_KEY
    holders: dict[str, str] = {}
    for peer in found.peers:
        known = asked.peers.key_of(peer.family, peer.address, zone.view)
        holders[peer.text] = known if known is not None and is_plain(known) else only
    standing = {each.key for each in found.kept}
    added = [
        f'key "{each}"'
        for each in dict.fromkeys((name, *holders.values()))
        if canonical(each) not in standing and (each != _ITS_KEY or name == _ITS_KEY)
    ]
    kept = tuple(each.text for each in found.kept)
    # What denied behind an address said nothing of that address.
    early = tuple(each.text for each in found.kept if not (each.denies and each.behind))
    # In front of them; where they denied exceptions of the addresses only, they go with these.
    last = (*added, *early) if any(not each.denies for each in found.kept) else tuple(added)
    lists = tuple(dict.fromkeys(((*kept, *added), (*early, *added), last)))
    beside: list[str] = []
    plan = asked.survey.notifier.plan(zone)
    told = extended_notify(plan, [(peer, holders[peer.text]) for peer in found.peers])
    if told is not None and plan.mode != "no" and not any(map(_COMMENT.search, told.entries)):
        new = [
            f'{address}{f" port {port}" if port else ""} key "{key}"' for address, key, port in told.servers
        ]
        beside.append(f"{told.head} {{ {' '.join(f'{each};' for each in (*told.entries, *new))} }};")
    beside += [
        f'on {address}, which then needs the key: primaries {{ <this server> key "{key}"; }};'
        for address, key in islice(holders.items(), MOST)
    ]
    if found.networks:
        where = names([" ".join(each.split()) for each in found.networks])
        beside.append(
            f'on the secondaries in {where}, which then need a key: primaries {{ <this server> key "{_ITS_KEY}"; }};'
        )
    return _Ways(lists, tuple(beside))


def _is_open(asked: Asked, statement: Statement) -> bool:
    unsigned = asked.survey.lists.acl(statement).addresses(None, "elsewhere")
    return max(unsigned.share(4), unsigned.share(6)) >= 0.5


def _admits(asked: Asked, elements: tuple[str, ...], request: Request) -> bool:
    group = split("{ " + " ".join(f"{each};" for each in elements) + " }")[0]
    if not isinstance(group, Group):
        return False
    acl = build(parse_match_list(group), asked.survey.lists.lookup)
    return acl.addresses(request.signer, "elsewhere").holds(request.address, request.family)


def held(asked: Asked, entry: LogEntry) -> Answer | None:
    """Why a request for a zone found none: where it lands, and where the zone is."""
    zones = asked.named(canonical(entry.fields.get("zone", "")))
    if not zones:
        return asked.no_zone(entry)
    request = asked.request(entry)
    named = asked.view(entry)
    if request is None:
        return Answer("the zone is here", zones[0].statement.name_span)
    verdict = asked.judge.decide(zones[0].name, request, None)
    steps = tuple(step for step in verdict.trace if "view" in step.element or "zone" in step.element)
    landed = named or verdict.view
    inside = [zone for zone in zones if landed is not None and zone.view is landed]
    if inside:
        type_ = asked.config.zone_type(inside[0]) or "no type"
        said = f"the zone is here, as {type_}"
        if type_ in PULLING:
            said += ": not loaded yet, or expired (look for `expired` and `Transfer status`)"
        elif type_ in ("primary",):
            said += ": it is not loaded (look for `not loaded due to errors`), or named runs an older configuration"
        return Answer(said, inside[0].statement.name_span, steps)
    where = "no view" if landed is None else f"view {landed.name}"
    views = names(dict.fromkeys(f"view {zone.view.name}" for zone in zones))
    return Answer(
        f"the request lands in {where}; the zone is in {views}", zones[0].statement.name_span, steps
    )
