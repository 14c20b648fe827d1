"""The order of axes in memory of einsum's result, and permuting axes.

einsum computes one batched matrix product over (batch, free of one side, free of the other), each
group in the order of the output, and returns a permuted view of it. The right side comes first in
memory if all its free indices precede those of the left side in the output; else the left side
does. Source: measured with torch 2.13 for every equation of `fixtures/equations.tsv`.
"""

from einlint.algebra.contraction import Contraction
from einlint.algebra.equation import Subscripts
from einlint.algebra.expression import Expression, Permute


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
    """The source with its axes in the order of `labels`; unchanged if they are already.

    Raises:
        LabelError: the source has other labels.
    """
    return source if source.labels == labels else Permute(source, labels)
