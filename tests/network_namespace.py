"""A private network for named and its clients, so that clients can be elsewhere than on the server's networks.

On plain loopback every client is in `localnets`. In a namespace of its own a process may give its loopback
interface more addresses, and route whole networks to it: addresses of the second sort can be used by clients,
but named's scan of the interfaces does not see them.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

OWN = ("198.51.100.1/24", "2001:db8:1::1/64")
"""What the server has beside loopback, with the networks that are on-link through it."""

ROUTED = ("192.0.2.0/24", "203.0.113.0/24", "2001:db8::/32")
"""Whose addresses are usable and neither the server's own nor on-link (but for what OWN takes out of them)."""


def inside(command: Sequence[str], also_own: Sequence[str] = ()) -> list[str]:
    """The command line that runs a command in a fresh private network. Needs no privileges.

    `also_own` are further addresses of the server.
    """
    setup = "".join(
        [
            "link set lo up\n",
            *[
                f"address add {address} dev lo{' nodad' if ':' in address else ''}\n"
                for address in (*OWN, *also_own)
            ],
            *[f"route add local {network} dev lo\n" for network in ROUTED],
        ]
    )
    script = f'ip -batch - <<END && exec "$@"\n{setup}END\n'
    return ["unshare", "--map-root-user", "--net", "sh", "-c", script, "sh", *command]


def missing_programs() -> list[str]:
    """The programs of util-linux and iproute2 that are needed and not there."""
    return [program for program in ("unshare", "ip") if shutil.which(program) is None]


def why_forbidden() -> str | None:
    """Why no private network can be had here, or None if one can. The programs must be there."""
    ran = subprocess.run(inside(["true"]), capture_output=True, text=True, timeout=30, check=False)
    return None if ran.returncode == 0 else (ran.stderr.strip() or f"exit code {ran.returncode}")
