"""What a change of a configuration must never do: let in whom it did not announce, refuse whom it tells of changes."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from named_audit.model.config import Config
from named_audit.model.matchlist import address_text
from named_audit.policy.access import Access, Accesses
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import Locality
from named_audit.policy.notify import Notifier, NotifyPlan
from named_audit.policy.reach import LOCALITIES, Lists, Reach, cases_of
from named_audit.policy.transfer import transfer_policies
from named_audit.syntax.shorten import shorten


class Told(NamedTuple):
    """A server that is told of changes; it will come for the zone with the key (canonical)."""

    family: int
    address: int
    key: str


class Service(NamedTuple):
    """What a zone's secondaries live on: who may transfer it, and who is told, with which key."""

    access: Access
    told: tuple[Told, ...]


Services: TypeAlias = Mapping[tuple[str, str | None], Service]
"""(zone, view) -> its service, for every zone that can be transferred."""

Announced: TypeAlias = Callable[[tuple[str, str | None]], Collection[str]]
"""(zone, view) -> the keys (canonical) that a change says it lets in."""


def services(config: Config) -> Services:
    """The services of all zones."""
    lists = Lists(config)
    reach = Reach(config, lists)
    notifier = Notifier(config, lists, reach)
    found: dict[tuple[str, str | None], Service] = {}
    for policy in transfer_policies(config, config.zones, lists, reach, Accesses(config, lists, reach)):
        for zone in policy.zones:
            told = tuple(told_by(notifier.plan(zone)))
            found.setdefault((zone.canonical, zone.view.name), Service(policy.access, told))
    return found


def told_by(plan: NotifyPlan) -> Iterator[Told]:
    """The servers that a zone's also-notify tells with a key."""
    for target in plan.targets:
        if target.key is not None:
            yield Told(target.server.family, target.server.address, target.key)


def harm_between(before: Services, after: Services, announced: Announced) -> str | None:
    """What a change does that it must not, for people; None if nothing. Zones that are new or gone do not count."""
    known: dict[tuple[int, int, frozenset[str]], str | None] = {}
    for name, service in after.items():
        old = before.get(name)
        if old is None:
            continue
        keys = frozenset(announced(name))
        # Thousands of zones share a policy.
        pair = (id(old.access), id(service.access), keys)
        if pair not in known:
            known[pair] = harm(old.access, service.access, keys)
        # A default is no decision to let somebody in: closing it may refuse those who lived on it.
        told = service.told if old.access.statement is None else dict.fromkeys((*old.told, *service.told))
        found = known[pair] or refused(old.access, service.access, told)
        if found is not None:
            return f"{found} ({shorten(name[0])})"
    return None


def harm(before: Access, after: Access, announced: Collection[str]) -> str | None:
    """Whom one list lets in that another did not, or which key it no longer lets in; for people, None if neither."""
    signers: list[str | None] = [None, *sorted({*before.listed, *after.listed})]
    conditions = tuple(sorted({*before.geoip, *after.geoip}))
    for signer in signers:
        for locality in reversed(LOCALITIES):  # what other machines see first
            for case in cases_of(conditions):
                was = before.addresses(signer, locality, case)
                now = after.addresses(signer, locality, case)
                if signer not in announced:
                    # A list may let in more than anybody notices until the server listens there too.
                    later = after.admitted(signer, locality, case) - before.admitted(signer, locality, case)
                    if gained := now - was or later:
                        return _gain(signer, locality, gained)
                # Where the key made no difference, the address did; that goes by what the change is for.
                if signer is not None and (was - before.addresses(None, locality, case)) - now:
                    return f"it would refuse key {shorten(signer)} where it is let in now"
    return None


def refused(before: Access, after: Access, told: Iterable[Told]) -> str | None:
    """Which of those who are told of changes could take the zone and no longer can; for people, None if none."""
    for family, address, key in told:
        was, now = (
            any(access.addresses(signer).holds(address, family) for signer in (None, key))
            for access in (before, after)
        )
        if was and not now:
            return f"it would refuse {address_text(address, family)} with key {shorten(key)}"
    return None


def _gain(signer: str | None, locality: Locality, gained: AddressSet) -> str:
    who = "the server itself" if locality == "localhost" else gained.words()
    return ("without a key" if signer is None else f"with key {shorten(signer)}") + f" it would let in {who}"
