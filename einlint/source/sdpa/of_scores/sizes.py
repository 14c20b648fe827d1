"""The length of an axis of scores, as that of query or key, which needs no scores."""

import ast
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.source.sdpa.axes import before, view_of
from einlint.source.sdpa.steps import name_of_step
from einlint.source.terms import APPLY, CHOICE, CONSTANT, ITEM, PRODUCT, SHAPE, SIZE, SLICE, Term

_MOST_STEPS: Final = 30
_ALIKE: Final = frozenset(
    {"mul", "div", "add", "sub", "augmented", "masked_fill"}
    | {"contiguous", "clone", "float", "to", "type_as"}
)
_IN_PLACE: Final = frozenset({"masked_fill_", "add_", "sub_", "mul_", "div_"})


def size_without_scores(size: Term) -> Term | None:
    """A length that is asked of scores, asked of what they are a product of; None for others.

    What scales or masks scores has no longer axes than they have: one call demands that too.
    """
    axis = size.detail
    if size.operator != SIZE or axis not in (-1, -2):
        return None
    product = product_below(size.operands[0])
    if product is None or not isinstance(product.detail, Equation):
        return None
    return _of_operand(product, product.detail, int(axis), size.line)


def product_below(term: Term) -> Term | None:
    """The one product that scores of this shape are; None for a result, made of weights.

    What scales or masks them is taken to fit them.
    """
    found: set[Term] = set()
    pending = [term]
    for _ in range(_MOST_STEPS):
        if not pending:
            break
        each = pending.pop()
        if each.operator == PRODUCT:
            found.add(each)
        elif each.operator == CHOICE:
            pending += each.operands[1:]
        elif each.operator in _ALIKE or str(each.detail) in _IN_PLACE:
            pending += each.operands[:1]
        else:
            return None
    product = found.pop() if len(found) == 1 and not pending else None
    return None if product is None or _is_of_weights(product) else product


def _is_of_weights(product: Term) -> bool:
    """Whether it is the product of weights and values, which has lengths of its own."""
    pending = [*product.operands]
    for _ in range(_MOST_STEPS):
        if not pending:
            break
        term = pending.pop()
        if name_of_step(term).lower() == "softmax":
            return True
        if term.operator == CHOICE:
            pending += term.operands[1:]
        elif term.operands and term.operator != PRODUCT:
            pending.append(term.operands[-1 if term.operator == APPLY else 0])
    return False


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


def sizes_of_scores(product: Term) -> tuple[Term, Term] | None:
    """The lengths of the last two axes of scores, asked of query and key."""
    rows, columns = (
        size_without_scores(Term(SIZE, (product,), detail=axis, line=product.line))
        for axis in (-2, -1)
    )
    return None if rows is None or columns is None else (rows, columns)


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
