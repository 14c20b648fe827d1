"""The limits of the sizes at which `@` was measured against einsum."""

import pytest

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import parse
from einlint.algebra.expression import Expression
from einlint.algebra.size_table import SizeTable, size_table
from einlint.rewriting.choose import plans
from einlint.rewriting.speed import Speed, is_slower_broadcast, speed
from tests.given_shapes import shape


def _of(equation: str, *shapes: tuple[int, ...]) -> tuple[Expression, SizeTable]:
    """The product with `@`, and the sizes of its operands."""
    plan = next(each for each in plans(contraction_of(parse(equation))) if not each.is_bmm)
    return plan.expression, size_table(parse(equation), [shape(*each) for each in shapes])


@pytest.mark.parametrize(
    ("products", "free", "inner", "shared", "is_slower"),
    [
        (512, 4, 64, 64, True),
        (511, 4, 64, 64, False),
        (512, 5, 64, 64, False),
        (512, 4, 63, 64, False),
        (512, 4, 64, 63, False),
    ],
)
def test_a_batch_axis_that_broadcasts(
    products: int, free: int, inner: int, shared: int, *, is_slower: bool
) -> None:
    stacked, single = (products, free, inner), (1, inner, shared)
    assert is_slower_broadcast(*_of("bij,bjk->bik", stacked, single)) is is_slower
    turned = (1, shared, inner), (products, inner, free)
    assert is_slower_broadcast(*_of("bij,bjk->bik", *turned)) is is_slower


@pytest.mark.parametrize(
    ("matrix", "batches", "columns", "expected"),
    [
        ((64, 64), 8, 16, Speed.NOT_SLOWER),
        ((64, 65), 8, 16, Speed.UNKNOWN),
        ((64, 64), 8, 15, Speed.UNKNOWN),
        ((64, 64), 8, 17, Speed.UNKNOWN),
        ((64, 64), 8, 4, Speed.SLOWER),
        ((64, 64), 8, 5, Speed.UNKNOWN),
        ((64, 64), 7, 4, Speed.UNKNOWN),
        ((63, 64), 8, 4, Speed.UNKNOWN),
    ],
)
def test_a_matrix_that_is_repeated(
    matrix: tuple[int, int], batches: int, columns: int, expected: Speed
) -> None:
    found = _of("ij,bjk->bik", matrix, (batches, matrix[1], columns))
    assert speed(*found) is expected


def test_where_nothing_broadcasts_nothing_is_known_to_be_slower() -> None:
    assert not is_slower_broadcast(*_of("bij,bjk->bik", (512, 4, 64), (512, 64, 64)))
    assert not is_slower_broadcast(*_of("bij,bjk->bik", (1, 4, 64), (1, 64, 64)))
