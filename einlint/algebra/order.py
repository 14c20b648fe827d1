"""The order in which three and more operands are multiplied with the fewest FLOPs.

The search is exact for a few operands. For more it takes the cheapest pair again and again, and
for very many it gives up, so that its time is bounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import Final

from einlint.algebra.cost import Cost, Model, Part
from einlint.algebra.equation import Equation, Subscripts

# Time of the exact search: 3 ** operands. Of the search by pairs: operands ** 3.
_MOST_EXACT: Final = 8
_MOST_BY_PAIRS: Final = 26


@dataclass(frozen=True, slots=True)
class Factor:
    """One side of a step: its labels, and the number of the operand, from 1.

    number: None for the result of an earlier step.
    """

    labels: Subscripts
    number: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """Two parts that are multiplied, the labels of their product, and its FLOPs.

    The FLOPs include the sum over indices that only one operand has.
    """

    left: Factor
    right: Factor
    labels: Subscripts
    flops: int


@dataclass(frozen=True, slots=True)
class BestOrder:
    """An order with its cost; `is_exact`: no order of pairs has fewer FLOPs."""

    cost: Cost
    is_exact: bool


def best_order(equation: Equation, sizes: Mapping[str, int]) -> BestOrder | None:
    """The best order that the search finds; None if there are too many operands to search.

    Raises:
        KeyError: `sizes` lacks a label of the equation.
    """
    count = len(equation.inputs)
    if count > _MOST_BY_PAIRS:
        return None
    model = Model.of(equation, sizes)
    is_exact = count <= _MOST_EXACT
    written = reduce(model.joined, model.operands())  # pairs may miss what stands there already
    result = _exact(model) if is_exact else min(written, _by_pairs(model), key=_price)
    return BestOrder(model.cost(result), is_exact)


def steps(cost: Cost, equation: Equation) -> Iterator[Step]:
    """The steps of an order, first to last; the labels of operands are those of the equation."""
    pending: list[tuple[Part, bool]] = [(cost.result, False)]
    while pending:
        part, is_ready = pending.pop()
        if not part.halves:
            continue
        left, right = part.halves
        if not is_ready:
            pending += [(part, True), (right, False), (left, False)]
            continue
        before = sum(half.flops.total for half in part.halves if half.halves)
        factors = (_factor(left, equation), _factor(right, equation))
        is_last = part is cost.result
        labels = equation.output if is_last else part.labels
        yield Step(*factors, labels, part.flops.total - before)


def _factor(part: Part, equation: Equation) -> Factor:
    if part.halves:
        return Factor(part.labels, None)
    position = part.members.bit_length() - 1
    return Factor(equation.inputs[position], position + 1)


def _exact(model: Model) -> Part:
    """The best product of every subset of the operands, from small to large."""
    operands = model.operands()
    best = {operand.members: operand for operand in operands}
    for size in range(2, len(operands) + 1):
        for chosen in combinations(operands, size):
            members = sum(each.members for each in chosen)
            options = (model.joined(best[half], best[members ^ half]) for half in _halves(members))
            best[members] = min(options, key=_price)
    return best[sum(each.members for each in operands)]


def _halves(members: int) -> Iterator[int]:
    """Every way to split a set in two, given as the half with its first member."""
    first = members & -members
    rest = members ^ first
    half = (rest - 1) & rest
    while True:
        yield half | first
        if not half:
            return
        half = (half - 1) & rest


def _by_pairs(model: Model) -> Part:
    """Join the two parts whose product is the cheapest, until one is left."""
    parts = model.operands()
    while len(parts) > 1:
        pairs = combinations(parts, 2)
        chosen = min((model.joined(*pair) for pair in pairs), key=_own)
        parts = [each for each in parts if each not in chosen.halves]
        parts.append(chosen)
    return parts[0]


def _own(part: Part) -> int:
    """The FLOPs of the last step alone."""
    return part.flops.total - sum(half.flops.total for half in part.halves)


def _price(part: Part) -> tuple[int, int]:
    return part.flops.total, part.largest
