"""Corrections: exact bytes in every style, hostile names, the fixed point, the diff."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from named_audit.fix.apply import Applied, Correction, Files, Refusal, fix_to_fixed_point, plan
from named_audit.fix.diff import unified_diff
from named_audit.fix.layout import Style, style_of
from named_audit.fix.render import RenderError, render_fix
from named_audit.host import MemoryHost
from named_audit.lint.contract import Change, Edit, Fix, Grade, RenderedFix, Reported, Severity
from named_audit.syntax.edits import OverlapError, TextEdit, apply_edits, comments_in, overlap
from named_audit.syntax.locate import ReadOptions
from named_audit.syntax.parser import parse_source, read_tree
from named_audit.syntax.source import Problem, Source, Span, problem_at
from named_audit.syntax.words import Group, Word, split
from tests.audit_cli import CLEAN, run

How = Literal["replace", "after", "inside", "delete"]

LIST = 'allow-transfer {{ keys | map("key") | elements }};'
LONG = ["k" * 40, "l" * 40]


def span_of(text: str, piece: str, source: Source | None = None) -> Span:
    """The only place where a piece of text stands."""
    assert text.count(piece) == 1, piece
    start = text.index(piece)
    return Span(source or Source("named.conf", text), start, start + len(piece))


def change(text: str, piece: str, how: How, template: str, **values: Any) -> RenderedFix:
    """Render a fix of one change."""
    return render_fix(Fix("title", (Change(how, span_of(text, piece), "part", values),), "safe"), template)


def result(text: str, piece: str, how: How, template: str = LIST, **values: Any) -> str:
    """The text after a fix of one change, which must be applicable."""
    fix = change(text, piece, how, template, **values)
    assert (fix.grade, fix.refused) == ("safe", None)
    return applied(text, fix)


def applied(text: str, fix: RenderedFix) -> str:
    """The text after a fix."""
    return apply_edits(text, [(edit.span.start, edit.span.end, edit.text) for edit in fix.edits])


def written(template: str, **values: Any) -> RenderedFix:
    """A fix that replaces a statement by what a template gives."""
    return change("allow-transfer { any; };", "allow-transfer { any; };", "replace", template, **values)


# --- edits of one text


def test_apply_edits() -> None:
    assert apply_edits("abcdef", [(4, 5, "E"), (0, 0, "<"), (1, 3, "")]) == "<adEf"
    assert apply_edits("ab", [(1, 1, "x"), (1, 1, "x")]) == "axb"
    assert apply_edits("ab", [(0, 1, "1"), (1, 1, "-"), (1, 2, "2")]) == "1-2"
    with pytest.raises(ValueError, match=r"an edit at 1\.\.9 lies outside of a text of 2 characters"):
        apply_edits("ab", [(1, 9, "")])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 2, "a"), (1, 3, "b"), True),
        ((0, 2, "a"), (2, 3, "b"), False),
        ((0, 9, ""), (3, 3, "b"), True),
        ((0, 9, ""), (0, 0, "b"), False),
        ((0, 9, ""), (9, 9, "b"), False),
        ((3, 3, "a"), (3, 3, "b"), True),
        ((3, 3, "a"), (3, 3, "a"), False),
        ((3, 5, "a"), (3, 5, "a"), False),
        ((3, 5, "a"), (3, 5, "b"), True),
    ],
)
def test_overlap(one: tuple[int, int, str], other: tuple[int, int, str], expected: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is expected
    if expected:
        with pytest.raises(OverlapError):
            apply_edits("0123456789", [one, other])


@given(st.text(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9), st.text(max_size=5))))
def test_edits_change_nothing_else(text: str, raw: list[tuple[int, int, str]]) -> None:
    edits: list[TextEdit] = []
    for start, length, new in raw:
        edit = TextEdit(min(start, len(text)), min(start + length, len(text)), new)
        if not any(overlap(edit, other) for other in edits):
            edits.append(edit)
    changed = apply_edits(text, edits)
    at = position = 0
    for edit in sorted(set(edits)):
        kept = text[at : edit.start]
        assert changed[position : position + len(kept)] == kept
        position += len(kept)
        assert changed[position : position + len(edit.text)] == edit.text
        position += len(edit.text)
        at = edit.end
    assert changed[position:] == text[at:]


def test_comments_in() -> None:
    text = 'a "// no /* no" // yes\n/* and\nthis */ b#end\r\nc "x\\"#" /d'
    found = [text[start:end] for start, end in comments_in(text, 0, len(text))]
    assert found == ["// yes", "/* and\nthis */", "#end\r"]
    assert comments_in("a /* open", 0, 9) == ((2, 9),)
    assert comments_in('a "open // no', 0, 13) == ()


# --- the style of a file


@pytest.mark.parametrize(
    ("text", "unit", "newline"),
    [
        ("", "    ", "\n"),
        ("a;\n", "    ", "\n"),
        ("options {\n\ta;\n};\n", "\t", "\n"),
        ("options {\n  a;\n};\n", "  ", "\n"),
        ("options {\r\n   a;\r\n};\r\n", "   ", "\r\n"),
        ("options { // why {\n  b {\n    c;\n  };\n};\n", "  ", "\n"),
        ("/*\n * not code\n */\nzone x\n{\n\ttype primary;\n};\n", "\t", "\n"),
        ("a;\r\nb;\nc;\n", "    ", "\n"),
    ],
)
def test_style_of(text: str, unit: str, newline: str) -> None:
    assert style_of(text) == Style(unit, newline)


# --- where a change goes, to the byte


def zone(unit: str, newline: str) -> str:
    """A zone in a style."""
    lines = [
        'zone "x" {',
        f"{unit}type primary;",
        f"{unit}allow-transfer {{ any; }};",
        f'{unit}file "f";',
        "};",
        "",
    ]
    return newline.join(lines)


STYLES = [("\t", "\n"), ("  ", "\n"), ("    ", "\n"), ("\t", "\r\n"), ("    ", "\r\n")]


@pytest.mark.parametrize(("unit", "newline"), STYLES)
def test_replace(unit: str, newline: str) -> None:
    text = zone(unit, newline)
    old = "allow-transfer { any; };"
    assert result(text, old, "replace", keys=["k"]) == text.replace(old, 'allow-transfer { key "k"; };')
    broken = [
        "allow-transfer {",
        f'{unit}{unit}key "{LONG[0]}";',
        f'{unit}{unit}key "{LONG[1]}";',
        f"{unit}}};",
    ]
    assert result(text, old, "replace", keys=LONG) == text.replace(old, newline.join(broken))


@pytest.mark.parametrize(("unit", "newline"), STYLES)
def test_after(unit: str, newline: str) -> None:
    text = zone(unit, newline)
    expected = text.replace("any; };", f'any; }};{newline}{unit}allow-transfer {{ key "k"; }};')
    assert result(text, "allow-transfer { any; };", "after", keys=["k"]) == expected


@pytest.mark.parametrize(("unit", "newline"), STYLES)
def test_inside(unit: str, newline: str) -> None:
    text = zone(unit, newline)
    expected = text.replace(
        f'"x" {{{newline}', f'"x" {{{newline}{unit}allow-transfer {{ key "k"; }};{newline}'
    )
    assert result(text, text.strip(), "inside", keys=["k"]) == expected


@pytest.mark.parametrize(("unit", "newline"), STYLES)
def test_delete(unit: str, newline: str) -> None:
    text = zone(unit, newline)
    expected = text.replace(f"{unit}allow-transfer {{ any; }};{newline}", "")
    assert result(text, "allow-transfer { any; };", "delete") == expected


@pytest.mark.parametrize(
    ("text", "piece", "how", "expected"),
    [
        # replace: a list that had a line for each element keeps that.
        (
            "o {\n  l {\n    any;\n  };\n};\n",
            "l {\n    any;\n  };",
            "replace",
            'o {\n  allow-transfer {\n    key "k";\n  };\n};\n',
        ),
        # replace: the comment behind the statement stays where it is.
        ("\tl { any; }; // why\n", "l { any; };", "replace", '\tallow-transfer { key "k"; }; // why\n'),
        # after: below the comments that trail the statement.
        ("  a; // b\n  c;\n", "a;", "after", '  a; // b\n  allow-transfer { key "k"; };\n  c;\n'),
        ("  a; # b\r\n  c;\r\n", "a;", "after", '  a; # b\r\n  allow-transfer { key "k"; };\r\n  c;\r\n'),
        (
            "  a; /* b\n b */ // c\n  c;\n",
            "a;",
            "after",
            '  a; /* b\n b */ // c\n  allow-transfer { key "k"; };\n  c;\n',
        ),
        ("  /* x */ a;  \n  c;\n", "a;", "after", '  /* x */ a;  \n  allow-transfer { key "k"; };\n  c;\n'),
        # after: the end of a file without a line end.
        ("\ta;", "a;", "after", '\ta;\n\tallow-transfer { key "k"; };'),
        # after: on the line that it shares with others.
        ("z { a; };\n", "a;", "after", 'z { a; allow-transfer { key "k"; }; };\n'),
        ("z { a; b; };\n", "a;", "after", 'z { a; allow-transfer { key "k"; }; b; };\n'),
        ("  a; b; // c\n", "b;", "after", '  a; b; allow-transfer { key "k"; }; // c\n'),
        ("  a; /* c */ b;\n", "a;", "after", '  a; allow-transfer { key "k"; }; /* c */ b;\n'),
        (
            "z {\n  a {\n    b;\n  };\n};\n",
            "a {\n    b;\n  };",
            "after",
            'z {\n  a {\n    b;\n  };\n  allow-transfer { key "k"; };\n};\n',
        ),
        # inside: empty blocks, blocks on one line.
        ("z {};\n", "z {};", "inside", 'z { allow-transfer { key "k"; }; };\n'),
        ("z { };\n", "z { };", "inside", 'z { allow-transfer { key "k"; }; };\n'),
        ("z { a; };\n", "z { a; };", "inside", 'z { allow-transfer { key "k"; }; a; };\n'),
        ("z {a;};\n", "z {a;};", "inside", 'z { allow-transfer { key "k"; }; a;};\n'),
        (
            "z { // c }\n};\n",
            "z { // c }\n};",
            "inside",
            'z { // c }\n    allow-transfer { key "k"; };\n};\n',
        ),
        ("\tz {\n\t};\n", "z {\n\t};", "inside", '\tz {\n\t\tallow-transfer { key "k"; };\n\t};\n'),
        # inside: with the indentation of what is there, whatever the file does elsewhere.
        ("z\n{\n a;\n};\n", "z\n{\n a;\n};", "inside", 'z\n{\n allow-transfer { key "k"; };\n a;\n};\n'),
        (
            "z {\n// {\n\n   a;\n};\n",
            "z {\n// {\n\n   a;\n};",
            "inside",
            'z {\n   allow-transfer { key "k"; };\n// {\n\n   a;\n};\n',
        ),
        ("z {\na;\n};\n", "z {\na;\n};", "inside", 'z {\nallow-transfer { key "k"; };\na;\n};\n'),
        # inside: a brace in a string or a comment opens no block.
        (
            'z "{" /* { */ {\n\ta;\n};\n',
            'z "{" /* { */ {\n\ta;\n};',
            "inside",
            'z "{" /* { */ {\n\tallow-transfer { key "k"; };\n\ta;\n};\n',
        ),
        # delete: with its lines where it stands alone.
        ("a;\n  b {\n    c;\n  };  \nd;\n", "b {\n    c;\n  };", "delete", "a;\nd;\n"),
        ("a;\nb;", "b;", "delete", "a;\n"),
        ("a;\r\nb;\r\n", "a;", "delete", "b;\r\n"),
        # delete: comments and neighbours stay.
        ("  a; // why\n", "a;", "delete", "  // why\n"),
        ("  /* why */ a;\n", "a;", "delete", "  /* why */\n"),
        ("z { a; };\n", "a;", "delete", "z { };\n"),
        ("z { a; b; };\n", "a;", "delete", "z { b; };\n"),
        ("z {a;b;};\n", "b;", "delete", "z {a;};\n"),
        ("  a; b;\n", "a;", "delete", "  b;\n"),
        ("  a; b;\n", "b;", "delete", "  a;\n"),
    ],
)
def test_places(text: str, piece: str, how: How, expected: str) -> None:
    assert result(text, piece, how, keys=["k"]) == expected


def test_what_does_not_fit_on_the_line() -> None:
    broken = f'allow-transfer {{\n        key "{LONG[0]}";\n        key "{LONG[1]}";\n    }};'
    assert result("z { };\n", "z { };", "inside", keys=LONG) == f"z {{\n    {broken}\n}};\n"
    assert result("z { a; };\n", "z { a; };", "inside", keys=LONG) == f"z {{\n    {broken}\n    a; }};\n"
    at_99 = "k" * (100 - len('z { allow-transfer { key ""; }; };') - 1)
    assert "\n" not in result("z { };", "z { };", "inside", keys=[at_99])
    assert "\n" not in result("z { };", "z { };", "inside", keys=[at_99 + "k"])
    assert "\n" in result("z { };", "z { };", "inside", keys=[at_99 + "kk"])


def test_a_comment_in_new_text_swallows_nothing() -> None:
    template = "notify no; // for now"
    assert result("z { a; b; };", "a;", "replace", template) == "z { notify no; // for now\n b; };"
    assert result("z { a; b; };", "a;", "after", template) == "z { a; notify no; // for now\n b; };"
    assert result("z { a; };", "z { a; };", "inside", template) == "z {\n    notify no; // for now\n    a; };"
    assert result("a; // old\n", "a;", "replace", template) == "notify no; // for now\n // old\n"


def test_levels_of_a_template() -> None:
    template = "zone {{ z | name }} {\n    type primary;\n\n    server {\n\tport 53;\n    };\n};\n"
    expected = '\tzone "z" {\n\t\ttype primary;\n\t\tserver {\n\t\tport 53;\n\t\t};\n\t};\n'
    assert result("v {\n\ta;\n};\n", "a;", "replace", template, z="z") == f"v {{\n{expected}}};\n"
    fix = change("v {\n\ta;\n};\n", "a;", "replace", template, z="z")
    assert fix.snippet == 'zone "z" {\n\ttype primary;\n\tserver {\n\tport 53;\n\t};\n};'


def test_several_changes() -> None:
    text = "o {\n  a;\n  b;\n};\n"
    source = Source("named.conf", text)
    changes = (
        Change("replace", span_of(text, "a;", source), "x", {"x": "one"}),
        Change("after", span_of(text, "a;", source), "x", {"x": "two"}),
        Change("after", span_of(text, "a;", source), "x", {"x": "three"}),
        Change("delete", span_of(text, "b;", source), "x", {}),
    )
    fix = render_fix(Fix("title", changes, "unsafe"), "{{ x }};")
    assert applied(text, fix) == "o {\n  one;\n  two;\n  three;\n};\n"
    assert (fix.grade, fix.snippet) == ("unsafe", "one;\ntwo;\nthree;")
    overlapping = (changes[0], Change("delete", changes[0].span, "x", {}))
    fix = render_fix(Fix("title", overlapping, "safe"), "{{ x }};")
    assert (fix.grade, fix.edits, fix.snippet, fix.refused) == (
        "display",
        (),
        "one;",
        "its own changes overlap",
    )


def test_snippet_of_its_own() -> None:
    template = '{% if part == "snippet" %}\noptions {\n    {{ x }};\n};\n{% else %}\n{{ x }};\n{% endif %}\n'
    assert render_fix(Fix("t", (), "display", {"x": "a"}), template) == RenderedFix(
        "t", "display", "options {\n    a;\n};", ()
    )
    fix = Fix("t", (Change("replace", span_of("b;", "b;"), "p", {"x": "a"}),), "safe", {"x": "c"})
    assert render_fix(fix, template).snippet == "options {\n    c;\n};"


def test_a_snippet_of_the_whole_statement() -> None:
    text = "z {\n    l {\n        one;\n        two; // comment\n    };\n    other;\n};\n"
    source = Source("named.conf", text)
    statement = span_of(text, "l {\n        one;\n        two; // comment\n    };", source)
    changes = (
        Change("replace", span_of(text, "one", source), "p", {}),
        Change("delete", span_of(text, "two;", source), "", {}),
    )
    fix = render_fix(Fix("t", changes, "unsafe", shows=statement), "three")
    assert (fix.grade, fix.snippet) == ("unsafe", "l {\n    three;\n    // comment\n};")
    (alone,) = render_fix(Fix("t", changes[1:], "unsafe", shows=statement), "three").edits
    assert (alone.span.text, alone.text) == ("two; ", "")
    outside = Fix("t", changes[:1], "unsafe", shows=span_of(text, "other;", source))
    assert render_fix(outside, "three").snippet == "three;"


def test_a_snippet_of_the_whole_statement_hides_secrets_and_has_an_end() -> None:
    secret = "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="
    text = f'key k {{ algorithm one; secret "{secret}"; }};\n'
    source = Source("named.conf", text)
    changes = (Change("replace", span_of(text, "one", source), "p", {}),)
    fix = render_fix(Fix("t", changes, "unsafe", shows=span_of(text, text.strip(), source)), "two")
    assert fix.snippet == 'key k { algorithm two; secret "[redacted]"; };'
    text = "l { one; " + "two; " * 300 + "};\n"
    source = Source("named.conf", text)
    changes = (Change("replace", span_of(text, "one", source), "p", {}),)
    fix = render_fix(Fix("t", changes, "unsafe", shows=span_of(text, text.strip(), source)), "three;")
    assert fix.snippet == "three;"


def test_an_edit_that_drops_a_comment_is_shown_only() -> None:
    text = 'l {\n  any; // the "world"\n};\n'
    piece = text.strip()
    fix = change(text, piece, "replace", LIST, keys=["k"])
    assert fix == RenderedFix(
        "title", "display", 'allow-transfer { key "k"; };', (), "it would drop a comment"
    )
    assert change(text, piece, "delete", LIST).refused == "it would drop a comment"
    kept = change(text, piece, "replace", 'm { // the "world"\n    none;\n};')
    assert (kept.grade, applied(text, kept)) == ("safe", 'm { // the "world"\n  none;\n};\n')
    assert change('l "// no comment";', 'l "// no comment";', "delete", LIST).grade == "safe"


def test_an_edit_that_touches_a_secret_is_shown_only() -> None:
    text = 'key "k" {\n\talgorithm hmac-md5;\n\tsecret "c2VjcmV0";\n};\n'
    fix = change(text, text.strip(), "replace", "key {{ k | name }};", k="k")
    assert fix == RenderedFix("title", "display", 'key "k";', (), "it would edit text that holds a secret")
    assert change(text, "hmac-md5", "replace", "hmac-sha256").grade == "safe"
    assert change(text, "algorithm hmac-md5;", "after", "a;").grade == "safe"


def test_a_secret_is_never_written() -> None:
    template = 'key "k" { secret {{ s | name }}; };'
    fix = change("a;", "a;", "replace", template, s="bm90IHRvIGJlIHNlZW4=")
    assert (fix.grade, fix.edits, fix.refused) == ("display", (), "it would write a secret")
    assert "bm90IHRvIGJl" not in fix.snippet
    # What a template itself says is no secret.
    assert change("a;", "a;", "replace", 'key "k" { secret "..."; };').snippet == 'key "k" { secret "..."; };'


def test_no_block_to_put_it_in() -> None:
    fix = change('a "{";', 'a "{";', "inside", "b;")
    assert (fix.grade, fix.snippet, fix.refused) == (
        "display",
        "b;",
        "the statement has no block to put it in",
    )


# --- what templates may write

HOSTILE = [
    "plain",
    "with space",
    'a"b',
    '"; }; acl "x" { any; }; //',
    "a;b",
    "{ any; }",
    "// comment",
    "/* comment",
    "# comment",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# gone #}",
    "a\\b",
    "a\nb",
    "a\r\n    b",
    "\t",
    "é",
    "\udcff\udcfe",
    "\x1b[31m",
    "any",
    "",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_back_as_they_were(name: str) -> None:
    for newline in ("\n", "\r\n"):
        text = f"options {{{newline}\ta;{newline}}};{newline}"
        for keys in ([name], [name, *LONG]):
            new = result(
                text, "a;", "replace", "allow-transfer {{ keys | map('key') | elements }};", keys=keys
            )
            # Not read_tree, which takes a file with such names for a template.
            tree = parse_source(Source("/c", new), MemoryHost({}), ReadOptions())
            assert tree.problems == ()
            (options,) = tree.statements
            (statement,) = options.children
            head, block = statement.pieces
            assert isinstance(head, Word) and isinstance(block, Group)
            values = [[piece.value for piece in element.pieces] for element in block.elements]
            assert values == [["key", key] for key in keys]


@pytest.mark.parametrize("name", ["a\\", 'a\\"b', "nul\0", "a\\\\\\"])
def test_names_that_cannot_be_quoted_refuse_the_fix(name: str) -> None:
    fix = written(LIST, keys=["good", name])
    assert (fix.grade, fix.edits, fix.snippet) == ("display", (), "")
    assert fix.refused == f"the name {name!a} cannot be written as a quoted string"


@given(st.text())
def test_any_name_comes_back_or_is_refused(name: str) -> None:
    fix = written(LIST, keys=[name])
    if fix.refused is None:
        _, block = split(fix.edits[0].text)
        assert isinstance(block, Group)
        ((_, value),) = (element.pieces for element in block.elements)
        assert value.value == name


@pytest.mark.bind
@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable() and name])
def test_bind_reads_the_same_name(name: str, tmp_path: Path) -> None:
    # An acl is referred to by the name we write and defined by the name as a zone's file would have it.
    fix = written("allow-transfer { {{ acl | name }}; };", acl=name)
    config = tmp_path / "named.conf"
    defined = fix.edits[0].text.removeprefix("allow-transfer { ").removesuffix("; };")
    definition = "" if name == "any" else f"acl {defined} {{ none; }};\n"
    config.write_text(f"{definition}options {{ {fix.edits[0].text} }};\n", encoding="utf-8")
    ran = subprocess.run(["named-checkconf", "-p", str(config)], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shown = re.search(r'allow-transfer *\{\n\t\t"(.*)";\n\t\};', ran.stdout)
    assert shown is not None and shown[1].replace('\\"', '"') == name


@pytest.mark.parametrize(
    "value", ["192.0.2.1", "10/8", "192.0.2/24", "::1", "2001:db8::/32", "fe80::1%eth0", "0.0.0.0/0"]
)
def test_addresses(value: str) -> None:
    assert written("a {{ x | address }};", x=value).snippet == f"a {value};"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "any",
        "192.0.2.1; any",
        "192.0.2.1/33",
        "10.0.0.0/255.0.0.0",
        "::1/129",
        "1.2.3",
        "fe80::1%a;b",
        "1.1.1.1\n",
        "::1//",
        "2001:db8::/ 32",
        "٣/8",
    ],
)
def test_no_addresses(value: str) -> None:
    fix = written("a {{ x | address }};", x=value)
    assert fix == RenderedFix("title", "display", "", (), f"{value!a} is no address or prefix")


@pytest.mark.parametrize(
    "value", ["a b", "a;", "a{", "}", '"a"', "!a", "a#b", "a//b", "a/*", "", "a\0", "a\nb", "a\u00a0b"]
)
def test_unfiltered_values_are_plain_words(value: str) -> None:
    fix = written("a {{ x }};", x=value)
    assert fix == RenderedFix("title", "display", "", (), f"it would have to write {value!a} without quotes")


def test_filters() -> None:
    assert written("a {{ x }} {{ y }} {{ z }};", x="hmac-sha256", y=53, z="10.0.0.0/8").snippet == (
        "a hmac-sha256 53 10.0.0.0/8;"
    )
    pairs = [("192.0.2.1", None), ("2001:db8::1", 'k"')]
    assert written('l {{ x | map("server") | elements }};', x=pairs).snippet == (
        'l { 192.0.2.1; 2001:db8::1 key "k\\""; };'
    )
    both = '{{ ([nets | map("negated") | list | both] + keys | map("key") | list) | elements }}'
    assert written(f"l {both};", nets=["192.0.2.1", "10.0.0.0/8"], keys=["k"]).snippet == (
        'l { !{ !192.0.2.1; !10.0.0.0/8; any; }; key "k"; };'
    )
    assert written("l {{ [] | elements }};").snippet == "l { };"
    raw = ["key k // why", "!{ !10/8; any; };", "a  port 53"]
    assert written('l {{ x | map("verbatim") | elements }};', x=raw).snippet == (
        "l { key k // why\n; !{ !10/8; any; }; a  port 53; };"
    )
    assert written("l {{ x | elements }};", x=['key "a;b"', "10/8"]).snippet == 'l { key "a;b"; 10/8; };'
    refused = written("l {{ x | elements }};", x=["a; any"]).refused
    assert refused == "it would have to write 'a; any' as one element of a list"
    assert written("{{ x | verbatim }} x;", x='a "').refused == (
        "it would have to copy text with an open string or comment, or a NUL"
    )
    assert written("{{ x | verbatim }} x;", x="a // b").snippet == "a // b\n x;"


def test_nested_lists_break_from_outside() -> None:
    both = '{{ ([nets | map("negated") | list | both] + keys | map("key") | list) | elements }}'
    nets = [f"2001:db8:{number}::/48" for number in range(6)]
    new = result("o {\n\tl { any; };\n};\n", "l { any; };", "replace", f"l {both};", nets=nets, keys=["k"])
    inner = "".join(f"\t\t\t!{net};\n" for net in nets)
    assert new == f'o {{\n\tl {{\n\t\t!{{\n{inner}\t\t\tany;\n\t\t}};\n\t\tkey "k";\n\t}};\n}};\n'
    few = result(
        "o {\n\tl {\n\t\tany;\n\t};\n};\n",
        "l {\n\t\tany;\n\t};",
        "replace",
        f"l {both};",
        nets=nets[:1],
        keys=["k"],
    )
    assert few == f'o {{\n\tl {{\n\t\t!{{ !{nets[0]}; any; }};\n\t\tkey "k";\n\t}};\n}};\n'


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ missing }};", "'missing' is undefined"),
        ("{{ missing | name }};", "'missing' is undefined"),
        ("{% if %}", "Expected an expression, got 'end of statement block'"),
        ("{{ [].__class__.__base__ }};", "access to attribute '__class__' of 'list' object is unsafe."),
        ("{% include 'x' %}", "TypeError"),
        ("{{ none }};", "TypeError"),
        ("{{ 'a' | elements }};", "TypeError"),
        ("{{ 1 / 0 }};", "ZeroDivisionError"),
    ],
)
def test_a_template_that_fails_is_the_rules_bug(template: str, reason: str) -> None:
    with pytest.raises(RenderError, match=re.escape(f"fix.conf.j2 fails for part 'part': {reason}")):
        written(template)
    with pytest.raises(RenderError, match=re.escape("fix.conf.j2 gives no text for part 'part'")):
        written("  \n{# nothing #}")


@given(
    st.sampled_from(["replace", "after", "inside", "delete"]),
    st.sampled_from(["\t", "  ", "    ", ""]),
    st.sampled_from(["\n", "\r\n", " "]),
    st.sampled_from(["", " ", " // c\n", " /* c */ ", " # c\r\n"]),
    st.lists(st.text(alphabet='ab"; {}/*#\n', max_size=60), max_size=4),
)
def test_every_change_parses_and_adds_what_it_says(
    how: How, unit: str, newline: str, trail: str, keys: list[str]
) -> None:
    piece = f"m {{{newline}{unit}{unit}x; y;{newline}{unit}}};"
    text = f"z {{{newline}{unit}a;{newline}{unit}{piece}{trail}{newline}{unit}b;{newline}}};{newline}"
    fix = change(text, piece, how, LIST, keys=keys)
    if fix.refused == "it would write a secret":
        # A name with a bracket looks like a key block, and in doubt too much is cut: nothing is written then.
        assert any("{" in key for key in keys)
        assert fix.edits == ()
        return
    assert fix.refused is None
    new = applied(text, fix)
    tree = read_tree("/c", MemoryHost({"/c": new.encode()}), ReadOptions())
    assert tree.problems == ()
    names = [statement.name for statement in tree.statements[0].children]
    assert (
        names
        == {
            "replace": ["a", "allow-transfer", "b"],
            "after": ["a", "m", "allow-transfer", "b"],
            "inside": ["a", "m", "b"],
            "delete": ["a", "b"],
        }[how]
    )
    if how == "inside":
        inner = [statement.name for statement in tree.statements[0].children[1].children]
        assert inner == ["allow-transfer", "x", "y"]


# --- planning and applying


class Outcome(NamedTuple):
    """An audit's result."""

    findings: tuple[Reported, ...]
    problems: tuple[Problem, ...] = ()


