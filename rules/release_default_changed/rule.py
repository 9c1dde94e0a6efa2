"""A setting that the file leaves to BIND, and that newer releases understand otherwise.

- `allow-transfer`: `any` up to BIND 9.18, `none` from 9.20.0 on. Secondaries that relied on it are refused.
- `inline-signing` of zones with a dnssec-policy: `no` up to 9.18, `yes` from 9.20.0 on. A dynamic zone that named signed
  in its own file is then signed in a second one.

## Why it matters

After an upgrade the same text means something else, without an error or a warning.

## How to fix it

Write down what is meant. Who may transfer, by key:

    allow-transfer { key "transfer-key"; };

What 9.18 does with a dynamic zone, before the upgrade:

    inline-signing no;

`named -C` prints the defaults of the release that is installed (BIND 9.18 and newer).

## Not reported

Anything, where no release is chosen. BIND up to 9.18 with no allow-transfer: `transfer-open-by-default` reports it.
For 9.20 and newer: files that show no sign of having been written for an older release (a statement that the release
refuses, drops or warns of) are for the pedantic audience. Zones that have no content of their own, such as those for
localhost.

## References

BIND 9.20.0 release notes (allow-transfer, inline-signing).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Audience, Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_name, zone_names
from named_audit.model.config import Config, Zone
from named_audit.policy.transfer import PUBLIC_ZONES

RULE = Rule(
    severity=Severity.LOW,
    audience="regular",
    since="0.1.0",
    references=("BIND 9.20.0 release notes",),
    needs_whole=True,
    by_release=True,
    fix="safe",
)

_OLD = frozenset({"removed", "deprecated", "obsolete"})


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what is left to a default that has changed."""
    release = audit.release
    if release is None:
        return
    newer = release.at_least(9, 20)
    older_file = any(standing in _OLD for _, standing in config.unusual)
    audience: Audience | None = "pedantic" if newer and not older_file else None
    if newer:
        yield from _transfers(audit, audience)
    if "dnssec-policy" in config.names and (newer or release.line == "9.18"):
        yield from _signing(config, audit, audience)


def _transfers(audit: Audit, audience: Audience | None) -> Iterator[Finding]:
    zones = [
        zone
        for policy in audit.policies
        if policy.decided_by_default
        for zone in policy.zones
        if zone.canonical not in PUBLIC_ZONES and not is_stock(zone)
    ]
    if not zones:
        return
    message = (
        f"no allow-transfer applies: BIND {audit.release} gives {zone_names(zones)} to no one, and up to 9.18 "
        "it was anyone"
    )
    values = {"transfers": True}
    yield Finding(
        at=audit.head(zones[0]),
        message=message,
        audience=audience,
        scopes=audit.scopes(zones),
        fixes=(Fix("let those in who transfer", (), "display", values),),
    )


def _signing(config: Config, audit: Audit, audience: Audience | None) -> Iterator[Finding]:
    for zone in config.zones:
        if not audit.levels_seen(zone) or not _signed_in_place(zone, config, audit):
            continue
        name = zone_name(zone)
        same = audit.release is not None and not audit.release.at_least(9, 20)
        if same:
            message = f"inline-signing is not set for {name}, and its default becomes yes in BIND 9.20"
        else:
            message = f"inline-signing is not set for {name}: yes in BIND {audit.release}, and no up to 9.18"
        change = Change("inside", zone.statement.span, "signing", {"transfers": False})
        yield Finding(
            at=zone.statement.name_span,
            message=message,
            audience=audience,
            scopes=audit.scopes([zone]),
            fixes=(Fix("keep what BIND 9.18 does", (change,), "safe" if same else "unsafe"),),
        )


def _signed_in_place(zone: Zone, config: Config, audit: Audit) -> bool:
    """Whether named signs the zone, which is dynamic, and the configuration does not say in which file."""
    policy = config.effective(zone, "dnssec-policy")
    if policy.statement is None or policy.argument == "none" or config.zone_type(zone) != "primary":
        return False
    if config.effective(zone, "inline-signing").level in ("zone", "template"):
        return False
    if audit.release is not None and audit.release.at_least(9, 20) and _policy_says(config):
        return False
    if any(
        "update-policy" in level.statements
        for level in config.levels(zone)
        if level.kind in ("zone", "template")
    ):
        return True
    updates = config.effective(zone, "allow-update").statement
    if updates is None:
        return False
    acl = audit.lists.acl(updates)
    if acl is None:
        return False
    elements = acl.match_list.elements
    # What dns_acl_isnone() takes for an empty one: a list of `none` and nothing else.
    return not (len(elements) == 1 and elements[0].kind == ("any" if elements[0].negated else "none"))


def _policy_says(config: Config) -> bool:
    return any(
        inner.name == "inline-signing"
        for statement in config.tree.statements
        if statement.name == "dnssec-policy"
        for inner in statement.children
    )
