"""The catalogue's data: BIND's own summaries, life cycles, limits; held against the installed BIND where it is there."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from named_audit.catalogue.data import Limits, refused_in, table_of
from named_audit.catalogue.lifecycle import life, standing
from named_audit.release import LINES, parse_release
from tests.conftest import ROOT

STATEMENTS = ROOT / "grammar" / "statements"
MANUAL = Path("/usr/share/man/man5/named.conf.5.gz")


def script(name: str) -> ModuleType:
    """A script of the grammar folder as a module."""
    spec = importlib.util.spec_from_file_location(name, STATEMENTS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SUMMARY = """
This is a summary of the named.conf options supported by
this version of BIND 9.

acl <string> { <address_match_element>; ... }; // may occur multiple times

options {
\talso-notify [ port <integer> ] { ( <remote-servers> | <ipv4_address> [ port
\t    <integer> ] ) [ key <string> ]; ... };
\tdnsrps-options { <unspecified-text> }; // not configured
\tdns64 <netprefix> {
\t\tbreak-dnssec <boolean>;
\t\tsuffix <ipv6_address>;
\t}; // may occur multiple times
\tport <integer>;
\tnull;
\tdscp <integer>; // obsolete, may occur multiple times
};
"""


def statement(*shape: Any, flags: tuple[str, ...] = ()) -> dict[str, Any]:
    """A statement with one form, as a description has it."""
    return {"forms": [list(shape)], "flags": list(flags)}


def test_a_summary_is_read() -> None:
    port = ["optional", "port", "<integer>"]
    server = ["choice", "<remote-servers>", ["sequence", "<ipv4_address>", port]]
    dns64 = {"break-dnssec": statement("<boolean>"), "suffix": statement("<ipv6_address>")}
    options = {
        "also-notify": statement(port, ["list", server, ["optional", "key", "<string>"]]),
        "dnsrps-options": statement(["anything"], flags=("not configured",)),
        "dns64": statement("<netprefix>", ["block", dns64], flags=("may occur multiple times",)),
        "port": statement("<integer>"),
        "null": statement(),
        "dscp": statement("<integer>", flags=("may occur multiple times", "obsolete")),
    }
    assert script("summary").read_summary(SUMMARY) == {
        "acl": statement(
            "<string>", ["list", "<address_match_element>"], flags=("may occur multiple times",)
        ),
        "options": statement(["block", options]),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("acl <string> { <x>; ... }", "line 1: expected more; found the end"),
        ("options {\n\tport <integer> ];\n};", "line 2: expected an argument; found ]"),
        ("options {\n\tport ( a | b;\n};", "line 2: expected an argument; found ;"),
        ("options {\n\t<string>;\n};", "line 2: expected a statement; found <string>"),
    ],
)
def test_what_is_no_summary(text: str, message: str) -> None:
    module = script("summary")
    with pytest.raises(module.BadSummary, match=re.escape(message)):
        module.read_summary(text)


def test_a_source_tree_becomes_a_description(tmp_path: Path) -> None:
    misc = tmp_path / "doc" / "misc"
    misc.mkdir(parents=True)
    (misc / "options").write_text(SUMMARY)
    (misc / "master.zoneopt").write_text(
        "zone <string> [ <class> ] {\n\ttype primary;\n\tfile <quoted_string>;\n};\n"
    )
    script("summary").main(tmp_path, "9.22", tmp_path)
    described = json.loads((tmp_path / "statements-9.22.json").read_text())
    assert described["release"] == "9.22"
    assert sorted(described["top"]) == ["acl", "options"]
    block = {"type": statement("primary"), "file": statement("<quoted_string>")}
    zone = statement("<string>", ["optional", "<class>"], ["block", block])
    assert described["zone_by_type"] == {"primary": zone}


def test_the_manual_of_the_installed_bind_says_what_the_facts_say(shared: Path) -> None:
    if not MANUAL.is_file():
        pytest.skip("there is no named.conf(5) on this machine")
    page = gzip.decompress(MANUAL.read_bytes()).decode().replace("\\-", "-").replace("\\&", "")
    found = re.search(r'"BIND 9|"(9\.\d+)\.\d+', page)
    line = found[1] if found else None
    path = shared / "facts" / f"statements-{line}.json"
    if not path.is_file():
        pytest.skip(f"no facts of BIND {line}")
    facts = json.loads(path.read_text())
    module = script("summary")
    parts = [
        module.read_summary(part) for part in re.findall(r"^\.EX\n(.*?)^\.EE", page, re.MULTILINE | re.DOTALL)
    ]
    statements = {name: each for part in parts if "zone" not in part for name, each in part.items()}
    assert statements == facts["top"]
    zones = [part["zone"] for part in parts if "zone" in part]
    assert sorted(zones, key=json.dumps) == sorted(facts["zone_by_type"].values(), key=json.dumps)


# --- life cycles


@pytest.mark.parametrize(
    ("context", "name", "release", "expected"),
    [
        ("zone", "primaries", "9.16.11", "too new"),
        ("zone", "primaries", "9.16.12", "current"),
        ("zone", "primaries", "9.11", "too new"),
        ("top", "remote-servers", "9.20.4", "too new"),
        ("top", "remote-servers", "9.20.5", "current"),
        ("top", "remote-servers", "9.18", "too new"),
        ("tls", "ca-file", "9.18.2", "too new"),
        ("tls", "ca-file", "9.18.3", "current"),
        ("options", "alt-transfer-source", "9.18.9", "current"),
        ("options", "alt-transfer-source", "9.18.10", "deprecated"),
        ("options", "alt-transfer-source", "9.20.0", "removed"),
        ("options", "dscp", "9.18.10", "deprecated"),
        ("options", "dscp", "9.18.11", "obsolete"),
        ("options", "fake-iquery", "9.11", "obsolete"),
        ("server", "support-ixfr", "9.16", "obsolete"),
        ("server", "request-sit", "9.16", "obsolete"),
        ("server", "request-sit", "9.18", "removed"),
        ("server", "bogus", "9.16", "current"),
        ("options", "fake-iquery", "9.16", "removed"),
        ("zone", "template", "9.21.8", "too new"),
        ("zone", "template", "9.21.9", "current"),
        ("view", "allow-proxy", "9.20", "experimental"),
        ("options", "notify-defer", "9.20.9", "too new"),
        ("zone", "allow-transfer", "9.11", "current"),
        ("options", "dnssec-enable", "9.19", "removed"),  # as in 9.20.0
    ],
)
def test_standings(context: str, name: str, release: str, expected: str) -> None:
    assert standing(context, name, parse_release(release)) == expected


def test_lives() -> None:
    assert life("options", "alt-transfer-source").standings == (
        "current",
        "current",
        "deprecated",
        "removed",
        "removed",
    )
    assert life("top", "remote-servers").lines("current") == ("9.20", "9.21")
    assert life("options", "keep-response-order").lines("removed", "too new") == ()


def test_zone_types() -> None:
    old, new = parse_release("9.16"), parse_release("9.21")
    assert "masters" in refused_in("master", old) and "primaries" in refused_in("primary", new)
    assert "allow-update" in refused_in("slave", old)
    assert refused_in("native", new) == frozenset()
    assert "notify" in refused_in("stub", None)
    # In hint zones 9.11 takes what it does not know at all; the others refuse it.
    assert "dnssec-policy" in refused_in("hint", None)


# --- limits


def boundaries() -> Iterator[tuple[str, str, int, int]]:
    """Every limit: context, statement, lowest and highest."""
    data = json.loads((STATEMENTS / "limits.json").read_text())
    for context, names in data["limits"].items():
        for name, (low, high, *_) in names.items():
            yield context, name, low, high


def takes(text: str, path: Path) -> bool:
    """Whether the installed named-checkconf takes a text."""
    path.write_text(text)
    return (
        subprocess.run(["named-checkconf", path], capture_output=True, timeout=60, check=False).returncode
        == 0
    )


@pytest.mark.bind
def test_limits_are_those_of_the_release_that_was_tried(tmp_path: Path) -> None:
    data: dict[str, Any] = json.loads((STATEMENTS / "limits.json").read_text())
    program = shutil.which("named-checkconf")
    assert program is not None
    version = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=60, check=True).stdout
    if parse_release(version.strip()).line != parse_release(data["tried"]).line:
        pytest.skip(f"the limits were tried on {data['tried']}")
    module = script("limits")
    tried = 0
    for context, name, low, high in boundaries():
        shape = table_of(context, parse_release(data["tried"])).entries[name].shapes[0]
        kind = module._numeric(shape[0])
        form = module.WRITTEN.get(name) or f"{name} {module.NUMBERS[kind][0]};"
        around = module.AROUND[context]
        if context == "zone" and name in refused_in("primary", parse_release(data["tried"])):
            around = module.SECONDARY

        def verdict(value: int, form: str = form, around: str = around) -> bool:
            text = around.format(form.format(value))
            return takes(re.sub(r"\{\{|\}\}", lambda found: found[0][0], text), tmp_path / "named.conf")

        assert verdict(low) and verdict(high), (context, name)
        if low:
            assert not verdict(low - 1), (context, name, low - 1)
        if high < 2**31 - 1:
            assert not verdict(high + 1), (context, name, high + 1)
        tried += 1
    assert tried > 50


def test_limits_of_lines() -> None:
    def port(release: str | None) -> Limits | None:
        return table_of("options", parse_release(release) if release else None).entries["port"].limits

    assert port("9.18") == Limits(0, 65534)
    assert port("9.21") == Limits(0, 65535)
    assert port("9.11") is None
    # Of an unknown release only what all of them refuse is refused.
    assert port(None) is None
    assert table_of("options", None).entries["nta-lifetime"].limits == Limits(1, 604800)


def test_every_line_has_tables() -> None:
    for line in LINES:
        table = table_of("zone", parse_release(line))
        assert "allow-transfer" in table.entries
