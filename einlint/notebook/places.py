"""Turn offsets in the joined cells of a notebook into places: in a cell, and in the file."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from einlint.diagnostics import Edit
from einlint.linting.moved_offsets import moved_offsets
from einlint.notebook.source_text import SourceText
from einlint.source.lines import LineIndex, Text
from einlint.source.places import Place


@dataclass(frozen=True, slots=True)
class CellPlaces:
    """The PartsMap of a module; an offset behind the text of a cell counts as its end.

    starts: the offset of every cell in the module. cells: the lines of every cell.
    """

    starts: tuple[int, ...]
    cells: tuple[LineIndex, ...]

    def place(self, start: int, end: int) -> Place:
        """The place of the module's text[start:end] in the cell that it starts in."""
        number = self.number(start)
        found = self.cells[number - 1].place(*self.inside(number, start, end))
        return Place(found.start, found.end, number)

    def place_in_file(self, start: int, end: int) -> Place:
        """The same: this map knows no file."""
        return self.place(start, end)

    def lines_around(self, place: Place) -> LineIndex | None:
        """The lines of the cell."""
        return None if place.cell is None else self.cells[place.cell - 1]

    def after(self, edits: Sequence[Edit]) -> "CellPlaces":
        """The map after the edits; `cells` keeps the lines from before them."""
        return replace(self, starts=tuple(moved_offsets(self.starts, edits)))

    def number(self, offset: int) -> int:
        """The number of the cell of an offset, from 1."""
        return max(1, bisect_right(self.starts, offset))

    def inside(self, number: int, *offsets: int) -> tuple[int, ...]:
        """Turn offsets in the module into offsets in a cell."""
        length = len(self.cells[number - 1].text)
        return tuple(min(max(0, each - self.starts[number - 1]), length) for each in offsets)


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """The same for the cells of a file, with places in its JSON text."""

    cells: CellPlaces
    sources: tuple[SourceText, ...]
    text: Text

    def place(self, start: int, end: int) -> Place:
        """The place of the module's text[start:end] in its cell."""
        return self.cells.place(start, end)

    def place_in_file(self, start: int, end: int) -> Place:
        """The place of the same characters in the JSON text."""
        number = self.cells.number(start)
        source = self.sources[number - 1]
        first, last = self.cells.inside(number, start, max(end, start + 1))
        return self.text.place(source.offset(first), source.offset(last))

    def lines_around(self, place: Place) -> LineIndex | None:
        """The lines of the cell."""
        return self.cells.lines_around(place)
