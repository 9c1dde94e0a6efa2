"""A file of the configuration, or a folder above it, can be changed by accounts that should not.

## Why it matters

Who may write the file, or rename it in its folder, decides at the next reload who gets the zones: a list, a key, or an
include of a file of their own. In a folder that others may write to, the mode of the file itself protects nothing.

## How to fix it

    chown root:bind /etc/bind /etc/bind/named.conf     # the group that named runs as: bind or named
    chmod go-w /etc/bind /etc/bind/named.conf

What others may write in there:

    find /etc/bind -perm /022 -ls

## Not reported

Modes where the audited files are a checkout or a copy: they are looked at if no path is given, if the path is one of the
usual places of this machine, or with `--file-checks`. Files that others may write, in a folder through which they do not
get. Folders with the sticky bit (`/tmp`), for files that exist. Access lists (ACLs of the file system). Groups and
owners other than root, and named itself, which may be meant: for auditors. named's own account as the owner of a file
with keys, which V-272374 asks for.

## References

STIG V-207580, V-207581, V-207582, V-272407, V-272408, V-272415; CIS BIND 9.11 benchmark 4.4.
"""

from collections.abc import Iterator
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, shorten
from named_audit.lint.files import ADMINISTRATORS, NAMED, Files
from named_audit.model.config import Config

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-732",),
    references=(
        "STIG V-207580",
        "STIG V-207581",
        "STIG V-207582",
        "STIG V-272407",
        "STIG V-272408",
        "STIG V-272415",
        "CIS BIND 9.11 4.4",
    ),
    fix="display",
    covers=("E14",),
)

_STICKY = 0o1000


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each file that was read, and each folder above one, that others may change; each once."""
    files = audit.files
    if files is None:
        return
    keys = {
        key.secret_statement.source.real_path for key in config.all_keys if key.secret_statement is not None
    }
    seen: set[str] = set()
    for source, at in files.sources:
        found: list[_Said] = []
        for path in (source.real_path, *files.folders(source.real_path)):
            if path not in seen:
                seen.add(path)
                found.extend(_judge(files, path, holds_key=path in keys))
        for auditor in (False, True):
            ours = [each for each in found if each.auditor is auditor]
            if ours:
                fix = Fix("let only root write it", (), "display", {"paths": [each.path for each in ours]})
                yield Finding(
                    at=at,
                    message="; ".join(each.text for each in ours[:3]),
                    severity=max(each.severity for each in ours),
                    audience="auditor" if auditor else None,
                    fixes=(fix,),
                )


class _Said(NamedTuple):
    path: str
    text: str
    severity: Severity
    auditor: bool


def _judge(files: Files, path: str, *, holds_key: bool) -> Iterator[_Said]:
    state = files.state(path)
    if state is None or (state.is_dir and state.mode & _STICKY):
        return
    owner, group = shorten(state.owner, 40), shorten(state.group, 40)
    severity, auditor = Severity.MEDIUM, True
    if state.mode & 0o002 and files.reached_by_all(path):
        who, severity, auditor = "every account of this machine", Severity.HIGH, False
    elif state.mode & 0o020 and state.group not in ADMINISTRATORS | NAMED:
        who = f"the group {group}"
    elif state.mode & 0o200 and state.owner not in ADMINISTRATORS | NAMED:
        who = f"its owner {owner}"
    elif state.mode & 0o020 and state.group in NAMED:
        who, severity = "named itself, by its group,", Severity.LOW
    elif state.mode & 0o200 and state.owner in NAMED and not (holds_key or state.is_dir):
        who, severity = "named itself, as its owner,", Severity.LOW
    else:
        return
    what = f"{'the folder ' if state.is_dir else ''}{shorten(path, 120)}"
    text = f"{who} can change {what} (mode {state.mode:04o}, {owner}:{group}), and with it who gets the zones"
    yield _Said(path, text, severity, auditor)
