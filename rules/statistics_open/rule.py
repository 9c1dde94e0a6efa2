"""Other machines can read the server's statistics over HTTP.

`statistics-channels` asks for no password and no key. Without an `allow` list BIND admits everybody.

## Why it matters

The page names every zone with its type and serial number, those of internal views too, and from BIND 9.20 on the transfers
that are running, with the peers. That is what somebody wants to know who looks for zones to transfer. named writes nothing
about who reads it.

## How to fix it

Listen on loopback, and let a collector on the server fetch it:

    statistics-channels {
        inet 127.0.0.1 port 8053 allow { 127.0.0.1; };
    };

This shows it, from another machine: `curl http://SERVER:8053/json/v1/zones`.

## Not reported

Channels on loopback addresses: see statistics-over-http. Those for single networks or hosts (a monitoring server) are for
the auditor audience. Zones with `zone-statistics none`, which the page does not name; where all have it, the
severity is low.

## References

BIND 9 Administrator Reference Manual, `statistics-channels` block; CIS BIND 9.11 9.4.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.model.config import Config
from named_audit.policy.channels import Channel, statistics_channels

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-200", "CWE-306"),
    references=("CIS BIND 9.11 9.4",),
    fix="unsafe",
    covers=("E06",),
    about=("statistics-channels",),
)

_NONE = frozenset({"none", "no", "false", "0"})


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each statistics channel that another machine can connect to."""
    shown = _shown(config, audit)
    for channel in statistics_channels(config, audit.lists):
        if not channel.others and not channel.on_link:
            continue
        yield Finding(
            at=channel.statement.span,
            message=_message(channel, shown),
            severity=(None if shown is not None else Severity.LOW) if channel.open else Severity.INFO,
            audience=None if channel.open else "auditor",
            fixes=(_fix(channel),),
        )


def _shown(config: Config, audit: Audit) -> str | None:
    """The zones that the channel names, in a sentence: not those with `zone-statistics none`. None where it names none."""
    named = [
        (config.effective(zone, "zone-statistics").argument or "").lower() not in _NONE
        for zone in config.zones
    ]
    if all(named):
        return "all zones"
    return "zones" if any(named) or audit.runtime or config.unseen else None


def _message(channel: Channel, shown: str | None) -> str:
    why = "" if channel.allowed else ": without an allow list everybody is let in"
    what = (
        f"the names and serial numbers of {shown}"
        if shown is not None
        else "the server's version and counters"
    )
    return f"{channel.words} can read {what} over HTTP{why}"


def _fix(channel: Channel) -> Fix:
    values = {"address": "::1" if ":" in channel.address else "127.0.0.1", "port": channel.port}
    change = Change("replace", channel.statement.span, "inet", values)
    return Fix("listen on loopback only", (change,), "unsafe" if channel.open else "display")
