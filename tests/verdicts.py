"""What named-audit says of the recorded corpora, beside what each release's named-checkconf said.

    python -m tests.verdicts [--release 9.18] [--family X] [--corpus mutants] [--all]

prints for each release how often both agree, and every file about which they do not: accepted by one and rejected by
the other, or rejected by both at different lines. "Rejected" is here a problem or an `invalid-` finding.

`named-checkconf` stops at the first thing that it cannot parse, and checks meaning only where all could be parsed; we
say everything at once. So the lines are compared twice: as they are, and up to where BIND stopped reading.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from named_audit.cli.session import Request, Session
from named_audit.host import LocalHost
from named_audit.lint.book import Choice
from named_audit.release import LINES, parse_release
from named_audit.syntax.locate import ReadOptions
from tests.conftest import SHARED

FAMILIES: tuple[tuple[str, str], ...] = (
    ("unknown", r"unknown option"),
    ("removed", r"no longer exists|was not enabled at compile time"),
    ("zone type", r"is not allowed in '.*' zone"),
    ("twice", r"' redefined near|catalog zone .* already|'.*' duplicated"),
    ("syntax", r"missing '.*' before|syntax error|unexpected (token|end of (input|file))|'[;{}]' expected"),
    (
        "argument",
        (
            r"expected (number|string|quoted|unquoted|integer|IP|IPv4|IPv6|percentage|ISO|'|one of|boolean)"
            r"|(boolean|percentage|number|'.*') expected|'.*' unexpected|unexpected '.*'|is not a valid count"
            r"|incomplete IPv[46] address|missing mandatory|not a valid type"
        ),
    ),
    (
        "value",
        (
            r"out of range|mismatch|invalid prefix length|cannot exceed|too (large|small|big)|nonzero percentage"
            r"|\d+ [<>] \d+|(is not a valid|be an?) (transport protocol|wildcard)|is not a valid transport"
        ),
    ),
    (
        "dnssec",
        (
            r"dnssec|DNSSEC|trust.anchor|trusted-keys|root zone|static and init|inline-signing|dynamic DNS"
            r"|KSK|kskonly|auto-"
        ),
    ),
    (
        "reference",
        (
            r"undefined|not defined|unable to find|does not exist in view|already exists|duplicat|builtin|reserved"
            r"|unknown key|redefine|already (added|in use)|unknown algorithm|bad secret|must have both|TLS|cipher"
            r"|must both be|missing '.*' entry|empty '.*' entry|incompatible|views|class|mirror|name|identity"
            r"|wildcard|not a valid|listener port|response.policy|catalog|cannot both|cannot take both|loop"
        ),
    ),
)
"""Family -> what named-checkconf says; the first that fits. What fits none is "other"."""

READING = frozenset({"unknown", "removed", "twice", "syntax", "argument"})
"""The families that BIND finds while it parses."""

PARSED = frozenset(
    f"invalid-{each}" for each in ("argument", "for-release", "place", "repetition", "statement")
)
"""What BIND finds while it parses; everything else it checks when all could be parsed."""

STATEMENTS = ("syntax", "unknown", "removed", "zone type", "twice", "argument", "value")
"""The families that the catalogue is for."""


class Verdict(NamedTuple):
    """Whether a release accepts a file, and every line it names."""

    accepted: bool
    lines: frozenset[int]


class Said(NamedTuple):
    """What named-audit says of a file: (line, what) of each problem and `invalid-` finding, and release findings."""

    refused: tuple[tuple[int, str, str], ...]
    warned: frozenset[int]

    @property
    def accepted(self) -> bool:
        """Whether nothing says that named would refuse it."""
        return not self.refused

    @property
    def lines(self) -> frozenset[int]:
        """Every line of a problem or an `invalid-` finding."""
        return frozenset(line for line, _, _ in self.refused)

    def explains(self, verdict: Verdict, *, as_far: bool = False) -> bool:
        """Whether the lines are those of the verdict, with or without what is only warned of.

        `as_far`: of a file that BIND could not parse only what stands up to the last line it names, without what it
        would have checked afterwards.
        """
        lines = self.lines
        if as_far and verdict.lines:
            end = max(verdict.lines)
            lines = frozenset(
                line
                for line, what, _ in self.refused
                if line <= end and (what in PARSED or what.startswith("problem:"))
            )
        return lines == verdict.lines or lines | self.warned == verdict.lines


def corpora() -> tuple[Path, ...]:
    """The folders that have a `verdicts.tsv`."""
    return (SHARED / "corpus" / "checkconf-9.18", SHARED / "corpus" / "mutants")


def recorded(corpus: Path) -> dict[str, dict[str, Verdict]]:
    """File -> release line -> verdict."""
    head, *rows = (corpus / "verdicts.tsv").read_text().splitlines()
    releases = [column.split()[0] for column in head.split("\t")[1::2]]
    table: dict[str, dict[str, Verdict]] = {}
    for row in rows:
        name, *cells = row.split("\t")
        cells += [""] * (2 * len(releases) - len(cells))
        table[name] = {
            release: Verdict(verdict == "accepted", frozenset(map(int, filter(None, lines.split(",")))))
            for release, verdict, lines in zip(releases, cells[0::2], cells[1::2], strict=True)
        }
    return table


def judge(path: Path, release: str) -> Said:
    """Run the auditor in this process, for a release, on one file as a root."""
    outcome = _session(release, str(path)).run().outcome
    refused = [
        (
            problem.span.begin.line if problem.span is not None else 0,
            f"problem:{problem.kind}",
            problem.message,
        )
        for problem in outcome.problems
    ]
    warned: set[int] = set()
    for finding in outcome.findings:
        line = finding.at.begin.line
        if finding.rule == "invalid-at-start":
            continue  # what named refuses and named-checkconf does not
        if finding.rule.startswith("invalid-"):
            refused.append((line, finding.rule, finding.message))
        elif finding.rule.startswith("release-"):
            warned.add(line)
    return Said(tuple(refused), frozenset(warned))


@lru_cache(maxsize=1)
def _session(release: str, path: str) -> Session:
    # An empty sysroot: what this machine has in /etc must not matter.
    options = ReadOptions(release=parse_release(release), sysroot="/nonexistent")
    choice = Choice(("invalid-*", "release-*") if _has_rules() else (), (), "auditor")
    return Session(LocalHost(), Request((path,), options, choice, mode="root"))


@lru_cache(maxsize=1)
def _has_rules() -> bool:
    from named_audit.lint.book import all_rules

    ids = [rule.id for rule in all_rules(())]
    return any(i.startswith("invalid-") for i in ids) and any(i.startswith("release-") for i in ids)


def family(path: Path, verdicts: Mapping[str, Verdict]) -> str:
    """What kind of fault makes 9.18 reject a file; "accepted" if it does not, "?" where it cannot be asked."""
    if "9.18" not in verdicts or verdicts["9.18"].accepted:
        return "accepted"
    kinds = Counter(kind for _, kind, _ in messages(path))
    for kind in (*STATEMENTS, "reference", "dnssec", "other"):
        if kind in READING and kinds[kind]:
            return kind
    return next((kind for kind in ("zone type", "value", "reference", "dnssec", "other") if kinds[kind]), "?")


@lru_cache(maxsize=4096)
def messages(path: Path) -> tuple[tuple[int, str, str], ...]:
    """What this machine's named-checkconf says of a file without its warnings: (line, family, message)."""
    program = shutil.which("named-checkconf")
    if program is None:
        return ()
    ran = subprocess.run([program, path.name], cwd=path.parent, capture_output=True, timeout=60, check=False)
    text = (ran.stdout + ran.stderr).decode("utf-8", "replace")
    found: list[tuple[int, str, str]] = []
    for line in text.splitlines():
        place = re.match(rf"{re.escape(path.name)}:(\d+): (.*)", line)
        number, message = (int(place[1]), place[2]) if place else (0, line)
        if re.search(r"deprecated|obsolete|not recommended|will be disabled|WILL FAIL|kb\.isc\.org", message):
            continue
        kind = next((name for name, pattern in FAMILIES if re.search(pattern, message)), "other")
        found.append((number, kind, message))
    return tuple(found)


