"""One key name stands for different keys in different views.

## Why it matters

The name is all that a request says about its key; which key it is verified with depends on the view that is tried
first. Who signs with the other one is refused there (`tsig verify failure (BADSIG)`), before any later view is looked
at, and the log names a key that looks right. A key that is replaced in one view stays in the other.

## How to fix it

Give each key a name of its own, here and at the peer:

    key "int-transfer" { algorithm hmac-sha256; secret "..."; };

Which keys each view has:

    rndc tsig-list

## Not reported

The same algorithm and secret in several views. The same name at the top and in a view, or twice in one: named refuses
that, see invalid-key. Secrets that the input hides as `?` count as the same.

## References

RFC 8945 section 4.2 (a name is to be unique between the two hosts).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, shorten
from named_audit.model.config import Config, Key

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-694",),
    references=("RFC 8945 section 4.2",),
    fix="display",
    covers=("B11",),
    about=("key",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each key of a view whose name stands for another key in an earlier view."""
    first: dict[str, Key] = {}
    for view in config.views:
        for key in view.keys:
            known = first.setdefault(key.canonical, key)
            if known.view == key.view or _identity(known) == _identity(key):
                continue
            yield Finding(
                at=key.name_span,
                message=f"key {shorten(key.name)} is another one here than in view {shorten(known.view or '')}: who signs "
                "with the wrong one for the view that is tried first is refused (BADSIG)",
                related=(Related(known.name_span, f"the key in view {shorten(known.view or '')}"),),
                fixes=(Fix("give it a name of its own", (), "display", {}),),
            )


def _identity(key: Key) -> tuple[str, str]:
    return (key.algorithm or "").lower(), "".join((key.secret or "").split())
