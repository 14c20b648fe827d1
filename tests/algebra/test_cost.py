"""Costs: against torch's own counter, and the best order against brute force."""

import itertools

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from einlint.algebra.cost import best_cost, left_to_right_cost
from einlint.algebra.equation import parse

SIZES = {"b": 3, "h": 2, "i": 5, "j": 7, "k": 11, "l": 13}


@pytest.mark.parametrize("text", ["ij,jk->ik", "bij,bjk->bik", "bhij,bhkj->bhik", "ij,jk,kl->il"])
def test_flops_are_those_that_torch_counts(text: str) -> None:
    equation = parse(text)
    operands = [torch.ones([SIZES[label] for label in term]) for term in equation.inputs]
    with FlopCounterMode(display=False) as counter:
        torch.einsum(text, *operands)
    assert left_to_right_cost(equation, SIZES).flops == counter.get_total_flops()


@pytest.mark.parametrize(
    ("text", "flops"), [("ij->ji", 0), ("ij->i", 35), ("i,j->ij", 35), ("ij,ij->ij", 35)]
)
def test_flops_of_what_is_no_product_of_matrices(text: str, flops: int) -> None:
    assert left_to_right_cost(parse(text), SIZES).flops == flops


def test_elements_and_intensity() -> None:
    cost = left_to_right_cost(parse("ij,jk->ik"), SIZES)
    assert cost.elements == 35 + 77 + 55
    assert cost.intensity(4) == pytest.approx(2 * 5 * 7 * 11 / (4 * 167))


@pytest.mark.parametrize("order", list(itertools.permutations(["ij", "jk", "kl"])))
def test_best_order_does_not_depend_on_how_it_is_written(order: tuple[str, ...]) -> None:
    sizes = {"i": 2, "j": 100, "k": 100, "l": 1}
    best = best_cost(parse(f"{','.join(order)}->il"), sizes)
    assert best is not None
    assert best.flops == 2 * 100 * 100 + 2 * 2 * 100
    assert best.flops <= left_to_right_cost(parse(f"{','.join(order)}->il"), sizes).flops


def test_the_search_ends_above_eight_operands() -> None:
    letters = "abcdefghij"
    chain = ",".join(a + b for a, b in itertools.pairwise(letters))
    assert best_cost(parse(f"{chain}->aj"), dict.fromkeys(letters, 2)) is None
