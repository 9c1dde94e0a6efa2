"""Inputs that are not named.conf although they look like it: templates, rndc.conf, other encodings."""

from __future__ import annotations

import re

from named_audit.syntax.lexical import STRING, TRIVIA
from named_audit.syntax.source import Problem, Source, Span, problem_at

# What a comment or a quoted string holds says nothing: only code counts.
_SKIP = rf"(?:{STRING}|//[^\n]*+|\#[^\n]*+|/\*(?:\*(?!/)|[^*]++)*+\*/)"
# Strings, not compiled patterns: most inputs never need them, and `re` remembers what it has compiled.
_JINJA = r"\{%[-+~]?\s*+\w|\{\{[-+~]?\s*+[A-Za-z_][\w.\s|(),'\"\[\]-]*+\}\}|\{#"
_ERB = r"<%[-=#]?"
_RNDC = rf"(?s:(?:^|[;}}]){TRIVIA}options{TRIVIA}\{{{TRIVIA}(?:[^{{}};]++;{TRIVIA})*?default-(?:key|server|port)[ \t\r\n])"


_CUT_WORD = r"(?ai:(?<![^ \t\r\n{};\"!/])(?:include|options|dyndb|plugin|directory)\x00)"


def foreign_language(source: Source) -> Problem | None:
    """One clear problem for a file that is not named.conf at all, or None."""
    text = source.text
    if text.startswith(("\udcff\udcfe", "\udcfe\udcff")) or text[:64].count("\0") > 8:
        return problem_at(
            "syntax", "this file is UTF-16: BIND reads bytes, save it as UTF-8", Span(source, 0, 1)
        )
    if "\0" in text and (found := re.search(_CUT_WORD, text)) is not None:
        message = "a NUL byte ends this word for BIND: what it starts cannot be followed"
        return problem_at("syntax", message, Span(source, found.start(), found.end()))
    for name, pattern in (("Jinja", _JINJA), ("ERB", _ERB)):
        if name == "Jinja" and "{%" not in text and "{{" not in text:
            continue
        if name == "ERB" and "<%" not in text:
            continue
        found = _outside_quotes(pattern, text)
        if found is not None:
            message = f"this is a template: render it first ({name} or the like; check what it gives)"
            return problem_at("template", message, Span(source, found.start(), found.end()))
    if "default-" in text and (found := re.search(_RNDC, text)) is not None:
        at = text.rfind("default-", found.start(), found.end())
        message = "this is rndc.conf, the configuration of rndc, not of named: check named.conf instead"
        return problem_at("rndc", message, Span(source, at, found.end() - 1))
    return None


def _outside_quotes(pattern: str, text: str) -> re.Match[str] | None:
    either = re.compile(rf"(?:{_SKIP})|(?P<hit>{pattern})", re.DOTALL)
    for found in either.finditer(text):
        if found["hit"] is not None:
            return found
    return None
