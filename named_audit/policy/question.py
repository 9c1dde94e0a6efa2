"""One request decided step by step, as named does: may this client, with this key, take this zone?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.model.config import Config, Key, Setting, View
from named_audit.model.matchlist import MatchElement, MatchList
from named_audit.model.names import canonical
from named_audit.policy.access import Access, Accesses, cases_of
from named_audit.policy.addresses import AddressSet
from named_audit.policy.answers import CLOSED_LINES, OPEN_LINES, Answer, Answers
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.listeners import listeners
from named_audit.policy.matchlist import Acl, Locality, build
from named_audit.policy.reach import LOCALITIES, NO_CONDITIONS, Lists, Reach
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

_MOST_LEVELS = 20
"""How far into lists within lists a trace goes."""


class Request(NamedTuple):
    """A transfer request.

    `signer` is a canonical key name (None: unsigned). `port` is the server's port that it comes to, None for the
    usual one of the transport. `destination` is the server's address it comes to, None where that is left open.
    """

    address: int
    family: int
    signer: str | None = None
    transport: str = "tcp"
    port: int | None = None
    destination: tuple[int, int] | None = None
    recursion: bool = False


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


class Judge:
    """Decides requests against one configuration."""

    def __init__(self, config: Config, interfaces: Interfaces | None = None) -> None:
        self._config = config
        self._interfaces = interfaces
        self._lists = Lists(config)
        self._reach = Reach(config, self._lists, interfaces)
        self._answers = Answers(config, Accesses(config, self._lists, self._reach))

    def decide(self, name: str, request: Request, view: View | None = None) -> Verdict:
        """Decide one request.

        Args:
            name: the zone's name, in any case, with or without its trailing dot.
            request: the request.
            view: what is asked is whether this view serves it; None: whichever it lands in.
        """
        request = self._mapped(request)
        places = self._places(request)
        first = self._decide(name, request, places[0], NO_CONDITIONS, view)
        depends = list(first.depends)
        for place in places[1:]:
            other = self._decide(name, request, place, NO_CONDITIONS, view)
            if other.served != first.served:
                depends.append(f"{_said(other.served)} if the client is {_PLACE_WORDS[place]}")
        for case in cases_of(self._geoip(name)):
            other = self._decide(name, request, places[0], case, view)
            if other.served != first.served:
                holding = " and ".join(f"geoip {each}" for each in sorted(case))
                depends.append(f"{_said(other.served)} where {holding} holds")
        if not request.recursion and any(self._reach.recursive_only(each) for each in self._config.views):
            other = self._decide(name, request._replace(recursion=True), places[0], NO_CONDITIONS, view)
            if other.served and not first.served:
                # The client chooses: what it can get is the answer.
                return other._replace(depends=("only to a request that asks for recursion (RD)", *depends))
        return first._replace(depends=tuple(depends))

    def _mapped(self, request: Request) -> Request:
        setting = self._config.options.statements.get("match-mapped-addresses")
        pieces = setting.pieces if setting is not None else ()
        on = len(pieces) > 1 and pieces[1].low in ("yes", "true", "1")
        if on and request.family == 6 and request.address >> 32 == 0xFFFF:
            return request._replace(address=request.address & 0xFFFFFFFF, family=4)
        return request

    def _places(self, request: Request) -> tuple[Locality, ...]:
        """What the client may be to the server, the likeliest first."""
        if self._interfaces is not None:
            return (self._interfaces.locality(request.address, request.family),)
        loopback = Interfaces.loopback().locality(request.address, request.family)
        if loopback != "elsewhere":
            return (loopback,)
        return tuple(reversed(LOCALITIES))

    def _geoip(self, name: str) -> tuple[str, ...]:
        found = set(self._reach.geoip(tuple(self._config.views)))
        low = canonical(name)
        for zone in self._config.zones:
            for answer in self._answers.of(zone) if zone.canonical == low else ():
                if answer.access is not None and answer.access.acl is not None:
                    found.update(answer.access.acl.geoip)
        return tuple(sorted(found))

    def _decide(
        self, name: str, request: Request, place: Locality, conditions: frozenset[str], wanted: View | None
    ) -> Verdict:
        trace: list[Step] = []
        asked = _Asked(request, place, conditions)
        nowhere = Setting(None, "default")
        if not self._listens(request, trace) or self._dropped(asked, trace):
            return Verdict(False, None, nowhere, tuple(trace))
        view, verified = self._view(asked, trace)
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
        if found or self._config.unseen:
            return True
        where = f"on port {request.port}" if request.port is not None else "anywhere"
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
        trace.extend(self._elements(acl.match_list, statement, unsigned, "dropped: named does not answer"))
        return True

    def _view(self, asked: _Asked, trace: list[Step]) -> tuple[View | None, bool]:
        """The view a request lands in, and whether its key was verified there."""
        request = asked.request
        views = self._config.views
        if len(views) == 1 and views[0].name is None:
            return views[0], request.signer is None or self._reach.knows(views[0], request.signer)
        held = self._held(request.signer)
        for view in views:
            if view.class_ != "in" or view.name is None:
                continue
            verified = request.signer is not None and self._same(held, view, request.signer)
            signer = request.signer if verified else None
            here = asked._replace(request=request._replace(signer=signer))
            if self._admits(view, here, trace):
                return view, verified or request.signer is None
        trace.append(Step(None, "views", "refused: no view takes the request"))
        return None, False

    def _admits(self, view: View, asked: _Asked, trace: list[Step]) -> bool:
        span = view.statement.name_span if view.statement is not None else None
        head = f"view {view.name}"
        if self._reach.recursive_only(view) and not asked.request.recursion:
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
            trace.extend(self._elements(acl.match_list, clients, asked, depth=1))
            if not admitted:
                return False
        targets = view.level.statements.get("match-destinations")
        if targets is None:
            if clients is None:
                trace.append(Step(span, head, "it takes every client"))
            return True
        acl = self._lists.acl(targets)
        return self._at_destination(view, acl, targets, asked, trace)

    def _at_destination(
        self, view: View, acl: Acl, statement: Statement, asked: _Asked, trace: list[Step]
    ) -> bool:
        request = asked.request
        if request.destination is not None:
            number, family = request.destination
            own = acl.addresses(request.signer, "localhost", asked.conditions).holds(number, family)
            said = "its match-destinations let the request in" if own else "not at this address of the server"
            trace.append(Step(statement.span, "match-destinations", said))
            return own
        everywhere = AddressSet.everything() if self._interfaces is None else self._interfaces.own
        some = acl.addresses(request.signer, "localhost", asked.conditions) & everywhere
        own = bool(some.family(request.family))
        said = f"for requests to {some.words()}" if own else "not at any address of the server"
        trace.append(Step(statement.span, "match-destinations", said))
        return own

    def _held(self, signer: str | None) -> Key | None:
        """The key that a name stands for in the client's hands: the first of that name in the file."""
        return next((key for key in self._config.all_keys if key.canonical == signer), None)

    def _same(self, held: Key | None, view: View, signer: str) -> bool:
        here = self._config.key_ring(view).get(signer)
        if here is None or held is None:
            return self._config.unseen
        return (here.secret, here.algorithm) == (held.secret, held.algorithm)

    def _zone(self, name: str, view: View, asked: _Asked, trace: list[Step]) -> Verdict:
        low = canonical(name)
        found = [self._answers.of(zone) for zone in view.zones if zone.canonical == low]
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
        port = request.port if request.port is not None else self._usual_port(request.transport)
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
        assert access.acl is not None
        served = asked.allowed_by(access.acl, request.signer)
        trace.append(Step(head, "allow-transfer", f"decides at the level of the {answer.level}"))
        trace.extend(self._elements(access.acl.match_list, statement, asked, depth=1))
        needed = [each for each in access.listeners() if each.transport == "tls" and each.client_certificates]
        depends = (
            ("served only to a client with a certificate of the listener's ca-file",)
            if (served and request.transport == "tls" and needed)
            else ()
        )
        return Verdict(served, view, answer.setting, tuple(trace), depends)

    def _usual_port(self, transport: str) -> int:
        usual = [each.port for each in listeners(self._config, self._lists) if each.transport == transport]
        return usual[0] if usual else 853 if transport == "tls" else 53

    def _elements(
        self,
        match_list: MatchList,
        statement: Statement,
        asked: _Asked,
        allowed: str = "",
        depth: int = 0,
    ) -> Iterator[Step]:
        """What each element says, up to the one that decides. A list that it names follows, one level deeper."""
        acl = build(match_list, self._lists.lookup)
        decision = acl.deciding(
            asked.request.address,
            asked.request.family,
            asked.request.signer,
            localhost=asked.place == "localhost",
            localnets=asked.place != "elsewhere",
            conditions=asked.conditions,
        )
        for element in match_list.elements:
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
            yield from self._elements(element.value, statement, asked, depth=depth + 1)
        elif element.kind == "acl":
            definition = self._config.acls.get(fold(str(element.value)))
            if definition is None:
                yield Step(None, str(element.value), "no acl of this name: matches nothing", depth + 1)
            else:
                inner = self._lists.match_list(definition.statement)
                yield from self._elements(inner, definition.statement, asked, depth=depth + 1)


class _Asked(NamedTuple):
    """A request with what is assumed of the client."""

    request: Request
    place: Locality
    conditions: frozenset[str]

    def allowed_by(self, acl: Acl, signer: str | None) -> bool:
        """Whether a list allows it."""
        held = acl.addresses(signer, self.place, self.conditions)
        return held.holds(self.request.address, self.request.family)


_PLACE_WORDS: dict[Locality, str] = {
    "localhost": "the server itself",
    "localnets": "on one of the server's networks",
    "elsewhere": "on none of the server's networks",
}


def _said(served: bool) -> str:
    return "served" if served else "refused"
