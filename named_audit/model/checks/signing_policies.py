"""Names of `dnssec-policy` blocks that are taken."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.effective import BUILT_IN_POLICIES, word
from named_audit.model.config import Config
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement

RULE = "invalid-dnssec-policy"


def taken_policies(config: Config) -> Iterator[Refusal]:
    """Built-in names and names that another policy has; where there are views, named-checkconf does not look."""
    if config.views[0].statement is not None:
        return
    first: dict[str, Statement] = {}
    for statement in config.signing_policies:
        name = word(statement)
        if name is None:
            continue
        shown = shorten(name.value, 60)
        if name.value in BUILT_IN_POLICIES or name.value == "none":
            message = (
                "dnssec-policy name may not be 'insecure', 'none', or 'default' (which are built-in policies)"
            )
            yield Refusal(RULE, message, statement.name_span)
            continue
        known = first.setdefault(name.value, statement)
        if known is not statement:
            message = f"dnssec-policy: duplicately named policy found '{shown}'"
            related = (Related(known.name_span, "previous definition"),)
            yield Refusal(RULE, message, statement.name_span, related)