class Comparison(NamedTuple):
    """One file of one corpus for one release."""

    file: Path
    release: str
    family: str
    verdict: Verdict
    said: Said

    @property
    def agrees(self) -> bool:
        """Whether both accept or both reject."""
        return self.said.accepted == self.verdict.accepted

    @property
    def same_lines(self) -> bool:
        """Whether both also name the same lines."""
        return self.agrees and (self.verdict.accepted or self.said.explains(self.verdict))

    @property
    def same_as_far(self) -> bool:
        """Whether both name the same lines as far as BIND has read the file."""
        if self.same_lines or self.family not in (*READING, "release"):
            return self.same_lines
        return self.agrees and self.said.explains(self.verdict, as_far=True)

    def __str__(self) -> str:
        ours = "accepted" if self.said.accepted else "rejected"
        theirs = "accepted" if self.verdict.accepted else "rejected"
        text = [
            (
                f"{self.release} {self.family}: {self.file.name}: named {theirs} {sorted(self.verdict.lines)}, "
                f"we {ours} {sorted(self.said.lines)}"
            )
        ]
        text += [f"    ours  {line}: {what}: {message}" for line, what, message in self.said.refused[:8]]
        if self.release == "9.18":
            text += [f"    named {line}: {message}" for line, _, message in messages(self.file)[:8]]
        return "\n".join(text)


