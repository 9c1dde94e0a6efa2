"""Other machines can connect to the control channel.

`controls` listens on an address that other machines reach, and its `allow` list admits them. It knows addresses only: keys
in it match nobody.

## Why it matters

Whoever has the key of the channel can stop the server, have it load another configuration, add and change zones. The key
is then all that protects it, from everywhere, and no limit stops who tries keys. What goes over the channel is signed but
not encrypted. named writes `invalid command from 198.51.100.7#4711: bad auth` for a wrong key, and nothing for a right one
but the command.

## How to fix it

Listen on loopback, and use `rndc` on the server itself, or over ssh:

    controls {
        inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc-key"; };
    };

This shows it, from another machine: `rndc -s SERVER status` must fail with `connection refused`.

## Not reported

Channels on loopback addresses, whatever their list says, and lists that admit the server's own addresses only. Where single
networks or hosts may connect, it is for the pedantic audience: that may be a management host. Weak and shared keys are for
key-weak-algorithm, key-weak-secret and key-shared; Unix sockets for invalid-at-start and invalid-control.

## References

BIND 9 Administrator Reference Manual, `controls` block; NIST SP 800-53 AC-4.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.policy.addresses import PRIVATE
from named_audit.policy.channels import Channel, control_channels

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-668", "CWE-749"),
    references=("NIST SP 800-53 AC-4",),
    fix="unsafe",
    covers=("E04",),
    about=("controls",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each control channel that another machine can connect to."""
    channels = tuple(control_channels(config, audit.lists))
    for channel in channels:
        if not channel.others and not channel.on_link:
            continue
        severity = Severity.HIGH if channel.open else Severity.MEDIUM
        if not channel.open and channel.others <= PRIVATE:
            severity = Severity.LOW
        if channel.read_only:
            severity = min(severity, Severity.MEDIUM)
        yield Finding(
            at=channel.statement.span,
            message=f"{channel.words} can connect to the control channel{_proof(channel)}",
            severity=severity,
            audience=None if channel.open else "pedantic",
            fixes=(_fix(channel, channels),),
        )


def _proof(channel: Channel) -> str:
    does = "read the server's state" if channel.read_only else "stop the server or have it load other zones"
    if not channel.keys:
        return f": the key in named's rndc.key file is all that is asked for to {does}"
    key = (
        f"key {shorten(channel.keys[0])}"
        if len(channel.keys) == 1
        else f"one of the keys {names(channel.keys)}"
    )
    return f": {key} is all that is asked for to {does}"


def _fix(channel: Channel, channels: tuple[Channel, ...]) -> Fix:
    loopback = "::1" if ":" in channel.address else "127.0.0.1"
    values = {
        "address": loopback,
        "port": channel.port,
        "keys": channel.keys or (),
        "read_only": channel.read_only,
    }
    change = Change("replace", channel.statement.span, "inet", values)
    beside = any(other.loopback and (":" in other.address) == (":" in loopback) for other in channels)
    several = sum(not other.loopback for other in channels) > 1
    applied = channel.open and not beside and not several
    return Fix("listen on loopback only", (change,), "unsafe" if applied else "display")
