"""What every command that reads configurations shares: its options, the release, the settings, the roots."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from named_audit.cli.settings import Settings
    from named_audit.host import Host
    from named_audit.release import Release
    from named_audit.syntax.locate import ReadOptions

_Function = TypeVar("_Function", bound=Callable[..., Any])


class UsageError(Exception):
    """Arguments that do not fit together or name what is not there; the text is for people."""


class Reading(NamedTuple):
    """How the commands that answer questions read: what `check` calls by the same names."""

    options: "ReadOptions"
    roots: tuple[str, ...]
    mode: Any


def reading_options(function: _Function) -> _Function:
    """The options of `Reading`, for a command that takes them as keywords and hands them to `reading`."""
    for option in reversed(
        (
            click.option(
                "--bind-version",
                metavar="X.Y[.Z]",
                help="The BIND release to judge for, `local` for this machine's named, or `unknown`. Without it: the "
                "settings, or this machine's named if no path is given, else unknown.",
            ),
            click.option("--as-root", "as_root", is_flag=True, help="Every given file is a root."),
            click.option(
                "--as-fragment", "as_fragment", is_flag=True, help="Every given file is a fragment."
            ),
            click.option("--sysroot", metavar="DIR", help="Where a copy of the server's file system begins."),
            click.option(
                "--map", "maps", multiple=True, metavar="FROM=TO", help="Read includes of FROM in TO."
            ),
            click.option(
                "--settings", "settings_file", metavar="FILE", help="Instead of named-audit.toml found here."
            ),
        )
    ):
        function = option(function)
    return function


def reading(
    settings: "Settings",
    host: "Host",
    *,
    given: bool,
    bind_version: str | None,
    as_root: bool,
    as_fragment: bool,
    sysroot: str | None,
    maps: tuple[str, ...],
) -> Reading:
    """Put options and settings together.

    Args:
        settings: the settings file.
        host: asked for its named where the release is `local`.
        given: whether something is named that is to be read; else it is this machine's own configuration.

    Raises:
        UsageError: they do not fit together.
    """
    from named_audit.syntax.locate import ReadOptions

    if as_root and as_fragment:
        raise UsageError("--as-root and --as-fragment exclude each other")
    pairs = list(settings.map)
    for item in maps:
        source, equals, target = item.partition("=")
        if not equals or not source.startswith("/") or not target:
            raise UsageError(f"--map {item}: write FROM=TO, with the absolute path FROM of the includes")
        pairs = [pair for pair in pairs if pair[0].rstrip("/") != source.rstrip("/")]
        pairs.append((source, target))
    asked_local = not given and not settings.roots
    chosen = release(bind_version or settings.bind_version or ("local?" if asked_local else "unknown"), host)
    options = ReadOptions(chosen, sysroot or settings.sysroot, tuple(pairs), settings.external)
    return Reading(options, settings.roots, "root" if as_root else "fragment" if as_fragment else "auto")


def say_release(*releases: "Release | None") -> None:
    """Say on standard error by which line's statements releases are judged whose own line is not known."""
    for note in dict.fromkeys(each.judged_as for each in releases if each is not None):
        if note is not None:
            click.echo(f"note: {note}", err=True)


def release(text: str, host: "Host", option: str = "--bind-version") -> "Release | None":
    """The release that `--bind-version` means; "local?" is this machine's if it has a named.

    Raises:
        UsageError: it is none.
    """
    from named_audit.release import parse_release

    if text == "unknown":
        return None
    if text in ("local", "local?"):
        version = host.named_version()
        if version is None:
            if text == "local":
                raise UsageError(f"{option} local: there is no named on this machine")
            return None
        text = version
    try:
        return parse_release(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
