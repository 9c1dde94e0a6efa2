"""A primary may make this secondary's copy of a zone as large as it likes.

No `max-records` holds for the zone, or it is 0, which means no limit.

## Why it matters

A primary that is broken, or in other hands, can fill this server's memory by one transfer, and with it take all other
zones down (CVE-2016-6170). With a limit the transfer ends with `Transfer status: too many records`, and the old copy
stays.

## How to fix it

Set a limit well above what the zones hold, for all of them:

    options {
        max-records 1000000;
    };

How many records a zone has now: `named-checkzone -f raw -D a.example FILE | wc -l` (without
`-f raw` where `masterfile-format` is text), or `rndc zonestatus a.example` (nodes).

## Not reported

Loopback primaries. Mirror zones, and the root and its sisters, whose size is known. Configurations of which a part
was not read.

## References

CVE-2016-6170; BIND 9 Administrator Reference Manual, max-records.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, Pulled
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, Span
from named_audit.lint.corrections import names, taken
from named_audit.model.config import Config
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.transfer import PUBLIC_ZONES

RULE = Rule(
    severity=Severity.LOW,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-770",),
    references=("CVE-2016-6170", "NIST SP 800-81r3 section 3.1"),
    needs_whole=True,
    fix="display",
    about=("primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the zones that are fetched without a limit, those without any statement at the head."""
    if config.unseen:
        return
    unlimited: dict[Span | None, list[Pulled]] = {}
    for pulled in audit.pulled:
        zone = pulled.zone
        local = all(LOOPBACK.holds(source.server.address, source.server.family) for source in pulled.sources)
        if local or config.zone_type(zone) == "mirror" or (zone.name and zone.canonical in PUBLIC_ZONES):
            continue
        setting = config.effective(pulled.zone, "max-records")
        if setting.statement is None:
            unlimited.setdefault(None, []).append(pulled)
        elif setting.word == "0":
            unlimited.setdefault(setting.statement.span, []).append(pulled)
    for span, found in unlimited.items():
        which = names((taken(each)[0] for each in found), most=2)
        yield Finding(
            at=span if span is not None else audit.head(),
            message=f"nothing limits how many records a primary may send for {which}: "
            + ("there is no max-records" if span is None else "max-records 0 is no limit"),
            scopes=tuple(scope for each in found for scope in each.scopes),
            fixes=(_fix(span, audit),),
        )


def _fix(span: Span | None, audit: Audit) -> Fix:
    title = "set a limit well above what the zones hold"
    if span is not None:
        return Fix(title, (Change("replace", span, "max-records", {}),), "display")
    options = audit.config.options_statement
    if options is None:
        return Fix(title, (), "display")
    return Fix(title, (Change("inside", options.span, "max-records", {}),), "display")
