"""One request decided step by step, and one list weighed: exact verdicts, traces and conditions."""

from __future__ import annotations

import ipaddress
from typing import Any, NamedTuple

import pytest

from named_audit.host import MemoryHost
from named_audit.model.build import load_config
from named_audit.policy.interfaces import Interfaces
from named_audit.policy.question import Judge, Request, Step
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions


class Said(NamedTuple):
    """A verdict in words: (line, element, result, depth) for each step, line 0 where it has none."""

    served: bool
    view: str | None
    depends: tuple[str, ...]
    trace: list[tuple[int, str, str, int]]
    level: str
    releases: tuple[str, ...] | None


def _judge(text: str, interfaces: str | None = None, release: str | None = "9.18") -> Judge:
    options = ReadOptions(release=parse_release(release) if release is not None else None)
    config = load_config("/named.conf", MemoryHost({"/named.conf": text.encode()}), options)
    return Judge(config, Interfaces.parse(interfaces) if interfaces is not None else None)


def _request(address: str, signer: str | None = None, to: str | None = None, **more: Any) -> Request:
    client = ipaddress.ip_address(address)
    if to is not None:
        server = ipaddress.ip_address(to)
        more["destination"] = (int(server), server.version)
    return Request(int(client), client.version, signer, **more)


def _steps(steps: tuple[Step, ...]) -> list[tuple[int, str, str, int]]:
    return [
        (0 if step.span is None else step.span.begin.line, step.element, step.result, step.depth)
        for step in steps
    ]


def _asked(
    text: str,
    address: str,
    signer: str | None = None,
    *,
    zone: str = "z",
    view: str | None = None,
    interfaces: str | None = None,
    release: str | None = "9.18",
    **more: Any,
) -> Said:
    judge = _judge(text, interfaces, release)
    wanted = next(each for each in judge._config.views if each.name == view) if view is not None else None
    verdict = judge.decide(zone, _request(address, signer, **more), wanted)
    name = verdict.view.name if verdict.view is not None else None
    return Said(
        verdict.served, name, verdict.depends, _steps(verdict.trace), verdict.setting.level, verdict.releases
    )


def _key(name: str, secret: str = "aaaa", algorithm: str = "hmac-sha256") -> str:
    return f'key {name} {{ algorithm {algorithm}; secret "{secret}"; }};\n'


def _zone(more: str = "", type_: str = "primary") -> str:
    file = 'file "z"; ' if type_ in ("primary", "hint") else ""
    return f"zone z {{ type {type_}; {file}{more} }};\n"


CLIENT = "198.51.100.1"
NOT_FIRST = "only for requests to anyone over IPv4 except 192.0.2.1"
CHOICE = (
    "options { allow-transfer { any; }; };\n"
    f"view one {{ {_key('k')} match-destinations {{ 192.0.2.1; }}; }};\n"
    f"view rd {{ match-clients {{ {CLIENT}; }}; match-recursive-only yes; {_zone()} }};\n"
    f"view other chaos {{ match-destinations {{ 192.0.2.2; }}; {_zone()} }};\n"
    f"view last {{ {_key('k', 'bbbb')} {_key('j', 'cccc')} {_zone()} }};\n"
)