def finding(
    rule: str, at: Span, *edits: Edit, grade: Grade = "safe", refused: str | None = None, print_: str = ""
) -> Reported:
    """A finding with one correction."""
    fix = RenderedFix(f"fix {rule}", grade, "", edits, refused)
    fingerprint = print_ or f"{rule}{at.text}"
    return Reported(rule, Severity.LOW, "regular", "", at, (), (), (), fingerprint, "c", (fix,))


Rule = Callable[[Source], Iterable[Reported]]


def auditor(*rules: Rule, calls: list[int] | None = None) -> Callable[[Files], Outcome]:
    """An audit by functions; a text with "BROKEN" in it has a problem."""

    def audit(files: Files) -> Outcome:
        if calls is not None:
            calls.append(len(calls))
        sources = [Source(path, text) for path, text in files.items()]
        found = [reported for source in sources for rule in rules for reported in rule(source)]
        problems = [
            problem_at("syntax", "it is broken", Span(source, at.start(), at.end()))
            for source in sources
            for at in re.finditer("BROKEN", source.text)
        ]
        return Outcome(tuple(found), tuple(problems))

    return audit


def swap(rule: str, old: str, new: str, grade: Grade = "safe") -> Rule:
    """A rule that wants every `old` to be `new`."""

    def check(source: Source) -> Iterable[Reported]:
        for at in re.finditer(re.escape(old), source.text):
            span = Span(source, at.start(), at.end())
            yield finding(rule, span, Edit(span, new), grade=grade)

    return check


