"""`named-audit diff`: who gains and who loses, from files and directories; what changes nothing is the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.audit_cli import CLEAN, FINDINGS, INCOMPLETE, USAGE, Ran, run

SAME = "same: nobody gains or loses a zone\n"
ONE = 'algorithm hmac-sha256; secret "b25lIHNlY3JldCB0aGF0IG5vYm9keSBtYXkgc2VlIQ==";'
OTHER = 'algorithm hmac-sha256; secret "YW5vdGhlciBzZWNyZXQgbm9ib2R5IG1heSBzZWUhIQ==";'
KEYS = f"key k1 {{ {ONE} }};\nkey k2 {{ {OTHER} }};\n"

OLD = (
    KEYS
    + """acl secondaries { 192.0.2.1; 192.0.2.2; };
options { allow-transfer { none; }; notify explicit; };
zone "example.org" {
	type primary;
	file "example.org";
	allow-transfer { secondaries; key k1; };
	also-notify { 192.0.2.1; 192.0.2.2 key k1; };
};
zone "example.net" { type secondary; primaries { 192.0.2.9 key k1; }; };
zone "old.example" { type primary; file "old"; allow-transfer { 192.0.2.1; }; };
zone "kept.example" { type primary; file "kept"; allow-transfer { 192.0.2.7; }; };
"""
)
NEW = (
    KEYS
    + """acl secondaries { 192.0.2.1; 192.0.2.3; 2001:db8::/32; };
options { allow-transfer { none; }; notify explicit; };
zone "example.org" {
	type primary;
	file "example.org";
	allow-transfer { secondaries; key k2; };
	also-notify { 192.0.2.1; 192.0.2.3 port 5353 key k1; };
};
zone "example.net" { type secondary; primaries { 192.0.2.9 key k2; }; };
zone "new.example" { type primary; file "new"; allow-transfer { key k1; }; };
zone "kept.example" { type primary; file "kept"; allow-transfer { 192.0.2.7; }; };
"""
)


def diff(tmp_path: Path, old: str | bytes, new: str | bytes, *arguments: str) -> Ran:
    """Compare two files."""
    for name, text in (("old.conf", old), ("new.conf", new)):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("diff", "old.conf", "new.conf", *arguments, cwd=tmp_path)


def changes(ran: Ran) -> dict[str, Any]:
    """The changed zones of `--format json` by name."""
    assert ran.code in (CLEAN, FINDINGS, INCOMPLETE), ran
    return {zone["zone"]: zone for zone in ran.json["zones"]}


def lines(ran: Ran) -> list[str]:
    """The lines of the text that say who gained and lost."""
    return [line.strip() for line in ran.out.splitlines() if line.startswith("  ")]


def zone(text: str, name: str = "example.org") -> str:
    """A primary zone with more statements."""
    return f'zone "{name}" {{ type primary; file "{name}"; {text} }};\n'


def test_a_small_change_as_text(tmp_path: Path) -> None:
    ran = diff(tmp_path, OLD, NEW)
    assert (ran.code, ran.err) == (FINDINGS, "")
    assert ran.out == (
        "example.org: transfer gained and lost, NOTIFY changed\n"
        "  + transfer: 192.0.2.3 and 2001:db8::/32, without a key\n"
        "  + transfer: anyone except 192.0.2.1 and 192.0.2.2, with key k2\n"
        "  - transfer: 192.0.2.2, without a key\n"
        "  - transfer: anyone except 192.0.2.1 and 2 more, with key k1\n"
        "  + NOTIFY: 192.0.2.3 port 5353 with key k1\n"
        "  - NOTIFY: 192.0.2.2 with key k1\n"
        "\n"
        "example.net: primaries changed\n"
        "  + content from: 192.0.2.9 port 53 with key k2\n"
        "  - content from: 192.0.2.9 port 53 with key k1\n"
        "\n"
        "new.example: zone added\n"
        "  + transfer: anyone, with key k1\n"
        "\n"
        "old.example: zone removed\n"
        "  - transfer: 192.0.2.1, without a key\n"
        "\n"
        "different: zones: 1 added, 1 removed, 2 changed\n"
    )


def test_a_small_change_as_markdown(tmp_path: Path) -> None:
    ran = diff(tmp_path, OLD, NEW, "--format", "markdown")
    assert (ran.code, ran.err) == (FINDINGS, "")
    assert ran.out == (
        "### Zone transfers: different: zones: 1 added, 1 removed, 2 changed\n"
        "\n"
        "| zone | change | gained | lost |\n"
        "| --- | --- | --- | --- |\n"
        "| `example.org` | transfer gained and lost, NOTIFY changed "
        "| `transfer: 192.0.2.3 and 2001:db8::/32, without a key`"
        "<br>`transfer: anyone except 192.0.2.1 and 192.0.2.2, with key k2`"
        "<br>`NOTIFY: 192.0.2.3 port 5353 with key k1` "
        "| `transfer: 192.0.2.2, without a key`"
        "<br>`transfer: anyone except 192.0.2.1 and 2 more, with key k1`"
        "<br>`NOTIFY: 192.0.2.2 with key k1` |\n"
        "| `example.net` | primaries changed | `content from: 192.0.2.9 port 53 with key k2` "
        "| `content from: 192.0.2.9 port 53 with key k1` |\n"
        "| `new.example` | zone added | `transfer: anyone, with key k1` |  |\n"
        "| `old.example` | zone removed |  | `transfer: 192.0.2.1, without a key` |\n"
    )
    ran = diff(tmp_path, OLD, OLD, "--format", "markdown")
    assert (ran.code, ran.out) == (CLEAN, "### Zone transfers: same: nobody gains or loses a zone\n")


def test_a_small_change_as_json(tmp_path: Path) -> None:
    old = (
        KEYS
        + zone(
            "allow-transfer { 192.0.2.1; 192.0.2.2; }; notify explicit; also-notify { 192.0.2.2 key k1; };"
        )
        + 'zone "example.net" { type secondary; notify no; primaries { 192.0.2.9 key k1; }; '
        "allow-transfer { none; }; };\n" + zone("notify no; allow-transfer { 192.0.2.1; };", "old.example")
    )
    new = (
        KEYS
        + zone(
            "allow-transfer { 192.0.2.1; 2001:db8::/32; }; notify explicit; "
            "also-notify { 2001:db8::9 port 5353; };"
        )
        + 'zone "example.net" { type secondary; notify no; primaries { 192.0.2.9 key k2; }; '
        "transfer-source 192.0.2.77; allow-transfer { none; }; };\n"
    )
    ran = diff(tmp_path, old, new, "--format", "json")
    assert (ran.code, ran.err) == (FINDINGS, "")
    request = {"address": "192.0.2.9", "port": 53, "transport": "plain", "tls": None, "verified": False}
    assert ran.json == {
        "version": 1,
        "complete": True,
        "same": False,
        "problems": [],
        "zones": [
            {
                "zone": "example.org",
                "view": None,
                "change": "changed",
                "signers": [],
                "gained": [{"signer": None, "locality": "any", "addresses": ["2001:db8::/32"]}],
                "lost": [{"signer": None, "locality": "any", "addresses": ["192.0.2.2/32"]}],
                "notify_gained": [
                    {"address": "2001:db8::9", "name": None, "port": 5353, "transport": "udp", "tls": None}
                    | {"key": None, "source": None, "source_port": None}
                ],
                "notify_lost": [
                    {"address": "192.0.2.2", "name": None, "port": 53, "transport": "udp", "tls": None}
                    | {"key": "k1", "source": None, "source_port": None}
                ],
                "primaries_gained": [],
                "primaries_lost": [],
            },
            {
                "zone": "example.net",
                "view": None,
                "change": "changed",
                "signers": [],
                "gained": [],
                "lost": [],
                "notify_gained": [],
                "notify_lost": [],
                "primaries_gained": [request | {"key": "k2", "source": "192.0.2.77", "source_port": None}],
                "primaries_lost": [request | {"key": "k1", "source": None, "source_port": None}],
            },
            {
                "zone": "old.example",
                "view": None,
                "change": "removed",
                "signers": [],
                "gained": [],
                "lost": [{"signer": None, "locality": "any", "addresses": ["192.0.2.1/32"]}],
                "notify_gained": [],
                "notify_lost": [],
                "primaries_gained": [],
                "primaries_lost": [],
            },
        ],
        "runtime": [],
        "keys": [],
        "hidden_secrets": 0,
    }
    backwards = diff(tmp_path, new, old, "--format", "json")
    assert [(each["gained"], each["lost"]) for each in changes(backwards).values()] == [
        (each["lost"], each["gained"]) for each in ran.json["zones"]
    ]


BASE = (
    KEYS
    + """acl inner { 192.0.2.1; !192.0.2.9; 192.0.2.0/24; };
