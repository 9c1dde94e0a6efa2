"""The settings file: `named-audit.toml`, or `[tool.named-audit]` in pyproject.toml."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from named_audit.lint.contract import AUDIENCES, Severity
from named_audit.release import parse_release


class SettingsError(Exception):
    """Settings that cannot be used; the text names the file, the key and the remedy."""


class Settings(NamedTuple):
    """What the settings file says. Paths are relative to the file and made usable from the working directory."""

    path: str | None = None
    roots: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    bind_version: str | None = None
    sysroot: str | None = None
    map: tuple[tuple[str, str], ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    audience: str | None = None
    fail_on: str | None = None
    checkconf: str | None = None
    """Whether to ask this machine's named-checkconf: "required" or "if-present"."""
    file_checks: bool | None = None
    """Whether the files are the server's own, so that modes and owners mean something; None: it depends."""


_LISTS = ("roots", "external", "select", "ignore")
_WORDS = ("bind-version", "sysroot", "audience", "fail-on", "checkconf")
_CHECKCONF = ("if-present", "required")
KEYS = (*_LISTS, *_WORDS, "map", "file-checks")


def load_settings(explicit: str | None, start: str) -> Settings:
    """Read the settings that hold for a directory.

    Args:
        explicit: the file of `--settings`, or None to look in `start` and the directories above it, up to the top
            of the repository.
        start: an absolute directory.

    Raises:
        SettingsError: the file cannot be read or says something wrong.
    """
    if explicit is not None:
        return _from_file(explicit, required=True) or Settings()
    folder = start
    while True:
        own = os.path.join(folder, "named-audit.toml")
        if os.path.isfile(own):
            return _from_file(own, required=True) or Settings()
        project = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(project):
            found = _from_file(project, required=False)
            if found is not None:
                return found
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            return Settings()
        folder = parent


def _from_file(path: str, *, required: bool) -> Settings | None:
    import tomllib

    shown = os.path.relpath(path)
    try:
        with open(path, "rb") as file:
            data = tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{shown}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if not required and b"named-audit" not in _bytes(path):
            return None  # somebody else's broken pyproject.toml is not our business
        raise SettingsError(f"{shown}: {error}") from None
    if os.path.basename(path) == "pyproject.toml":
        tool = data.get("tool")
        table = tool.get("named-audit") if isinstance(tool, dict) else None
        if table is None and not required:
            return None
        data = table if isinstance(table, dict) else {}
    return _check(data, shown, os.path.dirname(path))


def _bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _check(data: Mapping[str, Any], shown: str, folder: str) -> Settings:
    for key in data:
        if key not in KEYS:
            import difflib

            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(KEYS))}"
            raise SettingsError(f"{shown}: unknown key {key!r}{hint}")
    for key in _LISTS:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{shown}: {key!r} must be a list of strings")
    for key in _WORDS:
        if key in data and not isinstance(data[key], str):
            raise SettingsError(f"{shown}: {key!r} must be a string, for instance {_EXAMPLE[key]}")
    table = data.get("map", {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise SettingsError(
            f'{shown}: \'map\' must be a table of strings, for instance {{"/etc/bind" = "bind"}}'
        )
    for source in table:
        if not source.startswith("/"):
            raise SettingsError(
                f"{shown}: 'map': {source!r} matches nothing: write the absolute path of the includes, "
                f'for instance "/etc/bind"'
            )
    version = data.get("bind-version")
    if version is not None and version not in ("unknown", "local"):
        try:
            parse_release(version)
        except ValueError as error:
            raise SettingsError(f"{shown}: 'bind-version': {error}") from None
    audience = data.get("audience")
    if audience is not None and audience not in AUDIENCES:
        raise SettingsError(f"{shown}: 'audience' must be one of {', '.join(AUDIENCES)}")
    fail_on = data.get("fail-on")
    words = [severity.word for severity in Severity]
    if fail_on is not None and fail_on not in words:
        raise SettingsError(f"{shown}: 'fail-on' must be one of {', '.join(words)}")

    checkconf = data.get("checkconf")
    if checkconf is not None and checkconf not in _CHECKCONF:
        raise SettingsError(
            f"{shown}: 'checkconf' must be one of {', '.join(_CHECKCONF)}; a program is only named with --checkconf"
        )

    file_checks = data.get("file-checks")
    if file_checks is not None and not isinstance(file_checks, bool):
        raise SettingsError(f"{shown}: 'file-checks' must be true or false")

    def here(path: str) -> str:
        full = os.path.normpath(os.path.join(folder, path))
        return full if os.path.isabs(path) else os.path.relpath(full)

    sysroot = data.get("sysroot")
    return Settings(
        shown,
        tuple(here(path) for path in data.get("roots", [])),
        tuple(data.get("external", [])),
        version,
        here(sysroot) if sysroot is not None else None,
        tuple((source, here(target)) for source, target in table.items()),
        tuple(data.get("select", [])),
        tuple(data.get("ignore", [])),
        audience,
        fail_on,
        checkconf,
        file_checks,
    )


_EXAMPLE = {
    "bind-version": '"9.18"',
    "sysroot": '"image"',
    "audience": '"pedantic"',
    "fail-on": '"medium"',
    "checkconf": '"if-present"',
}
