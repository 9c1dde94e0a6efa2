"""Runs the checks that a configuration calls for; the modules of the others are not even imported."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.names import taken_names
from named_audit.model.config import Config
from named_audit.syntax.source import Problem

_AT_START = frozenset({
    "deny-answer-addresses", "deny-answer-aliases", "geoip-directory", "rrset-order", "tkey-domain",
    "validate-except",
})  # fmt: skip
_COMBINED = frozenset({
    "check-names", "dnstap", "dnstap-output", "forward", "max-table-size", "plugin", "sig-validity-interval",
})  # fmt: skip
_SOURCES = frozenset(
    f"{what}-source{family}" for what in ("notify", "parental", "query", "transfer") for family in ("", "-v6")
)
_VALUES = frozenset({
    "avoid-v4-udp-ports", "avoid-v6-udp-ports", "use-v4-udp-ports", "use-v6-udp-ports",
    "cookie-secret", "disable-algorithms", "disable-ds-digests", "disable-empty-zone", "dns64",
    "dns64-contact", "dns64-server", "dnssec-must-be-secure", "dual-stack-servers", "empty-contact",
    "empty-server", "fstrm-set-input-queue-size", "max-rsa-exponent-size", "root-delegation-only",
    "rrset-order", "server-id",
})  # fmt: skip


def refused(config: Config) -> Iterator[Problem | Refusal]:
    """Everything that named refuses about how the statements of a configuration go together.

    A fault that leaves the model in doubt is a `Problem`, any other a `Refusal` with the id of its rule.
    """
    yield from taken_names(config)
    yield from _options(config)


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
    if not names.isdisjoint(_COMBINED) or ("forwarders" in names and _forwards_root(config)):
        from named_audit.model.checks.combinations import check_combinations

        yield from check_combinations(config)
    if not names.isdisjoint(_VALUES):
        from named_audit.model.checks.values import check_values

        yield from check_values(config)
    if not names.isdisjoint(_AT_START):
        from named_audit.model.checks.at_start import check_at_start

        yield from check_at_start(config)


def _forwards_root(config: Config) -> bool:
    return any(zone.name == "." and "forwarders" in zone.level.statements for zone in config.zones)


def _has_inherited_ports(config: Config) -> bool:
    levels = (config.options, *(view.level for view in config.views))
    lists = (level.statements.get("allow-transfer") for level in levels)
    return any(each is not None and "port" in each.text for each in lists)
