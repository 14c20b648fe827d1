"""Whether `@` pays where it repeats its left matrix for every batch, by measurement.

For `ij,bjk->bik` einsum copies the right side and multiplies once, by all b * k columns. `@`
multiplies b times, and may copy the left side for each; where gradients are wanted it folds the
batches as einsum does, and copies more. A matrix of 64 x 64 at most, with at least 16 columns in
a batch and at most 128 in all, ran at 1.1 to 3.4 of einsum's speed, forward alone and with
gradients. One of 64 x 64 at least, with at most 4 columns in a batch, and 8 batches and more, ran
at 0.03 to 0.6 forward alone. Elsewhere the shape of the matrix, or the gradients, turn it.
Source (CPU, one thread, float32, torch 2.13), also with --backward, for i and j from 2 to 2048,
b from 1 to 4096 and k from 1 to 256:

    python benchmarks/rewrites.py --size i=64,j=64,b=8,k=16 "ij,bjk->bik"
"""

from enum import Enum
from math import prod
from typing import Final

from einlint.algebra.equation import Subscripts
from einlint.algebra.expression import Expression, MatMul, Operand, Permute
from einlint.algebra.size_table import SizeTable

_FEWEST_COLUMNS: Final = 16
_MOST_COLUMNS_IN_ALL: Final = 128
_NARROW: Final = 4
_MANY_BATCHES: Final = 8
_SIDE: Final = 64


class Speed(Enum):
    """What is known of the speed of an expression beside that of einsum."""

    NOT_SLOWER = "not slower"
    SLOWER = "slower"
    UNKNOWN = "unknown"


def speed(expression: Expression, sizes: SizeTable) -> Speed:
    """What the sizes tell of a product of one matrix with a stack of them."""
    if not isinstance(expression, MatMul) or not _repeats_left(expression):
        return Speed.UNKNOWN
    numbers = _numbers(expression.left.labels, sizes)
    stacked = _numbers(expression.right.labels, sizes)
    if numbers is None or stacked is None:
        return Speed.UNKNOWN
    *batch, _, columns = stacked
    return _speed(numbers, prod(batch), columns)


def _speed(matrix: list[int], batches: int, columns: int) -> Speed:
    fits = columns >= _FEWEST_COLUMNS and batches * columns <= _MOST_COLUMNS_IN_ALL
    if fits and max(matrix) <= _SIDE:
        return Speed.NOT_SLOWER
    if columns <= _NARROW and batches >= _MANY_BATCHES and min(matrix) >= _SIDE:
        return Speed.SLOWER
    return Speed.UNKNOWN


def _repeats_left(product: MatMul) -> bool:
    """Whether it is a plain or transposed matrix times an operand as it is passed."""
    left = product.left.source if isinstance(product.left, Permute) else product.left
    is_plain = isinstance(left, Operand) and isinstance(product.right, Operand)
    return is_plain and len(left.labels) == 2 < len(product.right.labels)


def _numbers(labels: Subscripts, sizes: SizeTable) -> list[int] | None:
    numbers = [sizes.number(label) for label in labels]
    known = [each for each in numbers if each is not None]
    return known if len(known) == len(numbers) else None
