"""Lists of allow-transfer that replace others, wide networks in them, and names that look like addresses."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice
from named_audit.model.lookalike import Lookalike, lookalike
from named_audit.policy.matchlist import build
from named_audit.policy.reach import LOCALITIES
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import INCOMPLETE, check
from tests.match_list_cases import Universe, parse, random_list

KEYS = (
    'key "k1" { algorithm hmac-sha256; secret "yRUYe3y4XX7Tzvt9iYmDR8bxtuLSnEfIkTGSUBFWDUM="; };\n'
    'key "k2" { algorithm hmac-sha256; secret "Hl6gPF8Ay+y6jW0ZhT1IQ8p4l0Vw3bXm2sN5cR7uEkA="; };\n'
)
CLOSED = "options { allow-transfer { none; }; };\n"


def zone(text: str, more: str = "") -> str:
    return f'zone "a.example" {{ type primary; file "a"; {more}allow-transfer {text}; }};\n'


def related(text: str, tmp_path: Path, rule: str) -> list[tuple[int, int, str]]:
    """(line, column, words) of the related places of a rule's one finding."""
    (finding,) = check(text, tmp_path, "--select", rule).json["findings"]
    places = finding["related"]
    return [(each["start"]["line"], each["start"]["column"], each["message"]) for each in places]


BEHIND = (1, 11, "the options would not let them in: the nearer list replaces this")


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("{ 10.0.0.0/28; 2001:db8::/64; 10.0.0.99; }", []),
        ("{ 10.0.0.0/27; }", [(3, 61, "32 addresses")]),
        ("{ 2001:db8::/63; }", [(3, 61, "2 networks of a /64 each")]),
        ("{ wide; !10.9.0.0/16; }", [(2, 12, "16,777,216 addresses")]),
        ("{ localnets; }", [(3, 61, "every machine on the server's networks, whatever they are")]),
        ("{ { 10.0.0.0/24; }; }", [(3, 63, "256 addresses")]),
        ("{ !10.0.0.0/8; 10.0.0.0/24; 192.0.2.0/24; }", [(3, 87, "256 addresses")]),
        ("{ 10.0.0.0/24; 10.1.0.0/24; 10.2.0.0/24; 10.3.0.0/24; }",
         [(3, 61, "256 addresses"), (3, 74, "256 addresses"), (3, 87, "256 addresses")]),
    ],
)  # fmt: skip
def test_wide_networks_are_shown(text: str, notes: list[tuple[int, int, str]], tmp_path: Path) -> None:
    conf = CLOSED + "acl wide { 10.0.0.0/8; };\n" + zone(text)
    assert related(conf, tmp_path, "transfer-address-only") == [*notes, BEHIND]


@pytest.mark.parametrize(
    ("options", "text", "rule", "shown"),
    [
        (CLOSED, "{ any; }", "transfer-open", True),
        (CLOSED, "{ 10.0.0.1; key k1; }", "transfer-address-or-key", True),
        ("options { allow-transfer { key k1; }; };\n", "{ 10.0.0.1; }", "transfer-address-only", True),
        ("options { allow-transfer { 10.0.0.0/28; }; };\n", "{ 10.0.0.1; }", "transfer-address-only", False),
        ("options { allow-transfer { 10.0.0.2; }; };\n", "{ 10.0.0.1; }", "transfer-address-only", True),
        ("options { };\n", "{ 10.0.0.1; }", "transfer-address-only", False),
    ],
)
def test_an_exception_to_the_options_is_shown(
    options: str, text: str, rule: str, shown: bool, tmp_path: Path
) -> None:
    found = related(options + KEYS + zone(text), tmp_path, rule)
    assert found == ([BEHIND] if shown else [])


