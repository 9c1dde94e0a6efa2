"""A build hook: what git does not track does not ship, whichever folder it was left in."""

from __future__ import annotations

import subprocess
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("named_audit", "grammar", "rules", "tests")
MOVED = ("grammar/", "rules/")
"""Folders that the wheel carries inside the package; see pyproject.toml."""


class TrackedOnly(BuildHookInterface):
    """Keeps untracked files out of wheel and sdist. Without git, as in an unpacked sdist, all files ship."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Set the paths of untracked files aside; hatchling leaves those out of whatever it collects."""
        if not self._git("--cached", "--", "pyproject.toml"):
            return
        # Without --exclude-standard, so that ignored files (__pycache__) are listed as well.
        untracked = self._git("--others", "--", *SHIPPED)
        wheel = self.target_name == "wheel"
        self.build_config.build_reserved_paths.update(
            f"named_audit/{path}" if wheel and path.startswith(MOVED) else path for path in untracked
        )

    def _git(self, *arguments: str) -> list[str]:
        try:
            ran = subprocess.run(
                ["git", "-C", self.root, "ls-files", "-z", *arguments],
                capture_output=True,
                check=True,
                text=True,
            )
        except FileNotFoundError:
            return []
        except subprocess.CalledProcessError as error:
            if "not a git repository" not in error.stderr:
                self.app.display_warning(f"git does not say which files are tracked: {error.stderr.strip()}")
            return []
        return [path for path in ran.stdout.split("\0") if path]
