"""`einlint lsp`: show findings, fixes and explanations in an editor."""

import sys
from typing import Final

import click

from einlint.cli.exit_code import exit_with_error

_INSTALL: Final = "lsp needs pygls: pip install 'pygls>=2.0'"


@click.command()
@click.option(
    "--stdio",
    is_flag=True,
    expose_value=False,
    help="Accepted because some editors pass it; standard input and output are always used.",
)
def lsp() -> None:
    """Serve an editor over standard input and output.

    Starts a language server. It reports findings while you type, offers fixes and ignore
    comments, and explains the equation under the mouse.
    """
    if sys.stdin is None:
        exit_with_error("standard input is closed")
    try:
        # Imported here, so that `einlint lsp --help` works without pygls.
        from einlint.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("lsprotocol", "pygls"):
            raise
        exit_with_error(_INSTALL)
    sys.exit(serve())
