"""What an allow-transfer replaces: the list, or the release's default, that would decide if it were not there."""

from typing import NamedTuple

from named_audit.model.config import Config, Setting, Zone
from named_audit.policy.access import Access
from named_audit.policy.reach import LOCALITIES, cases_of
from named_audit.syntax.tree import Statement

_LEVELS = {"options": "the options", "view": "the view", "template": "the template"}


class Outer(NamedTuple):
    """What would decide: its setting, and who could take the zones under it."""

    setting: Setting
    access: Access

    @property
    def words(self) -> str:
        """Whose list it is, in a sentence."""
        return _LEVELS.get(self.setting.level, "BIND's default")


def behind(config: Config, zone: Zone, statement: Statement) -> Setting | None:
    """The allow-transfer behind the one that decides for a zone, or "default".

    None where that one stands in the options, or at no level of the zone, or where BIND takes no farther one: a mirror
    zone is closed without a list of its own.
    """
    if config.zone_type(zone) == "mirror":
        return None
    passed = False
    for level in config.levels(zone):
        found = level.statements.get("allow-transfer")
        if passed and found is not None:
            return Setting(found, level.kind)
        if found is statement:
            passed = True
            if level.kind == "options":
                return None
    return Setting(None, "default") if passed else None


def equal(one: Access, other: Access) -> bool:
    """Whether two lists name the same keys and let in the same clients, in the same way.

    Wherever the server listens today: that may change with neither list at hand.
    """
    if one is other:
        return True
    if (one.port, one.transport, one.listed) != (other.port, other.transport, other.listed):
        return False
    conditions = tuple(sorted({*one.geoip, *other.geoip}))
    return all(
        one.admitted(signer, where, case) == other.admitted(signer, where, case)
        for signer in (None, *one.listed)
        for where in LOCALITIES
        for case in cases_of(conditions)
    )
