"""What a change of the configuration changes: who gains a zone, who loses it, who is told and asked no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.config import Config, Key
from named_audit.policy.access import Access, Grant, grants_of
from named_audit.policy.addresses import AddressSet
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES, Answer
from named_audit.policy.inbound import Request
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.listeners import listeners
from named_audit.policy.matchlist import Locality
from named_audit.policy.notify import NotifyTarget, NsTargets
from named_audit.policy.reach import LOCALITIES, cases_of
from named_audit.policy.survey import Survey, Surveyed

ZoneKey: TypeAlias = tuple[str, str | None, str]
"""Canonical name, view, class in lower case."""

_Cell: TypeAlias = tuple[str, int] | None
"""A transport and a local port; None: whichever."""


class Row(NamedTuple):
    """Somebody who gained or lost. What is None makes no difference.

    `conditions` are the geoip conditions that hold (all others do not).
    """

    grant: Grant
    releases: tuple[str, ...] | None = None
    conditions: tuple[str, ...] | None = None
    transport: str | None = None
    port: int | None = None


class ZoneChange(NamedTuple):
    """What changed for one zone. `types` are the old and the new type where they differ.

    `signers` are the keys with answers of their own: what the rows say of unsigned requests does not hold for them.
    `by_ns` says that the servers in the zone's NS records are now told (True), or no longer (False), where the records
    were not read. `demands` are the old and the new further conditions (client certificates) where they differ.
    """

    zone: str
    view: str | None
    change: Literal["added", "removed", "changed"]
    signers: tuple[str, ...]
    gained: tuple[Row, ...]
    lost: tuple[Row, ...]
    notify_gained: tuple[NotifyTarget, ...]
    notify_lost: tuple[NotifyTarget, ...]
    by_ns: bool | None
    asked_gained: tuple[Request, ...]
    asked_lost: tuple[Request, ...]
    types: tuple[str | None, str | None] | None
    certificates: tuple[bool, bool] | None
    runtime: bool = False
    """Whether `zone` is no name but words for zones that do not stand in the file (members of a catalog zone, ...)."""


_Rows: TypeAlias = tuple[tuple[str, ...], tuple[Row, ...], tuple[Row, ...]]
"""The signers with answers of their own, who gained, who lost."""


class KeyChange(NamedTuple):
    """A key whose holders change although its name does not. `parts` are "secret" and "algorithm".

    Or, with "removed" alone, a key that no list names and that the server no longer knows: what is signed with it was
    served like an unsigned request, and is now refused.
    """

    name: str
    view: str | None
    parts: tuple[str, ...]


class RootDifference(NamedTuple):
    """What changed for one root. `root` is its path; None where there is only one on each side."""

    root: str | None
    zones: tuple[ZoneChange, ...]
    keys: tuple[KeyChange, ...]


class _Side(NamedTuple):
    """One zone on one side; None where the zone is not there."""

    survey: Survey
    surveyed: Surveyed | None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Who takes it."""
        return self.surveyed.kind.answers if self.surveyed is not None else ()

    def access(self, era: int) -> Access | None:
        """The access on older (0) or newer (1) releases."""
        answers = self.answers
        return answers[min(era, len(answers) - 1)].access if answers else None


def root_difference(root: str | None, old: Survey, new: Survey) -> RootDifference:
    """Everything that differs between two readings of one root."""
    return RootDifference(root, tuple(zone_changes(old, new)), key_changes(old, new))


def zone_changes(old: Survey, new: Survey) -> Iterator[ZoneChange]:
    """The zones that differ, in the order of the new configuration, then those that are gone; last what runs without
    a statement of its own.
    """
    comparison = _Comparison(old, new)
    yield from _paired(comparison, _by_key(old), _by_key(new))
    for change in _paired(comparison, _runtime(old), _runtime(new)):
        yield change._replace(runtime=True)


def _paired(
    comparison: _Comparison, before: Mapping[ZoneKey, Surveyed], after: Mapping[ZoneKey, Surveyed]
) -> Iterator[ZoneChange]:
    for key, surveyed in after.items():
        change = comparison.zone(key, before.get(key), surveyed)
        if change is not None:
            yield change
    for key, surveyed in before.items():
        if key not in after:
            change = comparison.zone(key, surveyed, None)
            if change is not None:
                yield change


def _runtime(survey: Survey) -> dict[ZoneKey, Surveyed]:
    return {(found.words, found.view.name, found.view.class_): each for found, each in survey.runtime()}


def key_changes(old: Survey, new: Survey) -> tuple[KeyChange, ...]:
    """What changes with the keys that a view knows, be they its own or global; hidden secrets are not compared."""
    changes: dict[KeyChange, None] = {}
    for view, before, after in _key_rings(old.config, new.config):
        for name, key in after.items():
            other = before.get(name)
            parts = tuple(_changed_parts(other, key)) if other is not None else ()
            if other is not None and parts:
                shared = other.view is None and key.view is None
                changes[KeyChange(name, None if shared else view, parts)] = None
        gone = [] if new.config.unseen else [name for name in before if name not in after]
        for name in gone:
            if _served_unlisted(old, new, view, name):
                elsewhere = any(key.canonical == name for key in new.config.all_keys)
                shared = before[name].view is None and not elsewhere
                changes[KeyChange(name, None if shared else view, ("removed",))] = None
    return tuple(changes)


