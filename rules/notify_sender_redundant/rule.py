"""`allow-notify` names only servers whose NOTIFY is taken anyway.

Every address in `primaries` may send a NOTIFY for the zone. `allow-notify` adds others, and this list adds none.

## Why it matters

It looks as if it restricted something, or had to be kept in step when a primary moves. It does neither.

## How to fix it

Delete the statement. Who is refused then is who was refused before: `refused notify from non-primary: 203.0.113.5`.

`dig @server a.example SOA +opcode=NOTIFY` from elsewhere is answered with REFUSED, before and after.

## Not reported

Lists that only deny (`none`). Lists that hide one of a farther level, which would admit others. Lists of which only a
part is redundant.

## References

BIND 9 Administrator Reference Manual, allow-notify.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.model.config import Config, Zone
from named_audit.policy.inbound import NotifySenders
from named_audit.policy.reach import LOCALITIES
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    needs_whole=True,
    fix="safe",
    covers=("C18",),
    about=("allow-notify",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-notify that admits nobody but primaries, for none of the zones that it holds for."""
    if "allow-notify" not in config.names or config.unseen:
        return
    held: dict[Statement, list[Zone]] = {}
    useful: set[Statement] = set()
    for zone in config.zones:
        senders = audit.notify_senders(zone)
        statement = senders.setting.statement if senders is not None else None
        if senders is None or statement is None:
            continue
        held.setdefault(statement, []).append(zone)
        if not _redundant(senders, statement, audit) or _hides(config, zone):
            useful.add(statement)
    for statement, zones in held.items():
        if statement not in useful:
            yield Finding(
                at=statement.span,
                message=f"this list changes nothing for {zone_names(zones)}: BIND takes a NOTIFY from every address in primaries anyway",
                scopes=audit.scopes(zones),
                fixes=(Fix("delete it", (Change("delete", statement.span, "", {}),), "safe"),),
            )


def _redundant(senders: NotifySenders, statement: Statement, audit: Audit) -> bool:
    acl = audit.lists.acl(statement)
    if acl.undefined or acl.invalid or acl.geoip:
        return False
    listed = [acl.addresses(signer, place) for signer in (None, *senders.signers) for place in LOCALITIES]
    return any(listed) and all(each <= senders.primaries for each in listed)


def _hides(config: Config, zone: Zone) -> bool:
    """Whether a farther level has a list too."""
    return sum("allow-notify" in level.statements for level in config.levels(zone)) > 1
