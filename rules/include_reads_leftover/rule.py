"""An include with a pattern reads a file that an editor or a package manager left behind.

## Why it matters

The old copy of a file is in force beside the new one. At best named refuses what is now defined twice; else an old
key, an old list of secondaries or a zone that was taken out stays alive, and nobody looks at that file.

## How to fix it

End the pattern with the suffix that only real files have, and move the copy elsewhere:

    include "/etc/bind/zones/*.conf";

What is in force:

    named-checkconf -px /etc/bind/named.conf

## Not reported

Copies that no include reads: see file-secret-readable. Copies that are named in full, which somebody meant.

## References

CWE-530; BIND 9 Administrator Reference Manual, include statement.
"""

import re
from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-530",),
    by_release=True,
    releases="from 9.17",
    fix="display",
    covers=("E13",),
)

_LEFT = (
    r"(?i:.*~|#.*#|.*\.(?:bak|bkp|backup|old|orig|save|saved|swp|tmp|rpmsave|rpmnew|rpmorig|dpkg-(?:old|dist|new|tmp|bak)"
    r"|ucf-(?:old|dist|new))(?:\.?[0-9]+)?)"
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each include whose pattern matched such a file."""
    for inclusion in config.tree.inclusions:
        if not set("*?[") & set(inclusion.path):
            continue
        names = [source.path.rpartition("/")[2] for source in inclusion.sources]
        left = [name for name in names if re.fullmatch(_LEFT, name)]
        if not left or re.fullmatch(_LEFT, inclusion.path.rpartition("/")[2]):
            continue
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        folder = inclusion.path.rpartition("/")[0]
        values = {"path": f"{folder}/*.conf" if folder else "*.conf"}
        yield Finding(
            at=inclusion.statement.span,
            message=f"BIND reads {shorten(left[0], 80)}{more} too, which looks like a copy that was left behind: what "
            "it says is in force",
            fixes=(
                Fix(
                    "match only the files that are meant",
                    (Change("replace", inclusion.statement.span, "include", values),),
                    "display",
                ),
            ),
        )
