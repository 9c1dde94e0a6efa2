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
    release = config.release
    if release is not None and release.at_least(9, 20):
        from named_audit.model.checks.releases import refused_by_release

        yield from refused_by_release(config)
