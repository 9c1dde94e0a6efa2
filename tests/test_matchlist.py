"""Address match lists: what BIND reads, and what BIND decides."""

from __future__ import annotations

import functools
import random
import time

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from named_audit.model.matchlist import MatchList, Prefix, parse_address, parse_match_list, parse_prefix
from named_audit.policy.addresses import AddressSet
from named_audit.policy.matchlist import Acl, Decision, Locality, build
from named_audit.syntax.words import Element, Group, Word, split
from tests.match_list_cases import WRONG, Lookup, Universe, judge, parse, random_acls, random_list

LOCALITIES: tuple[Locality, ...] = ("localhost", "localnets", "elsewhere")


def acl(text: str, acls: dict[str, str] | None = None) -> Acl:
    named = {name: parse(body) for name, body in (acls or {}).items()}
    return build(parse(text), named.get)


def allows(built: Acl, address: str, signer: str | None = None, locality: Locality = "elsewhere") -> bool:
    parsed = parse_address(address)
    assert parsed is not None
    family, number = parsed
    own = locality == "localhost"
    said = built.allows(number, family, signer, localhost=own, localnets=own or locality == "localnets")
    assert built.addresses(signer, locality).holds(number, family) == said
    return said


def v4(text: str, length: int) -> Prefix:
    parsed = parse_address(text)
    assert parsed is not None
    return Prefix(*parsed, length)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("192.0.2.1", "prefix", v4("192.0.2.1", 32)),
        ("192.0.2.0/24", "prefix", v4("192.0.2.0", 24)),
        ("192.0.2.0 / 24", "prefix", v4("192.0.2.0", 24)),
        ("192.0.2.0 /* c */ / 024", "prefix", v4("192.0.2.0", 24)),
        ("10/8", "prefix", v4("10.0.0.0", 8)),
        ("10/08", "prefix", v4("10.0.0.0", 8)),
        ("192.168/16", "prefix", v4("192.168.0.0", 16)),
        ("192.168.1/24", "prefix", v4("192.168.1.0", 24)),
        ("192.168/32", "prefix", v4("192.168.0.0", 32)),
        ("0/0", "prefix", v4("0.0.0.0", 0)),
        ("::1", "prefix", Prefix(6, 1, 128)),
        ("::/0", "prefix", Prefix(6, 0, 0)),
        ("2001:DB8::/32", "prefix", Prefix(6, 0x20010DB8 << 96, 32)),
        ("::ffff:1.2.3.4", "prefix", Prefix(6, 0xFFFF01020304, 128)),
        ("fe80::1%lo", "prefix", Prefix(6, (0xFE80 << 112) + 1, 128)),
        ("fe80::1%nope0/128", "prefix", Prefix(6, (0xFE80 << 112) + 1, 128)),
        ("2001:db8::1%3", "prefix", Prefix(6, (0x20010DB8 << 96) + 1, 128)),
        ("any", "any", None),
        ("ANY", "any", None),
        ('"any"', "any", None),
        ('"None"', "none", None),
        ("localHost", "localhost", None),
        ('"localnets"', "localnets", None),
        ("key k", "key", "k"),
        ("KEY K.Example.", "key", "K.Example."),
        ('key "a b"', "key", "a b"),
        ('"key"', "acl", "key"),
        ('"GeoIP"', "acl", "GeoIP"),
        ("geoip country NL", "geoip", "country NL"),
        ('GeoIP DB country Region "Noord-Holland"', "geoip", "db country region Noord-Holland"),
        ("Partners", "acl", "Partners"),
        ('"192.0.2.1"', "acl", "192.0.2.1"),
        ("010.0.0.1", "acl", "010.0.0.1"),
        ("192.168.001.1", "acl", "192.168.001.1"),
        ("256", "acl", "256"),
        ("10.", "acl", "10."),
        ("10.0.0.1.5", "acl", "10.0.0.1.5"),
        ("ns1.example.", "acl", "ns1.example."),
        ("1.2.3.4%lo", "acl", "1.2.3.4%lo"),
        ("2001:db8::1%lo", "acl", "2001:db8::1%lo"),
        ("fe80::1%", "acl", "fe80::1%"),
        ("1::2:3:4:5:6:7:8", "acl", "1::2:3:4:5:6:7:8"),
        ("::ffff:01.2.3.4", "acl", "::ffff:01.2.3.4"),
        ("1:2", "acl", "1:2"),
        ("*", "acl", "*"),
        ('""', "acl", ""),
        # A digit to str.isdigit(), but not to BIND.
        ("١.2.3.4", "acl", "١.2.3.4"),
        ("10", "invalid", "incomplete IPv4 address or prefix"),
        ("192.168.1", "invalid", "incomplete IPv4 address or prefix"),
        # As 9.11 reads it; of newer releases the catalogue says that they refuse it.
        ("10.0.0.1/8", "prefix", v4("10.0.0.0", 8)),
        ("2001:db8::1/32", "prefix", Prefix(6, 0x20010DB8 << 96, 32)),
        ("10/33", "invalid", "invalid prefix length '33'"),
        ("::/129", "invalid", "invalid prefix length '129'"),
        ("10/" + "9" * 50, "invalid", "invalid prefix length '" + "9" * 40 + "...'"),
        ("10/" + "0" * 5000 + "8", "prefix", v4("10.0.0.0", 8)),
        ("10/0x8", "invalid", "expected prefix length"),
        ("10/٨", "invalid", "expected prefix length"),
        ('10.0.0.0/"8"', "invalid", "expected prefix length"),
        ("10/", "invalid", "expected prefix length"),
        ('"10.0.0.0"/8', "invalid", "missing ';' before '/'"),
        ("any/8", "invalid", "missing ';' before '/'"),
        ("10/8/9", "invalid", "missing ';' before '/'"),
        ("192.0.2.1 192.0.2.2", "invalid", "missing ';' before '192.0.2.2'"),
        ("192.0.2.1 !192.0.2.2", "invalid", "missing ';' before '!'"),
        ("192.0.2.1 { }", "invalid", "missing ';' before '{'"),
        ("{ } x", "invalid", "missing ';' before 'x'"),
        ("key k x", "invalid", "missing ';' before 'x'"),
        ("key", "invalid", "expected the name of a key behind 'key'"),
        ("key { k; }", "invalid", "expected the name of a key behind 'key'"),
        ("key !k", "invalid", "expected the name of a key behind 'key'"),
        ("geoip country", "invalid", "expected a field and a value behind 'geoip'"),
        ("/8", "invalid", "expected IP match list element near '/'"),
    ],
)
def test_elements(text: str, kind: str, value: object) -> None:
    for negated, spelled in ((False, text), (True, "!" + text), (True, "! " + text)):
        (element,) = parse(f"{{ {spelled}; }}").elements
        assert element == (negated, kind, value, 2, 2 + len(spelled))


