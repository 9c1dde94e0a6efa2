"""A file with a secret, or a forgotten copy of one, can be read by accounts that should not have it.

## Why it matters

Whoever reads a TSIG key can take the zones that it opens, send updates in its name, or, with the key of rndc, stop the
server; who has the private key of a certificate can pass for the server. Every web application and every shell account
of the machine is enough. A copy that an editor or a package manager left beside the file is forgotten when the file's
own mode is corrected, and its keys are often still valid.

## How to fix it

    chown root:bind /etc/bind/keys.conf     # the group that named runs as: bind or named
    chmod 0640 /etc/bind/keys.conf
    sudo -u bind head -c 1 /etc/bind/keys.conf >/dev/null && sudo -u nobody cat /etc/bind/keys.conf

The last command must fail. Then make new keys: whether somebody has read the old ones is not known.

## Not reported

Modes where the audited files are a checkout or a copy: they are looked at if no path is given, if the path is one of the
usual places of this machine, or with `--file-checks`. Files that others may read, in a folder through which they do not
get. Access lists (ACLs of the file system), which are not looked at. That a group other than named's, or root's, may
read the file is for auditors.

## References

STIG V-207564, V-207565, V-207574, V-207575, V-272375, V-272378, V-272387, V-272388; CIS BIND 9.11 benchmark 4.4; NIST SP 800-81-2.
"""

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Finding, Fix, Rule, Severity, Span, shorten
from named_audit.lint.files import ADMINISTRATORS, NAMED, Files
from named_audit.model.config import Config
from named_audit.syntax.words import Word

RULE = Rule(
    severity=Severity.HIGH,
    audience="regular",
    since="0.1.0",
    cwe=("CWE-732", "CWE-530"),
    references=(
        "STIG V-207564",
        "STIG V-207565",
        "STIG V-207574",
        "STIG V-207575",
        "STIG V-272375",
        "STIG V-272378",
        "STIG V-272387",
        "STIG V-272388",
        "CIS BIND 9.11 4.4",
        "NIST SP 800-81-2",
    ),
    fix="display",
    covers=("B13", "E15"),
)

_WORDS = (
    "bak|bkp|backup|old|orig|org|save|saved|sav|sw[a-p]|tmp|copy|prev|disabled|augsave|~[0-9]+~|[0-9]+"
    "|rpm(?:save|new|orig)|dpkg-(?:old|dist|new|tmp|bak)|ucf-(?:old|dist|new|tmp)|pac(?:save|new|orig)"
)
_COPY = rf"(?i:~|[._-](?:{_WORDS})[0-9t@:._-]*~?|,v)"
"""What editors, package managers and people add to a name; Ansible a number and a time: `.4711.2026-01-02@03:04:05~`."""

_GENERATED = r"K.+\.\+(?:157|16[1-5])\+[0-9]{5}\.(?:key|private)"
"""A TSIG key as older releases of dnssec-keygen wrote it: the algorithms are those of HMAC."""

_SECRET = rb'(?i:\bsecret\s+"?[A-Za-z0-9+/=]{8}|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----)'


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report the files that hold a key or a certificate's private key, and their copies."""
    files = audit.files
    if files is None:
        return
    seen: set[str] = set()
    secrets = _secrets(config, files)
    used = {source.real_path for source, _ in files.sources} | set(secrets)
    for path, (what, at) in secrets.items():
        said = [each for each in _said(files, path, what, used) if each.path not in seen]
        seen.update(each.path for each in said)
        for auditor in (False, True):
            ours = [each for each in said if each.auditor is auditor]
            if ours:
                more = f"; {len(ours) - 3} more copies" if len(ours) > 3 else ""
                fix = Fix("let only root and named read it", (), "display", {"path": ours[0].path})
                yield Finding(
                    at=at,
                    message="; ".join(each.text for each in ours[:3]) + more,
                    severity=max(each.severity for each in ours),
                    audience="auditor" if auditor else None,
                    fixes=(fix,),
                )


class _Said(NamedTuple):
    path: str
    text: str
    severity: Severity
    auditor: bool


def _said(files: Files, path: str, what: str, used: Set[str]) -> Iterator[_Said]:
    """What is wrong with a file and its copies; a file that the configuration uses is no copy of another."""
    why = _readable(files, path)
    if why is not None:
        yield _Said(path, f"{shorten(path, 120)} holds {what}, and {why[0]}", *why[1:])
    base = path.rpartition("/")[2]
    for copy in files.beside(path):
        if copy in used:
            continue
        name = copy.rpartition("/")[2]
        generated = re.fullmatch(_GENERATED, name) is not None
        forgotten = _is_copy(name, base) and re.search(_SECRET, files.read(copy) or b"") is not None
        if generated or forgotten:
            what = (
                "what dnssec-keygen left of a key"
                if generated
                else "a copy with a secret that looks forgotten"
            )
            shown = f"{shorten(copy, 120)} is {what}"
            why = _readable(files, copy)
            if why is not None:
                yield _Said(copy, f"{shown}, and {why[0]}", *why[1:])
            else:
                yield _Said(copy, shown, Severity.LOW, True)


def _secrets(config: Config, files: Files) -> dict[str, tuple[str, Span]]:
    """Each file with a secret: what it is, and the place in the configuration that a finding stands at."""
    known = {source.real_path for source, _ in files.sources}
    found: dict[str, tuple[str, Span]] = {}
    root = config.tree.root
    for name in ("rndc.key", "rndc.conf") if root.real_path in known else ():
        path = f"{root.real_path.rpartition('/')[0]}/{name}"
        if files.state(path) is not None:
            found[path] = ("the key of rndc", Span(root, 0, 0))
    for key in config.all_keys:
        if key.secret and not key.hidden and key.secret_statement is not None:
            path = key.secret_statement.source.real_path
            if path in known:
                found.setdefault(path, (f"the secret of key {shorten(key.name)}", key.name_span))
    for definition in config.tls.values():
        for child in definition.statement.children:
            pieces = child.pieces if child.name == "key-file" else ()
            if len(pieces) > 1 and isinstance(pieces[1], Word):
                place = files.find(pieces[1].value)
                if place is not None:
                    what = f"the private key of tls {shorten(definition.name)}"
                    found.setdefault(place, (what, child.span))
    return found


def _readable(files: Files, path: str) -> tuple[str, Severity, bool] | None:
    """Who can read a file and should not: in words, how bad, and whether only auditors ask."""
    state = files.state(path)
    if state is None:
        return None
    if files.readable_by_all(path):
        return f"every account of this machine can read it (mode {state.mode:04o})", Severity.HIGH, False
    if state.mode & 0o040 and state.group not in NAMED | ADMINISTRATORS:
        group = shorten(state.group, 40)
        return f"the group {group} can read it (mode {state.mode:04o})", Severity.MEDIUM, True
    return None


def _is_copy(name: str, base: str) -> bool:
    if name in (f"#{base}#", f".{base}.un~") or re.fullmatch(rf"\.{re.escape(base)}\.sw[a-p]", name):
        return True
    stem = base.rpartition(".")[0]
    return any(
        name.startswith(begin) and re.fullmatch(_COPY, name[len(begin) :]) is not None
        for begin in (base, stem)
        if begin
    )
