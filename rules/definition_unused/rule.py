"""Nothing uses this acl, server list, tls block or template.

named reads a definition and looks into it only where a statement uses it: a name that leads nowhere, or back to the list
itself, is no error there.

## Why it matters

Dead definitions mislead whoever reads or edits the file: an address is put into the acl of the secondaries, and nothing
happens. The day somebody uses the definition, an error that has slept in it keeps the server from starting.

## How to fix it

Take it out, or use it where it was meant:

    acl "secondaries" { 192.0.2.53; 2001:db8::53; };
    options { allow-transfer { "secondaries"; }; };

This shows whether anything uses a name: `named-checkconf -px | grep -w secondaries`.

## Not reported

Configurations of which a part was not read, fragments, and those with `allow-new-zones`: zones that rndc adds may use it.
Names that stand somewhere in the block of a plugin or driver. Definitions that only unused ones use are reported too. Keys
are for key-unused.

## References

BIND 9 Administrator Reference Manual, `acl`, `remote-servers` and `tls` blocks.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import names
from named_audit.model.config import Config, Definition
from named_audit.model.names import BUILT_IN_ACLS
from named_audit.syntax.words import fold

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-1164",),
    references=("BIND 9 Administrator Reference Manual",),
    needs_whole=True,
    fix="unsafe",
    covers=("E17",),
)

_KINDS = ("acl", "server list", "tls", "template")
_RAW = frozenset({"plugin", "dyndb", "dlz"})


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each definition that no statement uses, directly or through others."""
    defined = [each for each in config.definitions if each.kind in _KINDS]
    if not defined or config.unseen or any(each.kind == "new-zones" for each in audit.runtime):
        return
    raw = _raw_text(config, audit)
    for kind in dict.fromkeys(each.kind for each in defined):
        used, inside = _uses(kind, config, audit, raw)
        for each in defined:
            if each.kind == kind and fold(each.name) not in used:
                yield _finding(each, inside.get(id(each.statement), []), config)


def _raw_text(config: Config, audit: Audit) -> str:
    """What drivers and plugins get as it stands, in lower case: filter-aaaa takes acls by name."""
    if not config.names & _RAW:
        return ""
    return "\n".join(fold(each.text) for each in audit.statements() if each.name in _RAW)


def _uses(kind: str, config: Config, audit: Audit, raw: str) -> tuple[set[str], dict[int, list[str]]]:
    """The names that statements use, directly or through lists, and those that each list names, by its statement."""
    if kind == "template":
        return {fold(name) for zone in config.zones if (name := zone.template) is not None}, {}
    used: set[str] = set()
    inside: dict[int, list[str]] = {
        id(each.statement): [] for each in config.definitions if each.kind == kind
    }
    for reference in audit.references(kind):
        named = inside.get(id(reference.statement))
        if named is not None:
            named.append(reference.name)
        else:
            used.add(fold(reference.name))
    lists = {fold(each.name): id(each.statement) for each in config.definitions if each.kind == kind}
    used |= {name for name in lists if raw and name in raw}
    waiting = list(used)
    while waiting:
        for name in inside.get(lists.get(waiting.pop(), 0), []):
            if fold(name) not in used:
                used.add(fold(name))
                waiting.append(fold(name))
    return used, inside


def _finding(definition: Definition, named: list[str], config: Config) -> Finding:
    kind, name = definition.kind, definition.name
    known = {fold(each.name) for each in config.definitions if each.kind == kind}
    if kind == "acl":
        known |= BUILT_IN_ACLS
    lost = [each for each in dict.fromkeys(named) if fold(each) not in known]
    more = ""
    if fold(name) in {fold(each) for each in named}:
        more = ", and it names itself: whoever uses it gets an error"
    elif lost:
        more = f", and it names {names(lost)}, which nothing defines: whoever uses it gets an error"
    change = Change("delete", definition.statement.span, "", {})
    return Finding(
        at=definition.span,
        message=f"nothing uses {kind} {shorten(name)}{more}",
        fixes=(Fix("take it out", (change,), "unsafe"),),
    )
