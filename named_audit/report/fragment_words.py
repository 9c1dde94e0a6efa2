"""A piece of a configuration in words: whom each list admits and which element says so, who is asked and told, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import pairwise, product, takewhile
from operator import and_
from typing import NamedTuple

from named_audit.lint.fragment import Piece
from named_audit.model.config import Config, Setting
from named_audit.model.matchlist import MatchElement, MatchList, Prefix, address_text, parse_match_list
from named_audit.model.names import BUILT_IN_KEYS, BUILT_IN_TLS, LIST_STATEMENTS, canonical
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.listeners import port_and_transport
from named_audit.policy.matchlist import Acl, Locality, build
from named_audit.policy.outgoing import Outgoing
from named_audit.policy.question import Judge, Request
from named_audit.policy.survey import Survey, Surveyed
from named_audit.report.who_text import WhoText
from named_audit.syntax.redact import redact
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

_MOST = 40
"""How many elements, servers or grants of one statement are explained one by one."""

_MOST_NETWORKS = 16
"""Up to so many networks are listed rather than counted."""

_MOST_UNKNOWN = 4
"""Up to so many unknown acls every combination of what they may hold is looked at."""

MATCH_LISTS = {
    "allow-transfer": "may take the zone",
    "allow-notify": "may send NOTIFY, besides the zone's primaries",
    "allow-update": "may change the zone",
    "allow-update-forwarding": "may have changes passed on to the primary",
    "allow-query": "may ask for the zone",
    "allow-query-on": "the server's addresses at which it answers",
    "allow-query-cache": "may ask the cache",
    "allow-query-cache-on": "the server's addresses at which the cache may be asked",
    "allow-recursion": "may have names looked up elsewhere",
    "allow-recursion-on": "the server's addresses at which it looks up names",
    "match-clients": "lands in this view",
    "match-destinations": "the server's addresses that belong to this view",
    "blackhole": "is neither answered nor asked",
    "listen-on": "the server's addresses at which it listens",
    "listen-on-v6": "the server's IPv6 addresses at which it listens",
    "acl": "belongs to the acl",
}
"""Statements with an address match list, and what it is to be in it."""

_OWN = frozenset(
    {
        "allow-query-on",
        "allow-query-cache-on",
        "allow-recursion-on",
        "match-destinations",
        "listen-on",
        "listen-on-v6",
    }
)
"""The lists that are about addresses of the server; keys do not count there."""

_PLACES: tuple[tuple[Locality, str], ...] = (
    ("elsewhere", ""),
    ("localnets", "hosts on the server's networks"),
    ("localhost", "the server itself"),
)

_NOTIFY = {
    "yes": "the servers of the zone's NS records (but for the one in the SOA) and of also-notify are told of a new version",
    "no": "nobody is told of a new version, not even those of also-notify",
    "explicit": "only those of also-notify are told of a new version",
    "primary-only": "as yes, but only for zones of type primary",
}
_GRANTS = {
    "name": "the name {name} alone",
    "subdomain": "{name} and all below it",
    "zonesub": "any name of the zone",
    "wildcard": "the names that {name} stands for",
    "self": "the name that the key itself is called",
    "selfsub": "the name that the key itself is called, and all below it",
    "selfwild": "all names below the one that the key itself is called",
    "local": "any name of the zone, from programs on the server itself",
    "tcp-self": "the reverse name of the client's own address (over TCP)",
    "6to4-self": "the reverse names of the client's own 6to4 network (over TCP)",
    "external": "what an external program allows",
}


_NO_KEYS = ("krb5-", "ms-", "tcp-self", "6to4-self", "external")
"""Rule types whose identity is a principal, an address or a program."""


class Said(NamedTuple):
    """One line about a statement. `at` is the place in the piece that it is about, if it is one."""

    text: str
    depth: int = 0
    at: Span | None = None


class Passage(NamedTuple):
    """What there is to say about one statement; nothing said: this program does not explain it."""

    at: Span
    title: str
    said: tuple[Said, ...]


class PieceWords:
    """Puts one piece into words.

    Args:
        piece: what is explained.
        survey: of its configuration.
        request: a request that every list is asked about; None: none is.
        whole: whether everything that could define a name was read.
    """

    def __init__(self, piece: Piece, survey: Survey, request: Request | None, *, whole: bool) -> None:
        self._piece = piece
        self._config: Config = survey.config
        self._survey = survey
        self._request = request
        self._whole = whole
        self._judge = Judge(survey.config)
        self._out = Outgoing(survey.config)
        self._zones: dict[int, Surveyed] | None = None
        self._who = WhoText(survey)
        self._words: dict[str, Callable[[Statement], Iterator[Said]]] = {
            **dict.fromkeys(MATCH_LISTS, self._match_list),
            **dict.fromkeys(LIST_STATEMENTS, self._servers),
            "also-notify": self._servers,
            "key": self._key,
            "server": self._server,
            "tls": self._tls,
            "update-policy": self._update_policy,
            "notify": self._notify,
            "controls": self._controls,
            "zone": self._zone,
        }

    def passages(self) -> Iterator[Passage]:
        """One for each statement, outer ones first."""
        waiting = list(reversed(self._piece.statements))
        while waiting:
            statement = waiting.pop()
            words = self._words.get(statement.name)
            said = tuple(words(statement)) if words is not None else ()
            yield Passage(statement.span, _title(statement), said)
            if statement.name in ("zone", "view", "options", "template"):
                waiting.extend(reversed(statement.children))

    # Address match lists.

    def _match_list(self, statement: Statement) -> Iterator[Said]:
        acl = self._survey.lists.acl(statement)
        yield Said(f"{MATCH_LISTS[statement.name]}:")
        yield from self._conditions(statement)
        for why in acl.invalid[:_MOST]:
            yield Said(f"named refuses this list: {why}", 1)
        signers: tuple[str | None, ...] = (None,) if statement.name in _OWN else (None, *acl.signers)
        rows = [row for signer in signers for row in self._rows(acl, signer, own=statement.name in _OWN)]
        yield from rows or [Said("no one", 1)]
        yield from self._unknown(statement, acl)
        if acl.match_list.elements:
            yield Said("element by element:", 1)
        yield from self._elements(statement, acl, signers)
        if self._request is not None and statement.name not in _OWN:
            yield from self._asked(statement, self._request)

    def _conditions(self, statement: Statement) -> Iterator[Said]:
        if statement.name == "allow-transfer":
            port, transport = port_and_transport(statement)
            if transport is not None:
                yield Said(f"only over {'TLS' if transport == 'tls' else transport.upper()}", 1)
            if port is not None:
                yield Said(f"only to port {port} of the server", 1)

    def _rows(self, acl: Acl, signer: str | None, *, own: bool) -> Iterator[Said]:
        proof = "" if own else "without a key: " if signer is None else f"with key {signer}: "
        if signer is not None and self._whole and not self._known_key(signer):
            yield Said(f"{proof}no one, no such key is defined (BADKEY)", 1)
            return
        before = AddressSet.nothing()
        for place, words in _PLACES:
            found = acl.addresses(signer, place)
            if signer is not None:
                unsigned = acl.addresses(None, place)
                lost = unsigned - found
                if lost - LOOPBACK and place == "elsewhere":
                    yield Said(f"{proof}not {_briefly(lost)}, which would be admitted without it", 1)
                gained = found - unsigned
            else:
                gained = found
            more = gained - before
            if place == "elsewhere":
                before = gained
            less = (before - gained) - LOOPBACK if place != "elsewhere" else AddressSet.nothing()
            if more:
                # Beside those whom the list lets in without the key.
                beside = signer is not None and more != found
                rest = beside and found == AddressSet.everything()
                also = "also " if beside and not rest else ""
                yield Said(f"{proof}{also}{_who(more, place, words, rest=rest)}", 1)
            if less and signer is None:
                yield Said(f"{proof}not {words}, as far as they are among {less.words()}", 1)
        for condition in acl.geoip:
            case = frozenset({condition})
            with_it, without = acl.addresses(signer, "elsewhere", case), acl.addresses(signer, "elsewhere")
            if with_it - without:
                yield Said(f"{proof}{(with_it - without).words()}, where geoip {condition} holds", 1)
            if without - with_it:
                yield Said(f"{proof}not {(without - with_it).words()}, where geoip {condition} holds", 1)

    def _unknown(self, statement: Statement, acl: Acl) -> Iterator[Said]:
        """What hangs on names that are not defined in what was read."""
        names = tuple(dict.fromkeys(fold(name) for name in acl.undefined))
        for name in acl.undefined[:_MOST]:
            state = (
                "is not defined: named refuses this"
                if self._whole
                else "is not in what was read: whom it admits is unknown"
            )
            yield Said(f"acl {name} {state}", 1)
        for name in acl.loops[:_MOST]:
            yield Said(f"acl {name} contains itself: named refuses this", 1)
        if not self._whole:
            for signer in [each for each in acl.signers if not self._known_key(each)][:_MOST]:
                yield Said(
                    f"key {signer} is not in what was read: it is taken for one that is defined elsewhere", 1
                )
        if names and not self._whole and len(names) <= _MOST_UNKNOWN:
            certain, possible = self._bounds(acl.match_list, names)
            if possible - certain:
                what = "be among them" if statement.name in _OWN else "be admitted without a key"
                yield Said(f"so {(possible - certain).words()} may {what} or not", 1)

    def _bounds(self, match_list: MatchList, names: tuple[str, ...]) -> tuple[AddressSet, AddressSet]:
        """Who is admitted without a key whatever the unknown names hold, and who may be."""
        certain, possible = AddressSet.everything(), AddressSet.nothing()
        full = MatchList((MatchElement(False, "any", None),))
        for case in product((MatchList(()), full), repeat=len(names)):
            given = dict(zip(names, case, strict=True))

            def lookup(name: str, given: dict[str, MatchList] = given) -> MatchList | None:
                return given[fold(name)] if fold(name) in given else self._survey.lists.lookup(name)

            acl = build(match_list, lookup)
            found = acl.addresses(None, "elsewhere")
            certain, possible = certain & found, possible | found
        return certain, possible

    def _elements(self, statement: Statement, acl: Acl, signers: tuple[str | None, ...]) -> Iterator[Said]:
        shares = {
            signer: {element.start: share for element, share in acl.shares(signer, "elsewhere")}
            for signer in signers
        }
        near = {element.start for signer in signers for element, _ in acl.shares(signer, "localhost")}
        admitted = {signer: AddressSet.nothing() for signer in signers}
        denied = AddressSet.nothing()
        for number, element in enumerate(acl.match_list.elements[:_MOST]):
            span = statement.locate(element.start, element.end)
            text = " ".join(span.text.rstrip("; \t\r\n").split())
            unsigned = shares[None].get(element.start, AddressSet.nothing())
            parts = []
            verb = "covers" if statement.name in _OWN else "admits"
            if unsigned:
                parts.append(f"{verb} {_listed(unsigned)}")
            for signer in signers[1:]:
                gained = shares[signer].get(element.start, AddressSet.nothing()) - unsigned
                if gained:
                    parts.append(f"admits {gained.words()} with key {signer}")
            if element.negated and isinstance(element.value, Prefix):
                decided = reduce(and_, admitted.values()) | denied
                denied |= AddressSet.from_prefixes((element.value,))
                parts.append(
                    self._stopped(element)
                    if denied - decided
                    else "stops no one whom an element before it has not decided on"
                )
            elif element.negated:
                parts.append(self._stopped(element))
            for signer in signers:
                admitted[signer] |= shares[signer].get(element.start, AddressSet.nothing())
            if number in acl.flipping:
                parts.append(
                    "BIND merges it into the list, which turns what earlier elements say of the same networks into denials"
                )
            if element.kind == "acl":
                parts.append(self._named(element))
            if not parts:
                parts.append(_idle(element, near=element.start in near))
            yield Said(f"{text}: {'; '.join(parts)}", 2, span)
        more = len(acl.match_list.elements) - _MOST
        if more > 0:
            yield Said(f"and {more} more elements", 2)
        if not any(element.kind in ("any", "none") for element in acl.match_list.elements[-1:]):
            yield Said("whom no element matches is denied", 2)

    def _stopped(self, element: MatchElement) -> str:
        if element.kind == "key":
            return f"stops requests that key {element.value} signs"
        if element.kind == "acl":
            return f"stops those of acl {element.value}"
        if isinstance(element.value, MatchList):
            inner = build(element.value, self._survey.lists.lookup)
            found = inner.addresses(None, "elsewhere")
            stopped = (
                [f"stops {found.words()}: whom its own list lets through goes no further"] if found else []
            )
            stopped += [f"stops whom its own list lets through with key {key}" for key in inner.signers]
            return "; ".join(stopped) or "stops whom its own list lets through"
        if isinstance(element.value, Prefix):
            return f"stops {AddressSet.from_prefixes((element.value,)).words()}"
        return {
            "any": "stops everyone who gets here",
            "none": "stops no one",
            "localhost": "stops the server itself",
            "localnets": "stops hosts on the server's networks",
        }.get(element.kind, "stops whom it matches")

    def _named(self, element: MatchElement) -> str:
        definition = self._config.acls.get(fold(str(element.value)))
        if definition is None:
            return "matches nothing" if self._whole else "unknown: no acl of this name in what was read"
        return f"the acl at {definition.span.source.path}:{definition.span.begin.line}"

    def _asked(self, statement: Statement, request: Request) -> Iterator[Said]:
        weighed = self._judge.weigh(statement, request)
        proof = f"signed with key {request.signer}" if request.signer is not None else "unsigned"
        word = "ADMITTED" if weighed.allowed else "NOT ADMITTED"
        yield Said(f"{word}: {address_text(request.address, request.family)}, {proof}", 1)
        yield from (Said(f"depends: {each}", 2) for each in weighed.depends)
        for step in weighed.steps[: _MOST * 2]:
            yield Said(f"{step.element}: {step.result}", 2 + step.depth, step.span)

    def _known_key(self, name: str) -> bool:
        return name in BUILT_IN_KEYS or any(key.canonical == name for key in self._config.all_keys)

    # Servers that are asked or told.

    def _servers(self, statement: Statement) -> Iterator[Said]:
        verb = "tells" if statement.name == "also-notify" else "asks"
        if statement.name in LIST_STATEMENTS and statement.name not in ("primaries", "masters"):
            verb = "names"
        listed = self._out.expand(statement)
        yield Said(
            {
                "tells": "the server tells of a new version (if notify is not no):",
                "asks": "the zone's content is asked for, in this order, from:",
                "names": "a list of servers:",
            }[verb]
        )
        view = self._config.views[0]
        for server in listed.servers[:_MOST]:
            words = [f"{server.address_text} port {self._out.port_of(server)}"]
            if server.tls is not None:
                words.append(self._over(server.tls))
            signature = self._out.entry_key(view, server)
            if server.key is None:
                block = self._out.server_key(view, server.family, server.address)
                words.append(
                    f"signed with key {block.key} (its server block)"
                    if block.key is not None
                    else "unsigned"
                    if self._whole or self._config.servers
                    else "unsigned, unless a server block names a key"
                )
            elif signature.key is None:
                words.append(
                    f"key {signature.undefined} is not defined: "
                    + ("sent as if no key were named" if verb == "tells" else "never asked")
                )
            else:
                known = "" if self._known_key(signature.key) else " (not in what was read)"
                words.append(f"signed with key {signature.key}{known}")
            if server.via is not None:
                words.append(f"through the list {server.via}")
            yield Said(
                ", ".join(words), 1, server.entry.span if self._piece.holds(server.entry.span) else None
            )
        if len(listed.servers) > _MOST:
            yield Said(f"and {len(listed.servers) - _MOST} more", 1)
        for entry in listed.undefined[:_MOST]:
            state = (
                "is not defined: named refuses this"
                if self._whole
                else "is not in what was read: whom it names is unknown"
            )
            yield Said(f"the list {entry.text} {state}", 1, entry.span)
        if not listed.servers and not listed.undefined:
            yield Said("no one", 1)
        if verb == "asks" and listed.servers:
            yield Said("the NOTIFY of these addresses is taken, whatever signs it", 1)

    def _over(self, tls: str) -> str:
        if fold(tls) not in self._config.tls and fold(tls) not in BUILT_IN_TLS:
            return f"over TLS (there is no tls block {tls} in what was read)"
        return f"over TLS, certificate {'verified' if self._out.verifies(tls) else 'not verified'}"

    def _key(self, statement: Statement) -> Iterator[Said]:
        key = next((each for each in self._config.all_keys if each.statement is statement), None)
        if key is None:
            return
        secret = (
            "no secret"
            if key.secret is None
            else "a secret that is hidden here"
            if key.hidden
            else "a secret (not shown)"
        )
        yield Said(f"a key called {key.canonical} for {key.algorithm or 'no algorithm'}, with {secret}")
        yield Said(
            "both sides need the same name, algorithm and secret; whoever knows the secret is who the lists mean",
            1,
        )

    def _server(self, statement: Statement) -> Iterator[Said]:
        block = next((each for each in self._config.servers if each.statement is statement), None)
        if block is None:
            return
        to = AddressSet.from_prefix(block.family, block.network, block.length).words()
        if block.key is not None:
            name = canonical(block.key.value)
            known = (
                ""
                if self._known_key(name)
                else (" (not defined: named refuses this)" if self._whole else " (not in what was read)")
            )
            yield Said(
                f"what is sent to {to} is signed with key {name}{known}, unless an entry of primaries or also-notify names another"
            )
            yield Said("it asks nothing of what comes from there: allow-transfer and allow-notify do", 1)
        else:
            yield Said(f"how the server talks to {to}; nothing is signed because of it")

    def _tls(self, statement: Statement) -> Iterator[Said]:
        have = {child.name for child in statement.children}
        checks = (
            "checks the other side's certificate"
            if have & {"ca-file", "remote-hostname"}
            else "does not check the other side's certificate"
        )
        yield Said(f"for connections that the server makes: it {checks}")
        if "ca-file" in have:
            yield Said("for connections to the server: only clients with a certificate of the ca-file", 1)

    def _update_policy(self, statement: Statement) -> Iterator[Said]:
        group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
        if group is None:
            yield Said(
                "programs on the server itself may change any name of the zone, with the session key that named writes"
            )
            return
        yield Said("may change the zone, the first rule that fits decides:")
        for element in group.elements[:_MOST]:
            words = [piece.value for piece in element.pieces if isinstance(piece, Word)]
            if len(words) < 3:
                continue
            verb, identity, kind, *rest = words
            form = _GRANTS.get(fold(kind), f"what the rule type {kind} says")
            named = fold(kind) in ("name", "subdomain", "wildcard") and rest
            types = rest[1:] if named or (rest and not _is_type(rest[0])) else rest
            name = rest[0] if rest else "the zone's own name"
            what = " ".join(types) or "all types but NS, SOA, RRSIG, NSEC and NSEC3"
            known = (
                ""
                if identity == "*" or self._known_key(canonical(identity))
                else " (no such key in what was read)"
            )
            may = "may" if fold(verb) == "grant" else "may not"
            if fold(kind).startswith(_NO_KEYS):
                who = f"whoever {identity} stands for"
            else:
                who = "any key" if identity == "*" else f"key {canonical(identity)}{known}"
            yield Said(
                f"{who} {may} change {form.format(name=name)}: {what}",
                1,
                statement.locate(element.start, element.end),
            )
        yield Said("anything else is refused, and every unsigned update", 1)

    def _controls(self, statement: Statement) -> Iterator[Said]:
        block = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
        if block is None or not block.elements:
            yield Said("the control channel is off: rndc cannot reach named")
            return
        yield Said("may steer named with rndc:")
        for element in block.elements[:_MOST]:
            before = list(
                takewhile(lambda piece: isinstance(piece, Word) and piece.low != "allow", element.pieces)
            )
            behind = {
                word.low: piece
                for word, piece in pairwise(element.pieces)
                if isinstance(word, Word) and isinstance(piece, Group)
            }
            where = " ".join(piece.value for piece in before)
            allow, keys = behind.get("allow"), behind.get("keys")
            who = "whom named's default admits"
            if allow is not None:
                acl = build(parse_match_list(allow), self._survey.lists.lookup)
                who = (
                    _listed(acl.addresses(None, "elsewhere"))
                    if acl.addresses(None, "elsewhere")
                    else "the server itself"
                    if acl.addresses(None, "localhost")
                    else "no one"
                )
            named = (
                [piece.value for each in keys.elements for piece in each.pieces[:1]]
                if keys is not None
                else []
            )
            proof = f"with key {' or '.join(named)}" if named else "with the key of rndc.key"
            yield Said(f"at {where}: {who}, {proof}", 1, statement.locate(element.start, element.end))

    def _notify(self, statement: Statement) -> Iterator[Said]:
        word = Setting(statement, "").word or "yes"
        word = {"true": "yes", "1": "yes", "false": "no", "0": "no", "master-only": "primary-only"}.get(
            word, word
        )
        if word in _NOTIFY:
            yield Said(_NOTIFY[word])

    def _zone(self, statement: Statement) -> Iterator[Said]:
        if self._zones is None:
            self._zones = {id(each.zone.statement): each for each in self._survey.zones()}
        surveyed = self._zones.get(id(statement))
        if surveyed is None:
            return
        if surveyed.setting.level == "default" and surveyed.kind.answers[0].access is not None:
            yield Said("no allow-transfer in what was read: unless the options or the view have one,")
        lines = "".join(self._who.zones((surveyed,))).rstrip("\n").split("\n")
        yield from (Said(line.strip(), 1) for line in lines[1:])


def _title(statement: Statement) -> str:
    """What stands before the statement's block, without what is secret in its whole file."""
    first = statement.first
    return " ".join(redact(first.source, first.start, first.end).split("{", 1)[0].rstrip("; \t\r\n").split())


