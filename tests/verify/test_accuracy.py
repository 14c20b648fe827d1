"""Accuracy lost to a sum in half precision is a fault; one rounding, or a few, are not."""

import pytest
import torch

from einlint.algebra.equation import parse
from einlint.verify.case import Shapes
from einlint.verify.running import accuracy
from einlint.verify.running.accuracy import HALF, affordable, far_apart, lost_accuracy, rounding
from einlint.verify.running.compare import Computation, compile_expression
from einlint.verify.running.correctness import compare_sides
from einlint.verify.running.pair_operands import ComparisonInputs
from einlint.verify.running.runnable import random_operands
from einlint.verify.running.tensors import shapes_of
from tests.verify.jobs import rewrite

CPU = torch.device("cpu")
IN_HALF = "sum((a[:, [k]] * b[[k]] for k in range(len(b))), start=a[:, :0] @ b[:0])"
BOTH = pytest.mark.parametrize("dtype", HALF, ids=str)


def sides(equation: str, replacement: str) -> tuple[Computation, Computation]:
    names = "abc"[: len(parse(equation).inputs)]
    call = f"torch.einsum({equation!r}, {', '.join(names)})"
    return compile_expression(call, names), compile_expression(replacement, names)


@BOTH
@pytest.mark.parametrize(
    ("equation", "replacement"),
    [
        ("ij,jk->ik", "(a.float() @ b.float()).to(a.dtype)"),
        ("ij,jk->ik", "(a.double() @ b.double()).to(a.dtype)"),
        ("i,i->", "(a * b).sum()"),
        ("ij->", "a.sum(0).sum(0)"),
        ("i,j,k->ijk", "a[:, None, None] * (b[:, None] * c)"),
        ("ij,jk,kl->il", "a @ (b @ c)"),
        ("ij->ji", "a.T"),
    ],
)
def test_what_is_rounded_once_or_a_few_times_is_right(
    equation: str, replacement: str, dtype: torch.dtype
) -> None:
    assert lost_accuracy(*sides(equation, replacement), parse(equation), dtype) is None


@BOTH
@pytest.mark.parametrize(
    ("equation", "replacement"),
    [
        ("ij,jk->ik", IN_HALF),
        ("i,i->", "sum(a * b, start=a[:0] @ b[:0])"),
        ("ij->i", "sum(a.T, start=a[:, :0].sum(1))"),
        ("i,j->ij", "torch.outer(a, b) * 3 / 3 * 5 / 5"),
        ("ij->ji", "a.T * 3 / 3"),
    ],
)
def test_a_sum_in_half_precision_is_a_fault(
    equation: str, replacement: str, dtype: torch.dtype
) -> None:
    text = lost_accuracy(*sides(equation, replacement), parse(equation), dtype)
    assert text is not None
    assert text.startswith("the result is off by ")
    assert text.endswith(str(dtype).removeprefix("torch."))


@BOTH
def test_a_case_sees_it_too(dtype: torch.dtype) -> None:
    """Four times the error of the original would let it pass: that is 3 or 4 at this length."""
    one = rewrite("ij,jk->ik", IN_HALF)
    inputs = ComparisonInputs(((48, 64), (64, 48)), dtype, CPU, CPU)
    compared = compare_sides(one, IN_HALF, inputs)
    assert compared.fault is not None
    assert compared.error_original is not None
    assert compared.error_replacement is not None
    assert compared.error_replacement > 2 * compared.error_original


@BOTH
def test_a_gradient_in_half_precision_is_a_fault(dtype: torch.dtype) -> None:
    """The gradient of `a` is a sum over `k`, the columns of the result."""
    columns = "torch.stack([a @ b[:, k] for k in range(b.shape[1])], 1)"
    operands = random_operands(((8, 2), (2, 256)), dtype, CPU)
    found = rounding(*sides("ij,jk->ik", columns), operands)
    assert (found.fault or "").startswith("the gradient of operand `a` is off by")


@BOTH
def test_an_original_that_is_no_better_excuses(dtype: torch.dtype) -> None:
    in_half = compile_expression(IN_HALF, "ab")
    backwards = compile_expression(
        IN_HALF.replace("range(len(b))", "reversed(range(len(b)))"), "ab"
    )
    operands = random_operands(((16, 256), (256, 16)), dtype, CPU)
    assert rounding(in_half, backwards, operands).fault is None


@BOTH
@pytest.mark.parametrize("wrong", ["(a @ b) / 0 * 0", "a @ b * 1.05", "b.T @ a.T"])
def test_nonsense_is_a_fault(wrong: str, dtype: torch.dtype) -> None:
    operands = random_operands(((16, 16), (16, 16)), dtype, CPU)
    assert rounding(*sides("ij,jk->ik", wrong), operands).fault is not None


