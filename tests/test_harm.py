"""Corrections of transfer lists: whom they must not let in, whom they must not refuse; single lists and random ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from named_audit.cli.correct import correct
from named_audit.cli.session import Request, Run, Session
from named_audit.host import LocalHost
from named_audit.lint.audit import Audit
from named_audit.lint.book import Choice
from named_audit.model.names import canonical
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import Locality
from named_audit.policy.reach import LOCALITIES
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import check, run

KEYS = "".join(
    f'key {name} {{ algorithm hmac-sha256; secret "{first}P3fSGQnYpHn8y0Nq1qV0jI3yvM4sQk8wVZ0aR5mJxE="; }};\n'
    for name, first in (("k", "k"), ("k2", "l"), ("bad", "m"))
)
TOLD = "server 192.0.2.53 { keys k; };"
MIXED = "acl xfer { !192.0.2.100; 192.0.2.0/24; key k; };"
BOTH = "acl both { !{ !192.0.2.1; any; }; key k; };"


def conf(before: str, elements: str) -> str:
    """One zone under one list."""
    return (
        f"{KEYS}acl internal {{ 10.0.0.0/8; }};\n{before}\noptions {{ notify explicit; }};\n"
        f'zone "a.example" {{ type primary; file "a"; allow-transfer {{ {elements} }}; }};\n'
    )


@pytest.mark.parametrize(
    ("before", "elements", "wanted"),
    [
        ("", "!192.0.2.9; key k; any;", "{ !192.0.2.9; key k; };"),
        ("", "localhost; !internal; key k; any;", "{ localhost; !internal; key k; };"),
        ("", "!key bad; any; key k;", "{ !key bad; key k; };"),
        ("also-notify", "key k; any;", '{ key k; key "k2"; };'),
        ("server 10.0.0.53 { keys k; };", "10.0.0.53; !10.0.0.0/8;", '{ key "k"; };'),
        ("server 10.0.0.53 { keys k; };", "10.0.0.53; !any;", '{ key "k"; };'),
        ("server 10.0.0.53 { keys k; };", "!10.0.0.9; 10.0.0.53;", '{ !10.0.0.9; key "k"; };'),
        (TOLD, '192.0.2.53; "none";', '{ key "k"; };'),
        (TOLD, "192.0.2.53; none; localhost;", '{ key "k"; };'),
        (TOLD, "192.0.2.53; !key bad;", '{ !key bad; key "k"; };'),
        (TOLD, "192.0.2.53; key k2;", '{ key k2; key "k"; };'),
        (BOTH, "both; 192.0.2.9; key k2;", "{ both; key k2; };"),
    ],
)
def test_what_is_kept(before: str, elements: str, wanted: str, tmp_path: Path) -> None:
    text = conf(before, elements)
    if before == "also-notify":
        text = conf("", elements).replace("explicit;", "explicit; also-notify { 192.0.2.53 key k2; };")
    path = tmp_path / "named.conf"
    path.write_text(text)
    run("check", "--fix", "--unsafe-fixes", "--bind-version", "9.18", "--select", "transfer-*", path)
    after = " ".join(path.read_text().split())
    assert after.count("allow-transfer") == 1
    assert f"allow-transfer {wanted}" in after


@pytest.mark.parametrize(
    ("before", "elements", "reason"),
    [
        ("", "192.0.2.53; !192.0.2.0/24; key k;", "it would refuse 192.0.2.53 with key k"),
        (MIXED, "xfer;", "xfer lets some in with a key"),
        (MIXED, "xfer; key k2;", "xfer lets some in with a key"),
        ("", "{ !192.0.2.9; 192.0.2.0/24; key k; };", "{ !192.0.2.9; 192.0.2.0/24; key k; } lets some in"),
    ],
)  # fmt: skip
def test_what_is_left_to_a_person(before: str, elements: str, reason: str, tmp_path: Path) -> None:
    text = conf(before, elements)
    ran = check(text, tmp_path, "--select", "transfer-*")
    (finding,) = ran.json["findings"]
    assert ran.json["problems"] == []
    assert [(fix["grade"], fix["snippet"]) for fix in finding["fixes"]] == [("display", "")]
    path = tmp_path / "named.conf"
    ran = run("check", "--fix", "--unsafe-fixes", "--select", "transfer-*", path)
    assert path.read_text() == text
    assert f"not corrected (transfer-address-or-key): {reason}" in " ".join(ran.out.split())


def test_a_denied_key_is_not_let_in(tmp_path: Path) -> None:
    (finding,) = check(conf("", "!key bad; any;"), tmp_path, "--select", "transfer-open").json["findings"]
    assert [fix["grade"] for fix in finding["fixes"]] == ["display", "display"]
    assert 'allow-transfer { !key bad; key "transfer-key"; };' in finding["fixes"][0]["snippet"]


def test_demanding_both_keeps_other_demands(tmp_path: Path) -> None:
    ran = check(conf(BOTH, "both; 192.0.2.9; key k2;"), tmp_path, "--select", "transfer-*")
    (finding,) = ran.json["findings"]
    assert [fix["title"] for fix in finding["fixes"]] == [
        "ask everyone for the key, and tell the addresses of changes"
    ]


ELEMENTS = (
    "192.0.2.53", "198.51.100.7", "192.0.2.0/24", "10.0.0.0/8", "key k", "key k2", "localhost", "localnets", "none",
    "2001:db8::1", "any", "acl1", "acl2", "127.0.0.1",
)  # fmt: skip
PEERS = ("192.0.2.53", "198.51.100.7", "2001:db8::1")


def random_list(rng: random.Random, level: int = 0) -> str:
    """Elements, some negated, some lists; inside an acl no other acl."""
    found = []
    for _ in range(rng.randint(1, 4)):
        if level < 2 and rng.random() < 0.12:
            element = f"{{ {random_list(rng, max(level, 1) + 1)} }}"
        else:
            element = rng.choice([each for each in ELEMENTS if not level or not each.startswith("acl")])
        found.append(("!" if rng.random() < 0.2 else "") + element + ";")
    return " ".join(found)


def random_conf(rng: random.Random) -> str:
    """Two zones, lists in them or in options, keys tied to some peers."""
    lines = [KEYS]
    lines += [f"server {peer} {{ keys {rng.choice(('k', 'k2'))}; }};" for peer in PEERS if rng.random() < 0.6]
    lines += [f"acl acl{number} {{ {random_list(rng, 1)} }};" for number in (1, 2)]
    lines.append("options {")
    if rng.random() < 0.4:
        lines.append(f"allow-transfer {{ {random_list(rng)} }};")
    if rng.random() < 0.3:
        lines.append(f"also-notify {{ {rng.choice(('192.0.2.99', '192.0.2.53 key k2'))}; }};")
    lines.append("};")
    for name in ("a", "b"):
        own = f" allow-transfer {{ {random_list(rng)} }};" if rng.random() < 0.7 else ""
        lines.append(f'zone "{name}.example" {{ type primary; file "{name}";{own} }};')
    return "\n".join(lines) + "\n"


def served(run: Run) -> dict[str, dict[tuple[str | None, Locality], AddressSet]]:
    """Zone -> (key, locality) -> from where it is served."""
    (root,) = run.roots
    found = {}
    audit = Audit(root.config)
    for zone in root.config.zones:
        policy = audit.policy_of(zone)
        assert policy is not None
        found[zone.canonical] = {
            (key, place): policy.addresses(key, place)
            for key in (None, "k", "k2", "bad")
            for place in LOCALITIES
        }
    return found


INTENDED = (
    "transfer-and-without-any",
    "transfer-crossed-pairs",
    "transfer-denied-by-merging",
    "transfer-late-denial",
    "transfer-lost-denial",
    "transfer-secondary-excluded",
    "transfer-unreachable-pair",
)
"""Rules whose corrections give a list the meaning it was to have: they let in and refuse, and their findings say whom."""


@pytest.mark.parametrize("seed", range(8))
def test_random_lists(seed: int, tmp_path: Path) -> None:
    """Nobody gains but keys that are tied to a peer; who needs a key and had it keeps it; who is told is served."""
    rng = random.Random(seed)
    path = tmp_path / "named.conf"
    fixed = 0
    choice = Choice((), INTENDED, "pedantic")
    for _ in range(40):
        text = random_conf(rng)
        path.write_text(text)
        session = Session(LocalHost(), Request((str(path),), ReadOptions(None, None, (), ()), choice))
        before = session.run()
        if before.outcome.problems:
            continue
        was = served(before)
        after, _, failure = correct(session, before, unsafe=True, write=True)
        assert failure is None
        assert after.outcome.problems == (), text
        now = served(after)
        fixed += now != was
        (root,) = after.roots
        audit = Audit(root.config)
        # A key may come in where a server block or an also-notify ties it to somebody who was served.
        tied: set[str | None] = {canonical(word) for word in ("k", "k2") if f"keys {word};" in text}
        tied |= {target.key for zone in root.config.zones for target in audit.notify(zone).targets}
        for zone in root.config.zones:
            old, new = was[zone.canonical], now[zone.canonical]
            for (key, place), addresses in new.items():
                gained = addresses - old[key, place]
                assert not gained or key in tied, (key, place, gained.words(), text, path.read_text())
                needed = old[key, place] - old[None, place] if key is not None else AddressSet.nothing()
                assert needed <= addresses, (key, place, text, path.read_text())
            for target in audit.notify(zone).targets:
                family, address = target.server.family, target.server.address
                if target.key is None or zone.level.statements.get("allow-transfer") is None:
                    continue
                if old[None, "elsewhere"].holds(address, family):
                    assert new[target.key, "elsewhere"].holds(address, family), (text, path.read_text())
    assert fixed >= 10


HARMFUL = '''"""A list is harmful.

