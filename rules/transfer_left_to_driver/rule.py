"""Whether the zones of a dlz driver may be transferred is up to the driver.

BIND asks the driver first. Only where the driver leaves it to BIND, or has no say in it, does the allow-transfer of the view
or of the options decide.

## Why it matters

`allow-transfer { none; }` looks as if it closed these zones, and the driver may serve them to anyone all the same, by rules
that stand in a database or in its code. No line of this configuration shows it.

## How to fix it

Let the driver refuse (its hook for transfers, `dlz_allowzonexfr`, answers that the client has no permission) or leave the
matter to BIND, and say here who may transfer:

    options {
        allow-transfer { key "transfer-key"; };
    };

and try it for a zone of the driver, with and without the key: `dig @server a.example AXFR`.

## Not reported

What the driver decides: it is not in the file. That the list of BIND is open to anyone, for drivers that ask it, is said by
transfer-open and transfer-open-by-default. Drivers beside views, which serve nobody.

## References

BIND 9 Administrator Reference Manual, dynamically loadable zones; CVE-2019-6465.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import View

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    references=("CVE-2019-6465", "STIG V-207591", "STIG V-272434"),
    fix="display",
    covers=("A43",),
)


def check_view(view: View, audit: Audit) -> Iterator[Finding]:
    """Report each driver whose zones the view serves."""
    for driver in view.drivers:
        head = driver.head
        name = head[1].value if len(head) > 1 else ""
        list_ = audit.config.view_setting(view, "allow-transfer").statement
        said = "the allow-transfer that stands here" if list_ is not None else "BIND's own default"
        yield Finding(
            at=driver.name_span,
            message=f"the driver of dlz {shorten(name)} decides who may transfer its zones; {said} holds only where it asks BIND",
            fixes=(Fix("let the driver refuse, or leave it to a list", (), "display"),),
        )