def settle(
    files: Mapping[str, str], *rules: Rule, unsafe: bool = False
) -> tuple[dict[str, str], list[str], list[Refusal]]:
    """Texts, rules of the applied corrections, refusals."""
    done = fix_to_fixed_point(files, auditor(*rules), allow_unsafe=unsafe)
    return done.files, [one.rule for one in done.applied], list(done.refused)


def test_fixed_point() -> None:
    calls: list[int] = []
    done = fix_to_fixed_point(
        {"a": "one one\n", "b": "x\none\n"},
        auditor(swap("r", "one", "two"), swap("s", "two", "three"), calls=calls),
    )
    assert done.files == {"a": "three three\n", "b": "x\nthree\n"}
    assert done.applied == (
        Applied("r", "fix r", "a", 1),
        Applied("r", "fix r", "a", 1),
        Applied("r", "fix r", "b", 2),
        Applied("s", "fix s", "a", 1),
        Applied("s", "fix s", "a", 1),
        Applied("s", "fix s", "b", 2),
    )
    assert (done.refused, done.last.findings, len(calls)) == ((), (), 3)


def test_unsafe_only_when_asked() -> None:
    rules = (swap("r", "one", "two", "unsafe"), swap("s", "x", "y", "display"))
    assert settle({"a": "one x"}, *rules) == ({"a": "one x"}, [], [])
    assert settle({"a": "one x"}, *rules, unsafe=True) == ({"a": "two x"}, ["r"], [])


