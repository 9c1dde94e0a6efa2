"""`named-audit new` and `named-audit test`: for people who write rules."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NoReturn

import click

from named_audit.cli.exits import CLEAN, FINDINGS, USAGE
from named_audit.lint.book import BadRule, rule_folders

_RULE = '''"""TODO: the problem in one sentence.

TODO: what the configuration says, and what BIND does.

## Why it matters

TODO

## How to fix it

TODO

## Not reported

TODO

## References

TODO
"""

from collections.abc import Iterator

from named_audit.lint.audit import Audit
from named_audit.lint.contract import Change, Finding, Fix, Rule, Severity
from named_audit.policy.transfer import TransferPolicy

RULE = Rule(severity=Severity.LOW, audience="pedantic", since="TODO", fix="unsafe")


def check_policy(policy: TransferPolicy, audit: Audit) -> Iterator[Finding]:
    """Report an empty allow-transfer list: an example to replace."""
    if policy.statement is None or policy.match_list is None or policy.match_list.elements:
        return
    yield Finding(
        at=policy.statement.span,
        message="an empty list admits nobody, and looks unfinished",
        scopes=audit.scopes(policy.zones),
        fixes=(Fix("say so", (Change("replace", policy.statement.span, "allow-transfer", {}),), "unsafe"),),
    )
'''
_TEMPLATE = "allow-transfer { none; };\n"
_BAD = """zone "a.example" {
    type primary;
    file "a.example.db";
    allow-transfer { };    // expect: NAME
};
"""
_GOOD = """zone "a.example" {
    type primary;
    file "a.example.db";
    allow-transfer { none; };
};
"""


@click.command()
@click.argument("name")
@click.option(
    "--dir", "folder", default="rules", type=click.Path(path_type=Path), help="Where. Default: rules/."
)
def new(name: str, folder: Path) -> None:
    """Write the folder of a new rule: a page to fill in, a check, a correction and examples that pass."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+", name):
        _stop(
            f"{name!r} is no rule id: words in lower case joined by hyphens that name the problem (transfer-open)"
        )
    target = folder / name.replace("-", "_")
    if target.exists():
        _stop(f"{target} exists already")
    try:
        target.mkdir(parents=True)
        for file, text in (
            ("rule.py", _RULE),
            ("fix.conf.j2", _TEMPLATE),
            ("bad.conf", _BAD.replace("NAME", name)),
            ("good.conf", _GOOD),
        ):
            (target / file).write_text(text, encoding="utf-8")
    except OSError as error:
        _stop(f"cannot write {target}: {error.strerror}")
    click.echo(f"{target}: write the page and the check, then run: named-audit test {target}")


@click.command()
@click.argument("directories", nargs=-1)
@click.option("-q", "--quiet", is_flag=True, help="Only failures and the closing line.")
def test(directories: tuple[str, ...], quiet: bool) -> None:
    """Hold rule folders against the contract; without DIRECTORIES, the built-in ones."""
    from named_audit.cli.harness import check_folder

    try:
        folders = _folders(directories)
    except BadRule as error:
        _stop(str(error))
    passed = failed = skipped = 0
    for folder in folders:
        for check in check_folder(folder):
            if check.failure is not None:
                failed += 1
                click.echo(f"FAILED  {check.name}: {check.failure}")
            elif check.skipped is not None:
                skipped += 1
                if not quiet:
                    click.echo(f"skipped {check.name}: {check.skipped}")
            else:
                passed += 1
                if not quiet:
                    click.echo(f"passed  {check.name}")
    click.echo(f"{passed} passed, {failed} failed, {skipped} skipped")
    if not passed and not failed:
        _stop("no rule folder was found")
    sys.exit(FINDINGS if failed else CLEAN)


def _folders(directories: tuple[str, ...]) -> list[Path]:
    built_in = rule_folders()
    if not directories:
        return [Path(folder) for folder in built_in]
    found: list[str] = []
    for directory in directories:
        folders = rule_folders((directory,))[len(built_in) :]
        found.extend(folders)
    return [Path(folder) for folder in dict.fromkeys(found)]


def _stop(message: str) -> NoReturn:
    click.echo(f"named-audit: {message}", err=True)
    sys.exit(USAGE)
