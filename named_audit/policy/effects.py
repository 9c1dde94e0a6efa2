"""What the elements of a match list are good for: a list is changed, built again and compared with what it was.

Whoever is admitted depends on the address and on what else holds for a request, a `World`. Two lists are the same if
they admit the same addresses in every world.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, product
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.matchlist import MatchElement, MatchList
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import Acl, build
from named_audit.syntax.words import fold

Lookup: TypeAlias = Callable[[str], MatchList | None]
"""Gives the list of an acl by its name in lower case, or None."""

Path: TypeAlias = tuple[int, ...]
"""The place of an element: in the list, in the list that stands there, and so on. () is the list itself."""

MOST_ELEMENTS = 100
"""In longer lists elements are not tried one by one; only those that repeat what stands before them are found."""

MOST_WORK = 300_000
"""Elements to try, times what has to be built for each, times worlds."""

_MOST_GEOIP = 4
"""Conditions that are taken both ways, each with each."""

GONE = MatchElement(False, "list", MatchList(()))
"""Stands for an element that was taken out, so that the others keep their places: an empty list does nothing."""


class World(NamedTuple):
    """What holds for a request besides its address. `localhost` and `localnets` are what BIND's lists of these say.

    An own address is on-link as a rule, but BIND leaves out networks whose masks it cannot use, so it need not be.
    """

    signer: str | None = None
    localhost: bool = False
    localnets: bool = False
    geoip: frozenset[str] = frozenset()


def worlds(acl: Acl) -> tuple[World, ...]:
    """All that a list can tell apart, unsigned requests from elsewhere first; none where these are too many."""
    if len(acl.geoip) > _MOST_GEOIP:
        return ()
    conditions = [
        frozenset(chosen) for size in range(len(acl.geoip) + 1) for chosen in combinations(acl.geoip, size)
    ]
    own = (False, True) if acl.uses_localhost else (False,)
    near = (False, True) if acl.uses_localnets else (False,)
    return tuple(
        World(signer, localhost, localnets, geoip)
        for geoip, localhost, localnets, signer in product(conditions, own, near, (None, *acl.signers))
    )


def admitted(acl: Acl, world: World) -> AddressSet:
    """The addresses that a list admits in a world."""
    return acl.addresses_where(
        world.signer, localhost=world.localhost, localnets=world.localnets, geoip=world.geoip
    )


def edited(match_list: MatchList, path: Path, change: Callable[[MatchList], MatchList]) -> MatchList:
    """A list with one of the lists inside it changed."""
    if not path:
        return change(match_list)
    at, elements = path[0], match_list.elements
    inner = elements[at].value
    assert isinstance(inner, MatchList)
    element = elements[at]._replace(value=edited(inner, path[1:], change))
    return match_list._replace(elements=(*elements[:at], element, *elements[at + 1 :]))


def without(match_list: MatchList, path: Path) -> MatchList:
    """A list without one of its elements; the places of the others stay."""
    return edited(match_list, path[:-1], lambda inner: _replaced(inner, path[-1], (GONE,)))


def _inner(match_list: MatchList, path: Path) -> MatchList:
    for at in path:
        inner = match_list.elements[at].value
        assert isinstance(inner, MatchList)
        match_list = inner
    return match_list


def moved(match_list: MatchList, source: int, target: int) -> MatchList:
    """A list with an element moved to an earlier place."""
    elements = list(match_list.elements)
    elements.insert(target, elements.pop(source))
    return match_list._replace(elements=tuple(elements))


def inserted(match_list: MatchList, at: int, new: Iterable[MatchElement]) -> MatchList:
    """A list with more elements, in front of the one that stands at a place."""
    elements = match_list.elements
    return match_list._replace(elements=(*elements[:at], *new, *elements[at:]))


def replaced(match_list: MatchList, at: int, element: MatchElement) -> MatchList:
    """A list with another element in one place."""
    return _replaced(match_list, at, (element,))


def _replaced(match_list: MatchList, at: int, new: tuple[MatchElement, ...]) -> MatchList:
    elements = match_list.elements
    return match_list._replace(elements=(*elements[:at], *new, *elements[at + 1 :]))


class Trial:
    """Lists that are judged together, and what becomes of them if something is changed.

    `lists` share their acls: where an acl is changed, all must be looked at.
    """

    def __init__(self, lists: Sequence[MatchList], lookup: Lookup) -> None:
        self.lists = tuple(lists)
        self.lookup = lookup
        self.acls = tuple([build(each, lookup) for each in self.lists])
        self._worlds = tuple([worlds(acl) for acl in self.acls])
        self._admitted: dict[tuple[int, World], AddressSet] = {}
        self._idle: dict[tuple[str | None, Path], bool] = {}

    @property
    def certain(self) -> bool:
        """Whether the lists can be judged: named takes them, all names are known, and the worlds are not too many."""
        return all(self._worlds) and not any(acl.undefined or acl.loops or acl.invalid for acl in self.acls)

    @property
    def worlds(self) -> tuple[World, ...]:
        """The worlds of the first list."""
        return self._worlds[0]

    def admitted(self, world: World, index: int = 0) -> AddressSet:
        """What a list admits in a world, as it stands."""
        key = (index, world)
        known = self._admitted.get(key)
        if known is None:
            known = self._admitted[key] = admitted(self.acls[index], world)
        return known

    def list_of(self, acl: str | None) -> MatchList:
        """The list of an acl, by its name in lower case; None means the first list."""
        found = self.lists[0] if acl is None else self.lookup(acl)
        assert found is not None
        return found

    def changed(self, acl: str | None, path: Path, change: Callable[[MatchList], MatchList]) -> Acl:
        """The first list if the list at a place is changed."""
        new = edited(self.list_of(acl), path, change)
        return self._rebuilt({acl: new}, 0)

    def same(self, changes: Mapping[str | None, MatchList]) -> bool:
        """Whether all lists admit whom they admit now if some acls, or the first list (None), are replaced."""
        return all(self.same_as(self._rebuilt(changes, index), index) for index in range(len(self.lists)))

    def same_as(self, other: Acl, index: int = 0) -> bool:
        """Whether another list admits the same as one of the lists does, in all worlds of that list."""
        return all(self.admitted(world, index) == admitted(other, world) for world in self._worlds[index])

    def idle(self, acl: str | None, path: Path) -> bool:
        """Whether all lists are the same without an element, as they stand."""
        known = self._idle.get((acl, path))
        if known is None:
            known = self._idle[acl, path] = self.same({acl: without(self.list_of(acl), path)})
        return known

    def lost(self, other: Acl) -> Iterator[tuple[World, AddressSet]]:
        """In which worlds another list does not admit what the first list does, and what."""
        for world in self.worlds:
            fewer = self.admitted(world) - admitted(other, world)
            if fewer:
                yield world, fewer

    def gained(self, other: Acl) -> Iterator[tuple[World, AddressSet]]:
        """In which worlds another list admits what the first list does not, and what."""
        for world in self.worlds:
            more = admitted(other, world) - self.admitted(world)
            if more:
                yield world, more

    def size(self) -> int:
        """How much has to be built, and in how many worlds it has to be compared, for one try."""
        total = 0
        for each, kinds in zip(self.lists, self._worlds, strict=True):
            total += reached_size(each, self.lookup) * len(kinds)
        return total

    def _rebuilt(self, changes: Mapping[str | None, MatchList], index: int) -> Acl:
        top = changes.get(None, self.lists[0]) if index == 0 else self.lists[index]
        lookup = self.lookup

        def other(name: str) -> MatchList | None:
            return changes[name] if name in changes else lookup(name)

        return build(top, other)


def reached_size(match_list: MatchList, lookup: Lookup) -> int:
    """The number of elements of a list, of the lists inside it and of all acls that it reaches."""
    total = 0
    seen: set[str] = set()
    waiting = [match_list]
    while waiting:
        for element in waiting.pop().elements:
            total += 1
            if isinstance(element.value, MatchList):
                waiting.append(element.value)
            elif element.kind == "acl":
                name = fold(str(element.value))
                found = None if name in seen else lookup(name)
                seen.add(name)
                if found is not None:
                    waiting.append(found)
    return total


Manner: TypeAlias = Literal["repeated", "contradicted", "denial"]
"""Why an element changes nothing: others admit its clients anyway, others deny them, or it denies whom nobody admits."""


class Idle(NamedTuple):
    """An element that changes nothing."""

    path: Path
    manner: Manner
    together: bool = True
    """Whether it can go with all others for which this holds. The others stay, and what they need stays with them:
    while a contradicted element stands, what contradicts it has an effect; the last mention of a key is no dead text.
    """


def idle_elements(trial: Trial, acl: str | None, spared: Collection[Path] = ()) -> tuple[Idle, ...]:
    """The elements of the first list, or of an acl, without which every list of the trial is the same.

    Of two that repeat each other the later one is found. Elements at the `spared` paths and inside them are not tried,
    nor are denials of everybody at the end of a list.
    """
    match_list = trial.list_of(acl)
    if not trial.certain:
        return ()
    count = len(match_list.elements)
    if count > MOST_ELEMENTS or count * trial.size() > MOST_WORK:
        return tuple(_repeated(match_list, trial.lookup, spared, inner=acl is not None))
    return tuple(_Idling(trial, acl, match_list, spared).find())


def _repeated(
    match_list: MatchList, lookup: Lookup, spared: Collection[Path], *, inner: bool
) -> Iterator[Idle]:
    elements = match_list.elements
    # Its last negative element makes an inner list one that is not merged, whatever else the element does.
    if inner and any(element.negated or element.kind == "none" for element in elements):
        return
    for place in build(match_list, lookup).repeated:
        element = elements[place]
        if (place,) not in spared and element.kind not in ("list", "acl") and not denies_all(element):
            yield Idle((place,), "denial" if _denies(element) else "repeated")


class _Idling:
    def __init__(self, trial: Trial, acl: str | None, current: MatchList, spared: Collection[Path]) -> None:
        self._trial = trial
        self._acl = acl
        self._whole = self._current = current
        # The list without all that was found: two elements that stand in for each other must not both go.
        self._least = current
        self._spared = frozenset(spared)
        # Who is admitted in the end: by the list that is judged, or by the acl alone.
        self._own = trial if acl is None else Trial((current,), trial.lookup)

    def find(self) -> Iterator[Idle]:
        yield from self._inside((), self._current)

    def _inside(self, path: Path, match_list: MatchList) -> Iterator[Idle]:
        elements = match_list.elements
        closing = True
        for at in reversed(range(len(elements))):
            here = (*path, at)
            element = elements[at]
            closing = closing and denies_all(element)
            if closing or here in self._spared:
                continue
            shorter = without(self._current, here)
            least = without(self._least, here)
            # Alone too: in `{ key k; none; any; }` the `any` is idle, and without the `none` it is not.
            alone = without(self._whole, here)
            if all(self._trial.same({self._acl: each}) for each in (shorter, least, alone)):
                self._least = least
                manner = self._manner(element)
                together = manner != "contradicted" and not self._last_mention(element, elements[:at])
                if together:
                    self._current = shorter
                yield Idle(here, manner, together)
            elif isinstance(element.value, MatchList):
                yield from self._inside(here, element.value)

    def _manner(self, element: MatchElement) -> Manner:
        if _denies(element):
            return "denial"
        alone = build(MatchList((element,)), self._trial.lookup)
        admits = refused = False
        for world in self._own.worlds:
            clients, served = admitted(alone, world), self._own.admitted(world)
            admits = admits or bool(clients & served)
            refused = refused or not clients <= served
        # A key is there to admit its holders from anywhere.
        return "contradicted" if refused and (not admits or element.kind == "key") else "repeated"

    def _last_mention(self, element: MatchElement, before: Sequence[MatchElement]) -> bool:
        """Whether an element names keys and does not repeat an earlier one."""
        signers = set(build(MatchList((element,)), self._trial.lookup).signers)
        for other in before:
            if other.kind == element.kind and other.negated == element.negated:
                signers -= set(build(MatchList((other,)), self._trial.lookup).signers)
        return bool(signers)


def _denies(element: MatchElement) -> bool:
    """Whether an element is there to deny; `!none` admits everyone."""
    return element.negated != (element.kind == "none")


def denies_all(element: MatchElement) -> bool:
    """Whether an element is a denial of everybody, or of a whole family: what closes a list for readers."""
    if element.kind in ("none", "any"):
        return element.negated == (element.kind == "any")
    value = element.value
    return element.negated and element.kind == "prefix" and getattr(value, "length", 1) == 0


def late_target(trial: Trial, acl: str | None, path: Path) -> int | None:
    """To which earlier place in its list a denial that changes nothing has to be moved to deny what it says.

    None where there is no such place: where the denial has an effect, where moving it changes nothing for other
    machines, or where an earlier element would then admit nobody: `{ 10.0.0.5; !10.0.0.0/8; }` is an exception and its
    rule, in order.
    """
    outer, at = path[:-1], path[-1]
    if at == 0 or not trial.idle(acl, path):
        return None
    front = trial.changed(acl, outer, lambda inner: moved(inner, at, 0))
    wanted = [(world, fewer) for world, fewer in trial.lost(front) if not world.localhost]
    if not wanted:
        return None
    target = _nearest(trial, acl, path, front, unsigned=any(world.signer is None for world, _ in wanted))
    # What was of use must be of use still.
    new = edited(trial.list_of(acl), outer, lambda inner: moved(inner, at, target))
    after = _with(trial, acl, new)
    for place, element in enumerate(_inner(trial.list_of(acl), outer).elements[:at]):
        if element.negated or element.kind == "none" or trial.idle(acl, (*outer, place)):
            continue
        # Those behind the target have made room for the denial.
        if after.same({acl: without(new, (*outer, place + (place >= target)))}):
            return None
    return target


def _nearest(trial: Trial, acl: str | None, path: Path, front: Acl, *, unsigned: bool) -> int:
    """The last place at which the denial does for others' unsigned requests what it does in front (else: anything)."""
    outer, at = path[:-1], path[-1]
    plain = [world for world in trial.worlds if world.signer is None and not world.localhost]
    for target in range(at - 1, 0, -1):
        there = trial.changed(acl, outer, partial(moved, source=at, target=target))
        if unsigned:
            if all(admitted(there, world) == admitted(front, world) for world in plain):
                return target
        elif not trial.same_as(there):
            return target
    return 0


def _with(trial: Trial, acl: str | None, new: MatchList) -> Trial:
    if acl is None:
        return Trial((new, *trial.lists[1:]), trial.lookup)
    lookup = trial.lookup
    return Trial(trial.lists, lambda name: new if name == acl else lookup(name))
