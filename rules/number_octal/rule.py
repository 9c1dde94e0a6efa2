"""A number begins with a zero, so that BIND reads it as octal.

## Why it matters

`port 053` is port 43, `transfers-in 010` is 8. BIND reads most whole numbers as C does, says nothing, and starts; the
server then listens where nobody asks, or keeps limits that nobody set. What it has read:

    named-checkconf -p /etc/bind/named.conf

## How to fix it

Write the number without the zeros in front:

    options { port 53; };

`named-checkconf -p named.conf` prints the number as BIND read it.

## Not reported

Numbers whose octal value is the same (`01` to `07`), and 08 and 09, which are none: named refuses those. Numbers that
BIND reads as decimal whatever stands in front: ports behind addresses (`192.0.2.1 port 053`), prefix lengths, sizes
and durations. The mode of a unix control channel (`perm 0600`), which is octal by custom.

## References

BIND 9 Administrator Reference Manual, configuration file grammar.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-704",),
    fix="unsafe",
    covers=("E18",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each whole number that means another one than it looks like."""
    if not any(f"{blank}0" in source.text for source in config.tree.sources for blank in " \t\n"):
        return
    for number in audit.references("integer"):
        text = number.name
        digits = text.lstrip("0")
        if number.statement.name == "unix":
            continue  # file modes, which everybody writes so
        # Numbers are 32 bits, 11 octal digits; what is no octal number is refused.
        if text[:1] != "0" or not 1 < len(digits) <= 11 or set(digits) - set("01234567"):
            continue
        yield Finding(
            at=number.span,
            message=f"BIND reads {text} in {number.statement.name} as octal: it is {int(digits, 8)}",
            scopes=audit.scopes([number.zone] if number.zone is not None else []),
            fixes=(
                Fix(
                    f"write {digits}",
                    (Change("replace", number.span, "number", {"number": digits}),),
                    "unsafe",
                ),
            ),
        )