def test_the_one_that_breaks_something_is_refused() -> None:
    rules = (swap("good", "one", "two"), swap("bad", "x", "BROKEN"))
    texts, applied_rules, refused = settle({"a": "one\none\nx\none\n", "b": "one"}, *rules)
    assert texts == {"a": "two\ntwo\nx\ntwo\n", "b": "two"}
    assert applied_rules == ["good"] * 4
    assert refused == [Refusal("bad", "a", 3, "it would cause a problem: it is broken (a:3)")]


def test_problems_that_were_there_are_no_ones_fault() -> None:
    assert settle({"a": "BROKEN one"}, swap("r", "one", "two"))[0] == {"a": "BROKEN two"}


def test_a_correction_that_settles_nothing_is_refused() -> None:
    def useless(source: Source) -> Iterable[Reported]:
        at = Span(source, len(source.text), len(source.text))
        yield finding("useless", Span(source, 0, 1), Edit(at, "!"), print_="the same")

    texts, applied_rules, refused = settle({"a": "one"}, useless, swap("r", "one", "two"))
    assert texts == {"a": "two"}
    assert applied_rules == ["r"]
    assert refused == [Refusal("useless", "a", 1, "it would not settle the finding")]


def test_corrections_that_undo_each_other_end() -> None:
    texts, applied_rules, refused = settle(
        {"a": "x\none\n"}, swap("r", "one", "two"), swap("s", "two", "one")
    )
    assert texts == {"a": "x\none\n"}
    assert applied_rules == ["r", "s"]
    assert refused == [Refusal("r", "a", 2, "it came back after it had been applied")]


