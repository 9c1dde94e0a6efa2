"""The contract between a rule and the engine: what a rule folder declares and what its check yields.

A rule's `rule.py` has a docstring (the manual page), a `RULE` and one function whose name says what it judges:

    check_config(audit)              once per root
    check_view(view, audit)          once per view (the default view included)
    check_zone(zone, audit)          once per zone
    check_policy(policy, audit)      once per distinct transfer policy, with the zones that share it
    check_key(key, audit)            once per key statement
    check_statement(statement, audit)  once per statement, wherever it stands

Each yields `Finding`s. `audit` (see `named_audit.lint.audit`) answers every question about the root.
"""

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Related, Span

if TYPE_CHECKING:
    from named_audit.policy.difference import RootDifference

__all__ = [
    "AUDIENCES",
    "CHECKS",
    "Audience",
    "Change",
    "Edit",
    "Finding",
    "Fix",
    "Grade",
    "Problem",
    "Related",
    "RenderedFix",
    "Rule",
    "Scope",
    "Severity",
    "Span",
    "shorten",
]

Audience: TypeAlias = Literal["regular", "pedantic", "auditor"]
AUDIENCES: tuple[Audience, ...] = ("regular", "pedantic", "auditor")
"""Each audience also sees what those before it see."""

Grade: TypeAlias = Literal["safe", "unsafe", "display"]

CHECKS = ("check_config", "check_view", "check_zone", "check_policy", "check_key", "check_statement")


class Severity(enum.IntEnum):
    """How bad it is. The order counts: `--fail-on` and exposure compare severities."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """The lower-case word for people and formats."""
        return self.name.lower()


class Rule(NamedTuple):
    """What a rule says about itself. `severity` is the most a finding may have."""

    severity: Severity
    audience: Audience
    since: str
    aliases: tuple[str, ...] = ()
    cwe: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    needs_whole: bool = False
    """The rule argues from absence, so it stays quiet where something was not seen and in fragments."""
    by_release: bool = False
    """What it finds for one BIND release it may not find for another."""
    releases: str = ""
    """The releases for which it can find anything, as people say it: "up to 9.18"; empty for all."""
    fix: Grade | None = None
    """The highest grade of its corrections, or None where it has none; the examples show it."""
    about: tuple[str, ...] = ()
    """Statements of which at least one must stand somewhere for the rule to find anything; empty: none must. A built-in
    rule is not even loaded without them (`rules/about.json`, generated)."""
    covers: tuple[str, ...] = ()
    """The numbers of the ways to go wrong that it covers, see COVERAGE.md."""
    needs_checkconf: bool = False
    """It reports what a named-checkconf says (`Audit.checkconf`), and runs only where one was asked for."""


class Scope(NamedTuple):
    """A zone (with its view, if any) that a finding is about."""

    zone: str
    view: str | None


class Change(NamedTuple):
    """One edit of a correction, before rendering: `fix.conf.j2` renders `part` with `values` for this place.

    `how` is "replace" (the span), "after" (new statement on a line of its own behind the statement at the span),
    "inside" (new first statement in the block of the statement at the span) or "delete" (the statement with its line).
    """

    how: Literal["replace", "after", "inside", "delete"]
    span: Span
    part: str
    values: Mapping[str, Any]


class Fix(NamedTuple):
    """One correction that a finding offers.

    `grade` is the highest that the rule allows; the engine lowers it to "display" where applying would break
    something, and never raises it.
    """

    title: str
    changes: tuple[Change, ...]
    grade: Grade
    values: Mapping[str, Any] = {}
    """What the snippet alone needs; `fix.conf.j2` renders `part = "snippet"` with it when there are no changes."""
    shows: Span | None = None
    """A statement of which the changes edit parts: the snippet is then all of it, corrected."""
    admits: tuple[str, ...] | None = ()
    """The keys (canonical) that it lets in and the list did not. Whatever else it would let in refuses it.
    None: it gives back a meaning that the text never had, so that nothing can be compared."""
    refused: str | None = None
    """Why it is for display only, where the rule found that out."""


class Finding(NamedTuple):
    """What a rule yields. `at` is the deciding span: one finding per rule and span."""

    at: Span
    message: str
    severity: Severity | None = None
    """Lower than the rule's own, by exposure; None for the rule's own."""
    audience: Audience | None = None
    """Narrower than the rule's own; None for the rule's own."""
    related: tuple[Related, ...] = ()
    scopes: tuple[Scope, ...] = ()
    fixes: tuple[Fix, ...] = ()


class Edit(NamedTuple):
    """Replace a span by a text. An insertion has an empty span."""

    span: Span
    text: str


class RenderedFix(NamedTuple):
    """A correction as text. `refused` says why a grade was lowered, if it was; `admits` as in `Fix`."""

    title: str
    grade: Grade
    snippet: str
    edits: tuple[Edit, ...]
    refused: str | None = None
    admits: tuple[str, ...] | None = ()


class Reported(NamedTuple):
    """A finding as the engine hands it to a report."""

    rule: str
    """The rule's id, for instance "transfer-open"."""
    severity: Severity
    audience: Audience
    message: str
    at: Span
    related: tuple[Related, ...]
    scopes: tuple[Scope, ...]
    references: tuple[str, ...]
    fingerprint: str
    """Hex; stable over reformatting and moving; taken over redacted tokens."""
    root: str
    fixes: tuple[RenderedFix, ...] = ()
    headline: str = ""
    """The first line of the rule's manual page."""


class Counts(NamedTuple):
    """What the closing line counts."""

    files: int = 0
    zones: int = 0
    by_severity: Mapping[str, int] = {}
    ignored: int = 0
    """Findings silenced by an inline ignore."""
    below_audience: int = 0
    """Findings for a wider audience than the chosen one."""
    hidden_secrets: int = 0
    """Secrets that the input shows as `?`."""
    external: int = 0
    """Includes that the settings declare to be elsewhere."""
    unread: int = 0
    """Includes and roots that could not be read."""
    not_understood: int = 0
    """Statements that no BIND release known here has."""
    fragments: int = 0
    """Files judged without a root."""
    fixed: int = 0
    """Corrections that --fix wrote."""


class Outcome(NamedTuple):
    """One run, ready to be reported."""

    findings: tuple[Reported, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    bind: str | None
    """The release that was assumed, or None for unknown."""
    counts: Counts
    notes: tuple[str, ...] = ()
    """Sentences for the closing lines: inferred include paths, unused ignores, refused fixes, fragments."""
    changes: "tuple[RootDifference, ...]" = ()
    """For each root whose zones or keys corrections changed: who is served and told before and after."""

    @property
    def complete(self) -> bool:
        """False where anything was not read, not understood or crashed."""
        return not self.problems
