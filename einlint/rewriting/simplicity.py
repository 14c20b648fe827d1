"""Whether a replacement reads better than its equation to everybody."""

from einlint.algebra.expression import BatchMatMul, Expression, MatMul, Multiply, Operand, Permute
from einlint.algebra.labels import swaps_last_two


def is_simple(expression: Expression) -> bool:
    """Whether it is one named function, or one product of operands or their transposes.

    In a product each operand may have one swap of its last two axes (`.transpose(-2, -1)`, `.T`
    or `.mT`); the result is not permuted. `a @ b.transpose(-2, -1)`, `torch.outer(a, b)` and
    `a.sum(1)` are simple; `a.transpose(1, 2) @ b` and `a.diagonal().sum()` are not.
    """
    if isinstance(expression, (MatMul, BatchMatMul, Multiply)):
        return all(map(_is_factor, expression.parts))
    return all(isinstance(part, Operand) for part in expression.parts)


def _is_factor(part: Expression) -> bool:
    """An operand, or an operand with its last two axes swapped."""
    if isinstance(part, Permute) and isinstance(part.source, Operand):
        return swaps_last_two(part.source.labels, part.labels)
    return isinstance(part, Operand)
