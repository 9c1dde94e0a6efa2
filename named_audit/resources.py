"""Where the grammar and the built-in rules lie: beside the modules in a wheel, one level up in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def resource_dir(name: str) -> Path:
    """Return the folder `grammar` or `rules` that belongs to this installation.

    Raises:
        FileNotFoundError: neither place has it, so the installation is broken.
    """
    for base in (_PACKAGE, _PACKAGE.parent):
        folder = base / name
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"this installation of named-audit has no {name!r} folder")
