"""What asks scores for the number of their axes, and may ask query or key as well."""

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.source.binder import BoundModule
from einlint.source.sdpa.of_scores.batch_sizes import rank_of_scores
from einlint.source.sdpa.of_scores.borrowed import Lent, made_of
from einlint.source.sdpa.of_scores.sizes import product_below
from einlint.source.terms import Term

_METHODS: Final = frozenset({"dim", "ndimension"})
_WIDENING: Final = frozenset({"unsqueeze", "expand", "repeat"})
_MOST_NAMES: Final = 300


def lender_of_rank(node: ast.expr, names: Mapping[str, Term], bound: BoundModule) -> Lent | None:
    """What an expression may ask instead of scores; None if it asks for no number of axes."""
    of = _asked(node, bound)
    scores = None if of is None else names.get(of.id)
    if of is None or scores is None or len(names) > _MOST_NAMES:
        return None
    product = product_below(scores)
    equation = None if product is None else product.detail
    if product is None or not isinstance(equation, Equation) or rank_of_scores(scores) is None:
        return None
    by_term = {term: name for name, term in names.items() if "." not in name}
    for operand, labels in zip(product.operands, equation.inputs, strict=True):
        if ELLIPSIS in equation.output or len(labels) == len(equation.output):
            found = next((each for each in _of_one_rank(operand) if each in by_term), None)
            if found is not None:
                return Lent(of, scores, found, by_term[found])
    return None


def _of_one_rank(operand: Term) -> Iterator[Term]:
    """An operand, and what it is made of with as many axes."""
    for each in made_of(operand):
        yield each
        if each.operator in _WIDENING:
            break


def _asked(node: ast.expr, bound: BoundModule) -> ast.Name | None:
    """The name whose number of axes is asked for: `s.ndim`, `s.dim()`, `len(s.shape)`."""
    match node:
        case ast.Attribute(value=ast.Name() as name, attr="ndim"):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr=asked), args=[]):
            if asked in _METHODS or (asked == "size" and _is_counted(node, bound)):
                return name
        case ast.Attribute(value=ast.Name() as name, attr="shape") if _is_counted(node, bound):
            return name
    return None


def _is_counted(node: ast.expr, bound: BoundModule) -> bool:
    match bound.parents[node]:
        case ast.Call(func=ast.Name(id="len")):
            return True
    return False
