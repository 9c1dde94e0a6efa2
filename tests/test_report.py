"""The four formats: exact output for a small outcome, and no text that makes them fail or leak."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from named_audit import __version__
from named_audit.lint.contract import Counts, Edit, Grade, Outcome, RenderedFix, Reported, Scope, Severity
from named_audit.report.as_json import render_json
from named_audit.report.github import render_github
from named_audit.report.sarif import render_sarif
from named_audit.report.text import render_text
from named_audit.syntax.redact import REDACTED
from named_audit.syntax.source import Problem, Related, Source, Span, problem_at
from tests.conftest import ROOT

SCHEMAS = ROOT / "tests" / "schemas"
# It has no type hints of its own.
JSONSCHEMA: Any = importlib.import_module("jsonschema.validators")

CONF = """\
options {
\tdirectory "/var/cache/bind";
\tallow-transfer { any; };
};
key "k" { algorithm hmac-sha256; secret "c2VjcmV0c2VjcmV0"; }; // [bold]
zone "a.example" {
  type primary
  file "db.a";
  also-notify { 192.0.2.1; };
};
"""
SOURCE = Source("conf/named.conf", CONF, "/srv/conf/named.conf")


def span(text: str, source: Source = SOURCE) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + len(text))


def reported(rule: str, at: Span, message: str, severity: Severity = Severity.HIGH, **more: Any) -> Reported:
    values: dict[str, Any] = {
        "audience": "regular",
        "related": (),
        "scopes": (),
        "references": (),
        "fingerprint": "0a" * 16,
        "root": at.source.path,
        "headline": "A headline.",
    }
    return Reported(rule=rule, severity=severity, message=message, at=at, **(values | more))


OPEN = reported(
    "transfer-open",
    span("allow-transfer { any; };"),
    "anyone can take 5 zones",
    related=(Related(span("options"), "inherited from here"),),
    scopes=(*(Scope(f"z{n}.example", None) for n in range(4)), Scope("a.example", "inside")),
    references=("RFC 5936, section 6",),
    fixes=(
        RenderedFix(
            "give the zones to the holder of a key",
            "unsafe",
            'allow-transfer { key "k"; };\n',
            (Edit(span("allow-transfer { any; };"), 'allow-transfer { key "k"; };'),),
        ),
        RenderedFix(
            "by address and key", "display", "\tallow-transfer { other; };", (), "it would drop a comment"
        ),
    ),
    headline="Anyone can take the zone.",
)
SECRET = reported("key-weak-secret", span('"c2VjcmV0c2VjcmV0"; }'), "the secret is short", Severity.MEDIUM)
BLOCK = reported(
    "notify-nobody",
    Span(SOURCE, CONF.index("zone"), len(CONF)),
    "nobody is told",
    Severity.LOW,
    audience="pedantic",
    scopes=(Scope("a.example", None),),
)
PROBLEM = problem_at(
    "syntax", "expected ';' before 'file'", span("file"), Related(span("type"), "begun here")
)
MISSING = Problem("read", "no such file", "/etc/bind/x.conf")
OUTCOME = Outcome(
    (OPEN, SECRET, BLOCK),
    (PROBLEM, MISSING),
    ("conf/named.conf",),
    "9.18",
    Counts(4, 12, {"high": 1, "medium": 1, "low": 1}, 1, 4, 1, 2, 1, 3, 1, 2),
    ("an ignore is unused: conf/named.conf:3",),
)
CLEAN = Outcome((), (), ("named.conf",), None, Counts(files=1, zones=2))

TEXT = """\
conf/named.conf:3:2: high[transfer-open] anyone can take 5 zones
  3 |         allow-transfer { any; };
    |         ^^^^^^^^^^^^^^^^^^^^^^^^
  conf/named.conf:1:1: inherited from here
    1 | options {
      | ^^^^^^^
  zones: z0.example, z1.example, z2.example and 2 more
  correction: give the zones to the holder of a key (unsafe, --unsafe-fixes applies it)
      allow-transfer { key "k"; };
  or: by address and key (to apply by hand: it would drop a comment)
              allow-transfer { other; };

conf/named.conf:5:41: medium[key-weak-secret] the secret is short
  5 | key "k" { algorithm hmac-sha256; secret "[redacted]"; }; // [bold]
    |                                         ^^^^^^^^^^^^^^^

conf/named.conf:6:1: low[notify-nobody] nobody is told
  6 | zone "a.example" {
    | ^^^^^^^^^^^^^^^^^^
  7 |   type primary
    |   ^^^^^^^^^^^^
  8 |   file "db.a";
    |   ^^^^^^^^^^^^
    ... 2 more lines
  zone: a.example

conf/named.conf:8:3: incomplete[syntax] expected ';' before 'file'
  8 |   file "db.a";
    |   ^^^^
  conf/named.conf:7:3: begun here
    7 |   type primary
      |   ^^^^

/etc/bind/x.conf: not read[read] no such file

note: an ignore is unused: conf/named.conf:3
3 findings (1 high, 1 medium, 1 low) in 4 files, 12 zones; fixed 2, ignored 1, \
hidden for a wider audience 4, hidden secrets 1, external includes 2, unread 1, not understood 3, fragments 1
INCOMPLETE: 2 problems, see above. What they hide was not judged: this is no all-clear.
"""


def test_text() -> None:
    assert render_text(OUTCOME, color=False, width=100) == TEXT


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render_text(OUTCOME, color=True, width=100)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == TEXT
    assert "\x1b[1;31mhigh[transfer-open]\x1b[0m" in coloured
    assert "\x1b[1;37;41mINCOMPLETE: 2 problems" in coloured


def test_clean_is_one_plain_line() -> None:
    assert render_text(CLEAN, color=True, width=100) == "clean: no findings in 1 file, 2 zones\n"
    ignored = CLEAN._replace(counts=Counts(files=1, zones=1, ignored=2, external=1), notes=("found in x",))
    assert render_text(ignored, color=False, width=100) == (
        "note: found in x\nclean: no findings in 1 file, 1 zone; ignored 2, external includes 1\n"
    )


def test_incomplete_without_findings_is_not_clean() -> None:
    outcome = Outcome((), (MISSING,), (), None, Counts(unread=1))
    assert render_text(outcome, color=False, width=100) == (
        "/etc/bind/x.conf: not read[read] no such file\n\n"
        "no findings in what was read: 0 files, 0 zones; unread 1\n"
        "INCOMPLETE: 1 problem, see above. What it hides was not judged: this is no all-clear.\n"
    )


def test_clean_imports_little() -> None:
    program = (
        "import sys\n"
        "from named_audit.lint.contract import Counts, Outcome\n"
        "from named_audit.report.text import render_text\n"
        "render_text(Outcome((), (), (), None, Counts()), color=True, width=80)\n"
        "print(sorted({'rich', 'jinja2', 'dns', 'json', 'urllib.parse'} & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def excerpt(text: str, marked: str, width: int = 60, nth: int = 0) -> list[str]:
    """The excerpt and its carets for a span in a text."""
    source = Source("x", text)
    start = -1
    for _ in range(nth + 1):
        start = text.index(marked, start + 1)
    finding = reported("r", Span(source, start, start + len(marked)), "m")
    lines = render_text(Outcome((finding,), (), (), None, Counts()), color=False, width=width).split("\n")
    return lines[1 : lines.index("")]


@pytest.mark.parametrize(
    ("text", "marked", "expected"),
    [
        ("\ta\tb;\n", "b;", ["  1 |         a       b;", "    |                 ^^"]),
        ("a\tb c\n", "\tb", ["  1 | a       b c", "    |  ^^^^^^^^"]),
        ("名前 x\n", "x", ["  1 | 名前 x", "    |      ^"]),
        ("名前 x\n", "前", ["  1 | 名前 x", "    |   ^^"]),
        ("e\u0301 x\n", "x", ["  1 | e\u0301 x", "    |   ^"]),
        ("\x1b[31m x\n", "x", ["  1 | \\x1b[31m x", "    |          ^"]),
        ("\u202ea\u00a0b x\n", "x", ["  1 | \\u202ea\\u00a0b x", "    |                ^"]),
        ("\udcff\udce9 x\n", "x", ["  1 | \\xff\\xe9 x", "    |          ^"]),
        ("[red]x[/red] {y}\n", "{y}", ["  1 | [red]x[/red] {y}", "    |              ^^^"]),
        ("a;\r\nb;\r\n", "a;", ["  1 | a;", "    | ^^"]),
        ("a;\r\nb;\r\n", "b;\r\n", ["  2 | b;", "    | ^^"]),
        ("", "", ["  1 |", "    | ^"]),
        ("a;\n", "a;\n", ["  1 | a;", "    | ^^"]),
        ("a;\nb", "", ["  1 | a;", "    | ^"]),
        ('secret "abcd"; x;', "x", [f'  1 | secret "{REDACTED}"; x;', f"    | {' ' * 21}^"]),
        ('secret "abcd"; x;', "bc", [f'  1 | secret "{REDACTED}"; x;', f"    | {' ' * 8}^^^^^^^^^^"]),
        ('secret "abcd\nefgh"; x;', "x", [f'  2 | {REDACTED}"; x;', f"    | {' ' * 13}^"]),
        (
            "a {\n\tb;\n\n\tc;\n\td;\n};",
            "a {\n\tb;\n\n\tc;\n\td;\n};",
            [
                "  1 | a {",
                "    | ^^^",
                "  2 |         b;",
                "    |         ^^",
                "  3 |",
                "    ... 3 more lines",
            ],
        ),
        ("a\nb\nc\nd", "b\nc\nd", ["  2 | b", "    | ^", "  3 | c", "    | ^", "  4 | d", "    | ^"]),
        ("\n" * 99 + "x", "x", ["  100 | x", "      | ^"]),
    ],
)
def test_excerpts(text: str, marked: str, expected: list[str]) -> None:
    assert excerpt(text, marked) == expected


def test_long_lines_are_clipped_around_the_caret() -> None:
    text = "a" * 500 + " here; " + "b" * 500
    # 60 columns, less 6 for the margin.
    assert excerpt(text, "here;") == [
        f"  1 | ...{'a' * 14} here; {'b' * 27}...",
        f"    | {' ' * 18}^^^^^",
    ]
    assert excerpt("start " + "b" * 500, "start") == [f"  1 | start {'b' * 45}...", "    | ^^^^^"]
    assert excerpt("x" * 500, "x" * 500) == [f"  1 | {'x' * 51}...", f"    | {'^' * 54}"]
    assert excerpt("a" * 500 + " end", "end") == [f"  1 | ...{'a' * 14} end", f"    | {' ' * 18}^^^"]


def test_a_huge_line_costs_no_more_than_its_window() -> None:
    text = "secret\t" * 300_000 + "here; " + "a" * 10_000_000
    lines = excerpt(text, "here;")
    assert len(lines) == 2
    assert all(len(line) <= 60 for line in lines)


def test_json() -> None:
    document = json.loads(render_json(OUTCOME))
    assert list(document) == [
        "version",
        "complete",
        "bind",
        "files",
        "findings",
        "problems",
        "changes",
        "notes",
        "counts",
    ]
    assert document["version"] == 1
    assert document["complete"] is False
    assert document["bind"] == "9.18"
    assert document["files"] == ["conf/named.conf"]
    assert document["findings"][0] == {
        "rule": "transfer-open",
        "severity": "high",
        "audience": "regular",
        "message": "anyone can take 5 zones",
        "path": "conf/named.conf",
        "start": {"line": 3, "column": 2},
        "end": {"line": 3, "column": 26},
        "scopes": [
            {"zone": "z0.example", "view": None},
            {"zone": "z1.example", "view": None},
            {"zone": "z2.example", "view": None},
            {"zone": "z3.example", "view": None},
            {"zone": "a.example", "view": "inside"},
        ],
        "scope_count": 5,
        "related": [
            {
                "path": "conf/named.conf",
                "start": {"line": 1, "column": 1},
                "end": {"line": 1, "column": 8},
                "message": "inherited from here",
            }
        ],
        "fixes": [
            {
                "title": "give the zones to the holder of a key",
                "grade": "unsafe",
                "snippet": 'allow-transfer { key "k"; };\n',
                "edits": [
                    {
                        "path": "conf/named.conf",
                        "start": {"line": 3, "column": 2},
                        "end": {"line": 3, "column": 26},
                        "text": 'allow-transfer { key "k"; };',
                    }
                ],
            },
            {
                "title": "by address and key",
                "grade": "display",
                "snippet": "\tallow-transfer { other; };",
                "edits": [],
            },
        ],
        "references": ["RFC 5936, section 6"],
        "fingerprint": "0a" * 16,
    }
    assert document["problems"] == [
        {
            "kind": "syntax",
            "message": "expected ';' before 'file'",
            "path": "conf/named.conf",
            "start": {"line": 8, "column": 3},
        },
        {"kind": "read", "message": "no such file", "path": "/etc/bind/x.conf", "start": None},
    ]
    assert document["notes"] == [*OUTCOME.notes]
    assert document["counts"] == {
        "files": 4,
        "zones": 12,
        "by_severity": {"high": 1, "medium": 1, "low": 1},
        "ignored": 1,
        "below_audience": 4,
        "hidden_secrets": 1,
        "external": 2,
        "unread": 1,
        "not_understood": 3,
        "fragments": 1,
        "fixed": 2,
    }
    assert set(document["counts"]) == set(Counts._fields)


def test_json_of_a_clean_run() -> None:
    document = json.loads(render_json(CLEAN))
    assert (document["complete"], document["bind"], document["findings"]) == (True, None, [])


def test_json_names_the_first_hundred_zones_and_shows_odd_bytes() -> None:
    source = Source.from_bytes("caf\udce9.conf", b'zone "\xe9" { };')
    many = tuple(Scope(f"z{n}\udcff", None) for n in range(250))
    finding = reported("r", Span(source, 5, 8), 'zone "\udce9"', scopes=many)
    text = render_json(Outcome((finding,), (), (source.path,), None, Counts()))
    assert text.isascii()
    document = json.loads(text)
    (found,) = document["findings"]
    assert (found["scope_count"], len(found["scopes"])) == (250, 100)
    assert found["scopes"][0] == {"zone": "z0\\xff", "view": None}
    assert found["message"] == 'zone "\\xe9"'
    assert found["path"] == "caf\\xe9.conf"
    assert document["files"] == ["caf\\xe9.conf"]
    # The byte counts as one column.
    assert (found["start"], found["end"]) == ({"line": 1, "column": 6}, {"line": 1, "column": 9})


def validators() -> list[Any]:
    found = []
    for name in ("sarif-2.1.0-rtm.4.json", "sarif-2.1.0.json"):
        schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
        validator = JSONSCHEMA.validator_for(schema)
        validator.check_schema(schema)
        found.append(validator(schema))
    return found


VALIDATORS = validators()


def sarif(outcome: Outcome, cwd: str = "/srv") -> Any:
    document = json.loads(render_sarif(outcome, cwd=cwd))
    for validator in VALIDATORS:
        validator.validate(document)
    return document["runs"][0]


def test_the_schemas_refuse_what_is_wrong() -> None:
    document = json.loads(render_sarif(OUTCOME, cwd="/srv"))
    document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    for validator in VALIDATORS:
        assert not validator.is_valid(document)


def test_sarif() -> None:
    run = sarif(OUTCOME)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("named-audit", __version__)
    assert [rule["id"] for rule in driver["rules"]] == ["key-weak-secret", "notify-nobody", "transfer-open"]
    assert driver["rules"][2] == {
        "id": "transfer-open",
        "shortDescription": {"text": "Anyone can take the zone."},
        "fullDescription": {"text": "Anyone can take the zone."},
        "help": {
            "text": "Anyone can take the zone.\nSee: named-audit explain transfer-open\nRFC 5936, section 6"
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"security-severity": "8.0", "tags": ["security", "dns", "regular"]},
    }
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["originalUriBaseIds"] == {"SRCROOT": {"uri": "file:///srv/"}}
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert [result["ruleIndex"] for result in run["results"]] == [2, 0, 1]
    artifact = {"uri": "conf/named.conf", "uriBaseId": "SRCROOT"}
    region = {"startLine": 3, "startColumn": 2, "endLine": 3, "endColumn": 26}
    assert run["results"][0] == {
        "ruleId": "transfer-open",
        "ruleIndex": 2,
        "level": "error",
        "message": {
            "text": "anyone can take 5 zones\nzones: z0.example, z1.example, z2.example and 2 more",
        },
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "relatedLocations": [
            {
                "id": 0,
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 8},
                },
                "message": {"text": "inherited from here"},
            }
        ],
        "partialFingerprints": {"namedAudit/v1": "0a" * 16},
        "properties": {
            "severity": "high",
            "audience": "regular",
            "scopes": [
                {"zone": "z0.example", "view": None},
                {"zone": "z1.example", "view": None},
                {"zone": "z2.example", "view": None},
                {"zone": "z3.example", "view": None},
                {"zone": "a.example", "view": "inside"},
            ],
            "scope_count": 5,
        },
        "fixes": [
            {
                "description": {"text": "give the zones to the holder of a key (unsafe)"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [
                            {
                                "deletedRegion": region,
                                "insertedContent": {"text": 'allow-transfer { key "k"; };'},
                            }
                        ],
                    }
                ],
            }
        ],
    }
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"] == [
        {
            "level": "error",
            "descriptor": {"id": "syntax"},
            "message": {"text": "expected ';' before 'file'"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": artifact,
                        "region": {"startLine": 8, "startColumn": 3, "endLine": 8, "endColumn": 7},
                    }
                }
            ],
        },
        {
            "level": "error",
            "descriptor": {"id": "read"},
            "message": {"text": "no such file"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///etc/bind/x.conf"}}}],
        },
        {"level": "note", "message": {"text": "an ignore is unused: conf/named.conf:3"}},
    ]
    assert "artifacts" not in run
    assert run["properties"]["bind"] == "9.18"


def test_sarif_of_a_clean_run() -> None:
    run = sarif(CLEAN)
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize(
    ("path", "artifact"),
    [
        ("named.conf", {"uri": "named.conf", "uriBaseId": "SRCROOT"}),
        ("./a/../named.conf", {"uri": "named.conf", "uriBaseId": "SRCROOT"}),
        ("/srv/a b/100%.conf", {"uri": "a%20b/100%25.conf", "uriBaseId": "SRCROOT"}),
        ("c:\\x#?.conf", {"uri": "c%3A%5Cx%23%3F.conf", "uriBaseId": "SRCROOT"}),
        ("caf\u00e9\udcff.conf", {"uri": "caf%C3%A9%FF.conf", "uriBaseId": "SRCROOT"}),
        ("../named.conf", {"uri": "file:///named.conf"}),
        ("/etc/bind/named.conf", {"uri": "file:///etc/bind/named.conf"}),
        ("/srvx/named.conf", {"uri": "file:///srvx/named.conf"}),
        ("<stdin>", {"index": 0}),
        ("/dev/fd/63", {"index": 0}),
    ],
)
def test_sarif_paths(path: str, artifact: dict[str, Any]) -> None:
    source = Source(path, "x;")
    fix = RenderedFix("t", "safe", "y;", (Edit(Span(source, 0, 2), "y;"),))
    run = sarif(Outcome((reported("r", Span(source, 0, 2), "m", fixes=(fix,)),), (), (path,), None, Counts()))
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact
    if "index" in artifact:
        assert run["artifacts"] == [{"description": {"text": path}, "roles": ["standardStream"]}]
        assert "fixes" not in result
    else:
        assert result["fixes"][0]["artifactChanges"][0]["artifactLocation"] == artifact


def test_sarif_base_of_an_odd_directory() -> None:
    assert sarif(CLEAN, "/")["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///"
    assert sarif(CLEAN, "/a b")["originalUriBaseIds"]["SRCROOT"]["uri"] == "file:///a%20b/"


@pytest.mark.parametrize(
    ("grade", "text", "offered"),
    [
        ("safe", "x;", True),
        ("unsafe", "x;", True),
        ("unsafe", "", True),
        ("display", "x;", False),
        ("safe", 'secret "abcdefgh";', False),
        ("safe", "\udcff;", False),
    ],
)
def test_sarif_offers_only_fixes_that_can_be_applied(grade: Grade, text: str, offered: bool) -> None:
    fix = RenderedFix("t", grade, text, (Edit(span("options"), text),))
    run = sarif(OUTCOME._replace(findings=(OPEN._replace(fixes=(fix, fix)),)))
    assert len(run["results"][0].get("fixes", ())) == offered


def test_sarif_messages_hold_no_links() -> None:
    finding = reported("r", span("options"), "zone [x](http://example.org)")
    text = sarif(OUTCOME._replace(findings=(finding,)))["results"][0]["message"]["text"]
    assert text == "zone \\[x\\](http://example.org)"


def test_github() -> None:
    assert render_github(OUTCOME, cwd="/srv") == (
        "::error file=conf/named.conf,line=3,endLine=3,col=2,endColumn=26,title=transfer-open::"
        "anyone can take 5 zones%0Azones: z0.example, z1.example, z2.example and 2 more"
        '%0Agive the zones to the holder of a key (unsafe):%0Aallow-transfer { key "k"; };\n'
        "::warning file=conf/named.conf,line=5,endLine=5,col=41,endColumn=62,title=key-weak-secret::"
        "the secret is short\n"
        "::notice file=conf/named.conf,line=6,endLine=11,title=notify-nobody::"
        "nobody is told%0Azone: a.example\n"
        "::error file=conf/named.conf,line=8,endLine=8,col=3,endColumn=7,title=incomplete[syntax]::"
        "expected ';' before 'file'\n"
        "::error file=/etc/bind/x.conf,title=not read[read]::no such file\n"
        "note: an ignore is unused: conf/named.conf:3\n"
        "3 findings (1 high, 1 medium, 1 low) in 4 files, 12 zones; fixed 2, ignored 1, "
        "hidden for a wider audience 4, hidden secrets 1, external includes 2, unread 1, not understood 3, "
        "fragments 1\n"
        "INCOMPLETE: 2 problems, see above. What they hide was not judged: this is no all-clear.\n"
    )


def test_github_escapes() -> None:
    source = Source("a,b:c%d\ne.conf", "x")
    finding = reported("r", Span(source, 0, 1), "100%\r\n::error::forged")
    first, last, _ = render_github(Outcome((finding,), (), (), None, Counts()), cwd="/srv").split("\n")
    assert first == (
        "::error file=a%2Cb%3Ac%25d%0Ae.conf,line=1,endLine=1,col=1,endColumn=2,title=r::"
        "100%25\\x0d\\x0a::error::forged"
    )
    assert last == "1 finding (1 high) in 0 files, 0 zones"


def test_github_names_no_file_for_a_pipe() -> None:
    finding = reported("r", Span(Source("<stdin>", "x"), 0, 1), "m", Severity.INFO)
    outcome = Outcome((finding,), (), (), None, Counts())
    assert render_github(outcome, cwd="/srv").startswith("::notice title=r::m\n")


# What could upset a terminal, an encoder or an escaper, beside any text at all.
PIECES = ["\x1b[2J", "\u202e", "\udcff", "\ud800", "\0", "\r", "\n", "\t", "[/]", "{0}", "%", "::", ",", "漢"]
ODD = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join)
SECRET_TEXT = "c2VjcmV0K3NlY3JldC9zZWNyZXQ="
STATEMENTS = st.sampled_from(["", f' secret "{SECRET_TEXT}"; ', f" password={SECRET_TEXT} "])
FREE = st.tuples(ODD, STATEMENTS, ODD).map("".join)
GRADES: list[Grade] = ["safe", "unsafe", "display"]


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    source = Source(draw(ODD), draw(FREE))
    length = len(source.text)

    def place() -> Span:
        start, end = sorted((draw(st.integers(0, length)), draw(st.integers(0, length))))
        return Span(source, start, end)

    def finding() -> Reported:
        # Edits never touch a secret, but what they write is free.
        edits = (Edit(place(), draw(FREE)),)
        grade = draw(st.sampled_from(GRADES))
        fix = RenderedFix(draw(FREE), grade, draw(FREE), edits, draw(st.none() | FREE))
        return reported(
            draw(ODD),
            place(),
            draw(FREE),
            draw(st.sampled_from(Severity)),
            related=(Related(place(), draw(FREE)),),
            scopes=(Scope(draw(FREE), draw(st.none() | FREE)),),
            references=(draw(FREE),),
            fixes=(fix,),
            headline=draw(FREE),
        )

    findings = tuple(finding() for _ in range(draw(st.integers(0, 2))))
    problems: tuple[Problem, ...] = (
        problem_at(draw(ODD), draw(FREE), place(), Related(place(), draw(FREE))),
        Problem("read", draw(FREE), draw(ODD)),
    )
    problems = problems[: draw(st.integers(0, 2))]
    return Outcome(findings, problems, (source.path,), draw(st.none() | ODD), Counts(), (draw(FREE),))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(outcomes(), st.integers(0, 120))
def test_no_text_breaks_a_format_or_brings_a_secret_out(outcome: Outcome, width: int) -> None:
    plain = render_text(outcome, color=False, width=width)
    coloured = render_text(outcome, color=True, width=width)
    github = render_github(outcome, cwd="/srv")
    as_json = render_json(outcome)
    sarif(outcome)
    as_sarif = render_sarif(outcome, cwd="/srv")
    for text in (plain, coloured, github, as_json, as_sarif):
        text.encode("utf-8")
        assert SECRET_TEXT not in text
        assert SECRET_TEXT not in text.replace("\n", "")
        assert text.endswith("\n")
    assert plain.replace("\n", "").isprintable()
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.split("\n")] == [line.rstrip() for line in plain.split("\n")]
    assert json.loads(as_json)["complete"] is outcome.complete
    assert len([line for line in github.split("\n") if line.startswith("::")]) == len(outcome.findings) + len(
        outcome.problems
    )
    assert ("INCOMPLETE" in plain.rsplit("\n", 2)[1]) is not outcome.complete
