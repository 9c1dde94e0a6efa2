"""What a zone itself says about its servers: NS records, the SOA MNAME, and their addresses, from its master file."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from named_audit.host import Host, ReadError, has_wildcard
from named_audit.model.config import Config, View, Zone
from named_audit.model.names import canonical
from named_audit.syntax.locate import Locator, ReadOptions
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

if TYPE_CHECKING:
    import dns.name
    import dns.zone

MAX_ZONE_BYTES = 1 << 20
"""The largest master file that is read. dnspython takes seconds for a MiB."""

MAX_ALL_BYTES = 8 << 20
"""How much is read of all master files together."""

MAX_GENERATED = 10_000
"""How many records $GENERATE may make in one file."""

_TEXT_FORMAT = "text"
_OWN_DATABASES = frozenset({"rbt", "rbt64", "qp", "qpzone"})
_HELD_OPEN = 4
"""How many parsed zones are kept for questions about other names."""


class Unread(NamedTuple):
    """A zone whose content is not known, and why, for people."""

    reason: str


class ZoneData(NamedTuple):
    """The servers of a zone: canonical names of its NS records, in DNS order, and of its SOA MNAME.

    `doubts` say why named may serve something else than the file.
    """

    path: str
    primary: str
    servers: tuple[str, ...]
    doubts: tuple[str, ...]


Addresses = tuple[tuple[int, int], ...]
"""(family, address) each, in ascending order."""


class ZoneReader:
    """Reads the content of one configuration's zones, each once, and never more than MAX_ALL_BYTES altogether."""

    def __init__(self, config: Config, host: Host, options: ReadOptions) -> None:
        self._config = config
        self._host = host
        self._locator = Locator(config.tree.root.path, host, options)
        self._locator.directory = _argument(config.options.statements.get("directory"))
        self._left = MAX_ALL_BYTES
        self._data: dict[int, ZoneData | Unread] = {}
        self._addresses: dict[tuple[int, str], Addresses | None] = {}
        self._by_name: dict[int, dict[str, Zone]] = {}
        self._parsed = lru_cache(maxsize=_HELD_OPEN)(self._parse)

    def data(self, zone: Zone) -> ZoneData | Unread:
        """The servers of a zone, or why they are not known."""
        found = self._data.get(id(zone))
        if found is None:
            found = self._data[id(zone)] = self._find(zone)
        return found

    def addresses(self, view: View, name: str) -> Addresses | None:
        """The addresses that the zones of a view have for a name; empty if they say that there are none.

        None: these zones do not decide it, or what they say is not known.
        """
        at = (id(view), name)
        if at not in self._addresses:
            self._addresses[at] = self._look_up(view, name)
        return self._addresses[at]

    def _find(self, zone: Zone) -> ZoneData | Unread:
        path = self._path(zone)
        if isinstance(path, Unread):
            return path
        parsed = self._parsed(path, zone.canonical)
        if isinstance(parsed, Unread):
            return parsed
        import dns.rdatatype

        apex = parsed.nodes.get(parsed.origin) if parsed.origin is not None else None
        soa = apex.get_rdataset(parsed.rdclass, dns.rdatatype.SOA) if apex is not None else None
        ns = apex.get_rdataset(parsed.rdclass, dns.rdatatype.NS) if apex is not None else None
        if not soa or not ns:
            return Unread(f"{path} has no SOA or no NS record for the zone")
        servers = [canonical(name.to_text()) for name in sorted(rdata.target.canonicalize() for rdata in ns)]
        doubts = self._journals(zone, path)
        if self._config.zone_type(zone) == "primary":
            broken = [name for name in servers if _in_zone(parsed, name) == ()]
            doubts += [f"{name} has no address, with which BIND loads no primary zone" for name in broken]
        return ZoneData(path, canonical(soa[0].mname.to_text()), tuple(servers), tuple(doubts))

    def _journals(self, zone: Zone, path: str) -> list[str]:
        journal = _argument(self._config.effective(zone, "journal").statement)
        found = self._locator.find(journal) if journal and not has_wildcard(journal) else []
        if found or self._host.exists(f"{path}.jnl"):
            return [f"a journal holds changes to {path} that were not read"]
        return []

    def _path(self, zone: Zone) -> str | Unread:
        """Where the zone's master file is, if it is one that can be read."""
        config = self._config
        if fold(zone.class_ or zone.view.class_) != "in":
            return Unread("only zones of class IN are read")
        if zone.in_view is not None:
            return Unread(f"the zone is that of view {zone.in_view[:80]}")
        database = _argument(config.effective(zone, "database").statement)
        if "dlz" in zone.level.statements or (database is not None and database not in _OWN_DATABASES):
            return Unread("the zone's content is in a database")
        type_ = config.zone_type(zone)
        written = config.effective(zone, "masterfile-format").word
        if (written or (_TEXT_FORMAT if type_ == "primary" else "raw")) != _TEXT_FORMAT:
            return Unread("the zone's file is not in text format")
        file = _argument(config.effective(zone, "file").statement)
        if file is None:
            return Unread("the zone has no file")
        if has_wildcard(file) or "$" in file:
            return Unread(f"what {file[:80]} stands for is not known")
        if self._locator.is_external(file):
            return Unread(f"{file[:80]} is declared to be elsewhere")
        found = self._locator.find(file)
        return found[0] if found else Unread(f"{file[:80]} was not found")

    def _parse(self, path: str, origin: str) -> dns.zone.Zone | Unread:
        if self._left <= 0:
            return Unread(f"only {MAX_ALL_BYTES >> 20} MiB of zone files are read in one run")
        try:
            data = self._host.read_regular(path, MAX_ZONE_BYTES)
        except ReadError as error:
            return Unread(f"{path}: {error.reason}")
        self._left -= len(data)
        if b"\0" in data:
            return Unread(f"{path} is not a text file")
        # Every byte is a character of its own, as BIND reads it.
        text = data.decode("latin-1")
        refused = _refused(text)
        return Unread(f"{path} {refused}") if refused is not None else _zone_from(text, path, origin)

    def _look_up(self, view: View, name: str) -> Addresses | None:
        zone = self._enclosing(view, name)
        if zone is None:
            return None
        path = self._path(zone)
        parsed = self._parsed(path, zone.canonical) if isinstance(path, str) else path
        if isinstance(parsed, Unread):
            return None
        return _in_zone(parsed, name)

    def _enclosing(self, view: View, name: str) -> Zone | None:
        """The deepest zone of a view that a name is in, which answers for it."""
        zones = self._by_name.get(id(view))
        if zones is None:
            zones = self._by_name[id(view)] = {zone.canonical: zone for zone in view.zones}
        parent = name
        while parent:
            if parent in zones:
                return zones[parent]
            parent = parent.partition(".")[2]
        return zones.get(".")


