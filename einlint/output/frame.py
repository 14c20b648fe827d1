"""Code frames: the lines of a finding, with its range underlined."""

import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from einlint.diagnostics import Severity
from einlint.output.paint import Paint
from einlint.printable import printable
from einlint.source.lines import LineIndex
from einlint.source.places import Place, Position

_CONTEXT: Final = 1
_TAB: Final = "    "
_WIDE: Final = frozenset("WF")


class Marked(NamedTuple):
    """What a frame marks: a range, in the colour of a severity, and one letter of it if known."""

    place: Place
    letter: Position | None
    severity: Severity


def code_frame(lines: LineIndex, marked: Marked, paint: Paint) -> str:
    """The lines of a range with one line of context on each side, and marks under the range."""
    place = marked.place
    last = min(place.end.row + _CONTEXT, len(lines.starts))
    width = len(str(last))
    numbers = range(max(1, place.start.row - _CONTEXT), last + 1)
    while numbers and not lines.line(numbers[-1]).strip() and numbers[-1] > place.end.row:
        numbers = numbers[:-1]  # blank context at the end
    framed_by = _one_line if place.is_one_line else _several_lines
    body = framed_by(lines, numbers, marked, paint)
    bar = paint.blue("|")
    framed = [f"{' ' * width} {bar}"]
    framed += [f"{paint.blue(number.rjust(width))} {bar}{code}" for number, code in body]
    return "\n".join([*framed, f"{' ' * width} {bar}"])


def caret_below(text: str, column: int) -> tuple[str, str]:
    """A text on one line, with escapes for unprintable characters, and a caret for below it."""
    return printable(text), " " * _width(printable(text[:column])) + "^"


def _one_line(
    lines: LineIndex, numbers: range, marked: Marked, paint: Paint
) -> Iterator[tuple[str, str]]:
    """Number and text of the lines; a range gets `^^^` below it, around a letter `~~^~~`."""
    start, end = marked.place.start, marked.place.end
    for number in numbers:
        code = lines.line(number)
        yield str(number), f" {shown_code(code)}".rstrip()
        if number == start.row:
            before, inside = code[: start.column - 1], code[start.column - 1 : end.column - 1]
            marks = "^" * max(1, _width(inside))
            if marked.letter is not None:
                at = _width(code[: marked.letter.column - 1]) - _width(before)
                marks = f"{'~' * at}^{'~' * (len(marks) - at - 1)}"
            yield "", f" {' ' * _width(before)}{paint.severity(marks, marked.severity)}"


def _several_lines(
    lines: LineIndex, numbers: range, marked: Marked, paint: Paint
) -> Iterator[tuple[str, str]]:
    """The same for several lines: a rule runs down the margin, from first to last character."""
    start, end, letter = marked.place.start, marked.place.end, marked.letter

    def painted(marks: str) -> str:
        return paint.severity(marks, marked.severity)

    for number in numbers:
        code = lines.line(number)
        is_inside = start.row < number <= end.row
        yield str(number), f" {painted('|') if is_inside else ' '} {shown_code(code)}".rstrip()
        if number == start.row:
            yield "", f"  {painted('_' * (_width(code[: start.column - 1]) + 1) + '^')}"
        if letter is not None and number == letter.row:
            yield "", f" {painted('|' + ' ' * (_width(code[: letter.column - 1]) + 1) + '^')}"
        if number == end.row:
            reach = _width(code[: max(0, end.column - 2)]) + 1
            yield "", f" {painted('|' + '_' * reach + '^')}"


def shown_code(code: str) -> str:
    """A line of code as it is shown: spaces for tabs, escapes for what a terminal obeys."""
    shown = code.replace("\t", _TAB)
    if shown.isprintable():
        return shown
    # Spaces of other widths, as in Japanese, are harmless.
    return "".join(
        each if unicodedata.category(each) == "Zs" else printable(each) for each in shown
    )


def _width(code: str) -> int:
    """The number of terminal columns of a text; East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in _WIDE else 1 for each in shown_code(code))
