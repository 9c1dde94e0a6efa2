"""Address match lists that named cannot convert: names that lead nowhere or to themselves, elements that it has not."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from named_audit.catalogue.refusal import Refusal
from named_audit.model.config import Config, Level
from named_audit.model.matchlist import MatchElement, MatchList, parse_match_list
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Span
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

RULE = "invalid-reference"
AT_START = "invalid-at-start"

_OF_ZONES = ("allow-transfer", "allow-notify", "allow-update", "allow-update-forwarding")
"""Converted for every zone, whatever its type, with what it inherits."""

_OF_VIEWS = (
    *("match-clients", "match-destinations", "blackhole"),
    *("allow-query", "allow-query-on", "allow-query-cache", "allow-query-cache-on"),
    *("allow-recursion", "allow-recursion-on", "sortlist"),
)
"""Converted for every view, with what it inherits from the options."""

_OF_BLOCKS = {"rate-limit": ("exempt-clients",), "dns64": ("clients", "mapped", "exclude")}
"""Converted for every view, as they stand inside a block that it has or inherits."""

_DECIDE = frozenset({"allow-transfer", "match-clients", "match-destinations", "blackhole"})
"""Who may transfer a zone is not known where one of these cannot be converted."""

_AT_START_IN_VIEWS = (
    *("allow-transfer", "allow-notify"),
    *("no-case-compress", "response-padding", "deny-answer-addresses"),
)
"""Converted by named for every view, although named-checkconf looks at most at the zones that inherit them."""

_AT_START_IN_OPTIONS = (
    *_AT_START_IN_VIEWS,
    *(
        "allow-query",
        "allow-query-on",
        "allow-query-cache",
        "allow-query-cache-on",
        "sortlist",
        "allow-update",
    ),
)
"""Converted by named for its built-in view `_bind` and the zones there, whatever the views of the file say."""

_AT_START_IN_ZONES = ("allow-query", "allow-query-on")

_GEOIP_DATABASES = frozenset({"asnum", "city", "country", "domain", "isp"})
_LEGACY_GEOIP = frozenset({"area", "areacode", "country3", "countryname", "netspeed", "regionname"})
"""What can be looked up in the databases of releases before 9.16 only."""

_RUNTIME = frozenset({"catalog-zones", "allow-new-zones"})
"""With one of these there are zones that are not in the file, and inherit."""


class ListFault(NamedTuple):
    """What named says of the first element of a list that it cannot convert, and where that stands."""

    message: str
    span: Span
    absence: bool


class _Step(NamedTuple):
    """The first element of a list that fails: by itself, or because it names an `acl` (in lower case) that does.

    `message` says what is wrong with it, or is the acl's name as written. `start` and `end` are offsets in the text of the statement.
    """

    message: str
    acl: str
    start: int
    end: int
    absence: bool


_State: TypeAlias = Literal["open", "sound"] | _Step


class AclNames:
    """Finds the first fault of a list, in it or in the acls that it names, as named does when it converts it."""

    def __init__(self, config: Config) -> None:
        self._acls = config.acls
        # With older ones it depends on how they were built.
        self._geoip2 = config.release is not None and config.release.at_least(9, 16)
        self._of_text: dict[str, _Step | None] = {}
        self._of_acl: dict[str, _State] = {}
        self._ends: dict[str, ListFault] = {}

    def fault(self, statement: Statement) -> ListFault | None:
        """The fault of the list in a statement's first block; None if named converts it."""
        text = statement.text
        if text in self._of_text:
            step = self._of_text[text]
        else:
            step = self._of_text[text] = self._first(_elements(statement))
        if step is None:
            return None
        return self._end(step.acl) if step.acl else _at(step, statement)

    def _first(self, elements: Iterable[MatchElement]) -> _Step | None:
        for element in elements:
            name = self._unknown(element)
            if name:
                self._settle(name)
            step = self._judge(element)
            if step is not None:
                return step
        return None

    def _unknown(self, element: MatchElement) -> str:
        """The acl that must be judged before the element can be; "" if there is none."""
        if element.kind != "acl" or not isinstance(element.value, str):
            return ""
        low = fold(element.value)
        return low if low in self._acls and low not in self._of_acl else ""

    def _judge(self, element: MatchElement) -> _Step | None:
        if element.kind == "invalid":
            message = str(element.value)
            # Whatever else is invalid cannot be parsed, which the catalogue says.
            converted = message.endswith(("unsupported element type", "is not a valid domain name"))
            return _Step(message, "", element.start, element.end, False) if converted else None
        if element.kind == "geoip" and self._geoip2:
            wrong = _geoip_fault(str(element.value))
            return _Step(wrong, "", element.start, element.end, False) if wrong else None
        if element.kind != "acl" or not isinstance(element.value, str):
            return None
        low = fold(element.value)
        if low not in self._acls:
            from named_audit.model.lookalike import lookalike

            meant = lookalike(element.value)
            why = f" ({meant.why})" if meant is not None else ""
            message = f"undefined ACL '{shorten(element.value)}'{why}"
            return _Step(message, "", element.start, element.end, True)
        if self._of_acl[low] == "sound":
            return None
        return _Step(element.value, low, element.start, element.end, False)

    def _settle(self, name: str) -> None:
        """Judge an acl and all that it names; no recursion, since a file may chain any number of them."""
        state = self._of_acl
        stack = [(name, _elements(self._acls[name].statement))]
        state[name] = "open"
        while stack:
            low, elements = stack[-1]
            for element in elements:
                unknown = self._unknown(element)
                if unknown:
                    state[unknown] = "open"
                    # The element is judged again when what it names has been.
                    stack[-1] = (low, _again(element, elements))
                    stack.append((unknown, _elements(self._acls[unknown].statement)))
                    break
                step = self._judge(element)
                if step is not None:
                    state[low] = step
                    stack.pop()
                    break
            else:
                state[low] = "sound"
                stack.pop()

    def _end(self, name: str) -> ListFault:
        """Where the steps from an acl lead: to an element that fails by itself, or back to an acl on the way."""
        passed: dict[str, _Step] = {}
        while name not in self._ends:
            step = self._of_acl[name]
            assert isinstance(step, _Step)
            if name in passed:
                # From each acl of a loop, named says so at the place that leads back to that acl.
                for each, its in _loop(passed, name):
                    loop = _Step(f"acl loop detected: {shorten(its.message)}", "", its.start, its.end, False)
                    self._ends[its.acl] = _at(loop, self._acls[each].statement)
                break
            passed[name] = step
            if not step.acl:
                self._ends[name] = _at(step, self._acls[name].statement)
                break
            name = step.acl
        end = self._ends[name]
        for each in passed:
            self._ends.setdefault(each, end)
        return self._ends[next(iter(passed), name)]


