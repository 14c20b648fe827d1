"""Turn the trace records of a call into sizes and dtypes to measure, with their times."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from math import prod

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.linting.trace_evidence import Extent, extents_of, is_of
from einlint.trace.store import Row, Signature
from einlint.verify.dtypes import DTYPES
from einlint.verify.report import Occurrence, Recorded, Shapes


class UnmeasurableError(ValueError):
    """A recorded call cannot be measured; the message says why."""


def occurrences(equation: Equation, rows: Sequence[Row], device: str) -> tuple[Occurrence, ...]:
    """The recorded calls of a site that can be measured on a type of device.

    Raises:
        UnmeasurableError: none can.
    """
    found, obstacles = [], []
    for row in sorted(rows, key=lambda row: -row.seconds):
        try:
            found.append(_occurrence(equation, row, device))
        except UnmeasurableError as error:
            obstacles.append(error)
    if not found:
        raise obstacles[0] if obstacles else UnmeasurableError("this call is not in the trace")
    return tuple(found)


def merge_occurrences(found: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """Add up occurrences with equal sizes and dtype; most expensive first."""
    by_case: dict[object, Occurrence] = {}
    for occurrence in found:
        key = (occurrence.sizes, occurrence.shapes, occurrence.dtype)
        known, recorded = by_case.get(key), occurrence.recorded
        both = recorded if known is None else known.recorded.plus(recorded)
        by_case[key] = replace(occurrence, recorded=both)
    return tuple(sorted(by_case.values(), key=lambda each: -each.recorded.seconds))


def _occurrence(equation: Equation, row: Row, device: str) -> Occurrence:
    signature = row.signature
    if signature is None or not is_of(signature, equation):
        raise UnmeasurableError("the trace does not contain the operands of this call")
    shapes = _shapes(signature)
    places = {operand.device.partition(":")[0] for operand in signature.operands}
    if places != {device}:
        names = ", ".join(sorted(places))
        raise UnmeasurableError(f"it was recorded on {names}: measure it with --device {names}")
    sizes, are_all = _sizes(equation, signature)
    return Occurrence(
        sizes, None if are_all else shapes, _dtype(signature), Recorded(row.calls, row.seconds)
    )


def _dtype(signature: Signature) -> str:
    if signature.autocast is not None:
        raise UnmeasurableError("it was recorded under autocast")
    names = sorted({operand.dtype for operand in signature.operands})
    if len(names) != 1 or names[0] not in DTYPES:
        raise UnmeasurableError(f"it was recorded with {' and '.join(names)}")
    return names[0]


def _shapes(signature: Signature) -> Shapes:
    if signature.compiled:
        raise UnmeasurableError("it was recorded under torch.compile, which gives no times")
    shapes = []
    for operand in signature.operands:
        if operand.shape is None or None in operand.shape:
            raise UnmeasurableError("it was recorded with unknown sizes")
        shapes.append(tuple(size for size in operand.shape if size is not None))
    return tuple(shapes)


def _sizes(equation: Equation, signature: Signature) -> tuple[tuple[tuple[str, int], ...], bool]:
    """The size of every index, and whether these sizes give the shapes of all operands."""
    operands = extents_of(equation, signature)
    if operands is None:
        raise UnmeasurableError("it was recorded with operands that do not fit the equation")
    sizes, are_all = [], True
    for label in equation.labels:
        extents = [each[label] for each in operands if label in each]
        sizes.append((label, _broadcast(extents)))
        is_one_axis = label != ELLIPSIS or len(extents[0]) == 1
        are_all = are_all and len(set(extents)) == 1 and is_one_axis
    return tuple(sizes), are_all


def _broadcast(extents: Sequence[Extent]) -> int:
    """The number of elements along a label; an axis of size 1 takes the size of the others."""
    axes = zip_longest(*(reversed(each) for each in extents), fillvalue=1)
    return prod(next((size for size in axis if size not in (1, None)), 1) or 0 for axis in axes)
