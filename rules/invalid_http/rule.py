"""DNS over HTTPS is set up with an endpoint, a name or a listener that named refuses.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

An endpoint is an absolute path without a query: `/dns-query`. A listener with `http` also says `tls` and the name of a
`tls` statement, or `tls none` where a proxy does the encryption. `default` is BIND's own, and needs no definition.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Listeners whose `http` statement may stand in a part that was not read.

## References

RFC 8484 section 4.1; RFC 3986 section 3.3; BIND 9 Administrator Reference Manual, `http` block.
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
    yield from audit.refused("invalid-http")
