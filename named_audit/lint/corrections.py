"""Corrections that several rules share: keys stay in allow-transfer, single addresses move to also-notify."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Fix
from named_audit.model.config import Zone
from named_audit.model.matchlist import MatchElement, MatchList, Prefix, address_text
from named_audit.model.serverlist import entries, list_port
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.matchlist import build
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, fold, quote

PLACEHOLDER = "transfer-key"
"""The name of a key that has yet to be made."""


class Peer(NamedTuple):
    """A single address that a list admits without a key."""

    family: int
    address: int

    @property
    def text(self) -> str:
        """The address as text."""
        return address_text(self.address, self.family)


class Admitted(NamedTuple):
    """A transfer list taken apart for its correction.

    `kept` are the elements that stay as they are (text), in order, with the keys among them; `peers` are single
    addresses; `networks` is what admits more than one address and cannot stand in also-notify (text); `local` are
    those of the kept elements that stand for the server itself.
    """

    kept: tuple[str, ...]
    keys: tuple[str, ...]
    peers: tuple[Peer, ...]
    networks: tuple[str, ...]
    local: tuple[str, ...]


def take_apart(policy: TransferPolicy, audit: Audit) -> Admitted:
    """Sort the elements of a policy's list by what becomes of them."""
    assert policy.match_list is not None and policy.statement is not None
    taker = _Taker(audit, policy.statement.text)
    taker.take(policy.match_list, top=True)
    # What an earlier element denies, or blackhole drops, is no peer.
    peers = tuple(p for p in dict.fromkeys(taker.peers) if policy.unsigned.holds(p.address, p.family))
    kept, local = tuple(dict.fromkeys(taker.kept)), tuple(dict.fromkeys(taker.local))
    return Admitted(kept, tuple(taker.keys), peers, tuple(taker.networks), local)


class _Taker:
    def __init__(self, audit: Audit, text: str) -> None:
        self._audit = audit
        self._text = text
        self._seen: set[str] = set()
        self.kept: list[str] = []
        self.keys: list[str] = []
        self.peers: list[Peer] = []
        self.networks: list[str] = []
        self.local: list[str] = []

    def take(self, match_list: MatchList, *, top: bool) -> None:
        for element in match_list.elements:
            raw = self._text[element.start : element.end] if top else _text(element)
            if element.kind == "localhost" and not element.negated:
                self._keep_local(raw)
            elif element.negated or element.kind in ("localhost", "none", "invalid"):
                if top:
                    self.kept.append(raw)
            elif element.kind == "key":
                assert isinstance(element.value, str)
                if element.value not in self.keys:
                    self.keys.append(element.value)
                    self.kept.append(raw if top else f"key {quote(element.value)}")
            elif element.kind == "prefix":
                self._prefix(element, raw)
            elif element.kind in ("list", "acl"):
                self._inner(element, raw)
            else:
                self.networks.append(raw)

    def _keep_local(self, raw: str) -> None:
        self.kept.append(raw)
        self.local.append(raw)

    def _prefix(self, element: MatchElement, raw: str) -> None:
        prefix = element.value
        assert isinstance(prefix, Prefix)
        if AddressSet.from_prefix(*prefix) <= LOOPBACK:
            self._keep_local(raw)
        elif prefix.length == (32 if prefix.family == 4 else 128):
            self.peers.append(Peer(prefix.family, prefix.network))
        else:
            self.networks.append(prefix.text)

    def _inner(self, element: MatchElement, raw: str) -> None:
        inner: MatchList | None
        if element.kind == "acl":
            assert isinstance(element.value, str)
            low = fold(element.value)
            if low in self._seen:
                return
            self._seen.add(low)
            inner = self._audit.lists.lookup(low)
        else:
            inner = element.value if isinstance(element.value, MatchList) else None
        if inner is None:
            self.kept.append(raw)
            return
        acl = build(inner, self._audit.lists.lookup)
        if not (acl.addresses(None, "elsewhere") - LOOPBACK) and not acl.uses_localnets:
            self.kept.append(raw)  # admits nobody without a key: a demand for both, or keys alone
            if acl.signers:
                self.keys.extend(signer for signer in acl.signers if signer not in self.keys)
        elif any(inside.negated or inside.kind == "none" for inside in inner.elements):
            self.networks.append(raw)
        else:
            self.take(inner, top=False)


