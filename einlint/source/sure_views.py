"""What the code proves of the views at the end of operands: that they are torch's, and squeeze."""

import ast
from collections.abc import Sequence

from einlint.algebra.shapes import position
from einlint.algebra.views import SQUEEZE, View
from einlint.source.infer import FileTerms
from einlint.source.own_views import NEEDS_A_TENSOR


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
    if view.name not in NEEDS_A_TENSOR:
        return True
    known = [shapes.is_tensor(term) for shapes, term in terms.below(call, number, at + 1)]
    return bool(known) and all(known)


def _squeezes(terms: FileTerms, call: ast.Call, number: int, at: int, axis: int) -> bool:
    found = [shapes.of(term) for shapes, term in terms.below(call, number, at + 1)]
    places = [None if each is None else position(axis, len(each)) for each in found]
    return bool(found) and all(
        each is not None and place is not None and each[place].size == 1
        for each, place in zip(found, places, strict=True)
    )
