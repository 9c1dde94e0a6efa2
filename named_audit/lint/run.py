"""Running rules over a root: all walking and grouping happens here, one finding per rule and deciding span."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.book import LoadedRule
from named_audit.lint.contract import AUDIENCES, Audience, Finding, Fix, Reported, Severity
from named_audit.lint.wellformed import malformed
from named_audit.syntax.source import Problem, Span
from named_audit.syntax.words import Group, Piece, split

MAX_RELATED = 3
"""How many related places one finding has; what is the same for thousands of zones is said for a few."""


class Result(NamedTuple):
    """A finding for a report, with the corrections that are not rendered yet and the rule they belong to."""

    reported: Reported
    fixes: tuple[Fix, ...]
    rule: LoadedRule


def run_rules(audit: Audit, rules: Iterable[LoadedRule]) -> tuple[list[Result], list[Problem]]:
    """Run rules over one root.

    A rule that crashes makes the run incomplete and does not stop the others.
    """
    results: list[Result] = []
    problems: list[Problem] = []
    for rule in rules:
        if rule.rule.needs_whole and audit.fragment:
            continue
        causes: dict[tuple[str, int, int, str | None], _Cause] = {}
        try:
            for subject in _subjects(rule.check, audit):
                for finding in rule.run(subject, audit):
                    fault = malformed(finding)
                    if fault is not None:
                        raise _Malformed(fault)
                    # What a narrower audience alone should see stays apart: it must not widen the other's zones.
                    key = (finding.at.source.real_path, finding.at.start, finding.at.end, finding.audience)
                    cause = causes.get(key)
                    if cause is None:
                        causes[key] = _Cause(finding, rule)
                    else:
                        cause.add(finding)
        except _Malformed as error:
            problems.append(_broken(rule, f"yields a malformed finding ({error})", audit))
        except (Exception, SystemExit, GeneratorExit) as error:
            problems.append(_crashed(rule, error, audit))
        results.extend(_report(rule, cause.finding(), audit) for cause in causes.values())
    return results, problems


class _Malformed(Exception):
    """A rule yields what the contract does not allow; the text says what."""


def narrower(one: Audience, other: Audience) -> Audience:
    """The audience that sees more: what is for it, the other need not see."""
    return one if AUDIENCES.index(one) >= AUDIENCES.index(other) else other


def _subjects(check: str, audit: Audit) -> Iterator[Any]:
    config = audit.config
    if check == "check_config":
        yield config
    elif check == "check_view":
        yield from config.views
    elif check == "check_zone":
        yield from config.zones
    elif check == "check_policy":
        yield from audit.policies
    elif check == "check_key":
        yield from config.all_keys
    else:
        yield from audit.statements()


class _Cause:
    """The findings of one rule at one place for one audience: all their zones, the worst of their severities."""

    __slots__ = ("_related", "_rule", "_scopes", "_severity", "_worst")

    def __init__(self, finding: Finding, rule: LoadedRule) -> None:
        self._rule = rule
        self._worst = finding
        self._severity = self._of(finding)
        self._scopes = dict.fromkeys(finding.scopes)
        self._related = dict.fromkeys(finding.related)

    def add(self, finding: Finding) -> None:
        """One more finding with this cause."""
        severity = self._of(finding)
        if severity > self._severity:
            self._worst, self._severity = finding, severity
        self._scopes.update(dict.fromkeys(finding.scopes))
        if len(self._related) < MAX_RELATED:
            self._related.update(dict.fromkeys(finding.related))

    def finding(self) -> Finding:
        """The one finding that is reported."""
        worst = self._worst
        more = len(self._scopes) - len(worst.scopes)
        likewise = f"; the same for {more} more zone{'' if more == 1 else 's'}" if more > 0 else ""
        return worst._replace(
            message=worst.message + likewise,
            severity=self._severity,
            scopes=tuple(self._scopes),
            related=tuple(self._related),
        )

    def _of(self, finding: Finding) -> Severity:
        return finding.severity if finding.severity is not None else self._rule.rule.severity


def _report(rule: LoadedRule, finding: Finding, audit: Audit) -> Result:
    severity = rule.rule.severity if finding.severity is None else min(finding.severity, rule.rule.severity)
    audience = narrower(finding.audience or rule.rule.audience, rule.rule.audience)
    reported = Reported(
        rule.id,
        severity,
        audience,
        finding.message,
        finding.at,
        finding.related,
        finding.scopes,
        rule.rule.references,
        "",  # see `fingerprint`: most findings of a wide audience are never shown
        audit.config.tree.root.path,
        (),
        rule.headline,
    )
    return Result(reported, finding.fixes, rule)


def fingerprint(finding: Reported, *, by_message: bool = False) -> str:
    """A hash that survives reformatting and moving: rule, first scope, and the redacted tokens at the span.

    Never over a secret: a hash over a weak one could be used to guess it.

    Args:
        finding: what is hashed.
        by_message: for rules that report all sorts of things: the message too, but not its numbers, which may be lines.
    """
    # Imported here: a clean run shows and hashes nothing.
    import hashlib
    import re

    from named_audit.syntax.redact import redact

    scope = f"{finding.scopes[0].view or ''}/{finding.scopes[0].zone}" if finding.scopes else ""
    text = redact(finding.at.source, finding.at.start, finding.at.end)
    tokens = " ".join(_tokens(split(text[:20_000])))
    said = (re.sub(r"\d+", "0", finding.message),) if by_message else ()
    data = "\0".join((finding.rule, scope, tokens, *said)).encode("utf-8", "surrogateescape")
    return hashlib.sha256(data).hexdigest()[:32]


def _tokens(pieces: tuple[Piece, ...]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, Group):
            yield "{"
            for element in piece.elements:
                yield from _tokens(element.pieces)
                yield ";"
            yield "}"
        else:
            yield piece.value


def _crashed(rule: LoadedRule, error: BaseException, audit: Audit) -> Problem:
    import traceback

    # Only the kind of the error and the place in the code: its text could quote the configuration.
    frames = traceback.extract_tb(error.__traceback__)
    where = next(
        (f for f in reversed(frames) if f.filename.startswith(rule.folder)),
        frames[-1] if frames else None,
    )
    place = (
        f" at {where.filename.rsplit('/', 2)[-2]}/{where.filename.rsplit('/', 1)[-1]}:{where.lineno}"
        if where
        else ""
    )
    return _broken(rule, f"crashed ({type(error).__name__}{place})", audit)


def _broken(rule: LoadedRule, what: str, audit: Audit) -> Problem:
    root = audit.config.tree.root
    message = f"rule {rule.id} {what}: what it would have found is not known"
    return Problem("rule", message, root.path, Span(root, 0, 0))
