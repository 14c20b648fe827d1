"""`einlint lsp`: the findings, their fixes and explanations in an editor."""

import sys
from typing import Final

import click

from einlint.cli.exit_code import refuse

_INSTALL: Final = "lsp needs pygls: pip install 'einlint[lsp]'"


@click.command()
@click.option(
    "--stdio",
    is_flag=True,
    expose_value=False,
    help="Taken because some editors pass it; there is no other way.",
)
def lsp() -> None:
    """Serve an editor over standard input and output.

    A language server: it reports while one types, offers fixes and comments, and explains an
    equation under the mouse.
    """
    try:
        # Imported here: who asks for help must not need pygls.
        from einlint.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("lsprotocol", "pygls"):
            raise
        refuse(_INSTALL)
    sys.exit(serve())
