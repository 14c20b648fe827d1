"""Positions as editors count them: from 0, in the code units that both sides agreed on."""

from lsprotocol import types
from pygls.workspace import PositionCodec

from einlint.source.lines import LineIndex


def range_in(lines: LineIndex, start: int, end: int, codec: PositionCodec) -> types.Range:
    """Convert text[start:end] to a range; by default its columns count UTF-16 code units."""
    return types.Range(_position(lines, start, codec), _position(lines, end, codec))


def offset_in(lines: LineIndex, place: types.Position, codec: PositionCodec) -> int:
    """Convert an editor's position to an offset; behind the end of a line, to that end."""
    if place.line >= len(lines.starts):
        return len(lines.text)
    start, units = lines.starts[place.line], 0
    for offset, character in enumerate(lines.line(place.line + 1), start):
        if units >= place.character:
            return offset
        units += codec.client_num_units(character)
    return lines.end(place.line + 1)


def touches(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a position; ends count, because a cursor can be there."""
    return _pair(one.start) <= _pair(other.end) and _pair(other.start) <= _pair(one.end)


def _position(lines: LineIndex, offset: int, codec: PositionCodec) -> types.Position:
    # An edit may end behind the text of its cell: the module adds text there.
    offset = min(offset, len(lines.text))
    number = lines.line_number(offset)
    before = lines.line(number)[: offset - lines.starts[number - 1]]
    return types.Position(number - 1, codec.client_num_units(before))


def _pair(place: types.Position) -> tuple[int, int]:
    return place.line, place.character
