"""BIND before 9.20 ignores tls in also-notify and sends the NOTIFY in the clear, to the port for TLS.

An entry with `tls` is told over plain UDP, and at port 853 unless it has a port of its own: nobody listens there for
that.

## Why it matters

The secondary hears nothing, and its copy waits for the refresh. The primary logs `notify to 192.0.2.53#853: retries
exceeded` (category notify; with 9.18 some of these lines are in category general), the secondary nothing. Where the
entry has a port on which the secondary listens for plain DNS the message arrives, but not encrypted, as it looks to be.

## How to fix it

Sign the NOTIFY, and let it go in the clear, or upgrade to BIND 9.20, which sends it over TLS:

    also-notify { 192.0.2.53 key "transfer-key"; };

A NOTIFY holds no more than the name and the serial of the zone; the transfer that follows may use TLS all the same. Then
`rndc notify a.example`, and see in the secondary's log `received notify for zone 'a.example'`.

## Not reported

BIND from 9.20 on (9.19.13 in development). With an unknown release it is for the pedantic audience. Releases up to 9.16
refuse the word: see invalid-for-release.

## References

RFC 1996 section 3; BIND 9.20.0 release notes (also-notify over TLS).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, scope
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Zone
from named_audit.policy.notify import Target, sends_over_tls

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("RFC 1996 section 3",),
    by_release=True,
    releases="9.18",
    fix="unsafe",
    covers=("D05",),
)


def check_zone(zone: Zone, audit: Audit) -> Iterator[Finding]:
    """Report each also-notify entry that asks for TLS where the release sends none."""
    release = audit.release
    if release is not None and sends_over_tls(release):
        return
    who = f"BIND {release.line}" if release is not None else "BIND before 9.20"
    for target in audit.notify(zone).targets:
        server = target.server
        if server.tls is None or target.unsent is not None:
            continue
        port = server.port or target.sent.port
        lost = "" if server.port else ", where the secondary listens for TLS only"
        yield Finding(
            at=server.entry.span,
            message=f"{who} ignores tls here: {server.address_text} is told of changes to {zone_name(zone)} in the "
            f"clear, by UDP to port {port}{lost}",
            audience="pedantic" if release is None else None,
            severity=Severity.LOW if server.port else None,
            scopes=(scope(zone),),
            fixes=(_fix(target),),
        )


def _fix(target: Target) -> Fix:
    entry = target.server.entry
    values = {"address": entry.text, "port": entry.port, "key": entry.key}
    change = Change("replace", entry.span, "entry", values)
    # A list with a name may be that of primaries too, which are asked over TLS.
    named = target.server.via is not None
    return Fix("tell it in the clear, at its port for that", (change,), "display" if named else "unsafe")
