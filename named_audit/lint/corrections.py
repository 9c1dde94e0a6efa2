"""Corrections that several rules share: keys stay in allow-transfer, single addresses move to also-notify."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from named_audit.lint.audit import Audit, Pulled
from named_audit.lint.contract import Change, Fix
from named_audit.model.config import Zone
from named_audit.model.matchlist import MatchElement, MatchList, Prefix, address_text, parse_match_list
from named_audit.model.names import canonical
from named_audit.model.serverlist import entries, list_port
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.harm import Told, harm, refused, told_by
from named_audit.policy.matchlist import build
from named_audit.policy.notify import NotifyPlan
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.survey import Survey
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.shorten import shorten
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, fold, quote, split

PLACEHOLDER = "transfer-key"
"""The name of a key that has yet to be made."""

NOT_ONE_KEY = "a view that uses this entry too does not know that key, or knows another by that name"
"""Why a key is not written into an entry that views share."""


class Peer(NamedTuple):
    """A single address that a list admits without a key."""

    family: int
    address: int

    @property
    def text(self) -> str:
        """The address as text."""
        return address_text(self.address, self.family)


class Kept(NamedTuple):
    """An element that stays as it is. `behind` says that something that goes stood before it."""

    text: str
    denies: bool
    behind: bool
    key: str | None = None
    """For an element that lets a key in, and nothing else: its name, canonical."""


class Admitted(NamedTuple):
    """A transfer list taken apart for its correction.

    `kept` are the elements that can stay, in order; `keys` the names, as written, of the keys in them; `peers` are
    single addresses; `networks` is what admits more than one address and cannot stand in also-notify (text); `local`
    are those of the kept elements that stand for the server itself; `mixed` are lists that ask some for a key and let
    others in without, so that their parts cannot be told apart (text).
    """

    kept: tuple[Kept, ...]
    keys: tuple[str, ...]
    peers: tuple[Peer, ...]
    networks: tuple[str, ...]
    local: tuple[str, ...]
    mixed: tuple[str, ...]


def take_apart(policy: TransferPolicy, audit: Audit) -> Admitted:
    """Sort the elements of a policy's list by what becomes of them."""
    assert policy.statement is not None
    found = take_list_apart(policy.statement, audit.survey)
    # What an earlier element denies, or blackhole drops, is no peer.
    peers = tuple(each for each in found.peers if policy.unsigned.holds(each.address, each.family))
    return found._replace(peers=peers)


def take_list_apart(statement: Statement, survey: Survey) -> Admitted:
    """Sort the elements of a statement's list by what becomes of them, whoever gets to it."""
    taker = _Taker(survey)
    taker.take(survey.lists.acl(statement).match_list, statement.text)
    kept: dict[str, Kept] = {}
    for each in taker.kept:
        kept.setdefault(each.text, each)
    return Admitted(
        tuple(kept.values()),
        tuple(taker.keys),
        tuple(dict.fromkeys(taker.peers)),
        tuple(taker.networks),
        tuple(dict.fromkeys(taker.local)),
        tuple(taker.mixed),
    )