def test_double_negation_and_empty_negation() -> None:
    for text in ("!!192.0.2.1", "! ! { any; }", "!!!x"):
        (element,) = parse(f"{{ {text}; }}").elements
        assert element[:3] == (True, "invalid", "a double negation: unsupported element type")
    (element,) = parse("{ !; }").elements
    assert element[:3] == (True, "invalid", "expected IP match list element near ';'")


def test_offsets_are_kept() -> None:
    text = "{ any; // c\n !{ 10/8; ! key  k ; } ; }"
    outer = parse(text)
    assert (outer.start, outer.end) == (0, len(text))
    assert [text[element.start : element.end] for element in outer.elements] == [
        "any",
        "!{ 10/8; ! key  k ; }",
    ]
    inner = outer.elements[1].value
    assert isinstance(inner, MatchList)
    assert text[inner.start : inner.end] == "{ 10/8; ! key  k ; }"
    assert [text[element.start : element.end] for element in inner.elements] == ["10/8", "! key  k"]


def test_prefix_text() -> None:
    assert v4("10.0.0.0", 8).text == "10.0.0.0/8"
    assert parse_prefix("2001:DB8::/32") == Prefix(6, 0x20010DB8 << 96, 32)
    assert parse_prefix("10/8") == v4("10.0.0.0", 8)
    assert parse_prefix("192.0.2.1") == v4("192.0.2.1", 32)
    for bad in ("", "10", "10.0.0.1/8", "10/33", "10/", "/8", "x/8", "10/8/8", "10/\0", "010/8"):
        assert parse_prefix(bad) is None
    assert parse_address("10") is None
    assert parse_address("fe80::1%eth0") == (6, (0xFE80 << 112) + 1)


