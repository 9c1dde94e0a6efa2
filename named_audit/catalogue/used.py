"""The statements that bear on who gets a zone and how the secondaries learn of a change."""

from __future__ import annotations

USED = frozenset(
    {
        # What exists, and what it is.
        *("zone", "view", "options", "template", "type", "file", "in-view", "directory", "port", "tls-port"),
        # Who may ask.
        *("allow-transfer", "allow-query", "allow-update", "allow-update-forwarding", "update-policy", "acl"),
        *(
            "match-clients",
            "match-destinations",
            "match-recursive-only",
            "blackhole",
            "listen-on",
            "listen-on-v6",
        ),
        *("allow-new-zones", "match-mapped-addresses", "allow-proxy", "allow-proxy-on"),
        # NOTIFY.
        *("allow-notify", "also-notify", "notify", "notify-to-soa", "notify-source", "notify-source-v6"),
        # Where zones come from.
        *(
            "primaries",
            "masters",
            "parental-agents",
            "remote-servers",
            "transfer-source",
            "transfer-source-v6",
        ),
        *("server", "bogus", "request-ixfr", "provide-ixfr", "max-refresh-time", "min-refresh-time"),
        *("catalog-zones", "response-policy", "dlz", "database", "search"),
        # Proof.
        *("key", "keys", "algorithm", "secret", "tls", "key-file", "cert-file", "ca-file", "remote-hostname"),
        *(
            "protocols",
            "ciphers",
            "cipher-suites",
            "dhparam-file",
            "prefer-server-ciphers",
            "session-tickets",
        ),
        # Remote control.
        *("controls", "inet", "unix"),
    }
)
"""Their arguments are checked in full; other statements only for a `;` or a brace that is missing."""
