"""Match lists that do not do what they look like: known idioms gone wrong, denials without effect, dead elements.

Each list is judged as a whole, so that what one fault explains is not reported a second time as another. A shape is
only a suspicion; that the list admits the wrong clients is found by building the corrected list and comparing.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Literal, NamedTuple, TypeAlias

from named_audit.model.matchlist import MatchElement, MatchList, Prefix
from named_audit.policy.addresses import AddressSet
from named_audit.policy.effects import (
    MOST_ELEMENTS,
    MOST_WORK,
    Lookup,
    Manner,
    Path,
    Trial,
    World,
    admitted,
    denies_all,
    idle_elements,
    inserted,
    late_target,
    moved,
    replaced,
)
from named_audit.policy.matchlist import Acl, build
from named_audit.syntax.words import fold

Kind: TypeAlias = Literal[
    "and without any",
    "inverted",
    "unreachable pair",
    "stacked demands",
    "crossed pairs",
    "flipped",
    "lost denial",
    "late denial",
    "idle",
]

_NONE = MatchElement(False, "none", None)
_ANY = MatchElement(False, "any", None)


class Place(NamedTuple):
    """An element: in the list of an acl (its name in lower case), or in the statement's own list (None)."""

    acl: str | None
    path: Path


class Fault(NamedTuple):
    """One thing that is wrong with a list.

    `at` is the element at fault. What the others mean depends on the kind, see the functions that find them.
    """

    kind: Kind
    at: Place
    who: AddressSet = AddressSet.nothing()
    """The clients that are not treated as the text looks like."""
    signers: tuple[str, ...] = ()
    """The keys with which they are not, canonical; none: they are treated so without a key."""
    others: tuple[Place, ...] = ()
    target: int | None = None
    """To which place in its list the element should move."""
    pairs: tuple[tuple[int, ...], ...] = ()
    """The places in the list that belong together: each is a list of its own in the corrected one."""
    manner: Manner | None = None
    equal: bool = False
    """Whether the correction leaves everybody's access as it is; of an idle element, together with all such others."""
    explains: tuple[Place, ...] = ()
    """Elements that change nothing because of this."""


class _Unit(NamedTuple):
    """A list that admits: the statement's own, or one that it uses without a `!`."""

    acl: str | None
    path: Path
    match_list: MatchList

    def place(self, *places: int) -> Place:
        return Place(self.acl, (*self.path, *places))

    def inner(self, at: int) -> Place:
        """Where the elements of the list stand that an element holds or names."""
        element = self.match_list.elements[at]
        return Place(fold(str(element.value)), ()) if element.kind == "acl" else self.place(at)


def find_faults(match_list: MatchList, lookup: Lookup) -> tuple[Fault, ...]:
    """What is wrong with a list, and with the acls that it uses as far as this list suffers.

    Elements that change nothing are found in the list itself only: an acl may have other users.
    """
    elements = match_list.elements
    if not elements or (len(elements) == 1 and elements[0].kind not in ("list", "acl")):
        return ()
    trial = Trial((match_list,), lookup)
    if not trial.certain:
        return ()
    faults: list[Fault] = []
    for unit in _units(match_list, lookup):
        count = len(unit.match_list.elements)
        if count <= MOST_ELEMENTS and count * trial.size() <= MOST_WORK:
            faults.extend(_in_unit(trial, unit))
    spared = explained(faults, None)
    faults.extend(
        Fault("idle", Place(None, idle.path), manner=idle.manner, equal=idle.together)
        for idle in idle_elements(trial, None, spared)
    )
    return tuple(faults)


def explained(faults: Iterable[Fault], acl: str | None) -> frozenset[Path]:
    """The elements of a list about which these faults say all there is to say."""
    places = (place for fault in faults for place in (fault.at, *fault.explains))
    return frozenset(place.path for place in places if place.acl == acl)


def reached_acls(match_list: MatchList, lookup: Lookup) -> tuple[str, ...]:
    """The acls that a list uses, also through others, in lower case."""
    seen: dict[str, None] = {}
    waiting = [match_list]
    while waiting:
        for element in waiting.pop().elements:
            if isinstance(element.value, MatchList):
                waiting.append(element.value)
            elif element.kind == "acl" and (name := fold(str(element.value))) not in seen:
                found = lookup(name)
                if found is not None:
                    seen[name] = None
                    waiting.append(found)
    return tuple(seen)


