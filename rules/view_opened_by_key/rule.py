"""A key leads into a private view from anywhere, and the zones there ask for no key.

`match-clients` lets the holders of the key into the view, whatever their address. The allow-transfer of its zones (or the
open default of BIND up to 9.18) admits every client that gets there, and so gives them the zones too.

## Why it matters

The internal version of a zone leaves the network with a key that was meant for something else: for updates, for a
monitoring probe, or for the secondary of another view, which then publishes internal names. In the log it is an ordinary
`transfer of 'a.example/IN': AXFR started: TSIG k`.

## How to fix it

Name the keys that may transfer:

    view "internal" {
        match-clients { !key "external-key"; key "internal-key"; 10.0.0.0/8; };
        allow-transfer { key "internal-key"; };
    };

From any machine outside, `dig -k external-key.conf @server a.example AXFR` shows which version the key gets.

## Not reported

Keys that the list itself names. Views that anyone may use without a key (transfer-open). Zones that everybody may have.
A key that no list of another view of the same zone names is for the pedantic audience: its holder was let in on purpose.
Configurations of which a part was not read.

## References

BIND 9 Administrator Reference Manual, view statement.
"""

from collections.abc import Iterator, Mapping, Sequence

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Related, Rule, Severity, Span, shorten
from named_audit.lint.corrections import either_key
from named_audit.lint.exposure import exposed
from named_audit.model.config import Config
from named_audit.model.names import BUILT_IN_KEYS
from named_audit.policy.addresses import LOOPBACK
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(
    severity=Severity.MEDIUM,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-200", "CWE-863"),
    references=("STIG V-207586", "STIG V-272399"),
    needs_whole=True,
    by_release=True,
    fix="display",
    covers=("A39",),
    about=("view",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each list that gives zones of a private view to whoever has a key of its match-clients."""
    if config.unseen or config.views[0].name is None:
        return
    by_zone: dict[str, list[TransferPolicy]] | None = None
    for policy in audit.policies:
        view = policy.view
        statement = view.level.statements.get("match-clients")
        unknown = audit.release is None and policy.decided_by_default
        if statement is None or policy.open_families() or unknown:
            continue
        keys = [key for key in policy.access.signers if key not in policy.signers and _leads_in(policy, key)]
        if not keys:
            continue
        if by_zone is None:
            by_zone = _by_zone(audit)
        others = _elsewhere(policy, keys, by_zone, audit)
        strays = list(others)
        ring = audit.key_ring(view)
        shown = either_key(ring[key].name for key in strays or keys)
        for part in exposed(policy):
            if not part.zones:
                continue
            yield Finding(
                at=policy.statement.span if policy.statement is not None else statement.span,
                message=f"whoever holds {shown} takes {part.words} of view {shorten(view.name or '')} from anywhere: "
                f"match-clients lets the key in, and {_asks(policy)}",
                audience=part.audience or (None if strays else "pedantic"),
                severity=part.severity(Severity.MEDIUM if strays else Severity.LOW),
                related=(
                    Related(statement.span, "lets the key into the view"),
                    *(
                        Related(span, "names the key for its own version")
                        for span in list(others.values())[:2]
                    ),
                ),
                scopes=part.scopes(audit),
                fixes=(_fix(policy, strays or keys, audit),),
            )


def _leads_in(policy: TransferPolicy, key: str) -> bool:
    """Whether a key is served nearly everywhere where a request without one is not."""
    gained = policy.addresses(key) - policy.unsigned_off_host - LOOPBACK
    return key not in BUILT_IN_KEYS and any(gained.share(family) >= 0.5 for family in (4, 6))


def _by_zone(audit: Audit) -> dict[str, list[TransferPolicy]]:
    """The policies with a list, by the canonical names of their zones."""
    found: dict[str, list[TransferPolicy]] = {}
    for policy in audit.policies:
        for zone in policy.zones if policy.signers else ():
            found.setdefault(zone.canonical, []).append(policy)
    return found


def _elsewhere(
    policy: TransferPolicy, keys: Sequence[str], by_zone: Mapping[str, Sequence[TransferPolicy]], audit: Audit
) -> dict[str, Span]:
    """The keys that the list of the same zone in another view names, each with this list."""
    found: dict[str, Span] = {}
    for zone in policy.zones:
        for other in by_zone.get(zone.canonical, ()):
            if other.view is policy.view or other.statement is None:
                continue
            for key in keys:
                if key in other.signers and audit.survey.reach.same_key(key, policy.view, other.view):
                    found.setdefault(key, other.statement.span)
    return found


def _asks(policy: TransferPolicy) -> str:
    if policy.statement is None:
        return "without an allow-transfer BIND serves whoever gets there"
    return "this list asks nothing more"


def _fix(policy: TransferPolicy, keys: Sequence[str], audit: Audit) -> Fix:
    ring = audit.key_ring(policy.view)
    values = {"view": policy.view.name, "key": ring[keys[0]].name}
    return Fix("name the keys that may transfer, and deny the view to the others", (), "display", values)
