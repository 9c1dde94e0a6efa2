"""An include with a pattern reads views in the reverse of the order of their files' names.

BIND sorts what the pattern matches and reads the last file first: `20-external.conf` before `10-internal.conf`.

## Why it matters

A client belongs to the first view that matches. With the general view in front, the special one behind it is never
chosen: internal clients get the external zones, and a secondary transfers the zone of the wrong view, with nothing in
the log but another view's name.

## How to fix it

Name the files, in the order in which the views are to stand:

    include "/etc/bind/views/10-internal.conf";
    include "/etc/bind/views/20-external.conf";

The order that BIND has read, and the view that a client lands in:

    named-checkconf -p /etc/bind/named.conf | grep '^view'
    rndc querylog on

## Not reported

Views that share no client, whose order does not matter. Files whose names are ordered the wrong way round on purpose:
if one of the views would never be chosen in the order of the names. Releases before 9.17, which know no patterns.
Configurations of which a part was not read. Where
each view keeps some clients in either order, this is for the pedantic audience.

## References

BIND 9 Administrator Reference Manual, include and view statements.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity, shorten
from named_audit.model.config import Config, View
from named_audit.policy.addresses import AddressSet
from named_audit.policy.reach import LOCALITIES, Reach, cases_of
from named_audit.syntax.tree import Inclusion

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-696",),
    references=("STIG V-207586", "STIG V-272399"),
    needs_whole=True,
    by_release=True,
    releases="from 9.17",
    fix="unsafe",
    covers=("E12",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each include for which the order of its files decides who lands in which view."""
    # A list may name what was not read, and another view may stand there.
    if config.unseen or len(config.views) < 2:
        return
    for inclusion in config.tree.inclusions:
        if len(inclusion.sources) > 1:
            yield from _judge(inclusion, config, audit)


def _judge(inclusion: Inclusion, config: Config, audit: Audit) -> Iterator[Finding]:
    place = {id(source): index for index, source in enumerate(inclusion.sources)}
    brought = {id(view): at for view in config.views if (at := _brought_by(view, place)) is not None}
    if len(set(brought.values())) < 2:
        return
    ours = [view for view in config.views if id(view) in brought]
    by_name = iter(sorted(ours, key=lambda view: -brought[id(view)]))
    # Imported here: hardly any configuration has such an include.
    import copy

    other = copy.copy(config)
    other.views = [next(by_name) if id(view) in brought else view for view in config.views]
    now, then = audit.survey.reach, Reach(other, audit.lists)
    changed = [view for view in ours if _clients(view, now, config) != _clients(view, then, config)]
    if not changed or any(_nobody(_clients(view, then, config)) for view in changed):
        return
    dead = [view for view in changed if _nobody(_clients(view, now, config))]
    first, last = inclusion.sources[brought[id(ours[0])]], inclusion.sources[brought[id(ours[-1])]]
    effect = (
        f"view {shorten(dead[0].name or '')} is never chosen"
        if dead
        else f"view {shorten(ours[0].name or '')} comes before view {shorten(ours[-1].name or '')}"
    )
    paths = [_path(inclusion.path, source.path) for source in reversed(inclusion.sources)]
    change = Change("replace", inclusion.statement.span, "includes", {"paths": paths})
    yield Finding(
        at=inclusion.statement.span,
        message=f"BIND reads the last match first, {_base(first.path)} before {_base(last.path)}: {effect}",
        severity=None if dead else Severity.MEDIUM,
        audience=None if dead else "pedantic",
        related=tuple(
            Related(view.statement.name_span, f"view {shorten(view.name or '')}")
            for view in ours
            if view.statement is not None
        )[:3],
        scopes=audit.scopes(zone for view in changed for zone in view.zones),
        fixes=(
            Fix(
                "name the files in the order of their names",
                (change,),
                "unsafe" if dead else "display",
                admits=None,
            ),
        ),
    )


def _brought_by(view: View, place: dict[int, int]) -> int | None:
    """The number of the file that brought a view in, itself or through its own includes."""
    source = view.statement.source if view.statement is not None else None
    while source is not None:
        if id(source) in place:
            return place[id(source)]
        source = source.included_at.source if source.included_at is not None else None
    return None


def _clients(view: View, reach: Reach, config: Config) -> tuple[AddressSet, ...]:
    """Who lands in a view, with no key and with each key that it knows, in every world."""
    signers = (None, *config.key_ring(view))
    return tuple(
        reach.clients((view,), signer, locality, case)
        for signer in signers
        for locality in LOCALITIES
        for case in cases_of(reach.geoip((view,)))
    )


def _nobody(clients: tuple[AddressSet, ...]) -> bool:
    return all(each == AddressSet.nothing() for each in clients)


def _base(path: str) -> str:
    return shorten(path.rpartition("/")[2])


def _path(pattern: str, found: str) -> str:
    """The path of a match as the include would write it: the pattern up to its first wildcard, then what matched."""
    parts = pattern.split("/")
    fixed = next((index for index, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
    return "/".join([*parts[:fixed], *found.split("/")[fixed - len(parts) :]])
