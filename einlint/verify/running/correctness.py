"""Test whether a replacement is right at the sizes of a case.

Where the arithmetic is exact, both results must be equal; elsewhere rounding may differ a little.
"""

import torch

from einlint.verify.case import Shapes
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.report import Comparison
from einlint.verify.running.accuracy import HALF, Rounding, affordable, far_apart, rounding
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import (
    EXACT,
    FAILURES,
    Computation,
    Difference,
    compile_expression,
    differences,
)
from einlint.verify.running.pair_operands import ComparisonInputs
from einlint.verify.running.probe import FAULTS, faults_in
from einlint.verify.running.runnable import random_operands
from einlint.verify.running.tensors import whole_numbers


def compare_sides(rewrite: FoundRewrite, replacement: str, inputs: ComparisonInputs) -> Comparison:
    """Compare a replacement with the original on inputs of one kind.

    Both run at the full sizes. The errors against float64 are those of a part of the result, if the
    whole would take long.

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
        return _unlike(f"it raises: {error}".splitlines()[0])
    if not isinstance(other, torch.Tensor):
        return _unlike(FAULTS[Difference.TYPE])
    fault = _fault_on_whole_numbers(before, after, inputs)
    errors: Rounding | None = None
    if other.shape == result.shape:
        part = affordable(pair.equation, inputs.shapes)
        try:
            errors = _rounding_of(before, after, inputs, part)
            fault = fault or errors.fault
        except FAILURES as error:
            if fault is None or is_out_of_memory(error):
                raise
        if part != inputs.shapes and inputs.dtype in HALF:
            fault = fault or far_apart(result, other)
    return Comparison(
        errors.before if errors else None,
        errors.after if errors else None,
        result.shape == other.shape,
        result.dtype == other.dtype,
        result.stride() == other.stride(),
        fault,
    )


def _unlike(fault: str) -> Comparison:
    """There is no result to compare."""
    return Comparison(None, None, False, False, False, fault)


def _fault_on_whole_numbers(
    before: Computation, after: Computation, inputs: ComparisonInputs
) -> str | None:
    """Compare values only where sums of this length are exact, and everything else always."""
    dtype = inputs.dtype
    operands = [
        whole_numbers(shape, dtype, seed).to(inputs.device)
        for seed, shape in enumerate(inputs.shapes)
    ]
    found = differences(before, after, operands)
    is_exact = dtype in EXACT or not dtype.is_floating_point
    return faults_in(found if is_exact else found - {Difference.VALUE}) or None


def _rounding_of(
    before: Computation, after: Computation, inputs: ComparisonInputs, part: Shapes
) -> Rounding:
    """The errors at some shapes; at those of the case if the replacement takes no others."""
    operands = random_operands(part, inputs.dtype, inputs.exact_device)
    try:
        return rounding(before, after, operands)
    except FAILURES as error:
        if is_out_of_memory(error) or part == inputs.shapes:
            raise
    return rounding(
        before, after, random_operands(inputs.shapes, inputs.dtype, inputs.exact_device)
    )
