"""Shapes for the operands of calls, by the name of the operand, as reading the code gives them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest

from einlint.algebra.equation import parse
from einlint.algebra.sizes import Axis, Shape, Symbol
from einlint.linting import engine
from einlint.source.callsite import CallSite
from einlint.source.finder import ParsedFile


def shape(*sizes: int | str | None, text: str = "", row: int | None = None) -> Shape:
    """Axes of these sizes; names are symbols, equal where they are."""
    words = f"`{text}` at row {row}" if text else ""
    return tuple(
        Axis(Symbol(size, 0) if isinstance(size, str) else size, words, row) for size in sizes
    )


def shapes_by_label(equation: str) -> list[Shape]:
    """Shapes whose axes are known by name only: every label has one size."""
    return [shape(*term) for term in parse(equation).inputs]


@contextmanager
def shapes_of_names(shapes: Mapping[str, Shape]) -> Iterator[None]:
    """Operands of these names have these shapes, in whatever is checked meanwhile."""
    find = engine.find_calls

    def with_shapes(parsed: ParsedFile) -> list[CallSite]:
        return [_with_shapes(site, shapes) for site in find(parsed)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "find_calls", with_shapes)
        yield


def _with_shapes(site: CallSite, shapes: Mapping[str, Shape]) -> CallSite:
    operands = site.arguments.operands or ()
    known = tuple(shapes.get(each.source) for each in operands)
    return replace(site, arguments=replace(site.arguments, shapes=known))
