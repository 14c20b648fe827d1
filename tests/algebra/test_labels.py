"""The labels that come of broadcasting and of matrix products are those of torch's own axes."""

import itertools

import pytest
import torch

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import MatMul, Multiply, Operand, Sum
from einlint.algebra.labels import UNIT, LabelError, broadcast, product
from einlint.algebra.proof import computes

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