A, B, C = "192.0.2.1", "192.0.2.2", "198.51.100.7"


@pytest.mark.parametrize(
    ("text", "served", "refused"),
    [
        ("{ }", (), (A, B, C, "::1")),
        (f"{{ {A}; }}", (A,), (B, "::1")),
        # The text decides, not the longer prefix.
        (f"{{ 192.0.2.0/24; !{A}; }}", (A, B), (C,)),
        (f"{{ !{A}; 192.0.2.0/24; }}", (B,), (A, C)),
        # The first of two equal prefixes.
        (f"{{ {A}; !{A}; }}", (A,), (B,)),
        (f"{{ !{A}; {A}; any; }}", (B, C, "::1"), (A,)),
        # any and none.
        ("{ any; }", (A, B, "::1"), ()),
        ("{ none; }", (), (A, "::1")),
        ("{ !none; }", (A, "::1"), ()),
        ("{ !any; }", (), (A, "::1")),
        (f"{{ none; {A}; }}", (), (A, B)),
        (f"{{ {A}; none; }}", (A,), (B,)),
        ("{ none; any; }", (), (A, "::1")),
        ("{ any; none; }", (A, "::1"), ()),
        ("{ 0.0.0.0/0; }", (A, B), ("::1",)),
        ("{ ::/0; }", ("::1", "2001:db8::1"), (A,)),
        ("{ !0.0.0.0/0; any; }", ("::1",), (A,)),
        ("{ ::ffff:192.0.2.1; }", ("::ffff:192.0.2.1",), (A,)),
        # Lists in lists: merged without `!` and `none`, else only what they allow counts.
        (f"{{ {{ {A}; {B}; }}; }}", (A, B), (C,)),
        (f"{{ !{{ {A}; {B}; }}; any; }}", (C,), (A, B)),
        (f"{{ {{ !{A}; any; }}; {A}; }}", (A, B, C), ()),
        (f"{{ !{{ !{A}; any; }}; any; }}", (A,), (B, C)),
        (f"{{ {{ none; }}; {A}; }}", (A,), (B,)),
        ("{ !{ none; }; any; }", (A, B), ()),
        ("{ !{ }; any; }", (A, B), ()),
        # Merging a negated list turns the sign of a prefix that is there already ...
        (f"{{ {A}; !{{ {A}; }}; }}", (), (A,)),
        ("{ any; !{ any; }; }", (), (A, B, "::1")),
        (f"{{ {A}; {B}; !{{ {B}; {C}; }}; any; }}", (A, "::1"), (B, C)),
        # ... of the same prefix, only in a list, and only a list without `!`.
        ("{ any; !0.0.0.0/0; }", (A, "::1"), ()),
        ("{ any; !{ 0.0.0.0/0; }; }", ("::1",), (A,)),
        (f"{{ any; !{{ {A}; }}; }}", (A, B), ()),
        (f"{{ {A}; !{{ !{B}; {A}; }}; }}", (A,), (B,)),
        (f"{{ !{A}; {{ {A}; }}; }}", (), (A,)),
        (f"{{ {{ {A}; }}; !{{ {{ {A}; }}; }}; }}", (), (A,)),
    ],
)
def test_lists_of_addresses(text: str, served: tuple[str, ...], refused: tuple[str, ...]) -> None:
    built = acl(text)
    assert [address for address in served if not allows(built, address)] == []
    assert [address for address in refused if allows(built, address)] == []


NAMED = {
    "h1": f"{{ {A}; }}",
    "sec": f"{{ {A}; {B}; }}",
    "notsec": f"{{ !{A}; any; }}",
    "pair1": f"{{ !{{ !{A}; any; }}; key k1; }}",
    "pair2": f"{{ !{{ !{B}; any; }}; key k2; }}",
    "nobody": "{ none; }",
    "through": "{ notsec; }",
}


