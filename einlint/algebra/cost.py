"""The cost of a contraction: FLOPs, elements moved, and the best order of three or more operands.

A multiplication and an addition are one FLOP each, as torch.utils.flop_counter counts them for
matrix products (2 * batch * rows * columns * contracted). Moved elements are those that an ideal
kernel moves: it reads every operand once and writes the output once, without copies.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Final

from einlint.algebra.equation import Equation, Subscripts

# The search for the best order stops here: each further operand doubles the subsets.
_MOST_OPERANDS_SEARCHED: Final = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """FLOPs and moved elements of one way to compute an equation."""

    flops: int
    elements: int
    largest_intermediate: int

    def intensity(self, itemsize: int) -> float:
        """Arithmetic intensity in FLOPs per byte, for elements of `itemsize` bytes."""
        return self.flops / (self.elements * itemsize) if self.elements else 0.0


@dataclass(frozen=True, slots=True)
class _Partial:
    """The contraction of a subset of the operands."""

    labels: Subscripts
    flops: int
    largest: int


def left_to_right_cost(equation: Equation, sizes: Mapping[str, int]) -> Cost:
    """The cost in the order that torch uses without opt_einsum.

    Raises:
        KeyError: `sizes` lacks a label of the equation.
    """
    terms = equation.inputs
    partial = _Partial(terms[0], 0, 0)
    if len(terms) == 1:
        partial = _reduced(partial, equation, sizes)
    for position in range(1, len(terms)):
        later = terms[position + 1 :]
        right = _Partial(terms[position], 0, 0)
        partial = _joined(partial, right, later, equation.output, sizes)
    return _cost(equation, partial, sizes)


def best_cost(equation: Equation, sizes: Mapping[str, int]) -> Cost | None:
    """The cost of the pairwise order with the fewest FLOPs, for two or more operands.

    None above 8 operands.

    Raises:
        KeyError: `sizes` lacks a label of the equation.
    """
    count = len(equation.inputs)
    if count > _MOST_OPERANDS_SEARCHED:
        return None
    best: dict[frozenset[int], _Partial] = {
        frozenset((position,)): _Partial(term, 0, 0)
        for position, term in enumerate(equation.inputs)
    }
    for size in range(2, count + 1):
        for chosen in map(frozenset, combinations(range(count), size)):
            later = tuple(term for at, term in enumerate(equation.inputs) if at not in chosen)
            options = (
                _joined(best[one], best[other], later, equation.output, sizes)
                for one, other in _splits(chosen)
            )
            best[chosen] = min(options, key=lambda partial: (partial.flops, partial.largest))
    return _cost(equation, best[frozenset(range(count))], sizes)


def _splits(chosen: frozenset[int]) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    members = sorted(chosen)
    for size in range(1, len(members) // 2 + 1):
        for part in map(frozenset, combinations(members, size)):
            yield part, chosen - part


def _joined(
    left: _Partial,
    right: _Partial,
    later: tuple[Subscripts, ...],
    output: Subscripts,
    sizes: Mapping[str, int],
) -> _Partial:
    needed = {label for term in (*later, output) for label in term}
    involved = tuple(dict.fromkeys(left.labels + right.labels))
    kept = tuple(label for label in involved if label in needed)
    per_element = 2 if len(kept) < len(involved) else 1
    flops = left.flops + right.flops + per_element * _elements(involved, sizes)
    produced = _elements(kept, sizes) if later else 0
    return _Partial(kept, flops, max(left.largest, right.largest, produced))


def _reduced(partial: _Partial, equation: Equation, sizes: Mapping[str, int]) -> _Partial:
    """One operand: one addition for every element that is read; a view costs nothing."""
    summed = set(partial.labels) - set(equation.output)
    flops = _elements(tuple(dict.fromkeys(partial.labels)), sizes) if summed else 0
    return _Partial(equation.output, flops, 0)


def _cost(equation: Equation, partial: _Partial, sizes: Mapping[str, int]) -> Cost:
    moved = sum(_elements(term, sizes) for term in (*equation.inputs, equation.output))
    return Cost(partial.flops, moved, partial.largest)


def _elements(labels: Subscripts, sizes: Mapping[str, int]) -> int:
    return prod(sizes[label] for label in labels)
