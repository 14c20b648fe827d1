"""What the code proves of the views at the end of operands: that they are torch's, and squeeze."""

import ast
from collections.abc import Sequence
from typing import Final

from einlint.algebra.shapes import position
from einlint.algebra.views import REARRANGE, SQUEEZE, TURN, View
from einlint.source.infer import FileTerms
from einlint.source.shapes import Shapes
from einlint.source.terms import ATTRIBUTE, ITEM, LAYER, Term

# What a layer is read from, or is.
_HOLDING: Final = frozenset({ATTRIBUTE, ITEM, LAYER})


def sure_views(
    terms: FileTerms, call: ast.Call, views: Sequence[Sequence[View]]
) -> tuple[int, ...]:
    """For each operand, how many of its last views are surely those of a tensor."""
    return tuple(
        next(
            (at for at, each in enumerate(own) if not _is_sure(terms, call, number, at, each)),
            len(own),
        )
        for number, own in enumerate(views)
    )


def all_squeeze(terms: FileTerms, call: ast.Call, views: Sequence[Sequence[View]]) -> bool:
    """Whether every squeeze among the views drops an axis: torch keeps one that is not 1."""
    return all(
        _squeezes(terms, call, number, at, view.axes[0])
        for number, own in enumerate(views)
        for at, view in enumerate(own)
        if view.name == SQUEEZE
    )


def _is_sure(terms: FileTerms, call: ast.Call, number: int, at: int, view: View) -> bool:
    if view.name not in (TURN, REARRANGE):
        return True
    # Any object may be what `T` belongs to: a camera has a matrix of this name.
    is_sure = _is_no_list if view.name == REARRANGE else Shapes.is_tensor
    known = [is_sure(shapes, term) for shapes, term in terms.below(call, number, at + 1)]
    return bool(known) and all(known)


def _is_no_list(shapes: Shapes, term: Term) -> bool:
    """Whether it is a tensor; what einops takes may also be a list of tensors, which it stacks.

    The `weight` of something that is held by something else is that of a layer.
    """
    while term.operator == ATTRIBUTE and term.detail == "data":
        (term,) = term.operands
    is_weight = term.operator == ATTRIBUTE and term.detail == "weight"
    is_of_layer = is_weight and term.operands[0].operator in _HOLDING
    return is_of_layer or shapes.is_shown(term, by_rank=False)


def _squeezes(terms: FileTerms, call: ast.Call, number: int, at: int, axis: int) -> bool:
    found = [shapes.of(term) for shapes, term in terms.below(call, number, at + 1)]
    places = [None if each is None else position(axis, len(each)) for each in found]
    return bool(found) and all(
        each is not None and place is not None and each[place].size == 1
        for each, place in zip(found, places, strict=True)
    )
