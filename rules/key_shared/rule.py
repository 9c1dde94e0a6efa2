"""One secret serves peers that should not be able to pass for each other.

Two key statements hold the same secret; or one key is used for server lists of different owners; or the key of the
control channel (rndc) is used for DNS as well. Without a `controls` statement that is the key of the file rndc.key.

## Why it matters

Whoever holds the key of one peer can act as the other: take its zones, send its NOTIFY, or, with the key of the
control channel, stop the server. If one peer leaks it or leaves, it must be replaced at all of them on one day.

## How to fix it

One key for each pair of parties, each with a secret of its own:

    tsig-keygen -a hmac-sha256 provider-a
    tsig-keygen -a hmac-sha256 provider-b

## Not reported

Several addresses of one provider: entries of one list, lists that share an address, name each other or stand side by
side in one statement, and `server` blocks. Secrets that the input hides as `?`.

## References

RFC 8945 section 10; NIST SP 800-81-2 (a unique key per pair of hosts).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, Span, shorten
from named_audit.lint.corrections import names
from named_audit.model.config import Config, Key, Zone
from named_audit.model.names import BUILT_IN_KEYS, canonical
from named_audit.model.serverlist import entries
from named_audit.policy.updates import update_rules
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import fold

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-323",),
    references=(
        "RFC 8945 section 10",
        "STIG V-207562",
        "STIG V-272376",
        "STIG V-272421",
        "CIS BIND 9.11 4.3",
    ),
    fix="display",
    covers=("A42", "B07", "B08"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report equal secrets, keys shared by lists of different owners, and control keys used for DNS."""
    yield from _equal_secrets(config)
    yield from _shared_by_lists(config)
    yield from _control_keys(audit)
    yield from _session_key(audit)


def _equal_secrets(config: Config) -> Iterator[Finding]:
    first: dict[str, Key] = {}
    for key in config.all_keys:
        if not key.secret or key.hidden:
            continue
        known = first.setdefault("".join(key.secret.split()), key)
        if known is not key and known.canonical != key.canonical:
            yield Finding(
                at=key.name_span,
                message=f"key {shorten(key.name)} has the same secret as key {shorten(known.name)}: who holds one holds both",
                related=(Related(known.name_span, "the same secret"),),
                fixes=(_fix(key.name),),
            )


def _shared_by_lists(config: Config) -> Iterator[Finding]:
    lists = config.named_lists
    if len(lists) < 2:
        return
    uses: dict[str, list[str]] = {}
    for name, definition in lists.items():
        for entry in entries(definition.statement):
            if entry.key is not None and entry.family is not None:
                users = uses.setdefault(canonical(entry.key), [])
                if name not in users:
                    users.append(name)
    for statement in _server_statements(config):
        for entry in entries(statement) if "key" in fold(statement.text) else ():
            # From 9.20.17 on a key behind the name of a list is that of the servers in it.
            name = fold(entry.text)
            if entry.key is not None and entry.family is None and name in lists:
                users = uses.setdefault(canonical(entry.key), [])
                if name not in users:
                    users.append(name)
    owners = _owners(config)
    for key in config.all_keys:
        users = uses.get(key.canonical, [])
        groups: dict[str, str] = {}
        for user in users:
            groups.setdefault(owners[user], user)
        if len(groups) > 1:
            chosen = [lists[user] for user in groups.values()]
            shown = names([definition.name for definition in chosen], most=4)
            yield Finding(
                at=key.name_span,
                message=f"key {shorten(key.name)} is used for {shown}: each can pass for the others",
                related=tuple(Related(definition.span, "used here") for definition in chosen[:4]),
                fixes=(_fix(key.name),),
            )


def _owners(config: Config) -> dict[str, str]:
    """A representative list for each list; lists that share an address or name each other have the same one."""
    parent = {name: name for name in config.named_lists}

    def find(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    by_address: dict[tuple[int | None, int], str] = {}
    for name, definition in config.named_lists.items():
        for entry in entries(definition.statement):
            if entry.family is None:
                other = fold(entry.text)
                if other in parent:
                    parent[find(other)] = find(name)
            else:
                other = by_address.setdefault((entry.family, entry.address), name)
                parent[find(other)] = find(name)
    for named in _named_together(config):
        for name in named[1:]:
            parent[find(name)] = find(named[0])
    return {name: find(name) for name in parent}


def _named_together(config: Config) -> Iterator[list[str]]:
    """The lists that one statement names side by side, as in `primaries { provider-v4; provider-v6; }`."""
    lists = config.named_lists
    for statement in _server_statements(config):
        listed = [fold(entry.text) for entry in entries(statement) if entry.family is None]
        yield [text for text in listed if text in lists]


def _server_statements(config: Config) -> Iterator[Statement]:
    levels = [config.options, *(view.level for view in config.views), *(zone.level for zone in config.zones)]
    for level in levels:
        for name in ("primaries", "masters", "also-notify"):
            statement = level.statements.get(name)
            if statement is not None:
                yield statement


def _control_keys(audit: Audit) -> Iterator[Finding]:
    control: dict[str, Span] = {}
    dns: dict[str, Span] = {}
    for reference in audit.references("key"):
        uses = control if reference.statement.name in ("inet", "unix") else dns
        uses.setdefault(canonical(reference.name), reference.span)
    if not audit.config.unseen:
        control.update(_implied(audit.config))
    for zone in audit.config.zones if control else ():
        for name, span in _updaters(zone):
            dns.setdefault(canonical(name), span)
    for key in audit.config.all_keys:
        if key.canonical in control and key.canonical in dns:
            yield Finding(
                at=key.name_span,
                message=f"key {shorten(key.name)} controls the server (rndc) and is given to DNS peers too: they can stop it",
                severity=Severity.MEDIUM,
                related=(
                    Related(control[key.canonical], "controls the server"),
                    Related(dns[key.canonical], "given to peers"),
                ),
                fixes=(_fix(key.name),),
            )


def _session_key(audit: Audit) -> Iterator[Finding]:
    """Lists of transfers that name the key for updates on the server itself."""
    for reference in audit.references("key"):
        name = canonical(reference.name)
        if reference.statement.name == "allow-transfer" and name in BUILT_IN_KEYS:
            yield Finding(
                at=reference.span,
                message=f"key {name} is made anew whenever named starts, for updates on the server itself (session.key): "
                "no secondary holds it, and whoever reads that file may transfer too",
                severity=Severity.LOW,
                audience="pedantic",
                fixes=(_fix(name),),
            )


def _implied(config: Config) -> Iterator[tuple[str, Span]]:
    """The key that named itself takes for its control channel where no `controls` says otherwise: that of rndc.key."""
    if config.controls:
        return
    for key in config.keys:
        if key.name_span.source.path.rsplit("/", 1)[-1] == "rndc.key":
            yield key.canonical, key.name_span


def _updaters(zone: Zone) -> Iterator[tuple[str, Span]]:
    """The identities of an update-policy, `grant IDENTITY zonesub ANY`, with their places."""
    statement = zone.level.statements.get("update-policy")
    if statement is None:
        return
    for rule in update_rules(statement):
        yield rule.identity.value, statement.locate(rule.identity.start, rule.identity.end)


def _fix(name: str) -> Fix:
    return Fix("make a key of its own for each peer", (), "display", {"key": name})
