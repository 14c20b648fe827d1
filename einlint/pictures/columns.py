"""The picture of many operands: a row for each, a column for each index, in the order of roles."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element

from einlint.pictures.drawing import (
    CELL,
    SPACE,
    Drawing,
    cell,
    cell_width,
    name_of,
    scalar,
    small,
)
from einlint.pictures.elements import element
from einlint.pictures.subject import Subject

_ROW: Final = 42
_SUMS: Final = 42  # between the last operand and the output, for the sums
_RESULT: Final = "out"


def columns(subject: Subject) -> Drawing:
    """Draw the operands below each other; a wire runs down each column to the output or a sum."""
    names = [*map(_name, subject.names, map("".join, subject.equation.inputs)), _RESULT]
    left = max(map(small, names)) + 10
    width = cell_width(subject) + SPACE
    order = [label for _, _, labels in subject.roles() for label in labels]
    xs = {label: left + width / 2 + width * place for place, label in enumerate(order)}
    last = _row_y(len(subject.equation.inputs)) + (_SUMS if subject.gone else 0)
    elements = (
        *(mark for each in order for mark in _wire(each, xs[each], last, subject)),
        *(mark for n in range(len(names) - 1) for mark in _operand(n, names[n], xs, subject)),
        *_output(xs, last, subject),
    )
    return Drawing(elements, max(left + width * max(len(order), 1), 240), last + CELL / 2 + 2)


def _name(name: str, term: str) -> str:
    return f"{name}: {term}"


def _row_y(place: int) -> float:
    return CELL / 2 + 2 + _ROW * place


def _wire(label: str, x: float, last: float, subject: Subject) -> Iterator[Element]:
    """From the first operand that has the index down to the output, or to the sum."""
    terms = subject.equation.inputs
    first = next(place for place, term in enumerate(terms) if label in term)
    is_kept = label in subject.equation.output
    end = last - CELL / 2 if is_kept else _row_y(len(terms) - 1) + CELL / 2 + 8
    form = f"wire {subject.form(label)}"
    yield element("path", class_=form, d=f"M{x:g} {_row_y(first):g}V{end:g}")
    if not is_kept:
        yield element("path", class_=f"{form} cap", d=f"M{x - 9:g} {end:g}h18")
        yield element("text", "Σ", x=x, y=end + 13)
        step = subject.order.step_of(label) if subject.order else None
        if step is not None:
            yield element("text", str(step), class_="small mute", x=x, y=end + 28)


def _operand(place: int, name: str, xs: Mapping[str, float], subject: Subject) -> Iterator[Element]:
    term, y = subject.equation.inputs[place], _row_y(place)
    left = min(xs.values(), default=0.0) - cell_width(subject) / 2
    yield name_of(name, left - 8, y)
    for label in dict.fromkeys(term):
        yield from cell(label, xs[label], y, subject)
        if (count := term.count(label)) > 1:
            yield element(
                "text",
                f"\N{MULTIPLICATION SIGN}{count}",
                class_="small mute start",
                x=xs[label] + 8,
                y=y - 10,
            )
    if not term:
        yield from scalar(left + 9, y)


def _count(count: int, x: float, y: float) -> Element:
    """How often an operand has an index, beside it in the cell."""
    text = f"\N{MULTIPLICATION SIGN}{count}"
    return element("text", text, class_="small mute end", x=x + CELL / 2 - 2, y=y - 9)


def _output(xs: Mapping[str, float], y: float, subject: Subject) -> Iterator[Element]:
    left = min(xs.values(), default=0.0) - cell_width(subject) / 2
    yield name_of(_RESULT, left - 8, y)
    for label in subject.equation.output:
        yield from cell(label, xs[label], y, subject)
    if not subject.equation.output:
        yield from scalar(left + 9, y)
