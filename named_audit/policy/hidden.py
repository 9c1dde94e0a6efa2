"""Hidden primaries: servers that a zone is changed on, and that its NS records do not name."""

from __future__ import annotations

from named_audit.policy.addresses import AddressSet
from named_audit.policy.notify import NotifyPlan
from named_audit.policy.zone_content import OwnAddresses, ZoneContent


def is_hidden(plan: NotifyPlan, content: ZoneContent, own: OwnAddresses) -> bool:
    """Whether a primary is certainly meant to be hidden: it names its secondaries itself, and is in no NS record.

    Which addresses are its own has to be spelt out (`listen-on`, `notify-source`, `transfer-source`), and the address of
    each NS name has to be known.
    """
    if plan.told_by_ns or not plan.targets or not own.all:
        return False
    for name in content.servers:
        addresses = content.addresses[name]
        if not addresses or any(own.all.holds(address, family) for family, address in addresses):
            return False
    return True


def own_of(content: ZoneContent, name: str, own: AddressSet) -> bool:
    """Whether a name of the zone leads to this very server."""
    return any(own.holds(address, family) for family, address in content.addresses.get(name) or ())