class _Taker:
    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._seen: set[str] = set()
        self.kept: list[Kept] = []
        self.keys: list[str] = []
        self.peers: list[Peer] = []
        self.networks: list[str] = []
        self.local: list[str] = []
        self.mixed: list[str] = []

    def take(self, match_list: MatchList, text: str) -> None:
        """Sort the elements of a list; `text` is what its offsets count in."""
        for element in match_list.elements:
            raw = text[element.start : element.end]
            if element.kind == ("any" if element.negated else "none"):
                return  # nothing behind it is ever reached
            if element.negated and element.kind == "none":
                self.networks.append(raw)  # it admits everyone, as any does
            elif element.negated:
                self._keep(raw, denies=True)
            elif element.kind == "localhost":
                self._keep_local(raw)
            elif element.kind in ("none", "invalid"):
                self._keep(raw)
            elif element.kind == "key":
                self._key(str(element.value), raw)
            elif element.kind == "prefix":
                self._prefix(element, raw)
            elif element.kind in ("list", "acl"):
                self._inner(element, raw, text)
            else:
                self.networks.append(raw)

    def _keep(self, raw: str, *, denies: bool = False, key: str | None = None) -> None:
        self.kept.append(Kept(raw, denies, bool(self.peers or self.networks or self.mixed), key))

    def _keep_local(self, raw: str) -> None:
        self._keep(raw)
        self.local.append(raw)

    def _key(self, name: str, raw: str) -> None:
        if name not in self.keys:
            self.keys.append(name)
            self._keep(raw, key=canonical(name))

    def _prefix(self, element: MatchElement, raw: str) -> None:
        prefix = element.value
        assert isinstance(prefix, Prefix)
        if AddressSet.from_prefix(*prefix) <= LOOPBACK:
            self._keep_local(raw)
        elif prefix.length == (32 if prefix.family == 4 else 128):
            self.peers.append(Peer(prefix.family, prefix.network))
        else:
            self.networks.append(prefix.text)

    def _inner(self, element: MatchElement, raw: str, text: str) -> None:
        inner: MatchList | None
        if element.kind == "acl":
            low = fold(str(element.value))
            if low in self._seen:
                return
            self._seen.add(low)
            inner = self._survey.lists.lookup(low)
            text = self._survey.config.acls[low].statement.text if inner is not None else text
        else:
            inner = element.value if isinstance(element.value, MatchList) else None
        if inner is None:
            self._keep(raw)
            return
        acl = build(inner, self._survey.lists.lookup)
        if not (acl.addresses(None, "elsewhere") - LOOPBACK) and not acl.uses_localnets:
            self._keep(raw)  # admits nobody without a key: a demand for both, or keys alone
            self.keys.extend(signer for signer in acl.signers if signer not in self.keys)
        elif any(inside.negated or inside.kind == "none" for inside in inner.elements):
            (self.mixed if acl.signers else self.networks).append(raw)
        else:
            self.take(inner, text)


def notify_changes(
    policy: TransferPolicy, audit: Audit, peers: Sequence[tuple[Peer, str | None]]
) -> tuple[Change, ...] | None:
    """The edits that make the server tell these peers of changes too, each with the name of its key or None.

    The list that holds for the zones is kept and extended, because a nearer list replaces a farther one; peers that
    are told already are left alone. None where no single edit does this for the zones of the policy and for no
    others: that is for a person to decide.
    """
    assert policy.statement is not None
    if not policy.zones:
        return None
    plans = [audit.notify(zone) for zone in policy.zones]
    current = plans[0].also_notify.statement
    if any(plan.also_notify.statement is not current or plan.mode != plans[0].mode for plan in plans):
        return None
    if plans[0].mode == "no":
        return ()
    extended = extended_notify(plans[0], peers)
    if extended is None:
        return ()
    # Whether no other zone gets its also-notify from the same statement (or from none).
    alone = audit.also_notify_users(current) == len(policy.zones)
    values = extended._asdict()
    if current is not None and alone:
        return (Change("replace", current.span, "also-notify", values),)
    if policy.level == "zone" and len(policy.zones) == 1:
        return (Change("after", policy.statement.span, "also-notify", values),)
    if current is None and alone:
        return (Change("after", policy.statement.span, "also-notify", values),)
    return None


class Extended(NamedTuple):
    """A list of `also-notify` with further servers: the entries that stand there (text), and (address, key, port)."""

    head: str
    entries: list[str]
    servers: list[tuple[str, str | None, int | None]]


def extended_notify(plan: NotifyPlan, peers: Sequence[tuple[Peer, str | None]]) -> Extended | None:
    """The list that holds for a zone with those of the peers that are not told yet; None if all are."""
    told = {(target.server.family, target.server.address) for target in plan.targets}
    new = [(peer, key) for peer, key in peers if (peer.family, peer.address) not in told]
    if not new:
        return None
    current = plan.also_notify.statement
    # In a list with a port of its own, an entry without one would be told at that port.
    port = 53 if current is not None and list_port(current) not in (None, 53) else None
    return Extended(
        list_head(current) if current is not None else "also-notify",
        [entry_text(entry.statement, entry.start, entry.end) for entry in entries(current)]
        if current is not None
        else [],
        [(peer.text, key, port) for peer, key in new],
    )


def entry_text(statement: Statement, start: int, end: int) -> str:
    """The text of an entry without its `;`."""
    return statement.text[start:end].rstrip().removesuffix(";").rstrip()


