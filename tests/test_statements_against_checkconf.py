"""Random statements of the whole catalogue, judged here and by the installed named-checkconf.

`python -m tests.test_statements_against_checkconf NUMBER [SEED]` tries more than a test run and prints what disagrees.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from named_audit.release import Release, parse_release
from tests.statement_cases import Case, cases
from tests.test_catalogue import problems
from tests.verdicts import FAMILIES, STATEMENTS

RUN = 1500

KNOWN = (
    (r"dnsrps", "whether named was built with it is not known"),
    (r"\bport (08|70000)\b", "ports of addresses are judged as any number is"),
    (r"allow-transfer .*transport \"?x", "named-checkconf looks at it only where a zone uses the list"),
    (r"sig-validity-interval", "the bounds of its second number depend on the first"),
    (
        r"nsec3param|trust-anchors|trusted-keys|managed-keys",
        "the inner rules of DNSSEC are named-checkconf's",
    ),
    (r"catalog-zones .*zone", "the same member twice is a rule of the language"),
    (
        r"(primaries|masters|parental-agents|remote-servers|also-notify) .* (key|tls) ",
        "names of lists take none before 9.20.17; named-checkconf looks where a zone uses the list",
    ),
    (r"fstrm-set-input-queue-size", "a power of two"),
    (r"rate-limit .*4294967295", "named-checkconf takes it for -1"),
)
"""What named-checkconf judges otherwise, and why that is left to it."""


class Judged(NamedTuple):
    """A case, what named-checkconf says, and what is said here."""

    case: Case
    accepted: bool
    family: str
    message: str
    found: list[tuple[int, int, str, str]]

    @property
    def known(self) -> bool:
        """Whether a disagreement has a reason."""
        return any(re.search(pattern, self.case.text) for pattern, _ in KNOWN)

    @property
    def agrees(self) -> bool:
        """Whether both accept or both refuse."""
        return self.accepted == (not self.found)


def installed() -> Release:
    """The release of the installed named-checkconf."""
    program = shutil.which("named-checkconf")
    assert program is not None
    version = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=60, check=True).stdout
    return parse_release(version.strip())


def judge_all(release: Release, number: int, seed: int) -> list[Judged]:
    """Judge that many random statements."""
    with TemporaryDirectory() as scratch, ThreadPoolExecutor(4) as pool:

        def ask(numbered: tuple[int, Case]) -> tuple[Case, bool, str]:
            index, case = numbered
            path = Path(scratch, f"{index}.conf")
            path.write_text(case.text)
            ran = subprocess.run(
                ["named-checkconf", path], capture_output=True, text=True, timeout=60, check=False
            )
            path.unlink()
            return case, ran.returncode == 0, (ran.stdout + ran.stderr).replace(f"{path}:", "")

        asked = list(pool.map(ask, enumerate(islice(cases(release, seed), number))))
    return [_judged(case, accepted, said, str(release)) for case, accepted, said in asked]


def _judged(case: Case, accepted: bool, said: str, release: str) -> Judged:
    lines = [line for line in said.splitlines() if not re.search("deprecated|obsolete|not recommended", line)]
    message = " / ".join(lines)
    family = next((name for name, pattern in FAMILIES if re.search(pattern, message)), "other")
    return Judged(case, accepted, "accepted" if accepted else family, message, problems(case.text, release))


@pytest.mark.bind
def test_random_statements(record_property: Callable[[str, object], None]) -> None:
    release = installed()
    if release.line != "9.18":
        pytest.skip(f"families are told from the messages of 9.18, this machine has {release}")
    seed = random.SystemRandom().randrange(1 << 32)
    found = judge_all(release, RUN, seed)
    record_property("summary", f"random statements: seed {seed}")
    families = Counter(each.family for each in found)
    refused = sum(families[family] for family in STATEMENTS)
    assert families["accepted"] > 0.3 * RUN and refused > 0.3 * RUN, families
    wrong = [
        f"seed {seed}: {each.case.text}  named: {each.message}  here: {each.found}"
        for each in found
        if not each.agrees and not each.known and each.family in ("accepted", *STATEMENTS)
    ]
    assert wrong == []


def main() -> None:
    """Print the disagreements of a long run, and how many there are in each family."""
    number = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    counts: Counter[tuple[str, str]] = Counter()
    for each in judge_all(installed(), number, seed):
        what = "agree" if each.agrees else "known" if each.known else "disagree"
        counts[each.family, what] += 1
        if what == "disagree" and each.family in ("accepted", *STATEMENTS):
            print(f"{each.family}: {each.case.text}  named: {each.message}  here: {each.found}")
    print(f"seed {seed}")
    for (family, what), count in sorted(counts.items()):
        print(f"{family:10} {what:9} {count:6}")


if __name__ == "__main__":
    main()