@pytest.mark.parametrize(
    ("text", "served"),
    [
        # One host AND key.
        (f"{{ !{{ !{A}; any; }}; key k1; }}", {(A, "k1")}),
        (f"{{ !{{ !{A}; !{B}; any; }}; key k1; }}", {(A, "k1"), (B, "k1")}),
        ("{ !{ !sec; any; }; key k1; }", {(A, "k1"), (B, "k1")}),
        ("{ !notsec; key k1; }", {(A, "k1")}),
        ("{ !through; key k1; }", {(A, "k1")}),
        (
            f"{{ {{ !{{ !{A}; any; }}; key k1; }}; {{ !{{ !{B}; any; }}; key k2; }}; }}",
            {(A, "k1"), (B, "k2")},
        ),
        ("{ pair1; PAIR2; }", {(A, "k1"), (B, "k2")}),
        # Wrong: `any` is missing, so the inner list never matches.
        (f"{{ !{{ !{A}; }}; key k1; }}", {(A, "k1"), (B, "k1"), (C, "k1")}),
        # Wrong: inverted.
        (f"{{ !{A}; key k1; }}", {(B, "k1"), (C, "k1")}),
        # Wrong: flat, so that the second pair is never reached.
        (f"{{ !{{ !{A}; any; }}; key k1; !{{ !{B}; any; }}; key k2; }}", {(A, "k1")}),
        # Wrong: a cross product.
        (
            f"{{ !{{ !{A}; !{B}; any; }}; key k1; key k2; }}",
            {(A, "k1"), (A, "k2"), (B, "k1"), (B, "k2")},
        ),
        # OR, usually by mistake.
        (f"{{ {A}; key k1; }}", {(A, None), (A, "k1"), (A, "k2"), (A, "k3"), (B, "k1"), (C, "k1")}),
        ("{ !key k1; sec; }", {(a, k) for a in (A, B) for k in (None, "k2", "k3")}),
        ("{ !{ key k1; }; sec; }", {(a, k) for a in (A, B) for k in (None, "k2", "k3")}),
        # A named list that never matches; negating `none` itself is something else.
        ("{ !nobody; h1; }", {(A, k) for k in (None, "k1", "k2", "k3")}),
        ("{ key K1.; }", {(A, "k1"), (B, "k1"), (C, "k1")}),
    ],
)
def test_and_recipes(text: str, served: set[tuple[str, str | None]]) -> None:
    built = acl(text, NAMED)
    asked = {(address, key) for address in (A, B, C) for key in (None, "k1", "k2", "k3")}
    assert {(address, key) for address, key in asked if allows(built, address, key)} == served
    assert {(a, k) for a, k in asked if allows(built, a, None if k is None else k.upper() + ".")} == served
    assert (built.undefined, built.loops, built.invalid) == ((), (), ())


def test_localities() -> None:
    built = acl("{ !localhost; localnets; 198.51.100.0/24; }")
    assert (built.uses_localhost, built.uses_localnets, built.uses_geoip) == (True, True, False)
    assert [allows(built, A, None, locality) for locality in LOCALITIES] == [False, True, False]
    assert [allows(built, C, None, locality) for locality in LOCALITIES] == [False, True, True]
    assert built.addresses(None, "localhost") == AddressSet.nothing()
    assert built.addresses(None, "localnets") == AddressSet.everything()
    assert built.addresses(None, "elsewhere") == AddressSet.from_text("198.51.100.0/24")
    only = acl("{ localhost; }")
    assert (only.uses_localhost, only.uses_localnets) == (True, False)
    assert [allows(only, A, None, locality) for locality in LOCALITIES] == [True, False, False]


def test_signers() -> None:
    built = acl(
        "{ !key Zeta.; named; { key a; !key b; }; key A.; }", {"named": '{ none; key "C.Example."; }'}
    )
    assert built.signers == ("a", "b", "c.example", "zeta")


def test_geoip_is_opaque() -> None:
    built = acl("{ !geoip country NL; 192.0.2.0/24; inner; }", {"inner": "{ geoip db asn asnum 64500; }"})
    assert built.uses_geoip
    assert built.geoip == ("country NL", "db asn asnum 64500")
    assert built.addresses(None, "elsewhere") == AddressSet.from_text("192.0.2.0/24")
    asked = parse_address(A)
    assert asked is not None
    assert built.allows(asked[1], 4, None, localhost=False, localnets=False)
    assert not built.allows(
        asked[1], 4, None, localhost=False, localnets=False, conditions=frozenset(built.geoip)
    )


