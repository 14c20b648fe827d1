"""Count how often a rewrite differs from einsum in the last bits, and by how much.

    python benchmarks/rounding.py [--size i=64,j=32] [--draws 20] [EQUATION ...]

For every equation and dtype it draws normal operands and runs the call and its replacement (the
text that a fix would write). It prints in how many draws they are not equal bit for bit, and in
brackets the largest difference, in units of the dtype's epsilon times the largest element of the
result. Behind these stand the errors against float64 in the same unit, of einsum and of the
replacement: neither is the more exact one. CPU, with the default number of threads: libraries for
matrix products choose their kernels by processor, shape and threads, so other numbers occur
elsewhere.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import Equation, parse
from einlint.rewriting.assumptions import (
    BATCH_SIZES_EQUAL,
    GRANTED_BY_DEFAULT,
    PURE_OPERANDS,
    Evidence,
)
from einlint.rewriting.choose import best_plan
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.text import operand_names
from einlint.rewriting.dialects.torch import spell

# By the rule that reports them, EIN101 to EIN111.
EQUATIONS: Final = (
    *("x,x->", "ij,ij->"),
    *("i,j->ij", "bi,bj->bij"),
    *("ij,j->i", "ij,i->j"),
    *("ik,kj->ij", "ik,jk->ij", "ki,kj->ij", "ik,kj->ji"),
    *("bij,bjk->bik", "bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd"),
    *("bij,jk->bik", "bij,kj->bik", "ij,bjk->bik"),
    *("ij,ij->ij", "ij,j->ij"),
    "ij->ji",
    *("ij->", "ij->i", "ij->j"),
    *("ii->i", "ii->"),
    *("bij,bj->bi", "bi,bi->b"),
)
DTYPES: Final = (torch.float32, torch.bfloat16, torch.float16, torch.float64)
# Libraries compute small products in another way. The one index of a dot product is `x`.
SIZES: Final = {
    "small": {"i": 5, "j": 3, "k": 17, "b": 4, "h": 2, "q": 5, "d": 17, "x": 17},
    "middle": {"i": 40, "j": 50, "k": 300, "b": 4, "h": 2, "q": 30, "d": 64, "x": 1000},
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """How often results differ, and the largest difference and errors, in epsilons.

    The errors are those against float64, which has none to compare with: None.
    """

    differing: int
    largest: float
    einsum_error: float | None
    replacement_error: float | None


def main() -> None:
    """Print one row for each equation."""
    parser = argparse.ArgumentParser(description="Differences of rewrites in the last bits.")
    parser.add_argument("equations", nargs="*", default=EQUATIONS)
    parser.add_argument("--size", default="", help="sizes of indices: i=64,j=32")
    parser.add_argument("--draws", type=int, default=20)
    options = parser.parse_args()
    names = [str(each).removeprefix("torch.") for each in DTYPES]
    columns = "".join(f"{name:<24}" for name in names)
    print(f"{'equation':<17}{'replacement':<46}{'sizes':<8}{columns}")
    for text in options.equations:
        equation = parse(text)
        source = replacement(equation)
        if source is None:
            print(f"{text:<17}keep einsum")
            continue
        for name, sizes in _choices(equation, options.size).items():
            found = (rounding(equation, source, sizes, each, options.draws) for each in DTYPES)
            cells = "".join(f"{shown(each):<24}" for each in found)
            print(f"{text:<17}{source:<46}{name:<8}{cells}".rstrip(), flush=True)


def replacement(equation: Equation) -> str | None:
    """What a fix writes for operands a, b whose batch sizes are proved equal."""
    evidence = {PURE_OPERANDS: Evidence("names"), BATCH_SIZES_EQUAL: Evidence("one size an index")}
    plan = best_plan(contraction_of(equation), evidence, GRANTED_BY_DEFAULT)
    if plan is None or not plan.is_simpler:
        return None
    names = operand_names(len(equation.inputs))
    return spell(plan.expression, names, Style(), "torch").source


def _choices(equation: Equation, given: str) -> dict[str, dict[str, int]]:
    """The given sizes, or else all of SIZES, by name."""
    pairs = (part.split("=") for part in given.split(",") if part)
    sizes = {"given": {label: int(size) for label, size in pairs}} if given else SIZES
    return {name: {label: each[label] for label in equation.labels} for name, each in sizes.items()}


def rounding(
    equation: Equation, source: str, sizes: Mapping[str, int], dtype: torch.dtype, draws: int
) -> Rounding:
    """Compare both sides on `draws` drawings of the operands."""
    made = torch.Generator().manual_seed(0)
    code = compile(source, "replacement", "eval")
    differing, largest, errors = 0, 0.0, (0.0, 0.0)
    for _ in range(draws):
        shapes = [[sizes[label] for label in term] for term in equation.inputs]
        operands = [torch.randn(shape, generator=made, dtype=torch.float64) for shape in shapes]
        rounded = [each.to(dtype) for each in operands]
        exact = torch.einsum(str(equation), *(each.double() for each in rounded))
        unit = torch.finfo(dtype).eps * max(float(exact.abs().max()), torch.finfo(dtype).tiny)
        one = torch.einsum(str(equation), *rounded)
        other = eval(code, {"torch": torch, **dict(zip("ab", rounded, strict=False))})
        differing += not torch.equal(one, other)
        largest = max(largest, _distance(one, other) / unit)
        pairs = zip(errors, (one, other), strict=True)
        first, second = (max(error, _distance(side, exact) / unit) for error, side in pairs)
        errors = (first, second)
    known = (None, None) if dtype is torch.float64 else errors
    return Rounding(differing, largest, *known)


def _distance(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one.double() - other.double()).abs().max())


def shown(found: Rounding) -> str:
    """One cell: the draws that differ, the largest difference, and both errors if known."""
    both = (found.einsum_error, found.replacement_error)
    errors = " ".join(f"{each:.1f}" for each in both if each is not None)
    return f"{found.differing:>2} ({found.largest:.1f})  {errors}"


if __name__ == "__main__":
    main()
