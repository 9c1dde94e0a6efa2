"""BIND takes a NOTIFY for the zone, unsigned, from others than its primaries.

The addresses in `primaries` are always accepted; `allow-notify` adds senders, and this one adds them by address
alone.

## Why it matters

Each NOTIFY makes the secondary ask its primaries for the SOA, and the source of a UDP packet is easily forged:
strangers keep it busy, and learn when it asks. The zone's content is safe: it always comes from the primaries.

## How to fix it

Name nobody but holders of a key, or nobody at all, where the primaries themselves send the NOTIFY:

    allow-notify { key "notify-key"; };

What others then get is `refused notify from non-primary: 203.0.113.5`, in this server's log (category `general`, from
9.20.3 on `notify`), and REFUSED.

`dig @server a.example SOA +opcode=NOTIFY +norec` shows it: NOERROR now, REFUSED afterwards.

## Not reported

Single addresses and small networks (up to 256 addresses, or a /64) are for the auditor audience: a primary often
sends from an address of its own. Loopback addresses, `localnets`, and senders that are primaries of the zone anyway.

## References

RFC 1996 section 3.10; NIST SP 800-81r3 section 3.4.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Config
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.syntax.words import quote

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-290",),
    references=("RFC 1996 section 3.10", "NIST SP 800-81r3 section 3.4"),
    fix="unsafe",
    covers=("C17",),
    about=("allow-notify",),
)

_MANY = {4: 256, 6: 1 << 64}
"""More addresses than these are not those of one party."""


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each allow-notify that admits others than the primaries by their address."""
    if "allow-notify" not in config.names:
        return
    for zone in config.zones:
        senders = audit.notify_senders(zone)
        statement = senders.setting.statement if senders is not None else None
        if senders is None or statement is None:
            continue
        strangers = senders.addresses(None) - senders.primaries - LOOPBACK
        if not strangers:
            continue
        many = any(strangers.size(family) > most for family, most in _MANY.items())
        ring = audit.key_ring(zone.view)
        keys = [quote(ring[key].name) for key in senders.signers if key in ring]
        change = Change(
            "replace",
            statement.span,
            "allow-notify",
            {"elements": [f"key {key}" for key in keys] or ["none"]},
        )
        yield Finding(
            at=statement.span,
            message=f"BIND takes an unsigned NOTIFY for {zone_name(zone)} from {_words(strangers)}, and asks the primaries then",
            audience=None if many else "auditor",
            severity=None if many else Severity.INFO,
            scopes=(scope(zone),),
            fixes=(
                Fix(
                    "take it from the primaries and holders of a key only"
                    if keys
                    else "take it from the primaries only",
                    (change,),
                    "unsafe",
                ),
            ),
        )


def _words(strangers: AddressSet) -> str:
    return "anyone" if all(strangers.share(family) > 0.5 for family in (4, 6)) else strangers.words()
