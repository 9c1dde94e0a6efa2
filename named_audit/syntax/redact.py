"""The one door through which source text is shown: secrets are cut out of raw text, parsed or not.

This is a search, not a parse. A missing quote turns what is string and what is code inside out for the rest
of a file, and comments hold whole key statements; so a keyword is followed to what looks like its value
wherever it stands. In doubt too much is cut rather than too little. Every pass moves forward, in linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Generator, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from named_audit.syntax.source import Source

REDACTED = "[redacted]"
"""What stands for a secret, whatever its length."""

Range: TypeAlias = tuple[int, int]


def redact(source: Source, start: int, end: int) -> str:
    """The text between two offsets (code points) without its secrets; a part of one counts as one."""
    return _cut(source.text, secret_ranges(source.text), start, end)


def redacted_text(source: Source) -> str:
    """The whole text without its secrets."""
    return redact(source, 0, len(source.text))


def redact_text(text: str) -> str:
    """Free text without the secrets that it quotes: template output, diffs, messages."""
    return _cut(text, _ranges(text), 0, len(text))


def widen(source: Source, start: int, end: int) -> Range:
    """A range with neither end inside of a secret, so that a line redacted in pieces is the redacted line."""
    ranges = secret_ranges(source.text)
    for at in {start, end}:
        index = bisect_right(ranges, (at, len(source.text))) - 1
        if index >= 0 and ranges[index][0] < at < ranges[index][1]:
            start = min(start, ranges[index][0])
            end = max(end, ranges[index][1])
    return start, end


@lru_cache(maxsize=64)
def secret_ranges(text: str) -> tuple[Range, ...]:
    """Where the secrets of a text stand, without their quotes: ordered, apart from each other, none empty."""
    return _ranges(text)


def _cut(text: str, ranges: tuple[Range, ...], start: int, end: int) -> str:
    parts: list[str] = []
    at = start
    first = bisect_right(ranges, (start, len(text))) - 1
    for index in range(max(first, 0), len(ranges)):
        cut_start, cut_end = ranges[index]
        if cut_start >= end:
            break
        if cut_end <= start:
            continue
        parts.append(text[at:cut_start])
        parts.append(REDACTED)
        at = cut_end
    parts.append(text[at:end])
    return "".join(parts)


def _ranges(text: str) -> tuple[Range, ...]:
    # Lower case once is far cheaper than a search that ignores case. Only U+0130 changes its length by it.
    low = text.replace("\u0130", "I").lower()
    found = list(_keyword_values(text, low))
    if "key" in low:
        found.extend(_key_blocks(text, low))
    for hint, pattern in _FORMS:
        if hint in low:
            found.extend(match.span(1) for match in pattern.finditer(low))
    found.sort()
    merged: list[Range] = []
    for start, end in found:
        if start >= end or _HIDDEN.fullmatch(text, start, end):
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


# What `named-checkconf -px` prints for a secret, and the dots of an example, give nothing away.
_HIDDEN = re.compile(r"[?.\u2026\s]*")

_BLANK = r"\s\ufeff\u200b"
_DOUBLE = '"\u201c\u201d\u201e\u00ab\u00bb'
_SINGLE = "'`\u00b4\u2018\u2019\u201a"

_KEYWORD = re.compile(
    r"(?:secret(?<![a-z0-9]secret)(?:[-_]?key|(?!))?+"
    r"|pass(?:word|wd|phrase|wort)|bindpw"
    r"|pass(?<![a-z0-9]pass)|pwd(?<![a-z0-9]pwd)"
    # There are zones below pw., so that it counts in front of `=` only.
    r"|pw(?<![a-z0-9.]pw)(?=[ \t]*+=))"
    r"(?![a-z0-9_.-])"
)
_ASSIGN = re.compile(rf"[{_DOUBLE}{_SINGLE}]?[ \t]*+(?:=>|=(?!=)|(?P<colon>:(?!//)))[ \t]*+")
_STEP = re.compile(
    rf"(?P<blank>[{_BLANK}]++)"
    r"|(?P<leader>//|\#|/\*)"
    r"|(?P<close>\*/)"
    rf"|(?P<mark>[*+|>-]++(?=[{_BLANK}{_DOUBLE}]))"
    rf"|(?P<quote>[{_DOUBLE}{_SINGLE}])"
    r"|(?P<special>[{};])"
    r"|(?P<word>.)",
    re.DOTALL,
)
_IN_COMMENT = re.compile(rf"(?P<end>\n|\*/)|(?P<quote>[{_DOUBLE}])|(?P<keyword>{_KEYWORD.pattern})")
_RUN = re.compile(rf"(?:\\.|/(?!\*)|\*(?!/)|[^{_BLANK}{{}};/*{_DOUBLE}\\]|(?!))++", re.DOTALL)
# In a connection string a semicolon can belong to the value; the blank or bracket behind it cannot.
_ASSIGNED_RUN = re.compile(rf"(?:\\.|[^{_BLANK}{{}}{_DOUBLE}\\]|(?!))++", re.DOTALL)
_LONG = 512

_TO_QUOTE = {
    True: re.compile(rf"(?:\\.|[^{_DOUBLE}\\\n]|(?!))*+(?=[{_DOUBLE}])"),
    False: re.compile(rf"[^{_SINGLE}\n]*+(?=[{_SINGLE}])"),
}
# Behind a quote that nothing closes on its line: base64 split over lines, or the quote is missing.
_UNCLOSED = {
    True: re.compile(rf"(?:\\.|[^{_DOUBLE}\\{{}};]|(?!))*+", re.DOTALL),
    False: re.compile(r"[^{};\n]*+"),
}


def _keyword_values(text: str, low: str) -> Iterator[Range]:
    at = 0
    while found := _KEYWORD.search(low, at):
        at = found.end()
        assigned = _ASSIGN.match(text, at)
        if assigned is not None:
            value = _assigned(text, assigned.end(), weak=assigned["colon"] is not None)
            if value is not None:
                yield value
                at = value[1]
                continue
        at = yield from _stated(text, low, found.start(), at)


def _assigned(text: str, at: int, *, weak: bool) -> Range | None:
    """The value of `password=...`, or of `password: ...`, which prose writes as well (weak)."""
    if text[at : at + 1] and text[at] in _DOUBLE + _SINGLE:
        return _quoted(text, at, glued=False)
    run = _ASSIGNED_RUN.match(text, at)
    if run is None:
        return None
    end = at + len(run[0].rstrip(";,"))
    if weak and end - at < _LONG and not _like_a_key(text[at:end]):
        behind = text[run.end() : run.end() + 1]
        if behind and behind not in '\n\r}"':
            return None
    return at, end


def _stated(text: str, low: str, first: int, at: int) -> Generator[Range, None, int]:
    """The value of a statement: what follows the keyword behind blanks and comments.

    Returns where to look for the next keyword. What stands in quotes in such a comment may be the value of a
    statement that is commented out, or an old value: it is cut too, and the walk goes on behind the comment.
    """
    comment = ""  # what ends the comment that began behind the keyword
    left = False  # the comment that the keyword itself stands in has ended
    fresh = True  # nothing but blanks and comment leaders since the keyword, or since the comment ended
    crossed = False  # a line ended meanwhile
    keyword = first  # the nearest one: comments speak of secrets too
    glued = at
    while True:
        if not fresh:
            event = _IN_COMMENT.search(low, at)
            if event is None:
                return len(text)
            at = event.end()
            if event["keyword"]:
                keyword, glued, fresh, crossed = event.start(), at, True, False
            elif event["quote"]:
                value = _quoted(text, event.start(), glued=False)
                if value is not None:
                    yield value
                    at = value[1] + 1
            elif event[0] == comment:
                comment, keyword, fresh, crossed = "", first, True, True
            continue
        step = _STEP.match(text, at)
        if step is None:
            return len(text)
        kind = step.lastgroup
        if kind == "blank":
            at = step.end()
            if "\n" in step[0]:
                crossed = True
                if comment == "\n":
                    comment, keyword = "", first
        elif kind == "leader":
            at = step.end()
            comment = comment or ("*/" if step[0] == "/*" else "\n")
        elif kind == "close":
            at = step.end()
            left = left or not comment
            comment, keyword = "", first
        elif kind == "mark":
            at = step.end()
        elif kind == "special" and not comment:
            return at
        elif kind == "special":
            at = step.end()
            fresh = False
        elif (again := _KEYWORD.match(low, at)) is not None:
            if not comment:
                return at
            keyword, at = again.start(), again.end()
            glued, crossed = at, False
        else:
            if kind == "quote":
                value = _quoted(text, at, glued=at == glued, named=text[keyword - 1 : keyword] == step[0])
                if value is not None and (left or crossed):
                    context = _context(text, keyword)
                    sure = context.statement and not left and (bool(comment) or not context.commented)
                    if not sure and not _like_a_key("".join(text[value[0] : value[1]].split())):
                        value = None
            else:
                value = None if at == glued else _bare(text, keyword, at, crossed, left, bool(comment))
            if value is not None:
                yield value
                at = value[1]
            if not comment or (value is not None and _context(text, keyword).commented):
                return max(at, glued)
            at += kind == "quote"
            fresh = False


def _quoted(text: str, at: int, *, glued: bool, named: bool = False) -> Range | None:
    """The inside of the quotes that open here, or None where a quote ends what stands before it.

    `glued` says that the keyword touches the quote, and `named` that it touches one on its other side too.
    """
    start = at + 1
    double = text[at] in _DOUBLE
    following = text[start : start + 1]
    if not following or following in ";{}" or (glued and (named or not double or following in "),.: \t\r\n")):
        return None
    inside = _TO_QUOTE[double].match(text, start)
    if inside is not None:
        return start, inside.end()
    rest = _UNCLOSED[double].match(text, start)
    assert rest is not None
    return start, start + len(rest[0].rstrip())


def _bare(text: str, keyword: int, at: int, crossed: bool, left: bool, comment: bool) -> Range | None:
    """The unquoted value that begins here, or None if this looks like prose or a name."""
    run = _RUN.match(text, at)
    if run is None:
        return None
    end = run.end()
    if end - at >= _LONG:
        return at, end
    context = _context(text, keyword)
    behind = _BEHIND.match(text, end)
    assert behind is not None
    ended = behind["end"] == ";"
    if context.statement and not left:
        # Not so sure when only one of the two is commented out.
        together = (comment or not crossed) if context.commented else not comment
        if together and (ended or (behind["end"] is not None and not crossed and not context.commented)):
            return at, end
    if not _like_a_key(run[0]) or not (ended or context.statement or end - at >= 16):
        return None
    while (more := _MORE.match(text, end)) and _like_a_key(more[1]):
        end = more.end()
    return at, end


_BEHIND = re.compile(r"[ \t\r]*+(?P<end>[;}\n]|\Z|//|#|/\*)?")
_MORE = re.compile(r"[ \t]++([A-Za-z0-9+/=]++)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}+=*+")
_PROSE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[a-z]+(?:/[a-z]+)+")


def _like_a_key(run: str) -> bool:
    return _BASE64.fullmatch(run) is not None and _PROSE.fullmatch(run) is None


class _Context(NamedTuple):
    statement: bool
    """A statement may begin where the keyword stands."""
    commented: bool
    """The keyword stands behind the leader of a line comment."""


_COMMENT_MARKS = " \t/*#+->|"


def _context(text: str, keyword: int) -> _Context:
    # `cookie-secret` and the like are one word.
    word = text[max(0, keyword - 80) : keyword].rstrip(_WORD_CHARACTERS)
    kept = word.rstrip(_COMMENT_MARKS)
    marks = word[len(kept) :]
    if not kept or kept[-1] in "\n\r;{}":
        return _Context(True, "//" in marks or "#" in marks)
    return _Context(_UNENDED.search(kept) is not None, False)


_WORD_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
# `algorithm hmac-sha256 secret ...`: the semicolon between them is missing.
_UNENDED = re.compile(r"(?:algorithm\s+\S+|secret)$", re.IGNORECASE)

_KEY = re.compile(rf"(?<![a-z0-9_.\"'-])key(?=[{_BLANK}/\"'{{])")
_NAME = rf'(?:"[^"{{}};\n]{{0,1024}}+"|[^{_BLANK}{{}};"]{{1,1024}}+)'
_BETWEEN = rf"(?:[{_BLANK}]|//[^\n]{{0,300}}+\n|\#[^\n]{{0,300}}+\n|/\*[^*]{{0,300}}+\*/|(?!)){{0,300}}+"
_BETWEEN_COMMENTED = r"(?:[ \t]|\n[ \t]{0,300}+(?://|\#)+|(?!)){0,300}+"


def _head(between: str) -> re.Pattern[str]:
    return re.compile(
        rf"{between}(?P<name>{_NAME}|(?!))?+(?P<more>(?:{between}{_NAME}|(?!)){{0,3}}+){between}\{{"
    )


_HEADS = {False: _head(_BETWEEN), True: _head(_BETWEEN_COMMENTED)}
_USUAL_BODY = re.compile(
    r'\s*+algorithm\s++(?:"[a-z0-9.-]{1,40}+"|[a-z0-9.-]{1,40}+)\s*+;\s*+secret\s++"[^"\\{};]{0,1024}+"\s*+;\s*+\}'
)
_KEY_TOKEN = re.compile(
    rf"(?P<blank>[{_BLANK}]++)"
    r"|(?P<leader>//|\#)"
    r"|(?P<open>/\*)"
    r"|(?P<close>\*/)"
    rf"|(?P<quote>[{_DOUBLE}{_SINGLE}])"
    r"|(?P<special>[{};])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_KEY_WORD = re.compile(rf"(?:\\.|/(?![*/])|\*(?!/)|[^{_BLANK}{{}};#/*{_DOUBLE}\\]|(?!))++", re.DOTALL)
_KEY_STATEMENTS = ("algorithm", "secret")
_OTHER_STATEMENTS = frozenset(
    [
        "acl",
        "controls",
        "dlz",
        "dnssec-policy",
        "dyndb",
        "http",
        "key-store",
        "logging",
        "lwres",
        "managed-keys",
        "masters",
        "options",
        "parental-agents",
        "plugin",
        "primaries",
        "remote-servers",
        "server",
        "statistics-channels",
        "template",
        "tls",
        "trust-anchors",
        "trusted-keys",
        "view",
        "zone",
    ]
)
"""What begins behind a key whose `}` is missing, and what names something else that is called `key`."""
_OPENS = re.compile(r"[^;{}]{0,1024}+\{")
_COMMENT_WORD = re.compile(rf"(?P<quote>[{_DOUBLE}])|(?P<word>[^\s{{}};{_DOUBLE}]++)(?P<end>[ \t]*+;)?")


def like_key_statement(word: str) -> bool:
    """Whether a word is the name of a statement of a key block or a slip of one, and so no secret."""
    word = word.lower()
    for known in _KEY_STATEMENTS:
        if word == known:
            return True
        if abs(len(word) - len(known)) > 2 or not word.isalpha() or word[0] != known[0]:
            continue
        most = min(len(word), len(known))
        front = 1
        while front < most and word[front] == known[front]:
            front += 1
        back = 0
        while back < most - front and word[-1 - back] == known[-1 - back]:
            back += 1
        if max(len(word), len(known)) - front - back <= 2:
            return True
    return False


def _key_blocks(text: str, low: str) -> Iterator[Range]:
    """Every word of a `key NAME { ... }` that is neither a name of a statement nor an algorithm.

    Whatever is misspelt or stands in the wrong place, nothing else in such a block can be shown.
    """
    at = 0
    while found := _KEY.search(low, at):
        at = found.end()
        line = low[
            max(
                low.rfind("\n", max(0, found.start() - 300), found.start()) + 1, found.start() - 300
            ) : found.start()
        ]
        commented = "//" in line or "#" in line
        head = _HEADS[commented].match(low, at)
        if head is None or not _begins_key(low, found.start(), head[0], commented):
            continue
        sentence = head["name"] is not None and head["name"].endswith(":")
        listed = _match_list_end(text, head.end(), sentence=sentence) if not commented else None
        if listed is not None:
            at = listed
            continue
        yield from _words(text, *head.span("more"))
        at = head.end()
        usual = _USUAL_BODY.match(low, at)
        at = usual.end() if usual else (yield from _key_body(text, low, at, commented))


def _begins_key(low: str, start: int, head: str, commented: bool) -> bool:
    """Whether the word `key` begins a statement, and is neither a name nor the last word of a remark."""
    before = low[max(0, start - 300) : start].rstrip()
    begins = not before or before[-1] in ";{}" or before.endswith("*/")
    if begins and not commented:
        return True
    last = before.split()[-1] if before else ""
    return last.rstrip(_DOUBLE) not in _OTHER_STATEMENTS and _OTHER_STATEMENTS.isdisjoint(head[:-1].split())


_LIST_TOKEN = re.compile(r'\s*+(?:(?P<mark>[!{};])|"(?P<quoted>[^"{};\n]*+)"|(?P<word>[^\s{};!"]++))')
_LIST_BUILT_IN = frozenset(["any", "none", "localhost", "localnets"])
_LIST_ADDRESS = re.compile(
    r"(?:[0-9]{1,3}\.){1,3}[0-9]{0,3}(?:/[0-9]+)?|(?=[0-9a-f]*:)[0-9a-f:.]+(?:/[0-9]+)?"
)
_MOST_LISTED = 2000


def _match_list_end(text: str, at: int, *, sentence: bool) -> int | None:
    """Where an address match list ends whose `{` stands before an offset; None where it may be the block of a key.

    A sentence about lists has them behind the name of a key: `!key k: { 192.0.2.1; key k; } comes first`. It is one
    only if each element could stand in it and one of them in no other block; with `sentence` (a colon stands before
    the `{`), an element `key NAME` is enough. A long list that was cut off ends with three dots.
    """
    depth, words, sure, last = 1, 0, False, ""
    stop = at + _MOST_LISTED
    while at < stop and (token := _LIST_TOKEN.match(text, at)):
        at = token.end()
        mark = token["mark"]
        if mark == "!" and not words:
            sure = True
        elif mark == "{" and not words:
            depth += 1
        elif mark == "}" and not words:
            depth -= 1
            if not depth:
                return at if sure else None
        elif mark == ";":
            words = 0
        elif mark is not None:
            return None
        else:
            word = (token["quoted"] if token["word"] is None else token["word"]).lower()
            cut = word.endswith("...")
            words += 1
            if (len(word) >= 16 and _like_a_key(text[token.start() : at].strip('" \t\r\n'))) or (
                words > 1 and not (words == 2 and last == "key")
            ):
                return None
            sure = sure or word in _LIST_BUILT_IN or _LIST_ADDRESS.fullmatch(word) is not None
            sure = sure or (sentence and words == 2)
            if cut:
                return at if sure else None
            last = word
    return None


def _words(text: str, start: int, end: int) -> Iterator[Range]:
    for found in re.finditer(rf'[^{_BLANK}"]++', text[start:end]):
        yield start + found.start(), start + found.end()


def _key_body(text: str, low: str, at: int, commented: bool) -> Generator[Range, None, int]:
    """The words of the block that has begun at an offset. Returns where to look for the next one."""
    depth, name, first = 1, "", True
    while True:
        token = _KEY_TOKEN.match(text, at)
        if token is None:
            return len(text)
        kind = token.lastgroup
        if kind == "blank":
            at = token.end()
            if commented and "\n" in token[0] and not text.startswith(("//", "#"), at):
                return at
        elif kind == "leader" and commented:
            at = token.end()
        elif kind in ("leader", "open"):
            end = text.find("\n" if kind == "leader" else "*/", token.end())
            end = end if end >= 0 else len(text)
            yield from _in_key_comment(text, token.end(), end)
            at = end
            if kind == "open":
                at = min(end + 2, len(text))
        elif kind == "close":
            return token.end()
        elif kind == "special":
            at = token.end()
            depth += {"{": 1, "}": -1, ";": 0}[token[0]]
            name, first = "", True
            if not depth:
                return at
        elif kind == "quote":
            value = _quoted(text, at, glued=False)
            at += 1
            if value is not None:
                if first and like_key_statement(text[value[0] : value[1]]):
                    pass
                elif _cut_value(name, text[value[0] : value[1]]):
                    yield value
                at = max(at, value[1])
                if text[at : at + 1] and text[at] in _DOUBLE + _SINGLE:
                    at += 1
                name, first = "", False
        else:
            run = _KEY_WORD.match(text, at)
            end = run.end() if run is not None else token.end()
            word = low[at:end]
            if not word.strip(_COMMENT_MARKS):
                at = end
                continue
            if first and word in _OTHER_STATEMENTS and _OPENS.match(text, end):
                return at
            if first and word == "key" and (head := _HEADS[commented].match(low, end)):
                yield from _words(text, *head.span("more"))
                at, depth = head.end(), depth + 1
                continue
            if first and (word == "include" or like_key_statement(word.rstrip(":="))):
                name = word
            elif name == "" and word in _KEY_STATEMENTS:
                # The `;` before it is missing.
                name = word
            else:
                if _cut_value(name, text[at:end]):
                    yield at, end
                name = ""
            first = False
            at = end


def _cut_value(name: str, value: str) -> bool:
    """Whether a value in a key block is cut; `name` is the statement that it is the first word of, or empty."""
    return name != "include" and (name != "algorithm" or (len(value) >= 16 and _like_a_key(value)))


def _in_key_comment(text: str, start: int, end: int) -> Iterator[Range]:
    """What may be a value in a remark inside of a key block: in quotes, before a `;`, or like base64."""
    at, before = start, ""
    while found := _COMMENT_WORD.search(text, at, end):
        at = found.end()
        if found["quote"]:
            close = _TO_QUOTE[True].match(text, at, end + 1)
            stop = min(close.end() if close is not None else end, end)
            yield at, stop
            at = min(stop + 1, end)
            continue
        word = found["word"]
        stated = found["end"] is not None and before and before != "algorithm"
        if (stated and word.lower() not in _KEY_STATEMENTS) or _like_a_key(word):
            yield found.span("word")
        before = word.lower()


_LONG_WORD = r"(?<![a-z0-9+/=._-])([a-z0-9+/]{20,}+=*+)(?![a-z0-9+/=._-])"

_FORMS = (
    # A key statement whose keyword is missing, quoted or misspelt: nothing else in it is so long.
    (
        "algorithm",
        re.compile(
            r"\balgorithm\s++[\"']?[a-z0-9.-]{1,40}+[\"';]?[\s;]*+(?:[\"']?[a-z_-]{1,19}+[\"']?[\s=:]++)?[\"']?"
            + _LONG_WORD
        ),
    ),
    (
        "key",
        re.compile(
            rf"\bkey\s++(?:\"[^\"\n]{{0,255}}+\"|[^\s\"{{}};]{{1,255}}+)\s*+\{{[^{{}}]{{0,300}}?{_LONG_WORD}"
        ),
    ),
    # scheme://user:password@host
    # Padded base64 is a secret wherever it stands, also behind a misspelt keyword or as the name of a key.
    ("=", re.compile(r"(?<![a-z0-9+/=])([a-z0-9+/]{20,90}+={1,2})(?![a-z0-9+/=])")),
    ("://", re.compile(r'://[^\s/:@"]*+:([^\s/"]+)@')),
    # dig and nsupdate take a whole key: -y hmac-sha256:name:secret
    ("-y", re.compile(r"(?<![\w-])-y[ \t]*+[\"']?(?:hmac-[\w.-]{1,40}+:)?[^\s:\"']{1,300}+:([^\s:\"']++)")),
    # The DLZ driver for LDAP: ldap THREADS VERSION METHOD {user} {password} {host} ...
    ("ldap", re.compile(r"\bldap\s++\d++\s++v\d\s++\w++\s++\{[^{}]*+\}\s*+\{([^{}]*+)\}")),
    # The loadable DLZ driver for MySQL: dlopen PATH database host user password
    ("mysqldyn", re.compile(r"mysqldyn[^\s\"]{0,200}+(?:\s++[^\s\"]++){3}\s++([^\s\"]++)")),
)
"""Secrets that no keyword announces: what their text must contain, in lower case, and the pattern."""
