"""Make tensors for the operands of an equation."""

from collections.abc import Mapping, Sequence

import torch

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.verify.case import Case, Shapes


def shapes_of(
    equation: Equation, sizes: Mapping[str, int], ellipsis: Sequence[int] | None = None
) -> tuple[tuple[int, ...], ...]:
    """The shape of every operand.

    Args:
        equation: whose operands.
        sizes: the size of each index.
        ellipsis: the sizes of the axes that `...` stands for; None for one axis, with its size in
            `sizes`.

    Raises:
        KeyError: `sizes` lacks an index.
    """
    axes = {} if ellipsis is None else {ELLIPSIS: tuple(ellipsis)}
    return tuple(
        tuple(size for label in term for size in axes.get(label, (sizes[label],)))
        for term in equation.inputs
    )


def shapes_in(equation: Equation, case: Case) -> Shapes:
    """The shape of every operand of a case."""
    return shapes_of(equation, dict(case.sizes)) if case.shapes is None else case.shapes


def whole_numbers(shape: Sequence[int], dtype: torch.dtype, seed: int) -> torch.Tensor:
    """Random whole numbers from -2 to 2.

    All dtypes multiply these numbers exactly and sum some hundred products exactly, so two ways to
    compute a contraction must agree bit by bit.
    """
    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(-2, 3, tuple(shape), generator=generator, dtype=torch.int8)
    if not dtype.is_complex:
        return values.to(dtype)
    others = torch.randint(-2, 3, tuple(shape), generator=generator, dtype=torch.int8)
    return torch.complex(values.double(), others.double()).to(dtype)


def large_integers(shape: Sequence[int], seed: int) -> torch.Tensor:
    """Random numbers of 62 bits: no other dtype holds them, and products wrap around."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-(2**62), 2**62, tuple(shape), generator=generator)


def with_one(shape: Sequence[int], value: float, position: int, seed: int) -> torch.Tensor:
    """1 and 2 at random, and `value` at a position in reading order, if there is one.

    Nothing cancels: an infinite sum is infinite in whatever order it is computed.
    """
    numbers = whole_numbers(shape, torch.float32, seed).abs().clamp(min=1)
    flat = numbers.view(-1)
    flat[position : position + 1] = value
    return numbers


def permuted(tensor: torch.Tensor) -> torch.Tensor:
    """The same values with the axes reversed in memory."""
    axes = tuple(reversed(range(tensor.dim())))
    return tensor.permute(axes).contiguous().permute(axes)


def strided(tensor: torch.Tensor) -> torch.Tensor:
    """The same values as every second element along the last axis of a larger tensor."""
    if not tensor.dim():
        return tensor
    larger = tensor.new_zeros([*tensor.shape[:-1], 2 * tensor.shape[-1] + 1])
    larger[..., 1::2] = tensor
    return larger[..., 1::2]


def expanded(tensor: torch.Tensor, axis: int) -> torch.Tensor:
    """The first slice along an axis, repeated without a copy: its stride is 0."""
    if not tensor.numel() or not tensor.dim():
        return tensor
    return tensor.narrow(axis, 0, 1).expand(tensor.shape)
