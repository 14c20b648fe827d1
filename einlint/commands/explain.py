"""`einlint explain EQUATION`: what an equation is, in words."""

import click

from einlint.algebra.equation import ELLIPSIS, EquationError
from einlint.explanation import ITEM_SIZES, SizeError, explanation


@click.command()
@click.argument("equation")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="INDEX=SIZE,...",
    help="The sizes of indices, as in b=64,h=8.",
)
@click.option(
    "--dtype",
    type=click.Choice(tuple(ITEM_SIZES)),
    default="float32",
    show_default=True,
    help="The type of the elements, for the number of bytes.",
)
def explain(equation: str, sizes: tuple[str, ...], dtype: str) -> None:
    """Say what an equation is, what its indices do, what it costs, and what it may become.

    It needs no torch and no source file.
    """
    try:
        click.echo(explanation(equation, _sizes(sizes), dtype), nl=False)
    except EquationError as error:
        pointer = f"  {equation}\n  {' ' * error.column}^"
        raise click.UsageError(f"torch rejects this equation: {error.reason}\n{pointer}") from error
    except SizeError as error:
        raise click.UsageError(str(error)) from error


def _sizes(texts: tuple[str, ...]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for part in ",".join(texts).split(","):
        if not part.strip():
            continue
        label, _, number = (piece.strip() for piece in part.partition("="))
        is_index = label == ELLIPSIS or (len(label) == 1 and label.isalpha())
        if not is_index or not number.isdecimal():
            raise click.UsageError(f"`{part}` is not of the form INDEX=SIZE, as in b=64")
        sizes[label] = int(number)
    return sizes
