"""Proof by exhaustion: every small equation, every plan of it, against torch and numpy."""

import itertools
from collections.abc import Callable, Iterator
from functools import cache

import numpy
import pytest
import torch

from einlint.algebra.contraction import contraction_of
from einlint.algebra.equation import ELLIPSIS, Equation, Subscripts
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, SAME_LAYOUT
from einlint.rewriting.choose import plans
from einlint.rewriting.dialects.style import Style
from einlint.rewriting.dialects.torch import spell
from einlint.rewriting.plan import RewritePlan
from tests.conftest import Golden
from tests.equation_table import HEADER, NAMES, TABLE, equations, rows

# So many equations that counting lines would take as long as computing them.
pytestmark = pytest.mark.no_cover

# All different, so that no wrong axis goes unseen.
SIZES = {"a": 2, "b": 3, "c": 5, "d": 7, "e": 4}
PARTS = 4


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
def test_table_of_equations_is_fresh(golden: Golden) -> None:
    golden.check(TABLE, "\n".join((HEADER, *rows())) + "\n")


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_every_plan_equals_einsum(part: int) -> None:
    """Values, shapes, dtypes and strides, float64 and int32, operands permuted by turns."""
    checked = 0
    for number, equation in enumerate(itertools.islice(equations(), part, None, PARTS)):
        for plan in plans(contraction_of(equation)):
            operands = [
                tensor(
                    [SIZES[label] for label in term], seed=axis, is_permuted=(number >> axis) & 1
                )
                for axis, term in enumerate(equation.inputs)
            ]
            assert_same(equation, plan, operands)
            # Sums of int32 are int64, products are not: a rewrite must not mix them up.
            assert_same(equation, plan, [operand.int() for operand in operands])
            checked += 1
    assert checked > 10_000


@pytest.mark.no_cover  # as long as all the rest, if lines are counted
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_every_plan_with_an_ellipsis_equals_einsum(part: int) -> None:
    """The ellipsis stands for no, one and two axes, equal in both operands or broadcast."""
    shapes = [(), (6,), (8, 6), (1, 6), (1,)]
    checked = 0
    for equation in itertools.islice(equations_with_ellipsis(), part, None, PARTS):
        offered = list(plans(contraction_of(equation)))
        choices = [shapes if ELLIPSIS in term else [()] for term in equation.inputs]
        for extra in itertools.product(*choices) if offered else ():
            operands = [
                tensor(full_shape(term, axes), seed=position, is_permuted=False)
                for position, (term, axes) in enumerate(zip(equation.inputs, extra, strict=True))
            ]
            for plan in offered:
                assert_same(equation, plan, operands, check_strides=False)
                checked += 1
    assert checked > 5_000


@pytest.mark.exhaustive
def test_torch_agrees_with_numpy() -> None:
    """The oracle itself: torch.einsum against numpy.einsum, where numpy can write the equation."""
    for equation in itertools.islice(equations(), 0, None, 11):
        shapes = [[SIZES[label] for label in term] for term in equation.inputs]
        operands = [tensor(shape, seed=1, is_permuted=False) for shape in shapes]
        ours = torch.einsum(str(equation), *operands).numpy()
        assert numpy.array_equal(
            ours, numpy.einsum(str(equation), *(operand.numpy() for operand in operands))
        )


def assert_same(
    equation: Equation,
    plan: RewritePlan,
    operands: list[torch.Tensor],
    check_strides: bool = True,
) -> None:
    source = spell(plan.expression, NAMES, Style(), "torch").source
    expected = torch.einsum(str(equation), *operands)
    actual = compiled(source)(*operands)
    context = f"{equation}: {source} on {[list(operand.shape) for operand in operands]}"
    assert actual.shape == expected.shape, context
    assert actual.dtype == expected.dtype, context
    assert torch.equal(actual, expected), context
    if check_strides:
        promised = SAME_LAYOUT not in {each.name for each in plan.assumptions}
        assert (actual.stride() == expected.stride()) == promised, context


@cache
def compiled(source: str) -> Callable[..., torch.Tensor]:
    function: Callable[..., torch.Tensor] = eval(f"lambda a, b=None: {source}", {"torch": torch})
    return function


def tensor(shape: list[int], seed: int, is_permuted: int) -> torch.Tensor:
    """Small whole numbers in float64: every order of summation gives exactly the same."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(-4, 5, shape, generator=generator).double()
    if is_permuted and values.dim() > 1:
        backwards = list(reversed(range(values.dim())))
        return values.permute(backwards).contiguous().permute(backwards)
    return values


def full_shape(term: Subscripts, ellipsis: tuple[int, ...]) -> list[int]:
    axes = [ellipsis if label == ELLIPSIS else (SIZES[label],) for label in term]
    return list(itertools.chain(*axes))


def equations_with_ellipsis() -> Iterator[Equation]:
    """Every equation of operands of rank 2 and less with an ellipsis at every place."""
    for equation in equations():
        if max(map(len, equation.inputs)) > (3 if len(equation.inputs) == 1 else 2):
            continue
        for inputs in itertools.product(*map(_with_ellipsis, equation.inputs)):
            if any(ELLIPSIS in term for term in inputs):
                for output in _with_ellipsis(equation.output):
                    yield Equation(inputs, output)


def _with_ellipsis(term: Subscripts) -> Iterator[Subscripts]:
    yield term
    for place in range(len(term) + 1):
        yield (*term[:place], ELLIPSIS, *term[place:])


def test_a_broadcasting_ellipsis_is_named() -> None:
    """Every plan that multiplies matrices over `...` says that its axes should be equal."""
    contraction = contraction_of(
        Equation(((ELLIPSIS, "a", "b"), (ELLIPSIS, "b", "c")), (ELLIPSIS, "a", "c"))
    )
    for plan in plans(contraction):
        assert BATCH_SIZES_EQUAL in {each.name for each in plan.assumptions}