@pytest.mark.parametrize(
    ("options", "note"),
    [
        ("{ 10.0.0.1; }", [(1, 11, "the options would let it in: the nearer list replaces this")]),
        ("{ key k1; }", [(1, 11, "the options would let it in: the nearer list replaces this")]),
        ("{ 10.0.0.2; }", []),
        ("{ none; }", []),
    ],
)
def test_who_is_told_and_refused_is_shown_the_list_behind(
    options: str, note: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    conf = (
        f"options {{ allow-transfer {options}; notify explicit; }};\n"
        + KEYS
        + zone("{ none; }", "also-notify { 10.0.0.1; }; ")
    )
    assert related(conf, tmp_path, "notify-without-transfer") == [(4, 71, "refused here"), *note]


def test_a_list_that_may_stand_between_is_not_passed_over(tmp_path: Path) -> None:
    conf = CLOSED + 'view v { include "/nowhere/v.conf"; ' + zone("{ 10.0.0.1; }") + "};\n"
    assert related(conf, tmp_path, "transfer-address-only") == []


NONE_ABOVE = "an octet is above 255"
ZEROS = "BIND takes no leading zeros in an address"
QUOTED = "in quotes an address is a name"
UNREADABLE = "it is no address that BIND can read"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("192.168.001.1", Lookalike(ZEROS, "192.168.1.1")),
        ("192.168.008.09", Lookalike(ZEROS, "192.168.8.9")),
        ("010.0.0.1", Lookalike(ZEROS)),
        ("00.0.0.1", Lookalike(ZEROS, "0.0.0.1")),
        ("192.0.2.256", Lookalike(NONE_ABOVE)),
        ("192.0.2.0255", Lookalike(ZEROS)),
        ("192.0.2." + "9" * 200, Lookalike(NONE_ABOVE)),
        ("192.0.2.1", Lookalike(QUOTED, "192.0.2.1")),
        ("2001:db8::/32", Lookalike(QUOTED, "2001:db8::/32")),
        ("192.0.2.0/33", Lookalike(UNREADABLE)),
        ("192.0.2.*", Lookalike(UNREADABLE)),
        ("192.0.2.1-192.0.2.9", Lookalike(UNREADABLE)),
        ("2001:db8::1%eth0", Lookalike(UNREADABLE)),
        ("ns2.example.com", Lookalike("BIND takes no host names in a list", host=True)),
        ("ns2.example.com.", Lookalike("BIND takes no host names in a list", host=True)),
        ("secondaries", None),
        ("v1.2", None),
        ("site.7", None),
        ("a b.com", None),
        ("..", None),
        ("", None),
        ("1." * 200, None),
    ],
)
def test_lookalike(name: str, meant: Lookalike | None) -> None:
    assert lookalike(name) == meant


@given(st.text(max_size=40))
def test_any_name_is_looked_at(name: str) -> None:
    found = lookalike(name)
    assert found is None or "." in name or ":" in name


def test_a_problem_says_why_a_name_is_no_address(tmp_path: Path) -> None:
    ran = check(CLOSED + zone("{ 192.168.001.1; }"), tmp_path, "--audience", "auditor")
    (problem,) = ran.json["problems"]
    assert ran.code == INCOMPLETE
    assert problem["message"] == (
        "undefined ACL '192.168.001.1' (BIND takes no leading zeros in an address): "
        "this list cannot be judged, and named refuses it"
    )


def said(text: str, tmp_path: Path, rule: str, *arguments: str) -> list[tuple[str, str, str]]:
    """(severity, audience, message) of each finding of a rule."""
    ran = check(text, tmp_path, "--select", rule, "--audience", "auditor", *arguments)
    return [(each["severity"], each["audience"], each["message"]) for each in ran.json["findings"]]


PAIR = "options { allow-transfer { !{ !10.0.0.1; any; }; key k1; }; notify explicit; };\n"
K1_ONLY = "options { allow-transfer { key k1; key k2; }; notify explicit; };\n"


