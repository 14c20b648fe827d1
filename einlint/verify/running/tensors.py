"""Make tensors for the operands of an equation."""

from collections.abc import Mapping, Sequence

import torch

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.verify.report import Case, Shapes


def shapes_of(
    equation: Equation, sizes: Mapping[str, int], ellipsis: Sequence[int] = ()
) -> tuple[tuple[int, ...], ...]:
    """The shape of every operand; `ellipsis` are the sizes of the axes that `...` stands for.

    Raises:
        KeyError: `sizes` lacks an index.
    """
    axes = {ELLIPSIS: tuple(ellipsis)}
    return tuple(
        tuple(size for label in term for size in axes.get(label) or (sizes[label],))
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
    values = torch.randint(-2, 3, tuple(shape), generator=generator)
    if not dtype.is_complex:
        return values.to(dtype)
    return torch.complex(
        values.double(), torch.randint(-2, 3, tuple(shape), generator=generator).double()
    ).to(dtype)


def permuted(tensor: torch.Tensor) -> torch.Tensor:
    """The same values with the axes reversed in memory."""
    axes = tuple(reversed(range(tensor.dim())))
    return tensor.permute(axes).contiguous().permute(axes)
