"""Derive catalogue.json from descriptions of each release's grammar.

Usage: python grammar/statements/derive.py FOLDER

FOLDER holds one `statements-9.NN.json` per release line: every statement with its forms, as the grammar
summaries of that release (`doc/misc`) give them. The output is written beside this script; the same input
gives the same bytes.

The output:

    releases   the release lines, oldest first
    shapes     every distinct shape of arguments
    contexts   context -> statement -> [[index of a shape, bits of the releases that have it], ...]

A context is "top" or the name of the statement whose block it is ("options", "zone", "channel", ...). A shape
is a list of nodes that follow each other:

    word                        this keyword
    <type>                      a word or words of a type: see named_audit/catalogue/match.py
    [optional, node...]         present if the next word can begin it
    [choice, node...]           the first that the next word can begin
    [sequence, node...]         all of them
    [pairs, [node...]...]       any of them, in any order, each at most once
    [list, node...]             a block of elements, each of these nodes
    [block]                     a block of statements; their context is the statement's name
    [anything]                  a block that nobody looks into
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

RELEASES = ("9.11", "9.16", "9.18", "9.20", "9.21")

Node = Any
Shape = list[Node]
Table = dict[str, dict[str, list[Shape]]]
"""Context -> statement -> shapes, for one release."""

ANY_ORDER = (
    "catalog-zones",
    "response-policy",
    "file",
    "dnstap-output",
    "forwarders",
    "listen-on",
    "listen-on-v6",
)
"""Statements in which BIND takes optional keywords in any order (cfg_parse_kv_tuple, and loops by hand); a
port in front of them keeps its place."""

SERVER_LISTS = ("<remote-servers>", "<masters>", "<server-list>")

REFERENCES = {
    "in-view": "<view>",
    "template": "<template>",
    "dnssec-policy": "<dnssec-policy>",
}
"""Statements whose `<string>` names something defined elsewhere."""

PORTS = ("port", "tls-port", "http-port", "https-port")
"""Statements whose one number is a port."""

SOURCES = tuple(
    name + family
    for name in ("notify-source", "transfer-source", "alt-transfer-source", "parental-source")
    for family in ("", "-v6")
)


def main(folder: Path) -> None:
    tables = [
        _release_table(release, json.loads((folder / f"statements-{release}.json").read_text()))
        for release in RELEASES
    ]
    shapes: dict[str, int] = {}
    contexts: dict[str, dict[str, dict[int, int]]] = {}
    for bit, table in enumerate(tables):
        for context, statements in table.items():
            for name, forms in statements.items():
                entry = contexts.setdefault(context, {}).setdefault(name, {})
                for form in forms:
                    index = shapes.setdefault(json.dumps(form), len(shapes))
                    entry[index] = entry.get(index, 0) | 1 << bit
    Path(__file__).with_name("catalogue.json").write_text(_render(shapes, contexts))


def _render(shapes: dict[str, int], contexts: dict[str, dict[str, dict[int, int]]]) -> str:
    """One shape and one statement to a line, so that a new release makes a readable difference."""
    # Numbered by first use in the sorted tables.
    order: dict[int, int] = {}
    lines = []
    for context in sorted(contexts):
        entries = []
        for name in sorted(contexts[context]):
            forms = contexts[context][name]
            pairs = [
                [order.setdefault(index, len(order)), forms[index]]
                for index in sorted(forms, key=forms.__getitem__)
            ]
            entries.append(f"{json.dumps(name)}:{_compact(pairs)}")
        lines.append(f"{json.dumps(context)}:{{\n" + ",\n".join(entries) + "}")
    text = {index: shape for shape, index in shapes.items()}
    rendered = [_compact(json.loads(text[index])) for index in order]
    return (
        f'{{"releases":{_compact(list(RELEASES))},\n"shapes":[\n'
        + ",\n".join(rendered)
        + '],\n"contexts":{\n'
        + ",\n".join(lines)
        + "}}\n"
    )


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _release_table(release: str, facts: dict[str, Any]) -> Table:
    table: Table = {}
    for name, statement in facts["top"].items():
        _add(table, "top", name, statement["forms"])
    for zone in facts["zone_by_type"].values():
        _add(table, "top", "zone", zone["forms"])
        _add(table, "view", "zone", zone["forms"])
    _merge_types(table)
    _add_synonyms(table, release)
    for context, statements in table.items():
        for name, forms in statements.items():
            refined = [_refine(form, context, name, release) for form in forms]
            # named-checkconf 9.11 leaves their range to named.
            if name in PORTS and release != "9.11":
                refined = [["<port_number>"] if form == ["<integer>"] else form for form in refined]
            statements[name] = _unique([_name_ports(form) for form in refined])
    return table


def _add(table: Table, context: str, name: str, forms: list[Shape]) -> None:
    """Enter a statement and the statements of its blocks."""
    entry = table.setdefault(context, {}).setdefault(name, [])
    for form in forms:
        shape = [_without_block(table, name, node) for node in form]
        if shape not in entry:
            entry.append(shape)


def _without_block(table: Table, name: str, node: Node) -> Node:
    if not isinstance(node, list):
        return node
    if node[0] == "block":
        for inner, statement in node[1].items():
            _add(table, name, inner, statement["forms"])
        return ["block"]
    return [node[0], *(_without_block(table, name, part) for part in node[1:])]


def _merge_types(table: Table) -> None:
    """Each zone type has its own `type X`; the parser has one, which takes the old words too."""
    for context in ("zone", "template"):
        forms = table.get(context, {}).get("type", [])
        words: list[str] = []
        for shape in forms:
            for node in shape:
                words.extend(node[1:] if isinstance(node, list) else [node])
        for word, old in (("primary", "master"), ("secondary", "slave")):
            if word in words and old not in words:
                words.append(old)
        if words:
            table[context]["type"] = [[["choice", *dict.fromkeys(words)]]]


def _add_synonyms(table: Table, release: str) -> None:
    """What BIND takes and does not document."""
    top, zone = table["top"], table["zone"]
    if "remote-servers" in top:
        for name in ("primaries", "parental-agents"):
            top.setdefault(name, top["remote-servers"])
    for statements in (top, zone, table.get("template", {})):
        if "primaries" in statements:
            statements.setdefault("masters", statements["primaries"])
    # A template may be named in a zone; the facts know it where the zone types list it.
    if "template" in top:
        zone.setdefault("template", [["<string>"]])


def _refine(form: Shape, context: str, name: str, release: str) -> Shape:
    """Make a documented form what the parser does."""
    if name in SOURCES:
        address = "<ipv6_address>" if name.endswith("-v6") else "<ipv4_address>"
        # A port is documented no more since 9.18.12, and refused from 9.21.2 on.
        return [["choice", address, "*"], *_port_and_dscp(release)]
    if name.startswith("query-source"):
        return _query_source(form, release)
    if name == "update-policy":
        return _update_policy(form)
    if name == "keys" and context == "dnssec-policy":
        return _map(
            form,
            lambda node: (
                ["optional", ["choice", "key-directory", ["sequence", "key-store", "<string>"]]]
                if "|" in node
                else node
            ),
        )
    shape = _map(form, _name_references)
    if name == "dual-stack-servers":
        # The summary asks for a quoted name; the parser takes a bare one too.
        shape = _map(shape, lambda node: ["<string>" if part == "<quoted_string>" else part for part in node])
    if name == "category":
        shape = _map(shape, lambda node: ["list", "<channel>"] if node == ["list", "<string>"] else node)
    elif name in REFERENCES and context != "top":
        shape = [REFERENCES[name] if part == "<string>" else part for part in shape]
    if name in ("inet", "unix"):
        shape = _map(
            shape,
            lambda node: (
                ["optional", "keys", ["list", "<key>"]] if node[:2] == ["optional", "keys"] else node
            ),
        )
    if release == "9.18":
        shape = _add_dscp(shape, name)
    if name in ANY_ORDER:
        shape = _any_order(shape)
    if context == "channel" and name == "file":
        # parse_logfile takes the next word to see whether it is a keyword, and drops it if it is none.
        shape = [*shape, ["optional", "<ignored>"]]
    return shape


def _map(node: Node, change: Callable[[list[Node]], list[Node]]) -> Node:
    """Change every list inside out."""
    if not isinstance(node, list):
        return node
    return change([_map(part, change) for part in node])


def _name_references(node: list[Node]) -> list[Node]:
    if (
        node[:1] == ["optional"]
        and len(node) == 3
        and node[2] == "<string>"
        and node[1] in ("key", "tls", "http")
    ):
        return ["optional", node[1], f"<{node[1]}>"]
    if node[:1] == ["choice"] and any(part in SERVER_LISTS for part in node):
        # An address is one only if it looks like one; all other words are names.
        return ["choice", *(part for part in node[1:] if part not in SERVER_LISTS), "<server_list>"]
    if node[:1] == ["optional"] and node[1] in ("default-primaries", "default-masters"):
        return ["optional", ["choice", "default-primaries", "default-masters"], *node[2:]]
    if node[:3] == ["list", "zone", "<string>"]:
        return ["list", "zone", "<zone>", *node[3:]]
    if node[:1] == ["optional"] and node[1:] == ["<class>"]:
        return ["optional", "<class>"]
    return node


def _name_ports(node: Node, kind: str = "<port_number>") -> Node:
    """Behind an address, a port is a part of it to BIND, in decimal; elsewhere it is a number as any other."""
    if not isinstance(node, list):
        return node
    if "port" in node:
        at = node.index("port") + 1
        or_any = ["choice", "<integer>", "*"]
        return [*node[:at], ["choice", "<port>", "*"] if node[at] == or_any else kind, *node[at + 1 :]]
    addressed = node[:1] == ["pairs"] or node[:2] in (
        ["sequence", "<ipv4_address>"],
        ["sequence", "<ipv6_address>"],
    )
    return [_name_ports(part, "<port>" if addressed else "<port_number>") for part in node]


def _port_and_dscp(release: str) -> list[Node]:
    pairs: list[Node] = []
    if release != "9.21":
        pairs.append(["port", ["choice", "<integer>", "*"]])
    if release in ("9.11", "9.16", "9.18"):
        pairs.append(["dscp", "<integer>"])
    return [["pairs", *pairs]] if pairs else []


def _query_source(form: Shape, release: str) -> Shape:
    text = json.dumps(form)
    address: Node = ["choice", "<ipv6_address>" if "ipv6" in text else "<ipv4_address>", "*"]
    if '"none"' in text:
        address.append("none")
    rest = _port_and_dscp(release)
    tail = rest[0][1:] if rest else []
    return [["choice", ["sequence", address, *rest], ["pairs", ["address", address], *tail]]]


def _update_policy(form: Shape) -> Shape:
    """A name follows every kind of rule but `zonesub`."""

    def change(node: list[Node]) -> list[Node]:
        if node[:1] != ["list"]:
            return node
        kinds = next(part for part in node if isinstance(part, list) and "zonesub" in part)
        named = ["choice", *(kind for kind in kinds[1:] if kind != "zonesub")]
        return [
            "list",
            node[1],
            "<string>",
            ["choice", "zonesub", ["sequence", named, "<string>"]],
            "<rrtypelist>",
        ]

    return _map(form, change)


def _add_dscp(shape: Shape, name: str) -> Shape:
    """9.18 still reads `dscp N` where lists begin, and in forwarders, but documents it no more."""
    text = json.dumps(shape)
    if '"dscp"' in text or (
        "<server_list>" not in text and name not in ("listen-on", "listen-on-v6", "forwarders")
    ):
        return shape
    dscp = ["optional", "dscp", "<integer>"]

    def change(node: list[Node]) -> list[Node]:
        at = (
            node.index(["optional", "port", "<integer>"]) if ["optional", "port", "<integer>"] in node else -1
        )
        if at < 0 or (node[0] == "sequence") or (node[0] == "list" and name != "forwarders"):
            return node
        return [*node[: at + 1], dscp, *node[at + 1 :]]

    return _map(shape, change)


def _any_order(shape: Shape) -> Shape:
    """Runs of optional keywords as pairs: in the elements of the list, and behind the first argument."""

    def gather(nodes: list[Node], *, head: bool) -> list[Node]:
        result: list[Node] = []
        for node in nodes:
            if isinstance(node, list) and node[0] == "optional" and not head:
                if not (result and isinstance(result[-1], list) and result[-1][0] == "pairs"):
                    result.append(["pairs"])
                if node[1:] not in result[-1]:
                    result[-1].append(node[1:])
            elif isinstance(node, list) and node[0] == "list":
                result.append(["list", *gather(node[1:], head=False)])
                head = False
            else:
                result.append(node)
                head = False
        return result

    return gather(shape, head=True)


def _unique(shapes: list[Shape]) -> list[Shape]:
    return [shape for index, shape in enumerate(shapes) if shape not in shapes[:index]]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: derive.py FOLDER")
    main(Path(sys.argv[1]))