@pytest.mark.parametrize(
    ("rule", "text", "finding"),
    [
        ("transfer-override-wider", PAIR + zone("{ key k1; }"),
         ("medium", "pedantic", ("key k1 can transfer a.example from anywhere except 10.0.0.1, which the options keep out: "
          "the nearer list replaces the other, with all that it demands"))),
        ("transfer-override-wider", PAIR + zone("{ !{ !10.0.0.0/31; any; }; key k1; key k2; }"),
         ("medium", "pedantic", ("key k1 can transfer a.example from 10.0.0.0, which the options keep out: "
          "the nearer list replaces the other, with all that it demands"))),
        ("transfer-override-wider",
         "options { listen-on { any; }; listen-on-v6 { any; }; listen-on tls ephemeral { any; }; "
         "listen-on-v6 tls ephemeral { any; }; allow-transfer transport tls { key k1; }; };\n" + zone("{ key k1; }"),
         ("medium", "pedantic", ("a.example can be transferred without TLS, which the options demand: "
          "the nearer list replaces the other, with all that it demands"))),
        ("transfer-override-drops-peer",
         K1_ONLY + zone("{ key k1; }", "also-notify { 10.0.0.1 key k2; 10.0.0.2 key k1; }; "),
         ("medium", "pedantic", ("10.0.0.1 is told of changes to a.example with key k2, which this list refuses ('denied' "
          "in the log): that of the options would let it in, and does not hold here"))),
        ("transfer-override-drops-peer",
         K1_ONLY + zone("{ key k1; }", "also-notify { 10.0.0.1 key k2; 10.0.0.2 key k2; }; "),
         ("medium", "pedantic", ("10.0.0.1 and 10.0.0.2 are told of changes to a.example with key k2, which this list "
          "refuses ('denied' in the log): that of the options would let it in, and does not hold here"))),
        ("transfer-redundant-override", PAIR + zone("{ !{ !10.0.0.1; any; }; key k1; }"),
         ("low", "pedantic", ("this list only repeats that of the options: without it the same clients can transfer "
          "a.example, and with it a change there does not reach them"))),
        ("transfer-empty-list", PAIR + zone("{ }"),
         ("low", "pedantic", "an empty list: nobody can transfer a.example, as if it said none")),
        ("transfer-empty-list", "options { allow-transfer { }; };\n" + zone("{ none; }"),
         ("low", "pedantic", "an empty list: nobody is let in, as if it said none")),
        ("transfer-mapped-address", CLOSED + zone("{ ::ffff:10.0.0.1; }"),
         ("medium", "regular", ("10.0.0.1 cannot transfer a.example: ::ffff:10.0.0.1 matches nobody, because to BIND an "
          "IPv4 client has no IPv6 address"))),
        ("transfer-mapped-address", CLOSED + zone("{ ::ffff:10.0.0.0/128; !10.0.0.9; key k1; }"),
         ("low", "pedantic", "::ffff:10.0.0.0/128 matches nobody, because to BIND an IPv4 client has no IPv6 address")),
        ("transfer-mapped-address", CLOSED + zone("{ !::ffff:10.0.0.1; 10.0.0.0/31; }"),
         ("high", "regular", ("10.0.0.1 can transfer a.example in spite of !::ffff:10.0.0.1: it matches nobody, because to "
          "BIND an IPv4 client has no IPv6 address"))),
        ("transfer-mapped-address", CLOSED + zone("{ !::ffff:10.0.0.1; key k1; }"),
         ("high", "regular", ("10.0.0.1 can transfer a.example with key k1 in spite of !::ffff:10.0.0.1: it matches nobody, "
          "because to BIND an IPv4 client has no IPv6 address"))),
        ("transfer-localhost", CLOSED + zone("{ key k1; ::1; localhost; }"),
         ("info", "auditor", "every process on the server itself can transfer a.example without a key: ::1 lets it in")),
        ("transfer-placeholder-address", CLOSED + zone("{ 192.0.2.1; 240.0.0.1; 10.0.0.1; }"),
         ("medium", "pedantic", ("192.0.2.1 in the list for a.example is kept for documentation, and no secondary has it "
          "(and 1 more here): a sample was copied, and the real address is missing"))),
        ("transfer-placeholder-address", CLOSED + zone("{ ff02::1; }"),
         ("medium", "pedantic", ("ff02::1 in the list for a.example is no client's address: a sample was copied, and the "
          "real address is missing"))),
        (
            "transfer-open-to-new-zones",
            "options { allow-transfer { any; }; };\nview v { " + zone("{ none; }") + "};\n",
            (
                "low",
                "pedantic",
                (
                    "anyone could transfer the next zone of view v that has no allow-transfer of its own: this list, "
                    "which no zone uses now, asks for no key"
                ),
            ),
        ),
        ("transfer-name-like-address", CLOSED + 'acl "10.0.0.1" { 10.0.0.2; };\n' + zone('{ "10.0.0.1"; }'),
         ("medium", "regular", ("10.0.0.1 is no address to BIND: it is the name of an acl, which lets in 10.0.0.2 (in "
          "quotes an address is a name)"))),
        ("transfer-name-like-address", CLOSED + 'acl "10.0.0.1" { 10.0.0.0/31; };\n' + zone('{ "10.0.0.1"; }'),
         ("low", "pedantic", ("10.0.0.1 is no address to BIND: it is the name of an acl, which lets in 10.0.0.0/31 (in "
          "quotes an address is a name)"))),
    ],
)  # fmt: skip
def test_what_is_said(rule: str, text: str, finding: tuple[str, str, str], tmp_path: Path) -> None:
    assert said(KEYS + text, tmp_path, rule, "--bind-version", "9.18") == [finding]


MAPPED = "::ffff:10.0.0.1 matches nobody, because to BIND an IPv4 client has no IPv6 address"


