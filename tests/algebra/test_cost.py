"""Costs: against torch's own counter of products, and by hand for sums and `*`."""

import random
from collections import Counter

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from einlint.algebra.cost import Flops, left_to_right_cost
from einlint.algebra.equation import Equation, parse

SIZES = {"b": 3, "h": 2, "i": 5, "j": 7, "k": 11, "l": 13}


def counted(equation: Equation, sizes: dict[str, int]) -> int:
    """The FLOPs that torch counts for an equation, from left to right."""
    operands = [torch.ones([sizes[label] for label in term]) for term in equation.inputs]
    with torch.backends.opt_einsum.flags(enabled=False), FlopCounterMode(display=False) as counter:
        torch.einsum(str(equation), *operands)
    return int(counter.get_total_flops())


@pytest.mark.parametrize("text", ["ij,jk->ik", "bij,bjk->bik", "bhij,bhkj->bhik", "ij,jk,kl->il"])
def test_flops_of_products_are_those_that_torch_counts(text: str) -> None:
    equation = parse(text)
    flops = left_to_right_cost(equation, SIZES).flops
    assert flops == Flops(product=counted(equation, SIZES))


def test_products_of_a_thousand_random_equations_are_what_torch_counts() -> None:
    drawn = random.Random(0)
    kinds: Counter[tuple[bool, ...]] = Counter()
    for _ in range(1000):
        letters = "abcdef"[: drawn.randint(1, 6)]
        count = drawn.choice([1, 2, 2, 2, 3, 4])
        terms = [
            tuple(drawn.choices(letters, k=drawn.randint(0, 4)))  # with repeats: diagonals
            for _ in range(count)
        ]
        known = sorted({label for term in terms for label in term})
        output = tuple(drawn.sample(known, drawn.randint(0, len(known))))
        equation = Equation(tuple(terms), output)
        sizes = {label: drawn.choice([1, 2, 3, 5]) for label in known}
        flops = left_to_right_cost(equation, sizes).flops
        assert flops.product == counted(equation, sizes), (str(equation), sizes)
        kinds[bool(flops.product), bool(flops.multiply), bool(flops.sum)] += 1
    assert len(kinds) == 8, "every mixture of products, `*` and sums occurs"


@pytest.mark.parametrize(
    ("text", "flops"),
    [
        ("ij->ji", Flops()),
        ("ii->i", Flops()),
        ("ij->i", Flops(sum=35)),
        ("i,j->ij", Flops(multiply=35)),
        ("ij,ij->ij", Flops(multiply=35)),
        ("ij,j->ij", Flops(multiply=35)),
    ],
)
def test_flops_of_what_is_no_product_of_matrices(text: str, flops: Flops) -> None:
    sizes = {"i": 5, "j": 7}
    assert left_to_right_cost(parse(text), sizes).flops == flops


def test_an_index_of_one_operand_only_is_summed_first() -> None:
    cost = left_to_right_cost(parse("ij,kl->il"), dict.fromkeys("ijkl", 100))
    assert cost.flops == Flops(sum=2 * 100 * 100, multiply=100 * 100)
    mixed = left_to_right_cost(parse("bnsk,bnsh->bnsh"), dict.fromkeys("bnskh", 4))
    assert mixed.flops == Flops(sum=4**4, multiply=4**4)


def test_an_index_of_size_1_costs_nothing() -> None:
    assert left_to_right_cost(parse("ij,jk->ik"), {"i": 5, "j": 1, "k": 7}).flops == Flops(
        multiply=35
    )


def test_elements_and_intensity() -> None:
    cost = left_to_right_cost(parse("ij,jk->ik"), SIZES)
    assert cost.elements == 35 + 77 + 55
    assert cost.intensity(4) == pytest.approx(2 * 5 * 7 * 11 / (4 * 167))


def test_a_size_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        left_to_right_cost(parse("ij,jk->ik"), {"i": 2, "j": 3})