def list_head(statement: Statement) -> str:
    """What stands before the list of a statement: its name, port and transport."""
    for piece in statement.pieces:
        if isinstance(piece, Group):
            return " ".join(statement.text[: piece.start].split())
    return statement.name


def names(items: Iterable[str], *, most: int = 3, last: Literal["and", "or"] = "and") -> str:
    """ "a", "a and b", "a, b, c and 4 more": a list in a sentence."""
    shown = [shorten(item) for item in items]
    rest = len(shown) - most
    if rest > 0:
        return f"{', '.join(shown[:most])} {last} {rest} more"
    if len(shown) > 1:
        return f"{', '.join(shown[:-1])} {last} {shown[-1]}"
    return shown[0] if shown else "nothing"


def either_key(keys: Iterable[str]) -> str:
    """ "key a", "key a or b": keys of which one is enough, in a sentence."""
    return f"key {names(keys, last='or')}"


_KEY_NAME = r"([A-Za-z0-9_-]{1,56}?)(?:-([0-9]{1,2}))?(\.[A-Za-z0-9_.-]{1,150})?"


def successor(name: str, audit: Audit) -> str:
    """A name for the key that takes another's place: named refuses two of one name, and both serve while peers change."""
    found = re.fullmatch(_KEY_NAME, name)
    stem, number, rest = found.groups() if found is not None else (PLACEHOLDER, None, None)
    later = (f"{stem}-{count}{rest or ''}" for count in itertools.count(int(number or 1) + 1))
    return next(each for each in later if canonical(each) not in audit.key_names)


def not_asked_for(keys: Sequence[str]) -> str:
    """That a list which names keys lets in who has none of them, in a sentence."""
    if len(keys) == 1:
        return f"key {names(keys)} is not asked for"
    return f"none of the keys {names(keys)} is asked for"


def zone_names(zones: Sequence[Zone], *, most: int = 2) -> str:
    """The zones of a finding in a sentence."""
    return names([zone_name(zone) for zone in zones], most=most)


def zone_name(zone: Zone) -> str:
    """A zone in a sentence."""
    return "the root zone" if zone.canonical == "." else shorten(zone.canonical)


def keyed_fix(policy: TransferPolicy, audit: Audit, admitted: Admitted) -> Fix:
    """The paper's correction for a list without a key: the peers' own keys, else a key that has yet to be made."""
    assert policy.statement is not None
    tied = {peer: audit.peers.key_of(peer.family, peer.address, policy.view) for peer in admitted.peers}
    known = list(dict.fromkeys(key for key in tied.values() if key is not None))
    certain = bool(tied) and all(tied.values()) and not admitted.networks
    keys = known if certain else [PLACEHOLDER]
    moved = [(peer, tied[peer] if certain else PLACEHOLDER) for peer in admitted.peers]
    tell = ", and tell the address of changes" if admitted.peers else ""
    title = (
        "let the key in instead of the address"
        if certain
        else "make a key and let it in instead of the address"
    )
    proposal = propose(policy, audit, admitted, keys, moved)
    if proposal.refused is not None:
        return Fix(title + tell, (), "display", refused=proposal.refused)
    values = {
        "elements": proposal.elements,
        "make_key": not certain,
        "moved": [(peer.text, key) for peer, key in moved],
        "head": list_head(policy.statement),
    }
    change = Change("replace", policy.statement.span, "allow-transfer", values)
    told = notify_changes(policy, audit, list(tied.items())) if certain else None
    if told is not None:
        title = "let the key in instead of the address, and tell the address of changes"
        return Fix(title, (change, *told), "unsafe", admits=proposal.admits)
    return Fix(title + tell, (change,), "display", admits=proposal.admits)


class Proposal(NamedTuple):
    """A list to put in the place of another: its elements (text). Where `refused` says why not, there are none.

    `admits` are the keys (canonical) that it lets in and the other did not.
    """

    elements: tuple[str, ...]
    admits: tuple[str, ...]
    refused: str | None = None


