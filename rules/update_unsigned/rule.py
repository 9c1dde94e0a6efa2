"""Hosts without a key can change the zone by dynamic update.

The effective `allow-update` admits updates by address alone: from anyone, from a network, or from single hosts.

## Why it matters

An update comes in one UDP packet, whose source address anybody can forge. Whoever can write the zone can send its mail,
its web sites and its sub-domains elsewhere, and give it new name servers. named says so only when it loads the zone
(`zone 'a.example' allows unsigned updates from remote hosts, which is insecure`); a change leaves an informational line
of category update. Above the zones, the list makes every primary zone of the server writable that has none of its own.

## How to fix it

Name the key, and say what it may change:

    update-policy { grant "update-key" zonesub A AAAA TXT; };

Make the key with `tsig-keygen -a hmac-sha256 update-key`. This shows whether a host without one is let in (REFUSED is right):

    printf 'server SERVER\nzone a.example\nprereq yxdomain a.example\nsend\n' | nsupdate -d

## Not reported

The server's own loopback addresses. Zones with an update-policy, which do not look at `allow-update`. Lists that nobody
gets to: because of blackhole, the choice of the view, or the zone's `allow-query`, which is asked first. `allow-query-on`
is not looked at. The stock zones for localhost, and servers that listen on loopback addresses only, are for the auditor
audience. Secondaries, which forward updates.

## References

RFC 3007 section 1, RFC 2136 section 8; BSI APP.3.6.A6.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.model.config import Config, Zone
from named_audit.model.matchlist import Prefix
from named_audit.model.names import canonical
from named_audit.policy.addresses import LOOPBACK, PRIVATE, AddressSet
from named_audit.policy.updates import UpdateAccess
from named_audit.policy.wording import ON_LINK, unsigned_clients

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-306", "CWE-290"),
    references=(
        "RFC 3007 section 1",
        "RFC 2136 section 8",
        "STIG V-207561",
        "STIG V-272420",
        "CIS BIND 9.11 5.2",
        "BSI APP.3.6.A6",
    ),
    fix="unsafe",
    covers=("E01", "E02"),
    about=("allow-update",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-update that takes updates without a key from another machine."""
    for update in audit.updates:
        if not update.unsigned and not update.on_link:
            continue
        nowhere = update.access.only_on_loopback()
        ours = tuple(zone for zone in update.zones if not is_stock(zone))
        yield _finding(update, ours or update.zones, audit, quiet=nowhere or not ours)


def _finding(update: UpdateAccess, zones: tuple[Zone, ...], audit: Audit, *, quiet: bool) -> Finding:
    private = update.unsigned <= PRIVATE
    severity = Severity.INFO if quiet else Severity.MEDIUM if private else None
    above = f" (it stands in {update.setting.level})" if update.setting.level in ("options", "view") else ""
    return Finding(
        at=update.statement.span,
        message=f"{_clients(update)} can change {zone_names(zones)} by dynamic update: this list asks for no key{above}",
        severity=severity,
        audience="auditor" if quiet else None,
        scopes=audit.scopes(zones),
        fixes=(_fix(update, audit, quiet=quiet),),
    )


def _clients(update: UpdateAccess) -> str:
    if update.query is None:
        return unsigned_clients(update.access)
    words = [update.unsigned.words()] if update.unsigned else []
    return " and ".join([*words, ON_LINK] if update.on_link else words)


def _fix(update: UpdateAccess, audit: Audit, *, quiet: bool) -> Fix:
    statement = update.statement
    kept: list[str] = []
    keys: list[str] = []
    for element in audit.lists.match_list(statement).elements:
        text = statement.text[element.start : element.end]
        if element.negated or element.kind in ("list", "acl", "geoip", "invalid"):
            keys = []
            break
        if element.kind == "key":
            keys.append(str(element.value))
            kept.append(text)
        elif element.kind == "localhost" or (
            isinstance(element.value, Prefix) and AddressSet.from_prefix(*element.value) <= LOOPBACK
        ):
            kept.append(text)
    ring = audit.key_ring(update.access.views[0])
    if any(canonical(key) in ring for key in keys) and not quiet:
        change = Change("replace", statement.span, "keys", {"elements": kept})
        return Fix("let only the listed keys in", (change,), "unsafe")
    level = update.setting.level
    title = "make a key and say what it may change" + (
        "" if level == "zone" else ", in each zone that needs it"
    )
    return Fix(title, (), "display", {"above": level != "zone"})