def test_undefined_names_match_nothing() -> None:
    built = acl(f"{{ !Nope; outer; {A}; }}", {"outer": '{ "192.0.2.2"; nope; }'})
    assert built.undefined == ("Nope", "192.0.2.2")
    assert built.addresses(None, "elsewhere") == AddressSet.from_text(A)


def test_loops_are_found() -> None:
    built = acl(
        f"{{ a; {A}; }}", {"a": "{ { B; }; 198.51.100.1; }", "b": "{ 198.51.100.2; c; }", "c": "{ A; c; }"}
    )
    assert built.loops == ("A", "c")
    assert built.addresses(None, "elsewhere") == AddressSet.from_text(A, "198.51.100.1", "198.51.100.2")


def test_invalid_elements_match_nothing() -> None:
    built = acl(f"{{ !!{A}; 10.0.0.0/33; {{ 192.168; }}; {A}; }}")
    assert built.invalid == (
        "a double negation: unsupported element type",
        "invalid prefix length '33'",
        "incomplete IPv4 address or prefix",
    )
    assert built.addresses(None, "elsewhere") == AddressSet.from_text(A)


@pytest.mark.parametrize(
    ("text", "address", "key", "allowed", "decided", "flipped"),
    [
        (f"{{ !{A}; 192.0.2.0/24; key k1; }}", A, None, False, f"!{A}", None),
        (f"{{ !{A}; 192.0.2.0/24; key k1; }}", B, None, True, "192.0.2.0/24", None),
        (f"{{ !{A}; 192.0.2.0/24; key k1; }}", C, "k1", True, "key k1", None),
        (f"{{ !{A}; 192.0.2.0/24; key k1; }}", C, None, False, None, None),
        ("{ 10/8; sec; any; }", B, None, True, "sec", None),
        ("{ !notsec; key k1; }", B, "k1", False, "!notsec", None),
        ("{ !notsec; key k1; }", A, "k1", True, "key k1", None),
        ("{ {}; { none; }; any; }", A, None, True, "any", None),
        (f"{{ {B}; sec; !{{ {A}; }}; }}", A, None, False, "sec", f"!{{ {A}; }}"),
        ("{ none; any; }", A, None, False, "none", None),
        ("{ key k1; !key k1; }", A, "k1", True, "key k1", None),
    ],
)
def test_deciding(
    text: str, address: str, key: str | None, allowed: bool, decided: str | None, flipped: str | None
) -> None:
    parsed = parse_address(address)
    assert parsed is not None
    decision = acl(text, NAMED).deciding(parsed[1], parsed[0], key, localhost=False, localnets=False)
    shown = [
        None if element is None else text[element.start : element.end]
        for element in (decision.element, decision.flipped_by)
    ]
    assert (decision.allowed, *shown) == (allowed, decided, flipped)


@pytest.mark.parametrize(
    ("signer", "locality", "conditions", "shares"),
    [
        (None, "elsewhere", (), ["10/8: 10.0.0.0/8 except 10.0.0.1", "{ 192.0.2.0/30; key k; }: 192.0.2.0/30",
                                 "192.0.2.0/24: 192.0.2.0/24 except 192.0.2.0/30"]),
        ("K.", "elsewhere", (), ["10/8: 10.0.0.0/8 except 10.0.0.1",
                                 "{ 192.0.2.0/30; key k; }: anyone except 10.0.0.0/8"]),
        ("other", "localhost", (), ["localhost: anyone except 10.0.0.1"]),
        (None, "elsewhere", ("country NL",), ["10/8: 10.0.0.0/8 except 10.0.0.1", "geoip country NL: anyone except 10.0.0.0/8"]),
        (None, "elsewhere", ("country BE",), ["10/8: 10.0.0.0/8 except 10.0.0.1", "{ 192.0.2.0/30; key k; }: 192.0.2.0/30",
                                              "192.0.2.0/24: 192.0.2.0/24 except 192.0.2.0/30"]),
    ],
)  # fmt: skip
def test_shares(
    signer: str | None, locality: Locality, conditions: tuple[str, ...], shares: list[str]
) -> None:
    text = "{ !10.0.0.1; localhost; 10/8; geoip country NL; { 192.0.2.0/30; key k; }; 192.0.2.0/24; none; }"
    built = acl(text)
    found = built.shares(signer, locality, frozenset(conditions))
    assert [f"{text[each.start : each.end]}: {share.words()}" for each, share in found] == shares
    total = AddressSet.nothing()
    for _, share in found:
        total = total | share
    assert total == built.addresses(signer, locality, frozenset(conditions))


