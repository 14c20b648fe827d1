"""The command line: `einlint [check] ...`, `einlint explain`, `einlint rule`."""

import sys
import traceback

import click

from einlint import __version__
from einlint.commands.check import check
from einlint.commands.explain import explain
from einlint.commands.rule import rule


class _DefaultsToCheck(click.Group):
    """A group whose command `check` need not be named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, "--help", "-h", "--version"}
        if not args or args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_DefaultsToCheck, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="einlint")
def cli() -> None:
    """Find torch.einsum calls, say what each is, and rewrite the simple ones.

    Without a command, `check` is run: `einlint --fix src/` is `einlint check --fix src/`.
    """


cli.add_command(check)
cli.add_command(explain)
cli.add_command(rule)


def main() -> None:
    """Run the command line; the entry point of the package.

    An exception is our bug: it is shown whole, and ends with exit code 2.
    """
    for stream in (sys.stdout, sys.stderr):
        # A source may hold characters that the terminal's encoding lacks.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        cli(prog_name="einlint")
    except Exception:  # noqa: BLE001 -- the last place where it can be told
        traceback.print_exc()
        sys.exit(2)
