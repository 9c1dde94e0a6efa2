"""The list looks as if it demanded an address and a key, and the key alone is enough.

`{ !{ !192.0.2.53; any; }; key k; }` demands both: the inner list stops everyone but 192.0.2.53, and who is not stopped
must have the key. Without the `any` the inner list matches nobody, so that nobody is stopped.

## Why it matters

Whoever gets hold of the key can take the zone from any address. The list was written to prevent just that, and
transfers by the right secondary work, so that nothing shows the difference.

## How to fix it

Complete the inner list:

    allow-transfer { !{ !192.0.2.53; any; }; key "k"; };

From any other address, `dig -k k.conf @server a.example AXFR` prints the zone now, and `Transfer failed.` afterwards:
`zone transfer 'a.example/AXFR/IN' denied`.

## Not reported

Lists in which no key follows. Keys that no statement defines: they admit nobody (key-undefined).

## References

BIND 9 Administrator Reference Manual, address match lists; RFC 8945.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Related, Rule, Severity
from named_audit.lint.corrections import zone_names
from named_audit.lint.elements import Lists, correction, faults_of, keys_in_words
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-287",),
    references=("RFC 8945", "STIG V-207561", "STIG V-272420"),
    fix="unsafe",
    covers=("A09",),
)


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report a negated list of nothing but denials in front of a key."""
    for fault in faults_of(policy, audit, "and without any"):
        lists = Lists(policy, audit)
        keys = tuple(key for key in fault.signers if key in policy.keys)
        if not keys:
            continue
        last = fault.others[0]
        elsewhere = last.acl != fault.at.acl
        related = (Related(lists.span(last), "`any;` is missing behind this"),) if elsewhere else ()
        change = Change("after", lists.span(last, semicolon=True), "any", {})
        # `localhost` is no set of addresses.
        spared = fault.who.words() if fault.who else "those that it spares"
        yield Finding(
            at=lists.span(fault.at),
            message=f"{keys_in_words(keys)} can transfer {zone_names(policy.zones)} from any address, not only from "
            f"{spared}: {lists.shown(fault.at)} stops nobody, because `any` is missing in the inner list",
            related=related,
            scopes=audit.scopes(policy.zones),
            fixes=(correction(lists, "demand the address too", (change,), (last,), "unsafe"),),
        )
