"""Arguments that the release refuses although older ones take them: ports and code points of sources."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.arguments import outdated_arguments
from named_audit.model.config import Config


def refused_arguments(config: Config) -> Iterator[Refusal]:
    """One refusal for each."""
    for statement, argument in outdated_arguments(config):
        if argument.standing == "removed":
            span = statement.locate(argument.start, argument.end)
            yield Refusal("invalid-for-release", argument.message, span)
