"""Who can take each zone: one answer for each zone statement, and for each release on which it differs."""

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


class Answers:
    """The answers of one configuration, zone by zone."""

    def __init__(self, config: Config, accesses: Accesses) -> None:
        self._config = config
        self._accesses = accesses
        self._origins: dict[tuple[str | None, str], Zone] | None = None

    def of(self, zone: Zone) -> tuple[Answer, ...]:
        """Who can take a zone; more than one answer where it depends on a release that is not known."""
        config = self._config
        views = (zone.view,)
        origin = self._origin(zone)
        type_ = config.zone_type(origin) if origin is not None else None
        if origin is None or type_ not in TRANSFERABLE:
            return (Answer(zone, origin, type_, Setting(None, "default"), None),)
        setting = effective_allow_transfer(config, origin, type_)
        if setting.statement is None and setting.level == "default" and config.release is None:
            return tuple(
                Answer(zone, origin, type_, setting, self._accesses.of(None, opened, views), lines)
                for opened, lines in ((True, OPEN_LINES), (False, CLOSED_LINES))
            )
        opened = setting.level == "default" and open_by_default(config.release) is True
        return (Answer(zone, origin, type_, setting, self._accesses.of(setting.statement, opened, views)),)

    def _origin(self, zone: Zone) -> Zone | None:
        if zone.in_view is None:
            return zone
        if self._origins is None:
            self._origins = {
                (each.view.name, each.canonical): each for each in self._config.zones if each.in_view is None
            }
        return self._origins.get((zone.in_view, zone.canonical))
