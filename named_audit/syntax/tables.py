"""The parser for grammar/named_conf.lark, from tables that were worked out beforehand.

Working them out takes 15 ms, a quarter of what a run on a small file may take; reading them takes one. They are
written by `python -m named_audit.syntax.tables`, a test holds them equal to the grammar, and another version of Lark
than the one that wrote them builds its own.
"""

from __future__ import annotations

import json
import os
from typing import Any

import lark
from lark import Lark, Token, Transformer
from lark.grammar import Rule
from lark.lexer import TerminalDef

from named_audit.resources import read_resource, resource_dir

GRAMMAR = "named_conf.lark"
TABLES = "named_conf.tables.json"


def load_parser(build: Transformer[Token, Any]) -> Lark:
    """The parser, with the functions of a transformer called while it reads."""
    try:
        stored = json.loads(read_resource("grammar", TABLES))
        if stored["lark"] == lark.__version__:
            states = stored["data"]["parser"]["parser"]
            states["states"] = {int(number): row for number, row in states["states"].items()}
            memo = {int(number): item for number, item in stored["memo"].items()}
            # Lark's own stand-alone parsers are loaded in this way.
            parser: Lark = Lark._load_from_dict(stored["data"], memo, transformer=build)  # type: ignore[no-untyped-call]
            return parser
    except (OSError, ValueError, KeyError, AttributeError):
        pass  # the grammar itself is always there
    return _from_grammar(build)


def _from_grammar(build: Transformer[Token, Any] | None) -> Lark:
    return Lark(read_resource("grammar", GRAMMAR), parser="lalr", lexer="basic", transformer=build)


def tables() -> str:
    """The tables as the file has them. Lark numbers its states in an order that differs from run to run."""
    data, memo = _from_grammar(None).memo_serialize([TerminalDef, Rule])
    return json.dumps({"lark": lark.__version__, "data": data, "memo": memo}, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    with open(os.path.join(resource_dir("grammar"), TABLES), "w", encoding="utf-8") as file:
        file.write(tables())
