"""A secret stands in the main configuration file.

## Why it matters

Everybody who may look after zones reads that file; it is pasted into tickets, copied to other machines and kept in
version control, and the secret goes along. A file that holds nothing but keys can be readable by named alone.

## How to fix it

Move the statement into a file of its own and include it:

    install -m 0640 -o root -g bind /dev/null /etc/bind/keys/transfer-key.key
    include "/etc/bind/keys/transfer-key.key";

To show a configuration to others: `named-checkconf -px`, which hides the secrets.

## Not reported

Secrets that the input hides as `?`, input from a pipe (`named-checkconf -p` has all in one piece), and fragments: they
are what the main file includes.

## References

NIST SP 800-81-2 (keys in files of their own), CIS BIND 9.11 benchmark 4.2.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Key

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-260",),
    references=("CIS BIND 9.11 4.2", "NIST SP 800-81-2"),
    fix="display",
    covers=("B14",),
    about=("key",),
)


def check_key(key: Key, audit: Audit) -> Iterator[Finding]:
    """Report a key whose secret the root itself holds."""
    root = audit.config.tree.root
    if audit.fragment or key.hidden or not key.secret or root.path.startswith(("-", "/dev/", "/proc/")):
        return
    if key.secret_statement is not None and key.secret_statement.source is root:
        yield Finding(
            at=key.name_span,
            message=f"the secret of key {shorten(key.name)} stands in the main file: whoever reads the file has the key",
            fixes=(Fix("keep it in a file that only named reads", (), "display"),),
        )
