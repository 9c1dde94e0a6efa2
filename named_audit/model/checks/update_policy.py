"""Rules of `update-policy` that named refuses: BIND's check_update_policy()."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.catalogue.refusal import Refusal
from named_audit.catalogue.types import is_record_type
from named_audit.model.checks.classes import class_number
from named_audit.model.checks.effective import is_passed_over, own
from named_audit.model.config import Config
from named_audit.model.names import canonical, is_dns_name
from named_audit.release import Release
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Element, Group, Word

RULE = "invalid-update-policy"

_SELF = frozenset({"self", "selfsub", "selfwild"})
"""Match types whose name is the identity, or `.`."""

_PLACEHOLDER = frozenset({"6to4-self", "krb5-self", "krb5-selfsub", "ms-self", "ms-selfsub", "tcp-self"})
"""Match types whose name must be `.`."""

_NAMED = frozenset(
    {
        "external", "krb5-subdomain", "krb5-subdomain-self-rhs", "ms-subdomain", "ms-subdomain-self-rhs", "name",
        "subdomain", "wildcard",
    }
)  # fmt: skip
"""Match types that need a name: what looks like a type of record is taken for a name that was forgotten."""


class _Fault(NamedTuple):
    message: str
    word: Word


def update_policies(config: Config) -> Iterator[Refusal]:
    """Every fault of every zone's `update-policy`, and those beside `allow-update`."""
    said: set[int] = set()
    for zone in config.zones:
        statements = zone.level.statements
        if "update-policy" not in statements and zone.template is None:
            continue
        class_ = class_number(zone.view.class_)
        if class_ is not None and is_passed_over(config, zone, class_):
            continue
        statements = own(config, zone)
        policy, allowed = statements.get("update-policy"), statements.get("allow-update")
        # In zones of other types it may not stand at all.
        if policy is None or config.zone_type(zone) not in ("primary", "secondary") or id(policy) in said:
            continue
        said.add(id(policy))
        if allowed is not None:
            at, other = (allowed, policy) if _newest(config.release) else (policy, allowed)
            message = (
                f"zone '{shorten(zone.name, 60)}': 'allow-update' is ignored when 'update-policy' is present"
            )
            yield Refusal(RULE, message, at.name_span, (Related(other.name_span, "the other one"),))
            continue
        yield from _faults(policy)


def _newest(release: Release | None) -> bool:
    return release is not None and release.at_least(9, 21)


def _faults(policy: Statement) -> Iterator[Refusal]:
    for piece in policy.pieces:
        if isinstance(piece, Group):
            for element in piece.elements:
                for fault in _rule_faults(element):
                    span = policy.locate(fault.word.start, fault.word.end)
                    yield Refusal(RULE, fault.message, span)


def _rule_faults(element: Element) -> Iterator[_Fault]:
    words = [piece for piece in element.pieces if isinstance(piece, Word)]
    if len(words) < 3 or len(words) != len(element.pieces):
        return  # said already: this is no rule
    _, identity, match_type, *rest = words  # what the types are is checked with the statement
    kind = match_type.low
    name: Word | None = None
    if kind != "zonesub":
        if not rest:
            return
        name = rest[0]
    # named looks at the name only if the identity is one, and goes on with what both are good for.
    valid = is_dns_name(identity.value)
    if not valid:
        yield _Fault(f"'{shorten(identity.value, 60)}' is not a valid name", identity)
    elif name is not None and not is_dns_name(name.value):
        valid = False
        yield _Fault(f"'{shorten(name.value, 60)}' is not a valid name", name)
    if name is not None and valid:
        yield from _name_faults(kind, identity, name)


def _name_faults(kind: str, identity: Word, name: Word) -> Iterator[_Fault]:
    shown = shorten(name.value, 60)
    if kind == "wildcard" and not (name.value == "*" or name.value.startswith("*.")):
        yield _Fault(f"'{shown}' is not a wildcard", identity)
    root = canonical(name.value) == "."
    if kind in _SELF:
        if not root and canonical(name.value) != canonical(identity.value):
            yield _Fault("identity and name fields are not the same", identity)
        return
    if kind in _PLACEHOLDER:
        if not root:
            yield _Fault("name field not set to placeholder value '.'", identity)
    elif kind in _NAMED and "(" not in name.value and is_record_type(name):
        yield _Fault(f"missing name field type '{shown}' found", identity)
