"""Channels without one destination, and categories that do not exist or lead to channels that do not."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.blocks import elements_of, span_of, word_of
from named_audit.model.config import Config
from named_audit.release import Release
from named_audit.syntax.shorten import shorten
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word

_DESTINATIONS = ("file", "null", "stderr", "syslog")
_CHANNELS = frozenset({"default_syslog", "default_stderr", "default_debug", "null"})
"""What is there without being defined; `default_logfile` is not among them."""

_CATEGORIES = frozenset({
    "_placeholder", "client", "cname", "config", "database", "default", "delegation-only", "dispatch",
    "dnssec", "dnstap", "edns-disabled", "general", "lame-servers", "network", "notify", "nsid",
    "queries", "query-errors", "rate-limit", "resolver", "rpz", "rpz-passthru", "security",
    "serve-stale", "spill", "sslkeylog", "trust-anchor-telemetry", "unmatched", "update",
    "update-security", "xfer-in", "xfer-out", "zoneload",
})  # fmt: skip
"""All of 9.18."""

_OTHER_CATEGORIES = frozenset({"drop", "responses"})
"""Those that only newer releases have."""


def check_logging(config: Config) -> Iterator[Refusal]:
    """Every such fault. `logging` may stand once; a second one is a fault of its own."""
    for logging in config.tree.statements:
        if logging.name == "logging" and logging.type != "INCLUDE":
            yield from _logging(logging, config.release)
            return


def _logging(logging: Statement, release: Release | None) -> Iterator[Refusal]:
    defined = set(_CHANNELS)
    for child in logging.children:
        name = word_of(child)
        if child.name == "channel" and name is not None:
            defined.add(name.low)
            yield from _channel(child, name)
    for child in logging.children:
        name = word_of(child)
        if child.name == "category" and name is not None:
            yield from _category(child, name, defined, release)


def _channel(channel: Statement, name: Word) -> Iterator[Refusal]:
    present = {child.name for child in channel.children}.intersection(_DESTINATIONS)
    if len(present) != 1:
        message = (
            f"channel '{shorten(name.value)}': exactly one of file, syslog, null, and stderr must be present"
        )
        yield Refusal("invalid-logging", message, span_of(channel, name), absence=not present)


def _category(
    category: Statement, name: Word, defined: set[str], release: Release | None
) -> Iterator[Refusal]:
    # The names of categories are told apart by case, those of channels are not.
    known = name.value in _CATEGORIES
    if not known and (release is None or release.nearest.line != "9.18"):
        known = name.value in _OTHER_CATEGORIES
    if not known:
        yield Refusal(
            "invalid-logging", f"undefined category: '{shorten(name.value)}'", span_of(category, name)
        )
    for element in elements_of(category):
        channel = element.pieces[0]
        if isinstance(channel, Word) and channel.low not in defined:
            message = f"undefined channel: '{shorten(channel.value)}'"
            yield Refusal("invalid-logging", message, span_of(category, channel), absence=True)
