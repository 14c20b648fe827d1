"""Module: the code cells of a notebook joined to one text, and edits of it made in the cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Edit
from einlint.linting.fixes import spliced
from einlint.linting.judging import RuleError
from einlint.notebook.cell import LINE_END, Cell, cell_of
from einlint.notebook.places import CellPlaces, growth
from einlint.source.file import SourceFile
from einlint.source.lines import LineIndex
from einlint.source.spans import Span

# So that no row of a cell is one of the first two, where a comment can be a coding cookie.
_HEAD: Final = "\n\n"


@dataclass(frozen=True, slots=True)
class Module:
    """The cells one after the other, as a script would have them: names carry from cell to cell.

    Every cell can be parsed by itself, so that no edit leaves its cell.
    source: the code of the cells as if it were a file.
    spans: where each cell stands in it, with what follows it.
    """

    source: SourceFile
    cells: tuple[Cell, ...]
    spans: tuple[Span, ...]
    places: CellPlaces

    def edited(self, rounds: Iterable[Sequence[Edit]]) -> "Module":
        """The module with its cells as they are after edits of the code, round by round.

        Raises:
            RuleError: a cell does not read as what the edits made of its code.
        """
        text, code, spans = _text_of(self.cells), self.source.text, list(self.spans)
        for edits in rounds:
            assert all(any(span.holds(_span(edit)) for span in spans) for edit in edits)
            text, code = spliced(text, edits), spliced(code, edits)
            spans = [_moved(span, edits) for span in spans]
        cells = zip(self.cells, spans, strict=True)
        return _joined(
            self.source.filename,
            [self._again(cell, span.of(text), span.of(code)) for cell, span in cells],
        )

    def _again(self, cell: Cell, text: str, code: str) -> Cell:
        """The cell with another text; the line end behind it may have gone with its last row."""
        rest = cell.behind.removeprefix(LINE_END)
        text, code = (each.removesuffix(rest).removesuffix(LINE_END) for each in (text, code))
        if text == cell.text:
            return cell
        after = cell_of(text)
        if after.code != code:
            raise RuleError(f"{self.source.filename}: the edits change what is a magic in `{text}`")
        return after


def module_of(filename: str, cells: Iterable[str]) -> Module:
    """The module that the texts of some code cells make."""
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
    """The cells joined in the same way, with their magics."""
    return _HEAD + "".join(f"{cell.before}{cell.text}{cell.behind}" for cell in cells)


def _moved(span: Span, edits: Sequence[Edit]) -> Span:
    """Where the span is after the edits, which do not leave it."""
    return Span(*(limit + growth(edits, limit) for limit in (span.start, span.end)))


def _span(edit: Edit) -> Span:
    return Span(edit.start, edit.end)
