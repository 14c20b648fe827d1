"""Test whether one call computes the same as an attention that is written by hand.

No softmax is exact. So the result and all gradients are compared with those of the chain in
float64: the error of the call may be some times as large as that of the chain in its own dtype,
plus some units in the last place of the result, times one and the largest score, because that is
what the rounding of scores does to their exponentials.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, TypeAlias

import torch

from einlint.algebra.equation import Equation
from einlint.linting.pairing import Pair
from einlint.source.sdpa.one_call.alone import Alone
from einlint.verify.case import Shapes
from einlint.verify.report import Comparison
from einlint.verify.running.accuracy import Rounding
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import FAILURES, Computation, Difference, compile_expression
from einlint.verify.running.pair_operands import ComparisonInputs, masks_of, operands_of
from einlint.verify.running.tensors import permuted, shapes_of

_TOLERANCE: Final = 4
_DTYPES: Final = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
# Sizes of the probes: all different, so that mixed-up axes show. Further axes have size 2.
_SIZES: Final[Mapping[str, int]] = {"b": 3, "h": 4, "n": 5, "m": 6, "d": 8, "e": 7}
# The axes of one head; all others are of the batch.
_OF_A_HEAD: Final = ("n", "m", "d", "e")
# Products of one contraction that are computed in float64 too.
_MOST_PRODUCTS: Final = 2**24
_NAMES: Final = (
    "the result",
    *(f"the gradient of the {each}" for each in ("query", "key", "value")),
)

Fault: TypeAlias = tuple[str, frozenset[Difference], torch.dtype]
"""What is wrong, as text and as differences, and the dtype of operands that show it."""


@dataclass(frozen=True, slots=True)
class _Sides:
    """The chain, the call, and the chain without its casts, for float64."""

    pair: Pair
    before: Computation
    after: Computation
    exact: Computation


def _sides(pair: Pair, replacement: str) -> _Sides:
    texts = (pair.original, replacement, _attention(pair).exact)
    return _Sides(pair, *(compile_expression(text, pair.names) for text in texts))


def _attention(pair: Pair) -> Alone:
    assert pair.attention is not None
    return pair.attention


def find_fault(pair: Pair, replacement: str) -> Fault | None:
    """Test the call on small operands: in all dtypes, with axes reversed in memory, of size 1.

    Operands that the chain rejects are skipped.
    """
    sides = _sides(pair, replacement)
    for shapes, where in _shapes(pair):
        dtypes = _DTYPES if not where else (torch.float32,)
        for dtype in dtypes:
            made = operands_of(pair, shapes, dtype, torch.device("cpu"))
            count = len(made) - len(masks_of(pair))
            for operands in (made, (*map(permuted, made[:count]), *made[count:])):
                if fault := _fault_of(sides, operands):
                    text, found = fault
                    return f"{text}{where}", frozenset((found,)), dtype
    return None


def _shapes(pair: Pair) -> Iterator[tuple[Shapes, str]]:
    sizes = {label: _SIZES.get(label, 2) for label in pair.equation.labels}
    yield shapes_of(pair.equation, sizes), ""
    for label in sizes:
        yield shapes_of(pair.equation, {**sizes, label: 1}), f", where `{label}` has size 1"


def _fault_of(sides: _Sides, operands: Sequence[torch.Tensor]) -> tuple[str, Difference] | None:
    try:
        result = sides.before(*operands)
    except RuntimeError:
        return None
    try:
        other = sides.after(*operands)
    except FAILURES as error:
        if is_out_of_memory(error):
            raise
        return f"it raises: {error}".splitlines()[0], Difference.RAISES
    if other.shape != result.shape:
        return "another shape", Difference.SHAPE
    if other.dtype != result.dtype:
        return "another dtype", Difference.DTYPE
    fault = _rounding(sides, operands).fault
    return None if fault is None else (fault, Difference.VALUE)


def compare_attention(pair: Pair, replacement: str, inputs: ComparisonInputs) -> Comparison:
    """Compare the call with the chain on inputs of one kind.

    Both run at the full sizes; errors are those of one head, if all would take long.

    Raises:
        RuntimeError: the chain does not run, or there is not enough memory.
    """
    sides = _sides(pair, replacement)
    operands = operands_of(pair, inputs.shapes, inputs.dtype, inputs.device)
    result = sides.before(*operands)
    try:
        other = sides.after(*operands)
    except FAILURES as error:
        if is_out_of_memory(error):
            raise
        raised = f"it raises: {error}".splitlines()[0]
        return Comparison(None, None, False, False, False, raised)
    same_shape, same_dtype = other.shape == result.shape, other.dtype == result.dtype
    found: Rounding | None = None
    fault = None if same_shape else "another shape"
    if same_shape:
        fault = None if same_dtype else "another dtype"
        part = _part(pair, inputs.shapes)
        found = _rounding(sides, operands_of(pair, part, inputs.dtype, inputs.exact_device))
        fault = fault or found.fault
    return Comparison(
        found.before if found else None,
        found.after if found else None,
        same_shape,
        same_dtype,
        result.stride() == other.stride(),
        fault,
    )


def _part(pair: Pair, shapes: Shapes) -> Shapes:
    """The shapes of one head, if computing all in float64 took too long."""
    terms = pair.equation.inputs
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for label, size in zip(term, shape, strict=True):
            sizes[label] = max(size, sizes.get(label, 1))
    if max(prod(sizes[each] for each in step.labels) for step in pair.steps) <= _MOST_PRODUCTS:
        return shapes
    return tuple(
        tuple(size if label in _OF_A_HEAD else 1 for label, size in zip(term, shape, strict=True))
        for term, shape in zip(terms, shapes, strict=True)
    )


def _rounding(sides: _Sides, operands: Sequence[torch.Tensor]) -> Rounding:
    """The errors of the results, and a fault if one of them or a gradient is too far off."""
    exact = [each.double() if each.is_floating_point() else each for each in operands]
    unit = torch.finfo(operands[0].dtype).eps * (1 + _largest_score(sides.pair, exact))
    columns = zip(
        _computed(sides.before, operands),
        _computed(sides.after, operands),
        _computed(sides.exact, exact),
        strict=True,
    )
    errors = [
        (_largest(one.double() - wanted), _largest(other.double() - wanted), _largest(wanted))
        for one, other, wanted in columns
    ]
    texts = (
        f"{name} is off by {after:.3g}, the original by {before:.3g}"
        for name, (before, after, size) in zip(_NAMES, errors, strict=True)
        if not after <= _TOLERANCE * (before + unit * size)
    )
    return Rounding(*errors[0][:2], next(texts, None))


def _computed(function: Computation, operands: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The result, and the gradients of query, key and value."""
    leaves = [each.detach().requires_grad_() for each in operands[:3]]
    result = function(*leaves, *operands[3:])
    generator = torch.Generator().manual_seed(0)
    cotangent = torch.randn(tuple(result.shape), generator=generator).to(result)
    gradients = torch.autograd.grad(result, leaves, cotangent, materialize_grads=True)
    return [result.detach(), *gradients]


def _largest_score(pair: Pair, operands: Sequence[torch.Tensor]) -> float:
    query, key = pair.equation.inputs[:2]
    key = tuple("m" if label == "n" else label for label in key)  # of a causal one both are n
    kept = dict.fromkeys(label for label in (*query, *key) if label != "d")
    scores = torch.einsum(str(Equation((query, key), tuple(kept))), *operands[:2])
    added = sum(_largest(each) for each in operands[3:] if each.is_floating_point())
    return abs(_attention(pair).scale) * _largest(scores) + added


def _largest(tensor: torch.Tensor) -> float:
    return float(tensor.abs().max()) if tensor.numel() else 0.0
