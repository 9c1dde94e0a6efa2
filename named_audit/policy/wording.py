"""Words for who can take zones without a key."""

from __future__ import annotations

from named_audit.model.matchlist import condition_words
from named_audit.policy.access import Access
from named_audit.policy.addresses import LOOPBACK, AddressSet

ON_LINK = "every on-link neighbour (localnets)"
_MOST_CONDITIONS = 3


def unsigned_clients(access: Access) -> str:
    """Who may be served without a key from another machine: "192.0.2.1 and every on-link neighbour (localnets)"."""
    parts = [_by_address(access)] if access.unsigned_off_host else []
    if access.on_link_unsigned:
        parts.append(ON_LINK)
    return " and ".join(parts) if parts else "no one"


def _by_address(access: Access) -> str:
    """The clients by address and by what a geoip database has to say of them."""
    fixed = access.addresses(None)
    alone = {
        condition: access.addresses(None, conditions=frozenset((condition,))) for condition in access.geoip
    }
    lost = [condition for condition, served in alone.items() if fixed - served]
    gained = [condition for condition, served in alone.items() if served - fixed]
    parts: list[str] = []
    if fixed:
        unless = f" (unless {_conditions(lost)} holds)" if lost else ""
        parts.append(_words(fixed) + unless)
    more = AddressSet.nothing()
    for condition in gained:
        more = more | (alone[condition] - fixed)
    if gained:
        among = "" if more == AddressSet.everything() - fixed else f" from {_words(more)}"
        parts.append(f"clients{among} for which {_conditions(gained)} holds")
    together = access.possible(None) - fixed - more
    if together:
        parts.append(f"{_words(together)} (depending on {_conditions(list(access.geoip))})")
    return " and ".join(parts)


def _words(served: AddressSet) -> str:
    # "192.0.2.1 and 127.0.0.1" says too much, and "anyone except 127.0.0.0/8" too.
    return min((served - LOOPBACK).words(), served.words(), key=len)


def _conditions(conditions: list[str]) -> str:
    shown = [condition_words(condition)[:66] for condition in conditions[:_MOST_CONDITIONS]]
    rest = len(conditions) - len(shown)
    return " or ".join(shown) + (f" or one of {rest} more" if rest else "")
