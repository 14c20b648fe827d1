"""The best order: against all orders, and within a bounded time."""

import itertools
import random
from time import process_time

import pytest

from einlint.algebra.cost import Model, Part, left_to_right_cost
from einlint.algebra.equation import Equation, parse
from einlint.algebra.order import BestOrder, best_order, steps


def found(equation: Equation, sizes: dict[str, int]) -> BestOrder:
    best = best_order(equation, sizes)
    assert best is not None
    return best


@pytest.mark.parametrize("order", list(itertools.permutations(["ij", "jk", "kl"])))
def test_best_order_does_not_depend_on_how_it_is_written(order: tuple[str, ...]) -> None:
    sizes = {"i": 2, "j": 100, "k": 100, "l": 1}
    equation = parse(f"{','.join(order)}->il")
    best = found(equation, sizes)
    assert best.is_exact
    # `l` has size 1, so `k` is contracted first: 100 x 100 with a vector.
    assert best.cost.flops.total == 2 * 100 * 100 + 2 * 2 * 100
    assert best.cost.flops.total <= left_to_right_cost(equation, sizes).flops.total


def cheapest(model: Model, parts: list[Part]) -> int:
    """The fewest FLOPs of all orders of pairs, tried one by one."""
    if len(parts) == 1:
        return parts[0].flops.total
    return min(
        cheapest(model, [model.joined(*pair), *(each for each in parts if each not in pair)])
        for pair in itertools.combinations(parts, 2)
    )


def test_no_order_is_better_than_the_best() -> None:
    drawn = random.Random(1)
    for _ in range(60):
        letters = "abcde"
        terms = tuple(tuple(drawn.sample(letters, drawn.randint(1, 3))) for _ in range(4))
        known = sorted({label for term in terms for label in term})
        equation = Equation(terms, tuple(drawn.sample(known, drawn.randint(0, len(known)))))
        sizes = {label: drawn.choice([1, 2, 10, 50]) for label in known}
        model = Model.of(equation, sizes)
        best = found(equation, sizes)
        assert best.cost.flops.total == cheapest(model, model.operands()), str(equation)
        total = sum(step.flops for step in steps(best.cost, equation))
        lonely = sum(each.flops.total for each in model.operands())
        assert total == best.cost.flops.total >= lonely


def test_the_steps_of_k13() -> None:
    equation = parse("ki,k,kj,k->ij")
    best = found(equation, {"k": 10_000, "i": 100, "j": 100})
    assert [
        (step.left.number, step.right.number, "".join(step.labels), step.flops)
        for step in steps(best.cost, equation)
    ] == [(2, 4, "k", 10_000), (1, None, "ki", 1_000_000), (None, 3, "ij", 200_000_000)]


@pytest.mark.parametrize(("count", "is_exact"), [(8, True), (9, False), (26, False)])
def test_the_search_is_bounded(count: int, is_exact: bool) -> None:
    start = process_time()
    letters = "abcdefghijklmnopqrstuvwxyzA"
    chain = ",".join(map("".join, itertools.pairwise(letters[: count + 1])))
    equation, sizes = parse(f"{chain}->a{letters[count]}"), dict.fromkeys(letters, 2)
    best = found(equation, sizes)
    assert best.is_exact == is_exact
    assert best.cost.flops.total <= left_to_right_cost(equation, sizes).flops.total
    assert process_time() - start < 5


def test_above_26_operands_nothing_is_searched() -> None:
    assert best_order(parse(f"{','.join(27 * 'a')}->a"), {"a": 2}) is None
    many = parse(f"{','.join(3000 * ['ab'])}->a")
    assert left_to_right_cost(many, {"a": 2, "b": 3}).flops.product == 2 * 2 * 3
    assert len(list(steps(left_to_right_cost(many, {"a": 2, "b": 3}), many))) == 2999