def test_repetitions_are_known_without_trying() -> None:
    built = acl(
        "{ 10/8; 10/8; !10/8; { 10/8; }; !{ 10/8; }; any; none; key k; key K.; {}; !{ 10/9; any; }; }"
    )
    assert built.repeated == (1, 2, 3, 6, 8, 9)
    assert built.flipping == (4, 10)


def test_own_addresses_need_not_be_on_a_known_network() -> None:
    built = acl("{ !localnets; localhost; 192.0.2.1; }")
    found = {
        (own, near): built.addresses_where(None, localhost=own, localnets=near).words()
        for own in (False, True)
        for near in (False, True)
    }
    assert found == {
        (False, False): "192.0.2.1",
        (False, True): "no one",
        (True, False): "anyone",
        (True, True): "no one",
    }
    keyed = acl("{ key k; geoip country NL; }")
    assert keyed.addresses_where("k", localhost=False, localnets=False).words() == "anyone"
    assert (
        keyed.addresses_where(None, localhost=False, localnets=False, geoip=["country NL"]).words()
        == "anyone"
    )
    assert keyed.addresses_where(None, localhost=False, localnets=False).words() == "no one"


def test_what_a_list_does_not_name_makes_no_difference() -> None:
    built = acl("{ 192.0.2.1; !key k; }")
    for locality in LOCALITIES:
        assert built.addresses("other", locality, frozenset({"country NL"})).words() == "192.0.2.1"
    assert (built.geoip, built.uses_geoip, built.uses_localhost, built.uses_localnets) == (
        (),
        False,
        False,
        False,
    )
    near = acl("{ localnets; }")
    assert [near.addresses(None, locality).words() for locality in LOCALITIES] == [
        "anyone",
        "anyone",
        "no one",
    ]


@pytest.mark.parametrize(
    ("text", "localhost", "localnets", "conditions", "decided"),
    [
        ("{ localhost; localnets; }", True, True, (), "localhost"),
        ("{ localhost; localnets; }", False, True, (), "localnets"),
        ("{ localhost; localnets; }", True, False, (), "localhost"),
        ("{ localnets; localhost; }", True, False, (), "localhost"),
        ("{ localhost; localnets; }", False, False, (), None),
        ("{ geoip country NL; !geoip country BE; }", False, False, ("country BE",), "!geoip country BE"),
        ("{ geoip country NL; !geoip country BE; }", False, False, ("country NL", "country BE"), "geoip country NL"),
        ("{ !192.0.2.0/24; 192.0.2.1; localhost; }", True, True, (), "!192.0.2.0/24"),
        ("{ 198.51.100.0/24; !key k; { !10/8; localhost; }; any; }", True, True, (), "{ !10/8; localhost; }"),
        ("{ 198.51.100.0/24; !key k; { !192/8; localhost; }; any; }", True, True, (), "any"),
    ],
)  # fmt: skip
def test_what_decides_without_a_key(
    text: str, localhost: bool, localnets: bool, conditions: tuple[str, ...], decided: str | None
) -> None:
    parsed = parse_address(A)
    assert parsed is not None
    decision = acl(text).deciding(
        parsed[1], 4, None, localhost=localhost, localnets=localnets, conditions=frozenset(conditions)
    )
    shown = None if decision.element is None else text[decision.element.start : decision.element.end]
    assert (shown, decision.allowed) == (decided, decided is not None and not decided.startswith("!"))


def test_an_acl_is_asked_for_once() -> None:
    asked: list[str] = []

    def lookup(name: str) -> MatchList | None:
        asked.append(name)
        return {"a": parse("{ B; nosuch; { b; }; }"), "b": parse("{ 10/8; A; }")}.get(name)

    built = build(parse("{ A; a; NOSUCH; b; }"), lookup)
    assert sorted(asked) == ["a", "b", "nosuch"]
    assert (built.undefined, built.loops) == (("nosuch",), ("A",))


