"""Elements of match lists in the file: where they stand, their text, and the edits that move them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Fix, Grade, Span
from named_audit.lint.corrections import list_head, names
from named_audit.model.matchlist import MatchElement, MatchList
from named_audit.policy.addresses import AddressSet
from named_audit.policy.effects import Path
from named_audit.policy.faults import Fault, Kind, Place
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group


class Lists(NamedTuple):
    """The lists that a policy is made of: its statement's own (None) and the acls that it uses."""

    policy: TransferPolicy
    audit: Audit

    def statement(self, acl: str | None) -> Statement:
        """The statement that holds a list."""
        if acl is not None:
            return self.audit.config.acls[acl].statement
        assert self.policy.statement is not None
        return self.policy.statement

    def match_list(self, acl: str | None) -> MatchList:
        """A list, as written."""
        found = self.audit.lists.lookup(acl) if acl is not None else None
        # Parsed once for all statements with this text.
        return found if found is not None else self.audit.lists.acl(self.statement(acl)).match_list

    def element(self, place: Place) -> MatchElement:
        """What stands at a place."""
        return _element(self.match_list(place.acl), place.path)

    def beside(self, place: Place) -> tuple[Place, ...]:
        """All elements of the list in which one stands, itself among them."""
        outer = place.path[:-1]
        count = len(_group(self.statement(place.acl), outer).elements)
        return tuple(Place(place.acl, (*outer, at)) for at in range(count))

    def span(self, place: Place, *, semicolon: bool = False) -> Span:
        """Where an element stands in the file, without its `;` or with it."""
        statement = self.statement(place.acl)
        start, end = self._offsets(place, semicolon=semicolon)
        return statement.locate(start, end)

    def text(self, place: Place) -> str:
        """An element as written, without its `;`."""
        start, end = self._offsets(place)
        return self.statement(place.acl).text[start:end]

    def shown(self, place: Place) -> str:
        """An element in a sentence."""
        text = " ".join(self.text(place).split())
        return text if len(text) <= 60 else text[:57] + "..."

    def editable(self, *places: Place) -> bool:
        """Whether the statements that hold these elements stand in one file each, so that offsets are places there."""
        return all(self.statement(place.acl).contiguous for place in places)

    def owned(self, *places: Place) -> bool:
        """Whether only allow-transfer statements use the acls of these places: an edit changes nothing else."""
        acls = {place.acl for place in places if place.acl is not None}
        return not acls or all(self.audit.acl_uses.only("allow-transfer", acl) for acl in acls)

    def _offsets(self, place: Place, *, semicolon: bool = False) -> tuple[int, int]:
        element = self.element(place)
        if not semicolon:
            return element.start, element.end
        group = _group(self.statement(place.acl), place.path[:-1])
        return element.start, group.elements[place.path[-1]].end


def _element(match_list: MatchList, path: Path) -> MatchElement:
    for at in path[:-1]:
        inner = match_list.elements[at].value
        assert isinstance(inner, MatchList)
        match_list = inner
    return match_list.elements[path[-1]]


def _group(statement: Statement, path: Path) -> Group:
    pieces = statement.pieces
    group = next(piece for piece in pieces if isinstance(piece, Group))
    for at in path:
        group = next(piece for piece in group.elements[at].pieces if isinstance(piece, Group))
    return group


def faults_of(policy: TransferPolicy, audit: Audit, kind: Kind) -> Iterator[Fault]:
    """The faults of a kind in the list of a policy, as far as clients that it is about ever get to the list."""
    if policy.statement is None:
        return
    for fault in audit.faults(policy):
        if fault.kind == kind and _matters(fault, policy):
            yield fault


def _matters(fault: Fault, policy: TransferPolicy) -> bool:
    """Whether blackhole, the choice of the view and the listeners leave anybody of whom the fault speaks."""
    clients = AddressSet.nothing()
    for signer in (None, *fault.signers):
        for locality in LOCALITIES:
            for case in policy.access.cases():
                clients = clients | policy.access.clients(signer, locality, case)
    if fault.kind == "and without any":
        # It speaks of the others: those who need not come from where the list was to ask them to.
        return bool(clients - fault.who)
    return fault.who <= clients if fault.kind == "crossed pairs" else bool(fault.who & clients)


def served(fault: Fault, policy: TransferPolicy) -> tuple[AddressSet, tuple[str, ...]]:
    """Whom of those that a fault lets in the server really serves, and with which of its keys.

    Blackhole, the choice of the view and keys that are not defined may keep them out. Geoip conditions are taken to
    hold: what they admit is not known.
    """
    signers: tuple[str | None, ...] = fault.signers or (None,)
    found = {
        signer: _union(policy.addresses(signer, locality) for locality in LOCALITIES) & fault.who
        for signer in signers
    }
    if policy.acl is not None and policy.acl.uses_geoip:
        return fault.who, fault.signers
    return _union(found.values()), tuple(signer for signer in fault.signers if found[signer])


def _union(sets: Iterable[AddressSet]) -> AddressSet:
    total = AddressSet.nothing()
    for each in sets:
        total = total | each
    return total


def keys_in_words(signers: Sequence[str]) -> str:
    """ "key a", "keys a and b"."""
    return f"{'key' if len(signers) == 1 else 'keys'} {names(signers)}"


def in_front(lists: Lists, place: Place, texts: Sequence[str]) -> Change:
    """Put elements in front of another; on lines of their own where that one begins its line."""
    span = lists.span(place)
    values = {"new": list(texts), "element": lists.text(place), "lines": begins_line(span)}
    return Change("replace", span, "in front", values)


def in_lists(lists: Lists, first: Place, last: Place, pairs: Sequence[object]) -> Change:
    """Put lists of their own in the place of the elements from one to another.

    Where these begin their line, each gets its own lines there. A list on one line is written anew as a whole, so that it
    can be broken where it does not fit any more.
    """
    # Only for a correction, not when the rules are loaded.
    from named_audit.syntax.edits import comments_in

    span = lists.span(first)
    statement = lists.statement(first.acl)
    whole = len(first.path) == 1 and not begins_line(span) and "\n" not in statement.text
    if not whole or comments_in(statement.text, 0, len(statement.text)):
        values = {"pairs": list(pairs), "lines": begins_line(span)}
        return Change("replace", span._replace(end=lists.span(last).end), "pairs", values)
    beside = [(place.path[-1], lists.text(place)) for place in lists.beside(first)]
    values = {
        "head": list_head(statement),
        "before": [text for at, text in beside if at < first.path[-1]],
        "pairs": list(pairs),
        "after": [text for at, text in beside if at > last.path[-1]],
    }
    return Change("replace", statement.span, "list", values)


def begins_line(span: Span) -> bool:
    """Whether nothing stands before a span on its line."""
    text = span.source.text
    return not text[text.rfind("\n", 0, span.start) + 1 : span.start].strip()


def taken_out(lists: Lists, place: Place) -> Change:
    """Take an element out of its list."""
    return Change("delete", lists.span(place, semicolon=True), "", {})


def correction(
    lists: Lists, title: str, changes: Sequence[Change], places: Iterable[Place], grade: Grade
) -> Fix:
    """A fix that edits the lists at these places; it is for show where the edits reach further than the finding.

    Whom it lets in and refuses is what the rule found by comparing the lists: the meaning that the text was to have.
    """
    places = tuple(places)
    if not lists.editable(*places):
        return Fix(title, tuple(changes), "display", admits=None)
    if not lists.owned(*places):
        grade = "display"
    statement = lists.statement(places[0].acl)
    return Fix(title, tuple(changes), grade, shows=statement.span, admits=None)