def test_a_rule_that_is_never_satisfied_leaves_nothing_behind() -> None:
    def grows(source: Source) -> Iterable[Reported]:
        # The finding and its correction are new ones each time.
        yield finding("grows", Span(source, 0, 0), Edit(Span(source, 0, 0), f"{len(source.text)} "))

    texts, applied_rules, refused = settle({"a": "one"}, grows, swap("r", "one", "two"))
    assert texts == {"a": "two"}
    assert applied_rules == ["r"]
    reason = "its corrections do not come to an end: more were due after 20 rounds"
    assert refused == [Refusal("grows", "a", 1, reason)]


def test_overlapping_corrections_take_turns() -> None:
    texts, applied_rules, refused = settle(
        {"a": "abc"}, swap("r", "ab", "x"), swap("s", "bc", "y"), swap("t", "xc", "z")
    )
    assert (texts, applied_rules, refused) == ({"a": "z"}, ["r", "t"], [])


def test_a_file_that_is_read_twice_is_changed_once() -> None:
    def twice(source: Source) -> Iterable[Reported]:
        again = Source("other/" + source.path, source.text, source.real_path)
        for one in (source, again):
            if not one.text.startswith("// "):
                yield finding("r", Span(one, 0, 0), Edit(Span(one, 0, 0), "// "))

    done = fix_to_fixed_point({"a": "x"}, auditor(twice))
    assert (done.files, len(done.applied), done.refused) == ({"a": "// x"}, 1, ())


