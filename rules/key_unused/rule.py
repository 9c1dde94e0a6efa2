"""A key is defined that nothing names.

No address match list, `server` block, server list, `controls` or `update-policy` uses it.

## Why it matters

It is a credential that nobody watches: often of a provider that has left, or one that a rename left behind. Whoever
still holds it can sign requests that this server verifies; the day a list names it again, they are in. Or the list
that should name it does not, and the peer is refused although it signs: `zone transfer 'a.example/AXFR/IN' denied`.

## How to fix it

Name it where it was meant to be used, or take the statement out, here and at the peer. Which keys are loaded:

    rndc tsig-list

## Not reported

Configurations of which a part was not read, that bring in zones at run time (`catalog-zones`, `allow-new-zones`, `dlz`),
or that load drivers (`dyndb`, `plugin`): the key may be named there. Keys that an acl names which nobody uses. Keys
whose name an identity in `update-policy` covers with a wildcard. A key by which clients only ask for signed answers
looks unused: ignore this rule at its statement, with the reason.

## References

NIST SP 800-57 part 1 section 8.4 (destroyed when no longer needed), RFC 8945 section 10.
"""

from collections.abc import Iterator, Mapping

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config
from named_audit.model.names import canonical
from named_audit.policy.updates import update_rules
from named_audit.syntax.tree import Statement

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-1164",),
    references=("NIST SP 800-57 part 1",),
    needs_whole=True,
    fix="display",
    covers=("B10",),
    about=("key",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each key that nothing in the whole configuration names."""
    if config.unseen or audit.runtime or config.names & {"dyndb", "plugin"}:
        return
    keys = list(config.all_keys)
    if not keys:
        return
    used = {canonical(reference.name) for reference in audit.references("key")}
    identities = {identity for zone in config.zones for identity in _identities(zone.level.statements)}
    for template in config.templates.values():
        identities.update(_identities(template.statements))
    for key in keys:
        name = key.canonical
        if name not in used and not any(_covers(identity, name) for identity in identities):
            yield Finding(
                at=key.name_span,
                message=f"key {shorten(key.name)} is named by nothing here: it opens no list and signs no request, "
                "yet what is signed with it is verified",
                fixes=(
                    Fix(
                        "take it out, here and at the peer, if nobody needs it",
                        (),
                        "display",
                        _values(key.name),
                    ),
                ),
            )


def _values(name: str) -> dict[str, str]:
    return {"key": name}


def _identities(statements: Mapping[str, Statement]) -> Iterator[str]:
    """The identities of an update-policy, `grant IDENTITY zonesub ANY`, in lower case."""
    statement = statements.get("update-policy")
    for rule in update_rules(statement) if statement is not None else ():
        yield canonical(rule.identity.value)


def _covers(identity: str, name: str) -> bool:
    """Whether a signer of this name may be meant; a wildcard stands for one label or more."""
    if identity.startswith("*"):
        return identity in ("*", "*.") or name.endswith(identity[1:])
    return identity == name
