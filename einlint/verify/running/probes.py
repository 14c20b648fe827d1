"""Probes: small operands on which a replacement must equal the call bit by bit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from math import inf, nan, prod
from typing import Final, TypeAlias

import torch

from einlint.algebra.equation import ELLIPSIS, Equation
from einlint.algebra.operand_names import called, letters
from einlint.verify.case_sizes import distinct_sizes
from einlint.verify.running.tensors import (
    expanded,
    large_integers,
    permuted,
    shapes_of,
    strided,
    whole_numbers,
    with_one,
)

_DTYPES: Final = (
    *(torch.complex128, torch.float64, torch.float32, torch.bfloat16, torch.float16),
    *(torch.int64, torch.int32, torch.uint8, torch.bool),
)
_LAYOUTS: Final[Mapping[str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "with strided operands": strided,
    "with operands expanded along their first axis": lambda tensor: expanded(tensor, 0),
    "with operands expanded along their last axis": lambda tensor: expanded(tensor, -1),
}
# A value and its position; the second position is beside the diagonal.
_SPECIAL: Final = ((nan, 0), (nan, 1), (inf, 0), (-inf, 1))
_ELLIPSES: Final = ((), (3, 2))
# float32 and bfloat16 hold the product of all operands with this power of two, and its inverse.
_EXPONENT: Final = 110
# An equation of nine indices has 36 pairs; more indices have some of theirs.
_MOST_PAIRS: Final = 36
# Indices that may all have size 3.
_MOST_EQUAL: Final = 10
# Products of one contraction, so that a call of many indices is tested in a second.
_MOST_PRODUCTS: Final = 2**18

Sizes: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Probe:
    """Operands of both sides.

    where: what is special about them, after a fault: "where `i` has size 1".
    may_raise: the call computes something that the fix need not: an operand broadcasts, or the
        dtypes differ. An error there is loud, and is what the assumptions of fixes are about.
    has_gradients: whether gradients are exact too.
    """

    operands: Sequence[torch.Tensor]
    where: str = ""
    may_raise: bool = False
    has_gradients: bool = True

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the first operand."""
        return self.operands[0].dtype


def plain_operands(
    shapes: Sequence[Sequence[int]], dtype: torch.dtype = torch.float32
) -> list[torch.Tensor]:
    """Whole numbers, contiguous in memory."""
    return [whole_numbers(shape, dtype, seed) for seed, shape in enumerate(shapes, 1)]


def probe_sizes(equation: Equation) -> dict[str, int]:
    """A different size for every index; 1 for those of the longest equations, to stay small."""
    sizes: dict[str, int] = {}
    for label, size in distinct_sizes(equation):
        sizes[label] = size if size * prod(sizes.values()) <= _MOST_PRODUCTS else 1
    return sizes


def probes(equation: Equation, sizes: Sizes) -> Iterator[Probe]:
    """First all dtypes; then what is easily forgotten, mostly in float32."""
    shapes = shapes_of(equation, sizes)
    for dtype in _DTYPES:
        operands = plain_operands(shapes, dtype)
        yield Probe(operands)
        yield Probe([permuted(each) for each in operands])
    yield from _small(equation, sizes)
    for where, lay_out in _LAYOUTS.items():
        yield Probe([lay_out(each) for each in plain_operands(shapes)], where)
    if ELLIPSIS in equation.labels:
        for axes in _ELLIPSES:
            operands = plain_operands(shapes_of(equation, sizes, axes))
            yield Probe(operands, f"where `...` stands for {len(axes)} axes")
    yield from _special(shapes)
    yield from _broadcasting(equation, sizes)
    yield from _mixed(shapes)


