"""Random zones and views, each statement right by itself: what named-checkconf refuses is found on the same lines."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from named_audit.release import parse_release
from tests.verdicts import judge

pytestmark = pytest.mark.bind

CONFIGURATIONS = 250
HEAD = """dnssec-policy ours { };
acl nobody { none; };
acl everybody { any; };
acl some { 192.0.2.1; };
primaries empty { };
primaries full { empty; 192.0.2.1; };
"""
LISTS = (
    "none",
    "any",
    "!any",
    "nobody",
    "everybody",
    "!everybody",
    "some",
    "192.0.2.1",
    "!{ any; }",
    "{ none; }",
)
TYPES = (
    "primary",
    "master",
    "secondary",
    "slave",
    "mirror",
    "stub",
    "static-stub",
    "forward",
    "hint",
    "redirect",
)
GRANTS = (
    "name",
    "self",
    "selfsub",
    "zonesub",
    "wildcard",
    "subdomain",
    "tcp-self",
    "6to4-self",
    "ms-subdomain",
)
SIGNING = (
    "dnssec-policy ours;",
    "dnssec-policy default;",
    "dnssec-policy nosuch;",
    "dnssec-policy none;",
    "inline-signing yes;",
    "inline-signing no;",
)
AUTO = ("auto-dnssec maintain;", "auto-dnssec off;")
SERVERS = ("192.0.2.1;", "empty;", "full;", "", "2001:db8::1 port 53;")
NOT_IN = {
    "allow-update": ("primary",),
    "update-policy": ("primary",),
    "notify": ("primary", "secondary", "mirror"),
    "signing": ("primary", "secondary"),
    "primaries": ("secondary", "mirror", "stub"),
    "file": ("primary", "secondary", "mirror", "stub", "hint", "redirect"),
    "forwarders": ("primary", "secondary", "stub", "static-stub", "forward"),
}


def match_list(rng: random.Random) -> str:
    """A list of one or two elements, perhaps none."""
    return (
        "{ " + "".join(f"{element}; " for element in rng.choices(LISTS, k=rng.choice((0, 1, 1, 1, 2)))) + "}"
    )


def zone(rng: random.Random) -> list[str]:
    """The lines of a zone; most have what their type needs."""
    name = rng.choice((".", "a.example", "B.example.", "b.example", "c.example", "d.example", "e..example"))
    if rng.random() < 0.1:
        more = rng.choice(("", "notify no;", "forward only; forwarders { 192.0.2.1; };"))
        return [f'zone "{name}" {{', f"in-view {rng.choice('vw')}; {more}", "};"]
    written = rng.choice(TYPES)
    type_ = {"master": "primary", "slave": "secondary"}.get(written, written)
    class_ = rng.choice(("", "", "", "", " in", " CLASS1", " CH"))
    lines = [f'zone "{name}"{class_} {{', f"type {written};"]

    def may(what: str, chance: float) -> bool:
        return type_ in NOT_IN[what] and rng.random() < chance

    if may("file", 0.9):
        lines.append(f'file "{rng.choice(("one", "ONE", "two", "three", "four", "five", "six"))}";')
    if may("primaries", 0.9):
        lines.append(f"{rng.choice(('primaries', 'masters'))} {{ {rng.choice(SERVERS)} }};")
        if rng.random() < 0.1:
            lines.append(f"{'masters' if lines[-1][0] == 'p' else 'primaries'} {{ 192.0.2.1; }};")
    if may("allow-update", 0.3):
        lines.append(f"allow-update {match_list(rng)};")
    if may("update-policy", 0.25):
        words = rng.choices(("host.", ".", "*", "*.a", "TXT", "A", "x..y", "Host"), k=3)
        kind = rng.choice(GRANTS)
        named = "" if kind == "zonesub" else words[1]
        types = rng.choice(("A", "txt", "TXT(2)", "TYPE1", ""))
        lines += ["update-policy {", f"grant {words[0]} {kind} {named} {types};", "};"]
    if may("signing", 0.3):
        lines.append(rng.choice(SIGNING))
    if may("signing", 0.2):
        lines.append(rng.choice(AUTO))
    if may("signing", 0.1):
        lines.append(
            rng.choice(("dnssec-loadkeys-interval 10;", "update-check-ksk no;", "sig-validity-interval 9;"))
        )
    if may("notify", 0.2):
        lines.append(f"notify {rng.choice(('yes', 'no', 'explicit', 'primary-only'))};")
    if may("forwarders", 0.2):
        lines += rng.choice(
            (["forwarders { 192.0.2.1; };"], ["forward only;"], ["forward first;", "forwarders { };"])
        )
    if type_ == "static-stub":
        server = rng.choice(("ns.other.", "ns.A.example", "a..b"))
        lines.append(rng.choice((f'server-names {{ "{server}"; }};', "server-addresses { fe80::1%1; };", "")))
    return [*lines, "};"]


def levels(rng: random.Random, names: list[str]) -> list[str]:
    """Some statements of options or a view."""
    lines: list[str] = []
    if rng.random() < 0.3:
        lines.append(rng.choice(("recursion no;", "recursion yes;", f"allow-recursion {match_list(rng)};")))
    if rng.random() < 0.3:
        lines.append(f"allow-update {match_list(rng)};")
    if rng.random() < 0.2:
        lines.append(rng.choice((*SIGNING[:4], *AUTO)))
    if rng.random() < 0.2:
        lines += rng.choice((["forwarders { 192.0.2.1; };"], ["forward only;"]))
    if rng.random() < 0.2:
        members = "".join(f'\nzone "{name}";' for name in rng.choices(names, k=2))
        lines.append(f"{rng.choice(('response-policy', 'catalog-zones'))} {{{members}\n}};")
    return lines


def configuration(rng: random.Random) -> str:
    """A whole file, with or without views."""
    names = ["a.example", "b.example", "C.example.", "x..y", "nosuch"]
    lines = ["options {", *levels(rng, names), "};"]
    if rng.random() < 0.5:
        for name in ("v", rng.choice(("w", "_default"))):
            lines += [f"view {name} {rng.choice(('', '', 'in'))} {{", *levels(rng, names)]
            for _ in range(rng.randint(0, 4)):
                lines += zone(rng)
            lines.append("};")
    else:
        for _ in range(rng.randint(1, 5)):
            lines += zone(rng)
    return HEAD + "\n".join(lines) + "\n"


def refused_lines(path: Path) -> tuple[bool, set[int]]:
    """What named-checkconf says: whether it accepts a file, and the lines of its errors."""
    ran = subprocess.run(
        ["named-checkconf", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = re.findall(rf"^{re.escape(path.name)}:(\d+): (.*)", ran.stdout + ran.stderr, re.MULTILINE)
    harmless = r"deprecated|recursion will be disabled|default changed|'notify' is disabled|did you mean|allow-recursion\" active"
    return ran.returncode == 0, {int(line) for line, text in said if not re.search(harmless, text)}


def test_random_zones(tmp_path: Path) -> None:
    program = shutil.which("named-checkconf")
    assert program is not None
    version = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=60, check=True).stdout
    if parse_release(version.strip()).line != "9.18":
        pytest.skip(f"what is generated is right for 9.18, this machine has {version.strip()}")
    rng = random.Random(9)
    accepted = 0
    wrong: list[str] = []
    for number in range(CONFIGURATIONS):
        path = tmp_path / f"{number}.conf"
        path.write_text(configuration(rng))
        takes, lines = refused_lines(path)
        accepted += takes
        said = judge(path, "9.18")
        # What argues from absence is quiet beside a problem.
        whole = not any(what.startswith("problem") for _, what, _ in said.refused)
        if said.accepted != takes or (whole and said.lines != lines):
            wrong.append(f"{path}: named {takes} {sorted(lines)}, we {said}")
    assert wrong == []
    assert 0.05 < accepted / CONFIGURATIONS < 0.95
