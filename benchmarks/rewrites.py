"""Measure how much faster each rewrite is than einsum, in interleaved runs.

    python benchmarks/rewrites.py [--size i=64,j=32]... [--backward] [EQUATION ...]

For every equation and size it runs the call and its replacement (the text that a fix would write)
in turn, A B A B ..., and prints the median of the paired ratios einsum / replacement: above 1 the
replacement is faster. One thread, float32, CPU. Ratios between 0.85 and 1.2 are noise. With
--backward it computes the gradients of all operands too. If the fix writes something else where
batch sizes are proved equal, that has its own row. `--size h=8:1` gives an index size 8 in the
first operand and size 1 in the second, where it broadcasts.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, parse
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    GRANTED_BY_DEFAULT,
    PURE_OPERANDS,
    Evidence,
)
from einlint.rewriting.choose import best_plan, unmet
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell

EQUATIONS = (
    "i,i->",
    "ij,j->i",
    "j,ij->i",
    "ij,i->j",
    "bij,j->bi",
    "bij,i->bj",
    "bhij,j->bhi",
    "ik,kj->ij",
    "ik,jk->ij",
    "ki,kj->ij",
    "ik,kj->ji",
    "bij,bjk->bik",
    "bhqd,bhkd->bhqk",
    "bhqk,bhkd->bhqd",
    "bhqd,bhkd->bhkq",
    "bij,jk->bik",
    "bij,kj->bik",
    "bji,jk->bik",
    "oi,bti->bto",
    "ij,bjk->bik",
    "bij,jk->bki",
    "bqhd,bkhd->bhqk",
    "bhqk,bkhd->bqhd",
    "i,j->ij",
    "bi,bj->bij",
    "ij,ij->ij",
    "ij,j->ij",
    "ij->ji",
    "ij->i",
    "ii->",
    "ij,ij->",
    "bij,bj->bi",
    "bi,bi->b",
)
Sizes: TypeAlias = tuple[int, ...]
"""The size of an index in each operand in turn; the last one applies to all further operands."""

# Pairs of batch size and size of all other indices.
SIZES = {"tiny (8)": (8, 8), "32": (8, 32), "128": (8, 128), "64 x batch 64": (64, 64)}
SECONDS = 0.15
SETTLING_RUNS = 3


def main() -> None:
    """Print one row for each equation."""
    parser = argparse.ArgumentParser(description="Ratios einsum / replacement.")
    parser.add_argument("equations", nargs="*", default=EQUATIONS)
    parser.add_argument(
        "--size", action="append", default=[], help="measure at these sizes only: i=64,j=32"
    )
    parser.add_argument("--backward", action="store_true", help="measure the gradients too")
    options = parser.parse_args()
    given = [_numbers(text) for text in options.size]
    torch.set_num_threads(1)
    columns = options.size or list(SIZES)
    header = "".join(f"{name:>{_width(name)}}" for name in columns)
    print(f"{'equation':<18}{'replacement':<58}{'--fix':<8}{header}")
    for text in options.equations:
        contraction = contraction_of(parse(text))
        choices = given or [_by_role(contraction, *each) for each in SIZES.values()]
        named = dict(zip(columns, choices, strict=True))
        is_equal = all(len(set(size)) == 1 for choice in choices for size in choice.values())
        for source, safety in _replacements(contraction, is_equal).items():
            ratios = _ratios(contraction.equation, source, named, options.backward)
            print(f"{text:<18}{source:<58}{safety:<8}{ratios}", flush=True)


def _numbers(text: str) -> dict[str, Sizes]:
    """The sizes of each index: one number for both operands, or one for each."""
    pairs = (part.split("=") for part in text.split(","))
    return {label: tuple(map(int, size.split(":"))) for label, size in pairs}


def _replacements(contraction: Contraction, is_equal: bool) -> dict[str, str]:
    """Replacement -> safety: what --fix writes, also where batch sizes are proved equal."""
    named = {PURE_OPERANDS: Evidence("names")}
    equal = {**named, BATCH_SIZES_EQUAL: Evidence("sizes by index")}
    found = {}
    for evidence in (named, equal) if is_equal else (named,):
        plan = best_plan(contraction, evidence, GRANTED_BY_DEFAULT)
        if plan is not None:
            names = operand_names(len(contraction.equation.inputs))
            source = spell(plan.expression, names, Style(), "torch").source
            open_to_proof = unmet(plan.assumptions, GRANTED_BY_DEFAULT)
            found.setdefault(source, "unsafe" if open_to_proof else "safe")
    return found


def _ratios(
    equation: Equation,
    source: str,
    choices: Mapping[str, Mapping[str, Sizes]],
    with_gradients: bool,
) -> str:
    return "".join(
        f"{ratio(equation, source, sizes, with_gradients):>{_width(name)}.2f}"
        for name, sizes in choices.items()
    )


def _width(name: str) -> int:
    return max(15, len(name) + 1)


def _by_role(contraction: Contraction, batch: int, size: int) -> dict[str, Sizes]:
    """The leading indices of operands with three or more get the batch size."""
    equation = contraction.equation
    longest = max(equation.inputs, key=len)
    leading = {*contraction.roles.batch, *longest[:-2]}
    return {label: (batch if label in leading else size,) for label in equation.labels}


def ratio(
    equation: Equation, source: str, sizes: Mapping[str, Sizes], with_gradients: bool
) -> float:
    """The median of paired ratios einsum / replacement."""
    operands = [
        torch.randn(
            [sizes[label][:position][-1] for label in term if label != ELLIPSIS],
            requires_grad=with_gradients,
        )
        for position, term in enumerate(equation.inputs, 1)
    ]
    replacement: Callable[..., torch.Tensor] = eval(f"lambda a, b=None: {source}", {"torch": torch})

    def original(*tensors: torch.Tensor) -> torch.Tensor:
        return torch.einsum(str(equation), *tensors)

    repeats = max(1, round(0.002 / seconds(original, operands, 1)))
    ratios = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(ratios) < SETTLING_RUNS + 5:
        ratios.append(
            seconds(original, operands, repeats) / seconds(replacement, operands, repeats)
        )
    return statistics.median(ratios[SETTLING_RUNS:])


def seconds(
    function: Callable[..., torch.Tensor], operands: list[torch.Tensor], runs: int
) -> float:
    """The time of several runs, with gradients if the operands require them."""
    start = time.perf_counter()
    for _ in range(runs):
        result = function(*operands)
        if result.requires_grad:
            torch.autograd.grad(result, operands, torch.ones_like(result))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
