"""A zone is signed by a policy that is not defined, or a policy has a name that is taken.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Define the policy, or name one of those that named has itself: `default`, `insecure` or `none`. Names of policies are
told apart by case.

    dnssec-policy "ours" {
        keys { csk lifetime unlimited algorithm ecdsa256; };
    };

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

What stands inside of a policy: `named-checkconf` of the server's release checks that. Policies that no zone uses. In a
configuration with views nobody looks whether names of policies are taken.

## References

BIND 9 Administrator Reference Manual, dnssec-policy statement.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-dnssec-policy")
