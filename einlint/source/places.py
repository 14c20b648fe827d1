"""Places in a text for people: lines and columns, in notebooks also cells."""

from typing import NamedTuple

from einlint.printable import shown_name


class Position(NamedTuple):
    """Line (`row`, as in JSON) and column, from 1; columns count Unicode characters."""

    row: int
    column: int


class Place(NamedTuple):
    """From `start` up to `end`, exclusive; in a notebook, in code cell number `cell`, from 1."""

    start: Position
    end: Position
    cell: int | None = None

    @property
    def is_one_line(self) -> bool:
        """Whether it ends on the line on which it starts."""
        return self.start.row == self.end.row

    @property
    def seen(self) -> "Place":
        """The place; one column wide if it is empty."""
        if self.start != self.end:
            return self
        return self._replace(end=Position(self.end.row, self.end.column + 1))

    def text_name(self, filename: str) -> str:
        """The text whose lines are counted: the file, or `a.ipynb:cell 3`."""
        return text_name(filename, self.cell)

    def within(self, filename: str) -> str:
        """Its start, for people: `a.py:12:5`, or `a.ipynb:cell 3:12:5`."""
        return f"{self.text_name(filename)}:{self.start.row}:{self.start.column}"


def text_name(filename: str, cell: int | None) -> str:
    """The name of a file, or of a code cell of a notebook, for people."""
    name = shown_name(filename)
    return name if cell is None else f"{name}:cell {cell}"
