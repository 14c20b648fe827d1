"""Differences between a call and its replacement, on operands of whole numbers."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

import torch

from einlint.verify.running.tensors import whole_numbers

Computation: TypeAlias = Callable[..., torch.Tensor]

# The dtypes in which sums of millions of small whole numbers are exact.
EXACT: Final = frozenset((torch.float32, torch.float64, torch.complex64, torch.complex128))

# Errors of a replacement that does not fit its operands, or uses other names.
FAILURES: Final = (
    *(RuntimeError, IndexError, TypeError, ValueError),
    *(NameError, AttributeError),
)


class Difference(StrEnum):
    """A difference that the code around a call may notice."""

    RAISES = "raises"
    DTYPE = "dtype"
    SHAPE = "shape"
    VALUE = "value"
    LAYOUT = "layout"
    ALIAS = "alias"
    GRADIENT = "gradient"


def compile_expression(text: str, names: Sequence[str]) -> Computation:
    """Compile an expression into a function of `names`; it can use nothing else but torch."""
    code = compile(f"lambda {', '.join(names)}: {text}", "<replacement>", "eval")
    function: Computation = eval(code, {"torch": torch})
    return function


def differences(
    original: Computation, replacement: Computation, operands: Sequence[torch.Tensor]
) -> frozenset[Difference]:
    """All differences between both sides on operands of whole numbers.

    Gradients are compared in the dtypes that sum whole numbers exactly.

    Raises:
        RuntimeError: the original rejects the operands.
    """
    leaves, twins = _leaves(operands), _leaves(operands)
    before = original(*leaves)
    try:
        after = replacement(*twins)
    except FAILURES:
        return frozenset((Difference.RAISES,))
    return frozenset(_compare_results(before, after, leaves, twins))


def _compare_results(
    before: torch.Tensor,
    after: torch.Tensor,
    leaves: Sequence[torch.Tensor],
    twins: Sequence[torch.Tensor],
) -> Iterator[Difference]:
    if before.dtype != after.dtype:
        yield Difference.DTYPE
    if before.shape != after.shape:
        yield Difference.SHAPE
        return
    if not torch.equal(before.detach(), after.detach().to(before.dtype)):
        yield Difference.VALUE
    if _used_strides(before) != _used_strides(after):
        yield Difference.LAYOUT
    if _is_view(before, leaves) != _is_view(after, twins):
        yield Difference.ALIAS
    if before.requires_grad != after.requires_grad or (
        before.requires_grad and not _same_gradients(before, after, leaves, twins)
    ):
        yield Difference.GRADIENT


def _leaves(operands: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Copies of the operands that require gradients where gradients are exact."""
    return [each.detach().requires_grad_(each.dtype in EXACT) for each in operands]


def _same_gradients(
    before: torch.Tensor,
    after: torch.Tensor,
    leaves: Sequence[torch.Tensor],
    twins: Sequence[torch.Tensor],
) -> bool:
    cotangent = whole_numbers(before.shape, before.dtype, seed=len(leaves)).to(before.device)
    wanted = torch.autograd.grad(before, leaves, cotangent)
    given = torch.autograd.grad(after, twins, cotangent, allow_unused=True)
    return all(
        other is not None and torch.equal(one, other)
        for one, other in zip(wanted, given, strict=True)
    )


def _used_strides(tensor: torch.Tensor) -> tuple[int, ...]:
    """The strides that matter: those of axes longer than 1."""
    if not tensor.numel():
        return ()
    return tuple(
        stride for stride, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1
    )


def _is_view(result: torch.Tensor, operands: Sequence[torch.Tensor]) -> bool:
    """Whether writing into the result would change an operand."""
    storages = {operand.untyped_storage().data_ptr() for operand in operands if operand.numel()}
    return result.untyped_storage().data_ptr() in storages
