"""Turn the trace records of a call into sizes and dtypes to measure, with their times."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from math import prod
from typing import Final

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.linting.trace_evidence import Extent, extents_of, is_of
from einlint.trace.store import META, Row, Signature, Size, SizeRange
from einlint.verify.case import Occurrence, Recorded, Shapes
from einlint.verify.dtypes import DTYPES

RAISED: Final = "the calls raised"


class UnmeasurableError(ValueError):
    """A recorded call cannot be measured; the message says why."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The recorded calls of a site: those to measure, and why the others cannot be."""

    found: tuple[Occurrence, ...]
    obstacles: tuple[tuple[Row, str], ...]

    @property
    def reasons(self) -> Mapping[int, str]:
        """Why lines cannot be measured, by their identity."""
        return {id(row): reason for row, reason in self.obstacles}

    def require(self) -> tuple[Occurrence, ...]:
        """Those to measure.

        Raises:
            UnmeasurableError: there are none.
        """
        if self.found:
            return self.found
        reasons = (reason for _, reason in self.obstacles)
        raise UnmeasurableError(next(reasons, "this call is not in the trace"))


def occurrences(equation: Equation, rows: Sequence[Row], device: str) -> Occurrences:
    """Divide the recorded calls of a site: what can be measured on a type of device, and what not.

    Both parts are sorted by time. Sizes that are ranges are measured in their middle.
    """
    found, obstacles = [], []
    for row in sorted(rows, key=lambda row: -row.seconds):
        try:
            found.append(_occurrence(equation, row, device))
        except UnmeasurableError as error:
            obstacles.append((row, str(error)))
    return Occurrences(tuple(found), tuple(obstacles))


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
    if signature is None:
        raise UnmeasurableError("too many signatures: the trace does not have the operands")
    if not row.calls:
        raise UnmeasurableError(RAISED)
    if not is_of(signature, equation):
        raise UnmeasurableError("it was recorded with another equation")
    shapes = _shapes(signature)
    places = {operand.device.partition(":")[0] for operand in signature.operands}
    if META in places:
        raise UnmeasurableError("it was recorded on meta tensors, which have no values")
    if places != {device}:
        names = ", ".join(sorted(places))
        way_out = f": measure it with --device {names}" if len(places) == 1 else ""
        raise UnmeasurableError(f"it was recorded on {names}{way_out}")
    sizes, are_all = _sizes(equation, _in_the_middle(signature))
    recorded = Recorded(
        *(row.calls, row.seconds, row.first_calls, row.first_seconds),
        tuple(_ranges(equation, signature)),
    )
    return Occurrence(sizes, None if are_all else shapes, _dtype(signature), recorded)


def _in_the_middle(signature: Signature) -> Signature:
    """The signature with the middle of each range; one label has the same one in all operands."""
    operands = (
        replace(each, shape=None if each.shape is None else tuple(map(_middle, each.shape)))
        for each in signature.operands
    )
    return replace(signature, operands=tuple(operands))


def _middle(size: Size) -> int | None:
    return (size.low + size.high) // 2 if isinstance(size, SizeRange) else size


def _ranges(equation: Equation, signature: Signature) -> Iterator[tuple[str, int, int]]:
    """Each label whose size is a range, with its bounds; for `...` those of each axis."""
    seen: dict[tuple[str, int, int], None] = {}
    for extents in extents_of(equation, signature) or ():
        for label, sizes in extents.items():
            seen |= {(label, *each): None for each in sizes if isinstance(each, SizeRange)}
    yield from seen


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
        middles = map(_middle, operand.shape)
        shapes.append(tuple(size for size in middles if size is not None))
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
    known = ([_middle(size) for size in reversed(each)] for each in extents)
    axes = zip_longest(*known, fillvalue=1)
    return prod(next((size for size in axis if size not in (1, None)), 1) or 0 for axis in axes)