def compare(
    corpus: Path, releases: Iterable[str], families: frozenset[str] = frozenset()
) -> Iterator[Comparison]:
    """Judge every file of a corpus for each release."""
    table = recorded(corpus)
    for release in releases:
        for name, verdicts in table.items():
            path = corpus / name
            kind = family(path, verdicts)
            if release != "9.18" and verdicts[release] != verdicts["9.18"]:
                kind = "release"  # what makes this release reject it was not recorded
            if families and kind not in families:
                continue
            if release in verdicts:
                _session.cache_clear()
                yield Comparison(path, release, kind, verdicts[release], judge(path, release))


def main() -> None:
    """Print what disagrees."""
    parser = argparse.ArgumentParser(prog="python -m tests.verdicts")
    parser.add_argument("--release", action="append", choices=LINES, help="default: all of them")
    parser.add_argument(
        "--family", action="append", help="only these families; `statements` for all of the catalogue's"
    )
    parser.add_argument("--corpus", action="append", help="part of the corpus' name")
    parser.add_argument("--lines", action="store_true", help="also show where only the lines differ")
    parser.add_argument("--quiet", action="store_true", help="only the counts")
    arguments = parser.parse_args()
    families = frozenset(arguments.family or ())
    if "statements" in families:
        families |= frozenset((*STATEMENTS, "accepted"))
    for corpus in corpora():
        if arguments.corpus and not any(part in corpus.name for part in arguments.corpus):
            continue
        totals: dict[tuple[str, str], Counter[str]] = {}
        for each in compare(corpus, arguments.release or LINES, families):
            count = totals.setdefault((each.release, each.family), Counter())
            count["files"] += 1
            count["agree"] += each.agrees
            count["lines"] += each.same_lines
            count["as far"] += each.same_as_far
            if not arguments.quiet and (not each.agrees or (arguments.lines and not each.same_lines)):
                print(each)
        print(
            f"\n{corpus.name}: release, family: files, agree on the verdict, on the lines too, "
            "on the lines as far as BIND reads"
        )
        for (release, kind), count in sorted(totals.items()):
            print(_row(release, kind, count))
        for release in arguments.release or LINES:
            whole = sum((count for (line, _), count in totals.items() if line == release), Counter[str]())
            print(_row(release, "all", whole))


def _row(release: str, kind: str, count: Counter[str]) -> str:
    files = count["files"]
    cells = "  ".join(
        f"{count[key]:5} {100 * count[key] / max(files, 1):5.1f} %" for key in ("agree", "lines", "as far")
    )
    return f"  {release:5} {kind:10} {files:5}  {cells}"


if __name__ == "__main__":
    main()
