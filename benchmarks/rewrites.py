"""How much faster each rewrite is than its einsum: ratios from interleaved runs.

    python benchmarks/rewrites.py [EQUATION ...]

For every equation and size the call and its replacement (the text that a fix would write) run
in turn, A B A B ..., and the median of the paired ratios einsum / replacement is printed: above
1 the replacement is faster. One thread, float32, CPU. Ratios between 0.85 and 1.2 are noise.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator

import torch

from einlint.algebra.contraction import Contraction, contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, parse
from einlint.assumptions import GRANTED_BY_DEFAULT, PURE_OPERANDS, Evidence
from einlint.dialects.style import Style
from einlint.dialects.text import operand_names
from einlint.dialects.torch import spell
from einlint.planning.choose import best_plan, unmet

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
# The size of every index but batch ones, which are 8; batch 64 in the last column.
SIZES = {"tiny (8)": (8, 8), "32": (8, 32), "128": (8, 128), "64 x batch 64": (64, 64)}
SECONDS = 0.15
SETTLING_RUNS = 3


def main() -> None:
    """Print one row an equation."""
    torch.set_num_threads(1)
    header = "".join(f"{name:>15}" for name in SIZES)
    print(f"{'equation':<18}{'replacement':<44}{'--fix':<8}{header}")
    for text in sys.argv[1:] or EQUATIONS:
        contraction = contraction_of(parse(text))
        named = {PURE_OPERANDS: Evidence("names")}
        plan = best_plan(contraction, named, GRANTED_BY_DEFAULT)
        if plan is None:
            print(f"{text:<18}keep einsum")
            continue
        names = operand_names(len(contraction.equation.inputs))
        source = spell(plan.expression, names, Style(), "torch").source
        safety = "unsafe" if unmet(plan.assumptions, GRANTED_BY_DEFAULT) else "safe"
        ratios = "".join(f"{ratio(contraction, source, *size):>15.2f}" for size in SIZES.values())
        print(f"{text:<18}{source:<44}{safety:<8}{ratios}", flush=True)


def ratio(contraction: Contraction, source: str, batch: int, size: int) -> float:
    """The median of paired ratios einsum / replacement."""
    operands = list(operands_of(contraction, batch, size))
    equation = contraction.equation
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
    """The time of some runs in a row."""
    start = time.perf_counter()
    for _ in range(runs):
        function(*operands)
    return time.perf_counter() - start


def operands_of(contraction: Contraction, batch: int, size: int) -> Iterator[torch.Tensor]:
    """Random operands: leading indices of three and more are batch-like and get the batch size."""
    equation: Equation = contraction.equation
    longest = max(equation.inputs, key=len)
    leading = set(contraction.roles.batch) | set(longest[:-2])
    for term in equation.inputs:
        labels = [label for label in term if label != ELLIPSIS]
        yield torch.randn([batch if label in leading else size for label in labels])


if __name__ == "__main__":
    main()