def _geoip_fault(text: str) -> str:
    """What is wrong with the words behind `geoip` for GeoIP2; "" if nothing is.

    named only warns of a database that has not what is looked up in it.
    """
    words = text.split(" ")
    if words[0] == "db":
        if words[1] not in _GEOIP_DATABASES:
            return f"database '{shorten(words[1], 60)}' is not defined for GeoIP2"
        words = words[2:]
    field, value = words[0], " ".join(words[1:])
    if not value:
        return "zero-length geoip search field"
    if field in _LEGACY_GEOIP:
        return f"type '{field}' is unavailable in GeoIP2 databases"
    if field == "country" and len(value.encode("utf-8", "surrogateescape")) == 3:
        return "three-letter country codes are unavailable in GeoIP2 databases"
    return ""


def _loop(passed: dict[str, _Step], first: str) -> Iterator[tuple[str, _Step]]:
    on = False
    for name, step in passed.items():
        on = on or name == first
        if on:
            yield name, step


def _again(element: MatchElement, rest: Iterator[MatchElement]) -> Iterator[MatchElement]:
    yield element
    yield from rest


def _at(step: _Step, statement: Statement) -> ListFault:
    start = step.start
    text = statement.text
    if text[start : start + 1] == "!":
        # The name is what named complains of, and it may stand on another line.
        start = step.end - len(text[start + 1 : step.end].lstrip(" \t\r\n!"))
    return ListFault(step.message, statement.locate(start, step.end), step.absence)


def _elements(statement: Statement) -> Iterator[MatchElement]:
    """The elements of the list in a statement's first block as named converts them: first what names acls.

    Those of lists inside it stand in their place.
    """
    return iter(sorted(_flat(statement), key=lambda element: element.kind != "acl"))


def _flat(statement: Statement) -> Iterator[MatchElement]:
    group = next((piece for piece in statement.pieces if isinstance(piece, Group)), None)
    if group is None:
        return
    stack = [iter(parse_match_list(group).elements)]
    while stack:
        element = next(stack[-1], None)
        if element is None:
            stack.pop()
        elif isinstance(element.value, MatchList):
            stack.append(iter(element.value.elements))
        else:
            yield element


