"""Read BIND's own grammar summary and write the description of a release line that derive.py reads.

Usage: python grammar/statements/summary.py SOURCE LINE FOLDER

SOURCE is a source tree of BIND, or a folder with the files of its `doc/misc`: `options`, which lists all statements,
and `primary.zoneopt`, `secondary.zoneopt`, ..., one for each type of zone. LINE is the release line, 9.22 for
instance; FOLDER/statements-LINE.json is written. The summary leaves out what is undocumented or removed: that goes
into FOLDER/lifecycle.json by hand, from `lib/isccfg/namedconf.c`. Then the line is added to RELEASES in derive.py and
to LINES in named_audit/release.py.

The notation: `<type>`, words for themselves, `[ optional ]`, `( one | of | several )`, `{ element; ... }` for a list,
`{ statement; statement; }` for a block, `// flags, with commas` behind a statement.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

Node = Any
Statements = dict[str, dict[str, Any]]

_TOKEN = re.compile(r"//[^\n]*|<[^>\n]*>|\.\.\.|[{}\[\]()|;]|[^\s{}\[\]()|;<]+")

ZONE_TYPES = (
    *("primary", "secondary", "mirror", "forward", "hint", "redirect", "static-stub", "stub"),
    *("delegation-only", "in-view"),
)
OLD_FILES = {"primary": "master", "secondary": "slave"}
"""What the files were called up to 9.16."""


class BadSummary(Exception):
    """The text is no grammar summary; the message says where it stops being one."""


def main(source: Path, line: str, folder: Path) -> None:
    """Write the description of one release line."""
    misc = source / "doc" / "misc" if (source / "doc" / "misc").is_dir() else source
    described = describe(
        line,
        (misc / "options").read_text(),
        {type_: text for type_ in ZONE_TYPES if (text := _zone_file(misc, type_)) is not None},
    )
    (folder / f"statements-{line}.json").write_text(json.dumps(described, indent=1) + "\n")


def describe(line: str, options: str, zones: dict[str, str]) -> dict[str, Any]:
    """The description of a release line, from the text of `options` and of each zone type's file.

    Raises:
        BadSummary: one of the texts is no summary.
    """
    return {
        "release": line,
        "top": read_summary(options),
        "zone_by_type": {type_: read_summary(text)["zone"] for type_, text in zones.items()},
    }


def _zone_file(misc: Path, type_: str) -> str | None:
    for name in (type_, OLD_FILES.get(type_, type_)):
        path = misc / f"{name}.zoneopt"
        if path.is_file():
            return path.read_text()
    return None


def read_summary(text: str) -> Statements:
    """Every statement of a summary: name -> {"forms": [shape, ...], "flags": [...]}.

    Raises:
        BadSummary: the text is none.
    """
    begin = re.search(r"^(?=[a-z0-9-]+ ?.*[;{]\s*(?://.*)?$)", text, re.MULTILINE)
    return _Reader(text, begin.start() if begin else 0).statements(top=True)


class _Reader:
    def __init__(self, text: str, begin: int) -> None:
        self._text = text
        self._tokens = [(found[0], found.start()) for found in _TOKEN.finditer(text, begin)]
        self._at = 0

    def statements(self, *, top: bool = False) -> Statements:
        """Statements up to the `}` of their block, or to the end."""
        found: Statements = {}
        while True:
            token = self._peek()
            if token is None and top:
                return found
            if token == "}" and not top:
                return found
            if token is not None and token.startswith("//"):
                self._next()
                continue
            name = self._next()
            if not re.fullmatch(r"[a-z0-9-]+", name):
                raise self._error("a statement", back=1)
            shape = self._nodes((";",))
            self._expect(";")
            entry = found.setdefault(name, {"forms": [], "flags": []})
            entry["forms"].append(shape)
            entry["flags"] = sorted({*entry["flags"], *self._flags()})

    def _nodes(self, ends: tuple[str, ...]) -> list[Node]:
        nodes: list[Node] = []
        while self._peek() not in ends:
            nodes.append(self._node())
        return nodes

    def _node(self) -> Node:
        token = self._next()
        if token == "[":
            nodes = self._nodes(("]",))
            self._expect("]")
            return ["optional", *nodes]
        if token == "(":
            choices: list[Node] = []
            while True:
                nodes = self._nodes(("|", ")"))
                choices.append(nodes[0] if len(nodes) == 1 else ["sequence", *nodes])
                if self._next() == ")":
                    break
            return ["choice", *choices]
        if token == "{":
            return self._braces()
        if token in ("]", ")", "}", "|", ";", "...") or token.startswith("//"):
            raise self._error("an argument", back=1)
        return token

    def _braces(self) -> Node:
        if self._peek() == "<unspecified-text>":
            self._next()
            self._expect("}")
            return ["anything"]
        start = self._at
        nodes = self._nodes((";", "}"))
        if (
            self._peek() == ";"
            and self._at + 1 < len(self._tokens)
            and self._tokens[self._at + 1][0] == "..."
        ):
            self._at += 2
            self._expect("}")
            return ["list", *nodes]
        self._at = start
        statements = self.statements()
        self._expect("}")
        return ["block", statements]

    def _flags(self) -> list[str]:
        """The flags in the comment behind a statement, on the same line."""
        token = self._peek()
        if token is None or not token.startswith("//"):
            return []
        return [flag.strip() for flag in self._next()[2:].split(",") if flag.strip()]

    def _peek(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        token = self._peek()
        if token is None:
            raise self._error("more")
        self._at += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self._error(f"'{wanted}'")
        self._at += 1

    def _error(self, wanted: str, back: int = 0) -> BadSummary:
        at = self._at - back
        place = self._tokens[at][1] if at < len(self._tokens) else len(self._text)
        line = self._text.count("\n", 0, place) + 1
        found = self._tokens[at][0] if at < len(self._tokens) else "the end"
        return BadSummary(f"line {line}: expected {wanted}; found {found}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or not re.fullmatch(r"9\.\d+", sys.argv[2]):
        sys.exit("usage: summary.py SOURCE LINE FOLDER")
    try:
        main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    except (BadSummary, OSError, KeyError) as error:
        sys.exit(f"summary.py: {error}")