def _units(match_list: MatchList, lookup: Lookup) -> Iterator[_Unit]:
    seen: set[str] = set()
    waiting = [_Unit(None, (), match_list)]
    while waiting:
        unit = waiting.pop()
        yield unit
        for at, element in enumerate(unit.match_list.elements):
            if element.negated:
                continue
            if isinstance(element.value, MatchList):
                waiting.append(_Unit(unit.acl, (*unit.path, at), element.value))
            elif element.kind == "acl" and (name := fold(str(element.value))) not in seen:
                seen.add(name)
                found = lookup(name)
                if found is not None:
                    waiting.append(_Unit(name, (), found))


def _in_unit(trial: Trial, unit: _Unit) -> Iterator[Fault]:
    elements = unit.match_list.elements
    negative = any(element.negated for element in elements)
    if not negative and not any(element.kind in ("list", "acl") for element in elements):
        return
    faults: list[Fault] = []
    if negative:
        faults.extend(_without_any(trial, unit))
        faults.extend(_pairs(trial, unit))
        if not faults:
            faults.extend(_inverted(trial, unit))
        faults.extend(_flipped(trial, unit))
    faults.extend(_lost(trial, unit))
    if negative:
        spared = {place for fault in faults for place in (fault.at, *fault.explains)}
        faults.extend(_late(trial, unit, spared))
    yield from faults


def clients(element: MatchElement, lookup: Lookup, world: World = World()) -> AddressSet:  # noqa: B008
    """Whom an element means in a world, be it to admit or to deny them."""
    return _admits_alone(element._replace(negated=False), lookup, world)


def _admits_alone(element: MatchElement, lookup: Lookup, world: World) -> AddressSet:
    """Whom an element admits without the others. By evaluating: `!none` admits everyone."""
    return admitted(build(MatchList((element,)), lookup), world)


def block_spares(element: MatchElement, lookup: Lookup) -> AddressSet | None:
    """Whom an element like `!{ !192.0.2.53; any; }` lets pass; None if it is not one that stops all but some.

    The addresses are those of the families in which it stops at least half of all clients.
    """
    if not element.negated or element.kind not in ("list", "acl"):
        return None
    stopped = clients(element, lookup)
    passed = ~stopped
    spared = AddressSet(
        passed.v4 if stopped.share(4) >= 0.5 else (), passed.v6 if stopped.share(6) >= 0.5 else ()
    )
    return spared or None


def _inner_list(element: MatchElement, lookup: Lookup) -> MatchList | None:
    if isinstance(element.value, MatchList):
        return element.value
    return lookup(fold(str(element.value))) if element.kind == "acl" else None


def _signers(element: MatchElement, lookup: Lookup) -> tuple[str, ...]:
    if element.negated or element.kind not in ("key", "list", "acl"):
        return ()
    return build(MatchList((element,)), lookup).signers


def _without_any(trial: Trial, unit: _Unit) -> Iterator[Fault]:
    """`{ !{ !h; }; key k; }`: the inner list matches nobody, so that nobody is stopped. `others`: its last element."""
    elements = unit.match_list.elements
    for at, element in enumerate(elements):
        inner = _inner_list(element, trial.lookup) if element.negated else None
        if inner is None or not inner.elements or not all(each.negated for each in inner.elements):
            continue
        if not any(_signers(behind, trial.lookup) for behind in elements[at + 1 :]):
            continue
        place = unit.inner(at)
        complete = trial.changed(place.acl, place.path, _with_any)
        keys = {world.signer for world, _ in trial.lost(complete) if world.signer is not None}
        if not keys or not any(admitted(complete, world) for world in trial.worlds):
            continue
        spared = ~clients(MatchElement(False, "list", _with_any(inner)), trial.lookup)
        last = Place(place.acl, (*place.path, len(inner.elements) - 1))
        explains = tuple(Place(place.acl, (*place.path, index)) for index in range(len(inner.elements)))
        yield Fault(
            "and without any",
            unit.place(at),
            spared,
            tuple(sorted(keys)),
            (last,),
            explains=explains,
        )


