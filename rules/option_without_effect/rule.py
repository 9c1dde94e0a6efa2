"""BIND reads this setting and does nothing with it, because of something else in the configuration.

- `max-zone-ttl` for a zone that a dnssec-policy signs: the policy's own `max-zone-ttl` counts;
- `max-ixfr-ratio` above 100 %: no difference is ever that big, so it is as if it were `unlimited`;
- `recursion` (which is on unless it is turned off) in a view of another class than IN;
- `dscp` in front of a list, in BIND 9.18, which sets no code points and says nothing of it.

## Why it matters

Whoever reads the file believes in a setting that is none. named-checkconf warns of the first three and not of the last,
which BIND 9.20 refuses.

## How to fix it

Take it out, or write what is meant where it counts:

    dnssec-policy "signed" { max-zone-ttl 1d; };
    view "chaos" ch { recursion no; };

`named-checkconf -p named.conf` prints what is in force, with the levels on which it stands.

## Not reported

A `max-zone-ttl` beside a policy in BIND 9.20 and newer, which refuse that: `invalid-for-release`. Statements that a
release drops altogether: `release-ignored`. An `also-notify` beside `notify no`: `notify-nobody`.

## References

BIND 9 Administrator Reference Manual (max-zone-ttl, max-ixfr-ratio, recursion).
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Related, Rule, Severity
from named_audit.lint.replacing import without
from named_audit.model.arguments import outdated_arguments
from named_audit.model.checks.releases import void_zone_ttls
from named_audit.model.config import Config, View
from named_audit.syntax.tree import Statement
from named_audit.syntax.words import Word, fold

RULE = Rule(
    severity=Severity.LOW,
    audience="regular",
    since="0.1.0",
    references=("BIND 9 Administrator Reference Manual",),
    by_release=True,
    fix="safe",
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each setting that is void."""
    for statement, argument in outdated_arguments(config):
        if argument.standing == "ignored":
            span = statement.locate(argument.start, argument.end)
            fixes = without(statement, argument, audit)
            yield Finding(at=span, message=argument.message, audience="pedantic", fixes=fixes)
    if audit.release is not None and not audit.release.at_least(9, 16):
        return
    names = config.names
    if "max-ixfr-ratio" in names:
        for statement in audit.statements():
            if statement.name == "max-ixfr-ratio":
                yield from _ratio(statement)
    if "max-zone-ttl" in names and (audit.release is None or not audit.release.at_least(9, 20)):
        yield from _zone_ttls(config)
    if not config.unseen:
        # What was not read may turn it off.
        for view in config.views:
            yield from _recursion(view, config)


def _ratio(statement: Statement) -> Iterator[Finding]:
    pieces = statement.pieces
    word = pieces[1] if len(pieces) > 1 else None
    if not isinstance(word, Word) or not word.value.endswith("%"):
        return
    digits = word.value[:-1].lstrip("0")
    if digits.isascii() and digits.isdigit() and (len(digits) > 3 or int(digits) > 100):
        span = statement.locate(word.start, word.end)
        change = Change("replace", span, "word", {"word": "unlimited"})
        yield Finding(
            at=span,
            message="max-ixfr-ratio above 100 % is as good as unlimited",
            fixes=(Fix("say so", (change,), "safe"),),
        )


def _zone_ttls(config: Config) -> Iterator[Finding]:
    for ttl, policy in void_zone_ttls(config):
        yield Finding(
            at=ttl.name_span,
            message="max-zone-ttl has no effect where a dnssec-policy signs the zone: that of the policy counts",
            related=(Related(policy.name_span, "the policy"),),
        )


def _recursion(view: View, config: Config) -> Iterator[Finding]:
    if view.statement is None or fold(view.class_) == "in":
        return
    if config.view_setting(view, "recursion").word in ("no", "false", "0"):
        return
    yield Finding(
        at=view.statement.name_span,
        message="recursion is on for this view, and has no effect in a class other than IN",
    )
