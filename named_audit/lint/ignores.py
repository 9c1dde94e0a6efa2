"""Inline ignores: `// named-audit: ignore[rule-id] reason`, in any comment style."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from named_audit.lint.book import LoadedRule, matches
from named_audit.lint.contract import Reported, Scope, Severity
from named_audit.lint.run import Result
from named_audit.syntax.lexical import COMMENT, STRING
from named_audit.syntax.source import Source, Span
from named_audit.syntax.tree import Leaf, Statement, Tree, iter_leaves

_MARK = r"(?i:named-audit:)"
# Strings, not compiled patterns: most configurations have no ignores, and `re` remembers what it has compiled.
_COMMENT = rf"(?s:{STRING}|(?P<comment>{COMMENT}))"
_IGNORE = r"(?i:named-audit:[ \t]*ignore)\[([^\]\n]*)\][ \t]*([^\n]*)"
_ATTEMPT = r"(?i:named-audit:)[ \t]*(?!created=)(\S[^\n]{0,40})"


class Ignore(NamedTuple):
    """One ignore comment and the stretch of text it covers; `covers` is None where no statement follows."""

    ids: tuple[str, ...]
    reason: str
    span: Span
    covers: Span | None


class Silenced(NamedTuple):
    """Findings that stay, how many were ignored, and what is to be said about the ignores themselves."""

    kept: list[Result]
    ignored: int
    complaints: list[Reported]


def marked(text: str) -> bool:
    """Whether a text speaks to this program; upper and lower case count as the same."""
    # What most files are: without a dash between these two words, in either case, at the speed of a plain search.
    return ("-audit:" in text or "-AUDIT:" in text or "-Audit:" in text) and re.search(
        _MARK, text
    ) is not None


def find_ignores(tree: Tree) -> tuple[Ignore, ...]:
    """Every ignore comment in the files of a tree. Costs next to nothing where there is none."""
    found: list[Ignore] = []
    for source in tree.sources:
        if marked(source.text):
            found.extend(_in_source(tree, source))
    return tuple(found)


def silence(
    results: Iterable[Result],
    ignores: Sequence[Ignore],
    rules: Sequence[LoadedRule],
    every: Sequence[LoadedRule],
    *,
    unjudged: frozenset[str] = frozenset(),
    any_release: bool = True,
) -> Silenced:
    """Take out what the ignores cover, and complain about ignores that are unknown, unused or give no reason.

    Args:
        results: what the rules found.
        ignores: from `find_ignores`, of all trees of the run; the same comment may come more than once.
        rules: the rules that ran: an ignore of any other one is not called unused.
        every: all rules there are, to tell an unknown id from one that did not run.
        unjudged: the files (real paths) of which not everything around was seen: nothing there is called unused.
        any_release: the run was for no certain release; else what another one finds is not called unused.
    """
    judging = [rule for rule in rules if any_release or not rule.rule.by_release]
    used: set[tuple[str, int, str]] = set()
    kept: list[Result] = []
    ignored = 0
    for result in results:
        silencer = _silencer(result, ignores)
        if silencer is None:
            kept.append(result)
            continue
        ignored += 1
        for pattern in silencer.ids:
            if matches(result.rule, pattern):
                used.add((*_place(silencer), pattern))
    return Silenced(kept, ignored, _complaints(ignores, used, judging, every, unjudged))


def is_silenced(result: Result, ignores: Iterable[Ignore]) -> bool:
    """Whether an ignore takes a finding out."""
    return _silencer(result, ignores) is not None


def _silencer(result: Result, ignores: Iterable[Ignore]) -> Ignore | None:
    return next((ignore for ignore in ignores if ignore.reason and _covers(ignore, result)), None)


def _covers(ignore: Ignore, result: Result) -> bool:
    at = result.reported.at
    covered = ignore.covers
    return (
        covered is not None
        and covered.source is at.source
        and covered.start <= at.start
        and at.end <= covered.end
        and any(matches(result.rule, pattern) for pattern in ignore.ids)
    )


def _place(ignore: Ignore) -> tuple[str, int]:
    return ignore.span.source.real_path, ignore.span.start


def _complaints(
    ignores: Sequence[Ignore],
    used: set[tuple[str, int, str]],
    rules: Sequence[LoadedRule],
    every: Sequence[LoadedRule],
    unjudged: frozenset[str],
) -> list[Reported]:
    complaints: list[Reported] = []
    seen: set[tuple[str, int]] = set()
    for ignore in ignores:
        if _place(ignore) in seen:
            continue
        seen.add(_place(ignore))
        if not ignore.ids:
            complaints.append(
                _complain("unknown-ignore", "this ignore names no rule: write ignore[rule-id]", ignore.span)
            )
        for pattern in ignore.ids:
            if not any(matches(rule, pattern) for rule in every):
                complaints.append(
                    _complain(
                        "unknown-ignore",
                        f"there is no rule {pattern!r}: this ignore does nothing",
                        ignore.span,
                    )
                )
            elif not ignore.reason:
                complaints.append(
                    _complain("unused-ignore", "this ignore gives no reason, so it does nothing", ignore.span)
                )
            elif (
                (*_place(ignore), pattern) not in used
                and ignore.span.source.real_path not in unjudged
                and any(matches(rule, pattern) for rule in rules)
                # A pattern may name rules of both sorts.
                and sum(matches(rule, pattern) for rule in every)
                == sum(matches(rule, pattern) for rule in rules)
            ):
                complaints.append(
                    _complain(
                        "unused-ignore", f"{pattern} finds nothing here: this ignore can go", ignore.span
                    )
                )
    return complaints


def _complain(rule: str, message: str, span: Span) -> Reported:
    headline = "An ignore comment does nothing."
    return Reported(
        rule, Severity.LOW, "regular", message, span, (), tuple[Scope, ...](), (), "", "", (), headline
    )


def _in_source(tree: Tree, source: Source) -> Iterable[Ignore]:
    comments = [
        found.span("comment") for found in re.finditer(_COMMENT, source.text) if found["comment"] is not None
    ]
    comments = [(start, end) for start, end in comments if marked(source.text[start:end])]
    if not comments:
        return
    places = _Places(tree, source)
    for start, end in comments:
        text = source.text[start:end]
        for found in re.finditer(_IGNORE, text):
            ids = tuple(part.strip().lower() for part in found[1].split(",") if part.strip())
            reason = found[2].strip().removesuffix("*/").strip().lstrip("-:").strip()
            span = Span(source, start + found.start(), start + found.end(1) + 1)
            yield Ignore(ids, reason, span, places.covered(start, end))
        if re.search(_IGNORE, text) is None and (attempt := re.search(_ATTEMPT, text)) is not None:
            span = Span(source, start + attempt.start(), start + attempt.end())
            yield Ignore((), "", span, None)


_CONTAINERS = frozenset(
    {"zone", "view", "options", "key", "server", "tls", "template", "logging", "channel", "controls"}
)


class _Places:
    """Which statement a comment in a file belongs to."""

    def __init__(self, tree: Tree, source: Source) -> None:
        self._source = source
        # (leaf, the statement it begins, continues or ends), in file order.
        self._leaves: list[tuple[Leaf, Statement]] = []
        pending: list[Statement] = list(reversed(tree.statements))
        while pending:
            statement = pending.pop()
            for item in statement.leaves:
                if isinstance(item, Leaf):
                    if item.source is source:
                        self._leaves.append((item, statement))
                else:
                    pending.extend(item)
        self._leaves.sort(key=lambda pair: (pair[0].start, pair[0].end))
        self._begins = [leaf.start for leaf, _ in self._leaves]

    def covered(self, start: int, end: int) -> Span | None:
        """The stretch that a comment covers: the statement on its line, or the one directly below."""
        at = bisect_right(self._begins, start) - 1
        if at >= 0:
            leaf, statement = self._leaves[at]
            if leaf.start <= start < leaf.end:
                return self._inner(statement, leaf, start)
            if "\n" not in self._source.text[leaf.end : start]:
                return self._extent(statement)
        following = at + 1
        if following < len(self._leaves):
            leaf, statement = self._leaves[following]
            between = self._source.text[end : leaf.start]
            begins = leaf.type in ("STATEMENT", "OPEN", "INCLUDE", "WORDS") and statement.first is leaf
            if begins and not _blank_line(between):
                return self._extent(statement)
        return None

    def _inner(self, statement: Statement, leaf: Leaf, start: int) -> Span:
        """The innermost statement of a flat block around a comment, or below it."""
        # The elements of a list are no statements: what stands between them is on the lines of the list.
        for child in statement.children if statement.name in _CONTAINERS else ():
            first = child.first
            line_start = self._source.text.rfind("\n", 0, start) + 1
            alone = not self._source.text[line_start:start].strip(" \t\r")
            if first.begin <= start < first.start and alone:
                return child.span
            if first.start <= start < first.end:
                return child.span
            behind = self._source.text[first.end : start] if start >= first.end else None
            if behind is not None and "\n" not in behind:
                return child.span
        return statement.span

    def _extent(self, statement: Statement) -> Span:
        first = statement.first
        end = max(leaf.end for leaf in iter_leaves(statement) if leaf.source is first.source)
        return Span(first.source, first.start, end)


def _blank_line(between: str) -> bool:
    return re.search(r"\n[ \t\r]*\n", between) is not None
