"""A key that may transfer from a view never gets there.

BIND tries the views in the order of the file, and takes the first that matches. Requests that are signed with this key
all land in an earlier view, or match no view: the list of this one admits the key for nothing.

## Why it matters

The secondary cannot fetch the zone of this view. An earlier view that matches by address and does not know the key ends
the request with `request has invalid signature: TSIG k: tsig verify failure (BADKEY)`: later views are never tried. One
that knows the key answers with its own version of the zone, so that a public secondary may serve the internal one, or
refuses it.

## How to fix it

Let the key choose the view. Define it globally, deny it in the views that come first, and name it in its own:

    view "internal" {
        match-clients { !key "external-key"; 10.0.0.0/8; };
    };

    view "external" {
        match-clients { any; };
    };

From the secondary, `dig -k external-key.conf @server a.example AXFR` shows which version it gets; the server's log names
the view.

## Not reported

A key that takes the zones of another view by a list that names it, where the list here serves others: one list may stand
in all views. Configurations of which a part was not read.

## References

BIND 9 Administrator Reference Manual, view statement.
"""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Audience, Finding, Fix, Related, Rule, Severity, Span, shorten
from named_audit.lint.corrections import names, zone_names
from named_audit.model.config import Config, View, Zone
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.matchlist import Acl
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("STIG V-207586", "STIG V-272399"),
    needs_whole=True,
    fix="display",
    covers=("A41",),
    about=("view",),
)


class _Lost(NamedTuple):
    """What keys are for nothing in one view: the policies that name them, and whether that is sure to hurt.

    `used` are all keys with which some zone is taken.
    """

    keys: dict[str, None]
    policies: list[TransferPolicy]
    certain: bool
    used: set[str]


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each view into which a key of its lists never leads."""
    if config.unseen or config.views[0].name is None:
        return
    used = {key for policy in audit.policies for key in policy.signers if _takes(policy, key)}
    lost: dict[int, _Lost] = {}
    for policy in audit.policies:
        if policy.statement is None or not policy.zones or not policy.access.listened_to:
            continue
        # Lists of the options are meant for all views at once.
        alone = not _serves_anybody(policy)
        for key in policy.signers:
            if not _admitted(policy, key) or _takes(policy, key) or key not in audit.key_ring(policy.view):
                continue
            if key in used and not alone:
                continue
            known = lost.setdefault(id(policy.view), _Lost({}, [], False, used))
            known.keys[key] = None
            known.policies.append(policy)
            certain = key not in used or (alone and policy.level != "options")
            lost[id(policy.view)] = known._replace(certain=known.certain or certain)
    for found in lost.values():
        yield _finding(found, audit)


def _finding(found: _Lost, audit: Audit) -> Finding:
    view = found.policies[0].view
    zones: list[Zone] = []
    for policy in dict.fromkeys(found.policies):
        zones += policy.zones
    keys = [audit.key_ring(view)[key].name for key in found.keys]
    shown = f"{'key' if len(keys) == 1 else 'keys'} {names(keys)}"
    reasons = dict(_reasons(found, view, audit))
    why = next(iter(reasons.values()), "nobody whom the list would serve gets there")
    audience: Audience | None = None if found.certain else "pedantic"
    lists = dict.fromkeys(policy.statement for policy in found.policies if policy.statement is not None)
    # A key that another view needs cannot be denied there.
    fresh = next(iter(found.keys)) in found.used
    values = {
        "key": f"{view.name}-key" if fresh else keys[0],
        "fresh": fresh,
        "view": view.name,
        "earlier": next((v.name for v in reasons if v is not view), None),
    }
    return Finding(
        at=_place(view),
        message=f"{shown} cannot take {zone_names(zones)} from view {shorten(view.name or '')}: {why}",
        audience=audience,
        severity=None if found.certain else Severity.LOW,
        related=(
            *(Related(_place(each), "tried first") for each in reasons if each is not view),
            *(Related(each.span, "the key is to transfer from here") for each in list(lists)[:2]),
        ),
        scopes=audit.scopes(zones),
        fixes=(Fix("let the key choose the view", (), "display", values),),
    )


def _place(view: View) -> Span:
    statement = view.level.statements.get("match-clients")
    if statement is not None:
        return statement.span
    assert view.statement is not None
    return view.statement.name_span


def _reasons(found: _Lost, view: View, audit: Audit) -> Iterator[tuple[View, str]]:
    """Each view that keeps a request with one of the keys away, and how, as half sentences."""
    reach = audit.survey.reach
    for key in found.keys:
        wanted = AddressSet.nothing()
        for policy in found.policies:
            wanted = wanted | _admitted(policy, key)
        own = reach.match_clients(view)
        if own is not None:
            wanted = wanted & _any_place(own, key)
        if not wanted:
            yield view, "its match-clients lets none of those in whom the list would serve"
        for each in audit.config.views:
            if each is view:
                break
            if each.class_ != view.class_:
                continue
            same = reach.same_key(key, each, view)
            acl = reach.match_clients(each)
            taken = AddressSet.everything() if acl is None else _any_place(acl, key if same else None)
            if not taken & wanted:
                continue
            name = shorten(each.name or "")
            if not same:
                yield each, f"view {name} comes first, matches by address and does not know the key (BADKEY)"
            elif _version(each, found, key, audit):
                yield each, f"view {name} comes first and answers with its own version of the zone"
            else:
                yield each, f"view {name} comes first and takes every such request"


def _version(view: View, found: _Lost, key: str, audit: Audit) -> bool:
    """Whether an earlier view serves one of the zones to the key."""
    wanted = {zone.canonical for policy in found.policies for zone in policy.zones}
    for zone in view.zones:
        if zone.canonical in wanted and zone.in_view is None:
            policy = audit.policy_of(zone)
            if policy is not None and _takes(policy, key):
                return True
    return False


def _any_place(acl: Acl, key: str | None) -> AddressSet:
    total = AddressSet.nothing()
    for place in LOCALITIES:
        total = total | acl.addresses(key, place)
    return total


def _admitted(policy: TransferPolicy, key: str) -> AddressSet:
    """Whom the list alone would serve with a key."""
    return _any_place(policy.acl, key) if policy.acl is not None else AddressSet.nothing()


def _takes(policy: TransferPolicy, key: str | None) -> bool:
    """Whether anybody gets to the zones with a key, if the server listens there; without one: from another machine."""
    beside = LOOPBACK if key is None else AddressSet.nothing()
    access = policy.access
    return any(access.admitted(key, place, case) - beside for place in LOCALITIES for case in access.cases())


def _serves_anybody(policy: TransferPolicy) -> bool:
    return any(_takes(policy, key) for key in (None, *policy.access.signers))
