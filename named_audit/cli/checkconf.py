"""Asking this machine's named-checkconf about an example of a rule."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from named_audit.release import Release, parse_release


def try_checkconf(text: str, folder: Path, release: Release | None) -> str | tuple[bool, frozenset[int], str]:
    """Run named-checkconf on an example, with the folder's `extra/` beside it.

    Returns:
        why it could not be asked; or whether it accepts the text, the lines it names, and what it says.
    """
    program = shutil.which("named-checkconf") or shutil.which(
        "named-checkconf", path="/usr/sbin:/usr/local/sbin"
    )
    if program is None:
        return "there is no named-checkconf on this machine"
    version = (
        subprocess.run([program, "-v"], capture_output=True, timeout=30, check=False).stdout.decode().strip()
    )
    if release is not None and parse_release(version).line != release.line:
        return f"the example is for BIND {release.line}, this machine has {version}"
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "example.conf")
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        extra = folder / "extra"
        if extra.is_dir():
            shutil.copytree(extra, Path(scratch, "extra"))
        ran = subprocess.run([program, str(path)], capture_output=True, timeout=60, check=False, cwd=scratch)
    said = (ran.stdout + ran.stderr).decode("utf-8", "replace").replace(f"{scratch}/", "").strip()
    lines = frozenset(int(found) for found in re.findall(r"example\.conf:(\d+)", said))
    return ran.returncode == 0, lines, said