def _with_any(match_list: MatchList) -> MatchList:
    return match_list._replace(elements=(*match_list.elements, _ANY))


def _pairs(trial: Trial, unit: _Unit) -> Iterator[Fault]:
    """Several blocks that stop all but some, or one for several keys. `others`: the keys' elements."""
    lookup, elements = trial.lookup, unit.match_list.elements
    starts: list[int] = []
    keyed = True
    for at, element in enumerate(elements):
        if block_spares(element, lookup) is not None:
            if keyed:
                starts.append(at)
                keyed = False
        elif _signers(element, lookup):
            keyed = True
    if not keyed:
        starts.pop()
    if not starts:
        return
    ends = (*starts[1:], len(elements))
    segments: tuple[tuple[int, ...], ...] = tuple(
        tuple(range(start, end)) for start, end in zip(starts, ends, strict=True)
    )
    if len(starts) > 1:
        yield from _unreachable(trial, unit, segments)
    else:
        yield from _stacked(trial, unit, segments[0])
        yield from _crossed(trial, unit, segments[0])


def _unreachable(trial: Trial, unit: _Unit, segments: tuple[tuple[int, ...], ...]) -> Iterator[Fault]:
    """`{ !{ !h1; any; }; key k1; !{ !h2; any; }; key k2; }`: the first block stops h2. `pairs` as they were meant."""
    lookup, elements = trial.lookup, unit.match_list.elements
    lists = [
        MatchElement(False, "list", MatchList(tuple(elements[at] for at in segment))) for segment in segments
    ]
    meant = MatchList((*elements[: segments[0][0]], *lists))
    apart = trial.changed(unit.acl, unit.path, lambda inner: inner._replace(elements=meant.elements))
    gained = list(trial.gained(apart))
    for segment in segments[1:]:
        keys = {signer for at in segment for signer in _signers(elements[at], lookup)}
        spared = block_spares(elements[segment[0]], lookup)
        assert spared is not None
        shut = [(world.signer, more & spared) for world, more in gained if world.signer in keys]
        who = _union(more for _, more in shut)
        if who:
            signers = tuple(sorted({signer for signer, more in shut if signer is not None and more}))
            explains = tuple(unit.place(at) for later in segments[1:] for at in later)
            yield Fault(
                "unreachable pair",
                unit.place(segment[0]),
                who,
                signers,
                (unit.place(segments[0][0]),),
                pairs=segments,
                explains=explains,
            )
            return


def _stacked(trial: Trial, unit: _Unit, segment: tuple[int, ...]) -> Iterator[Fault]:
    """`{ !{ !h1; any; }; !{ !h2; any; }; key k; }`: each block stops whom the other spares. `others`: the blocks."""
    elements = unit.match_list.elements
    spared = {at: block_spares(elements[at], trial.lookup) for at in segment}
    blocks = [at for at, hosts in spared.items() if hosts is not None]
    if len(blocks) < 2 or blocks[-1] - blocks[0] != len(blocks) - 1:
        return
    left = AddressSet.everything()
    kept: list[MatchElement] = []
    # The list itself changes nothing either, where it stands inside of another.
    explains = [Place(unit.acl, unit.path), *(unit.place(at) for at in segment)]
    for at in blocks:
        inner = elements[at].value
        if not isinstance(inner, MatchList):
            return
        *hosts, last = inner.elements
        if last.kind != "any" or last.negated or not all(each.negated for each in hosts):
            return
        left = left & (spared[at] or left)
        kept += hosts
        explains += [unit.place(at, index) for index in range(len(inner.elements))]
    if left:
        return  # who is in all of them is admitted, and that may be what was meant
    one = MatchElement(True, "list", MatchList((*kept, _ANY)))
    meant = (*elements[: blocks[0]], one, *elements[blocks[-1] + 1 :])
    merged = trial.changed(unit.acl, unit.path, lambda inner: inner._replace(elements=meant))
    gained = list(trial.gained(merged))
    signers = tuple(sorted({world.signer for world, _ in gained if world.signer is not None}))
    if not signers or any(world.signer is None for world, _ in gained) or any(trial.lost(merged)):
        return
    yield Fault(
        "stacked demands",
        unit.place(blocks[1]),
        _union(more for _, more in gained),
        signers,
        tuple(unit.place(at) for at in blocks),
        explains=tuple(explains),
    )


