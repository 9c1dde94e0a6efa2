"""Running another program: no shell, a clean environment, bounded in time, output and memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import subprocess

SECONDS = 60.0
"""How long a program may take; named-checkconf reads a million zones in less."""

MAX_OUTPUT = 32 * 1024 * 1024
"""How much a program may print, in bytes."""

MAX_MEMORY = 16 * 1024 * 1024 * 1024
"""How much address space a program may take, in bytes: a file without an end must not take the machine with it."""


class NotStarted(Exception):
    """A program that could not be started; the text says why, for people, without its path."""


class Command(NamedTuple):
    """A program to run. `arguments` are without its name."""

    program: str
    arguments: tuple[str, ...] = ()
    cwd: str = "/"
    files: Mapping[str, bytes] | None = None
    """Files to lay into an empty private directory, which is then the working directory in place of `cwd`."""
    seconds: float = SECONDS
    max_output: int = MAX_OUTPUT


class Ran(NamedTuple):
    """How a program ended: its exit status (minus the number of the signal that ended it), and what it printed.

    `failure` says what bound it was stopped at; `output` is then what came until there.
    """

    status: int
    output: bytes
    failure: str | None = None


Runner: TypeAlias = Callable[[Command], Ran]


def run_bounded(command: Command) -> Ran:
    """Run a program to its end or to a bound, where it is killed with all that it started.

    Raises:
        NotStarted: it cannot be started.
    """
    if command.files is None:
        return _run(command, command.cwd)
    import tempfile

    try:
        with tempfile.TemporaryDirectory(prefix="named-audit-") as folder:  # mode 0700
            for name, data in command.files.items():
                with open(os.path.join(folder, name), "xb") as file:
                    file.write(data)
            return _run(command, folder)
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else type(error).__name__
        raise NotStarted(f"its files cannot be laid out: {why}") from None


def _run(command: Command, cwd: str) -> Ran:
    import subprocess

    try:
        process = subprocess.Popen(
            [os.fsencode(command.program), *map(os.fsencode, command.arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=os.fsencode(cwd),
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
        )
    except OSError as error:
        raise NotStarted((os.strerror(error.errno) if error.errno else str(error)).lower()) from None
    except ValueError:
        raise NotStarted("its path or an argument holds a NUL byte") from None
    with process:
        try:
            _limit_memory(process.pid)
            output, failure = _read(process, command)
        finally:
            _end(process)
    return Ran(process.returncode, output, failure)


def _limit_memory(pid: int) -> None:
    import resource

    prlimit = getattr(resource, "prlimit", None)  # Linux only
    if prlimit is None:
        return
    with suppress(OSError):  # it has ended already
        _, hard = prlimit(pid, resource.RLIMIT_AS)
        most = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
        prlimit(pid, resource.RLIMIT_AS, (most, most))


def _read(process: subprocess.Popen[bytes], command: Command) -> tuple[bytes, str | None]:
    import select
    import time

    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    until = time.monotonic() + command.seconds
    chunks: list[bytes] = []
    total = 0
    while True:
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            return b"".join(chunks), f"took longer than {command.seconds:g} seconds"
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            break
        chunks.append(chunk)
        total += len(chunk)
        if total > command.max_output:
            return b"".join(chunks), f"printed more than {command.max_output} bytes"
    if not _ended(process, until):
        return b"".join(chunks), f"took longer than {command.seconds:g} seconds"
    return b"".join(chunks), None


def _ended(process: subprocess.Popen[bytes], until: float) -> bool:
    """Whether the program ends in time. It is not reaped where that can be helped: its group keeps its number."""
    import subprocess
    import time

    waitid = getattr(os, "waitid", None)  # not on macOS
    if waitid is None:
        try:
            process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            return False
        return True
    delay = 0.0005
    while waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if time.monotonic() > until:
            return False
        time.sleep(delay)
        delay = min(delay * 2, 0.05)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    import signal

    if process.returncode is not None:
        return  # it is reaped, and its number may be another's
    # Also where it has ended: what it has left behind has not.
    with suppress(ProcessLookupError, PermissionError):
        # Its session is its own, so that this reaches what it started, and nobody else.
        os.killpg(process.pid, signal.SIGKILL)
