"""Prove that an expression computes an equation, by its labels alone."""

from collections.abc import Sequence

from einlint.algebra.equation import Subscripts
from einlint.algebra.expression import Base, Expression, Operand
from einlint.algebra.labels import split
from einlint.algebra.views import viewed


def evaluation_order(expression: Expression) -> tuple[int, ...]:
    """The positions of the operands in the order in which the expression evaluates them."""
    if isinstance(expression, Operand):
        return (expression.position,)
    return tuple(position for part in expression.parts for position in evaluation_order(part))


def computes(expression: Expression, inputs: Sequence[Subscripts], output: Subscripts) -> bool:
    """Whether the expression is the contraction of `inputs` to `output`, by its labels alone.

    Every operand occurs once, with its labels from the equation; if views of its own are left out,
    its labels with them are those. The final labels are the output.
    Exactly the labels that the output lacks are summed over, each at one node, and that node is
    computed from every operand that has the label.
    """
    if sorted(evaluation_order(expression)) != list(range(len(inputs))):
        return False
    removals = _removals(expression)
    summed = sorted(label for label, _ in removals)
    lost = sorted({label for term in inputs for label in term} - set(output))
    return (
        expression.labels == output
        and summed == lost
        and _operands_keep_their_labels(expression, inputs)
        and all(
            position in beneath
            for label, beneath in removals
            for position, term in enumerate(inputs)
            if label in term
        )
    )


def _removals(expression: Expression) -> list[tuple[str, frozenset[int]]]:
    """Each summed label with the operands beneath the node that sums it."""
    beneath = frozenset(evaluation_order(expression))
    here = [(label, beneath) for label in split(expression.removed)]
    return here + [removal for part in expression.parts for removal in _removals(part)]


def _operands_keep_their_labels(expression: Expression, inputs: Sequence[Subscripts]) -> bool:
    if isinstance(expression, Base):
        return viewed(expression.views, expression.labels) == inputs[expression.position]
    if isinstance(expression, Operand):
        return expression.labels == inputs[expression.position]
    return all(_operands_keep_their_labels(part, inputs) for part in expression.parts)