def test_refused_when_rendered_or_not_ours_to_write() -> None:
    def check(source: Source) -> Iterable[Reported]:
        at = Span(source, 0, 1)
        yield finding("r", at, grade="display", refused="it would drop a comment")
        yield finding("s", at, Edit(Span(Source("<stdin>", "x"), 0, 1), "y"))
        yield finding("t", at, Edit(Span(Source("a", "older text"), 0, 1), "y"))

    assert settle({"a": "x"}, check)[2] == [
        Refusal("r", "a", 1, "it would drop a comment"),
        Refusal("s", "a", 1, "it would change <stdin>, which cannot be written"),
        Refusal("t", "a", 1, "a was read twice and was not the same"),
    ]


def test_the_next_correction_of_a_finding_may_do() -> None:
    def check(source: Source) -> Iterable[Reported]:
        if "one" in source.text:
            at = span_of(source.text, "one", source)
            fixes = [RenderedFix(new, "safe", "", (Edit(at, new),)) for new in ("BROKEN", "two")]
            yield Reported("r", Severity.LOW, "regular", "", at, (), (), (), "", "c", tuple(fixes))

    done = fix_to_fixed_point({"a": "one"}, auditor(check))
    assert (done.files, [one.title for one in done.applied], done.refused) == ({"a": "two"}, ["two"], ())


