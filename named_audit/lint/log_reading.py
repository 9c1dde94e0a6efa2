"""A line of a log to the message of named in it: time, syslog header, category, severity and client are taken off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from named_audit.lint.log_lines import LOG_LINES, SHORT, LogLine

MAX_LINE = 4096
"""The longest line that is looked at, in characters: a name takes at most 1023, and no message has more than three."""

_CATEGORIES = (
    "client|cname|config|database|default|delegation-only|dispatch|dnssec|dnstap|edns-disabled|general|lame-servers|network|"
    "notify|nsid|queries|query-errors|rate-limit|resolver|responses|rpz|rpz-passthru|security|serve-stale|spill|sslkeylog|"
    "trust-anchor-telemetry|unmatched|update|update-security|xfer-in|xfer-out|zoneload"
)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_PREFIXES = (
    rf"[0-9]{{1,2}}-(?:{_MONTHS})-[0-9]{{4}} [0-9:.]+ ",  # named's own
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+(?:Z|[+-][0-9:]{4,6})? ",  # print-time iso8601, RFC 5424, containers
    r"<[0-9]{1,3}>(?:1 (?=[0-9]{4}-))?",  # the priority of syslog
    rf"(?:{_MONTHS}) [ 0-9][0-9] [0-9:.]+(?: [0-9]{{4}})? ",  # RFC 3164
    r"(?:[\w.-]+ )?(?:named|named-pkcs11|rndc|bind9?|isc-bind\S*)(?:\[[0-9]+\])?: ",
    r"[\w.-]+ (?:named|bind9?) (?:[0-9]+|-) (?:\S+) (?:-|\[.*?\]) (?:BOM)?",  # the rest of RFC 5424
    r"[\w.-]+ +\| ",  # docker compose
    r"(?:stdout|stderr) [FP] ",  # CRI
    rf"(?:{_CATEGORIES}): (?=(?:debug|info|notice|warning|error|critical)\b|\S)",
    r"(?:debug(?: [0-9]+)?|info|notice|warning|error|critical): ",
)
_CLIENT = (
    r"client (?:@0x[0-9a-f]+ )?(?P<peer>[0-9A-Fa-f.:%a-z]+)#(?P<port>[0-9]+)(?:/key (?P<key>\S+?))?"
    r"(?: \((?P<qname>[^()\s]+)\))?: (?:view (?P<view>[^:]+): )?"
)
_ZONE = r"zone (?P<zone>[^/'\s]\S*?)/(?P<class>IN|CH|HS)(?:/(?P<view>[^:]+?))?(?: \((?:un)?signed\))?: "
_TRANSFER = (
    r"transfer of '(?P<zone>\S+?)/(?P<class>IN|CH|HS)(?:/(?P<view>[^']+))?' from (?P<peer>[0-9A-Fa-f.:%a-z]+)"
    r"(?:#(?P<port>[0-9]+))?: "
)
_WITHIN = {"client": _CLIENT, "zone": _ZONE, "transfer": _TRANSFER}
_START = re.compile(
    r"(?<![^\s:|>\"])(?:client (?:@0x|[0-9A-Fa-f.:]+#)|zone \S+/(?:IN|CH)|transfer of '\S+' from |request has )"
)
_WORDS = re.compile(r"\{([a-z]+)\}")


class LogEntry(NamedTuple):
    """A message that is known. `fields` has what it says: zone, class, view, peer, port, key, qname and the pattern's groups."""

    line: LogLine
    fields: Mapping[str, str]

    def said(self, text: str) -> str:
        """A text of the line's with its braces filled in; what the message does not say is named in general words."""
        for noun in ("zone", "key"):
            if noun not in self.fields:
                text = text.replace(f"{noun} {{{noun}}}", f"{{{noun}}}")
        said = _WORDS.sub(lambda found: self.word(found[1]), text)
        # A general word at the beginning, not a name, which stays as it is.
        first = _WORDS.match(text)
        return said[:1].upper() + said[1:] if first is not None and first[1] not in self.fields else said

    def word(self, name: str) -> str:
        """What the message says under a name, or a general word."""
        if name == "proof":
            return f"signed with key {self.fields['key']}" if "key" in self.fields else "unsigned"
        return self.fields.get(name) or _GENERAL.get(name, f"<{name}>")

    def command(self, text: str) -> str:
        """A command to paste: what is no plain name or address stays a placeholder, whatever a stranger sent."""
        return _WORDS.sub(lambda found: self._argument(found[1]), text)

    def _argument(self, name: str) -> str:
        if name != "server":
            return _plain(self.fields.get(name), name)
        port = self.fields.get("port", "53")
        # Port 853 is DNS over TLS, to which a plain question gets no answer.
        way = {"53": "", "853": " +tls"}.get(port, f" -p {_plain(port, 'port')}")
        return f"{_plain(self.fields.get('peer'), 'peer')}{way}"


_GENERAL = {"peer": "the other side", "zone": "the zone", "key": "the key", "why": "no reason given"}


def read_line(text: str) -> LogEntry | None:
    """The message in a line; None if there is none that is known here. Never raises for bad input."""
    if len(text) > MAX_LINE:
        return None
    for message in _messages(text.strip()):
        entry = _entry(message)
        if entry is not None:
            return entry
    return _short(text.strip())


def looks_logged(text: str) -> bool:
    """Whether a line begins as those of a log do, whatever its message."""
    return len(text) <= MAX_LINE and (
        _prefix().match(text.strip()) is not None or _START.match(text.strip()) is not None
    )


def _messages(text: str) -> Iterator[str]:
    """The line without what stands before the message; then from where a message seems to begin."""
    prefix = _prefix()
    at = 0
    while (found := prefix.match(text, at)) is not None and found.end() > at:
        at = found.end()
    yield text[at:]
    for number, start in enumerate(_START.finditer(text)):
        if start.start() not in (0, at):
            yield text[start.start() :]
        if number > 3:
            return


def _entry(message: str) -> LogEntry | None:
    for within, pattern in _WITHIN.items():
        head = _compiled(pattern).match(message)
        if head is None:
            continue
        found = _match(message[head.end() :], within, head.groupdict())
        if found is not None:
            return found
    return _match(message, "", {})


def _match(message: str, within: str, around: dict[str, str | None]) -> LogEntry | None:
    for line in LOG_LINES:
        # People quote messages without what stands before them, and some come with and without it.
        if within and line.within not in (within, ""):
            continue
        found = _compiled(line.pattern).fullmatch(message)
        if found is not None:
            own = {name: value for name, value in found.groupdict().items() if value is not None}
            fields = {name: value for name, value in around.items() if value is not None and name not in own}
            return LogEntry(line, {**fields, **own})
    return None


def _short(text: str) -> LogEntry | None:
    for pattern, name in SHORT:
        if _compiled(pattern).fullmatch(text):
            return LogEntry(next(line for line in LOG_LINES if line.id == name), {})
    return None


def _plain(value: str | None, name: str) -> str:
    if value is not None and len(value) <= 255 and _PLAIN.fullmatch(value) and not value.startswith("-"):
        return value
    return f"<{name}>"


_PLAIN = re.compile(r"[A-Za-z0-9._:/-]+")


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=1)
def _prefix() -> re.Pattern[str]:
    return re.compile("|".join(_PREFIXES))
