"""The order of axes in memory of einsum's result, and views of operands.

einsum computes one batched matrix product over (batch, free of one side, free of the other), each
group in the order of the output, and returns a permuted view of it. The right side comes first in
memory if all its free indices precede those of the left side in the output; else the left side
does. Source: measured with torch 2.13 for every equation of `fixtures/equations.tsv`.
"""

from collections.abc import Callable
from typing import Final

from einlint.algebra.contraction import Contraction
from einlint.algebra.equation import Subscripts
from einlint.algebra.expression import Expression, Operand, Permute, Unsqueeze
from einlint.algebra.labels import UNIT, LabelError
from einlint.algebra.views import REARRANGE, View
from einlint.rewriting.plan import views

_TURNED_BY_PATTERN: Final = View(REARRANGE, (1, 0))


def memory_order(contraction: Contraction) -> Subscripts:
    """The labels of einsum's result from the slowest to the fastest axis in memory."""
    output, roles = contraction.equation.output, contraction.roles

    def in_output_order(labels: Subscripts) -> Subscripts:
        return tuple(label for label in output if label in labels)

    batch, left, right = map(in_output_order, (roles.batch, roles.free_left, roles.free_right))
    free = tuple(label for label in output if label not in batch)
    if free == (*right, *left):
        return (*batch, *right, *left)
    return (*batch, *left, *right)


def permute(source: Expression, labels: Subscripts) -> Expression:
    """The source with its axes in the order of `labels`, with as few views as possible.

    Raises:
        LabelError: the source has other labels.
    """
    if isinstance(source, Operand):
        return fewest_views(source, lambda each: permuted(each, labels))
    return permuted(source, labels)


def spread(operand: Operand, target: Subscripts) -> Expression:
    """The operand with the axes of `target`, of which its UNIT axes are new.

    Raises:
        LabelError: the operand has other labels.
    """
    named = tuple(label for label in target if label != UNIT)

    def form(each: Operand) -> Expression:
        if UNIT in each.labels:
            return permuted(each, target)
        return Unsqueeze(permuted(each, named), target)

    return fewest_views(operand, form)


def fewest_views(operand: Operand, form: Callable[[Operand], Expression]) -> Expression:
    """The form with the fewest views: of the operand, or of what its own views are applied to.

    `.T` reads better than the pattern that turns a matrix with einops, which is also one view.

    Raises:
        LabelError: the operand has other labels than the form needs.
    """
    best = form(operand)
    for base in operand.bases:
        try:
            other = form(base)
        except LabelError:
            continue  # an axis that the operand squeezes
        is_turned = best == operand and base.kept == 0 and base.views == (_TURNED_BY_PATTERN,)
        if is_turned or views(other) < views(best):
            best = other
    return best


def permuted(source: Expression, labels: Subscripts) -> Expression:
    """The source with its axes in the order of `labels`; unchanged if they are already.

    Raises:
        LabelError: the source has other labels.
    """
    return source if source.labels == labels else Permute(source, labels)
