"""Some other machine can transfer the zone by its address alone.

The list admits addresses and asks for no key. The address of a request says where its packets are sent from and to,
not who sends them.

## Why it matters

Whoever holds, shares or takes over one of these addresses gets the whole zone: the next customer of a provider's
address, another service behind the same NAT, a host on the path. The answer is neither signed nor checked for
changes on the way, so the secondary cannot tell a forged zone from a true one. A wide network, or `localnets`, lets in
every machine that gets an address there; a `geoip` element lets in a country, as a database sees it.

## How to fix it

Make a TSIG key for each secondary, let it in instead of the address, and tell the address of changes:

    tsig-keygen -a hmac-sha256 transfer-key

    allow-transfer { key "transfer-key"; };
    also-notify { 192.0.2.53 key "transfer-key"; };

Both servers need the key before the address goes. (`dnssec-keygen -a HMAC-...`, which older guides show, is gone.)

From one of the addresses, `dig @server a.example AXFR` prints the zone without a key; afterwards only
`dig -k transfer-key.conf @server a.example AXFR` does. In the log, `AXFR started: TSIG transfer-key` shows who has moved
over, and `AXFR started` who has not.

## Not reported

Lists of loopback addresses and `localhost`. Lists behind TLS listeners that demand a client certificate. Lists that
also hold a key (transfer-address-or-key) or are open to anyone (transfer-open). The root and its sisters, which are
public. The stock zones for localhost, and servers that listen on loopback addresses only, are for the auditor
audience. Which clients a `geoip` element admits is up to a database: the finding names the condition.

## References

RFC 8945 section 1, RFC 5936 section 5.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.breadth import wide
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.lint.corrections import keyed_fix, take_apart
from named_audit.lint.exposure import exposed
from named_audit.lint.overridden import widened
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.transfer import TransferPolicy
from named_audit.policy.wording import unsigned_clients

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-291",),
    references=("RFC 8945 section 1", "STIG V-207561", "STIG V-272420", "STIG V-272435", "CIS BIND 9.11 5.1"),
    fix="unsafe",
    covers=("A07", "A21", "A23", "A25"),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that admits other machines and no key."""
    if (
        policy.statement is None
        or policy.keys
        or policy.open_families()
        or policy.requires_client_certificate()
    ):
        return
    addresses = policy.unsigned_off_host
    if not addresses and not policy.on_link_unsigned:
        return
    who = unsigned_clients(policy.access)
    for part in exposed(policy):
        yield Finding(
            at=policy.statement.span,
            message=f"{who} can transfer {part.words} by address alone: nothing asks for a key",
            audience=part.audience,
            severity=part.severity(Severity.MEDIUM if addresses <= PRIVATE else RULE.severity),
            related=(*wide(policy, audit), *widened(policy, audit), *part.related),
            scopes=part.scopes(audit),
            fixes=(part.fix(keyed_fix(policy, audit, take_apart(policy, audit))),),
        )
