"""Ranges as editors count them: from 0, in the code units that client and server agreed on."""

from lsprotocol import types
from pygls.workspace import PositionCodec

from einlint.source.lines import LineIndex


def range_in(lines: LineIndex, start: int, end: int, codec: PositionCodec) -> types.Range:
    """text[start:end] for the editor; by default columns count UTF-16 code units there."""
    return types.Range(_position(lines, start, codec), _position(lines, end, codec))


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


def _position(lines: LineIndex, offset: int, codec: PositionCodec) -> types.Position:
    # What a fix takes with a cell may end behind the text of the cell.
    offset = min(offset, len(lines.text))
    row = lines.line_number(offset)
    before = lines.line(row)[: offset - lines.starts[row - 1]]
    return types.Position(row - 1, codec.client_num_units(before))


def _pair(place: types.Position) -> tuple[int, int]:
    return place.line, place.character