def hidden_secrets(old: Config, new: Config) -> int:
    """How many keys could not be compared, because the input hides their secrets."""
    return len(
        {
            (key.view, name)
            for _, before, after in _key_rings(old, new)
            for name, key in after.items()
            if name in before and (key.hidden or before[name].hidden)
        }
    )


_Ring: TypeAlias = Mapping[str, Key]


def _key_rings(old: Config, new: Config) -> Iterator[tuple[str | None, _Ring, _Ring]]:
    """The keys before and after, for each view that is on both sides."""
    before = {view.name: view for view in old.views}
    for view in new.views:
        if view.name in before:
            yield view.name, old.key_ring(before[view.name]), new.key_ring(view)


def _served_unlisted(old: Survey, new: Survey, view: str | None, signer: str) -> bool:
    """Whether requests signed with a key took a zone of a view that is still there, with no list naming the key."""
    still = _by_key(new)
    accesses = {
        id(answer.access): answer.access
        for key, surveyed in _by_key(old).items()
        if key[1] == view and key in still
        for answer in surveyed.kind.answers
        if answer.access is not None
    }
    return any(
        access.addresses(signer, place, case)
        for access in accesses.values()
        if signer not in access.signers
        for place in LOCALITIES
        for case in access.cases()
    )


def _changed_parts(old: Key, new: Key) -> Iterator[str]:
    if not (old.hidden or new.hidden) and _material(old.secret) != _material(new.secret):
        yield "secret"
    if _algorithm(old.algorithm) != _algorithm(new.algorithm):
        yield "algorithm"


def _material(secret: str | None) -> str:
    # White space within the base64 means nothing.
    return "".join((secret or "").split())


def _algorithm(name: str | None) -> str:
    low = (name or "").lower()
    return "hmac-md5" if low.startswith("hmac-md5.sig-alg.reg.int") else low


def _by_key(survey: Survey) -> dict[ZoneKey, Surveyed]:
    found: dict[ZoneKey, Surveyed] = {}
    for surveyed in survey.zones():
        zone = surveyed.zone
        key = (zone.canonical, zone.view.name, (zone.class_ or zone.view.class_).lower())
        found.setdefault(key, surveyed)
    return found


class _Comparison:
    """Compares zones of two surveys; what equal pairs of kinds have in common is worked out once."""

    def __init__(self, old: Survey, new: Survey) -> None:
        self._old, self._new = old, new
        self._cells = {*_cells(old), *_cells(new)}
        self._rows: dict[tuple[int | None, int | None], _Rows] = {}
        unknown = old.config.release is None or new.config.release is None
        self._eras: tuple[int, ...] = (0, 1) if unknown else (0,)

    def zone(self, key: ZoneKey, old: Surveyed | None, new: Surveyed | None) -> ZoneChange | None:
        """What changed for one zone, or None."""
        one, other = _Side(self._old, old), _Side(self._new, new)
        signers, gained, lost = self._access(one, other)
        told_before, told_after = _told(old, new), _told(new, old)
        asked_before, asked_after = _asked(old), _asked(new)
        types = (_type(old), _type(new))
        certificates = (_certificate(one), _certificate(other))
        change = ZoneChange(
            key[0],
            key[1],
            "added" if old is None else "removed" if new is None else "changed",
            signers,
            gained,
            lost,
            tuple(sorted(told_after - told_before, key=target_order)),
            tuple(sorted(told_before - told_after, key=target_order)),
            _by_ns(old, new),
            tuple(each for each in asked_after if each not in asked_before),
            tuple(each for each in asked_before if each not in asked_after),
            types if types[0] != types[1] and old is not None and new is not None else None,
            certificates
            if certificates[0] != certificates[1] and old is not None and new is not None
            else None,
        )
        same = not any(
            (gained, lost, change.notify_gained, change.notify_lost, change.asked_gained, change.asked_lost)
        )
        same = same and change.by_ns is None and change.types is None and change.certificates is None
        return None if same and change.change == "changed" else change

    def _access(self, old: _Side, new: _Side) -> _Rows:
        numbers = (
            old.surveyed.kind.number if old.surveyed is not None else None,
            new.surveyed.kind.number if new.surveyed is not None else None,
        )
        known = self._rows.get(numbers)
        if known is None:
            gained = self._difference(old, new, self._old.interfaces)
            lost = self._difference(new, old, self._new.interfaces)
            known = self._rows[numbers] = (self._signers(old, new), gained, lost)
        return known

    def _signers(self, *sides: _Side) -> tuple[str, ...]:
        accesses = [side.access(era) for side in sides for era in self._eras]
        return tuple(
            sorted({signer for access in accesses if access is not None for signer in access.signers})
        )

    def _difference(self, old: _Side, new: _Side, interfaces: Interfaces | None) -> tuple[Row, ...]:
        """Who is served on the new side and was not on the old one."""
        accesses = [side.access(era) for side in (old, new) for era in self._eras]
        present = [access for access in accesses if access is not None]
        conditions = tuple(sorted({each for access in present for each in access.geoip}))
        cases = list(cases_of(conditions))
        restricted = any(access.port is not None or access.transport is not None for access in present)
        cells: list[_Cell] = [*sorted(self._cells)] if restricted else [None]
        rows: list[Row] = []
        for signer in (None, *self._signers(old, new)):
            table: dict[tuple[int, frozenset[str], _Cell], tuple[Grant, ...]] = {}
            for era, case, cell in product(self._eras, cases, cells):
                table[era, case, cell] = grants_of(
                    signer, _gains(old, new, signer, era, case, cell), interfaces
                )
            rows.extend(_rows(table, self._eras, cases, cells))
        return tuple(rows)


