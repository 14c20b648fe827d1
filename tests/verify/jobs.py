"""Jobs for tests: rewrites that no rule writes, right and wrong ones; blocks without a clock."""

from collections.abc import Callable, Sequence

import torch

from einlint.algebra.equation import parse
from einlint.linting.pairing import Pair
from einlint.rewriting.dialects.text import operand_names
from einlint.verify.case import Mode, Site
from einlint.verify.found_rewrites import FoundRewrite
from einlint.verify.running.backends.cpu import BACKEND
from einlint.verify.running.job import Job
from einlint.verify.timing import FEWEST_VISITS, Block, Sampling


def rewrite(equation: str, *readings: str, original: str | None = None) -> FoundRewrite:
    """A call of einsum on a, b, ... that becomes one of the readings."""
    parsed = parse(equation)
    names = tuple(each.source for each in operand_names(len(parsed.inputs)))
    call = original or f"torch.einsum({equation!r}, {', '.join(names)})"
    return FoundRewrite(Pair(parsed, names, call, readings), (Site("a.py", 1),))


def job(
    *rewrites: FoundRewrite,
    given: dict[str, int] | None = None,
    dtypes: tuple[str, ...] = ("float32",),
    budget: float | None = None,
    backward: bool = True,
) -> Job:
    """On one thread of the CPU, at tiny sizes."""
    return Job(
        rewrites,
        (),
        ("tiny",),
        given or {},
        dtypes,
        torch.device("cpu"),
        BACKEND,
        (Mode.FORWARD, Mode.BACKWARD) if backward else (Mode.FORWARD,),
        threads=1,
        budget=budget,
    )


def blocks_of(*seconds: float) -> Callable[[Sequence[Sampling], Callable[[], float]], None]:
    """Stands for `sample`: every call of a side takes so many seconds."""

    def sample(cases: Sequence[Sampling], seconds_left: Callable[[], float]) -> None:
        for case in cases:
            case.sides = [_constant(each) for each in seconds]
            case.calls, case.round_seconds = (1,) * len(seconds), sum(seconds)
            for _ in range(FEWEST_VISITS):
                case.visit(0)

    return sample


def _constant(seconds: float) -> Callable[[int], Block]:
    return lambda calls: Block(calls, calls * seconds, calls * seconds)
