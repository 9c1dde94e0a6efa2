"""A statement names something that no statement defines, or a list that contains itself.

## Why it matters

named refuses the configuration as a whole: it does not start, and a running one keeps the old configuration when it is
told to reload. One misspelt name in one zone is enough, and so is an acl that names itself.

## How to fix it

Spell the name as its definition does, or define it. acl, tls and list statements stand at the top level, never in a
view; upper and lower case do not matter:

    acl "secondaries" { 192.0.2.53; 2001:db8::53; };
    options { allow-notify { secondaries; }; };

An address with leading zeros (`192.168.001.1`), in quotes, or a host name is the name of an acl. In `controls`, keys are
compared letter by letter: `key.` is not `key`.

`named-checkconf named.conf` shows it: it refuses the file at this line.

## Not reported

Anything that was not read may hold the definition: fragments, and configurations of which a part is missing, are not
judged. Lists that decide who may transfer a zone: a name that leads nowhere there is a problem, which cannot be ignored,
because what stands behind it cannot be judged. What nobody uses: named looks a name up when a zone, a view or the server
uses the list in which it stands; what only named itself refuses is invalid-at-start. Keys in address match lists, and in
server lists before BIND 9.20.17: named takes them in silence, see key-undefined.

## References

BIND 9 Administrator Reference Manual, address match lists, primaries and tls statements; BIND 9.20.17 release notes.
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
    covers=("B12",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report what the model found."""
    yield from audit.refused("invalid-reference")
