"""LineIndex: where the lines of a text start, as Python counts them."""

import ast
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from einlint.diagnostics import Position, Range

# What Python's tokenizer takes for the end of a line; str.splitlines knows many more.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class LineIndex:
    """Where the lines of a text start; turns offsets in characters into positions and back.

    cells: the rows that the cells of a notebook start at, if the text is theirs.
    """

    text: str
    starts: tuple[int, ...]
    cells: tuple[int, ...] = ()

    @classmethod
    def of(cls, text: str, cells: tuple[int, ...] = ()) -> "LineIndex":
        """Index the lines of `text` as Python counts them."""
        return cls(text, (0, *(match.end() for match in _LINE_END.finditer(text))), cells)

    def cell(self, row: int) -> int:
        """The 1-based cell that a row is in; 0 where there are none."""
        return bisect_right(self.cells, row)

    def row_in_words(self, row: int) -> str:
        """The row as people find it, in a notebook by its cell."""
        cell = self.cell(row)
        return f"row {row - self.cells[cell - 1] + 1} of cell {cell}" if cell else f"row {row}"

    def position(self, offset: int) -> Position:
        """The 1-based row and column of an offset."""
        row = bisect_right(self.starts, offset)
        return Position(row, offset - self.starts[row - 1] + 1)

    def range(self, start: int, end: int) -> Range:
        """The range of text[start:end]."""
        return Range(self.position(start), self.position(end))

    def offset(self, row: int, utf8_column: int) -> int:
        """The offset of a position as `ast` gives it: row from 1, column in UTF-8 bytes from 0."""
        start = self.starts[row - 1]
        line = self.text[start : start + utf8_column]
        if line.isascii():
            return start + utf8_column
        return start + len(line.encode()[:utf8_column].decode())

    def extent(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> tuple[int, int]:
        """The offsets of the first character of a node and of what follows it."""
        end_row, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(end_row, end_column)

    def end(self, row: int) -> int:
        """The offset of the line end of a row."""
        return self.starts[row - 1] + len(self.line(row))

    def line(self, row: int) -> str:
        """The text of a row without its line end."""
        end = self.starts[row] if row < len(self.starts) else len(self.text)
        return self.text[self.starts[row - 1] : end].rstrip("\r\n")
