"""The lines of a log channel lack their time, their severity or their category.

BIND prints none of them in a file unless `print-time`, `print-severity` and `print-category` say so.

## Why it matters

A denied transfer without a time cannot be held against anything: the log of a firewall, of the peer, of the day before. The
category tells `denied` of an update from that of a transfer, and the severity lets a filter find what went wrong.

## How to fix it

    channel "transfers" {
        file "/var/log/named/transfers.log" versions 3 size 20m;
        print-time yes;
        print-severity yes;
        print-category yes;
    };

`tail /var/log/named/transfers.log` shows it: the line of the next transfer begins with its time.

## Not reported

A file with all three. A file without the time is for the pedantic audience; the rest is what a benchmark asks for, and for
the auditor audience, channels for syslog and stderr included, although syslog sets the time itself, and the default_debug
that Red Hat ships.

## References

STIG V-207543 to V-207545 and V-272368 to V-272370.
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity, shorten
from named_audit.lint.corrections import names
from named_audit.model.config import Config
from named_audit.model.log_channels import BUILT_IN, LogChannel, Logging
from named_audit.syntax.words import fold

RULE = Rule(
    severity=Severity.LOW,
    audience="pedantic",
    since="0.1.0",
    cwe=("CWE-778",),
    references=(
        "STIG V-207543",
        "STIG V-207544",
        "STIG V-207545",
        "STIG V-272368",
        "STIG V-272369",
        "STIG V-272370",
    ),
    fix="unsafe",
    covers=("E19",),
    about=("logging",),
)

_PARTS = {"print-time": "time", "print-severity": "severity", "print-category": "category"}


def check_config(config: Config, audit: Audit) -> Iterator[Finding]:
    """Report each channel with the parts that its lines lack."""
    for channel in Logging(config).channels.values():
        # `print-time` may say in which form the time is printed: iso8601, iso8601-utc, local.
        lacking = [part for part in _PARTS if not channel.says_yes(part) and not _form_of_time(channel, part)]
        if channel.destination == "null" or not lacking or channel.statement is None:
            continue
        stock = fold(channel.name) in BUILT_IN  # as in the file that Red Hat ships
        timeless = channel.destination == "file" and "print-time" in lacking and not stock
        yield Finding(
            at=channel.statement.name_span,
            message=f"the lines of channel {shorten(channel.name)} come without {names([_PARTS[each] for each in lacking])}",
            severity=None if timeless else Severity.INFO,
            audience=None if timeless else "auditor",
            fixes=(_fix(channel, lacking),),
        )


def _form_of_time(channel: LogChannel, part: str) -> bool:
    statement = channel.child(part)
    pieces = () if statement is None or part != "print-time" else statement.pieces
    return len(pieces) > 1 and pieces[1].low in _FORMS


_FORMS = frozenset({"iso8601", "iso8601-utc", "iso8601-tzinfo", "local"})


def _fix(channel: LogChannel, lacking: list[str]) -> Fix:
    assert channel.statement is not None
    absent = [part for part in lacking if channel.child(part) is None]
    said = [child for part in lacking if (child := channel.child(part)) is not None]
    changes = [Change("replace", child.span, "print", {"words": [child.name]}) for child in said]
    if absent:
        changes.append(Change("inside", channel.statement.span, "print", {"words": absent}))
    return Fix("print them", tuple(changes), "unsafe")