@pytest.mark.parametrize(
    ("client", "more", "served", "view", "depends"),
    [
        (CLIENT, {}, True, "last", (NOT_FIRST,)),
        (CLIENT, {"recursion": False}, True, "last", (NOT_FIRST,)),
        (CLIENT, {"recursion": True}, True, "rd", (NOT_FIRST,)),
        (CLIENT, {"recursion": True, "to": "192.0.2.9"}, True, "rd", ()),
        (CLIENT, {"recursion": True, "to": "192.0.2.1"}, False, "one", ()),
        (CLIENT, {"view": "rd"}, True, "rd", (NOT_FIRST, "only to a request that asks for recursion (RD)")),
        (CLIENT, {"view": "rd", "recursion": True}, True, "rd", (NOT_FIRST,)),
        (CLIENT, {"view": "rd", "recursion": False}, False, "one", ()),
        ("203.0.113.1", {"view": "rd"}, False, "one", ()),
        ("203.0.113.1", {"interfaces": "192.0.2.1/24,192.0.2.7"}, True, "last",
         ("only for requests to 127.0.0.1 and 192.0.2.7",)),
        ("2001:db8::1", {}, True, "last", ()),
        # One name for two keys: that of the view that is meant, or else the first.
        ("203.0.113.1", {"signer": "k"}, False, "one", ("served with the key of this name of view last",)),
        ("203.0.113.1", {"signer": "k", "view": "last"}, True, "last", (NOT_FIRST,)),
        ("203.0.113.1", {"signer": "j"}, True, "last", (NOT_FIRST,)),
        ("203.0.113.1", {"signer": "nosuch"}, False, "one", ()),
        # Views of another class are asked by those who ask for it.
        ("203.0.113.1", {"view": "other"}, True, "other", ("only for requests to 192.0.2.2",)),
        ("203.0.113.1", {"view": "other", "to": "192.0.2.1"}, False, None, ()),
    ],
)  # fmt: skip
def test_what_a_client_can_choose(
    client: str, more: dict[str, Any], served: bool, view: str | None, depends: tuple[str, ...]
) -> None:
    said = _asked(CHOICE, client, **more)
    assert (said.served, said.view, said.depends) == (served, view, depends)


def test_equal_keys_of_one_name_are_one() -> None:
    views = f"view a {{ {_key('k')} match-clients {{ none; }}; }};\nview b {{ {_key('k', '{}', '{}')} {_zone()} }};\n"
    options = "options { allow-transfer { key k; }; };\n"
    found = []
    for secret, algorithm in (("aaaa", "hmac-sha256"), ("bbbb", "hmac-sha256"), ("aaaa", "hmac-sha512")):
        text = options + views.replace("{}", algorithm, 1).replace("{}", secret, 1)
        said = _asked(text, CLIENT, "k")
        found.append((said.served, said.depends))
    differs = (False, ("served with the key of this name of view b",))
    assert found == [(True, ()), differs, differs]


HERE = f"view a {{ match-clients {{ 10/8; }};\n{_zone()} }};\n"
TLS = (
    'tls mutual { cert-file "c"; key-file "k"; ca-file "ca"; };\n'
    'tls plain { cert-file "c"; key-file "k"; };\n'
)
CERTIFICATE = ("served only to a client with a certificate of the listener's ca-file",)
UNSEEN = 'include "nosuch";\n'
DEAF = "options { listen-on { none; }; listen-on-v6 { none; }; };\n"
TLS_OVER_IPV4 = f"{TLS}options {{ listen-on port 853 tls plain {{ any; }}; }};\n"
PROXIED = "options { listen-on proxy plain { 10.0.0.1; }; listen-on-v6 { none; }; };\n"
FAMILIES = (
    f"{TLS}options {{ listen-on port 54 {{ any; }}; listen-on port 853 tls mutual {{ any; }};"
    " listen-on-v6 { any; }; listen-on-v6 port 853 tls plain { any; }; };\n"
)


