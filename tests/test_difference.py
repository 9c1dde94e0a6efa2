"""The difference of two configurations as a value: what holds for every pair, and that nothing differs from itself."""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from named_audit.cli.diff import diff
from named_audit.cli.who import who
from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.policy.difference import Row, ZoneChange, key_changes, zone_changes
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.matchlist import Locality
from named_audit.policy.question import Judge, Request
from named_audit.policy.reach import LOCALITIES
from named_audit.policy.survey import Survey
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import CLEAN, INCOMPLETE
from tests.match_list_cases import Universe, random_acls, random_list

SECRETS = ("b25lIHNlY3JldCB0aGF0IG5vYm9keSBtYXkgc2VlIQ==", "YW5vdGhlciBzZWNyZXQgbm9ib2R5IG1heSBzZWUhIQ==")
ZONES = ("a.example", "b.example", "c.example")
UNIVERSE = Universe(
    (
        "192.0.2.0/24",
        "192.0.2.1",
        "192.0.2.0/25",
        "10/8",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/32",
        "2001:db8::1",
    ),
    ("k1", "k2", "unknown"),
    5,
    (('"10/8"',),),
)
ADDRESSES = ("127.0.0.1", "192.0.2.1", "192.0.2.2", "192.0.2.200", "10.1.2.3", "198.51.100.1", "::1", "2001:db8::1", "2001:db8::2")  # fmt: skip
OWN = Interfaces.parse("192.0.2.1/24,2001:db8::1/64")


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """A configuration with some of three zones, perhaps in views, perhaps with other keys."""
    rng = random.Random(draw(st.integers(0, 1 << 32)))
    views = draw(st.sampled_from((0, 0, 1, 2)))
    lines = []
    for name in ("k1", "k2"):
        if rng.random() < 0.9:
            lines.append(f'key {name} {{ algorithm hmac-sha256; secret "{rng.choice(SECRETS)}"; }};')
    lines += [f'acl "{name}" {text};' for name, text in random_acls(rng, UNIVERSE).items()]

    def transfer(share: float, head: str = "allow-transfer") -> str:
        return f"{head} {random_list(rng, UNIVERSE, UNIVERSE.numbers)};" if rng.random() < share else ""

    port = rng.choice(("", "", "", "allow-transfer port 53", "allow-transfer transport tls"))
    lines.append(f"options {{ {transfer(0.5)} {transfer(0.2, 'blackhole')} }};")

    def zones() -> Iterator[str]:
        for name in ZONES:
            kind = rng.random()
            if kind < 0.7:
                notify = rng.choice(
                    ("", "notify no;", "notify explicit; also-notify { 192.0.2.1; 2001:db8::1 key k1; };")
                )
                yield f'zone "{name}" {{ type primary; file "z"; {notify} {transfer(0.8, port or "allow-transfer")} }};'
            elif kind < 0.85:
                primaries = rng.choice(("192.0.2.1;", "192.0.2.1 key k1; 192.0.2.2;", "192.0.2.2 key k2;"))
                yield f'zone "{name}" {{ type secondary; primaries {{ {primaries} }}; {transfer(0.8)} }};'

    if not views:
        lines += zones()
    for number in range(views):
        lines.append(f"view v{number} {{ {transfer(0.7, 'match-clients')} {transfer(0.4)}")
        lines += zones()
        lines.append("};")
    return "\n".join(lines) + "\n"


RELEASES = (None, parse_release("9.18"), parse_release("9.20"))


def survey(text: str, interfaces: Interfaces | None = None, release: int = 0) -> Survey:
    """A configuration under question."""
    host = MemoryHost({"/named.conf": text.encode()})
    config = load_config("/named.conf", host, ReadOptions(release=RELEASES[release]))
    assert config.problems == [], config.problems[:3]
    return Survey(config, interfaces)


def by_zone(changes: Iterator[ZoneChange]) -> dict[tuple[str, str | None], ZoneChange]:
    """Changes by zone and view."""
    return {(change.zone, change.view): change for change in changes}


_BACK = {"added": "removed", "removed": "added", "changed": "changed"}


@settings(max_examples=100)
@given(configurations(), configurations(), st.sampled_from((None, OWN)), st.integers(0, 2), st.integers(0, 2))
def test_back_is_there_the_other_way_round(
    a: str, b: str, interfaces: Interfaces | None, one: int, other: int
) -> None:
    before, after = survey(a, interfaces, one), survey(b, interfaces, other)
    there = by_zone(zone_changes(before, after))
    back = by_zone(zone_changes(survey(b, interfaces, other), survey(a, interfaces, one)))
    assert there.keys() == back.keys()
    for key, change in there.items():
        returned = back[key]
        assert returned == ZoneChange(
            change.zone,
            change.view,
            _BACK[change.change],  # type: ignore[arg-type]
            change.signers,
            change.lost,
            change.gained,
            change.notify_lost,
            change.notify_gained,
            None if change.by_ns is None else not change.by_ns,
            change.asked_lost,
            change.asked_gained,
            None if change.types is None else (change.types[1], change.types[0]),
            None if change.certificates is None else (change.certificates[1], change.certificates[0]),
        )
    changed = {key for key in key_changes(before, after) if key.parts != ("removed",)}
    assert changed == {key for key in key_changes(after, before) if key.parts != ("removed",)}


