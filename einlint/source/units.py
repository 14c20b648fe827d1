"""The axes of an operand that are visibly 1, also where nothing tells how many axes there are."""

from collections.abc import Iterator
from typing import Final

from einlint.algebra.polynomials import Polynomial
from einlint.algebra.sizes import Axis, Shape
from einlint.source.knowledge import HasRank, HasShape, Knowledge
from einlint.source.shapes import Shapes
from einlint.source.terms import APPLY, ITEM, SLICE, Term

# Two ranks that no real operand has: what is true of both is true of all.
_HIGH_RANKS: Final = (20, 21)


def unit_axes(term: Term, shapes: Shapes, knowledge: Knowledge, rank: int) -> Shape | None:
    """The axes of an operand that are visibly 1 if it has so many axes; None if none is.

    Nothing is proved by it, as only the call itself tells the rank; a size that is visibly 1 may
    speak against a replacement.
    """
    made = term
    while made.operands:
        # What einsum is called with is a tensor, so the methods on the way to it are torch's.
        below = made.operands[1 if made.operator == APPLY else 0]
        if made.is_method or made.operator == ITEM:
            knowledge = knowledge.with_fact(HasShape(below))
        made = below
    known = shapes.at(knowledge.with_fact(HasRank(term, rank)))
    shape = known.of(term)
    if shape is None or len(shape) != rank:
        return None
    sliced = dict(_slices_of_one(term, known))
    axes = tuple(
        sliced.get(place, axis if axis.size == 1 else Axis()) for place, axis in enumerate(shape)
    )
    return axes if any(axis.size == 1 for axis in axes) else None


def _slices_of_one(term: Term, shapes: Shapes) -> Iterator[tuple[int, Axis]]:
    """The axes that `i : i + 1` takes one element of; behind the end of an axis it takes none."""
    indices = term.operands[1:] if term.operator == ITEM else ()
    place = 0
    for index in indices:
        if index.is_constant(...):
            return
        bounds = index.operands if index.operator == SLICE else ()
        if len(bounds) == 2 and _takes_one(*bounds, shapes):
            yield place, shapes.axis(Polynomial.of(1), term.line)
        place += index.operator == SLICE or index.is_constant(None)


def _takes_one(first: Term, last: Term, shapes: Shapes) -> bool:
    """`i : i + 1`, `:1`, `-1:`."""
    if last.is_constant(None):
        return first.integer == -1
    if first.is_constant(None):
        return last.integer == 1
    start, stop = map(shapes.number, (first, last))
    return start is not None and stop is not None and stop - start == Polynomial.of(1)


def unit_places(
    term: Term, shapes: Shapes, knowledge: Knowledge
) -> tuple[frozenset[int], frozenset[int]]:
    """The axes that are visibly 1: counted from the front, and (negative) from the back.

    Where the rank is not known, they are those that are 1 at either of two ranks.
    """
    shape = shapes.at(knowledge).of(term)
    ranks = _HIGH_RANKS if shape is None else (len(shape),)
    found = [shape or unit_axes(term, shapes, knowledge, rank) or () for rank in ranks]
    front = [{place for place, axis in enumerate(each) if axis.size == 1} for each in found]
    back = [{place - rank for place in places} for places, rank in zip(front, ranks, strict=True)]
    return frozenset.intersection(*map(frozenset, front)), frozenset.intersection(
        *map(frozenset, back)
    )
