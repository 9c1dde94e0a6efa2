"""Derive catalogue.json and lifecycle.json from descriptions of each release's grammar.

Usage: python grammar/statements/derive.py FOLDER

FOLDER holds one `statements-9.NN.json` per release line: every statement with its forms, as the grammar
summaries of that release (`doc/misc`) give them; `summary.py` makes one from a source tree. It also holds
`lifecycle.json`: which statements each release's parser knows, documented or not, and how it marks them. The
output is written beside this script; the same input gives the same bytes.

catalogue.json:

    releases     the release lines, oldest first; bit 0 stands for the first
    shapes       every distinct shape of arguments
    contexts     context -> statement -> [[index of a shape, bits of the releases that have it], ...]
    repeatable   context -> statements that may stand there more than once
    zone_types   type of zone -> statement of a zone that no release, or not all of them, have there -> bits of
                 the releases in which it may not stand in a zone of that type

lifecycle.json, read only where a release is known or something is wrong:

    lines        context -> statement -> bits of the releases that know it; only where not all do
    marks        mark -> context -> statement -> bits of the releases that mark it so; the marks are "removed"
                 (named refuses it by name), "deprecated", "obsolete" and "experimental"

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

LISTENERS = ("listen-on", "listen-on-v6")
"""Statements whose port has bounds that differ from release to release: limits.json has them."""

SOURCES = tuple(
    name + family
    for name in ("notify-source", "transfer-source", "alt-transfer-source", "parental-source")
    for family in ("", "-v6")
)


def main(folder: Path) -> None:
    facts = [json.loads((folder / f"statements-{release}.json").read_text()) for release in RELEASES]
    life = json.loads((folder / "lifecycle.json").read_text())
    tables = [_release_table(release, each) for release, each in zip(RELEASES, facts, strict=True)]
    shapes: dict[str, int] = {}
    contexts: dict[str, dict[str, dict[int, int]]] = {}
    for bit, table in enumerate(tables):
        for context, statements in table.items():
            for name, forms in statements.items():
                entry = contexts.setdefault(context, {}).setdefault(name, {})
                for form in forms:
                    index = shapes.setdefault(json.dumps(form), len(shapes))
                    entry[index] = entry.get(index, 0) | 1 << bit
    known, marks = _life(tables, life)
    # What only the parser knows is read as anything; named refuses most of it by name.
    anything = shapes.setdefault(json.dumps(["<anything>"]), len(shapes))
    for context, names in known.items():
        for name, bits in names.items():
            contexts[context].setdefault(name, {anything: bits})
    here = Path(__file__)
    repeatable, zone_types = _repeatable(facts), _zone_types(facts, contexts["zone"])
    here.with_name("catalogue.json").write_text(_render(shapes, contexts, repeatable, zone_types))
    every = (1 << len(RELEASES)) - 1
    partly = {
        context: {name: bits for name, bits in sorted(names.items()) if bits != every}
        for context, names in sorted(known.items())
    }
    here.with_name("lifecycle.json").write_text(
        f'{{"lines":{_by_line(partly)},\n"marks":{{\n'
        + ",\n".join(f"{json.dumps(mark)}:{_by_line(table)}" for mark, table in sorted(marks.items()))
        + "}}\n"
    )


TABLES = {
    "top": ("namedconf", "namedconf_or_view"),
    "options": ("options", "view", "zone"),
    "view": ("view", "view_only", "namedconf_or_view", "zone"),
    "zone": ("zone", "zone_only", "non_template"),
    "template": ("zone", "zone_only"),
    "server": ("server", "key"),
    "rate-limit": ("rrl",),
    "dnssec-policy": ("dnssecpolicy",),
    "statistics-channels": ("statservers",),
    "http": ("cfg_http_description",),
    "key-store": ("keystore",),
    "notify-cfg": ("notify",),
}
"""Context -> the parser's tables that make it up; elsewhere the one that is called like the context. What 9.16 and
9.18 say of servers is in a table that follows that of keys, and is listed with it."""

UNDOCUMENTED = ("top", "options", "view", "zone", "template", "dnssec-policy")
"""The contexts whose tables may hold more than is documented."""

MARKS = {
    "ancient": "removed",
    "deprecated": "deprecated",
    "obsolete": "obsolete",
    "experimental": "experimental",
}


def _life(
    tables: list[Table], life: dict[str, dict[str, dict[str, list[str]]]]
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, dict[str, int]]]]:
    """Context -> statement -> bits of the releases that have it; and the same for each mark."""
    known: dict[str, dict[str, int]] = {}
    marks: dict[str, dict[str, dict[str, int]]] = {}
    for bit, table in enumerate(tables):
        for context, statements in table.items():
            for name in statements:
                names = known.setdefault(context, {})
                names[name] = names.get(name, 0) | 1 << bit
    for context, names in known.items():
        wanted = TABLES.get(context, (context,))
        for name, by_table in life.items():
            for table_name in wanted:
                for release, flags in by_table.get(table_name, {}).items():
                    bit = 1 << RELEASES.index(release)
                    if not any(context in table for table in tables[RELEASES.index(release) :][:1]):
                        continue
                    if name not in names and context not in UNDOCUMENTED:
                        continue
                    marked = [MARKS[flag] for flag in flags if flag in MARKS]
                    if "removed" not in marked:
                        names[name] = names.get(name, 0) | bit
                    else:
                        names[name] = names.get(name, 0) & ~bit
                    for mark in marked:
                        entry = marks.setdefault(mark, {}).setdefault(context, {})
                        entry[name] = entry.get(name, 0) | bit
    return known, marks


def _repeatable(facts: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Context -> the statements that a release lets stand there more than once."""
    found: dict[str, set[str]] = {}

    def look(context: str, name: str, statement: dict[str, Any]) -> None:
        names = found.setdefault(context, set())
        if "may occur multiple times" in statement.get("flags", ()):
            names.add(name)
        for form in statement["forms"]:
            inside(name, form)

    def inside(name: str, node: Node) -> None:
        if not isinstance(node, list):
            return
        if node[:1] == ["block"]:
            for inner, statement in node[1].items():
                look(name, inner, statement)
        else:
            for part in node:
                inside(name, part)

    for each in facts:
        for name, statement in each["top"].items():
            look("top", name, statement)
        for zone in each["zone_by_type"].values():
            look("top", "zone", zone)
    found["top"] |= {
        "zone",
        "masters",
        "primaries",
        "parental-agents",
        "remote-servers",
        "acl",
        "key",
        "view",
    }
    found["view"] |= {"zone"}
    return {context: sorted(names) for context, names in sorted(found.items()) if names}


