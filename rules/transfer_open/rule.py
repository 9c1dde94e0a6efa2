"""Anyone can transfer the zone.

BIND serves the whole zone, by AXFR and IXFR, to every client that the effective `allow-transfer` admits. Here it
admits unsigned requests from anywhere, over IPv4, IPv6 or both.

## Why it matters

A transfer hands out every name of the zone at once: hosts, services, internal naming, forgotten test machines. It
is the first thing that is tried against a name server, it leaves at most an informational log line, and it needs no
tool but `dig`. `allow-query` does not guard transfers. A catalog zone gives away the names of all its members, a response
policy zone the whole block list. TLS alone (`transport tls { any; }`) hides the transfer from others and asks nobody who
they are.

## How to fix it

Let only holders of a TSIG key in, and tell the secondaries of changes by address:

    allow-transfer { key "transfer-key"; };
    also-notify { 192.0.2.53 key "transfer-key"; };

Make the key with `tsig-keygen` and put it on both servers. Where nobody transfers the zone, `none` says so.

Anybody's machine shows it: `dig @server a.example AXFR` prints the zone now, and `Transfer failed.` afterwards. Only the
refusal is logged as one: `zone transfer 'a.example/AXFR/IN' denied`.

## Not reported

Zones that everybody may have anyway: the root and its sisters. The stock zones for localhost, and servers that
listen on loopback addresses only, are for the auditor audience. Lists behind TLS listeners that demand a client
certificate. What blackhole and the choice of the view keep out is not "anyone".

Zones that come at run time (members of catalog zones, `allow-new-zones`, `dlz`) are judged by the list of their view
or of the options: a catalog zone's own list does not reach its members.

## References

RFC 5936 section 5, RFC 8945, RFC 9103.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import PLACEHOLDER, list_head, propose, take_apart
from named_audit.lint.disclosed import disclosed
from named_audit.lint.exposure import exposed
from named_audit.lint.overridden import widened
from named_audit.model.names import canonical
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.transfer import TransferPolicy
from named_audit.policy.wording import unsigned_clients

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-200", "CWE-306"),
    references=("RFC 5936 section 5", "STIG V-207561", "STIG V-272420", "STIG V-272435", "CIS BIND 9.11 5.1"),
    fix="unsafe",
    covers=("A03", "A04", "A25", "A29", "A34", "A35", "A37", "A38"),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that admits at least half of the IPv4 or the IPv6 Internet without a key."""
    families = policy.open_families()
    if policy.statement is None or not families or policy.requires_client_certificate():
        return
    for part in exposed(policy):
        yield Finding(
            at=policy.statement.span,
            message=f"{unsigned_clients(policy.access)} can transfer {part.words}: this list asks for no key"
            + (", and TLS alone says nothing about the client" if policy.transport == "tls" else ""),
            audience=part.audience,
            severity=part.severity(RULE.severity),
            related=(*widened(policy, audit), *part.related, *disclosed(part.zones, audit)),
            scopes=part.scopes(audit),
            fixes=tuple(part.fix(fix) for fix in _fixes(policy, audit)),
        )


def _fixes(policy: TransferPolicy, audit: Audit) -> Iterator[Fix]:
    assert policy.statement is not None
    admitted = take_apart(policy, audit)
    # A key that is denied, or that no statement defines, lets nobody in.
    served = {key for key in policy.signers if any(policy.addresses(key, place) for place in LOCALITIES)}
    served &= audit.key_ring(policy.view).keys()
    kept = tuple(each for each in admitted.kept if each.key is None or each.key in served)
    keys = served & {canonical(key) for key in admitted.keys}
    title = "let only the listed keys in" if keys else "make a key and let only its holders in"
    proposal = propose(policy, audit, admitted._replace(kept=kept), [] if keys else [PLACEHOLDER], ())
    values: dict[str, object] = {"elements": proposal.elements, "make_key": not keys, "nobody": False}
    values["head"] = list_head(policy.statement)
    change = Change("replace", policy.statement.span, "allow-transfer", values)
    if proposal.refused is not None:
        yield Fix(title, (), "display", refused=proposal.refused)
    else:
        yield Fix(title, (change,), "unsafe" if keys else "display", admits=proposal.admits)
    if not keys and not admitted.peers:
        nobody = Change("replace", policy.statement.span, "allow-transfer", {**values, "nobody": True})
        yield Fix("let nobody in, where there are no secondaries", (nobody,), "display")
