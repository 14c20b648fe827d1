"""Code frames: the rows of a finding with its range underlined."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from einlint.output.paint import Paint
from einlint.source.lines import LineIndex
from einlint.source.places import Place

_CONTEXT: Final = 1
_TAB: Final = "    "
_WIDE: Final = frozenset("WF")


def code_frame(lines: LineIndex, place: Place, paint: Paint) -> str:
    """The rows of `place`, one more on each side, and a line under what is meant."""
    last = min(place.end.row + _CONTEXT, len(lines.starts))
    width = len(str(last))
    rows = range(max(1, place.start.row - _CONTEXT), last + 1)
    while rows and not lines.line(rows[-1]).strip() and rows[-1] > place.end.row:
        rows = rows[:-1]
    body = (
        _one_row(lines, rows, place, paint)
        if place.is_one_line
        else _rows(lines, rows, place, paint)
    )
    bar = paint.blue("|")
    framed = [f"{' ' * width} {bar}"]
    framed += [f"{paint.blue(number.rjust(width))} {bar}{code}" for number, code in body]
    return "\n".join([*framed, f"{' ' * width} {bar}"])


def _one_row(
    lines: LineIndex, rows: range, place: Place, paint: Paint
) -> Iterator[tuple[str, str]]:
    for row in rows:
        code = lines.line(row)
        yield str(row), f" {_expanded(code)}".rstrip()
        if row == place.start.row:
            before = code[: place.start.column - 1]
            marked = code[place.start.column - 1 : place.end.column - 1]
            yield "", f" {' ' * _width(before)}{paint.red('^' * max(1, _width(marked)))}"


def _rows(lines: LineIndex, rows: range, place: Place, paint: Paint) -> Iterator[tuple[str, str]]:
    """A range of several rows: a line from its first character down to its last."""
    for row in rows:
        code = lines.line(row)
        is_inside = place.start.row < row <= place.end.row
        yield str(row), f" {paint.red('|') if is_inside else ' '} {_expanded(code)}".rstrip()
        if row == place.start.row:
            yield "", f"  {paint.red('_' * (_width(code[: place.start.column - 1]) + 1) + '^')}"
        if row == place.end.row:
            reach = _width(code[: max(0, place.end.column - 2)]) + 1
            yield "", f" {paint.red('|' + '_' * reach + '^')}"


def _expanded(code: str) -> str:
    return code.replace("\t", _TAB)


def _width(code: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in _expanded(code))
