"""Test whether a replacement is right at the sizes of a case.

Where the arithmetic is exact, both results must be equal. Elsewhere rounding may differ: the error
of the replacement against float64 may be as large as that of the original, plus some units in the
last place of the largest sum of absolute products, which bounds the loss of any summation order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.report import Comparison, Shapes
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import (
    EXACT,
    FAILURES,
    Computation,
    Difference,
    compile_expression,
)
from einlint.verify.running.probe import describe, find_faults
from einlint.verify.running.runnable import random_operands
from einlint.verify.running.tensors import whole_numbers

# Allowed factor over the error bound; larger errors are faults.
_TOLERANCE: Final = 4


@dataclass(frozen=True, slots=True)
class ComparisonInputs:
    """Shapes, dtype and device of the operands. exact_device: a device with float64."""

    shapes: Shapes
    dtype: torch.dtype
    device: torch.device
    exact_device: torch.device


def compare_sides(rewrite: FoundRewrite, replacement: str, inputs: ComparisonInputs) -> Comparison:
    """Compare a replacement with the original on inputs of one kind.

    Raises:
        RuntimeError: the original does not run, or there is not enough memory.
    """
    pair = rewrite.pair
    before, after = (
        compile_expression(pair.original, pair.names),
        compile_expression(replacement, pair.names),
    )
    operands = random_operands(inputs.shapes, inputs.dtype, inputs.device)
    result = before(*operands)
    try:
        other = after(*operands)
    except FAILURES as error:
        if is_out_of_memory(error):
            raise
        return Comparison(None, None, False, False, False, f"it raises: {error}".splitlines()[0])
    fault = _fault_on_whole_numbers(before, after, inputs)
    errors: tuple[float, float] | None = None
    if other.shape == result.shape:
        moved = [each.to(inputs.exact_device) for each in operands]
        errors, rounding = _rounding_errors(before, after, moved)
        fault = fault or rounding
    return Comparison(
        errors[0] if errors else None,
        errors[1] if errors else None,
        result.shape == other.shape,
        result.dtype == other.dtype,
        result.stride() == other.stride(),
        fault,
    )


def _fault_on_whole_numbers(
    before: Computation, after: Computation, inputs: ComparisonInputs
) -> str | None:
    """Compare values only where sums of this length are exact, and everything else always."""
    dtype = inputs.dtype
    operands = [
        whole_numbers(shape, dtype, seed).to(inputs.device)
        for seed, shape in enumerate(inputs.shapes)
    ]
    found = find_faults(before, after, operands)
    is_exact = dtype in EXACT or not dtype.is_floating_point
    return describe(found if is_exact else found - {Difference.VALUE}) or None


def _rounding_errors(
    before: Computation, after: Computation, operands: Sequence[torch.Tensor]
) -> tuple[tuple[float, float], str | None]:
    """The errors of both results, and a fault if the result or a gradient is too far off."""
    dtype = operands[0].dtype
    wide = _widest(dtype)
    exact = [each.to(wide) for each in operands]
    bounds = _result_and_gradients(before, [each.abs() for each in exact], torch.abs)
    columns = zip(
        _result_and_gradients(before, operands),
        _result_and_gradients(after, operands),
        _result_and_gradients(before, exact),
        bounds,
        strict=True,
    )
    errors = [
        (_distance(one, wanted), _distance(other, wanted), _largest(bound))
        for one, other, wanted, bound in columns
    ]
    unit = torch.finfo(dtype).eps if dtype.is_floating_point or dtype.is_complex else 0.0
    names = ("the result", *(f"the gradient of operand {n}" for n in range(1, len(errors))))
    texts = (
        f"{name} is off by {after_error:.3g}, the original by {before_error:.3g}"
        for name, (before_error, after_error, bound) in zip(names, errors, strict=True)
        if not after_error <= _TOLERANCE * (before_error + unit * bound)
    )
    return errors[0][:2], next(texts, None)


def _result_and_gradients(
    function: Computation,
    operands: Sequence[torch.Tensor],
    of_cotangent: Callable[[torch.Tensor], torch.Tensor] = lambda cotangent: cotangent,
) -> list[torch.Tensor]:
    """The result, and the gradients of all operands if the dtype has gradients."""
    first = operands[0].dtype
    if not (first.is_floating_point or first.is_complex):
        return [function(*operands)]
    leaves = [each.detach().requires_grad_() for each in operands]
    result = function(*leaves)
    (cotangent,) = random_operands([tuple(result.shape)], torch.float32, result.device)
    wanted = of_cotangent(cotangent).to(result.dtype)
    if not result.requires_grad:
        return [result, *map(torch.zeros_like, operands)]
    gradients = torch.autograd.grad(result, leaves, wanted, allow_unused=True)
    return [
        result.detach(),
        *(
            torch.zeros_like(operand) if gradient is None else gradient
            for operand, gradient in zip(operands, gradients, strict=True)
        ),
    ]


def _widest(dtype: torch.dtype) -> torch.dtype:
    if dtype.is_complex:
        return torch.complex128
    return torch.float64 if dtype.is_floating_point else torch.int64


def _distance(result: torch.Tensor, wanted: torch.Tensor) -> float:
    """The largest distance; integers overflow as their dtype does."""
    if not (result.dtype.is_floating_point or result.dtype.is_complex):
        wanted = wanted.to(result.dtype).to(wanted.dtype)
    return _largest(result.to(wanted.dtype) - wanted)


def _largest(tensor: torch.Tensor) -> float:
    return float(tensor.abs().max()) if tensor.numel() else 0.0
