"""The log file grows without limit, or too little of it is kept.

Without `size`, or with `size default` or 0, named never begins a new file while it runs; with `size` and without `versions`
it stops writing when the file is full. Benchmarks ask for three older files.

## Why it matters

A stranger who asks for transfers all day fills the disk, or pushes what he did before out of the log.

## How to fix it

    channel "transfers" {
        file "/var/log/named/transfers.log" versions 3 size 20m;
    };

This shows it: `ls -l` of the log's directory.

## Not reported

Files with a size and with three or more older files, or an unlimited number of them. Whether another program (logrotate)
keeps the files cannot be seen here.

## References

STIG V-207548 and V-272430; CIS BIND 9.11 9.2.
"""

import re
from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.model.config import Config
from named_audit.model.log_channels import Logging
from named_audit.syntax.words import Word

RULE = Rule(
    severity=Severity.INFO,
    audience="auditor",
    since="0.1.0",
    cwe=("CWE-400", "CWE-779"),
    references=("STIG V-207548", "STIG V-272430", "CIS BIND 9.11 9.2"),
    fix="unsafe",
    covers=("E19",),
    about=("logging",),
)

_LEAST = 3
_NO_LIMIT = r"(?i:unlimited|default|0+[kmg]?)"


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each file of a channel without a size, or with fewer than three older ones."""
    for channel in Logging(config).channels.values():
        statement = channel.child("file")
        if statement is None or channel.destination != "file":
            continue
        words = [piece for piece in statement.pieces if isinstance(piece, Word)]
        if len(words) < 2:
            continue
        said = {word.low: after.value for word, after in zip(words[2::2], words[3::2], strict=False)}
        versions, size = said.get("versions"), said.get("size")
        few = versions is None or (versions.isdecimal() and int(versions[:9]) < _LEAST)
        unbounded = size is None or re.fullmatch(_NO_LIMIT, size) is not None
        if not few and not unbounded:
            continue
        values = {
            "path": words[1].value,
            "versions": str(_LEAST) if few else versions,
            "size": "20m" if unbounded else size,
            "suffix": said.get("suffix"),
        }
        what = ["the file grows without limit"] if unbounded else []
        what += [f"fewer than {_LEAST} older files are kept"] if few else []
        change = Change("replace", statement.span, "file", values)
        yield Finding(
            at=statement.span,
            message=f"channel {shorten(channel.name)}: {', and '.join(what)}",
            fixes=(Fix("keep some files of limited size", (change,), "unsafe"),),
        )
