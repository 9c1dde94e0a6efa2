"""Runs the checks that a configuration calls for; the modules of the others are not even imported."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.acls import faulty_lists
from named_audit.model.checks.names import taken_names
from named_audit.model.config import Config
from named_audit.syntax.source import Problem

_AT_START = frozenset({
    "deny-answer-addresses", "deny-answer-aliases", "geoip-directory", "rrset-order", "tkey-domain",
    "validate-except",
})  # fmt: skip
_COMBINED = frozenset({
    "check-names", "dnstap", "dnstap-output", "max-table-size", "plugin", "sig-validity-interval",
})  # fmt: skip
_SOURCES = frozenset(
    f"{what}-source{family}" for what in ("notify", "parental", "query", "transfer") for family in ("", "-v6")
)
_VALUES = frozenset({
    "avoid-v4-udp-ports", "avoid-v6-udp-ports", "use-v4-udp-ports", "use-v6-udp-ports",
    "cookie-secret", "disable-algorithms", "disable-ds-digests", "disable-empty-zone", "dns64",
    "dns64-contact", "dns64-server", "dnssec-must-be-secure", "dual-stack-servers", "empty-contact",
    "empty-server", "fstrm-set-input-queue-size", "root-delegation-only",
    "rrset-order", "server-id",
})  # fmt: skip


def refused(config: Config) -> Iterator[Problem | Refusal]:
    """Everything that named refuses about how the statements of a configuration go together.

    A fault that leaves the model in doubt is a `Problem`, any other a `Refusal` with the id of its rule.
    """
    yield from taken_names(config)
    yield from faulty_lists(config)
    yield from _definitions(config, config.names)
    yield from _zones_and_views(config, config.names)
    yield from _options(config)
    release = config.release
    # What older ones refuse are two words that came late.
    late = not config.names.isdisjoint(("catalog-zones", "notify"))
    if release is not None and (release.at_least(9, 19) or (late and not release.at_least(9, 18))):
        from named_audit.model.checks.releases import refused_by_release

        yield from refused_by_release(config)


def _definitions(config: Config, names: set[str]) -> Iterator[Problem | Refusal]:
    if not names.isdisjoint(
        (
            *("primaries", "masters", "also-notify", "parental-agents", "catalog-zones"),
            *("server", "controls", "listen-on", "listen-on-v6", "forwarders"),
        )
    ):
        from named_audit.model.checks.lookups import lost_names

        yield from lost_names(config)
    if "key" in names:
        from named_audit.model.checks.keys import faulty_keys

        yield from faulty_keys(config)
    if "tls" in names:
        from named_audit.model.checks.tls import faulty_tls

        yield from faulty_tls(config)


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


def _options(config: Config) -> Iterator[Refusal]:
    """What is wrong with options, listeners and channels."""
    names = config.names
    if "logging" in names:
        from named_audit.model.checks.logging import check_logging

        yield from check_logging(config)
    if _has_inherited_ports(config):
        from named_audit.model.checks.transfer_ports import check_transfer_ports

        yield from check_transfer_ports(config)
    if not names.isdisjoint(("managed-keys", "trust-anchors", "trusted-keys")):
        from named_audit.model.checks.anchor_fields import check_anchor_fields

        yield from check_anchor_fields(config)
    if config.controls and "unix" in names:
        from named_audit.model.checks.controls import check_controls

        yield from check_controls(config)
    if "http" in names or any("http" in listener.text for listener in config.listeners):
        from named_audit.model.checks.http import check_http

        yield from check_http(config)
    if not names.isdisjoint(_SOURCES):
        from named_audit.model.checks.sources import check_sources

        yield from check_sources(config)
    if not names.isdisjoint(_COMBINED):
        from named_audit.model.checks.combinations import check_combinations

        yield from check_combinations(config)
    directory = config.options.statements.get("directory")
    if not names.isdisjoint(_VALUES) or (directory is not None and '""' in directory.text):
        from named_audit.model.checks.values import check_values

        yield from check_values(config)
    if not names.isdisjoint(_AT_START):
        from named_audit.model.checks.at_start import check_at_start

        yield from check_at_start(config)


def _has_inherited_ports(config: Config) -> bool:
    levels = (config.options, *(view.level for view in config.views))
    lists = (level.statements.get("allow-transfer") for level in levels)
    # Both "port" and "transport".
    return any(each is not None and "port" in each.text.lower() for each in lists)
