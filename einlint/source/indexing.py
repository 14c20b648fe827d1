"""Tensors that are indexed by integers, slices, None and an ellipsis."""

from typing import TYPE_CHECKING

from einlint.algebra.polynomials import Polynomial
from einlint.algebra.sizes import Axis, Shape
from einlint.source.terms import CONSTANT, SLICE, Term

if TYPE_CHECKING:
    from einlint.source.shapes import Shapes


def added_axes(term: Term, shapes: "Shapes") -> int | None:
    """How many more axes a tensor has once it is indexed; None where that is not known."""
    indices, more = term.operands[1:], 0
    for index in indices:
        if index.is_constant(None):
            more += 1
        elif index.is_constant(...) or index.operator == SLICE:
            continue
        elif shapes.is_number(index) and shapes.is_int(index):
            more -= 1
        else:
            return None  # a mask, or indices
    dots = sum(index.is_constant(...) for index in indices)
    return more if dots <= 1 else None


def indexed(term: Term, shape: Shape, shapes: "Shapes") -> Shape | None:
    """A tensor indexed by integers, slices, None and one ellipsis."""
    indices = list(term.operands[1:])
    taking = sum(not each.is_constant(None) and not each.is_constant(...) for each in indices)
    if taking > len(shape):
        return None
    if not any(each.is_constant(...) for each in indices):
        indices.append(Term(CONSTANT, detail=...))
    axes: list[Axis] = []
    rest = list(shape)
    for number, index in enumerate(indices):
        if index.is_constant(None):
            axes.append(shapes.axis(Polynomial.of(1), term.line))
        elif index.is_constant(...):
            axes += rest[: len(shape) - taking]
            del rest[: len(shape) - taking]
        else:
            axis = rest.pop(0)
            if index.operator == SLICE:
                axes.append(axis if index.detail else shapes.unknown((term, number), term.line))
    return tuple(axes)
