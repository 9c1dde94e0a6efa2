"""A list of parental agents has the name of a list of primaries, which newer releases refuse.

Up to BIND 9.20.4 `parental-agents` lists have names of their own. From 9.20.5 on all server lists share theirs.

## Why it matters

After the upgrade named refuses the configuration (`is duplicated: also defined at`) and does not start. Until then, whoever
reads the name cannot know which of the two lists is meant.

## How to fix it

Give one of the two another name, and change it where it is used:

    parental-agents "parents" { 198.51.100.1; };

This shows it, with the new release's own program: `named-checkconf /etc/bind/named.conf`.

## Not reported

Releases from 9.20.5 on, which refuse it themselves, and two lists of primaries by one name, which all releases refuse.

## References

BIND 9.20.5 release notes (`remote-servers`).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, shorten
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    by_release=True,
    releases="up to 9.20.4",
    fix="display",
    covers=("E11",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each list of parental agents whose name another list has too."""
    for name, definition in config.parental_agents.items():
        other = config.server_lists.get(name)
        if other is not None:
            yield Finding(
                at=definition.span,
                message=f"{shorten(definition.name)} is the name of two server lists: from BIND 9.20.5 on named does not start",
                related=(Related(other.span, "the other one"),),
                fixes=(Fix("give it another name", (), "display", {"name": f"{definition.name}-parents"}),),
            )
