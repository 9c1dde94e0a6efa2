"""Everything that one configuration decides about its zones: who takes them, who is told, where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from named_audit.model.config import Config, Setting, Zone
from named_audit.policy.access import Accesses
from named_audit.policy.answers import Answer, Answers
from named_audit.policy.inbound import Inbound, InboundPlan
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.notify import Notifier, NotifyPlan
from named_audit.policy.reach import Lists, Reach
from named_audit.policy.runtime_zones import RuntimeZones, runtime_zones

if TYPE_CHECKING:
    from named_audit.model.zone_data import ZoneReader

_DECIDING = frozenset(
    {
        "type", "template", "in-view", "allow-transfer", "notify", "also-notify", "notify-source",
        "notify-source-v6", "notify-to-soa", "primaries", "masters", "transfer-source", "transfer-source-v6",
    }
)  # fmt: skip
"""The statements of a zone that a survey depends on."""


class Kind:
    """Zones of one view whose own statements are equal: all but their names and places is the same for them."""

    __slots__ = ("answers", "number")

    def __init__(self, number: int, answers: tuple[Answer, ...]) -> None:
        self.number = number
        self.answers = answers
        """For the first zone of the kind, one for each group of releases."""


class Surveyed:
    """One zone under question."""

    def __init__(self, zone: Zone, kind: Kind, notifier: Notifier, inbound: Inbound) -> None:
        self.zone = zone
        self.kind = kind
        self._notifier = notifier
        self._sources = inbound

    @property
    def setting(self) -> Setting:
        """The deciding allow-transfer, in this zone's own place."""
        first = self.kind.answers[0].setting
        own = self.zone.level.statements.get("allow-transfer")
        return first if first.level != "zone" or own is None else Setting(own, "zone")

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Who takes it, for each group of releases."""
        known = self.kind.answers
        if known[0].zone is self.zone:
            return known
        setting = self.setting
        return tuple(each._replace(zone=self.zone, origin=self.zone, setting=setting) for each in known)

    @cached_property
    def notify(self) -> NotifyPlan:
        """Who is told of a new version."""
        return self._notifier.plan(self.zone)

    @cached_property
    def inbound(self) -> InboundPlan:
        """Where its content comes from."""
        return self._sources.plan(self.zone)


class Survey:
    """One configuration under question; what zones have in common is worked out once.

    Args:
        config: the configuration.
        interfaces: the server's own addresses, None where they are not known.
        zone_data: reads the zones' files, for what their NS records add; None: that stays unknown.
    """

    def __init__(
        self, config: Config, interfaces: Interfaces | None = None, zone_data: ZoneReader | None = None
    ) -> None:
        self.config = config
        self.interfaces = interfaces
        self.lists = Lists(config)
        self.reach = Reach(config, self.lists, interfaces)
        self.accesses = Accesses(config, self.lists, self.reach)
        self._answers = Answers(config, self.accesses)
        own = interfaces.own if interfaces is not None else None
        self.notifier = Notifier(config, self.lists, self.reach, zone_data=zone_data, own=own)
        self.inbound = Inbound(config, self.lists, self.reach)
        self._kinds: dict[object, Kind] = {}

    def zones(self) -> Iterator[Surveyed]:
        """Every zone in file order within each view."""
        kinds = self._kinds
        for view in self.config.views:
            for zone in view.zones:
                own = [
                    statement.text if name in _DECIDING else ""
                    for name, statement in zone.level.statements.items()
                ]
                # What an in-view zone means depends on its name, and the root zone may be a mirror without primaries.
                alike = zone.in_view is None and zone.name != "."
                key = (id(view), *own, "" if alike else zone.canonical)
                kind = kinds.get(key)
                if kind is None:
                    kind = kinds[key] = Kind(len(kinds), self._answers.of(zone))
                yield Surveyed(zone, kind, self.notifier, self.inbound)

    def runtime(self) -> Iterator[tuple[RuntimeZones, Surveyed]]:
        """The zones that do not stand in the file: members of catalog zones, added ones, those of a dlz driver.

        The second is one such zone as named makes it; it has no name.
        """
        for found in runtime_zones(self.config, self.accesses):
            # Each is a kind of its own, with numbers that no zone of the file has.
            key = (found.kind, found.name, id(found.view))
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = Kind(len(self._kinds), self._answers.of(found.member))
            yield found, Surveyed(found.member, kind, self.notifier, self.inbound)
