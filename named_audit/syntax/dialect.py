"""Inputs that are not named.conf although they look like it: templates, rndc.conf, other encodings."""

from __future__ import annotations

import re

from named_audit.syntax.lexical import COMMENT, STRING, TRIVIA, WORDS, many
from named_audit.syntax.source import Problem, Source, Span, problem_at

# Strings, not compiled patterns: most inputs never need them, and `re` remembers what it has compiled.
_BEGIN = r'(?<![^ \t\r\n{};"!/])'
# Names and paths hold no markers of a template; what is said to clients (`version`, `server-id`) may.
_IN_QUOTES = (
    rf'{_BEGIN}(?ai:zone|key|acl|view|include|file|directory|secret)(?=[ \t\r\n"/#]){TRIVIA}"(?:\\.|[^"\\])*?'
)
_NAME = r"\{\{[-+~]?\s*+[A-Za-z_]"
_REST = r"\w.\s|(),'\[\]"
# `options {# a comment` is BIND's; at the beginning of a file no block can stand.
_JINJA = (
    rf"\{{%[-+~]?\s*+\w|{_NAME}[{_REST}\"-]*+\}}\}}|\A{TRIVIA}\{{#"
    rf'|{_IN_QUOTES}(?:\{{%[-+~]?\s*+\w|{_NAME}[{_REST}-]*+(?:\}}\}}|(?<=\()"))'
)
_ERB = rf"<%[-=#]?|{_IN_QUOTES}<%[-=#]?"
_RNDC_WORD = r"default-(?:key|server|port)[ \t\r\n\"]"
_RNDC = (
    rf"(?:\A|[;}}]){TRIVIA}(?ai:options){TRIVIA}\{{{TRIVIA}"
    rf"{many(f'(?!{_RNDC_WORD}){WORDS};{TRIVIA}')}{_RNDC_WORD}"
)
_CUT_WORD = rf"{_BEGIN}(?ai:include|options|dyndb|plugin|directory)\x00"
_GLUED = r'(?<=[^ \t\r\n{};"!/#])/\*(?:\*(?!/)|[^*]++)*+\*/(?=[/*])'

_LANGUAGES = (("Jinja", ("{%", "{{", "{#"), _JINJA), ("ERB", ("<%",), _ERB))


def foreign_language(source: Source) -> Problem | None:
    """One clear problem for a file that is not named.conf at all, or that cannot be followed; else None."""
    text = source.text
    if text.startswith(("\udcff\udcfe", "\udcfe\udcff")) or text[:64].count("\0") > 8:
        return problem_at(
            "syntax", "this file is UTF-16: BIND reads bytes, save it as UTF-8", Span(source, 0, 1)
        )
    if "\0" in text and (found := _in_code(_CUT_WORD, text)) is not None:
        message = "a NUL byte ends this word for BIND: what it starts cannot be followed"
        return problem_at("syntax", message, Span(source, found.start(), found.end()))
    for name, markers, pattern in _LANGUAGES:
        if any(marker in text for marker in markers) and (found := _in_code(pattern, text)) is not None:
            message = f"this is a template: render it first ({name} or the like; check what it gives)"
            return problem_at("template", message, Span(source, found.start(), found.end()))
    if ("*//" in text or "*/*" in text) and (found := _in_code(_GLUED, text)) is not None:
        # BIND gives the last character of a comment that ended a word back, and meets it again.
        message = "BIND takes the end of this comment and what follows for the beginning of another comment: "
        message += "put blanks around it"
        return problem_at("syntax", message, Span(source, found.start(), found.end() + 1))
    if "default-" in text and re.search(_RNDC_WORD, text) and (found := _in_code(_RNDC, text)) is not None:
        at = text.rfind("default-", found.start(), found.end())
        message = "this is rndc.conf, the configuration of rndc, not of named: check named.conf instead"
        return problem_at("rndc", message, Span(source, at, found.end() - 1))
    return None


def _in_code(pattern: str, text: str) -> re.Match[str] | None:
    """The first match that does not begin in a comment or in a quoted string."""
    either = re.compile(rf"(?P<hit>{pattern})|{STRING}|{COMMENT}", re.DOTALL)
    return next((found for found in either.finditer(text) if found["hit"] is not None), None)
