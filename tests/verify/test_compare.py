"""Every way in which a replacement can be wrong is seen, and nothing else is."""

import pytest
import torch

from einlint.algebra.equation import parse
from einlint.verify.running.compare import Difference, compile_expression, differences
from einlint.verify.running.tensors import permuted, shapes_of, whole_numbers

SIZES = {"b": 2, "i": 3, "j": 5, "k": 4}
SQUARE = dict.fromkeys(SIZES, 3)
FLOATS = (torch.float32, torch.float64)


def found(
    equation: str,
    replacement: str,
    sizes: dict[str, int] = SIZES,
    dtype: torch.dtype = torch.float64,
) -> set[str]:
    """What differs between einsum and the replacement."""
    shapes = shapes_of(parse(equation), sizes)
    operands = [whole_numbers(shape, dtype, seed) for seed, shape in enumerate(shapes)]
    names = "abc"[: len(operands)]
    original = compile_expression(f"torch.einsum({equation!r}, {', '.join(names)})", names)
    return {
        each.value
        for each in differences(original, compile_expression(replacement, names), operands)
    }


@pytest.mark.parametrize(
    "dtype", [*FLOATS, torch.int64, torch.bfloat16, torch.float16, torch.complex128]
)
@pytest.mark.parametrize(
    ("equation", "replacement"),
    [
        ("ij,jk->ik", "a @ b"),
        ("bij,bkj->bik", "a @ b.transpose(-2, -1)"),
        ("ij->ji", "a.transpose(0, 1)"),
        ("i,j->ij", "torch.outer(a, b)"),
    ],
)
def test_nothing_differs(equation: str, replacement: str, dtype: torch.dtype) -> None:
    assert found(equation, replacement, dtype=dtype) == set()


@pytest.mark.parametrize(
    ("equation", "replacement", "dtype"),
    [
        ("ij,jk->ik", "a.transpose(0, 1) @ b", torch.float64),  # a transposed operand
        ("ij,jk->ik", "a @ b.transpose(0, 1)", torch.int64),
        ("bij,bjk->bik", "a.transpose(0, 1) @ b", torch.float32),  # a batch that is no batch
        ("bij,bjk->bik", "a.flip(0) @ b", torch.bfloat16),
        ("bij,bjk->bik", "b @ a", torch.float64),  # operands that changed places
        ("ij,jk->ik", "a.conj() @ b", torch.complex128),
        ("ij,jk->ik", "a @ b * 2", torch.float64),
        ("ij,ij->", "(a.reshape(-1) @ b.transpose(0, 1).reshape(-1))", torch.float64),
    ],
)
def test_wrong_values_are_seen_on_square_sizes(
    equation: str, replacement: str, dtype: torch.dtype
) -> None:
    assert "value" in found(equation, replacement, SQUARE, dtype)


@pytest.mark.parametrize(
    ("equation", "replacement", "dtype", "expected"),
    [
        ("ij,jk->ik", "(a @ b).transpose(0, 1)", torch.float64, "shape"),
        ("ij,jk->ik", "(a @ b)[None]", torch.float64, "shape"),
        ("ij,jk->ik", "(a @ b).double()", torch.float32, "dtype"),
        ("ij->i", "a.sum(-1, dtype=torch.int32)", torch.int64, "dtype"),
        ("ij,jk->ik", "a @ b.transpose(0, 1)", torch.float64, "raises"),
        ("ij,jk->ik", "a @ other", torch.float64, "raises"),
        ("ij,jk->ik", "a.matmull(b)", torch.float64, "raises"),
        ("ij->ji", "a.transpose(0, 1).contiguous()", torch.float64, "layout"),
        ("ij->ij", "a.clone()", torch.float64, "copy"),
        ("ij,->ij", "a.mul(b) if b.dim() else a", torch.float64, "alias"),
        ("ij,jk->ik", "a.detach() @ b", torch.float64, "gradient"),
        ("ij,jk->ik", "(a @ b).detach()", torch.float64, "gradient"),
        ("ij,jk->ik", "a @ b + (a - a.detach()) @ b.detach()", torch.float64, "gradient"),
    ],
)
def test_each_difference_is_seen(
    equation: str, replacement: str, dtype: torch.dtype, expected: str
) -> None:
    assert expected in found(equation, replacement, dtype=dtype)


def test_sizes_that_compensate_each_other_are_seen() -> None:
    """The call broadcasts (1, 6) with (6, 1); flattened, both have six numbers."""
    operands = [whole_numbers(shape, torch.float64, 1) for shape in ((1, 6), (6, 1))]
    original = compile_expression("torch.einsum('ij,ij->', a, b)", "ab")
    flattened = compile_expression("a.flatten() @ b.flatten()", "ab")
    assert Difference.VALUE in differences(original, flattened, operands)


def test_strides_of_axes_that_nobody_walks_do_not_count() -> None:
    operands = [torch.ones(3, 1)]
    original = compile_expression("a.view(a.shape)", "a")
    replacement = compile_expression("a.as_strided(a.shape, (1, 7))", "a")
    assert original(*operands).stride() != replacement(*operands).stride()
    assert differences(original, replacement, operands) == set()


def test_a_permuted_operand_has_the_same_values_elsewhere() -> None:
    tensor = whole_numbers((2, 3, 4), torch.float64, 1)
    assert torch.equal(permuted(tensor), tensor)
    assert permuted(tensor).stride() != tensor.stride()


def test_whole_numbers_are_not_the_same_for_every_operand() -> None:
    one, other = (whole_numbers((3, 3), torch.complex128, seed) for seed in (0, 1))
    assert not torch.equal(one, other)
    assert not torch.equal(one, one.conj())


def test_the_error_of_the_call_itself_is_no_difference() -> None:
    """Nothing can be said of operands that the call does not take."""
    call = compile_expression("torch.einsum('ij,jk->ik', a, b)", "ab")
    with pytest.raises(RuntimeError):
        differences(call, call, [torch.ones(2, 3), torch.ones(4, 5)])
