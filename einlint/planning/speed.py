"""Whether `@` pays where it repeats its left matrix for every batch, by measurement.

For `ij,bjk->bik` einsum copies the right side and multiplies once, by all b * k columns. `@`
multiplies b times, and may copy the left side for each; where gradients are wanted it folds the
batches as einsum does, and copies more. With at least 16 columns in a batch and at most 128 in
all, `@` ran at 0.85 to 3.4 of einsum's speed, forward alone and with gradients; with at most 4
in a batch, 8 batches and more and a matrix of 64 x 64 or more elements, forward alone, at 0.03 to
0.58. Elsewhere the sizes, or the gradients, turn it. Source (one thread, float32, torch 2.13):

    python benchmarks/rewrites.py --size i=64,j=64,b=8,k=16 --size i=64,j=64,b=4096,k=1 \\
        "ij,bjk->bik"

the same with --backward, and for i and j from 3 to 1024, b from 1 to 4096, k from 1 to 256.
"""

from enum import Enum
from math import prod
from typing import Final

from einlint.algebra.expression import Expression, MatMul, Operand, Permute
from einlint.algebra.size_table import SizeTable

_FEWEST_COLUMNS: Final = 16
_MOST_COLUMNS_IN_ALL: Final = 128
_NARROW: Final = 4
_MANY_BATCHES: Final = 8
_LARGE_MATRIX: Final = 64 * 64


class Speed(Enum):
    """What is known of the speed of an expression beside that of einsum."""

    NOT_SLOWER = "not slower"
    SLOWER = "slower"
    UNKNOWN = "unknown"


def speed(expression: Expression, sizes: SizeTable) -> Speed:
    """What the sizes tell of a product of one matrix with a stack of them."""
    if not isinstance(expression, MatMul) or not _repeats_left(expression):
        return Speed.UNKNOWN
    matrix = [sizes.number(label) for label in expression.left.labels]
    *batch, columns = (
        sizes.number(label) for label in expression.right.labels if label not in expression.removed
    )
    batches = _product(batch)
    elements = _product(matrix)
    if batches is None or elements is None or columns is None:
        return Speed.UNKNOWN
    if columns >= _FEWEST_COLUMNS and batches * columns <= _MOST_COLUMNS_IN_ALL:
        return Speed.NOT_SLOWER
    if columns <= _NARROW and batches >= _MANY_BATCHES and elements >= _LARGE_MATRIX:
        return Speed.SLOWER
    return Speed.UNKNOWN


def _repeats_left(product: MatMul) -> bool:
    """Whether it is a plain or transposed matrix times an operand as it is passed."""
    left = product.left.source if isinstance(product.left, Permute) else product.left
    is_plain = isinstance(left, Operand) and isinstance(product.right, Operand)
    return is_plain and len(left.labels) == 2 < len(product.right.labels)


def _product(numbers: list[int | None]) -> int | None:
    known = [each for each in numbers if each is not None]
    return prod(known) if len(known) == len(numbers) else None
