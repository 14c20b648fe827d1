"""Test a replacement on small operands of every kind, whatever is measured later."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.running.accuracy import ROUNDED, lost_accuracy
from einlint.verify.running.attention import find_fault
from einlint.verify.running.backend import is_out_of_memory
from einlint.verify.running.compare import Computation, Difference, compile_expression, differences
from einlint.verify.running.probes import Probe, plain_operands, probe_sizes, probes
from einlint.verify.running.tensors import shapes_of

FAULTS: Final = {
    Difference.RAISES: "it raises",
    Difference.TYPE: "no tensor like that of the call",
    Difference.CHANGED: "it changes an operand",
    Difference.RANDOM: "it draws random numbers",
    Difference.DTYPE: "another dtype",
    Difference.SHAPE: "another shape",
    Difference.VALUE: "other values",
    Difference.ALIAS: "the result shares memory with an operand",
    Difference.GRADIENT: "other gradients",
}
"""The differences that are faults, as text.

Another memory layout is not a fault, nor is a copy where the call gives a view.
"""


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

    Operands that the original rejects are skipped; if it rejects the plainest ones, it does not run
    here at all, and its cases report why.
    """
    pair = rewrite.pair
    if pair.attention is not None:
        found = find_fault(pair, replacement)
        return None if found is None else ProbeFault(*found)
    before, after = (
        compile_expression(pair.original, pair.names),
        compile_expression(replacement, pair.names),
    )
    sizes = probe_sizes(pair.equation)
    if not _runs(before, plain_operands(shapes_of(pair.equation, sizes))):
        return None
    for probe in probes(pair.equation, sizes):
        if fault := _fault_of(before, after, probe):
            return fault
    for dtype in ROUNDED:
        if text := lost_accuracy(before, after, pair.equation, dtype):
            return ProbeFault(text, frozenset((Difference.VALUE,)), dtype)
    return None


def _fault_of(before: Computation, after: Computation, probe: Probe) -> ProbeFault | None:
    try:
        found = differences(before, after, probe.operands, has_gradients=probe.has_gradients)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        return None
    if probe.may_raise and Difference.RAISES in found:
        return None
    text = faults_in(found)
    if not text:
        return None
    if Difference.TYPE in found:  # it has neither the shape nor the dtype
        found |= {Difference.SHAPE, Difference.DTYPE}
    return ProbeFault(
        ", ".join(filter(None, (text, probe.where))), found & FAULTS.keys(), probe.dtype
    )


def _runs(function: Computation, operands: Sequence[torch.Tensor]) -> bool:
    try:
        function(*operands)
    except RuntimeError:
        return False
    return True


def faults_in(found: frozenset[Difference]) -> str:
    """The faults among differences as text, always in the same order."""
    return ", ".join(text for each, text in FAULTS.items() if each in found)
