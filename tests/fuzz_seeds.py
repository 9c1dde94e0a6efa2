"""Random whole configurations that named accepts: what the mutants of the fuzz are made from.

Not every one is accepted: where two random choices do not go together, named-checkconf says so, and the
configuration is thrown away.
"""

from __future__ import annotations

import random
from collections.abc import Callable

ADDRESSES = (
    "192.0.2.1",
    "192.0.2.77",
    "198.51.100.7",
    "10.0.0.1",
    "2001:db8::1",
    "2001:db8:0:7::53",
    "127.0.0.1",
)
NETWORKS = (
    "192.0.2.0/24",
    "10/8",
    "172.16/12",
    "10.53.0.0/16",
    "2001:db8::/32",
    "198.51.100.7/32",
    "::1/128",
)
SECRETS = (
    "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IDEyMzQ=",
    "YWFhYWFhYWFhYWFhYWFhYQ==",
    "MTIzNDU2Nzg5MDEyMzQ1Ng==",
)
ALGORITHMS = (
    "hmac-sha256",
    "hmac-sha512",
    "hmac-sha1",
    "hmac-sha224",
    "HMAC-SHA384",
    "hmac-md5",
    "hmac-sha256-128",
)
CATEGORIES = (
    *("default", "general", "xfer-in", "xfer-out", "notify", "security", "update", "queries", "client"),
    *("config", "network", "resolver", "database", "dnssec", "lame-servers", "rpz", "zoneload"),
)
NOTIFY = ("yes", "no", "explicit", "primary-only", "master-only")
UPDATES = (
    "grant * self * TXT",
    "grant {key} subdomain {zone} ANY",
    "grant {key} name host.{zone} A AAAA",
    "deny {key} zonesub TXT",
    "grant {key} zonesub ANY",
    "grant EXAMPLE.COM krb5-self . A",
    "grant EXAMPLE.COM ms-subdomain {zone} ANY",
    "grant * tcp-self . PTR(1) ANY(2)",
    "grant {key} wildcard *.{zone} A",
    "grant {key} selfsub {key} A",
    'grant "local:/x" external * CNAME',
    "grant * 6to4-self . PTR",
)

BOTH = (
    *("masterfile-style full", "max-journal-size 5m", "max-records 5000", "max-transfer-idle-out 60"),
    *("max-transfer-time-out 120", "notify-delay 7", "notify-to-soa no", "sig-validity-interval 30 7"),
    *("zone-statistics full", "max-ixfr-ratio 50%", "dialup no"),
    *("notify-source 192.0.2.9", "notify-source-v6 *", "allow-query-on { any; }", "masterfile-format text"),
    *("ixfr-from-differences yes", 'key-directory "."', "zero-no-soa-ttl yes", "check-names ignore"),
)
"""What may stand in zones that have content, in options and in views; `check-names` only in zones."""

PRIMARY = (
    *(
        "check-integrity yes",
        "check-mx warn",
        "check-mx-cname ignore",
        "check-sibling no",
        "check-wildcard yes",
    ),
    *("check-dup-records fail", "check-srv-cname warn", "check-spf ignore", "dnskey-sig-validity 30"),
    *("dnssec-dnskey-kskonly yes", "dnssec-loadkeys-interval 30", "serial-update-method unixtime"),
    *("sig-signing-nodes 50", "sig-signing-signatures 10", "sig-signing-type 65400", "nsec3-test-zone no"),
    *("parental-source 192.0.2.9", "parental-source-v6 *", 'journal "j"', "max-zone-ttl unlimited"),
)
"""What may stand in primary zones, in options and in views."""

SECONDARY = (
    *("max-transfer-time-in 60", "max-transfer-idle-in 30", "min-retry-time 5", "max-refresh-time 86400"),
    *("transfer-source *", "transfer-source-v6 2001:db8::9", "try-tcp-refresh yes", "multi-master yes"),
    *("min-refresh-time 60", "max-retry-time 604800", "request-ixfr yes", "request-expire no"),
    *("use-alt-transfer-source no",),
)
"""What may stand in secondary zones, in options and in views."""

ANYWHERE = (
    *(
        text
        for text in (*BOTH, *PRIMARY, *SECONDARY)
        if not text.startswith(("check-names", "journal", "ixfr-from", "nsec3-test"))
    ),
    *("check-names primary warn", "check-names secondary fail; check-names response ignore"),
)
"""What may stand in options and views."""

