"""Whether a replacement reads better than its equation to everybody: it is worth reporting."""

from einlint.algebra.expression import (
    Base,
    BatchMatMul,
    Expression,
    MatMul,
    Multiply,
    Operand,
    Permute,
)
from einlint.algebra.labels import swaps_last_two
from einlint.rewriting.plan import views


def is_simple(expression: Expression) -> bool:
    """Whether it is one named function, or one product of operands or their transposes.

    In a product each operand may have one swap of its last two axes (`.transpose(-2, -1)`, `.T`
    or `.mT`); the result is not permuted. `a @ b.transpose(-2, -1)`, `torch.outer(a, b)` and
    `a.sum(1)` are simple; `a.transpose(1, 2) @ b` and `a.diagonal().sum()` are not.

    What an operand's own text ends in is part of the operand where it stays and nothing is added:
    `x.transpose(1, 2) @ w` is simple for `x.transpose(1, 2)` and `w`, `x.T.T @ w` is not. A view
    in place of views that count as much is simple: the reader has no more to follow than before.
    """
    if isinstance(expression, (MatMul, BatchMatMul, Multiply)):
        return all(map(_is_factor, expression.parts))
    if isinstance(expression, Permute):
        return isinstance(expression.source, Operand) and not _is_added(expression)
    return all(isinstance(part, Operand) for part in expression.parts)


def _is_factor(part: Expression) -> bool:
    """An operand, one with its last two axes swapped, or one with no more views than before."""
    if isinstance(part, Permute) and isinstance(part.source, Operand):
        is_swap = swaps_last_two(part.source.labels, part.labels)
        return not _is_added(part) and (is_swap or _replaces_as_many(part))
    return isinstance(part, Operand)


def _is_added(part: Permute) -> bool:
    """Whether it is one more view of an operand whose own text ends in views."""
    is_below = isinstance(part.source, Operand) and part.source.kept > 0
    return is_below and not _replaces_as_many(part)


def _replaces_as_many(part: Permute) -> bool:
    base = part.source
    return isinstance(base, Base) and views(part) <= base.kept + base.dropped
