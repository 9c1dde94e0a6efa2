"""The evaluator against a real named: random lists, real transfers, no disagreement."""

from __future__ import annotations

import base64
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dns.rcode
import pytest

from named_audit.host import LocalHost
from named_audit.release import parse_release
from tests import network_namespace
from tests.bind_server import ZONE_FILE, Key, StartError, options_block, running_named
from tests.comparing import check, the_tool
from tests.conftest import IN_CI, ROOT
from tests.match_list_cases import WRONG, judge, parse
from tests.oracle import Running, round_case
from tests.transfer_cases import LOOPBACK, OUTSIDE, PLACES, Place, asked, locality

SEED = "NAMED_AUDIT_SEED"
"""The environment variable that repeats a run."""

DECISIONS = 60_000
LEAST_LISTS = 3_000
SECONDS = 300
"""A run takes ten on an idle machine."""


@pytest.mark.bind
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_no_disagreement(place: Place, record_property: Callable[[str, object], None]) -> None:
    if place is OUTSIDE:
        _need_namespaces()
    seed = os.environ.get(SEED) or str(random.SystemRandom().getrandbits(32))
    record_property("summary", f"to repeat the transfers from {place.name}: {SEED}={seed}")
    with Running(place, seed, DECISIONS) as running:
        totals = running.result(SECONDS)
    record_property("summary", str(totals))
    assert totals.disagreements == 0, f"{SEED}={seed}\n{totals.report}"
    assert totals.decisions >= DECISIONS
    assert totals.lists >= LEAST_LISTS
    # A test that no wrong evaluator fails would prove nothing.
    assert all(totals.caught.values()), f"{SEED}={seed} {totals.caught}"
    here = {"localhost", "localnets", "elsewhere"} if place is OUTSIDE else {"localhost", "localnets"}
    assert set(totals.localities) == here
    assert min(totals.localities.values()) > DECISIONS // 10
    assert min(totals.served, totals.decisions - totals.served) > DECISIONS // 5
    assert totals.inherited > 0
    assert totals.refusals > 0


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
@pytest.mark.parametrize("seed", range(20))
def test_each_wrong_evaluator_is_caught_by_every_seed(seed: int, place: Place) -> None:
    """Within the first of a run's ten or more configurations, against what was just shown to be named's answers."""
    case = round_case(f"fixed {seed}", place, 0)
    named = {name: parse(text) for name, text in case.layout.acls.items()}
    missed = set(WRONG)
    lists = {zone: text or case.layout.inherited for zone, text in case.zones.items()}
    for zone, text in lists.items():
        if text is None:
            continue
        top = parse(text)
        right = judge(top, named.get)
        wrongs = {wrong: judge(top, named.get, wrong) for wrong in missed}
        for request in case.requests:
            if request.zone != zone:
                continue
            to = asked(request.source or "", request.key.name if request.key else None)
            facts = (to.address, to.family, to.signer, to.localhost, to.localnets)
            said = right(*facts)
            missed -= {wrong for wrong, decide in wrongs.items() if decide(*facts) != said}
        if not missed:
            return
    pytest.fail(f"never caught: {missed}")


@pytest.mark.bind
@pytest.mark.parametrize(
    ("wrong", "shape"),
    [
        ("no sign flip", r"\{ ([^;{]+); !\{ ([^;{]+); \}; \}"),
        ("nested denial final", r"\{ !?\{ [^;{]+; (?:[^;{]+; )?\}; [^;{]+; \}"),
    ],
)
def test_a_disagreement_ends_the_run_with_its_cause(wrong: str, shape: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.oracle", "--decisions", "2000", "--seed", "7", "--wrong", wrong],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("seed 7\n")
    assert "loopback, seed 7, round 0: " in ran.stdout
    assert re.search(
        "asked from [0-9a-f.:]+, (unsigned|signed with k[123]): named (serves|refuses)", ran.stdout
    )
    # All elements that have nothing to do with it are gone.
    shown = re.search(r'\nzone "z\d+\.example" \{ .*; allow-transfer (.*); \};\n', ran.stdout)
    assert shown is not None
    assert re.fullmatch(shape, shown[1]), shown[1]


@pytest.mark.bind
def test_a_wrong_locality_is_a_disagreement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = round_case("1", LOOPBACK, 0)
    case = case._replace(zones={"localnets.example": "{ localnets; }"}, refusals=())
    case = case._replace(requests=tuple(request for request in case.requests if request.zone in case.zones))
    release = parse_release(LocalHost().named_version() or "")
    found = check(case, the_tool, release, tmp_path / "right")
    assert (found.disagreements, found.decisions, found.served) == (
        (),
        len(case.requests),
        len(case.requests),
    )
    monkeypatch.setattr("tests.comparing.asked", lambda *who: asked(*who)._replace(locality="elsewhere"))
    found = check(case, the_tool, release, tmp_path / "wrong")
    assert len(found.disagreements) == len(case.requests)


def test_localities() -> None:
    assert [locality(source) for source in ("127.0.0.1", "::1", "198.51.100.1", "2001:db8:1::1")] == [
        "localhost"
    ] * 4
    assert [locality(source) for source in ("127.1.2.3", "198.51.100.9", "2001:db8:1::9")] == [
        "localnets"
    ] * 3
    assert [locality(source) for source in ("192.0.2.1", "2001:db8:2::1")] == ["elsewhere"] * 2


def _need_namespaces() -> None:
    missing = network_namespace.missing_programs()
    if missing:
        reason = f"no private network: no {', '.join(missing)} on the PATH"
        if IN_CI:
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    forbidden = network_namespace.why_forbidden()
    if forbidden is not None:
        pytest.skip(f"no private network can be had here: {forbidden}")


@pytest.mark.bind
def test_server_harness(tmp_path: Path) -> None:
    zone = 'zone "example.org" { type primary; file "zone.db"; allow-transfer { 127.0.0.2; key k1; }; };\n'
    known, unknown = (Key(name, base64.b64encode(os.urandom(32)).decode()) for name in ("k1", "k2"))
    conf = options_block() + known.statement + zone
    with running_named(tmp_path / "a", conf, files={"zone.db": ZONE_FILE}) as server:
        assert server.axfr("example.org", "127.0.0.2")
        assert server.axfr("example.org", key=known)
        assert not server.axfr("example.org")
        assert server.axfr_rcode("example.org", "127.0.0.2", unknown) == dns.rcode.NOTAUTH
        assert server.axfr_rcode("example.net") == dns.rcode.NOTAUTH
        assert "zone transfer 'example.org/AXFR/IN' denied" in server.log
    assert server.process.poll() is not None
    with (
        pytest.raises(StartError, match="undefined ACL 'nope'"),
        running_named(tmp_path / "b", conf.replace("127.0.0.2", "nope")),
    ):
        pass
