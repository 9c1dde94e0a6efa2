"""One request decided step by step, as named does: may this client, with this key, take this zone?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, reduce
from typing import NamedTuple

from named_audit.model.config import Config, Key, Setting, View, Zone
from named_audit.model.matchlist import MatchElement, MatchList, condition_words
from named_audit.model.names import BUILT_IN_KEYS, canonical
from named_audit.policy.access import Access, Accesses
from named_audit.policy.addresses import BITS, AddressSet
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES, Answer, Answers
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.listeners import listeners
from named_audit.policy.matchlist import Acl, Locality, build
from named_audit.policy.reach import LOCALITIES, NO_CONDITIONS, Lists, Reach, cases_of
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

_MOST_LEVELS = 20
"""How far into lists within lists a trace goes."""


class Request(NamedTuple):
    """A transfer request.

    `signer` is a canonical key name (None: unsigned). `port` is the server's port that it comes to, None for the
    usual one of the transport. `destination` is the server's address it comes to, `recursion` whether it asks for
    recursion (RD); None leaves that to the client.
    """

    address: int
    family: int
    signer: str | None = None
    transport: str = "tcp"
    port: int | None = None
    destination: tuple[int, int] | None = None
    recursion: bool | None = None


class Step(NamedTuple):
    """One element that was looked at, or one fact, in the order in which they count."""

    span: Span | None
    element: str
    result: str
    depth: int = 0


class Verdict(NamedTuple):
    """What named does with a request. `view` is where it lands; None: nowhere, or left open by what is not known.

    `depends` says what the answer would be otherwise, for facts that are not in the file.
    """

    served: bool
    view: View | None
    setting: Setting
    trace: tuple[Step, ...]
    depends: tuple[str, ...] = ()
    releases: tuple[str, ...] | None = None


class Weighed(NamedTuple):
    """What one address match list says of a request, element by element; `depends` as for a verdict."""

    allowed: bool
    steps: tuple[Step, ...]
    depends: tuple[str, ...] = ()


class Judge:
    """Decides requests against one configuration."""

    def __init__(self, config: Config, interfaces: Interfaces | None = None) -> None:
        self._config = config
        self._interfaces = interfaces
        self._lists = Lists(config)
        self._reach = Reach(config, self._lists, interfaces)
        self._answers = Answers(config, Accesses(config, self._lists, self._reach))
        self._zones: dict[str, list[Zone]] | None = None

    def decide(self, name: str, request: Request, view: View | None = None) -> Verdict:
        """Decide one request.

        Args:
            name: the zone's name, in any case, with or without its trailing dot.
            request: the request.
            view: what is asked is whether this view serves it; None: whichever it lands in.
        """
        request = _unmapped(request)
        places = self._places(request)
        held, *others = self._held(request.signer, view)

        def best(
            place: Locality, conditions: frozenset[str] = NO_CONDITIONS, key: Key | None = held
        ) -> Verdict:
            return self._best(name, _Asked(request, place, conditions, key), view)

        first = best(places[0])
        depends = list(first.depends)
        for place in places[1:]:
            other = best(place)
            if other.served != first.served:
                depends.append(f"{_said(other.served)} if the client is {_PLACE_WORDS[place]}")
        for case in cases_of(self._geoip(name)):
            other = best(places[0], case)
            if other.served != first.served:
                holding = " and ".join(condition_words(each) for each in sorted(case))
                depends.append(f"{_said(other.served)} where {holding} holds")
        for key in others:
            other = best(places[0], key=key)
            if other.served != first.served and key is not None:
                depends.append(f"{_said(other.served)} with the key of this name of view {key.view}")
        return first._replace(depends=tuple(depends))

    def weigh(self, statement: Statement, request: Request) -> Weighed:
        """What the list of one statement says of a request, whatever the list is for."""
        request = _unmapped(request)
        acl = self._lists.acl(statement)
        first, *others = [_Asked(request, place, NO_CONDITIONS) for place in self._places(request)]
        allowed = first.allowed_by(acl, request.signer)
        word = {True: "allowed", False: "denied"}
        depends = [
            f"{word[not allowed]} if the client is {_PLACE_WORDS[asked.place]}"
            for asked in others
            if asked.allowed_by(acl, request.signer) != allowed
        ]
        for case in cases_of(acl.geoip):
            if first._replace(conditions=case).allowed_by(acl, request.signer) != allowed:
                holding = " and ".join(condition_words(each) for each in sorted(case))
                depends.append(f"{word[not allowed]} where {holding} holds")
        return Weighed(allowed, tuple(self._elements(acl, statement, first)), tuple(depends))

    def _best(self, name: str, asked: _Asked, wanted: View | None) -> Verdict:
        """What the client can get: it chooses what the request leaves open."""
        request = asked.request
        best: Verdict | None = None
        for recursion in self._recursions(request):
            found = [
                (targets, self._decide(name, asked._replace(targets=targets, recursion=recursion), wanted))
                for targets in self._targets(asked, wanted)
            ]
            served = [targets for targets, verdict in found if verdict.served and targets is not None]
            chosen = max((verdict for _, verdict in found), key=_far)
            if chosen.served:
                depends = list(chosen.depends)
                if 0 < len(served) < len(found):
                    depends.append(f"only for requests to {_targets_words(_union(served))}")
                if recursion and request.recursion is None:
                    depends.append("only to a request that asks for recursion (RD)")
                return chosen._replace(depends=tuple(depends))
            best = best or chosen
        assert best is not None
        return best

    def _recursions(self, request: Request) -> tuple[bool, ...]:
        if request.recursion is not None:
            return (request.recursion,)
        # A secondary does not ask for recursion, but anybody may.
        return (False, True) if any(map(self._reach.recursive_only, self._config.views)) else (False,)

    def _targets(self, asked: _Asked, wanted: View | None) -> list[AddressSet | None]:
        """The server's addresses, those together between which no view tells a difference."""
        request = asked.request
        class_ = _class(wanted)
        lists = [self._reach.match_destinations(view) for view in self._config.views if view.class_ == class_]
        told = [acl for acl in lists if acl is not None]
        if not told:
            return [None]
        if request.destination is not None:
            number, family = request.destination
            return [AddressSet.from_prefix(family, number, BITS[family])]
        anywhere = AddressSet.everything() if self._interfaces is None else self._interfaces.own
        groups = [AddressSet(anywhere.v4, ()) if request.family == 4 else AddressSet((), anywhere.v6)]
        for acl in told:
            for signer in dict.fromkeys((request.signer, None)):
                own = acl.addresses(signer, "localhost", asked.conditions)
                groups = [part for group in groups for part in (group & own, group - own) if part]
        return [*groups]

    def _places(self, request: Request) -> tuple[Locality, ...]:
        """What the client may be to the server, the likeliest first."""
        if self._interfaces is not None:
            return (self._interfaces.locality(request.address, request.family),)
        loopback = Interfaces.loopback().locality(request.address, request.family)
        if loopback != "elsewhere":
            return (loopback,)
        return tuple(reversed(LOCALITIES))

    def _named(self, name: str) -> list[Zone]:
        """The zones of a name in all views; logs ask about many."""
        if self._zones is None:
            self._zones = {}
            for zone in self._config.zones:
                self._zones.setdefault(zone.canonical, []).append(zone)
        return self._zones.get(name, [])

    def _geoip(self, name: str) -> tuple[str, ...]:
        found = set(self._reach.geoip(tuple(self._config.views)))
        low = canonical(name)
        for zone in self._named(low):
            for answer in self._answers.of(zone):
                if answer.access is not None and answer.access.acl is not None:
                    found.update(answer.access.acl.geoip)
        return tuple(sorted(found))

    def _decide(self, name: str, asked: _Asked, wanted: View | None) -> Verdict:
        trace: list[Step] = []
        request = asked.request
        nowhere = Setting(None, "default")
        if not self._listens(request, trace) or self._dropped(asked, trace):
            return Verdict(False, None, nowhere, tuple(trace))
        view, verified = self._view(asked, _class(wanted), trace)
        if view is None:
            return Verdict(False, None, nowhere, tuple(trace))
        if wanted is not None and view is not wanted:
            trace.append(
                Step(None, f"view {view.name}", f"the request lands here, not in view {wanted.name}")
            )
            return Verdict(False, view, nowhere, tuple(trace))
        if request.signer is not None and not verified:
            key = f'key "{request.signer}"'
            trace.append(Step(None, key, "refused: the server does not know this key here (BADKEY)"))
            return Verdict(False, view, nowhere, tuple(trace))
        return self._zone(name, view, asked, trace)

    def _listens(self, request: Request, trace: list[Step]) -> bool:
        found = [
            each
            for each in listeners(self._config, self._lists)
            if each.transport == request.transport and request.port in (None, each.port)
        ]
        asked = request.port is not None or request.transport == "tls"
        if asked:
            found = [each for each in found if each.serves(request.family)]
        if found or self._config.unseen:
            return True
        where = f"on port {request.port}" if request.port is not None else "anywhere"
        where += f" over IPv{request.family}" if asked else ""
        trace.append(
            Step(None, "listeners", f"refused: the server does not listen for {request.transport} {where}")
        )
        return False

    def _dropped(self, asked: _Asked, trace: list[Step]) -> bool:
        statement = self._config.options.statements.get("blackhole")
        if statement is None:
            return False
        acl = self._lists.acl(statement)
        unsigned = asked._replace(request=asked.request._replace(signer=None))
        if not asked.allowed_by(acl, unsigned.request.signer):
            return False
        trace.extend(self._elements(acl, statement, unsigned, "dropped: named does not answer"))
        return True

    def _view(self, asked: _Asked, class_: str, trace: list[Step]) -> tuple[View | None, bool]:
        """The view a request lands in, and whether its key was verified there."""
        request = asked.request
        views = self._config.views
        if len(views) == 1 and views[0].name is None:
            return views[0], request.signer is None or self._reach.knows(views[0], request.signer)
        for view in views:
            if view.class_ != class_ or view.name is None:
                continue
            verified = request.signer is not None and self._same(asked.held, view, request.signer)
            signer = request.signer if verified else None
            here = asked._replace(request=request._replace(signer=signer))
            if self._admits(view, here, trace):
                return view, verified or request.signer is None
        trace.append(Step(None, "views", "refused: no view takes the request"))
        return None, False

    def _admits(self, view: View, asked: _Asked, trace: list[Step]) -> bool:
        span = view.statement.name_span if view.statement is not None else None
        head = f"view {view.name}"
        if self._reach.recursive_only(view) and not asked.recursion:
            trace.append(Step(span, head, "not for this request: match-recursive-only"))
            return False
        clients = view.level.statements.get("match-clients")
        if clients is not None:
            acl = self._lists.acl(clients)
            admitted = asked.allowed_by(acl, asked.request.signer)
            trace.append(
                Step(
                    span, head, "its match-clients let the request in" if admitted else "not for this client"
                )
            )
            trace.extend(self._elements(acl, clients, asked, depth=1))
            if not admitted:
                return False
        targets = view.level.statements.get("match-destinations")
        if targets is None:
            if clients is None:
                trace.append(Step(span, head, "it takes every client"))
            return True
        assert asked.targets is not None
        own = self._lists.acl(targets).addresses(asked.request.signer, "localhost", asked.conditions)
        here = asked.targets <= own
        said = _targets_words(asked.targets)
        trace.append(
            Step(
                targets.span,
                "match-destinations",
                f"lets in requests to {said}" if here else f"not for requests to {said}",
            )
        )
        return here

    def _held(self, signer: str | None, wanted: View | None) -> list[Key | None]:
        """The keys that a name may stand for in the client's hands, the one that is meant first.

        The same name may have two secrets. Who asks about a view means that view's key.
        """
        if wanted is not None and (own := self._config.key_ring(wanted).get(signer or "")) is not None:
            return [own]
        distinct: dict[tuple[str | None, str | None], Key] = {}
        for key in self._config.all_keys:
            if key.canonical == signer:
                distinct.setdefault((key.secret, key.algorithm), key)
        return [*distinct.values()] or [None]

    def _same(self, held: Key | None, view: View, signer: str) -> bool:
        here = self._config.key_ring(view).get(signer)
        if here is None and held is None and signer in BUILT_IN_KEYS:
            return True
        if here is None or held is None:
            return self._config.unseen
        return (here.secret, here.algorithm) == (held.secret, held.algorithm)

    def _zone(self, name: str, view: View, asked: _Asked, trace: list[Step]) -> Verdict:
        low = canonical(name)
        found = [self._answers.of(zone) for zone in self._named(low) if zone.view is view]
        nowhere = Setting(None, "default")
        if not found:
            trace.append(Step(None, f"zone {low}", "refused: this view has no such zone (NOTAUTH)"))
            return Verdict(False, view, nowhere, tuple(trace))
        answer = found[0][0]
        span = answer.zone.statement.name_span
        if answer.access is None:
            what = f"a {answer.type} zone" if answer.type is not None else "a zone without a type"
            trace.append(Step(span, f"zone {low}", f"refused: {what} is never handed out (NOTAUTH)"))
            return Verdict(False, view, answer.setting, tuple(trace))
        statement = answer.setting.statement
        if statement is None:
            return self._by_default(low, view, found[0], trace)
        return self._by_list(view, answer, answer.access, statement, asked, trace)

    def _by_default(self, low: str, view: View, found: tuple[Answer, ...], trace: list[Step]) -> Verdict:
        answer = found[0]
        assert answer.access is not None
        span = answer.zone.statement.name_span
        if answer.setting.level == "mirror":
            trace.append(
                Step(span, f"zone {low}", "refused: on a mirror zone only its own allow-transfer counts")
            )
        elif len(found) > 1:
            said = (
                f"no allow-transfer applies: served on BIND {OPEN_LINES[0]} to {OPEN_LINES[-1]}, "
                f"refused from {CLOSED_LINES[0]} on"
            )
            trace.append(Step(span, f"zone {low}", said))
            return Verdict(True, view, answer.setting, tuple(trace), releases=OPEN_LINES)
        else:
            said = "served" if answer.access.opened else "refused"
            trace.append(
                Step(span, f"zone {low}", f"no allow-transfer applies, and this release then means {said}")
            )
        return Verdict(answer.access.opened, view, answer.setting, tuple(trace))

    def _by_list(
        self,
        view: View,
        answer: Answer,
        access: Access,
        statement: Statement,
        asked: _Asked,
        trace: list[Step],
    ) -> Verdict:
        request = asked.request
        refused = Verdict(False, view, answer.setting, ())
        port = request.port if request.port is not None else self._usual_port(request)
        head = statement.name_span
        if access.transport is not None and access.transport != request.transport:
            trace.append(
                Step(
                    head,
                    f"transport {access.transport}",
                    f"refused: the request comes over {request.transport}",
                )
            )
            return refused._replace(trace=tuple(trace))
        if access.port is not None and access.port != port:
            trace.append(Step(head, f"port {access.port}", f"refused: the request comes to port {port}"))
            return refused._replace(trace=tuple(trace))
        if not access.listened.family(request.family):
            where = f" on port {access.port}" if access.port is not None else ""
            what = f"the server does not listen for {request.transport}{where} over IPv{request.family}"
            trace.append(Step(head, "listeners", f"refused: {what}"))
            return refused._replace(trace=tuple(trace))
        assert access.acl is not None
        served = asked.allowed_by(access.acl, request.signer)
        trace.append(Step(head, "allow-transfer", f"decides at the level of the {answer.level}"))
        trace.extend(self._elements(access.acl, statement, asked, depth=1))
        reached = [
            each
            for each in access.listeners()
            if (each.transport, each.port) == ("tls", port) and each.serves(request.family)
        ]
        mutual = request.transport == "tls" and reached and all(each.client_certificates for each in reached)
        depends = (
            ("served only to a client with a certificate of the listener's ca-file",)
            if served and mutual
            else ()
        )
        return Verdict(served, view, answer.setting, tuple(trace), depends)

    def _usual_port(self, request: Request) -> int:
        found = [each for each in listeners(self._config, self._lists) if each.transport == request.transport]
        usual = [each for each in found if each.serves(request.family)] or found
        return usual[0].port if usual else 853 if request.transport == "tls" else 53

    def _elements(
        self,
        acl: Acl,
        statement: Statement,
        asked: _Asked,
        allowed: str = "",
        depth: int = 0,
    ) -> Iterator[Step]:
        """What each element says, up to the one that decides. A list that it names follows, one level deeper."""
        decision = acl.deciding(
            asked.request.address,
            asked.request.family,
            asked.request.signer,
            localhost=asked.place == "localhost",
            localnets=asked.place != "elsewhere",
            conditions=asked.conditions,
        )
        for element in acl.match_list.elements:
            span = statement.locate(element.start, element.end)
            text = " ".join(span.text.rstrip(";").split())
            if element is not decision.element:
                yield Step(span, text, "does not match", depth)
                yield from self._inside(element, statement, asked, depth)
                continue
            if decision.flipped_by is not None:
                later = statement.locate(decision.flipped_by.start, decision.flipped_by.end)
                words = " ".join(later.text.rstrip(";").split())
                said = f"matches, but `{words}` behind it is merged into it and turns it into a denial"
            else:
                said = (
                    allowed
                    if allowed and decision.allowed
                    else ("matches: allows" if decision.allowed else "matches: denies")
                )
            yield Step(span, text, said, depth)
            yield from self._inside(element, statement, asked, depth)
            return
        yield Step(statement.name_span, "}", "no element matches: denies", depth)

    def _inside(
        self, element: MatchElement, statement: Statement, asked: _Asked, depth: int
    ) -> Iterator[Step]:
        if depth >= _MOST_LEVELS:
            return
        if isinstance(element.value, MatchList):
            yield from self._elements(
                build(element.value, self._lists.lookup), statement, asked, depth=depth + 1
            )
        elif element.kind == "acl":
            definition = self._config.acls.get(fold(str(element.value)))
            if definition is None:
                yield Step(None, str(element.value), "no acl of this name: matches nothing", depth + 1)
            else:
                inner = self._lists.acl(definition.statement)
                yield from self._elements(inner, definition.statement, asked, depth=depth + 1)


