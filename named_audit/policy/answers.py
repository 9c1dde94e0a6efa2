"""Who can take each zone: one answer for each zone statement, and for each release on which it differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.model.config import Config, Setting, View, Zone
from named_audit.policy.access import Access, Accesses
from named_audit.policy.transfer import (
    FIRST_CLOSED,
    TRANSFERABLE,
    effective_allow_transfer,
    open_by_default,
)
from named_audit.release import LINES

OPEN_LINES = tuple(line for line in LINES if tuple(map(int, line.split("."))) < FIRST_CLOSED)
"""The release lines on which a zone without allow-transfer is open."""

CLOSED_LINES = tuple(line for line in LINES if line not in OPEN_LINES)


class Answer(NamedTuple):
    """Who can take one zone through one view.

    For an `in-view` zone, `origin` is the zone it points at, whose list decides; else it is the zone itself (and
    None where nothing is there). `access` is None for a zone that BIND never hands out. `releases` are the release
    lines for which this holds; None: for all, or for the chosen one.
    """

    zone: Zone
    origin: Zone | None
    type: str | None
    setting: Setting
    access: Access | None
    releases: tuple[str, ...] | None = None

    @property
    def view(self) -> View:
        """The view that the clients land in."""
        return self.zone.view

    @property
    def level(self) -> str:
        """The level that decides: "zone", "template", "view", "options" or "default"."""
        return self.setting.level if self.setting.statement is not None else "default"


def answers(config: Config, accesses: Accesses) -> Iterator[Answer]:
    """The answers for all zones, in file order within each view."""
    origins: dict[tuple[str | None, str], Zone] | None = None
    nothing = Setting(None, "default")
    for view in config.views:
        views = (view,)
        for zone in view.zones:
            origin: Zone | None = zone
            type_ = config.zone_type(zone)
            if type_ == "in-view":
                if origins is None:
                    origins = {
                        (each.view.name, each.canonical): each for each in config.zones if not each.in_view
                    }
                origin = origins.get((zone.in_view, zone.canonical))
                type_ = config.zone_type(origin) if origin is not None else None
            if origin is None or type_ not in TRANSFERABLE:
                yield Answer(zone, origin, type_, nothing, None)
                continue
            setting = effective_allow_transfer(config, origin, type_)
            if setting.statement is None and setting.level == "default" and config.release is None:
                yield Answer(zone, origin, type_, setting, accesses.of(None, True, views), OPEN_LINES)
                yield Answer(zone, origin, type_, setting, accesses.of(None, False, views), CLOSED_LINES)
                continue
            opened = setting.level == "default" and open_by_default(config.release) is True
            yield Answer(zone, origin, type_, setting, accesses.of(setting.statement, opened, views))
