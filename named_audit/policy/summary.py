"""All that a configuration decides about transfers, as a value: equal summaries mean that nobody sees a difference."""

from __future__ import annotations

from typing import TypeAlias

from named_audit.model.config import Config, Zone
from named_audit.policy.access import Access, Accesses, cases_of
from named_audit.policy.inbound import inbound_plan
from named_audit.policy.notify import notify_plan
from named_audit.policy.reach import LOCALITIES, Lists, Reach
from named_audit.policy.runtime_zones import runtime_zones
from named_audit.policy.transfer import transfer_policies

Summary: TypeAlias = dict[tuple[str, str | None], tuple[object, ...]]
"""(zone, view) -> what holds for it."""

_LISTS = ("allow-notify", "allow-update", "allow-update-forwarding")


def summarise(config: Config) -> Summary:
    """Transfers, NOTIFY, inbound, update and control policies, zone by zone; the keys and controls under (".", "")."""
    lists = Lists(config)
    reach = Reach(config, lists)
    summary: Summary = {}
    transfers: dict[int, object] = {}
    accesses = Accesses(config, lists, reach)
    for policy in transfer_policies(config, config.zones, lists, reach, accesses):
        transfer = _transfer(policy.access)
        for zone in policy.zones:
            transfers[id(zone)] = transfer
    for runtime in runtime_zones(config, accesses):
        member = runtime.member
        summary[(f"{runtime.kind} {runtime.name or ''}", member.view.name)] = (
            runtime.kind,
            _transfer(runtime.access),
            _notify(config, member),
            _inbound(config, member),
            _updates(config, member, lists),
        )
    for zone in config.zones:
        summary[(zone.canonical, zone.view.name)] = (
            config.zone_type(zone),
            zone.in_view,
            transfers.get(id(zone)),
            _notify(config, zone),
            _inbound(config, zone),
            _updates(config, zone, lists),
        )
    keys = tuple(
        sorted(
            (key.canonical, key.view or "", key.algorithm or "", key.secret or "") for key in config.all_keys
        )
    )
    controls = tuple(" ".join(statement.text.split()) for statement in config.controls)
    summary[(".", "")] = (keys, controls)
    return summary


def _transfer(access: Access) -> object:
    sets = tuple(
        (signer, locality, case, access.addresses(signer, locality, case))
        for signer in (None, *access.listed)
        for locality in LOCALITIES
        for case in access.cases()
    )
    return sets, access.port, access.transport


def _notify(config: Config, zone: Zone) -> object:
    plan = notify_plan(config, zone)
    targets = tuple(
        (target.server.family, target.server.address, target.server.port, target.server.tls, target.key)
        for target in plan.targets
    )
    undefined = tuple(entry.text for entry in plan.undefined_lists)
    return plan.told_by_ns, targets, undefined


def _inbound(config: Config, zone: Zone) -> object:
    plan = inbound_plan(config, zone)
    return tuple(
        (
            source.server.family,
            source.server.address,
            source.server.port,
            source.server.tls,
            source.key,
            source.skipped,
        )
        for source in plan.sources
    )


def _updates(config: Config, zone: Zone, lists: Lists) -> object:
    found: list[object] = []
    for name in _LISTS:
        statement = config.effective(zone, name).statement
        if statement is None:
            found.append(None)
            continue
        acl = lists.acl(statement)
        found.append(
            tuple(
                (signer, locality, case, acl.addresses(signer, locality, case))
                for signer in (None, *acl.signers)
                for locality in LOCALITIES
                for case in cases_of(acl.geoip)
            )
        )
    policy = zone.level.statements.get("update-policy")
    found.append(" ".join(policy.text.split()) if policy is not None else None)
    return tuple(found)
