"""The picture of few operands: what is kept runs down as a wire, what vanishes arcs to its sum.

Rows of cells have the axes in their written order, so that a permutation shows as crossing wires.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element

from einlint.algebra.equation import Subscripts
from einlint.pictures.drawing import (
    CELL,
    SPACE,
    Drawing,
    cell,
    cell_width,
    large,
    name_of,
    scalar,
    small,
    sum_of,
    sum_text,
)
from einlint.pictures.elements import element
from einlint.pictures.subject import Subject

_BETWEEN: Final = 22  # two operands
_LEVEL: Final = 26  # between two arcs, one above the other
_LOWEST: Final = 24  # the lowest arc above the cells
_RESULT: Final = "out"


@dataclass(frozen=True, slots=True)
class _Row:
    """An operand, or the output. xs: the middle of each cell; left: where its first one starts."""

    name: str
    labels: Subscripts
    left: float
    xs: tuple[float, ...]

    def moved(self, by: float) -> "_Row":
        return _Row(self.name, self.labels, self.left + by, tuple(x + by for x in self.xs))


@dataclass(frozen=True, slots=True)
class _Arc:
    """An index that vanishes: where its cells are, and how high it arcs, from 0."""

    label: str
    xs: Sequence[float]
    level: int

    @property
    def low(self) -> float:
        return min(self.xs)

    @property
    def high(self) -> float:
        return max(self.xs)


def wires(subject: Subject, drop: float) -> Drawing:
    """Draw operands above the output, which is `drop` pixels below them."""
    operands, width = _row_of_operands(subject)
    output, output_width = _row(_RESULT, subject.equation.output, 0, subject)
    whole = max(width, output_width)
    operands = [each.moved((whole - width) / 2) for each in operands]
    output = output.moved((whole - output_width) / 2)
    arcs = _arcs(operands, subject)
    levels = max((each.level + 1 for each in arcs), default=0)
    top = CELL / 2 + (_LOWEST + _LEVEL * (levels - 1) + 10 if levels else 2)
    bottom = top + CELL + (drop if output.labels else 10)
    elements = (
        *(mark for each in arcs for mark in _arc(each, top, subject)),
        *(mark for each in arcs for mark in _sum(each, arcs, top, subject)),
        *_kept(operands, output, (top + CELL / 2, bottom - CELL / 2), subject),
        *(mark for each in operands for mark in _cells(each, top, subject)),
        *_cells(output, bottom, subject),
    )
    return Drawing(elements, whole, bottom + CELL / 2 + 2)


def _row_of_operands(subject: Subject) -> tuple[list[_Row], float]:
    """The operands side by side, and the width of all."""
    rows, x = [], 0.0
    for name, term in zip(subject.names, subject.equation.inputs, strict=True):
        row, end = _row(name, term, x, subject)
        rows.append(row)
        x = end + _BETWEEN
    return rows, x - _BETWEEN


def _row(name: str, labels: Subscripts, x: float, subject: Subject) -> tuple[_Row, float]:
    """A row that starts with its name at x, and where it ends."""
    width, left = cell_width(subject), x + small(name) + 8
    xs = tuple(left + width / 2 + (width + SPACE) * place for place in range(len(labels) or 1))
    return _Row(name, labels, left, xs), xs[-1] + width / 2 + 2


def _arcs(operands: Sequence[_Row], subject: Subject) -> list[_Arc]:
    """The indices that vanish; of arcs that overlap the wider one is higher."""
    xs = {label: _places(label, operands) for label in subject.gone}
    arcs: list[_Arc] = []
    for label in sorted(xs, key=lambda each: max(xs[each]) - min(xs[each])):
        here = _Arc(label, xs[label], 0)
        used = {each.level for each in arcs if _overlap(each, here, subject)}
        level = next(level for level in range(len(xs)) if level not in used)
        arcs.append(_Arc(label, xs[label], level))
    return arcs


def _places(label: str, rows: Sequence[_Row]) -> list[float]:
    return [x for row in rows for own, x in zip(row.labels, row.xs, strict=False) if own == label]


def _overlap(one: _Arc, other: _Arc, subject: Subject) -> bool:
    (low, high), (first, last) = _extent(one, subject), _extent(other, subject)
    return low <= last and first <= high


def _extent(arc: _Arc, subject: Subject) -> tuple[float, float]:
    """From left to right, the text of its sum included."""
    middle, half = (arc.low + arc.high) / 2, large(sum_text(arc.label, subject)) / 2 + 3
    return min(arc.low, middle - half), max(arc.high, middle + half)


def _height(arc: _Arc, top: float) -> float:
    return top - CELL / 2 - _LOWEST - _LEVEL * arc.level


def _arc(arc: _Arc, top: float, subject: Subject) -> Iterator[Element]:
    """The line above the cells; over one cell alone it is a stub with a cap."""
    form, foot, y = f"wire {subject.form(arc.label)}", top - CELL / 2, _height(arc, top)
    if len(arc.xs) == 1:
        yield _path(form, f"M{arc.low:g} {foot:g}V{y + 11:g}")
        yield _path(f"{form} cap", f"M{arc.low - 9:g} {y + 11:g}h18")
        return
    if _is_narrow(arc, subject):
        y += 11  # the sum stands above it
    bow = f"q0 -10 10 -10H{arc.high - 10:g}q10 0 10 10"
    yield _path(form, f"M{arc.low:g} {foot:g}V{y + 10:g}{bow}V{foot:g}")
    for x in sorted(arc.xs)[1:-1]:
        yield _path(form, f"M{x:g} {foot:g}V{y:g}")


def _is_narrow(arc: _Arc, subject: Subject) -> bool:
    return arc.high - arc.low < large(sum_text(arc.label, subject)) + 16


def _sum(arc: _Arc, arcs: Sequence[_Arc], top: float, subject: Subject) -> Iterator[Element]:
    """The text of the sum, in the widest stretch of the arc that no line crosses."""
    higher = (x for each in arcs if each.level > arc.level for x in each.xs)
    cuts = sorted({*arc.xs, *(x for x in higher if arc.low < x < arc.high)})
    middle = (arc.low + arc.high) / 2
    gaps = list(pairwise(cuts))
    if not gaps or _is_narrow(arc, subject):
        gaps = [(middle, middle)]

    def room(gap: tuple[float, float]) -> tuple[int, float]:
        return round(gap[1] - gap[0]), -abs((gap[0] + gap[1]) / 2 - middle)

    start, end = max(gaps, key=room)
    yield from sum_of(arc.label, (start + end) / 2, _height(arc, top), subject)


def _kept(
    operands: Sequence[_Row], output: _Row, ends: tuple[float, float], subject: Subject
) -> Iterator[Element]:
    """A wire from each axis that is kept to its place in the output."""
    start, end = ends
    half = (end - start) / 2
    for label, target in zip(output.labels, output.xs, strict=False):
        found = _places(label, operands)
        spread = min(8.0, 22 / len(found))
        for place, x in enumerate(found):
            to = target + spread * (place - (len(found) - 1) / 2)
            curve = f"C{x:g} {start + half:g} {to:g} {end - half:g} {to:g} {end:g}"
            yield _path(f"wire {subject.form(label)}", f"M{x:g} {start:g}{curve}")


def _cells(row: _Row, y: float, subject: Subject) -> Iterator[Element]:
    yield name_of(row.name, row.left - 6, y)
    for label, x in zip(row.labels, row.xs, strict=False):
        yield from cell(label, x, y, subject)
    if not row.labels:
        yield from scalar(row.xs[0], y)


def _path(form: str, line: str) -> Element:
    return element("path", class_=form, d=line)
