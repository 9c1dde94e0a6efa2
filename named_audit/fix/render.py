"""A correction as text: `fix.conf.j2` rendered into edits of the file and a snippet to paste.

What a template puts out is checked piece by piece, since names come from a file that nobody vouches for:

    {{ value | name }}       a name as a quoted string that BIND reads back as the same name
    {{ value | address }}    an address or prefix
    {{ text | verbatim }}    text of the file as it stands
    {{ name | key }}         an element: `key "name"`
    {{ pair | server }}      an element: an address, and the key of a (address, key name or None) pair
    {{ element | negated }}  an element behind a `!`
    {{ list | both }}        an element that stops all whom no (negated) element of the list spares
    {{ list | elements }}    a block, on one line where the replaced text was and it fits
    {{ value }}              anything else has to be one plain word, number or prefix

A value that none of these can write refuses the fix. In a template four spaces, or a tab, are one level.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from named_audit.fix.layout import (
    Line,
    Style,
    indent_at,
    lay_out,
    line_end,
    line_start,
    lines_of,
    mark_elements,
    style_of,
)
from named_audit.fix.place import NoPlaceError, after, delete, inside, replace
from named_audit.lint.contract import Change, Edit, Fix, RenderedFix
from named_audit.syntax.edits import OverlapError, TextEdit, apply_edits, comments_in, in_order
from named_audit.syntax.lexical import COMMENT, STRING, many
from named_audit.syntax.redact import redact, redact_text, secret_ranges
from named_audit.syntax.source import Source, Span
from named_audit.syntax.words import quote

if TYPE_CHECKING:
    from jinja2 import Template

MAX_LINE = 300
"""How long a line may be for its snippet to show all of it."""

MAX_STATEMENT = 1000
"""How long a statement may be for its snippet to show all of it, where parts of it are edited."""

SNIPPET = "snippet"
"""The `part` that renders the snippet where the changes' own text is not what a person should paste."""


class RenderError(Exception):
    """The template is at fault, not the file that is audited: a rule's bug."""


class RefusedError(Exception):
    """The fix cannot be written safely for this file; the text says why, for people."""


class _Safe(str):
    """Text that a filter has checked."""

    __slots__ = ()


def render_fix(fix: Fix, template: str) -> RenderedFix:
    """Render a correction with the text of its rule's `fix.conf.j2`.

    The template is rendered once for each change but "delete", with `part` and the change's values. The
    snippet is the text of the changes; where the fix has values of its own, or no changes, the template is
    rendered with these and `part = "snippet"` (a refused fix with neither has none); where it says what it shows, that
    statement as corrected. Where applying would lose a comment, touch a secret or cannot
    be done, the grade is "display", `refused` says why and there are no edits. Whether the result parses is
    for the caller to try.

    Raises:
        RenderError: the template fails, uses a value that is not given, or gives no text for a change.
    """
    try:
        written = [change for change in fix.changes if change.how != "delete"]
        texts = [_rendered(template, change.part, change.values) for change in written]
        snippet = _snippet(fix, template, texts)
    except RefusedError as refusal:
        return RenderedFix(fix.title, "display", "", (), str(refusal))
    try:
        edits = _edits(fix.changes, texts)
        if any(_foreign_secrets(edit.text, template) for edit in edits):
            raise RefusedError("it would write a secret")
    except (RefusedError, NoPlaceError) as refusal:
        return RenderedFix(fix.title, "display", snippet, (), str(refusal))
    if fix.shows is not None:
        snippet = _corrected(fix.shows, edits) or snippet
    grade = fix.grade if edits and fix.refused is None else "display"
    return RenderedFix(fix.title, grade, snippet, edits, fix.refused, fix.admits)


def _snippet(fix: Fix, template: str, texts: list[list[Line]]) -> str:
    if fix.refused is not None and not fix.changes and not fix.values:
        return ""  # the rule found nothing that could be pasted
    lines = [line for text in texts for line in text]
    if fix.values or not fix.changes:
        lines = _rendered(template, SNIPPET, fix.values, required=False) or lines
    style = Style(style_of(fix.changes[0].span.source.text).unit if fix.changes else " " * 4, "\n")
    laid_out = lay_out(lines, style, "", before=0, one_line=True)
    if len(fix.changes) == 1 and not fix.values and laid_out.rstrip()[-1:] not in (";", "}"):
        laid_out = _in_its_line(fix.changes[0].span, laid_out)
    return _hidden(laid_out, template)


