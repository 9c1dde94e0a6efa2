"""Runs the checks that a configuration calls for; the modules of the others are not even imported."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.acls import faulty_lists
from named_audit.model.checks.names import taken_names
from named_audit.model.config import Config
from named_audit.syntax.source import Problem


def refused(config: Config) -> Iterator[Problem | Refusal]:
    """Everything that named refuses about how the statements of a configuration go together.

    A fault that leaves the model in doubt is a `Problem`, any other a `Refusal` with the id of its rule.
    """
    yield from taken_names(config)
    yield from faulty_lists(config)
    if not config.names.isdisjoint(
        (
            *("primaries", "masters", "also-notify", "parental-agents", "catalog-zones"),
            *("server", "controls", "listen-on", "listen-on-v6", "forwarders"),
        )
    ):
        from named_audit.model.checks.lookups import lost_names

        yield from lost_names(config)
    if "key" in config.names:
        from named_audit.model.checks.keys import faulty_keys

        yield from faulty_keys(config)
    if "tls" in config.names:
        from named_audit.model.checks.tls import faulty_tls

        yield from faulty_tls(config)
