"""Sizes by index: what agrees, what conflicts, and the shape of the result."""

import itertools
from collections.abc import Sequence

import pytest
import torch

from einlint.algebra.equation import ELLIPSIS, parse
from einlint.algebra.size_table import SizeTable, size_table
from einlint.algebra.sizes import Axis, Shape, Symbol
from tests.given_shapes import shape


def table(equation: str, *shapes: Shape | None, names: Sequence[str] = ()) -> SizeTable:
    return size_table(parse(equation), shapes, names)


def test_every_operand_axis_of_an_index_in_order() -> None:
    places = table("bij,bjk->bik", shape(2, "i", None), shape(2, 4, 5)).places
    assert {
        index: [(p.operand, p.axis.size) for p in found] for index, found in places.items()
    } == {
        "b": [(0, 2), (1, 2)],
        "i": [(0, Symbol("i", 0))],
        "j": [(0, None), (1, 4)],
        "k": [(1, 5)],
    }


def test_an_ellipsis_is_aligned_from_the_right() -> None:
    found = table("...ij,...jk->...ik", shape(2, 3, 4, 5), shape(3, 5, 6))
    assert [each.axis.size for each in found.places["...[-1]"]] == [3, 3]
    assert [each.axis.size for each in found.places["...[-2]"]] == [2]
    assert found.output() == shape(2, 3, 4, 6)


@pytest.mark.parametrize(
    ("equation", "shapes", "label", "expected"),
    [
        ("ij,jk->ik", (shape(2, 3), shape(3, 4)), "j", True),
        ("ij,jk->ik", (shape(2, "d"), shape("d", 4)), "j", True),
        ("ij,jk->ik", (shape(2, "d"), shape("e", 4)), "j", False),
        ("ij,jk->ik", (shape(2, "d"), shape(3, 4)), "j", False),
        ("ij,jk->ik", (shape(2, None), shape(None, 4)), "j", False),
        ("ij,jk->ik", (shape(2, 3), None), "j", False),
        ("ij,jk->ik", (shape(2, 1), shape(3, 4)), "j", False),
        ("...i,...i->...", (shape(2, 3, 4), shape(2, 3, 4)), ELLIPSIS, True),
        ("...i,...i->...", (shape(2, 3, 4), shape(3, 4)), ELLIPSIS, False),
        ("...i,...i->...", (shape(2, 3, 4), shape(1, 3, 4)), ELLIPSIS, False),
        ("...i,...i->...", (shape(4), shape(4)), ELLIPSIS, True),
        ("...i,...i->...", (shape(4), None), ELLIPSIS, False),
    ],
)
def test_one_size_in_all_operands(
    equation: str, shapes: tuple[Shape | None, ...], label: str, expected: bool
) -> None:
    assert table(equation, *shapes).has_one_size(label) is expected


@pytest.mark.parametrize(
    ("equation", "label", "expected"),
    [
        ("bij,bjk->bik", "b", True),
        ("bij,bjk->bik", "j", False),
        ("bij,bkj->bik", "j", True),
        ("...ij,...kj->...ik", ELLIPSIS, True),
        ("...ij,...kj->...ik", "j", True),
        ("...ij,...j->...i", ELLIPSIS, False),
        ("...ij,k...j->k...i", ELLIPSIS, False),
        ("...j,bij->b...i", "j", True),
    ],
)
def test_two_operands_of_one_name_are_one_tensor(equation: str, label: str, expected: bool) -> None:
    assert table(equation, None, None, names=("x", "x")).has_one_size(label) is expected
    assert not table(equation, None, None, names=("x", "y")).has_one_size(label)


def test_a_size_that_is_known_is_not_named_after_its_operand() -> None:
    found = table("bij,bkj->bik", shape(2, None, None), shape(2, None, None), names=("x", "x"))
    assert found.number("b") == 2
    assert found.has_one_size("j")


def test_conflicts_are_exactly_what_torch_rejects() -> None:
    """Every choice of ranks and of the sizes 0, 1, 2 and 3, with the shape of the result."""
    checked = 0
    for equation in (
        "ij,jk->ik",
        "ii->i",
        "ii,i->i",
        "...i,i->...",
        "...i,...i->...i",
        "i...i->...",
    ):
        terms = parse(equation).inputs
        ranks = range(4) if len(terms) == 1 else range(3)
        for axes in itertools.product(ranks, repeat=len(terms)):
            sizes = range(3) if sum(axes) > 2 else range(4)
            for chosen in itertools.product(sizes, repeat=sum(axes)):
                numbers = iter(chosen)
                shapes = [[next(numbers) for _ in range(rank)] for rank in axes]
                assert_as_torch(equation, shapes)
                checked += 1
    assert checked > 500


def assert_as_torch(equation: str, shapes: list[list[int]]) -> None:
    found = table(equation, *(shape(*each) for each in shapes))
    try:
        result = torch.einsum(equation, *map(torch.ones, shapes))
    except RuntimeError:
        assert found.has_conflicts, f"{equation} {shapes}"
        return
    assert not found.has_conflicts, f"{equation} {shapes}"
    output = found.output()
    assert output is not None
    assert [axis.size for axis in output] == list(result.shape), f"{equation} {shapes}"


def test_what_is_unknown_conflicts_with_nothing() -> None:
    for known in (shape(None, 3), shape("n", 3), None):
        assert not table("ij,ij->ij", known, shape(2, 3)).has_conflicts
    assert table("...i->...", None).output() is None
    assert table("ij,ij->ij", shape("n", 1), shape(None, "m")).output() == (
        Axis(),
        *shape("m"),
    )
