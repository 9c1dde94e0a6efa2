"""`who` as JSON, version 1: one zone a line."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator
from typing import Any

from named_audit.model.matchlist import condition_words
from named_audit.policy.access import Access, Grant
from named_audit.policy.answers import Answer
from named_audit.policy.difference import target_order
from named_audit.policy.inbound import InboundPlan
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.notify import NotifyPlan, NotifyTarget
from named_audit.policy.runtime_zones import RuntimeZones
from named_audit.policy.survey import Survey, Surveyed
from named_audit.report.shown import encodable

VERSION = 1


class WhoJson:
    """Renders zones of one survey; what zones of one kind share is rendered once."""

    def __init__(self, survey: Survey, root: str | None = None) -> None:
        self._survey = survey
        self._root = root
        self._tails: dict[tuple[int, int], str] = {}
        self._plans: dict[Hashable, str] = {}

    def zones(self, zones: Iterable[Surveyed]) -> Iterator[str]:
        """One JSON object for each answer."""
        for surveyed in zones:
            yield from self._objects(surveyed, f'"zone": {_text(surveyed.zone.canonical)}')

    def runtime(self, found: Iterable[tuple[RuntimeZones, Surveyed]]) -> Iterator[str]:
        """One JSON object for each answer about zones that do not stand in the file."""
        for zones, surveyed in found:
            name = "null" if zones.name is None else _text(zones.name)
            yield from self._objects(surveyed, f'"kind": "{zones.kind}", "name": {name}')

    def _objects(self, surveyed: Surveyed, name: str) -> Iterator[str]:
        statement = surveyed.setting.statement
        span = statement.span if statement is not None else None
        place = f'"path": {_text(span.source.path)}, "line": {span.begin.line}' if span else _NO_PLACE
        plans = self._planned(surveyed)
        root = f'"root": {_text(self._root)}, ' if self._root is not None else ""
        for number, answer in enumerate(surveyed.kind.answers):
            key = (surveyed.kind.number, number)
            tail = self._tails.get(key)
            if tail is None:
                tail = self._tails[key] = self._tail(answer)
            level = f'"decided_by": {{"level": "{answer.level}", {place}}}, '
            yield f"{{{root}{name}, {level}{tail}, {plans}}}"

    def _planned(self, surveyed: Surveyed) -> str:
        number = surveyed.kind.number
        known = self._plans.get(number)
        if known is not None:
            return known
        notify = surveyed.notify
        # Where NS records add to it, each zone has a plan of its own.
        key = (number, notify.sends, notify.unknown) if notify.told_by_ns else number
        known = self._plans.get(key)
        if known is None:
            document = {"notify": notify_object(notify), "primaries": inbound_objects(surveyed.inbound)}
            known = self._plans[key] = json.dumps(document)[1:-1]
        return known

    def _tail(self, answer: Answer) -> str:
        access = answer.access
        in_view = answer.zone.in_view
        document = {
            "view": _or_none(answer.view.name),
            "class": (answer.zone.class_ or answer.view.class_).upper(),
            "type": _or_none(answer.type),
            "in_view": _or_none(in_view),
            "port": access.port if access is not None else None,
            "transport": access.transport if access is not None else None,
            "signers": [encodable(signer) for signer in access.signers] if access is not None else [],
            "releases": list(answer.releases) if answer.releases is not None else None,
            "conditions": conditions(access),
            "grants": grants(access, self._survey.interfaces),
        }
        return json.dumps(document)[1:-1]


_NO_PLACE = '"path": null, "line": null'


def grants(access: Access | None, interfaces: Interfaces | None) -> list[dict[str, Any]]:
    """The rows of an answer."""
    return [grant_object(grant) for grant in access.grants(interfaces)] if access is not None else []


def grant_object(grant: Grant) -> dict[str, Any]:
    """One row, with the minimal CIDR cover of its addresses."""
    return {
        "signer": _or_none(grant.signer),
        "locality": grant.locality,
        "addresses": list(grant.addresses.cidrs()),
    }


def conditions(access: Access | None) -> list[str]:
    """What the rows do not show: geoip conditions (the rows hold where none of them does), client certificates."""
    if access is None:
        return []
    found = [encodable(condition_words(condition)) for condition in access.geoip]
    if access.needs_client_certificate():
        found.append("client certificate")
    return found


def notify_object(plan: NotifyPlan) -> dict[str, Any]:
    """Whom the server tells; `unknown` says why this may not be all."""
    return {
        "mode": plan.mode,
        "by_ns": plan.told_by_ns,
        "targets": [target_object(target) for target in sorted(plan.sends, key=target_order)],
        "unknown": [encodable(each) for each in plan.unknown],
    }


def target_object(target: NotifyTarget) -> dict[str, Any]:
    """One NOTIFY."""
    return {
        "address": target.text if target.address is not None else None,
        "name": _or_none(target.name),
        "port": target.port,
        "transport": target.transport,
        "tls": _or_none(target.tls),
        "key": _or_none(target.key),
        "source": target.source_text,
    }


def inbound_objects(plan: InboundPlan) -> list[dict[str, Any]]:
    """What each primary's answers are authenticated with."""
    return [
        {
            "address": source.request.text,
            "port": source.request.port,
            "transport": source.request.transport,
            "tls": _or_none(source.request.tls),
            "verified": source.request.verified,
            "key": _or_none(source.key),
            "skipped": source.skipped,
        }
        for source in plan.sources
    ]


def _or_none(text: str | None) -> str | None:
    return None if text is None else encodable(text)


def _text(text: str) -> str:
    # Most names need no escape, and json.dumps() is slow for so little.
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return json.dumps(encodable(text))
