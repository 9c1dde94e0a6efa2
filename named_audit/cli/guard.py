"""What stands around every command: no traceback, no exit code that looks clean."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable

import click

from named_audit.cli.exits import INCOMPLETE


def guarded(run: Callable[[], int]) -> int:
    """Run a command and return its exit code; what goes wrong inside is one line, and never looks clean."""
    # One short run that makes next to no cycles: looking for them would cost a quarter of the time on big files.
    gc.disable()
    try:
        return run()
    except (Exception, MemoryError) as error:
        import traceback

        # Never a traceback: it could quote the configuration.
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
        what = f"{type(error).__name__}{place}"
        click.echo(f"named-audit: internal error, nothing is known of the rest: {what}", err=True)
        return INCOMPLETE
    finally:
        # Nor is there anything for the interpreter to find when it ends, which would take an eighth of a short run.
        gc.freeze()