def _gains(
    old: _Side, new: _Side, signer: str | None, era: int, case: frozenset[str], cell: _Cell
) -> Callable[[Locality], AddressSet]:
    def by_place(place: Locality) -> AddressSet:
        return _served(new, signer, era, case, cell, place) - _served(old, signer, era, case, cell, place)

    return by_place


def _served(
    side: _Side, signer: str | None, era: int, case: frozenset[str], cell: _Cell, place: Locality
) -> AddressSet:
    access = side.access(era)
    if access is None:
        return AddressSet.nothing()
    if cell is not None:
        transport, port = cell
        if access.transport not in (None, transport) or access.port not in (None, port):
            return AddressSet.nothing()
        if cell not in _cells(side.survey) and not side.survey.config.unseen:
            return AddressSet.nothing()
    return access.addresses(signer, place, case)


def _rows(
    table: Mapping[tuple[int, frozenset[str], _Cell], tuple[Grant, ...]],
    eras: tuple[int, ...],
    cases: list[frozenset[str]],
    cells: list[_Cell],
) -> Iterator[Row]:
    """The table's grants, each only as far qualified as it makes a difference."""
    by_era = any(table[era, case, cell] != table[eras[0], case, cell] for era, case, cell in table)
    by_case = any(table[era, case, cell] != table[era, cases[0], cell] for era, case, cell in table)
    by_cell = any(table[era, case, cell] != table[era, case, cells[0]] for era, case, cell in table)
    for (era, case, cell), grants in table.items():
        if (
            (not by_era and era != eras[0])
            or (not by_case and case != cases[0])
            or (not by_cell and cell != cells[0])
        ):
            continue
        releases = (OPEN_LINES if era == 0 else CLOSED_LINES) if by_era else None
        conditions = tuple(sorted(case)) if by_case else None
        transport, port = cell if by_cell and cell is not None else (None, None)
        for grant in grants:
            yield Row(grant, releases, conditions, transport, port)


def _cells(survey: Survey) -> frozenset[tuple[str, int]]:
    return frozenset((each.transport, each.port) for each in listeners(survey.config, survey.lists))


def _told(surveyed: Surveyed | None, other: Surveyed | None) -> frozenset[NotifyTarget]:
    """Whom a zone tells, as far as it can be compared with the other side."""
    if surveyed is None:
        return frozenset()
    plan = surveyed.notify
    if (
        other is not None
        and (plan.told_by_ns and other.notify.told_by_ns)
        and (_unread(plan.ns) or _unread(other.notify.ns))
    ):
        # The servers of the NS records are told by both; that they are known only once is no difference.
        return frozenset(target.sent for target in plan.targets if target.unsent is None)
    return plan.sends


def _unread(ns: NsTargets | None) -> bool:
    return ns is None or (ns.unknown is not None and not ns.names)


def _asked(surveyed: Surveyed | None) -> tuple[Request, ...]:
    return surveyed.inbound.requests if surveyed is not None else ()


def _by_ns(old: Surveyed | None, new: Surveyed | None) -> bool | None:
    """Whether servers that only NS records name are told now and were not, or the other way round."""
    before = old is not None and old.notify.told_by_ns
    after = new is not None and new.notify.told_by_ns
    if before == after:
        return None
    told = new if after else old
    # Where the names are known, they are among the targets, by address or by name.
    return after if told is not None and _unread(told.notify.ns) else None


def _type(surveyed: Surveyed | None) -> str | None:
    return surveyed.kind.answers[0].type if surveyed is not None else None


def _certificate(side: _Side) -> bool:
    access = side.access(0)
    return access is not None and access.needs_client_certificate()


def target_order(target: NotifyTarget) -> tuple[int, int, str, int, str]:
    """The order in which targets are listed: by address, then names."""
    return target.family or 9, target.address or 0, target.name or "", target.port, target.key or ""
