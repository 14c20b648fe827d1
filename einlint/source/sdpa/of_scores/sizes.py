"""The length of an axis of scores, as that of query or key, which needs no scores."""

import ast
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.source.sdpa.axes import before, view_of
from einlint.source.sdpa.values import is_number
from einlint.source.terms import CONSTANT, ITEM, PRODUCT, SHAPE, SIZE, SLICE, Term

_MOST_STEPS: Final = 12
_SCALING: Final = frozenset({"mul", "div", "augmented"})
_SAME: Final = frozenset({"contiguous", "float", "to"})


def size_without_scores(size: Term) -> Term | None:
    """A length that is asked of scores, asked of what they are a product of; None for others."""
    axis = size.detail
    if size.operator != SIZE or axis not in (-1, -2):
        return None
    term = size.operands[0]
    for _ in range(_MOST_STEPS):
        if term.operator == PRODUCT or not term.operands:
            break
        is_scaled = term.operator in _SCALING and all(map(is_number, term.operands[1:]))
        if not is_scaled and term.operator not in _SAME:
            return None
        term = term.operands[0]
    if term.operator != PRODUCT or not isinstance(term.detail, Equation):
        return None
    return _of_operand(term, term.detail, int(axis), size.line)


def _of_operand(product: Term, equation: Equation, axis: int, line: int) -> Term | None:
    if len(product.operands) != 2 or len(equation.output) < -axis:
        return None
    label = equation.output[axis]
    for operand, labels in zip(product.operands, equation.inputs, strict=True):
        is_own = sum(label in each for each in equation.inputs) == 1
        if is_own and label in labels and label != ELLIPSIS:  # a shared axis may be broadcast
            place = _from_the_right(operand, labels, label)
            return None if place is None else Term(SIZE, place[:1], detail=place[1], line=line)
    return None


def _from_the_right(operand: Term, labels: Subscripts, label: str) -> tuple[Term, int] | None:
    """What an operand is a view of, and its axis of a label, counted from the right."""
    for _ in range(_MOST_STEPS):
        view = view_of(operand)
        ahead = None if view is None else before(view, labels, None)
        if ahead is None or label not in ahead:
            break
        operand, labels = operand.operands[0], ahead
    behind = labels[labels.index(label) :]
    return None if ELLIPSIS in behind else (operand, -len(behind))


def both_sizes(value: Term) -> tuple[Term, ...]:
    """The two lengths that `scores.shape[-2:]` has; none of anything else."""
    match value.operands:
        case [shape, part] if value.operator == ITEM and shape.operator == SHAPE:
            is_end = part.operator == SLICE and len(part.operands) == 2
            if is_end and part.operands[0].integer == -2 and _is_open(part.operands[1]):
                sizes = (Term(SIZE, shape.operands, detail=at, line=value.line) for at in (-2, -1))
                found = [size_without_scores(each) for each in sizes]
                known = tuple(each for each in found if each is not None)
                return known if len(known) == 2 else ()
    return ()


def _is_open(end: Term) -> bool:
    return end.operator == CONSTANT and end.detail is None


def asked(node: ast.expr) -> ast.expr:
    """The expression whose shape is asked."""
    for each in ast.walk(node):
        match each:
            case ast.Attribute(attr="shape", value=value):
                return value
            case ast.Call(func=ast.Attribute(attr="size", value=value)):
                return value
    return node