## Why it matters

x

## How to fix it

x

## Not reported

x

## References

x
"""

from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity

RULE = Rule(severity=Severity.LOW, audience="regular", since="0.1.0")


def check_policy(policy, audit):
    if policy.statement is not None and "better" not in policy.statement.span.source.text:
        change = Change("replace", policy.statement.span, "list", {})
        yield Finding(policy.statement.span, "x", fixes=(Fix("x", (change,), "unsafe", admits=%s),))
'''


@pytest.mark.parametrize(
    ("elements", "new", "admits", "reason"),
    [
        ("key k;", "key k; key bad;", (), "with key bad it would let in anyone"),
        ("key k;", "key k; key bad;", ("k2",), "with key bad it would let in anyone"),
        ("key k;", "key k; 192.0.2.9;", ("bad",), "without a key it would let in 192.0.2.9"),
        ("key k; key k2;", "key k2;", (), "it would refuse key k where it is let in now"),
        ("key k;", "!192.0.2.53; key k;", (), "it would refuse key k where it is let in now"),
        ("192.0.2.53; key k2;", "key k2;", (), "it would refuse 192.0.2.53 with key k"),
        ("key k;", "key k; key bad;", ("bad",), None),
        ("192.0.2.9; key k;", "key k;", (), None),
    ],
)
def test_the_guard(
    elements: str, new: str, admits: tuple[str, ...], reason: str | None, tmp_path: Path
) -> None:
    folder = tmp_path / "rules" / "list_harmful"
    folder.mkdir(parents=True)
    (folder / "rule.py").write_text(HARMFUL % repr(admits))
    (folder / "fix.conf.j2").write_text(f"allow-transfer {{ {new} }}; # better\n")
    path = tmp_path / "named.conf"
    also = "explicit; also-notify { 192.0.2.53 key k; };"
    path.write_text(conf("", elements).replace("explicit;", also))
    before = path.read_text()
    ran = run("check", "--fix", "--unsafe-fixes", "--rules", folder, "--select", "list-harmful", path)
    if reason is None:
        assert "not corrected" not in ran.out
        assert f"allow-transfer {{ {new} }}" in path.read_text()
    else:
        assert f"not corrected (list-harmful): {reason} (a.example)" in " ".join(ran.out.split())
        assert path.read_text() == before


def test_the_guard_does_not_wait_for_a_listener(tmp_path: Path) -> None:
    # Nobody can come over TLS here; whoever lets the server listen for it later must not open the zone.
    folder = tmp_path / "rules" / "list_harmful"
    folder.mkdir(parents=True)
    (folder / "rule.py").write_text(HARMFUL % "()")
    (folder / "fix.conf.j2").write_text("allow-transfer transport tls { key k; 192.0.2.9; }; # better\n")
    path = tmp_path / "named.conf"
    path.write_text(conf("", "key k;").replace("allow-transfer", "allow-transfer transport tls"))
    before = path.read_text()
    ran = run("check", "--fix", "--unsafe-fixes", "--rules", folder, "--select", "list-harmful", path)
    assert "not corrected (list-harmful): without a key it would let in 192.0.2.9 (a.example)" in " ".join(
        ran.out.split()
    )
    assert path.read_text() == before


class TestRootsThatShareAFile:
    """What is right for one root need not be for the other: all that the settings name are asked."""

    SHARED = 'zone "a" { type primary; file "a"; allow-transfer { 192.0.2.53; }; };\n'

    def write(self, tmp_path: Path, other: str, roots: str = '"named.conf", "b/named.conf"') -> None:
        (tmp_path / "b").mkdir()
        (tmp_path / "named-audit.toml").write_text(f"roots = [{roots}]\n")
        (tmp_path / "shared.conf").write_text(self.SHARED)
        (tmp_path / "named.conf").write_text(
            KEYS + TOLD + '\noptions { notify explicit; };\ninclude "shared.conf";\n'
        )
        (tmp_path / "b" / "named.conf").write_text(other)

    @pytest.mark.parametrize("given", ["named.conf", "shared.conf", "--roots"])
    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            ("include {};", "it would cause a finding: key-undefined (in b/named.conf)"),
            (
                "{other} include {};",
                "with key k it would let in anyone except 192.0.2.53 (a) (in b/named.conf)",
            ),
            ("{keys} include {}; }};", "a root that could not be read whole (in b/named.conf)"),
        ],
    )
    def test_another_root_is_not_spoiled(self, other: str, reason: str, given: str, tmp_path: Path) -> None:
        self.write(
            tmp_path, other.format(f'"{tmp_path}/shared.conf"', keys=KEYS, other=KEYS.replace("aR5m", "aR6m"))
        )
        ran = run("check", "--fix", "--unsafe-fixes", given, cwd=tmp_path)
        assert (tmp_path / "shared.conf").read_text() == self.SHARED
        assert reason in " ".join(ran.out.split())

    def test_a_root_with_the_same_key_is_no_obstacle(self, tmp_path: Path) -> None:
        other = f'{KEYS}{TOLD} options {{ notify explicit; }}; include "{tmp_path}/shared.conf";\n'
        self.write(tmp_path, other)
        run("check", "--fix", "--unsafe-fixes", "named.conf", cwd=tmp_path)
        assert 'allow-transfer { key "k"; };' in (tmp_path / "shared.conf").read_text()

    def test_a_root_that_shares_nothing_is_no_obstacle(self, tmp_path: Path) -> None:
        self.write(tmp_path, 'zone "x" { type primary; file "x"; allow-transfer { any; }; };\n')
        run("check", "--fix", "--unsafe-fixes", "named.conf", cwd=tmp_path)
        assert 'allow-transfer { key "k"; };' in (tmp_path / "shared.conf").read_text()

    def test_a_root_that_may_share_the_file_is_an_obstacle(self, tmp_path: Path) -> None:
        self.write(tmp_path, KEYS + 'include "/nowhere.conf";\n')
        ran = run("check", "--fix", "--unsafe-fixes", "named.conf", cwd=tmp_path)
        assert "a root that could not be read whole (in b/named.conf)" in " ".join(ran.out.split())
        assert (tmp_path / "shared.conf").read_text() == self.SHARED
