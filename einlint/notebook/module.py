"""Module: the code cells of a notebook joined into one text, and edits of it in the cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Edit
from einlint.linting.fixes import spliced
from einlint.linting.judging import RuleError
from einlint.linting.moved_offsets import moved_offsets
from einlint.notebook.cell import LINE_END, Cell, cell_of
from einlint.notebook.places import CellPlaces
from einlint.source.file import SourceFile
from einlint.source.lines import LineIndex
from einlint.source.spans import Span, is_inside

# Python reads a comment on the first two lines as a coding cookie; no cell may start there.
_HEAD: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class Module:
    """The cells as one script, so that names of a cell are known in the cells after it.

    Every cell can be parsed alone, so that no edit crosses the end of its cell.
    source: the joined code, as if it were a file.
    spans: the place of every cell in it, with the text that follows the cell (`Cell.behind`).
    """

    source: SourceFile
    cells: tuple[Cell, ...]
    spans: tuple[Span, ...]
    places: CellPlaces

    def edited(self, rounds: Iterable[Sequence[Edit]]) -> "Module":
        """The module after edits of its code, round by round.

        Raises:
            RuleError: after the edits, a cell would be read as other code: a magic has changed.
        """
        text, code, spans = _text_of(self.cells), self.source.text, list(self.spans)
        for edits in rounds:
            assert all(is_inside(Span(edit.start, edit.end), spans) for edit in edits)
            text, code = spliced(text, edits), spliced(code, edits)
            starts = moved_offsets([span.start for span in spans], edits)
            ends = moved_offsets([span.end for span in spans], edits)
            spans = [Span(*limits) for limits in zip(starts, ends, strict=True)]
        cells = zip(self.cells, spans, strict=True)
        return _joined(
            self.source.filename,
            [self._changed(cell, span.of(text), span.of(code)) for cell, span in cells],
        )

    def _changed(self, cell: Cell, text: str, code: str) -> Cell:
        """The cell with a new text; an edit may have removed the line end behind it too."""
        rest = cell.behind.removeprefix(LINE_END)
        text, code = (each.removesuffix(rest).removesuffix(LINE_END) for each in (text, code))
        if text == cell.text:
            return cell
        after = cell_of(text)
        if after.code != code:
            raise RuleError(f"{self.source.filename}: the edits change what is a magic in `{text}`")
        return after


def module_of(filename: str, cells: Iterable[str]) -> Module:
    """Join the texts of code cells into a module."""
    return _joined(filename, [cell_of(text) for text in cells])


def _joined(filename: str, cells: Sequence[Cell]) -> Module:
    code = "".join(f"{cell.before}{cell.code}{cell.behind}" for cell in cells)
    spans = tuple(_spans(cells))
    lines = tuple(LineIndex.of(cell.text) for cell in cells)
    places = CellPlaces(tuple(span.start for span in spans), lines)
    source = SourceFile(filename, f"{_HEAD}{code}", places=places)
    return Module(source, tuple(cells), spans, places)


def _spans(cells: Iterable[Cell]) -> Iterator[Span]:
    end = len(_HEAD)
    for cell in cells:
        start = end + len(cell.before)
        end = start + len(cell.text) + len(cell.behind)
        yield Span(start, end)


def _text_of(cells: Sequence[Cell]) -> str:
    """The cells joined like the code, but with their magics."""
    return _HEAD + "".join(f"{cell.before}{cell.text}{cell.behind}" for cell in cells)
