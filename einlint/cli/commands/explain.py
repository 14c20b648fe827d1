"""`einlint explain EQUATION` and `einlint explain FILE:LINE`: what an equation, or a call, is."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from einlint.algebra.equation import EquationError, Fault
from einlint.cli.call_place import CallPlace, call_place
from einlint.cli.option_values import index_sizes
from einlint.output.frame import caret_below
from einlint.printable import printable, quiet_json
from einlint.rewriting.explained_json import as_data
from einlint.rewriting.explained_text import as_text
from einlint.rewriting.explanation import ITEM_SIZES, SizeError, explained

if TYPE_CHECKING:
    from einlint.output.page.explained import Explained

_WITH_PICTURES: Final = ("svg", "html")
_CODES: Final = {Fault.SYNTAX: "EIN001", Fault.OUTPUT: "EIN003"}


@click.command()
@click.argument("what", metavar="EQUATION|FILE:LINE")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    metavar="INDEX=SIZE,...",
    callback=index_sizes,
    help="Sizes of indices, for example b=64,h=8; for a call, those that its code does not show.",
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
    type=click.Choice(("text", "json", "svg", "html")),
    default="text",
    show_default=True,
    help="Text for people; or the same facts as a JSON object, for FILE:LINE as an array with an"
    " object for each call; or a picture as an SVG file; or the picture above the text, as an HTML"
    " page.",
)
def explain(what: str, sizes: dict[str, int], dtype: str, form: str) -> None:
    """Explain an equation: what it computes, costs and can become.

    FILE:LINE or FILE:LINE:COLUMN explains the einsum calls there: their replacement, what is
    proved and what is missing, and why a call is not reported. In a notebook write
    FILE:CELL:LINE. The settings of the file count. Nothing is run, and torch is not needed.
    """
    place = call_place(what)
    try:
        text = (
            _equation(what, sizes, dtype, form)
            if place is None
            else _calls(place, sizes, dtype, form)
        )
    except EquationError as error:
        if os.path.lexists(what):
            raise click.UsageError(f"name a line of this file: `{printable(what)}:LINE`") from error
        shown, caret = caret_below(what, error.column)
        reason = f"torch rejects this equation ({_CODES[error.fault]}): {error.reason}"
        raise click.UsageError(f"{reason}\n  {shown}\n  {caret}") from error
    except SizeError as error:
        raise click.UsageError(str(error)) from error
    click.echo(text, nl=False)


def _equation(text: str, sizes: dict[str, int], dtype: str, form: str) -> str:
    found = explained(text, sizes, dtype)
    if form in _WITH_PICTURES:
        from einlint.output.page.explained import part_of

        return _drawn([part_of(found)], form)
    return as_text(found) if form == "text" else _json(as_data(found))


def _calls(place: CallPlace, sizes: dict[str, int], dtype: str, form: str) -> str:
    from einlint.cli.calls_there import calls_at  # an equation needs no file to be read
    from einlint.cli.explained_calls import call_data, call_part, call_text, explained_calls

    found = list(explained_calls(calls_at(place), sizes, dtype))
    if form in _WITH_PICTURES:
        return _drawn([call_part(each) for each in found], form)
    if form == "text":
        return "\n".join(map(call_text, found))
    return _json([call_data(each) for each in found])


def _drawn(parts: "Sequence[Explained]", form: str) -> str:
    """The page of all, or the one picture."""
    from einlint.output.page.explained import explained_page
    from einlint.pictures.picture import standalone

    if form == "html":
        return explained_page("einlint explain", parts)
    pictures = [each.picture for each in parts if each.picture is not None]
    if not pictures:
        raise click.UsageError("there is no picture: the equation is not literal, or not valid")
    if len(pictures) > 1:
        raise click.UsageError("an SVG file shows one call: name it as FILE:LINE:COLUMN")
    return standalone(pictures[0])


def _json(data: object) -> str:
    return f"{quiet_json(json.dumps(data, indent=2))}\n"
