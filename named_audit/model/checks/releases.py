"""What newer releases refuse although older ones take it, beyond statements that are gone."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.arguments import outdated_arguments
from named_audit.model.config import Config
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement


def refused_by_release(config: Config) -> Iterator[Refusal]:
    """Ports and code points of sources and lists; words that came late; a max-zone-ttl beside a dnssec-policy."""
    for statement, argument in outdated_arguments(config):
        if argument.standing == "removed":
            span = statement.locate(argument.start, argument.end)
            yield Refusal("invalid-for-release", argument.message, span)
    if "max-zone-ttl" in config.names and config.release is not None and config.release.at_least(9, 20):
        for ttl, policy in void_zone_ttls(config):
            message = (
                f"BIND {config.release} refuses max-zone-ttl where a dnssec-policy signs the zone: "
                "set it in the policy"
            )
            yield Refusal(
                "invalid-for-release", message, ttl.name_span, (Related(policy.name_span, "the policy"),)
            )


def void_zone_ttls(config: Config) -> Iterator[tuple[Statement, Statement]]:
    """Each max-zone-ttl of a zone that a dnssec-policy signs, once, with that policy."""
    seen: set[int] = set()
    for zone in config.zones if "dnssec-policy" in config.names else ():
        policy = config.effective(zone, "dnssec-policy")
        ttl = config.effective(zone, "max-zone-ttl").statement
        if ttl is None or policy.statement is None or policy.argument == "none" or id(ttl) in seen:
            continue
        if config.zone_type(zone) in ("primary", "secondary"):
            seen.add(id(ttl))
            yield ttl, policy.statement