@pytest.mark.parametrize(
    ("levels", "invalid"), [(300, ()), (301, ("acls name each other over too many levels",))]
)
def test_three_hundred_levels_of_acls(levels: int, invalid: tuple[str, ...]) -> None:
    chain = {f"a{number}": f"{{ a{number + 1}; }}" for number in range(levels - 1)}
    built = acl("{ a0; }", chain | {f"a{levels - 1}": "{ 10/8; }"})
    assert built.invalid == invalid
    assert built.addresses(None, "elsewhere") == AddressSet.from_text(*([] if invalid else ["10/8"]))


UNIVERSE = Universe(
    prefixes=(
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.0/30",
        "192.0.2.0/24",
        "192.0/16",
        "0.0.0.0/0",
        "255.255.255.255",
        "::1",
        "::/0",
        "2001:db8::/32",
        "2001:db8::/64",
        "2001:db8::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ),
    keys=("k1", "k2"),
    acls=12,
)
BOUNDARIES = sorted(
    {
        (point, prefix.family)
        for text in UNIVERSE.prefixes
        if (prefix := parse_prefix(text)) is not None
        for size in [1 << ((32 if prefix.family == 4 else 128) - prefix.length)]
        for point in (prefix.network - 1, prefix.network, prefix.network + size - 1, prefix.network + size)
        if 0 <= point < 1 << (32 if prefix.family == 4 else 128)
    }
)
"""Where answers can change: each side of each end of each prefix."""


@given(st.randoms(use_true_random=False), st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 128) - 1))
def test_like_binds_data_structures(rng: random.Random, any_v4: int, any_v6: int) -> None:
    named = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    for _ in range(4):
        top = parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls)))
        built = build(top, named.get)
        bind = judge(top, named.get)
        for signer in (None, "k1", "k2", "k3"):
            for locality in LOCALITIES:
                own, near = locality == "localhost", locality != "elsewhere"
                held = built.addresses(signer, locality)
                for number, family in [*BOUNDARIES, (any_v4, 4), (any_v6, 6)]:
                    right = bind(number, family, signer, own, near)
                    said = built.allows(number, family, signer, localhost=own, localnets=near)
                    assert said == right == held.holds(number, family)
                    decision = built.deciding(number, family, signer, localhost=own, localnets=near)
                    assert decision.allowed == said
                    assert decision.element is not None or not said


def decide_beginning(
    match_list: MatchList, lookup: Lookup, asked: tuple[int, int, str | None, Locality], elements: int
) -> Decision:
    """What the first elements of a list say, without the rest."""
    number, family, signer, locality = asked
    return build(MatchList(match_list.elements[:elements]), lookup).deciding(
        number, family, signer, localhost=locality == "localhost", localnets=locality != "elsewhere"
    )


@given(st.randoms(use_true_random=False))
def test_the_deciding_element_decides(rng: random.Random) -> None:
    """A list that ends behind it says the same, and one that ends before it says nothing."""
    named = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    flipped = 0
    for _ in range(40):
        top = parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls)))
        number, family = rng.choice(BOUNDARIES)
        asked = (number, family, rng.choice((None, "k1", "k2")), rng.choice(LOCALITIES))
        cut = functools.partial(decide_beginning, top, named.get, asked)
        decision = cut(len(top.elements))
        if decision.element is None:
            continue
        place = top.elements.index(decision.element)
        assert cut(place) == (False, None, None)
        if decision.flipped_by is None:
            assert cut(place + 1) == decision
            continue
        flipped += 1
        assert not decision.allowed
        turn = top.elements.index(decision.flipped_by)
        assert decision.flipped_by.negated
        assert place < turn
        assert cut(turn) == (True, decision.element, None)
        assert cut(turn + 1) == decision
    event(f"flipped: {flipped}")


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("seed", range(20))
def test_wrong_evaluators_are_caught(seed: int, wrong: str) -> None:
    rng = random.Random(seed)
    named = {name: parse(text) for name, text in random_acls(rng, UNIVERSE).items()}
    for _ in range(2000):
        top = parse(random_list(rng, UNIVERSE, range(UNIVERSE.acls)))
        built = build(top, named.get)
        number, family = rng.choice(BOUNDARIES)
        signer = rng.choice((None, "k1", "k2"))
        said = built.allows(number, family, signer, localhost=False, localnets=True)
        if said != judge(top, named.get, wrong)(number, family, signer, False, True):
            return
    pytest.fail("never caught")


