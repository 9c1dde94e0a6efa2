"""`named-audit rules`, and the manual pages of rules: the rule book for people."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from named_audit.cli.exits import CLEAN, USAGE
from named_audit.cli.output import write_output
from named_audit.lint.book import BadRule, LoadedRule, all_rules, matches, nearest_ids

_RULES_OPTION = click.option(
    "--rules",
    "rule_dirs",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Further rules.",
)


@click.command()
@click.option("--format", "format_", type=click.Choice(("text", "markdown", "json")), default="text")
@_RULES_OPTION
def rules(format_: str, rule_dirs: tuple[str, ...]) -> None:
    """List the rules."""
    book = _book(rule_dirs)
    if format_ == "json":
        text = json.dumps([_as_json(rule) for rule in book], indent=2) + "\n"
    elif format_ == "markdown":
        text = rules_markdown(book)
    else:
        width = max(len(rule.id) for rule in book)
        text = "".join(
            f"{rule.id:{width}}  {rule.rule.severity.word:6}  {rule.rule.audience:8}  {rule.headline}\n"
            for rule in book
        )
    write_output(text, None)


def explain_rule(id_: str, rule_dirs: tuple[str, ...], *, as_json: bool) -> int:
    """Show the manual page of a rule, with its examples; returns the exit code."""
    book = _book(rule_dirs)
    rule = next(
        (rule for rule in book if not id_.endswith("*") and id_ != "all" and matches(rule, id_)), None
    )
    if rule is None:
        near = nearest_ids(id_, book)
        hint = f"; did you mean {near[0]}?" if near else "; `named-audit rules` lists them"
        click.echo(f"named-audit: there is no rule {id_!r}{hint}", err=True)
        return USAGE
    text = page(rule)
    if as_json:
        document = {"version": 1, "kind": "rule", **_as_json(rule), "page": text}
        text = json.dumps(document, indent=2) + "\n"
    failed = write_output(text, None)
    if failed is not None:
        click.echo(f"named-audit: {failed}", err=True)
        return USAGE
    return CLEAN


def page(rule: LoadedRule) -> str:
    """The manual page of a rule as Markdown: what it says of itself, and its examples."""
    meta = rule.rule
    lines = [f"# {rule.id}", "", rule.page.strip(), ""]
    lines += [f"Severity: {meta.severity.word} at most. Audience: {meta.audience}. Since: {meta.since}."]
    if meta.releases:
        lines.append(f"BIND releases: {meta.releases}.")
    lines.append(f"Corrections: {f'{meta.fix} at best' if meta.fix else 'none'}.")
    if meta.aliases:
        lines.append(f"Old ids: {', '.join(meta.aliases)}.")
    if meta.cwe:
        lines.append(f"Weaknesses: {', '.join(meta.cwe)}.")
    if meta.references:
        lines.append(f"Controls and standards: {'; '.join(meta.references)}.")
    from named_audit.cli.examples import read_example

    for title, name in (("Example", "bad.conf"), ("Corrected", "good.conf")):
        path = Path(rule.folder, name)
        if path.is_file():
            from named_audit.syntax.redact import redact_text

            text = redact_text(read_example(path).text).strip("\n")
            lines += ["", f"## {title}", "", *(f"    {line}".rstrip() for line in text.split("\n"))]
    return "\n".join(lines) + "\n"


def rules_markdown(book: list[LoadedRule]) -> str:
    """The rules as a Markdown table; the README carries it."""
    lines = [
        "| rule | severity | audience | correction | releases | problem | references |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for rule in book:
        meta = rule.rule
        cells = (
            f"`{rule.id}`",
            meta.severity.word,
            meta.audience,
            meta.fix or "none",
            meta.releases or "all",
            rule.headline,
            "; ".join(meta.references),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _as_json(rule: LoadedRule) -> dict[str, object]:
    meta = rule.rule
    return {
        "id": rule.id,
        "severity": meta.severity.word,
        "audience": meta.audience,
        "problem": rule.headline,
        "since": meta.since,
        "aliases": list(meta.aliases),
        "fix": meta.fix,
        "releases": meta.releases or None,
        "cwe": list(meta.cwe),
        "references": list(meta.references),
        "covers": list(meta.covers),
    }


def _book(rule_dirs: tuple[str, ...]) -> list[LoadedRule]:
    try:
        return sorted(all_rules(rule_dirs), key=lambda rule: rule.id)
    except BadRule as error:
        click.echo(f"named-audit: {error}", err=True)
        sys.exit(USAGE)