def _who(found: AddressSet, place: Locality, words: str, *, rest: bool) -> str:
    if rest:
        return "anyone else"
    if place == "elsewhere" or found <= LOOPBACK:
        return _listed(found)
    return words if found.share(4) > 0.5 or found.share(6) > 0.5 else f"{found.words()}, of {words}"


def _listed(found: AddressSet) -> str:
    """The addresses, all of them where they fit into a line or two."""
    words = found.words()
    whole = found.cidrs() if words.endswith(" more") else ()
    return ", ".join(whole) if 0 < len(whole) <= _MOST_NETWORKS else words


def _briefly(found: AddressSet) -> str:
    # What is said of everyone need not leave loopback out, nor name it beside one address.
    return min((found - LOOPBACK).words(), found.words(), key=len)


def _idle(element: MatchElement, *, near: bool) -> str:
    if near or element.kind in ("localhost", "localnets"):
        return (
            "admits the server itself"
            if element.kind == "localhost"
            else "admits hosts on the server's networks"
        )
    if element.kind == "none":
        return "matches no one"
    if element.kind == "invalid":
        return "named refuses it"
    if element.kind == "geoip":
        return "admits clients for which this holds"
    return "admits no one whom an element before it has not decided on"


def _is_type(word: str) -> bool:
    return (
        word.upper() == word
        and word.replace("-", "").replace("(", "").replace(")", "").isalnum()
        and "." not in word
    )
