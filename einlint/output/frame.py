"""Code frames: the lines of a finding, with its range underlined."""

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
    """The lines of `place` with one line of context on each side, and marks under the range."""
    last = min(place.end.row + _CONTEXT, len(lines.starts))
    width = len(str(last))
    numbers = range(max(1, place.start.row - _CONTEXT), last + 1)
    while numbers and not lines.line(numbers[-1]).strip() and numbers[-1] > place.end.row:
        numbers = numbers[:-1]  # blank context at the end
    marked = _one_line if place.is_one_line else _several_lines
    body = marked(lines, numbers, place, paint)
    bar = paint.blue("|")
    framed = [f"{' ' * width} {bar}"]
    framed += [f"{paint.blue(number.rjust(width))} {bar}{code}" for number, code in body]
    return "\n".join([*framed, f"{' ' * width} {bar}"])


def _one_line(
    lines: LineIndex, numbers: range, place: Place, paint: Paint
) -> Iterator[tuple[str, str]]:
    """Number and text of the lines; a range on one line gets `^^^` below it."""
    for number in numbers:
        code = lines.line(number)
        yield str(number), f" {_expanded(code)}".rstrip()
        if number == place.start.row:
            before = code[: place.start.column - 1]
            marked = code[place.start.column - 1 : place.end.column - 1]
            yield "", f" {' ' * _width(before)}{paint.red('^' * max(1, _width(marked)))}"


def _several_lines(
    lines: LineIndex, numbers: range, place: Place, paint: Paint
) -> Iterator[tuple[str, str]]:
    """The same for several lines: a rule runs down the margin, from first to last character."""
    for number in numbers:
        code = lines.line(number)
        is_inside = place.start.row < number <= place.end.row
        yield str(number), f" {paint.red('|') if is_inside else ' '} {_expanded(code)}".rstrip()
        if number == place.start.row:
            yield "", f"  {paint.red('_' * (_width(code[: place.start.column - 1]) + 1) + '^')}"
        if number == place.end.row:
            reach = _width(code[: max(0, place.end.column - 2)]) + 1
            yield "", f" {paint.red('|' + '_' * reach + '^')}"


def _expanded(code: str) -> str:
    return code.replace("\t", _TAB)


def _width(code: str) -> int:
    """The number of terminal columns of a text; East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in _expanded(code))
