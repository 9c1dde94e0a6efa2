"""Lines about NOTIFY and refreshes go to another channel than those about transfers.

Up to BIND 9.20.2 `refused notify from non-primary`, `refresh: failure trying primary` and `serial number (1) received
from primary ... < ours (2)` are of category general; from 9.20.3 on they are of notify and xfer-in.

## Why it matters

Who looks into the log of transfers to find out why a secondary is behind sees that nothing happened: the refused NOTIFY and
the refresh that failed stand in another file, among everything else, or in the system's log.

## How to fix it

Send general to the channel of the transfers too:

    logging {
        channel "transfers" { file "/var/log/named/transfers.log" versions 3 size 20m; print-time yes; };
        category xfer-in { "transfers"; };
        category notify { "transfers"; };
        category general { "transfers"; default_syslog; };
    };

This shows where the lines go: `rndc refresh a.example` on the secondary while its primary does not answer.

## Not reported

Releases from 9.20.3 on. Servers without secondary zones. Where xfer-in goes to no channel of its own, or general to one of
the same channels.

## References

BIND 9.20.3 release notes (log categories); BSI APP.3.6.A7.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.model.log_channels import INFO, Logging

RULE = Rule(
    severity=Severity.INFO,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-778",),
    references=("BSI APP.3.6.A7", "CIS BIND 9.11 9.2"),
    by_release=True,
    releases="up to 9.20.2",
    fix="unsafe",
    covers=("E19",),
    about=("logging",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report an xfer-in with channels of its own that general does not share."""
    if "logging" not in config.names or (audit.release is not None and audit.release.at_least(9, 20, 3)):
        return
    if not any(config.zone_type(zone) in ("secondary", "mirror", "stub") for zone in config.zones):
        return
    log = Logging(config)
    transfers, general = log.route("xfer-in"), log.route("general")
    if not transfers.own or transfers.unknown or general.unknown:
        return
    apart = [channel for channel in transfers.writers(INFO) if channel.statement is not None]
    others = general.writers(INFO)
    if not apart or not others or any(channel in others for channel in transfers.writers(INFO)):
        return
    at = transfers.statements[0]
    channels = list(dict.fromkeys([channel.name for channel in (*apart, *general.channels)]))
    values = {"channels": channels}
    own = general.statements if general.own else ()
    change = Change("replace", own[0].span, "", values) if own else Change("after", at.span, "", values)
    until = "" if audit.release is not None else " up to BIND 9.20.2"
    yield Finding(
        at=at.span,
        message=f"refused NOTIFY messages and refreshes that fail are not in {names([each.name for each in apart])}{until}: "
        f"category general goes to {names([each.name for each in others])}",
        related=tuple(Related(each.span, "category general goes here") for each in general.statements[:1]),
        fixes=(Fix("send general there too", (change,), "unsafe" if len(own) < 2 else "display"),),
    )
