"""Corrections that several rules share: keys stay in allow-transfer, single addresses move to also-notify."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Fix
from named_audit.model.config import Level, Zone
from named_audit.model.matchlist import MatchElement, MatchList, Prefix, address_text
from named_audit.model.serverlist import entries
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import build
from named_audit.policy.transfer import LOOPBACK, TransferPolicy
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, quote

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
    addresses; `networks` is what admits more than one address and cannot stand in also-notify (text).
    """

    kept: tuple[str, ...]
    keys: tuple[str, ...]
    peers: tuple[Peer, ...]
    networks: tuple[str, ...]


def take_apart(policy: TransferPolicy, audit: Audit) -> Admitted:
    """Sort the elements of a policy's list by what becomes of them."""
    assert policy.match_list is not None and policy.statement is not None
    taker = _Taker(audit, policy.statement.text)
    taker.take(policy.match_list, top=True)
    return Admitted(
        tuple(taker.kept), tuple(taker.keys), tuple(dict.fromkeys(taker.peers)), tuple(taker.networks)
    )


class _Taker:
    def __init__(self, audit: Audit, text: str) -> None:
        self._audit = audit
        self._text = text
        self._seen: set[str] = set()
        self.kept: list[str] = []
        self.keys: list[str] = []
        self.peers: list[Peer] = []
        self.networks: list[str] = []

    def take(self, match_list: MatchList, *, top: bool) -> None:
        for element in match_list.elements:
            raw = self._text[element.start : element.end] if top else _text(element)
            if element.negated or element.kind in ("localhost", "none", "invalid"):
                if top:
                    self.kept.append(raw)
            elif element.kind == "key":
                assert isinstance(element.value, str)
                if element.value not in self.keys:
                    self.keys.append(element.value)
                    self.kept.append(raw if top else f"key {quote(element.value)}")
            elif element.kind == "prefix":
                self._prefix(element, raw, top=top)
            elif element.kind in ("list", "acl"):
                self._inner(element, raw)
            else:
                self.networks.append(raw)

    def _prefix(self, element: MatchElement, raw: str, *, top: bool) -> None:
        prefix = element.value
        assert isinstance(prefix, Prefix)
        if AddressSet.from_prefix(*prefix) <= LOOPBACK:
            if top:
                self.kept.append(raw)
        elif prefix.length == (32 if prefix.family == 4 else 128):
            self.peers.append(Peer(prefix.family, prefix.network))
        else:
            self.networks.append(prefix.text)

    def _inner(self, element: MatchElement, raw: str) -> None:
        inner: MatchList | None
        if element.kind == "acl":
            assert isinstance(element.value, str)
            low = element.value.lower()
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
    policy: TransferPolicy, audit: Audit, peers: Sequence[tuple[str, str | None]]
) -> tuple[Change, ...]:
    """The edits that make the server tell these addresses too: (address, key name or None).

    The list that holds for the zones is kept and extended at the level of the allow-transfer statement, because a
    nearer list replaces a farther one. Addresses that are told already are left alone.
    """
    assert policy.statement is not None
    zone = policy.zones[0]
    plan = audit.notify(zone)
    if plan.mode == "no":
        return ()
    current = plan.also_notify.statement
    told = {(target.server.family, target.server.address_text) for target in plan.targets}
    new = [(address, key) for address, key in peers if not any(address == known for _, known in told)]
    if not new:
        return ()
    values = {
        "head": list_head(current) if current is not None else "also-notify",
        "entries": [entry_text(entry.statement, entry.start, entry.end) for entry in entries(current)]
        if current
        else [],
        "servers": new,
    }
    own = _level(policy, zone, audit)
    if current is not None and own is not None and own.statements.get("also-notify") is current:
        return (Change("replace", current.span, "also-notify", values),)
    return (Change("after", policy.statement.span, "also-notify", values),)


def entry_text(statement: Statement, start: int, end: int) -> str:
    """The text of an entry without its `;`."""
    return statement.text[start:end].rstrip().removesuffix(";").rstrip()


def list_head(statement: Statement) -> str:
    """What stands before the list of a statement: its name, port and transport."""
    for piece in statement.pieces:
        if isinstance(piece, Group):
            return " ".join(statement.text[: piece.start].split())
    return statement.name


def _level(policy: TransferPolicy, zone: Zone, audit: Audit) -> Level | None:
    return next((level for level in audit.config.levels(zone) if level.kind == policy.level), None)


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
    keys = known if certain else [PLACEHOLDER]
    values = {
        "kept": [text for text in admitted.kept if text.lower() != "none"],
        "keys": keys,
        "make_key": not certain,
        "moved": [(peer.text, tied[peer] if certain else PLACEHOLDER) for peer in admitted.peers],
        "head": list_head(policy.statement),
    }
    changes: tuple[Change, ...] = (Change("replace", policy.statement.span, "allow-transfer", values),)
    if certain:
        changes += notify_changes(policy, audit, [(peer.text, tied[peer]) for peer in admitted.peers])
        return Fix(
            "let the key in instead of the address, and tell the address of changes", changes, "unsafe"
        )
    tell = ", and tell the address of changes" if admitted.peers else ""
    return Fix(f"make a key and let it in instead of the address{tell}", changes, "display")
