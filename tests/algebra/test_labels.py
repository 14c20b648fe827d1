"""The labels that come of broadcasting and of matrix products are those of torch's own axes."""

import itertools

import pytest
import torch

from einlint.algebra import shapes
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import MatMul, Multiply, Operand, Sum, Unsqueeze
from einlint.algebra.labels import UNIT, LabelError, broadcast, product
from einlint.algebra.proof import computes
from einlint.algebra.sizes import Axis
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell

SIZES = {"a": 2, "b": 3, "c": 5, UNIT: 1}
TERMS = [
    term for rank in range(4) for term in itertools.product((*"abc", UNIT), repeat=rank)
    if all(term.count(label) < 2 for label in "abc")
]  # fmt: skip


def shape(term: Subscripts) -> list[int]:
    return [SIZES[label] for label in term]


@pytest.mark.parametrize("operation", ["broadcast", "product"])
def test_labels_follow_torch(operation: str) -> None:
    """Where labels come together torch agrees on the shape; where they do not, nobody claims it."""
    agreed = 0
    for left, right in itertools.product(TERMS, repeat=2):
        one, other = torch.ones(shape(left)), torch.ones(shape(right))
        try:
            labels = (broadcast if operation == "broadcast" else product)(left, right)
        except LabelError:
            continue
        result = one * other if operation == "broadcast" else one @ other
        assert list(result.shape) == shape(labels), (left, right)
        agreed += 1
    assert agreed > 100


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("...ij", "...jk", "...ik"),
        ("...j", "jk", "...k"),
        ("...ij", "j", "...i"),
        ("j", "...jk", "...k"),
        ("ij", "...jk", "...ik"),
        ("b...ij", "jk", "b...ik"),
        ("...j", "...jk", None),
        ("b...ij", "...jk", None),
        ("b...ij", "b...jk", None),
        ("...", "jk", None),
        ("ij", "kj", None),
        ("ij", "j...", None),
        ("bij", "cjk", None),
        ("ij", "ji", None),
    ],
)
def test_products_with_an_ellipsis(left: str, right: str, result: str | None) -> None:
    if result is None:
        with pytest.raises(LabelError):
            product(labels_of(left), labels_of(right))
    else:
        assert product(labels_of(left), labels_of(right)) == labels_of(result)


@pytest.mark.parametrize(
    ("left", "right"), [("b...i", "...i"), ("b...", "b..."), ("...i", "bi..."), ("...1", "1...")]
)
def test_axes_that_an_ellipsis_hides_are_not_aligned(left: str, right: str) -> None:
    with pytest.raises(LabelError):
        broadcast(labels_of(left), labels_of(right))


def test_the_right_labels_with_the_wrong_sum_are_no_proof() -> None:
    """Summing `j` on each side gives the labels of `ji,ji->i` and another number."""
    inputs = (("i", "j"), ("j", "k"))
    left, right = Operand(0, inputs[0]), Operand(1, inputs[1])
    assert computes(MatMul(left, right), inputs, ("i", "k"))
    apart = Multiply(Sum(Operand(0, ("j", "i")), ("j",)), Sum(Operand(1, ("j", "i")), ("j",)))
    assert apart.labels == ("i",)
    assert not computes(apart, (("j", "i"), ("j", "i")), ("i",))


@pytest.mark.parametrize(
    ("expression", "output"),
    [
        (Operand(0, ("i", "j")), ("i", "j")),
        (Multiply(Operand(0, ("i", "j")), Operand(0, ("i", "j"))), ("i", "j")),
        (Multiply(Operand(0, ("i", "j")), Operand(1, ("j",))), ("i",)),
        (Sum(Multiply(Operand(0, ("i", "j")), Operand(1, ("i", "j"))), ("j",)), ("i", "j")),
    ],
)
def test_what_is_not_the_equation_is_not_proved(expression: Operand, output: Subscripts) -> None:
    assert not computes(expression, (("i", "j"), ("i", "j")), output)


def labels_of(text: str) -> Subscripts:
    head, dots, tail = text.partition(ELLIPSIS)
    return (*head, *([ELLIPSIS] if dots else []), *tail)


def test_an_index_that_is_not_there_cannot_be_summed() -> None:
    with pytest.raises(LabelError, match="are not all in"):
        Sum(Operand(0, ("a", "b")), ("c",))


@pytest.mark.parametrize("left", [(2, 3), (7, 2, 3), (1, 2, 3)])
@pytest.mark.parametrize("right", [(3, 5), (7, 3, 5)])
def test_the_shape_of_a_product_is_that_of_torch(
    left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    def shape_of(sizes: tuple[int, ...]) -> tuple[Axis, ...]:
        return tuple(map(Axis, sizes))

    found = shapes.product(shape_of(left), shape_of(right), lambda: Axis(0))
    expected = (torch.ones(left) @ torch.ones(right)).shape
    assert found is not None
    assert [axis.size for axis in found] == list(expected)


@pytest.mark.parametrize("places", [(0,), (1,), (2,), (0, 2), (3,), (0, 3), (0, 2, 3, 5)])
def test_unit_axes_by_an_index_are_where_they_belong(places: tuple[int, ...]) -> None:
    """In front of an ellipsis, behind it, and with other axes between."""
    labels = [*(ELLIPSIS, "a", "b")]
    for place in places:
        labels.insert(place, UNIT)
    unsqueezed = Unsqueeze(Operand(0, (ELLIPSIS, "a", "b")), tuple(labels))
    text = spell(unsqueezed, operand_names(1), Style(has_indices=True), "torch").source
    tensor = torch.ones(7, 2, 3)
    sizes = {**SIZES, ELLIPSIS: 7, "a": 2, "b": 3}
    assert list(eval(text, {"a": tensor}).shape) == [sizes[label] for label in labels]


def test_a_matrix_behind_an_ellipsis_keeps_all_axes_before_it() -> None:
    assert product(("b", ELLIPSIS, "j"), ("j", "k")) == ("b", ELLIPSIS, "k")
