"""What a named-checkconf says of a root, as messages with places; what we say too is said once."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from named_audit.host import Host
from named_audit.lint.checkconf_world import Checker, World, find_world
from named_audit.lint.run import Result
from named_audit.model.config import Config
from named_audit.process import Command, NotStarted
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.redact import REDACTED, redact_text, secret_ranges
from named_audit.syntax.shorten import shorten
from named_audit.syntax.source import Problem, Source, Span
from named_audit.syntax.tree import Statement, iter_leaves

MAX_MESSAGES = 10_000
"""How many messages of one run become findings; behind them the run is incomplete."""

_PLACED = re.compile(r"(.+?):(\d{1,9}): ?(.*)")
_QUOTED = re.compile(r"'([^'\n]+)'")
_IN_QUOTES = re.compile(r"'([^']+)'", re.DOTALL)

# Warnings look like errors; these are the words of those that BIND 9.11 to 9.21 has. Only where a file is refused do
# they matter: in one that is accepted everything is a warning.
_WARNING = re.compile(
    r"deprecated|obsolete|not implemented|experimental and subject|is not recommended|WILL FAIL after"
    r"|recursion will be disabled|default changed to|is ignored when|but 'notify' is disabled"
    r"|exceeds 100%|^key-directory: "
)
_OF_THE_MACHINE = re.compile(r"^key-directory: .* (?:does not exist|is not a directory)$")
"""What is said about directories, which a copy does not have."""

_OF_ABSENCE = re.compile(
    r"undefined|not defined|not found|unable to find|unknown key|does not exist|no matching|not present|not yet defined"
    r"|missing '(?!;)|must (?:also )?be (?:set|configured|present|specified)|must both be|must have both|must specify"
    r"|\brequires?\b|empty '[^']+' entry|without a configured|recursion is disabled|and no "
)
"""What is said of something that may be defined in a file that the copy does not have."""

_BAD_SECRET = re.compile(r"\bbad secret '(bad base64 encoding|ran out of space|unexpected end of input)'")
_TRAILER = re.compile(r"parsing failed: ")
"""What it says once more when it has said why it stops."""


class Message(NamedTuple):
    """One thing that a named-checkconf says of a place. The text has no secrets."""

    span: Span
    text: str
    error: bool
    releases: tuple[str, ...]
    """The releases that say so, as they call themselves."""
    foreign: bool = False
    """Whether none of them is of the line that is judged for."""


class Heard(NamedTuple):
    """What all that were asked said, what could not be asked, and what is to be noted."""

    messages: tuple[Message, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def hear(config: Config, host: Host, options: ReadOptions, checkers: Sequence[Checker]) -> Heard:
    """Ask each named-checkconf about a root that was read."""
    root = config.tree.root
    silent = _not_asked(config)
    if silent is not None:
        return Heard((), (), (silent,) if silent else ())
    messages: dict[tuple[Span, str, bool], Message] = {}
    problems: list[Problem] = []
    notes: dict[str, None] = {}
    for checker in checkers:
        world = find_world(config, host, options, checker)
        if world.copied is not None:
            left_out = "directories, and of what is not there," if config.tree.external else "directories"
            notes[
                f"named-checkconf was given a copy of {shorten(root.path, 200)}, because {world.copied}: "
                f"what it says of {left_out} is left out"
            ] = None
        said, failure = _ask(config, host, checker, world)
        if failure is not None:
            message = f"named-checkconf {checker.release} {failure}: what it would have said is not known"
            problems.append(Problem("checkconf", message, root.path, Span(root, 0, 0)))
        for each in said:
            key = (each.span, each.text, each.error)
            known = messages.get(key)
            others = known.releases if known is not None else ()
            messages[key] = each._replace(
                releases=tuple(dict.fromkeys((*others, *each.releases))),
                foreign=checker.foreign and (known is None or known.foreign),
            )
    return Heard(tuple(messages.values()), tuple(problems), tuple(notes))


def _not_asked(config: Config) -> str | None:
    """Why a root is not given to named-checkconf; empty where that is said already."""
    tree = config.tree
    kinds = {problem.kind for problem in config.problems if problem.path == tree.root.path}
    path = shorten(tree.root.path, 200)
    if "read" in kinds:
        return ""  # the root itself
    for kind, words in (("template", "it is a template"), ("rndc", "it is no named.conf")):
        if kind in kinds:
            return f"{path} was not given to named-checkconf: {words}"
    if config.fragment:
        return (
            f"{path} was not given to named-checkconf: it is a fragment, and of those it knows nothing; "
            "--as-root takes it for a whole configuration"
        )
    return None


def _ask(config: Config, host: Host, checker: Checker, world: World) -> tuple[list[Message], str | None]:
    command = Command(checker.program, (*checker.options, *world.arguments), world.cwd, world.files)
    try:
        ran = checker.run(command)
    except NotStarted as error:
        return [], f"could not be started ({error})"
    output = ran.output.decode("utf-8", "surrogateescape")
    listener = _Listener(config, host, checker, world)
    # What was stopped or crashed may have been cut in mid-word, and calls nothing a warning.
    refused = ran.status != 0 or ran.failure is not None
    messages = list(islice(listener.messages(output, refused=refused), MAX_MESSAGES + 1))
    failure = ran.failure
    if failure is None and ran.status < 0:
        failure = f"was ended by signal {-ran.status}"
    elif failure is None and ran.status > 1:
        failure = f"ended with status {ran.status}"
    if failure is not None:
        # The last words are those of the crash.
        return [message for message in messages if message.span.end > 0], failure
    if len(messages) > MAX_MESSAGES:
        return messages[:MAX_MESSAGES], f"says more than {MAX_MESSAGES} things"
    if refused and not listener.left_out and not any(message.error for message in messages):
        root = config.tree.root
        text = "it refuses this configuration and does not say why"
        messages.append(Message(Span(root, 0, 0), text, True, (checker.release,)))
    return messages, None


class _Listener:
    """Turns the output of one run into messages."""

    def __init__(self, config: Config, host: Host, checker: Checker, world: World) -> None:
        self._tree = config.tree
        self._host = host
        self._checker = checker
        self._world = world
        self._directory = _directories(config)
        self.left_out = False
        """Whether something was left out that may be about what the copy does not have."""
        self._found: dict[str, Source | None] = {}
        self._places: dict[str, _Places] = {}

    def messages(self, output: str, *, refused: bool) -> Iterator[Message]:
        """Every message; in a configuration that is not refused they are all warnings."""
        placed: dict[tuple[Source, int], list[str]] = {}
        for source, line, text in self._lines(output):
            if not text.strip() or (self._world.copied is not None and _OF_THE_MACHINE.search(text)):
                continue
            if self._tree.external and _OF_ABSENCE.search(text):
                self.left_out = True
                continue
            said = placed.setdefault((source, line), [])
            if text not in said:
                said.append(text)
        for (source, line), texts in placed.items():
            for text in texts:
                if _TRAILER.match(text) and len(texts) > 1:
                    continue
                error = refused and _WARNING.search(text) is None
                span = self._of(source).span(line, text)
                yield Message(span, self._shown(source, line, text), error, (self._checker.release,))

    def _lines(self, output: str) -> Iterator[tuple[Source, int, str]]:
        last: tuple[Source, int, str] | None = None
        for line in output.split("\n"):
            found = _PLACED.match(line)
            source = self._source(found[1]) if found is not None else None
            if found is not None and (source is not None or found[1] == "none"):
                if last is not None:
                    yield last
                # "none" is what BIND calls its own defaults.
                last = (
                    (source, int(found[2]), found[3].rstrip()) if source else (self._tree.root, 0, found[3])
                )
            elif last is not None and last[2].count("'") % 2:
                last = (last[0], last[1], f"{last[2]}\n{line}")  # a name with a line feed in it
            elif line.strip():
                if last is not None:
                    yield last
                last = (self._tree.root, 0, line.strip())
        if last is not None:
            yield last

    def _source(self, name: str) -> Source | None:
        if name not in self._found:
            self._found[name] = self._world.names.get(name) or self._by_place(name)
        return self._found[name]

    def _by_place(self, name: str) -> Source | None:
        if self._world.files is not None:
            return None
        base = self._world.arguments[1] if self._world.arguments[0] == "-t" else ""
        start = posixpath.dirname(self._world.arguments[-1]) if base else self._world.cwd
        for folder in (start, *(posixpath.join(start, each) for each in self._directory)):
            real = self._host.realpath(base + posixpath.join(folder, name))
            for source in self._tree.sources:
                if source.real_path == real:
                    return source
        return None

    def _of(self, source: Source) -> _Places:
        known = self._places.get(source.real_path)
        if known is None:
            known = self._places[source.real_path] = _Places(self._tree.statements, source)
        return known

    def _shown(self, source: Source, line: int, text: str) -> str:
        text = _without_secrets(source, line, text)
        if self._world.copied is not None:
            for name, path in self._world.written.items() if "@" in text else ():
                text = text.replace(name, path)
        else:
            root = self._tree.root
            text = text.replace(f"{self._world.arguments[-1]}:", f"{root.path}:")
        return shorten(text, 1000)


def _directories(config: Config) -> tuple[str, ...]:
    setting = config.options.statements.get("directory")
    pieces = setting.head if setting is not None else ()
    return (pieces[1].value,) if len(pieces) == 2 else ()


class _Places:
    """Where in a file a message belongs that names a line."""

    def __init__(self, statements: Iterable[Statement], source: Source) -> None:
        self._source = source
        self._ranges = sorted(
            {
                (leaf.start, leaf.end)
                for statement in statements
                for leaf in iter_leaves(statement)
                if leaf.source is source and leaf.end > leaf.start and leaf.type != "EOF"
            }
        )
        self._ends = [end for _, end in self._ranges]

    def span(self, line: int, text: str) -> Span:
        """The part of a statement on this line that the message speaks of; the head of the file for line 0."""
        source = self._source
        if line < 1:
            return Span(source, 0, 0)
        start, end = source.line_bounds(min(line, len(source.line_starts)))
        pieces = list(self._pieces(start, end)) or [_stripped(source, start, end)]
        for word in _QUOTED.findall(text):
            for piece in pieces:
                if _speaks_of(source.text[piece[0] : piece[1]], word):
                    return Span(source, *piece)
        return Span(source, *pieces[0])

    def _pieces(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        index = bisect_right(self._ends, start)
        while index < len(self._ranges) and self._ranges[index][0] < end:
            first, last = self._ranges[index]
            piece = _stripped(self._source, max(first, start), min(last, end))
            if piece[0] < piece[1]:
                yield piece
            index += 1


_IN_WORDS = "_.-"


def _speaks_of(text: str, word: str) -> bool:
    """Whether a text has a word as a word, whatever its case."""
    text, word = text.lower(), word.lower()
    at = text.find(word)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(word) : at + len(word) + 1]
        if not any(character.isalnum() or character in _IN_WORDS for character in around):
            return True
        at = text.find(word, at + 1)
    return False


def _stripped(source: Source, start: int, end: int) -> tuple[int, int]:
    text = source.text[start:end]
    start += len(text) - len(text.lstrip())
    return start, start + len(text.strip())


_NEAR = 20
"""How many lines around a message are looked at for secrets that it may quote."""

_LONG = 8
"""From how many characters on a secret is cut out of a message wherever it stands."""

_CHANCE = 2
"""How many characters of a name may stand in a secret too without being of it."""


def _without_secrets(source: Source, line: int, text: str) -> str:
    """A message without what it quotes of a secret: `near 'c2VjcmV0'` has no keyword that would tell."""
    # Its own words, in quotes as if they were the secret.
    text = redact_text(_BAD_SECRET.sub(r"bad secret: \1", text))
    ranges = secret_ranges(source.text)
    if not ranges:
        return text
    starts = source.line_starts
    first = starts[max(min(line, len(starts)) - _NEAR, 1) - 1]
    last = starts[line + _NEAR - 1] if line + _NEAR <= len(starts) else len(source.text)
    begin = max(bisect_left(ranges, (first, 0)) - 1, 0)
    secrets = [
        "".join(source.text[start:end].split())
        for start, end in ranges[begin : bisect_left(ranges, (last, 0))]
    ]

    def cut(found: re.Match[str]) -> str:
        quoted = "".join(found[1].split()).removesuffix("...").strip('"')
        same = any(
            quoted == secret
            or (len(quoted) > _CHANCE and quoted in secret)
            or (len(secret) > _CHANCE and secret in quoted)
            for secret in secrets
        )
        return f"'{REDACTED}'" if quoted and same else found[0]

    text = _IN_QUOTES.sub(cut, text)
    for secret in secrets:
        if len(secret) >= _LONG:
            text = text.replace(secret, REDACTED)
    return text


class Reconciled(NamedTuple):
    """Our results and problems, which say who says so too, and the messages that nothing of ours says."""

    results: list[Result]
    problems: list[Problem]
    left: tuple[Message, ...]


def reconcile(
    messages: Sequence[Message],
    results: Sequence[Result],
    problems: Sequence[Problem],
    seen: frozenset[int],
    silenced: frozenset[int] = frozenset(),
) -> Reconciled:
    """Say once what both say: ours wins, because it knows more (zones, corrections) of what it knows.

    Two statements are one if they stand on the same line, are both errors or both warnings, and speak of the same:
    a word that the message quotes, or the only statement of the line. Each of ours stands for one message of each
    release. An error is only taken by what will be shown as one, so that what is refused never looks clean.

    Args:
        messages: what was heard.
        results: what the rules found.
        problems: what makes the run incomplete.
        seen: the indices of the results of the chosen audience; no other may stand for anything.
        silenced: the indices of those that an ignore takes out: they stand for warnings only.
    """
    by_line: dict[tuple[str, int], list[_Ours]] = {}
    for index, result in enumerate(results):
        if index in seen:
            at = result.reported.at
            sort = next((sort for prefix, sort in _SORTS if result.rule.id.startswith(prefix)), None)
            if sort is None:
                continue  # it speaks of who is served, and BIND of what is written
            if sort == "error" and index in silenced:
                continue
            by_line.setdefault((at.source.real_path, at.begin.line), []).append(
                _Ours(index, None, sort, result.reported.message, at)
            )
    for index, problem in enumerate(problems):
        if problem.span is not None:
            place = (problem.span.source.real_path, problem.span.begin.line)
            by_line.setdefault(place, []).append(_Ours(None, index, "error", problem.message, problem.span))
    taken: dict[tuple[int | None, int | None], dict[str, None]] = {}
    left: list[Message] = []
    order = sorted(messages, key=lambda message: (not message.error, not _QUOTED.search(message.text)))
    for message in order:
        ours = by_line.get((message.span.source.real_path, message.span.begin.line), ())
        free = [each for each in ours if not taken.get(each[:2], {}).keys() & set(message.releases)]
        best = max(free, key=lambda each: _likeness(each, message), default=None)
        if best is None or _likeness(best, message) == 0:
            left.append(message)
        else:
            taken.setdefault(best[:2], {}).update(dict.fromkeys(message.releases))
    new_results, new_problems = list(results), list(problems)
    for (result_at, problem_at), releases in taken.items():
        said = f"; named-checkconf {' and '.join(releases)} says so too"
        if result_at is not None:
            reported = results[result_at].reported
            new_results[result_at] = results[result_at]._replace(
                reported=reported._replace(message=reported.message + said)
            )
        elif problem_at is not None:
            problem = problems[problem_at]
            new_problems[problem_at] = problem._replace(message=problem.message + said)
    places = {id(message): number for number, message in enumerate(messages)} if left else {}
    left.sort(key=lambda message: places.get(id(message), 0))
    return Reconciled(new_results, new_problems, tuple(left))


_SORTS = (("invalid-", "error"), ("release-", "warning"), ("option-", "warning"))


class _Ours(NamedTuple):
    result: int | None
    problem: int | None
    sort: str
    message: str
    span: Span


def _likeness(ours: _Ours, message: Message) -> int:
    """How surely both say the same; 0 if they do not."""
    if ours.sort != ("error" if message.error else "warning"):
        return 0
    said = f"{ours.message}\n{ours.span.text[:2000]}"
    shared = sum(_speaks_of(said, word) for word in _QUOTED.findall(message.text))
    if shared:
        return 1 + shared
    # What is said of no place is about no statement.
    start, end = ours.span.source.line_bounds(ours.span.begin.line)
    return int(message.span.end > 0 and ours.span.source.text.count(";", start, end) <= 1)


def finding_text(messages: Sequence[Message], *, several: bool) -> str:
    """The message of a finding, in BIND's own words, with the releases where more than one was asked."""
    texts = []
    for message in messages:
        refused = ", which refuses this" if message.foreign and message.error else ""
        by = f" ({' and '.join(message.releases)}{refused})" if several else ""
        texts.append(f"{message.text}{by}")
    return "; ".join(texts)


def by_place(messages: Iterable[Message]) -> Mapping[Span, list[Message]]:
    """Messages by their place."""
    found: dict[Span, list[Message]] = {}
    for message in messages:
        found.setdefault(message.span, []).append(message)
    return found
