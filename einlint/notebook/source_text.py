"""SourceText: the source of one cell as its JSON spells it, and how a new source is spelled."""

import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from einlint.source.spans import Span

_PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# How JSON spells one character.
_UNIT: Final = re.compile(rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\?.", re.DOTALL)
# The spelling of one row and of the line feed that ends it.
_ROW: Final = re.compile(r"(?:[^\\]|\\[^n])*(?:\\n|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a source, and the place of its spelling, without quotes, in the JSON text."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class SourceText:
    """The source of a cell: a list of strings, or the rows of a single one.

    json_text: the whole text of the notebook. opening: the offset behind the list's bracket.
    """

    json_text: str = ""
    pieces: tuple[Piece, ...] = ()
    is_list: bool = False
    opening: int = 0

    @property
    def value(self) -> str:
        """The source itself."""
        return "".join(piece.value for piece in self.pieces)

    def offset(self, position: int) -> int:
        """Where the character source[position] is spelled in the JSON text."""
        starts = [0, *accumulate(len(piece.value) for piece in self.pieces)]
        index = min(bisect_right(starts, position), len(self.pieces)) - 1
        piece = self.pieces[index]
        units = _UNIT.findall(piece.span.of(self.json_text))
        return piece.span.start + sum(map(len, units[: position - starts[index]]))

    def rewritten(self, source: str) -> tuple[Span, str]:
        """The part of the JSON text to replace, and by what, so that the cell has this source.

        Rows that stay keep their spelling, the other ones are spelled in the same way.
        """
        old, new = [piece.value for piece in self.pieces], self._split(source)
        before, behind = _in_common(old, new)
        spelled = [self._spelled(each) for each in new[before : len(new) - behind]]
        replaced = self.pieces[before : len(old) - behind]
        if not self.is_list:
            return Span(replaced[0].span.start, replaced[-1].span.end), "".join(spelled)
        if spelled:
            place = Span(replaced[0].span.start - 1, replaced[-1].span.end + 1)
            return place, self._separator().join(f'"{each}"' for each in spelled)
        return self._with_comma(before, len(old) - behind), ""

    def _split(self, source: str) -> list[str]:
        """The source in pieces as this one is: at line feeds, or at everything that ends a row."""
        if self.is_list and self.value.splitlines(True) == [each.value for each in self.pieces]:
            return source.splitlines(True)
        return re.findall(r"[^\n]*\n|[^\n]+", source)

    def _spelled(self, row: str) -> str:
        spellings = [each.span.of(self.json_text) for each in self.pieces]
        for piece, spelling in zip(self.pieces, spellings, strict=True):
            if piece.value == row:
                return spelling
        # If a character beyond ASCII is spelled without an escape, then all may be.
        return json.dumps(row, ensure_ascii="".join(spellings).isascii())[1:-1]

    def _separator(self) -> str:
        """What stands between two strings of the list."""
        if len(self.pieces) > 1:
            return self.json_text[self.pieces[0].span.end + 1 : self.pieces[1].span.start - 1]
        blank = self.json_text[self.opening : self.pieces[0].span.start - 1]
        return f",{blank or ' '}"

    def _with_comma(self, first: int, stop: int) -> Span:
        """The strings from `first` up to `stop`, with what parts them from their neighbours."""
        start, end = self.pieces[first].span.start - 1, self.pieces[stop - 1].span.end + 1
        if stop < len(self.pieces):
            return Span(start, self.pieces[stop].span.start - 1)
        if first > 0:
            return Span(self.pieces[first - 1].span.end + 1, end)
        return Span(start, end)


def single(json_text: str, span: Span) -> SourceText:
    """The source that is the string at `span`, its quotes included."""
    pieces = []
    for match in _ROW.finditer(json_text[span.start + 1 : span.end - 1]):
        if match[0]:
            place = Span(match.start(), match.end()).moved(span.start + 1)
            pieces.append(Piece(_read(place.of(json_text)), place))
    return SourceText(json_text, tuple(pieces))


def listed(json_text: str, span: Span, strings: Sequence[tuple[str, int, int]]) -> SourceText:
    """The source that is the list at `span`; its strings come with their starts and ends."""
    pieces = tuple(Piece(value, Span(start + 1, end - 1)) for value, start, end in strings)
    return SourceText(json_text, pieces, is_list=True, opening=span.start + 1)


def _read(spelling: str) -> str:
    return str(json.loads(f'"{spelling}"'))


def _in_common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces are the same at both ends; one of the old ones at least is left."""
    most = min(len(old) - 1, len(new))
    before = 0
    while before < most and old[before] == new[before]:
        before += 1
    behind = 0
    while behind < most - before and old[-1 - behind] == new[-1 - behind]:
        behind += 1
    return before, behind