@pytest.mark.parametrize(
    ("text", "finding", "fix"),
    [
        # Whom blackhole drops is neither refused nor served by the list.
        ("options { blackhole { 10.0.0.1; }; };\n" + zone("{ ::ffff:10.0.0.1; }"),
         ("low", "pedantic", MAPPED), ("write it as IPv4", "safe")),
        ("options { blackhole { 10.0.0.1; }; };\n" + zone("{ !::ffff:10.0.0.1; 10.0.0.0/31; }"),
         ("low", "pedantic", "!" + MAPPED), ("write it as IPv4", "safe")),
        ("options { };\n" + zone("{ ::ffff:10.0.0.1; key k1; }"),
         ("low", "pedantic", MAPPED), ("take it out", "safe")),
        # An empty list looks unfinished, and 10.0.0.1 should not come in without the key that it has.
        ("options { };\nacl one { ::ffff:10.0.0.1; };\n" + zone("{ one; key k1; }"),
         ("low", "pedantic", MAPPED), ("write it as IPv4", "display")),
        ("options { };\n" + zone("{ ::ffff:10.0.0.1; key gone; }"),
         ("medium", "regular", f"10.0.0.1 cannot transfer a.example: {MAPPED}"), ("write it as IPv4", "unsafe")),
        ('include "/nowhere";\n' + zone("{ ::ffff:10.0.0.1; elsewhere; }"),
         ("low", "pedantic", MAPPED), ("write it as IPv4", "display")),
    ],
)  # fmt: skip
def test_a_mapped_address_that_nobody_misses(
    text: str, finding: tuple[str, str, str], fix: tuple[str, str], tmp_path: Path
) -> None:
    ran = check(KEYS + text, tmp_path, "--select", "transfer-mapped-address", "--audience", "pedantic")
    (found,) = ran.json["findings"]
    assert (found["severity"], found["audience"], found["message"]) == finding
    assert [(each["title"], each["grade"]) for each in found["fixes"]] == [fix]


def test_thousands_of_mapped_addresses_cost_little(tmp_path: Path) -> None:
    listed = " ".join(f"::ffff:10.{number >> 8}.{number & 255}.1;" for number in range(3000))
    conf = CLOSED + KEYS + zone(f"{{ {listed} }}")
    ran = check(conf, tmp_path, "--select", "transfer-mapped-address", "--audience", "pedantic")
    found = {(each["severity"], len(each["fixes"])) for each in ran.json["findings"]}
    assert (len(ran.json["findings"]), found) == (3000, {("low", 1)})


@pytest.mark.parametrize(
    ("text", "snippet"),
    [
        ("{ localhost; }", "allow-transfer { none; };"),
        ("{ localhost; key k1; }", "allow-transfer { key k1; };"),
        ("{ { localhost; key k1; }; }", "allow-transfer { { key k1; }; };"),
        ("{ !127.0.0.1; localhost; key k1; }", "allow-transfer { !127.0.0.1; key k1; };"),
        ("{ both; }", "acl both { key k1; };"),
        ("{ us; key k1; }", ""),
        ("{ us; }", ""),
        ("{ !127.0.0.0/8; !::1; localhost; none; }", "allow-transfer { none; };"),
    ],
)
def test_the_server_itself_is_taken_out(text: str, snippet: str, tmp_path: Path) -> None:
    acls = "acl us { localhost; 127.0.0.1; };\nacl both { localhost; key k1; };\n"
    ran = check(
        KEYS + CLOSED + acls + zone(text), tmp_path, "--select", "transfer-localhost", "--audience", "auditor"
    )
    ((fix,),) = [finding["fixes"] for finding in ran.json["findings"]]
    assert (fix["snippet"], fix["grade"]) == (snippet, "unsafe" if snippet else "display")


@pytest.mark.parametrize(
    ("head", "element", "fixes"),
    [
        ("", "192.168.001.1", [("safe", "acl spare { 192.168.1.1; };")]),
        ("", '!"10.0.0.0/8"', [("safe", "acl spare { !10.0.0.0/8; };")]),
        ("", "010.0.0.1", []),
        ("", "192.0.2.300", []),
        ("", "ns2.example.com", []),
        ('include "/nowhere";\n', "192.168.001.1", [("display", "acl spare { 192.168.1.1; };")]),
        ('acl "10.0.0.1" { 10.0.0.2; };\n', '"10.0.0.1"', [("display", "acl spare { 10.0.0.1; };")]),
    ],
)
def test_an_address_is_written_where_only_one_can_be_meant(
    head: str, element: str, fixes: list[tuple[str, str]], tmp_path: Path
) -> None:
    conf = head + f"acl spare {{ {element}; }};\n"
    ran = check(conf, tmp_path, "--select", "transfer-name-like-address", "--audience", "pedantic")
    (finding,) = ran.json["findings"]
    assert [(fix["grade"], fix["snippet"]) for fix in finding["fixes"]] == fixes


