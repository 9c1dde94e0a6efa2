"""Where the grammar and the built-in rules lie: beside the modules in a wheel, one level up in a checkout."""

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def resource_dir(name: str) -> str:
    """Return the path of the folder `grammar` or `rules` that belongs to this installation.

    Raises:
        FileNotFoundError: neither place has it, so the installation is broken.
    """
    for base in (_PACKAGE, os.path.dirname(_PACKAGE)):
        folder = os.path.join(base, name)
        if os.path.isdir(folder):
            return folder
    raise FileNotFoundError(f"this installation of named-audit has no {name!r} folder")


def read_resource(*parts: str) -> str:
    """The text of a file in one of these folders: `read_resource("grammar", "named_conf.lark")`."""
    with open(os.path.join(resource_dir(parts[0]), *parts[1:]), encoding="utf-8") as file:
        return file.read()
