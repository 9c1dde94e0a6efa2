"""What a zone must have, may not have beside something else, or must be called: most of named's check_zoneconf()."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.acls import AclNames
from named_audit.model.checks.classes import class_number
from named_audit.model.checks.effective import Effective, is_true, opening, own, word, word_span
from named_audit.model.checks.zone_signing import signing_faults
from named_audit.model.config import Config, View, Zone
from named_audit.model.matchlist import parse_address
from named_audit.model.names import canonical, is_dns_name, lists_share_names
from named_audit.model.references import zones_by_view
from named_audit.model.serverlist import entries, expand
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group, Word, fold

RULE = "invalid-zone"
COMBINED = "invalid-combination"

_CLOSER = frozenset(
    {
        "auto-dnssec", "database", "dialup", "dlz", "dnskey-sig-validity", "dnssec-dnskey-kskonly",
        "dnssec-loadkeys-interval", "dnssec-policy", "dnssec-update-mode", "forward", "forwarders", "in-view",
        "inline-signing", "parental-agents", "server-addresses", "server-names", "sig-validity-interval",
        "template", "update-check-ksk",
    }
)  # fmt: skip
"""Statements of a zone that call for a closer look; most zones of a big file have none of them."""

_BY_NAME = frozenset({"forwarders", "in-view", "server-names", "template"})
"""Statements whose faults depend on the name of the zone."""

_DECIDING = _CLOSER | {"allow-update", "masters", "notify", "primaries"}
"""Statements whose arguments decide what is wrong; of an update-policy it counts only that it is there."""

_FILE_TYPES = ("primary", "hint")
_SERVER_TYPES = ("secondary", "stub")
_LINKED = frozenset({"primary", "secondary", "mirror", "hint", "stub", "static-stub"})
"""Zones of these types may be what an `in-view` means."""


def zone_faults(config: Config) -> Iterator[Refusal]:
    """Everything of that kind, in file order within each view."""
    with_views = any(view.statement is not None for view in config.views)
    linked: set[tuple[str, int, str]] | None = set() if "in-view" in config.names else None
    look = _CloserLook(config, linked)
    said: set[tuple[int, int, str]] = set()
    sound: set[tuple[str | None, ...]] = set()
    plain: dict[tuple[str | None, ...], str | None] = {}
    for view in config.views:
        if with_views and view.statement is None:
            continue  # named only says that they stand outside
        class_ = class_number(view.class_)
        if class_ is None:
            continue
        signed = config.view_setting(view, "dnssec-policy").statement is not None
        for zone in view.zones:
            statements = zone.level.statements
            type_statement = statements.get("type")
            shape = (type_statement.text if type_statement is not None else None, *statements)
            if shape in plain:
                type_ = plain[shape]
            else:
                type_ = plain[shape] = _plain_type(config, zone)
            name = zone.name
            # Most names are shorter than a label may be.
            valid = 0 < len(name) < 64 and name[0] != "." and ".." not in name and "\\" not in name
            if zone.class_ is not None or not valid or not name.isascii():
                yield from _once(look.at(zone, view, class_), said)
                continue
            if type_ is None or signed:
                alike = _alike(zone, shape)
                if alike is None or alike not in sound:
                    faults = tuple(look.at(zone, view, class_))
                    yield from _once(faults, said)
                    if alike is not None and not faults:
                        sound.add(alike)
                    continue
            elif type_ in _SERVER_TYPES:
                servers = statements.get("primaries") or statements["masters"]
                if not _begins_with_address(servers.text) and look.no_servers(servers):
                    yield from _once(look.at(zone, view, class_), said)
                    continue
            if linked is not None and (type_ or config.zone_type(zone)) in _LINKED:
                linked.add((zone.canonical, class_, view.name or "_default"))


def _alike(zone: Zone, shape: tuple[str | None, ...]) -> tuple[str | None, ...] | None:
    """What decides whether anything is wrong with a zone, but for its name; None if its name bears on it.

    Where options sign all zones, nearly all are alike.
    """
    statements = zone.level.statements
    if zone.canonical == "." or not _BY_NAME.isdisjoint(statements):
        return None
    texts = [each.text for name, each in statements.items() if name in _DECIDING]
    return (zone.view.name, *shape, *texts)


def _once(faults: Iterable[Refusal], said: set[tuple[int, int, str]]) -> Iterator[Refusal]:
    """Without what was said already, of a statement that several zones inherit."""
    for fault in faults:
        key = (id(fault.span.source), fault.span.start, fault.message)
        if key not in said:
            said.add(key)
            yield fault


def _plain_type(config: Config, zone: Zone) -> str | None:
    """The type of a zone about which there is nothing to say, None for one that must be looked at."""
    statements = zone.level.statements
    type_ = config.zone_type(zone)
    if type_ not in ("primary", "secondary", "stub", "hint", "forward", "static-stub"):
        return None
    if type_ in _FILE_TYPES and "file" not in statements:
        return None
    if type_ in _SERVER_TYPES and ("primaries" in statements) == ("masters" in statements):
        return None
    return type_ if _CLOSER.isdisjoint(statements) else None


class _CloserLook:
    """Looks at one zone after the other."""

    def __init__(self, config: Config, linked: set[tuple[str, int, str]] | None) -> None:
        self._config = config
        self._linked = linked
        self._effective = Effective(config)
        self._zones: dict[str, set[str]] | None = None
        self._empty: dict[str, bool] = {}

    def at(self, zone: Zone, view: View, class_: int) -> Iterator[Refusal]:
        """Everything that is wrong with a zone, up to where named stops to look."""
        config = self._config
        statements = own(config, zone)
        type_ = config.zone_type(zone)
        head = zone.statement.name_span
        shown = f"zone '{shorten(zone.name, 60)}'"
        if type_ is None:
            return  # a problem, with what it should have been
        if type_ == "redirect" and zone.name != ".":
            yield Refusal(RULE, 'redirect zones must be called "."', head)
            return
        if zone.class_ is not None and class_number(zone.class_) != class_:
            yield from _class_fault(zone, shown)
            return
        named = is_dns_name(zone.name)
        if not named:
            yield Refusal(RULE, f"{shown}: is not a valid name", head)
        elif self._linked is not None:
            if type_ == "in-view":
                yield from self._in_view(zone, class_, self._linked)
            elif type_ in _LINKED:
                self._linked.add((zone.canonical, class_, view.name or "_default"))
        if type_ == "in-view":
            if len(statements.keys() - {"forward", "forwarders"}) > 1:
                yield Refusal(RULE, f"{shown}: 'in-view' used with incompatible zone options", head)
            return
        if type_ == "mirror":
            yield from self._mirror(zone, view, shown)
        if type_ in _SERVER_TYPES or (type_ == "mirror" and named and zone.canonical != "."):
            yield from self._servers(zone, statements, shown)
        agents = statements.get("parental-agents")
        if agents is not None and type_ in ("primary", "secondary") and self._no_agents(agents):
            yield _absent(zone, f"{shown}: empty 'parental-agents' entry")
        signing = self._effective.signing(zone, type_, statements)
        yield from signing_faults(config, zone, type_, statements, signing)
        if type_ in _DIALUP_TYPES:
            yield from _dialup(statements, type_, shown)
        yield from forward_faults(zone.level.statements)
        release = config.release
        compares = release is not None and release.line != "9.11"
        if compares and named and zone.canonical == "." and "forwarders" in zone.level.statements:
            general = config.view_setting(view, "forwarders").statement
            if general is not None:
                message = "forwarders declared in root zone and in general configuration"
                related = (Related(general.name_span, "declared here too"),)
                yield Refusal(COMBINED, message, statements["forwarders"].name_span, related)
        if type_ == "static-stub":
            yield from _static_stub(zone, statements, shown, named)
        yield from self._file(zone, type_, statements, shown)

    def _in_view(self, zone: Zone, class_: int, linked: set[tuple[str, int, str]]) -> Iterator[Refusal]:
        target = zone.in_view or ""
        if (zone.canonical, class_, target) in linked:
            return
        if self._zones is None:
            self._zones = zones_by_view(self._config)
        # What leads nowhere leaves the zone in doubt: a problem, once it is known that everything was read.
        if zone.canonical in self._zones.get(target, ()):
            view = shorten(target, 60)
            message = (
                f"'in-view' zone '{shorten(zone.name, 60)}' does not exist in view '{view}', "
                f"or view '{view}' is not yet defined"
            )
            yield Refusal(RULE, message, word_span(zone.level.statements["in-view"]), absence=True)

    def _mirror(self, zone: Zone, view: View, shown: str) -> Iterator[Refusal]:
        notify = word(zone.level.statements.get("notify"))
        if notify is not None and notify.low not in ("no", "false", "0", "explicit"):
            message = f"{shown}: mirror zones can only be used with 'notify no;' or 'notify explicit;'"
            span = zone.level.statements["notify"].span
            yield Refusal(RULE, message, opening(zone), (Related(span, "the setting"),))
        recursion = self._config.view_setting(view, "recursion").statement
        allowed = self._config.view_setting(view, "allow-recursion").statement
        off = recursion if recursion is not None and not is_true(recursion) else None
        # A list that named cannot convert is refused elsewhere, and denies nothing.
        if off is None and allowed is not None and self._effective.denies_all(allowed):
            off = allowed if AclNames(self._config).fault(allowed) is None else None
        if off is None and class_number(view.class_) not in (1, None):
            off = view.statement  # there is no recursion in other classes
        if off is not None:
            message = f"{shown}: mirror zones cannot be used if recursion is disabled"
            yield Refusal(RULE, message, opening(zone), (Related(off.name_span, "disabled here"),))

    def _servers(self, zone: Zone, statements: Mapping[str, Statement], shown: str) -> Iterator[Refusal]:
        servers, old = statements.get("primaries"), statements.get("masters")
        if servers is not None and old is not None:
            message = "'primaries' and 'masters' cannot both be used in the same zone"
            yield Refusal(RULE, message, servers.name_span, (Related(old.name_span, "the other one"),))
        servers = servers or old
        if servers is None:
            if not self._meant(zone, "primaries", "masters"):
                yield _absent(zone, f"{shown}: missing 'primaries' entry")
        elif self.no_servers(servers):
            yield _absent(zone, f"{shown}: empty '{servers.name}' entry")

    def _meant(self, zone: Zone, *names: str) -> bool:
        """Whether an unknown statement of the zone probably is one of these: that it is missing is a consequence."""
        slips = self._config.slips.get(id(zone.statement))
        return slips is not None and not slips.isdisjoint(names)

    def no_servers(self, statement: Statement) -> bool:
        """Whether a list of primaries comes to nothing; False where it names a list that is not defined."""
        text = statement.text
        known = self._empty.get(text)
        if known is None:
            known = self._empty[text] = not any(expand(statement, self._config))
        return known

    def _no_agents(self, statement: Statement) -> bool:
        if lists_share_names(self._config.release):
            return self.no_servers(statement)
        # Their lists have a name space of their own; what does not lead anywhere is another fault.
        waiting, seen = [statement], {id(statement)}
        while waiting:
            for entry in entries(waiting.pop()):
                named = self._config.parental_agents.get(fold(entry.text)) if entry.family is None else None
                if named is None:
                    return False
                if id(named.statement) not in seen:
                    seen.add(id(named.statement))
                    waiting.append(named.statement)
        return True

    def _file(
        self, zone: Zone, type_: str, statements: Mapping[str, Statement], shown: str
    ) -> Iterator[Refusal]:
        head = zone.statement.name_span
        database = statements.get("database")
        if "dlz" in statements:
            if database is not None:
                yield Refusal(RULE, f"{shown}: cannot specify both 'dlz' and 'database'", head)
            return
        inline = type_ == "secondary" and is_true(statements.get("inline-signing"))
        if (
            "file" in statements
            or not (inline or type_ in _FILE_TYPES)
            or self._meant(zone, "file", "database")
        ):
            return
        if database is None or is_default_database(self._config, database):
            yield Refusal(RULE, f"{shown}: missing 'file' entry", head, absence=True)


def is_default_database(config: Config, statement: Statement) -> bool:
    """Whether a `database` only names what named uses anyway, so that the zone is kept in a file."""
    found = word(statement)
    release = config.release
    if found is None or release is None:
        return False
    if release.at_least(9, 20):
        return found.value == "qpzone"
    return found.value in ("rbt", "rbt64")


def forward_faults(statements: Mapping[str, Statement]) -> Iterator[Refusal]:
    """A `forward` of a zone, a view or the options that has nobody to forward to."""
    forward = statements.get("forward")
    if forward is not None and "forwarders" not in statements:
        message = "no matching 'forwarders' statement"
        yield Refusal(COMBINED, message, word_span(forward), absence=True)


def general_forward_faults(config: Config) -> Iterator[Refusal]:
    """The same for views and options; where there are views, nobody looks at the options."""
    views = [view for view in config.views if view.statement is not None]
    for level in [view.level for view in views] or [config.options]:
        yield from forward_faults(level.statements)


def _absent(zone: Zone, message: str) -> Refusal:
    return Refusal(RULE, message, opening(zone), absence=True)


def _class_fault(zone: Zone, shown: str) -> Iterator[Refusal]:
    if class_number(zone.class_ or "") is not None:  # else that is said with the statement
        piece = zone.statement.head[2]
        message = f"{shown}: class '{shorten(piece.value, 60)}' does not match view/default class"
        yield Refusal(RULE, message, zone.statement.locate(piece.start, piece.end))


_DIALUP_TYPES: Mapping[str, frozenset[str]] = {
    "primary": frozenset({"notify"}),
    "secondary": frozenset({"notify", "notify-passive", "passive", "refresh"}),
    "stub": frozenset({"passive", "refresh"}),
}


def _dialup(statements: Mapping[str, Statement], type_: str, shown: str) -> Iterator[Refusal]:
    statement = statements.get("dialup")
    value = word(statement)
    if statement is None or value is None or value.low in _DIALUP_TYPES[type_]:
        return
    if value.low in _DIALUP_TYPES["secondary"]:
        message = f"dialup type '{value.low}' is not allowed in {type_} {shown}"
        yield Refusal(RULE, message, word_span(statement))


def _static_stub(
    zone: Zone, statements: Mapping[str, Statement], shown: str, named: bool
) -> Iterator[Refusal]:
    for statement, element in _elements(statements.get("server-addresses")):
        if "%" in element.value:
            message = "scoped address is not allowed for static stub server-addresses"
            yield Refusal(RULE, message, statement.locate(element.start, element.end))
    apex = zone.canonical
    for _, element in _elements(statements.get("server-names")) if named else ():
        server = shorten(element.value, 60)
        if not is_dns_name(element.value):
            yield Refusal(RULE, f"server-name '{server}' is not a valid name", zone.statement.name_span)
        elif apex == "." or f".{canonical(element.value)}".endswith(f".{apex}"):
            message = f"server-name '{server}' must not be a subdomain of {shown}"
            yield Refusal(RULE, message, zone.statement.name_span)


def _elements(statement: Statement | None) -> Iterator[tuple[Statement, Word]]:
    for piece in statement.pieces if statement is not None else ():
        if isinstance(piece, Group):
            for element in piece.elements:
                if isinstance(element.pieces[0], Word):
                    assert statement is not None
                    yield statement, element.pieces[0]


@lru_cache(maxsize=4096)
def _begins_with_address(text: str) -> bool:
    """Whether the first entry of a list of servers is an address, so that the list cannot be empty."""
    first = text[text.find("{") + 1 :].lstrip(" \t\r\n")[:64]
    end = next((at for at, character in enumerate(first) if character in " \t\r\n;"), 0)
    return parse_address(first[:end]) is not None
