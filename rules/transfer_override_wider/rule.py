"""The zone's own list undoes a restriction that the list behind it makes.

BIND takes the nearest `allow-transfer` alone; it never adds one to another. A zone that names a key again, without the
address or the TLS that the options demand with it, lets that key in without them.

## Why it matters

The options are where people look for the policy, and what they say there does not hold for this zone. A stolen key works
from any address, or the zone crosses the network in the clear. Nothing in the log tells such a transfer from the others:
`transfer of 'a.example/IN': AXFR started: TSIG transfer-key`.

## How to fix it

Demand the same in the zone, or delete its list:

    allow-transfer { !{ !192.0.2.53; any; }; key "transfer-key"; };

From an address that the options keep out, this shows who is right:

    dig -b 198.51.100.7 -k transfer-key.conf @server a.example AXFR

## Not reported

Keys that only the zone names: that is what a zone's own list is for. Clients without a key: for these
transfer-address-only, transfer-address-or-key and transfer-open speak, and show the list behind. Ports. Mirror zones.

## References

BIND 9 Administrator Reference Manual, allow-transfer; RFC 8945; RFC 9103.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import keys_in_words
from named_audit.policy.addresses import LOOPBACK, AddressSet
from named_audit.policy.matchlist import Locality
from named_audit.policy.override import Outer
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-284",),
    references=("RFC 8945", "RFC 9103"),
    needs_whole=True,
    fix="display",
    covers=("A25",),
)

OTHER_MACHINES: tuple[Locality, ...] = ("localnets", "elsewhere")


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that asks less of a key, or of the transport, than the list that it replaces."""
    outer = audit.overridden(policy)
    if outer is None or outer.setting.statement is None:
        return
    assert policy.statement is not None
    whose = outer.words
    clear = outer.access.transport == "tls" and policy.transport != "tls" and _lets_in(policy)
    gained = {key: _gained(policy, outer, key) for key in policy.keys if key in outer.access.keys}
    freed = tuple(key for key, addresses in gained.items() if addresses)
    zones = zone_names(policy.zones)
    if freed:
        who = AddressSet.nothing()
        for key in freed:
            who = who | gained[key]
        where = who.words().replace("anyone", "anywhere")
        message = (
            f"{keys_in_words(freed)} can transfer {zones} from {where}, which {whose} keep{_s(outer)} out"
        )
        message += ", and without TLS" if clear else ""
    elif clear:
        message = f"{zones} can be transferred without TLS, which {whose} demand{_s(outer)}"
    else:
        return
    change = Change("replace", policy.statement.span, "list", {"text": _text(outer)})
    yield Finding(
        at=policy.statement.span,
        message=f"{message}: the nearer list replaces the other, with all that it demands",
        related=(Related(outer.setting.statement.span, f"what {whose} demand{_s(outer)}"),),
        scopes=audit.scopes(policy.zones),
        fixes=(Fix(f"demand what {whose} demand{_s(outer)}", (change,), "display"),),
    )


def _lets_in(policy: TransferPolicy) -> bool:
    return bool(policy.keys or policy.unsigned_off_host or policy.on_link_unsigned)


def _gained(policy: TransferPolicy, outer: Outer, key: str) -> AddressSet:
    """From where a key lets in that the list behind admits with it from elsewhere only."""
    found = AddressSet.nothing()
    for where in OTHER_MACHINES:
        found = found | (policy.gained_by_key(key, where) - outer.access.possible(key, where))
    return found if found - LOOPBACK else AddressSet.nothing()


def _s(outer: Outer) -> str:
    return "" if outer.setting.level == "options" else "s"


def _text(outer: Outer) -> str:
    assert outer.setting.statement is not None
    return outer.setting.statement.text.rstrip().removesuffix(";").rstrip()
