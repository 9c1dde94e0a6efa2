"""`diff` as text, Markdown and JSON: who gained a zone, who lost it, who is told and asked no more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from named_audit.model.matchlist import address_text, condition_words
from named_audit.policy.difference import KeyChange, RootDifference, Row, ZoneChange
from named_audit.policy.inbound import Request
from named_audit.policy.notify import NotifyTarget
from named_audit.report.as_json import problem_object
from named_audit.report.shown import encodable, shown
from named_audit.report.who_json import VERSION, grant_object, target_object
from named_audit.report.who_rows import target_words
from named_audit.syntax.source import Problem

_PLACES = {
    "any": "",
    "localhost": " if the server itself",
    "localnets": " if on the server's networks",
    "elsewhere": " if on none of the server's networks",
}


class Difference(NamedTuple):
    """The whole answer. Problems say why it may not be whole."""

    old: str
    new: str
    roots: tuple[RootDifference, ...]
    problems: tuple[Problem, ...]
    hidden: int = 0
    """How many keys were not compared because their secrets are hidden."""

    @property
    def complete(self) -> bool:
        """Whether both sides were read and understood."""
        return not self.problems

    @property
    def same(self) -> bool:
        """Whether nobody gains or loses anything."""
        return not any(root.zones or root.keys for root in self.roots)


def difference_json(difference: Difference) -> str:
    """One JSON object, version 1."""
    document = {
        "version": VERSION,
        "complete": difference.complete,
        "same": difference.same,
        "problems": [problem_object(problem) for problem in difference.problems],
        "zones": [
            zone_change_object(change, root) for root, change in _changes_of(difference) if not change.runtime
        ],
        "runtime": [
            zone_change_object(change, root) for root, change in _changes_of(difference) if change.runtime
        ],
        "keys": [_key(change, root.root) for root in difference.roots for change in root.keys],
        "hidden_secrets": difference.hidden,
    }
    return json.dumps(document, indent=2) + "\n"


def _changes_of(difference: Difference) -> Iterator[tuple[str | None, ZoneChange]]:
    return ((root.root, change) for root in difference.roots for change in root.zones)


def zone_change_object(change: ZoneChange, root: str | None) -> dict[str, Any]:
    """A zone that changed, as JSON has it."""
    document: dict[str, Any] = {} if root is None else {"root": encodable(root)}
    document |= {
        "zones" if change.runtime else "zone": encodable(change.zone),
        "view": _or_none(change.view),
        "change": change.change,
        "signers": [encodable(signer) for signer in change.signers],
        "gained": [_row(row) for row in change.gained],
        "lost": [_row(row) for row in change.lost],
        "notify_gained": [*_by_ns(change.by_ns is True), *map(_target, change.notify_gained)],
        "notify_lost": [*_by_ns(change.by_ns is False), *map(_target, change.notify_lost)],
        "primaries_gained": [_request(request) for request in change.asked_gained],
        "primaries_lost": [_request(request) for request in change.asked_lost],
    }
    if change.types is not None:
        document["type"] = {"old": _or_none(change.types[0]), "new": _or_none(change.types[1])}
    if change.certificates is not None:
        document["client_certificate"] = {"old": change.certificates[0], "new": change.certificates[1]}
    return document


def _by_ns(told: bool) -> list[dict[str, Any]]:
    """The servers in the zone's NS records, where they are not known by address."""
    if not told:
        return []
    return [
        {"address": None, "name": None, "by_ns": True, "port": None, "transport": None, "tls": None}
        | {"key": None, "source": None, "source_port": None}
    ]


def _row(row: Row) -> dict[str, Any]:
    document = grant_object(row.grant)
    if row.releases is not None:
        document["releases"] = list(row.releases)
    if row.conditions is not None:
        document["conditions"] = [encodable(condition_words(each)) for each in row.conditions]
    if row.transport is not None:
        document |= {"transport": row.transport, "port": row.port}
    return document


def _request(request: Request) -> dict[str, Any]:
    return {
        "address": request.text,
        "port": request.port,
        "transport": request.transport,
        "tls": _or_none(request.tls),
        "verified": request.verified,
        "key": _or_none(request.key),
        "source": None if request.source is None else address_text(request.source, request.family),
        "source_port": request.source_port,
    }


def _target(target: NotifyTarget) -> dict[str, Any]:
    return target_object(target) | {"source_port": target.source_port}


def _or_none(text: str | None) -> str | None:
    return None if text is None else encodable(text)


def _key(change: KeyChange, root: str | None) -> dict[str, Any]:
    document: dict[str, Any] = {} if root is None else {"root": encodable(root)}
    return document | {
        "key": encodable(change.name),
        "view": _or_none(change.view),
        "changed": list(change.parts),
    }


def difference_text(difference: Difference) -> str:
    """For people at a terminal; + gained, - lost."""
    lines: list[str] = []
    for root in difference.roots:
        lines += root_lines(root)
    lines.append(_closing(difference))
    if not difference.complete:
        lines.append(_incomplete(difference))
    return "\n".join(lines) + "\n"


def root_lines(root: RootDifference) -> Iterator[str]:
    """What changed for one root, zone by zone with an empty line behind each; nothing where nothing changed."""
    if root.root is not None and (root.zones or root.keys):
        yield f"== {shown(root.root)}"
    for change in root.zones:
        yield f"{_title(change)}: {_headline(change)}"
        for sign, words in _entries(change):
            yield f"  {sign} {words}"
        yield ""
    for key in root.keys:
        yield from (_key_words(key), "")


