"""The command line: `einlint [check] ...`, and one file in `einlint.cli.commands` a command."""

import sys
import traceback
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from einlint import __version__
from einlint.discovery import module_names

_COMMANDS = "einlint.cli.commands"
_DEFAULT = "check"


class _Commands(click.Group):
    """The commands by the names of their files, each imported when it is run; `check` if none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(module_names(_COMMANDS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"{_COMMANDS}.{cmd_name}"), cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.list_commands(ctx), "--help", "-h", "--version"}
        is_completed = ctx.resilient_parsing and not args  # it may yet become any command
        if not is_completed and (not args or args[0] not in own):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and what the default command offers where none is named."""
        default = self.get_command(ctx, _DEFAULT)
        commands = super().shell_complete(ctx, incomplete)
        if default is None:
            return commands
        inner = default.make_context(_DEFAULT, [], parent=ctx, resilient_parsing=True)
        options = default.shell_complete(inner, incomplete)
        arguments = [each for each in default.params if isinstance(each, click.Argument)]
        paths = [item for each in arguments for item in each.shell_complete(inner, incomplete)]
        # Paths go first: bash forgets what came before them.
        return [*paths, *commands, *options]


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="einlint")
def cli() -> None:
    """Find torch.einsum calls, say what each is, and rewrite the simple ones.

    Without a command, `check` is run: `einlint --fix src/` is `einlint check --fix src/`.
    """


def main() -> None:
    """Run the command line; the entry point of the package.

    An exception is our bug: it is shown whole, and ends with exit code 2.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            # A source may hold characters that the terminal's encoding lacks.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        cli(prog_name="einlint")
    except Exception:  # noqa: BLE001 -- the last place where it can be told
        traceback.print_exc()
        sys.exit(2)
