"""Accuracy: how far rounding may take a result, and whether a replacement goes beyond that.

In half precision a sum is accumulated in float32 and rounded once. So the unit there is one
rounding of an element: half the distance of neighbouring numbers, at the size of the exact element
or of its products if these cancel each other. A few units are allowed for products that are rounded
before they are summed; an accumulation in half precision needs many. Elsewhere the error may be as
large as that of the original, plus some units in the last place of the sum of absolute products,
which bounds the loss of any order of summation.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, prod
from typing import Final, TypeAlias

import torch

from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.algebra.operand_names import called, letters
from einlint.verify.case import Shapes
from einlint.verify.running.compare import FAILURES, Computation
from einlint.verify.running.runnable import random_operands
from einlint.verify.running.tensors import shapes_of

HALF: Final = (torch.bfloat16, torch.float16)
"""The dtypes in which a sum must not be accumulated."""

ROUNDED: Final = (*HALF, torch.float32, torch.float64)
"""The dtypes in which long sums are tested."""

# Allowed factor over the bound of errors that float32 and wider dtypes may have.
_TOLERANCE: Final = 4
# Allowed roundings of sums in half precision. `benchmarks/right_cases.py` saw 2.8 where products or
# parts of sums are rounded too.
_ROUNDINGS: Final = 5
# Of the reference itself, which float64 holds only nearly.
_SLACK: Final = 1e-6
# Allowed factor over the roundings of an original that itself needs more.
_OVER_ORIGINAL: Final = 2
# So long that a sum in half precision, element by element, surely goes wrong by more than these.
_LONG: Final = 1024
# Indices that share this length; the others have size 1.
_MOST_SUMMED: Final = 10
# Elements of results to look at in half precision: a small result is computed several times ...
_LOOKED_AT: Final = 32
# ... but no more operands are drawn after so many elements of them.
_MOST_DRAWN: Final = 2**18
# Products that are computed in the widest dtype, for the errors of a case.
_MOST_PRODUCTS: Final = 2**22

_Compute: TypeAlias = Callable[..., list[torch.Tensor]]


@dataclass(frozen=True, slots=True)
class Rounding:
    """The largest errors of both results against the widest dtype, and a fault if there is one."""

    before: float
    after: float
    fault: str | None


@dataclass(frozen=True, slots=True)
class _Errors:
    """The largest errors of both sides, for the result or for one gradient."""

    before: float
    after: float
    is_fault: bool

    def text(self, name: str) -> str:
        return f"{name} is off by {self.after:.3g}, the original by {self.before:.3g}"


def lost_accuracy(
    before: Computation, after: Computation, equation: Equation, dtype: torch.dtype
) -> str | None:
    """What is wrong with long sums of a replacement; None if nothing is.

    Nothing is said of operands that the original rejects.
    """
    shapes = shapes_of(equation, _long_sizes(equation))
    generator = torch.Generator().manual_seed(1)
    enough = _LOOKED_AT if dtype in HALF else 1
    looked_at = drawn = 0
    while looked_at < enough and drawn < _MOST_DRAWN:
        operands = [
            torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)
            for shape in shapes
        ]
        try:
            result = before(*operands)
        except RuntimeError:
            return None
        try:
            is_like = after(*operands).shape == result.shape
        except FAILURES:
            return "it raises, with long sums"
        if not is_like:
            return "another shape, with long sums"
        (errors,) = _errors_in(dtype)(before, after, operands, _result)
        if errors.is_fault:
            name = str(dtype).removeprefix("torch.")
            return f"{errors.text('the result')}, with random numbers in {name}"
        looked_at += max(1, result.numel())
        drawn += sum(map(torch.numel, operands))
    return None


def rounding(before: Computation, after: Computation, operands: Sequence[torch.Tensor]) -> Rounding:
    """The errors of results, and of gradients if the dtype has them."""
    dtype = operands[0].dtype
    compute = _result_and_gradients if _has_gradients(dtype) else _result
    found = list(_errors_in(dtype)(before, after, operands, compute))
    count = len(found) - 1
    names = ("the result", *(f"the gradient of {each}" for each in called(letters(count), count)))
    texts = (each.text(name) for name, each in zip(names, found, strict=True) if each.is_fault)
    return Rounding(found[0].before, found[0].after, next(texts, None))


def _errors_in(dtype: torch.dtype) -> Callable[..., Iterator[_Errors]]:
    return _half_errors if dtype in HALF else _wide_errors


def far_apart(before: torch.Tensor, after: torch.Tensor) -> str | None:
    """Whether two results in half precision differ by more than both may be off."""
    one, other = before.detach().float(), after.detach().float()
    if not one.numel():
        return None
    unit = torch.finfo(before.dtype).eps / 2
    size = torch.maximum(one.abs(), one.square().mean().sqrt())
    largest = _largest((other - one) / (2 * _ROUNDINGS * unit * size))
    return None if largest <= 1 else f"the results differ by {_largest(other - one):.3g}"


def affordable(equation: Equation, shapes: Shapes) -> Shapes:
    """The shapes with fewer elements in the result, if computing all in float64 took too long.

    No sum gets shorter, because its length decides how much rounding may lose.
    """
    axes = [_axes(term, len(shape)) for term, shape in zip(equation.inputs, shapes, strict=True)]
    sizes: dict[str, int] = {}
    for names, shape in zip(axes, shapes, strict=True):
        for name, size in zip(names, shape, strict=True):
            sizes[name] = max(size, sizes.get(name, 1))
    kept = [name for name in sizes if name.rstrip("0123456789") in equation.output]
    while kept and prod(sizes.values()) > _MOST_PRODUCTS:
        longest = max(kept, key=lambda name: sizes[name])
        if sizes[longest] <= 2:
            break
        sizes[longest] //= 2
    return tuple(
        tuple(min(size, sizes[name]) for name, size in zip(names, shape, strict=True))
        for names, shape in zip(axes, shapes, strict=True)
    )


def _axes(term: Subscripts, rank: int) -> list[str]:
    """The name of every axis; those of `...` are numbered from the right, as they broadcast."""
    extra = rank - len(term) + 1
    numbered = [f"{ELLIPSIS}{number}" for number in range(extra, 0, -1)]
    return [name for label in term for name in (numbered if label == ELLIPSIS else [label])]


def _long_sizes(equation: Equation) -> dict[str, int]:
    """Sizes for which many products are summed, and there are few sums."""
    summed = [label for label in equation.labels if label not in equation.output]
    kept = [label for label in equation.labels if label in equation.output]
    each = ceil(_LONG ** (1 / min(max(1, len(summed)), _MOST_SUMMED)))
    long = (*(each,) * _MOST_SUMMED, *(1,) * len(summed))
    few = (4, 3, 2, 2, 2, *(1,) * len(kept))
    return {**dict(zip(summed, long, strict=False)), **dict(zip(kept, few, strict=False))}


def _half_errors(
    before: Computation,
    after: Computation,
    operands: Sequence[torch.Tensor],
    compute: _Compute,
) -> Iterator[_Errors]:
    """The errors in half precision, judged by the roundings that they amount to."""
    dtype = operands[0].dtype
    info = torch.finfo(dtype)
    exact = [each.double() for each in operands]
    columns = zip(
        compute(before, operands, dtype),
        compute(after, operands, dtype),
        compute(before, exact, dtype),
        compute(before, [each.square() for each in exact], dtype, torch.square),
        strict=True,
    )
    for one, other, wanted, squares in columns:
        products = squares.sqrt()
        unit = torch.maximum(wanted.abs(), products) * info.eps / 2
        unit = unit.clamp(min=info.smallest_normal * info.eps / 2)
        errors, others = (each.double() - wanted for each in (one, other))
        is_sum = not torch.allclose(products, wanted.abs(), rtol=1e-9, atol=0)
        allowed = _ROUNDINGS if is_sum else len(operands) - 1
        limit = max(allowed * (1 + _SLACK), _OVER_ORIGINAL * _largest(errors / unit))
        is_fault = not _largest(others / unit) <= limit
        yield _Errors(_largest(errors), _largest(others), is_fault)


def _wide_errors(
    before: Computation,
    after: Computation,
    operands: Sequence[torch.Tensor],
    compute: _Compute,
) -> Iterator[_Errors]:
    """The errors in other dtypes, judged by the sums of absolute products."""
    dtype = operands[0].dtype
    exact = [each.to(_widest(dtype)) for each in operands]
    columns = zip(
        compute(before, operands, dtype),
        compute(after, operands, dtype),
        compute(before, exact, dtype),
        compute(before, [each.abs() for each in exact], dtype, torch.abs),
        strict=True,
    )
    unit = torch.finfo(dtype).eps if _has_gradients(dtype) else 0.0
    for one, other, wanted, bound in columns:
        errors, others = _distance(one, wanted), _distance(other, wanted)
        is_fault = not others <= _TOLERANCE * (errors + unit * _largest(bound))
        yield _Errors(errors, others, is_fault)


def _result(
    function: Computation,
    operands: Sequence[torch.Tensor],
    dtype: torch.dtype,
    of_cotangent: object = None,
) -> list[torch.Tensor]:
    return [function(*operands)]


def _result_and_gradients(
    function: Computation,
    operands: Sequence[torch.Tensor],
    dtype: torch.dtype,
    of_cotangent: Callable[[torch.Tensor], torch.Tensor] = lambda cotangent: cotangent,
) -> list[torch.Tensor]:
    """The result, and the gradients of all operands, for a cotangent that `dtype` holds."""
    leaves = [each.detach().requires_grad_() for each in operands]
    result = function(*leaves)
    (cotangent,) = random_operands([tuple(result.shape)], dtype, result.device)
    exact = cotangent.to(torch.promote_types(dtype, leaves[0].dtype))
    wanted = of_cotangent(exact).to(result.dtype)
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


def _has_gradients(dtype: torch.dtype) -> bool:
    return dtype.is_floating_point or dtype.is_complex


def _widest(dtype: torch.dtype) -> torch.dtype:
    if dtype.is_complex:
        return torch.complex128
    return torch.float64 if dtype.is_floating_point else torch.int64


def _distance(result: torch.Tensor, wanted: torch.Tensor) -> float:
    """The largest distance; integers overflow as their dtype does."""
    if not _has_gradients(result.dtype):
        wanted = wanted.to(result.dtype).to(wanted.dtype)
    return _largest(result.to(wanted.dtype) - wanted)


def _largest(tensor: torch.Tensor) -> float:
    return float(tensor.abs().max()) if tensor.numel() else 0.0
