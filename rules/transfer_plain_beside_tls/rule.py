"""The zone is transferred in the clear too, although the server listens for TLS.

The list names no transport, so that a client may come over plain TCP as well as over the TLS listener.

## Why it matters

A secondary that was never moved to TLS, or that falls back to port 53 by a mistake in its configuration, still gets the
zone, and whoever is on the path reads it. A key (TSIG) proves who sent what; it hides nothing. In the log,
`AXFR started: TSIG k` looks the same over both.

## How to fix it

Once all secondaries ask over TLS, let the list ask for it:

    allow-transfer port 853 transport tls { key "transfer-key"; };

`dig -k transfer-key.conf @server a.example AXFR` is then refused, and
`dig +tls -k transfer-key.conf @server a.example AXFR` is served.

## Not reported

Servers that listen for TLS on loopback addresses only, or for DNS over HTTPS: that serves no transfers. Lists that let
anyone in (transfer-open) or nobody from another machine, and those that ask for plain TCP or a port. Zones that everybody may
have.

## References

RFC 9103.
"""

from collections.abc import Iterator, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names
from named_audit.lint.exposure import exposed
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.listeners import Listener
from named_audit.policy.matchlist import Locality
from named_audit.policy.transfer import TransferPolicy
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Group

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-319",),
    references=("RFC 9103",),
    releases="from 9.18 on",
    fix="unsafe",
    covers=("A30",),
)

_ELSEWHERE: tuple[Locality, ...] = ("localnets", "elsewhere")


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a list that lets other machines in over plain TCP where they could use TLS."""
    statement = policy.statement
    if statement is None or policy.transport is not None or policy.open_families():
        return
    if not any("tls" in each.text.lower() for each in audit.config.listeners):
        return
    plain = [each for each in policy.access.listeners() if each.tls is None and not each.loopback]
    encrypted = [each for each in policy.access.listeners() if each.tls is not None and not each.loopback]
    if not plain or not encrypted or not _lets_in(policy):
        return
    ports = names(dict.fromkeys(str(each.port) for each in encrypted))
    for part in exposed(policy):
        if not part.zones:
            continue
        yield Finding(
            at=statement.span,
            message=f"{part.words} can be transferred in the clear: this list asks for no TLS, for which the server "
            f"listens at port {ports}",
            audience=part.audience,
            severity=part.severity(RULE.severity),
            scopes=part.scopes(audit),
            fixes=(part.fix(_fix(statement, policy.port, whole=_families(encrypted) == {4, 6})),),
        )


def _lets_in(policy: TransferPolicy) -> bool:
    """Whether the list lets anybody in from another machine."""
    signers = (None, *policy.access.signers)
    return any(policy.addresses(signer, place) - LOOPBACK for signer in signers for place in _ELSEWHERE)


def _families(found: Sequence[Listener]) -> set[int]:
    return {family for each in found for family in (4, 6) if each.addresses.family(family)}


def _fix(statement: Statement, port: int | None, *, whole: bool) -> Fix:
    """Ask for TLS. `whole`: the server listens for TLS over both address families, so that nobody loses his way in."""
    title = "demand TLS, once all secondaries ask over it"
    listed = next(piece for piece in statement.pieces if isinstance(piece, Group))
    values = {"list": statement.text[listed.start : listed.end], "port": port}
    change = Change("replace", statement.span, "list", values)
    if not whole:
        why = (
            "the server listens for TLS over one address family only: check that no secondary uses the other"
        )
        return Fix(title, (change,), "display", refused=why)
    return Fix(title, (change,), "unsafe")