def _crossed(trial: Trial, unit: _Unit, segment: tuple[int, ...]) -> Iterator[Fault]:
    """`{ !{ !h1; !h2; any; }; key k1; key k2; }`: each host may use each key. `pairs`: the block, then the keys."""
    lookup, elements = trial.lookup, unit.match_list.elements
    while denies_all(elements[segment[-1]]):
        segment = segment[:-1]
    keys = [at for at in segment if elements[at].kind == "key" and not elements[at].negated]
    blocks = [at for at in segment if block_spares(elements[at], lookup) is not None]
    if len(keys) + len(blocks) != len(segment) or len(blocks) != 1:
        return
    hosts = block_spares(elements[blocks[0]], lookup)
    assert hosts is not None
    signers = tuple(dict.fromkeys(key for at in keys for key in _signers(elements[at], lookup)))
    if len(signers) < 2 or len(prefixes_of(elements[blocks[0]], lookup, hosts)) < 2:
        return
    if all(hosts <= trial.admitted(World(signer)) for signer in signers):
        others = tuple(unit.place(at) for at in keys)
        yield Fault("crossed pairs", unit.place(blocks[0]), hosts, signers, others, pairs=(tuple(segment),))


def prefixes_of(element: MatchElement, lookup: Lookup, within: AddressSet) -> tuple[Prefix, ...]:
    """The prefixes within a set that an element and the lists behind it are made of, in text order, each once."""
    found: dict[Prefix, None] = {}
    # Acls that name each other twice at every level would be walked for ever.
    seen: set[str] = set()
    waiting = [element]
    while waiting:
        each = waiting.pop()
        if isinstance(each.value, Prefix):
            if AddressSet.from_prefixes((each.value,)) <= within:
                found[each.value] = None
            continue
        name = fold(str(each.value)) if each.kind == "acl" else None
        if name is not None and name in seen:
            continue
        if name is not None:
            seen.add(name)
        inner = _inner_list(each, lookup)
        waiting.extend(reversed(inner.elements) if inner is not None else ())
    return tuple(found)


def _inverted(trial: Trial, unit: _Unit) -> Iterator[Fault]:
    """`{ !h; key k; }`: the key from everywhere but h. `others`: the denials; `who`: those that the keys lack."""
    lookup, elements = trial.lookup, unit.match_list.elements
    alone = Trial((unit.match_list,), lookup)
    if any(
        _admits_alone(each, lookup, world)
        for each in elements
        for world in alone.worlds
        if world.signer is None
    ):
        return  # the denials may be exceptions to these
    last = max((at for at, element in enumerate(elements) if _signers(element, lookup)), default=0)
    denials = [
        at
        for at, element in enumerate(elements[:last])
        if element.negated and element.kind in ("prefix", "list", "acl") and not denies_all(element)
    ]
    if not denials:
        return
    signers: list[str] = []
    lacking = AddressSet.nothing()
    for signer in alone.acls[0].signers:
        served = alone.admitted(World(signer))
        missing = ~served
        if served and missing and max(missing.share(4), missing.share(6)) < 0.5:
            signers.append(signer)
            lacking = lacking | missing
    if signers:
        others = tuple(unit.place(at) for at in denials)
        yield Fault("inverted", others[0], lacking, tuple(signers), others)


def _flipped(trial: Trial, unit: _Unit) -> Iterator[Fault]:
    """`{ good; !bad; }` with the same prefix in both: denied, though the text admits it. `others`: what admitted it.

    `manner` is "contradicted" where one of those admits nobody at all.
    """
    lookup, elements = trial.lookup, unit.match_list.elements
    for at in build(unit.match_list, lookup).flipping:
        element = elements[at]
        # With a negative element of its own a list is not merged: then the text's order holds.
        apart = MatchList((element._replace(negated=False), _NONE))
        textual = trial.changed(
            unit.acl,
            unit.path,
            partial(replaced, at=at, element=element._replace(kind="list", value=apart)),
        )
        gained = list(trial.gained(textual))
        who = _union(more for _, more in gained)
        if not who:
            continue
        before = [
            place for place, each in enumerate(elements[:at]) if _admits_alone(each, lookup, World()) & who
        ]
        target = before[0]
        first = trial.changed(unit.acl, unit.path, partial(moved, source=at, target=target))
        others = tuple(unit.place(place) for place in before)
        useless = any(trial.idle(place.acl, place.path) for place in others)
        yield Fault(
            "flipped",
            unit.place(at),
            who,
            (),
            others,
            target,
            manner="contradicted" if useless else None,
            equal=trial.same_as(first),
            explains=others,
        )


