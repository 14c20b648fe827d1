"""Test a replacement on small whole numbers, where both sides must agree bit by bit."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import torch

from einlint.algebra.equation import Equation
from einlint.verify.case_sizes import distinct_sizes
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import Computation, Difference, compile_expression, differences
from einlint.verify.running.tensors import permuted, shapes_of, whole_numbers

_PROBED: Final = (
    *(torch.complex128, torch.float64, torch.float32, torch.bfloat16, torch.float16),
    *(torch.int64, torch.uint8),
)
_FAULTS: Final = {
    Difference.RAISES: "it raises",
    Difference.DTYPE: "another dtype",
    Difference.SHAPE: "another shape",
    Difference.VALUE: "other values",
    Difference.GRADIENT: "other gradients",
}
"""The differences that are faults, as text; another memory layout is not a fault."""


@dataclass(frozen=True, slots=True)
class ProbeFault:
    """What is wrong with a replacement, and the dtype of operands that show it."""

    text: str
    found: frozenset[Difference]
    dtype: torch.dtype


def find_right_reading(rewrite: FoundRewrite) -> tuple[str, ProbeFault | None]:
    """The first right reading of the replacement; else the first reading and its fault."""
    tried = ((reading, _find_fault(rewrite, reading)) for reading in rewrite.pair.readings)
    first = next(tried)
    if first[1] is None:
        return first
    return next((each for each in tried if each[1] is None), first)


def _find_fault(rewrite: FoundRewrite, replacement: str) -> ProbeFault | None:
    """Test a replacement on small operands, with a different size for every index.

    Tries all dtypes, operands with reversed axes in memory, and sizes 0 and 1 for each index.
    Operands that the original rejects are skipped.
    """
    pair = rewrite.pair
    before, after = (
        compile_expression(pair.original, pair.names),
        compile_expression(replacement, pair.names),
    )
    sizes = dict(distinct_sizes(pair.equation))
    for dtype in _PROBED:
        made = _operands(pair.equation, sizes, dtype)
        for operands in (made, [permuted(each) for each in made]):
            if _runs(before, operands) and (found := find_faults(before, after, operands)):
                return ProbeFault(describe(found), found, dtype)
    if not _runs(before, _operands(pair.equation, sizes, torch.float32)):
        return None  # the call does not run at all; its cases report why
    for label, size in product(sizes, (0, 1)):
        operands = _operands(pair.equation, {**sizes, label: size}, torch.float32)
        if _runs(before, operands) and (found := find_faults(before, after, operands)):
            text = f"{describe(found)}, where `{label}` has size {size}"
            return ProbeFault(text, found, torch.float32)
    return None


def find_faults(
    before: Computation, after: Computation, operands: Sequence[torch.Tensor]
) -> frozenset[Difference]:
    """The faults of a replacement on operands that the original accepts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # e.g. discarded imaginary parts; the report says it
            return differences(before, after, operands) & _FAULTS.keys()
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        # A gradient has another dtype, or an operand has no gradient.
        is_same = before(*operands).dtype == after(*operands).dtype
        return frozenset((Difference.GRADIENT if is_same else Difference.DTYPE,))


def describe(found: frozenset[Difference]) -> str:
    """The faults as text, always in the same order."""
    return ", ".join(text for each, text in _FAULTS.items() if each in found)


def _runs(function: Computation, operands: Sequence[torch.Tensor]) -> bool:
    try:
        function(*operands)
    except RuntimeError:
        return False
    return True


def _operands(
    equation: Equation, sizes: Mapping[str, int], dtype: torch.dtype
) -> list[torch.Tensor]:
    shapes = shapes_of(equation, sizes)
    return [whole_numbers(shape, dtype, seed) for seed, shape in enumerate(shapes, 1)]
