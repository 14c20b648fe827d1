"""Is a replacement right on small whole numbers? There both sides must agree to the bit."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import torch

from einlint.algebra.equation import Equation
from einlint.verify.found import Rewrite
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import Computation, Difference, compiled, differences
from einlint.verify.running.operands import permuted, shapes_of, whole_numbers
from einlint.verify.sizes import distinct_sizes

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
"""The differences that are faults, in words; the layout in memory is none."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a replacement, and the dtype of the operands that show it."""

    text: str
    found: frozenset[Difference]
    dtype: torch.dtype


def right_reading(rewrite: Rewrite) -> tuple[str, Fault | None]:
    """The reading of the replacement that is right, or the first one with what is wrong."""
    tried = ((reading, _fault_of(rewrite, reading)) for reading in rewrite.pair.readings)
    first = next(tried)
    if first[1] is None:
        return first
    return next((each for each in tried if each[1] is None), first)


def _fault_of(rewrite: Rewrite, replacement: str) -> Fault | None:
    """What is wrong with a replacement on small operands, no two indices of one size.

    All dtypes are tried, operands whose axes lie the other way round in memory, and each index
    with sizes 0 and 1 in all operands. What the original does not take is passed over.
    """
    pair = rewrite.pair
    before, after = compiled(pair.original, pair.names), compiled(replacement, pair.names)
    sizes = dict(distinct_sizes(pair.equation))
    for dtype in _PROBED:
        made = _operands(pair.equation, sizes, dtype)
        for operands in (made, [permuted(each) for each in made]):
            if _runs(before, operands) and (found := faults(before, after, operands)):
                return Fault(in_words(found), found, dtype)
    if not _runs(before, _operands(pair.equation, sizes, torch.float32)):
        return None  # it does not run here at all; its cases tell why
    for label, size in product(sizes, (0, 1)):
        operands = _operands(pair.equation, {**sizes, label: size}, torch.float32)
        if _runs(before, operands) and (found := faults(before, after, operands)):
            text = f"{in_words(found)}, where `{label}` has size {size}"
            return Fault(text, found, torch.float32)
    return None


def faults(
    before: Computation, after: Computation, operands: Sequence[torch.Tensor]
) -> frozenset[Difference]:
    """The faults that show on operands which the original takes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a replacement loses is told in our words
            return differences(before, after, operands) & _FAULTS.keys()
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        # Gradients of another dtype do not fit, or an operand has none.
        is_same = before(*operands).dtype == after(*operands).dtype
        return frozenset((Difference.GRADIENT if is_same else Difference.DTYPE,))


def in_words(found: frozenset[Difference]) -> str:
    """Some faults, in one order."""
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