def _text(element: MatchElement) -> str:
    value = element.value
    return value.text if isinstance(value, Prefix) else value if isinstance(value, str) else element.kind


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
    told = {(target.server.family, target.server.address) for target in plans[0].targets}
    new = [(peer, key) for peer, key in peers if (peer.family, peer.address) not in told]
    if not new:
        return ()
    # Whether no other zone gets its also-notify from the same statement (or from none).
    alone = audit.also_notify_users(current) == len(policy.zones)
    # In a list with a port of its own, an entry without one would be told at that port.
    port = 53 if current is not None and list_port(current) not in (None, 53) else None
    values = {
        "head": list_head(current) if current is not None else "also-notify",
        "entries": [entry_text(entry.statement, entry.start, entry.end) for entry in entries(current)]
        if current is not None
        else [],
        "servers": [(peer.text, key, port) for peer, key in new],
    }
    if current is not None and alone:
        return (Change("replace", current.span, "also-notify", values),)
    if policy.level == "zone" and len(policy.zones) == 1:
        return (Change("after", policy.statement.span, "also-notify", values),)
    if current is None and alone:
        return (Change("after", policy.statement.span, "also-notify", values),)
    return None


def entry_text(statement: Statement, start: int, end: int) -> str:
    """The text of an entry without its `;`."""
    return statement.text[start:end].rstrip().removesuffix(";").rstrip()


def list_head(statement: Statement) -> str:
    """What stands before the list of a statement: its name, port and transport."""
    for piece in statement.pieces:
        if isinstance(piece, Group):
            return " ".join(statement.text[: piece.start].split())
    return statement.name


def names(items: Iterable[str], *, most: int = 3) -> str:
    """ "a", "a and b", "a, b, c and 4 more": a list in a sentence."""
    shown = [item[:80] for item in items]
    rest = len(shown) - most
    if rest > 0:
        return ", ".join(shown[:most]) + f" and {rest} more"
    if len(shown) > 1:
        return ", ".join(shown[:-1]) + " and " + shown[-1]
    return shown[0] if shown else "nothing"


def zone_names(zones: Sequence[Zone], *, most: int = 2) -> str:
    """The zones of a finding in a sentence."""
    return names([zone_name(zone) for zone in zones], most=most)


def zone_name(zone: Zone) -> str:
    """A zone in a sentence."""
    return "the root zone" if zone.canonical == "." else zone.canonical[:80]


def keyed_fix(policy: TransferPolicy, audit: Audit, admitted: Admitted) -> Fix:
    """The paper's correction for a list without a key: the peers' own keys, else a key that has yet to be made."""
    assert policy.statement is not None
    tied = {peer: audit.peers.key_of(peer.family, peer.address, policy.view) for peer in admitted.peers}
    known = list(dict.fromkeys(key for key in tied.values() if key is not None))
    certain = bool(tied) and all(tied.values()) and not admitted.networks
    values = {
        "kept": [text for text in admitted.kept if text.lower() != "none"],
        "keys": known if certain else [PLACEHOLDER],
        "make_key": not certain,
        "moved": [(peer.text, tied[peer] if certain else PLACEHOLDER) for peer in admitted.peers],
        "head": list_head(policy.statement),
    }
    change = Change("replace", policy.statement.span, "allow-transfer", values)
    told = notify_changes(policy, audit, list(tied.items())) if certain else None
    if told is not None:
        title = "let the key in instead of the address, and tell the address of changes"
        return Fix(title, (change, *told), "unsafe")
    tell = ", and tell the address of changes" if admitted.peers else ""
    if certain:
        return Fix(f"let the key in instead of the address{tell}", (change,), "display")
    return Fix(f"make a key and let it in instead of the address{tell}", (change,), "display")