def test_results_near_zero_may_be_off_by_the_smallest_number() -> None:
    before = compile_expression("a * b", "ab")
    operands = [torch.full((3,), 2.0**-12, dtype=torch.float16) * 1.1 for _ in "ab"]
    assert rounding(before, before, operands).fault is None


@pytest.mark.parametrize(
    ("equation", "shapes", "expected"),
    [
        ("ij,jk->ik", ((8, 9), (9, 8)), ((8, 9), (9, 8))),  # cheap enough
        ("ij,jk->ik", ((64, 100), (100, 64)), ((2, 100), (100, 4))),
        ("bij,bjk->bik", ((1, 64, 16), (64, 16, 8)), ((1, 4, 16), (4, 16, 4))),  # broadcasts
        ("...i,ij->...j", ((32, 4, 8), (8, 32)), ((4, 4, 8), (8, 8))),
        ("...i,...i->...", ((64, 8), (8,)), ((64, 8), (8,))),
        ("i,i->", ((5000,), (5000,)), ((5000,), (5000,))),  # a sum stays as long as it is
        ("ii->i", ((5000, 5000),), ((625, 625),)),
    ],
)
def test_large_cases_are_compared_in_part(
    monkeypatch: pytest.MonkeyPatch, equation: str, shapes: Shapes, expected: Shapes
) -> None:
    monkeypatch.setattr(accuracy, "_MOST_PRODUCTS", 1024)
    assert affordable(parse(equation), shapes) == expected


@pytest.mark.parametrize("dtype", [*HALF, torch.float32, torch.int64], ids=str)
def test_a_large_case_runs_both_sides_at_full_size(
    monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(accuracy, "_MOST_PRODUCTS", 1024)
    inputs = ComparisonInputs(((64, 16), (16, 64)), dtype, CPU, CPU)
    for replacement, is_fault in (
        ("a @ b", False),
        ("a @ b if len(a) < 64 else (a @ b).flip(0)", True),
        ("(a @ b).reshape(64, 64)", False),  # takes no other sizes
    ):
        compared = compare_sides(rewrite("ij,jk->ik", replacement), replacement, inputs)
        assert (compared.fault is not None) is is_fault, replacement
        assert compared.error_original is not None


@BOTH
def test_results_that_differ_by_rounding_are_not_far_apart(dtype: torch.dtype) -> None:
    exact = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    unit = torch.finfo(dtype).eps / 2
    result = exact.to(dtype)
    assert far_apart(result, (exact * (1 + 4 * unit)).to(dtype)) is None
    assert far_apart(result, (exact * (1 + 40 * unit)).to(dtype)) is not None
    assert far_apart(result[:0], result[:0]) is None
    assert far_apart(result, result * torch.nan) is not None


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [("torch.stack([a, b])", "it raises"), ("a @ b @ b.T @ b", None), ("a", "another shape")],
)
def test_what_goes_wrong_at_long_sums_only(wrong: str, expected: str | None) -> None:
    replacement = f"a @ b if len(b) < 1000 else {wrong}"
    text = lost_accuracy(*sides("ij,jk->ik", replacement), parse("ij,jk->ik"), torch.float32)
    assert text is not None
    assert text.startswith(expected or "the result is off")


def test_a_gradient_that_raises_is_a_fault_of_the_replacement() -> None:
    """The views of `torch.split` must not be changed in place where gradients are wanted."""
    wrong = "torch.split(a.T, 1)[0].mul_(1) if a.dtype is torch.float32 else a.T"
    one = rewrite("ij->ji", wrong)
    compared = compare_sides(one, wrong, ComparisonInputs(((3, 1),), torch.float32, CPU, CPU))
    assert compared.fault == "it raises"


def test_a_call_that_rejects_long_sums_is_not_judged() -> None:
    before, after = sides("ij,jk->ik", "a @ b")

    def picky(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return before(a, b).view(3, 5)

    assert lost_accuracy(picky, after, parse("ij,jk->ik"), torch.float32) is None


def test_an_ellipsis_may_stand_for_no_axis() -> None:
    equation = parse("...ij,...j->...i")
    sizes = {"...": 7, "i": 2, "j": 3}
    assert shapes_of(equation, sizes) == ((7, 2, 3), (7, 3))
    assert shapes_of(equation, sizes, ()) == ((2, 3), (3,))
    assert shapes_of(equation, sizes, (4, 5)) == ((4, 5, 2, 3), (4, 5, 3))
