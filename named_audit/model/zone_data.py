"""What a zone itself says about its servers: NS records, the SOA MNAME, and their addresses, from its master file."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from named_audit.globs import has_wildcard
from named_audit.host import Host, ReadError
from named_audit.model.config import Config, View, Zone
from named_audit.model.names import canonical
from named_audit.syntax.locate import Locator, ReadOptions
from named_audit.syntax.shorten import shorten
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

if TYPE_CHECKING:
    import dns.name
    import dns.rdataclass

MAX_ZONE_BYTES = 1 << 20
"""The largest master file that is read. dnspython takes seconds for a MiB."""

MAX_ALL_BYTES = 8 << 20
"""How much is read of all master files together."""

MAX_GENERATED = 10_000
"""How many records $GENERATE may make in one file."""

_TEXT_FORMAT = "text"
_OWN_DATABASES = frozenset({"rbt", "rbt64", "qp", "qpzone"})
_UNSHOWN = re.compile(r"[^ -~]")
_HELD_OPEN = 4
"""How many parsed zones are kept for questions about other names."""


class Unread(NamedTuple):
    """A zone whose content is not known, and why, for people."""

    reason: str


class Times(NamedTuple):
    """The times of a zone's SOA record for its secondaries, in seconds."""

    refresh: int
    retry: int
    expire: int


class ZoneData(NamedTuple):
    """The servers of a zone: canonical names of its NS records, in DNS order, and of its SOA MNAME.

    `doubts` say why named may serve something else than the file.
    """

    path: str
    primary: str
    servers: tuple[str, ...]
    doubts: tuple[str, ...]
    times: Times


Addresses = tuple[tuple[int, int], ...]
"""(family, address) each, in ascending order."""


class ZoneReader:
    """Reads the content of one configuration's zones, each once, never more than `most` bytes of a file or `altogether`."""

    def __init__(
        self,
        config: Config,
        host: Host,
        options: ReadOptions,
        *,
        most: int = MAX_ZONE_BYTES,
        altogether: int = MAX_ALL_BYTES,
    ) -> None:
        self._config = config
        self._host = host
        self._locator = Locator(config.tree.root.path, host, options)
        self._locator.directory = _argument(config.options.statements.get("directory"))
        self._most = most
        self._altogether = self._left = altogether
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
        content = self._parsed(path, zone.canonical)
        if isinstance(content, Unread):
            return content
        soa, ns = content.at(content.origin, "SOA"), content.at(content.origin, "NS")
        if not soa or not ns:
            return Unread(f"{path} has no SOA or no NS record for the zone")
        servers = [canonical(name.to_text()) for name in sorted(rdata.target.canonicalize() for rdata in ns)]
        doubts = self._journals(zone, path)
        if self._config.zone_type(zone) == "primary":
            broken = [name for name in servers if _in_zone(content, name) == ()]
            if broken:
                doubts.append(f"{broken[0][:255]} has no address, with which BIND loads no primary zone")
        times = Times(soa[0].refresh, soa[0].retry, soa[0].expire)
        return ZoneData(path, canonical(soa[0].mname.to_text()), tuple(servers), tuple(doubts), times)

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
            return Unread(f"the zone is that of view {shorten(zone.in_view)}")
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
            return Unread(f"what {shorten(file)} stands for is not known")
        if self._locator.is_external(file):
            return Unread(f"{shorten(file)} is declared to be elsewhere")
        found = self._locator.find(file)
        return found[0] if found else Unread(f"{shorten(file)} was not found")

    def _parse(self, path: str, origin: str) -> _Content | Unread:
        if self._left <= 0:
            shown = (
                f"{self._altogether >> 20} MiB" if self._altogether >> 20 else f"{self._altogether >> 10} KiB"
            )
            return Unread(f"only {shown} of zone files are read in one run")
        try:
            data = self._host.read_regular(path, self._most)
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
        content = self._parsed(path, zone.canonical) if isinstance(path, str) else path
        return None if isinstance(content, Unread) else _in_zone(content, name)

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
    if re.search(r"(?im)^[ \t]*\$INCLUDE\b", text):
        return "includes other files, which are not read"
    if re.search(r"(?i)\$GENERATE", text):
        # Only the plain form in one line is counted, so only that may stand in the file.
        plain = re.findall(r"(?im)^\$GENERATE[ \t]+([0-9]{1,9})-([0-9]{1,9})[/ \t][^\n()\";]*$", text)
        made = sum(max(0, int(last) - int(first)) + 1 for first, last in plain)
        wide = re.search(r"\$\{[^}]*,[0-9]{3}", text)
        if len(plain) < len(re.findall(r"(?i)\$GENERATE", text)) or made > MAX_GENERATED or wide:
            return "has a $GENERATE that is not worked out here"
    return None