VIEWS = (
    *(
        "recursion yes",
        "minimal-responses no-auth",
        "minimal-any yes",
        "max-cache-size 80%",
        "max-cache-ttl 1d",
    ),
    *(
        "max-ncache-ttl 1h",
        "min-cache-ttl 10",
        "lame-ttl 0",
        "empty-zones-enable no",
        "fetches-per-zone 5 drop",
    ),
    *(
        "fetches-per-server 9 fail",
        "dnssec-validation no",
        "dnssec-accept-expired no",
        "dnssec-validation auto",
    ),
    *('rrset-order { order cyclic; class IN type A name "h.example" order random; }', "prefetch 5 12"),
    *(
        'disable-empty-zone "10.in-addr.arpa"',
        'disable-algorithms "." { RSAMD5; }',
        "trust-anchor-telemetry no",
    ),
    *(
        "sortlist { { 10/8; { 10/8; 192.0.2.0/24; }; }; }",
        "query-source address 192.0.2.9",
        "stale-answer-enable yes",
    ),
    *("query-source-v6 address * port *", 'dual-stack-servers port 53 { "h.example" port 5353; 192.0.2.4; }'),
    *('deny-answer-addresses { 10/8; } except-from { "example"; }', 'deny-answer-aliases { "example"; }'),
    *(
        "stale-answer-ttl 30",
        "max-stale-ttl 2h",
        "v6-bias 20",
        "servfail-ttl 5",
        'validate-except { "corp"; }',
    ),
    *(
        "rate-limit { responses-per-second 10; window 5; slip 2; exempt-clients { 10/8; }; }",
        "send-cookie no",
    ),
    *("dns64 64:ff9b::/96 { clients { any; }; mapped { !10/8; any; }; suffix ::; }", "glue-cache yes"),
    *(
        "root-key-sentinel no",
        "qname-minimization relaxed",
        "preferred-glue A",
        "resolver-query-timeout 9000",
    ),
    *("message-compression yes", "edns-udp-size 1232", "max-udp-size 1232", "nocookie-udp-size 1232"),
    *("no-case-compress { 10/8; }", "allow-new-zones no", 'attach-cache "shared"', "stale-refresh-time 30"),
    *("response-padding { any; } block-size 64", "max-recursion-depth 9", "max-recursion-queries 50"),
    *(
        "synth-from-dnssec yes",
        "ipv4only-enable no",
        'ipv4only-contact "h.example"',
        "require-server-cookie no",
    ),
    *(
        "max-clients-per-query 0",
        "zone-statistics yes",
        "allow-recursion { localnets; }",
        "allow-query-cache { any; }",
    ),
    *("allow-recursion-on { any; }", 'new-zones-directory "."', "nta-lifetime 1h"),
)
"""What may stand in options and views and in no zone; a little of it only in options."""

OPTIONS = (
    *(
        'version "none"',
        'hostname "ns.example"',
        "server-id none",
        "pid-file none",
        "querylog yes",
        'cookie-secret "0123456789abcdef0123456789abcdef"',
    ),
    *(
        "port 5300",
        "listen-on { any; }",
        "listen-on-v6 { none; }",
        "listen-on port 5353 { 127.0.0.1; !10/8; }",
    ),
    *(
        "blackhole { 10.9/16; }",
        "transfers-in 20",
        "transfers-out 20",
        "transfers-per-ns 4",
        "tcp-clients 300",
    ),
    *("tcp-listen-queue 20", "recursive-clients 3000", "serial-query-rate 40", "interface-interval 0"),
    *(
        "keep-response-order { none; }",
        "avoid-v4-udp-ports { 100; range 200 300; }",
        "use-v6-udp-ports { 5000; }",
    ),
    *('statistics-file "stats"', 'dump-file "dump"', 'memstatistics-file "mem"', 'recursing-file "rec"'),
    *(
        "session-keyalg hmac-sha256",
        'session-keyname "local"',
        'session-keyfile "sk"',
        "match-mapped-addresses no",
    ),
    *(
        "flush-zones-on-shutdown no",
        "startup-notify-rate 20",
        "transfer-message-size 20480",
        "update-quota 100",
    ),
    *(
        "dnstap-identity none",
        "cookie-algorithm siphash24",
        "tcp-idle-timeout 300",
        "tcp-keepalive-timeout 300",
    ),
    *("use-v4-udp-ports { range 1024 65535; }", "answer-cookie yes", "automatic-interface-scan no"),
    *('directory "."', 'bindkeys-file "bk"', 'secroots-file "sr"', "lock-file none", "heartbeat-interval 60"),
    *("tls-port 853", "https-port 443", "http-port 80", "memstatistics no", "max-rsa-exponent-size 2048"),
)
"""What may stand in options only."""


