"""Measured speed of `@` where it repeats a matrix for every batch.

For `ij,bjk->bik` einsum copies the right side and multiplies once, by all b * k columns. `@`
multiplies b times, and may copy the left side each time; with gradients it folds the batches as
einsum does, and copies more. With a matrix of at most 64 x 64, at least 16 columns in each batch
and at most 128 in total, `@` ran at 1.1 to 3.4 of einsum's speed, with and without gradients. With
a matrix of at least 64 x 64, at most 4 columns in each batch and at least 8 batches, it ran at 0.03
to 0.6 without gradients. In other cases it depends on the shape of the matrix and on gradients.
Source (CPU, one thread, float32, torch 2.13), also with --backward, for i and j from 2 to 2048,
b from 1 to 4096 and k from 1 to 256:

    python benchmarks/rewrites.py --size i=64,j=64,b=8,k=16 "ij,bjk->bik"

If batch axes are 1 in one operand only, einsum treats them as free axes of the other, and `@`
computes one product for each. With at least 512 products, at most 4 rows (or columns) of the
stacked side in each, and at least 64 for the contracted axis and the other side, `@` ran at 0.01 to
0.7 of einsum's speed, with and without gradients; with 64 or more rows it is equally fast. Measured
in the same way, with 1 to 256 rows, 1 to 64 batches that both have, and 8 to 4096 that broadcast:

    python benchmarks/rewrites.py --size b=64,h=8:1,q=1,k=256,d=64 "bhqd,bhkd->bhqk"
"""

from collections.abc import Sequence
from enum import Enum
from math import prod
from typing import Final

from einlint.algebra.equation import Subscripts
from einlint.algebra.expression import Expression, MatMul, Operand, Permute
from einlint.algebra.labels import UNIT
from einlint.algebra.proof import evaluation_order
from einlint.algebra.size_table import SizeTable

_FEWEST_COLUMNS: Final = 16
_MOST_COLUMNS_IN_ALL: Final = 128
_NARROW: Final = 4
_MANY_BATCHES: Final = 8
_MANY_PRODUCTS: Final = 512
_SIDE: Final = 64


class Speed(Enum):
    """The speed of an expression compared with einsum."""

    NOT_SLOWER = "not slower"
    SLOWER = "slower"
    UNKNOWN = "unknown"


def speed(expression: Expression, sizes: SizeTable) -> Speed:
    """The speed of one matrix times a stack of matrices, from their sizes."""
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


def is_slower_broadcast(expression: Expression, sizes: SizeTable) -> bool:
    """Whether `@` was measured to be slower at such sizes, with batch axes of 1 in one operand."""
    product = _product_in(expression)
    if product is None:
        return False
    *batch, rows, contracted = product.left.labels
    columns = product.right.labels[-1]
    numbers = _numbers((*batch, rows, contracted, columns), sizes)
    is_left = _is_stacked(product.left, batch, sizes)
    if numbers is None or is_left == _is_stacked(product.right, batch, sizes):
        return False
    *stack, rows_in_all, inner, columns_in_all = numbers
    free, shared = (rows_in_all, columns_in_all) if is_left else (columns_in_all, rows_in_all)
    is_large = prod(stack) >= _MANY_PRODUCTS and min(shared, inner) >= _SIDE
    return is_large and free <= _NARROW


def _product_in(expression: Expression) -> MatMul | None:
    if isinstance(expression, MatMul):
        return expression
    found = map(_product_in, expression.parts)
    return next((each for each in found if each is not None), None)


def _is_stacked(side: Expression, batch: Sequence[str], sizes: SizeTable) -> bool:
    """Whether no batch axis has size 1 in the operand of this side."""
    (operand,) = evaluation_order(side)
    places = (place for label in batch for place in sizes.places_of(label))
    return all(place.axis.size != 1 for place in places if place.operand == operand)


def _repeats_left(product: MatMul) -> bool:
    """Whether it is a plain or transposed matrix times an unchanged operand."""
    left = product.left.source if isinstance(product.left, Permute) else product.left
    is_plain = isinstance(left, Operand) and isinstance(product.right, Operand)
    return is_plain and len(left.labels) == 2 < len(product.right.labels)


def _numbers(labels: Subscripts, sizes: SizeTable) -> list[int] | None:
    numbers = [1 if label == UNIT else sizes.number(label) for label in labels]
    known = [each for each in numbers if each is not None]
    return known if len(known) == len(numbers) else None
