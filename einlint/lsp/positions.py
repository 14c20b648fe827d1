"""Ranges as editors count them: from 0, in the code units that client and server agreed on."""

from collections.abc import Iterable

from lsprotocol import types
from pygls.workspace import PositionCodec

from einlint.diagnostics import Edit, Position, Range
from einlint.source.lines import LineIndex


def range_in(lines: LineIndex, where: Range, codec: PositionCodec) -> types.Range:
    """A range of a text for the editor; by default columns count UTF-16 code units there."""
    return types.Range(
        _position(lines, where.start, codec),
        _position(lines, where.end, codec),
    )


def edits_in(lines: LineIndex, edits: Iterable[Edit], codec: PositionCodec) -> list[types.TextEdit]:
    """Edits of a text for the editor."""
    return [types.TextEdit(range_in(lines, each.range, codec), each.content) for each in edits]


def offset_in(lines: LineIndex, place: types.Position, codec: PositionCodec) -> int:
    """The offset of an editor's place in a text; behind the end of a row it is that end."""
    if place.line >= len(lines.starts):
        return len(lines.text)
    start, units = lines.starts[place.line], 0
    for offset, character in enumerate(lines.line(place.line + 1), start):
        if units >= place.character:
            return offset
        units += codec.client_num_units(character)
    return lines.end(place.line + 1)


def touches(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a place; their ends count, as a cursor may stand there."""
    return _pair(one.start) <= _pair(other.end) and _pair(other.start) <= _pair(one.end)


def _position(lines: LineIndex, place: Position, codec: PositionCodec) -> types.Position:
    # A place behind the last row, as Python names it of an unfinished text, is the text's end.
    row = min(place.row, len(lines.starts))
    before = lines.line(row)[: place.column - 1]
    return types.Position(row - 1, codec.client_num_units(before))


def _pair(place: types.Position) -> tuple[int, int]:
    return place.line, place.character
