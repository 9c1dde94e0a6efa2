"""Clients may state any address for themselves in a PROXY header, and the list asks for an address.

On a listener with `proxy`, BIND takes the client's address from the PROXYv2 header of each connection, for every list and
for the choice of the view. `allow-proxy` says who may send such headers, by the address that the connection really has.

## Why it matters

Whoever may send a header may call itself by the address of a secondary, or 127.0.0.1, and takes the zone; the log shows
that address and not the real one. A view for inside clients opens in the same way.

## How to fix it

Name the proxies, and nobody else:

    options {
        allow-proxy { 192.0.2.10; };
    };

and let transfers ask for a key, which no header forges. To see it from any machine:
`dig +proxy=192.0.2.53-192.0.2.1 @server a.example AXFR`, with the address of a secondary in front.

## Not reported

Lists that ask for a key, or let anyone in anyway (transfer-open). Listeners with `proxy` on loopback addresses only. A few
single addresses in `allow-proxy`; wider networks that are not nearly everybody are for the pedantic audience. Without
`allow-proxy` nobody may send headers. The real BIND of these releases was read and not tried.

## References

BIND 9.20 Administrator Reference Manual, allow-proxy and listen-on.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.breadth import NARROWEST
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity
from named_audit.lint.exposure import exposed
from named_audit.policy.addresses import BITS, LOOPBACK, AddressSet
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-290", "CWE-348"),
    releases="from 9.20 on",
    fix="display",
    covers=("A45",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list of addresses behind a listener where many may say what their address is."""
    if policy.statement is None or policy.open_families():
        return
    if not any("proxy" in each.text.lower() for each in audit.config.listeners):
        return
    if not any(each.proxied and not each.loopback for each in policy.access.listeners()):
        return
    allowed = audit.config.view_setting(policy.view, "allow-proxy").statement
    if allowed is None or not any(policy.addresses(None, place) for place in LOCALITIES):
        return
    senders = audit.lists.acl(allowed).addresses(None, "elsewhere") - LOOPBACK
    if not _many(senders):
        return
    wide = any(senders.share(family) >= 0.5 for family in (4, 6))
    severity = Severity.HIGH if wide else Severity.LOW
    forged = policy.unsigned_off_host.words() if policy.unsigned_off_host else "the server itself"
    for part in exposed(policy):
        if not part.zones:
            continue
        yield Finding(
            at=allowed.span,
            message=f"{'anyone' if wide else senders.words()} may send a PROXY header and so pass for {forged}, to whom "
            f"{part.words} is transferred without a key",
            audience=part.audience or (None if wide else "pedantic"),
            severity=part.severity(severity),
            related=(Related(policy.statement.span, "asks for an address only"),),
            scopes=part.scopes(audit),
            fixes=(Fix("name the proxies", (), "display"),),
        )


def _many(senders: AddressSet) -> bool:
    """Whether these are more than the addresses of one site's proxies."""
    return any(senders.size(family) > 1 << (BITS[family] - NARROWEST[family]) for family in (4, 6))
