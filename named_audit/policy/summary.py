"""All that a configuration decides about transfers, as a value: equal summaries mean that nobody sees a difference."""

from __future__ import annotations

from typing import TypeAlias

from named_audit.model.config import Config, ServerBlock, View, Zone
from named_audit.model.sources import default_port
from named_audit.policy.access import Access, Accesses
from named_audit.policy.inbound import Inbound, InboundPlan
from named_audit.policy.notify import Notifier, NotifyPlan
from named_audit.policy.reach import LOCALITIES, Lists, Reach, cases_of
from named_audit.policy.runtime_zones import runtime_zones
from named_audit.policy.transfer import transfer_policies

Summary: TypeAlias = dict[tuple[str, str | None], tuple[object, ...]]
"""(zone, view) -> what holds for it."""

_LISTS = ("allow-notify", "allow-update", "allow-update-forwarding")
_SERVER = ("keys", "notify-source", "notify-source-v6", "tcp-only")


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
    notifier = Notifier(config, lists, reach)
    inbound = Inbound(config, lists, reach)
    dropped = config.options.statements.get("blackhole")
    acl = lists.acl(dropped) if dropped is not None else None
    blackhole = tuple(acl.addresses(None, locality) for locality in LOCALITIES) if acl is not None else None
    servers = {id(view): _servers(config, view, blackhole) for view in config.views}
    for runtime in runtime_zones(config, accesses):
        member = runtime.member
        summary[(f"{runtime.kind} {runtime.name or ''}", member.view.name)] = (
            runtime.kind,
            _transfer(runtime.access),
            _notify(notifier.plan(member), servers.get(id(member.view))),
            _inbound(inbound.plan(member)),
            _updates(config, member, lists),
        )
    for zone in config.zones:
        summary[(zone.canonical, zone.view.name)] = (
            config.zone_type(zone),
            zone.in_view,
            transfers.get(id(zone)),
            _notify(notifier.plan(zone), servers[id(zone.view)]),
            _inbound(inbound.plan(zone)),
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


def _notify(plan: NotifyPlan, servers: object) -> object:
    undefined = tuple(entry.text for entry in plan.undefined_lists)
    # What is sent because of NS records depends on these, whoever it goes to.
    by_ns = (plan.to_soa, plan.sources, servers) if plan.told_by_ns else None
    return by_ns, plan.sends, plan.instead, plan.unknown, undefined


def _inbound(plan: InboundPlan) -> object:
    return plan.requests, tuple(entry.text for entry in plan.undefined_lists)


def _servers(config: Config, view: View, blackhole: object) -> object:
    """What holds for messages to any server: the default port, and what the server blocks and blackhole say."""
    blocks = tuple(
        (block.family, block.network, block.length, *[_words(block, name) for name in _SERVER])
        for block in view.servers or config.servers
    )
    return default_port(config), blocks, blackhole


def _words(block: ServerBlock, name: str) -> str | None:
    statement = block.statements.get(name)
    return " ".join(statement.text.split()) if statement is not None else None


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
