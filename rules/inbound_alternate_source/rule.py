"""After a failed query BIND asks the primary again, from another address than `transfer-source`.

Up to BIND 9.18, and where there are no views, `use-alt-transfer-source` is on by default, and the alternate source is
whatever address the system chooses.

## Why it matters

A primary, or a firewall, that knows this secondary by its `transfer-source` sees queries from an address that nobody
expects. They are refused or dropped, and the failure that is logged last is about the wrong address: `refresh:
failure trying primary 192.0.2.1#53 (source 0.0.0.0#0): timed out`. From 9.20 on there are no alternate sources.

## How to fix it

    options {
        transfer-source 192.0.2.9;
        use-alt-transfer-source no;
    };

and delete the second line before the upgrade to 9.20, which refuses it. From where named asks: `tcpdump -n dst host
192.0.2.1 and port 53` while `rndc refresh a.example` runs.

## Not reported

Configurations of which a part was not read. Configurations with views, where the default is off; those that set
`use-alt-transfer-source` or an alternate source themselves. Releases from 9.20 on.

## References

BIND 9.18 Administrator Reference Manual, use-alt-transfer-source; BIND 9.20.0 release notes.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Grade, Rule, Severity
from named_audit.lint.corrections import taken
from named_audit.model.config import Config, Setting, Zone
from named_audit.model.matchlist import address_text
from named_audit.model.sources import source_of

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    references=("BIND 9.20.0 release notes",),
    needs_whole=True,
    by_release=True,
    releases="up to 9.18",
    fix="unsafe",
    covers=("C14",),
    about=("primaries", "masters", "catalog-zones"),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each transfer-source that holds only for the first attempt."""
    release = audit.release
    with_views = any(view.name is not None for view in config.views)
    if not config.names & {"transfer-source", "transfer-source-v6"}:
        return
    if with_views or config.unseen or (release is not None and release.at_least(9, 19)):
        return
    for pulled in audit.pulled:
        zone = pulled.zone
        if config.effective(zone, "use-alt-transfer-source").statement is not None:
            continue
        families = {source.server.family for source in pulled.sources if not source.skipped}
        found = next(
            (each for each in (_fixed(config, zone, family) for family in sorted(families)) if each), None
        )
        if found is None:
            continue
        setting, text = found
        assert setting.statement is not None
        change = Change("after", setting.statement.span, "use-alt-transfer-source", {})
        # From 9.18.10 on the statement itself is deprecated.
        grade: Grade = "display" if release is None or release.at_least(9, 18, 10) else "unsafe"
        yield Finding(
            at=setting.statement.span,
            message=f"after a failed query {'BIND up to 9.18' if release is None else 'BIND'} asks the primaries of "
            f"{taken(pulled)[0]} again from whatever address "
            f"the system chooses, not from {text}: use-alt-transfer-source is on by default",
            scopes=pulled.scopes,
            fixes=(Fix("stay with the one source", (change,), grade),),
        )


def _fixed(config: Config, zone: Zone, family: int) -> tuple[Setting, str] | None:
    """The transfer-source of a zone for a family, and its address, if it has one and no alternate of its own."""
    suffix = "" if family == 4 else "-v6"
    setting = config.effective(zone, f"transfer-source{suffix}")
    address = source_of(setting.statement, family).address
    if address is None or config.effective(zone, f"alt-transfer-source{suffix}").statement is not None:
        return None
    return setting, address_text(address, family)
