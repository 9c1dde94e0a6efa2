"""What DNSSEC demands of a zone, release by release: dynamic updates or inline signing, and one way to sign only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from named_audit.catalogue.refusal import Refusal
from named_audit.model.checks.classes import class_number
from named_audit.model.checks.effective import Signing, is_passed_over, word, word_span
from named_audit.model.config import Config, Level, Zone
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Related
from named_audit.syntax.tree import Statement

RULE = "invalid-zone"

_INLINE_ONLY = ("dnssec-dnskey-kskonly", "dnssec-loadkeys-interval", "update-check-ksk")
"""What a secondary zone may have only if it signs what it transfers."""

_NO_POLICY = ("dnssec-dnskey-kskonly", "update-check-ksk", "dnssec-update-mode")
"""What a zone with a signing policy may not say itself."""

_NO_POLICY_BESIDE = ("sig-validity-interval", "dnskey-sig-validity")
"""What may not stand in one block with `dnssec-policy`."""


def signing_faults(
    config: Config, zone: Zone, type_: str, statements: Mapping[str, Statement], signing: Signing
) -> Iterator[Refusal]:
    """What is wrong with how one zone is signed, given its own statements and what is effective."""
    shown = f"zone '{shorten(zone.name, 60)}'"
    if signing.undefined is not None:
        policy = shorten(signing.undefined, 60)
        message = f"{shown}: option 'dnssec-policy {policy}' has no matching dnssec-policy config"
        yield Refusal("invalid-dnssec-policy", message, zone.statement.name_span, absence=True)
    release = config.release
    if signing.policy is not None and release is not None and release.at_least(9, 20):
        ttl = config.effective(zone, "max-zone-ttl").statement
        if ttl is not None:
            message = f"{shown}: option 'max-zone-ttl' cannot be used together with 'dnssec-policy'"
            yield Refusal(RULE, message, word_span(ttl), (Related(signing.policy.span, "the policy"),))
    if type_ in ("primary", "secondary"):
        yield from _demands(type_, statements, signing)
    yield from beside_policy(zone.level)


def _demands(type_: str, statements: Mapping[str, Statement], signing: Signing) -> Iterator[Refusal]:
    idle = not signing.updates and not signing.inline
    policy = signing.policy
    if policy is not None and idle:
        without = " without a configured 'allow-update' or 'update-policy'" if type_ == "primary" else ""
        message = (
            f"'inline-signing yes;' must also be configured explicitly for zones using dnssec-policy{without}"
        )
        yield Refusal(RULE, message, word_span(policy), absence=True)
    auto = statements.get("auto-dnssec")
    found = word(auto)
    if auto is not None and found is not None and found.low != "off":
        shown = shorten(found.value, 60)
        if policy is not None:
            message = f"'auto-dnssec {shown};' cannot be configured if dnssec-policy is also set"
            yield Refusal(RULE, message, word_span(auto), (Related(policy.span, "the policy"),))
        elif idle:
            ways = " dynamic DNS or" if type_ == "primary" else ""
            message = f"'auto-dnssec {shown};' requires{ways} inline-signing to be configured for the zone"
            yield Refusal(RULE, message, word_span(auto), absence=True)
    for name in _INLINE_ONLY if type_ == "secondary" and not signing.inline else ():
        if name in statements:
            message = f"{name}: requires inline-signing when used in secondary zone"
            yield Refusal(RULE, message, word_span(statements[name]), absence=True)
    for name in _NO_POLICY if policy is not None else ():
        if name in statements:
            message = f"{name}: cannot be configured if dnssec-policy is also set"
            yield Refusal(RULE, message, word_span(statements[name]))


def beside_policy(level: Level) -> Iterator[Refusal]:
    """Validity of signatures beside a policy in one block, of a zone, a view or the options."""
    policy = level.statements.get("dnssec-policy")
    for name in _NO_POLICY_BESIDE if policy is not None else ():
        if name in level.statements:
            message = f"{name}: cannot be configured if dnssec-policy is also set"
            yield Refusal(RULE, message, word_span(level.statements[name]))


def general_signing_faults(config: Config) -> Iterator[Refusal]:
    """What views and options may not say about signing."""
    levels = [config.options, *(view.level for view in config.views if view.statement is not None)]
    for level in levels:
        yield from beside_policy(level)
        auto = level.statements.get("auto-dnssec")
        found = word(auto)
        if auto is not None and found is not None and found.low != "off":
            message = "auto-dnssec may only be activated at the zone level"
            yield Refusal(RULE, message, word_span(auto))


def key_directories(config: Config) -> Iterator[Refusal]:
    """Zones of one name whose keys lie in one directory although different policies sign them: tried on 9.18 only."""
    if config.release is None or config.release.nearest.line != "9.18":
        return
    first: dict[tuple[str, str | None], Zone] = {}
    for zone in config.zones:
        class_ = class_number(zone.view.class_)
        policy = word(config.effective(zone, "dnssec-policy").statement)
        if zone.in_view is not None or config.zone_type(zone) is None or class_ is None:
            continue
        if policy is None or policy.value == "none" or is_passed_over(config, zone, class_):
            continue
        directory = word(config.effective(zone, "key-directory").statement)
        known = first.setdefault((zone.canonical, directory.low if directory is not None else None), zone)
        # What the first zone inherits counts as no policy.
        theirs = word(known.level.statements.get("dnssec-policy"))
        if known is not zone and theirs is not None and theirs.value not in ("none", policy.value):
            message = f"key-directory already in use by zone '{shorten(known.name, 60)}' with policy {shorten(theirs.value, 60)}"
            related = (Related(known.statement.name_span, "the other zone"),)
            yield Refusal(RULE, message, zone.statement.name_span, related)