def _lost(trial: Trial, unit: _Unit) -> Iterator[Fault]:
    """`{ partners; 192.0.2.0/24; }` where partners denies one of these. `others`: the denials, then what admits."""
    lookup, elements = trial.lookup, unit.match_list.elements
    unsigned = [world for world in trial.worlds if world.signer is None and not world.localhost]
    for at, element in enumerate(elements[:-1]):
        inner = None if element.negated else _inner_list(element, lookup)
        if inner is None or not any(each.negated for each in inner.elements):
            continue
        kept = list(inner.elements)
        while kept and denies_all(kept[-1]):
            kept.pop()
        open_ended = build(MatchList((*kept, _ANY)), lookup)
        earlier = build(MatchList(elements[:at]), lookup)
        whole = build(unit.match_list, lookup)
        lost: list[AddressSet] = []
        for world in unsigned:
            denied = ~admitted(open_ended, world)
            # A list that denies most of the world demands something; it makes no exception.
            if max(denied.share(4), denied.share(6)) < 0.5:
                lost.append(
                    (denied & trial.admitted(world) & admitted(whole, world)) - admitted(earlier, world)
                )
        who = _union(lost)
        if not who:
            continue
        place = unit.inner(at)
        denials = [
            index
            for index, each in enumerate(inner.elements)
            if each.negated and not denies_all(each) and clients(each, lookup) & who
        ]
        if not denials:
            continue
        new = [inner.elements[index] for index in denials]
        first = trial.changed(unit.acl, unit.path, partial(inserted, at=at, new=new))
        if not any(world.signer is None and fewer & who for world, fewer in trial.lost(first)):
            continue
        # By evaluating, not by whom an element names: `!none` names nobody and admits everyone.
        admitting = next(
            index
            for index in range(at + 1, len(elements))
            if _admits(build(MatchList(elements[: index + 1]), lookup), who, unsigned)
        )
        places = tuple(Place(place.acl, (*place.path, index)) for index in denials)
        yield Fault(
            "lost denial", unit.place(at), who, (), (*places, unit.place(admitting)), at, explains=places
        )


def _admits(acl: Acl, who: AddressSet, worlds: Iterable[World]) -> bool:
    return any(admitted(acl, world) & who for world in worlds)


def _late(trial: Trial, unit: _Unit, spared: Iterable[Place]) -> Iterator[Fault]:
    """`{ 10.0.0.0/8; !10.0.0.66; }`: admitted before it can be denied. `others`: the element that it belongs in front of.

    `pairs` is not empty where the denial is one that stops all but some, so that a demand is void.
    """
    elements = unit.match_list.elements
    seen = frozenset(spared)
    closing = len(elements)
    while closing and denies_all(elements[closing - 1]):
        closing -= 1
    for at, element in enumerate(elements[:closing]):
        place = unit.place(at)
        if not element.negated or place in seen:
            continue
        target = late_target(trial, unit.acl, place.path)
        if target is None:
            continue
        after = trial.changed(unit.acl, unit.path, partial(moved, source=at, target=target))
        lost = [(world, fewer) for world, fewer in trial.lost(after) if not world.localhost]
        unsigned = _union(fewer for world, fewer in lost if world.signer is None)
        who = unsigned or _union(fewer for _, fewer in lost)
        keys = () if unsigned else tuple(sorted({w.signer for w, _ in lost if w.signer is not None}))
        demand = block_spares(element, trial.lookup) is not None
        pairs = ((at,),) if demand else ()
        yield Fault("late denial", place, who, keys, (unit.place(target),), target, pairs)


def _union(sets: Iterable[AddressSet]) -> AddressSet:
    total = AddressSet.nothing()
    for each in sets:
        total = total | each
    return total