@pytest.mark.parametrize(
    ("text", "client", "more", "served", "depends", "last"),
    [
        (HERE, "10.0.0.1", {}, True, (), (2, "zone z", "no allow-transfer applies, and this release then means served")),
        (HERE, "10.0.0.1", {"release": "9.20"}, False, (),
         (2, "zone z", "no allow-transfer applies, and this release then means refused")),
        (HERE, CLIENT, {}, False, (), (0, "views", "refused: no view takes the request")),
        (HERE, "10.0.0.1", {"zone": "Y."}, False, (), (0, "zone y", "refused: this view has no such zone (NOTAUTH)")),
        (_zone(type_="mirror"), CLIENT, {}, False, (),
         (1, "zone z", "refused: on a mirror zone only its own allow-transfer counts")),
        (_zone(type_="hint"), CLIENT, {}, False, (), (1, "zone z", "refused: a hint zone is never handed out (NOTAUTH)")),
        ('zone z { file "z"; };', CLIENT, {}, False, (),
         (1, "zone z", "refused: a zone without a type is never handed out (NOTAUTH)")),
        (_zone(), CLIENT, {"signer": "k"}, False, (),
         (0, 'key "k"', "refused: the server does not know this key here (BADKEY)")),
        (_key("k") + _zone("allow-transfer { key k; };"), CLIENT, {"signer": "k"}, True, (), (2, "key k", "matches: allows")),
        # named makes this key, and a key may be defined in what was not read.
        (_zone("allow-transfer { key local-ddns; };"), CLIENT, {"signer": "local-ddns"}, True, (),
         (1, "key local-ddns", "matches: allows")),
        (f"view a {{ {_zone('allow-transfer { key local-ddns; };')} }};", CLIENT, {"signer": "local-ddns"}, True, (),
         (1, "key local-ddns", "matches: allows")),
        (f"{UNSEEN}view a {{ {_zone('allow-transfer { key k; };')} }};", CLIENT, {"signer": "k"}, True, (),
         (2, "key k", "matches: allows")),
        # Where the request comes to.
        (FAMILIES + _zone("allow-transfer port 54 { any; };"), CLIENT, {}, True, (), (4, "any", "matches: allows")),
        (FAMILIES + _zone("allow-transfer port 54 { any; };"), "2001:db8::1", {}, False, (),
         (4, "port 54", "refused: the request comes to port 53")),
        (FAMILIES + _zone("allow-transfer port 54 { any; };"), "2001:db8::1", {"port": 54}, False, (),
         (0, "listeners", "refused: the server does not listen for tcp on port 54 over IPv6")),
        (FAMILIES + _zone("allow-transfer { any; };"), CLIENT, {"port": 53}, False, (),
         (0, "listeners", "refused: the server does not listen for tcp on port 53 over IPv4")),
        (FAMILIES + _zone("allow-transfer { any; };"), CLIENT, {"transport": "tls"}, True, CERTIFICATE,
         (4, "any", "matches: allows")),
        (FAMILIES + _zone("allow-transfer { any; };"), "2001:db8::1", {"transport": "tls"}, True, (),
         (4, "any", "matches: allows")),
        (FAMILIES + _zone("allow-transfer { none; };"), CLIENT, {"transport": "tls"}, False, (),
         (4, "none", "matches: denies")),
        (FAMILIES + _zone("allow-transfer transport tls { any; };"), CLIENT, {}, False, (),
         (4, "transport tls", "refused: the request comes over tcp")),
        (FAMILIES + _zone("allow-transfer transport tcp { any; };"), CLIENT, {}, True, (), (4, "any", "matches: allows")),
        (TLS_OVER_IPV4 + _zone("allow-transfer transport tcp { any; };"), CLIENT, {}, False, (),
         (4, "listeners", "refused: the server does not listen for tcp over IPv4")),
        (TLS_OVER_IPV4 + _zone("allow-transfer port 53 { any; };"), CLIENT, {}, False, (),
         (4, "listeners", "refused: the server does not listen for tcp on port 53 over IPv4")),
        (TLS_OVER_IPV4 + _zone("allow-transfer transport tcp { any; };"), "2001:db8::1", {}, True, (),
         (4, "any", "matches: allows")),
        (PROXIED + _zone("allow-transfer transport tcp { any; };"), "2001:db8::1", {}, True, (),
         (2, "any", "matches: allows")),
        (_zone("allow-transfer { any; };"), CLIENT, {"transport": "tls"}, False, (),
         (0, "listeners", "refused: the server does not listen for tls anywhere over IPv4")),
        (DEAF + _zone("allow-transfer { any; };"), CLIENT, {}, False, (),
         (0, "listeners", "refused: the server does not listen for tcp anywhere")),
        ("options { port 5353; };\n" + _zone("allow-transfer port 5353 { any; };"), CLIENT, {}, True, (),
         (2, "any", "matches: allows")),
        # What is usual counts where it was not read.
        (UNSEEN + DEAF + _zone("allow-transfer port 53 { any; };"), CLIENT, {}, True, (), (3, "any", "matches: allows")),
        (UNSEEN + DEAF + _zone("allow-transfer port 853 { any; };"), CLIENT, {"transport": "tls"}, True, (),
         (3, "any", "matches: allows")),
        (UNSEEN + DEAF + _zone("allow-transfer port 853 { any; };"), CLIENT, {}, False, (),
         (3, "port 853", "refused: the request comes to port 53")),
        # Blackhole knows no keys.
        ("options { blackhole { !10.0.0.1; 10/8; localhost; }; };\n" + _zone("allow-transfer { any; };"), "10.0.0.1", {},
         True, (), (2, "any", "matches: allows")),
        ("options { blackhole { !10.0.0.1; 10/8; localhost; }; };\n" + _zone("allow-transfer { any; };"), "10.0.0.2", {},
         False, (), (1, "10/8", "dropped: named does not answer")),
        ("options { blackhole { !10.0.0.1; 10/8; localhost; }; };\n" + _zone("allow-transfer { any; };"), CLIENT, {},
         True, ("refused if the client is the server itself",), (2, "any", "matches: allows")),
        (_key("k") + "options { blackhole { key k; }; };\n" + _zone("allow-transfer { any; };"), CLIENT, {"signer": "k"},
         True, (), (3, "any", "matches: allows")),
    ],
)  # fmt: skip
def test_one_request(
    text: str,
    client: str,
    more: dict[str, Any],
    served: bool,
    depends: tuple[str, ...],
    last: tuple[int, str, str],
) -> None:
    said = _asked(text, client, **more)
    assert (said.served, said.depends, said.trace[-1][:3]) == (served, depends, last)


