"""The file of a zone that not everybody may transfer can be read by every account of the machine.

## Why it matters

A list that refuses transfers keeps the names of a zone from the network; a login, a web application or a backup account
on the server reads all of them from the file, or from its journal.

## How to fix it

Let only named and its administrators into the folder:

    chown root:bind /var/cache/bind/zones
    chmod 0750 /var/cache/bind/zones     # 0770 where named writes there: secondary and dynamic zones

`ls -ld /var/cache/bind/zones` shows it, and `sudo -u nobody cat /var/cache/bind/zones/a.example.db` then fails.

## Not reported

Modes where the audited files are a checkout or a copy: they are looked at if no path is given, if the path is one of the
usual places of this machine, or with `--file-checks`. Zones that anybody may transfer, and the stock zones. Files in a
folder through which others do not get. Configurations of which a part was not read.

## References

STIG V-207582, V-272415.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit, is_stock
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import zone_names
from named_audit.model.config import Config, Setting, Zone

RULE = Rule(
    severity=Severity.LOW,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-732",),
    references=("STIG V-207582", "STIG V-272415"),
    needs_whole=True,
    fix="display",
    covers=("E16",),
)


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each folder with such files once, at the first of its zones."""
    files = audit.files
    if files is None or config.unseen:
        return
    folders: dict[str, list[tuple[Zone, Setting]]] = {}
    for policy in audit.policies:
        if policy.open_families():
            continue
        for zone in policy.zones:
            setting = config.effective(zone, "file")
            if setting.argument is None or is_stock(zone):
                continue
            path = files.find(setting.argument)
            if path is not None and (files.readable_by_all(path) or files.readable_by_all(f"{path}.jnl")):
                folders.setdefault(path.rpartition("/")[0] or "/", []).append((zone, setting))
    for folder, found in folders.items():
        zones = [zone for zone, _ in found]
        first = found[0][1].statement
        assert first is not None
        yield Finding(
            at=first.span,
            message=f"every account of this machine can read {zone_names(zones)} in {shorten(folder, 120)}, which not "
            "everybody may transfer",
            scopes=audit.scopes(zones),
            fixes=(Fix("let only named into the folder", (), "display", {"path": folder}),),
        )
