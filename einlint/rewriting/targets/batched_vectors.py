"""`(a @ b.unsqueeze(-1)).squeeze(-1)`: products of batches with a vector on a side or on both."""

from collections.abc import Iterator

from einlint.algebra.contraction import Contraction, ContractionKind
from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.expression import Expression, MatMul, Operand, Squeeze, Unsqueeze
from einlint.algebra.labels import UNIT, LabelError
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, NOT_SLOWER, Assumption
from einlint.rewriting.layout import permuted
from einlint.rewriting.plan import Rewrite, RewritePlan
from einlint.rewriting.targets.matmul import equal_sizes, ordered


def build(contraction: Contraction) -> Iterator[RewritePlan]:
    """A vector becomes a matrix of one row or one column; what is left of it is squeezed away."""
    if len(contraction.roles.contracted) != 1:
        return
    for left, right in ((0, 1), (1, 0)):
        try:
            yield _plan(contraction, left, right)
        except LabelError:
            continue


def _plan(contraction: Contraction, left: int, right: int) -> RewritePlan:
    inputs, output = contraction.equation.inputs, contraction.equation.output
    batch = ordered(contraction.roles.batch, output)
    contracted = contraction.roles.contracted
    rows, columns = (
        tuple(label for label in inputs[side] if label not in (*batch, *contracted))
        for side in (left, right)
    )
    product = MatMul(
        _side(left, inputs[left], (*batch, *(rows or (UNIT,)), *contracted)),
        _side(right, inputs[right], (*batch, *contracted, *(columns or (UNIT,)))),
    )
    result = permuted(Squeeze(product), output)
    return RewritePlan(result, tuple(_assumptions(contraction)))


def _side(position: int, labels: Subscripts, target: Subscripts) -> Expression:
    named = tuple(label for label in target if label != UNIT)
    source = permuted(Operand(position, labels), named)
    return Unsqueeze(source, target) if UNIT in target else source


def _assumptions(contraction: Contraction) -> Iterator[Assumption]:
    yield equal_sizes(contraction)
    if ELLIPSIS in contraction.roles.batch:
        yield Assumption(BATCH_SIZES_EQUAL, "`...` has the same axes in both operands")
    text = "it is not slower here, although it is the same batched product as einsum's"
    yield Assumption(NOT_SLOWER, text)


REWRITE = Rewrite(
    frozenset({ContractionKind.BATCHED_MATVEC, ContractionKind.BATCHED_DOT}),
    build,
)
