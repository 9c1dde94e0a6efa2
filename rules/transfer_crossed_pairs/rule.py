"""Several hosts and several keys are demanded together, so that each host may use each key.

`{ !{ !h1; !h2; any; }; key k1; key k2; }` admits h1 with k1 and h2 with k2, and also h1 with k2 and h2 with k1.

## Why it matters

One key per peer is there so that a key that leaks, or a peer that is dismissed, can be shut out alone. Here one host's
operator can use the other's key, and nothing in the log is out of order.

## How to fix it

Give each pair a list of its own:

    allow-transfer { { !{ !h1; any; }; key "k1"; }; { !{ !h2; any; }; key "k2"; }; };

On h1, `dig -k k2.conf @server a.example AXFR` prints the zone now. Which host used which key stands in the log:
`client ... h1#...: transfer of 'a.example/IN': AXFR started: TSIG k2`.

## Not reported

Hosts that belong to one peer with one key. Where the rest of the configuration does not say which key belongs to which
host, the keys may also be an old and a new one: that is for the pedantic audience.

## References

BIND 9 Administrator Reference Manual, address match lists; RFC 8945 section 8.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity
from named_audit.lint.corrections import names, zone_names
from named_audit.lint.elements import Lists, correction, faults_of, in_lists, keys_in_words
from named_audit.model.matchlist import Prefix, address_text
from named_audit.model.names import canonical
from named_audit.policy.faults import Fault, prefixes_of
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-287",),
    references=("RFC 8945 section 8",),
    fix="unsafe",
    covers=("A12",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report one demand for several hosts and several keys."""
    for fault in faults_of(policy, audit, "crossed pairs"):
        keys = tuple(key for key in fault.signers if key in policy.keys)
        if len(keys) < 2:
            continue
        lists = Lists(policy, audit)
        hosts = _hosts(lists, fault)
        owners = {host: audit.peers.key_of(host.family, host.network, policy.view) for host in hosts}
        tied: dict[str, list[Prefix]] = {}
        for host, key in owners.items():
            if key is not None and canonical(key) in keys:
                tied.setdefault(canonical(key), []).append(host)
        if len(tied) == 1 and None not in owners.values():
            continue
        certain = len(tied) == len(keys) and sum(map(len, tied.values())) == len(hosts)
        yield Finding(
            at=lists.span(fault.at),
            message=f"each of {fault.who.words()} can transfer {zone_names(policy.zones)} with each of the "
            f"{keys_in_words(keys)}"
            + (f": {_pairs_in_words(tied)} is what the rest of the file says" if certain else ""),
            severity=None if certain else Severity.LOW,
            audience=None if certain else "pedantic",
            scopes=audit.scopes(policy.zones),
            fixes=tuple(_fix(lists, fault, tied if certain else _in_order(hosts, keys), certain=certain)),
        )


def _hosts(lists: Lists, fault: Fault) -> list[Prefix]:
    """The single addresses that the block spares, in text order; none if it spares anything else."""
    found = prefixes_of(lists.element(fault.at), lists.audit.lists.lookup, fault.who)
    hosts = [host for host in found if host.length == (32 if host.family == 4 else 128)]
    return hosts if len(hosts) == fault.who.size(4) + fault.who.size(6) else []


def _in_order(hosts: list[Prefix], keys: tuple[str, ...]) -> dict[str, list[Prefix]]:
    return {key: [host] for key, host in zip(keys, hosts, strict=True)} if len(hosts) == len(keys) else {}


def _pairs_in_words(tied: dict[str, list[Prefix]]) -> str:
    return names(
        f"{key} for {names(address_text(host.network, host.family) for host in hosts)}"
        for key, hosts in tied.items()
    )


def _fix(lists: Lists, fault: Fault, tied: dict[str, list[Prefix]], *, certain: bool) -> Iterator[Fix]:
    if not tied:
        return
    texts = {canonical(str(lists.element(place).value)): lists.text(place) for place in fault.others}
    last = max((fault.at, *fault.others), key=lambda place: place.path[-1])
    pairs = [
        ([address_text(host.network, host.family) for host in hosts], texts[key])
        for key, hosts in tied.items()
    ]
    change = in_lists(lists, fault.at, last, pairs)
    yield correction(
        lists, "tie each host to its key", (change,), (fault.at,), "unsafe" if certain else "display"
    )
