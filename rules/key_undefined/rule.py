"""A key is named that no statement defines.

In an address match list such an element never matches, in silence. In `primaries` the server is never asked. In
`also-notify` the NOTIFY goes out with the key of a `server` block, or unsigned.

## Why it matters

The secondary signs with a key that this server does not know, and is refused: BADKEY, before any list is looked at.
Or the other alternative in the list is the only thing that works, so that the key protects nothing. Up to BIND
9.20.16, `named-checkconf` says nothing about keys in lists.

## How to fix it

Spell the name as the key statement does, or define the key (on both servers, with the same name):

    key "transfer-key" {
        algorithm hmac-sha256;
        secret "...";
    };

The peer that signs with it sees it: `dig -k transfer-key.conf @server a.example AXFR` prints `BADKEY` there (`Couldn't
verify signature: tsig indicates error`), and the log here says `request has invalid signature: TSIG transfer-key: tsig
verify failure (BADKEY)`.

## Not reported

Keys without which named refuses the configuration, in `server`, in `controls`, and from BIND 9.20.17 on in server lists:
see invalid-reference. A key of one view in an allow-transfer above the views that admits nobody in another is for the
pedantic audience, and in an acl for none. Configurations of which a part was not read: the key may stand there. Keys that
named makes itself (`local-ddns`). Names of GSS-TSIG principals, and identities in `update-policy`, which may be such names, or SIG(0) keys in the DNS.

## References

RFC 8945 section 5.2; BIND 9.20.17 release notes.
"""

from collections.abc import Iterable, Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Change, Finding, Fix, Grade, Rule, Severity, shorten
from named_audit.lint.corrections import names
from named_audit.model.config import Config, Key, Reference
from named_audit.model.names import BUILT_IN_KEYS, canonical
from named_audit.model.serverlist import entries
from named_audit.policy.reach import LOCALITIES

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("RFC 8945 section 5.2",),
    needs_whole=True,
    fix="unsafe",
    covers=("A17", "B17", "C02", "D03"),
)

_REFUSED = "named refuses this configuration"
_SERVERS = frozenset(
    {"primaries", "masters", "also-notify", "parental-agents", "remote-servers", "catalog-zones"}
)
"""Statements whose keys are those of server entries; they are checked from 9.20.17 and 9.21.16 on."""

_MOST_COMPARISONS = 5_000
"""How many pairs of names are compared for likeness: at 30 microseconds each, a person waits no longer for them."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report every reference to a key that is in no key ring where it is used."""
    if config.unseen:
        return
    everywhere = {key.canonical: key.name for key in config.all_keys}
    rings = {view.name: audit.key_ring(view) for view in config.views}
    slips = {name: _Slips(ring) for name, ring in rings.items()}
    anywhere = _Slips(everywhere)
    refused = {each.span for each in config.refused if each.rule == "invalid-reference"}
    for reference in audit.references("key"):
        wanted = canonical(reference.name)
        if wanted in BUILT_IN_KEYS or "@" in wanted or "/" in wanted or reference.span in refused:
            continue
        ring = rings.get(reference.view, everywhere)
        if wanted in ring:
            yield from _hidden(reference, wanted, audit)
            continue
        elsewhere = wanted in everywhere
        meant = None if elsewhere else slips.get(reference.view, anywhere).meant(wanted)
        yield _finding(reference, elsewhere, meant, audit, everywhere)


class _Slips:
    """The names of one key ring, and which of them another name was meant to be."""

    def __init__(self, ring: Iterable[str]) -> None:
        self._ring = ring
        self._names: list[str] = []
        self._by_letters: dict[str, str] = {}
        self._comparisons = _MOST_COMPARISONS

    def meant(self, name: str) -> str | None:
        """The name that is most like this one, if one is like it; of very many, only one with the same letters."""
        if not self._names:
            self._names = sorted(self._ring)
            self._by_letters = {_letters(known): known for known in reversed(self._names)}
        slip = self._by_letters.get(_letters(name))
        if slip is not None or self._comparisons < len(self._names):
            return slip
        self._comparisons -= len(self._names)
        import difflib

        return next(iter(difflib.get_close_matches(name, self._names, n=1, cutoff=0.75)), None)


