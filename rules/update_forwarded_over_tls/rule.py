"""Updates are to be forwarded to a primary that is asked over TLS, which BIND 9.18 cannot do.

## Why it matters

The client gets SERVFAIL, and the update is lost. named logs `could not forward dynamic update to 192.0.2.1#853: end
of file`.

## How to fix it

Send updates to the primary itself, and forward nothing:

    allow-update-forwarding { none; };

or list the primary a second time without `tls`, if its updates may travel in the clear (signed with a key).

`nsupdate` with the secondary as its `server` shows it: such an update ends in SERVFAIL.

## Not reported

Zones with any primary that is asked without TLS. Releases from 9.20 on. With an unknown release, it is for the
pedantic audience.

## References

BIND 9.18.8 release notes.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.lint.corrections import zone_name
from named_audit.model.config import Config
from named_audit.policy.reach import LOCALITIES

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    references=("BIND 9.18.8 release notes",),
    by_release=True,
    releases="9.18",
    fix="display",
    covers=("C20",),
    about=("allow-update-forwarding",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each forwarding that can reach primaries over TLS only."""
    release = audit.release
    if "allow-update-forwarding" not in config.names or (release is not None and release.line != "9.18"):
        return
    for pulled in audit.pulled:
        zone = pulled.zone
        statement = config.effective(zone, "allow-update-forwarding").statement
        if statement is None or config.zone_type(zone) not in ("secondary", "mirror"):
            continue
        acl = audit.lists.acl(statement)
        admits = any(acl.addresses(signer, place) for signer in (None, *acl.signers) for place in LOCALITIES)
        if not admits or any(
            source.request.transport != "tls" for source in pulled.sources if not source.skipped
        ):
            continue
        yield Finding(
            at=statement.span,
            message=f"BIND 9.18 cannot forward updates of {zone_name(zone) if zone.name else 'catalog members'} over TLS: the client gets "
            "SERVFAIL",
            audience="pedantic" if release is None else None,
            severity=Severity.LOW if release is None else None,
            scopes=pulled.scopes,
            fixes=(Fix("forward nothing", (Change("replace", statement.span, "list", {}),), "display"),),
        )
