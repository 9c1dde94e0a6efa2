"""What the rules of incoming transfers, of NOTIFY and of views say, to the word, of their own examples: how bad it is, for whom."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from named_audit.cli.examples import read_example
from named_audit.cli.session import Request, Session
from named_audit.host import MemoryHost
from named_audit.lint.book import Choice, rule_id
from named_audit.lint.contract import Reported, Span
from named_audit.release import parse_release
from named_audit.syntax.locate import ReadOptions
from tests.audit_cli import check
from tests.conftest import ROOT

SAYS = (
    (
        "blackholed_peer/bad.conf",
        6,
        "high",
        "regular",
        "unsafe",
        "blackhole drops peers: 10.1.1.1 is never asked, and zones without another primary expire; 10.1.1.2 is never told of changes. BIND logs nothing of it",
    ),
    (
        "blackholed_peer/more/named_list.conf",
        3,
        "medium",
        "regular",
        "unsafe",
        "blackhole drops peers: 2001:db8:1::1 is never asked. BIND logs nothing of it",
    ),
    (
        "blackholed_peer/more/told.conf",
        2,
        "medium",
        "regular",
        "unsafe",
        "blackhole drops peers: 10.2.2.2 and 10.2.2.3 are never told of changes. BIND logs nothing of it",
    ),
    (
        "inbound_alternate_source/bad.conf",
        6,
        "low",
        "pedantic",
        "unsafe",
        "after a failed query BIND asks the primaries of a.example again from whatever address the system chooses, not from 192.0.2.9: use-alt-transfer-source is on by default",
    ),
    (
        "inbound_alternate_source/more/deprecated.conf",
        2,
        "low",
        "pedantic",
        "display",
        "after a failed query BIND asks the primaries of a.example again from whatever address the system chooses, not from 192.0.2.9: use-alt-transfer-source is on by default",
    ),
    (
        "inbound_alternate_source/more/unknown_release.conf",
        2,
        "low",
        "pedantic",
        "display",
        "after a failed query BIND up to 9.18 asks the primaries of v6.example again from whatever address the system chooses, not from 2001:db8::9: use-alt-transfer-source is on by default",
    ),
    (
        "inbound_dead_primary/bad.conf",
        11,
        "medium",
        "regular",
        "unsafe",
        "mapped.example is never fetched from ::ffff:192.0.2.1 (BIND asks no IPv4 address that is written as IPv6)",
    ),
    (
        "inbound_dead_primary/bad.conf",
        20,
        "low",
        "pedantic",
        "unsafe",
        "192.0.2.1 stands twice in the primaries of twice.example: BIND asks it twice in each round",
    ),
    (
        "inbound_dead_primary/more/addresses.conf",
        2,
        "medium",
        "regular",
        "display",
        "multicast.example is never fetched from 224.0.0.1 (that is a multicast address)",
    ),
    (
        "inbound_dead_primary/more/addresses.conf",
        3,
        "medium",
        "regular",
        "display",
        "zero.example is never fetched from 0.0.0.0 (no address of a host: what is sent there comes back to this server)",
    ),
    (
        "inbound_dead_primary/more/addresses.conf",
        4,
        "medium",
        "regular",
        "display",
        "zero6.example is never fetched from :: (no address of a host: what is sent there comes back to this server)",
    ),
    (
        "inbound_dead_primary/more/addresses.conf",
        6,
        "medium",
        "regular",
        "display",
        "broadcast.example is never fetched from 255.255.255.255 (that address is reserved or a broadcast address)",
    ),
    (
        "inbound_dead_primary/more/addresses.conf",
        7,
        "low",
        "pedantic",
        "display",
        "itself.example is never fetched from 127.0.0.1 (this server listens there itself)",
    ),
    (
        "inbound_key_hidden/bad.conf",
        9,
        "high",
        "regular",
        "unsafe",
        "server 192.0.2.5 names no key and hides that of server 192.0.2.0/24: BIND asks 192.0.2.5 for a.example without key k1 and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/several.conf",
        8,
        "high",
        "regular",
        "unsafe",
        "view two-keys has server blocks of its own, so that those around it do not hold: BIND asks 198.18.0.1 without key k1 and 198.18.0.2 without key k2 for a.example and b.example, and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/several.conf",
        14,
        "high",
        "regular",
        "unsafe",
        "view one-key-in-its-network has server blocks of its own, so that those around it do not hold: BIND asks 198.18.0.2 without key k2 and 198.18.0.3 without key k2 for a.example, and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/several.conf",
        19,
        "high",
        "regular",
        "display",
        "view two-keys-in-its-network has server blocks of its own, so that those around it do not hold: BIND asks 198.18.0.1 without key k1 and 198.18.0.2 without key k2 for a.example, and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/shapes.conf",
        4,
        "medium",
        "regular",
        "unsafe",
        "server 10.1.0.0/16 names no key and hides that of server 10.0.0.0/8: BIND asks 10.1.0.1 for private.example without key k1 and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/shapes.conf",
        9,
        "high",
        "regular",
        "unsafe",
        "server 2001:db8::1 names no key and hides that of server 2001:db8::/32: BIND asks 2001:db8::1 for v6.example without key k1 and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/views.conf",
        7,
        "high",
        "regular",
        "unsafe",
        "view hides has server blocks of its own, so that those around it do not hold: BIND asks 192.0.2.1 without key k1 and 198.51.100.1 without key k2 for a.example and b.example, and accepts any answer",
    ),
    (
        "inbound_key_hidden/more/views.conf",
        14,
        "high",
        "regular",
        "unsafe",
        "view same-address has server blocks of its own, so server 192.0.2.1 does not hold: BIND asks 192.0.2.1 for a.example without key k1 and accepts any answer",
    ),
    (
        "inbound_tls_without_key/bad.conf",
        17,
        "low",
        "auditor",
        "unsafe",
        "BIND asks 192.0.2.1 for a.example over TLS (tls strict) with neither a key nor a certificate of its own: the primary can tell it from others by its address only",
    ),
    (
        "inbound_tls_without_key/more/silent.conf",
        11,
        "low",
        "auditor",
        "display",
        "BIND asks 192.0.2.9 for alone.example over TLS (tls strict) with neither a key nor a certificate of its own: the primary can tell it from others by its address only",
    ),
    (
        "inbound_unlimited/bad.conf",
        3,
        "low",
        "auditor",
        "display",
        "nothing limits how many records a primary may send for a.example: there is no max-records",
    ),
    (
        "inbound_unlimited/more/levels.conf",
        4,
        "low",
        "auditor",
        "display",
        "nothing limits how many records a primary may send for unlimited.example: max-records 0 is no limit",
    ),
    (
        "inbound_unsigned/bad.conf",
        11,
        "high",
        "regular",
        "unsafe",
        "a.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted",
    ),
    (
        "inbound_unsigned/more/catalog.conf",
        2,
        "high",
        "regular",
        "display",
        "the members of catalog zone open.example are taken from 203.0.113.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then",
    ),
    (
        "inbound_unsigned/more/catalog.conf",
        8,
        "high",
        "regular",
        "display",
        "the members of catalog zone open.example are taken from 192.0.2.2 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then",
    ),
    (
        "inbound_unsigned/more/mixed.conf",
        2,
        "high",
        "regular",
        "display",
        "mixed.example is taken from 198.51.100.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then",
    ),
    (
        "inbound_unsigned/more/servers.conf",
        4,
        "high",
        "regular",
        "display",
        "listed.example is taken from 198.51.100.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then; the same for 1 more zone",
    ),
    (
        "inbound_unsigned/more/servers.conf",
        11,
        "high",
        "regular",
        "display",
        "stub.example is taken from 198.51.100.9 without a key: any answer from there, or forged as if from there, is accepted",
    ),
    (
        "inbound_unsigned/more/shared_list.conf",
        2,
        "high",
        "regular",
        "display",
        "a.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted",
    ),
    (
        "inbound_unsigned/more/tls.conf",
        4,
        "high",
        "regular",
        "display",
        "lax.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted (tls lax checks no certificate)",
    ),
    (
        "inbound_unsigned/more/tls.conf",
        5,
        "high",
        "regular",
        "display",
        "ephemeral.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted (tls ephemeral checks no certificate)",
    ),
    (
        "notify_from_strangers/bad.conf",
        12,
        "low",
        "pedantic",
        "unsafe",
        "BIND takes an unsigned NOTIFY for a.example from anyone, and asks the primaries then",
    ),
    (
        "notify_from_strangers/more/senders.conf",
        2,
        "low",
        "pedantic",
        "unsafe",
        "BIND takes an unsigned NOTIFY for wide.example from 10.0.0.0/8, and asks the primaries then",
    ),
    (
        "notify_from_strangers/more/senders.conf",
        4,
        "info",
        "auditor",
        "unsafe",
        "BIND takes an unsigned NOTIFY for single.example from 192.0.2.2, and asks the primaries then",
    ),
    (
        "notify_key_not_needed/bad.conf",
        12,
        "info",
        "auditor",
        "display",
        "key k1 is not needed for a NOTIFY for a.example from 192.0.2.1: BIND takes what comes from a primary's address unsigned",
    ),
    (
        "notify_sender_redundant/bad.conf",
        12,
        "low",
        "pedantic",
        "safe",
        "this list changes nothing for a.example: BIND takes a NOTIFY from every address in primaries anyway",
    ),
    (
        "notify_sender_redundant/more/options.conf",
        2,
        "low",
        "pedantic",
        "safe",
        "this list changes nothing for one.example and two.example: BIND takes a NOTIFY from every address in primaries anyway",
    ),
    (
        "tls_certificate_not_presented/bad.conf",
        9,
        "medium",
        "regular",
        "display",
        "BIND never presents the certificate of tls mutual to 192.0.2.1: without ca-file or remote-hostname it loads none, and a primary that demands one refuses the transfer",
    ),
    (
        "tls_old_version/bad.conf",
        8,
        "low",
        "pedantic",
        "unsafe",
        "tls unsaid has no protocols statement, so that TLS 1.2 is allowed: BIND takes it if 192.0.2.1 offers nothing newer, and transfers need TLS 1.3",
    ),
    (
        "tls_old_version/bad.conf",
        16,
        "low",
        "pedantic",
        "unsafe",
        "tls old allows TLS 1.2: BIND takes it if 192.0.2.2 offers nothing newer, and transfers need TLS 1.3",
    ),
    (
        "tls_unverified/bad.conf",
        8,
        "medium",
        "pedantic",
        "display",
        "tls lax checks no certificate: whoever answers in the place of 192.0.2.1 can read what is transferred",
    ),
    (
        "tls_unverified/bad.conf",
        21,
        "medium",
        "pedantic",
        "display",
        "tls ephemeral checks no certificate: whoever answers in the place of 192.0.2.1 can read ephemeral.example",
    ),
    (
        "tls_unverified/more/no_verification.conf",
        2,
        "medium",
        "pedantic",
        "display",
        "tls lax cannot check a certificate with BIND 9.18.2 (9.18.3 is the first that can): whoever answers in the place of 192.0.2.1 can read what is transferred",
    ),
    (
        "tls_unverified/more/places.conf",
        5,
        "medium",
        "pedantic",
        "display",
        "tls listed checks no certificate: whoever answers in the place of 192.0.2.1 can read what is transferred",
    ),
    (
        "tls_unverified/more/places.conf",
        6,
        "medium",
        "pedantic",
        "display",
        "tls ephemeral checks no certificate: whoever answers in the place of 192.0.2.2 can read one.example; the same for 1 more zone",
    ),
    (
        "tls_weak_cipher/bad.conf",
        4,
        "medium",
        "regular",
        "display",
        "tls weak asks for weak ciphers (aNULL and NULL): with @SECLEVEL=0 OpenSSL uses them",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        1,
        "low",
        "pedantic",
        "display",
        "tls bounded asks for weak ciphers (NULL): up to OpenSSL's security level they are not used",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        2,
        "low",
        "pedantic",
        "display",
        "tls complement asks for weak ciphers (aNULL and NULL): up to OpenSSL's security level they are not used",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        3,
        "low",
        "pedantic",
        "display",
        "tls all asks for weak ciphers (aNULL): up to OpenSSL's security level they are not used",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        4,
        "low",
        "pedantic",
        "display",
        "tls combined asks for weak ciphers (RC4): up to OpenSSL's security level they are not used",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        9,
        "medium",
        "regular",
        "display",
        "tls suite asks for weak ciphers (NULL): with @SECLEVEL=0 OpenSSL uses them",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        10,
        "low",
        "pedantic",
        "display",
        "tls suite-with-hyphens asks for weak ciphers (NULL): up to OpenSSL's security level they are not used",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        13,
        "low",
        "pedantic",
        "display",
        "tls one-suite-less asks for weak ciphers (NULL): up to OpenSSL's security level they are not used",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        15,
        "medium",
        "regular",
        "display",
        "tls high-unbounded asks for weak ciphers (aNULL): with @SECLEVEL=0 OpenSSL uses them",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        16,
        "medium",
        "regular",
        "display",
        "tls rsa-unbounded asks for weak ciphers (NULL): with @SECLEVEL=0 OpenSSL uses them",
    ),
    (
        "tls_weak_cipher/more/lists.conf",
        17,
        "medium",
        "regular",
        "display",
        "tls both-unbounded asks for weak ciphers (aNULL): with @SECLEVEL=0 OpenSSL uses them",
    ),
    (
        "tls_without_ca/bad.conf",
        9,
        "low",
        "pedantic",
        "display",
        "tls half has no ca-file: any authority that this machine trusts can certify ns1.example, and its certificate passes for the primary",
    ),
    (
        "tls_without_ca/more/roles.conf",
        3,
        "low",
        "pedantic",
        "display",
        "tls listed has no ca-file: any authority that this machine trusts can certify ns1.example, and its certificate passes for the primary",
    ),
    (
        "tls_without_hostname/bad.conf",
        9,
        "low",
        "pedantic",
        "display",
        "tls half has no remote-hostname: BIND takes from 192.0.2.1 only a certificate that bears the IP address itself, and fails each transfer otherwise",
    ),
    (
        "tls_without_hostname/more/roles.conf",
        4,
        "low",
        "pedantic",
        "display",
        "tls both has no remote-hostname: BIND takes from 192.0.2.1 only a certificate that bears the IP address itself, and fails each transfer otherwise",
    ),
    (
        "transfer_limits_unset/bad.conf",
        3,
        "info",
        "auditor",
        "display",
        "transfers-in, transfers-out and transfers-per-ns are not set: BIND's defaults hold (10, 10, 2)",
    ),
    (
        "transfer_limits_unset/bad.conf",
        8,
        "info",
        "auditor",
        "display",
        "this server block of a primary has no transfers: transfers-per-ns (2) holds",
    ),
    (
        "transfer_limits_unset/more/high.conf",
        4,
        "info",
        "auditor",
        "unsafe",
        "BIND runs up to 20 transfers from one primary at a time; checklists allow 3",
    ),
    (
        "transfer_limits_unset/more/high.conf",
        7,
        "info",
        "auditor",
        "unsafe",
        "BIND runs up to 10 transfers from this primary at a time; checklists allow 3",
    ),
    (
        "transfer_limits_unset/more/served.conf",
        1,
        "info",
        "auditor",
        "display",
        "transfers-out is not set: BIND's defaults hold (10)",
    ),
    (
        "update_forwarded_over_tls/bad.conf",
        18,
        "medium",
        "regular",
        "display",
        "BIND 9.18 cannot forward updates of a.example over TLS: the client gets SERVFAIL",
    ),
    (
        "update_forwarded_over_tls/more/unknown_release.conf",
        4,
        "low",
        "pedantic",
        "display",
        "BIND 9.18 cannot forward updates of a.example over TLS: the client gets SERVFAIL",
    ),
    (
        "update_forwarded_unsigned/bad.conf",
        12,
        "high",
        "regular",
        "unsafe",
        "BIND forwards unsigned updates of open.example from anyone to 192.0.2.1, where they seem to come from this server",
    ),
    (
        "update_forwarded_unsigned/more/clients.conf",
        3,
        "medium",
        "pedantic",
        "unsafe",
        "BIND forwards unsigned updates of inside.example from 10.0.0.0/8 to 192.0.2.1, where they seem to come from this server",
    ),
    (
        "update_forwarded_unsigned/more/loopback_only.conf",
        11,
        "info",
        "auditor",
        "unsafe",
        "BIND forwards unsigned updates of a.example from anyone to 192.0.2.1, where they seem to come from this server",
    ),
    (
        "zone_expires_early/bad.conf",
        9,
        "medium",
        "pedantic",
        "display",
        "the SOA record of a.example: expire (3600 s) is less than refresh and retry (4500 s): one failed attempt is enough to drop it",
    ),
    (
        "zone_expires_early/bad.conf",
        14,
        "low",
        "pedantic",
        "display",
        "the SOA record of b.example: secondaries drop it 86400 s after they last reached a primary, which is less than a week",
    ),
    (
        "zone_expires_early/more/zones.conf",
        3,
        "info",
        "auditor",
        "display",
        "the SOA record of slow.example: refresh is 86400 s; checklists want 1200 to 43200",
    ),
    (
        "zone_expires_early/more/zones.conf",
        6,
        "low",
        "pedantic",
        "display",
        "the SOA record of copy.example: secondaries drop it 86400 s after they last reached a primary, which is less than a week",
    ),
    (
        "zone_expires_early/more/zones.conf",
        8,
        "medium",
        "pedantic",
        "display",
        "the SOA record of told.example: expire (3600 s) is less than refresh and retry (4500 s): one failed attempt is enough to drop it",
    ),
    (
        "release_affected/bad.conf",
        3,
        "medium",
        "regular",
        "display",
        "BIND 9.18.20 has defects that this configuration exposes: GL #3589 (clients that are refused use up the quota of transfers-out). 9.18.49 is free of them",
    ),
    (
        "release_affected/more/control.conf",
        1,
        "high",
        "regular",
        "display",
        "BIND 9.18.18 has defects that this configuration exposes: CVE-2023-3341 (anyone who can connect to the control channel ends named, without a key). 9.18.19 is free of them",
    ),
    (
        "release_affected/more/exposed.conf",
        2,
        "high",
        "regular",
        "display",
        "BIND 9.20.25 has defects that this configuration exposes: XoT without ALPN (a TLS negotiation without ALPN ends named). 9.20.26 is free of them",
    ),
)
"""Example, line, severity, audience, grade of the correction, message."""


Shown = tuple[int, str, str, tuple[int, ...], str, str, tuple[int, ...], str]
"""Line, severity, audience, lines of the related places, message; of the correction its grade, lines and snippet."""

UNREAD = '\ninclude "/nowhere/more.conf";\n'

SHOWS: dict[str, list[Shown]] = {
    "notify_nobody/bad.conf": [
        (13, "medium", "regular", (11, 12), "holders of key k1 may transfer a.example, but notify is off: changes wait for the next refresh", "unsafe", (13,), "notify explicit;"),
    ],
    "notify_nobody/more/explicit_and_open.conf": [
        (1, "low", "pedantic", (), "notify is explicit and no also-notify names anyone: BIND tells nobody when open.example changes", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; };    // the address of the secondary"),
    ],
    "notify_nobody/more/fixes.conf": [
        (6, "medium", "regular", (5, 5), "holders of key k1 and k2 may transfer stranger.example, but notify is off: changes wait for the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; };    // the address of the secondary"),
        (9, "medium", "regular", (8, 8), "192.0.2.54 may transfer address.example, but notify is off: changes wait for the next refresh", "unsafe", (9,), "notify explicit;"),
        (12, "medium", "regular", (11, 11), "holders of key k1 may transfer other-key.example, but notify is off: changes wait for the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };    // the address of the secondary"),
        (15, "medium", "regular", (14, 14), "holders of key k1 and k2 may transfer second.example, but notify is off: changes wait for the next refresh", "unsafe", (15,), "notify explicit;"),
        (19, "medium", "regular", (17, 18), "holders of key k1 may transfer chain.example, but notify primary-only tells nobody from a zone of this type: changes wait for the next refresh", "unsafe", (19,), "notify explicit;"),
    ],
    "notify_nobody/more/idle_list.conf": [
        (4, "low", "pedantic", (5,), "also-notify names 192.0.2.53, but notify is off: BIND sends nothing when a.example changes, and logs nothing", "display", (4,), "notify explicit;"),
        (4, "medium", "regular", (11, 5), "10.0.0.0/8 may transfer open.example, but notify is off: changes wait for the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; };    // the address of the secondary"),
        (16, "low", "pedantic", (15,), "also-notify names 192.0.2.55, but notify is off: BIND sends nothing when own.example changes, and logs nothing", "display", (16,), "notify explicit;"),
        (21, "low", "pedantic", (20,), "also-notify names 192.0.2.56, but notify primary-only tells nobody from a zone of this type: BIND sends nothing when b.example changes, and logs nothing", "display", (21,), "notify explicit;"),
    ],
    "notify_nobody/more/idle_open.conf": [
        (2, "medium", "regular", (2,), "also-notify names 192.0.2.53, but notify is off: BIND sends nothing when a.example changes, and logs nothing", "unsafe", (2,), "notify explicit;"),
    ],
    "notify_nobody/more/mirror.conf": [
        (8, "medium", "pedantic", (8,), "holders of key k1 may transfer the root zone, but a mirror zone tells only those whom also-notify names, and there is none: changes wait for the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };    // the address of the secondary"),
    ],
    "notify_nobody/more/primary_only.conf": [
        (6, "medium", "regular", (4, 5), "holders of key k1 may transfer chain.example, but notify primary-only tells nobody from a zone of this type: changes wait for the next refresh", "display", (6,), "notify explicit;"),
    ],
    "notify_nobody/more/shapes.conf": [
        (4, "medium", "regular", (6, 7), "holders of key k1 may transfer explicit.example, but notify is explicit and no also-notify names anyone: changes wait for the next refresh; the same for 1 more zone", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };    // the address of the secondary"),
        (14, "low", "pedantic", (), "holders of key k1 may transfer by-ns.example, but BIND tells only the servers in its NS records (less the one in SOA MNAME): a secondary that is not among them hears of a change at the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };    // the address of the secondary"),
        (21, "medium", "pedantic", (20,), "holders of key k1 may transfer chain.example, but notify primary-only tells nobody from a zone of this type: changes wait for the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };    // the address of the secondary"),
    ],
    "notify_nobody/more/zone_file.conf": [
        (7, "low", "pedantic", (), "192.0.2.53 and 192.0.2.54 may transfer more.example, but BIND tells only the servers in its NS records (less the one in SOA MNAME): a secondary that is not among them hears of a change at the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; 192.0.2.54; };"),
    ],
    "notify_nobody/more/zone_file_lists.conf": [
        (7, "low", "pedantic", (), "holders of key k1 may transfer keyed.example, but BIND tells only the servers in its NS records (less the one in SOA MNAME): a secondary that is not among them hears of a change at the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };"),
        (12, "low", "pedantic", (), "10.0.0.0/24 and 192.0.2.53 may transfer network.example, but BIND tells only the servers in its NS records (less the one in SOA MNAME): a secondary that is not among them hears of a change at the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; };"),
        (22, "low", "pedantic", (), "192.0.2.53 may transfer unread.example, but BIND tells only the servers in its NS records (less the one in SOA MNAME): a secondary that is not among them hears of a change at the next refresh", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; };"),
    ],
    "notify_incomplete/bad.conf": [
        (15, "low", "pedantic", (8, 14), "192.0.2.53 may transfer a.example and no also-notify of the zone names it (named further out, in a list that this one replaces): it hears of no change before the next refresh", "unsafe", (15,), "also-notify { 192.0.2.54 key \"k2\"; 192.0.2.53 key \"k1\"; };"),
    ],
    "notify_incomplete/more/farther.conf": [
        (15, "low", "pedantic", (6, 14), "192.0.2.54 may transfer address.example and no also-notify of the zone names it (named further out, in a list that this one replaces): it hears of no change before the next refresh", "unsafe", (15,), "also-notify { 192.0.2.58; 192.0.2.54; };"),
        (23, "low", "pedantic", (18, 22), "192.0.2.56 and 192.0.2.53 may transfer both.example and no also-notify of the zone names them (named further out, in a list that this one replaces): they hear of no change before the next refresh", "unsafe", (23,), "also-notify { 192.0.2.58 key k1; 192.0.2.56 key \"k2\"; 192.0.2.53 key \"k1\"; };"),
    ],
    "notify_incomplete/more/neighbours.conf": [
        (18, "low", "pedantic", (17,), "192.0.2.54 and 2001:db8::54 may transfer two.example and no also-notify of the zone names them: they hear of no change before the next refresh", "unsafe", (18,), "also-notify { others; 192.0.2.54 key \"k2\"; 2001:db8::54; };"),
        (24, "low", "pedantic", (23,), "holders of key k2 and k3 may transfer keys.example, and no NOTIFY is signed with it: if they are other servers than those named here they hear of no change before the next refresh", "display", (), "also-notify { 192.0.2.54 key \"k2\"; };    // the address of the holder, beside those that are named already"),
        (39, "low", "pedantic", (38,), "192.0.2.55 may transfer port.example and no also-notify of the zone names it: it hears of no change before the next refresh", "display", (39,), "also-notify port 5300 { 192.0.2.53; 192.0.2.55; };"),
    ],
    "notify_incomplete/more/replaced.conf": [
        (4, "low", "pedantic", (2, 5), "192.0.2.53 may transfer a.example and no also-notify of the zone names it (named further out, in a list that this one replaces): it hears of no change before the next refresh", "display", (4,), "also-notify port 5300 { 192.0.2.55 key k1; 192.0.2.53 key \"k1\"; };"),
    ],
    "notify_incomplete/more/shapes.conf": [
        (8, "low", "pedantic", (7,), "192.0.2.54 may transfer address.example and no also-notify of the zone names it: it hears of no change before the next refresh", "unsafe", (8,), "also-notify { 192.0.2.53; 192.0.2.54; };"),
        (14, "low", "pedantic", (13,), "holders of key k2 may transfer key.example, and no NOTIFY is signed with it: if they are other servers than those named here they hear of no change before the next refresh", "display", (), "also-notify { 192.0.2.54 key \"k2\"; };    // the address of the holder, beside those that are named already"),
        (26, "low", "auditor", (25,), "192.0.2.54 may transfer ns.example and no also-notify of the zone names it: it hears of no change before the next refresh, unless the zone's NS records do", "unsafe", (26,), "also-notify { 192.0.2.53; 192.0.2.54; };"),
    ],
    "notify_incomplete/more/shared_by_ns.conf": [
        (2, "low", "auditor", (2,), "192.0.2.54 may transfer unread.example and no also-notify of the zone names it: it hears of no change before the next refresh, unless the zone's NS records do", "display", (2,), "also-notify { 192.0.2.53; 192.0.2.54; };"),
    ],
    "notify_incomplete/more/shared_list.conf": [
        (6, "low", "pedantic", (2,), "192.0.2.54 may transfer one.example and no also-notify of the zone names it: it hears of no change before the next refresh", "unsafe", (6,), "also-notify { 192.0.2.53; 192.0.2.54; };"),
    ],
    "notify_incomplete/more/zone_file.conf": [
        (13, "low", "pedantic", (12,), "192.0.2.55 may transfer b.example and no also-notify of the zone names it: it hears of no change before the next refresh", "unsafe", (13,), "also-notify { 192.0.2.53; 192.0.2.55; };"),
    ],
    "notify_in_allow_notify/bad.conf": [
        (10, "medium", "regular", (), "allow-notify tells nobody about a.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "unsafe", (10,), "also-notify { 192.0.2.53; };"),
    ],
    "notify_in_allow_notify/more/elements.conf": [
        (7, "medium", "regular", (), "allow-notify tells nobody about own.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "unsafe", (7,), "also-notify { 2001:db8::53; };"),
        (8, "medium", "regular", (), "allow-notify tells nobody about network.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "display", (8,), "also-notify { 192.0.2.53; };"),
        (9, "medium", "regular", (), "allow-notify tells nobody about denied.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "display", (9,), "also-notify { 192.0.2.53; };"),
        (10, "medium", "regular", (), "allow-notify tells nobody about named.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "display", (), "also-notify { 192.0.2.53; };"),
        (11, "medium", "regular", (), "allow-notify tells nobody about keyed.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "display", (11,), "also-notify { 192.0.2.53; };"),
        (12, "medium", "regular", (), "allow-notify tells nobody about told.example: it says from whom a secondary takes NOTIFY, and BIND refuses it in a primary zone", "unsafe", (12, 12), "also-notify { 192.0.2.53 key k1; 192.0.2.54; };"),
    ],
    "notify_in_allow_notify/more/exception.conf": [
        (2, "medium", "regular", (), "allow-notify tells nobody about a.example and b.example: it says from whom a secondary takes NOTIFY, and there is none here", "display", (2, 2), "also-notify { 192.0.2.54; 192.0.2.53; };"),
    ],
    "notify_in_allow_notify/more/kinds.conf": [
        (29, "medium", "regular", (), "allow-notify tells nobody about a.example and b.example: it says from whom a secondary takes NOTIFY, and there is none here", "unsafe", (29,), "also-notify { 192.0.2.53; };"),
    ],
    "notify_in_allow_notify/more/levels.conf": [
        (4, "medium", "regular", (), "allow-notify tells nobody about a.example: it says from whom a secondary takes NOTIFY, and there is none here", "unsafe", (4,), "also-notify { 192.0.2.99; 192.0.2.53; };"),
        (9, "medium", "regular", (), "allow-notify tells nobody about a.example: it says from whom a secondary takes NOTIFY, and there is none here", "display", (9,), "also-notify { 192.0.2.54; 192.0.2.53; };"),
    ],
    "notify_in_allow_notify/more/options.conf": [
        (4, "medium", "regular", (), "allow-notify tells nobody about a.example: it says from whom a secondary takes NOTIFY, and there is none here", "unsafe", (4, 5), "also-notify { 192.0.2.54 key k1; 192.0.2.53; };"),
    ],
    "notify_in_allow_notify/more/own_lists.conf": [
        (2, "medium", "regular", (), "allow-notify tells nobody about a.example and b.example: it says from whom a secondary takes NOTIFY, and there is none here", "display", (2,), "also-notify { 192.0.2.54; 192.0.2.53; };"),
    ],
    "notify_in_allow_notify/more/runtime_zones.conf": [
        (23, "medium", "regular", (), "allow-notify tells nobody about a.example: it says from whom a secondary takes NOTIFY, and there is none here", "unsafe", (23,), "also-notify { 192.0.2.1; };"),
    ],
    "notify_without_transfer/bad.conf": [
        (12, "medium", "regular", (13,), "192.0.2.53 is told of changes to a.example and then refused: its allow-transfer admits nobody", "unsafe", (13,), "allow-transfer { key \"k1\"; };"),
    ],
    "notify_without_transfer/more/default_since_9_20.conf": [
        (4, "medium", "regular", (), "192.0.2.53 is told of changes to a.example and then refused: without an allow-transfer BIND 9.20 admits nobody", "display", (1,), "allow-transfer { key \"transfer-key\"; };"),
    ],
    "notify_without_transfer/more/dropped.conf": [
        (6, "medium", "regular", (5,), "192.0.2.54 is told of changes to a.example and then refused: its allow-transfer admits nobody", "display", (5,), "allow-transfer { key \"transfer-key\"; };"),
    ],
    "notify_without_transfer/more/fixes.conf": [
        (5, "medium", "regular", (3,), "192.0.2.53 is told of changes to above.example and then refused: its allow-transfer admits nobody", "unsafe", (5,), "allow-transfer { key \"k1\"; };"),
        (5, "medium", "regular", (3,), "2001:db8::53 is told of changes to above.example and then refused: its allow-transfer admits nobody", "display", (5,), "allow-transfer { key \"transfer-key\"; };"),
        (6, "medium", "regular", (6,), "192.0.2.54 is told of changes to port.example and then refused: its allow-transfer admits nobody", "display", (6,), "allow-transfer port 853 { key \"k2\"; };"),
        (9, "low", "pedantic", (7,), "192.0.2.56 is told of changes to others.example and then refused: its allow-transfer does not admit that address", "display", (7,), "allow-transfer { key \"k2\"; };"),
        (11, "medium", "regular", (11,), "192.0.2.57 is told of changes to itself.example and then refused: its allow-transfer admits nobody", "display", (11,), "allow-transfer { key \"transfer-key\"; };"),
        (12, "medium", "regular", (12,), "2001:db8::54 is told of changes to v6.example and then refused: its allow-transfer admits nobody", "unsafe", (12,), "allow-transfer { key \"k1\"; };"),
    ],
    "notify_without_transfer/more/geoip.conf": [
        (9, "medium", "regular", (8,), "192.0.2.53 is told of changes to b.example and then refused: its allow-transfer admits nobody", "display", (8,), "allow-transfer { key \"transfer-key\"; };"),
    ],
    "notify_without_transfer/more/shapes.conf": [
        (8, "low", "pedantic", (7,), "192.0.2.53 is told of changes to other.example and then refused: its allow-transfer does not admit that address", "display", (7,), "allow-transfer { key \"transfer-key\"; };"),
    ],
    "notify_without_transfer/more/stock.conf": [
        (4, "info", "auditor", (3,), "192.0.2.53 is told of changes to localhost and then refused: its allow-transfer admits nobody", "display", (7,), "allow-transfer { key \"k1\"; };"),
    ],
    "notify_without_transfer/more/stock_open.conf": [
        (4, "info", "auditor", (4, 3), "192.0.2.53 is told of changes to localhost and then refused: its allow-transfer does not admit that address", "display", (4,), "allow-transfer { key \"k1\"; };"),
    ],
    "notify_ns_unsigned/bad.conf": [
        (13, "low", "pedantic", (11,), "192.0.2.53 and 198.51.100.53 are told of changes to a.example without a signature, because of its NS records; 192.0.2.53 is told again, with the key of also-notify", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; 198.51.100.53 key \"k1\"; };"),
    ],
    "notify_ns_unsigned/more/neighbours.conf": [
        (5, "low", "pedantic", (5,), "192.0.2.53 and 198.51.100.53 are told of changes to two.example without a signature, because of its NS records", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; 198.51.100.53; };"),
        (6, "low", "pedantic", (6,), "192.0.2.53 and 198.51.100.53 are told of changes to twice.example without a signature, because of its NS records; 192.0.2.53 is told again, with the key of also-notify", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; 198.51.100.53 key \"k1\"; };"),
        (7, "low", "pedantic", (7,), "192.0.2.1 and 192.0.2.53 are told of changes to soa.example without a signature, because of its NS records", "display", (), "notify explicit;\nalso-notify { 192.0.2.1 key \"k1\"; 192.0.2.53 key \"k1\"; };"),
        (8, "low", "pedantic", (8,), "192.0.2.53 is told of changes to mname.example without a signature, because of its NS records", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };"),
        (11, "low", "pedantic", (11,), "192.0.2.53 and 198.51.100.53 are told of changes to itself.example without a signature, because of its NS records", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; 198.51.100.53 key \"k1\"; };"),
    ],
    "notify_ns_unsigned/more/no_file.conf": [
        (2, "low", "auditor", (2,), "unread.example is transferred with key k1, and the servers in its NS records are told of changes without a signature: no server block has a key", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };"),
    ],
    "notify_ns_unsigned/more/session_key.conf": [
        (10, "low", "auditor", (10,), "a.example is transferred with key local-ddns, and the servers in its NS records are told of changes without a signature: no server block has a key", "display", (), "notify explicit;\nalso-notify { 192.0.2.53; };"),
    ],
    "notify_ns_unsigned/more/shapes.conf": [
        (7, "low", "pedantic", (7,), "198.51.100.53 is told of changes to by-ns.example without a signature, because of its NS records", "display", (), "notify explicit;\nalso-notify { 198.51.100.53 key \"k1\"; };"),
    ],
    "notify_ns_unsigned/more/view_blocks.conf": [
        (3, "low", "auditor", (3,), "a.example is transferred with key k1, and the servers in its NS records are told of changes without a signature: no server block has a key", "display", (), "notify explicit;\nalso-notify { 192.0.2.53 key \"k1\"; };"),
    ],
    "notify_ns_refused/bad.conf": [
        (9, "low", "pedantic", (6,), "198.51.100.53 is told of changes to a.example, because of its NS records, and then refused: this list does not admit that address", "display", (), "allow-transfer { key \"transfer-key\"; };    // beside those that it admits already"),
    ],
    "notify_ns_refused/more/neighbours.conf": [
        (5, "low", "pedantic", (5,), "192.0.2.53 and 198.51.100.53 are told of changes to two.example, because of its NS records, and then refused: this list does not admit these addresses", "display", (), "allow-transfer { key \"transfer-key\"; };    // beside those that it admits already"),
        (7, "low", "pedantic", (7,), "192.0.2.53 is told of changes to on-link-but.example, because of its NS records, and then refused: this list does not admit that address", "display", (), "allow-transfer { key \"transfer-key\"; };    // beside those that it admits already"),
        (8, "low", "pedantic", (8,), "192.0.2.1 and 192.0.2.53 are told of changes to soa.example, because of its NS records, and then refused: this list does not admit these addresses", "display", (), "allow-transfer { key \"transfer-key\"; };    // beside those that it admits already"),
        (9, "low", "pedantic", (9,), "192.0.2.53 is told of changes to no-soa.example, because of its NS records, and then refused: this list does not admit that address", "display", (), "allow-transfer { key \"transfer-key\"; };    // beside those that it admits already"),
    ],
    "notify_ns_refused/more/shapes.conf": [
        (12, "low", "pedantic", (8,), "192.0.2.53 and 198.51.100.53 are told of changes to both.example, because of its NS records, and then refused: this list does not admit these addresses", "display", (), "allow-transfer { key \"transfer-key\"; };    // beside those that it admits already"),
    ],
    "notify_global_list/bad.conf": [
        (4, "low", "pedantic", (13,), "this holds for all zones without a list of their own: 192.0.2.53 is told of 10.in-addr.arpa, a zone that is served inside only", "display", (), "zone \"10.in-addr.arpa\" {\n    notify no;    // beside what the zone has already\n};"),
    ],
    "notify_global_list/more/kinds.conf": [
        (3, "low", "pedantic", (8, 9, 11), "this holds for all zones without a list of their own: 192.0.2.1 and 2001:db8::1 are told of corp.internal, a zone that is served inside only; the same for 3 more zones", "display", (), "zone \"corp.internal\" {\n    notify no;    // beside what the zone has already\n};"),
        (3, "info", "auditor", (14,), "this holds for all zones without a list of their own: 192.0.2.1 and 2001:db8::1 are told of 0.in-addr.arpa, a zone that is served inside only", "display", (), "zone \"0.in-addr.arpa\" {\n    notify no;    // beside what the zone has already\n};"),
    ],
    "notify_global_list/more/shapes.conf": [
        (1, "low", "pedantic", (4,), "this holds for all zones without a list of their own: 192.0.2.1 is told of the secondary zone copy.example, which is fetched from there", "display", (), "zone \"copy.example\" {\n    notify no;    // beside what the zone has already\n};"),
        (1, "info", "auditor", (9,), "this holds for all zones without a list of their own: 192.0.2.1 is told of localhost, a zone that is served inside only", "display", (), "zone \"localhost\" {\n    notify no;    // beside what the zone has already\n};"),
    ],
    "notify_server_block_ignored/bad.conf": [
        (15, "medium", "regular", (3,), "this entry has a key, so BIND does not look at notify-source in the server block of 192.0.2.53: the NOTIFY for a.example comes from whatever address the system chooses", "unsafe", (15,), "192.0.2.53 port 5300;"),
    ],
    "notify_server_block_ignored/more/lists.conf": [
        (3, "medium", "regular", (5,), "this entry has a key, so BIND does not look at notify-source in the server block of 192.0.2.53: the NOTIFY for listed.example comes from 192.0.2.9", "display", (), "server 192.0.2.53 { keys \"k1\"; notify-source 192.0.2.1; request-ixfr no; };\nalso-notify { 192.0.2.53; };"),
        (4, "medium", "regular", (6,), "this entry has a key, so BIND does not look at notify-source in the server block of 192.0.2.54: the NOTIFY for above.example comes from 192.0.2.9", "display", (), "server 192.0.2.54 { keys \"k1\"; notify-source 192.0.2.1; };\nalso-notify { 192.0.2.54 port 5300; };"),
        (15, "medium", "regular", (7,), "this entry has a key, so BIND does not look at tcp-only in the server block of 192.0.2.55: the NOTIFY for second.example goes over UDP", "unsafe", (15,), "192.0.2.55;"),
        (17, "medium", "regular", (9,), "this entry has a key, so BIND does not look at notify-source-v6 in the server block of 2001:db8::53: the NOTIFY for second.example comes from whatever address the system chooses", "unsafe", (17,), "2001:db8::53 port 5300;"),
    ],
    "notify_server_block_ignored/more/shapes.conf": [
        (14, "medium", "regular", (3,), "this entry has a key, so BIND does not look at notify-source in the server block of 192.0.2.53: the NOTIFY for prefix.example comes from whatever address the system chooses", "display", (), "server 192.0.2.53 { keys \"k1\"; notify-source 192.0.2.1; tcp-only yes; };\nalso-notify { 192.0.2.53; };"),
        (21, "medium", "regular", (4,), "this entry has a key, so BIND does not look at notify-source in the server block of 192.0.2.54: the NOTIFY for source.example comes from whatever address the system chooses", "display", (), "notify-source 192.0.2.9;    // in the zone, for all that are told of it"),
        (22, "medium", "regular", (5,), "this entry has a key, so BIND does not look at tcp-only in the server block of 192.0.2.55: the NOTIFY for source.example goes over UDP", "unsafe", (22,), "192.0.2.55;"),
        (23, "medium", "regular", (8,), "this entry has a key, so BIND does not look at notify-source-v6 in the server block of 2001:db8::53: the NOTIFY for source.example comes from whatever address the system chooses", "display", (), "server 2001:db8::53 { keys \"k1\"; notify-source-v6 2001:db8::1; };\nalso-notify { 2001:db8::53; };"),
    ],
    "notify_server_block_ignored/more/view_blocks.conf": [
        (6, "medium", "regular", (5,), "this entry has a key, so BIND does not look at notify-source in the server block of 192.0.2.53: the NOTIFY for a.example comes from whatever address the system chooses", "unsafe", (6,), "192.0.2.53;"),
    ],
    "notify_skips_primary/bad.conf": [
        (7, "medium", "pedantic", (), "ns1.a.example (192.0.2.53) is in the NS records of a.example and in its SOA MNAME: BIND takes it for the primary and tells it of no change", "unsafe", (7,), "notify-to-soa yes;"),
    ],
    "notify_skips_primary/more/listed.conf": [
        (3, "medium", "pedantic", (), "ns1.a.example (192.0.2.53) is in the NS records of a.example and in its SOA MNAME: BIND takes it for the primary and tells it of no change", "unsafe", (7,), "notify-to-soa yes;"),
    ],
    "notify_skips_primary/more/neighbours.conf": [
        (8, "medium", "pedantic", (), "ns1.both.example (192.0.2.53) is in the NS records of both.example and in its SOA MNAME: BIND takes it for the primary and tells it of no change", "unsafe", (8,), "notify-to-soa yes;"),
    ],
    "notify_skips_primary/more/options_say_no.conf": [
        (3, "medium", "pedantic", (), "ns1.a.example (192.0.2.53) is in the NS records of a.example and in its SOA MNAME: BIND takes it for the primary and tells it of no change", "unsafe", (3,), "notify-to-soa yes;"),
    ],
    "notify_from_strangers/bad.conf": [
        (12, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for a.example from anyone, and asks the primaries then", "unsafe", (12,), "allow-notify { none; };"),
    ],
    "notify_from_strangers/more/many.conf": [
        (6, "info", "auditor", (), "BIND takes an unsigned NOTIFY for network.example from 198.51.100.0/24 and 2001:db8::/64, and asks the primaries then", "unsafe", (6,), "allow-notify { none; };"),
        (7, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for more.example from 198.51.100.0/24 and 203.0.113.1, and asks the primaries then", "unsafe", (7,), "allow-notify { none; };"),
        (8, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for more6.example from 2001:db8::/64 and 2001:db8:1::1, and asks the primaries then", "unsafe", (8,), "allow-notify { key \"k1\"; key \"k2\"; };"),
        (9, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for v6.example from anyone over IPv6 except ::1, and asks the primaries then", "unsafe", (9,), "allow-notify { none; };"),
        (10, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for not-v6.example from anyone except 127.0.0.0/8 and 3 more, and asks the primaries then", "unsafe", (10,), "allow-notify { none; };"),
        (11, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for half.example from anyone over IPv6 (except ::1) and 3 more, and asks the primaries then", "unsafe", (11,), "allow-notify { none; };"),
    ],
    "notify_from_strangers/more/senders.conf": [
        (2, "low", "pedantic", (), "BIND takes an unsigned NOTIFY for wide.example from 10.0.0.0/8, and asks the primaries then", "unsafe", (2,), "allow-notify { key \"k1\"; };"),
        (4, "info", "auditor", (), "BIND takes an unsigned NOTIFY for single.example from 192.0.2.2, and asks the primaries then", "unsafe", (4,), "allow-notify { none; };"),
    ],
    "notify_sender_redundant/bad.conf": [
        (12, "low", "pedantic", (), "this list changes nothing for a.example: BIND takes a NOTIFY from every address in primaries anyway", "safe", (12,), ""),
    ],
    "notify_sender_redundant/more/neighbours.conf": [
        (12, "low", "pedantic", (), "this list changes nothing for part.example: BIND takes a NOTIFY from every address in primaries anyway", "safe", (12,), "zone \"part.example\" { type secondary; file \"d\"; primaries { 192.0.2.1 key k1; 2001:db8::1 key k1; };  };"),
        (14, "low", "pedantic", (), "this list changes nothing for pair.example: BIND takes a NOTIFY from every address in primaries anyway", "safe", (14,), "zone \"pair.example\" { type secondary; file \"f\"; primaries { 192.0.2.1 key k1; };  };"),
    ],
    "notify_sender_redundant/more/options.conf": [
        (2, "low", "pedantic", (), "this list changes nothing for one.example and two.example: BIND takes a NOTIFY from every address in primaries anyway", "safe", (2,), "options {  };"),
    ],
    "notify_key_not_needed/bad.conf": [
        (12, "info", "auditor", (), "key k1 is not needed for a NOTIFY for a.example from 192.0.2.1: BIND takes what comes from a primary's address unsigned", "display", (), "// In the packet filter: nothing with these sources but what the primary itself sends\n// 192.0.2.1/32"),
    ],
    "notify_key_not_needed/more/several.conf": [
        (3, "info", "auditor", (), "key k1 and k2 is not needed for a NOTIFY for a.example from 192.0.2.1 and 2001:db8::1: BIND takes what comes from a primary's address unsigned", "display", (), "// In the packet filter: nothing with these sources but what the primary itself sends\n// 192.0.2.1/32 2001:db8::1/128"),
    ],
    "inbound_dead_primary/bad.conf": [
        (11, "medium", "regular", (), "mapped.example is never fetched from ::ffff:192.0.2.1 (BIND asks no IPv4 address that is written as IPv6)", "unsafe", (11,), "192.0.2.1 port 5353 key \"k1\";"),
        (20, "low", "pedantic", (), "192.0.2.1 stands twice in the primaries of twice.example: BIND asks it twice in each round", "unsafe", (20,), ""),
    ],
    "inbound_dead_primary/more/addresses.conf": [
        (2, "medium", "regular", (), "multicast.example is never fetched from 224.0.0.1 (that is a multicast address)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
        (3, "medium", "regular", (), "zero.example is never fetched from 0.0.0.0 (no address of a host: what is sent there comes back to this server)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
        (4, "medium", "regular", (), "zero6.example is never fetched from :: (no address of a host: what is sent there comes back to this server)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
        (6, "medium", "regular", (), "broadcast.example is never fetched from 255.255.255.255 (that address is reserved or a broadcast address)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
        (7, "low", "pedantic", (), "itself.example is never fetched from 127.0.0.1 (this server listens there itself)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
    ],
    "inbound_dead_primary/more/lists.conf": [
        (6, "medium", "regular", (), "the members of catalog zone cat.example are never fetched from 224.0.0.2 (that is a multicast address)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
        (11, "medium", "regular", (), "dead.example is never fetched from ::ffff:192.0.2.3 (BIND asks no IPv4 address that is written as IPv6); the same for 1 more zone", "unsafe", (11,), "192.0.2.3 key \"k1\";"),
        (11, "medium", "regular", (), "dead.example is never fetched from ::ffff:192.0.2.4 (BIND asks no IPv4 address that is written as IPv6); the same for 1 more zone", "unsafe", (11,), "192.0.2.4 port 853 key \"k1\" tls \"ephemeral\";"),
        (20, "low", "pedantic", (), "tls.example is never fetched from 127.0.0.1 (this server listens there itself)", "display", (), "primaries { 192.0.2.1 port 853 tls \"ephemeral\"; };    // the address of the primary"),
        (26, "low", "pedantic", (), "192.0.2.9 stands twice in the primaries of thrice.example: BIND asks it twice in each round", "unsafe", (26,), ""),
        (27, "low", "pedantic", (), "192.0.2.9 stands twice in the primaries of thrice.example: BIND asks it twice in each round", "unsafe", (27,), ""),
        (31, "medium", "regular", (), "multicast.example is never fetched from ff02::1 (that is a multicast address)", "display", (), "primaries { 192.0.2.1 port 5300 key \"k1\"; };    // the address of the primary"),
    ],
    "inbound_dead_primary/more/one_view.conf": [
        (3, "medium", "regular", (), "a.example is never fetched from 224.0.0.1 (that is a multicast address)", "display", (), "primaries { 192.0.2.1 key \"k1\"; };    // the address of the primary"),
    ],
    "inbound_key_hidden/bad.conf": [
        (9, "high", "regular", (8,), "server 192.0.2.5 names no key and hides that of server 192.0.2.0/24: BIND asks 192.0.2.5 for a.example without key k1 and accepts any answer", "unsafe", (9,), "keys \"k1\";"),
    ],
    "inbound_key_hidden/more/fixes.conf": [
        (4, "high", "regular", (2,), "server 192.0.2.5 names no key and hides that of server 192.0.2.0/24: BIND asks 192.0.2.5 for a.example without key k1 and accepts any answer", "unsafe", (4,), "keys \"k1\";"),
        (5, "high", "regular", (3,), "server 2001:db8:1::/48 names no key and hides that of server 2001:db8::/32: BIND asks 2001:db8:1::1 for a.example without key k1 and accepts any answer", "unsafe", (5,), "keys \"k1\";"),
    ],
    "inbound_key_hidden/more/only_view.conf": [
        (6, "high", "regular", (5,), "server 192.0.2.1 names no key and hides that of server 192.0.2.0/24: BIND asks 192.0.2.1 for a.example without key k1 and accepts any answer", "unsafe", (6,), "keys \"k1\";"),
    ],
    "inbound_key_hidden/more/shapes.conf": [
        (4, "medium", "regular", (3,), "server 10.1.0.0/16 names no key and hides that of server 10.0.0.0/8: BIND asks 10.1.0.1 for private.example without key k1 and accepts any answer", "unsafe", (4,), "keys \"k1\";"),
        (9, "high", "regular", (8,), "server 2001:db8::1 names no key and hides that of server 2001:db8::/32: BIND asks 2001:db8::1 for v6.example without key k1 and accepts any answer", "unsafe", (9,), "keys \"k1\";"),
    ],
    "inbound_key_hidden/more/view_blocks.conf": [
        (7, "medium", "regular", (2, 8), "view inside has server blocks of its own, so server 10.0.0.0/8 does not hold: BIND asks 10.0.0.1 for a.example without key k1 and accepts any answer", "unsafe", (5,), "server 10.0.0.1 { keys \"k1\"; };"),
        (13, "high", "regular", (3, 14), "view network has server blocks of its own, so server 2001:db8::1 does not hold: BIND asks 2001:db8::1 for a.example without key k1 and accepts any answer", "unsafe", (13,), "keys \"k1\";"),
    ],
    "inbound_key_hidden/more/views.conf": [
        (7, "high", "regular", (3, 8, 4, 9), "view hides has server blocks of its own, so server 192.0.2.1 does not hold: BIND asks 192.0.2.1 for a.example without key k1 and accepts any answer; the same for 1 more zone", "unsafe", (5,), "server 192.0.2.1 { keys \"k1\"; };"),
        (14, "high", "regular", (3, 15), "view same-address has server blocks of its own, so server 192.0.2.1 does not hold: BIND asks 192.0.2.1 for a.example without key k1 and accepts any answer", "unsafe", (14,), "keys \"k1\";"),
    ],
    "inbound_tls_without_key/bad.conf": [
        (17, "low", "auditor", (), "BIND asks 192.0.2.1 for a.example over TLS (tls strict) with neither a key nor a certificate of its own: the primary can tell it from others by its address only", "unsafe", (17,), "192.0.2.1 key \"k1\" tls \"strict\";"),
    ],
    "inbound_tls_without_key/more/silent.conf": [
        (11, "low", "auditor", (), "BIND asks 192.0.2.9 for alone.example over TLS (tls strict) with neither a key nor a certificate of its own: the primary can tell it from others by its address only", "display", (11,), "192.0.2.9 key \"transfer-key\" tls \"strict\";"),
    ],
    "inbound_tls_without_key/more/two_views.conf": [
        (3, "low", "auditor", (), "BIND asks 192.0.2.1 for a.example over TLS (tls strict) with neither a key nor a certificate of its own: the primary can tell it from others by its address only; the same for 1 more zone", "display", (3,), "192.0.2.1 key \"k1\" tls \"strict\";"),
    ],
    "inbound_tls_without_key/more/uses.conf": [
        (6, "low", "auditor", (), "BIND asks 192.0.2.4 for members of a catalog over TLS (tls first) with neither a key nor a certificate of its own: the primary can tell it from others by its address only", "display", (6,), "192.0.2.4 key \"k1\" tls \"first\";"),
        (11, "low", "auditor", (), "BIND asks 192.0.2.2 for keyed.example over TLS (tls second) with neither a key nor a certificate of its own: the primary can tell it from others by its address only", "display", (11,), "192.0.2.2 key \"transfer-key\" tls \"second\";"),
        (12, "low", "auditor", (), "BIND asks 2001:db8::2 for local.example over TLS (tls second) with neither a key nor a certificate of its own: the primary can tell it from others by its address only", "display", (12,), "2001:db8::2 port 8853 key \"transfer-key\" tls \"second\";"),
    ],
    "inbound_unlimited/bad.conf": [
        (3, "low", "auditor", (), "nothing limits how many records a primary may send for a.example: there is no max-records", "display", (3,), "max-records 1000000;    // well above what the largest zone holds"),
    ],
    "inbound_unlimited/more/levels.conf": [
        (4, "low", "auditor", (), "nothing limits how many records a primary may send for unlimited.example: max-records 0 is no limit", "display", (4,), "zone \"unlimited.example\" { type secondary; file \"b\"; primaries { 192.0.2.1 key \"k1\"; }; max-records 1000000;    // well above what the largest zone holds };"),
    ],
    "inbound_unlimited/more/members.conf": [
        (3, "low", "auditor", (), "nothing limits how many records a primary may send for the members of catalog zone cat.example: max-records 0 is no limit", "display", (3,), "max-records 1000000;    // well above what the largest zone holds"),
    ],
    "inbound_unlimited/more/several.conf": [
        (2, "low", "auditor", (), "nothing limits how many records a primary may send for first.example, mixed.example and 1 more: there is no max-records", "display", (), "max-records 1000000;    // well above what the largest zone holds"),
    ],
    "inbound_unsigned/bad.conf": [
        (11, "high", "regular", (), "a.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted", "unsafe", (11,), "192.0.2.1 key \"k1\";"),
    ],
    "inbound_unsigned/more/catalog.conf": [
        (2, "high", "regular", (), "the members of catalog zone open.example are taken from 203.0.113.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then", "display", (2,), "203.0.113.1 key \"transfer-key\";"),
        (8, "high", "regular", (), "the members of catalog zone open.example are taken from 192.0.2.2 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then", "display", (8,), "192.0.2.2 key \"transfer-key\";"),
    ],
    "inbound_unsigned/more/fixes.conf": [
        (3, "high", "regular", (), "known.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted", "unsafe", (3,), "192.0.2.1 port 5300 key \"k1\";"),
        (5, "medium", "regular", (), "private.example is taken from 10.0.0.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then", "display", (5,), "10.0.0.1 key \"transfer-key\";"),
        (6, "high", "regular", (), "two.example is taken from 198.51.100.1 without a key: any answer from there, or forged as if from there, is accepted", "display", (6,), "198.51.100.1 key \"transfer-key\";"),
        (6, "high", "regular", (), "two.example is taken from 2001:db8::1 without a key: any answer from there, or forged as if from there, is accepted", "display", (6,), "2001:db8::1 key \"transfer-key\";"),
        (10, "high", "regular", (), "hole.example is taken from 203.0.113.1 without a key: any answer from there, or forged as if from there, is accepted", "display", (10,), "203.0.113.1 key \"transfer-key\";"),
    ],
    "inbound_unsigned/more/mixed.conf": [
        (2, "high", "regular", (), "mixed.example is taken from 198.51.100.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then", "display", (2,), "198.51.100.1 key \"transfer-key\";"),
    ],
    "inbound_unsigned/more/no_host.conf": [
        (3, "high", "regular", (), "b.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted", "display", (3,), "192.0.2.1 key \"transfer-key\";"),
    ],
    "inbound_unsigned/more/servers.conf": [
        (4, "high", "regular", (), "listed.example is taken from 198.51.100.1 without a key: any answer from there, or forged as if from there, is accepted; the keys of the other primaries do not help then; the same for 1 more zone", "display", (4,), "198.51.100.1 port 5353 key \"transfer-key\";"),
        (11, "high", "regular", (), "stub.example is taken from 198.51.100.9 without a key: any answer from there, or forged as if from there, is accepted", "display", (11,), "198.51.100.9 key \"transfer-key\";"),
    ],
    "inbound_unsigned/more/shared_list.conf": [
        (2, "high", "regular", (), "a.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted", "display", (2,), "192.0.2.1 key \"transfer-key\";"),
    ],
    "inbound_unsigned/more/tls.conf": [
        (4, "high", "regular", (), "lax.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted (tls lax checks no certificate)", "display", (4,), "192.0.2.1 key \"transfer-key\" tls \"lax\";"),
        (5, "high", "regular", (), "ephemeral.example is taken from 192.0.2.1 without a key: any answer from there, or forged as if from there, is accepted (tls ephemeral checks no certificate)", "display", (5,), "192.0.2.1 key \"transfer-key\" tls \"ephemeral\";"),
    ],
    "inbound_alternate_source/bad.conf": [
        (6, "low", "pedantic", (), "after a failed query BIND asks the primaries of a.example again from whatever address the system chooses, not from 192.0.2.9: use-alt-transfer-source is on by default", "unsafe", (6,), "use-alt-transfer-source no;"),
    ],
    "inbound_alternate_source/more/deprecated.conf": [
        (2, "low", "pedantic", (), "after a failed query BIND asks the primaries of a.example again from whatever address the system chooses, not from 192.0.2.9: use-alt-transfer-source is on by default", "display", (2,), "use-alt-transfer-source no;"),
    ],
    "inbound_alternate_source/more/deprecated_since.conf": [
        (2, "low", "pedantic", (), "after a failed query BIND asks the primaries of a.example again from whatever address the system chooses, not from 192.0.2.9: use-alt-transfer-source is on by default", "display", (2,), "use-alt-transfer-source no;"),
    ],
    "inbound_alternate_source/more/families.conf": [
        (5, "low", "pedantic", (), "after a failed query BIND asks the primaries of own-v6.example again from whatever address the system chooses, not from 2001:db8::9: use-alt-transfer-source is on by default", "unsafe", (5,), "use-alt-transfer-source no;"),
        (10, "low", "pedantic", (), "after a failed query BIND asks the primaries of alt.example again from whatever address the system chooses, not from 2001:db8::8: use-alt-transfer-source is on by default", "unsafe", (10,), "use-alt-transfer-source no;"),
        (14, "low", "pedantic", (), "after a failed query BIND asks the primaries of both.example again from whatever address the system chooses, not from 192.0.2.8: use-alt-transfer-source is on by default", "unsafe", (14,), "use-alt-transfer-source no;"),
    ],
    "inbound_alternate_source/more/unknown_release.conf": [
        (2, "low", "pedantic", (), "after a failed query BIND up to 9.18 asks the primaries of v6.example again from whatever address the system chooses, not from 2001:db8::9: use-alt-transfer-source is on by default", "display", (2,), "use-alt-transfer-source no;"),
    ],
    "blackholed_peer/bad.conf": [
        (6, "high", "regular", (19, 12), "blackhole drops peers: 10.1.1.1 is never asked, and zones without another primary expire; 10.1.1.2 is never told of changes. BIND logs nothing of it", "unsafe", (6,), "blackhole { !10.1.1.1; !10.1.1.2; 10.0.0.0/8; };"),
    ],
    "blackholed_peer/more/last_zone.conf": [
        (3, "high", "regular", (4, 5, 5), "blackhole drops peers: 10.1.1.1, 10.1.1.2 and 10.1.1.3 are never asked, and zones without another primary expire. BIND logs nothing of it", "unsafe", (3,), "blackhole { !10.1.1.1; !10.1.1.2; !10.1.1.3; 10.0.0.0/8; };"),
    ],
    "blackholed_peer/more/many.conf": [
        (2, "high", "regular", (4, 5, 6, 7), "blackhole drops peers: 10.0.0.1, 10.0.0.2, 10.0.0.3 and 2 more are never asked, and zones without another primary expire. BIND logs nothing of it", "unsafe", (2,), "blackhole { !10.0.0.1; !10.0.0.2; !10.0.0.3; !10.0.0.4; !10.0.0.5; 10.0.0.0/8; };"),
    ],
    "blackholed_peer/more/named_list.conf": [
        (3, "medium", "regular", (4,), "blackhole drops peers: 2001:db8:1::1 is never asked. BIND logs nothing of it", "unsafe", (3,), "blackhole { !2001:db8:1::1; 192.168.0.0/16; bogons; };"),
    ],
    "blackholed_peer/more/several.conf": [
        (3, "high", "regular", (12, 8, 8), "blackhole drops peers: 10.1.1.1 and 10.1.1.2 are never asked, and zones without another primary expire; 2001:db8:1::1 and 10.1.1.1 are never told of changes. BIND logs nothing of it", "unsafe", (4,), "blackhole {\n    !10.1.1.1; !10.1.1.2; !2001:db8:1::1; 10.0.0.0/8;\n    2001:db8:1::/48;\n};"),
    ],
    "blackholed_peer/more/told.conf": [
        (2, "medium", "regular", (3, 3), "blackhole drops peers: 10.2.2.2 and 10.2.2.3 are never told of changes. BIND logs nothing of it", "unsafe", (2,), "blackhole { !10.2.2.2; !10.2.2.3; 10.0.0.0/8; };"),
    ],
    "blackholed_peer/more/unknown_key.conf": [
        (2, "medium", "regular", (3,), "blackhole drops peers: 10.1.1.1 is never asked. BIND logs nothing of it", "unsafe", (2,), "blackhole { !10.1.1.1; 10.0.0.0/8; };"),
    ],
    "zone_expires_early/bad.conf": [
        (9, "medium", "pedantic", (), "the SOA record of a.example: expire (3600 s) is less than refresh and retry (4500 s): one failed attempt is enough to drop it", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 3600 900 1209600 ... )"),
        (14, "low", "pedantic", (), "the SOA record of b.example: secondaries drop it 86400 s after they last reached a primary, which is less than a week", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 3600 900 1209600 ... )"),
    ],
    "zone_expires_early/more/limits.conf": [
        (4, "low", "pedantic", (), "the SOA record of even.example: secondaries drop it 4500 s after they last reached a primary, which is less than a week", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 3600 900 1209600 ... )"),
        (5, "low", "pedantic", (), "the SOA record of almost.example: secondaries drop it 604799 s after they last reached a primary, which is less than a week", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 3600 900 1209600 ... )"),
        (6, "info", "auditor", (), "the SOA record of quick.example: refresh is 1199 s; checklists want 1200 to 43200", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 1200 299 2419200 ... )"),
        (7, "info", "auditor", (), "the SOA record of lazy.example: refresh is 43201 s; checklists want 1200 to 43200", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 43200 7200 1209601 ... )"),
    ],
    "zone_expires_early/more/zones.conf": [
        (3, "info", "auditor", (), "the SOA record of slow.example: refresh is 86400 s; checklists want 1200 to 43200", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 43200 7200 2419200 ... )"),
        (6, "low", "pedantic", (), "the SOA record of copy.example: secondaries drop it 86400 s after they last reached a primary, which is less than a week", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 3600 900 1209600 ... )"),
        (8, "medium", "pedantic", (), "the SOA record of told.example: expire (3600 s) is less than refresh and retry (4500 s): one failed attempt is enough to drop it", "display", (), "// in the zone's file, with a higher serial:\n// SOA ... ( serial 3600 900 1209600 ... )"),
    ],
    "zones_outside_file/bad.conf": [
        (3, "info", "auditor", (), "zones added by rndc addzone (where they bring no list of their own) are not in this file: they inherit the allow-transfer of the options, which lets in 192.0.2.53 without a key", "display", (), "options { allow-transfer { none; }; };"),
    ],
    "zones_outside_file/more/kinds.conf": [
        (6, "info", "auditor", (), "the members of catalog zone cat.example are not in this file: they inherit the allow-transfer of the view, which lets in no one without a key", "display", (), "options { allow-transfer { none; }; };"),
        (9, "info", "auditor", (), "the zones of dlz shown (where the driver leaves it to BIND) are not in this file: they inherit the allow-transfer of the view, which lets in no one without a key", "display", (), "options { allow-transfer { none; }; };"),
        (13, "info", "auditor", (), "the zones of this dyndb driver are not in this file, and who gets them is up to the driver", "display", (), "options { allow-transfer { none; }; };"),
        (14, "info", "auditor", (), "zones added by rndc addzone (where they bring no list of their own) are not in this file: without an allow-transfer above them, BIND 9.18 lets in anyone except 10.0.0.0/8 without a key", "display", (), "options { allow-transfer { none; }; };"),
    ],
    "zones_outside_file/more/top.conf": [
        (2, "info", "auditor", (), "the zones of this dyndb driver are not in this file, and who gets them is up to the driver", "display", (), "options { allow-transfer { none; }; };"),
        (3, "info", "auditor", (), "zones added by rndc addzone (where they bring no list of their own) are not in this file: without an allow-transfer above them, BIND up to 9.18 lets in anyone without a key, later ones nobody", "display", (), "options { allow-transfer { none; }; };"),
    ],
    "zones_outside_file/more/unknown_list.conf": [
        (3, "info", "auditor", (), "zones added by rndc addzone (where they bring no list of their own) are not in this file: they inherit the allow-transfer of the options, and whom it lets in is not known", "display", (), "options { allow-transfer { none; }; };"),
    ],
    "zones_outside_file/more/views.conf": [
        (7, "info", "auditor", (), "zones added by rndc addzone (where they bring no list of their own) are not in this file: without an allow-transfer above them, BIND 9.20 lets in no one without a key", "display", (), "options { allow-transfer { none; }; };"),
        (8, "info", "auditor", (), "the zones of this dyndb driver are not in this file, and who gets them is up to the driver", "display", (), "options { allow-transfer { none; }; };"),
        (9, "info", "auditor", (), "the zones of this dyndb driver are not in this file, and who gets them is up to the driver", "display", (), "options { allow-transfer { none; }; };"),
    ],
    "catalog_brings_lists/bad.conf": [
        (5, "info", "auditor", (3,), "catalog zone catalog.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key", "display", (), "// no allow-transfer.ext in the catalog zone, and for its members here:\noptions {\n    allow-transfer { key \"transfer-key\"; };\n};"),
    ],
    "catalog_brings_lists/more/default_9_20.conf": [
        (4, "info", "auditor", (), "catalog zone catalog.example may bring lists of addresses for its members, which hold in place of the default of BIND, without a key", "display", (), "// no allow-transfer.ext in the catalog zone, and for its members here:\noptions {\n    allow-transfer { key \"transfer-key\"; };\n};"),
    ],
    "catalog_brings_lists/more/kinds.conf": [
        (6, "info", "auditor", (5,), "catalog zone one.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key", "display", (), "// no allow-transfer.ext in the catalog zone, and for its members here:\noptions {\n    allow-transfer { key \"transfer-key\"; };\n};"),
        (12, "info", "auditor", (11,), "catalog zone two.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key", "display", (), "// no allow-transfer.ext in the catalog zone, and for its members here:\noptions {\n    allow-transfer { key \"transfer-key\"; };\n};"),
    ],
    "catalog_brings_lists/more/views.conf": [
        (6, "info", "auditor", (5,), "catalog zone one.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key", "display", (), "// no allow-transfer.ext in the catalog zone, and for its members here:\noptions {\n    allow-transfer { key \"transfer-key\"; };\n};"),
        (6, "info", "auditor", (5,), "catalog zone two.example may bring lists of addresses for its members, which hold in place of the list that stands here, without a key", "display", (), "// no allow-transfer.ext in the catalog zone, and for its members here:\noptions {\n    allow-transfer { key \"transfer-key\"; };\n};"),
    ],
    "list_of_itself/bad.conf": [
        (1, "medium", "regular", (5,), "list secondaries leads only to itself: by it nobody is told of changes to a.example", "display", (), "primaries \"secondaries\" { 192.0.2.53 key \"transfer-key\"; };"),
    ],
    "list_of_itself/more/loops.conf": [
        (1, "medium", "regular", (7,), "list a leads only to itself: by it nobody is told of changes to a.example", "display", (), "primaries \"a\" { 192.0.2.53 key \"transfer-key\"; };"),
    ],
    "list_of_itself/more/users.conf": [
        (2, "medium", "regular", (4,), "list a leads only to itself: by it nobody is told of changes to a.example and b.example", "display", (), "primaries \"a\" { 192.0.2.53 key \"transfer-key\"; };"),
        (3, "medium", "regular", (9,), "list b leads only to itself: by it nobody is told of changes to told.example", "display", (), "primaries \"b\" { 192.0.2.53 key \"transfer-key\"; };"),
    ],
    "list_name_shared/bad.conf": [
        (2, "low", "pedantic", (1,), "upstream is the name of two server lists: from BIND 9.20.5 on named does not start", "display", (), "parental-agents \"upstream-parents\" { 198.51.100.1; };    // and where it is used"),
    ],
    "list_name_shared/more/release_unknown.conf": [
        (2, "low", "pedantic", (1,), "Upstream is the name of two server lists: from BIND 9.20.5 on named does not start", "display", (), "parental-agents \"Upstream-parents\" { 198.51.100.1; };    // and where it is used"),
    ],
    "list_name_shared/more/second.conf": [
        (3, "low", "pedantic", (2,), "shared is the name of two server lists: from BIND 9.20.5 on named does not start", "display", (), "parental-agents \"shared-parents\" { 198.51.100.1; };    // and where it is used"),
        (5, "low", "pedantic", (4,), "again is the name of two server lists: from BIND 9.20.5 on named does not start", "display", (), "parental-agents \"again-parents\" { 198.51.100.1; };    // and where it is used"),
    ],
    "view_unreachable_with_key/bad.conf": [
        (14, "medium", "regular", (5, 19), "key partner cannot take a.example from view partner: view internal comes first, matches by address and does not know the key (BADKEY)", "display", (), "// the key statement stands at the top, where every view knows it\nview \"internal\" {\n    match-clients { !key \"partner\"; ... };    // what it has now, behind the denial\n};\nview \"partner\" {\n    match-clients { key \"partner\"; ... };\n};"),
        (23, "medium", "regular", (5, 14, 27), "key both cannot take a.example from view external: view internal comes first and answers with its own version of the zone", "display", (), "// a key of its own for this view, made by tsig-keygen\n// the key statement stands at the top, where every view knows it\nview \"internal\" {\n    match-clients { !key \"external-key\"; ... };    // what it has now, behind the denial\n};\nview \"external\" {\n    match-clients { key \"external-key\"; ... };\n};"),
    ],
    "view_unreachable_with_key/more/causes.conf": [
        (8, "medium", "regular", (9,), "key k1 cannot take a.example from view narrow: its match-clients lets none of those in whom the list would serve", "display", (), "// a key of its own for this view, made by tsig-keygen\n// the key statement stands at the top, where every view knows it\nview \"narrow\" {\n    match-clients { key \"narrow-key\"; ... };\n};"),
        (23, "medium", "regular", (18, 25), "key same cannot take a.example from view inner: view named comes first, matches by address and does not know the key (BADKEY)", "display", (), "// a key of its own for this view, made by tsig-keygen\n// the key statement stands at the top, where every view knows it\nview \"named\" {\n    match-clients { !key \"inner-key\"; ... };    // what it has now, behind the denial\n};\nview \"inner\" {\n    match-clients { key \"inner-key\"; ... };\n};"),
    ],
    "view_unreachable_with_key/more/mixed_lists.conf": [
        (11, "medium", "regular", (12,), "key k5 cannot take a.example from view address: its match-clients lets none of those in whom the list would serve", "display", (), "// the key statement stands at the top, where every view knows it\nview \"address\" {\n    match-clients { key \"k5\"; ... };\n};"),
        (20, "medium", "regular", (7, 11, 15, 21), "key k1 cannot take a.example from view itself: view a comes first and answers with its own version of the zone", "display", (), "// a key of its own for this view, made by tsig-keygen\n// the key statement stands at the top, where every view knows it\nview \"a\" {\n    match-clients { !key \"itself-key\"; ... };    // what it has now, behind the denial\n};\nview \"itself\" {\n    match-clients { key \"itself-key\"; ... };\n};"),
    ],
    "view_unreachable_with_key/more/neighbours.conf": [
        (13, "medium", "regular", (8, 14), "key k1 cannot take a.example from view taken: view first comes first and takes every such request", "display", (), "// the key statement stands at the top, where every view knows it\nview \"first\" {\n    match-clients { !key \"k1\"; ... };    // what it has now, behind the denial\n};\nview \"taken\" {\n    match-clients { key \"k1\"; ... };\n};"),
        (25, "medium", "regular", (19, 26, 27), "keys k2 and k3 cannot take d.example and e.example from view last: view passed comes first and answers with its own version of the zone", "display", (), "// a key of its own for this view, made by tsig-keygen\n// the key statement stands at the top, where every view knows it\nview \"passed\" {\n    match-clients { !key \"last-key\"; ... };    // what it has now, behind the denial\n};\nview \"last\" {\n    match-clients { key \"last-key\"; ... };\n};"),
    ],
    "view_unreachable_with_key/more/options_list.conf": [
        (5, "low", "pedantic", (4, 2), "key k1 cannot take a.example from view b: view a comes first and answers with its own version of the zone", "display", (), "// a key of its own for this view, made by tsig-keygen\n// the key statement stands at the top, where every view knows it\nview \"a\" {\n    match-clients { !key \"b-key\"; ... };    // what it has now, behind the denial\n};\nview \"b\" {\n    match-clients { key \"b-key\"; ... };\n};"),
    ],
    "view_unreachable_with_key/more/three_lists.conf": [
        (5, "medium", "regular", (3, 6, 10), "key k1 cannot take a.example, b.example and 1 more from view b: view a comes first and takes every such request", "display", (), "// the key statement stands at the top, where every view knows it\nview \"a\" {\n    match-clients { !key \"k1\"; ... };    // what it has now, behind the denial\n};\nview \"b\" {\n    match-clients { key \"k1\"; ... };\n};"),
    ],
    "view_unreachable_with_key/more/unused_key.conf": [
        (11, "medium", "regular", (2, 14), "key k1 cannot take a.example, b.example and 1 more from view b: its match-clients lets none of those in whom the list would serve", "display", (), "// the key statement stands at the top, where every view knows it\nview \"b\" {\n    match-clients { key \"k1\"; ... };\n};"),
    ],
    "view_in_view_list_ignored/bad.conf": [
        (14, "high", "regular", (16, 5), "this list does not hold for a.example, which is that of view internal: the list of that view decides, and lets in anyone except 10.0.0.0/8 too, without a key", "display", (), "view \"internal\" {\n    zone \"a.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
    ],
    "view_in_view_list_ignored/more/half.conf": [
        (10, "high", "regular", (11, 5), "this list does not hold for half.example, which is that of view a: the list of that view decides, and lets in 128.0.0.0/2 and 2 more too, without a key", "display", (), "view \"a\" {\n    zone \"half.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
    ],
    "view_in_view_list_ignored/more/kinds.conf": [
        (14, "low", "pedantic", (15, 6), "this list does not hold for keyed.example, which is that of view a: the zone's own list decides, and lets in holders of keys that this list refuses", "display", (), "view \"a\" {\n    zone \"keyed.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
        (20, "low", "pedantic", (21, 6), "this list does not hold for keyed.example, which is that of view a: the zone's own list decides, and refuses some of those whom this list lets in", "display", (), "view \"a\" {\n    zone \"keyed.example\" {\n        ...\n        allow-transfer { key k1; key k2; };    // or what all views have in common\n    };\n};"),
        (39, "medium", "regular", (40,), "this list does not hold for default.example, which is that of view a: the open default decides, and lets in 203.0.113.128/25 too, without a key", "display", (), "view \"a\" {\n    zone \"default.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
    ],
    "view_in_view_list_ignored/more/less_than_half.conf": [
        (9, "medium", "regular", (10, 4), "this list does not hold for half.example, which is that of view a: the list of that view decides, and lets in 128.0.0.0/2 and 2 more too, without a key", "display", (), "view \"a\" {\n    zone \"half.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
    ],
    "view_in_view_list_ignored/more/levels.conf": [
        (13, "medium", "regular", (14, 5), "this list does not hold for view.example, which is that of view a: the list of that view decides, and lets in 192.0.2.0/25 too, without a key", "display", (), "view \"a\" {\n    zone \"view.example\" {\n        ...\n        allow-transfer { key k1; };    // or what all views have in common\n    };\n};"),
        (19, "low", "pedantic", (20, 7), "this list does not hold for zone.example, which is that of view a: the zone's own list decides, and lets in 198.51.100.1 too, without a key", "display", (), "view \"a\" {\n    zone \"zone.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
        (25, "info", "auditor", (26, 5), "this list does not hold for localhost, which is that of view a: the list of that view decides, and lets in 192.0.2.128/25 too, without a key", "display", (), "view \"a\" {\n    zone \"localhost\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
    ],
    "view_in_view_list_ignored/more/neighbours.conf": [
        (16, "medium", "regular", (17, 1), "this list does not hold for options.example, which is that of view a: the list of the options decides, and lets in 192.0.2.0/26 too, without a key", "display", (), "view \"a\" {\n    zone \"options.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
        (28, "low", "pedantic", (29, 9), "this list does not hold for refuses.example, which is that of view a: the zone's own list decides, and refuses some of those whom this list lets in", "display", (), "view \"a\" {\n    zone \"refuses.example\" {\n        ...\n        allow-transfer { 192.0.2.129; };    // or what all views have in common\n    };\n};"),
        (40, "low", "pedantic", (41, 7), "this list does not hold for v6.example, which is that of view a: the zone's own list decides, and lets in 2001:db8::/32 too, without a key", "display", (), "view \"a\" {\n    zone \"v6.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
        (47, "low", "pedantic", (51, 6), "this list does not hold for any.example, which is that of view a: the zone's own list decides, and lets in anyone except 10.0.0.0/8 and 4 more too, without a key", "display", (), "view \"a\" {\n    zone \"any.example\" {\n        ...\n        allow-transfer { none; 127.0.0.1; };    // or what all views have in common\n    };\n};"),
    ],
    "view_in_view_list_ignored/more/on_loopback.conf": [
        (10, "info", "auditor", (11, 5), "this list does not hold for a.example, which is that of view a: the list of that view decides, and lets in anyone except 10.0.0.0/8 too, without a key", "display", (), "view \"a\" {\n    zone \"a.example\" {\n        ...\n        allow-transfer { none; };    // or what all views have in common\n    };\n};"),
    ],
    "view_opened_by_key/bad.conf": [
        (9, "medium", "regular", (5, 17), "whoever holds key ext takes a.example of view internal from anywhere: match-clients lets the key in, and this list asks nothing more", "display", (), "view \"internal\" {\n    match-clients { !key \"ext\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
    ],
    "view_opened_by_key/more/default.conf": [
        (5, "low", "pedantic", (5,), "whoever holds key k1 takes a.example of view internal from anywhere: match-clients lets the key in, and without an allow-transfer BIND serves whoever gets there", "display", (), "view \"internal\" {\n    match-clients { !key \"k1\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
    ],
    "view_opened_by_key/more/many_views.conf": [
        (7, "medium", "regular", (6, 9, 10), "whoever holds key k1, k2 and k3 takes a.example of view internal from anywhere: match-clients lets the key in, and this list asks nothing more", "display", (), "view \"internal\" {\n    match-clients { !key \"k1\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
    ],
    "view_opened_by_key/more/neighbours.conf": [
        (11, "info", "auditor", (11,), "whoever holds key k2 and k3 takes localhost of view several from anywhere: match-clients lets the key in, and without an allow-transfer BIND serves whoever gets there", "display", (), "view \"several\" {\n    match-clients { !key \"k2\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
        (12, "medium", "regular", (11, 19), "whoever holds key k3 takes a.example of view several from anywhere: match-clients lets the key in, and this list asks nothing more", "display", (), "view \"several\" {\n    match-clients { !key \"k3\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
        (13, "medium", "regular", (11, 18), "whoever holds key k2 takes b.example of view several from anywhere: match-clients lets the key in, and this list asks nothing more", "display", (), "view \"several\" {\n    match-clients { !key \"k2\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
    ],
    "view_opened_by_key/more/same_name.conf": [
        (6, "low", "pedantic", (4,), "whoever holds key k1 takes a.example of view internal from anywhere: match-clients lets the key in, and this list asks nothing more", "display", (), "view \"internal\" {\n    match-clients { !key \"k1\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
    ],
    "view_opened_by_key/more/unknown_release.conf": [
        (7, "low", "pedantic", (5,), "whoever holds key k1 takes b.example of view internal from anywhere: match-clients lets the key in, and this list asks nothing more", "display", (), "view \"internal\" {\n    match-clients { !key \"k1\"; key \"internal-key\"; ... };    // what it has now, without the key\n    allow-transfer { key \"internal-key\"; };\n};"),
    ],
    "notify_unsigned/bad.conf": [
        (13, "low", "pedantic", (), "192.0.2.53 is told of changes to a.example without a signature, but transfers are signed with key k1", "unsafe", (13,), "192.0.2.53 port 5353 key \"k1\";"),
    ],
    "notify_unsigned/more/dropped.conf": [
        (7, "low", "pedantic", (), "192.0.2.54 is told of changes to a.example without a signature, but transfers are signed with key k1", "unsafe", (7,), "192.0.2.54 key \"k1\";"),
    ],
    "notify_unsigned/more/keys.conf": [
        (7, "low", "pedantic", (), "192.0.2.54 is told of changes to list.example without a signature, but transfers are signed with key k1", "unsafe", (7,), "192.0.2.54 port 853 key \"k1\" tls \"t\";"),
        (9, "low", "pedantic", (), "2001:db8::54 is told of changes to list.example without a signature, but transfers are signed with key k1", "unsafe", (9,), "2001:db8::54 key \"k1\";"),
        (11, "low", "pedantic", (), "192.0.2.55 is told of changes to session.example without a signature, but transfers are signed with key local-ddns", "", (), ""),
        (12, "low", "pedantic", (), "192.0.2.56 is told of changes to both.example without a signature, but transfers are signed with key k1 and local-ddns", "unsafe", (12,), "192.0.2.56 key \"k1\";"),
    ],
    "notify_unsigned/more/shapes.conf": [
        (9, "low", "pedantic", (), "192.0.2.53 is told of changes to two-keys.example without a signature, but transfers are signed with key k1 and k2", "", (), ""),
    ],
    "notify_unsigned/more/two_views.conf": [
        (2, "low", "pedantic", (), "192.0.2.53 is told of changes to a.example without a signature, but transfers are signed with key k1; the same for 1 more zone", "display", (2,), "192.0.2.53 key \"k1\";"),
    ],
    "notify_tls_ignored/bad.conf": [
        (15, "medium", "regular", (), "BIND 9.18 ignores tls here: 192.0.2.53 is told of changes to a.example in the clear, by UDP to port 853, where the secondary listens for TLS only", "unsafe", (15,), "192.0.2.53 key \"k1\";"),
        (17, "low", "regular", (), "BIND 9.18 ignores tls here: 2001:db8::53 is told of changes to a.example in the clear, by UDP to port 853", "unsafe", (17,), "2001:db8::53 port 853 key \"k1\";"),
    ],
    "notify_tls_ignored/more/ports.conf": [
        (3, "low", "regular", (), "BIND 9.18 ignores tls here: 192.0.2.1 is told of changes to listed.example in the clear, by UDP to port 8853", "display", (3,), "192.0.2.1;"),
        (5, "low", "regular", (), "BIND 9.18 ignores tls here: 192.0.2.4 is told of changes to second.example in the clear, by UDP to port 5300", "unsafe", (5,), "192.0.2.4;"),
    ],
    "notify_tls_ignored/more/shapes.conf": [
        (3, "medium", "regular", (), "BIND 9.18 ignores tls here: 192.0.2.1 is told of changes to listed.example in the clear, by UDP to port 853, where the secondary listens for TLS only", "display", (3,), "192.0.2.1;"),
        (6, "medium", "regular", (), "BIND 9.18 ignores tls here: 192.0.2.2 is told of changes to dropped.example in the clear, by UDP to port 853, where the secondary listens for TLS only", "unsafe", (6,), "192.0.2.2;"),
    ],
    "notify_tls_ignored/more/unknown_release.conf": [
        (15, "medium", "pedantic", (), "BIND before 9.20 ignores tls here: 192.0.2.53 is told of changes to a.example in the clear, by UDP to port 853, where the secondary listens for TLS only", "unsafe", (15,), "192.0.2.53 key \"k1\";"),
        (17, "low", "pedantic", (), "BIND before 9.20 ignores tls here: 2001:db8::53 is told of changes to a.example in the clear, by UDP to port 853", "unsafe", (17,), "2001:db8::53 port 853 key \"k1\";"),
    ],
}  # fmt: skip
"""What rules about NOTIFY and views say of their own examples, and what they show beside it."""


def findings(example: str, more: str = "") -> tuple[Reported, ...]:
    """What the rule in whose folder an example is finds there, with more text behind it."""
    path = ROOT / "rules" / example
    folder = ROOT / "rules" / example.split("/")[0]
    read = read_example(path)
    files = {f"/x/{path.name}": (read.text + more).encode()}
    for extra in folder.glob("extra/*"):
        files[f"/x/extra/{extra.name}"] = extra.read_bytes()
    release = read.conditions.get("bind-version")
    session = Session(
        MemoryHost(files, cwd="/x"),
        Request(
            (f"/x/{path.name}",),
            ReadOptions(parse_release(release) if release else None),
            Choice((rule_id(str(folder)),), (), "auditor"),
            mode="root",
        ),
    )
    return session.run().outcome.findings


def line(span: Span) -> int:
    return span.source.text.count("\n", 0, span.start) + 1


def outcome(example: str) -> list[tuple[int, str, str, str, str]]:
    """What the rule in whose folder an example is says of it."""
    return [
        (
            line(each.at),
            each.severity.word,
            each.audience,
            " ".join(fix.grade for fix in each.fixes),
            each.message,
        )
        for each in findings(example)
    ]


@pytest.mark.parametrize(
    ("example", "said"),
    [(example, [row[1:] for row in rows]) for example, rows in groupby(SAYS, lambda row: row[0])],
)
def test_a_rule_says_it_so(example: str, said: list[tuple[int, str, str, str, str]]) -> None:
    assert outcome(example) == said


def shown(example: str) -> list[Shown]:
    """What the rule in whose folder an example is shows of it."""
    return [
        (
            line(each.at),
            each.severity.word,
            each.audience,
            tuple(line(other.span) for other in each.related),
            each.message,
            each.fixes[0].grade if each.fixes else "",
            tuple(line(edit.span) for edit in each.fixes[0].edits) if each.fixes else (),
            each.fixes[0].snippet.strip() if each.fixes else "",
        )
        for each in findings(example)
    ]


@pytest.mark.parametrize(("example", "rows"), SHOWS.items(), ids=SHOWS)
def test_a_rule_shows_it_so(example: str, rows: list[Shown]) -> None:
    assert shown(example) == rows


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("blackholed_peer", 1),
        ("inbound_alternate_source", 0),
        ("inbound_dead_primary", 2),
        ("inbound_key_hidden", 0),
        ("inbound_tls_without_key", 0),
        ("inbound_unlimited", 0),
        ("inbound_unsigned", 0),
        ("notify_global_list", 1),
        ("notify_in_allow_notify", 1),
        ("notify_incomplete", 0),
        ("notify_nobody", 1),
        ("notify_ns_refused", 0),
        ("notify_ns_unsigned", 0),
        ("notify_sender_redundant", 0),
        ("notify_server_block_ignored", 0),
        ("notify_skips_primary", 0),
        ("notify_without_transfer", 1),
        ("view_in_view_list_ignored", 1),
        ("view_opened_by_key", 0),
        ("view_unreachable_with_key", 0),
    ],
)
def test_what_was_not_read_may_say_otherwise(rule: str, found: int) -> None:
    assert len(findings(f"{rule}/bad.conf", UNREAD)) == found


def test_zones_that_were_not_read_may_follow_a_list() -> None:
    found = findings("notify_nobody/more/idle_list.conf", UNREAD)
    shown = [(line(each.at), tuple(line(other.span) for other in each.related)) for each in found]
    assert shown == [(4, (11,)), (16, (15,))]


@pytest.mark.parametrize("element", ["nowhere", "{ 192.0.2.9; nowhere; }"])
def test_a_name_that_was_not_read_may_spare_the_peer(element: str, tmp_path: Path) -> None:
    text = (
        f"options {{ blackhole {{ !{element}; 10.0.0.0/8; }}; }};\n"
        'zone "a.example" { type secondary; file "a"; primaries { 10.0.0.1; }; };\n'
    )
    found = {
        unread: check(text + unread, tmp_path, "--select", "blackholed-peer").json["findings"]
        for unread in (UNREAD, "")
    }
    assert {unread: len(each) for unread, each in found.items()} == {UNREAD: 0, "": 1}
