"""The lists of allow-transfer of all levels, and the notes of findings about lists that replace others."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Related
from named_audit.model.config import Config
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.tree import Statement


def widened(policy: TransferPolicy, audit: Audit) -> Iterator[Related]:
    """The list that a policy replaces, where that would let in fewer without a key: an exception that stands out."""
    outer = audit.overridden(policy)
    if outer is None or outer.setting.statement is None:
        return
    if any(
        policy.addresses(None, where) - outer.access.possible(None, where) - LOOPBACK
        for where in ("elsewhere", "localnets")
    ):
        words = f"{outer.words} would not let them in: the nearer list replaces this"
        yield Related(outer.setting.statement.span, words)


def transfer_lists(config: Config) -> Iterator[Statement]:
    """Every allow-transfer of the options, the views, the templates and the zones, whether it decides for a zone or not."""
    views = (view.level for view in config.views if view.statement is not None)
    zones = (zone.level for zone in config.zones)
    for level in (config.options, *views, *config.templates.values(), *zones):
        statement = level.statements.get("allow-transfer")
        if statement is not None:
            yield statement
