"""Control channels that named cannot open."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.config import Config


def check_controls(config: Config) -> Iterator[Refusal]:
    """Channels on a Unix socket, which named has no more since 9.18."""
    release = config.release
    if release is None or not release.at_least(9, 18):
        return
    # 9.18's named-checkconf accepts them, and named exits.
    rule = "invalid-control" if release.at_least(9, 20) else "invalid-at-start"
    message = f"control channels on Unix sockets are not supported by BIND {release}"
    for controls in config.controls:
        for child in controls.children:
            if child.name == "unix":
                yield Refusal(rule, message, child.name_span)
