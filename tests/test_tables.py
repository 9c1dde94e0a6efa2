"""The stored parser tables are those of the grammar."""

from __future__ import annotations

import json

import lark
import pytest

from named_audit.syntax import tables
from named_audit.syntax.parser import _Build
from tests.conftest import ROOT

STORED = ROOT / "grammar" / "named_conf.tables.json"


def canonical(text: str) -> list[object]:
    """The tables with their states numbered in the order in which a walk from the start reaches them."""
    stored = json.loads(text)
    parser, memo = stored["data"]["parser"]["parser"], stored["memo"]
    numbers = {parser["start_states"]["start"]: 0}
    waiting = [parser["start_states"]["start"]]
    rows: list[object] = [numbers[parser["start_states"]["start"]]]
    while waiting:
        state = waiting.pop(0)
        row: list[object] = []
        actions = {parser["tokens"][token]: action for token, action in parser["states"][str(state)].items()}
        for name in sorted(actions):
            kind, argument = actions[name]
            if isinstance(argument, dict):
                rule = memo[str(argument["@"])]
                row.append((name, kind, json.dumps([rule["origin"], rule["expansion"]], sort_keys=True)))
                continue
            if argument not in numbers:
                numbers[argument] = len(numbers)
                waiting.append(argument)
            row.append((name, kind, numbers[argument]))
        rows.append(row)
    rows.append(numbers[parser["end_states"]["start"]])
    return rows


def test_the_tables_are_those_of_the_grammar() -> None:
    stored = STORED.read_text(encoding="utf-8")
    if json.loads(stored)["lark"] != lark.__version__:
        pytest.skip(f"the tables are for lark {json.loads(stored)['lark']}, this is {lark.__version__}")
    assert canonical(tables.tables()) == canonical(stored), "run python -m named_audit.syntax.tables"


def test_without_tables_the_grammar_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "TABLES", "no-such-file.json")
    parser = tables.load_parser(_Build())
    assert "OPEN" in parser.parse_interactive(start="start").accepts()  # type: ignore[no-untyped-call]
