"""`(a @ b.unsqueeze(-1)).squeeze(-1)`: batched products with a vector on one side or both."""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Expression, MatMul, Operand, Squeeze
from einlint.algebra.labels import UNIT, LabelError
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, NOT_SLOWER, Assumption
from einlint.rewriting.layout import permute, spread
from einlint.rewriting.plan import Rewrite, RewritePlan
from einlint.rewriting.sides import arrange
from einlint.rewriting.targets.matmul import equal_sizes, in_order_of


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """Make a vector a matrix with one row or column, and squeeze that axis from the result."""
    if len(contraction.roles.contracted) != 1:
        return
    for left, right in ((0, 1), (1, 0)):
        try:
            yield _plan(contraction, left, right)
        except LabelError:
            continue


def _plan(contraction: Contraction, left: int, right: int) -> RewritePlan:
    inputs, output = contraction.equation.inputs, contraction.equation.output
    batch = in_order_of(contraction.roles.batch, output)
    contracted = contraction.roles.contracted
    rows, columns = (
        tuple(label for label in inputs[side] if label not in (*batch, *contracted))
        for side in (left, right)
    )
    product = MatMul(
        _side(contraction.operands[left], (*batch, *(rows or (UNIT,)), *contracted)),
        _side(contraction.operands[right], (*batch, *contracted, *(columns or (UNIT,)))),
    )
    result = permute(Squeeze(product), output)
    return RewritePlan(result, tuple(_assumptions(contraction)))


def _side(operand: Operand, target: Subscripts) -> Expression:
    return spread(operand, target) if UNIT in target else arrange(operand, target, is_batched=True)


def _assumptions(contraction: Contraction) -> Iterator[Assumption]:
    yield equal_sizes(contraction)
    if ELLIPSIS in contraction.roles.batch:
        yield Assumption(BATCH_SIZES_EQUAL, "`...` has the same axes in both operands")
    text = "it is not slower here, where it runs the same batched product as einsum"
    yield Assumption(NOT_SLOWER, text)


REWRITE = Rewrite(
    frozenset({ContractionKind.BATCHED_MATVEC, ContractionKind.BATCHED_DOT}),
    build,
)
