"""Differences: what a replacement does otherwise than the call, on operands of whole numbers."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

import torch

from einlint.verify.running.operands import whole_numbers

Computation: TypeAlias = Callable[..., torch.Tensor]

# Whole numbers stay exact in sums of millions of products.
EXACT: Final = frozenset((torch.float32, torch.float64, torch.complex64, torch.complex128))

# What a text raises that does not fit its operands, or that is not made of them.
FAILURES: Final = (
    *(RuntimeError, IndexError, TypeError, ValueError),
    *(NameError, AttributeError),
)


class Difference(StrEnum):
    """Something that code around a call may notice."""

    RAISES = "raises"
    DTYPE = "dtype"
    SHAPE = "shape"
    VALUE = "value"
    LAYOUT = "layout"
    ALIAS = "alias"
    GRADIENT = "gradient"


def compiled(text: str, names: Sequence[str]) -> Computation:
    """The function of tensors `names` that an expression is; nothing but torch is in its reach."""
    code = compile(f"lambda {', '.join(names)}: {text}", "<replacement>", "eval")
    function: Computation = eval(code, {"torch": torch})
    return function


def differences(
    original: Computation, replacement: Computation, operands: Sequence[torch.Tensor]
) -> frozenset[Difference]:
    """What tells the replacement from the original on operands of whole numbers.

    Gradients are compared in the dtypes that sum whole numbers exactly.

    Raises:
        RuntimeError: the original does not take the operands.
    """
    leaves, twins = _leaves(operands), _leaves(operands)
    before = original(*leaves)
    try:
        after = replacement(*twins)
    except FAILURES:
        return frozenset((Difference.RAISES,))
    return frozenset(_of_results(before, after, leaves, twins))


def _of_results(
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
    if _steps(before) != _steps(after):
        yield Difference.LAYOUT
    if _is_view(before, leaves) != _is_view(after, twins):
        yield Difference.ALIAS
    if before.requires_grad != after.requires_grad or (
        before.requires_grad and not _same_gradients(before, after, leaves, twins)
    ):
        yield Difference.GRADIENT


def _leaves(operands: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The operands, with gradients wanted where those are exact."""
    return [each.detach().requires_grad_(each.dtype in EXACT) for each in operands]


def _same_gradients(
    before: torch.Tensor,
    after: torch.Tensor,
    leaves: Sequence[torch.Tensor],
    twins: Sequence[torch.Tensor],
) -> bool:
    cotangent = whole_numbers(before.shape, before.dtype, seed=len(leaves))
    wanted = torch.autograd.grad(before, leaves, cotangent)
    given = torch.autograd.grad(after, twins, cotangent, allow_unused=True)
    return all(
        other is not None and torch.equal(one, other)
        for one, other in zip(wanted, given, strict=True)
    )


def _steps(tensor: torch.Tensor) -> tuple[int, ...]:
    """The strides that are ever walked: those of axes with two places or more."""
    if not tensor.numel():
        return ()
    return tuple(
        stride for stride, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1
    )


def _is_view(result: torch.Tensor, operands: Sequence[torch.Tensor]) -> bool:
    """Whether writing into the result would change an operand."""
    places = {each.untyped_storage().data_ptr() for each in operands if each.numel()}
    return result.untyped_storage().data_ptr() in places
