"""Shapes for the operands of calls, by the name of the operand, as reading the code gives them."""

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from einlint.algebra.equation import parse
from einlint.algebra.sizes import Axis, Shape, Symbol
from einlint.source.infer import FileTerms, OperandShapes
from einlint.source.lines import LineIndex


def shape(*sizes: int | str | None, text: str = "", row: int | None = None) -> Shape:
    """Axes of these sizes; names are symbols, equal where they are."""
    words = f"`{text}` at line {row}" if text else ""
    return tuple(
        Axis(Symbol(size, 0) if isinstance(size, str) else size, words, row) for size in sizes
    )


def shapes_by_label(equation: str) -> list[Shape]:
    """Shapes whose axes are known by name only: every label has one size."""
    return [shape(*term) for term in parse(equation).inputs]


@contextmanager
def shapes_of_names(shapes: Mapping[str, Shape]) -> Iterator[None]:
    """Operands of these names have these shapes, in whatever is checked meanwhile."""

    def given(terms: FileTerms) -> OperandShapes:
        lines, calls = terms.lines, terms.expressions.apis
        nodes = [each for call in calls for each in ast.walk(call) if isinstance(each, ast.expr)]
        known = ((node, shapes.get(ast.unparse(node))) for node in nodes)
        return OperandShapes(
            {node: _placed(shape, lines) for node, shape in known if shape is not None}
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileTerms, "shapes", given)
        yield


def _placed(shape: Shape, lines: LineIndex) -> Shape:
    """The shape with offsets for its rows."""
    starts = (None, *lines.starts)
    return tuple(axis._replace(offset=starts[axis.offset or 0]) for axis in shape)
