"""LineIndex: offsets <-> lines, as Python counts lines; TextMap: offsets -> places for people."""

import ast
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, count
from operator import add
from typing import Final, NamedTuple, Protocol

from einlint.diagnostics import Edit
from einlint.source.places import Place, Position

# The line ends of Python's tokenizer; str.splitlines also splits at form feeds and others.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


class TextMap(Protocol):
    """Turns offsets in a text into places for people."""

    def place(self, start: int, end: int) -> Place:
        """The place of text[start:end]; in a notebook, in one of its cells."""

    def place_in_file(self, start: int, end: int) -> Place:
        """The place in the file itself; of a notebook, in its JSON text."""

    def lines_around(self, place: Place) -> "LineIndex | None":
        """The lines around a place, for code frames; None if they cannot be shown."""


class PartsMap(TextMap, Protocol):
    """A TextMap for a text that is joined from parts, such as the cells of a notebook."""

    def after(self, edits: Sequence[Edit]) -> "PartsMap":
        """The map after edits, none of which crosses the end of a part."""


@dataclass(frozen=True, slots=True)
class LineIndex:
    """Where the lines of a text start; turns offsets in characters into positions and back.

    parts: the map to places for people, if the text is joined from parts.
    """

    text: str
    starts: tuple[int, ...]
    parts: PartsMap | None = field(default=None, compare=False)

    @classmethod
    def of(cls, text: str, parts: PartsMap | None = None) -> "LineIndex":
        """Index the lines of `text` as Python counts them."""
        if "\r" in text:
            return cls(text, (0, *(match.end() for match in _LINE_END.finditer(text))), parts)
        # Much faster, which is seen in reports on long files.
        ends = accumulate(map(len, text.split("\n")))
        return cls(text, (0, *map(add, ends, count(1)))[:-1], parts)

    @property
    def places(self) -> TextMap:
        """The map from offsets to places for people."""
        return self.parts or Text(self.text)

    @property
    def newline(self) -> str:
        """The line end of the first line; a line feed if there is none."""
        found = _LINE_END.search(self.text)
        return found[0] if found else "\n"

    def describe_line(self, number: int) -> str:
        """Name a line as people find it: `line 12`, in a notebook `line 3 of cell 2`."""
        start = self.starts[number - 1]
        place = (self.parts or self).place(start, start)
        in_cell = f" of cell {place.cell}" if place.cell else ""
        return f"line {place.start.row}{in_cell}"

    def line_number(self, offset: int) -> int:
        """The number of the line of an offset, from 1."""
        return bisect_right(self.starts, offset)

    def position(self, offset: int) -> Position:
        """The line and column of an offset, both from 1."""
        number = self.line_number(offset)
        return Position(number, offset - self.starts[number - 1] + 1)

    def place(self, start: int, end: int) -> Place:
        """The place of text[start:end] in this text."""
        return Place(self.position(start), self.position(end))

    def offset(self, number: int, utf8_column: int) -> int:
        """The offset of a position as `ast` gives it: line from 1, column in UTF-8 bytes from 0."""
        start = self.starts[number - 1]
        line = self.text[start : start + utf8_column]
        if line.isascii():
            return start + utf8_column
        return start + len(line.encode()[:utf8_column].decode())

    def extent(self, node: ast.expr | ast.stmt | ast.alias | ast.arg) -> tuple[int, int]:
        """The start and end offsets of a node."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)

    def end(self, number: int) -> int:
        """The offset at which the text of a line ends, in front of its line break."""
        return self.starts[number - 1] + len(self.line(number))

    def line(self, number: int) -> str:
        """The text of a line without its line break."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")


class Text(NamedTuple):
    """The TextMap of a text that is a whole file; its lines are only found if needed.

    is_shown: code frames show it; not if it could not be read.
    """

    text: str = ""
    is_shown: bool = True

    def place(self, start: int, end: int) -> Place:
        """The place of text[start:end]."""
        return _lines_of(self.text).place(start, end)

    def place_in_file(self, start: int, end: int) -> Place:
        """The same: the text is that of the file."""
        return self.place(start, end)

    def lines_around(self, place: Place) -> LineIndex | None:
        """All lines."""
        return _lines_of(self.text) if self.is_shown else None


@lru_cache(maxsize=1)
def _lines_of(text: str) -> LineIndex:
    """The lines of the last text only: reports go through many texts, one after the other."""
    return LineIndex.of(text)
