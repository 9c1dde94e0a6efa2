"""The release has known defects that this configuration exposes.

Looked at are those that bear on transfers, NOTIFY, updates, TSIG, TLS and the control channel, as far as ISC's
advisories and release notes name the release that is free of them.

## Why it matters

They let others take or change zones past the lists in this file, or end named. No statement makes up for it.

## How to fix it

Install the newest release of the line. To see which one runs: `named -V`, or `rndc status`.

## Not reported

Releases that are given without a patch level (`9.18` means the newest), and unknown ones. Builds of vendors
(`9.18.49-1~deb12u3-Debian`), who put single fixes into old releases: ask the vendor about the CVE. Defects of
features that the configuration does not use. Anything else that a release may have.

## References

ISC's security advisories; BIND 9 release notes.
"""

from collections.abc import Callable, Iterator, Mapping

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, Span
from named_audit.model.config import Config
from named_audit.model.matchlist import parse_address
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.defects import Exposure, affecting
from named_audit.policy.listeners import listeners
from named_audit.syntax.words import Word

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-1395",),
    references=("STIG V-207533", "STIG V-272403"),
    by_release=True,
    releases="known releases with their patch level",
    fix="display",
    covers=("E20",),
)

_MOST = 3
"""So many defects are told of; the others are counted."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the defects of the release whose exposing statement is there, all in one."""
    release = audit.release
    if release is None or not config.views:
        return
    found = []
    related: dict[Span, str] = {}
    for defect in affecting(release):
        place = next(_EXPOSED[defect.exposure](config, audit), None)
        if place is not None:
            found.append(defect)
            if defect.exposure != "always":
                related.setdefault(place, f"exposes {defect.name}")
    if not found:
        return
    free = f"{release.line}.{max(defect.fixed[release.minor] for defect in found)}"
    shown = "; ".join(f"{defect.name} ({defect.effect})" for defect in reversed(found[-_MOST:]))
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    yield Finding(
        at=audit.head(),
        message=f"BIND {release} has defects that this configuration exposes: {shown}{more}. {free} is free of them",
        severity=None if any(defect.serious for defect in found) else Severity.MEDIUM,
        related=tuple(Related(span, words) for span, words in related.items()),
        fixes=(Fix("install a newer release of the line", (), "display", {"free": free}),),
    )


def _always(config: Config, audit: Audit) -> Iterator[Span]:
    yield audit.head()


def _key(config: Config, audit: Audit) -> Iterator[Span]:
    return (key.name_span for key in config.all_keys)


def _key_list(config: Config, audit: Audit) -> Iterator[Span]:
    for policy in audit.policies:
        if policy.statement is not None and policy.keys:
            yield policy.statement.span
    for zone in config.zones:
        senders = audit.notify_senders(zone)
        if senders is not None and senders.setting.statement is not None and senders.signers:
            yield senders.setting.statement.span


def _update(config: Config, audit: Audit) -> Iterator[Span]:
    for zone in config.zones:
        type_ = config.zone_type(zone)
        own = zone.level.statements.get("update-policy")
        if own is not None:
            yield own.span
            continue
        name = "allow-update" if type_ == "primary" else "allow-update-forwarding"
        statement = config.effective(zone, name).statement if type_ in ("primary", "secondary") else None
        if statement is not None:
            acl = audit.lists.acl(statement)
            if acl.signers or acl.addresses(None, "elsewhere") - LOOPBACK or acl.uses_localnets:
                yield statement.span


def _key_update(config: Config, audit: Audit) -> Iterator[Span]:
    for zone in config.zones:
        own = zone.level.statements.get("update-policy")
        listed = config.effective(zone, "allow-update").statement
        if own is not None:
            yield own.span
        elif listed is not None and config.zone_type(zone) == "primary" and audit.lists.acl(listed).signers:
            yield listed.span


def _subdomain(config: Config, audit: Audit) -> Iterator[Span]:
    for zone in config.zones:
        own = zone.level.statements.get("update-policy")
        if own is not None and "subdomain" in own.text.lower().split():
            yield own.span


def _options(*names: str) -> Callable[[Config, Audit], Iterator[Span]]:
    def places(config: Config, audit: Audit) -> Iterator[Span]:
        for level in (config.options, *(view.level for view in config.views)):
            for name in names:
                if name in level.statements:
                    yield level.statements[name].span

    return places


def _dlz(config: Config, audit: Audit) -> Iterator[Span]:
    for view in config.views:
        yield from (driver.name_span for driver in view.drivers)


def _fetched(config: Config, audit: Audit) -> Iterator[Span]:
    for pulled in audit.pulled:
        if config.effective(pulled.zone, "request-ixfr").word not in ("no", "false", "0"):
            yield pulled.sources[0].server.entry.span


def _signed(config: Config, audit: Audit) -> Iterator[Span]:
    for pulled in audit.pulled:
        yield from (
            source.server.entry.span for source in pulled.sources if source.key and not source.skipped
        )


def _control(config: Config, audit: Audit) -> Iterator[Span]:
    """The control channels that other machines may get to: those on other addresses than loopback ones."""
    for controls in config.controls:
        for channel in controls.children:
            pieces = channel.pieces
            if channel.name == "inet" and len(pieces) > 1 and isinstance(pieces[1], Word):
                address = parse_address(pieces[1].value)
                if address is None or not LOOPBACK.holds(address[1], address[0]):
                    yield channel.name_span


def _tls_listener(config: Config, audit: Audit) -> Iterator[Span]:
    if any(each.tls is not None for each in listeners(config, audit.lists)):
        yield audit.head()


def _tls_primary(config: Config, audit: Audit) -> Iterator[Span]:
    return (client.uses[0][1].server.entry.span for client in audit.tls_clients)


def _unverified(config: Config, audit: Audit) -> Iterator[Span]:
    return (
        client.uses[0][1].server.entry.span
        for client in audit.tls_clients
        if client.defined and not client.checks_chain
    )


def _class(config: Config, audit: Audit) -> Iterator[Span]:
    for view in config.views:
        if view.class_.lower() != "in" and view.statement is not None:
            yield view.statement.name_span


def _served(config: Config, audit: Audit) -> Iterator[Span]:
    return (zone.statement.name_span for policy in audit.policies for zone in policy.zones)


def _listed(config: Config, audit: Audit) -> Iterator[Span]:
    if any(name.startswith("allow-") for name in config.names):
        yield audit.head()


_EXPOSED: Mapping[Exposure, Callable[[Config, Audit], Iterator[Span]]] = {
    "always": _always,
    "key": _key,
    "key list": _key_list,
    "key update": _key_update,
    "update": _update,
    "subdomain": _subdomain,
    "gssapi": _options("tkey-gssapi-keytab", "tkey-gssapi-credential"),
    "dlz": _dlz,
    "fetched": _fetched,
    "signed request": _signed,
    "control": _control,
    "tls listener": _tls_listener,
    "tls primary": _tls_primary,
    "unverified tls primary": _unverified,
    "catalog": _options("catalog-zones"),
    "class": _class,
    "served": _served,
    "address list": _listed,
}