def _hidden(reference: Reference, wanted: str, audit: Audit) -> Iterator[Finding]:
    """Report a key that something above the views names, and that not all views know whose zones use it."""
    if reference.view is not None or all(key.canonical != wanted for key in _in_views(audit.config)):
        return
    yield from _lost(reference, wanted, audit)
    for entry in entries(reference.statement):
        if entry.span.start <= reference.span.start < entry.span.end:
            views = [view for view in audit.entry_views(entry.span) if wanted not in audit.key_ring(view)]
            if views:
                which = names([f"view {view.name}" for view in views])
                yield Finding(
                    at=reference.span,
                    message=f"key {shorten(reference.name)} is not known to {which}, whose zones use this entry: "
                    f"there, {_effect(reference, audit)}",
                    scopes=audit.scopes(
                        zone
                        for view in views
                        for zone in view.zones
                        if any(server.entry.span == entry.span for server in audit.servers(zone))
                    ),
                )


def _lost(reference: Reference, wanted: str, audit: Audit) -> Iterator[Finding]:
    """Report a key of one view in a list that zones of another one have too, and that lets nobody in there.

    Whether they were to have it cannot be told: a list above the views may be for one of them alone.
    """
    for policy in audit.policies:
        if policy.statement is None or policy.statement.span != reference.statement.span:
            continue
        ring = audit.key_ring(policy.view)
        if wanted not in policy.signers or any(signer in ring for signer in policy.signers):
            continue
        if not any(policy.addresses(None, locality) for locality in LOCALITIES):
            yield Finding(
                at=reference.span,
                message=f"key {shorten(reference.name)} is not known to view {shorten(policy.view.name or '')}, whose zones "
                "have this list too: nobody can transfer them (BADKEY)",
                severity=Severity.MEDIUM,
                audience="pedantic",
                scopes=audit.scopes(policy.zones),
            )


def _in_views(config: Config) -> Iterator[Key]:
    for view in config.views:
        yield from view.keys


def _finding(
    reference: Reference, elsewhere: bool, near: str | None, audit: Audit, everywhere: dict[str, str]
) -> Finding:
    effect = _effect(reference, audit)
    if elsewhere:
        what = f"key {shorten(reference.name)} belongs to another view"
    else:
        what = f"no key {shorten(reference.name)} is defined"
    fixes: tuple[Fix, ...] = ()
    if near is not None:
        known = everywhere.get(near, near)
        change = Change("replace", reference.span, "name", {"key": known})
        # Another name may be another party's key: only a difference in punctuation is taken for a slip.
        slip = _letters(near) == _letters(reference.name)
        grade: Grade = "unsafe" if slip else "display"
        fixes = (Fix(f"use the key {shorten(known)}", (change,), grade, admits=(near,)),)
        what += f" (did you mean {shorten(known)}?)"
    return Finding(
        at=reference.span,
        message=f"{what}: {effect}",
        scopes=(scope(reference.zone),) if reference.zone is not None else (),
        fixes=fixes,
    )


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _effect(reference: Reference, audit: Audit) -> str:
    name = reference.statement.name
    release = audit.release
    checked = release is not None and (
        release.at_least(9, 21, 16) or (release.minor == 20 and release.at_least(9, 20, 17))
    )
    if checked and name in _SERVERS:
        return _REFUSED
    if name == "also-notify":
        return "the NOTIFY goes out without this key, unsigned unless a server block has one"
    if name in _SERVERS:
        return "BIND never asks this server"
    return "this element never matches, and who signs with that key is refused (BADKEY)"
