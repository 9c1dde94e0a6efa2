"""Names that lead nowhere, keys and tls blocks: the lines that we name are those that named-checkconf names."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from named_audit.model.checks.keys import algorithm_fault, secret_fault
from named_audit.model.checks.tls import is_cipher_list
from tests.verdicts import judge

pytestmark = pytest.mark.bind

CASES = 150
ACLS = ["a", "B", "c", "d", "any", "10.0.0.0/8", "key k", "Localhost", "geoip country NL"]
"""Elements that there are, nearly always."""

NO_ACLS = ["nowhere", '"e"', 'key "k..k"', "!!any", "geoip\n  country3\n  NLD", 'geoip db nope city "x"']
LISTS = ["allow-query", "allow-query-on", "allow-recursion", "allow-query-cache", "sortlist", "blackhole"]
ZONE_LISTS = ["allow-notify", "allow-transfer", "allow-update-forwarding"]
SERVERS = ["192.0.2.1", "192.0.2.2 key k", "192.0.2.3 tls t", "l", "M", "n"]
NO_SERVERS = ["192.0.2.4 tls gone", "192.0.2.5 tls none", 'key "k..k"', "gone"]


def elements(rng: random.Random, among: list[str], faults: float = 0.04) -> str:
    """A list in braces, an element on each line; some of those of match lists in a list of their own."""
    chosen = []
    for _ in range(rng.randint(1, 4)):
        bad = NO_ACLS if among is ACLS else NO_SERVERS
        element = rng.choice(bad if rng.random() < faults else among)
        # Of a list that is missing in several places named says only the first; we say each.
        element = {"gone": f"gone{rng.randint(0, 10**9)}", 'key "k..k"': '192.0.2.6 key "k..k"'}.get(
            element, element
        )
        if among is ACLS:
            element = element.replace("192.0.2.6 key", "key")
            element = rng.choice(["", "", "! "]) + element if element[0] != "!" else element
            element = f"{{ {element}; }}" if rng.random() < 0.1 else element
        chosen.append(f"  {element};")
    return "\n".join(["{", *chosen, "}"])


def references(rng: random.Random) -> str:
    """A configuration whose only faults are names: most of them exist."""
    lines = ['key k { algorithm hmac-sha256; secret "YQ=="; };', "tls T { };"]
    for name in "abcd":
        if rng.random() < 0.9:
            lines.append(f"acl {name} {elements(rng, ACLS if rng.random() < 0.3 else ['10.0.0.0/8'], 0)};")
    for name in "lmn":
        lines.append(f"primaries {name} {elements(rng, SERVERS)};")
    settled = [f"{name} {elements(rng, ACLS)};" for name in rng.sample(LISTS, 2)]
    settled += [f"{name} {elements(rng, ACLS)};" for name in ZONE_LISTS if rng.random() < 0.3]
    if rng.random() < 0.3:
        settled.append(f"also-notify {elements(rng, SERVERS)};")
    if rng.random() < 0.3:
        settled.append(f"notify {rng.choice(['no', 'yes', 'explicit', 'primary-only'])};")
    lines += ["options {", *settled, "};"]
    views = rng.choice([[], ["v"], ["v", "w"]])
    zones = list(zones_of(rng))
    if not views:
        lines += zones
    for view in views:
        lines.append(f"view {view} {{")
        if rng.random() < 0.5:
            lines.append(f"{rng.choice(LISTS[:5])} {elements(rng, ACLS)};")
        if rng.random() < 0.3:
            lines.append('key inner { algorithm hmac-sha256; secret "YQ=="; };')
        if rng.random() < 0.3:
            lines.append(
                f"server 192.0.2.{rng.randint(1, 9)} {{ keys\n {rng.choice(['k', 'K.', 'inner'])}; }};"
            )
        lines += [*(zones if view == "v" else zones_of(rng)), "};"]
    if rng.random() < 0.3:
        lines.append(f"server 192.0.2.1 {{ keys\n {rng.choice(['K.', 'k', 'inner'])}; }};")
    if rng.random() < 0.3:
        keys = rng.choice(["k", "K", "k."])
        lines.append(f"controls {{ inet 127.0.0.1 allow {elements(rng, ACLS)} keys {{\n {keys}; }}; }};")
    return "\n".join(lines) + "\n"


def zones_of(rng: random.Random) -> list[str]:
    """A few zones."""
    zones = []
    for number in range(rng.randint(0, 3)):
        kind = rng.choice(["primary", "secondary", "stub", "mirror", "forward"])
        body = ""
        if kind in ("secondary", "stub", "mirror"):
            # An empty list is another fault: an address first, so that there is none.
            body += f"primaries {elements(rng, SERVERS)};".replace("{", "{ 192.0.2.9;", 1)
        if kind == "primary":
            body += f'file "z{number}-{rng.randint(0, 10**9)}";'
        if kind == "forward":
            body += "forwarders { 192.0.2.1; };"
        if kind in ("primary", "secondary", "mirror") and rng.random() < 0.4:
            body += f"allow-transfer {elements(rng, ACLS)};"
        if kind in ("primary", "secondary") and rng.random() < 0.4:
            body += f"also-notify {elements(rng, SERVERS)};"
        zones.append(f'zone "z{number}.example" {{ type {kind}; {body} }};')
    return zones


SECRETS = [
    "YQ==",
    "YR==",
    "YQ=",
    "YWI=",
    "YWJj",
    "",
    "Y",
    "YW Jj",
    "a b!",
    "QUJD" * 341 + "QQ==",
    "QUJD" * 342,
]
ALGORITHMS = [
    *("hmac-md5", "HMAC-SHA1", "hmac-sha256-128", "hmac-sha256-0", "hmac-sha256-264", "hmac-sha512-7"),
    *(
        "hmac-sha256.",
        "sha256",
        "hmac-md5.sig-alg.reg.int",
        "hmac-sha224-",
        "hmac-sha384--8",
        "hmac-sha1-0160",
    ),
]
CIPHERS = ["HIGH", "HIGH:nothing", "nothing", "", "!aNULL", "TLS_AES_128_GCM_SHA256", "DEFAULT@SECLEVEL=1"]


def definitions(rng: random.Random) -> str:
    """One key, as named reads none behind a bad one, and a few tls blocks."""
    secret, algorithm = rng.choice(SECRETS + ["YWJj"] * 8), rng.choice(ALGORITHMS + ["hmac-sha256"] * 6)
    lines = [f'key k {{ algorithm "{algorithm}";\n secret\n"{secret}"; }};']
    for name in rng.sample(["t", "u", "v", "w", "x", "y", "none", "Ephemeral"], rng.randint(0, 2)):
        body = rng.choice(["", 'cert-file "a";\n', 'key-file "a";\n', 'cert-file "a"; key-file "b";\n'])
        if rng.random() < 0.4:
            versions = [rng.choice(["TLSv1.2", "tlsv1.3", "TLSv1.1"]) for _ in range(rng.randint(0, 3))]
            body += "protocols {" + "".join(f"\n {each};" for each in versions) + " };\n"
        if rng.random() < 0.4:
            body += f'ciphers "{rng.choice(CIPHERS)}";\n'
        lines.append(f"tls {name} {{ {body}}};")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("make", [references, definitions])
def test_lines(make: Callable[[random.Random], str], tmp_path: Path) -> None:
    """The same verdict always; the same lines wherever no other kind of fault is among them."""
    rng = random.Random(make.__name__)
    path = tmp_path / "case.conf"
    refused = 0
    for _ in range(CASES):
        text = make(rng)
        path.write_text(text)
        wanted = named_checkconf(path)
        said = judge(path, "9.18")
        assert said.lines == wanted, text + "\n".join(map(str, said.refused))
        refused += bool(wanted)
    assert CASES * 0.2 < refused < CASES * 0.98, refused


def named_checkconf(path: Path) -> frozenset[int]:
    """The lines of its errors."""
    ran = subprocess.run(["named-checkconf", path], capture_output=True, text=True, timeout=30, check=False)
    found = re.findall(rf"^{re.escape(str(path))}:(\d+): (.*)$", ran.stdout + ran.stderr, re.MULTILINE)
    lines = frozenset(int(line) for line, message in found if not re.search(_WARNINGS, message))
    assert bool(lines) == (ran.returncode != 0), ran.stdout + ran.stderr
    return lines


_WARNINGS = "too small|but 'notify' is disabled|(?<!recursion )is disabled$"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(secret=st.text("ABQgw048+/= \t\n!", max_size=12), algorithm=st.sampled_from(ALGORITHMS))
def test_keys_are_taken_as_named_takes_them(secret: str, algorithm: str, tmp_path: Path) -> None:
    path = tmp_path / "key.conf"
    path.write_text(f'key k {{ algorithm "{algorithm}"; secret "{secret}"; }};\n')
    ran = subprocess.run(["named-checkconf", path], capture_output=True, timeout=30, check=False)
    assert (ran.returncode == 0) == (secret_fault(secret) is None and algorithm_fault(algorithm) is None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.sampled_from(["HIGH", "aNULL", "bad", "ALL", "-ALL", "!HIGH", "+AES", "@STRENGTH", "@X", ""])
    )
)
def test_cipher_lists_are_judged_as_by_named(words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "tls.conf"
    path.write_text(f'tls t {{ ciphers "{":".join(words)}"; }};\n')
    ran = subprocess.run(["named-checkconf", path], capture_output=True, timeout=30, check=False)
    assert (ran.returncode == 0) == is_cipher_list(":".join(words))


def test_a_chain_of_acls_may_be_long(tmp_path: Path) -> None:
    """As long as a file allows, and with a loop at its end, and every acl of it used."""
    size = 3000
    lines = [
        f"acl a{number} {{ a{(number + 1) if number + 1 < size else size - 3}; }};" for number in range(size)
    ]
    lines += [
        f'zone "z{number}" {{ type primary; file "f{number}"; allow-notify {{ a{number}; }}; }};'
        for number in range(0)
    ]
    lines += ["options { " + "".join(f"rate-limit {{ exempt-clients {{ a0; a{size - 1}; }}; }};") + " };"]
    path = tmp_path / "chain.conf"
    path.write_text("\n".join(lines) + "\n")
    said = judge(path, "9.18")
    assert [(line, message) for line, _, message in said.refused] == [
        (size, f"acl loop detected: a{size - 3}")
    ]
