"""Signatures: which key statement has the name, who uses it, and what the peer may have meant."""

from __future__ import annotations

from collections.abc import Iterator

from named_audit.lint.corrections import names
from named_audit.lint.log_reading import LogEntry
from named_audit.lint.logged.asked import MOST, Answer, Asked, is_plain, near
from named_audit.model.config import Key
from named_audit.model.names import BUILT_IN_KEYS, canonical
from named_audit.policy.question import Request, Step


def key(asked: Asked, entry: LogEntry) -> Answer | None:
    """Where a key of this name is defined and used; what else the peer may have meant."""
    name = entry.fields.get("key")
    if name is None:
        return None
    low = canonical(name)
    view = entry.fields.get("view")
    found = [key for key in asked.config.all_keys if key.canonical == low]
    steps = [_key_step(asked, key) for key in found[:MOST]]
    steps += _uses(asked, low)
    request = asked.request(entry)
    if request is not None:
        steps += _expected(asked, request, low)
    if not found:
        if low in BUILT_IN_KEYS:
            return Answer(f"named makes key {name} by itself (update-policy local)", None, tuple(steps))
        hint = near(low, (key.canonical for key in asked.config.all_keys))
        unseen = " in what was read" if asked.config.unseen else ""
        write = (f'key "{low}" {{ algorithm hmac-sha256; secret "..."; }};',) if is_plain(low) else ()
        return Answer(f"no key of the name {name} is defined{unseen}{hint}", None, tuple(steps), write=write)
    said = f"key {name} is defined here"
    if view is not None and not any(key.view in (None, view) for key in found):
        said = f"key {name} is defined in {names(dict.fromkeys(f'view {key.view}' for key in found))}, not in view {view}"
    elif entry.line.id in ("tsig-badkey", "tsig-debug-key"):
        said += f" with {names(dict.fromkeys(key.algorithm or 'no algorithm' for key in found))}: the other side uses another algorithm"
        if any(key.view is not None for key in found):
            said += ", the request lands in another view"
        said += ", or named runs an older configuration"
    elif entry.line.id in ("tsig-badsig", "tsig-debug-signature") and len(found) > 1:
        said += f" {len(found)} times"
    return Answer(said, found[0].name_span, tuple(steps))


def _key_step(asked: Asked, key: Key) -> Step:
    where = "" if key.view is None else f", in view {key.view}"
    return Step(key.name_span, f'key "{key.name}"', f"{key.algorithm or 'no algorithm'}{where}")


def _uses(asked: Asked, name: str) -> Iterator[Step]:
    found = [reference for reference in asked.key_references if canonical(reference.name) == name]
    for reference in found[:MOST]:
        yield Step(reference.span, reference.statement.name, "names this key")


def _expected(asked: Asked, request: Request, name: str) -> Iterator[Step]:
    """What this server itself uses towards the client: people give both directions one key."""
    for view in asked.config.views:
        key = asked.peers.key_of(request.family, request.address, view)
        if key is not None and canonical(key) != name:
            span = asked.config.key_ring(view)[canonical(key)].name_span
            yield Step(span, f'key "{key}"', "what this server itself uses towards that address")
            return
