"""The evaluator against a real named: random lists, real transfers, no disagreement."""

from __future__ import annotations

import base64
import os
import random
import socket
from pathlib import Path

import dns.rcode
import pytest

from named_audit.model.matchlist import parse_address
from named_audit.policy.matchlist import build
from tests.bind_server import ZONE_FILE, Key, Request, StartError, options_block, running_named
from tests.match_list_cases import WRONG, Universe, parse, random_acls, random_list, reference

SEED = "NAMED_AUDIT_SEED"
"""The environment variable that repeats a run."""

ZONES = 350
SOURCES = ("127.0.0.1", "127.0.0.2", "127.0.0.9", "127.0.1.1", "127.1.2.3", "::1")
OWN = {"127.0.0.1", "::1"}
"""Loopback addresses that the machine has itself; the rest of 127.0.0.0/8 is only on-link."""

UNIVERSE = Universe(
    prefixes=(
        "127.0.0.1",
        "127.0.0.2",
        "127.0.0.9/32",
        "127.1.2.3",
        "127.0.0.0/30",
        "127.0.0.0/24",
        "127.0/16",
        "127.1/16",
        "127/8",
        "126.0.0.0 / 7",
        "10/8",
        "0.0.0.0/0",
        "::1",
        "::/64",
        "::/0",
        "2001:db8::/32",
        "::ffff:127.0.0.1",
    ),
    keys=("k1", "K2.", "unknown-key"),
    acls=30,
)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.bind
def test_no_disagreement(tmp_path: Path) -> None:
    seed = os.environ.get(SEED) or str(random.SystemRandom().getrandbits(32))
    print(f"to repeat: {SEED}={seed}")
    rng = random.Random(seed)
    # k3 is valid but in no list.
    keys = [Key(name, base64.b64encode(rng.randbytes(32)).decode()) for name in ("k1", "k2", "k3")]
    sources = [source for source in SOURCES if ":" not in source or _has_ipv6()]
    acls = random_acls(rng, UNIVERSE)
    lists = [random_list(rng, UNIVERSE, range(UNIVERSE.acls)) for _ in range(ZONES)]
    conf = [
        options_block(listen_v6="::1;"),
        *[key.statement for key in keys],
        *[f"acl {name} {text};\n" for name, text in acls.items()],
        *[
            f'zone "z{number}.example" {{ type primary; file "zone.db"; allow-transfer {text}; }};\n'
            for number, text in enumerate(lists)
        ],
    ]
    requests = [
        Request(f"z{number}.example", source, key)
        for number in range(ZONES)
        for source in sources
        for key in [None, *keys]
    ]
    with running_named(tmp_path, "".join(conf), files={"zone.db": ZONE_FILE}) as server:
        answers = server.axfr_many(requests)
    assert set(answers) == {dns.rcode.NOERROR, dns.rcode.REFUSED}
    assert len(requests) >= 3000

    parsed = {name.lower(): parse(text) for name, text in acls.items()}
    tops = [parse(text) for text in lists]
    built = [build(top, parsed.get) for top in tops]
    differs: list[str] = []
    caught: dict[str, int] = dict.fromkeys(WRONG, 0)
    for index, (request, answer) in enumerate(zip(requests, answers, strict=True)):
        number = index // (len(requests) // ZONES)
        assert request.source is not None
        address = parse_address(request.source)
        assert address is not None
        signer = request.key.name if request.key else None
        served = answer == dns.rcode.NOERROR
        own = request.source in OWN
        acl = built[number]
        predicted = acl.allows(address[1], address[0], signer, localhost=own, localnets=True)
        held = acl.addresses(signer, "localhost" if own else "localnets").holds(address[1], address[0])
        if not served == predicted == held:
            differs.append(f"{request.source} {signer} named: {served}, {predicted}, {held}: {lists[number]}")
        for wrong in WRONG:
            said = reference(tops[number], parsed.get, address[1], address[0], signer, own, True, wrong=wrong)
            caught[wrong] += said != served
    assert differs == [], f"{SEED}={seed}\n" + "\n".join([*differs[:5], *conf[1:40]])
    # A test that no wrong evaluator fails would prove nothing.
    assert all(caught.values()), f"{SEED}={seed} {caught}"
    print(f"{len(requests)} decisions, {answers.count(dns.rcode.NOERROR)} served; wrong evaluators: {caught}")


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