@settings(max_examples=100)
@given(configurations(), st.sampled_from((None, OWN)), st.integers(0, 2))
def test_nothing_differs_from_itself(text: str, interfaces: Interfaces | None, release: int) -> None:
    one, other = survey(text, interfaces, release), survey(text, interfaces, release)
    assert list(zone_changes(one, other)) == []
    assert key_changes(one, other) == ()


def _among(rows: tuple[Row, ...], request: Request, signer: str | None, place: Locality | None) -> bool:
    """Whether a request is one that rows speak of; `place` where they are told apart by locality."""
    return any(
        row.grant.signer == signer
        and (row.grant.locality == "any" or row.grant.locality == place)
        and row.grant.addresses.holds(request.address, request.family)
        and row.transport in (None, request.transport)
        for row in rows
    )


@settings(max_examples=60)
@given(configurations(), configurations(), st.integers(1, 2))
@example(
    "key k1 { algorithm hmac-sha256; secret \"b25lIHNlY3JldA==\"; };\n"
    'zone "a.example" { type primary; file "z"; allow-transfer { !key k1; any; }; };\n',
    'zone "a.example" { type primary; file "z"; allow-transfer { key k1; }; };\n',
    1,
)  # fmt: skip
def test_who_gained_is_served_now_and_was_not(a: str, b: str, release: int) -> None:
    """Against the judge, which decides one request step by step."""
    before, after = survey(a, OWN, release), survey(b, OWN, release)
    changes = by_zone(zone_changes(before, after))
    judges = [Judge(side.config, OWN) for side in (before, after)]
    known = [{key.canonical for key in side.config.all_keys} for side in (before, after)]
    pairs = {(each.zone.canonical, each.zone.view.name) for side in (before, after) for each in side.zones()}
    for zone, view in sorted(pairs, key=str):
        change = changes.get((zone, view))
        signers = change.signers if change is not None else ()
        # A key that nothing tells from no key, and that one side does not know: key_changes says what is to be said.
        for signer in (
            None,
            *[key for key in ("k1", "k2") if key in signers or all(key in ring for ring in known)],
        ):
            for address in ADDRESSES:
                request = _request(address, signer)
                served = []
                for side, judge in zip((before, after), judges, strict=True):
                    own = next((each for each in side.config.views if each.name == view), None)
                    there = own is not None and any(each.canonical == zone for each in own.zones)
                    served.append(there and judge.decide(zone, request, own).served)
                truth = (served[1] and not served[0], served[0] and not served[1])
                row = signer if signer in signers else None
                said = (
                    _among(change.gained if change else (), request, row, None),
                    _among(change.lost if change else (), request, row, None),
                )
                assert said == truth, (zone, view, address, signer)


@settings(max_examples=60)
@given(configurations(), configurations())
def test_by_locality(a: str, b: str) -> None:
    """Where the interfaces are not known, rows say for each place what changes."""
    before, after = survey(a, None, 1), survey(b, None, 1)
    changes = by_zone(zone_changes(before, after))
    sides = []
    for side in (before, after):
        sides.append(
            {(each.zone.canonical, each.zone.view.name): each.answers[0].access for each in side.zones()}
        )
    for key in sides[0].keys() & sides[1].keys():
        old, new = sides[0][key], sides[1][key]
        assert old is not None
        assert new is not None
        if (
            old.port is not None
            or new.port is not None
            or old.transport is not None
            or new.transport is not None
        ):
            continue
        change = changes.get(key)
        for signer in (None, *sorted({*old.signers, *new.signers})):
            for place in LOCALITIES:
                was, now = old.addresses(signer, place), new.addresses(signer, place)
                for address in ADDRESSES:
                    request = _request(address, signer)
                    at = (request.address, request.family)
                    said = _among(change.gained if change else (), request, signer, place)
                    assert said == (now.holds(*at) and not was.holds(*at)), (key, signer, place, address)


def _request(address: str, signer: str | None) -> Request:
    import ipaddress

    parsed = ipaddress.ip_address(address)
    return Request(int(parsed), parsed.version, signer, "tcp", None, None)


# --- the corpora

MUTANTS = 250


@pytest.mark.parametrize("folder", ["checkconf-9.18", "real", "mutants"])
def test_no_file_differs_from_itself(
    folder: str, shared: Path, record_property: Callable[[str, object], None]
) -> None:
    files = [path for path in sorted((shared / "corpus" / folder).rglob("*")) if path.is_file()]
    assert len(files) > 25
    if folder == "mutants":
        seed = os.environ.get("NAMED_AUDIT_SEED") or str(random.SystemRandom().getrandbits(32))
        record_property("summary", f"to repeat the choice of mutants: NAMED_AUDIT_SEED={seed}")
        files = random.Random(seed).sample(files, MUTANTS)
    runner = CliRunner()
    codes = {CLEAN: 0, INCOMPLETE: 0}
    for path in files:
        try:
            ran = runner.invoke(diff, [str(path), str(path)])
            asked = runner.invoke(who, ["--as-root", str(path)])
        finally:
            gc.enable()  # the program is gone before it needs it; the tests are not
        expected = INCOMPLETE if asked.exit_code == INCOMPLETE else CLEAN
        assert ran.exit_code == expected, (path, ran.output)
        words = (
            "same: nobody gains or loses a zone" if expected == CLEAN else "no difference in what was read"
        )
        assert ran.stdout.startswith(words), (path, ran.stdout)
        codes[expected] += 1
    assert all(codes.values())
