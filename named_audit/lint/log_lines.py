"""What named's log lines mean: each wording with its causes, what to do about it, and what decides in a configuration."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Asks: TypeAlias = Literal[
    "", "transfer", "query", "cache", "update", "notify-from", "held", "key", "primary", "notify-to", "zone",
    "control", "unsigned-updates", "place",
]  # fmt: skip
"""What a configuration is asked about a line; empty: it has no say."""


class LogLine(NamedTuple):
    """One message of named, without the client, zone or transfer that stands before it.

    `pattern` is a regular expression for the whole message; the names of its groups and of what stands before it
    (`zone`, `class`, `view`, `peer`, `port`, `key`) may be used in braces in the texts; in commands `server` is the peer with
    its port, as dig takes it. `within` is what stands before it. `releases` are words, empty = 9.11 to 9.21; `category` and `severity` are those of `logging`.
    """

    id: str
    pattern: str
    within: Literal["client", "zone", "transfer", ""]
    category: str
    severity: str
    means: str
    causes: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    releases: str = ""
    asks: Asks = ""


_ZONE = r"'(?P<zone>\S+?)/(?P<class>[A-Z0-9]+)'"
_BARE_ZONE = r"'(?P<zone>\S+)'"
_PRIMARY = r"(?:primary|master)"
_PEER = r"(?P<peer>[0-9A-Fa-f.:%a-z]+)(?:#(?P<port>[0-9]+))?"
_FROM_PRIMARY = rf"{_PRIMARY} {_PEER} ?\(source (?P<source>[^)]*)\)"

_TSIG = r"tsig key '(?P<key>[^']+)'(?: \((?P<algorithm>[^)]*)\))?: "

_AXFR = "dig @<server> {zone} AXFR -b {peer}"
_AXFR_KEY = "dig @<server> {zone} AXFR -k <key file>"
_POLL = "dig @{server} {zone} SOA +norecurse"
_PULL = "dig @{server} {zone} AXFR -k <key file>"
_STATUS = "rndc zonestatus {zone}"
_RETRY = "rndc retransfer {zone}"
_OFTEN_MOVED = "notify or xfer-in (from 9.20.3), general (before)"
_XFER_IN = "xfer-in (from 9.20.3), general (before)"

LOG_LINES: tuple[LogLine, ...] = (
    # Transfers out.
    LogLine(
        "transfer-denied",
        r"zone transfer '(?P<zone>\S+)/(?P<type>[AI]XFR)/(?P<class>[A-Z0-9]+)' denied",
        "client", "security", "error",
        "{peer} asked for zone {zone}, {proof}, and allow-transfer does not admit it; it got REFUSED.",
        (
            "its address (NAT, a second address, a container's or virtual one) or its key is not in the list",
            "the request is unsigned although the list asks for a key",
            "no allow-transfer applies: from 9.20.0 on that means none",
            "the list denies it before the element that admits it",
        ),
        (
            "if it is a secondary: name its key in allow-transfer, and let it sign: primaries { <this server> key <name>; };",
            "if it is nobody you know: nothing, named did what it should",
        ),
        (_AXFR, _AXFR_KEY),
        ("transfer-secondary-excluded", "transfer-lost-denial", "transfer-late-denial", "transfer-and-without-any"),
        asks="transfer",
    ),
    LogLine(
        "transfer-started",
        rf"transfer of {_ZONE}: (?P<type>(?:AXFR|IXFR|AXFR-style IXFR|IXFR UDP|IXFR poll)\S*) (?:started|ended|up to date)\b.*",
        "client", "xfer-out", "info",
        "{peer} takes zone {zone}, {proof}: allow-transfer admits it. It is all that named says of a transfer that it serves.",
        (),
        ("if you do not know {peer}: close allow-transfer",),
        (_AXFR,),
        ("transfer-open", "transfer-open-by-default", "transfer-address-only", "transfer-address-or-key"),
        asks="transfer",
    ),
    LogLine(
        "transfer-not-authoritative",
        rf"bad zone transfer request: {_ZONE}: (?P<why>non-authoritative zone|.*) \(NOTAUTH\)",
        "client", "xfer-out", "info",
        "{peer} asked for zone {zone}, which this server does not hold where the request lands; it got NOTAUTH.",
        (
            "the zone is not configured, not loaded, or has expired",
            "the request landed in another view than the one that has the zone",
            "the zone has a type that is never handed out (forward, hint, stub)",
        ),
        ("load the zone, or sign the request with a key that leads to its view (match-clients { key <name>; };)",),
        (_STATUS, _AXFR),
        asks="held",
    ),
    LogLine(
        "transfer-quota",
        r"(?:(?:AXFR|IXFR)\S* )?request denied: quota reached",
        "client", "xfer-out", "warning",
        "{peer} asked for a transfer while transfers-out others were running; it will ask again.",
        ("many secondaries at once, or slow ones that hold their places (max-transfer-time-out)",),
        ("raise transfers-out (default 10) if the machine can bear it",),
        ("rndc status",),
    ),
    LogLine(
        "transfer-request-bad",
        r"(?:bad zone transfer request|attempted AXFR over UDP|(?P<type>[AI]XFR)\S* request denied): ?.*",
        "client", "xfer-out", "info",
        "{peer} sent a request for a transfer that named could not take as one.",
        ("a client that is not a secondary, or a broken one",),
        asks="",
    ),
    # Queries.
    LogLine(
        "query-cache-denied",
        r"query \(cache\) '(?P<zone>\S+)/(?P<type>\S+)/(?P<class>\S+)' denied(?: \(.*\))?",
        "client", "security", "info",
        "{peer} asked for {zone}, which this server is not authoritative for, and it may not ask the cache; it got REFUSED.",
        (
            "a stranger tries an authoritative server as a resolver",
            "a client of yours is not in allow-recursion or allow-query-cache",
            "the zone should be here and is not (another view, not loaded)",
        ),
        ("for clients of your own: allow-recursion { <their network>; };",),
        ("dig @<server> {zone} {type} -b {peer}",),
        asks="cache",
    ),
    LogLine(
        "query-denied",
        r"query(?: failed)? \(?'?(?P<zone>\S+?)/(?P<type>[A-Z0-9-]+)/(?P<class>[A-Z0-9]+)'? denied(?: \(.*\))?",
        "client", "security", "info",
        "{peer} asked for {zone}, and allow-query of the zone does not admit it; it got REFUSED.",
        (
            "allow-query is narrower than the clients of the zone",
            "a secondary polls the SOA before it transfers: allow-query must admit it too",
        ),
        ("add the client, or the secondary's key, to allow-query",),
        ("dig @<server> {zone} {type} -b {peer}",),
        asks="query",
    ),
    # Updates.
    LogLine(
        "update-denied",
        r"update (?P<forwarding>forwarding )?'(?P<zone>\S+)/(?P<class>[A-Z0-9]+)' denied(?P<why> due to allow-query)?",
        "client", "update-security", "error (info where nothing in the configuration is about updates)",
        "{peer} wanted to change zone {zone}, {proof}, and may not; it got REFUSED.",
        (
            "allow-update does not name the key or the address that it came with (the default is none)",
            "with update-policy an unsigned update is always denied",
            "on a secondary: allow-update-forwarding decides (the default is none)",
        ),
        ("let the client sign, and grant its key only what it needs: update-policy { grant <key> name <name> <types>; };",),
        ("nsupdate -k <key file>",),
        asks="update",
    ),
    LogLine(
        "update-rejected",
        rf"updating zone {_ZONE}: update failed: rejected by secure update \(REFUSED\)",
        "client", "update", "info",
        "{peer} wanted to change zone {zone}, {proof}, and no rule of update-policy grants it that name and type.",
        ("the key, the name or the record type matches no grant, or a deny stands before it",),
        ("add the grant: update-policy { grant <key> name <name> <types>; };",),
        ("nsupdate -k <key file>",),
        asks="update",
    ),
    LogLine(
        "update-not-authoritative",
        r"update failed: (?P<zone>\S+): not authoritative for update zone \(NOTAUTH\)",
        "client", "update", "info",
        "{peer} wanted to change zone {zone}, which this server does not hold where the request lands.",
        ("a wrong zone name in the client, or another view",),
        (),
        (_STATUS,),
        asks="held",
    ),
    LogLine(
        "unsigned-updates",
        rf"zone {_BARE_ZONE} allows unsigned updates from remote hosts, which is insecure",
        "", "security", "warning",
        "allow-update of zone {zone} has an element that is neither a key nor a loopback address: who has, or forges, such "
        "an address can change the zone.",
        ("allow-update { any; } or an address, in the zone, its view or the options",),
        ("name keys only: allow-update { key <name>; };, or update-policy { grant <key> ...; };",),
        ("nsupdate, without a key, from an address in the list",),
        asks="unsigned-updates",
    ),
    # Signatures.
    LogLine(
        "tsig-badkey",
        r"request has invalid signature: TSIG (?P<key>\S+?)(?: \([^)]*\))?: (?:tsig verify failure|[^(]*) \(BADKEY\)",
        "client", "security", "error",
        "{peer} signed with key {key}, which this server does not know under that name and algorithm; it got NOTAUTH (BADKEY), "
        "no access list was asked.",
        (
            "no key statement of that name where the request lands (names are compared without case, but whole)",
            "the same name with another algorithm: that is logged as BADKEY too",
            "the key stands in another view",
        ),
        ("give both sides the same key statement: name, algorithm and secret (tsig-keygen <name>)",),
        ("named-checkconf -px", "dig @<server> <zone> SOA -y hmac-sha256:{key}:<secret>"),
        ("key-undefined",),
        asks="key",
    ),
    LogLine(
        "tsig-badsig",
        r"request has invalid signature: TSIG (?P<key>\S+?)(?: \([^)]*\))?: (?:tsig verify failure|[^(]*) \(BADSIG\)",
        "client", "security", "error",
        "{peer} signed with key {key}, and the signature does not fit this server's secret; it got NOTAUTH (BADSIG).",
        (
            "the secret differs: rotated on one side only, cut while copied, a blank or line end in it",
            "two keys of the same name in use (one for each view or customer)",
            "something on the way changed the message",
        ),
        ("copy the key statement anew to the other side, then rndc reconfig on both",),
        ("dig @<server> <zone> SOA -k <key file>",),
        ("key-shared",),
        asks="key",
    ),
    LogLine(
        "tsig-badtime",
        r"request has invalid signature: TSIG (?P<key>\S+?)(?: \([^)]*\))?: (?:tsig verify failure|[^(]*) \(BADTIME\)",
        "client", "security", "error",
        "{peer} signed with the right key {key}, but its clock and this server's are more than 300 s apart (BADTIME).",
        ("a clock is wrong: no NTP, a virtual machine that was paused, a wrong time zone taken for UTC",),
        ("set the clocks: nothing in named.conf is wrong, and nothing there widens the 300 s (the fudge of RFC 8945 section 10)",),
        ("chronyc tracking", "date -u"),
        asks="key",
    ),
    LogLine(
        "tsig-badtrunc",
        r"request has invalid signature: TSIG (?P<key>\S+?)(?: \([^)]*\))?: (?:tsig verify failure|[^(]*) \(BADTRUNC\)",
        "client", "security", "error",
        "{peer} signed with key {key}, and its signature is shorter than this server's algorithm asks for (BADTRUNC).",
        ("one side says hmac-sha256-128 (or another number of bits), the other the whole hmac-sha256",),
        ("write the same algorithm, without bits, on both sides",),
        ("named-checkconf -px",),
        asks="key",
    ),
    LogLine(
        "signature-invalid",
        r"request has invalid signature: (?!TSIG ).*",
        "client", "security", "error",
        "{peer} sent a message with a signature that named could not verify.",
        ("SIG(0), or a TSIG that is damaged",),
    ),
    LogLine(
        "tsig-debug-key",
        rf"{_TSIG}(?P<why>unknown key|key name and algorithm do not match)",
        "", "dnssec", "debug 2 and 3",
        "A message was signed with key {key}, which is not known here under that name and algorithm ({why}): it is refused with BADKEY.",
        (),
        ("give both sides the same key statement: name, algorithm and secret (tsig-keygen <name>)",),
        ("named-checkconf -px",),
        ("key-undefined",),
        asks="key",
    ),
    LogLine(
        "tsig-debug-time",
        rf"{_TSIG}(?P<why>signature has expired|signature is in the future)",
        "", "dnssec", "debug 2 and 3",
        "A message was signed with key {key}, and the clocks of the two sides are more than 300 s apart ({why}): it is refused with "
        "BADTIME.",
        (),
        ("set the clocks: nothing in named.conf is wrong, and nothing there widens the 300 s (the fudge of RFC 8945 section 10)",),
        ("chronyc tracking", "date -u"),
        asks="key",
    ),
    LogLine(
        "tsig-debug-signature",
        rf"{_TSIG}(?P<why>signature failed to verify\([0-9]\)|signature is empty)",
        "", "dnssec", "debug 2 and 3",
        "A message was signed with key {key}, and the signature does not fit the secret here ({why}): it is refused with BADSIG.",
        (),
        ("copy the key statement anew to the other side, then rndc reconfig on both",),
        ("dig @<server> <zone> SOA -k <key file>",),
        ("key-shared",),
        asks="key",
    ),
    LogLine(
        "tsig-debug",
        rf"{_TSIG}(?P<why>.*)",
        "", "dnssec", "debug 2 and 3",
        "Why a signature with key {key} was refused: {why}.",
        (),
        (),
        ("named-checkconf -px",),
        asks="key",
    ),
    LogLine(
        "key-short",
        r"the key '(?P<key>[^']+)' is too short to be secure",
        "", "general", "info",
        "The secret of key {key} has less than 64 bits.",
        (),
        ("make a new one of 256 bits: tsig-keygen {key}",),
        (),
        ("key-weak-secret",),
        asks="key",
    ),
    # NOTIFY, as it is received.
    LogLine(
        "notify-refused",
        rf"refused notify from non-(?:primary|master): {_PEER}",
        "zone", _OFTEN_MOVED, "info",
        "{peer} said that zone {zone} has a new version, and it is neither one of the zone's primaries nor in its allow-notify: "
        "named does not look.",
        (
            "the primary has several addresses and sends from one that primaries does not list",
            "another secondary forwards NOTIFY (notify yes on a secondary)",
            "a key in the NOTIFY makes no difference here unless allow-notify names it",
        ),
        (
            "on the primary: notify-source <the address that is listed here>;",
            "or here: list the address in primaries, or allow it: allow-notify { {peer}; };",
        ),
        ("rndc notify {zone}",),
        ("notify-in-allow-notify",),
        releases="`non-primary` from 9.18, `non-master` before",
        asks="notify-from",
    ),
    LogLine(
        "notify-not-authoritative",
        r"received notify for zone '(?P<zone>\S+)'(?:: TSIG '(?P<key>[^']+)')?: not authoritative",
        "client", "notify", "notice",
        "{peer} told of a new version of zone {zone}, {proof}, and this server has no such zone where the NOTIFY lands.",
        (
            "the zone is not configured here",
            "the NOTIFY lands in the wrong view: match-clients goes by the sender's address or key",
        ),
        (
            "remove this server from the sender's also-notify, or add the zone",
            "with views: sign the NOTIFY with the view's key: also-notify { <this server> key <name>; };",
        ),
        (_STATUS,),
        asks="held",
    ),
    LogLine(
        "notify-received",
        r"received notify for zone '(?P<zone>\S+?)'(?:: TSIG '(?P<key>[^']+)')?",
        "client", "notify", "info",
        "{peer} told of a new version of zone {zone}, {proof}. What follows says whether it is taken.",
        asks="notify-from",
    ),
    LogLine(
        "notify-taken",
        rf"notify from {_PEER}: (?P<why>.*)",
        "zone", _OFTEN_MOVED, "info",
        "The NOTIFY from {peer} for zone {zone} was taken: {why}.",
        (),
        (),
        (_STATUS,),
        asks="notify-from",
    ),
    # NOTIFY, as it is sent.
    LogLine(
        "notify-retries",
        rf"notify(?:\([A-Z]+\))? to {_PEER}: retries exceeded",
        "zone", "notify", "info",
        "{peer} did not answer the NOTIFY for zone {zone}, and named gives up; that server learns of the change when it polls next.",
        (
            "nobody listens there, or a packet filter is in the way",
            "the answer comes from another address than the one that was asked",
            "a view or a key that the other side drops without a word (blackhole)",
        ),
        ("remove the address from also-notify (or from the NS records), or open UDP and TCP to it",),
        ("rndc notify {zone}", _POLL),
        ("notify-without-transfer",),
        releases="`notify(SOA) to` from 9.21",
        asks="notify-to",
    ),
    LogLine(
        "notify-failed",
        rf"notify(?:\([A-Z]+\))? to {_PEER} failed: (?P<why>.*)",
        "zone", "notify", "debug 1 to 3",
        "The NOTIFY for zone {zone} could not be sent to {peer}: {why}.",
        ("nobody listens there, no route, or the other side's TSIG answer was an error",),
        ("see to the address in also-notify, its port, and its key",),
        ("rndc notify {zone}",),
        asks="notify-to",
    ),
    LogLine(
        "notify-answered",
        rf"notify(?:\([A-Z]+\))? response from {_PEER}: (?P<rcode>[A-Z0-9]+)",
        "zone", "notify", "debug 3",
        "{peer} answered the NOTIFY for zone {zone} with {rcode}.",
        (
            "NOTAUTH: it has no such zone where the NOTIFY lands, or does not know the key that signs it",
            "REFUSED: it does not take this server for a primary of the zone",
            "NOTIMP, FORMERR: it is no secondary",
        ),
        ("on the other side: the zone, its primaries, and the key; here: the key in also-notify",),
        ("rndc notify {zone}",),
        ("notify-without-transfer",),
        asks="notify-to",
    ),
    LogLine(
        "notify-key-lookup",
        rf"NOTIFY to {_PEER} not sent\. Peer TSIG key lookup failure\.",
        "zone", "notify", "error",
        "The server block for {peer} names a key that is not defined where zone {zone} stands: nothing is sent.",
        (),
        ("define the key, or correct its name in server {peer} { keys <name>; };",),
        ("rndc notify {zone}",),
        ("key-undefined",),
        asks="notify-to",
    ),
    LogLine(
        "notify-sending",
        r"sending notifies \(serial (?P<serial>[0-9]+)\)",
        "zone", "notify", "info",
        "Zone {zone} has serial {serial}, and the servers of its NS records and also-notify are told.",
        (),
        (),
        ("rndc notify {zone}",),
        asks="notify-to",
    ),
    LogLine(
        "notify-sending-one",
        rf"sending notify(?:\([A-Z]+\))? to {_PEER}(?: : TSIG \((?P<key>[^)]+)\))?",
        "zone", "notify", "debug 3",
        "A NOTIFY for zone {zone} goes to {peer}, {proof}.",
        asks="notify-to",
    ),
    # Transfers in.
    LogLine(
        "transfer-status",
        r"(?:Transfer status: |(?=expected a TSIG or SIG\(0\)$))(?P<why>.+)",
        "transfer", "xfer-in", "info",
        "The transfer of zone {zone} from {peer} ended: {why}.",
        asks="primary",
    ),
    LogLine(
        "transfer-failed",
        r"(?:failed while receiving responses|failed to connect|failed while (?:sending|parsing)[^:]*|failed sending request[^:]*|"
        r"could not get TSIG key for zone transfer|could not get TLS configuration for zone transfer|setting up zone transfer|"
        r"starting zone transfer): (?P<why>.+)",
        "transfer", "xfer-in", "error",
        "The transfer of zone {zone} from {peer} failed: {why}.",
        asks="primary",
    ),
    LogLine(
        "transfer-connected",
        rf"connected using {_PEER}(?: TSIG (?P<key>\S+))?.*",
        "transfer", "xfer-in", "info",
        "Zone {zone} is being taken from {peer}, {proof}. (Whether over TLS is not said: port 853 is a hint.)",
        (),
        (),
        (),
        ("inbound-unsigned",),
        asks="primary",
    ),
    LogLine(
        "transfer-completed",
        r"Transfer completed: .*",
        "transfer", "xfer-in", "info",
        "The transfer of zone {zone} from {peer} is over; 0 messages and serial 0 mean that it failed, and the line before says why.",
        (),
        (),
        (_STATUS,),
        asks="primary",
    ),
    LogLine(
        "transfer-notes",
        r"(?:requesting [AI]XFR.*|got (?P<rcode>[A-Z]+), retrying with AXFR|IXFR (?:disabled|out of sync|failed).*|"
        r"empty answer section, retrying with AXFR|maximum transfer time exceeded|giving up.*|resetting|first RR in zone transfer must be SOA|"
        r"non-authoritative answer(?: in zone transfer)?|got incremental response to AXFR request|transferred zone has .*|"
        r"Transfer started\.)",
        "transfer", "xfer-in", "info, error",
        "The transfer of zone {zone} from {peer} took this turn; the line `Transfer status` says how it ended.",
        asks="primary",
    ),
    LogLine(
        "tls-verification",
        r".*TLS peer certificate verification failed.*",
        "transfer", "xfer-in", "error",
        "{peer} shows a certificate that the tls block of the primaries entry does not take: no transfer.",
        ("remote-hostname is not a name in the certificate", "ca-file is not its issuer", "the certificate has expired"),
        ("correct remote-hostname or ca-file in the tls block, or the primary's cert-file",),
        ("openssl s_client -connect {peer}:853 -alpn dot",),
        asks="primary",
    ),
    LogLine(
        "transfer-of-zone",
        r"Transfer started\.|transferred serial (?P<serial>[0-9]+)(?:: TSIG '(?P<key>[^']+)')?",
        "zone", "xfer-in", "info",
        "Zone {zone} is taken from a primary; `transferred serial N: TSIG 'k'` names the key that proved it, no TSIG means that "
        "nothing did.",
        (),
        (),
        (_STATUS,),
        ("inbound-unsigned",),
        asks="primary",
    ),
    LogLine(
        "transfer-deferred",
        r"zone transfer deferred due to quota",
        "zone", "xfer-in", "info",
        "Zone {zone} waits until another transfer of this server is over: transfers-in, or transfers-per-ns for one primary.",
        (),
        ("with many zones: raise transfers-per-ns (default 2) and transfers-in (default 10)",),
        ("rndc status",),
    ),
    LogLine(
        "key-not-found",
        r"unable to find (?:TSIG )?key(?: for)?:? (?P<key>\S+)",
        "zone", "general", "error",
        "An entry of primaries (or also-notify) of zone {zone} names key {key}, which is not defined where the zone stands: that "
        "primary is skipped every time, never asked unsigned.",
        ("a misspelt name, or a key of another view",),
        ("define the key, or correct the name: primaries { <address> key <name>; };",),
        (_RETRY,),
        ("key-undefined",),
        asks="primary",
    ),
    LogLine(
        "refresh-rcode",
        rf"refresh: unexpected rcode \((?P<rcode>[A-Z0-9]+)\) from {_FROM_PRIMARY}",
        "zone", _XFER_IN, "info",
        "{peer} answered the question for the SOA of zone {zone} with {rcode}.",
        (
            "REFUSED: its allow-query does not admit this server, or it has no such zone",
            "NOTAUTH: it does not know the key that signs the question",
            "SERVFAIL: its zone is not loaded or has expired",
        ),
        (
            "with REFUSED: see that {peer} has the zone where the question lands, and admits this server in allow-query (not allow-transfer)",
            "with NOTAUTH: give both sides the same key statement",
            "with SERVFAIL: mend what {peer} logs about loading or refreshing the zone",
        ),
        (_POLL, _PULL),
        asks="primary",
    ),
    LogLine(
        "refresh-failed",
        rf"refresh: failure trying {_FROM_PRIMARY}: (?P<why>.+)",
        "zone", _XFER_IN, "info",
        "{peer} could not be asked for the SOA of zone {zone}: {why}.",
        (
            "timed out, connection refused, unreachable: nobody listens there, a packet filter, or a wrong source address",
            "tsig indicates error: it does not know the key (BADKEY), has another secret (BADSIG), or the clocks differ (BADTIME)",
            "expected a TSIG or SIG(0): it does not sign its answer",
        ),
        (
            "with timed out, connection refused, unreachable: open UDP and TCP to {peer}, or correct primaries and transfer-source",
            "with tsig indicates error: give both sides the same key statement; {peer} logs which of the three it is",
            "with expected a TSIG or SIG(0): see what answers at {peer}: it is no server that knows the key",
        ),
        (_POLL, _RETRY),
        asks="primary",
    ),
    LogLine(
        "refresh-not-authoritative",
        rf"(?:refresh(?:ing stub)?: )?non-authoritative answer from (?:{_FROM_PRIMARY}|{_PRIMARY})",
        "zone", _XFER_IN, "info",
        "{peer} answers for zone {zone}, but not as one who holds it (no AA): its own copy has expired, or it is a resolver.",
        ("the zone is not loaded there, or expired", "the question lands in a view without the zone, which recurses"),
        ("see to the zone on {peer}, or ask another primary",),
        (_POLL,),
        asks="primary",
    ),
    LogLine(
        "refresh-retries",
        rf"refresh: retry limit for {_PRIMARY} {_PEER} exceeded \(source (?P<source>[^)]*)\)",
        "zone", _XFER_IN, "info",
        "{peer} did not answer any question for the SOA of zone {zone}.",
        ("nobody listens there, a packet filter, or transfer-source is an address that it cannot answer",),
        ("open UDP and TCP to {peer}, or correct primaries and transfer-source",),
        (_POLL,),
        asks="primary",
    ),
    LogLine(
        "refresh-other",
        rf"refresh(?:ing stub)?: .*{_FROM_PRIMARY}.*",
        "zone", _XFER_IN, "info",
        "The question to {peer} for the SOA of zone {zone} did not go as it should; named goes on with the next primary or way.",
        (),
        (),
        (_POLL,),
        asks="primary",
    ),
    LogLine(
        "refresh-no-primaries",
        r"cannot refresh: no (?:primaries|masters)",
        "zone", _XFER_IN, "error",
        "Zone {zone} has no primary that could be asked.",
        ("an empty list in primaries", "every entry was skipped: see `unable to find key`"),
        ("name them: primaries { <address> key <name>; };",),
        (),
        asks="primary",
    ),
    LogLine(
        "serial-backwards",
        rf"serial number \((?P<serial>[0-9]+)\) received from {_PRIMARY} {_PEER} < ours \((?P<ours>[0-9]+)\)",
        "zone", _XFER_IN, "info",
        "{peer} has serial {serial} of zone {zone}, this server the higher {ours}: named keeps its own copy, however old.",
        ("the serial was set back (a restored backup, YYYYMMDDnn after a slip), or two primaries disagree",),
        ("raise the serial on the primary beyond {ours} (RFC 1912 section 2.2), or take its copy once: rndc retransfer {zone}",),
        (_POLL, _RETRY),
        asks="primary",
    ),
    LogLine(
        "zone-expired",
        r"expired",
        "zone", "general", "warning",
        "No primary could be reached within the SOA's expire time: zone {zone} is answered with SERVFAIL, and its own secondaries "
        "starve as well.",
        ("see the lines `refresh:` and `Transfer status` before it",),
        ("mend the way to the primary; then rndc retransfer {zone}",),
        (_STATUS, _RETRY),
        asks="primary",
    ),
    LogLine(
        "zone-not-loaded",
        r"(?:loading from master file (?P<file>\S+) failed: (?P<why>.*)|not loaded due to errors\.|loading zone: .*)",
        "zone", "general, zoneload", "error",
        "Zone {zone} could not be loaded: it is answered with SERVFAIL and given to nobody.",
        (
            "the file is missing, not readable for named's user, or has an error (the lines before it say which)",
            "a secondary's file in another format than masterfile-format says (raw by default)",
        ),
        ("named-checkzone {zone} <file>",),
        (_STATUS,),
        asks="zone",
    ),
    LogLine(
        "zone-loaded",
        r"loaded serial (?P<serial>[0-9]+).*",
        "zone", "zoneload", "info",
        "Zone {zone} was loaded with serial {serial}.",
        asks="zone",
    ),
    # The control channel.
    LogLine(
        "control-bad-auth",
        rf"invalid command from {_PEER}: (?P<why>.*)",
        "", "general", "error",
        "Somebody at {peer} spoke to the control channel with another key than the one in controls: {why}.",
        ("rndc.key or rndc.conf holds another secret or algorithm than named's", "the clocks are more than 5 minutes apart", "it is not rndc"),
        ("make one key for both: rndc-confgen -a, then restart named",),
        ("rndc status",),
        asks="control",
    ),
    LogLine(
        "control-rejected",
        rf"rejected command channel message from {_PEER}",
        "", "general", "warning",
        "Somebody at {peer} spoke to the control channel, and the allow list of controls does not admit that address.",
        (),
        ("narrow or widen: controls { inet 127.0.0.1 allow { localhost; } keys { <key>; }; };",),
        ("rndc -s <server> status",),
        asks="control",
    ),
    LogLine(
        "control-command",
        r"received control channel command '(?P<command>[^']*)'",
        "", "general", "info",
        "Somebody who has the key of the control channel said: {command}.",
        asks="control",
    ),
    LogLine(
        "control-key",
        r"(?:couldn't find key|couldn't install (?:new )?keys?|unsupported algorithm|secret for key) '?(?P<key>[^' ]+)'?.*command channel.*",
        "", "general", "warning",
        "The key that controls names cannot be used: rndc cannot speak to named there.",
        (),
        ("define it: key <name> { algorithm hmac-sha256; secret <secret>; };, best in a file that named alone reads",),
        ("rndc status",),
        ("key-undefined",),
        asks="key",
    ),
    LogLine(
        "control-listening",
        rf"(?:command channel listening on|stopping command channel on) {_PEER}",
        "", "general", "notice",
        "The control channel for rndc is at {peer}.",
        asks="control",
    ),
    LogLine(
        "rndc-connect",
        rf"(?:rndc: )?connect failed: {_PEER}: (?P<why>.*)",
        "", "rndc", "said by rndc",
        "Nobody listens for rndc at {peer}: {why}.",
        ("named does not run, or controls { }; turns the channel off, or it listens elsewhere",),
        ("see the line `command channel listening on`",),
        ("rndc -s <address> -p <port> status",),
        asks="control",
    ),
    LogLine(
        "rndc-closed",
        r"(?:rndc: )?connection to remote host closed\.?|\* (?:This may indicate that the|remote server is using an older|"
        r"version of the command protocol|this host is not authorized to connect|the clocks are not synchronized|"
        r"the key signing algorithm is incorrect|or the key is invalid)\b.*",
        "", "rndc", "said by rndc",
        "named closed the control channel: the key is not the one in controls, the address is not allowed, or the clocks differ.",
        (),
        ("named's own log says which: `invalid command` or `rejected command channel message`",),
        ("rndc -k <key file> status",),
        asks="control",
    ),
    LogLine(
        "rndc-failed",
        r"(?:rndc: )?'(?P<command>[^']*)' failed: (?P<why>.*)",
        "", "rndc", "said by rndc",
        "named could not do {command}: {why}. The old configuration goes on.",
        (),
        ("named's own log says why, in the line before",),
        ("named-checkconf -z",),
    ),
    # Configuration.
    LogLine(
        "configuration-failed",
        r"(?:loading configuration|reloading configuration failed): (?P<why>.+)",
        "", "general", "error",
        "named does not take its configuration: {why}. After a reload the old one goes on; at the start there is none, and named ends.",
        ("a statement that it refuses: the line before names the file and the line", "permission denied: a file is not readable for named's user"),
        ("correct what the line before names",),
        ("named-checkconf -z", "named-audit check <file>"),
    ),
    LogLine(
        "configuration-read",
        r"(?:loading configuration from '(?P<file>[^']*)'|reloading configuration succeeded|reloading zones succeeded|all zones loaded|running)",
        "", "general", "info, notice",
        "named has read its configuration.",
    ),
    LogLine(
        "open-failed",
        r"(?:[^\s:]+:[0-9]+: )?open: (?P<file>.+): (?P<why>permission denied|file not found|.*)",
        "", "general", "error",
        "named cannot read {file}: {why}.",
        ("its owner or mode shuts named's user out, or AppArmor or SELinux does", "another path inside a chroot"),
        ("let named's group read it: chgrp bind <file>, chmod 640 <file> (bind is named on Red Hat)",),
        ("sudo -u bind cat <file>",),
    ),
    LogLine(
        "configuration-line",
        r"(?P<file>[^\s:][^:]*):(?P<line>[0-9]+): (?P<why>.+)",
        "", "general", "error or warning",
        "named complains about {file}, line {line}: {why}.",
        (),
        (),
        ("named-checkconf {file}", "named-audit check {file}"),
        asks="place",
    ),
)  # fmt: skip

SHORT: tuple[tuple[str, str], ...] = (
    (r"(?:tsig verify failure )?\(?BADKEY\)?", "tsig-badkey"),
    (r"(?:tsig verify failure )?\(?BADSIG\)?", "tsig-badsig"),
    (r"(?:tsig verify failure )?\(?BADTIME\)?", "tsig-badtime"),
    (r"(?:tsig verify failure )?\(?BADTRUNC\)?", "tsig-badtrunc"),
    (r"refused notify from non-(?:primary|master)", "notify-refused"),
)
"""What people quote of a message when they have not the whole of it, as a pattern, with the id of its line."""

STATUS: tuple[tuple[str, str], ...] = (
    (
        r"success|up to date",
        "nothing is wrong",
    ),
    (
        r"REFUSED",
        (
            "the primary's allow-transfer does not admit this server (its log says: zone transfer '{zone}/AXFR/IN' denied). It must "
            "name the key that this server signs with, or this server must sign"
        ),
    ),
    (
        r"NOTAUTH",
        (
            "the primary has no such zone where the request lands (its log: non-authoritative zone (NOTAUTH)), or it does not know "
            "the key (its log: BADKEY, BADSIG or BADTIME)"
        ),
    ),
    (
        r"expected a TSIG or SIG\(0\)",
        (
            "this server signs, and the primary answers unsigned: it does not know the key and is too old to say so, or "
            "something in between answers"
        ),
    ),
    (
        r"tsig (?:indicates error|verify failure).*|.*BAD(?:KEY|SIG|TIME|TRUNC).*",
        "the two sides do not have the same key statement, or the clocks differ by more than 300 s; the primary logs which",
    ),
    (
        r"SERVFAIL",
        "the primary cannot load the zone, or its copy has expired",
    ),
    (
        r"FORMERR|unexpected (?:error|end of input)|end of file",
        "the primary broke off: it does not understand the request, a message is damaged, or it closed the connection",
    ),
    (
        r"timed out|connection refused|host unreachable|network unreachable|connection reset|unreachable.*|operation canceled|shutting down",
        "the primary cannot be reached over TCP: nobody listens at that address and port, a packet filter, or transfer-source",
    ),
    (
        r"too many records",
        "the zone has more records than max-records allows here: the old copy stays",
    ),
    (
        r"not exact|IXFR.*|bad zone",
        "the two copies do not fit: take the whole zone once with rndc retransfer {zone}",
    ),
    (
        r".*TLS.*|.*certificate.*",
        "the certificate is not the one that the tls block asks for",
    ),
    (
        r"permission denied",
        "named may not use the transfer-source, or may not write the zone's file",
    ),
)
"""Why a transfer in ended as it did: what stands behind `Transfer status:`, and its cause."""