def test_keys_of_one_name_are_all_asked() -> None:
    views = f"view a {{ {_key('k')} {_zone('allow-transfer { key k; };')} }};\nview b {{ {_key('k', 'bbbb')} }};\n"
    assert _asked(views, CLIENT, "k")[:3] == (True, "a", ("refused with the key of this name of view b",))
    assert _asked(views.replace("{ key k; }", "{ none; }"), CLIENT, "k")[:3] == (False, "a", ())


def test_a_trace_says_why_a_view_is_chosen() -> None:
    text = f"view a {{ match-clients {{ 10/8; }}; }};\nview b {{ {_zone('allow-transfer { any; };')} }};\n"
    assert _asked(text, CLIENT).trace == [
        (1, "view a", "not for this client", 0),
        (1, "10/8", NO_MATCH, 1),
        (1, "}", NOBODY, 1),
        (2, "view b", "it takes every client", 0),
        (2, "allow-transfer", "decides at the level of the zone", 0),
        (2, "any", "matches: allows", 1),
    ]
    assert _asked(text, "10.0.0.1").trace == [
        (1, "view a", "its match-clients let the request in", 0),
        (1, "10/8", "matches: allows", 1),
        (0, "zone z", "refused: this view has no such zone (NOTAUTH)", 0),
    ]


def test_the_default_of_an_unknown_release() -> None:
    said = _asked(HERE, "10.0.0.1", release=None)
    assert (said.served, said.view, said.level, said.releases) == (
        True,
        "a",
        "default",
        ("9.11", "9.16", "9.18"),
    )
    assert said.trace[-1][2] == "no allow-transfer applies: served on BIND 9.11 to 9.18, refused from 9.20 on"


NESTED = "acl x { !10.0.0.1; { 10/8; }; };\n" + _zone(
    "allow-transfer { !{ 192.0.2.1; nosuch; }; X; localnets; geoip country NL; };"
)
ELSEWHERE = (
    "served if the client is on one of the server's networks",
    "served if the client is the server itself",
    "served where geoip country NL holds",
)
NO_MATCH, NOBODY = "does not match", "no element matches: denies"
OUTSIDE = [
    (2, "allow-transfer", "decides at the level of the zone", 0),
    (2, "!{ 192.0.2.1; nosuch; }", NO_MATCH, 1),
    (2, "192.0.2.1", NO_MATCH, 2),
    (2, "nosuch", NO_MATCH, 2),
    (0, "nosuch", "no acl of this name: matches nothing", 3),
    (2, "}", NOBODY, 2),
]