class World:
    """The names that a configuration defines, and what random statements are made from."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.acls = [f"acl{i}" for i in range(rng.randrange(4))]
        self.keys = [f"key{i}.example" if i % 2 else f"k{i}" for i in range(rng.randrange(1, 4))]
        self.tls = [f"tls{i}" for i in range(rng.randrange(3))]
        self.http = [f"http{i}" for i in range(rng.randrange(2))] if self.tls else []
        self.lists = [f"list{i}" for i in range(rng.randrange(3))]
        self.parents = [f"agents{i}" for i in range(rng.randrange(2))]
        self.policies = [f"policy{i}" for i in range(rng.randrange(2))]
        self.files = 0

    def some(self, chance: float) -> bool:
        """True with this probability."""
        return self.rng.random() < chance

    def of(self, *names: str) -> str:
        """One of them."""
        return self.rng.choice(names)

    def name(self, name: str) -> str:
        """A name as files have it, mostly: quoted or not, sometimes in other letters."""
        if self.some(0.1):
            name = name.upper()
        return f'"{name}"' if self.some(0.5) else name

    def match_list(self, depth: int = 0) -> str:
        """An address match list in braces."""
        elements = []
        for _ in range(self.rng.randrange(1, 4)):
            kind = self.rng.randrange(8)
            if kind == 0 and self.acls:
                element = self.name(self.of(*self.acls))
            elif kind == 1:
                element = f"key {self.name(self.of(*self.keys))}"
            elif kind == 2 and depth < 2:
                element = self.match_list(depth + 1)
            elif kind == 3:
                element = self.of("any", "none", "localhost", "localnets", '"any"', "ANY")
            elif kind < 6:
                element = self.of(*NETWORKS)
            else:
                element = self.of(*ADDRESSES)
            elements.append(("!" if self.some(0.2) else "") + element)
        return "{ " + "; ".join(elements) + "; }"

    def server_list(self, *, named: bool = True, tls: bool = True) -> str:
        """A list of servers, with a port in front of it or not."""
        entries = []
        for _ in range(self.rng.randrange(1, 4)):
            if named and self.lists and self.some(0.2):
                entries.append(self.name(self.of(*self.lists)))
                continue
            entry = self.of(*ADDRESSES)
            entry += self.of("", "", f" port {self.of('53', '5353', '1053')}")
            entry += f" key {self.name(self.of(*self.keys))}" if self.some(0.4) else ""
            entry += f" tls {self.name(self.of('ephemeral', *self.tls))}" if tls and self.some(0.2) else ""
            entries.append(entry)
        return self.of("", "", "", "port 5353 ") + "{ " + "; ".join(entries) + "; }"

    def transfer(self) -> str:
        """allow-transfer."""
        head = self.of("", "", "", "port 853 transport tls ", "transport tcp ", "port 53 ")
        return f"allow-transfer {head}{self.match_list()}"

    def file(self) -> str:
        """A file of its own."""
        self.files += 1
        return f'file "db.{self.files}"'


def configuration(rng: random.Random) -> str:
    """One configuration; statements in the order of a file, without comments."""
    world = World(rng)
    with_views = world.some(0.4)
    parts = [f"acl {world.name(name)} {_acl(world, index)}" for index, name in enumerate(world.acls)]
    parts += [_key(world, name) for name in world.keys]
    parts += [_tls(world, name) for name in world.tls]
    parts += [_http(world, name) for name in world.http]
    parts += [
        f"{world.of('primaries', 'primaries', 'masters')} {world.name(name)} {world.server_list(named=False)}"
        for name in world.lists
    ]
    parts += [
        f"parental-agents {world.name(name)} {world.server_list(named=False)}" for name in world.parents
    ]
    parts += [_policy(world, name) for name in world.policies]
    for chance, make in (
        (0.4, _logging),
        (0.4, _controls),
        (0.15, _statistics),
        (0.5, _server),
        (0.15, _trust_anchors),
    ):
        if world.some(chance):
            parts.append(make(world))
    zones, special = _zones(world, not with_views)
    if world.some(0.8):
        parts.append(_options(world, "" if with_views else special))
    if world.some(0.3):
        rng.shuffle(parts)
    if not with_views:
        parts += zones
        rng.shuffle(parts) if world.some(0.1) else None
        return "".join(f"{part};\n" for part in parts)
    first = [*_view_statements(world, special), *zones]
    views = [
        f'view "int" {world.of("", "", "IN ")}{{ match-clients {world.match_list()}; {"; ".join(first)}; }}'
    ]
    names = [zone.split()[1].strip('"') for zone in zones if " type primary" in zone and " ch " not in zone]
    for name in ("ext", "guest")[: rng.randrange(3)]:
        inner = _view_statements(world, "")
        if names:
            inner += [f'zone "{each}" {{ in-view "int"; }}' for each in names if world.some(0.6)]
        inner += _zones(world, False, prefix=name)[0][:2]
        if world.some(0.3):
            inner.append(f"match-destinations {world.match_list()}")
        if world.some(0.2):
            inner.append(_key(world, f"{name}-key"))
        if world.some(0.2):
            inner.append(_server(world))
        views.append(f'view "{name}" {{ ' + "".join(f"{part}; " for part in inner) + "}")
    if world.some(0.15):
        views.append(
            'view "chaos" CH { zone "version.bind" CH { type primary; file "ch.db"; }; recursion no; }'
        )
    return "".join(f"{part};\n" for part in (*parts, *views))


def _acl(world: World, index: int) -> str:
    # Only acls that stand before it: so nothing loops.
    kept, world.acls = world.acls, world.acls[:index]
    text = world.match_list()
    world.acls = kept
    return text


def _key(world: World, name: str) -> str:
    secret = world.of(*SECRETS)
    parts = [f"algorithm {world.name(world.of(*ALGORITHMS))}", f'secret "{secret}"']
    world.rng.shuffle(parts)
    return f"key {world.name(name)} {{ {'; '.join(parts)}; }}"


def _tls(world: World, name: str) -> str:
    parts = []
    if world.some(0.8):
        parts += ['cert-file "cert.pem"', 'key-file "key.pem"']
    for chance, text in (
        (0.3, 'ca-file "ca.pem"'),
        (0.3, 'remote-hostname "ns.example"'),
        (0.3, f"protocols {{ {world.of('TLSv1.2; TLSv1.3', 'TLSv1.3', 'TLSv1.2')}; }}"),
        (0.2, 'ciphers "HIGH:!aNULL"'),
        (0.2, "prefer-server-ciphers yes"),
        (0.2, "session-tickets no"),
        (0.1, 'dhparam-file "dh.pem"'),
    ):
        if world.some(chance):
            parts.append(text)
    return f"tls {world.name(name)} {{ {''.join(f'{part}; ' for part in parts)}}}"


def _http(world: World, name: str) -> str:
    return f'http {world.name(name)} {{ endpoints {{ "/dns-query"; }}; listener-clients 100; }}'


def _policy(world: World, name: str) -> str:
    parts = [
        "keys { csk lifetime unlimited algorithm ecdsap256sha256; }",
        *(
            text
            for text in ("dnskey-ttl 1h", "max-zone-ttl 1d", "nsec3param iterations 0 optout no")
            if world.some(0.4)
        ),
    ]
    return f"dnssec-policy {name} {{ {'; '.join(parts)}; }}"


def _logging(world: World) -> str:
    channels = [f"chan{i}" for i in range(world.rng.randrange(1, 3))]
    parts = []
    for name in channels:
        where = world.of(
            'file "log" versions 3 size 5m', "syslog daemon", "null", "stderr", 'file "l2" suffix increment'
        )
        more = [
            text
            for text in (
                "severity info",
                "severity debug 3",
                "print-time yes",
                "print-category no",
                "buffered yes",
            )
            if world.some(0.3)
        ][:1]
        parts.append(f"channel {world.name(name)} {{ {'; '.join((where, *more))}; }}")
    for category in world.rng.sample(CATEGORIES, world.rng.randrange(3)):
        chosen = world.of(*(name for name in (*channels, "default_syslog", "null", "default_debug")))
        parts.append(f"category {category} {{ {chosen}; }}")
    return f"logging {{ {'; '.join(parts)}; }}"


def _controls(world: World) -> str:
    parts = []
    for _ in range(world.rng.randrange(3)):
        keys = f" keys {{ {world.name(world.of(*world.keys))}; }}" if world.some(0.7) else ""
        read = " read-only yes" if world.some(0.2) else ""
        where = world.of("127.0.0.1", "*", "::1")
        parts.append(
            f"inet {where} port {world.of('953', '9953', '*')} allow {world.match_list()}{keys}{read}"
        )
    return f"controls {{ {''.join(f'{part}; ' for part in parts)}}}"


def _statistics(world: World) -> str:
    return (
        f"statistics-channels {{ inet {world.of('*', '127.0.0.1')} port 8053 allow {world.match_list()}; }}"
    )


def _server(world: World) -> str:
    v6 = world.some(0.3)
    parts = [
        text
        for text in (
            f"keys {world.name(world.of(*world.keys))}",
            "bogus no",
            "request-ixfr no",
            "provide-ixfr yes",
            "transfers 5",
            "transfer-format one-answer",
            "edns yes",
            "tcp-only no",
            "transfer-source-v6 *" if v6 else "transfer-source 192.0.2.9",
            "notify-source-v6 *" if v6 else "notify-source *",
            "request-nsid yes",
            "padding 128",
        )
        if world.some(0.3)
    ]
    address = (
        world.of("2001:db8::5", "2001:db8::/64") if v6 else world.of("192.0.2.5", "192.0.2.0/24", "10/8")
    )
    return f"server {address} {{ {''.join(f'{part}; ' for part in parts)}}}"


def _trust_anchors(world: World) -> str:
    digest = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
    return f'trust-anchors {{ example. {world.of("static-ds", "initial-ds")} 20326 8 2 "{digest}"; }}'


def _view_statements(world: World, special: str) -> list[str]:
    parts = _picked(world, VIEWS, 3) + _picked(world, ANYWHERE, 2) + _access(world)
    if special:
        parts.append(special)
    world.rng.shuffle(parts)
    return parts


def _picked(world: World, pool: tuple[str, ...], most: int) -> list[str]:
    """Some of them, each name once."""
    found: dict[str, str] = {}
    for text in world.rng.sample(pool, world.rng.randrange(most + 1)):
        found.setdefault(text.split()[0], text)
    return list(found.values())


def _access(world: World) -> list[str]:
    makers: tuple[tuple[float, Callable[[], str]], ...] = (
        (0.4, lambda: world.transfer()),
        (0.3, lambda: f"allow-query {world.match_list()}"),
        (0.2, lambda: f"allow-notify {world.match_list()}"),
        (0.2, lambda: f"notify {world.of(*NOTIFY)}"),
        (0.2, lambda: f"also-notify {world.server_list()}"),
        (0.1, lambda: f"allow-update {world.match_list()}"),
        (0.1, lambda: f"forwarders {{ {world.of(*ADDRESSES)} port 5353; {world.of(*ADDRESSES)}; }}"),
    )
    return [make() for chance, make in makers if world.some(chance)]


def _options(world: World, special: str) -> str:
    parts = _picked(world, OPTIONS, 5) + _view_statements(world, special)
    if world.tls and world.some(0.5):
        http = f" http {world.name(world.of('default', *world.http))}" if world.some(0.3) else ""
        parts.append(
            f"listen-on port 8530 tls {world.name(world.of(*world.tls, 'ephemeral'))}{http} {{ any; }}"
        )
    unique = {part if part.startswith("listen-on") else part.split()[0]: part for part in parts}
    return f"options {{ {''.join(f'{part}; ' for part in unique.values())}}}"


def _zones(world: World, top: bool, prefix: str = "z") -> tuple[list[str], str]:
    """Zones of several types, and what options or the view say about them."""
    zones: list[str] = []
    primaries: list[str] = []
    makers = _MAKERS
    for number in range(world.rng.randrange(1, 6)):
        name = f"{prefix}{number}.example"
        make = world.rng.choice(makers)
        zones.append(make(world, name))
        if make in (_primary, _secondary):
            primaries.append(name)
    if world.some(0.2):
        zones.append('zone "." { type hint; file "root.hint"; }')
    elif world.some(0.1):
        zones.append('zone "." IN { type mirror; }')
    if world.some(0.1):
        zones.append(f'zone "." {{ type redirect; {world.file()}; }}')
    special = ""
    if primaries and world.some(0.2):
        name = world.of(*primaries)
        special = world.of(
            f'response-policy {{ zone "{name}" policy given max-policy-ttl 60; }} break-dnssec yes',
            f'response-policy {{ zone "{name}"; }}',
            f'catalog-zones {{ zone "{name}" default-primaries {world.server_list(tls=False)} in-memory yes; }}',
            f'catalog-zones {{ zone "{name}" zone-directory "." min-update-interval 5; }}',
        )
    return zones, special


def _zone(world: World, name: str, parts: list[str]) -> str:
    head, *rest = parts
    if world.some(0.3):
        rest.insert(world.rng.randrange(len(rest) + 1), head)
    else:
        rest.insert(0, head)
    unique = {part.split()[0]: part for part in rest}
    class_ = world.of("", "", "", "IN ", "in ")
    return f"zone {world.name(name)} {class_}{{ {''.join(f'{part}; ' for part in unique.values())}}}"


def _primary(world: World, name: str) -> str:
    parts = [
        f"type {world.of('primary', 'primary', 'master')}",
        world.file(),
        *_picked(world, BOTH + PRIMARY, 3),
    ]
    parts += [part for part in _access(world) if not part.startswith(("allow-update", "allow-notify"))]
    kind = world.rng.randrange(6)
    if kind == 0:
        rules = world.rng.sample(UPDATES, world.rng.randrange(1, 4))
        text = "".join(f"{rule.format(key=world.of(*world.keys), zone=name)}; " for rule in rules)
        parts.append("update-policy local" if world.some(0.2) else f"update-policy {{ {text}}}")
    elif kind == 1:
        parts.append(f"allow-update {world.match_list()}")
    elif kind == 2:
        parts = [
            part for part in parts if not part.startswith(("dnssec-", "dnskey-", "sig-", "max-zone-ttl"))
        ]
        parts += [f"dnssec-policy {world.of('default', *world.policies)}", "inline-signing yes"]
        if world.some(0.5):
            agents = world.name(world.of(*world.parents)) if world.parents else "192.0.2.3"
            parts.append(f"parental-agents {{ {agents}; 192.0.2.8 key {world.of(*world.keys)}; }}")
    return _zone(world, name, parts)


def _secondary(world: World, name: str) -> str:
    word = world.of("primaries", "primaries", "masters")
    parts = [f"type {world.of('secondary', 'secondary', 'slave')}", f"{word} {world.server_list()}"]
    parts += [world.file()] if world.some(0.8) else []
    parts += [part for part in _access(world) if not part.startswith("allow-update ")]
    parts += _picked(world, BOTH + SECONDARY, 2)
    if world.some(0.2):
        parts.append(f"allow-update-forwarding {world.match_list()}")
    return _zone(world, name, parts)


def _stub(world: World, name: str) -> str:
    return _zone(world, name, ["type stub", f"primaries {world.server_list(tls=False)}", world.file()])


def _static_stub(world: World, name: str) -> str:
    return _zone(
        world,
        name,
        [
            "type static-stub",
            "server-addresses { 192.0.2.1; 2001:db8::1; }",
            'server-names { "ns.other.example"; }',
        ],
    )


def _forward(world: World, name: str) -> str:
    return _zone(
        world, name, ["type forward", "forward only", "forwarders { 192.0.2.1; 2001:db8::1 port 5353; }"]
    )


def _plain(world: World, name: str) -> str:
    """As files have most of them."""
    return f'zone "{name}" {{ type primary; {world.file()}; {world.transfer()}; }}'


def _database(world: World, name: str) -> str:
    return _zone(world, name, ["type primary", 'database "_builtin empty localhost ."'])


Maker = Callable[[World, str], str]
_MAKERS: tuple[Maker, ...] = (
    *(_primary, _primary, _primary, _secondary, _secondary, _secondary, _plain, _plain),
    *(_stub, _static_stub, _forward, _database),
)
