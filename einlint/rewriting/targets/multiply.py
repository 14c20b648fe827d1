"""`a * b.unsqueeze(-1)`: elementwise and outer products, broadcast as `*` does."""

from collections.abc import Iterator
from functools import reduce

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Expression, Multiply, Operand
from einlint.algebra.labels import UNIT, LabelError
from einlint.rewriting.assumptions import (
    EQUAL_DTYPES,
    MEANINGS,
    SAME_LAYOUT,
    Assumption,
    no_autocast,
)
from einlint.rewriting.layout import permute, spread
from einlint.rewriting.plan import Rewrite, RewritePlan


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """Give every operand the axes of the output, in its order, and multiply them."""
    output = contraction.equation.output
    try:
        factors = [aligned(operand, output) for operand in contraction.operands]
        product = reduce(Multiply, factors[1:], factors[0])
    except LabelError:
        return
    yield RewritePlan(product, tuple(_assumptions(factors)))


def aligned(operand: Operand, output: Subscripts) -> Expression:
    """The operand with the axes of the output from its own first axis on; missing axes are UNIT.

    Raises:
        LabelError: an ellipsis is missing, which stands for an unknown number of axes.
    """
    first = next((axis for axis, label in enumerate(output) if label in operand.labels), None)
    if first is None:
        return operand
    target = tuple(label if label in operand.labels else UNIT for label in output[first:])
    if any(
        label == ELLIPSIS and unit == UNIT
        for label, unit in zip(output[first:], target, strict=True)
    ):
        raise LabelError("an ellipsis stands for an unknown number of unit axes")
    return spread(operand, target) if UNIT in target else permute(operand, target)


def _assumptions(factors: list[Expression]) -> Iterator[Assumption]:
    yield no_autocast("einsum may cast its operands and `*` does not")
    may_be_scalar = [set(factor.labels) <= {ELLIPSIS} for factor in factors]
    if any(may_be_scalar) and any(factor.labels for factor in factors):
        text = "the operands have one dtype: a 0-dim operand promotes in einsum and not in `*`"
        yield Assumption(EQUAL_DTYPES, text)
    # Both keep the order in memory of one operand: einsum of the permuted views that it multiplies
    # first. With two factors that is the same; measured with permuted operands (torch 2.13).
    if len(factors) > 2 and any(not isinstance(factor, Operand) for factor in factors):
        yield Assumption(SAME_LAYOUT, MEANINGS[SAME_LAYOUT])


REWRITE = Rewrite(frozenset({ContractionKind.ELEMENTWISE, ContractionKind.OUTER}), build)
