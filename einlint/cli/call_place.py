"""FILE:LINE[:COLUMN] on the command line, as a place in a file or a cell."""

import os
import re
from dataclasses import dataclass
from typing import Final

import click

from einlint.printable import printable
from einlint.project.suffixes import NOTEBOOK
from einlint.source.places import Place, Position

# Reports write `a.py:12:5` and `a.ipynb:cell 3:12:5`; `a.ipynb:3:12` is read too.
_PLACE: Final = re.compile(r"(?P<file>.+?)(?P<cell>:cell \d{1,9})?(?P<numbers>(:\d{1,9}){1,3})")


@dataclass(frozen=True, slots=True)
class CallPlace:
    """A place in a file, or in a code cell of a notebook; without a column the whole line."""

    file: str
    cell: int | None
    line: int
    column: int | None

    def holds(self, place: Place) -> bool:
        """Whether a call at `place` stands on the line, or around the column."""
        if place.cell != self.cell:
            return False
        if self.column is None:
            return place.start.row <= self.line <= place.end.row
        return place.start <= Position(self.line, self.column) < place.end


def call_place(text: str) -> CallPlace | None:
    """The place that a text names; None if it is an equation, which never ends in `:` and digits.

    Raises:
        click.UsageError: the file does not exist, or the numbers do not fit it.
    """
    match = _PLACE.fullmatch(text)
    if match is not None and not os.path.lexists(match["file"]):
        raise click.UsageError(f"path does not exist: {printable(match['file'])}")
    return place_named(text)


def place_named(text: str) -> CallPlace | None:
    """The place that a text names, whether or not there is such a file; None if it names none.

    Raises:
        click.UsageError: the numbers do not fit the file.
    """
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    file, numbers = match["file"], [int(each) for each in match["numbers"].split(":")[1:]]
    if match["cell"] is not None:
        numbers.insert(0, int(match["cell"].removeprefix(":cell ")))
    is_notebook = file.endswith(NOTEBOOK)
    cell = numbers.pop(0) if is_notebook and len(numbers) > 1 else None
    if len(numbers) > 2 or (is_notebook and cell is None):
        form = "CELL:LINE or FILE:CELL:LINE:COLUMN" if is_notebook else "LINE or FILE:LINE:COLUMN"
        wrong = f"`{printable(text)}` is no place in {printable(file)}"
        raise click.UsageError(f"{wrong}: write FILE:{form}")
    return CallPlace(file, cell, numbers[0], numbers[1] if len(numbers) == 2 else None)
