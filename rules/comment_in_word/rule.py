"""A comment begins in the middle of what looks like one word.

BIND begins a comment at every `#` and `//` outside quotes, also without a blank before it: `192.0.2.1#5353` is the
address, and the rest of the line is not read.

## Why it matters

What stands behind it is lost without a word: a port in the form that `dig` and the log use, the end of a path, or the
`;` and everything else up to the end of the line, so that the statement goes on in the next one.

## How to fix it

Quote what is to be one word, and write ports as BIND does; put a blank in front of a comment:

    also-notify { 192.0.2.1 port 5353; };

What BIND has read:

    named-checkconf -p /etc/bind/named.conf

## Not reported

Comments behind `;`, `{`, `}`, a quote or a blank, and those that begin with a blank (`none# comment`). Block comments.
What a driver reads itself (`dyndb`, `plugin`).

## References

BIND 9 Administrator Reference Manual, comment syntax.
"""

import re
from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, Span
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-116",),
    fix="display",
    covers=("E18",),
)

_GLUED = r'[^ \t\r\n{};"!/#](?:#|//)[^ \t\r\n#/]'
_TOKEN = r'"(?:\\.|[^"\\]++)*+"|/\*(?:\*(?!/)|[^*]++)*+\*/|([^ \t\r\n{};"!/#]++)?((?:#|//)[^\n]*+)'


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each comment that directly follows a bare word and goes on without a blank."""
    if config.names & {"dyndb", "plugin"}:
        return
    for source in config.tree.sources:
        if re.search(_GLUED, source.text) is None:
            continue
        for found in re.finditer(_TOKEN, source.text, re.DOTALL):
            if found[1] and re.match(r"(?:#|//)[^ \t\r\n#/]", found[2]):
                kind = found[2][: 1 if found[2].startswith("#") else 2]
                yield Finding(
                    at=Span(source, found.start(1), found.end(1) + len(found[2].rstrip())),
                    message=f"{kind} begins a comment here, in mid-word: BIND reads nothing from it to the end of the line",
                    fixes=(Fix("put a blank before the comment, or quote the word", (), "display"),),
                )
