"""What is not named.conf is said to be what it is, and what is named.conf is not taken for anything else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from named_audit.syntax.dialect import foreign_language
from named_audit.syntax.source import Source
from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, check

CLOSED = "options { allow-transfer { none; }; };\n"
TEMPLATE = "this is a template: render it first ({} or the like; check what it gives)"
RNDC = "this is rndc.conf, the configuration of rndc, not of named: check named.conf instead"
GLUED = "BIND takes the end of this comment and what follows for the beginning of another comment: put blanks around it"
CUT = "a NUL byte ends this word for BIND: what it starts cannot be followed"

# Text behind CLOSED, and the line, column and message of what it is. named-checkconf accepts most of them.
FOREIGN = {
    "a zone": ('zone "{{ zone }}" { type primary; file "f"; };', 1, TEMPLATE.format("Jinja")),
    "a path": ('zone "a" { type primary; file "db.{{zone.name}}"; };', 26, TEMPLATE.format("Jinja")),
    "an argument in quotes": ('acl "x{{ n | default("y") }}" { any; };', 1, TEMPLATE.format("Jinja")),
    "a condition": ('acl "{% if x %}a{% endif %}" { any; };', 1, TEMPLATE.format("Jinja")),
    "a secret": ('key k { algorithm hmac-sha256; secret "{{ s }}"; };', 32, TEMPLATE.format("Jinja")),
    "a comment between": ('zone /* x */ "{{ z }}" { type primary; file "f"; };', 1, TEMPLATE.format("Jinja")),
    "ERB": ('zone "<%= @zone %>" { type primary; file "f"; };', 1, TEMPLATE.format("ERB")),
    "bare": ("zone {{ zone }} { type primary; };", 6, TEMPLATE.format("Jinja")),
    "a line comment out of two": ("acl a { 10.0.0.0/**//8; };\n8; };", 17, GLUED),
    "a block comment out of two": ("acl a { 10.0.0.0/**/*8; };\n */ 8; };", 17, GLUED),
    "three comments": ("acl a { 10.0.0.0/*x*//*y*/8; };\n8; };", 17, GLUED),
    "rndc.conf": ('options { default-key "k"; };', 11, RNDC),
    "rndc.conf, later": ('options { a b; /* default-port */ default-server x; };', 35, RNDC),
    "a cut word": ('include\0x "f";', 1, CUT),
}  # fmt: skip


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("case", FOREIGN)
def test_is_named_as_what_it_is(case: str, included: bool, tmp_path: Path) -> None:
    text, column, message = FOREIGN[case]
    (tmp_path / "part.conf").write_text(CLOSED + text)
    ran = check('include "part.conf";' if included else CLOSED + text, tmp_path)
    assert ran.code == INCOMPLETE
    (problem,) = ran.json["problems"]
    assert problem["message"] == message
    assert problem["path"].endswith("part.conf" if included else "named.conf")
    assert problem["start"] == {"line": 2, "column": column}


def test_a_template_that_is_included_twice_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "part.conf").write_text("{% x %}\n")
    ran = check('include "part.conf";\ninclude "part.conf";\n', tmp_path)
    assert (ran.code, len(ran.json["problems"])) == (INCOMPLETE, 1)


def test_utf_16_in_an_included_file(tmp_path: Path) -> None:
    (tmp_path / "part.conf").write_bytes(CLOSED.encode("utf-16"))
    ran = check('include "part.conf";', tmp_path)
    assert ran.code == INCOMPLETE
    assert [p["message"] for p in ran.json["problems"]] == [
        "this file is UTF-16: BIND reads bytes, save it as UTF-8"
    ]


OWN = {
    "a comment of rndc.conf": CLOSED + '# key k { a; }; options { default-key "k"; };\n',
    "a string of rndc.conf": CLOSED + 'acl "; options { default-key x" { any; };\n',
    "a comment at a brace": "# {{ ansible_managed }}\noptions {# main options\n allow-transfer {# nobody\n none; }; };",
    "a commented brace": "options {# {{ x }}\n recursion no; allow-transfer { none; };\n#};\n};",
    "a list in a list": CLOSED + "acl a {{any;}; { none; };};\nacl b {{# x\n any; }; };",
    "markers in comments": CLOSED + '// zone "{{ a }}" <%= b %> {% c %} {# d #}\n',
    "markers in other strings": 'options { version "{{ nope }}"; allow-transfer { none; }; };',
    "comments beside comments": CLOSED
    + "/* a *//* b *//**/ acl /* c *//* d */ a { any; /**//**/ }; //*//*\n",
    "a comment that ends a word": CLOSED + "acl a { 10.0.0.0/**/8; 10.1.0.0/* x */16; };",
    "a glued comment in a string": CLOSED + 'acl "x/**//y" { any; };\n# x/**//y',
    "a cut word in a comment": CLOSED + "# include\0x\n",
}


@pytest.mark.bind
@pytest.mark.parametrize("case", OWN)
def test_is_named_conf(case: str, tmp_path: Path) -> None:
    ran = check(OWN[case], tmp_path, "--bind-version", "9.18")
    assert ran.json["problems"] == []
    assert ran.code in (CLEAN, FINDINGS)
    assert subprocess.run(["named-checkconf", tmp_path / "named.conf"], timeout=60).returncode == 0


def test_a_large_file_with_markers_is_searched_in_linear_time() -> None:
    text = 'zone "a" { type primary; file "b"; }; /**//**/\n' * 20_000
    for marker in ("# {{ x }} <%= y %> {# z #} a/**// \0\n", "options { default-primaries { a; }; };"):
        assert foreign_language(Source("named.conf", text + marker)) is None
