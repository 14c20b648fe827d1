"""The cost of a contraction, step by step as torch.einsum computes it.

An index of one operand only that the output lacks is summed first. Two operands that share an index
which nothing needs any more are multiplied by `torch.bmm`, others by `*`. An index of size 1 needs
no step. In a product a multiplication and an addition are one FLOP each, as in
torch.utils.flop_counter, which counts only products; a sum is one FLOP for each element that it
reads, `*` one for each element that it writes. Source: `einsum` and `sumproduct_pair` in
aten/src/ATen/native/Linear.cpp; `tests/algebra/test_cost.py` compares with torch's counter.

Moved elements are those that an ideal kernel moves: it reads every operand once and writes the
output once, without copies and intermediates. This is a model: torch moves more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod

from einlint.algebra.equation import Equation, Subscripts


@dataclass(frozen=True, slots=True)
class Flops:
    """FLOPs by what they are spent on: `torch.bmm`, `*`, and sums before a product."""

    product: int = 0
    multiply: int = 0
    sum: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.product + self.multiply + self.sum

    def __add__(self, other: "Flops") -> "Flops":
        return Flops(
            self.product + other.product, self.multiply + other.multiply, self.sum + other.sum
        )


@dataclass(frozen=True, slots=True)
class Part:
    """An operand, or what has been computed from several.

    members: a bit for each operand that is in it. labels: its axes that are not 1.
    flops: what it took to compute it. largest: the elements of its largest intermediate.
    halves: the two parts that it was computed from; empty for an operand.
    """

    members: int
    labels: Subscripts
    flops: Flops = Flops()
    largest: int = 0
    halves: tuple["Part", ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What one order of the operands costs: FLOPs, and elements moved in and out.

    result: how the result is computed; its halves lead back to the operands.
    """

    flops: Flops
    elements: int
    largest_intermediate: int
    result: Part

    def intensity(self, itemsize: int) -> float:
        """Arithmetic intensity in FLOPs per byte, for elements of `itemsize` bytes."""
        return self.flops.total / (self.elements * itemsize) if self.elements else 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """An equation with the sizes of its indices; computes the cost of joining parts of it.

    holders: index -> a bit for each operand that has it.
    """

    equation: Equation
    sizes: Mapping[str, int]
    holders: Mapping[str, int]

    @classmethod
    def of(cls, equation: Equation, sizes: Mapping[str, int]) -> "Model":
        """The model of an equation.

        Raises:
            KeyError: `sizes` lacks a label of the equation.
        """
        known = {label: sizes[label] for label in equation.labels}
        holders = dict.fromkeys(known, 0)
        for position, term in enumerate(equation.inputs):
            for label in term:
                holders[label] |= 1 << position
        return cls(equation, known, holders)

    def operands(self) -> list[Part]:
        """Every operand after the sum over the indices that only it has."""
        return [self._operand(position) for position in range(len(self.equation.inputs))]

    def joined(self, left: Part, right: Part) -> Part:
        """The product of two parts, summed over what nothing else needs."""
        members = left.members | right.members
        involved = tuple(dict.fromkeys(left.labels + right.labels))
        kept = tuple(label for label in involved if self._is_needed(label, members))
        count = self._elements(involved)
        # `torch.bmm` multiplies and adds once for each element of all its indices together.
        here = Flops(product=2 * count) if len(kept) < len(involved) else Flops(multiply=count)
        is_last = members == (1 << len(self.equation.inputs)) - 1
        produced = 0 if is_last else self._elements(kept)
        largest = max(left.largest, right.largest, produced)
        return Part(members, kept, left.flops + right.flops + here, largest, (left, right))

    def cost(self, result: Part) -> Cost:
        """The cost of the whole equation, computed as `result` says."""
        terms = (*self.equation.inputs, self.equation.output)
        return Cost(result.flops, sum(map(self._elements, terms)), result.largest, result)

    def _operand(self, position: int) -> Part:
        members = 1 << position
        labels = tuple(
            label
            for label in dict.fromkeys(self.equation.inputs[position])
            if self.sizes[label] != 1
        )
        kept = tuple(label for label in labels if self._is_needed(label, members))
        summed = self._elements(labels) if len(kept) < len(labels) else 0
        return Part(members, kept, Flops(sum=summed))

    def _is_needed(self, label: str, members: int) -> bool:
        """Whether the output, or an operand outside of `members`, has the label."""
        return bool(self.holders[label] & ~members) or label in self.equation.output

    def _elements(self, labels: Iterable[str]) -> int:
        return prod(self.sizes[label] for label in labels)


def left_to_right_cost(equation: Equation, sizes: Mapping[str, int]) -> Cost:
    """The cost in the order that torch uses without opt_einsum.

    Raises:
        KeyError: `sizes` lacks a label of the equation.
    """
    model = Model.of(equation, sizes)
    return model.cost(reduce(model.joined, model.operands()))