def faulty_lists(config: Config) -> Iterator[Refusal]:
    """Every list that named refuses to convert, once for each place that is at fault."""
    names = AclNames(config)
    found: dict[Span, Refusal] = {}
    # What decides about transfers comes first: a fault is a problem or a finding, never both.
    used = sorted(_converted(config), key=lambda use: not use[1])
    for statement, decides in used:
        fault = names.fault(statement)
        if fault is not None:
            message = fault.message
            if decides:
                message += ": this list cannot be judged, and named refuses it"
            found.setdefault(
                fault.span, Refusal(RULE, message, fault.span, absence=fault.absence, decides=decides)
            )
    for statement, decides in _converted_at_start(config):
        fault = names.fault(statement)
        if fault is not None:
            message = f"{fault.message}: named-checkconf does not look here, and named does not start"
            found.setdefault(
                fault.span, Refusal(AT_START, message, fault.span, absence=fault.absence, decides=decides)
            )
    yield from found.values()


def _converted(config: Config) -> Iterator[tuple[Statement, bool]]:
    """The lists that named-checkconf converts, and whether they decide about transfers."""
    names, options = config.names, config.options.statements
    release = config.release
    of_views = [name for name in _OF_VIEWS if name in names]
    if "keep-response-order" in names and release is not None and not release.at_least(9, 20):
        of_views.append("keep-response-order")  # it has no meaning any more since 9.20
    blocks = [name for name in _OF_BLOCKS if name in names]
    for view in config.views:
        for name in of_views:
            statement = view.level.statements.get(name) or options.get(name)
            if statement is not None:
                yield statement, name in _DECIDE
        for name in blocks:
            block = view.level.statements.get(name) or options.get(name)
            for child in block.children if block is not None else ():
                if child.name in _OF_BLOCKS[name]:
                    yield child, False
    if release is not None and release.at_least(9, 18):
        # Older ones ignore a listener that they cannot convert.
        for statement in config.listeners:
            yield statement, False
    for controls in config.controls:
        for child in controls.children:
            if child.name == "inet":
                part = _allowed(child)
                if part is not None:
                    yield part, False
    of_zones = [name for name in _OF_ZONES if name in names]
    if of_zones:
        yield from _of_zones(config, of_zones)


def _of_zones(config: Config, names: list[str]) -> Iterator[tuple[Statement, bool]]:
    for view in config.views:
        inherited: set[str] = set()
        for zone in view.zones:
            table = zone.level.statements
            if "in-view" in table:
                continue
            levels: tuple[Level, ...] = (zone.level,)
            if "template" in table:
                levels = tuple(level for level in config.levels(zone) if level.kind in ("zone", "template"))
            for name in names:
                statement = table.get(name) if len(levels) == 1 else _nearest(levels, name)
                if statement is None:
                    inherited.add(name)
                else:
                    yield statement, name in _DECIDE
        for name in names:
            if name in inherited:
                statement = _nearest((view.level, config.options), name)
                if statement is not None:
                    yield statement, name in _DECIDE


def _nearest(levels: Iterable[Level], name: str) -> Statement | None:
    return next((level.statements[name] for level in levels if name in level.statements), None)


def _converted_at_start(config: Config) -> Iterator[tuple[Statement, bool]]:
    names = config.names
    more = not _RUNTIME.isdisjoint(names)
    levels: list[tuple[Level, tuple[str, ...]]] = [(config.options, _AT_START_IN_OPTIONS)]
    levels += [(view.level, _AT_START_IN_VIEWS) for view in config.views if view.statement is not None]
    for level, looked_up in levels:
        for name in looked_up:
            statement = level.statements.get(name)
            if statement is not None:
                yield statement, more and name in _DECIDE
    of_zones = [name for name in _AT_START_IN_ZONES if name in names]
    if of_zones:
        for zone in config.zones:
            for name in of_zones:
                statement = zone.level.statements.get(name)
                if statement is not None and "in-view" not in zone.level.statements:
                    yield statement, False


def _allowed(statement: Statement) -> Statement | None:
    """The list behind `allow` in a control channel, as a statement of its own."""
    pieces = statement.pieces
    for word, group in itertools.pairwise(pieces):
        if isinstance(word, Word) and word.bare and word.low == "allow" and isinstance(group, Group):
            return statement.part(word.start, group.end)
    return None
