"""SourceText: the source of one cell as written in JSON, and how to write a new source."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from einlint.source.spans import Span

_PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# One character in JSON: an escape, a pair of them (a surrogate pair), or itself.
_UNIT: Final = re.compile(rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\?.", re.DOTALL)
# One line in JSON, with the escaped line feed that ends it.
_LINE: Final = re.compile(r"(?:[^\\]|\\[^n])*(?:\\n|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a source, from its offset `start` on; its place in the JSON text without quotes."""

    value: str
    span: Span
    start: int


@dataclass(frozen=True, slots=True)
class SourceText:
    """The source of a cell: a list of strings, or one string, whose lines are the pieces.

    json_text: the whole text of the notebook. opening: the offset behind the `[` of the list.
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
        """The offset of source[position] in the JSON text."""
        piece = self.pieces[bisect_right(self.pieces, position, key=lambda each: each.start) - 1]
        units = _UNIT.findall(piece.span.of(self.json_text))
        return piece.span.start + sum(map(len, units[: position - piece.start]))

    def rewritten(self, source: str) -> tuple[Span, str]:
        """The part of the JSON text to replace, and its replacement, to give the cell this source.

        Unchanged lines keep their JSON text; new lines use the same style of escapes.
        """
        old, new = [piece.value for piece in self.pieces], self._split(source)
        before, behind = _in_common(old, new)
        spelled = self._spelled(new[before : len(new) - behind])
        replaced = self.pieces[before : len(old) - behind]
        if not self.is_list:
            return Span(replaced[0].span.start, replaced[-1].span.end), "".join(spelled)
        if spelled:
            place = Span(replaced[0].span.start - 1, replaced[-1].span.end + 1)
            return place, self._separator().join(f'"{each}"' for each in spelled)
        return self._with_comma(before, len(old) - behind), ""

    def _split(self, source: str) -> list[str]:
        """Split a source as this one is split: at line feeds, or wherever `splitlines` does."""
        if self.is_list and self.value.splitlines(True) == [each.value for each in self.pieces]:
            return source.splitlines(True)
        return re.findall(r"[^\n]*\n|[^\n]+", source)

    def _spelled(self, lines: Sequence[str]) -> list[str]:
        found = [(piece.value, piece.span.of(self.json_text)) for piece in self.pieces]
        spellings = dict(reversed(found))  # of equal lines the first one counts
        # If the notebook has any non-ASCII character without an escape, write all of them so.
        is_ascii = all(spelling.isascii() for _, spelling in found)
        return [
            spellings.get(line) or json.dumps(line, ensure_ascii=is_ascii)[1:-1] for line in lines
        ]

    def _separator(self) -> str:
        """The text between two strings of the list: a comma and white space."""
        if len(self.pieces) > 1:
            return self.json_text[self.pieces[0].span.end + 1 : self.pieces[1].span.start - 1]
        blank = self.json_text[self.opening : self.pieces[0].span.start - 1]
        return f",{blank or ' '}"

    def _with_comma(self, first: int, stop: int) -> Span:
        """The strings from `first` up to `stop`, with one of the separators around them."""
        start, end = self.pieces[first].span.start - 1, self.pieces[stop - 1].span.end + 1
        if stop < len(self.pieces):
            return Span(start, self.pieces[stop].span.start - 1)
        if first > 0:
            return Span(self.pieces[first - 1].span.end + 1, end)
        return Span(start, end)


def single(json_text: str, span: Span) -> SourceText:
    """The source that is the JSON string at `span`, which includes its quotes."""
    found = _LINE.finditer(json_text[span.start + 1 : span.end - 1])
    places = [Span(*match.span()).moved(span.start + 1) for match in found if match[0]]
    return SourceText(json_text, _pieces((_read(each.of(json_text)), each) for each in places))


def listed(json_text: str, span: Span, strings: Sequence[tuple[str, int, int]]) -> SourceText:
    """The source that is the JSON list at `span`; `strings`: value, start and end of each."""
    pieces = _pieces((value, Span(start + 1, end - 1)) for value, start, end in strings)
    return SourceText(json_text, pieces, is_list=True, opening=span.start + 1)


def _pieces(parts: Iterable[tuple[str, Span]]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    start = 0
    for value, span in parts:
        found.append(Piece(value, span, start))
        start += len(value)
    return tuple(found)


def _read(spelling: str) -> str:
    return str(json.loads(f'"{spelling}"'))


def _in_common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many pieces are equal at the start and at the end; at least one old piece is left."""
    most = min(len(old) - 1, len(new))
    before = 0
    while before < most and old[before] == new[before]:
        before += 1
    behind = 0
    while behind < most - before and old[-1 - behind] == new[-1 - behind]:
        behind += 1
    return before, behind
