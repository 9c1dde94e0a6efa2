"""named-checkconf refuses the configuration.

## Why it matters

named runs the same checks: it does not start, and a running one keeps the old configuration when it is told to reload.
What named-audit finds by itself it says itself, with what it knows of it; this is what named-checkconf alone says.

## How to fix it

The message is BIND's own. Its words are explained in the Administrator Reference Manual of that release.

    zone "example.org" { type primary; file "example.org"; dnssec-policy default; inline-signing yes; };

`named-checkconf named.conf` says nothing more when it is mended.

## Not reported

Without `--checkconf`, nothing: named-checkconf only runs where it is asked for. What a finding `invalid-...` or a
problem of named-audit on the same line says already, unless it is ignored there. Of a copy (a checkout, a pipe),
whether the directories it names exist. What may be defined in files that the settings declare external. What one of
another release line says than the one that is judged for: see `release-checkconf`. Fragments: alone they would be
refused.

## References

named-checkconf(8).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Rule, Severity
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    references=("named-checkconf(8)",),
    by_release=True,
    needs_checkconf=True,
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the errors of the named-checkconfs that were asked."""
    yield from audit.checkconf(errors=True)