def _zone_types(facts: list[dict[str, Any]], known: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Type -> statement -> bits of the releases that refuse it in a zone of that type."""
    refused: dict[str, dict[str, int]] = {}
    for bit, each in enumerate(facts):
        allowed = {type_: _names_in(zone) for type_, zone in each["zone_by_type"].items()}
        every = set().union(*allowed.values())
        for type_, names in allowed.items():
            if type_ == "in-view":
                continue  # what may stand beside in-view is another rule
            for name in sorted(every - names):
                if name not in ("in-view", "template") and name in known:
                    entry = refused.setdefault(type_, {})
                    entry[name] = entry.get(name, 0) | 1 << bit
                    if name == "primaries":
                        entry["masters"] = entry.get("masters", 0) | 1 << bit
    return refused


def _names_in(zone: dict[str, Any]) -> set[str]:
    (block,) = [
        node for form in zone["forms"] for node in form if isinstance(node, list) and node[0] == "block"
    ]
    return set(block[1])


def _by_line(table: dict[str, dict[str, int]]) -> str:
    lines = [f"{json.dumps(key)}:{_compact(value)}" for key, value in sorted(table.items()) if value]
    return "{\n" + ",\n".join(lines) + "}"


def _render(
    shapes: dict[str, int],
    contexts: dict[str, dict[str, dict[int, int]]],
    repeatable: dict[str, list[str]],
    zone_types: dict[str, dict[str, int]],
) -> str:
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
        + f'}},\n"repeatable":{_lists(repeatable)},\n"zone_types":{_by_line(zone_types)}}}\n'
    )


def _lists(table: dict[str, list[str]]) -> str:
    lines = [f"{json.dumps(context)}:{_compact(names)}" for context, names in table.items()]
    return "{\n" + ",\n".join(lines) + "}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _release_table(release: str, facts: dict[str, Any]) -> Table:
    table: Table = {}
    for name, statement in facts["top"].items():
        _add(table, "top", name, statement["forms"])
    for zone in facts["zone_by_type"].values():
        _add(table, "top", "zone", zone["forms"])
        _add(table, "view", "zone", zone["forms"])
    _merge_types(table, release)
    _add_synonyms(table, release)
    for context, statements in table.items():
        for name, forms in statements.items():
            refined = [_refine(form, context, name, release) for form in forms]
            statements[name] = _unique(
                refined if name in LISTENERS else [_name_ports(form) for form in refined]
            )
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


def _merge_types(table: Table, release: str) -> None:
    """Each zone type has its own `type X`; the parser has one, which takes the old words too.

    9.11 has only the old ones.
    """
    for context in ("zone", "template"):
        forms = table.get(context, {}).get("type", [])
        words: list[str] = []
        for shape in forms:
            for node in shape:
                words.extend(node[1:] if isinstance(node, list) else [node])
        for word, old in (("primary", "master"), ("secondary", "slave")):
            if word in words and old not in words:
                words.append(old)
        if release == "9.11":
            words = [word for word in words if word not in ("primary", "secondary")]
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
        return [["choice", address, "*"], *_port_and_dscp()]
    if name.startswith("query-source"):
        return _query_source(form)
    if name == "update-policy":
        return _update_policy(form)
    if name == "keys" and context == "dnssec-policy":
        return _map(form, _policy_key)
    shape = _map(form, _name_references)
    if name == "dual-stack-servers":
        # The summary asks for a quoted name; the parser takes a bare one too.
        shape = _map(shape, lambda node: ["<string>" if part == "<quoted_string>" else part for part in node])
    if name == "rrset-order":
        shape = _map(shape, _rrset_order)
    if name == "response-policy":
        shape = _map(shape, _member_policy)
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
    if release in ("9.18", "9.20", "9.21"):
        shape = _add_dscp(shape, name)
    if name in ANY_ORDER:
        shape = _any_order(shape)
    if name == "catalog-zones" and release not in ("9.11", "9.16"):
        # The parser takes both names of one list; that only one may stand there is checked afterwards.
        shape = _map(shape, _both_names)
    if context == "channel" and name == "file":
        # parse_logfile takes the next word to see whether it is a keyword, and drops it if it is none.
        shape = [*shape, ["optional", "<ignored>"]]
    return shape


def _both_names(node: list[Node]) -> list[Node]:
    if node[:1] != ["pairs"]:
        return node
    split = [
        [name, *pair[1:]] if isinstance(name, str) else pair
        for pair in node[1:]
        for name in (pair[0][1:] if pair[0][:1] == ["choice"] else [None])
    ]
    return ["pairs", *split]


def _member_policy(node: list[Node]) -> list[Node]:
    # The summary gives the name to the last of the words; the parser takes one behind `cname`.
    if node[:1] != ["choice"] or ["sequence", "tcp-only", "<quoted_string>"] not in node:
        return node
    parts: list[Node] = [["sequence", "cname", "<string>"] if part == "cname" else part for part in node]
    return ["tcp-only" if part == ["sequence", "tcp-only", "<quoted_string>"] else part for part in parts]


def _policy_key(node: list[Node]) -> list[Node]:
    if "|" in node:
        return ["optional", ["choice", "key-directory", ["sequence", "key-store", "<string>"]]]
    if node[:1] == ["list"] and "algorithm" in node:
        at = node.index("algorithm") + 1
        return [*node[:at], "<word>", *node[at + 1 :]]
    return node


def _rrset_order(node: list[Node]) -> list[Node]:
    """The summary has a string for what must be `order`, and strings for what must not be quoted."""
    if node[:1] == ["list"]:
        return [*node[:-2], "order", "<word>"]
    return ["optional", node[1], "<word>"] if node[1:2] in (["class"], ["type"]) else node


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
    if node[:1] == ["choice"] and "yes" in node and "no" in node:
        # BIND takes any of its words for booleans.
        node = ["choice", "<boolean>", *(part for part in node[1:] if part not in ("yes", "no"))]
    if node[:1] == ["choice"] and ["sequence", "<string>"] in [part[:2] for part in node[1:]]:
        # A string may begin with any word; what is a keyword there is looked for first.
        node = ["choice", *sorted(node[1:], key=lambda part: isinstance(part, list))]
    if node[:1] == ["choice"] and any(part in SERVER_LISTS for part in node):
        # An address is one only if it looks like one; all other words are names.
        return ["choice", *(part for part in node[1:] if part not in SERVER_LISTS), "<server_list>"]
    if node == ["optional", "transport", "<string>"]:
        return ["optional", "transport", "<transport>"]
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


def _port_and_dscp() -> list[Node]:
    """The port (not since 9.21.2) and the code point (not since 9.20) are read in every release, to be refused."""
    return [["pairs", ["port", ["choice", "<integer>", "*"]], ["dscp", "<integer>"]]]


def _query_source(form: Shape) -> Shape:
    text = json.dumps(form)
    address: Node = ["choice", "<ipv6_address>" if "ipv6" in text else "<ipv4_address>", "*"]
    if '"none"' in text:
        address.append("none")
    rest = _port_and_dscp()
    tail = rest[0][1:]
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
    """9.18 still reads `dscp N` where lists begin, and in forwarders, but documents it no more; newer ones refuse it."""
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