def _corrected(span: Span, edits: Iterable[Edit]) -> str | None:
    """A statement with the edits made, as far to the left as it goes; None where it is too long to show."""
    source = span.source
    own = [
        TextEdit(edit.span.start - span.start, edit.span.end - span.start, edit.text)
        for edit in edits
        if edit.span.source is source and span.start <= edit.span.start and edit.span.end <= span.end
    ]
    if not own or span.end - span.start > MAX_STATEMENT:
        return None
    indent = indent_at(source.text, span.start)
    return redact_text(apply_edits(span.text, own)).replace(f"\n{indent}", "\n")


def _in_its_line(span: Span, new: str) -> str:
    """A word that replaces a part of a statement, with the rest of its line: a word alone says little."""
    source = span.source
    begin, end = line_start(source.text, span.start), line_end(source.text, span.end)
    if end - begin > MAX_LINE:
        return new
    return (redact(source, begin, span.start) + new.strip() + redact(source, span.end, end)).strip()


def _edits(changes: Iterable[Change], texts: Iterable[list[Line]]) -> tuple[Edit, ...]:
    sources: dict[str, Source] = {}
    found: dict[str, list[TextEdit]] = {}
    remaining = iter(texts)
    for change in changes:
        source, start, end = change.span
        text = source.text
        if change.how == "delete":
            edit = delete(text, start, end)
        else:
            place = {"replace": replace, "after": after, "inside": inside}[change.how]
            edit = place(text, start, end, next(remaining), style_of(text))
        _keeps_comments(text, edit)
        _touches_no_secret(text, edit)
        sources.setdefault(source.real_path, source)
        _add(found.setdefault(source.real_path, []), edit)
    try:
        return tuple(
            Edit(Span(sources[path], start, end), new)
            for path, edits in found.items()
            for start, end, new in in_order(edits)
        )
    except OverlapError:
        raise RefusedError("its own changes overlap") from None


def _add(edits: list[TextEdit], edit: TextEdit) -> None:
    """Insertions of one fix at one place come in the order of its changes."""
    for index, other in enumerate(edits):
        if edit != other and edit.start == edit.end == other.start == other.end:
            edits[index] = TextEdit(edit.start, edit.end, other.text + edit.text)
            return
    edits.append(edit)


def _keeps_comments(text: str, edit: TextEdit) -> None:
    before = _comments(text, edit.start, edit.end)
    lost = before - _comments(edit.text, 0, len(edit.text))
    if lost:
        raise RefusedError("it would drop a comment")


def _comments(text: str, start: int, end: int) -> Counter[str]:
    return Counter(text[begin:stop].rstrip() for begin, stop in comments_in(text, start, end))


def _touches_no_secret(text: str, edit: TextEdit) -> None:
    ranges = secret_ranges(text)
    # They are in order and apart: only the last one that begins before the edit ends can reach to it.
    index = bisect_right(ranges, (edit.end, len(text))) - 1
    if index >= 0 and edit.start <= ranges[index][1]:
        raise RefusedError("it would edit text that holds a secret")


def _foreign_secrets(text: str, template: str) -> list[tuple[int, int]]:
    """The secrets in a rendered text; what the template itself writes (`secret "..."`) is none."""
    own = {template[start:end] for start, end in secret_ranges(template)}
    return [(start, end) for start, end in secret_ranges(text) if text[start:end] not in own]


def _hidden(snippet: str, template: str) -> str:
    return redact_text(snippet) if _foreign_secrets(snippet, template) else snippet


def _rendered(template: str, part: str, values: Mapping[str, Any], *, required: bool = True) -> list[Line]:
    from jinja2 import TemplateError

    try:
        lines = lines_of(_compiled(template).render({**values, "part": part}))
    except RefusedError:
        raise
    except TemplateError as error:
        reason = error.message or type(error).__name__
        raise RenderError(f"fix.conf.j2 fails for part {part!r}: {reason}") from error
    except Exception as error:
        # Only the kind: its text could quote the configuration.
        raise RenderError(f"fix.conf.j2 fails for part {part!r}: {type(error).__name__}") from error
    if required and not lines:
        raise RenderError(f"fix.conf.j2 gives no text for part {part!r}")
    return lines


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    # Sandboxed: rules come from third parties too, and values are objects of the model.
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_checked,
        loader=None,
    )
    environment.filters.update(
        name=_name,
        address=_address,
        verbatim=_verbatim,
        key=_key,
        server=_server,
        negated=_negated,
        both=_both,
        elements=_elements,
    )
    return environment.from_string(template)


