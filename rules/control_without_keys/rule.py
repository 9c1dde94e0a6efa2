"""The control channel names no key, so that a file beside the configuration decides who has control.

named then takes the key in `rndc.key` in its own configuration directory, and says `configuring command channel from
'/etc/bind/rndc.key'`.

## Why it matters

What is not in the configuration is not audited with it: whose that key is, how strong it is, and who can read it. Where
named cannot read the file, it writes `couldn't install keys for command channel`, starts all the same, and takes no command.

## How to fix it

Name the key, and define it in a file that only named can read:

    include "/etc/bind/keys/rndc.key";
    controls {
        inet 127.0.0.1 port 953 allow { 127.0.0.1; } keys { "rndc-key"; };
    };

`rndc status` shows whether the key is the right one.

## Not reported

Configurations without a `controls` statement: named then opens a channel on loopback with the same file.

## References

BIND 9 Administrator Reference Manual, `controls` block; NIST SP 800-53 IA-5.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.model.config import Config
from named_audit.policy.channels import control_channels

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-1188",),
    references=("NIST SP 800-53 IA-5",),
    fix="display",
    covers=("E04",),
    about=("controls",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each control channel without keys."""
    for channel in control_channels(config, audit.lists):
        if not channel.keys:
            address = "::1" if ":" in channel.address else "127.0.0.1"
            values = {"address": address, "port": channel.port}
            yield Finding(
                at=channel.statement.span,
                message="this control channel names no key: whoever can read named's rndc.key file controls the server",
                fixes=(Fix("name the key", (), "display", values),),
            )
