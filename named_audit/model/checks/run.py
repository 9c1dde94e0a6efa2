"""Runs the checks that a configuration calls for; the modules of the others are not even imported."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.names import taken_names
from named_audit.model.config import Config
from named_audit.syntax.source import Problem


def refused(config: Config) -> Iterator[Problem | Refusal]:
    """Everything that named refuses about how the statements of a configuration go together.

    A fault that leaves the model in doubt is a `Problem`, any other a `Refusal` with the id of its rule.
    """
    yield from taken_names(config)
    yield from _zones_and_views(config, config.names)


def _zones_and_views(config: Config, names: set[str]) -> Iterator[Refusal]:
    if any(view.zones for view in config.views):
        from named_audit.model.checks.zones import zone_faults

        yield from zone_faults(config)
    if "file" in names:
        from named_audit.model.checks.shared_files import shared_files

        yield from shared_files(config)
    if "update-policy" in names:
        from named_audit.model.checks.update_policy import update_policies

        yield from update_policies(config)
    if "catalog-zones" in names or "response-policy" in names:
        from named_audit.model.checks.member_zones import member_zones

        yield from member_zones(config)
    if config.signing_policies:
        from named_audit.model.checks.signing_policies import taken_policies

        yield from taken_policies(config)
    if config.views[0].statement is not None:
        from named_audit.model.checks.classes import view_faults

        yield from view_faults(config)
    if "forward" in names:
        from named_audit.model.checks.zones import general_forward_faults

        yield from general_forward_faults(config)
    if "auto-dnssec" in names or "dnssec-policy" in names:
        from named_audit.model.checks.zone_signing import general_signing_faults, key_directories

        yield from general_signing_faults(config)
        yield from key_directories(config)
    if config.trust_anchors:
        from named_audit.model.checks.trust_anchors import trust_anchor_faults

        yield from trust_anchor_faults(config)