_PLAIN = re.compile(r'[^\s{};"!#/\0]+|[0-9A-Fa-f:.]+/[0-9]+')


def _checked(value: object) -> str:
    """What Jinja writes for `{{ value }}`: nothing that could end the statement or begin another."""
    text = value if isinstance(value, str) else str(value)
    if isinstance(value, _Safe):
        return text
    if value is None:
        raise TypeError("a template wrote None")
    if _PLAIN.fullmatch(text) is None:
        raise RefusedError(f"it would have to write {_shown(text)} without quotes")
    return text


def _name(value: object) -> str:
    """A name as BIND reads it back."""
    text = str(value)
    try:
        return _Safe(quote(text))
    except ValueError:
        raise RefusedError(f"the name {_shown(text)} cannot be written as a quoted string") from None


_ADDRESS = re.compile(r"[0-9A-Fa-f:.]+(?:%[0-9A-Za-z_.-]+)?")
_SHORT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){0,2}")


def _address(value: object) -> str:
    """An address or prefix, as it was given; BIND's short IPv4 prefixes (10/8) too."""
    import ipaddress

    text = str(value)
    address, slash, length = text.partition("/")
    refusal = RefusedError(f"{_shown(text)} is no address or prefix")
    if _ADDRESS.fullmatch(address) is None or (slash and not re.fullmatch("[0-9]{1,3}", length)):
        raise refusal
    if slash and _SHORT.fullmatch(address):
        address += ".0" * (3 - address.count("."))
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise refusal from None
    if slash and int(length) > parsed.max_prefixlen:
        raise refusal
    return _Safe(text)


def _verbatim(value: object) -> str:
    """Text that stands in the file, as it stands there."""
    text = str(value)
    if _WHOLE.fullmatch(text) is None:
        raise RefusedError("it would have to copy text with an open string or comment, or a NUL")
    return _Safe(_end_comment(text))


_WHOLE = re.compile(many(rf'{COMMENT}|{STRING}|(?!/\*)[^"\0]'), re.DOTALL)


def _end_comment(text: str) -> str:
    """A line comment at the end would swallow what the template writes behind it."""
    comments = comments_in(text, 0, len(text))
    last = text[slice(*comments[-1])] if comments and comments[-1][1] == len(text) else "/*"
    return text if last.startswith("/*") else f"{text}\n"


def _key(value: object) -> str:
    return _Safe(f"key {_name(value)}")


def _server(value: Sequence[object]) -> str:
    """An address, the name of its key or None, and perhaps a port or None, as an entry of a server list."""
    address, key, port = (*value, None)[:3]
    text = _address(address)
    if port is not None:
        text += f" port {_checked(port)}"
    return _Safe(text if key is None else f"{text} key {_name(key)}")


def _negated(value: object) -> str:
    return _Safe(f"!{_element(value)}")


def _both(values: Iterable[object]) -> str:
    # Inside the list the spared match negated, so the outer `!` does not bite and the search goes on.
    return _Safe(f"!{mark_elements([*map(_element, values), 'any'])}")


def _elements(values: Iterable[object]) -> str:
    if isinstance(values, str):
        raise TypeError("elements are a list")
    return _Safe(mark_elements(map(_element, values)))


_ELEMENT = re.compile(rf'(?:[ ]|{STRING}|(?!//|/\*)[^\s{{}};"#\0]|(?!))++', re.DOTALL)


def _element(value: object) -> str:
    """One element without its `;`: written by a filter, or words and strings."""
    text = str(value).strip()
    if isinstance(value, _Safe):
        comments = comments_in(text, 0, len(text))
        if text.endswith(";") and not (comments and comments[-1][1] == len(text)):
            text = text[:-1]
        text = _end_comment(text)
    elif _ELEMENT.fullmatch(text) is None:
        raise RefusedError(f"it would have to write {_shown(text)} as one element of a list")
    if not text:
        raise RefusedError("it would have to write an empty element into a list")
    return text


def _shown(text: str) -> str:
    return ascii(redact_text(text)[:60])