def propose(
    policy: TransferPolicy,
    audit: Audit,
    admitted: Admitted,
    keys: Sequence[str],
    moved: Sequence[tuple[Peer, str | None]],
) -> Proposal:
    """The list that keeps what can be kept, and lets these keys in too.

    A denial that stood behind an address said nothing of that address, and would say something of its key: it goes
    where nobody else notices. Each proposal is evaluated: those who are told, and each of `moved` with its key, are
    let in, whoever has a key that served keeps it, and nobody else comes in.
    """
    if admitted.mixed:
        what = names([" ".join(text.split()) for text in admitted.mixed])
        return Proposal((), (), f"{what} lets some in with a key and others without: take it apart by hand")
    told = [Told(peer.family, peer.address, canonical(key)) for peer, key in moved if key is not None]
    if PLACEHOLDER not in keys:
        told += _told(policy, audit)
        ring = audit.key_ring(policy.view)
        needed = [each.key for each in told if each.key in ring and _served(policy, each)]
        keys = list(dict.fromkeys((*keys, *(ring[key].name for key in needed if key not in policy.signers))))
    standing = {each.key for each in admitted.kept}
    try:
        added = [f"key {quote(key)}" for key in keys if canonical(key) not in standing]
    except ValueError:
        return Proposal((), (), "the name of a key cannot be written as a quoted string")
    admits = tuple(dict.fromkeys(canonical(key) for key in keys))
    reason: str | None = None
    for kept in (admitted.kept, [each for each in admitted.kept if not (each.denies and each.behind)]):
        elements = tuple(dict.fromkeys((*(each.text for each in kept), *added)))
        why = _objection(policy, audit, elements, admits, told)
        if why is None:
            return Proposal(elements, admits)
        reason = reason or why
    return Proposal((), (), reason)


def _told(policy: TransferPolicy, audit: Audit) -> Iterator[Told]:
    """Who is told of changes to the zones of a policy, with which key."""
    seen: set[Statement | None] = set()
    for zone in policy.zones:
        plan = audit.notify(zone)
        if plan.also_notify.statement not in seen:
            seen.add(plan.also_notify.statement)
            yield from told_by(plan)


def _served(policy: TransferPolicy, told: Told) -> bool:
    sets = (policy.unsigned, policy.addresses(told.key))
    return any(each.holds(told.address, told.family) for each in sets)


def _objection(
    policy: TransferPolicy, audit: Audit, elements: Sequence[str], admits: Sequence[str], told: Sequence[Told]
) -> str | None:
    """Why a list of these elements must not stand in the place of a policy's own, for people; None if it may."""
    after = audit.if_list(policy, _parsed(elements))
    if PLACEHOLDER in admits and PLACEHOLDER not in audit.key_ring(policy.view):
        # There is no such key yet: only the list can be asked.
        assert after.acl is not None
        let_in = after.acl.addresses(PLACEHOLDER, "elsewhere")
        if not let_in or not all(let_in.holds(each.address, each.family) for each in told):
            return "what it denies would refuse the new key"
        told = ()
    return harm(policy.access, after, admits) or refused(policy.access, after, told)


def _parsed(elements: Iterable[str]) -> MatchList:
    (block,) = split(f"{{ {''.join(f'{element}; ' for element in elements)}}}")
    assert isinstance(block, Group)
    return parse_match_list(block)


def demands_both(
    policy: TransferPolicy,
    audit: Audit,
    local: Sequence[str],
    pairs: Sequence[tuple[Sequence[str], Sequence[str]]],
) -> bool:
    """Whether a list that demands, for each pair, one of its addresses and one of its keys lets nobody else in."""
    elements = [*local]
    try:
        for restricted, keys in pairs:
            spared = "".join(f"!{text}; " for text in restricted)
            demand = [f"!{{ {spared}any; }}", *(f"key {quote(key)}" for key in keys)]
            elements += demand if len(pairs) == 1 else [f"{{ {'; '.join(demand)}; }}"]
    except ValueError:
        return False
    after, before = audit.if_list(policy, _parsed(elements)), policy.access
    for signer in (None, *after.listed):
        for place in LOCALITIES:
            now, unsigned = after.addresses(signer, place), before.addresses(None, place)
            if not now <= unsigned or (signer is None and place == "elsewhere" and now - LOOPBACK):
                return False
    return any(after.addresses(key) for key in after.listed)


def taken(pulled: Pulled) -> tuple[str, str]:
    """A zone that is fetched, in a sentence, and the verb that goes with it."""
    if pulled.runtime is not None:
        return pulled.runtime.words, "are"
    return zone_name(pulled.zone), "is"
