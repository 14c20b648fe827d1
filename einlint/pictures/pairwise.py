"""The order of three and more operands as numbered steps, each of two operands or results."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from einlint.algebra.cost import Cost, left_to_right_cost
from einlint.algebra.equation import Equation, Subscripts
from einlint.algebra.order import best_order, steps

# Steps of longer orders fill a screen and say little.
_MOST_OPERANDS: Final = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """One step; its number is its place in the order, from 1.

    left, right: the number of an operand, or, below zero, that of an earlier step.
    labels: those of the result. gone: the indices that are summed here.
    """

    left: int
    right: int
    labels: Subscripts
    gone: Subscripts


@dataclass(frozen=True, slots=True)
class Order:
    """The steps, first to last; `is_best`: the sizes are known, and no order is cheaper."""

    pairs: tuple[Pair, ...]
    is_best: bool

    def step_of(self, label: str) -> int | None:
        """The number of the step that sums an index; None if none does."""
        numbers = (number for number, each in enumerate(self.pairs, 1) if label in each.gone)
        return next(numbers, None)


def order_of(equation: Equation, sizes: Mapping[str, int]) -> Order | None:
    """The best order if all sizes are known, else from left to right.

    None for fewer than three operands, and for more than a picture can show.
    """
    if not 2 < len(equation.inputs) <= _MOST_OPERANDS:
        return None
    is_known = all(label in sizes for label in equation.labels)
    best = best_order(equation, sizes) if is_known else None
    if best is not None:
        return Order(tuple(_pairs(best.cost, equation)), is_best=True)
    # Any size but 1 will do: the steps from left to right do not depend on the sizes.
    written = left_to_right_cost(equation, dict.fromkeys(equation.labels, 2))
    return Order(tuple(_pairs(written, equation)), is_best=False)


def _pairs(cost: Cost, equation: Equation) -> Iterator[Pair]:
    """The steps with numbers: each comes right behind those that it needs."""
    results: list[int] = []
    summed: set[str] = {*equation.output}
    for number, step in enumerate(steps(cost, equation), 1):
        right = step.right.number or -results.pop()
        left = step.left.number or -results.pop()
        results.append(number)
        involved = dict.fromkeys(step.left.labels + step.right.labels)
        # An axis of size 1 is no part of a result, though it is not summed.
        gone = tuple(each for each in involved if each not in {*step.labels, *summed})
        summed.update(gone)
        yield Pair(left, right, step.labels, gone)
