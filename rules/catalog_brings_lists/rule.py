"""The catalog zone may open its members to addresses that this configuration does not name.

A catalog zone can carry a list of addresses for all its members or for one of them (`allow-transfer.ext`, an APL record).
It holds in place of the allow-transfer of the view or of the options, `none` included.

## Why it matters

Whoever writes the catalog decides who may transfer the members from this server, and can let in addresses only: an APL
record knows no keys. Nothing in this file shows it; the log says `catz: adding zone 'a.example' from catalog ...` and no
word of the list.

## How to fix it

Look at the catalog, on this server or its primary:

    dig -k transfer-key.conf @server catalog.example AXFR | grep APL

and let whoever writes it take these records out: the list of this server then decides, and can ask for a key.

    options {
        allow-transfer { key "transfer-key"; };
    };

## Not reported

What the catalog really says: on a server that transfers it, it is in raw format or in memory only. Members that the list
of the view or the options opens to anyone (transfer-open, transfer-open-by-default).

## References

BIND 9 Administrator Reference Manual, catalog zones; RFC 9432.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, shorten
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    references=("RFC 9432", "STIG V-272398"),
    fix="display",
    covers=("A36",),
    about=("catalog-zones",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each catalog zone whose members this configuration closes."""
    for each in audit.runtime:
        if each.kind != "catalog" or each.access.open_families:
            continue
        decides = each.setting.statement
        ours = "the list that stands here" if decides is not None else "the default of BIND"
        yield Finding(
            at=each.span,
            message=f"catalog zone {shorten(each.name or '')} may bring lists of addresses for its members, which hold in place "
            f"of {ours}, without a key",
            related=(Related(decides.span, "holds where it brings none"),) if decides is not None else (),
            fixes=(Fix("keep lists out of the catalog, and say here who may transfer", (), "display"),),
        )
