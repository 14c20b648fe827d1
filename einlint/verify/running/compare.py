"""Differences between a call and its replacement, on operands that both compute exactly."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final, TypeAlias

import torch

from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.tensors import whole_numbers

Computation: TypeAlias = Callable[..., torch.Tensor]

# The dtypes in which sums of millions of small whole numbers are exact.
EXACT: Final = frozenset((torch.float32, torch.float64, torch.complex64, torch.complex128))

# Errors of a replacement that does not fit its operands, or uses other names.
FAILURES: Final = (
    *(RuntimeError, IndexError, TypeError, ValueError),
    *(NameError, AttributeError),
)

# Larger operands are not copied to see whether they change, nor differentiated twice.
_FEW_ELEMENTS: Final = 2**16


class Difference(StrEnum):
    """A difference that the code around a call may notice."""

    RAISES = "raises"
    TYPE = "type"
    DTYPE = "dtype"
    SHAPE = "shape"
    VALUE = "value"
    LAYOUT = "layout"
    ALIAS = "alias"
    COPY = "copy"
    GRADIENT = "gradient"
    CHANGED = "changed"
    RANDOM = "random"


def compile_expression(text: str, names: Sequence[str]) -> Computation:
    """Compile an expression into a function of `names`; it can use nothing else but torch."""
    code = compile(f"lambda {', '.join(names)}: {text}", "<replacement>", "eval")
    function: Computation = eval(code, {"torch": torch})
    return function


def differences(
    original: Computation,
    replacement: Computation,
    operands: Sequence[torch.Tensor],
    *,
    has_gradients: bool = True,
) -> frozenset[Difference]:
    """All differences between both sides; values and gradients must be equal bit by bit.

    Gradients are compared in the dtypes that sum whole numbers exactly.

    Raises:
        RuntimeError: the original rejects the operands, or memory is full.
    """
    leaves, twins = _leaves(operands, has_gradients), _leaves(operands, has_gradients)
    before = original(*leaves)
    are_few = sum(each.numel() for each in operands) <= _FEW_ELEMENTS
    kept = [each.clone() for each in operands] if are_few else operands
    random_state = torch.get_rng_state()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # e.g. discarded imaginary parts; the report says it
            after = replacement(*twins)
    except FAILURES as error:
        if is_out_of_memory(error):
            raise
        return frozenset((Difference.RAISES,))
    if not isinstance(after, torch.Tensor) or _form(after) != _form(before):
        return frozenset((Difference.TYPE,))
    if not all(map(_are_equal, kept, operands)):
        return frozenset((Difference.CHANGED,))
    found = set(_compare_results(before, after, leaves, twins))
    if not torch.equal(random_state, torch.get_rng_state()):
        found.add(Difference.RANDOM)
    return frozenset(found)


def _form(tensor: torch.Tensor) -> tuple[torch.device, torch.layout]:
    """What must be equal before values can be compared."""
    return tensor.device, tensor.layout


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
    if not _are_equal(before.detach(), _as_dtype(after.detach(), before.dtype)):
        yield Difference.VALUE
    if _used_strides(before) != _used_strides(after):
        yield Difference.LAYOUT
    was_view, is_view = _is_view(before, leaves), _is_view(after, twins)
    if was_view != is_view:
        yield Difference.ALIAS if is_view else Difference.COPY
    if before.requires_grad != after.requires_grad or (
        before.requires_grad
        and before.dtype == after.dtype
        and not _have_same_gradients(before, after, leaves, twins)
    ):
        yield Difference.GRADIENT


def _leaves(operands: Sequence[torch.Tensor], has_gradients: bool) -> list[torch.Tensor]:
    """Views of the operands that require gradients where gradients are exact."""
    return [
        each.detach().requires_grad_(has_gradients and each.dtype in EXACT) for each in operands
    ]


def _as_dtype(tensor: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # imaginary parts are discarded; the dtype tells it
        return tensor.to(dtype)


def _are_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether all elements are equal; not-a-number equals itself."""
    if one is other or torch.equal(one, other):
        return True
    missing = one.isnan()
    return torch.equal(missing, other.isnan()) and torch.equal(
        one.masked_fill(missing, 0), other.masked_fill(missing, 0)
    )


def _have_same_gradients(
    before: torch.Tensor,
    after: torch.Tensor,
    leaves: Sequence[torch.Tensor],
    twins: Sequence[torch.Tensor],
) -> bool:
    """Whether first derivatives are equal, and for small float64 operands the second ones."""
    cotangent = whole_numbers(before.shape, before.dtype, seed=len(leaves)).to(before.device)
    is_twice = before.dtype is torch.float64 and sum(map(torch.numel, leaves)) <= _FEW_ELEMENTS
    wanted = _gradients(before, leaves, cotangent, is_twice)
    try:
        given = _gradients(after, twins, cotangent, is_twice)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        return False
    return all(map(torch.equal, wanted, given))


def _gradients(
    result: torch.Tensor, leaves: Sequence[torch.Tensor], cotangent: torch.Tensor, is_twice: bool
) -> list[torch.Tensor]:
    """The gradients of all leaves, zero where there is none; `is_twice`: and their gradients."""
    first = _filled(
        torch.autograd.grad(result, leaves, cotangent, allow_unused=True, create_graph=is_twice),
        leaves,
    )
    if not is_twice:
        return first
    total = torch.stack(
        [(each * whole_numbers(each.shape, each.dtype, 9).to(each.device)).sum() for each in first]
    ).sum()
    if not total.requires_grad:
        return [*first, *map(torch.zeros_like, leaves)]
    return [*first, *_filled(torch.autograd.grad(total, leaves, allow_unused=True), leaves)]


def _filled(
    gradients: Sequence[torch.Tensor | None], leaves: Sequence[torch.Tensor]
) -> list[torch.Tensor]:
    return [
        torch.zeros_like(leaf) if gradient is None else gradient
        for gradient, leaf in zip(gradients, leaves, strict=True)
    ]


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