acl outer { inner; 2001:db8::/32; key k1; };
primaries lot { 192.0.2.9 key k2; 192.0.2.10; };
options { allow-transfer { outer; }; notify explicit; also-notify { lot; }; };
zone "a.example" { type primary; file "a"; };
zone "b.example" { type secondary; primaries { lot; 192.0.2.11 port 5353; }; allow-transfer { key k2; }; };
zone "c.example" { type primary; file "c"; };
"""
)

MEANS_THE_SAME = {
    "another layout": re.sub(r"\s+", "\n\n\t/* x */ ", BASE.strip()) + "\n# end\n",
    "other order": "".join(sorted(BASE.splitlines(keepends=True), reverse=True)),
    "acls renamed": BASE.replace("inner", "of-the-office").replace("outer", "Secondaries"),
    "an acl written out": BASE.replace(
        "{ outer; }; notify", "{ { 192.0.2.1; !192.0.2.9; 192.0.2.0/24; }; 2001:db8::/32; key k1; }; notify"
    ),
    "a server list renamed": BASE.replace("lot", "servers"),
    "a server list written out": BASE.replace("{ lot; }", "{ 192.0.2.9 key k2; 192.0.2.10; }"),
    "old words": BASE.replace("primaries", "masters").replace("secondary", "slave").replace("primary", "master"),
    "other spellings": BASE.replace('"a.example"', '"A.Example." IN')
    .replace("2001:db8::/32", "2001:0DB8:0::/32")
    .replace("key k1;", 'KEY "K1.";')
    .replace("192.0.2.0/24", "192.0.2/24")
    .replace("{ key k2; }", '{ { key "k2"; }; }'),
    "a network in halves": BASE.replace("192.0.2.0/24", "192.0.2.0/25; 192.0.2.128/25"),
    "primaries in another order": BASE.replace("{ lot; 192.0.2.11 port 5353; }", "{ 192.0.2.11 port 5353; lot; }"),
    "from the options to the zones": BASE.replace("allow-transfer { outer; }; notify", "notify")
    .replace('file "a";', 'file "a"; allow-transfer { outer; };')
    .replace('file "c";', 'file "c"; allow-transfer { outer; };'),
    "an element that changes nothing": BASE.replace("allow-transfer { outer; };", "allow-transfer { outer; none; };"),
    "what has nothing to do with it": BASE.replace("options {", "options { recursion no; version none;")
    + "logging { category default { null; }; };\n",
    "an unused acl": BASE + "acl unused { any; };\n",
    "base64 with blanks": BASE.replace("b25lIHNlY3JldCB0", "b25l IHNlY3Jl dCB0"),
}  # fmt: skip


@pytest.mark.parametrize("what", MEANS_THE_SAME)
def test_what_means_the_same_is_the_same(what: str, tmp_path: Path) -> None:
    assert MEANS_THE_SAME[what] != BASE
    for old, new in ((BASE, MEANS_THE_SAME[what]), (MEANS_THE_SAME[what], BASE)):
        ran = diff(tmp_path, old, new)
        assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, "")


def test_views_that_mean_the_same(tmp_path: Path) -> None:
    zones = zone("") + zone("allow-transfer { key k1; };", "b.example")
    old = (
        KEYS
        + "acl near { 192.0.2.0/24; };\noptions { allow-transfer { near; }; notify no; };\n"
        + f"view inside {{ match-clients {{ near; }};\n{zones}}};\n"
        + f"view outside {{\n{zones}}};\n"
    )
    new = (
        f"view inside {{ match-clients {{ 192.0.2.0/25; 192.0.2.128/25; }}; allow-transfer {{ near; }};\n{KEYS}"
        f"{zones}}};\nview outside {{ notify no; allow-transfer {{ near; }}; {KEYS}\n{zones}}};\n"
        "options { notify no; };\nacl near { 192.0.2.0/24; };\n"
    )
    ran = diff(tmp_path, old, new)
    assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, "")


def test_split_into_includes(tmp_path: Path) -> None:
    parts = BASE.splitlines(keepends=True)
    new = tmp_path / "split"
    (new / "zones").mkdir(parents=True)
    (new / "keys.conf").write_text("".join(parts[:2]))
    (new / "zones/10.conf").write_text(parts[7])
    (new / "zones/20.conf").write_text(parts[6])
    (new / "zones/30.conf").write_text(parts[8])
    (new / "named.conf").write_text(
        'include "keys.conf";\n' + "".join(parts[2:6]) + 'include "zones/*.conf";\n'
    )
    (tmp_path / "old.conf").write_text(BASE)
    ran = run("diff", "old.conf", "split/named.conf", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, "")
    assert run("diff", "old.conf", "split", cwd=tmp_path)[:2] == (CLEAN, SAME)
    (new / "zones/20.conf").write_text(parts[6].replace('"a"', '"a"; allow-transfer { none; }'))
    ran = run("diff", "old.conf", "split", cwd=tmp_path)
    assert ran.code == FINDINGS
    assert ran.out.startswith("a.example: transfer lost\n")


def test_exit_codes(tmp_path: Path) -> None:
    broken = BASE + "zone {\n"
    assert diff(tmp_path, BASE, BASE).code == CLEAN
    assert diff(tmp_path, OLD, NEW).code == FINDINGS
    assert diff(tmp_path, OLD, NEW, "--exit-zero").code == CLEAN
    assert diff(tmp_path, OLD, NEW, "--exit-zero").out == diff(tmp_path, OLD, NEW).out
    assert diff(tmp_path, OLD, broken, "--exit-zero").code == INCOMPLETE
    for old, new in ((broken, BASE), (BASE, broken), (broken, broken)):
        for format_ in ("text", "json", "markdown"):
            ran = diff(tmp_path, old, new, "--format", format_)
            assert ran.code == INCOMPLETE, format_
            assert "conf:10:6: incomplete[argument] zone: expected a string" in ran.err
    assert diff(tmp_path, broken, broken).out == (
        "no difference in what was read\nINCOMPLETE: 4 problems; this is not the whole answer.\n"
    )
    assert diff(tmp_path, broken, BASE, "--format", "json").json["complete"] is False
    diff(tmp_path, BASE, BASE)
    for arguments, said in (
        (("old.conf",), "diff takes OLD and NEW, or --git REV and one PATH"),
        ((), "diff takes OLD and NEW, or --git REV and one PATH"),
        (("old.conf", "new.conf", "old.conf"), "diff takes OLD and NEW, or --git REV and one PATH"),
        (("-", "/dev/stdin"), "standard input can be read once: give OLD or NEW as a file"),
        (("old.conf", "new.conf", "--interfaces", "x"), "--interfaces: 'x' is no interface address"),
        (("old.conf", "new.conf", "--bind-version", "x"), "--bind-version: 'x' is not a BIND release"),
        (("old.conf", "new.conf", "--new-bind-version", "x"), "--new-bind-version: 'x' is not a BIND release"),
        (("old.conf", "new.conf", "--output", "old.conf"), "--output old.conf: that is one of the read files"),
        (("old.conf", "new.conf", "--output", "no/where"), "cannot write no/where: No such file or directory"),
        (("old.conf", "new.conf", "--settings", "none.toml"), "none.toml: No such file or directory"),
    ):  # fmt: skip
        ran = run("diff", *arguments, cwd=tmp_path)
        assert (ran.code, ran.out) == (USAGE, "")
        assert ran.err.startswith(f"named-audit: {said}"), ran.err
        assert ran.err.count("\n") == 1
    assert (tmp_path / "old.conf").read_text() == BASE


def test_what_is_not_there_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "old.conf").write_text(BASE)
    (tmp_path / "empty").mkdir()
    for arguments in (("old.conf", "none.conf"), ("none.conf", "old.conf"), ("none.conf", "none.conf")):
        ran = run("diff", *arguments, cwd=tmp_path)
        assert ran.code == INCOMPLETE
        assert ran.err == "none.conf: not read[read] cannot read none.conf: no such file\n"
    ran = run("diff", "old.conf", "empty", cwd=tmp_path)
    assert ran.code == INCOMPLETE
    assert ran.err.startswith("empty: not read[read] no root found in empty")
    text = 'include "gone.conf";\n' + BASE
    ran = diff(tmp_path, text, text)
    assert ran.code == INCOMPLETE
    assert ran.out.startswith("no difference in what was read\nINCOMPLETE: 2 problems")
    assert 'old.conf:1:1: not read[include] cannot read include "gone.conf"' in ran.err
    assert 'new.conf:1:1: not read[include] cannot read include "gone.conf"' in ran.err


def test_standard_input_is_one_side(tmp_path: Path) -> None:
    (tmp_path / "old.conf").write_text(OLD)
    ran = run("diff", "old.conf", "-", cwd=tmp_path, stdin=NEW.encode())
    assert ran.out == diff(tmp_path, OLD, NEW).out
    assert run("diff", "-", "old.conf", cwd=tmp_path, stdin=OLD.encode())[:2] == (CLEAN, SAME)
    assert run("diff", "-", "old.conf", cwd=tmp_path).code == INCOMPLETE


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    ran = diff(tmp_path, OLD, NEW, "--output", "report.md", "--format", "markdown")
    assert (ran.code, ran.out, ran.err) == (FINDINGS, "", "")
    assert (tmp_path / "report.md").read_text() == diff(tmp_path, OLD, NEW, "--format", "markdown").out


def test_views(tmp_path: Path) -> None:
    def conf(inside: str, transfer: str, more: str = "") -> str:
        return (
            f"{KEYS}options {{ notify no; }};\nview inside {{ match-clients {{ {inside} }};\n"
            + zone(f"allow-transfer {{ {transfer} }};")
            + "};\nview outside {\n"
            + zone("allow-transfer { 198.51.100.0/24; 192.0.2.0/24; };")
            + more
            + "};\n"
        )

    base = conf("192.0.2.0/24;", "any;")
    # Who lands in another view now takes the zone there or not: both views' zones change.
    ran = diff(tmp_path, base, conf("192.0.2.0/25;", "any;"))
    assert (ran.code, ran.err) == (FINDINGS, "")
    assert ran.out == (
        "example.org (view inside): transfer lost\n"
        "  - transfer: 192.0.2.128/25, without a key\n"
        "\n"
        "example.org (view outside): transfer gained\n"
        "  + transfer: 192.0.2.128/25, without a key\n"
        "\n"
        "different: zones: 2 changed\n"
    )
    ran = diff(tmp_path, base, conf("192.0.2.0/24; key k1;", "any;"))
    assert ran.out == (
        "example.org (view inside): transfer gained\n"
        "  + transfer: anyone except 192.0.2.0/24, with key k1\n"
        "\n"
        "example.org (view outside): transfer lost\n"
        "  - transfer: 198.51.100.0/24, with key k1\n"
        "\n"
        "different: zones: 2 changed\n"
    )
    more = 'zone "example.net" { in-view inside; };\n'
    ran = diff(tmp_path, base, conf("192.0.2.0/24;", "any;", more), "--format", "json")
    assert [(each["zone"], each["view"], each["change"]) for each in ran.json["zones"]] == [
        ("example.net", "outside", "added")
    ]
    renamed = base.replace("view outside", "view others")
    ran = diff(tmp_path, base, renamed, "--format", "json")
    assert [(each["zone"], each["view"], each["change"]) for each in ran.json["zones"]] == [
        ("example.org", "others", "added"),
        ("example.org", "outside", "removed"),
    ]


def test_in_view_zones_change_with_the_zone_they_point_at(tmp_path: Path) -> None:
    def conf(transfer: str) -> str:
        return (
            "options { notify no; };\nview a { match-clients { 192.0.2.0/24; };\n"
            + zone(f"allow-transfer {{ {transfer} }};")
            + '};\nview b { zone "example.org" { in-view a; }; };\n'
        )

    ran = diff(tmp_path, conf("none;"), conf("192.0.2.1; 198.51.100.1;"), "--format", "json")
    assert [(each["view"], each["gained"][0]["addresses"]) for each in ran.json["zones"]] == [
        ("a", ["192.0.2.1/32"]),
        ("b", ["198.51.100.1/32"]),
    ]


def test_notify_targets(tmp_path: Path) -> None:
    def conf(notify: str, servers: str = "") -> str:
        return KEYS + servers + zone(f"allow-transfer {{ none; }}; {notify}")

    base = conf("notify explicit; also-notify { 192.0.2.1; };")
    for notify, servers, expected in (
        ("notify no;", "", ["- NOTIFY: 192.0.2.1 unsigned"]),
        ("notify explicit;", "", ["- NOTIFY: 192.0.2.1 unsigned"]),
        (
            "notify yes; also-notify { 192.0.2.1; };",
            "",
            ["+ NOTIFY: the servers of its NS records"],
        ),
        (
            "notify explicit; also-notify { 192.0.2.1; }; notify-source 192.0.2.77;",
            "",
            ["+ NOTIFY: 192.0.2.1 unsigned from 192.0.2.77", "- NOTIFY: 192.0.2.1 unsigned"],
        ),
        (
            "notify explicit; also-notify { 192.0.2.1; }; notify-source * port 5301;",
            "",
            ["+ NOTIFY: 192.0.2.1 unsigned, source port 5301", "- NOTIFY: 192.0.2.1 unsigned"],
        ),
        (
            "notify explicit; also-notify { 192.0.2.1; };",
            "server 192.0.2.0/24 { keys k1; };\n",
            ["+ NOTIFY: 192.0.2.1 with key k1", "- NOTIFY: 192.0.2.1 unsigned"],
        ),
        (
            "notify explicit; also-notify { 192.0.2.1 key k1; };",
            "server 192.0.2.0/24 { keys k1; };\n",
            ["+ NOTIFY: 192.0.2.1 with key k1", "- NOTIFY: 192.0.2.1 unsigned"],
        ),
    ):
        ran = diff(tmp_path, base, conf(notify, servers), "--bind-version", "9.18")
        assert (ran.code, ran.err, lines(ran)) == (FINDINGS, "", expected)
    by_ns = conf("notify yes;")
    assert diff(tmp_path, by_ns, by_ns.replace("notify yes;", "")).out == SAME
    ran = diff(tmp_path, by_ns, base, "--format", "json")
    assert changes(ran)["example.org"]["notify_lost"] == [
        {"address": None, "name": None, "by_ns": True, "port": None, "transport": None}
        | {"tls": None, "key": None, "source": None, "source_port": None}
    ]


def test_notify_over_another_tls_block(tmp_path: Path) -> None:
    def conf(tls: str) -> str:
        return 'tls one { ca-file "a"; };\ntls two { ca-file "b"; };\n' + zone(
            f"allow-transfer {{ none; }}; notify explicit; also-notify {{ 192.0.2.1 tls {tls}; }};"
        )

    ran = diff(tmp_path, conf("one"), conf("two"), "--bind-version", "9.20")
    assert lines(ran) == [
        "+ NOTIFY: 192.0.2.1 over TLS unsigned, tls two",
        "- NOTIFY: 192.0.2.1 over TLS unsigned, tls one",
    ]


SOA = "$TTL 60\n@ SOA ns1 admin 1 3600 600 86400 60\n"


def test_notify_targets_of_ns_records(tmp_path: Path) -> None:
    def files(name: str, records: str | None) -> None:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "named.conf").write_text(zone("allow-transfer { none; };"))
        (folder / "example.org").unlink(missing_ok=True)
        if records is not None:
            (folder / "example.org").write_text(SOA + records)

    two = "@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n"
    files("old", two)
    files("new", two + "@ NS ns3\nns3 A 192.0.2.3\n")
    ran = run("diff", "old", "new", cwd=tmp_path)
    assert (ran.code, lines(ran)) == (FINDINGS, ["+ NOTIFY: 192.0.2.3 unsigned"])
    files("new", two.replace("192.0.2.2", "2001:db8::2").replace("ns2 A", "ns2 AAAA"))
    ran = run("diff", "old", "new", cwd=tmp_path)
    assert lines(ran) == ["+ NOTIFY: 2001:db8::2 unsigned", "- NOTIFY: 192.0.2.2 unsigned"]
    # The one in SOA MNAME is not told.
    files("new", two.replace("ns1 A 192.0.2.1", "ns1 A 192.0.2.99"))
    assert run("diff", "old", "new", cwd=tmp_path).out == SAME
    files("new", "@ NS ns1\n@ NS ns.example.net.\nns1 A 192.0.2.1\n")
    ran = run("diff", "old", "new", cwd=tmp_path)
    assert lines(ran) == ["+ NOTIFY: ns.example.net unsigned", "- NOTIFY: 192.0.2.2 unsigned"]
    # That a file is there now says nothing about who was told.
    files("new", None)
    assert run("diff", "old", "new", cwd=tmp_path).out == SAME
    assert run("diff", "new", "old", cwd=tmp_path).out == SAME
    (tmp_path / "new/named.conf").write_text(zone("allow-transfer { none; }; notify no;"))
    ran = run("diff", "old", "new", cwd=tmp_path)
    assert lines(ran) == ["- NOTIFY: 192.0.2.2 unsigned"]
    ran = run("diff", "new", "old", cwd=tmp_path)
    assert lines(ran) == ["+ NOTIFY: 192.0.2.2 unsigned"]
    # With its interfaces known, the server's own address is none that it tells.
    assert run("diff", "old", "new", "--interfaces", "192.0.2.2/24", cwd=tmp_path).out == SAME


def test_primaries(tmp_path: Path) -> None:
    def conf(primaries: str, more: str = "") -> str:
        return (
            f'{KEYS}tls checked {{ ca-file "ca.pem"; remote-hostname "ns.example"; }};\n'
            f'zone "s.example" {{ type secondary; notify no; allow-transfer {{ none; }}; '
            f"primaries {{ {primaries} }}; {more} }};\n"
        )

    base = conf("192.0.2.1;")
    for new, expected in (
        (conf("192.0.2.1 port 5353;"), ["+ content from: 192.0.2.1 port 5353 unsigned"]),
        (conf("192.0.2.1 key k1;"), ["+ content from: 192.0.2.1 port 53 with key k1"]),
        (
            conf("192.0.2.1 tls checked;"),
            ["+ content from: 192.0.2.1 port 853 over verified TLS unsigned, tls checked"],
        ),
        (
            conf("192.0.2.1 tls ephemeral;"),
            ["+ content from: 192.0.2.1 port 853 over unverified TLS unsigned, tls ephemeral"],
        ),
        (
            conf("192.0.2.1;", "transfer-source 192.0.2.77;"),
            ["+ content from: 192.0.2.1 port 53 unsigned from 192.0.2.77"],
        ),
        (conf("2001:db8::1;"), ["+ content from: 2001:db8::1 port 53 unsigned"]),
    ):
        ran = diff(tmp_path, base, new, "--bind-version", "9.20")
        lost = "- content from: 192.0.2.1 port 53 unsigned"
        assert (ran.code, ran.err, lines(ran)) == (FINDINGS, "", [*expected, lost])
        ran = diff(tmp_path, new, base, "--bind-version", "9.20")
        assert lines(ran) == [f"+{lost[1:]}", *[f"-{line[1:]}" for line in expected]]
    ran = diff(tmp_path, base, conf("192.0.2.1; 192.0.2.2;"))
    assert lines(ran) == ["+ content from: 192.0.2.2 port 53 unsigned"]
    ran = diff(
        tmp_path, base, base.replace("secondary", "primary").replace("primaries { 192.0.2.1; }", 'file "s"')
    )
    assert ran.out.startswith("s.example: type secondary is now primary, primaries changed\n")


def test_rekeyed_keys_never_show_a_secret(tmp_path: Path) -> None:
    secrets = re.findall(r'secret "([^"]+)"', ONE + OTHER)
    users = "options { notify no; };\n" + zone("allow-transfer { key k1; };")
    old = f"key k1 {{ {ONE} }};\n{users}"
    for new, words, parts in (
        (f"key k1 {{ {OTHER} }};\n", "another secret", ["secret"]),
        (f"key K1. {{ {ONE.replace('256', '512')} }};\n", "another algorithm", ["algorithm"]),
        (f"key k1 {{ {OTHER.replace('256', '512')} }};\n", "another secret and algorithm", ["secret", "algorithm"]),
    ):  # fmt: skip
        for format_ in ("text", "json", "markdown"):
            ran = diff(tmp_path, old, new + users, "--format", format_)
            assert (ran.code, ran.err) == (FINDINGS, "")
            assert not any(secret in ran.out for secret in secrets)
            if format_ == "json":
                assert ran.json["keys"] == [{"key": "k1", "view": None, "changed": parts}]
                assert ran.json["same"] is False
            else:
                assert f"key k1: {words}, so its holders change" in ran.out
                assert "different: keys: 1 changed\n" in ran.out


def test_a_key_is_compared_wherever_it_is_defined(tmp_path: Path) -> None:
    def conf(outer: str, inner: str) -> str:
        zones = zone("allow-transfer { key k1; };")
        return f"options {{ notify no; }};\n{outer}\nview v {{ {inner}\n{zones} }};\nview w {{\n{zones}}};\n"

    first, second = f"key k1 {{ {ONE} }};", f"key k1 {{ {OTHER} }};"
    ran = diff(tmp_path, conf(first, ""), conf("", second), "--format", "json")
    # In the later view, clients with the old key fail in the earlier one (BADKEY) and have none of their own.
    assert {"key": "k1", "view": "v", "changed": ["secret"]} in ran.json["keys"]
    ran = diff(tmp_path, conf(first, ""), conf(second, ""), "--format", "json")
    assert ran.json["keys"] == [{"key": "k1", "view": None, "changed": ["secret"]}]
    # In both places is one too many for named.
    assert diff(tmp_path, conf(first, ""), conf(first, first)).code == INCOMPLETE


def test_a_key_that_is_gone(tmp_path: Path) -> None:
    base = "options { notify no; };\n" + zone("allow-transfer { 192.0.2.1; };")
    # A secondary that signs with it was served by its address; now its requests fail.
    ran = diff(tmp_path, KEYS + base, base)
    assert ran.code == FINDINGS
    assert ran.out == (
        "key k1: no longer known, so what is signed with it is refused\n\n"
        "key k2: no longer known, so what is signed with it is refused\n\n"
        "different: keys: 2 changed\n"
    )
    assert diff(tmp_path, base, KEYS + base).out == SAME
    closed = base.replace("192.0.2.1", "none")
    assert diff(tmp_path, KEYS + closed, closed).out == SAME
    # Where a list names it, the zone says so.
    listed = base.replace("192.0.2.1", "key k1")
    ran = diff(tmp_path, f"key k1 {{ {ONE} }};\n{listed}", listed)
    assert lines(ran) == ["- transfer: anyone, with key k1"]
    assert ran.out.endswith("\n\ndifferent: zones: 1 changed\n")


def test_hidden_secrets_are_not_compared(tmp_path: Path) -> None:
    users = "options { notify no; };\n" + zone("allow-transfer { key k1; };")
    hidden = 'key k1 { algorithm "hmac-sha256"; secret "????????????????"; };\n' + users
    shown = f"key k1 {{ {ONE} }};\n{users}"
    words = "same: nobody gains or loses a zone; 1 hidden secret not compared\n"
    for old, new in ((hidden, shown), (shown, hidden), (hidden, hidden)):
        ran = diff(tmp_path, old, new)
        assert (ran.code, ran.out, ran.err) == (CLEAN, words, "")
    assert diff(tmp_path, hidden, shown, "--format", "json").json["hidden_secrets"] == 1
    # A key that two views know is one key.
    in_views = (
        hidden.replace("zone", "view a { zone").strip()
        + " };\nview b { "
        + zone("allow-transfer { none; };")
        + "};\n"
    )
    assert diff(tmp_path, in_views, in_views, "--format", "json").json["hidden_secrets"] == 1
    ran = diff(tmp_path, hidden, shown.replace("sha256", "sha512"))
    assert ran.code == FINDINGS
    assert ran.out.startswith("key k1: another algorithm, so its holders change\n")
    assert ran.out.endswith("different: keys: 1 changed; 1 hidden secret not compared\n")


TLS = 'tls plain { cert-file "c"; key-file "k"; };\ntls mutual { cert-file "c"; key-file "k"; ca-file "ca"; };\n'


def _listening(listen: str, transfer: str) -> str:
    return f"{TLS}options {{ notify no; {listen} }};\n" + zone(f"allow-transfer {transfer};")


def test_port_transport_and_listeners(tmp_path: Path) -> None:
    both = "listen-on { any; }; listen-on tls plain { any; }; listen-on-v6 { none; };"
    who = "{ 192.0.2.1; }"

    def rows(old: str, new: str) -> list[str]:
        ran = diff(tmp_path, old, new, "--bind-version", "9.18")
        assert ran.err == ""
        assert ran.code == (FINDINGS if lines(ran) or ran.out != SAME else CLEAN)
        return lines(ran)

    either = _listening(both, who)
    assert rows(either, _listening(both, f"transport tls {who}")) == [
        "- transfer: 192.0.2.1, without a key, over TCP to port 53"
    ]
    assert rows(_listening(both, f"port 853 transport tls {who}"), either) == [
        "+ transfer: 192.0.2.1, without a key, over TCP to port 53"
    ]
    assert rows(_listening(both, f"transport tls {who}"), _listening(both, f"transport tcp {who}")) == [
        "+ transfer: 192.0.2.1, without a key, over TCP to port 53",
        "- transfer: 192.0.2.1, without a key, over TLS to port 853",
    ]
    assert rows(_listening(both, f"port 53 {who}"), _listening(both, f"transport tcp {who}")) == []
    assert rows(_listening(both, f"port 853 {who}"), _listening(both, f"transport tls {who}")) == []
    # The only listener that would do is gone.
    no_tls = "listen-on { any; }; listen-on-v6 { none; };"
    assert rows(_listening(both, f"transport tls {who}"), _listening(no_tls, f"transport tls {who}")) == [
        "- transfer: 192.0.2.1, without a key, over TLS to port 853"
    ]
    other = both.replace("tls plain", "port 8853 tls plain")
    assert rows(_listening(both, f"transport tls {who}"), _listening(other, f"transport tls {who}")) == [
        "+ transfer: 192.0.2.1, without a key, over TLS to port 8853",
        "- transfer: 192.0.2.1, without a key, over TLS to port 853",
    ]
    ran = diff(tmp_path, either, _listening(both, f"transport tls {who}"), "--format", "json")
    assert changes(ran)["example.org"]["lost"] == [
        {"signer": None, "locality": "any", "addresses": ["192.0.2.1/32"], "transport": "tcp", "port": 53}
    ]


def test_client_certificates(tmp_path: Path) -> None:
    plain = "listen-on { any; }; listen-on tls plain { any; }; listen-on-v6 { none; };"
    mutual = plain.replace("tls plain", "tls mutual")
    who = "transport tls { 192.0.2.1; }"
    ran = diff(tmp_path, _listening(plain, who), _listening(mutual, who), "--bind-version", "9.18")
    assert ran.out == ("example.org: a client certificate is now demanded\n\ndifferent: zones: 1 changed\n")
    ran = diff(tmp_path, _listening(mutual, who), _listening(plain, who), "--format", "json")
    assert ran.code == FINDINGS
    assert changes(ran)["example.org"]["client_certificate"] == {"old": True, "new": False}


def test_geoip_conditions(tmp_path: Path) -> None:
    def conf(transfer: str) -> str:
        return "options { notify no; };\n" + zone(f"allow-transfer {{ {transfer} }};")

    old, new = conf("192.0.2.1;"), conf("192.0.2.1; geoip country NL;")
    ran = diff(tmp_path, old, new)
    assert (ran.code, lines(ran)) == (
        FINDINGS,
        ["+ transfer: anyone except 192.0.2.1, without a key, where geoip country NL holds"],
    )
    ran = diff(tmp_path, old, conf("!geoip country NL; 192.0.2.1;"), "--format", "json")
    assert changes(ran)["example.org"]["lost"] == [
        {"signer": None, "locality": "any", "addresses": ["192.0.2.1/32"]}
        | {"conditions": ["geoip country NL"]}
    ]
    ran = diff(tmp_path, conf("geoip country NL;"), conf("geoip country BE;"))
    assert lines(ran) == [
        "+ transfer: anyone, without a key, where geoip country BE holds",
        "- transfer: anyone, without a key, where geoip country NL holds",
    ]
    ran = diff(tmp_path, conf("geoip country NL;"), conf("!geoip country NL; any;"))
    assert lines(ran) == [
        "+ transfer: anyone, without a key, where no geoip condition holds",
        "- transfer: anyone, without a key, where geoip country NL holds",
    ]
    assert diff(tmp_path, new, conf("geoip country NL; { 192.0.2.1; };")).out == SAME


def test_interfaces(tmp_path: Path) -> None:
    def conf(transfer: str) -> str:
        return "options { notify no; };\n" + zone(f"allow-transfer {{ {transfer} }};")

    near, written = conf("localnets;"), conf("127.0.0.0/8; ::1; 192.0.2.0/24; 2001:db8::/64;")
    known = ("--interfaces", "192.0.2.1/24,2001:db8::1/64")
    assert diff(tmp_path, near, written, *known).out == SAME
    assert diff(tmp_path, near, written).code == FINDINGS
    ran = diff(tmp_path, near, written, "--interfaces", "192.0.2.1/25,2001:db8::1/64")
    assert lines(ran) == ["+ transfer: 192.0.2.128/25, without a key"]
    ran = diff(tmp_path, conf("none;"), conf("localhost;"), "--format", "json")
    assert changes(ran)["example.org"]["gained"] == [
        {"signer": None, "locality": "localhost", "addresses": ["0.0.0.0/0", "::/0"]}
    ]
    ran = diff(tmp_path, conf("none;"), conf("localhost;"), "--format", "json", *known)
    assert changes(ran)["example.org"]["gained"] == [
        {
            "signer": None,
            "locality": "any",
            "addresses": ["127.0.0.1/32", "192.0.2.1/32", "::1/128", "2001:db8::1/128"],
        }
    ]


def test_an_upgrade(tmp_path: Path) -> None:
    conf = "options { notify no; };\n" + zone("") + zone("allow-transfer { any; };", "said.example")
    ran = diff(tmp_path, conf, conf, "--bind-version", "9.18", "--new-bind-version", "9.20")
    assert (ran.code, ran.out, ran.err) == (
        FINDINGS,
        "example.org: transfer lost\n  - transfer: anyone, without a key\n\ndifferent: zones: 1 changed\n",
        "",
    )
    ran = diff(tmp_path, conf, conf, "--bind-version", "9.20", "--new-bind-version", "9.18")
    assert lines(ran) == ["+ transfer: anyone, without a key"]
    assert diff(tmp_path, conf, conf, "--bind-version", "9.16", "--new-bind-version", "9.18").out == SAME
    ran = diff(tmp_path, conf, conf, "--new-bind-version", "9.20")
    assert lines(ran) == ["- transfer: anyone, without a key (BIND 9.11, 9.16, 9.18)"]


def test_an_upgrade_to_a_release_that_refuses_the_file(tmp_path: Path) -> None:
    conf = "options { notify no; dialup no; };\n" + zone("allow-transfer { any; };")
    why = "as it stands, `named-audit check` says why: this is what it would serve\n"
    ran = diff(tmp_path, conf, conf, "--bind-version", "9.18", "--new-bind-version", "9.21")
    assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, f"note: BIND 9.21 refuses new.conf {why}")
    broken = conf.replace("dialup no", "recursion maybe")
    ran = diff(tmp_path, broken, conf)
    assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, f"note: named refuses old.conf {why}")


def test_an_unknown_release(tmp_path: Path) -> None:
    base = "options { notify no; };\n" + zone("")
    assert diff(tmp_path, base, base).out == SAME
    new = "options { notify no; };\n" + zone("allow-transfer { 192.0.2.1; };")
    ran = diff(tmp_path, base, new)
    assert lines(ran) == [
        "+ transfer: 192.0.2.1, without a key (BIND 9.20, 9.21)",
        "- transfer: anyone except 192.0.2.1, without a key (BIND 9.11, 9.16, 9.18)",
    ]
    ran = diff(tmp_path, base, new, "--format", "json")
    assert [row["releases"] for row in changes(ran)["example.org"]["gained"]] == [["9.20", "9.21"]]
    assert lines(diff(tmp_path, base, new, "--bind-version", "9.18")) == [
        "- transfer: anyone except 192.0.2.1, without a key"
    ]


def test_types(tmp_path: Path) -> None:
    old = 'zone "example.org" { type forward; };\n'
    ran = diff(tmp_path, old, "options { notify no; };\n" + zone("allow-transfer { none; };"))
    assert ran.out == "example.org: type forward is now primary\n\ndifferent: zones: 1 changed\n"
    # A type comes from the file, so it may be anything.
    ran = diff(tmp_path, old, 'zone "example.org" { type "\x1b[2J|`<b>"; };\n')
    assert ran.code == INCOMPLETE
    assert "\x1b" not in ran.out + ran.err
    assert "type forward is now \\x1b[2j|`<b>" in ran.out
    ran = diff(tmp_path, old, 'zone "example.org" { type "\x1b[2J|`<b>"; };\n', "--format", "markdown")
    assert "| `type forward is now \\x1b[2j\\x7c\\x60<b>` |" in ran.out


def test_directories_with_several_roots(tmp_path: Path) -> None:
    for side in ("old", "new"):
        for server in ("ns1", "ns2"):
            (tmp_path / side / server).mkdir(parents=True)
            (tmp_path / side / server / "named.conf").write_text(
                "options { notify no; };\n" + zone("allow-transfer { 192.0.2.1; };")
            )
    for old, new, cwd in (("old", "new", "."), (".", "../new", "old"), ("../old/", "./", "new")):
        ran = run("diff", old, new, cwd=tmp_path / cwd)
        assert (ran.code, ran.out, ran.err) == (CLEAN, SAME, "")
    (tmp_path / "new/ns2/named.conf").write_text(
        "options { notify no; };\n" + zone("allow-transfer { 192.0.2.2; };")
    )
    (tmp_path / "new/ns3").mkdir()
    (tmp_path / "new/ns3/named.conf").write_text(
        "options { notify no; };\n" + zone("allow-transfer { 192.0.2.3; };")
    )
    for old, new, cwd in (("old", "new", "."), (".", "../new", "old"), (f"{tmp_path}/old", ".", "new")):
        ran = run("diff", old, new, cwd=tmp_path / cwd)
        assert (ran.code, ran.err) == (FINDINGS, "")
        assert ran.out == (
            "== ns2/named.conf\n"
            "example.org: transfer gained and lost\n"
            "  + transfer: 192.0.2.2, without a key\n"
            "  - transfer: 192.0.2.1, without a key\n"
            "\n"
            "== ns3/named.conf\n"
            "example.org: zone added\n"
            "  + transfer: 192.0.2.3, without a key\n"
            "\n"
            "different: zones: 1 added, 1 changed\n"
        )
    ran = run("diff", "old", "new", "--format", "json", cwd=tmp_path)
    assert [(each["root"], each["change"]) for each in ran.json["zones"]] == [
        ("ns2/named.conf", "changed"),
        ("ns3/named.conf", "added"),
    ]
    ran = run("diff", "old", "new", "--format", "markdown", cwd=tmp_path)
    assert "#### `ns2/named.conf`\n\n| zone |" in ran.out
    assert "#### `ns1/named.conf`" not in ran.out
    # One root on each side is compared, whatever it is called.
    (tmp_path / "new/ns1/named.conf").rename(tmp_path / "new/ns1/other.conf")
    assert run("diff", "old/ns1", "new/ns1", cwd=tmp_path)[:2] == (CLEAN, SAME)


NASTY = (
    "www.evil.example",
    "@everyone.example",
    "a|b.example",
    "`code`.example",
    "<img src=x>.example",
    "[x](http://evil.example).example",
    "#1.example",
    "\\\\|\\\\`.example",
    "a\nb.example",
    "a\u202eb.example",
    "&#64;x.example",
)


def test_names_are_no_markdown(tmp_path: Path) -> None:
    new = "".join(
        f'key "{name}" {{ {ONE} }};\n' + zone(f'notify no; allow-transfer {{ key "{name}"; }};', name)
        for name in NASTY
    )
    ran = diff(tmp_path, "", new, "--format", "markdown")
    rows = [line for line in ran.out.splitlines() if line.startswith("| `")]
    assert len(rows) == len(NASTY)
    for row in rows:
        # Four cells, and nothing from the file outside of a code span.
        assert row.count("|") == 5
        outside = re.sub(r"`[^`]*`", "", row)
        assert outside == "|  | zone added |  |  |"
    assert "\u202e" not in ran.out
    text = diff(tmp_path, "", new).out
    assert "\u202e" not in text
    assert "a\\x0ab.example: zone added\n" in text


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    new = zone("notify no; allow-transfer { none; };").encode().replace(b"example.org", b"ex\xffmple.org")
    for format_ in ("text", "json", "markdown"):
        ran = diff(tmp_path, b"", new, "--format", format_)
        assert ran.code == FINDINGS
        assert "\\xff" in ran.out
    assert diff(tmp_path, new, new).out == SAME


def test_hostile_input(tmp_path: Path) -> None:
    deep = "options { allow-transfer " + "{ " * 5000 + "any; " + "}; " * 5000 + "};\n"
    loop = "acl a { b; }; acl b { !a; };\n" + zone("allow-transfer { a; };")
    for text in (deep, loop, "\0", "{" * 1000, "}" * 1000, 'include "new.conf";', "zone", b"\xff\xfe\0\0"):
        ran = diff(tmp_path, BASE, text)
        assert ran.code == INCOMPLETE, (text[:40], ran)
        assert "INCOMPLETE: " in ran.out
        assert ran.err
    conditions = "".join(f"geoip country {first}{second}; " for first in "ABCDE" for second in "ABCDE")
    ran = diff(tmp_path, zone(f"allow-transfer {{ {conditions} }};"), zone("allow-transfer { none; };"))
    assert ran.code == FINDINGS


def test_the_clean_path_imports_nothing_that_only_shows(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text(BASE)
    ran = run("diff", "a.conf", "a.conf", cwd=tmp_path, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert ran.code == CLEAN
    imported = {
        line.rsplit("|", 1)[1].strip() for line in ran.err.splitlines() if line.startswith("import time:")
    }
    assert "named_audit.policy.difference" in imported
    assert not {"rich", "jinja2", "dns", "importlib.metadata", "subprocess"} & imported


def test_json_stays_json_where_it_is_incomplete(tmp_path: Path) -> None:
    ran = diff(tmp_path, BASE, "zone {", "--format", "json")
    report = json.loads(ran.out)
    assert (report["complete"], report["same"]) == (False, False)
    assert {problem["path"] for problem in report["problems"]} == {"new.conf"}


def test_members_of_a_catalog_zone(tmp_path: Path) -> None:
    old = (
        KEYS + "options { allow-transfer { key k1; }; notify explicit;\n"
        'catalog-zones { zone "cat.example" default-masters { 192.0.2.1 key k1; }; }; };\n'
        'zone "cat.example" { type secondary; primaries { 192.0.2.1 key k1; }; allow-transfer { none; }; };\n'
    )
    new = old.replace("{ key k1; };", "{ 192.0.2.7; key k1; };")
    ran = diff(tmp_path, old, new, "--format", "json")
    assert ran.code == FINDINGS
    assert ran.json["zones"] == []
    (change,) = ran.json["runtime"]
    assert change["zones"] == "the members of catalog zone cat.example"
    assert change["gained"] == [{"signer": None, "locality": "any", "addresses": ["192.0.2.7/32"]}]
    assert change["lost"] == []


@pytest.mark.parametrize("text", (None, '{% for zone in zones %}zone "{{ zone }}" {};{% endfor %}\n'))
def test_what_was_not_read_is_neither_gone_nor_new(tmp_path: Path, text: str | None) -> None:
    (tmp_path / "old.conf").write_text(OLD)
    if text is not None:
        (tmp_path / "new.conf").write_text(text)
    for pair in (("old.conf", "new.conf"), ("new.conf", "old.conf")):
        ran = run("diff", *pair, cwd=tmp_path)
        assert (ran.code, ran.out.splitlines()[0]) == (INCOMPLETE, "no difference in what was read")