def test_trials_are_bounded() -> None:
    calls: list[int] = []
    text = "x\n" * 500
    done = fix_to_fixed_point({"a": text}, auditor(swap("bad", "x", "BROKEN"), calls=calls))
    assert (done.files, done.applied) == ({"a": text}, ())
    assert len(calls) <= 302


def test_plan_does_not_depend_on_the_order_given() -> None:
    source = Source("a", "0123456789")

    def correction(rule: str, start: int, end: int) -> Correction:
        span = Span(source, start, end)
        reported = finding(rule, span, Edit(span, rule))
        return Correction(
            reported, reported.fixes[0], (rule, "", "", ()), (("a", TextEdit(start, end, rule)),)
        )

    given_ = [
        correction("r", 4, 6),
        correction("s", 0, 5),
        correction("t", 7, 7),
        correction("u", 7, 7),
        correction("v", 5, 5),
    ]
    for corrections in (given_, given_[::-1]):
        assert [one.finding.rule for one in plan(corrections)] == ["s", "v", "t"]


# --- the diff


def check_diff(tmp_path: Path, old: str, new: str) -> str:
    """A diff, after git and patch have turned old into new with it."""
    diff = unified_diff("/etc/named.conf", old, new)
    data = diff.encode("utf-8", "surrogateescape")
    for tool in (["git", "apply", "-p1", "-"], ["patch", "-p1", "--binary", "-s"]):
        if shutil.which(tool[0]) is None:
            continue
        target = tmp_path / tool[0] / "etc" / "named.conf"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(old.encode("utf-8", "surrogateescape"))
        cwd = tmp_path / tool[0]
        ran = subprocess.run(
            tool,
            input=data,
            cwd=cwd,
            capture_output=True,
            env={"GIT_CEILING_DIRECTORIES": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )
        assert ran.returncode == 0, (tool, ran.stdout, ran.stderr, diff)
        assert target.read_bytes().decode("utf-8", "surrogateescape") == new
    return diff


def test_diff(tmp_path: Path) -> None:
    old = "".join(f"{number}\n" for number in range(1, 21))
    new = old.replace("5\n", "five\nand\n", 1).replace("20\n", "")
    assert check_diff(tmp_path, old, new) == (
        "--- a/etc/named.conf\n+++ b/etc/named.conf\n"
        "@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and\n 6\n 7\n 8\n"
        "@@ -17,4 +18,3 @@\n 17\n 18\n 19\n-20\n"
    )
    assert unified_diff("x", old, old) == ""


@pytest.mark.parametrize(
    ("old", "new", "body"),
    [
        ("a\nb", "a\nc\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"),
        ("a\nb\n", "a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n"),
        ("a\nb", "c\nb", "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"),
        ("a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n"),
        ("a\x0b\x85b\u2028\n", "c\n", "@@ -1 +1 @@\n-a\x0b\x85b\u2028\n+c\n"),
        ("\udcff\n", "\udcfe\n", "@@ -1 +1 @@\n-\udcff\n+\udcfe\n"),
        ("a\n", "b\na\n", "@@ -1 +1,2 @@\n+b\n a\n"),
    ],
)
def test_diff_ends_of_lines(tmp_path: Path, old: str, new: str, body: str) -> None:
    assert check_diff(tmp_path, old, new) == f"--- a/etc/named.conf\n+++ b/etc/named.conf\n{body}"


LINES = st.lists(st.sampled_from("abcdefghijkl"), max_size=30)


@given(LINES, LINES, st.booleans())
def test_diff_turns_one_into_the_other(old: list[str], new: list[str], end: bool) -> None:
    before, after = "\n".join(old) + "\n" * end, "\n".join(new) + "\n" * end
    lines = before.split("\n")
    at = -1
    for line in unified_diff("x", before, after).split("\n")[2:]:
        if found := re.fullmatch(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", line):
            at = int(found[1]) - (found[2] != "0")
        elif line.startswith(" "):
            assert lines[at] == line[1:]
            at += 1
        elif line.startswith("-"):
            assert lines.pop(at) == line[1:]
        elif line.startswith("+"):
            lines.insert(at, line[1:])
            at += 1
    assert [line for line in lines if line] == [line for line in after.split("\n") if line]


def test_diff_of_long_texts(tmp_path: Path) -> None:
    lines = ["};\n", "type primary;\n"] * 2_000
    old = "".join(["first\n", *lines, "last\n", *(f"zone {number}\n}};\n" for number in range(2_000))])
    new = old.replace("first\n};", "first\n").replace("type primary;\nlast", "last\n").replace("99\n", "x\n")
    diff = check_diff(tmp_path, old, new)
    # The stretch that repeats itself changes as a whole, the rest line by line.
    assert diff.count("\n-") == 4_000 + 20
    assert diff.count("\n@@") == 21


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("named.conf", "a/named.conf"),
        ("/etc/my conf/named.conf", "a/etc/my conf/named.conf\t"),
        ('a"b\tc\\', '"a/a\\"b\\tc\\\\"'),
        ("bell\x07", '"a/bell\\007"'),
    ],
)
def test_diff_header(path: str, header: str) -> None:
    assert unified_diff(path, "a\n", "b\n").split("\n")[0] == f"--- {header}"