def _argument(statement: Statement | None) -> str | None:
    pieces = statement.pieces if statement is not None else ()
    return pieces[1].value if len(pieces) > 1 and isinstance(pieces[1], Word) else None


def _refused(text: str) -> str | None:
    """Why a master file is not parsed; None if it may be."""
    if re.search(r"(?im)^\s*\$INCLUDE\b", text):
        return "includes other files, which are not read"
    made = 0
    for found in re.finditer(r"(?im)^\s*\$GENERATE\s+(\S{1,64})", text):
        bounds = re.fullmatch(r"(\d{1,10})-(\d{1,10})(?:/\d{1,10})?", found[1])
        made += int(bounds[2]) - int(bounds[1]) + 1 if bounds else 1
        if made > MAX_GENERATED:
            return f"makes more than {MAX_GENERATED} records with $GENERATE"
    return None


def _zone_from(text: str, path: str, origin: str) -> dns.zone.Zone | Unread:
    import dns.exception
    import dns.zone

    try:
        return dns.zone.from_text(
            text,
            origin=origin,
            relativize=False,
            check_origin=False,
            allow_include=False,
            allow_directives=("TTL", "ORIGIN", "GENERATE"),
        )
    except (dns.exception.DNSException, ValueError, KeyError, IndexError, ArithmeticError) as error:
        # dnspython lets Python's own errors through for some broken records.
        shown = " ".join(str(error).split())[:120]
        return Unread(f"{path} cannot be parsed: {shown or type(error).__name__}")


def _in_zone(zone: dns.zone.Zone, name: str) -> Addresses | None:
    """The addresses that a zone has for a name in it; None where it does not answer for the name itself."""
    import dns.exception
    import dns.name
    import dns.rdatatype

    try:
        at = dns.name.from_text(name).canonicalize()
    except dns.exception.DNSException:
        return None
    assert zone.origin is not None
    found: list[dns.name.Name] = []
    if not at.is_subdomain(zone.origin):
        return None
    while at != zone.origin:
        found.append(at)
        at = at.parent()
    target = found[0] if found else at
    # From the apex down: a delegation or an alias on the way decides.
    for ancestor in reversed(found):
        node = zone.nodes.get(ancestor)
        if node is None:
            continue
        if node.get_rdataset(zone.rdclass, dns.rdatatype.NS):
            return None  # the servers of the child are asked, not the glue
        if ancestor != target and node.get_rdataset(zone.rdclass, dns.rdatatype.DNAME):
            return ()  # BIND sends nothing to an alias
    node = zone.nodes.get(target)
    if node is None:
        wildcards = (dns.name.Name((b"*", *ancestor.labels)) for ancestor in (*found[1:], zone.origin))
        return None if any(wildcard in zone.nodes for wildcard in wildcards) else ()
    addresses: list[tuple[int, int]] = []
    for family, type_ in ((4, dns.rdatatype.A), (6, dns.rdatatype.AAAA)):
        for rdata in node.get_rdataset(zone.rdclass, type_) or ():
            addresses.append((family, int.from_bytes(rdata.to_wire() or b"", "big")))
    return tuple(sorted(addresses))
