"""A view has a name that BIND keeps for itself, or a class that the release serves no more.

## Why it matters

named refuses a configuration with such a fault as a whole: it does not start, and a running one keeps the old
configuration when it is told to reload.

## How to fix it

Give the view another name, and the class IN, CH or HS; without one it is IN, and the newest releases (seen in 9.21.26)
take no other:

    view "inside" {
        match-clients { localnets; };
    };

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Views of one name, and zones beside views: which one decides is not known. Those are problems and make the run
incomplete.

## References

BIND 9 Administrator Reference Manual, view statement.
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
    yield from audit.refused("invalid-view")