class _Content:
    """The records of one zone that lead to servers, and all its names. It is what dnspython's reader writes to."""

    def __init__(self, origin: dns.name.Name, rdclass: dns.rdataclass.RdataClass) -> None:
        import dns.rdatatype

        self.origin = origin
        self.rdclass = rdclass
        self.names: set[dns.name.Name] = set()
        self._kept = {
            dns.rdatatype.from_text(text): text for text in ("SOA", "NS", "A", "AAAA", "CNAME", "DNAME")
        }
        self._records: dict[tuple[dns.name.Name, str], dict[Any, None]] = {}

    def at(self, name: dns.name.Name, type_: str) -> list[Any]:
        """The records of a name and a type, as dnspython's values."""
        return list(self._records.get((name, type_), ()))

    # What the reader needs of a transaction; dnspython's own copies a record set for every record.

    @property
    def manager(self) -> _Content:
        return self

    def origin_information(self) -> tuple[dns.name.Name, bool, dns.name.Name]:
        return self.origin, False, self.origin

    def check_put_rdataset(self, check: object) -> None:
        pass

    def _set_origin(self, origin: dns.name.Name) -> None:
        pass

    def add(self, name: dns.name.Name, ttl: int, rdata: Any) -> None:
        self.names.add(name)
        type_ = self._kept.get(rdata.rdtype)
        if type_ is not None:
            self._records.setdefault((name, type_), {})[rdata] = None


def _zone_from(text: str, path: str, origin: str) -> _Content | Unread:
    import dns.exception
    import dns.name
    import dns.rdataclass
    import dns.tokenizer
    import dns.zonefile

    directives = ("TTL", "ORIGIN", "GENERATE")
    try:
        content = _Content(dns.name.from_text(origin), dns.rdataclass.IN)
        tokens = dns.tokenizer.Tokenizer(text, path)
        writer: Any = content
        dns.zonefile.Reader(tokens, content.rdclass, writer, allow_directives=directives).read()
    except (dns.exception.DNSException, ValueError, LookupError, ArithmeticError, TypeError) as error:
        # dnspython lets Python's own errors through for some broken records.
        shown = str(error).removeprefix(f"{path}:") or type(error).__name__
        where = "line " if shown[:1].isdigit() else ""
        return Unread(f"{path} cannot be parsed: {where}{_UNSHOWN.sub('?', shown)[:120]}")
    return content


def _in_zone(content: _Content, name: str) -> Addresses | None:
    """The addresses that a zone has for a name in it; None where it does not answer for the name itself."""
    import dns.exception
    import dns.name

    try:
        target = dns.name.from_text(name)
    except dns.exception.DNSException:
        return None
    if not target.is_subdomain(content.origin):
        return None
    above: list[dns.name.Name] = []
    at = target
    while at != content.origin:
        above.append(at)
        at = at.parent()
    for ancestor in above:
        if content.at(ancestor, "NS"):
            return None  # the servers of the child are asked, not the glue
    if any(content.at(ancestor, "DNAME") for ancestor in (*above[1:], content.origin)):
        return ()  # BIND sends nothing to an alias
    if target not in content.names:
        wildcards = (dns.name.Name((b"*", *ancestor.labels)) for ancestor in (*above[1:], content.origin))
        return None if any(wildcard in content.names for wildcard in wildcards) else ()
    found = {
        (family, int.from_bytes(rdata.to_wire() or b"", "big"))
        for family, type_ in ((4, "A"), (6, "AAAA"))
        for rdata in content.at(target, type_)
    }
    return tuple(sorted(found))