def test_diff_shows_no_secret() -> None:
    # The secret's statement begins outside of the hunk.
    old = 'key "k" {\n\tsecret\n\n\n\n\n\t"c2VjcmV0c2VjcmV0";\n};\na;\n'
    new = old.replace("a;", "b;")
    diff = unified_diff("x", old, new)
    assert "c2VjcmV0" not in diff
    assert diff.split("\n")[2] == "@@ -6,4 +6,4 @@"
    assert diff.endswith(" };\n-a;\n+b;\n")


SERVED = """\
key k { algorithm hmac-sha256; secret "w0FbZzWxHNuFAhkVRGXk4jVBvKZ0SbC/qZr1gSAdtWE="; };
options { notify explicit; };
zone "a.example" { type primary; file "a"; allow-transfer { 192.0.2.53; key k; }; };
zone "b.example" { type primary; file "b"; allow-transfer { key k; }; also-notify { 192.0.2.9 key k; }; };
"""

CHANGED = """\
what the corrections change, + for who gains and - for who loses:
  a.example: transfer lost, NOTIFY changed
    - transfer: 192.0.2.53, without a key
    + NOTIFY: 192.0.2.53 with key k

"""


def test_fixing_says_who_gains_and_who_loses(tmp_path: Path) -> None:
    # What a checklist asks of the options is another matter.
    (tmp_path / "named.conf").write_text(SERVED)
    one = ("--select", "transfer-address-or-key", "--as-root")
    ran = run("check", "named.conf", "--diff", "--unsafe-fixes", *one, cwd=tmp_path)
    assert ran.err == CHANGED
    assert (tmp_path / "named.conf").read_text() == SERVED
    ran = run("check", "named.conf", "--fix", "--unsafe-fixes", *one, cwd=tmp_path)
    assert ran.out == CHANGED + "clean: no findings in 1 file, 2 zones; fixed 1\n"
    assert (ran.code, ran.err) == (CLEAN, "")


def test_what_corrections_change_as_json(tmp_path: Path) -> None:
    (tmp_path / "named.conf").write_text(SERVED)
    ran = run("check", "named.conf", "--fix", "--unsafe-fixes", "--as-root", "--format", "json", cwd=tmp_path)
    (change,) = ran.json["changes"]
    assert (change["zone"], change["view"], change["change"]) == ("a.example", None, "changed")
    assert [(row["signer"], row["addresses"]) for row in change["lost"]] == [(None, ["192.0.2.53/32"])]
    assert change["gained"] == []
    assert [(told["address"], told["key"]) for told in change["notify_gained"]] == [("192.0.2.53", "k")]
    ran = run("check", "named.conf", "--as-root", "--format", "json", cwd=tmp_path)
    assert ran.json["changes"] == []