def difference_markdown(difference: Difference) -> str:
    """For a comment on a change request."""
    lines = [f"### Zone transfers: {_closing(difference)}", ""]
    if not difference.complete:
        lines += [f"**{_incomplete(difference)}**", ""]
        lines += [
            f"- {_code(f'{shown(problem.path)}: {shown(problem.message)}')}"
            for problem in difference.problems[:20]
        ]
        lines.append("")
    for root in difference.roots:
        if root.zones:
            if root.root is not None:
                lines += [f"#### {_code(shown(root.root))}", ""]
            lines += ["| zone | change | gained | lost |", "| --- | --- | --- | --- |"]
            lines += [_table_row(change) for change in root.zones]
            lines.append("")
        lines += [f"- {_code(_key_words(key))}" for key in root.keys]
        if root.keys:
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _table_row(change: ZoneChange) -> str:
    entries = list(_entries(change))
    gained = "<br>".join(_code(words) for sign, words in entries if sign == "+")
    lost = "<br>".join(_code(words) for sign, words in entries if sign == "-")
    # Only a type is a word of the file.
    headline = _headline(change) if change.types is None else _code(_headline(change))
    return f"| {_code(_title(change))} | {headline} | {gained} | {lost} |"


def _code(text: str) -> str:
    """A code span: names come from the file, and none may become a table's border, a link, HTML, or a mention.

    Nothing less helps: GitHub takes an @ for a mention however it is escaped, and www.example.com for a link.
    """
    for special in "`|":
        text = text.replace(special, f"\\x{ord(special):02x}")
    return f"`{text}`"


def _title(change: ZoneChange) -> str:
    name = shown(change.zone)
    return name if change.view is None else f"{name} (view {shown(change.view)})"


def _headline(change: ZoneChange) -> str:
    if change.change != "changed":
        return f"zone {change.change}"
    parts = []
    if change.types is not None:
        old, new = (shown(each or "none") for each in change.types)
        parts.append(f"type {old} is now {new}")
    if change.certificates is not None:
        parts.append(
            "a client certificate is now demanded"
            if change.certificates[1]
            else "no client certificate is demanded any more"
        )
    if change.gained or change.lost:
        words = [word for word, rows in (("gained", change.gained), ("lost", change.lost)) if rows]
        parts.append(f"transfer {' and '.join(words)}")
    if change.notify_gained or change.notify_lost or change.by_ns is not None:
        parts.append("NOTIFY changed")
    if change.asked_gained or change.asked_lost:
        parts.append("primaries changed")
    return ", ".join(parts)


def _entries(change: ZoneChange) -> Iterator[tuple[str, str]]:
    for sign, rows in (("+", change.gained), ("-", change.lost)):
        for row in rows:
            yield sign, f"transfer: {_row_words(row)}"
    for sign, told in (("+", True), ("-", False)):
        if change.by_ns is told:
            yield sign, "NOTIFY: the servers of its NS records"
    for sign, targets in (("+", change.notify_gained), ("-", change.notify_lost)):
        for target in targets:
            yield sign, f"NOTIFY: {_notify_words(target)}"
    for sign, requests in (("+", change.asked_gained), ("-", change.asked_lost)):
        for request in requests:
            yield sign, f"content from: {_request_words(request)}"


def _row_words(row: Row) -> str:
    grant = row.grant
    proof = f"with key {shown(grant.signer)}" if grant.signer is not None else "without a key"
    words = f"{grant.addresses.words()}{_PLACES[grant.locality]}, {proof}"
    if row.transport is not None:
        words += f", over {row.transport.upper()} to port {row.port}"
    if row.conditions:
        words += f", where {' and '.join(shown(condition_words(each)) for each in row.conditions)} holds"
    elif row.conditions is not None:
        words += ", where no geoip condition holds"
    if row.releases is not None:
        words += f" (BIND {', '.join(row.releases)})"
    return words


def _request_words(request: Request) -> str:
    words = f"{request.text} port {request.port}"
    if request.transport == "tls":
        words += " over verified TLS" if request.verified else " over unverified TLS"
    words += f" with key {shown(request.key)}" if request.key is not None else " unsigned"
    if request.source is not None:
        words += f" from {address_text(request.source, request.family)}"
    return words + _details(request)


def _notify_words(target: NotifyTarget) -> str:
    return target_words(target) + _details(target)


def _details(sent: Request | NotifyTarget) -> str:
    """What else may be all that differs."""
    words = f", tls {shown(sent.tls)}" if sent.tls is not None else ""
    return words + (f", source port {sent.source_port}" if sent.source_port is not None else "")


def _key_words(change: KeyChange) -> str:
    view = f" (view {shown(change.view)})" if change.view is not None else ""
    if change.parts == ("removed",):
        return f"key {shown(change.name)}{view}: no longer known, so what is signed with it is refused"
    return f"key {shown(change.name)}{view}: another {' and '.join(change.parts)}, so its holders change"


def _closing(difference: Difference) -> str:
    hidden = difference.hidden
    unseen = f"; {hidden} hidden secret{'' if hidden == 1 else 's'} not compared" if hidden else ""
    if difference.same:
        same = "same: nobody gains or loses a zone"
        return (same if difference.complete else "no difference in what was read") + unseen
    counts = dict.fromkeys(("added", "removed", "changed"), 0)
    for change in _changes(difference):
        counts[change.change] += 1
    parts = [f"{count} {word}" for word, count in counts.items() if count]
    keys = sum(len(root.keys) for root in difference.roots)
    words = f"zones: {', '.join(parts)}" if parts else ""
    more = f"keys: {keys} changed" if keys else ""
    return "different: " + "; ".join(part for part in (words, more) if part) + unseen


def _changes(difference: Difference) -> Iterable[ZoneChange]:
    return (change for root in difference.roots for change in root.zones)


def _incomplete(difference: Difference) -> str:
    number = len(difference.problems)
    return f"INCOMPLETE: {number} problem{'' if number == 1 else 's'}; this is not the whole answer."
