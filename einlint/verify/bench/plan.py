"""What is measured for one equation: einsum, all other spellings, and the sizes."""

from collections.abc import Mapping
from dataclasses import dataclass

from einlint.algebra.equation import Equation, Subscripts
from einlint.linting.pairing import Pair
from einlint.rewriting.dialects.text import operand_names
from einlint.verify.bench.grid import Sweep, grid
from einlint.verify.candidates import candidates_of
from einlint.verify.case import Sizes
from einlint.verify.found_rewrites import FoundRewrite


class PlanError(ValueError):
    """There is nothing to compare einsum with."""


@dataclass(frozen=True, slots=True)
class BenchPlan:
    """The spellings of an equation as a rewrite, the sizes to run, and which indices they sweep.

    The rewrite replaces einsum by itself: so its ratio to itself is measured too, and no other
    spelling is needed to measure the rest.
    """

    rewrite: FoundRewrite
    grid: tuple[Sizes, ...]
    swept: Subscripts


def plan_of(equation: Equation, given: Mapping[str, int], sweep: Sweep | None) -> BenchPlan:
    """The plan of an equation.

    Raises:
        PlanError: it has no other spelling.
    """
    candidates = candidates_of(equation)
    if not candidates:
        reason = "there is no other spelling to compare it with: drop this equation"
        raise PlanError(f"`{equation}`: {reason}")
    names = tuple(name.source for name in operand_names(len(equation.inputs)))
    call = f"torch.einsum('{equation}', {', '.join(names)})"
    rewrite = FoundRewrite(Pair(equation, names, call, (call,)), (), candidates=candidates)
    return BenchPlan(rewrite, grid(equation, given, sweep), sweep.labels if sweep else ())