def test_deep_nesting_is_bounded() -> None:
    deep = parse("{" * 200 + " 10/8; " + "};" * 199 + "}")
    assert build(deep, lambda name: None).addresses(None, "elsewhere") == AddressSet.from_text("10/8")
    (group,) = split("{" * 100_000 + "};" * 99_999 + "}")
    assert isinstance(group, Group)
    assert build(parse_match_list(group), lambda name: None).invalid == ("lists are nested too deeply",)


def test_long_chains_of_names_are_bounded() -> None:
    chain = {f"a{number}": f"{{ a{number + 1}; 10.{number % 256}/16; }}" for number in range(20_000)}
    built = acl("{ a0; }", chain | {"a20000": "{ !10/8; any; }"})
    assert built.invalid == ("acls name each other over too many levels",)
    short = acl("{ a19800; }", chain | {"a20000": "{ !10/8; any; }"})
    assert short.invalid == ()
    assert short.addresses(None, "elsewhere") == (
        ~AddressSet.from_text("10/8")
        | AddressSet.from_text(*[f"10.{number % 256}.0.0/16" for number in range(19_800, 20_000)])
    )


@pytest.mark.parametrize("first", ["", "none; "])
def test_doubling_acls_do_not_explode(first: str) -> None:
    doubling = {
        f"a{number}": f"{{ {first}a{number + 1}; a{number + 1}; key k{number}; }}" for number in range(200)
    }
    built = acl("{ a0; }", doubling | {"a200": "{ !10/8; any; key k; }"})
    assert built.invalid == ()
    assert len(built.signers) == 201
    assert built.addresses(None, "elsewhere") == (
        ~AddressSet.from_text("10/8") if not first else AddressSet.nothing()
    )


def test_repeated_large_lists_are_bounded() -> None:
    large = "{ " + "".join(f"10.{number >> 8}.{number & 255}.0/24; " for number in range(5000)) + "}"
    built = acl("{ " + f"!{{ !{A}; large; }}; " * 2000 + "}", {"large": large})
    assert built.invalid == ("the lists in this list are too large together",)


def test_thousands_of_prefixes_are_quick() -> None:
    prefixes = [f"{'!' if number % 3 else ''}10.{number >> 8}.{number & 255}.0/24" for number in range(5000)]
    prefixes += [f"2001:db8:{number:x}::/{48 + number % 16}" for number in range(5000)]
    prefixes += ["10/8", "2001:db8::/32"]
    text = "{ " + "; ".join(prefixes) + "; }"
    start = time.perf_counter()
    built = acl(text)
    found = built.addresses(None, "elsewhere")
    assert time.perf_counter() - start < 3  # 0.1 s on a slow machine
    assert found.size(4) == (1 << 24) - 256 * sum(1 for number in range(5000) if number % 3)
    assert AddressSet(v6=found.v6) == AddressSet.from_text("2001:db8::/32")


@given(st.text(alphabet='{};!/"key geoip any 10.2:%\\\0\udcff\x80#\n', max_size=80))
def test_any_text_is_read(text: str) -> None:
    for piece in split("{" + text + "}"):
        if isinstance(piece, Group):
            for element in parse_match_list(piece).elements:
                assert 0 <= element.start < element.end
            built = build(parse_match_list(piece), lambda name: None)
            assert built.addresses(None, "elsewhere") <= AddressSet.everything()


def test_huge_words() -> None:
    group = Group((Element((Word("word", "1" * 10_000_000, 0, 1),), 0, 1),), 0, 1)
    assert parse_match_list(group).elements[0].kind == "acl"
    group = Group((Element((Word("word", ":" * 10_000_000, 0, 1),), 0, 1),), 0, 1)
    assert parse_match_list(group).elements[0].kind == "acl"