class _Asked(NamedTuple):
    """A request with what is assumed of the client."""

    request: Request
    place: Locality
    conditions: frozenset[str]
    held: Key | None = None
    """The key that signs, where it is defined in what was read."""
    targets: AddressSet | None = None
    """The server's addresses that it may come to; None where that makes no difference."""
    recursion: bool = False

    def allowed_by(self, acl: Acl, signer: str | None) -> bool:
        """Whether a list allows it."""
        held = acl.addresses(signer, self.place, self.conditions)
        return held.holds(self.request.address, self.request.family)


_PLACE_WORDS: dict[Locality, str] = {
    "localhost": "the server itself",
    "localnets": "on one of the server's networks",
    "elsewhere": "on none of the server's networks",
}


def _unmapped(request: Request) -> Request:
    # Named has separate sockets for the families, so a client is never seen under its IPv4-mapped address.
    if request.family == 6 and request.address >> 32 == 0xFFFF:
        return request._replace(address=request.address & 0xFFFFFFFF, family=4)
    return request


def _far(verdict: Verdict) -> tuple[bool, bool, bool]:
    """Of several verdicts the one to tell: served, or what got farthest."""
    return verdict.served, verdict.setting.statement is not None, verdict.view is not None


def _class(wanted: View | None) -> str:
    return "in" if wanted is None else wanted.class_


def _union(sets: Sequence[AddressSet]) -> AddressSet:
    return reduce(AddressSet.__or__, sets)


@lru_cache(maxsize=64)
def _targets_words(targets: AddressSet) -> str:
    everything = AddressSet.everything()
    whole = targets.v4 in ((), everything.v4) and targets.v6 in ((), everything.v6)
    return "any address of the server" if whole else targets.words()


def _said(served: bool) -> str:
    return "served" if served else "refused"
