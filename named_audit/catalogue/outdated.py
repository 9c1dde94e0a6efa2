"""Arguments that a release warns of, drops or refuses, in statements that it has."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from named_audit.release import Release
from named_audit.syntax.words import Group, Piece, Word

SOURCES = frozenset(
    name + family
    for name in ("notify-source", "transfer-source", "alt-transfer-source", "parental-source", "query-source")
    for family in ("", "-v6")
)
"""Statements that say from which address something is sent."""

DSCP_HEADS = frozenset(
    {
        *("listen-on", "listen-on-v6", "forwarders", "also-notify", "primaries", "masters"),
        *("parental-agents", "catalog-zones"),
    }
)
"""Statements in which `dscp N` stood in front of a list."""

WORDS = frozenset({"type", "cookie-algorithm"})
"""Statements of whose first argument some word is outdated."""

_WORDS_SINCE = {"type": 14, "cookie-algorithm": 21}
"""The patch level of 9.18 that first warned of them."""

YOUNG = frozenset({"notify", "catalog-zones"})
"""Statements that have a word which some patch levels do not know, and their lines do."""

Standing = Literal["deprecated", "ignored", "removed"]
"""The release warns of it; says nothing and does nothing; refuses it."""


class Outdated(NamedTuple):
    """An argument; the offsets are relative to the text that was split."""

    standing: Standing
    start: int
    end: int
    kept: tuple[int, int]
    """Where the word before it stands, which stays."""
    message: str
    idle: bool
    """Whether nothing is lost with it."""
    alone: bool
    """Whether it is all that the statement says, or cannot go alone."""
    may_go: bool = True
    """Whether the statement may be without it."""


def outdated(name: str, pieces: Sequence[Piece], release: Release) -> Iterator[Outdated]:
    """The arguments of a statement that a release no longer takes without a word, or no longer heeds."""
    if name in YOUNG:
        yield from _too_new(name, pieces, release)
    if name == "forwarders":
        yield from _entries(pieces, release)
    sources = name in SOURCES
    line = release.nearest.line
    if sources or name in DSCP_HEADS:
        for at, word in enumerate(pieces[1:-1], 1):
            value, before = pieces[at + 1], pieces[at - 1]
            if not isinstance(word, Word) or not isinstance(value, Word):
                return
            if not word.bare or word.low not in ("port", "dscp"):
                continue
            found = _dscp(name, release) if word.low == "dscp" else _port(name, release) if sources else None
            if found is not None:
                standing, message = found
                idle = value.value in ("*", "0") if word.low == "port" else release.at_least(9, 18, 11)
                kept = (before.start, before.end)
                alone = sources and len(pieces) == 3
                yield Outdated(standing, word.start, value.end, kept, message, idle, alone)
    elif name in WORDS and line == "9.18" and release.at_least(9, 18, _WORDS_SINCE[name]) and len(pieces) > 1:
        word = pieces[1]
        low = word.low if isinstance(word, Word) else ""
        text = {
            ("type", "delegation-only"): "'type delegation-only' is deprecated: BIND 9.20 has no such zones",
            ("cookie-algorithm", "aes"): "cookie-algorithm aes is deprecated: BIND 9.20 has siphash24 alone",
        }.get((name, low))
        if text is not None:
            yield Outdated("deprecated", word.start, word.end, (word.start, word.end), text, False, True)


def _entries(pieces: Sequence[Piece], release: Release) -> Iterator[Outdated]:
    """The code points of forwarders, which are the only ones that 9.18 still reads inside a list, and warns of."""
    whole = _dscp("forwarders", release)
    if whole is None:
        return
    standing, message = whole
    if standing == "ignored":
        standing = "deprecated"
        message = (
            "the dscp of a forwarder has no effect, and BIND 9.20 refuses it: let the firewall mark packets"
        )
    for piece in pieces:
        for element in piece.elements if isinstance(piece, Group) else ():
            words = element.pieces
            for before, word, value in zip(words, words[1:], words[2:], strict=False):
                if isinstance(word, Word) and word.bare and word.low == "dscp":
                    kept = (before.start, before.end)
                    idle = release.at_least(9, 18, 11)
                    yield Outdated(standing, word.start, value.end, kept, message, idle, False)


def heads(release: Release) -> frozenset[str]:
    """The statements of which `outdated` has something to say."""
    known = release.nearest
    young = frozenset() if known.at_least(9, 18) else YOUNG
    return (SOURCES | WORDS | DSCP_HEADS | young) if known.at_least(9, 16, 37) else young


def _too_new(name: str, pieces: Sequence[Piece], release: Release) -> Iterator[Outdated]:
    """Words that the release does not know yet."""
    from named_audit.catalogue.lifecycle import refused_word

    for piece in pieces[1:]:
        elements = [element.pieces for element in piece.elements] if isinstance(piece, Group) else [[piece]]
        for word in (each for element in elements for each in element):
            if not isinstance(word, Word) or not word.bare:
                continue
            message = refused_word(name, word.low, release)
            if message is not None:
                at = (word.start, word.end)
                yield Outdated("removed", *at, at, message, False, True, False)


def _port(name: str, release: Release) -> tuple[Standing, str] | None:
    known = release.nearest
    if not known.at_least(9, 18, 12):
        return None
    if known.at_least(9, 21, 2):
        return "removed", f"BIND {release} refuses a port in {name}"
    return "deprecated", f"the port of {name} is deprecated: BIND 9.21.2 and newer refuse it"


def _dscp(name: str, release: Release) -> tuple[Standing, str] | None:
    instead = "let the firewall mark packets"
    known = release.nearest
    if known.at_least(9, 20):
        return "removed", f"BIND {release} sets no code points and refuses dscp in {name}: {instead}"
    if known.at_least(9, 18, 11):
        if name not in SOURCES:
            return "ignored", f"the dscp of {name} has no effect in BIND {release}: {instead}"
        return "deprecated", f"the dscp of {name} has no effect, and BIND 9.20 refuses it: {instead}"
    if known.at_least(9, 16, 37) and not known.at_least(9, 18):
        return "deprecated", f"the dscp of {name} is deprecated, and BIND 9.20 refuses it: {instead}"
    return None
