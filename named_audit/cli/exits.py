"""The exit codes, in one place."""

CLEAN = 0
FINDINGS = 1
USAGE = 2
INCOMPLETE = 3
"""Something was not read or not understood; wins over clean and over findings."""

INTERRUPTED = 130
"""Stopped by Ctrl-C, as shells say it: 128 and the number of SIGINT. Nothing is known then."""


def exit_code(*, complete: bool, failing: bool, exit_zero: bool) -> int:
    """The code of a run. `failing`: there is a finding at or above --fail-on."""
    if not complete:
        return INCOMPLETE
    return FINDINGS if failing and not exit_zero else CLEAN
