"""The command line: `einlint [check] ...`; each command is a file in `einlint.cli.commands`."""

import io
import os
import sys
from collections.abc import Collection
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from einlint import __version__
from einlint.discovery import module_names
from einlint.printable import printable, printable_lines
from einlint.unusable import UnusableError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS = "einlint.cli.commands"
_DEFAULT = "check"


class _Commands(click.Group):
    """The commands by file name, imported when they are run; `check` is the default."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(module_names(_COMMANDS))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"{_COMMANDS}.{cmd_name}"), cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.list_commands(ctx), "--help", "-h", "--version"}
        is_completed = ctx.resilient_parsing and not args  # any command may still follow
        if not is_completed and (not args or args[0] not in own):
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what is said of wrong usage may hold names of files."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.message = printable_lines(error.message)  # type: ignore[misc]  # not final to click
            raise

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The commands, and the options and paths of the default command."""
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
    """Find torch.einsum calls, explain what each one computes, and rewrite the simple ones.

    The default command is `check`: `einlint --fix src/` is `einlint check --fix src/`.
    """


def main(searched: Collection[str] = ()) -> None:
    """Run the command line.

    searched: the names of files that hold no words of the default rules.

    A file, setting or stream that cannot be used (such as standard output on a full disk) is
    reported on one line. Any other exception is a bug of einlint and is printed with its
    traceback. Both end with exit code 2.
    """
    try:
        for stream in _streams():
            # A source may hold characters that the terminal's encoding lacks.
            stream.reconfigure(errors="backslashreplace")
        try:
            cli(prog_name="einlint", obj=searched)
        finally:
            if not sys.stdout.closed:  # the language server closes it
                sys.stdout.flush()  # Python's own flush at exit could not report an error
    except Exception as error:  # noqa: BLE001 -- the last place that can report it
        end_with(error)


def end_with(error: Exception) -> NoReturn:
    """Say what has stopped the run, and end the process."""
    if isinstance(error, BrokenPipeError):
        _end("", 1)  # as click does: the reader (`| head`) has closed the pipe
    if isinstance(error, UnusableError):
        _end(f"einlint: {printable(str(error))}\n")
    if isinstance(error, OSError):
        name = printable(str(error.filename or "standard output"))
        _end(f"einlint: {name}: {error.strerror or error}\n")
    import traceback

    _end("".join(traceback.format_exception(error)))


def _streams() -> list[io.TextIOWrapper]:
    """Standard output and error.

    If one is closed, say so on the other and stop: the next file that is opened would get its
    file descriptor, and printed text would be written into that file.
    """
    streams = {"output": sys.stdout, "error": sys.stderr}
    closed = [name for name, stream in streams.items() if stream is None]
    if closed:
        for stream in filter(None, streams.values()):
            print(f"einlint: standard {closed[0]} is closed", file=stream)
        sys.exit(2)
    return [stream for stream in streams.values() if isinstance(stream, io.TextIOWrapper)]


def _end(text: str, code: int = 2) -> NoReturn:
    """Print why, if that is possible, and exit without Python flushing the broken streams again."""
    with suppress(OSError):
        sys.stderr.write(text)
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
    sys.exit(code)
