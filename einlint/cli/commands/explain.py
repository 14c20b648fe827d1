"""`einlint explain EQUATION`: describe what an equation computes."""

import json

import click

from einlint.algebra.equation import EquationError
from einlint.cli.option_values import index_sizes
from einlint.rewriting.explained_json import as_data
from einlint.rewriting.explained_text import as_text
from einlint.rewriting.explanation import ITEM_SIZES, SizeError, explained


@click.command()
@click.argument("equation")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="INDEX=SIZE,...",
    callback=index_sizes,
    help="Sizes of indices, for example b=64,h=8.",
)
@click.option(
    "--dtype",
    type=click.Choice(tuple(ITEM_SIZES)),
    default="float32",
    show_default=True,
    help="Dtype of the operands; it decides the number of bytes.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="Text for people, or a JSON object with the same facts.",
)
def explain(equation: str, sizes: dict[str, int], dtype: str, form: str) -> None:
    """Explain an equation: what it computes, costs and can become.

    Needs neither torch nor a source file.
    """
    try:
        found = explained(equation, sizes, dtype)
    except EquationError as error:
        pointer = f"  {equation}\n  {' ' * error.column}^"
        raise click.UsageError(f"torch rejects this equation: {error.reason}\n{pointer}") from error
    except SizeError as error:
        raise click.UsageError(str(error)) from error
    if form == "text":
        click.echo(as_text(found), nl=False)
    else:
        click.echo(json.dumps(as_data(found), indent=2))
