"""This machine's named-checkconfs: found, asked for their release, and tried on the examples of a rule."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from named_audit.cli.reading import UsageError
from named_audit.lint.checkconf_world import Checker
from named_audit.process import Command, NotStarted, run_bounded
from named_audit.release import Release, parse_release

PROGRAM = "named-checkconf"
PLACES = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/bin",
    "/sbin",
    "/opt/isc/isc-bind/root/usr/sbin",
)
"""Where it lies when it is not on the PATH: distributions put it where only root looks."""

_VERSION_SECONDS = 10.0


def find_checkconf() -> str | None:
    """The named-checkconf on the PATH, else the one in the usual places."""
    # A folder of the PATH that is relative lies in what is audited.
    folders = [folder for folder in os.get_exec_path() if os.path.isabs(folder)]
    return shutil.which(PROGRAM, path=os.pathsep.join((*folders, *PLACES)))


def checkers(
    asked: Sequence[str], setting: str | None, release: Release | None = None
) -> tuple[tuple[Checker, ...], tuple[str, ...]]:
    """The named-checkconfs to ask, and what is to be noted about it.

    Args:
        asked: what --checkconf names, once for each; an empty text is the one that this machine has.
        setting: `checkconf` of the settings, "required" or "if-present", or None. It names no path: no program is
            run because the audited tree says so.
        release: the release that is judged for. This machine's is not asked about another line, and what one that is
            named says of another line than its own is foreign to it.

    Raises:
        UsageError: there is no such program, or it is no named-checkconf.
    """
    found: dict[str, Checker] = {}
    notes: list[str] = []
    for path in asked or ([""] if setting is not None else []):
        program = path or find_checkconf()
        if program is None and asked:
            raise UsageError(f"--checkconf: there is no {PROGRAM} on this machine")
        if program is None and setting == "required":
            raise UsageError(f'checkconf = "required" in the settings: there is no {PROGRAM} on this machine')
        if program is None:
            continue
        checker = _checker(program)
        foreign = release is not None and parse_release(checker.version).line != release.line
        if foreign and not path:
            assert release is not None
            why = f"this machine's is {checker.release}, and the file is judged for BIND {release.line}"
            if setting == "required":
                raise UsageError(f'checkconf = "required" in the settings: {why}')
            notes.append(f"named-checkconf was not asked: {why}")
            continue
        found.setdefault(os.path.realpath(program), checker._replace(foreign=foreign))
    return tuple(found.values()), tuple(notes)


def _checker(program: str) -> Checker:
    path = os.path.abspath(program) if os.sep in program else shutil.which(program) or program
    try:
        ran = run_bounded(Command(path, ("-v",), seconds=_VERSION_SECONDS, max_output=1 << 16))
    except NotStarted as error:
        raise UsageError(f"--checkconf {program}: it cannot be started: {error}") from None
    said = ran.output.decode("utf-8", "replace").strip()
    try:
        if ran.failure is not None or ran.status != 0:
            raise ValueError
        version = str(parse_release(said))
    except ValueError:
        raise UsageError(
            f"--checkconf {program}: that is no {PROGRAM}: `-v` does not say its release"
        ) from None
    return Checker(path, version, run_bounded, os.geteuid() == 0)


def bind_values(arguments: Sequence[str]) -> list[str]:
    """A command line in which each --checkconf has its value, an empty one where no program follows.

    The word behind it is only taken for a program if it is called one: a configuration must never be run.
    """
    result: list[str] = []
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*result, word, *rest]
        if word == "--checkconf":
            word = f"--checkconf={rest.pop(0) if rest and _names_program(rest[0]) else ''}"
        result.append(word)
    return result


def _names_program(word: str) -> bool:
    name = os.path.basename(word)
    return "checkconf" in name and not word.startswith("-") and not name.endswith(".conf")


def checker_for(release: Release | None) -> Checker | str:
    """This machine's named-checkconf, or why it cannot be asked about an example for a release."""
    program = find_checkconf()
    if program is None:
        return f"there is no {PROGRAM} on this machine"
    checker = _checker(program)
    if release is not None and parse_release(checker.version).line != release.line:
        return f"the example is for BIND {release.line}, this machine has {checker.version}"
    return checker


def try_checkconf(text: str, folder: Path, release: Release | None) -> str | tuple[bool, frozenset[int], str]:
    """Run named-checkconf on an example, with the folder's `extra/` beside it.

    Returns:
        why it could not be asked; or whether it accepts the text, the lines it names, and what it says.
    """
    checker = checker_for(release)
    if isinstance(checker, str):
        return checker
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "example.conf")
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        extra = folder / "extra"
        if extra.is_dir():
            shutil.copytree(extra, Path(scratch, "extra"))
        ran = run_bounded(Command(checker.program, (str(path),), scratch))
    said = ran.output.decode("utf-8", "replace").replace(f"{scratch}/", "").strip()
    lines = frozenset(int(found) for found in re.findall(r"example\.conf:(\d+)", said))
    return ran.status == 0 and ran.failure is None, lines, "; ".join(filter(None, (said, ran.failure)))
