"""The commands. Each imports what it needs when it runs, so that none pays for the others."""

from __future__ import annotations

from typing import Any, ClassVar

import click

from named_audit import __version__
from named_audit.cli.check import check
from named_audit.cli.exits import INTERRUPTED


class _Late(click.Group):
    """A group whose less frequent commands are imported when they are called."""

    _late: ClassVar[dict[str, str]] = {
        "who": "named_audit.cli.who:who",
        "diff": "named_audit.cli.diff:diff",
        "rules": "named_audit.cli.catalogue:rules",
        "explain": "named_audit.cli.explain:explain",
        "new": "named_audit.cli.develop:new",
        "test": "named_audit.cli.develop:test",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return ["check", *self._late]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # click would end with 1, which means that there are findings.
            click.echo("named-audit: interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = self._late.get(cmd_name)
        if target is None:
            return super().get_command(ctx, cmd_name)
        import importlib

        module, _, name = target.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Late, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="named-audit")
def main() -> None:
    """Audit BIND's named.conf: who can take each zone, on what proof, and who is told of a change.

    Exit codes: 0 clean (same, served), 1 findings (different, refused), 2 usage or settings, 3 incomplete (something could not be read or understood),
    130 interrupted.
    """


main.add_command(check)
