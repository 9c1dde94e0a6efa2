"""Who may change zones by dynamic update: the effective allow-update, and what the rules of an update-policy grant."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from named_audit.model.config import Config, Setting, Zone
from named_audit.model.names import canonical
from named_audit.policy.access import Access, Accesses
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.matchlist import Locality
from named_audit.policy.reach import LOCALITIES, Reach
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Element, Group, Word


class UpdateAccess(NamedTuple):
    """The primary zones of one view for which one allow-update decides.

    `query` is their allow-query, None where there is none: BIND takes an update only from whom it answers.
    """

    setting: Setting
    zones: tuple[Zone, ...]
    access: Access
    query: Access | None

    @property
    def statement(self) -> Statement:
        """The deciding statement."""
        assert self.setting.statement is not None
        return self.setting.statement

    def addresses(self, signer: str | None, locality: Locality) -> AddressSet:
        """From where an update with this signer (None: unsigned) may be taken, whatever a geoip database says."""
        found = self.access.possible(signer, locality)
        return found & self.query.possible(signer, locality) if self.query is not None and found else found

    @property
    def unsigned(self) -> AddressSet:
        """From where other machines may change the zones without a key, neighbours apart."""
        return self.addresses(None, "elsewhere") - LOOPBACK

    @property
    def on_link(self) -> bool:
        """Whether `localnets` lets neighbours in without a key, beyond what the addresses say."""
        return bool(self.addresses(None, "localnets") - self.unsigned - LOOPBACK)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the list with which somebody may change the zones, canonical."""
        return tuple(
            key for key in self.access.keys if any(self.addresses(key, place) for place in LOCALITIES)
        )


def update_accesses(config: Config, accesses: Accesses, reach: Reach) -> tuple[UpdateAccess, ...]:
    """Every allow-update that decides for a primary zone, one for each view and allow-query, in file order.

    A zone with an update-policy does not look at allow-update; secondaries forward updates and take none.
    """
    if "allow-update" not in config.names:
        return ()
    found: dict[tuple[int, int, tuple[int, ...]], tuple[Setting, Setting, list[Zone]]] = {}
    for zone in config.zones:
        setting = config.effective(zone, "allow-update")
        if setting.statement is None or config.zone_type(zone) != "primary":
            continue
        if config.effective(zone, "update-policy").statement is not None:
            continue
        query = config.effective(zone, "allow-query")
        views = tuple([id(view) for view in reach.views_of(zone)])
        key = (id(setting.statement), id(query.statement), views)
        found.setdefault(key, (setting, query, []))[2].append(zone)
    return tuple(
        UpdateAccess(
            setting,
            tuple(zones),
            accesses.of(setting.statement, False, reach.views_of(zones[0])),
            accesses.of(query.statement, True, reach.views_of(zones[0])) if query.statement else None,
        )
        for setting, query, zones in found.values()
    )


class UpdateRule(NamedTuple):
    """One rule of an update-policy. `name` is None for `zonesub`; `types` are in upper case, none for all usual ones.

    `start` and `end` are offsets in the statement's text, from `grant` or `deny` to the last word.
    """

    grants: bool
    identity: Word
    match: str
    name: str | None
    types: tuple[Word, ...]
    start: int
    end: int

    def about(self, identity: str, name: str, type_: str) -> bool:
        """Whether it decides when this key changes records of a type at a name; both names canonical."""
        own = canonical(self.identity.value)
        if own != identity and not (own.startswith("*") and _is_below(identity, own[2:])):
            return False
        return self._names(identity, name) and self._types(type_)

    def _types(self, type_: str) -> bool:
        if not self.types:
            return type_ not in _KEPT
        named = {word.value.upper().partition("(")[0] for word in self.types}
        return type_ in named or "ANY" in named

    def _names(self, identity: str, name: str) -> bool:
        own = canonical(self.name) if self.name is not None else "."
        match self.match:
            case "zonesub":
                return True
            case "subdomain" | "ms-subdomain" | "krb5-subdomain":
                return name == own or _is_below(name, own)
            case "name":
                return name == own
            case "wildcard":
                return _is_below(name, own[2:])
            case "self":
                return name == identity
            case "selfsub":
                return name == identity or _is_below(name, identity)
            case _:
                return False


_KEPT = frozenset({"NS", "SOA", "RRSIG", "NSEC", "NSEC3"})
"""The types that a rule without types is not about."""


def _is_below(name: str, ancestor: str) -> bool:
    if name == ancestor:
        return False
    return ancestor in ("", ".") or name.endswith(f".{ancestor}")


def update_rules(statement: Statement) -> tuple[UpdateRule, ...]:
    """The rules of an update-policy, in order; none for `local`, and without those that are no rules."""
    group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
    return tuple(_rules(group.elements)) if group is not None else ()


def _rules(elements: Sequence[Element]) -> Iterator[UpdateRule]:
    for element in elements:
        words = [piece for piece in element.pieces if isinstance(piece, Word)]
        if len(words) < 3 or len(words) != len(element.pieces) or words[0].low not in ("grant", "deny"):
            continue
        match, rest = words[2].low, words[3:]
        name: str | None = None
        if match != "zonesub" and rest:
            name = rest.pop(0).value
        yield UpdateRule(
            words[0].low == "grant", words[1], match, name, tuple(rest), element.start, words[-1].end
        )


def granting(rules: Sequence[UpdateRule], identity: str, name: str, type_: str) -> UpdateRule | None:
    """The rule that lets a key change records of a type at a name: the first that is about it, if it grants."""
    for rule in rules:
        if rule.about(identity, name, type_):
            return rule if rule.grants else None
    return None


def rule_span(statement: Statement, rule: UpdateRule) -> Span:
    """Where a rule stands, without its `;`."""
    return statement.locate(rule.start, rule.end)