class TestOneCause:
    """What one rule says, no other repeats."""

    @pytest.mark.parametrize(
        ("own", "told", "rules"),
        [
            ("{ key k2; }", "10.0.0.1 key k1;", ["transfer-override-drops-peer"]),
            ("{ !10.0.0.1; key k2; }", "10.0.0.1 key k1;", ["notify-without-transfer"]),
            ("{ none; }", "10.0.0.1 key k1;", ["notify-without-transfer"]),
            ("{ key k2; 10.0.0.1; }", "10.0.0.1 key k1;", []),
            ("{ key k1; key k2; }", "10.0.0.1 key k1; 10.0.0.2 key k2;", []),
            ("{ key k2; }", "10.0.0.1;", []),
        ],
    )
    def test_told_and_refused(self, own: str, told: str, rules: list[str], tmp_path: Path) -> None:
        conf = (
            KEYS
            + "options { allow-transfer { key k1; }; notify explicit; };\n"
            + zone(own, f"also-notify {{ {told} }}; ")
        )
        select = "notify-without-transfer,transfer-override-drops-peer"
        ran = check(conf, tmp_path, "--select", select, "--audience", "auditor")
        assert [rule for rule, _, _ in ran.found] == rules

    @pytest.mark.parametrize(("release", "rule"), [
        ("9.18", "transfer-open-by-default"),
        ("9.20", "transfer-closed-by-default"),
        ("9.21", "transfer-closed-by-default"),
        (None, "transfer-open-by-default"),
    ])  # fmt: skip
    def test_no_list_at_all(self, release: str | None, rule: str, tmp_path: Path) -> None:
        conf = 'options { };\nzone "a.example" { type primary; file "a"; };\n'
        given = ("--bind-version", release) if release else ()
        ignored = ("--ignore", "transfer-limits-unset")
        ran = check(conf, tmp_path, "--audience", "auditor", "--select", "transfer-*", *ignored, *given)
        assert ran.found == [(rule, 1, 1)]


UNIVERSE = Universe(("10.0.0.1", "10.0.0.0/30", "10.0.0.0/31", "::1", "2001:db8::/127"), ("k1", "k2"), 0)


def redundant(outer: str, own: str) -> bool:
    """Whether the rule says that a zone's list repeats that of the options."""
    conf = KEYS + f"options {{ allow-transfer {outer}; }};\n" + zone(own)
    host = MemoryHost({"/named.conf": conf.encode()}, cwd="/")
    choice = Choice(("transfer-redundant-override",), (), "auditor")
    request = Request(("/named.conf",), ReadOptions(parse_release("9.18")), choice, (), (), "root")
    outcome = Session(host, request).run().outcome
    assert [problem for problem in outcome.problems if problem.kind == "rule"] == []
    return bool(outcome.findings)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_list_is_redundant_where_it_admits_the_same(seed: int) -> None:
    rng = random.Random(seed)
    outer = random_list(rng, UNIVERSE, ())
    elements = outer[1:-1].strip()
    # Often the same in another shape, else lists of their own are never equal.
    own = rng.choice(
        (outer, f"{{ {{ {elements} }}; }}", f"{{ {elements} none; }}", random_list(rng, UNIVERSE, ()))
    )
    if any(acl.invalid for acl in (build(parse(text), lambda _: None) for text in (outer, own))):
        return
    one, other = (build(parse(text), lambda _: None) for text in (outer, own))
    same = one.signers == other.signers and all(
        one.addresses(signer, where) == other.addresses(signer, where)
        for signer in (None, "k1", "k2")
        for where in LOCALITIES
    )
    open_to_all = any(one.addresses(None, "elsewhere").share(family) >= 0.5 for family in (4, 6))
    assert redundant(outer, own) == (same and not open_to_all)


def test_closed_by_default_alone(tmp_path: Path) -> None:
    conf = "options { };\n" + "".join(
        f'zone "{name}" {{ type primary; file "z"; }};\n' for name in ("a", "b", "c")
    )
    assert said(conf, tmp_path, "transfer-closed-by-default", "--bind-version", "9.20") == [
        (
            "low",
            "pedantic",
            (
                "no allow-transfer applies: BIND 9.20 lets nobody transfer a, b and 1 more, by its default alone "
                "(up to 9.18 anyone)"
            ),
        )
    ]