def _small(equation: Equation, sizes: Sizes) -> Iterator[Probe]:
    """One index of size 0 or 1, two of size 1 at once, and all; and equal sizes."""
    chosen: list[tuple[tuple[str, ...], int]] = [
        ((label,), size) for label in sizes for size in (0, 1)
    ]
    chosen += [(pair, 1) for pair in islice(combinations(sizes, 2), _MOST_PAIRS)]
    if len(sizes) > 2:
        chosen.append((tuple(sizes), 1))
    if 1 < len(sizes) <= _MOST_EQUAL:
        square = plain_operands(shapes_of(equation, dict.fromkeys(sizes, 3)))
        yield Probe(square, "where all sizes are equal")
    for labels, size in chosen:
        small = {**sizes, **dict.fromkeys(labels, size)}
        names = " and ".join(f"`{label}`" for label in labels)
        has = "has" if len(labels) == 1 else "have"
        yield Probe(plain_operands(shapes_of(equation, small)), f"where {names} {has} size {size}")


def _special(shapes: Sequence[Sequence[int]]) -> Iterator[Probe]:
    """Values at the edges: not a number, infinite, very large and small, integers that wrap."""
    plain = [with_one(shape, 1, 0, seed) for seed, shape in enumerate(shapes, 1)]
    for number, (name, shape) in enumerate(zip(_called(shapes), shapes, strict=True)):
        for value, position in _SPECIAL:
            operands = list(plain)
            operands[number] = with_one(shape, value, position, number)
            where = f"where {name} holds {value}"
            yield Probe(operands, where, has_gradients=False)
    exponent = _EXPONENT // len(shapes)
    for dtype, sign in product((torch.float32, torch.bfloat16), (1, -1)):
        scaled = [each * 2.0 ** (sign * exponent) for each in plain_operands(shapes, dtype)]
        yield Probe(scaled, f"with {'large' if sign > 0 else 'tiny'} numbers")
    yield Probe(
        [large_integers(shape, seed) for seed, shape in enumerate(shapes)], "with large integers"
    )


def _called(operands: Sequence[object]) -> tuple[str, ...]:
    return called(letters(len(operands)), len(operands))


def _broadcasting(equation: Equation, sizes: Sizes) -> Iterator[Probe]:
    """One operand with size 1 where another has more, or with fewer axes for `...`."""
    names = _called(equation.inputs)
    for label in equation.labels:
        holders = [number for number, term in enumerate(equation.inputs) if label in term]
        for narrow in holders if len(holders) > 1 else []:
            shapes = list(shapes_of(equation, sizes, (3, 2)))
            fewer = shapes_of(equation, sizes, (2,))
            one = shapes_of(equation, {**sizes, label: 1}, (3, 2))
            shapes[narrow] = (fewer if label == ELLIPSIS else one)[narrow]
            where = f"where {names[narrow]} broadcasts along `{label}`"
            yield Probe(plain_operands(shapes), where, may_raise=True)
    yield from _crosswise(equation, sizes)


def _crosswise(equation: Equation, sizes: Sizes) -> Iterator[Probe]:
    """Two operands that broadcast along one index each: flattened, they have as many elements."""
    if len(equation.inputs) != 2:
        return
    both = [label for label in equation.labels if all(label in term for term in equation.inputs)]
    for first, second in islice(combinations(both, 2), _MOST_PAIRS):
        equal = {**sizes, first: 3, second: 3}
        left, right = (shapes_of(equation, {**equal, label: 1}) for label in (first, second))
        where = f"where the operands broadcast along `{first}` and `{second}`"
        yield Probe(plain_operands((left[0], right[1])), where, may_raise=True)


def _mixed(shapes: Sequence[Sequence[int]]) -> Iterator[Probe]:
    """Two dtypes at once; a tensor without axes has rules of its own for them."""
    if len(shapes) == 2 and all(shapes):
        for dtypes in ((torch.float32, torch.float64), (torch.float64, torch.float32)):
            operands = [whole_numbers(shapes[n], dtype, n) for n, dtype in enumerate(dtypes)]
            yield Probe(operands, "with operands of two dtypes", may_raise=True)
