"""`einlint explain EQUATION`: describe what an equation computes."""

import click

from einlint.algebra.equation import EquationError
from einlint.cli.option_values import index_sizes
from einlint.output.frame import caret_below
from einlint.rewriting.explanation import ITEM_SIZES, SizeError, explanation


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
def explain(equation: str, sizes: dict[str, int], dtype: str) -> None:
    """Explain an equation: what it computes, costs and can become.

    Needs neither torch nor a source file.
    """
    try:
        click.echo(explanation(equation, sizes, dtype), nl=False)
    except EquationError as error:
        shown, caret = caret_below(equation, error.column)
        message = f"torch rejects this equation: {error.reason}\n  {shown}\n  {caret}"
        raise click.UsageError(message) from error
    except SizeError as error:
        raise click.UsageError(str(error)) from error