@pytest.mark.parametrize(
    ("client", "interfaces", "served", "depends", "trace"),
    [
        ("10.0.0.1", None, False, ELSEWHERE,
         [*OUTSIDE, (2, "X", NO_MATCH, 1), (1, "!10.0.0.1", "matches: denies", 2), (2, "localnets", NO_MATCH, 1),
          (2, "geoip country NL", NO_MATCH, 1), (2, "}", NOBODY, 1)]),
        ("10.0.0.2", None, True, (),
         [*OUTSIDE, (2, "X", "matches: allows", 1), (1, "!10.0.0.1", NO_MATCH, 2), (1, "{ 10/8; }", "matches: allows", 2),
          (1, "10/8", "matches: allows", 3)]),
        ("192.0.2.1", None, False, (),
         [OUTSIDE[0], (2, "!{ 192.0.2.1; nosuch; }", "matches: denies", 1), (2, "192.0.2.1", "matches: allows", 2)]),
        *[(client, interfaces, True, (),
           [*OUTSIDE, (2, "X", NO_MATCH, 1), (1, "!10.0.0.1", NO_MATCH, 2), (1, "{ 10/8; }", NO_MATCH, 2),
            (1, "10/8", NO_MATCH, 3), (1, "}", NOBODY, 3), (1, "}", NOBODY, 2), (2, "localnets", "matches: allows", 1)])
          for client, interfaces in (("127.0.0.1", None), ("127.0.0.2", None), ("203.0.113.1", "203.0.113.7/24"),
                                     ("203.0.113.1", "203.0.113.1/24"))],
    ],
)  # fmt: skip
def test_a_trace_goes_into_lists(
    client: str,
    interfaces: str | None,
    served: bool,
    depends: tuple[str, ...],
    trace: list[tuple[int, str, str, int]],
) -> None:
    said = _asked(NESTED, client, interfaces=interfaces)
    assert (said.served, said.depends, said.trace) == (served, depends, trace)


def test_only_a_mapped_address_is_taken_for_an_ipv4_client() -> None:
    assert [_asked(NESTED, f"::{high}:10.0.0.2").served for high in ("ffff", "fffe", "1:ffff")] == [
        True,
        False,
        False,
    ]


def test_a_trace_is_not_endless() -> None:
    deep = "{ " * 24 + "10/8; " + "}; " * 24
    said = _asked(_zone(f"allow-transfer {{ {deep} }};"), "10.0.0.1")
    assert (said.served, max(step[3] for step in said.trace)) == (True, 20)


def test_conditions_of_views_count() -> None:
    text = f"view a {{ match-clients {{ geoip country NL; geoip country BE; }}; {_zone('allow-transfer { any; };')} }};\n"
    text += f"view b {{ {_zone('allow-transfer { none; };')} }};\n"
    said = _asked(text, CLIENT)
    assert (said.served, said.view) == (False, "b")
    assert said.depends == (
        "served where geoip country BE holds",
        "served where geoip country NL holds",
        "served where geoip country BE and geoip country NL holds",
    )


@pytest.mark.parametrize(
    ("elements", "client", "signer", "allowed", "depends", "last"),
    [
        ("!10.0.0.1; 10/8;", "10.0.0.2", None, True, (), ("10/8", "matches: allows")),
        ("!10.0.0.1; 10/8;", "10.0.0.1", None, False, (), ("!10.0.0.1", "matches: denies")),
        ("10/8; !{ 10/8; };", "10.0.0.1", None, False, (),
         ("10/8", "matches, but `!{ 10/8; }` behind it is merged into it and turns it into a denial")),
        ("key k;", CLIENT, "k", True, (), ("key k", "matches: allows")),
        ("key k;", CLIENT, None, False, (), ("}", NOBODY)),
        ("10/8;", "::ffff:10.0.0.1", None, True, (), ("10/8", "matches: allows")),
        ("localnets; geoip country NL;", CLIENT, None, False,
         ("allowed if the client is on one of the server's networks", "allowed if the client is the server itself",
          "allowed where geoip country NL holds"), ("}", NOBODY)),
        ("!localhost; !geoip country NL; any;", CLIENT, None, True,
         ("denied if the client is the server itself", "denied where geoip country NL holds"), ("any", "matches: allows")),
        ("localhost;", "127.0.0.1", None, True, (), ("localhost", "matches: allows")),
        ("localhost;", "127.0.0.2", None, False, (), ("}", NOBODY)),
    ],
)  # fmt: skip
def test_one_list_weighed(
    elements: str,
    client: str,
    signer: str | None,
    allowed: bool,
    depends: tuple[str, ...],
    last: tuple[str, str],
) -> None:
    judge = _judge(f"{_key('k')}options {{ allow-notify {{ {elements} }}; }};")
    weighed = judge.weigh(judge._config.options.statements["allow-notify"], _request(client, signer))
    assert (weighed.allowed, weighed.depends, _steps(weighed.steps)[-1][1:3]) == (allowed, depends, last)
