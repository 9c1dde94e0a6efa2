"""What an allow-transfer replaces: the list, or the release's default, that would decide if it were not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Related
from named_audit.model.config import Config, Setting, Zone
from named_audit.policy.access import Access
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.reach import LOCALITIES, cases_of
from named_audit.policy.transfer import TransferPolicy, open_by_default
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


def overridden(policy: TransferPolicy, audit: Audit) -> Outer | None:
    """What would decide for the zones of a policy without its own statement.

    None where nothing does that is known: the statement stands in the options, a farther level was not seen whole or
    cannot be judged, or (without a farther list) the release is not known.
    """
    if policy.statement is None or not policy.zones:
        return None
    zone = policy.zones[0]
    # BIND takes no farther list for a mirror zone.
    if audit.config.zone_type(zone) == "mirror" or not audit.levels_seen(zone):
        return None
    setting = _beyond(audit.config, zone, policy.statement)
    if setting is None:
        return None
    opened = open_by_default(audit.release)
    if setting.statement is None and opened is None:
        return None
    access = audit.if_decided_by(policy, setting.statement, opened=bool(opened))
    acl = access.acl
    if acl is not None and (acl.undefined or acl.loops or acl.invalid):
        return None
    return Outer(setting, access)


def _beyond(config: Config, zone: Zone, statement: Statement) -> Setting | None:
    """The setting behind a statement; None where that stands in no level, or in the last one."""
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
    """Whether two lists name the same keys and let in the same clients, in the same way."""
    if one is other:
        return True
    if (one.port, one.transport, one.listed) != (other.port, other.transport, other.listed):
        return False
    conditions = tuple(sorted({*one.geoip, *other.geoip}))
    return all(
        one.addresses(signer, where, case) == other.addresses(signer, where, case)
        for signer in (None, *one.listed)
        for where in LOCALITIES
        for case in cases_of(conditions)
    )


def widened(policy: TransferPolicy, audit: Audit) -> Iterator[Related]:
    """The list that a policy replaces, where that would let in fewer without a key: an exception that stands out."""
    outer = overridden(policy, audit)
    if outer is None or outer.setting.statement is None:
        return
    if any(
        policy.addresses(None, where) - outer.access.possible(None, where) - LOOPBACK
        for where in ("elsewhere", "localnets")
    ):
        where = outer.words
        yield Related(
            outer.setting.statement.span, f"{where} would not let them in: the nearer list replaces this"
        )


def transfer_lists(config: Config) -> Iterator[Statement]:
    """Every allow-transfer of the options, the views, the templates and the zones, whether it decides for a zone or not."""
    views = (view.level for view in config.views if view.statement is not None)
    zones = (zone.level for zone in config.zones)
    for level in (config.options, *views, *config.templates.values(), *zones):
        statement = level.statements.get("allow-transfer")
        if statement is not None:
            yield statement
